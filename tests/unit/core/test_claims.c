/*  test_claims.c - whose a name is: claims, tokens, KEYS                      */
#include "stage.h"

enum { BOB = 1, ANN = 2, EVE = 3, TAB = 4, NOBODY = 5 };
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

/*  What KEYS says to a guest about a name.                                    */
static void keys_are (stage_t *stage, const char *name, const char *pattern)
{
    char line[512];
    stage_askf (stage, 99, "KEYS|k||%s", name);
    snprintf (line, sizeof line, "99< %s", pattern);
    stage_expect (stage, line);
}

/*  --- claims ----------------------------------------------------------------  */

static void test_hello_claims_and_waits (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "HELLO|1|Bob");
    stage_expect_nothing (stage);
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, BOB, "HELLO|2|bob");
    stage_ask (stage, TAB, "HELLO|3|bob");
    stage_ask (stage, 99, "KEYS|4||bob");
    stage_expect_nothing (stage);
    stage_ask (stage, ANN, "HELLO|5|bob");
    stage_expect_nothing (stage);
    stage_land (stage);
    stage_expect (stage, "1< OK|1|*\"user\":\"Bob\",*\"resumed\":false,\"proven\":true,*",
                  "1< OK|2|*\"proven\":true,*", "4< OK|3|*\"user\":\"Bob\",*\"proven\":true,*",
                  "99< OK|4|{\"user\":\"Bob\",\"proven\":true,\"keys\":[\"*\"]}",
                  "2< ERR|5|{\"code\":\"taken\",*");
    /*  what is on disk already is told at once                                */
    stage_ask (stage, ANN, "HELLO|6|ann");
    assert_int_equal (stage_take (stage), 1);
    stage_land (stage);
    stage_skip (stage);
    stage_ask (stage, BOB, "HELLO|7|bob");
    stage_expect (stage, "1< OK|7|*");
}

/*  A key that does not ask holds a free name while it is here, and no longer. */
static void test_a_passing_key_holds (void **state)
{
    stage_t *stage = *state;
    stage->passing = true;
    stage_ask (stage, BOB, "HELLO|1|bob");
    stage_ask (stage, ANN, "SAY|2|BOB|lobby|I am bob");
    stage_ask (stage, ANN, "HELLO|3|bob|{\"claim\":true}");
    stage_ask (stage, TAB, "HELLO|4|bob");
    stage_ask (stage, BOB, "JOIN|5|bob|den|{\"private\":true}");
    stage_expect (stage, "1< OK|1|*\"proven\":false,*", "2< ERR|2|" TAKEN, "2< ERR|3|" TAKEN,
                  "4< ERR|4|" TAKEN, "1< ERR|5|{\"code\":\"proof\",*");
    keys_are (stage, "bob", "OK|k|{\"user\":\"bob\",\"proven\":false,\"keys\":[]}");
    assert_int_equal (stage_take (stage), 0);
    stage_ask (stage, BOB, "BYE|6|bob");
    stage_ask (stage, BOB, "SAY|7|eve|lobby|hi");
    stage_commit (stage);
    stage_expect (stage, "1< OK|6|*", "feed> room/lobby/|eve|hi|*", "1< OK|7|*");
    stage_ask (stage, ANN, "HELLO|8|bob|{\"claim\":true}");
    stage_commit (stage);
    stage_ask (stage, TAB, "HELLO|9|bob|{\"claim\":true}");
    stage_expect (stage, "2< OK|8|*" OK_HELLO, "4< ERR|9|" TAKEN);
    /*  What is claimed is opened without asking again.                        */
    stage_ask (stage, ANN, "HELLO|10|bob");
    stage_expect (stage, "2< OK|10|*" OK_HELLO);
    static const char *const others[] = {"false", "1", "\"yes\"", "null"};
    for (size_t i = 0; i < 4; i++) {
        stage_askf (stage, EVE, "HELLO|11|eva|{\"claim\":%s}", others[i]);
        stage_expect (stage, "3< OK|11|*\"proven\":false,*");
    }
}

/*  A token gives its name; the key that came with it opens it afterwards where it is kept.  */
static void test_a_token_brings_keys (void **state)
{
    stage_t *stage = *state;
    stage->passing = true;
    stage_token (stage, "boss", "c0de");
    stage_ask (stage, EVE, "HELLO|1|boss|{\"token\":\"c0de\"}");
    stage_commit (stage);
    stage_expect (stage, "3< OK|1|*" OK_HELLO);
    keys_are (stage, "boss", "OK|k|{\"user\":\"boss\",\"proven\":true,\"keys\":[]}");
    stage_ask (stage, EVE, "BYE|2|boss");
    stage_ask (stage, EVE, "HELLO|3|boss|{\"claim\":true}");
    stage_expect (stage, "3< OK|2|*", "3< ERR|3|" TAKEN);
    for (unsigned peer = BOB; peer <= ANN; peer++) {
        stage_askf (stage, peer, "HELLO|4|boss|{\"token\":\"c0de\",\"claim\":true}");
        stage_commit (stage);
        stage_skip (stage);
    }
    char line[256];
    snprintf (line, sizeof line, "OK|k|{*\"keys\":[\"%s\",\"%s\"]}", k (1), k (2));
    keys_are (stage, "boss", line);
    /*  From then on the key alone does it, over a restart and without the token.  */
    stage->n_tokens = 0;
    stage_restart (stage);
    stage_ask (stage, TAB, "HELLO|5|boss");
    stage_ask (stage, ANN, "HELLO|6|boss");
    stage_expect (stage, "4< OK|5|*" OK_HELLO, "2< OK|6|*" OK_HELLO);
}

/*  No more than a name may have: the token goes on opening it.                */
static void test_a_token_brings_so_many_keys (void **state)
{
    stage_t *stage = *state;
    stage_token (stage, "boss", "c0de");
    for (unsigned i = 0; i <= ZCHAT_NAME_KEYS_MAX; i++) {
        stage_key (stage, 20 + i, k (20 + i));
        stage_askf (stage, 20 + i, "HELLO|1|boss|{\"token\":\"c0de\"}");
        if (i < ZCHAT_NAME_KEYS_MAX)
            stage_commit (stage);
    }
    stage_ask (stage, 20 + ZCHAT_NAME_KEYS_MAX, "PING|2|boss");
    stage_skip (stage);
    stage_restart (stage);
    stage_ask (stage, 20 + ZCHAT_NAME_KEYS_MAX - 1, "HELLO|3|boss");
    stage_ask (stage, 20 + ZCHAT_NAME_KEYS_MAX, "HELLO|4|boss");
    stage_expect (stage, "27< OK|3|*" OK_HELLO, "28< ERR|4|" TAKEN);
}

static void test_a_claim_that_fails_leaves_nobody (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "HELLO|1|bob");
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, TAB, "HELLO|2|bob");
    stage_ask (stage, BOB, "JOIN|3|bob|lobby");
    stage_ask (stage, BOB, "SAY|4|bob|lobby|hi");
    stage_expect_nothing (stage);
    stage_fail (stage);
    stage_expect (stage, "1< ERR|1|{\"code\":\"storage\",*", "1< ERR|3|{\"code\":\"storage\",*",
                  "1< ERR|4|{\"code\":\"storage\",*");
    /*  another who waited claims it now, and in vain too                      */
    assert_int_equal (stage_take (stage), 1);
    stage_fail (stage);
    stage_expect (stage, "4< ERR|2|{\"code\":\"storage\",*");
    stage_mend (stage);
    core_stats_t stats = core_stats (stage->core);
    assert_int_equal (stats.sessions + stats.members + stats.rooms, 0);
    stage_ask (stage, BOB, "JOIN|5|bob|lobby");
    stage_ask (stage, TAB, "TELL|6|bob|ann|hi");
    stage_expect (stage, "1< ERR|5|{\"code\":\"hello\",*", "4< ERR|6|{\"code\":\"hello\",*");
    keys_are (stage, "bob", "ERR|k|{\"code\":\"nobody\",*");
    /*  it was nobody's: who comes first has it                                */
    stage_claim (stage, ANN, "bob");
    stage_ask (stage, BOB, "HELLO|7|bob");
    stage_expect (stage, "1< ERR|7|" TAKEN);
}

static void test_a_number_given_back_is_not_another_ones (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, BOB, "HELLO|1|bob");
    stage_take (stage);
    stage_fail (stage);
    stage_skip (stage);
    stage_claim (stage, ANN, "ann");
    stage_ask (stage, ANN, "JOIN|2|ann|secrets|{\"private\":true}");
    stage_commit (stage);
    stage_skip (stage);
    /*  ann's owner has the number that bob's had                              */
    stage_ask (stage, BOB, "JOIN|3|bob|secrets");
    stage_ask (stage, BOB, "JOIN|4|bob|@");
    stage_ask (stage, BOB, "KEY|5|bob|{\"free\":true}");
    stage_expect (stage, "1< ERR|3|{\"code\":\"hello\",*", "1< ERR|4|{\"code\":\"hello\",*",
                  "1< ERR|5|{\"code\":\"hello\",*");
    stage_ask (stage, BOB, "HISTORY|6|bob|secrets");
    stage_commit (stage);
    stage_expect (stage, "1< ERR|6|{\"code\":\"hello\",*");
    stage_ask (stage, ANN, "KEYS|7|ann");
    stage_expect (stage, "2< OK|7|{\"user\":\"ann\",*");
}

static void test_a_key_that_was_not_added_opens_nothing (void **state)
{
    stage_t *stage = *state;
    stage_claim (stage, BOB, "bob");
    stage_askf (stage, BOB, "KEY|1|bob|{\"add\":\"%s\"}", k (2));
    assert_int_equal (stage_take (stage), 1);
    stage_ask (stage, ANN, "HELLO|2|bob");
    stage_expect_nothing (stage);
    stage_fail (stage);
    stage_expect (stage, "1< ERR|1|{\"code\":\"storage\",*", "2< ERR|2|" TAKEN);
    stage_ask (stage, ANN, "JOIN|3|bob|lobby");
    stage_ask (stage, ANN, "HELLO|4|bob");
    stage_ask (stage, BOB, "KEYS|5|bob");
    char line[128];
    snprintf (line, sizeof line, "1< OK|5|{*[\"%s\"]}", k (1));
    stage_expect (stage, "2< ERR|3|{\"code\":\"hello\",*", "2< ERR|4|" TAKEN, line);
}

static void test_a_name_stays_its_owners (void **state)
{
    static const char *const spellings[] = {"cop", "COP", "Cop", "сор", "ｃｏｐ", "СОР"};
    stage_t *stage = *state;
    stage_claim (stage, BOB, "cop");
    for (int restarts = 0; restarts < 2; restarts++) {
        for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
            stage_askf (stage, ANN, "HELLO|1|%s", spellings[i]);
            stage_askf (stage, ANN, "SAY|2|%s|lobby|hi", spellings[i]);
            stage_askf (stage, NOBODY, "HELLO|3|%s", spellings[i]);
            stage_askf (stage, NOBODY, "WHO|4|%s|lobby", spellings[i]);
            stage_expect (stage, "2< ERR|1|" TAKEN, "2< ERR|2|" TAKEN, "5< ERR|3|" TAKEN,
                          "5< ERR|4|" TAKEN);
            stage_askf (stage, TAB, "HELLO|5|%s", spellings[i]);
            stage_expect (stage, "4< OK|5|*\"user\":\"cop\"" OK_HELLO);
            stage_gone (stage, TAB);
        }
        stage_wait (stage, 10000);
        stage_restart (stage);
    }
}

static void test_what_is_held_is_not_free (void **state)
{
    stage_t *stage = *state;
    stage_hello (stage, NOBODY, "bob");
    stage_ask (stage, BOB, "HELLO|1|bob");
    stage_expect (stage, "1< ERR|1|{\"code\":\"taken\",*");
    assert_int_equal (stage_take (stage), 0);
    stage_gone (stage, NOBODY);
    stage_ask (stage, BOB, "HELLO|2|bob");
    stage_expect (stage, "1< ERR|2|*\"wait_ms\":5001}");
    stage_wait (stage, 5001);
    stage_claim (stage, BOB, "bob");
}

/*  --- sessions --------------------------------------------------------------  */

static void test_resuming_wants_secret_and_key (void **state)
{
    char secret[65];
    stage_t *stage = *state;
    stage_claim (stage, BOB, "bob");
    stage_ask (stage, BOB, "JOIN|j|bob|lobby");
    stage_skip (stage);
    memset (secret, '0', 64);
    for (int i = 1; i < 64; i += 2)
        secret[i] = '1';
    secret[64] = '\0';
    stage_askf (stage, ANN, "HELLO|1|bob|{\"session\":\"%s\"}", secret);
    stage_askf (stage, NOBODY, "HELLO|2|bob|{\"session\":\"%s\"}", secret);
    stage_expect (stage, "2< ERR|1|" TAKEN, "5< ERR|2|" TAKEN);
    /*  the key without the secret is another session                          */
    stage_ask (stage, TAB, "HELLO|3|bob");
    stage_expect (stage, "4< OK|3|*\"resumed\":false*");
    stage_gone (stage, TAB);
    stage_askf (stage, TAB, "HELLO|4|bob|{\"session\":\"%s\"}", secret);
    stage_ask (stage, TAB, "PING|5|bob");
    stage_ask (stage, BOB, "JOIN|6|bob|lobby");
    stage_expect (stage, "4< OK|4|*\"resumed\":true,\"proven\":true*",
                  "4< OK|5|*\"heads\":{\"lobby\":0}}", "1< ERR|6|{\"code\":\"hello\",*");
}

static void test_sixteen_sessions (void **state)
{
    stage_t *stage = *state;
    stage_claim (stage, BOB, "bob");
    for (core_peer_t peer = 10; peer < 10 + ZCHAT_NAME_SESSIONS_MAX; peer++)
        stage_key (stage, peer, k (1));
    for (core_peer_t peer = 10; peer < 9 + ZCHAT_NAME_SESSIONS_MAX; peer++)
        stage_hello (stage, peer, "bob");
    stage_ask (stage, 25, "HELLO|1|bob");
    stage_ask (stage, 25, "SAY|2|bob|lobby|hi");
    stage_expect (stage, "25< ERR|1|*\"limit\":16,*", "25< ERR|2|*\"limit\":16,*");
    /*  a lost one makes room                                                  */
    stage_gone (stage, 12);
    stage_hello (stage, 25, "bob");
    assert_int_equal (core_stats (stage->core).sessions, 16);
    stage_ask (stage, 13, "BYE|3|bob");
    stage_skip (stage);
    stage_hello (stage, 12, "bob");
}

/*  --- tokens ----------------------------------------------------------------  */

static void test_reserved_names (void **state)
{
    stage_t *stage = *state;
    stage_ask (stage, NOBODY, "HELLO|1|Admin");
    stage_ask (stage, EVE, "HELLO|2|zchatd");
    stage_ask (stage, EVE,
               "SAY|3|\xd0\xa1\xd0\xb8\xd1\x81\xd1\x82\xd0\xb5\xd0\xbc\xd0\xb0|lobby|hi");
    stage_ask (stage, EVE,
               "HELLO|3|\xd0\x9e\xd0\xbf\xd0\xb5\xd1\x80\xd0\xb0\xd1\x82\xd0\xbe\xd1\x80");
    stage_expect (stage, "5< ERR|1|{\"code\":\"name\",*", "3< ERR|2|{\"code\":\"name\",*",
                  "3< ERR|3|{\"code\":\"name\",*", "3< ERR|3|{\"code\":\"name\",*");
    stage_token (stage, "system", "c0de");
    stage_ask (stage, NOBODY, "HELLO|4|system|{\"token\":\"c0de\"}");
    stage_ask (stage, EVE, "HELLO|5|administratorin");
    stage_commit (stage);
    stage_expect (stage, "5< OK|4|*", "3< OK|5|*");
}

static void test_tokens (void **state)
{
    stage_t *stage = *state;
    stage_token (stage, "boss", "c0de");
    stage_ask (stage, NOBODY, "HELLO|1|boss");
    stage_ask (stage, EVE, "HELLO|2|Boss");
    stage_ask (stage, EVE, "SAY|3|boss|lobby|hi");
    stage_ask (stage, EVE, "HELLO|4|boss|{\"token\":\"c0d\"}");
    stage_ask (stage, EVE, "HELLO|5|boss|{\"token\":7}");
    stage_ask (stage, EVE, "HELLO|6|boss|{\"token\":\"\"}");
    stage_ask (stage, EVE, "HELLO|7|eve|{\"token\":\"c0de\"}");
    stage_expect (stage, "5< ERR|1|{\"code\":\"token\",*", "3< ERR|2|{\"code\":\"token\",*",
                  "3< ERR|3|{\"code\":\"token\",*", "3< ERR|4|{\"code\":\"token\",*",
                  "3< ERR|5|{\"code\":\"malformed\",*", "3< ERR|6|{\"code\":\"malformed\",*",
                  "3< ERR|7|{\"code\":\"token\",*");
    stage_insecure (stage, 6);
    stage_ask (stage, 6, "HELLO|8|boss|{\"token\":\"c0de\"}");
    stage_expect (stage, "6< ERR|8|{\"code\":\"token\",\"text\":\"*unencrypted*");
    assert_int_equal (stage_take (stage), 0);
    stage_ask (stage, NOBODY, "HELLO|9|boss|{\"token\":\"c0de\"}");
    stage_commit (stage);
    stage_expect (stage, "5< OK|9|*" OK_HELLO);
    keys_are (stage, "boss", "OK|k|{\"user\":\"boss\",\"proven\":true,\"keys\":[]}");
    stage_restart (stage);
    stage_ask (stage, EVE, "HELLO|10|boss");
    stage_ask (stage, BOB, "HELLO|11|boss|{\"token\":\"c0de\"}");
    stage_commit (stage);
    stage_expect (stage, "3< ERR|10|" TAKEN, "1< OK|11|*" OK_HELLO);
}

static void test_a_token_puts_out_who_held_the_name (void **state)
{
    stage_t *stage = *state;
    stage_enter (stage, NOBODY, "boss", "lobby");
    stage_token (stage, "boss", "c0de");
    stage_ask (stage, 6, "HELLO|1|boss|{\"token\":\"c0de\"}");
    stage_commit (stage);
    stage_expect (stage, "6< OK|1|*" OK_HELLO, "feed> room/lobby/|boss||*\"reason\":\"lost\"*");
    stage_ask (stage, NOBODY, "SAY|2|boss|lobby|hi");
    stage_ask (stage, NOBODY, "JOIN|3|boss|lobby");
    stage_expect (stage, "5< ERR|2|{\"code\":\"hello\",*", "5< ERR|3|{\"code\":\"hello\",*");
}

/*  What waits for a claim is bounded, as all that waits.                      */
static void test_a_flood_behind_a_claim (void **state)
{
    static const quota_t unbounded[QUOTA_COUNT];
    stage_t *stage = *state;
    stage->quotas = unbounded;
    stage_restart (stage);
    stage_ask (stage, BOB, "HELLO|1|bob");
    assert_int_equal (stage_take (stage), 1);
    for (int i = 0; i < ZCHAT_PEER_PENDING_MAX; i++)
        stage_askf (stage, i % 2 ? BOB : 99, i % 2 ? "HELLO|2|bob" : "KEYS|2||bob");
    stage_expect_nothing (stage);
    for (int i = 0; i < ZCHAT_PEER_PENDING_MAX; i++)
        stage_askf (stage, i % 2 ? BOB : 99, i % 2 ? "HELLO|3|bob" : "KEYS|3||bob");
    assert_int_equal (core_stats (stage->core).held, 2 * ZCHAT_PEER_PENDING_MAX);
    stage_skip (stage);
    stage_ask (stage, BOB, "HELLO|4|bob");
    stage_ask (stage, 99, "KEYS|4||bob");
    stage_expect (stage, "1< ERR|4|{\"code\":\"slow\",*", "99< ERR|4|{\"code\":\"slow\",*");
    stage_land (stage);
    stage_skip (stage);
    assert_true (core_idle (stage->core));
}

/*  Who came by a token stays when a key of the same connection goes.          */
static void test_a_token_outlives_a_key (void **state)
{
    stage_t *stage = *state;
    stage_token (stage, "boss", "c0de");
    stage_ask (stage, EVE, "HELLO|1|boss|{\"token\":\"c0de\"}");
    stage_commit (stage);
    stage_askf (stage, EVE, "KEY|2|boss|{\"add\":\"%s\"}", k (1));
    stage_commit (stage);
    stage_skip (stage);
    stage_claim (stage, BOB, "boss");
    stage_askf (stage, BOB, "KEY|3|boss|{\"remove\":\"%s\"}", k (3));
    stage_commit (stage);
    stage_ask (stage, EVE, "JOIN|4|boss|lobby");
    stage_expect (stage, "1< OK|3|*", "3< OK|4|*", "feed> *join*");
    /*  to come back it needs one of them                                      */
    stage_gone (stage, EVE);
    stage_skip (stage);
    stage->passing = true;
    stage_ask (stage, EVE, "HELLO|5|boss");
    stage_ask (stage, EVE, "HELLO|6|boss|{\"token\":\"c0de\"}");
    stage_expect (stage, "3< ERR|5|" TAKEN, "3< OK|6|*");
}

/*  --- attack ----------------------------------------------------------------  */

enum { PEERS = 6, NAMES = 5 };
static const char *const names[NAMES] = {"bob", "Bob", "cop", "сор", "ann"};

static unsigned roll (uint64_t *seed, unsigned sides)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % sides;
}

/*  True where the reply to the last request is OK; the lines are skipped.     */
static bool was_ok (stage_t *stage)
{
    bool ok = stage->n_lines > 0 && strstr (stage->lines[0], "< OK|") != NULL;
    stage_skip (stage);
    return ok;
}

/*  Whoever is let in under a name has one of its keys, or is alone under it.  */
static void nobody_is_another (stage_t *stage)
{
    bool in[PEERS + 1] = {false};
    char *keys[PEERS + 1] = {NULL};
    const char *as[PEERS + 1] = {NULL};
    for (core_peer_t peer = 1; peer <= PEERS; peer++)
        for (int i = 0; i < NAMES && !in[peer]; i++) {
            stage_askf (stage, peer, "JOIN|j|%s|probe", names[i]);
            in[peer] = was_ok (stage);
            as[peer] = names[i];
        }
    for (core_peer_t peer = 1; peer <= PEERS; peer++) {
        if (!in[peer])
            continue;
        stage_askf (stage, 99, "KEYS|k||%s", as[peer]);
        assert_true (stage->n_lines == 1 && strstr (stage->lines[0], "< OK|"));
        keys[peer] = memory_string (stage->lines[0], strlen (stage->lines[0]));
        stage_skip (stage);
        bool proven = strstr (keys[peer], "\"proven\":true") != NULL;
        const char *key = stage->origins[stage_origin (stage, peer)].key;
        if (proven && !(*key && strstr (keys[peer], key)))
            fail_msg ("%d is let in as %s: %s", (int)peer, as[peer], keys[peer]);
        for (core_peer_t other = 1; other < peer; other++)
            if (!proven && in[other] && strcmp (keys[other], keys[peer]) == 0)
                fail_msg ("%d and %d are both %s", (int)peer, (int)other, as[peer]);
    }
    for (int i = 1; i <= PEERS; i++)
        free (keys[i]);
}

static void random_step (stage_t *stage, uint64_t *seed)
{
    core_peer_t peer = 1 + roll (seed, PEERS);
    const char *name = names[roll (seed, NAMES)];
    char secret[65];
    switch (roll (seed, 14)) {
    case 0:
    case 1:
    case 2:
        stage_askf (stage, peer, "HELLO|1|%s", name);
        break;
    case 3:
        stage_askf (stage, peer, "SAY|2|%s|lobby|hi", name);
        break;
    case 4:
        stage_askf (stage, peer, "JOIN|3|%s|%s", name, roll (seed, 2) ? "lobby" : "@");
        break;
    case 5:
        stage_askf (stage, peer, "KEY|4|%s|{\"add\":\"%s\"}", name, k (1 + roll (seed, 3)));
        break;
    case 6:
        stage_askf (stage, peer, "KEY|5|%s|{\"remove\":\"%s\"}", name, k (1 + roll (seed, 3)));
        break;
    case 7:
        stage_askf (stage, peer, "KEY|6|%s|{\"free\":true}", name);
        break;
    case 8:
        stage_askf (stage, peer, "BYE|7|%s", name);
        break;
    case 9:
        /*  somebody's secret                                                  */
        for (int i = 0, secrets = stage->secrets ? 1 + (int)roll (seed, stage->secrets) : 1; i < 32;
             i++)
            snprintf (secret + (size_t)i * 2, 3, "%02x", secrets & 0xff);
        stage_askf (stage, peer, "HELLO|8|%s|{\"session\":\"%s\"}", name, secret);
        break;
    case 10:
        stage_gone (stage, peer);
        break;
    case 11:
        stage_wait (stage, roll (seed, 2) ? 5001 : 31ull * 86400000u);
        break;
    case 12:
        if (stage->n_records)
            stage_fail (stage);
        break;
    default:
        if (stage->n_records)
            stage_land (stage);
        else
            stage_take (stage);
    }
}

/*  PEERS with three keys and without: whatever they do, and wherever the disk fails.  */
static void test_nobody_is_let_in_as_another (void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 150; round++) {
        uint64_t seed = round;
        stage_t *stage = stage_new ();
        for (core_peer_t peer = 1; peer <= 5; peer++)
            stage_key (stage, peer, k (1 + (unsigned)peer % 3));
        stage_key (stage, 6, "");
        for (int i = 0; i < 60; i++) {
            random_step (stage, &seed);
            stage_skip (stage);
            if (i % 20 != 19)
                continue;
            if (stage->n_records)
                stage_land (stage);
            stage_commit (stage);
            stage_skip (stage);
            nobody_is_another (stage);
        }
        stage_restart (stage);
        nobody_is_another (stage);
        stage_destroy (stage);
    }
}

/*  --- how many from one address ---------------------------------------------  */

static uint64_t claims_left, claims_asked;

static uint64_t on_claims (void *arg, core_peer_t peer)
{
    (void)arg;
    (void)peer;
    claims_asked++;
    if (!claims_left)
        return 30000;
    claims_left--;
    return 0;
}

static void test_new_names_are_asked_about (void **state)
{
    stage_t *stage = *state;
    claims_left = 1;
    claims_asked = 0;
    stage->claims = on_claims;
    stage_restart (stage);
    stage_claim (stage, BOB, "bob");
    assert_int_equal (claims_asked, 1);
    /*  What is one's own already is not asked about, nor what is refused anyway. */
    stage_ask (stage, TAB, "HELLO|1|bob");
    stage_expect (stage, "4< OK|1|*" OK_HELLO);
    stage_ask (stage, ANN, "HELLO|2|bob");
    stage_expect (stage, "2< ERR|2|" TAKEN);
    stage_ask (stage, NOBODY, "HELLO|3|nobody");
    stage_expect (stage, "5< OK|3|*");
    assert_int_equal (claims_asked, 1);
    stage_ask (stage, ANN, "HELLO|4|ann");
    stage_expect (stage, "2< ERR|4|{\"code\":\"slow\",*\"wait_ms\":30000}");
    assert_int_equal (claims_asked, 2);
    assert_int_equal (core_stats (stage->core).sessions, 3);
    keys_are (stage, "ann", "ERR|k|{\"code\":\"nobody\",*");
    claims_left = 1;
    stage_claim (stage, ANN, "ann");
    /*  A token gives its name.                                                */
    stage_token (stage, "eve", "abcd");
    stage_ask (stage, EVE, "HELLO|5|eve|{\"token\":\"abcd\"}");
    stage_commit (stage);
    stage_expect (stage, "3< OK|5|*" OK_HELLO);
    assert_int_equal (claims_asked, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_new_names_are_asked_about),
        TEST (test_hello_claims_and_waits),
        TEST (test_a_passing_key_holds),
        TEST (test_a_token_brings_keys),
        TEST (test_a_token_brings_so_many_keys),
        TEST (test_a_claim_that_fails_leaves_nobody),
        TEST (test_a_number_given_back_is_not_another_ones),
        TEST (test_a_key_that_was_not_added_opens_nothing),
        TEST (test_a_name_stays_its_owners),
        TEST (test_what_is_held_is_not_free),
        TEST (test_resuming_wants_secret_and_key),
        TEST (test_sixteen_sessions),
        TEST (test_reserved_names),
        TEST (test_tokens),
        TEST (test_a_token_puts_out_who_held_the_name),
        TEST (test_a_flood_behind_a_claim),
        TEST (test_a_token_outlives_a_key),
        cmocka_unit_test (test_nobody_is_let_in_as_another),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
