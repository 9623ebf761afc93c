/*  test_moderation.c - MODE and REMOVE                                        */
#include "stage_private.h"

/*  ann (1) is the operator of the public room hall, in which bob (2) and eve (3) are; adm (9) is
    an admin.                                                                  */
static house_t *hall (void)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_hello (house, 3, 3, "eve", NULL);
    house_hello (house, 9, HOUSE_ADMIN, "adm", NULL);
    house_do (house, 1, "SAY|t|ann|hall|first");
    house_do (house, 2, "JOIN|t|bob|hall");
    house_do (house, 3, "JOIN|t|eve|hall");
    return house;
}

#define SET(rest) "MODE|t|ann|hall|{\"set\":" rest "}"

static void refused (house_t *house, core_peer_t peer, const char *text, const char *code)
{
    char pattern[64];
    snprintf (pattern, sizeof pattern, "%llu< ERR|t|{\"code\":\"%s\"*", (unsigned long long)peer,
              code);
    house_ask (house, peer, text);
    if (house->stage.n_reads)
        stage_read (&house->stage);
    house_commit (house);
    if (house->stage.n_lines && stage_match ("read>*", house->stage.lines[0])) {
        free (house->stage.lines[0]);
        memmove (house->stage.lines, house->stage.lines + 1,
                 --house->stage.n_lines * sizeof *house->stage.lines);
    }
    house_expect (house, pattern);
}

/*  --- MODE ------------------------------------------------------------------  */

static void test_what_is_no_mode (void **state)
{
    house_t *house = hall ();
    refused (house, 1, "MODE|t|ann|hall|x", "malformed");
    refused (house, 1, "MODE|t|ann|hall|{}", "malformed");
    refused (house, 1, SET ("1"), "malformed");
    refused (house, 1, SET ("\"create\""), "malformed");
    refused (house, 1, SET ("\"ban\""), "malformed");
    refused (house, 1, SET ("\"ban\",\"user\":1"), "malformed");
    refused (house, 1, SET ("\"ban\",\"user\":\"no name\""), "name");
    refused (house, 1, SET ("\"ban\",\"user\":\"bob\",\"reason\":1"), "malformed");
    refused (house, 1, SET ("\"ban\",\"user\":\"bob\",\"for_ms\":-1"), "malformed");
    refused (house, 1, SET ("\"ban\",\"user\":\"bob\",\"for_ms\":9223372036854775807"),
             "malformed");
    refused (house, 1, "MODE|t|ann|empty|{\"set\":\"lock\"}", "nobody");
    refused (house, 1, "MODE|t|ann|empty", "nobody");
    refused (house, 1, "MODE|t|ann|no room", "name");
    refused (house, 1, "MODE|t||hall", "guest");
    char reason[ZCHAT_REASON_MAX + 2], *text = NULL;
    memset (reason, 'r', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    assert_true (asprintf (&text, SET ("\"ban\",\"user\":\"bob\",\"reason\":\"%s\""), reason) > 0);
    refused (house, 1, text, "limit");
    free (text);
    house_destroy (house);
}

/*  A reason may be as long as it may be, whatever it takes to write it down.  */
static void test_the_longest_reason (void **state)
{
    house_t *house = hall ();
    char reason[6 * ZCHAT_REASON_MAX + 1] = "", *text = NULL;
    for (int i = 0; i < ZCHAT_REASON_MAX; i++)
        memcpy (reason + 6 * (size_t)i, "\\u0001", 6);
    assert_true (asprintf (&text, SET ("\"mute\",\"user\":\"bob\",\"reason\":\"%s\""), reason) > 0);
    house_ask (house, 1, text);
    house_commit (house);
    house_expect (house, "feed> *", "1< OK|t|*");
    house_restart (house);
    house_hello (house, 2, 2, "bob", NULL);
    refused (house, 2, "SAY|t|bob|hall|x", "muted");
    free (text);
    house_destroy (house);
}

static void test_operators (void **state)
{
    house_t *house = hall ();
    house_hello (house, 4, 0, "guy", NULL);
    refused (house, 2, "MODE|t|bob|hall|{\"set\":\"lock\"}", "operator");
    refused (house, 1, SET ("\"op\",\"user\":\"guy\""), "nobody");
    refused (house, 1, SET ("\"op\",\"user\":\"none\""), "nobody");
    house_done (house, 1, SET ("\"op\",\"user\":\"BOB\",\"reason\":\"help\""),
                "feed> room/hall/|ann|help|{\"type\":\"mode\",\"seq\":2,*{\"set\":\"op\",\"user\":"
                "\"bob\"}}",
                "1< OK|t|{\"seq\":2,\"time\":1000}");
    house_told (house, 2, "JOIN|t|bob|hall", "2< OK|t|*\"role\":\"operator\"}");
    refused (house, 1, SET ("\"ban\",\"user\":\"bob\""), "operator");
    refused (house, 1, SET ("\"mute\",\"user\":\"bob\""), "operator");
    house_do (house, 2, "MODE|t|bob|hall|{\"set\":\"deop\",\"user\":\"ann\"}");
    refused (house, 1, SET ("\"lock\""), "operator");
    house_told (house, 3, "MODE|t|eve|hall",
                "3< OK|t|{\"room\":\"hall\",\"private\":false,\"locked\":false,\"closed\":false,"
                "\"operators\":[\"bob\"],\"members\":[],\"bans\":[],\"mutes\":[]}");
    /*  Nobody who does not prove a name founds a room, nor who comes later.   */
    house_do (house, 4, "SAY|t|guy|park|x");
    house_do (house, 1, "SAY|t|ann|park|x");
    refused (house, 1, "MODE|t|ann|park|{\"set\":\"lock\"}", "operator");
    house_do (house, 9, "MODE|t|adm|park|{\"set\":\"op\",\"user\":\"ann\"}");
    house_done (house, 1, "MODE|t|ann|park|{\"set\":\"lock\"}", "feed> *", "1< OK|t|*");
    house_destroy (house);
}

static void test_a_ban_puts_out_and_ends (void **state)
{
    house_t *house = hall ();
    house_ask (house, 1, SET ("\"ban\",\"user\":\"bob\",\"reason\":\"spam\",\"for_ms\":1000"));
    house_ask (house, 2, "SAY|s|bob|hall|last word");
    house_commit (house);
    house_expect (house,
                  "feed> room/hall/|ann|spam|*{\"set\":\"ban\",\"user\":\"bob\",\"until\":2000}}",
                  "feed> room/hall/|bob||*{\"members\":1,\"reason\":\"kick\"}}", "1< OK|t|*",
                  "2< ERR|s|{\"code\":\"banned\",*\"until\":2000}");
    house_told (house, 2, "JOIN|t|bob|hall", "2< ERR|t|{\"code\":\"banned\",*\"until\":2000}");
    refused (house, 2, "TOPIC|t|bob|hall|x", "banned");
    house_told (house, 3, "MODE|t|eve|hall",
                "3< OK|t|*\"bans\":[{\"user\":\"bob\",\"by\":\"ann\","
                "\"until\":2000}]*");
    /*  Reading cannot be forbidden, and a restart changes nothing.            */
    house_told (house, 2, "WHO|t|bob|hall", "2< OK|t|*\"users\":[\"eve\"]}");
    house_restart (house);
    house_hello (house, 2, 2, "bob", NULL);
    refused (house, 2, "SAY|t|bob|hall|x", "banned");
    house->stage.now.wall_ms = 1999;
    refused (house, 2, "SAY|t|bob|hall|x", "banned");
    house->stage.now.wall_ms = 2000;
    house_done (house, 2, "SAY|t|bob|hall|x", "feed> *", "2< OK|t|*");
    house_told (house, 2, "MODE|t|bob|hall", "2< OK|t|*\"bans\":[],*");
    house_told (house, 2, "JOIN|t|bob|hall", "2< OK|t|*", "feed> *");
    house_destroy (house);
}

static void test_bans_of_who_is_not_here (void **state)
{
    house_t *house = hall ();
    house_do (house, 1, SET ("\"ban\",\"user\":\"guy\""));
    house_do (house, 1, SET ("\"mute\",\"user\":\"Lad\""));
    house_hello (house, 4, 0, "guy", NULL);
    house_hello (house, 5, 0, "lad", NULL);
    house_told (house, 4, "JOIN|t|guy|hall", "4< ERR|t|{\"code\":\"banned\",\"text\":*}");
    house_told (house, 5, "JOIN|t|lad|hall", "5< OK|t|*", "feed> *");
    refused (house, 5, "SAY|t|lad|hall|x", "muted");
    refused (house, 5, "TOPIC|t|lad|hall|x", "muted");
    house_do (house, 1, SET ("\"unban\",\"user\":\"guy\""));
    house_do (house, 1, SET ("\"unmute\",\"user\":\"lad\""));
    house_done (house, 4, "SAY|t|guy|hall|x", "feed> *", "4< OK|t|*");
    house_done (house, 5, "SAY|t|lad|hall|x", "feed> *", "5< OK|t|*");
    /*  What is not there is taken back as well.                               */
    house_done (house, 1, SET ("\"unmute\",\"user\":\"lad\""), "feed> *", "1< OK|t|*");
    house_destroy (house);
}

static void test_an_admin_is_bound_by_nothing_of_that (void **state)
{
    house_t *house = hall ();
    house_do (house, 9, "JOIN|t|adm|hall");
    house_do (house, 1, SET ("\"mute\",\"user\":\"adm\""));
    house_done (house, 9, "SAY|t|adm|hall|x", "feed> *", "9< OK|t|*");
    house_do (house, 1, SET ("\"ban\",\"user\":\"adm\""));
    house_told (house, 9, "JOIN|t|adm|hall", "9< OK|t|*", "feed> *");
    house_do (house, 9, "KICK|t|adm|hall|ann");
    house_do (house, 9, "MODE|t|adm|hall|{\"set\":\"deop\",\"user\":\"ann\"}");
    refused (house, 1, SET ("\"lock\""), "operator");
    house_destroy (house);
}

static void test_a_ban_from_a_private_room_ends_the_membership (void **state)
{
    for (int fails = 0; fails < 2; fails++) {
        house_t *house = house_den ();
        house_ask (house, 1, "MODE|t|ann|den|{\"set\":\"ban\",\"user\":\"bob\"}");
        house_ask (house, 1, "SAY|s|ann|den|after");
        assert_int_equal (house_take (house), 3);
        if (fails) {
            house_fail (house);
            house_expect (house, "1< ERR|t|*storage*", "1< ERR|s|*storage*");
            house_told (house, 2, "JOIN|t|bob|den", "2< OK|t|*\"role\":\"member\"}");
            house_done (house, 2, "SAY|t|bob|den|x", "1< EVENT||*", "2< EVENT||*", "2< OK|t|*");
        } else {
            house_land (house);
            house_expect (house, "1< EVENT||room/den/|ann||*\"ban\"*", "2< EVENT||*\"ban\"*",
                          "1< EVENT||room/den/|bob||*\"kick\"}}",
                          "2< EVENT||room/den/|bob||*\"kick\"}}", "1< OK|t|*",
                          "1< EVENT||room/den/|ann|after*", "1< OK|s|*");
            house_told (house, 2, "JOIN|t|bob|den", "2< ERR|t|{\"code\":\"private\"*");
            house_told (house, 1, "MODE|t|ann|den", "1< OK|t|*\"members\":[\"ann\"],\"bans\":[{*");
            refused (house, 1, "MODE|t|ann|den|{\"set\":\"op\",\"user\":\"bob\"}", "member");
        }
        house_destroy (house);
    }
}

/*  The ban and the end of the membership in one commit, wherever the batch would end. */
static void test_ban_and_membership_are_one_commit (void **state)
{
    for (int before = ZCHAT_BATCH_MAX - 1; before <= ZCHAT_BATCH_MAX; before++) {
        house_t *house = house_den ();
        for (int i = 0; i < before; i++)
            house_ask (house, 3, "SAY|t|eve|hall|x");
        house_ask (house, 1, "MODE|t|ann|den|{\"set\":\"ban\",\"user\":\"bob\"}");
        assert_int_equal (house_take (house),
                          before == ZCHAT_BATCH_MAX ? before : ZCHAT_BATCH_MAX + 1);
        house->stage.quiet = true;
        house_land (house);
        house_commit (house);
        house_destroy (house);
    }
}

static void test_lock (void **state)
{
    house_t *house = hall ();
    house_do (house, 1, SET ("\"lock\""));
    refused (house, 2, "TOPIC|t|bob|hall|x", "operator");
    house_do (house, 1, "JOIN|t|ann|hall");
    house_done (house, 1, "TOPIC|t|ann|hall|x", "feed> room/hall/|ann|x|*", "1< OK|t|*");
    house_restart (house);
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_do (house, 2, "JOIN|t|bob|hall");
    refused (house, 2, "TOPIC|t|bob|hall|y", "operator");
    house_do (house, 1, SET ("\"unlock\""));
    house_done (house, 2, "TOPIC|t|bob|hall|y", "feed> *", "2< OK|t|*");
    house_destroy (house);
}

static void test_close (void **state)
{
    house_t *house = hall ();
    refused (house, 1, SET ("\"close\""), "operator");
    house_ask (house, 2, "SAY|a|bob|hall|before");
    house_ask (house, 9, "MODE|b|adm|hall|{\"set\":\"close\",\"reason\":\"enough\"}");
    house_ask (house, 2, "SAY|c|bob|hall|after");
    house_commit (house);
    house_expect (house, "feed> room/hall/|bob|before|*", "2< OK|a|*",
                  "feed> room/hall/|adm|enough|*{\"set\":\"close\"}}",
                  "feed> room/hall/|bob||*{\"members\":1,\"reason\":\"close\"}}",
                  "feed> room/hall/|eve||*{\"members\":0,\"reason\":\"close\"}}", "9< OK|b|*",
                  "2< ERR|c|{\"code\":\"closed\"*");
    refused (house, 2, "JOIN|t|bob|hall", "closed");
    refused (house, 9, "JOIN|t|adm|hall", "closed");
    refused (house, 9, "SAY|t|adm|hall|x", "closed");
    assert_int_equal (core_stats (house->stage.core).members, 0);
    house_do (house, 1, SET ("\"lock\""));
    refused (house, 1, SET ("\"open\""), "operator");
    house_restart (house);
    house_hello (house, 9, HOUSE_ADMIN, "adm", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    refused (house, 2, "SAY|t|bob|hall|x", "closed");
    house_do (house, 9, "MODE|t|adm|hall|{\"set\":\"open\"}");
    house_told (house, 2, "JOIN|t|bob|hall", "2< OK|t|*", "feed> *");
    house_told (house, 2, "MODE|t|bob|hall", "2< OK|t|*\"locked\":true,\"closed\":false*");
    house_destroy (house);
}

static void test_close_of_a_private_room (void **state)
{
    house_t *house = house_den ();
    house_hello (house, 4, 2, "bob", "pack");
    house_do (house, 4, "JOIN|t|bob|den");
    house_hello (house, 9, HOUSE_ADMIN, "adm", NULL);
    house_done (
        house, 9, "MODE|t|adm|den|{\"set\":\"close\"}", "1< EVENT||*\"close\"}}",
        "2< EVENT||*\"close\"}}", "1< EVENT||room/den/|ann||*{\"members\":1,\"reason\":\"close\"}}",
        "2< EVENT||room/den/|ann||*", "4< EVENT||pack/den/ room/den/|adm||* room/den/|ann||*",
        "2< EVENT||room/den/|bob||*{\"members\":0,\"reason\":\"close\"}}",
        "4< EVENT||pack/den/ room/den/|bob||*", "9< OK|t|*");
    refused (house, 1, "INVITE|t|ann|den|eve", "closed");
    refused (house, 1, "SAY|t|ann|den|x", "closed");
    house_do (house, 9, "MODE|t|adm|den|{\"set\":\"open\"}");
    house_told (house, 2, "JOIN|t|bob|den", "2< OK|t|*\"private\":true,\"role\":\"member\"}",
                "2< *");
    house_destroy (house);
}

static void test_a_room_remembers_so_much (void **state)
{
    house_t *house = hall ();
    house->stage.quiet = true;
    for (int i = 0; i < ZCHAT_ROOM_FACTS_MAX - 1; i++) {
        house_askf (house, 1, SET ("\"mute\",\"user\":\"u%d\""), i);
        if (i % 1000 == 0)
            house_commit (house);
    }
    house_commit (house);
    house->stage.quiet = false;
    refused (house, 1, SET ("\"mute\",\"user\":\"more\""), "limit");
    house_told (house, 9, "MODE|t|adm|hall", "*\"mutes\":[{*");
    /*  A commit that fails with facts taken away and put there is undone.     */
    house_ask (house, 1, SET ("\"unmute\",\"user\":\"u1\""));
    house_ask (house, 1, SET ("\"mute\",\"user\":\"more\""));
    house_fail (house);
    stage_skip (&house->stage);
    refused (house, 1, SET ("\"mute\",\"user\":\"more\""), "limit");
    house_do (house, 1, SET ("\"unmute\",\"user\":\"u1\""));
    house_done (house, 1, SET ("\"mute\",\"user\":\"more\""), "feed> *", "1< OK|t|*");
    house_destroy (house);
}

/*  --- REMOVE ----------------------------------------------------------------  */

/*  REMOVE, its page read, committed.                                          */
static void take_away (house_t *house, core_peer_t peer, const char *text)
{
    house_ask (house, peer, text);
    house_expect (house, "read> *");
    stage_read (&house->stage);
    house_commit (house);
}

static void test_remove (void **state)
{
    house_t *house = hall ();
    house_do (house, 2, "SAY|t|bob|hall|oops|{\"data\":{\"a\":1}}");
    house_do (house, 2, "SAY|t|bob|hall|more|{\"type\":\"action\"}");
    refused (house, 3, "REMOVE|t|eve|hall|2", "operator");
    refused (house, 2, "REMOVE|t|bob|hall|1", "operator");
    take_away (house, 2, "REMOVE|t|bob|hall|2|typo");
    house_expect (house, "feed> room/hall/|bob|typo|{\"type\":\"remove\",\"seq\":4,*{\"seq\":2}}",
                  "2< OK|t|{\"seq\":4,*");
    take_away (house, 1, "REMOVE|t|ann|hall|3");
    house_expect (house, "feed> room/hall/|ann||*{\"seq\":3}}", "1< OK|t|{\"seq\":5,*");
    refused (house, 2, "REMOVE|t|bob|hall|2", "nobody");
    refused (house, 1, "REMOVE|t|ann|hall|5", "nobody");
    refused (house, 1, "REMOVE|t|ann|hall|6", "nobody");
    refused (house, 1, "REMOVE|t|ann|nowhere|1", "nobody");
    static const char *const no_seqs[] = {"",  "0",  "-1", "+1", "01x", "1 ", "99999999999999",
                                          "x", "1.0"};
    for (size_t i = 0; i < sizeof no_seqs / sizeof *no_seqs; i++) {
        char text[64];
        snprintf (text, sizeof text, "REMOVE|t|ann|hall|%s", no_seqs[i]);
        refused (house, 1, text, "malformed");
    }
    house_ask (house, 3, "HISTORY|t|eve|hall|{\"after\":1}");
    stage_skip (&house->stage);
    stage_read (&house->stage);
    house_expect (house, "3< EVENT|t|room/hall/|bob||{\"type\":\"gone\",\"seq\":2,\"time\":1000}",
                  "3< EVENT|t|room/hall/|bob||{\"type\":\"gone\",\"seq\":3*", "3< EVENT|t|*",
                  "3< EVENT|t|*", "3< OK|t|*");
    house_destroy (house);
}

static void test_remove_twice_at_once (void **state)
{
    house_t *house = hall ();
    house_ask (house, 1, "REMOVE|a|ann|hall|1");
    house_ask (house, 1, "REMOVE|b|ann|hall|1");
    /*  The one behind the other: what a connection asks stays in order.       */
    house_expect (house, "read> *");
    stage_read (&house->stage);
    house_expect (house, "read> *");
    stage_read (&house->stage);
    house_commit (house);
    house_expect (house, "feed> *", "1< OK|a|*", "feed> *", "1< OK|b|*");
    /*  A message that is not on disk yet is not there.                        */
    house_ask (house, 1, "SAY|s|ann|hall|x");
    house_ask (house, 1, "REMOVE|c|ann|hall|4");
    house_commit (house);
    house_expect (house, "feed> *", "1< OK|s|*", "1< ERR|c|{\"code\":\"nobody\"*");
    house_destroy (house);
}

static void test_remove_of_what_was_trimmed (void **state)
{
    house_t *house = hall ();
    house_do (house, 1, "SAY|t|ann|hall|x");
    house_ask (house, 1, "REMOVE|t|ann|hall|1");
    store_trimmed_t trimmed;
    store_retain_t retain = {.age_ms = 1};
    house_do (house, 2, "SAY|t|bob|hall|y");
    house->stage.now.wall_ms = 5000;
    assert_int_equal (store_trim (house->stage.store, &retain, 5000, &trimmed), ZCHAT_OK);
    assert_true (trimmed.first > 1);
    core_trimmed (house->stage.core, trimmed.room, trimmed.first);
    stage_read (&house->stage);
    house_commit (house);
    house_expect (house, "1< ERR|t|{\"code\":\"nobody\"*");
    refused (house, 1, "REMOVE|t|ann|hall|1", "nobody");
    house_destroy (house);
}

static void test_remove_while_the_world_changes (void **state)
{
    house_t *house = house_den ();
    house_do (house, 2, "SAY|t|bob|den|x");
    /*  An operator no more, a member no more, here no more.                   */
    house_ask (house, 2, "REMOVE|t|bob|den|3");
    house_do (house, 1, "KICK|t|ann|den|bob");
    stage_read (&house->stage);
    house_expect (house, "2< ERR|t|{\"code\":\"private\"*");
    house_ask (house, 1, "REMOVE|t|ann|den|3");
    house_gone (house, 1);
    stage_skip (&house->stage);
    stage_read (&house->stage);
    house_expect_nothing (house);
    house_hello (house, 1, 1, "ann", NULL);
    house_ask (house, 1, "REMOVE|t|ann|den|3");
    house_expect (house, "read> *");
    stage_read_done (&house->stage, ZCHAT_STORAGE);
    house_expect (house, "1< ERR|t|{\"code\":\"storage\"*");
    take_away (house, 1, "REMOVE|t|ann|den|3");
    house_expect (house, "1< OK|t|*");
    /*  An admin takes away where they do not read.                            */
    house_hello (house, 9, HOUSE_ADMIN, "adm", NULL);
    refused (house, 9, "REMOVE|t|adm|den|1", "nobody");
    house_do (house, 1, "SAY|t|ann|den|y");
    uint64_t head = house_room (house, frame_str ("den"))->head;
    char text[64];
    snprintf (text, sizeof text, "REMOVE|t|adm|den|%llu", (unsigned long long)head);
    take_away (house, 9, text);
    house_expect (house, "9< OK|t|*");
    house_destroy (house);
}

/*  A name that is another's now takes away nothing of who had it before.      */
static void test_remove_by_who_has_the_name_now (void **state)
{
    house_t *house = hall ();
    house_do (house, 2, "SAY|t|bob|hall|mine");
    house_do (house, 2, "KEY|t|bob|{\"free\":true}");
    house_gone (house, 2);
    house->stage.now.wall_ms += ZCHAT_NAME_FREED_MS;
    house_key (house, 5, 5);
    house_ask (house, 5, "HELLO|h|bob");
    house_commit (house);
    house_expect (house, "5< OK|h|*\"proven\":true*");
    refused (house, 5, "REMOVE|t|bob|hall|2", "operator");
    /*  Nor what was said under the name before it was proven.                 */
    house_hello (house, 6, 0, "guy", NULL);
    house_do (house, 6, "SAY|t|guy|hall|unproven");
    refused (house, 6, "REMOVE|t|guy|hall|3", "operator");
    house_gone (house, 6);
    house->stage.now.wall_ms += 1;
    stage_wait (&house->stage, ZCHAT_NAME_GRACE_MS);
    house_hello (house, 6, 6, "guy", NULL);
    refused (house, 6, "REMOVE|t|guy|hall|3", "operator");
    house_destroy (house);
}

static void test_the_silenced_take_away_in_silence (void **state)
{
    house_t *house = hall ();
    house_do (house, 2, "SAY|t|bob|hall|x");
    house_do (house, 1, SET ("\"mute\",\"user\":\"bob\""));
    refused (house, 2, "REMOVE|t|bob|hall|2|spam", "muted");
    take_away (house, 2, "REMOVE|t|bob|hall|2");
    house_expect (house, "feed> *", "2< OK|t|*");
    house_destroy (house);
}

/*  --- order -----------------------------------------------------------------  */

static void test_replies_keep_their_order (void **state)
{
    house_t *house = house_den ();
    house_ask (house, 3, "SAY|a|eve|hall|x");
    house_ask (house, 3, "INVITE|b|eve|den|eve");
    house_ask (house, 3, "KICK|c|eve|den|bob");
    house_ask (house, 3, "KICK|d|eve|no room|bob");
    house_ask (house, 3, "MODE|e|eve|den|{\"set\":\"lock\"}");
    house_ask (house, 3, "MODE|f|eve|nowhere|{\"set\":\"lock\"}");
    house_ask (house, 3, "REMOVE|g|eve|den|1");
    house_ask (house, 3, "TELL|h|eve|none|x");
    house_ask (house, 3, "TOPIC|i|eve|den|x");
    house_ask (house, 3, "MODE|j|eve|hall|{\"set\":\"lock\"}");
    house_expect_nothing (house);
    house_commit (house);
    house_expect (house, "feed> *", "3< OK|a|*", "3< ERR|b|*private*", "3< ERR|c|*private*",
                  "3< ERR|d|*name*", "3< ERR|e|*private*", "3< ERR|f|*nobody*",
                  "3< ERR|g|*private*", "3< ERR|h|*nobody*", "3< ERR|i|*private*", "feed> *",
                  "3< OK|j|*");
    house_destroy (house);
}

/*  One presence tells of all: not a leave for each to each.                   */
static void test_closing_a_large_room_is_told_at_once (void **state)
{
    house_t *house = house_new ();
    house_hello (house, 9, 9, "adm", NULL);
    house_do (house, 9, "SAY|s|adm|hall|x");
    house->stage.quiet = true;
    for (core_peer_t peer = 100; peer < 100 + ZCHAT_PRESENCE_MERGE_MEMBERS; peer++) {
        stage_askf (&house->stage, peer, "HELLO|h|u%d", (int)peer);
        stage_askf (&house->stage, peer, "JOIN|j|u%d|hall", (int)peer);
    }
    stage_commit (&house->stage);
    house->stage.quiet = false;
    stage_wait (&house->stage, ZCHAT_PRESENCE_MERGE_MS);
    stage_skip (&house->stage);
    house_done (house, 9, "MODE|c|adm|hall|{\"set\":\"close\"}", "feed> room/hall/|adm||*close*",
                "feed> room/hall/|||{\"type\":\"presence\",*\"leave\":[\"u100\",*\"members\":0}}",
                "9< OK|c|*");
    assert_int_equal (core_stats (house->stage.core).members, 0);
    house_destroy (house);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_what_is_no_mode),
        cmocka_unit_test (test_the_longest_reason),
        cmocka_unit_test (test_operators),
        cmocka_unit_test (test_a_ban_puts_out_and_ends),
        cmocka_unit_test (test_bans_of_who_is_not_here),
        cmocka_unit_test (test_an_admin_is_bound_by_nothing_of_that),
        cmocka_unit_test (test_a_ban_from_a_private_room_ends_the_membership),
        cmocka_unit_test (test_ban_and_membership_are_one_commit),
        cmocka_unit_test (test_lock),
        cmocka_unit_test (test_close),
        cmocka_unit_test (test_close_of_a_private_room),
        cmocka_unit_test (test_closing_a_large_room_is_told_at_once),
        cmocka_unit_test (test_a_room_remembers_so_much),
        cmocka_unit_test (test_remove),
        cmocka_unit_test (test_remove_twice_at_once),
        cmocka_unit_test (test_remove_of_what_was_trimmed),
        cmocka_unit_test (test_remove_while_the_world_changes),
        cmocka_unit_test (test_remove_by_who_has_the_name_now),
        cmocka_unit_test (test_the_silenced_take_away_in_silence),
        cmocka_unit_test (test_replies_keep_their_order),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
