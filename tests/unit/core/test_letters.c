/*  test_letters.c - who may send something to somebody alone: locks, contacts, strangers */
#include "stage_private.h"

#define MODE(set) "MODE|t|bob|@|{\"set\":\"" set "\"}"
#define REFUSED                                                                                    \
    "1< ERR|t|{\"code\":\"banned\",\"text\":\"this person takes no direct messages from you\"}"

enum { ANN = 1, BOB = 2, EVE = 3 };

static house_t *three (void)
{
    house_t *house = house_new ();
    house_hello (house, ANN, 1, "ann", NULL);
    house_hello (house, BOB, 2, "bob", NULL);
    house_hello (house, EVE, 3, "eve", NULL);
    house_told (house, BOB, "JOIN|t|bob|@", "2< OK|t|*");
    return house;
}

/*  Ask, and commit what comes of it, without looking.                         */
static void did (house_t *house, core_peer_t peer, const char *text)
{
    house->stage.quiet = true;
    house_ask (house, peer, text);
    house_commit (house);
    house->stage.quiet = false;
}

static void again (house_t *house)
{
    house_restart (house);
    house_hello (house, ANN, 1, "ann", NULL);
    house_hello (house, BOB, 2, "bob", NULL);
    house_hello (house, EVE, 3, "eve", NULL);
}

static void test_strangers_are_refused (void **state)
{
    house_t *house = three ();
    did (house, ANN, "TELL|t|ann|bob|before");
    house_done (house, BOB, MODE ("lock"),
                "2< EVENT||room/@/|bob||{\"type\":\"mode\",\"seq\":2,*\"lock\"*", "2< OK|t|*");
    house_done (house, ANN, "TELL|t|ann|bob|x", REFUSED);
    did (house, ANN, "JOIN|t|ann|den|{\"private\":true}");
    house_done (house, ANN, "INVITE|t|ann|den|bob", REFUSED);
    house_told (house, ANN, "MODE|t|ann|den", "1< OK|t|*\"members\":[\"ann\"]*");
    again (house);
    house_done (house, ANN, "TELL|t|ann|bob|x", REFUSED);
    /*  Whom he writes to may answer, also in the same commit, and after a restart. */
    house_ask (house, BOB, "TELL|t|bob|ann|hi");
    house_ask (house, ANN, "TELL|t|ann|bob|yes");
    house_commit (house);
    house_expect (house, "2< OK|t|*", "1< OK|t|*");
    again (house);
    house_done (house, ANN, "TELL|t|ann|bob|and more", "1< OK|t|*");
    house_done (house, ANN, "INVITE|t|ann|den|bob", "1< OK|t|*");
    house_told (
        house, BOB, "MODE|t|bob|@",
        "2< OK|t|{\"room\":\"@\",\"private\":true,\"locked\":true,*\"bans\":[],\"mutes\":[],"
        "\"allowed\":[]}");
    did (house, BOB, MODE ("unlock"));
    house_done (house, EVE, "TELL|t|eve|bob|x", "3< OK|t|*");
    house_destroy (house);
}

static void test_somebody_is_allowed (void **state)
{
    house_t *house = three ();
    did (house, BOB, MODE ("lock"));
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"allow\",\"user\":\"ANN\"}");
    again (house);
    house_done (house, ANN, "TELL|t|ann|bob|x", "1< OK|t|*");
    house_done (house, EVE, "TELL|t|eve|bob|x", "3< ERR|t|{\"code\":\"banned\"*");
    house_told (house, BOB, "MODE|t|bob|@", "2< OK|t|*\"allowed\":[\"ann\"]}");
    /*  A ban counts all the same.                                             */
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"ban\",\"user\":\"ann\",\"for_ms\":5000}");
    house_done (house, ANN, "TELL|t|ann|bob|x", REFUSED);
    house->stage.now.wall_ms += 6000;
    house_done (house, ANN, "TELL|t|ann|bob|x", "1< OK|t|*");
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"unallow\",\"user\":\"ann\"}");
    house_done (house, ANN, "TELL|t|ann|bob|x", REFUSED);
    house_told (house, BOB, "MODE|t|bob|@", "2< OK|t|*\"allowed\":[]}");
    /*  Of who was written to the same.                                        */
    did (house, BOB, "TELL|t|bob|eve|hi");
    house_done (house, EVE, "TELL|t|eve|bob|x", "3< OK|t|*");
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"unallow\",\"user\":\"eve\"}");
    house_done (house, EVE, "TELL|t|eve|bob|x", "3< ERR|t|{\"code\":\"banned\"*");
    house_destroy (house);
}

static void test_what_cannot_be_set (void **state)
{
    house_t *house = three ();
    static const char *const words[] = {"mute", "op", "close", "private", ""};
    char text[128];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        snprintf (text, sizeof text, "MODE|t|bob|@|{\"set\":\"%s\",\"user\":\"ann\"}", words[i]);
        house_done (house, BOB, text, "2< ERR|t|{\"code\":\"malformed\"*");
    }
    house_done (house, BOB, "MODE|t|bob|@|{\"set\":\"allow\"}", "2< ERR|t|*\"malformed\"*");
    /*  A typing error is told; and what is nobody's yet could be anybody's.   */
    house_done (house, BOB, "MODE|t|bob|@|{\"set\":\"ban\",\"user\":\"evf\"}",
                "2< ERR|t|{\"code\":\"nobody\"*");
    house_done (house, BOB, "MODE|t|bob|@|{\"set\":\"allow\",\"user\":\"evf\"}",
                "2< ERR|t|{\"code\":\"nobody\"*");
    did (house, BOB, "SAY|t|bob|hall|x");
    house_done (house, BOB, "MODE|t|bob|hall|{\"set\":\"allow\",\"user\":\"ann\"}",
                "2< ERR|t|{\"code\":\"malformed\"*");
    house_hello (house, 4, 0, "guy", NULL);
    house_done (house, 4, "MODE|t|guy|@|{\"set\":\"lock\"}", "4< ERR|t|{\"code\":\"proof\"*");
    house_destroy (house);
}

/*  Neither oneself nor an admin is anybody's stranger.                        */
static void test_whom_nothing_binds (void **state)
{
    house_t *house = three ();
    house_hello (house, 4, HOUSE_ADMIN, "adm", NULL);
    did (house, BOB, MODE ("lock"));
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"ban\",\"user\":\"bob\"}");
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"ban\",\"user\":\"adm\"}");
    house_done (house, BOB, "TELL|t|bob|bob|note", "2< EVENT||*", "2< OK|t|*");
    house_done (house, 4, "TELL|t|adm|bob|x", "4< OK|t|*", "2< EVENT||*");
    house_destroy (house);
}

/*  A name is nobody's, or somebody else's: what was set of it can be lifted, and binds nobody. */
static void test_a_name_that_was_freed (void **state)
{
    house_t *house = three ();
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"ban\",\"user\":\"eve\"}");
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"allow\",\"user\":\"eve\"}");
    did (house, BOB, "SAY|t|bob|hall|mine");
    did (house, BOB, "MODE|t|bob|hall|{\"set\":\"ban\",\"user\":\"eve\"}");
    did (house, EVE, "KEY|t|eve|{\"free\":true}");
    house_told (house, BOB, "MODE|t|bob|@", "2< OK|t|*\"user\":\"eve\"*\"allowed\":[\"eve\"]}");
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"unban\",\"user\":\"eve\"}");
    did (house, BOB, "MODE|t|bob|@|{\"set\":\"unallow\",\"user\":\"eve\"}");
    house_told (house, BOB, "MODE|t|bob|@", "2< OK|t|*\"bans\":[],\"mutes\":[],\"allowed\":[]}");
    did (house, BOB, "MODE|t|bob|hall|{\"set\":\"unban\",\"user\":\"eve\"}");
    house_told (house, BOB, "MODE|t|bob|hall", "2< OK|t|*\"bans\":[],*");
    house_destroy (house);
}

/*  What was refused, or sent twice, is answered as before it was refused.     */
static void test_once_all_the_same (void **state)
{
    house_t *house = three ();
    static const char one[] = "TELL|t|ann|bob|1|{\"producer\":\"00000000000000000000000000000007\","
                              "\"n\":1}",
                      two[] = "TELL|t|ann|bob|2|{\"producer\":\"00000000000000000000000000000007\","
                              "\"n\":2}";
    did (house, ANN, one);
    did (house, BOB, MODE ("lock"));
    house_done (house, ANN, one, "1< OK|t|{\"duplicate\":true}");
    house_done (house, ANN, two, REFUSED);
    did (house, BOB, MODE ("unlock"));
    house_done (house, ANN, two, "1< OK|t|{\"seq\":2,*", "2< EVENT||room/@/|ann|2|*");
    house_destroy (house);
}

/*  A commit that fails takes lock and contact back.                           */
static void test_a_commit_that_fails (void **state)
{
    house_t *house = three ();
    house->stage.quiet = true;
    house_ask (house, BOB, MODE ("lock"));
    house_fail (house);
    house->stage.quiet = false;
    house_done (house, ANN, "TELL|t|ann|bob|x", "1< OK|t|*", "2< EVENT||*");
    did (house, BOB, MODE ("lock"));
    house->stage.quiet = true;
    house_ask (house, BOB, "TELL|t|bob|ann|hi");
    house_fail (house);
    house->stage.quiet = false;
    house_done (house, ANN, "TELL|t|ann|bob|x", REFUSED);
    house_destroy (house);
}

/*  --- strangers -------------------------------------------------------------  */

enum { MOST = ZCHAT_QUOTA_STRANGERS / ZCHAT_STRANGER_EVENT - 1 };

/*  How many of count short messages are taken.                                */
static int taken (house_t *house, core_peer_t peer, const char *from, const char *to, int count)
{
    char text[96];
    uint64_t before = core_counters (house->stage.core)->events;
    snprintf (text, sizeof text, "TELL|t|%s|%s|x", from, to);
    for (int i = 0; i < count; i++)
        did (house, peer, text);
    return (int)(core_counters (house->stage.core)->events - before) / 2;
}

static void test_a_stranger_leaves_little (void **state)
{
    house_t *house = three ();
    assert_int_equal (taken (house, ANN, "ann", "bob", 2 * MOST), MOST);
    house_done (house, ANN, "TELL|t|ann|bob|x",
                "1< ERR|t|{\"code\":\"limit\",*\"this person has never answered you*"
                "\"what\":\"strangers\"}");
    assert_int_equal (taken (house, ANN, "ann", "eve", 2 * MOST), MOST);
    assert_int_equal (taken (house, EVE, "eve", "bob", 2), 2);
    assert_int_equal (taken (house, ANN, "ann", "ann", 2 * MOST), MOST); /* one mailbox: halves */
    /*  An invitation is one of them.                                          */
    did (house, ANN, "JOIN|t|ann|den|{\"private\":true}");
    house_done (house, ANN, "INVITE|t|ann|den|bob", "1< ERR|t|{\"code\":\"limit\",*");
    did (house, EVE, "JOIN|t|eve|lair|{\"private\":true}");
    for (int i = 0; i < MOST - 2; i++)
        did (house, EVE, "INVITE|t|eve|lair|bob");
    house_done (house, EVE, "INVITE|t|eve|lair|bob", "3< ERR|t|{\"code\":\"limit\",*");
    /*  A day gives back what a day may have.                                  */
    house->stage.now.mono_ms += 86400000;
    assert_int_equal (taken (house, ANN, "ann", "bob", 2 * MOST), MOST);
    /*  Who is answered is a stranger no more.                                 */
    did (house, BOB, "TELL|t|bob|ann|enough");
    assert_int_equal (taken (house, ANN, "ann", "bob", 2 * MOST), 2 * MOST);
    assert_int_equal (taken (house, BOB, "bob", "ann", 2 * MOST), 2 * MOST);
    house_destroy (house);
}

static void test_what_counts_is_what_is_stored (void **state)
{
    house_t *house = three ();
    char *text = memory_new (ZCHAT_BODY_MAX + 64);
    memset (text, 'x', ZCHAT_BODY_MAX + 64);
    memcpy (text, "TELL|t|ann|bob|", 15);
    text[60015] = '\0';
    did (house, ANN, text);
    did (house, ANN, text);
    house_done (house, ANN, "TELL|t|ann|bob|x", "1< ERR|t|{\"code\":\"limit\",*");
    /*  What is out of order is not stored, and does not count.                */
    for (int i = 0; i < 2 * MOST; i++)
        did (house, EVE,
             "TELL|t|eve|bob|x|{\"producer\":\"00000000000000000000000000000007\",\"n\":9}");
    assert_int_equal (taken (house, EVE, "eve", "bob", 2 * MOST), MOST);
    free (text);
    house_destroy (house);
}

/*  Throwaway names of one place leave no more than a few names would.         */
static void places (const char *const *where, size_t count, int most)
{
    stage_t *stage = stage_new ();
    char text[64];
    uint64_t before;
    stage->quiet = true;
    stage_ask (stage, 1, "HELLO|t|bob");
    stage_commit (stage);
    before = core_counters (stage->core)->events;
    for (size_t i = 0; i < 24; i++) {
        core_peer_t peer = (core_peer_t)(10 + i);
        stage_place (stage, peer, where[i % count]);
        snprintf (text, sizeof text, "HELLO|t|eve%zu", i);
        stage_ask (stage, peer, text);
        snprintf (text, sizeof text, "TELL|t|eve%zu|bob|x", i);
        for (int j = 0; j <= MOST; j++) {
            stage_ask (stage, peer, text);
            stage_commit (stage);
        }
    }
    assert_int_equal ((core_counters (stage->core)->events - before) / 2, most);
    stage->quiet = false;
    stage_destroy (stage);
}

static void test_throwaway_names_of_a_place (void **state)
{
    static const char *const one[] = {"192.0.2.1"}, *const two[] = {"192.0.2.1", "192.0.2.2"},
                             *const network[] =
                                 {"2001:db8::/2001:db8::",     "2001:db8::/2001:db8:0:1::",
                                  "2001:db8::/2001:db8:0:2::", "2001:db8::/2001:db8:0:3::",
                                  "2001:db8::/2001:db8:0:4::", "2001:db8::/2001:db8:0:5::"},
                             *const local[] = {"local"};
    enum { EACH = ZCHAT_QUOTA_STRANGERS / (ZCHAT_STRANGER_EVENT + 1) };
    int address = ZCHAT_QUOTA_STRANGERS * ZCHAT_STRANGERS_ADDRESS / (ZCHAT_STRANGER_EVENT + 1);
    places (one, 1, address);
    places (two, 2, 2 * address);
    places (network, 1, address);
    places (network, 6,
            ZCHAT_QUOTA_STRANGERS * ZCHAT_STRANGERS_NETWORK / (ZCHAT_STRANGER_EVENT + 1));
    places (local, 1, 24 * EACH); /* this machine's users are not one           */
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_strangers_are_refused),
        cmocka_unit_test (test_somebody_is_allowed),
        cmocka_unit_test (test_what_cannot_be_set),
        cmocka_unit_test (test_whom_nothing_binds),
        cmocka_unit_test (test_a_name_that_was_freed),
        cmocka_unit_test (test_once_all_the_same),
        cmocka_unit_test (test_a_commit_that_fails),
        cmocka_unit_test (test_a_stranger_leaves_little),
        cmocka_unit_test (test_what_counts_is_what_is_stored),
        cmocka_unit_test (test_throwaway_names_of_a_place),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
