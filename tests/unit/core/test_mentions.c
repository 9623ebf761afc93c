/*  test_mentions.c - @name in a text, whom that means, and their mailboxes     */
#include "stage_private.h"
#include "verbs/verbs.h"

/*  --- the text --------------------------------------------------------------  */

/*  The names in the text, each with its tail behind a /, joined by spaces.    */
static void names_are (const char *text, const char *expected)
{
    char found[4096] = "";
    size_t at = 0, looks = 0, tail, size = 0;
    frame_t name;
    while (mention_next (frame_str (text), &at, &looks, &name, &tail))
        size += (size_t)snprintf (found + size, sizeof found - size, "%s%.*s/%zu", size ? " " : "",
                                  (int)name.size, (const char *)name.data, tail);
    assert_string_equal (found, expected);
}

static void test_where_names_stand (void **state)
{
    (void)state;
    names_are ("", "");
    names_are ("@", "");
    names_are ("@@", "");
    names_are ("@bob", "bob/0");
    names_are ("@bob @eve", "bob/0 eve/0");
    names_are ("(@bob)", "bob/0");
    names_are ("@bob, @eve: @dan; @x!", "bob/0 eve/0 dan/0 x/0");
    names_are ("@@bob", "bob/0");
    names_are ("@bob@eve", "bob/0");
    names_are ("a@bob .@bob _@bob -@bob 1@bob ж@bob é@bob", "");
    names_are ("e\xCC\x81@bob", ""); /* a mark may be in a name                */
    names_are ("\xF0\x9F\x98\x80@bob", "bob/0");
    names_are ("\xE2\x80\x94@bob\xE2\x80\x94", "bob/0");
    names_are ("@bob...", "bob.../3");
    names_are ("@bob.-_", "bob.-_/3");
    names_are ("@b.o-b_", "b.o-b_/1");
    names_are ("@... @- @_.", "");
    names_are ("@-bob", "-bob/0");
    names_are ("@иван, привет", "иван/0");
    names_are ("@a\xE2\x80\x8D"
               "b",
               "a\xE2\x80\x8D"
               "b/0");
    names_are ("@a\xE2\x80\x8B"
               "b",
               "a/0");
}

static void test_looks_are_bounded (void **state)
{
    (void)state;
    char text[4 * 100 + 1] = "";
    size_t at = 0, looks = 0, tail, count = 0;
    frame_t name;
    for (int i = 0; i < 100; i++)
        strcat (text, i % 2 ? "@a " : "x@a ");
    while (mention_next (frame_str (text), &at, &looks, &name, &tail))
        count++;
    assert_int_equal (looks, ZCHAT_MENTION_LOOKS);
    assert_int_equal (count, ZCHAT_MENTION_LOOKS / 2);
}

/*  --- who that is -----------------------------------------------------------  */

/*  ann (1), bob (2) and eve (3), all proven.                                  */
static house_t *three (void)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_hello (house, 3, 3, "eve", NULL);
    return house;
}

static void test_one_commit_for_all_of_it (void **state)
{
    house_t *house = three ();
    house_do (house, 2, "JOIN|t|bob|@");
    house_ask (house, 1, "SAY|t|ann|hall|@bob @EVE. @ann @none");
    assert_int_equal (house_take (house), 3);
    house_expect_nothing (house);
    house_land (house);
    house_expect (house,
                  "feed> room/hall/|ann|*\"data\":{\"zchat\":{\"mentions\":[\"bob\",\"eve\"]}}}",
                  "1< OK|t|{\"seq\":1,\"time\":1000}",
                  "2< EVENT||room/@/|ann||{\"type\":\"mention\",\"seq\":1,\"time\":1000,\"data\":"
                  "{\"room\":\"hall\",\"seq\":1}}");
    house_destroy (house);
}

/*  What a commit that failed held is nowhere, and strangers are not counted for it. */
static void test_all_or_nothing (void **state)
{
    house_t *house = three ();
    house_ask (house, 1, "SAY|t|ann|hall|@bob");
    house_fail (house);
    house_expect (house, "1< ERR|t|{\"code\":\"storage\"*");
    house_do (house, 2, "JOIN|t|bob|@");
    house_ask (house, 2, "HISTORY|t|bob|@");
    house_expect (house, "2< OK|t|{\"room\":\"@\",\"more\":false,\"first\":1,\"head\":0}");
    house_destroy (house);
}

static void says (house_t *house, const char *request, const char *data)
{
    char pattern[256];
    snprintf (pattern, sizeof pattern, "*\"type\":\"say\"*%s}", data);
    house_ask (house, 1, request);
    house_commit (house);
    stage_t *stage = &house->stage;
    bool found = false;
    for (size_t i = 0; i < stage->n_lines; i++)
        found = found || stage_match (pattern, stage->lines[i]);
    if (!found)
        fail_msg ("%s: no %s in %s", request, pattern,
                  stage->n_lines ? stage->lines[0] : "nothing");
    stage_skip (stage);
}

static void test_room_is_the_operators (void **state)
{
    house_t *house = three ();
    says (house, "SAY|t|ann|hall|@room", "\"data\":{\"zchat\":{\"all\":true}}");
    house_do (house, 2, "SAY|t|bob|yard|mine");
    says (house, "SAY|t|ann|yard|@room", ",\"time\":1000");
    says (house, "SAY|t|ann|hall|@room. @bob",
          "\"data\":{\"zchat\":{\"all\":true,\"mentions\":[\"bob\"]}}");
    house_hello (house, 4, 4, "ROOM", NULL);
    says (house, "SAY|t|ann|hall|@room", "\"data\":{\"zchat\":{\"mentions\":[\"ROOM\"]}}");
    house_destroy (house);
}

static void test_private_rooms (void **state)
{
    house_t *house = house_den ();
    house_do (house, 3, "JOIN|t|eve|@");
    house_ask (house, 1, "SAY|t|ann|den|@bob @eve");
    assert_int_equal (house_take (house), 2);
    house_land (house);
    house_expect (house, "1< EVENT||room/den/|ann|*\"mentions\":[\"bob\"]*",
                  "2< EVENT||room/den/|*", "1< OK|t|*");
    house_destroy (house);
}

/*  --- the mailbox -----------------------------------------------------------  */

/*  Where there is no place for one more mailbox, none gives way to a mention. */
static void test_no_mailbox_gives_way (void **state)
{
    static const char *const names[] = {"ann", "bob", "eve", "dan"};
    stage_t *stage = stage_new ();
    (void)state;
    stage->mailboxes = 2;
    stage_restart (stage);
    for (unsigned i = 0; i < 4; i++) {
        stage_key (stage, i + 1, stage_key_text (i + 1));
        stage_claim (stage, i + 1, names[i]);
    }
    stage_ask (stage, 1, "SAY|t|ann|hall|@bob");
    assert_true (stage_take (stage) > 0);
    stage_land (stage);
    stage_ask (stage, 1, "SAY|t|ann|hall|@dan @eve @bob");
    assert_true (stage_take (stage) > 0);
    size_t mentions = 0;
    for (size_t i = 0; i < stage->n_records; i++) {
        mentions += stage->records[i].mentions != 0;
        assert_false (stage->records[i].drops);
    }
    /*  Two mailboxes there may be: that of bob, and one more.                  */
    assert_int_equal (mentions, 2);
    stage_land (stage);
    stage_destroy (stage);
}

static void test_two_mailboxes_are_two_rooms (void **state)
{
    house_t *house = three ();
    house_ask (house, 1, "SAY|t|ann|hall|@bob @eve");
    assert_int_equal (house_take (house), 3);
    const store_record_t *records = house->stage.records;
    assert_int_equal (records[1].room, records[0].room + 1);
    assert_int_equal (records[2].room, records[0].room + 2);
    for (int i = 1; i < 3; i++) {
        assert_int_equal (records[i].mentioned_in, records[0].room);
        assert_int_equal (records[i].mentions, 1);
        assert_true (records[i].makes);
    }
    house_land (house);
    house_destroy (house);
}

/*  A name of which nothing but a mention is known is a used one.               */
static void test_who_is_mentioned_does_not_give_way (void **state)
{
    stage_t *stage = stage_new ();
    (void)state;
    stage->names = 30; /* of which a tenth from one place                     */
    stage_restart (stage);
    for (core_peer_t peer = 1; peer <= 4; peer++) {
        stage_key (stage, peer, stage_key_text ((unsigned)peer));
        stage_place (stage, peer, "10.0.0.1");
    }
    stage_claim (stage, 1, "ann");
    stage_claim (stage, 2, "bob");
    stage_claim (stage, 3, "eve");
    stage_ask (stage, 1, "SAY|t|ann|hall|@bob");
    stage_commit (stage);
    stage_skip (stage);
    stage_gone (stage, 2);
    stage_gone (stage, 3);
    stage_wait (stage, ZCHAT_NAME_GRACE_MS);
    stage_claim (stage, 4, "dan");
    stage_skip (stage);
    stage_ask (stage, 1, "KEYS|t|ann|bob");
    stage_expect (stage, "1< OK|t|*");
    stage_ask (stage, 1, "KEYS|t|ann|eve");
    stage_expect (stage, "1< ERR|t|{\"code\":\"nobody\"*");
    stage_destroy (stage);
}

static void test_letters_of_strangers (void **state)
{
    house_t *house = three ();
    enum { SHORT = 31 };
    size_t records = 0;
    for (int i = 0; i < SHORT + 5; i++) {
        house_ask (house, 1, "SAY|t|ann|hall|@bob");
        records += house_take (house);
        house_land (house);
    }
    assert_in_range (records, 2 * SHORT + 4, 2 * SHORT + 6);
    stage_skip (&house->stage);
    house_done (house, 1, "TELL|t|ann|bob|x", "1< ERR|t|{\"code\":\"limit\"*\"strangers\"*");
    house_destroy (house);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_where_names_stand),
        cmocka_unit_test (test_looks_are_bounded),
        cmocka_unit_test (test_one_commit_for_all_of_it),
        cmocka_unit_test (test_all_or_nothing),
        cmocka_unit_test (test_room_is_the_operators),
        cmocka_unit_test (test_private_rooms),
        cmocka_unit_test (test_no_mailbox_gives_way),
        cmocka_unit_test (test_two_mailboxes_are_two_rooms),
        cmocka_unit_test (test_who_is_mentioned_does_not_give_way),
        cmocka_unit_test (test_letters_of_strangers),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
