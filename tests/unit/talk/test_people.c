/*  test_people.c - whose keys are known, and what may be sent */
#include "people_stage.h"

/*  --- keys ------------------------------------------------------------------  */

static void test_first_contact (void **state)
{
    char *body;
    assert_int_equal (can_seal ("bob"), PEOPLE_ASK);
    assert_int_equal (keys ("bob", BOB, BOB_TOO, -1), PEOPLE_NEW);
    assert_int_equal (can_seal ("bob"), PEOPLE_ASK_SELF);
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (seal ("BOB", &body), PEOPLE_OK);
    assert_true (opens (body, BOB) && opens (body, BOB_TOO) && opens (body, ALICE));
    assert_false (opens (body, EVE));
    free (body);
    people_person_t bob = person ("Bob");
    assert_string_equal (bob.user, "bob");
    assert_false (bob.verified || bob.alarm);
    assert_int_equal (bob.n_keys, 2);
    assert_string_equal (bob.keys[1].text, text_of[BOB_TOO]);
    assert_true (person ("alice").keys[0].this_device);
    assert_null (people_trouble (people));
}

static void test_remembered (void **state)
{
    struct stat stat_;
    known ();
    uint64_t since = person ("bob").since_ms;
    assert_true (since > 0);
    assert_int_equal (stat (path, &stat_), 0);
    assert_int_equal (stat_.st_mode & 07777, 0600);
    begin ();
    assert_int_equal (can_seal ("bob"), PEOPLE_ASK); /* known, but what are they now? */
    assert_int_equal (keys ("bob", EVE, -1), PEOPLE_CHANGED);
    begin ();
    assert_int_equal (keys ("bob", EVE, -1), PEOPLE_SAME); /* and it goes on */
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM);
    assert_true (person ("bob").since_ms == since);
    run ("test \"$(ls ", ")\" = known_people");
}

static void test_changed (void **state)
{
    bool was = true;
    char json[256];
    known ();
    snprintf (json, sizeof json, "{\"user\":\"bob\",\"keys\":[\"%s\",\"%s\"]}", text_of[BOB],
              text_of[EVE]);
    assert_int_equal (people_keys (people, "bob", ZCHAT_OK, json, &was), PEOPLE_CHANGED);
    assert_false (was);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM);
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_SAME); /* taken back: still */
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM);
    assert_int_equal (keys ("bob", BOB, EVE, -1), PEOPLE_CHANGED);
    assert_int_equal (people_accept (people, "bob", false), PEOPLE_OK);
    char *body;
    assert_int_equal (seal ("bob", &body), PEOPLE_OK);
    assert_true (opens (body, EVE));
    free (body);
    assert_false (person ("bob").verified);
}

static void test_fewer_keys_are_no_alarm (void **state)
{
    char *body;
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (keys ("bob", BOB, BOB_TOO, -1), PEOPLE_NEW);
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_SAME);
    assert_int_equal (seal ("bob", &body), PEOPLE_OK);
    assert_false (opens (body, BOB_TOO));
    free (body);
    assert_int_equal (from_bob (BOB_TOO), PEOPLE_SEALED_FORMER);
    begin ();
    assert_int_equal (from_bob (BOB_TOO), PEOPLE_SEALED_FORMER);
    /* who has the key that was taken away comes back with it */
    assert_int_equal (keys ("bob", BOB, BOB_TOO, -1), PEOPLE_CHANGED);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM);
}

static void test_gone (void **state)
{
    known ();
    assert_int_equal (keys ("bob", -1), PEOPLE_GONE);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM); /* never in plain instead */
    begin ();
    assert_int_equal (people_keys (people, "bob", ZCHAT_NOBODY, NULL, NULL), PEOPLE_SAME);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM);
    assert_int_equal (in_plain ("bob", ZCHAT_TYPE_TELL, NULL), PEOPLE_UNSEALED);
    assert_int_equal (people_accept (people, "bob", true), PEOPLE_PLAIN_ONLY);
    assert_int_equal (can_seal ("bob"), PEOPLE_PLAIN_ONLY);
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_CHANGED);
}

static void test_none (void **state)
{
    assert_int_equal (keys ("carol", -1), PEOPLE_NONE);
    assert_int_equal (can_seal ("carol"), PEOPLE_PLAIN_ONLY);
    assert_int_equal (people_keys (people, "dave", ZCHAT_NOBODY, "{}", NULL), PEOPLE_NONE);
    assert_int_equal (can_seal ("dave"), PEOPLE_PLAIN_ONLY);
    assert_int_not_equal (access (path, F_OK), 0);
    assert_int_equal (keys ("carol", BOB, -1), PEOPLE_NEW);
}

/*  A name that looks the same is the same: no second bob beside bob.          */
static void test_lookalike (void **state)
{
    known ();
    assert_int_equal (keys ("сор", BOB, -1), PEOPLE_NEW);
    assert_int_equal (keys ("cop", EVE, -1), PEOPLE_CHANGED);
}

static void test_replies_that_are_none (void **state)
{
    static const char *const bad[] = {NULL,
                                      "",
                                      "{}",
                                      "[]",
                                      "{\"user\":\"bob\"}",
                                      "{\"keys\":[]}",
                                      "{\"user\":\"eve\",\"keys\":[]}",
                                      "{\"user\":\"bob\",\"keys\":{}}",
                                      "{\"user\":\"bob\",\"keys\":[1]}",
                                      "{\"user\":\"bob\",\"keys\":[\"x\"]}",
                                      "{\"user\":\"bob\",\"user\":\"bob\",\"keys\":[]}",
                                      "{\"user\":\"\\u001b\",\"keys\":[]}"};
    char many[1024];
    known ();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal (people_keys (people, "bob", ZCHAT_OK, bad[i], NULL), PEOPLE_BAD);
    int size = snprintf (many, sizeof many, "{\"user\":\"bob\",\"keys\":[");
    for (int i = 0; i <= ZCHAT_NAME_KEYS_MAX; i++)
        size += snprintf (many + size, sizeof many - (size_t)size, "%s\"%s\"", i ? "," : "",
                          text_of[BOB]);
    snprintf (many + size, sizeof many - (size_t)size, "]}");
    assert_int_equal (people_keys (people, "bob", ZCHAT_OK, many, NULL), PEOPLE_BAD);
    assert_int_equal (people_keys (people, "bob", ZCHAT_UNREACHABLE, NULL, NULL), PEOPLE_BAD);
    assert_int_equal (people_keys (people, "a b", ZCHAT_NOBODY, NULL, NULL), PEOPLE_BAD);
    assert_int_equal (people_keys (people, NULL, ZCHAT_OK, NULL, NULL), PEOPLE_BAD);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
}

/*  However often a broker changes its mind, there is room, and the alarm stays. */
static void test_many_changes (void **state)
{
    char json[1200], key[ADDRESS_KEY_TEXT + 1];
    known ();
    for (unsigned round = 0; round < 40; round++) {
        int size = snprintf (json, sizeof json, "{\"user\":\"%s\",\"keys\":[",
                             round % 2 ? "bob" : "alice");
        for (unsigned i = 0; i < ZCHAT_NAME_KEYS_MAX; i++) {
            uint8_t bytes[ZCHAT_KEY_SIZE] = {9, (uint8_t)round, (uint8_t)i};
            address_key_encode (bytes, key);
            size +=
                snprintf (json + size, sizeof json - (size_t)size, "%s\"%s\"", i ? "," : "", key);
        }
        snprintf (json + size, sizeof json - (size_t)size, "]}");
        assert_int_equal (people_keys (people, round % 2 ? "bob" : "alice", ZCHAT_OK, json, NULL),
                          PEOPLE_CHANGED);
        if (round % 3 == 0) {
            assert_int_equal (people_accept (people, round % 2 ? "bob" : "alice", false),
                              PEOPLE_OK);
        }
        if (round % 5 == 0) {
            begin ();
            assert_null (people_trouble (people));
        }
    }
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_CHANGED);
}

/*  --- one's own -------------------------------------------------------------  */

static void test_a_reader_added_to_ones_own_keys (void **state)
{
    char text[ZCHAT_FINGERPRINT_SIZE], *body;
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_NEW);
    assert_int_equal (keys ("alice", ALICE, EVE, -1), PEOPLE_CHANGED); /* at the first word */
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM_SELF);
    assert_int_equal (people_fingerprint (people, "bob", text), PEOPLE_ALARM_SELF);
    begin ();
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_SAME);
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM_SELF);
    assert_int_equal (people_accept (people, "alice", true), PEOPLE_OK);
    assert_false (person ("alice").verified);
    assert_int_equal (seal ("bob", &body), PEOPLE_OK);
    assert_false (opens (body, EVE));
    free (body);
}

static void test_ones_other_device (void **state)
{
    char *body;
    known ();
    assert_int_equal (keys ("alice", ALICE, PHONE, -1), PEOPLE_CHANGED);
    assert_int_equal (people_accept (people, "alice", false), PEOPLE_OK);
    assert_int_equal (seal ("bob", &body), PEOPLE_OK);
    assert_true (opens (body, PHONE));
    free (body);
}

/*  The key that one has added oneself is no alarm; what else the broker adds is.  */
static void test_a_device_one_has_added (void **state)
{
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_NEW);
    people_own_key (NULL, public[PHONE]);
    people_own_key (people, public[PHONE]);
    begin ();
    assert_int_equal (keys ("alice", ALICE, PHONE, -1), PEOPLE_SAME);
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_SAME);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
    assert_int_equal (keys ("alice", ALICE, PHONE, EVE, -1), PEOPLE_CHANGED);
    people_own_key (people, public[PHONE]); /* says nothing of eve's                    */
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM_SELF);
}

static void test_a_device_that_was_an_alarm_already (void **state)
{
    known ();
    assert_int_equal (keys ("alice", ALICE, PHONE, EVE, -1), PEOPLE_CHANGED);
    people_own_key (people, public[PHONE]);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM_SELF);
    people_own_key (people, public[EVE]);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
}

/*  A broker may say OK to more keys than a name can have.                     */
static void test_more_devices_than_there_can_be (void **state)
{
    uint8_t key[ADDRESS_KEY_SIZE] = {0};
    known ();
    for (int i = 1; i <= 3 * PEOPLE_KEYS_MAX; i++) {
        key[0] = (uint8_t)i;
        people_own_key (people, key);
    }
    assert_true (person ("alice").n_keys <= PEOPLE_KEYS_MAX);
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
}

static void test_a_name_without_this_key (void **state)
{
    known ();
    assert_int_equal (keys ("alice", -1), PEOPLE_NONE);
    assert_int_equal (can_seal ("bob"), PEOPLE_NOT_MINE);
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
    begin ();
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_SAME);
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
}

/*  Keys that were known of a name, before it was one's own, are nobody's word for it. */
static void test_a_name_that_was_known_before (void **state)
{
    assert_int_equal (keys ("al", EVE, -1), PEOPLE_NEW);
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_NEW);
    people_self (people, "al");
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_SAME);
    assert_int_equal (keys ("al", EVE, ALICE, -1), PEOPLE_CHANGED);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM_SELF);
}

/*  --- verifying -------------------------------------------------------------  */

static void test_verify (void **state)
{
    char text[ZCHAT_FINGERPRINT_SIZE], other[ZCHAT_FINGERPRINT_SIZE];
    people_opened_t opened;
    bool was;
    assert_int_equal (people_fingerprint (people, "bob", text), PEOPLE_ASK);
    known ();
    assert_int_equal (people_accept (people, "bob", true), PEOPLE_NOT_SHOWN);
    assert_int_equal (people_fingerprint (people, "bob", text), PEOPLE_OK);
    assert_int_equal (zchat_fingerprint ("bob", public + BOB, 1, "alice", public + ALICE, 1, other),
                      ZCHAT_OK);
    assert_string_equal (text, other); /* as bob sees it */
    assert_int_equal (people_accept (people, "bob", true), PEOPLE_OK);
    assert_true (person ("bob").verified);
    begin ();
    assert_true (person ("bob").verified);
    assert_int_equal (comes (ZCHAT_TYPE_TELL, "bob", BOB, "bob", "alice", &opened), PEOPLE_SEALED);
    assert_true (opened.verified);
    people_opened_clear (&opened);
    char json[256];
    snprintf (json, sizeof json, "{\"user\":\"bob\",\"keys\":[\"%s\"]}", text_of[EVE]);
    assert_int_equal (people_keys (people, "bob", ZCHAT_OK, json, &was), PEOPLE_CHANGED);
    assert_true (was);
    assert_false (person ("bob").verified);
}

/*  What was compared is what is accepted.                                     */
static void test_keys_that_change_while_they_are_compared (void **state)
{
    char text[ZCHAT_FINGERPRINT_SIZE];
    known ();
    assert_int_equal (people_fingerprint (people, "bob", text), PEOPLE_OK);
    assert_int_equal (keys ("bob", BOB, EVE, -1), PEOPLE_CHANGED);
    assert_int_equal (people_accept (people, "bob", true), PEOPLE_NOT_SHOWN);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM);
    assert_int_equal (people_fingerprint (people, "bob", text), PEOPLE_OK);
    assert_int_equal (keys ("carol", BOB_TOO, -1), PEOPLE_NEW);
    assert_int_equal (people_accept (people, "carol", true), PEOPLE_NOT_SHOWN);
    assert_int_equal (keys ("alice", ALICE, PHONE, -1), PEOPLE_CHANGED);
    assert_int_equal (people_accept (people, "alice", false), PEOPLE_OK);
    assert_int_equal (people_accept (people, "bob", true), PEOPLE_NOT_SHOWN);
}

/*  A broker that puts itself between gives other keys to each, and cannot make the
    fingerprints agree.                                                        */
static void test_a_broker_between (void **state)
{
    char hers[ZCHAT_FINGERPRINT_SIZE], his[ZCHAT_FINGERPRINT_SIZE];
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (keys ("bob", EVE, -1), PEOPLE_NEW);
    assert_int_equal (people_fingerprint (people, "bob", hers), PEOPLE_OK);
    assert_int_equal (zchat_fingerprint ("bob", public + BOB, 1, "alice", public + EVE, 1, his),
                      ZCHAT_OK);
    assert_string_not_equal (hers, his);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_first_contact),
        TEST (test_remembered),
        TEST (test_changed),
        TEST (test_fewer_keys_are_no_alarm),
        TEST (test_gone),
        TEST (test_none),
        TEST (test_lookalike),
        TEST (test_replies_that_are_none),
        TEST (test_many_changes),
        TEST (test_a_reader_added_to_ones_own_keys),
        TEST (test_a_device_one_has_added),
        TEST (test_a_device_that_was_an_alarm_already),
        TEST (test_more_devices_than_there_can_be),
        TEST (test_ones_other_device),
        TEST (test_a_name_without_this_key),
        TEST (test_a_name_that_was_known_before),
        TEST (test_verify),
        TEST (test_keys_that_change_while_they_are_compared),
        TEST (test_a_broker_between),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
