/*  test_edits.c - EDIT, REACT, UNREACT, what REMOVE does to them, marks, and their order  */
#include "stage_private.h"

#define PRODUCER "\"producer\":\"00000000000000000000000000000007\""

/*  ann (1) said "first" and "second" in the public room hall, bob (2) "third"; eve (3) is there;
   adm (9) is an admin; guy (4) has no key.                                       */
static house_t *hall (void)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_hello (house, 3, 3, "eve", NULL);
    house_hello (house, 4, 0, "guy", NULL);
    house_hello (house, 9, HOUSE_ADMIN, "adm", NULL);
    house_do (house, 1, "SAY|t|ann|hall|first|{\"data\":{\"k\":1}}");
    house_do (house, 1, "SAY|t|ann|hall|second");
    house_do (house, 2, "SAY|t|bob|hall|third");
    house_do (house, 2, "JOIN|t|bob|hall");
    house_do (house, 3, "JOIN|t|eve|hall");
    return house;
}

/*  No line says any more that a page was asked for.                           */
static void lines_tidy (house_t *house)
{
    stage_t *stage = &house->stage;
    size_t kept = 0;
    for (size_t i = 0; i < stage->n_lines; i++)
        if (stage_match ("read>*", stage->lines[i]))
            free (stage->lines[i]);
        else
            stage->lines[kept++] = stage->lines[i];
    stage->n_lines = kept;
}

/*  Everything that was asked for comes and is stored.                         */
static void settle (house_t *house)
{
    house_commit (house);
    while (house->stage.n_reads) {
        stage_read (&house->stage);
        house_commit (house);
    }
    lines_tidy (house);
}

static void ask (house_t *house, core_peer_t peer, const char *text)
{
    house_ask (house, peer, text);
    settle (house);
}

static void refused (house_t *house, core_peer_t peer, const char *text, const char *code)
{
    char pattern[64];
    snprintf (pattern, sizeof pattern, "%llu< ERR|t|{\"code\":\"%s\"*", (unsigned long long)peer,
              code);
    ask (house, peer, text);
    house_expect (house, pattern);
}

#define done(house, peer, text, ...)                                                               \
    do {                                                                                           \
        ask ((house), (peer), (text));                                                             \
        house_expect ((house), __VA_ARGS__);                                                       \
    } while (0)

/*  --- EDIT ------------------------------------------------------------------  */

static void test_the_author_edits (void **state)
{
    (void)state;
    house_t *house = hall ();
    done (house, 1, "EDIT|t|ann|hall|1|better",
          "feed> room/hall/|ann|better|{\"type\":\"edit\",\"seq\":4,\"time\":1000,\"data\":"
          "{\"seq\":1}}",
          "1< OK|t|{\"seq\":4,\"time\":1000}");
    /*  Its data stays.                                                        */
    done (house, 3, "HISTORY|t|eve|hall|{\"marks\":true,\"limit\":1,\"before\":2}",
          "3< EVENT|t|room/hall/|ann|better|{\"type\":\"say\",\"seq\":1,\"time\":1000,\"data\":"
          "{\"k\":1}}",
          "3< EVENT|t|room/hall/|||{\"type\":\"marks\",\"time\":1000,\"data\":"
          "{\"seq\":1,\"at\":4,\"edited\":4,\"edits\":1}}",
          "3< OK|t|*");
    done (house, 1, "EDIT|t|ann|hall|1|best", "feed> *\"seq\":5*", "1< OK|t|*");
    /*  Of the edits the last one alone has a text.                            */
    done (house, 3, "HISTORY|t|eve|hall|{\"marks\":true}", "3< EVENT|t|room/hall/|ann|best|*",
          "3< EVENT|t|*\"edited\":5,\"edits\":2}}", "3< EVENT|t|room/hall/|ann|second|*",
          "3< EVENT|t|room/hall/|bob|third|*",
          "3< EVENT|t|room/hall/|ann||{\"type\":\"edit\",\"seq\":4,*\"data\":{\"seq\":1}}",
          "3< EVENT|t|room/hall/|ann|best|{\"type\":\"edit\",\"seq\":5,*", "3< OK|t|*");
    house_destroy (house);
}

static void test_who_may_not_edit (void **state)
{
    (void)state;
    house_t *house = hall ();
    refused (house, 2, "EDIT|t|bob|hall|1|x", "operator");
    refused (house, 1, "EDIT|t|ann|hall|3|x", "operator"); /* an operator neither     */
    refused (house, 9, "EDIT|t|adm|hall|3|x", "operator");
    house_do (house, 4, "SAY|t|guy|hall|mine");
    refused (house, 4, "EDIT|t|guy|hall|4|x", "proof");
    refused (house, 5, "EDIT|t||hall|1|x", "guest");
    refused (house, 5, "EDIT|t|new|hall|1|x", "hello");
    refused (house, 1, "EDIT|t|ann|hall|5|x", "nobody");
    refused (house, 1, "EDIT|t|ann|nowhere|1|x", "nobody");
    refused (house, 1, "EDIT|t|ann|hall|0|x", "malformed");
    refused (house, 1, "EDIT|t|ann|hall|1|", "malformed");
    refused (house, 1, "EDIT|t|ann|hall|1|\xff", "malformed");
    refused (house, 1, "EDIT|t|ann|hall|1|x|[]", "malformed");
    refused (house, 1, "EDIT|t|ann|@|1|x", "malformed");
    refused (house, 1, "EDIT|t|ann|no room|1|x", "name");
    house_do (house, 1, "TOPIC|t|ann|hall|x");
    refused (house, 1, "EDIT|t|ann|hall|1|x|{\"producer\":\"x\",\"n\":1}", "malformed");
    house_do (house, 1, "JOIN|t|ann|hall");
    house_do (house, 1, "TOPIC|t|ann|hall|x");
    refused (house, 1, "EDIT|t|ann|hall|5|x", "nobody"); /* a topic              */
    done (house, 1, "EDIT|t|ann|hall|1|y", "feed> *\"seq\":6*", "1< OK|t|*");
    refused (house, 1, "EDIT|t|ann|hall|6|x", "nobody"); /* an edit              */
    house_destroy (house);
}

static void test_who_may_not_speak_does_not_edit (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_do (house, 1, "MODE|t|ann|hall|{\"set\":\"mute\",\"user\":\"bob\"}");
    refused (house, 2, "EDIT|t|bob|hall|3|x", "muted");
    refused (house, 2, "REACT|t|bob|hall|1|x", "muted");
    house_do (house, 1, "MODE|t|ann|hall|{\"set\":\"unmute\",\"user\":\"bob\"}");
    house_do (house, 1, "MODE|t|ann|hall|{\"set\":\"ban\",\"user\":\"bob\"}");
    refused (house, 2, "EDIT|t|bob|hall|3|x", "banned");
    refused (house, 2, "REACT|t|bob|hall|1|x", "banned");
    house_do (house, 9, "MODE|t|adm|hall|{\"set\":\"close\"}");
    refused (house, 1, "EDIT|t|ann|hall|1|x", "closed");
    refused (house, 1, "UNREACT|t|ann|hall|1|x", "closed");
    house_destroy (house);
}

static void test_a_message_is_edited_for_a_day (void **state)
{
    (void)state;
    house_t *house = hall ();
    house->stage.now.wall_ms = 1000 + ZCHAT_EDIT_WINDOW_MS;
    done (house, 1, "EDIT|t|ann|hall|1|x", "feed> *", "1< OK|t|*");
    house->stage.now.wall_ms++;
    done (house, 1, "EDIT|t|ann|hall|1|y",
          "1< ERR|t|{\"code\":\"limit\",*\"limit\":86400000,\"what\":\"edit\"}");
    house_destroy (house);
}

static void test_a_message_is_edited_so_often (void **state)
{
    (void)state;
    house_t *house = hall ();
    for (int i = 0; i < ZCHAT_EDITS_MAX; i++) {
        house->stage.now.mono_ms += 1000;
        done (house, 1, "EDIT|t|ann|hall|1|x", "feed> *", "1< OK|t|*");
    }
    done (house, 1, "EDIT|t|ann|hall|1|x",
          "1< ERR|t|{\"code\":\"limit\",*\"limit\":100,\"what\":\"edits\"}");
    done (house, 1, "EDIT|t|ann|hall|2|x", "feed> *", "1< OK|t|*");
    house_destroy (house);
}

/*  The name that somebody gave up is another's then.                          */
static void test_what_a_former_owner_said_is_not_edited (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_do (house, 2, "KEY|t|bob|{\"free\":true}");
    house->stage.now.wall_ms += ZCHAT_NAME_FREED_MS + 1;
    house->stage.now.mono_ms += ZCHAT_NAME_FREED_MS + 1;
    house_hello (house, 6, 6, "bob", NULL);
    refused (house, 6, "EDIT|t|bob|hall|3|x", "operator");
    house_destroy (house);
}

/*  --- exactly once, and in order --------------------------------------------  */

static void test_an_edit_counts_like_what_is_said (void **state)
{
    (void)state;
    house_t *house = hall ();
    refused (house, 1, "EDIT|t|ann|hall|1|x|{" PRODUCER ",\"n\":2}", "gap");
    done (house, 1, "EDIT|t|ann|hall|1|x|{" PRODUCER ",\"n\":1}", "feed> *", "1< OK|t|{\"seq\":4*");
    done (house, 1, "EDIT|t|ann|hall|1|x|{" PRODUCER ",\"n\":1}", "1< OK|t|{\"duplicate\":true}");
    done (house, 1, "SAY|t|ann|hall|y|{" PRODUCER ",\"n\":1}", "1< OK|t|{\"duplicate\":true}");
    done (house, 1, "SAY|t|ann|hall|y|{" PRODUCER ",\"n\":2}", "feed> *", "1< OK|t|{\"seq\":5*");
    /*  What was stored is not refused: neither when the message is gone, nor when it is too old. */
    house_do (house, 9, "REMOVE|t|adm|hall|1");
    settle (house);
    stage_skip (&house->stage);
    done (house, 1, "EDIT|t|ann|hall|1|x|{" PRODUCER ",\"n\":1}", "1< OK|t|{\"duplicate\":true}");
    done (house, 1, "EDIT|t|ann|hall|99|x|{" PRODUCER ",\"n\":2}", "1< OK|t|{\"duplicate\":true}");
    /*  A refused one does not count.                                          */
    refused (house, 1, "EDIT|t|ann|hall|1|x|{" PRODUCER ",\"n\":3}", "nobody");
    done (house, 1, "EDIT|t|ann|hall|2|x|{" PRODUCER ",\"n\":3}", "feed> *", "1< OK|t|*");
    house_destroy (house);
}

/*  What a connection asks behind a call that is looking at a message waits for it; others do not.
 */
static void test_what_stands_behind_a_look_waits (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_ask (house, 1, "SAY|a|ann|hall|x|{" PRODUCER ",\"n\":1}");
    house_ask (house, 1, "EDIT|b|ann|hall|1|y|{" PRODUCER ",\"n\":2}");
    house_ask (house, 1, "SAY|c|ann|hall|z|{" PRODUCER ",\"n\":3}");
    house_ask (house, 1, "PING|d|ann");
    house_ask (house, 1, "EDIT|e|ann|hall|2|w|{" PRODUCER ",\"n\":4}");
    house_ask (house, 1, "REMOVE|f|ann|hall|3");
    house_ask (house, 1, "SAY|g|ann|hall|v|{" PRODUCER ",\"n\":5}");
    house_expect (house, "read> *");
    assert_int_equal (house->stage.n_reads, 1);
    house_ask (house, 2, "SAY|t|bob|hall|quick");
    house_commit (house);
    house_expect (house, "feed> room/hall/|ann|x|*", "1< OK|a|*", "feed> room/hall/|bob|quick|*",
                  "2< OK|t|*");
    settle (house);
    house_expect (house, "1< OK|d|*", "feed> room/hall/|ann|y|*\"seq\":6,*", "1< OK|b|*",
                  "feed> room/hall/|ann|z|*\"seq\":7,*", "1< OK|c|*",
                  "feed> room/hall/|ann|w|*\"seq\":8,*", "1< OK|e|*",
                  "feed> room/hall/|ann||*\"remove\",\"seq\":9,*", "1< OK|f|*",
                  "feed> room/hall/|ann|v|*\"seq\":10,*", "1< OK|g|*");
    assert_true (core_idle (house->stage.core));
    house_destroy (house);
}

/*  A refusal keeps its place, too.                                            */
static void test_refusals_come_in_their_place (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_ask (house, 1, "SAY|a|ann|hall|x");
    house_ask (house, 1, "EDIT|b|ann|hall|77|y");
    house_ask (house, 1, "EDIT|c|ann|hall|3|y");
    house_ask (house, 1, "EDIT|d|ann|@|3|y");
    settle (house);
    house_expect (house, "feed> *", "1< OK|a|*", "1< ERR|b|{\"code\":\"nobody\"*",
                  "1< ERR|c|{\"code\":\"operator\"*", "1< ERR|d|{\"code\":\"malformed\"*");
    house_destroy (house);
}

static void test_nothing_is_left_of_a_peer_that_is_gone (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_ask (house, 1, "EDIT|a|ann|hall|1|y");
    house_ask (house, 1, "SAY|b|ann|hall|z");
    house_ask (house, 1, "EDIT|c|ann|hall|1|z");
    assert_false (core_idle (house->stage.core));
    house_gone (house, 1);
    stage_skip (&house->stage);
    /*  It is here again while the page of the former one is still on its way.   */
    house_hello (house, 7, 1, "ann", NULL);
    house_ask (house, 7, "SAY|d|ann|hall|again");
    stage_read (&house->stage);
    house_commit (house);
    lines_tidy (house);
    house_expect (house, "feed> room/hall/|ann|again|*\"seq\":4*", "7< OK|d|*");
    assert_true (core_idle (house->stage.core));
    assert_int_equal (core_stats (house->stage.core).reads, 0);
    /*  What waits when the core ends is freed.                                */
    house_ask (house, 7, "EDIT|a|ann|hall|1|y");
    house_ask (house, 7, "SAY|b|ann|hall|z");
    house_destroy (house);
}

static void test_the_log_cannot_be_read (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_ask (house, 1, "EDIT|a|ann|hall|1|y|{" PRODUCER ",\"n\":1}");
    house_ask (house, 1, "SAY|b|ann|hall|z|{" PRODUCER ",\"n\":2}");
    house_ask (house, 1, "REACT|c|ann|hall|1|+1");
    stage_read_done (&house->stage, ZCHAT_STORAGE);
    stage_read_done (&house->stage, ZCHAT_STORAGE);
    house_commit (house);
    lines_tidy (house);
    house_expect (house, "1< ERR|a|{\"code\":\"storage\"*",
                  "1< ERR|b|{\"code\":\"gap\",*\"expected\":1}", "1< ERR|c|{\"code\":\"storage\"*");
    house_destroy (house);
}

/*  The ledger is loaded anew between the look and the call's turn.            */
static void test_a_commit_that_fails (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_ask (house, 1, "SAY|a|ann|hall|x|{" PRODUCER ",\"n\":1}");
    assert_true (house_take (house) > 0);
    house_ask (house, 1, "EDIT|b|ann|hall|1|y|{" PRODUCER ",\"n\":2}");
    house_ask (house, 1, "SAY|c|ann|hall|z|{" PRODUCER ",\"n\":3}");
    stage_read (&house->stage);
    house_fail (house);
    lines_tidy (house);
    house_expect (house, "1< ERR|a|{\"code\":\"storage\"*", "1< ERR|b|{\"code\":\"storage\"*",
                  "1< ERR|c|{\"code\":\"storage\"*");
    done (house, 1, "EDIT|b|ann|hall|1|y|{" PRODUCER ",\"n\":1}", "feed> *", "1< OK|b|*");
    house_destroy (house);
}

/*  --- reactions -------------------------------------------------------------  */

static void test_reactions (void **state)
{
    (void)state;
    house_t *house = hall ();
    done (house, 2, "REACT|t|bob|hall|1|👍",
          "feed> room/hall/|bob|👍|{\"type\":\"react\",\"seq\":4,\"time\":1000,\"data\":"
          "{\"seq\":1}}",
          "2< OK|t|{\"seq\":4,\"time\":1000}");
    done (house, 2, "REACT|t|bob|hall|1|👍", "2< OK|t|{\"duplicate\":true}");
    done (house, 2, "REACT|t|bob|hall|1|so", "feed> *", "2< OK|t|*");
    done (house, 4, "REACT|t|guy|hall|1|👍", "feed> *", "4< OK|t|*");
    done (house, 2, "UNREACT|t|bob|hall|1|so",
          "feed> room/hall/|bob|so|{\"type\":\"unreact\",\"seq\":7,*{\"seq\":1}}", "2< OK|t|*");
    done (house, 2, "UNREACT|t|bob|hall|1|so", "2< OK|t|{\"duplicate\":true}");
    done (house, 3, "UNREACT|t|eve|hall|1|👍", "3< OK|t|{\"duplicate\":true}");
    done (house, 2, "HISTORY|t|bob|hall|{\"marks\":true,\"before\":2}",
          "2< EVENT|t|room/hall/|ann|first|*",
          "2< EVENT|t|room/hall/|||{\"type\":\"marks\",\"time\":1000,\"data\":{\"seq\":1,\"at\":7,"
          "\"reactions\":{\"👍\":{\"count\":2,\"users\":[\"bob\",\"guy\"],\"mine\":true}}}}",
          "2< OK|t|{\"room\":\"hall\",\"more\":false,*");
    done (house, 5, "HISTORY|t||hall|{\"marks\":true,\"before\":2}", "5< EVENT|t|*",
          "5< EVENT|t|*\"reactions\":{\"👍\":{\"count\":2,\"users\":[\"bob\",\"guy\"]}}}}",
          "5< OK|t|*");
    house_destroy (house);
}

static void test_what_is_no_reaction (void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "a b", "a\xc2\xa0", "\x01", "a\n", "\xff", "\xe2\x80\x8d", "\xcc\x81",
    };
    house_t *house = hall ();
    char text[96];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        snprintf (text, sizeof text, "REACT|t|bob|hall|1|%s", texts[i]);
        refused (house, 2, text, "malformed");
    }
    refused (house, 2, "REACT|t|bob|hall|1|123456789012345678901234567890123", "limit");
    refused (house, 2, "REACT|t|bob|@|1|x", "malformed");
    refused (house, 2, "REACT|t|bob|hall|x|x", "malformed");
    refused (house, 2, "REACT|t|bob|hall|9|x", "nobody");
    refused (house, 2, "UNREACT|t|bob|nowhere|1|x", "nobody");
    refused (house, 5, "REACT|t||hall|1|x", "guest");
    /*  A flag of a subdivision takes 28 bytes.                                */
    done (house, 2, "REACT|t|bob|hall|1|🏴󠁧󠁢󠁥󠁮󠁧󠁿", "feed> *", "2< OK|t|*");
    done (house, 2, "REACT|t|bob|hall|1|12345678901234567890123456789012", "feed> *", "2< OK|t|*");
    refused (house, 2, "REACT|t|bob|hall|4|x", "nobody"); /* a reaction            */
    house_destroy (house);
}

static void test_a_message_has_so_many_different_ones (void **state)
{
    (void)state;
    house_t *house = hall ();
    char text[64];
    for (int i = 0; i < ZCHAT_REACTIONS_MAX; i++) {
        snprintf (text, sizeof text, "REACT|t|bob|hall|1|r%d", i);
        done (house, 2, text, "feed> *", "2< OK|t|*");
    }
    done (house, 2, "REACT|t|bob|hall|1|one",
          "2< ERR|t|{\"code\":\"limit\",*\"limit\":20,\"what\":\"reactions\"}");
    done (house, 3, "REACT|t|eve|hall|1|r7", "feed> *", "3< OK|t|*");
    done (house, 2, "UNREACT|t|bob|hall|1|r0", "feed> *", "2< OK|t|*");
    done (house, 2, "REACT|t|bob|hall|1|one", "feed> *", "2< OK|t|*");
    house_destroy (house);
}

/*  What is asked last holds, though the one before was not on disk yet when the other looked.  */
static void test_a_reaction_is_taken_back_at_once (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_ask (house, 2, "REACT|a|bob|hall|1|x");
    house_ask (house, 2, "UNREACT|b|bob|hall|1|x");
    stage_read (&house->stage);
    stage_read (&house->stage);
    house_commit (house);
    lines_tidy (house);
    house_expect (house, "feed> *\"react\"*", "2< OK|a|*", "feed> *\"unreact\"*", "2< OK|b|*");
    done (house, 2, "HISTORY|t|bob|hall|{\"marks\":true,\"before\":2}", "2< EVENT|t|*",
          "2< OK|t|*");
    house_ask (house, 2, "REACT|a|bob|hall|1|x");
    house_ask (house, 2, "REACT|b|bob|hall|1|x");
    stage_read (&house->stage);
    stage_read (&house->stage);
    house_commit (house);
    lines_tidy (house);
    house_expect (house, "feed> *\"react\"*", "2< OK|a|*", "2< OK|b|{\"duplicate\":true}");
    done (house, 2, "HISTORY|t|bob|hall|{\"marks\":true,\"before\":2}", "2< EVENT|t|*",
          "2< EVENT|t|*{\"x\":{\"count\":1,*", "2< OK|t|*");
    house_destroy (house);
}

/*  Two devices of one user look at the same time: one reaction is stored.     */
static void test_two_devices_react_at_once (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_hello (house, 8, 2, "bob", NULL);
    house_ask (house, 2, "REACT|a|bob|hall|1|x");
    house_ask (house, 8, "REACT|b|bob|hall|1|x");
    stage_read (&house->stage);
    stage_read (&house->stage);
    settle (house);
    house_expect (house, "feed> *\"react\"*", "2< OK|a|*", "8< OK|b|{\"duplicate\":true}");
    /*  What was decided of a commit that failed does not count.               */
    house_ask (house, 2, "UNREACT|a|bob|hall|1|x");
    stage_read (&house->stage);
    assert_true (house_take (house) > 0);
    house_ask (house, 8, "REACT|b|bob|hall|1|x");
    stage_read (&house->stage);
    house_fail (house);
    lines_tidy (house);
    house_expect (house, "2< ERR|a|{\"code\":\"storage\"*", "8< ERR|b|{\"code\":\"storage\"*");
    done (house, 8, "REACT|b|bob|hall|1|x", "8< OK|b|{\"duplicate\":true}");
    done (house, 8, "UNREACT|b|bob|hall|1|x", "feed> *", "8< OK|b|*");
    house_destroy (house);
}

/*  --- private rooms ----------------------------------------------------------- */

static void test_nobody_else_edits_or_reacts_in_a_private_room (void **state)
{
    (void)state;
    house_t *house = house_den ();
    house_hello (house, 9, HOUSE_ADMIN, "adm", NULL);
    house_do (house, 1, "SAY|t|ann|den|hi");
    refused (house, 3, "REACT|t|eve|den|3|x", "private");
    refused (house, 3, "UNREACT|t|eve|den|3|x", "private");
    refused (house, 3, "REACT|t|eve|den|99|x", "private");
    refused (house, 3, "EDIT|t|eve|den|3|x", "private");
    refused (house, 9, "REACT|t|adm|den|3|x", "private");
    refused (house, 9, "EDIT|t|adm|den|3|x", "private");
    done (house, 2, "REACT|t|bob|den|3|x", "1< EVENT||room/den/|bob|x|*\"react\"*",
          "2< EVENT||room/den/|bob|x|*\"react\"*", "2< OK|t|*");
    house_ask (house, 2, "REACT|t|bob|den|3|y");
    house_do (house, 1, "KICK|t|ann|den|bob");
    stage_read (&house->stage);
    house_commit (house);
    lines_tidy (house);
    house_expect (house, "2< ERR|t|{\"code\":\"private\"*");
    house_destroy (house);
}

/*  --- REMOVE ----------------------------------------------------------------  */

static void test_what_is_removed_goes_with_its_edits (void **state)
{
    (void)state;
    house_t *house = hall ();
    done (house, 1, "EDIT|t|ann|hall|1|better", "feed> *", "1< OK|t|*");
    done (house, 1, "EDIT|t|ann|hall|1|best", "feed> *", "1< OK|t|*");
    done (house, 2, "REACT|t|bob|hall|1|x", "feed> *", "2< OK|t|*");
    refused (house, 2, "REMOVE|t|bob|hall|5", "operator");
    /*  Taking the edit away takes the message.                                */
    done (house, 1, "REMOVE|t|ann|hall|5", "feed> *\"remove\",*\"data\":{\"seq\":1}}", "1< OK|t|*");
    done (house, 2, "HISTORY|t|bob|hall|{\"marks\":true}",
          "2< EVENT|t|room/hall/|ann||*\"gone\",\"seq\":1,*", "2< EVENT|t|*\"seq\":2,*",
          "2< EVENT|t|*\"seq\":3,*", "2< EVENT|t|room/hall/|ann||*\"edit\",\"seq\":4,*",
          "2< EVENT|t|room/hall/|ann||*\"gone\",\"seq\":5,*", "2< EVENT|t|*\"react\"*",
          "2< EVENT|t|*\"remove\"*", "2< OK|t|*");
    refused (house, 1, "REMOVE|t|ann|hall|1", "nobody");
    refused (house, 1, "REMOVE|t|ann|hall|5", "nobody");
    refused (house, 1, "EDIT|t|ann|hall|1|x", "nobody");
    refused (house, 2, "REACT|t|bob|hall|1|x", "nobody");
    house_destroy (house);
}

/*  Somebody else removes it between the look and the edit's turn.             */
static void test_an_edit_of_what_is_gone_meanwhile_is_gone (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_ask (house, 9, "REMOVE|a|adm|hall|1");
    stage_read (&house->stage);
    assert_true (house_take (house) > 0);
    house_ask (house, 1, "EDIT|b|ann|hall|1|x");
    stage_read (&house->stage);
    house_ask (house, 2, "REACT|c|bob|hall|1|x");
    stage_read (&house->stage);
    house_land (house);
    settle (house);
    house_expect (house, "feed> *\"remove\"*", "9< OK|a|*", "feed> *\"edit\"*", "1< OK|b|*",
                  "feed> *\"react\"*", "2< OK|c|*");
    done (house, 2, "HISTORY|t|bob|hall|{\"marks\":true,\"after\":4}",
          "2< EVENT|t|room/hall/|ann||{\"type\":\"gone\",\"seq\":5,\"time\":1000}",
          "2< EVENT|t|*\"react\"*", "2< OK|t|*");
    house_destroy (house);
}

/*  Retention took the message, but not the edit, whose text is still there.   */
static void test_an_edit_outlives_its_message (void **state)
{
    (void)state;
    house_t *house = hall ();
    store_retain_t retain = {.age_ms = 100};
    store_trimmed_t trimmed;
    house->stage.now.wall_ms = 2000;
    done (house, 1, "EDIT|t|ann|hall|1|better", "feed> *\"seq\":4,*", "1< OK|t|*");
    assert_int_equal (store_trim (house->stage.store, &retain, 2050, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.first, 4);
    core_trimmed (house->stage.core, trimmed.room, trimmed.first);
    refused (house, 1, "REMOVE|t|ann|hall|1", "nobody");
    refused (house, 1, "EDIT|t|ann|hall|1|x", "nobody");
    done (house, 1, "REMOVE|t|ann|hall|4", "feed> *\"remove\",*{\"seq\":1}}", "1< OK|t|*");
    done (house, 2, "HISTORY|t|bob|hall|{\"marks\":true}",
          "2< EVENT|t|room/hall/|ann||*\"gone\",\"seq\":4,*", "2< EVENT|t|*\"remove\"*",
          "2< OK|t|*");
    house_destroy (house);
}

/*  --- marks -----------------------------------------------------------------  */

/*  In packs they stand behind their message, with seq 0.                      */
static void test_marks_in_packs (void **state)
{
    (void)state;
    house_t *house = hall ();
    done (house, 2, "REACT|t|bob|hall|2|x", "feed> *", "2< OK|t|*");
    done (house, 1, "EDIT|t|ann|hall|1|better", "feed> *", "1< OK|t|*");
    done (house, 3,
          "HISTORY|t|eve|hall|{\"marks\":true,\"form\":\"pack\",\"limit\":3,\"before\":4}",
          "3< EVENT|t|pack/hall/ room/hall/|ann|better|*\"seq\":1,*"
          " room/hall/|||{\"type\":\"marks\",\"time\":1000,\"data\":{\"seq\":1,\"at\":5,*"
          " room/hall/|ann|second|* room/hall/|||*{\"seq\":2,\"at\":5,\"reactions\":*"
          " room/hall/|bob|third|*",
          "3< OK|t|{\"room\":\"hall\",\"more\":false,*");
    /*  They count for nothing.                                                */
    done (house, 3, "HISTORY|t|eve|hall|{\"marks\":true,\"limit\":1,\"after\":1}",
          "3< EVENT|t|*second*", "3< EVENT|t|*marks*", "3< OK|t|*\"more\":true*");
    house_destroy (house);
}

/*  A page is read behind a commit of which nothing was told yet.              */
static void test_marks_that_are_early (void **state)
{
    (void)state;
    house_t *house = hall ();
    house_ask (house, 1, "EDIT|a|ann|hall|1|better");
    stage_read (&house->stage);
    house_ask (house, 1, "SAY|b|ann|hall|fresh");
    assert_true (house_take (house) > 0);
    stage_store (&house->stage);
    house_ask (house, 3, "HISTORY|t|eve|hall|{\"marks\":true}");
    stage_read (&house->stage);
    lines_tidy (house);
    /*  The room ends where it did; the marks say that they know of an event behind that.  */
    house_expect (house, "3< EVENT|t|room/hall/|ann|better|*\"seq\":1,*",
                  "3< EVENT|t|*\"marks\",*{\"seq\":1,\"at\":5,\"edited\":4,*",
                  "3< EVENT|t|*\"seq\":2,*", "3< EVENT|t|*\"seq\":3,*", "3< OK|t|*\"head\":3}");
    core_committed (house->stage.core, ZCHAT_OK, house->stage.now);
    house_destroy (house);
}

/*  Twenty reactions of the longest names do not fit: the last names are left out, no reaction is.
 */
static void test_marks_of_many_and_long_names (void **state)
{
    (void)state;
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_do (house, 1, "SAY|t|ann|hall|first");
    char name[3][4 * 32 + 1], text[256];
    for (int i = 0; i < 3; i++) {
        name[i][0] = '\0';
        for (int k = 0; k < 32; k++)
            strcat (name[i], k == 31 ? (i == 0 ? "𐐨" : i == 1 ? "𐐩" : "𐐪") : "𐐬");
        house_hello (house, 10 + (core_peer_t)i, 0, name[i], NULL);
        for (int k = 0; k < ZCHAT_REACTIONS_MAX; k++) {
            house->stage.now.mono_ms += 1000;
            snprintf (text, sizeof text, "REACT|t|%s|hall|1|\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"%02d",
                      name[i], k);
            ask (house, 10 + (core_peer_t)i, text);
            house_expect (house, "feed> *", "*OK|t|*");
        }
    }
    house_ask (house, 1, "HISTORY|t|ann|hall|{\"marks\":true,\"before\":2}");
    stage_skip (&house->stage);
    stage_read (&house->stage);
    assert_int_equal (house->stage.n_lines, 3);
    const char *meta = strstr (house->stage.lines[1], "{\"type\"");
    json_t *json = json_loads (meta, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null (json);
    json_t *reactions = json_object_get (json_object_get (json, "data"), "reactions"), *reaction;
    const char *key;
    size_t named = 0;
    assert_int_equal (json_object_size (reactions), ZCHAT_REACTIONS_MAX);
    json_object_foreach (reactions, key, reaction)
    {
        assert_int_equal (json_integer_value (json_object_get (reaction, "count")), 3);
        named += json_array_size (json_object_get (reaction, "users"));
    }
    assert_in_range (named, 10, 30);
    json_decref (json);
    house_destroy (house);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_the_author_edits),
        cmocka_unit_test (test_who_may_not_edit),
        cmocka_unit_test (test_who_may_not_speak_does_not_edit),
        cmocka_unit_test (test_a_message_is_edited_for_a_day),
        cmocka_unit_test (test_a_message_is_edited_so_often),
        cmocka_unit_test (test_what_a_former_owner_said_is_not_edited),
        cmocka_unit_test (test_an_edit_counts_like_what_is_said),
        cmocka_unit_test (test_what_stands_behind_a_look_waits),
        cmocka_unit_test (test_refusals_come_in_their_place),
        cmocka_unit_test (test_nothing_is_left_of_a_peer_that_is_gone),
        cmocka_unit_test (test_the_log_cannot_be_read),
        cmocka_unit_test (test_a_commit_that_fails),
        cmocka_unit_test (test_reactions),
        cmocka_unit_test (test_what_is_no_reaction),
        cmocka_unit_test (test_a_message_has_so_many_different_ones),
        cmocka_unit_test (test_a_reaction_is_taken_back_at_once),
        cmocka_unit_test (test_two_devices_react_at_once),
        cmocka_unit_test (test_nobody_else_edits_or_reacts_in_a_private_room),
        cmocka_unit_test (test_what_is_removed_goes_with_its_edits),
        cmocka_unit_test (test_an_edit_of_what_is_gone_meanwhile_is_gone),
        cmocka_unit_test (test_an_edit_outlives_its_message),
        cmocka_unit_test (test_marks_in_packs),
        cmocka_unit_test (test_marks_that_are_early),
        cmocka_unit_test (test_marks_of_many_and_long_names),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
