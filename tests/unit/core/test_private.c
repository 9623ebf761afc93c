/*  test_private.c - private rooms: making, INVITE, KICK, and who is told what  */
#include "stage_private.h"

/*  --- making ----------------------------------------------------------------  */

static void test_making_wants_a_proof_and_a_free_name (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 0, "bob", NULL);
    house_told (house, 2, "JOIN|t|bob|den|{\"private\":true}", "2< ERR|t|{\"code\":\"proof\"*");
    house_told (house, 2, "JOIN|t|bob|hall", "2< OK|t|*", "feed> room/hall/|bob|*");
    house_told (house, 1, "JOIN|t|ann|hall|{\"private\":true}", "1< ERR|t|{\"code\":\"taken\"*");
    house_done (house, 2, "SAY|t|bob|shop|x", "feed> room/shop/|*", "2< OK|t|*");
    house_told (house, 1, "JOIN|t|ann|shop|{\"private\":true}", "1< ERR|t|{\"code\":\"taken\"*");
    house_told (house, 1, "JOIN|t||den|{\"private\":true}", "1< ERR|t|{\"code\":\"guest\"*");
    /*  a private argument that is none                                        */
    house_told (house, 1, "JOIN|t|ann|den|{\"private\":1}", "1< ERR|t|{\"code\":\"malformed\",*");
    house_told (house, 1, "JOIN|t|ann|den|{\"private\":false}", "1< OK|t|*\"private\":false*",
                "feed> room/den/|ann|*");
    assert_int_equal (core_stats (house->stage.core).rooms, 3);
    house_destroy (house);
}

static void test_making_waits_for_the_disk (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_ask (house, 1, "JOIN|a|ann|den|{\"private\":true}");
    house_expect_nothing (house);
    /*  Nothing is told of it, nor done in it, before it is known what it is.  */
    house_ask (house, 2, "JOIN|t|bob|den");
    house_ask (house, 2, "ROOMS|u|bob");
    house_ask (house, 1, "JOIN|b|ann|den");
    house_ask (house, 1, "SAY|c|ann|den|x");
    house_expect_nothing (house);
    assert_int_equal (house_take (house), 2);
    house_expect_nothing (house);
    house_land (house);
    house_expect (house, "1< EVENT||room/den/|ann||*{\"set\":\"create\"}}",
                  "1< OK|a|{\"room\":\"den\",\"head\":0,*\"private\":true,\"role\":\"operator\"}",
                  "2< ERR|t|{\"code\":\"private\"*", "2< OK|u|{\"rooms\":[],\"more\":*",
                  "1< OK|b|*\"private\":true*");
    house_commit (house);
    house_expect (house, "1< EVENT||room/den/|ann|x|*\"seq\":2*", "1< OK|c|*");
    house_told (house, 1, "JOIN|t|ann|den|{\"private\":true}",
                "1< OK|t|*\"head\":2,*\"members\":1,\"private\":true,\"role\":\"operator\"}");
    house_destroy (house);
}

static void test_a_room_that_was_not_made_holds_nobody (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 4, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_ask (house, 1, "JOIN|a|ann|den|{\"private\":true}");
    house_ask (house, 4, "JOIN|b|ann|den");
    house_ask (house, 1, "SAY|c|ann|den|secret");
    house_ask (house, 1, "INVITE|d|ann|den|bob");
    house_ask (house, 2, "JOIN|e|bob|den");
    house_expect_nothing (house);
    house_fail (house);
    /*  What was asked behind it finds no public room instead.                 */
    house_expect (house, "1< ERR|a|{\"code\":\"storage\"*", "4< OK|b|*\"private\":false*",
                  "1< ERR|c|{\"code\":\"storage\"*", "1< ERR|d|{\"code\":\"storage\"*",
                  "2< OK|e|*\"private\":false*", "feed> *join*", "feed> *join*");
    house_ask (house, 4, "PART|b|ann|den");
    house_ask (house, 2, "PART|e|bob|den");
    stage_skip (&house->stage);
    assert_int_equal (core_stats (house->stage.core).members, 0);
    assert_int_equal (core_stats (house->stage.core).rooms, 0);
    house_told (house, 1, "PING|t|ann", "1< OK|t|*\"heads\":{}}");
    /*  Somebody else may make it, and the first ones are nobody there.        */
    house_done (house, 2, "JOIN|t|bob|den|{\"private\":true}", "2< EVENT||room/den/|bob|*",
                "2< OK|t|*");
    house_told (house, 1, "WHO|t|ann|den", "1< ERR|t|{\"code\":\"private\"*");
    house_destroy (house);
}

/*  Who was in the public room stays in it where it was not made private.      */
static void test_a_room_that_was_not_made_keeps_its_people (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_told (house, 1, "JOIN|t|ann|den", "1< OK|t|*", "feed> room/den/|ann||*\"join\"*");
    house_ask (house, 1, "JOIN|a|ann|den|{\"private\":true}");
    house_fail (house);
    house_expect (house, "1< ERR|a|{\"code\":\"storage\"*");
    house_told (house, 1, "PART|t|ann|den", "1< OK|t|{}", "feed> room/den/|ann||*\"part\"*");
    assert_int_equal (core_stats (house->stage.core).rooms, 0);
    house_destroy (house);
}

/*  What was held of the public room is nothing that its maker, who is alone there, may see.  */
static void test_who_makes_a_room_is_not_told_of_the_public_one (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_told (house, 2, "JOIN|t|bob|den", "2< OK|t|*", "feed> room/den/|bob||*\"join\"*");
    house_ask (house, 2, "SAY|a|bob|hall|x");
    house_ask (house, 2, "PART|b|bob|den");
    house_ask (house, 1, "JOIN|c|ann|den|{\"private\":true}");
    house_commit (house);
    house_expect (house, "feed> room/hall/|bob|x|*", "2< OK|a|*", "2< OK|b|{}",
                  "feed> room/den/|bob||*\"leave\"*", "1< EVENT||room/den/|ann||*\"create\"*",
                  "1< OK|c|*");
    house_destroy (house);
}

/*  Who comes in behind what made the room, in one commit with it, is told of what stands there. */
static void test_two_devices_make_a_room (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 4, 1, "ann", NULL);
    house_ask (house, 1, "SAY|a|ann|hall|x");
    assert_int_equal (house_take (house), 1);
    house_ask (house, 1, "JOIN|b|ann|den|{\"private\":true}");
    house_ask (house, 4, "JOIN|c|ann|den|{\"private\":true}");
    house_land (house);
    stage_skip (&house->stage);
    house_commit (house);
    house_expect (house, "1< EVENT||room/den/|ann||*\"seq\":1*", "1< OK|b|*\"head\":0,*",
                  "4< OK|c|{\"room\":\"den\",\"head\":1,*");
    house_done (house, 1, "SAY|d|ann|den|x", "*EVENT||room/den/|ann|x|*\"seq\":2*",
                "*EVENT||room/den/|ann|x|*\"seq\":2*", "1< OK|d|*");
    house_destroy (house);
}

/*  A JOIN that waited is of no use to who was put out behind it, in one commit with it.  */
static void test_who_is_put_out_behind_a_join_does_not_come_in (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 4, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_hello (house, 5, 0, "zed", NULL);
    house_ask (house, 5, "SAY|a|zed|hall|x");
    assert_int_equal (house_take (house), 1);
    house_ask (house, 1, "JOIN|b|ann|den|{\"private\":true}");
    house_ask (house, 4, "INVITE|c|ann|den|bob");
    house_ask (house, 2, "JOIN|d|bob|den|{\"private\":true}");
    house_ask (house, 4, "KICK|e|ann|den|bob");
    house_land (house);
    stage_skip (&house->stage);
    house_commit (house);
    house_expect (house, "1< EVENT||room/den/|ann||*\"create\"*", "1< OK|b|*",
                  "1< EVENT||room/den/|ann||*\"invite\"*", "4< OK|c|*",
                  "2< ERR|d|{\"code\":\"private\",*", "1< EVENT||room/den/|ann||*\"kick\"*",
                  "4< OK|e|*");
    house_destroy (house);
}

/*  A MODE that fails with the first message of a public room puts nobody out of it. */
static void test_a_failed_mode_puts_nobody_out (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_do (house, 2, "JOIN|t|bob|hall");
    house_ask (house, 1, "SAY|a|ann|hall|x");
    house_ask (house, 1, "MODE|b|ann|hall|{\"set\":\"ban\",\"user\":\"bob\"}");
    house_fail (house);
    house_expect (house, "1< ERR|a|{\"code\":\"storage\"*", "1< ERR|b|{\"code\":\"storage\"*");
    house_told (house, 2, "WHO|t|bob|hall", "2< OK|t|*\"users\":[\"bob\"]}");
    house_destroy (house);
}

static void test_making_too_much_at_once_makes_nothing (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    for (int i = 0; i < ZCHAT_SESSION_ROOMS_MAX; i++)
        house_askf (house, 1, "JOIN|t|ann|r%d", i);
    stage_skip (&house->stage);
    house_told (house, 1, "JOIN|t|ann|den|{\"private\":true}", "1< ERR|t|{\"code\":\"limit\"*");
    assert_int_equal (house_take (house), 0);
    assert_int_equal (core_stats (house->stage.core).rooms, ZCHAT_SESSION_ROOMS_MAX);
    house_do (house, 1, "PART|t|ann|r0");
    for (int i = 0; i < ZCHAT_PEER_PENDING_MAX - 1; i++)
        house_ask (house, 1, "SAY|t|ann|r1|x");
    /*  One place is left; making takes more, and is not refused half-way.     */
    house_ask (house, 1, "JOIN|last|ann|den|{\"private\":true}");
    house_told (house, 1, "JOIN|t|ann|pit|{\"private\":true}", "1< ERR|t|{\"code\":\"slow\"*");
    house->stage.quiet = true;
    house_commit (house);
    house->stage.quiet = false;
    house_told (house, 1, "WHO|t|ann|den", "1< OK|t|*\"users\":[\"ann\"]}");
    house_told (house, 1, "WHO|t|ann|pit", "1< OK|t|*\"users\":[]}");
    house_destroy (house);
}

/*  --- who is told -----------------------------------------------------------  */

static void test_others_are_told_nothing (void **state)
{
    static const char *const asked[] = {
        "JOIN|t|eve|den",      "JOIN|t|eve|DEN|{\"private\":true}",
        "WHO|t|eve|den",       "TOPIC|t|eve|den",
        "TOPIC|t|eve|den|x",   "HISTORY|t|eve|den",
        "SAY|t|eve|den|x",     "PART|t|eve|den",
        "INVITE|t|eve|den|x",  "KICK|t|eve|den|bob",
        "KICK|t|eve|den|none", "KICK|t|eve|den|eve",
        "MODE|t|eve|den",      "MODE|t|eve|den|{\"set\":\"lock\"}",
        "REMOVE|t|eve|den|1",  "REMOVE|t|eve|den|1000000",
    };
    house_t *house = house_den ();
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        house_done (house, 3, asked[i], "3< ERR|t|{\"code\":\"private\",\"text\":*}");
    house_told (house, 3, "WHO|t||den", "3< ERR|t|{\"code\":\"private\"*");
    house_told (house, 3, "HISTORY|t||den", "3< ERR|t|{\"code\":\"private\"*");
    house_told (house, 3, "ROOMS|t|eve", "3< OK|t|{\"rooms\":[],*");
    house_told (house, 3, "ROOMS|t|eve|{\"after\":\"den\"}", "3< ERR|t|{\"code\":\"name\"*");
    house_told (house, 3, "ROOMS|t|eve|{\"after\":\"pit\"}", "3< ERR|t|{\"code\":\"name\"*");
    house_destroy (house);
}

static void test_members_are_told_over_the_door (void **state)
{
    house_t *house = house_den ();
    house_hello (house, 4, 2, "bob", "pack");
    house_told (house, 4, "JOIN|t|bob|den", "4< OK|t|*\"members\":2,*\"role\":\"member\"}");
    house_done (house, 1, "SAY|t|ann|den|x", "1< EVENT||room/den/|ann|x|*\"seq\":3*",
                "2< EVENT||room/den/|ann|x|*\"seq\":3*", "1< OK|t|{\"seq\":3,*",
                "4< EVENT||pack/den/ room/den/|ann|x|*\"seq\":3*");
    /*  A session that asks from a REQ socket is sent its envelope.            */
    house_hello (house, 5, 2, "bob", NULL);
    house_ask (house, 5, "|HELLO|h|bob");
    house_ask (house, 5, "|JOIN|t|bob|den");
    stage_skip (&house->stage);
    house_told (house, 1, "TOPIC|t|ann|den", "1< OK|t|{\"room\":\"den\",\"topic\":\"\"*");
    house_done (house, 2, "TOPIC|t|bob|den|sun", "1< EVENT||room/den/|bob|sun|*\"seq\":4*",
                "2< EVENT||room/den/|bob|sun|*", "5< |EVENT||room/den/|bob|sun|*", "2< OK|t|*",
                "4< EVENT||pack/den/ room/den/|bob|sun|*");
    house_told (house, 2, "ROOMS|t|bob",
                "2< OK|t|{\"rooms\":[{\"room\":\"den\",\"head\":4,*\"private\":true}],*");
    /*  Who goes with one session of several is still here.                    */
    house_told (house, 4, "PART|t|bob|den", "4< OK|t|{}");
    house_told (house, 5, "|PART|t|bob|den", "5< |OK|t|{}");
    house_told (house, 2, "PART|t|bob|den", "2< OK|t|{}",
                "1< EVENT||room/den/|bob||*\"members\":1*\"part\"*");
    /*  Not here, but still a member.                                          */
    house_done (house, 1, "SAY|t|ann|den|y", "1< EVENT||*", "1< OK|t|*");
    house_ask (house, 2, "HISTORY|t|bob|den|{\"after\":4}");
    stage_skip (&house->stage);
    stage_read (&house->stage);
    house_expect (house, "2< EVENT|t|room/den/|ann|y|*", "2< OK|t|*\"head\":5}");
    house_done (house, 2, "SAY|t|bob|den|z", "1< EVENT||room/den/|bob|z*", "2< OK|t|*");
    house_destroy (house);
}

/*  Who is put out of a crowd within the second is not announced as having come.  */
static void test_crowds (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_do (house, 1, "SAY|t|ann|hall|x");
    house_hello (house, 2, 2, "bob", NULL);
    house->stage.quiet = true;
    for (unsigned i = 0; i < ZCHAT_PRESENCE_MERGE_MEMBERS; i++) {
        house_askf (house, 1000 + i, "HELLO|h|user%u", i);
        house_askf (house, 1000 + i, "JOIN|j|user%u|hall", i);
    }
    stage_commit (&house->stage);
    house->stage.quiet = false;
    stage_wait (&house->stage, ZCHAT_PRESENCE_MERGE_MS);
    stage_skip (&house->stage);
    house_told (house, 2, "JOIN|t|bob|hall", "2< OK|t|*");
    house_told (house, 3, "HELLO|t|cat", "3< OK|*");
    house_told (house, 3, "JOIN|t|cat|hall", "3< OK|t|*");
    house_done (house, 1, "KICK|t|ann|hall|bob", "feed> *\"mode\"*",
                "feed> room/hall/|bob||*\"kick\"}}", "1< OK|t|*");
    stage_wait (&house->stage, ZCHAT_PRESENCE_MERGE_MS);
    house_expect (house, "feed> room/hall/|||*{\"join\":[\"cat\"],\"leave\":[],*}}");
    house_destroy (house);
}

/*  --- INVITE ----------------------------------------------------------------  */

/*  What is for a private room makes no public one; what was stored is no less so for that. */
static void test_what_is_said_for_it_goes_nowhere_else (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 0, "bob", NULL);
    house_told (house, 1, "SAY|t|ann|den|x|{\"private\":true}", "1< ERR|t|{\"code\":\"private\"*");
    house_told (house, 2, "SAY|t|bob|den|x|{\"private\":1}", "2< ERR|t|{\"code\":\"malformed\"*");
    house_done (house, 2, "SAY|t|bob|hall|x|{\"private\":false}", "feed> room/hall/|*",
                "2< OK|t|*");
    house_told (house, 1, "SAY|t|ann|hall|x|{\"private\":true}", "1< ERR|t|{\"code\":\"private\"*");
    house_done (house, 1, "JOIN|t|ann|den|{\"private\":true}", "1< EVENT||room/den/|*",
                "1< OK|t|*");
    house_told (house, 2, "SAY|t|bob|den|x|{\"private\":true}", "2< ERR|t|{\"code\":\"private\"*");
    house_done (house, 1, "SAY|t|ann|den|x|{\"private\":true}", "1< EVENT||room/den/|*",
                "1< OK|t|*");
    house_destroy (house);
}

static void test_invite (void **state)
{
    house_t *house = house_den ();
    house_hello (house, 4, 0, "guy", NULL);
    house_do (house, 3, "JOIN|t|eve|@");
    house_done (house, 2, "INVITE|t|bob|den|eve", "2< ERR|t|{\"code\":\"operator\"*");
    house_done (house, 1, "INVITE|t|ann|den|nobody", "1< ERR|t|{\"code\":\"nobody\"*");
    house_done (house, 1, "INVITE|t|ann|den|guy", "1< ERR|t|{\"code\":\"nobody\"*");
    house_done (house, 1, "INVITE|t|ann|den|no name", "1< ERR|t|{\"code\":\"name\"*");
    house_done (house, 1, "INVITE|t|ann|no room|eve", "1< ERR|t|{\"code\":\"name\"*");
    house_done (house, 1, "INVITE|t|ann|pit|eve", "1< ERR|t|{\"code\":\"nobody\"*");
    house_done (house, 1, "SAY|t|ann|hall|x", "feed> *", "1< OK|t|*");
    house_done (house, 1, "INVITE|t|ann|hall|eve", "1< ERR|t|{\"code\":\"malformed\"*");
    house_ask (house, 1, "INVITE|t|ann|den|EVE|come");
    house_expect_nothing (house);
    assert_int_equal (house_take (house), 2);
    house_land (house);
    house_expect (house,
                  "1< EVENT||room/den/|ann|come|*\"data\":{\"set\":\"invite\",\"user\":\"eve\"}}",
                  "2< EVENT||room/den/|ann|come|*", "1< OK|t|{\"seq\":3,*",
                  "3< EVENT||room/@/|ann|come|{\"type\":\"invite\",\"seq\":1,*{\"room\":\"den\"}}");
    house_told (house, 3, "JOIN|t|eve|den", "3< OK|t|*\"members\":3*\"member\"}",
                "1< EVENT||room/den/|eve||*", "2< EVENT||*", "3< EVENT||room/den/|eve||*\"join\"*");
    /*  Whom one invites again stays what they are.                            */
    house_do (house, 1, "MODE|t|ann|den|{\"set\":\"op\",\"user\":\"eve\"}");
    house_do (house, 1, "INVITE|t|ann|den|eve");
    house_told (house, 3, "JOIN|t|eve|den", "3< OK|t|*\"role\":\"operator\"}");
    house_destroy (house);
}

static void test_an_admin_invites_where_they_are_no_member (void **state)
{
    house_t *house = house_den ();
    house_hello (house, 9, HOUSE_ADMIN, "adm", NULL);
    house_told (house, 9, "JOIN|t|adm|den", "9< ERR|t|{\"code\":\"private\"*");
    house_done (house, 9, "INVITE|t|adm|den|adm", "1< EVENT||*", "2< EVENT||*", "9< OK|t|*");
    house_told (house, 9, "JOIN|t|adm|den", "9< OK|t|*\"role\":\"member\"}", "*", "*", "*");
    house_destroy (house);
}

/*  Room and mailbox in one commit, wherever the batch would end.              */
static void test_invite_and_mail_are_one_commit (void **state)
{
    for (int before = ZCHAT_BATCH_MAX - 2; before <= ZCHAT_BATCH_MAX; before++) {
        house_t *house = house_den ();
        for (int i = 0; i < before; i++)
            house_ask (house, 3, "SAY|t|eve|hall|x");
        house_ask (house, 1, "INVITE|i|ann|den|eve");
        house_ask (house, 1, "SAY|s|ann|den|x");
        size_t taken = house_take (house);
        assert_int_equal (taken, before == ZCHAT_BATCH_MAX ? before : before + 2);
        stage_skip (&house->stage);
        house->stage.quiet = true;
        house_land (house);
        house_commit (house);
        house->stage.quiet = false;
        house_told (house, 3, "JOIN|t|eve|@", "3< OK|t|*\"head\":1,*");
        house_destroy (house);
    }
}

/*  Nobody is a member before that is on disk, whatever happens to it.         */
static void test_an_invite_holds_from_the_disk_on (void **state)
{
    house_t *house = house_den ();
    house_ask (house, 1, "SAY|s|ann|den|before");
    assert_int_equal (house_take (house), 1);
    house_ask (house, 1, "INVITE|i|ann|den|eve");
    house_told (house, 3, "JOIN|t|eve|den", "3< ERR|t|{\"code\":\"private\"*");
    house_told (house, 3, "HISTORY|t|eve|den", "3< ERR|t|{\"code\":\"private\"*");
    house_ask (house, 1, "INVITE|j|ann|den|eve");
    house_ask (house, 2, "INVITE|k|bob|den|eve");
    house_land (house);
    stage_skip (&house->stage);
    /*  Whose membership is on its way waits until it is known; so does who is a member already. */
    house_ask (house, 3, "WHO|t|eve|den");
    house_ask (house, 1, "INVITE|l|ann|den|bob");
    house_ask (house, 2, "WHO|t|bob|den");
    house_expect_nothing (house);
    house_fail (house);
    house_expect (house, "1< ERR|i|*storage*", "1< ERR|j|*storage*", "2< ERR|k|*operator*",
                  "1< ERR|l|*storage*", "3< ERR|t|*private*", "2< OK|t|*");
    house_told (house, 3, "JOIN|t|eve|den", "3< ERR|t|{\"code\":\"private\"*");
    house_told (house, 1, "MODE|t|ann|den", "1< OK|t|*\"members\":[\"ann\",\"bob\"]*");
    house_told (house, 3, "JOIN|t|eve|@", "3< OK|t|*\"head\":0,*");
    house_do (house, 1, "INVITE|i|ann|den|eve");
    house_told (house, 3, "JOIN|t|eve|den", "3< OK|t|*", "*", "*", "*");
    /*  Put out and invited again at once: out, and then in if they come.      */
    house_ask (house, 1, "KICK|a|ann|den|eve");
    house_ask (house, 1, "INVITE|b|ann|den|eve");
    house_commit (house);
    stage_skip (&house->stage);
    house_told (house, 3, "PING|t|eve", "3< OK|t|*\"heads\":{\"@\":2}}");
    house_told (house, 3, "JOIN|t|eve|den", "3< OK|t|*", "*", "*", "*");
    house_destroy (house);
}

/*  --- KICK ------------------------------------------------------------------  */

static void test_kick_puts_out_in_its_place (void **state)
{
    house_t *house = house_den ();
    house_hello (house, 4, 2, "bob", "pack");
    house_do (house, 4, "JOIN|t|bob|den");
    house_ask (house, 1, "SAY|a|ann|den|before");
    house_ask (house, 1, "KICK|b|ann|den|Bob|out");
    house_ask (house, 1, "SAY|c|ann|den|after");
    house_expect_nothing (house);
    assert_int_equal (house_take (house), 3);
    house_land (house);
    house_expect (
        house, "1< EVENT||room/den/|ann|before|*", "2< EVENT||room/den/|ann|before|*", "1< OK|a|*",
        "1< EVENT||room/den/|ann|out|*{\"set\":\"kick\",\"user\":\"bob\"}}",
        "2< EVENT||room/den/|ann|out|*",
        "1< EVENT||room/den/|bob||*\"leave\"*{\"members\":1,\"reason\":\"kick\"}}",
        "2< EVENT||room/den/|bob||*\"leave\"*\"kick\"}}",
        "4< EVENT||pack/den/ room/den/|ann|before|* room/den/|ann|out|* room/den/|bob||*\"kick\"}}",
        "1< OK|b|*", "1< EVENT||room/den/|ann|after|*", "1< OK|c|*");
    house_told (house, 2, "PING|t|bob", "2< OK|t|*\"heads\":{}}");
    house_told (house, 2, "JOIN|t|bob|den", "2< ERR|t|{\"code\":\"private\"*");
    house_told (house, 1, "WHO|t|ann|den", "1< OK|t|*\"members\":1,\"users\":[\"ann\"]}");
    house_destroy (house);
}

static void test_a_failed_kick_puts_nobody_out (void **state)
{
    house_t *house = house_den ();
    house_ask (house, 1, "KICK|a|ann|den|bob");
    house_ask (house, 2, "SAY|b|bob|den|still here");
    house_expect_nothing (house);
    house_fail (house);
    house_expect (house, "1< ERR|a|{\"code\":\"storage\"*", "2< ERR|b|{\"code\":\"storage\"*");
    house_done (house, 2, "SAY|b|bob|den|x", "1< EVENT||*", "2< EVENT||room/den/|bob|x*",
                "2< OK|b|*");
    house_destroy (house);
}

static void test_kick_is_for_operators (void **state)
{
    house_t *house = house_den ();
    house_hello (house, 9, HOUSE_ADMIN, "adm", NULL);
    house_done (house, 2, "KICK|t|bob|den|ann", "2< ERR|t|{\"code\":\"operator\"*");
    house_do (house, 1, "MODE|t|ann|den|{\"set\":\"op\",\"user\":\"bob\"}");
    house_done (house, 2, "KICK|t|bob|den|ann", "2< ERR|t|{\"code\":\"operator\"*");
    house_done (house, 2, "KICK|t|bob|den|none", "2< ERR|t|{\"code\":\"nobody\"*");
    house_done (house, 9, "KICK|t|adm|den|ann", "1< EVENT||*", "2< EVENT||*",
                "1< EVENT||room/den/|ann||*\"kick\"}}", "2< EVENT||room/den/|ann||*\"kick\"}}",
                "9< OK|t|*");
    /*  An operator no more: the membership ended with it.                     */
    house_done (house, 1, "KICK|t|ann|den|bob", "1< ERR|t|{\"code\":\"private\"*");
    house_destroy (house);
}

static void test_everybody_may_go_for_good (void **state)
{
    house_t *house = house_den ();
    house_done (house, 2, "KICK|t|bob|den|bob|bye all", "1< EVENT||*", "2< EVENT||*",
                "1< EVENT||room/den/|bob||*\"kick\"*", "2< EVENT||room/den/|bob||*\"kick\"*",
                "2< OK|t|*");
    house_done (house, 2, "KICK|t|bob|den|bob", "2< ERR|t|{\"code\":\"private\"*");
    house_told (house, 1, "MODE|t|ann|den", "1< OK|t|*\"members\":[\"ann\"]*");
    /*  Not here, but a member: that ends as well.                             */
    house_do (house, 1, "INVITE|t|ann|den|eve");
    house_done (house, 3, "KICK|t|eve|den|eve", "1< EVENT||*", "3< OK|t|*");
    house_told (house, 3, "JOIN|t|eve|den", "3< ERR|t|{\"code\":\"private\"*");
    house_destroy (house);
}

/*  Who may not speak does not speak by going.                                 */
static void test_going_is_not_speaking (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_do (house, 1, "SAY|t|ann|hall|x");
    house_done (house, 2, "KICK|t|bob|hall|bob|spam", "2< ERR|t|{\"code\":\"member\"*");
    house_do (house, 2, "JOIN|t|bob|hall");
    house_do (house, 1, "MODE|t|ann|hall|{\"set\":\"mute\",\"user\":\"bob\"}");
    house_done (house, 2, "KICK|t|bob|hall|bob|spam", "2< ERR|t|{\"code\":\"muted\"*");
    house_done (house, 2, "KICK|t|bob|hall|bob", "feed> room/hall/|bob||*\"mode\"*",
                "feed> room/hall/|bob||*\"kick\"}}", "2< OK|t|*");
    house_do (house, 1, "MODE|t|ann|hall|{\"set\":\"ban\",\"user\":\"bob\"}");
    house_done (house, 2, "KICK|t|bob|hall|bob", "2< ERR|t|{\"code\":\"member\"*");
    house_destroy (house);
}

/*  Who comes back while the KICK is on its way is not meant by it.            */
static void test_a_kick_means_who_is_there (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_hello (house, 4, 2, "bob", NULL);
    house_do (house, 1, "SAY|t|ann|hall|x");
    house_do (house, 2, "JOIN|t|bob|hall");
    house_ask (house, 1, "KICK|k|ann|hall|bob");
    house_ask (house, 2, "PART|p|bob|hall");
    house_ask (house, 2, "JOIN|j|bob|hall");
    stage_skip (&house->stage);
    house_commit (house);
    house_expect (house, "feed> room/hall/|ann||*\"mode\"*", "1< OK|k|*",
                  "feed> room/hall/|bob||*\"part\"}}", "feed> room/hall/|bob||*\"join\"*");
    house_told (house, 1, "WHO|t|ann|hall", "1< OK|t|*\"users\":[\"bob\"]}");
    /*  With another session: one goes, and the user is seen to have come again. */
    house_ask (house, 1, "KICK|k|ann|hall|bob");
    house_ask (house, 4, "JOIN|j|bob|hall");
    stage_skip (&house->stage);
    house_commit (house);
    house_expect (house, "feed> room/hall/|ann||*\"mode\"*",
                  "feed> room/hall/|bob||*{\"members\":0,\"reason\":\"kick\"}}", "1< OK|k|*",
                  "feed> room/hall/|bob||*\"join\"*{\"members\":1}}");
    house_told (house, 2, "PART|t|bob|hall", "2< ERR|t|{\"code\":\"member\"*");
    house_destroy (house);
}

static void test_history_asked_before_and_answered_after (void **state)
{
    house_t *house = house_den ();
    house_ask (house, 2, "HISTORY|t|bob|den");
    house_do (house, 1, "KICK|t|ann|den|bob");
    stage_read (&house->stage);
    house_expect (house, "2< ERR|t|{\"code\":\"private\"*");
    /*  Nor where the connection is another's by then.                         */
    house_do (house, 1, "INVITE|t|ann|den|bob");
    house_ask (house, 2, "HISTORY|t|bob|den");
    house_ask (house, 2, "BYE|b|bob");
    stage_skip (&house->stage);
    stage_read (&house->stage);
    house_expect (house, "2< ERR|t|{\"code\":\"hello\"*");
    house_destroy (house);
}

/*  Who was put out and is let in again reads nothing before that is on disk.  */
static void test_a_page_waits_for_no_invite (void **state)
{
    house_t *house = house_den ();
    house_ask (house, 2, "HISTORY|h|bob|den");
    house_do (house, 1, "KICK|t|ann|den|bob");
    house_ask (house, 1, "INVITE|i|ann|den|bob");
    stage_skip (&house->stage);
    stage_read (&house->stage);
    house_expect (house, "2< ERR|h|{\"code\":\"storage\"*");
    house_fail (house);
    house_expect (house, "1< ERR|i|*storage*");
    house_told (house, 2, "HISTORY|t|bob|den", "2< ERR|t|{\"code\":\"private\"*");
    house_destroy (house);
}

/*  --- bounds ----------------------------------------------------------------  */

static void test_a_room_has_so_many_members (void **state)
{
    house_t *house = house_den ();
    stage_t *stage = &house->stage;
    /*  Facts as the disk would have them: members nobody ever saw here.       */
    house_do (house, 1, "SAY|t|ann|den|x");
    uint64_t id = 0;
    for (uint64_t i = 1; i < 10 && !id; i++) {
        store_query_t query = {.room = i, .limit = 1, .bytes_max = 1000};
        store_reader_t *reader;
        store_page_t *page;
        assert_int_equal (store_reader_new (stage->store, &reader), ZCHAT_OK);
        assert_int_equal (store_read (reader, &query, &page), ZCHAT_OK);
        if (page->count && frame_is (page->events[0].user, "ann") &&
            page->events[0].type == ZCHAT_TYPE_MODE)
            id = i;
        store_page_destroy (&page);
        store_reader_destroy (&reader);
    }
    assert_true (id > 0);
    for (int i = 2; i < ZCHAT_PRIVATE_MEMBERS_MAX; i++) {
        char key[32];
        snprintf (key, sizeof key, "role/#%d", 1000 + i);
        store_record_t record = {.room = id,
                                 .room_name = frame_str ("den"),
                                 .fact_key = frame_str (key),
                                 .fact_value = frame_str ("member")};
        assert_int_equal (store_append (stage->store, &record, 1), ZCHAT_OK);
    }
    house_restart (house);
    house_hello (house, 1, 1, "ann", NULL);
    house_done (house, 1, "INVITE|t|ann|den|eve",
                "1< ERR|t|{\"code\":\"limit\",*\"limit\":1000,\"what\":\"members\"}");
    house_done (house, 1, "INVITE|t|ann|den|bob", "1< OK|t|*");
    house_done (house, 1, "KICK|t|ann|den|bob", "1< OK|t|*");
    house_done (house, 1, "INVITE|t|ann|den|eve", "1< OK|t|*");
    house_done (house, 1, "INVITE|t|ann|den|bob", "1< ERR|t|{\"code\":\"limit\"*");
    house_destroy (house);
}

/*  A session that owes too much is skipped; its seqs show it.                 */
static void test_who_owes_too_much_is_skipped (void **state)
{
    house_t *house = house_den ();
    house->lossy = true;
    char *body = memory_new (ZCHAT_BODY_MAX);
    memset (body, 'x', ZCHAT_BODY_MAX);
    frame_t frames[] = {frame_str ("SAY"), frame_str ("t"), frame_str ("ann"), frame_str ("den"),
                        frame_of (body, ZCHAT_BODY_MAX)};
    house->stage.quiet = true;
    for (int i = 0; i < 3 * ZCHAT_PEER_DEBT_MAX / ZCHAT_BODY_MAX; i++) {
        house_request (house, 1, frames, 5);
        house_commit (house);
    }
    house->stage.quiet = false;
    const house_view_t *view = house_view (house, 2, frame_str ("den"));
    uint64_t head = house_room (house, frame_str ("den"))->head;
    assert_true (view->seen < head);
    assert_true (view->seen * ZCHAT_BODY_MAX >= ZCHAT_PEER_DEBT_MAX);
    house_told (house, 2, "HISTORY|t|bob|den", "2< ERR|t|{\"code\":\"slow\"*");
    stage_wait (&house->stage, 2000);
    house_do (house, 1, "SAY|t|ann|den|y");
    assert_int_equal (view->seen, head + 1);
    free (body);
    house_destroy (house);
}

static void test_a_restart_changes_nothing (void **state)
{
    house_t *house = house_den ();
    house_do (house, 1, "SAY|t|ann|den|x");
    house_do (house, 1, "INVITE|t|ann|den|eve");
    house_do (house, 1, "KICK|t|ann|den|bob");
    house_restart (house);
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_hello (house, 3, 3, "eve", NULL);
    house_told (house, 2, "JOIN|t|bob|den", "2< ERR|t|{\"code\":\"private\"*");
    house_told (house, 3, "JOIN|t|eve|den",
                "3< OK|t|*\"head\":5,*\"members\":1,\"private\":true,\"role\":\"member\"}",
                "3< EVENT||room/den/|eve||*");
    house_told (house, 1, "JOIN|t|ann|den", "1< OK|t|*\"role\":\"operator\"}", "3< EVENT||*",
                "1< EVENT||*");
    house_told (house, 3, "JOIN|t|eve|@", "3< OK|t|{\"room\":\"@\",\"head\":1,*");
    house_destroy (house);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_making_wants_a_proof_and_a_free_name),
        cmocka_unit_test (test_making_waits_for_the_disk),
        cmocka_unit_test (test_a_room_that_was_not_made_holds_nobody),
        cmocka_unit_test (test_a_room_that_was_not_made_keeps_its_people),
        cmocka_unit_test (test_who_makes_a_room_is_not_told_of_the_public_one),
        cmocka_unit_test (test_two_devices_make_a_room),
        cmocka_unit_test (test_who_is_put_out_behind_a_join_does_not_come_in),
        cmocka_unit_test (test_a_failed_mode_puts_nobody_out),
        cmocka_unit_test (test_making_too_much_at_once_makes_nothing),
        cmocka_unit_test (test_others_are_told_nothing),
        cmocka_unit_test (test_members_are_told_over_the_door),
        cmocka_unit_test (test_crowds),
        cmocka_unit_test (test_what_is_said_for_it_goes_nowhere_else),
        cmocka_unit_test (test_invite),
        cmocka_unit_test (test_an_admin_invites_where_they_are_no_member),
        cmocka_unit_test (test_invite_and_mail_are_one_commit),
        cmocka_unit_test (test_an_invite_holds_from_the_disk_on),
        cmocka_unit_test (test_kick_puts_out_in_its_place),
        cmocka_unit_test (test_a_failed_kick_puts_nobody_out),
        cmocka_unit_test (test_kick_is_for_operators),
        cmocka_unit_test (test_everybody_may_go_for_good),
        cmocka_unit_test (test_going_is_not_speaking),
        cmocka_unit_test (test_a_kick_means_who_is_there),
        cmocka_unit_test (test_history_asked_before_and_answered_after),
        cmocka_unit_test (test_a_page_waits_for_no_invite),
        cmocka_unit_test (test_a_room_has_so_many_members),
        cmocka_unit_test (test_who_owes_too_much_is_skipped),
        cmocka_unit_test (test_a_restart_changes_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
