/*  test_storage.c - commits that fail, or of which nobody knows, and what waits meanwhile  */
#include "stage.h"

#define P1 "000102030405060708090a0b0c0d0e0f"

enum { BOB = 1, ANN, TAB, GUEST };
enum { PROBE_FIRST_MS = 50, PROBE_MOST_MS = 2000 }; /* as in core.c          */

/*  bob and his second connection have one key, ann another.                   */
static int setup (void **state)
{
    stage_t *stage = stage_new ();
    stage_key (stage, BOB, stage_key_text (1));
    stage_key (stage, ANN, stage_key_text (2));
    stage_key (stage, TAB, stage_key_text (1));
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

/*  Guests may not speak: a peer without a key does, under a name.             */
static void say (stage_t *stage, const char *tag)
{
    stage_askf (stage, 9, "SAY|%s|zed|lobby|%s", tag, tag);
}

static void unknown (stage_t *stage, bool stored)
{
    if (stored)
        stage_store (stage);
    stage->n_records = 0;
    core_committed (stage->core, ZCHAT_SYSTEM, stage->now);
    stage_settled (stage);
    assert_true (core_loads (stage->core));
}

/*  Two commits fail, each of what was said for it.                            */
static void break_disk (stage_t *stage)
{
    for (int i = 0; i < 2; i++) {
        say (stage, "x");
        assert_int_equal (stage_take (stage), 1);
        stage_fail (stage);
        stage_expect (stage, "9< ERR|x|{\"code\":\"storage\",*");
    }
}

/*  An empty batch is given now; it went so.                                   */
static void probe (stage_t *stage, zchat_status_t status)
{
    const store_record_t *records;
    size_t count = 1;
    assert_true (core_take (stage->core, &records, &count));
    assert_int_equal (count, 0);
    assert_false (core_take (stage->core, &records, &count));
    core_committed (stage->core, status, stage->now);
    stage_settled (stage);
    assert_false (core_loads (stage->core));
}

static bool probes (stage_t *stage)
{
    const store_record_t *records;
    size_t count;
    return core_take (stage->core, &records, &count);
}

/*  --- nobody knows how a commit ended ---------------------------------------  */

static void test_unknown_and_stored (void **state)
{
    stage_t *stage = *state;
    say (stage, "a");
    stage_ask (stage, BOB, "HELLO|1|bob");
    assert_int_equal (stage_take (stage), 2);
    unknown (stage, true);
    stage_ask (stage, GUEST, "ROOMS|2|");
    stage_ask (stage, ANN, "HELLO|3|bob");
    say (stage, "b");
    /*  Until that is found out nothing of it is told, and nothing stored.     */
    stage_expect_nothing (stage);
    assert_int_equal (stage_take (stage), 0);
    stage_load (stage);
    stage_expect (stage, "feed> room/lobby/|zed|a|*\"seq\":1*", "9< OK|a|{\"seq\":1,*",
                  "1< OK|1|*\"proven\":true,*", "4< OK|2|*\"head\":1*",
                  "2< ERR|3|{\"code\":\"taken\",*");
    stage_commit (stage);
    stage_expect (stage, "feed> room/lobby/|zed|b|*\"seq\":2*", "9< OK|b|{\"seq\":2,*");
    assert_int_equal (core_counters (stage->core)->events, 2);
    /*  It is as if it had gone well: the next one that fails is the first.    */
    say (stage, "c");
    stage_take (stage);
    stage_fail (stage);
    stage_expect (stage, "9< ERR|c|*storage*");
    say (stage, "d");
    stage_commit (stage);
    stage_expect (stage, "feed> *\"seq\":3*", "9< OK|d|*");
}

static void test_unknown_and_not_stored (void **state)
{
    stage_t *stage = *state;
    say (stage, "a");
    stage_ask (stage, BOB, "HELLO|1|bob");
    assert_int_equal (stage_take (stage), 2);
    unknown (stage, false);
    stage_ask (stage, ANN, "HELLO|2|bob");
    stage_expect_nothing (stage);
    stage_load (stage);
    stage_expect (stage, "9< ERR|a|{\"code\":\"storage\",*", "1< ERR|1|{\"code\":\"storage\",*");
    /*  The name is nobody's: who asked behind has it.                         */
    stage_commit (stage);
    stage_expect (stage, "2< OK|2|*\"proven\":true,*");
    say (stage, "a");
    stage_commit (stage);
    stage_expect (stage, "feed> room/lobby/|zed|a|*\"seq\":1*", "9< OK|a|{\"seq\":1,*");
}

/*  The ledger cannot be loaded either: what needs it waits, and the rest goes on. */
static void test_a_load_that_fails (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, 9, "zed", "lobby");
    say (stage, "a");
    stage_take (stage);
    unknown (stage, true);
    for (int i = 0; i < 3; i++) {
        store_loader_t loader = core_loader (stage->core);
        assert_int_equal (store_load (stage->store, &loader), ZCHAT_OK);
        core_loaded (stage->core, ZCHAT_STORAGE, stage->now);
        /*  Not again at once: the folder may be gone for long.                */
        assert_false (core_loads (stage->core));
        assert_true (core_deadline_ms (stage->core) <= stage->now.mono_ms + PROBE_MOST_MS);
        stage_wait (stage, PROBE_MOST_MS);
        assert_true (core_loads (stage->core));
        stage_expect_nothing (stage);
        stage_ask (stage, 9, "PING|p|zed");
        stage_expect (stage, "9< OK|p|*\"heads\":{\"lobby\":0}}");
        assert_int_equal (stage_take (stage), 0);
    }
    stage_load (stage);
    stage_expect (stage, "feed> *|a|*", "9< OK|a|*");
}

/*  --- the log fails ---------------------------------------------------------  */

static void test_refused_at_once (void **state)
{
    stage_t *stage = *state;
    stage_claim (stage, BOB, "bob");
    stage_ask (stage, 9, "SAY|1|zed|lobby|m1|{\"producer\":\"" P1 "\",\"n\":1}");
    stage_commit (stage);
    stage_skip (stage);
    break_disk (stage);
    /*  What would be stored; a gap is one perhaps for what was not stored just now.  */
    say (stage, "a");
    stage_ask (stage, 9, "SAY|3|zed|lobby|m3|{\"producer\":\"" P1 "\",\"n\":3}");
    stage_ask (stage, 9, "SAY|2|zed|lobby|m2|{\"producer\":\"" P1 "\",\"n\":2}");
    stage_ask (stage, ANN, "HELLO|h|ann");
    stage_ask (stage, BOB, "JOIN|j|bob|den|{\"private\":true}");
    stage_askf (stage, BOB, "KEY|k|bob|{\"add\":\"%s\"}", stage_key_text (7));
    stage_expect (stage, "9< ERR|a|{\"code\":\"storage\",*", "9< ERR|3|{\"code\":\"storage\",*",
                  "9< ERR|2|{\"code\":\"storage\",*", "2< ERR|h|{\"code\":\"storage\",*",
                  "1< ERR|j|{\"code\":\"storage\",*", "1< ERR|k|{\"code\":\"storage\",*");
    /*  What needs no storing.                                                 */
    stage_ask (stage, 9, "SAY|1|zed|lobby|m1|{\"producer\":\"" P1 "\",\"n\":1}");
    stage_ask (stage, 9, "SAY|e|zed|lobby|");
    stage_ask (stage, BOB, "JOIN|r|bob|lobby");
    stage_ask (stage, TAB, "HELLO|t|bob");
    stage_ask (stage, GUEST, "KEYS|g||ann");
    stage_expect (stage, "9< OK|1|{\"duplicate\":true}", "9< ERR|e|{\"code\":\"malformed\",*",
                  "1< OK|r|*\"head\":1,*", "feed> room/lobby/|bob||*join*",
                  "3< OK|t|*\"proven\":true,*", "4< ERR|g|{\"code\":\"nobody\",*");
    assert_true (core_idle (stage->core));
    assert_int_equal (stage_take (stage), 0);
    assert_int_equal (core_counters (stage->core)->events, 1);
    stage_mend (stage);
    stage_ask (stage, 9, "SAY|2|zed|lobby|m2|{\"producer\":\"" P1 "\",\"n\":2}");
    stage_commit (stage);
    stage_expect (stage, "feed> *|m2|*\"seq\":2*", "9< OK|2|*");
}

/*  Tried later and later, and each time something may be stored again when that went well. */
static void test_the_probe (void **state)
{
    stage_t *stage = *state;
    stage_wait (stage, 0);
    break_disk (stage);
    uint64_t wait_ms = PROBE_FIRST_MS;
    for (int i = 0; i < 9; i++) {
        assert_false (probes (stage));
        assert_int_equal (core_deadline_ms (stage->core), stage->now.mono_ms + wait_ms);
        stage_wait (stage, wait_ms - 1);
        assert_false (probes (stage));
        stage_wait (stage, 1);
        probe (stage, i % 2 ? ZCHAT_STORAGE : ZCHAT_SYSTEM);
        wait_ms = 2 * wait_ms < PROBE_MOST_MS ? 2 * wait_ms : PROBE_MOST_MS;
        say (stage, "a");
        stage_expect (stage, "9< ERR|a|{\"code\":\"storage\",*");
    }
    /*  What is asked while it is on its way waits for how it goes, or is refused. */
    stage_wait (stage, wait_ms);
    probe (stage, ZCHAT_OK);
    say (stage, "b");
    stage_expect_nothing (stage);
    stage_commit (stage);
    stage_expect (stage, "feed> *|b|*\"seq\":1*", "9< OK|b|*");
    /*  That went well: the next failure is the first of two, and the first wait is short again. */
    break_disk (stage);
    assert_int_equal (core_deadline_ms (stage->core), stage->now.mono_ms + PROBE_FIRST_MS);
}

/*  A load takes long where much is in the log: a broken disk costs two of them, whatever is asked.
 */
static void test_loaded_at_most_twice (void **state)
{
    stage_t *stage = *state;
    size_t loads = 0;
    for (int i = 0; i < 200; i++) {
        const store_record_t *records;
        size_t count;
        say (stage, "a");
        stage_askf (stage, BOB, "HELLO|h|bob%d", i);
        if (core_take (stage->core, &records, &count))
            core_committed (stage->core, ZCHAT_STORAGE, stage->now);
        if (core_loads (stage->core)) {
            loads++;
            stage_load (stage);
        }
        stage_wait (stage, 100);
        assert_int_equal (core_counters (stage->core)->events, 0);
    }
    assert_int_equal (loads, 2);
    assert_true (core_idle (stage->core));
}

/*  Where one took long, there is no second try.                               */
static void test_a_load_that_is_dear (void **state)
{
    stage_t *stage = *state;
    say (stage, "a");
    say (stage, "b");
    assert_int_equal (stage_take (stage), 2);
    say (stage, "c");
    stage->n_records = 0;
    core_committed (stage->core, ZCHAT_STORAGE, stage->now);
    stage->now.mono_ms += 101;
    stage_load (stage);
    stage_expect (stage, "9< ERR|a|*storage*", "9< ERR|b|*storage*", "9< ERR|c|*storage*");
    say (stage, "d");
    stage_expect (stage, "9< ERR|d|*storage*");
    stage->now.mono_ms += 20 * 101 - PROBE_MOST_MS; /* it may come again soon   */
    stage_mend (stage);
    say (stage, "e");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "9< OK|e|*");
}

/*  A machine that slept while it loaded is not kept waiting for that.          */
static void test_a_load_that_was_slept_through (void **state)
{
    stage_t *stage = *state;
    say (stage, "a");
    stage_take (stage);
    stage->n_records = 0;
    core_committed (stage->core, ZCHAT_STORAGE, stage->now);
    stage->now.mono_ms += 3600000;
    stage_load (stage);
    stage_expect (stage, "9< ERR|a|*storage*");
    stage->now.mono_ms += 30000 - PROBE_MOST_MS;
    stage_mend (stage);
    say (stage, "b");
    stage_commit (stage);
    stage_expect (stage, "feed> *", "9< OK|b|*");
}

/*  A disk that takes an empty batch and no other makes the ledger be loaded each time: seldom. */
static void test_probes_that_mislead (void **state)
{
    stage_t *stage = *state;
    size_t loads = 0;
    uint64_t began_ms = stage->now.mono_ms, loading_ms = 0;
    while (stage->now.mono_ms - began_ms < 600000) {
        const store_record_t *records;
        size_t count = 0;
        say (stage, "a");
        if (core_take (stage->core, &records, &count))
            core_committed (stage->core, count ? ZCHAT_STORAGE : ZCHAT_OK, stage->now);
        if (core_loads (stage->core)) {
            loads++;
            stage->now.mono_ms += 1000;
            loading_ms += 1000;
            stage_load (stage);
        }
        stage_wait (stage, 100);
        stage_skip (stage);
    }
    assert_true (loads > 5 && loading_ms < 600000 / 15);
}

/*  --- what waits ------------------------------------------------------------  */

/*  What one connection asks is done in the order in which it asked, though each waits. */
static void test_parked_requests_keep_their_order (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "HELLO|1|bob");
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, BOB, "JOIN|2|bob|lobby");
    stage_ask (stage, BOB, "WHO|3|bob|lobby");
    stage_ask (stage, BOB, "PART|4|bob|lobby");
    stage_ask (stage, BOB, "PING|5|bob");
    stage_askf (stage, BOB, "KEY|6|bob|{\"add\":\"%s\"}", stage_key_text (7));
    stage_ask (stage, BOB, "KEYS|7|bob");
    stage_ask (stage, BOB, "PING|8|bob");
    stage_ask (stage, BOB, "BYE|9|bob");
    stage_expect_nothing (stage);
    stage_land (stage);
    stage_expect (stage, "1< OK|1|*", "1< OK|2|*", "1< OK|3|*\"users\":[\"bob\"]}", "1< OK|4|*",
                  "1< OK|5|*\"heads\":{}}", "feed> *join*", "feed> *leave*");
    /*  The key changes who is who: what stands behind it waits once more.     */
    assert_int_equal (stage_take (stage), 1);
    stage_expect_nothing (stage);
    stage_land (stage);
    char line[256];
    snprintf (line, sizeof line, "1< OK|7|*\"keys\":[\"%s\",\"%s\"]}", stage_key_text (1),
              stage_key_text (7));
    stage_expect (stage, "1< OK|6|*", line, "1< OK|8|*", "1< OK|9|*");
    assert_int_equal (core_stats (stage->core).sessions, 0);
    assert_true (core_idle (stage->core));
}

/*  What waits behind a KEY that has nothing to store is answered though no commit comes any more.
 */
static void test_parked_behind_what_is_not_stored (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, 8, "HELLO|h|kim");
    stage_skip (stage);
    say (stage, "a");
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, 8, "KEY|k|kim|{\"free\":true}");
    stage_ask (stage, 8, "ROOMS|r|kim");
    stage_ask (stage, 8, "PING|p|kim");
    stage_expect_nothing (stage);
    stage_land (stage);
    stage_expect (stage, "feed> *|a|*", "9< OK|a|*", "8< ERR|k|{\"code\":\"proof\",*", "8< OK|r|*",
                  "8< OK|p|*");
    assert_true (core_idle (stage->core));
}

/*  Nobody is there to have the session. The name was claimed all the same, where it is stored. */
/*  What was refused at once has nothing behind it, and what is asked later keeps its order. */
static void test_refused_at_once_with_nothing_behind (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "HELLO|h|bob");
    stage_commit (stage);
    stage_skip (stage);
    break_disk (stage);
    stage_askf (stage, BOB, "KEY|k|bob|{\"add\":\"%s\"}", stage_key_text (7));
    stage_expect (stage, "1< ERR|k|{\"code\":\"storage\",*");
    stage->now.mono_ms += PROBE_MOST_MS;
    core_tick (stage->core, stage->now);
    const store_record_t *records;
    size_t count = 1;
    assert_true (core_take (stage->core, &records, &count));
    assert_int_equal (count, 0);
    stage_ask (stage, BOB, "SAY|1|bob|lobby|x");
    stage_askf (stage, BOB, "KEY|2|bob|{\"add\":\"%s\"}", stage_key_text (7));
    stage_ask (stage, BOB, "SAY|3|bob|lobby|y");
    stage_expect_nothing (stage);
    core_committed (stage->core, ZCHAT_STORAGE, stage->now);
    stage_expect (stage, "1< ERR|1|{\"code\":\"storage\",*", "1< ERR|2|{\"code\":\"storage\",*",
                  "1< ERR|3|{\"code\":\"storage\",*");
}

static void test_gone_while_its_hello_is_in_flight (void **state)
{
    stage_t *stage = *state;
    for (int again = 0; again < 2; again++) {
        stage_askf (stage, BOB, "HELLO|1|bob%d", again);
        assert_int_equal (stage_take (stage), 1);
        stage_askf (stage, BOB, "JOIN|2|bob%d|lobby", again);
        stage_askf (stage, BOB, "SAY|3|bob%d|lobby|x", again);
        stage_gone (stage, BOB);
        if (again) { /* another one with the same number is another one        */
            stage_key (stage, BOB, "");
            stage_ask (stage, BOB, "PING|4|bob1");
        }
        stage_land (stage);
        stage_commit (stage);
        if (again)
            stage_expect (stage, "1< ERR|4|{\"code\":\"taken\",*");
        stage_expect_nothing (stage);
        assert_int_equal (core_stats (stage->core).sessions, 0);
        assert_int_equal (core_stats (stage->core).members, 0);
        assert_int_equal (core_stats (stage->core).held, 0);
        stage_askf (stage, ANN, "HELLO|5|bob%d", again);
        stage_expect (stage, "2< ERR|5|{\"code\":\"taken\",*");
        stage_askf (stage, TAB, "HELLO|6|bob%d", again);
        stage_expect (stage, "3< OK|6|*\"proven\":true,*");
        stage_askf (stage, TAB, "BYE|7|bob%d", again);
        stage_skip (stage);
    }
    /*  And where it is not stored nothing is left.                            */
    stage_gone (stage, BOB);
    stage_key (stage, BOB, stage_key_text (1));
    stage_ask (stage, BOB, "HELLO|1|bob2");
    stage_take (stage);
    stage_gone (stage, BOB);
    stage_fail (stage);
    stage_expect_nothing (stage);
    stage_claim (stage, ANN, "bob2");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_unknown_and_stored),
        TEST (test_unknown_and_not_stored),
        TEST (test_a_load_that_fails),
        TEST (test_refused_at_once),
        TEST (test_the_probe),
        TEST (test_loaded_at_most_twice),
        TEST (test_a_load_that_is_dear),
        TEST (test_a_load_that_was_slept_through),
        TEST (test_probes_that_mislead),
        TEST (test_parked_requests_keep_their_order),
        TEST (test_parked_behind_what_is_not_stored),
        TEST (test_refused_at_once_with_nothing_behind),
        TEST (test_gone_while_its_hello_is_in_flight),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
