/*  test_people_open.c - what is told of what came */
#include "people_stage.h"

/*  --- receiving -------------------------------------------------------------  */

static void test_sealed (void **state)
{
    assert_int_equal (from_bob (BOB), PEOPLE_STRANGE);
    known ();
    assert_int_equal (from_bob (BOB), PEOPLE_SEALED);
    assert_int_equal (from_bob (EVE), PEOPLE_STRANGE);
    assert_int_equal (from_bob (ALICE), PEOPLE_STRANGE);
    assert_int_equal (keys ("bob", BOB, EVE, -1), PEOPLE_CHANGED);
    assert_int_equal (from_bob (EVE), PEOPLE_SEALED_FRESH);
    assert_int_equal (from_bob (BOB), PEOPLE_SEALED);
}

static void test_what_one_told (void **state)
{
    people_opened_t opened;
    assert_int_equal (comes (ZCHAT_TYPE_TOLD, "bob", ALICE, "alice", "bob", &opened),
                      PEOPLE_SEALED);
    people_opened_clear (&opened);
    known ();
    /* bob seals, in the name of alice, what she would have said */
    assert_int_equal (comes (ZCHAT_TYPE_TOLD, "bob", BOB, "alice", "bob", &opened), PEOPLE_STRANGE);
    assert_string_equal (opened.writer, "alice");
    people_opened_clear (&opened);
    assert_int_equal (comes (ZCHAT_TYPE_TOLD, "bob", PHONE, "alice", "bob", &opened),
                      PEOPLE_STRANGE);
    people_opened_clear (&opened);
}

static void test_misled (void **state)
{
    static const struct {
        zchat_type_t type;
        const char *from, *to;
    } all[] = {{ZCHAT_TYPE_TELL, "bob", "carol"},  {ZCHAT_TYPE_TELL, "carol", "alice"},
               {ZCHAT_TYPE_TELL, "alice", "bob"},  {ZCHAT_TYPE_TELL, "bob", "bob"},
               {ZCHAT_TYPE_TOLD, "bob", "alice"},  {ZCHAT_TYPE_TOLD, "alice", "carol"},
               {ZCHAT_TYPE_TOLD, "alice", "alice"}};
    people_opened_t opened;
    known ();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int who = all[i].type == ZCHAT_TYPE_TELL ? BOB : ALICE;
        assert_int_equal (comes (all[i].type, "bob", who, all[i].from, all[i].to, &opened),
                          PEOPLE_MISLED);
        people_opened_clear (&opened);
    }
    assert_int_equal (comes (ZCHAT_TYPE_TELL, "BOB", BOB, "Bob", "ALICE", &opened), PEOPLE_SEALED);
    people_opened_clear (&opened);
}

static const uint64_t FAR_MS = PEOPLE_TIME_FAR_MS;

static void test_time (void **state)
{
    char *body = NULL;
    people_opened_t opened;
    zchat_sealed_t plain = {
        .from = "bob", .to = "alice", .time_ms = 10 * FAR_MS, .body = "x", .body_size = 1};
    known ();
    assert_int_equal (zchat_seal (&plain, secret[BOB], public + ALICE, 1, &body), ZCHAT_OK);
    zchat_event_t event = {.type = ZCHAT_TYPE_TELL,
                           .user = "bob",
                           .body = body,
                           .body_size = strlen (body),
                           .data = ZCHAT_SEAL_DATA};
    static const struct {
        uint64_t time_ms;
        bool far;
    } all[] = {
        {9 * FAR_MS, true}, {9 * FAR_MS + 1, false}, {11 * FAR_MS - 1, false}, {11 * FAR_MS, true},
        {0, true},          {UINT64_MAX, true}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        event.time_ms = all[i].time_ms;
        people_open (people, &event, &opened);
        assert_int_equal (opened.seen, PEOPLE_SEALED);
        assert_int_equal (opened.time_far, all[i].far);
        assert_true (opened.time_ms == plain.time_ms);
        people_opened_clear (&opened);
    }
    free (body);
}

static void test_not_sealed (void **state)
{
    assert_int_equal (in_plain ("bob", ZCHAT_TYPE_TELL, NULL), PEOPLE_PLAIN);
    known ();
    assert_int_equal (in_plain ("bob", ZCHAT_TYPE_TELL, NULL), PEOPLE_UNSEALED);
    assert_int_equal (in_plain ("bob", ZCHAT_TYPE_TOLD, "{\"x\":1}"), PEOPLE_UNSEALED);
    assert_int_equal (in_plain ("carol", ZCHAT_TYPE_TELL, NULL), PEOPLE_PLAIN);
    assert_int_equal (in_plain ("bob", ZCHAT_TYPE_SAY, ZCHAT_SEAL_DATA), PEOPLE_PLAIN);
    assert_int_equal (in_plain ("bob", ZCHAT_TYPE_TELL, ZCHAT_SEAL_DATA), PEOPLE_SHUT);
    begin ();
    assert_int_equal (in_plain ("bob", ZCHAT_TYPE_TELL, NULL), PEOPLE_UNSEALED);
}

static void test_without_encryption (void **state)
{
    char text[ZCHAT_FINGERPRINT_SIZE], *body;
    people_destroy (&people);
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_NONE);
    assert_int_equal (seal ("bob", &body), PEOPLE_PLAIN_ONLY);
    assert_int_equal (in_plain ("bob", ZCHAT_TYPE_TELL, NULL), PEOPLE_PLAIN);
    assert_int_equal (in_plain ("bob", ZCHAT_TYPE_TELL, ZCHAT_SEAL_DATA), PEOPLE_SHUT);
    assert_int_equal (people_fingerprint (people, "bob", text), PEOPLE_PLAIN_ONLY);
    assert_int_equal (people_accept (people, "bob", true), PEOPLE_PLAIN_ONLY);
    assert_null (people_trouble (people));
    people_self (people, "alice");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_sealed), TEST (test_what_one_told), TEST (test_misled),
        TEST (test_time),   TEST (test_not_sealed),    TEST (test_without_encryption),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
