/*  test_people_vouched.c - a new device, and a key of theirs that vouches for it: what counts, and
    what a broker that lies, a thief, and both together can make of it        */
#include "people_stage.h"
#include <time.h>

static char vouches[1024];

static uint64_t now_ms (void)
{
    return (uint64_t)time (NULL) * 1000;
}

/*  From here on the broker tells, besides, that the key `by` says `key` is of the user's.  */
static void vouch_at (int by, const uint8_t at[ZCHAT_KEY_SIZE], const char *user, int key,
                      uint64_t time_ms)
{
    char text[ZCHAT_VOUCH_TEXT + 1];
    size_t size = strlen (vouches);
    assert_int_equal (zchat_vouch (secret[by], at, user, public[key], time_ms, text), ZCHAT_OK);
    snprintf (vouches + size, sizeof vouches - size, "%s\"%s\":\"%s\"", size ? "," : "",
              text_of[key], text);
}

static void vouch (int by, const char *user, int key)
{
    vouch_at (by, broker, user, key, now_ms ());
}

/*  KEYS as the broker answers it, with those vouches; -1 ends the keys.       */
static people_news_t told (const char *user, ...)
{
    char json[2048];
    int size = snprintf (json, sizeof json,
                         "{\"user\":\"%s\",\"proven\":true,\"vouches\":{%s},"
                         "\"keys\":[",
                         user, vouches);
    va_list args;
    va_start (args, user);
    for (int key, n = 0; (key = va_arg (args, int)) >= 0; n++)
        size += snprintf (json + size, sizeof json - (size_t)size, "%s\"%s\"", n ? "," : "",
                          text_of[key]);
    va_end (args);
    snprintf (json + size, sizeof json - (size_t)size, "]}");
    return people_keys (people, user, ZCHAT_OK, json, NULL);
}

static int clean (void **state)
{
    *vouches = '\0';
    return setup (state);
}

static void verify_bob (void)
{
    char text[ZCHAT_FINGERPRINT_SIZE];
    assert_int_equal (people_fingerprint (people, "bob", text), PEOPLE_OK);
    assert_int_equal (people_accept (people, "bob", true), PEOPLE_OK);
}

/*  One goes on, sealed for the new device too, and what was verified is so.   */
static void test_a_second_device (void **state)
{
    char *body;
    known ();
    verify_bob ();
    vouch (BOB, "bob", BOB_TOO);
    assert_int_equal (told ("bob", BOB, BOB_TOO, -1), PEOPLE_VOUCHED);
    assert_string_equal (people_vouched (people), text_of[BOB_TOO]);
    assert_int_equal (seal ("bob", &body), PEOPLE_OK);
    assert_true (opens (body, BOB) && opens (body, BOB_TOO) && !opens (body, EVE));
    free (body);
    assert_true (person ("bob").verified);
    assert_int_equal (from_bob (BOB_TOO), PEOPLE_SEALED);
    /*  Told once; over a restart; and without the vouch, which is not needed any more.  */
    assert_int_equal (told ("bob", BOB, BOB_TOO, -1), PEOPLE_SAME);
    begin ();
    assert_int_equal (keys ("bob", BOB, BOB_TOO, -1), PEOPLE_SAME);
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
}

/*  A vouch for a third key by the second, in one answer, in whatever order.   */
static void test_one_after_another (void **state)
{
    known ();
    vouch (BOB_TOO, "bob", PHONE);
    vouch (BOB, "bob", BOB_TOO);
    assert_int_equal (told ("bob", PHONE, BOB_TOO, BOB, -1), PEOPLE_VOUCHED);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
    assert_int_equal (person ("bob").n_keys, 3);
}

static void refused (void)
{
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM);
    assert_false (person ("bob").verified);
}

static void test_nobody_vouched (void **state)
{
    known ();
    verify_bob ();
    assert_int_equal (told ("bob", BOB, EVE, -1), PEOPLE_CHANGED);
    refused ();
}

/*  The broker signs itself, or has a key of its own sign for another of its own. */
static void test_a_broker_adds_a_device (void **state)
{
    known ();
    vouch (EVE, "bob", PHONE);
    vouch (PHONE, "bob", EVE);
    assert_int_equal (told ("bob", BOB, EVE, PHONE, -1), PEOPLE_CHANGED);
    refused ();
}

/*  It takes what bob said for one key, and gives it out for another.          */
static void test_another_key (void **state)
{
    known ();
    vouch (BOB, "bob", BOB_TOO);
    memcpy (strstr (vouches, text_of[BOB_TOO]), text_of[EVE], ADDRESS_KEY_TEXT);
    assert_int_equal (told ("bob", BOB, EVE, -1), PEOPLE_CHANGED);
    refused ();
}

static void test_of_another_name (void **state)
{
    known ();
    vouch (BOB, "rob", EVE);
    assert_int_equal (told ("bob", BOB, EVE, -1), PEOPLE_CHANGED);
    refused ();
}

/*  eve's word for eve's device does nothing for bob, though one knows her too. */
static void test_by_a_key_of_another_person (void **state)
{
    known ();
    assert_int_equal (keys ("eve", EVE, -1), PEOPLE_NEW);
    vouch (EVE, "bob", PHONE);
    assert_int_equal (told ("bob", BOB, PHONE, -1), PEOPLE_CHANGED);
    refused ();
}

static void test_at_another_broker (void **state)
{
    static const uint8_t elsewhere[ZCHAT_KEY_SIZE] = {2};
    known ();
    vouch_at (BOB, elsewhere, "bob", BOB_TOO, now_ms ());
    assert_int_equal (told ("bob", BOB, BOB_TOO, -1), PEOPLE_CHANGED);
    refused ();
}

/*  The device was lost and its key removed: what a thief says with it is in vain, told beside
    it or in its stead.                                                        */
static void test_by_a_key_that_was_removed (void **state)
{
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (keys ("bob", BOB, BOB_TOO, -1), PEOPLE_NEW);
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_SAME);
    vouch (BOB_TOO, "bob", EVE);
    assert_int_equal (told ("bob", BOB, EVE, -1), PEOPLE_CHANGED);
    refused ();
    begin ();
    assert_int_equal (people_accept (people, "bob", false), PEOPLE_ASK);
    assert_int_equal (told ("bob", BOB, BOB_TOO, EVE, -1), PEOPLE_CHANGED);
    refused ();
}

/*  And who has not heard of the removal does not take the thief's key for the whole of bob. */
static void test_instead_of_the_key_that_vouches (void **state)
{
    known ();
    vouch (BOB, "bob", EVE);
    assert_int_equal (told ("bob", EVE, -1), PEOPLE_CHANGED);
    refused ();
}

/*  A key that was removed does not come back by what was once said for it.    */
static void test_replayed_after_removal (void **state)
{
    known ();
    vouch (BOB, "bob", BOB_TOO);
    assert_int_equal (told ("bob", BOB, BOB_TOO, -1), PEOPLE_VOUCHED);
    assert_int_equal (told ("bob", BOB, -1), PEOPLE_SAME);
    assert_int_equal (told ("bob", BOB, BOB_TOO, -1), PEOPLE_CHANGED);
    refused ();
}

/*  Who never saw the key is told of it only for so long.                      */
static void test_long_ago_and_too_early (void **state)
{
    known ();
    vouch_at (BOB, broker, "bob", BOB_TOO, now_ms () - ZCHAT_VOUCH_AGE_MS - 60000);
    assert_int_equal (told ("bob", BOB, BOB_TOO, -1), PEOPLE_CHANGED);
    refused ();
    *vouches = '\0';
    assert_int_equal (keys ("eve", EVE, -1), PEOPLE_NEW);
    vouch_at (EVE, broker, "eve", PHONE, now_ms () + 2 * ZCHAT_VOUCH_EARLY_MS);
    assert_int_equal (told ("eve", EVE, PHONE, -1), PEOPLE_CHANGED);
}

/*  An alarm is not talked away: neither the key it was raised for, nor one that such a key brings.
 */
static void test_an_alarm_stays (void **state)
{
    known ();
    assert_int_equal (keys ("bob", BOB, EVE, -1), PEOPLE_CHANGED);
    vouch (BOB, "bob", EVE);
    vouch (EVE, "bob", PHONE);
    assert_int_equal (told ("bob", BOB, EVE, -1), PEOPLE_SAME);
    refused ();
    assert_int_equal (told ("bob", BOB, EVE, PHONE, -1), PEOPLE_CHANGED);
    refused ();
    vouch (BOB, "bob", BOB_TOO);
    assert_int_equal (told ("bob", BOB, EVE, BOB_TOO, -1), PEOPLE_VOUCHED);
    refused ();
}

/*  The name as one knows it counts, not a lookalike that the broker spells, nor one that is signed.
 */
static void test_lookalikes (void **state)
{
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (keys ("cop", BOB, -1), PEOPLE_NEW);
    vouch (BOB, "сор", EVE);
    assert_int_equal (told ("сор", BOB, EVE, -1), PEOPLE_CHANGED);
    assert_int_equal (can_seal ("cop"), PEOPLE_ALARM);
}

/*  At first contact nobody is known who could vouch; what is there is remembered as before. */
static void test_first_contact (void **state)
{
    vouch (EVE, "bob", PHONE);
    assert_int_equal (told ("bob", BOB, PHONE, -1), PEOPLE_NEW);
}

/*  One's own devices learn of each other so; but a new one trusts nobody who vouches for it, for
   the broker could: there the person says which key is theirs.                   */
static void test_ones_own (void **state)
{
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_NEW);
    vouch (ALICE, "alice", PHONE);
    assert_int_equal (told ("alice", ALICE, PHONE, -1), PEOPLE_VOUCHED);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
    vouch (EVE, "alice", ALICE);
    assert_int_equal (told ("alice", ALICE, PHONE, EVE, -1), PEOPLE_CHANGED);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM_SELF);
    people_own_key (people, public[EVE]);
    assert_int_equal (told ("alice", ALICE, PHONE, EVE, -1), PEOPLE_SAME);
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
}

/*  What is no vouch is none.                                                  */
static void test_nonsense (void **state)
{
    static const char *const kinds[] = {"7", "null", "\"\"", "\"AAAA\"", "[]", "{}", "true"};
    char json[1024];
    known ();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf (json, sizeof json, "{\"user\":\"bob\",\"keys\":[\"%s\",\"%s\"],\"vouches\":%s}",
                  text_of[BOB], text_of[EVE], kinds[i]);
        people_news_t news = people_keys (people, "bob", ZCHAT_OK, json, NULL);
        assert_int_equal (news, i ? PEOPLE_SAME : PEOPLE_CHANGED);
        snprintf (json, sizeof json,
                  "{\"user\":\"bob\",\"keys\":[\"%s\",\"%s\"],\"vouches\":{\"%s\":%s}}",
                  text_of[BOB], text_of[EVE], text_of[EVE], kinds[i]);
        assert_int_equal (people_keys (people, "bob", ZCHAT_OK, json, NULL), PEOPLE_SAME);
        refused ();
    }
}

#undef TEST
#define TEST(test) cmocka_unit_test_setup_teardown (test, clean, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {TEST (test_a_second_device),
                                       TEST (test_one_after_another),
                                       TEST (test_nobody_vouched),
                                       TEST (test_a_broker_adds_a_device),
                                       TEST (test_another_key),
                                       TEST (test_of_another_name),
                                       TEST (test_by_a_key_of_another_person),
                                       TEST (test_at_another_broker),
                                       TEST (test_by_a_key_that_was_removed),
                                       TEST (test_instead_of_the_key_that_vouches),
                                       TEST (test_replayed_after_removal),
                                       TEST (test_long_ago_and_too_early),
                                       TEST (test_an_alarm_stays),
                                       TEST (test_lookalikes),
                                       TEST (test_first_contact),
                                       TEST (test_ones_own),
                                       TEST (test_nonsense)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
