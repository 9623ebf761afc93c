/*  test_broker_data.c - what the broker says in data, before what the program says  */
#include "stage.h"
#include "verbs/verbs.h"

enum { BOB = 1, ANN = 2 };

static int setup (void **state)
{
    *state = stage_new ();
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

/*  Two names are mentioned.                                                   */
static void check (const char *own, uint64_t re, size_t n_names, bool all, const char *wanted)
{
    const frame_t names[] = {frame_str ("ann"), frame_str ("иван")};
    broker_data_t broker = {.re = re, .names = names, .n_names = n_names, .all = all};
    records_t records = {.items = NULL};
    verdict_t verdict;
    frame_t data;
    verdict_begin (&verdict, &records);
    assert_true (data_compose (&verdict, frame_str (own), &broker, &data));
    if (!frame_is (data, wanted))
        fail_msg ("%s: made '%.*s', wanted '%s'", own, (int)data.size, (const char *)data.data,
                  wanted);
    records_free (&records);
}

static void test_own_members_stay_as_they_are (void **state)
{
    (void)state;
    check ("", 0, 0, false, "");
    check ("{ \"a\": 1.10 }", 0, 0, false, "{ \"a\": 1.10 }");
    check ("", 7, 0, false, "{\"zchat\":{\"re\":7}}");
    check ("{}", 7, 0, false, "{\"zchat\":{\"re\":7}}");
    check ("{ \n\t}", 7, 0, false, "{\"zchat\":{\"re\":7}}");
    check ("{ \"a\": 1.10 }", 7, 0, false, "{\"zchat\":{\"re\":7},\"a\": 1.10 }");
    check ("{\"a\":\"}\"}", 1099511627775, 2, true,
           "{\"zchat\":{\"re\":1099511627775,\"all\":true,\"mentions\":[\"ann\",\"иван\"]},"
           "\"a\":\"}\"}");
    check ("", 0, 1, false, "{\"zchat\":{\"mentions\":[\"ann\"]}}");
    check ("", 0, 0, true, "{\"zchat\":{\"all\":true}}");
}

/*  For every size of own data: what comes out is one valid object within its bounds, its own
   members last, and nothing is left out for which there would have been place.       */
static void test_what_has_place_is_kept (void **state)
{
    (void)state;
    const frame_t names[] = {frame_str ("ann"), frame_str ("bob"), frame_str ("carl")};
    broker_data_t broker = {.re = 12, .names = names, .n_names = 3, .all = true};
    records_t records = {.items = NULL};
    size_t before = 5, refused = 0;
    for (size_t size = 3900; size <= ZCHAT_DATA_MAX; size++) {
        char own[ZCHAT_DATA_MAX + 1];
        verdict_t verdict;
        frame_t data;
        memset (own, 'x', size);
        memcpy (own, "{\"a\":\"", 6);
        memcpy (own + size - 2, "\"}", 2);
        verdict_begin (&verdict, &records);
        if (!data_compose (&verdict, frame_of (own, size), &broker, &data)) {
            assert_int_equal (verdict.status, ZCHAT_LIMIT);
            verdict_end (&verdict);
            refused++;
            continue;
        }
        assert_int_equal (refused, 0);
        assert_true (data.size <= ZCHAT_DATA_MAX);
        assert_memory_equal ((const char *)data.data + data.size - size + 1, own + 1, size - 1);
        json_t *json = json_loadb (data.data, data.size, JSON_REJECT_DUPLICATES, NULL);
        json_t *zchat = json_object_get (json, "zchat");
        assert_int_equal (json_integer_value (json_object_get (zchat, "re")), 12);
        size_t said = json_array_size (json_object_get (zchat, "mentions")) +
                      json_is_true (json_object_get (zchat, "all"));
        assert_true (said <= before);
        assert_true (said == 4 || data.size + strlen (",\"mentions\":[\"carl\"]") > ZCHAT_DATA_MAX);
        before = said;
        json_decref (json);
    }
    assert_int_equal (before, 0);
    assert_int_equal (refused, (int)strlen ("{\"zchat\":{\"re\":12},") - 1);
    /*  What is only mentioned is no reason to refuse.                         */
    char own[ZCHAT_DATA_MAX];
    verdict_t verdict;
    frame_t data;
    memset (own, ' ', sizeof own);
    memcpy (own, "{\"a\":1", 6);
    own[sizeof own - 1] = '}';
    broker.re = 0;
    verdict_begin (&verdict, &records);
    assert_true (data_compose (&verdict, frame_of (own, sizeof own), &broker, &data));
    assert_ptr_equal (data.data, own);
    records_free (&records);
}

/*  --- re --------------------------------------------------------------------  */

static void test_a_reply_says_what_it_answers (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    stage_commit (stage);
    stage_skip (stage);
    stage_ask (stage, ANN, "SAY|2|ann|lobby|hello|{\"re\":1,\"data\":{ \"x\":1.50}}");
    stage_commit (stage);
    stage_expect (stage,
                  "feed> room/lobby/|ann|hello|{\"type\":\"say\",\"seq\":2,\"time\":1000,"
                  "\"data\":{\"zchat\":{\"re\":1},\"x\":1.50}}",
                  "2< OK|2|*");
    stage_ask (stage, ANN, "SAY|3|ann|lobby|hello|{\"re\":3}");
    stage_ask (stage, ANN, "SAY|4|ann|nowhere|hello|{\"re\":1}");
    stage_ask (stage, ANN, "SAY|5|ann|lobby|hello|{\"re\":0}");
    stage_ask (stage, ANN, "SAY|6|ann|lobby|hello|{\"re\":\"1\"}");
    stage_ask (stage, ANN, "SAY|7|ann|lobby|hello|{\"re\":-1}");
    stage_ask (stage, ANN, "SAY|8|ann|lobby|hello|{\"data\":{\"\\u007achat\":{}}}");
    stage_ask (stage, ANN, "SAY|9|ann|lobby|hello|{\"data\":{\"x\":{\"zchat\":1}}}");
    stage_commit (stage);
    stage_expect (stage, "2< ERR|3|{\"code\":\"nobody\",*", "2< ERR|4|{\"code\":\"nobody\",*",
                  "2< ERR|5|{\"code\":\"malformed\",*", "2< ERR|6|{\"code\":\"malformed\",*",
                  "2< ERR|7|{\"code\":\"malformed\",*", "2< ERR|8|{\"code\":\"malformed\",*",
                  "feed> room/lobby/|ann|hello|*,\"data\":{\"x\":{\"zchat\":1}}}", "2< OK|9|*");
}

/*  A message in the same flight can be answered: the order is what counts.    */
static void test_what_is_answered_may_be_on_its_way (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "SAY|1|bob|lobby|hi");
    stage_ask (stage, ANN, "SAY|2|ann|lobby|hello|{\"re\":1}");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "1< OK|1|*", "feed> *\"data\":{\"zchat\":{\"re\":1}}}",
                  "2< OK|2|*");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_own_members_stay_as_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_has_place_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown (test_a_reply_says_what_it_answers, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_is_answered_may_be_on_its_way, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
