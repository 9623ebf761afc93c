/*  test_index.c - what comes in, what goes out, what is found                  */
#include "log.h"
#include <sodium.h>

typedef struct {
    char *dir;
    log_t log;
    index_t *index;
    index_reader_t *reader;
    uint64_t now_ms; /* of index_wipe                                            */
} world_t;

static void world_open (world_t *world)
{
    char *why;
    world->log.reader.ops = &log_ops;
    assert_int_equal (index_open (world->dir, log_id, &world->log.reader, &world->index, &why),
                      ZCHAT_OK);
    free (why);
}

static int setup (void **state)
{
    world_t *world = memory_zero (sizeof *world);
    world->dir = folder_make ();
    world->now_ms = 1000;
    world_open (world);
    *state = world;
    return 0;
}

static int teardown (void **state)
{
    world_t *world = *state;
    index_reader_destroy (&world->reader);
    index_destroy (&world->index);
    log_free (&world->log);
    folder_remove (&world->dir);
    free (world);
    return 0;
}

static void hear (world_t *world, uint64_t room, bool secret)
{
    const log_room_t *log = &world->log.rooms[room];
    index_hear (
        world->index,
        &(index_news_t){
            .room = room, .first = log->first, .head = log->count, .made = true, .secret = secret});
}

static void take_in (world_t *world)
{
    bool more = true;
    while (more)
        assert_int_equal (index_step (world->index, &more), ZCHAT_OK);
    assert_int_equal (index_behind (world->index, true), 0);
}

static void wipe (world_t *world)
{
    bool more = true, stop = false;
    for (size_t i = 0; more; i++) {
        assert_true (i < 1000);
        world->now_ms += 600;
        assert_int_equal (index_wipe (world->index, world->now_ms, true, &stop, &more), ZCHAT_OK);
    }
}

static index_query_t query_of (const char *word)
{
    index_query_t query = {.before_ms = UINT64_MAX, .open = true, .limit = 100, .n_terms = 1};
    memcpy (query.text, word, strlen (word));
    query.terms[0].size = (uint16_t)strlen (word);
    return query;
}

static index_result_t *search (world_t *world, const index_query_t *query)
{
    index_result_t *result = NULL;
    if (!world->reader)
        assert_int_equal (index_reader_new (world->dir, &world->log.reader, &world->reader),
                          ZCHAT_OK);
    assert_int_equal (index_search (world->reader, query, &result), ZCHAT_OK);
    return result;
}

/*  The hits of the query, as room.seq, newest first.                          */
static void finds_query (world_t *world, const index_query_t *query, const char *expected)
{
    char text[4096] = "";
    size_t size = 0;
    index_result_t *result = search (world, query);
    for (size_t i = 0; i < result->count && size < sizeof text - 64; i++)
        size += (size_t)snprintf (text + size, sizeof text - size, "%s%llu.%llu", i ? " " : "",
                                  (unsigned long long)result->hits[i].room,
                                  (unsigned long long)result->hits[i].seq);
    assert_string_equal (text, expected);
    index_result_destroy (&result);
}

static void finds (world_t *world, const char *word, const char *expected)
{
    index_query_t query = query_of (word);
    finds_query (world, &query, expected);
}

static void say (world_t *world, uint64_t room, uint64_t time_ms, const char *body)
{
    (void)log_say (&world->log, room, time_ms, ZCHAT_TYPE_SAY, "bob", body, "");
}

/*  --- coming in -------------------------------------------------------------------- */

static void test_newest_first_over_rooms (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 0; i < 6; i++)
        say (world, 1 + i % 3, 100 + i, "hello");
    for (uint64_t room = 3; room >= 1; room--)
        hear (world, room, false);
    assert_int_equal (index_behind (world->index, false), 6);
    take_in (world);
    finds (world, "hello", "3.2 2.2 1.2 3.1 2.1 1.1");
    finds (world, "nothing", "");
}

static void test_what_is_searched (void **state)
{
    world_t *world = *state;
    log_t *log = &world->log;
    (void)log_say (log, 1, 1, ZCHAT_TYPE_SAY, "bob", "word", "{\"x\":1}");
    (void)log_say (log, 1, 2, ZCHAT_TYPE_ACTION, "bob", "word", "");
    (void)log_say (log, 1, 3, ZCHAT_TYPE_TOPIC, "bob", "word", "");
    (void)log_say (log, 1, 4, ZCHAT_TYPE_MODE, "bob", "word", "{\"set\":\"lock\"}");
    (void)log_say (log, 1, 5, ZCHAT_TYPE_SAY, "bob", "word", "{\"sealed\":1}");
    (void)log_say (log, 1, 6, ZCHAT_TYPE_SAY, "bob", "word", "{\"x\":\"sealed\"}");
    (void)log_say (log, 1, 7, ZCHAT_TYPE_REACT, "bob", "word", "{\"seq\":1}");
    (void)log_say (log, 1, 8, ZCHAT_TYPE_GONE, "bob", "", "");
    (void)log_say (log, 1, 9, ZCHAT_TYPE_TOPIC, "bob", "", "");
    hear (world, 1, false);
    take_in (world);
    finds (world, "word", "1.6 1.3 1.2 1.1");
}

static void test_scopes (void **state)
{
    world_t *world = *state;
    say (world, 1, 1, "word");
    say (world, 2, 2, "word");
    say (world, 3, 3, "word");
    (void)log_say (&world->log, 3, 4, ZCHAT_TYPE_TOLD, "eve", "word", "");
    hear (world, 1, false);
    hear (world, 2, true);
    hear (world, 3, true);
    assert_int_equal (index_behind (world->index, false), 1);
    assert_int_equal (index_behind (world->index, true), 4);
    take_in (world);
    index_query_t query = query_of ("word");
    finds_query (world, &query, "1.1");
    query.scopes[0] = 2;
    query.heads[0] = 5;
    query.n_scopes = 1;
    finds_query (world, &query, "2.1 1.1");
    index_result_t *result = search (world, &query);
    assert_int_equal (result->behind, 4); /* of the room of its own, by its head */
    index_result_destroy (&result);
    query.open = false;
    finds_query (world, &query, "2.1");
    query.scopes[0] = 3;
    query.heads[0] = 1;
    finds_query (world, &query, "3.2 3.1");
    snprintf (query.from, sizeof query.from, "eve");
    finds_query (world, &query, "");
    query.own = true; /* told: by whoever the mailbox is                       */
    finds_query (world, &query, "3.2");
    query.open = true;
    query.n_scopes = 0;
    finds_query (world, &query, "");
}

static void test_filters (void **state)
{
    world_t *world = *state;
    say (world, 1, 1000, "word http://example.org");
    say (world, 2, 2000, "word");
    (void)log_say (&world->log, 2, 3000, ZCHAT_TYPE_SAY, "Maria", "word HTTPS://x", "");
    hear (world, 1, false);
    hear (world, 2, false);
    take_in (world);
    index_query_t query = query_of ("word");
    query.room = 2;
    finds_query (world, &query, "2.2 2.1");
    query.room = 0;
    query.link = true;
    finds_query (world, &query, "2.2 1.1");
    query.link = false;
    query.after_ms = 2000;
    finds_query (world, &query, "2.2 2.1");
    query.before_ms = 3000;
    finds_query (world, &query, "2.1");
    query.after_ms = 0;
    query.before_ms = UINT64_MAX;
    snprintf (query.from, sizeof query.from, "maria");
    finds_query (world, &query, "2.2");
    query.n_terms = 0;
    finds_query (world, &query, "2.2");
    *query.from = '\0';
    finds_query (world, &query, "");
}

static void test_pages (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 0; i < 25; i++)
        say (world, 1, i, "word");
    hear (world, 1, false);
    take_in (world);
    index_query_t query = query_of ("word");
    uint64_t expected = 25;
    query.limit = 4;
    do {
        index_result_t *result = search (world, &query);
        for (size_t i = 0; i < result->count; i++)
            assert_int_equal (result->hits[i].seq, expected--);
        snprintf (query.ticket, sizeof query.ticket, "%s", result->next);
        index_result_destroy (&result);
    } while (*query.ticket);
    assert_int_equal (expected, 0);
    index_result_t *result;
    snprintf (query.ticket, sizeof query.ticket, "%032d", 7);
    assert_int_equal (index_search (world->reader, &query, &result), ZCHAT_MALFORMED);
}

/*  --- going out ---------------------------------------------------------------------- */

static void test_removed (void **state)
{
    world_t *world = *state;
    say (world, 1, 1, "this is zqvanishing here");
    say (world, 1, 2, "this is zqvstaying here");
    hear (world, 1, false);
    take_in (world);
    finds (world, "zqvanishing", "1.1");
    assert_true (folder_holds (world->dir, "anishing"));
    log_change (&world->log, 1, 1, ZCHAT_TYPE_GONE, "");
    finds (world, "zqvanishing", ""); /* the log tells, before the index knows  */
    (void)log_say (&world->log, 1, 3, ZCHAT_TYPE_REMOVE, "bob", "", "{\"seq\":1}");
    hear (world, 1, false);
    take_in (world);
    finds (world, "zqvanishing", "");
    assert_true (folder_holds (world->dir, "anishing"));
    index_reader_destroy (&world->reader);
    wipe (world);
    assert_false (folder_holds (world->dir, "anishing"));
    assert_true (folder_holds (world->dir, "staying"));
    finds (world, "zqvstaying", "1.2");
    finds (world, "here", "1.2");
}

static void test_a_busy_index_wipes_too (void **state)
{
    world_t *world = *state;
    bool more, stop = false;
    say (world, 1, 1, "zqvanishing");
    (void)log_say (&world->log, 1, 3, ZCHAT_TYPE_REMOVE, "bob", "", "{\"seq\":1}");
    hear (world, 1, false);
    take_in (world);
    assert_true (folder_holds (world->dir, "anishing"));
    log_change (&world->log, 1, 1, ZCHAT_TYPE_GONE, "");
    /*  Never idle, and every turn something else is removed.                  */
    for (size_t i = 0; i < 60; i++) {
        say (world, 1, 4 + 2 * i, "other");
        char data[32];
        snprintf (data, sizeof data, "{\"seq\":%zu}", world->log.rooms[1].count);
        (void)log_say (&world->log, 1, 5 + 2 * i, ZCHAT_TYPE_REMOVE, "bob", "", data);
        hear (world, 1, false);
        take_in (world);
        world->now_ms += 1000;
        assert_int_equal (index_wipe (world->index, world->now_ms, false, &stop, &more), ZCHAT_OK);
    }
    assert_false (folder_holds (world->dir, "anishing"));
}

static void test_edited (void **state)
{
    world_t *world = *state;
    say (world, 1, 1, "zqvbefore common");
    say (world, 1, 2, "common");
    hear (world, 1, false);
    take_in (world);
    log_change (&world->log, 1, 1, ZCHAT_TYPE_SAY, "zqvafter common");
    finds (world, "zqvbefore", "");
    (void)log_say (&world->log, 1, 3, ZCHAT_TYPE_EDIT, "bob", "zqvafter common", "{\"seq\":1}");
    hear (world, 1, false);
    take_in (world);
    finds (world, "zqvbefore", "");
    finds (world, "zqvafter", "1.1");
    finds (world, "common", "1.2 1.1"); /* it keeps its place                   */
    index_reader_destroy (&world->reader);
    wipe (world);
    assert_false (folder_holds (world->dir, "before"));
    finds (world, "zqvafter", "1.1");
    finds (world, "common", "1.2 1.1");
    /*  Who takes the edit away takes the message away.                        */
    log_change (&world->log, 1, 1, ZCHAT_TYPE_GONE, "");
    log_change (&world->log, 1, 3, ZCHAT_TYPE_GONE, "");
    (void)log_say (&world->log, 1, 4, ZCHAT_TYPE_REMOVE, "bob", "", "{\"seq\":3}");
    hear (world, 1, false);
    take_in (world);
    finds (world, "zqvafter", "");
    index_reader_destroy (&world->reader);
    wipe (world);
    assert_false (folder_holds (world->dir, "after"));
    finds (world, "common", "1.2");
}

static void test_trimmed_and_dropped (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 0; i < 10; i++) {
        say (world, 1, i, "word");
        say (world, 2, i, "word zqvdropped");
    }
    hear (world, 1, false);
    hear (world, 2, true);
    take_in (world);
    world->log.rooms[1].first = 9;
    index_hear (world->index, &(index_news_t){.room = 1, .first = 9});
    index_hear (world->index, &(index_news_t){.room = 2, .dropped = true});
    take_in (world);
    finds (world, "word", "1.10 1.9");
    index_query_t query = query_of ("word");
    query.scopes[query.n_scopes++] = 2;
    finds_query (world, &query, "1.10 1.9");
    index_reader_destroy (&world->reader);
    wipe (world);
    assert_false (folder_holds (world->dir, "dropped"));
    finds (world, "word", "1.10 1.9");
    /*  Its number is not given again, but the next room's is.                 */
    say (world, 3, 50, "word");
    hear (world, 3, false);
    take_in (world);
    finds (world, "word", "3.1 1.10 1.9");
}

static void test_what_was_trimmed_before_is_not_behind (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 0; i < 10; i++)
        say (world, 1, i, "word");
    world->log.rooms[1].first = 8;
    hear (world, 1, false);
    assert_int_equal (index_behind (world->index, true), 3);
    take_in (world);
    finds (world, "word", "1.10 1.9 1.8");
    /*  Retention was faster than the index.                                   */
    say (world, 1, 20, "word");
    say (world, 1, 21, "word");
    hear (world, 1, false);
    world->log.rooms[1].first = 12;
    take_in (world);
    finds (world, "word", "1.12");
}

/*  --- over time -------------------------------------------------------------------------- */

static void world_again (world_t *world)
{
    index_reader_destroy (&world->reader);
    index_destroy (&world->index);
    world_open (world);
}

static void test_it_goes_on_where_it_was (void **state)
{
    world_t *world = *state;
    say (world, 1, 1, "one");
    hear (world, 1, false);
    take_in (world);
    say (world, 1, 2, "two");
    world_again (world);
    hear (world, 1, false);
    assert_int_equal (index_compare (world->index), ZCHAT_OK);
    assert_int_equal (index_behind (world->index, true), 1);
    take_in (world);
    finds (world, "one", "1.1");
    finds (world, "two", "1.2");
    /*  A room that is gone meanwhile.                                         */
    world_again (world);
    assert_int_equal (index_compare (world->index), ZCHAT_OK);
    take_in (world);
    finds (world, "one", "");
}

static void test_a_log_that_went_back (void **state)
{
    world_t *world = *state;
    say (world, 1, 1, "one");
    say (world, 1, 2, "two");
    hear (world, 1, false);
    take_in (world);
    world_again (world);
    index_hear (world->index, &(index_news_t){.room = 1, .head = 1, .made = true});
    assert_int_equal (index_compare (world->index), ZCHAT_CORRUPT);
}

static void test_a_disk_that_fails (void **state)
{
    world_t *world = *state;
    bool more;
    for (uint64_t i = 0; i < 3000; i++)
        say (world, 1 + i % 2, i, i % 1000 ? "word" : "rare word");
    hear (world, 1, false);
    hear (world, 2, true);
    world->log.fails = true;
    assert_int_equal (index_step (world->index, &more), ZCHAT_SYSTEM);
    assert_non_null (strstr (index_error (world->index), "the disk is bad"));
    assert_int_equal (index_behind (world->index, true), 3000);
    assert_int_equal (index_behind (world->index, false), 1500);
    world->log.fails = false;
    take_in (world);
    index_query_t query = query_of ("rare");
    query.scopes[query.n_scopes++] = 2;
    finds_query (world, &query, "1.1001 1.501 1.1");
}

/*  More than one shard: what is found, paged and wiped over their bounds.     */
static void test_shards (void **state)
{
    world_t *world = *state;
    enum { COUNT = 3 * 65536 / 2 };
    for (uint64_t i = 0; i < COUNT; i++)
        say (world, 1, i, i % 30000 ? "a" : i ? "a rare" : "a zqvanishing rare");
    hear (world, 1, false);
    take_in (world);
    finds (world, "rare", "1.90001 1.60001 1.30001 1.1");
    wipe (world); /* each in one piece                                         */
    finds (world, "rare", "1.90001 1.60001 1.30001 1.1");
    index_query_t query = query_of ("a");
    uint64_t expected = COUNT;
    while (expected > COUNT - 70000) {
        index_result_t *result = search (world, &query);
        for (size_t i = 0; i < result->count; i++)
            assert_int_equal (result->hits[i].seq, expected--);
        assert_true (*result->next);
        snprintf (query.ticket, sizeof query.ticket, "%s", result->next);
        index_result_destroy (&result);
    }
    /*  Retention takes the first shard, and a removal is in the last.         */
    log_change (&world->log, 1, 90001, ZCHAT_TYPE_GONE, "");
    (void)log_say (&world->log, 1, COUNT, ZCHAT_TYPE_REMOVE, "bob", "", "{\"seq\":90001}");
    world->log.rooms[1].first = 65600;
    hear (world, 1, false);
    take_in (world);
    index_reader_destroy (&world->reader);
    wipe (world);
    assert_false (folder_holds (world->dir, "anishing"));
    finds (world, "rare", "");
}

int main (void)
{
    if (sodium_init () < 0)
        return 1;
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
        TEST (test_newest_first_over_rooms),
        TEST (test_what_is_searched),
        TEST (test_scopes),
        TEST (test_filters),
        TEST (test_pages),
        TEST (test_removed),
        TEST (test_a_busy_index_wipes_too),
        TEST (test_edited),
        TEST (test_trimmed_and_dropped),
        TEST (test_what_was_trimmed_before_is_not_behind),
        TEST (test_it_goes_on_where_it_was),
        TEST (test_a_log_that_went_back),
        TEST (test_a_disk_that_fails),
        TEST (test_shards),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
