/*  test_keys.c - KEY: the keys of a name, and giving it up                    */
#include "stage.h"
#include <zchat/seal.h>

enum { BOB = 1, ANN = 2, EVE = 3, TAB = 4, NOBODY = 5 };
#define DAY_MS   86400000ull
#define OK_HELLO "*\"proven\":true,\"admin\":false}"
#define TAKEN    "{\"code\":\"taken\",*"

static const char *k (unsigned n)
{
    return stage_key_text (n);
}

/*  BOB, ANN and EVE have a key each, TAB has BOB's, NOBODY none.              */
static int setup (void **state)
{
    stage_t *stage = stage_new ();
    stage_key (stage, BOB, k (1));
    stage_key (stage, ANN, k (2));
    stage_key (stage, EVE, k (3));
    stage_key (stage, TAB, k (1));
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

static void key_ask (stage_t *stage, core_peer_t peer, const char *user, const char *what,
                     const char *key)
{
    stage_askf (stage, peer, "KEY|k|%s|{\"%s\":\"%s\"}", user, what, key);
    stage_commit (stage);
}

/*  --- KEY -------------------------------------------------------------------  */

/*  Where the removal is not stored, who came by the key stays; where it is, their session is
    not made anew by the next request: its program would be in no room and would not know. */
static void test_a_key_removed_in_vain (void **state)
{
    stage_t *stage = *state;
    stage_claim (stage, BOB, "bob");
    key_ask (stage, BOB, "bob", "add", k (2));
    stage_skip (stage);
    stage_claim (stage, ANN, "bob");
    stage_ask (stage, ANN, "JOIN|j|bob|lobby");
    stage_skip (stage);
    stage_askf (stage, BOB, "KEY|1|bob|{\"remove\":\"%s\"}", k (2));
    stage_take (stage);
    stage_fail (stage);
    stage_expect (stage, "1< ERR|1|{\"code\":\"storage\",*");
    stage_ask (stage, ANN, "PING|2|bob");
    stage_expect (stage, "2< OK|2|*\"heads\":{\"lobby\":0}}");
    stage_askf (stage, BOB, "KEY|3|bob|{\"remove\":\"%s\"}", k (2));
    stage_commit (stage);
    stage_expect (stage, "1< OK|3|*", "feed> room/lobby/|bob||*leave*");
    stage_ask (stage, ANN, "PING|4|bob");
    stage_expect (stage, "2< ERR|4|{\"code\":\"hello\",*");
}

static void test_adding_and_removing_keys (void **state)
{
    stage_t *stage = *state;
    char line[300];
    stage_claim (stage, BOB, "bob");
    key_ask (stage, BOB, "bob", "add", k (2));
    snprintf (line, sizeof line,
              "1< OK|k|{\"user\":\"bob\",\"proven\":true,\"keys\":[\"%s\",\"%s\"]}", k (1), k (2));
    stage_expect (stage, line);
    key_ask (stage, BOB, "bob", "add", k (2));
    stage_expect (stage, line);
    stage_claim (stage, ANN, "bob");
    stage_ask (stage, ANN, "JOIN|j|bob|lobby");
    stage_skip (stage);
    /*  who came by the key goes, who came by another stays                    */
    key_ask (stage, BOB, "bob", "remove", k (2));
    snprintf (line, sizeof line, "1< OK|k|*[\"%s\"]}", k (1));
    stage_expect (stage, line, "feed> room/lobby/|bob||*leave*");
    stage_ask (stage, ANN, "SAY|1|bob|lobby|hi");
    stage_ask (stage, BOB, "PING|2|bob");
    stage_expect (stage, "2< ERR|1|{\"code\":\"hello\",*", "1< OK|2|*");
    stage_ask (stage, ANN, "HELLO|3|bob");
    stage_expect (stage, "2< ERR|3|" TAKEN);
    key_ask (stage, BOB, "bob", "remove", k (2));
    key_ask (stage, BOB, "bob", "remove", k (1));
    key_ask (stage, BOB, "bob", "add", "nonsense");
    key_ask (stage, BOB, "bob", "add", "");
    stage_expect (stage, "1< ERR|k|{\"code\":\"nobody\",*",
                  "1< ERR|k|{\"code\":\"limit\",*last key*", "1< ERR|k|{\"code\":\"malformed\",*",
                  "1< ERR|k|{\"code\":\"malformed\",*");
    for (unsigned i = 10; i < 9 + ZCHAT_NAME_KEYS_MAX; i++)
        key_ask (stage, BOB, "bob", "add", k (i));
    stage_skip (stage);
    key_ask (stage, BOB, "bob", "add", k (20));
    stage_expect (stage, "1< ERR|k|*\"limit\":8,\"what\":\"keys\"}");
    /*  one's own key: the session is over once it has been answered           */
    key_ask (stage, BOB, "bob", "remove", k (1));
    stage_expect (stage, "1< OK|k|*");
    stage_ask (stage, BOB, "JOIN|3|bob|lobby");
    stage_ask (stage, BOB, "HELLO|4|bob");
    stage_expect (stage, "1< ERR|3|{\"code\":\"hello\",*", "1< ERR|4|" TAKEN);
}

/*  Whose key was removed is out, whether or not who removed it waits for the answer.  */
static void test_a_key_removed_by_one_who_left (void **state)
{
    stage_t *stage = *state;
    stage_claim (stage, BOB, "bob");
    key_ask (stage, BOB, "bob", "add", k (2));
    stage_skip (stage);
    stage_claim (stage, ANN, "bob");
    stage_ask (stage, ANN, "JOIN|j|bob|lobby");
    stage_skip (stage);
    stage_askf (stage, BOB, "KEY|1|bob|{\"remove\":\"%s\"}", k (2));
    stage_take (stage);
    stage_gone (stage, BOB);
    stage_land (stage);
    stage_expect (stage, "feed> room/lobby/|bob||*leave*");
    stage_ask (stage, ANN, "PING|2|bob");
    stage_expect (stage, "2< ERR|2|{\"code\":\"hello\",*");
}

static void test_what_key_does_not_take (void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"free\":false}",
        "{\"free\":true,\"add\":\"x\"}",
        "{\"add\":\"x\",\"remove\":\"x\"}",
        "{\"add\":7}",
        "{\"free\":true,\"vouch\":\"x\"}",
        "{\"add\":null}",
        "[]",
        "{",
        "",
    };
    stage_t *stage = *state;
    stage_hello (stage, NOBODY, "ivan");
    stage_ask (stage, ANN, "KEY|1|ann|{\"free\":true}");
    stage_ask (stage, NOBODY, "KEY|2|ivan|{\"free\":true}");
    stage_expect (stage, "2< ERR|1|{\"code\":\"hello\",*", "5< ERR|2|{\"code\":\"proof\",*");
    stage_claim (stage, BOB, "bob");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        stage_askf (stage, BOB, "KEY|3|bob|%s", bad[i]);
        stage_expect (stage, "1< ERR|3|{\"code\":\"malformed\",*");
    }
    stage_claim (stage, EVE, "eve");
    stage_ask (stage, EVE, "KEY|4|eve|{\"free\":true,\"user\":\"bob\"}");
    stage_askf (stage, EVE, "KEY|5|eve|{\"add\":\"%s\",\"user\":\"bob\"}", k (3));
    stage_ask (stage, EVE, "KEY|6|eve|{\"free\":true,\"user\":7}");
    stage_expect (stage, "3< ERR|4|{\"code\":\"operator\",*", "3< ERR|5|{\"code\":\"operator\",*",
                  "3< ERR|6|{\"code\":\"operator\",*");
    assert_int_equal (stage_take (stage), 0);
}

/*  What one key says for another is kept with it and told with it, and goes with it. */
static void test_a_vouch_is_kept_and_told (void **state)
{
    stage_t *stage = *state;
    char vouch[ZCHAT_VOUCH_TEXT + 1], line[1024];
    memset (vouch, 'A', ZCHAT_VOUCH_TEXT);
    vouch[ZCHAT_VOUCH_TEXT] = '\0';
    stage_claim (stage, BOB, "bob");
    static const char *const bad[] = {"7", "null", "{}", "\"\"", "\"AAAA\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        stage_askf (stage, BOB, "KEY|1|bob|{\"add\":\"%s\",\"vouch\":%s}", k (2), bad[i]);
        stage_expect (stage, "1< ERR|1|{\"code\":\"malformed\",*");
    }
    vouch[7] = '*';
    stage_askf (stage, BOB, "KEY|1|bob|{\"add\":\"%s\",\"vouch\":\"%s\"}", k (2), vouch);
    vouch[7] = 'A';
    stage_askf (stage, BOB, "KEY|1|bob|{\"remove\":\"%s\",\"vouch\":\"%s\"}", k (1), vouch);
    stage_expect (stage, "1< ERR|1|{\"code\":\"malformed\",*",
                  "1< ERR|1|{\"code\":\"malformed\",*");
    for (unsigned key = 2; key <= ZCHAT_NAME_KEYS_MAX; key++) {
        stage_askf (stage, BOB, "KEY|2|bob|{\"add\":\"%s\",\"vouch\":\"%s\"}", k (key), vouch);
        stage_commit (stage);
    }
    stage_skip (stage);
    snprintf (line, sizeof line, "99< OK|k|{*\"keys\":[*],\"vouches\":{*\"%s\":\"%s\"*}}", k (2),
              vouch);
    for (int i = 0; i < 2; i++) {
        stage_ask (stage, 99, "KEYS|k||bob");
        stage_expect (stage, line);
        stage_restart (stage);
    }
    /*  Again, and said anew by another key; then without.                     */
    vouch[0] = 'B';
    stage_ask (stage, BOB, "HELLO|3|bob");
    stage_skip (stage);
    stage_askf (stage, BOB, "KEY|4|bob|{\"add\":\"%s\",\"vouch\":\"%s\"}", k (2), vouch);
    stage_askf (stage, BOB, "KEY|5|bob|{\"add\":\"%s\"}", k (2));
    stage_commit (stage);
    snprintf (line, sizeof line, "*\"%s\":\"%s\"*", k (2), vouch);
    stage_expect (stage, line, line);
    for (unsigned key = 2; key <= ZCHAT_NAME_KEYS_MAX; key++)
        key_ask (stage, BOB, "bob", "remove", k (key));
    stage_skip (stage);
    snprintf (line, sizeof line, "99< OK|k|{\"user\":\"bob\",\"proven\":true,\"keys\":[\"%s\"]}",
              k (1));
    stage_ask (stage, 99, "KEYS|k||bob");
    stage_expect (stage, line);
}

static void test_a_freed_name_cools_and_inherits_nothing (void **state)
{
    stage_t *stage = *state;
    stage_claim (stage, BOB, "bob");
    stage_claim (stage, TAB, "bob");
    stage_claim (stage, EVE, "eve");
    stage_ask (stage, BOB, "SAY|1|bob|dev|hi");
    stage_ask (stage, EVE, "TELL|2|eve|bob|for bob alone");
    stage_ask (stage, BOB, "JOIN|3|bob|den|{\"private\":true}");
    stage_commit (stage);
    stage_gone (stage, TAB);
    stage_skip (stage);
    stage_ask (stage, BOB, "KEY|4|bob|{\"free\":true}");
    stage_commit (stage);
    stage_expect (stage, "1< OK|4|{\"user\":\"bob\",\"proven\":false,\"keys\":[]}");
    assert_int_equal (core_stats (stage->core).sessions, 1);
    stage_ask (stage, BOB, "JOIN|5|bob|den");
    stage_ask (stage, BOB, "HELLO|6|bob");
    stage_ask (stage, NOBODY, "HELLO|7|Bob");
    stage_expect (stage, "1< ERR|5|{\"code\":\"hello\",*", "1< ERR|6|*\"wait_ms\":2592000000}",
                  "5< ERR|7|*\"wait_ms\":2592000000}");
    stage_ask (stage, EVE, "TELL|8|eve|bob|still there?");
    stage_expect (stage, "3< ERR|8|{\"code\":\"nobody\",*");
    stage_wait (stage, 29u * DAY_MS);
    stage_restart (stage);
    stage_ask (stage, ANN, "HELLO|9|bob");
    stage_expect (stage, "2< ERR|9|*\"wait_ms\":86400000}");
    stage_wait (stage, DAY_MS - 1);
    stage_ask (stage, ANN, "HELLO|10|bob");
    stage_expect (stage, "2< ERR|10|*\"wait_ms\":1}");
    stage_wait (stage, 1);
    for (int fails = 1; fails >= 0; fails--) {
        stage_ask (stage, ANN, "HELLO|11|bob");
        /*  the old owner is no more, and the new one is there: in one commit  */
        assert_int_equal (stage_take (stage), 2);
        if (fails)
            stage_fail (stage);
        else
            stage_land (stage);
        stage_expect (stage, fails ? "2< ERR|11|*storage*" : "2< OK|11|*" OK_HELLO);
    }
    stage_ask (stage, ANN, "JOIN|12|bob|@");
    stage_ask (stage, ANN, "JOIN|13|bob|dev");
    stage_ask (stage, ANN, "JOIN|14|bob|den");
    stage_ask (stage, ANN, "REMOVE|15|bob|dev|1");
    stage_read (stage);
    stage_commit (stage);
    stage_expect (stage, "2< OK|12|{\"room\":\"@\",\"head\":0,*", "2< OK|13|*\"role\":\"\"}",
                  "feed> *join*", "2< ERR|14|{\"code\":\"private\",*", "read> 1",
                  "2< ERR|15|{\"code\":\"operator\",*");
    stage_restart (stage);
    stage_ask (stage, BOB, "HELLO|16|bob");
    stage_ask (stage, ANN, "HELLO|17|bob");
    stage_expect (stage, "1< ERR|16|" TAKEN, "2< OK|17|*");
}

/*  Roles, mail and bans hang on the number.                                   */
static void test_no_number_is_used_twice (void **state)
{
    stage_t *stage = *state;
    for (int life = 0; life < 3; life++) {
        stage_claim (stage, BOB, "bob");
        stage_ask (stage, BOB, "JOIN|1|bob|@");
        stage_ask (stage, BOB, "TELL|2|bob|bob|note to self");
        stage_commit (stage);
        stage_expect (stage, "1< OK|1|{\"room\":\"@\",\"head\":0,*",
                      "1< EVENT||room/@/|bob|note to self|*\"seq\":1,*", "1< OK|2|{\"seq\":1,*");
        stage_ask (stage, BOB, "KEY|3|bob|{\"free\":true}");
        stage_commit (stage);
        stage_skip (stage);
        /*  the last number is that of a freed name, and then of one that is no more  */
        stage_restart (stage);
        stage_wait (stage, 30u * DAY_MS);
    }
    stage_claim (stage, ANN, "bob");
    stage_claim (stage, EVE, "eve");
    stage_restart (stage);
    stage_claim (stage, EVE, "eve");
    stage_ask (stage, EVE, "JOIN|4|eve|@");
    stage_expect (stage, "3< OK|4|{\"room\":\"@\",\"head\":0,*");
}

static void test_a_free_that_fails_changes_nothing (void **state)
{
    stage_t *stage = *state;
    stage_claim (stage, BOB, "bob");
    stage_ask (stage, BOB, "KEY|1|bob|{\"free\":true}");
    stage_take (stage);
    stage_fail (stage);
    stage_ask (stage, ANN, "HELLO|2|bob");
    stage_expect (stage, "1< ERR|1|*storage*", "2< ERR|2|" TAKEN);
    stage_claim (stage, BOB, "bob");
}

/*  Who got in while the name was nobody's has to go when it was not given up after all.  */
static void test_a_free_that_fails_late (void **state)
{
    stage_t *stage = *state;
    stage_claim (stage, BOB, "bob");
    stage_ask (stage, BOB, "KEY|1|bob|{\"free\":true}");
    stage_take (stage);
    stage_wait (stage, 30u * DAY_MS);
    stage_ask (stage, NOBODY, "HELLO|h|bob");
    stage_expect_nothing (stage);
    stage_fail (stage);
    stage_expect (stage, "1< ERR|1|{\"code\":\"storage\",*", "5< ERR|h|" TAKEN);
    stage_ask (stage, NOBODY, "JOIN|2|bob|lobby");
    stage_ask (stage, NOBODY, "HELLO|3|bob");
    stage_expect (stage, "5< ERR|2|{\"code\":\"hello\",*", "5< ERR|3|" TAKEN);
}

static void test_an_admin_frees (void **state)
{
    stage_t *stage = *state;
    stage_admin (stage, k (2));
    stage_restart (stage);
    stage_claim (stage, BOB, "bob");
    stage_ask (stage, ANN, "HELLO|1|ann");
    stage_commit (stage);
    stage_expect (stage, "2< OK|1|*\"admin\":true}");
    stage_ask (stage, ANN, "KEY|2|ann|{\"free\":true,\"user\":\"eve\"}");
    stage_askf (stage, ANN, "KEY|3|ann|{\"add\":\"%s\",\"user\":\"bob\"}", k (2));
    stage_ask (stage, ANN, "KEY|4|ann|{\"free\":true,\"user\":\"b b\"}");
    stage_ask (stage, ANN, "KEY|5|ann|{\"free\":true,\"user\":\"BOB\"}");
    stage_commit (stage);
    stage_expect (stage, "2< ERR|2|*nobody*", "2< ERR|3|*operator*",
                  "2< ERR|4|{\"code\":\"name\",*", "2< OK|5|{\"user\":\"bob\",\"proven\":false,*");
    stage_ask (stage, BOB, "JOIN|6|bob|lobby");
    stage_ask (stage, ANN, "JOIN|7|ann|lobby");
    stage_expect (stage, "1< ERR|6|{\"code\":\"hello\",*", "2< OK|7|*", "feed> *join*");
}

/*  --- bounds ----------------------------------------------------------------  */

static void claim_many (stage_t *stage, core_peer_t peer, const char *prefix)
{
    char name[16];
    for (int i = 0; i < ZCHAT_KEY_NAMES_MAX; i++) {
        snprintf (name, sizeof name, "%s%d", prefix, i);
        stage_claim (stage, peer, name);
        stage_askf (stage, peer, "BYE|b|%s", name);
        stage_skip (stage);
    }
}

static void test_names_of_a_key (void **state)
{
    stage_t *stage = *state;
    claim_many (stage, BOB, "b");
    stage_restart (stage);
    stage_ask (stage, BOB, "HELLO|1|more");
    stage_expect (stage, "1< ERR|1|*\"limit\":8,\"what\":\"names of a key\"}");
    /*  freeing and claiming does not use up the names                         */
    stage_claim (stage, BOB, "b0");
    stage_ask (stage, BOB, "KEY|2|b0|{\"free\":true}");
    stage_commit (stage);
    stage_ask (stage, BOB, "HELLO|3|more");
    stage_expect (stage, "1< OK|2|*", "1< ERR|3|*\"limit\":8,*");
    stage_wait (stage, 30u * DAY_MS);
    stage_claim (stage, BOB, "more");
}

static void test_nobody_uses_up_anothers_claims (void **state)
{
    stage_t *stage = *state;
    for (int i = 0; i < ZCHAT_KEY_NAMES_MAX; i++) {
        char name[16];
        snprintf (name, sizeof name, "e%d", i);
        stage_claim (stage, EVE, name);
        key_ask (stage, EVE, name, "add", k (1));
        key_ask (stage, EVE, name, "remove", k (3));
        stage_expect (stage, "3< OK|k|*", "3< OK|k|*");
    }
    stage_claim (stage, BOB, "bob");
    /*  nor is who gave its names away free to claim more                      */
    stage_ask (stage, EVE, "HELLO|1|eve");
    stage_expect (stage, "3< ERR|1|*\"limit\":8,*");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_a_key_removed_in_vain),
        TEST (test_adding_and_removing_keys),
        TEST (test_a_key_removed_by_one_who_left),
        TEST (test_what_key_does_not_take),
        TEST (test_a_vouch_is_kept_and_told),
        TEST (test_a_freed_name_cools_and_inherits_nothing),
        TEST (test_no_number_is_used_twice),
        TEST (test_a_free_that_fails_changes_nothing),
        TEST (test_a_free_that_fails_late),
        TEST (test_an_admin_frees),
        TEST (test_names_of_a_key),
        TEST (test_nobody_uses_up_anothers_claims),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
