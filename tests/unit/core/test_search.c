/*  test_search.c - SEARCH: in which rooms it looks, and what of its answer is told */
#include "stage_private.h"

static int setup (void **state)
{
    house_t *house = house_den ();
    house_do (house, 1, "SAY|t|ann|den|the word");
    house_do (house, 1, "SAY|t|ann|lobby|a word");
    house_do (house, 3, "TELL|t|eve|bob|a word");
    *state = house;
    return 0;
}

static int teardown (void **state)
{
    house_destroy (*state);
    return 0;
}

/*  --- in which rooms ---------------------------------------------------------------- */

static void asks (house_t *house, core_peer_t peer, const char *text, bool open, size_t scopes)
{
    stage_skip (&house->stage);
    house_ask (house, peer, text);
    house_expect (house, "search> *");
    const index_query_t *query = &house->stage.query;
    assert_int_equal (query->open, open);
    assert_int_equal (query->n_scopes, scopes);
}

static void answer (house_t *house, index_result_t *result)
{
    core_searched (house->stage.core, house->stage.search, ZCHAT_OK, result);
}

static void test_rooms_that_may_be_read (void **state)
{
    house_t *house = *state;
    index_result_t none = {.count = 0};
    asks (house, 1, "SEARCH|t|ann|word", true, 1); /* den; ann has no mailbox  */
    answer (house, &none);
    house_expect (house, "1< OK|t|{\"hits\":[]}");
    asks (house, 2, "SEARCH|t|bob|word", true, 2); /* den and the mailbox      */
    answer (house, &none);
    asks (house, 3, "SEARCH|t|eve|word", true, 1); /* the mailbox: told        */
    answer (house, &none);
    asks (house, 3, "SEARCH|t||word", true, 0); /* as a guest                  */
    answer (house, &none);
    asks (house, 5, "SEARCH|t||word", true, 0);
    answer (house, &none);
    stage_skip (&house->stage);
    asks (house, 2, "SEARCH|t|bob|in:den word", false, 1);
    answer (house, &none);
    asks (house, 2, "SEARCH|t|bob|in:@ word", false, 1);
    answer (house, &none);
    asks (house, 2, "SEARCH|t|bob|in:LOBBY word", true, 0);
    assert_true (house->stage.query.room > 0);
    answer (house, &none);
    asks (house, 2, "SEARCH|t|bob|in:nowhere word", false, 0);
    answer (house, &none);
    asks (house, 1, "SEARCH|t|ann|in:@ word", false, 0);
    answer (house, &none);
    stage_skip (&house->stage);
    house_told (house, 3, "SEARCH|t|eve|in:den word", "3< ERR|t|{\"code\":\"private\",*");
    house_told (house, 5, "SEARCH|t||in:den word", "5< ERR|t|{\"code\":\"private\",*");
    house_told (house, 5, "SEARCH|t||in:@ word", "5< ERR|t|{\"code\":\"guest\",*");
    house_told (house, 5, "SEARCH|t||from:me", "5< ERR|t|{\"code\":\"guest\",*");
}

static void test_what_is_asked (void **state)
{
    house_t *house = *state;
    index_result_t none = {.count = 0};
    const index_query_t *query = &house->stage.query;
    asks (house, 1, "SEARCH|t|ann|from:Me \"two words\" pre* after:1970-01-02 has:link", true, 1);
    assert_string_equal (query->from, "me"); /* Me is a name                   */
    assert_false (query->own);
    assert_int_equal (query->n_terms, 2);
    assert_true (frame_is (index_term (query, 0), "two words") && !query->terms[0].prefix);
    assert_true (frame_is (index_term (query, 1), "pre") && query->terms[1].prefix);
    assert_int_equal (query->after_ms, 86400000);
    assert_true (query->link && query->limit == ZCHAT_SEARCH_DEFAULT && !*query->ticket);
    answer (house, &none);
    asks (house, 1,
          "SEARCH|t|ann|from:me|{\"limit\":7,\"before\":\"0123456789abcdef0123456789abcdef\"}",
          true, 1);
    assert_string_equal (query->from, "ann");
    assert_true (query->own && query->limit == 7);
    assert_string_equal (query->ticket, "0123456789abcdef0123456789abcdef");
    answer (house, &none);
    asks (house, 1, "SEARCH|t|ann|from:ANN x", true, 1);
    assert_string_equal (query->from, "ann");
    assert_true (query->own);
    answer (house, &none);
    stage_skip (&house->stage);
    house_told (house, 1, "SEARCH|t|ann|", "1< ERR|t|{\"code\":\"malformed\",*");
    house_told (house, 1, "SEARCH|t|ann|x|{\"limit\":101}", "1< ERR|t|{\"code\":\"limit\",*");
    house_told (house, 1, "SEARCH|t|ann|x|{\"before\":\"x\"}",
                "1< ERR|t|{\"code\":\"malformed\",*");
    house_told (house, 1, "SEARCH|t|ann|x from:a/b", "1< ERR|t|{\"code\":\"name\",*");
}

/*  --- what is told -------------------------------------------------------------------- */

static index_hit_t hit_of (uint64_t room, uint64_t seq)
{
    return (index_hit_t){.room = room,
                         .seq = seq,
                         .time_ms = 5,
                         .type = ZCHAT_TYPE_SAY,
                         .user = "ann",
                         .user_size = 3,
                         .text = "a \"word\"",
                         .text_size = 8,
                         .found = {{3, 4}},
                         .n_found = 1};
}

/*  Whatever is found, in every room and beyond: each is told what is theirs.  */
static void found_everywhere (house_t *house, core_peer_t peer, const char *user, const char *line)
{
    index_hit_t hits[60];
    index_result_t result = {.hits = hits};
    for (uint64_t room = 0; room < 12; room++)
        for (uint64_t seq = 0; seq < 5; seq++)
            hits[result.count++] = hit_of (room, seq);
    house_askf (house, peer, "SEARCH|t|%s|word", user);
    house_expect (house, "search> *");
    answer (house, &result);
    house_expect (house, line);
}

static void test_hits_are_told_to_who_may_read_them (void **state)
{
    house_t *house = *state;
    const char *const den = "*\"room\":\"den\",\"seq\":3,*\"room\":\"lobby\",\"seq\":1,*";
    const char *const lobby =
        "*{\"hits\":[{\"room\":\"lobby\",\"seq\":1,\"time\":5,\"type\":\"say\","
        "\"user\":\"ann\",\"text\":\"a \\\"word\\\"\",\"found\":[[3,4]]}]}";
    found_everywhere (house, 1, "ann", den);
    found_everywhere (house, 2, "bob", "*\"room\":\"den\",*\"room\":\"@\",\"seq\":2,*");
    found_everywhere (house, 5, "", lobby);
    found_everywhere (house, 3, "eve",
                      "*{\"hits\":[{\"room\":\"lobby\",\"seq\":1,*\"room\":\"@\",*");
    /*  A member is put out while the search is on its way.                     */
    index_hit_t hits[60];
    index_result_t result = {.hits = hits};
    for (uint64_t room = 0; room < 12; room++)
        for (uint64_t seq = 0; seq < 5; seq++)
            hits[result.count++] = hit_of (room, seq);
    house_ask (house, 2, "SEARCH|t|bob|in:den word");
    house_expect (house, "search> *");
    house_do (house, 1, "KICK|t|ann|den|bob");
    answer (house, &result);
    house_expect (house, "2< OK|t|{\"hits\":[{\"room\":\"@\",*");
    house_told (house, 2, "SEARCH|t|bob|in:den word", "2< ERR|t|{\"code\":\"private\",*");
}

static void test_what_goes_with_them (void **state)
{
    house_t *house = *state;
    index_result_t result = {
        .next = "0123456789abcdef0123456789abcdef", .behind = 7, .partial = true};
    house_ask (house, 1, "SEARCH|t|ann|word");
    house_expect (house, "search> *");
    answer (house, &result);
    house_expect (house, "1< OK|t|{\"hits\":[],\"next\":\"0123456789abcdef0123456789abcdef\","
                         "\"behind\":7,\"partial\":true}");
    static const struct {
        zchat_status_t status;
        const char *line;
    } failures[] = {{ZCHAT_MALFORMED, "1< ERR|t|{\"code\":\"malformed\",*"},
                    {ZCHAT_STORAGE, "1< ERR|t|{\"code\":\"storage\",*"},
                    {ZCHAT_CORRUPT, "1< ERR|t|{\"code\":\"storage\",*"}};
    for (size_t i = 0; i < 3; i++) {
        house_ask (house, 1, "SEARCH|t|ann|word");
        house_expect (house, "search> *");
        core_searched (house->stage.core, house->stage.search, failures[i].status, NULL);
        house_expect (house, failures[i].line);
    }
    core_searched (house->stage.core, 12345, ZCHAT_OK, &result); /* nobody's  */
    house_expect_nothing (house);
}

static void test_what_is_not_told_yet_is_not_found (void **state)
{
    house_t *house = *state;
    index_hit_t hits[60];
    index_result_t result = {.hits = hits};
    house_ask (house, 1, "SAY|s|ann|lobby|another word");
    (void)house_take (house);
    for (uint64_t room = 0; room < 12; room++)
        for (uint64_t seq = 2; seq < 3; seq++)
            hits[result.count++] = hit_of (room, seq);
    house_ask (house, 5, "SEARCH|t||word");
    house_expect (house, "search> *");
    answer (house, &result);
    house_expect (house, "5< OK|t|{\"hits\":[]}");
    house_land (house);
    stage_skip (&house->stage);
}

/*  --- how many --------------------------------------------------------------------------- */

static void test_two_at_a_time (void **state)
{
    house_t *house = *state;
    index_result_t none = {.count = 0};
    house_ask (house, 1, "SEARCH|a|ann|word");
    house_ask (house, 1, "SEARCH|b|ann|word");
    house_expect (house, "search> 1", "search> 2");
    house_told (house, 1, "SEARCH|c|ann|word", "1< ERR|c|{\"code\":\"slow\",*\"wait_ms\":*");
    house_ask (house, 2, "SEARCH|d|bob|word");
    house_expect (house, "search> 3");
    core_searched (house->stage.core, 1, ZCHAT_OK, &none);
    house_expect (house, "1< OK|a|*");
    house_ask (house, 1, "SEARCH|e|ann|word");
    house_expect (house, "search> 4");
    /*  Who is gone waits for nothing.                                         */
    house_gone (house, 1);
    stage_skip (&house->stage);
    for (uint64_t id = 2; id <= 4; id++)
        core_searched (house->stage.core, id, ZCHAT_OK, &none);
    house_expect (house, "2< OK|d|*");
}

static void test_all_together (void **state)
{
    house_t *house = *state;
    index_result_t none = {.count = 0};
    for (core_peer_t peer = 10; peer < 10 + ZCHAT_SEARCHES_MAX / 2; peer++) {
        house_ask (house, peer, "SEARCH|a||word");
        house_ask (house, peer, "SEARCH|b||word");
    }
    stage_skip (&house->stage);
    house_told (house, 1, "SEARCH|c|ann|word", "1< ERR|c|{\"code\":\"slow\",*");
    core_searched (house->stage.core, 1, ZCHAT_OK, &none);
    stage_skip (&house->stage);
    house_ask (house, 1, "SEARCH|c|ann|word");
    house_expect (house, "search> *");
}

static void test_an_address (void **state)
{
    house_t *house = *state;
    for (core_peer_t peer = 10; peer < 10 + ZCHAT_PLACE_SEARCHES_MAX; peer++) {
        stage_place (&house->stage, peer, "192.0.2.7");
        stage_ask (&house->stage, peer, "SEARCH|a||word");
    }
    stage_skip (&house->stage);
    stage_place (&house->stage, 50, "192.0.2.7");
    stage_ask (&house->stage, 50, "SEARCH|c||word");
    house_expect (house, "50< ERR|c|{\"code\":\"slow\",*");
    stage_place (&house->stage, 51, "192.0.2.8");
    stage_ask (&house->stage, 51, "SEARCH|c||word");
    house_expect (house, "search> *");
}

static void test_the_quota (void **state)
{
    house_t *house = *state;
    index_result_t none = {.count = 0};
    for (size_t i = 0; i < ZCHAT_QUOTA_SEARCHES; i++) {
        house_ask (house, 5, "SEARCH|a||word");
        answer (house, &none);
    }
    stage_skip (&house->stage);
    house_told (house, 5, "SEARCH|c||word", "5< ERR|c|{\"code\":\"slow\",*\"what\":\"searches\"}");
    stage_wait (&house->stage, 1000 / ZCHAT_QUOTA_SEARCHES_S);
    house_ask (house, 5, "SEARCH|c||word");
    house_expect (house, "search> *");
}

static void test_a_broker_without_an_index (void **state)
{
    stage_t *stage = stage_new ();
    stage->unsearched = true;
    stage_restart (stage);
    stage_ask (stage, 1, "SEARCH|t||word");
    stage_expect (stage, "1< ERR|t|{\"code\":\"verb\",*--index off*");
    stage_destroy (stage);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
        TEST (test_rooms_that_may_be_read),
        TEST (test_what_is_asked),
        TEST (test_hits_are_told_to_who_may_read_them),
        TEST (test_what_goes_with_them),
        TEST (test_what_is_not_told_yet_is_not_found),
        TEST (test_two_at_a_time),
        TEST (test_all_together),
        TEST (test_an_address),
        TEST (test_the_quota),
        cmocka_unit_test (test_a_broker_without_an_index),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
