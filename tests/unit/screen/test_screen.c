/*  test_screen.c - keys and events in, whole screens out                       */
#include "screen_stage.h"

/*  A morning: rooms, people, what was missed.                                  */
static void a_morning (void)
{
    opened ("dev", false);
    opened ("ci", false);
    opened ("chen", true);
    said ("lobby", "ivan", "привет", 1);
    said ("lobby", "chen", "did the build pass?", 2);
    message ((zchat_event_t){.type = ZCHAT_TYPE_JOIN, .room = "lobby", .user = "kim"});
    message ((zchat_event_t){.type = ZCHAT_TYPE_JOIN, .room = "lobby", .user = "ana"});
    message ((zchat_event_t){.type = ZCHAT_TYPE_LEAVE, .room = "lobby", .user = "oleg"});
    said ("lobby", "ivan", "https://grafana.example.org/d/abc?orgId=1", 3);
    entered ("lobby", "release is on Friday", 3, 3, 1);
    entered ("dev", NULL, 2, 40, 28);
    entered ("ci", NULL, 2, 0, 0);
    unread ("dev", false, 12, 0);
    message ((zchat_event_t){
        .type = ZCHAT_TYPE_TELL, .room = "@", .user = "chen", .body = "hi", .seq = 1});
    unread ("chen", true, 1, 1);
}

static void a_morning_in_every_size (void **state)
{
    a_morning ();
    screen_is ("morning", 80, 24);
    screen_is ("morning", 40, 12);
    screen_is ("morning", 20, 4);
    screen_is ("morning", 1, 1);
}

static void no_size_is_too_small (void **state)
{
    a_morning ();
    said_many ("lobby", 4, 60, false);
    keys ("typed");
    for (int rows = 1; rows < 14; rows++)
        for (int columns = 1; columns < 70; columns += columns < 20 ? 1 : 7) {
            draw (columns, rows);
            keys ("\033[5~\033[5~\033[6~");
        }
    screen_is ("after_small", 40, 12);
}

static void what_was_looked_at_is_told (void **state)
{
    entered ("lobby", NULL, 2, 0, 0);
    said ("lobby", "chen", "one", 1);
    unread ("lobby", false, 1, 0);
    draw (80, 24);
    orders_are ("looked lobby -1\n");
    draw (80, 24);
    unread ("lobby", false, 0, 0);
    buffer_clear (&s_orders);
    draw (80, 24);
    orders_are ("");
    s_state.focused = false;
    said ("lobby", "chen", "two", 2);
    unread ("lobby", false, 1, 0);
    draw (80, 24);
    orders_are ("");
}

static void the_place_is_kept_while_lines_come (void **state)
{
    entered ("lobby", NULL, 2, 0, 0);
    said_many ("lobby", 1, 60, false);
    draw (80, 24);
    keys ("\033[5~");
    draw (80, 24);
    char *before = screen_text ();
    said_many ("lobby", 61, 65, false);
    draw (80, 24);
    assert_true (shows ("line 21") && shows ("line 40") && !shows ("line 41"));
    screen_is ("place", 80, 24);
    free (before);
    keys ("\033[F");
    draw (80, 24);
    assert_true (shows ("line 65") && !shows ("below"));
}

static void older_messages_are_fetched (void **state)
{
    said_many ("lobby", 81, 100, false);
    entered ("lobby", NULL, 2, 100, 0);
    draw (80, 24);
    buffer_clear (&s_orders);
    keys ("\033[5~");
    orders_are ("fetch lobby after 0 before 81\n");
    keys ("\033[5~"); /* one at a time                                           */
    orders_are ("");
    said_many ("lobby", 1, 80, true);
    page ("lobby", 1, 80);
    draw (80, 24);
    assert_true (shows ("line 75") && !shows ("line 100"));
    for (int i = 0; i < 8; i++)
        keys ("\033[5~");
    buffer_clear (&s_orders);
    keys ("\033[5~");
    orders_are (""); /* it begins here                                          */
    draw (80, 24);
    assert_true (shows ("line 1"));
}

static void a_window_is_bounded (void **state)
{
    entered ("lobby", NULL, 2, 0, 0);
    said_many ("lobby", 100001, 112000, false);
    draw (80, 24);
    assert_true (shows ("line 112000"));
    buffer_clear (&s_orders);
    for (uint64_t low = 100001; low > 80001; low -= 1000) {
        keys ("\033[H");
        if (!s_orders.data || !strstr (s_orders.data, "fetch"))
            continue;
        uint64_t before = strtoull (strstr (s_orders.data, "before") + 7, NULL, 10);
        buffer_clear (&s_orders);
        said_many ("lobby", before - 1000, before - 1, true);
        page ("lobby", before - 1000, before - 1);
    }
    keys ("\033[H");
    draw (80, 24);
    screen_is ("far_up", 80, 24);
    /*  The end was forgotten, and comes again.                                 */
    buffer_clear (&s_orders);
    keys ("\033[F");
    orders_are ("fetch lobby after 0 before -1\n");
    said_many ("lobby", 111901, 112000, true);
    said_many ("lobby", 112001, 112003, false); /* it comes before the page is complete */
    page ("lobby", 111901, 112000);
    orders_are ("fetch lobby after 112000 before 0\n");
    said_many ("lobby", 112001, 112003, true);
    page ("lobby", 112001, 112003);
    draw (80, 24);
    assert_true (shows ("line 112003") && !shows ("below"));
}

static void windows_change_by_keys (void **state)
{
    a_morning ();
    draw (80, 24);
    buffer_clear (&s_orders);
    keys ("draft");
    keys ("\033"
          "2");
    orders_are ("focus dev\n");
    draw (80, 24);
    assert_true (shows ("dev>") && !shows ("draft"));
    keys ("\033[1;3C"); /* Alt-right                                             */
    keys ("\033[1;3D");
    buffer_clear (&s_orders);
    keys ("\030"); /* C-x: the recent one                                        */
    orders_are ("focus ci\n");
    keys ("\033"
          "a"); /* urgent first                                           */
    orders_are ("focus @chen\n");
    unread ("chen", true, 0, 0);
    keys ("\033"
          "a");
    orders_are ("focus dev\n");
    keys ("\033"
          "1");
    draw (80, 24);
    assert_true (shows ("lobby> draft"));
}

static void what_was_typed_shows_its_state (void **state)
{
    entered ("lobby", NULL, 2, 0, 0);
    said ("lobby", "chen", "did the build pass?", 1);
    draw (80, 24);
    buffer_clear (&s_orders);
    keys ("it did\r");
    orders_are ("enter it did\n");
    happens ((talk_event_t){.kind = TALK_SENDING,
                            .sending = {.state = TALK_QUEUED,
                                        .id = 7,
                                        .name = "lobby",
                                        .type = ZCHAT_TYPE_SAY,
                                        .text = "it did",
                                        .size = 6}});
    happens ((talk_event_t){.kind = TALK_SENDING,
                            .sending = {.state = TALK_QUEUED,
                                        .id = 8,
                                        .name = "lobby",
                                        .type = ZCHAT_TYPE_SAY,
                                        .text = "twice",
                                        .size = 5}});
    screen_is ("sending", 80, 24);
    zchat_event_t failed = {
        .kind = ZCHAT_EVENT_FAILED, .id = 8, .status = ZCHAT_BANNED, .text = "you are banned"};
    happens ((talk_event_t){.kind = TALK_TROUBLE, .trouble = &failed});
    said ("lobby", "maria", "it did", 2);
    happens (
        (talk_event_t){.kind = TALK_SENDING, .sending = {.state = TALK_STORED, .id = 7, .seq = 2}});
    screen_is ("failed", 80, 24);
    buffer_clear (&s_orders);
    keys ("/retry\r");
    orders_are ("do 1 twice\n");
    draw (80, 24);
    assert_false (shows ("failed"));
}

static void edits_and_reactions_are_shown_at_their_message (void **state)
{
    entered ("lobby", NULL, 2, 0, 0);
    said ("lobby", "chen", "did the biuld pass?", 1);
    message ((zchat_event_t){.type = ZCHAT_TYPE_EDIT,
                             .room = "lobby",
                             .user = "chen",
                             .body = "did the build pass?",
                             .target = 1,
                             .seq = 2});
    message ((zchat_event_t){.type = ZCHAT_TYPE_REACT,
                             .room = "lobby",
                             .user = "ivan",
                             .body = "+1",
                             .target = 1,
                             .seq = 3});
    message ((zchat_event_t){.type = ZCHAT_TYPE_REACT,
                             .room = "lobby",
                             .user = "kim",
                             .body = "+1",
                             .target = 1,
                             .seq = 4});
    message ((zchat_event_t){.type = ZCHAT_TYPE_SAY,
                             .room = "lobby",
                             .user = "ivan",
                             .body = "maria: look",
                             .re = 1,
                             .seq = 5,
                             .mentions_me = true});
    message ((zchat_event_t){
        .type = ZCHAT_TYPE_SAY, .room = "lobby", .user = "eve", .body = "spam", .seq = 6});
    message ((zchat_event_t){
        .type = ZCHAT_TYPE_REMOVE, .room = "lobby", .user = "chen", .target = 6, .seq = 7});
    message ((zchat_event_t){
        .type = ZCHAT_TYPE_ACTION, .room = "lobby", .user = "ivan", .body = "waves", .seq = 8});
    message ((zchat_event_t){
        .type = ZCHAT_TYPE_TOPIC, .room = "lobby", .user = "chen", .body = "snacks", .seq = 9});
    screen_is ("became", 80, 24);
    keys ("/react ");
    screen_is ("numbers", 80, 24);
    buffer_clear (&s_orders);
    keys ("4 ok\r");
    orders_are ("do 22 #1 ok\n");
}

static void a_cursor_walks_the_messages (void **state)
{
    entered ("lobby", NULL, 2, 0, 0);
    said ("lobby", "maria", "frist", 1);
    said ("lobby", "chen", "second", 2);
    draw (80, 24);
    buffer_clear (&s_orders);
    keys ("\033[1;3A");
    screen_is ("cursor", 80, 24);
    keys ("r");
    draw (80, 24);
    assert_true (shows ("lobby> /reply #2"));
    keys ("\003"); /* C-c clears                                                 */
    keys ("\033[1;3A\033[A");
    keys ("e");
    draw (80, 24);
    assert_true (shows ("lobby edit #1> frist"));
    keys ("\177\177\177\177irst\r");
    orders_are ("do 21 #1 first\n");
    keys ("\033[1;3A");
    keys ("y");
    orders_are ("copy second\n");
    keys ("\033");
    draw (80, 24);
    assert_false (shows ("Escape"));
}

static void a_search_opens_a_window_that_leads_back (void **state)
{
    a_morning ();
    happens ((talk_event_t){
        .kind = TALK_ANSWER,
        .answer = {.question = TALK_SEARCH,
                   .json = "{\"hits\":[{\"room\":\"dev\",\"seq\":12,\"time\":1795600000000,"
                           "\"type\":\"say\",\"user\":\"ivan\",\"text\":\"the build is green\"},"
                           "{\"room\":\"lobby\",\"seq\":2,\"time\":1795600000000,\"type\":\"say\","
                           "\"user\":\"chen\",\"text\":\"did the build pass?\"}]}"}});
    screen_is ("found", 80, 24);
    buffer_clear (&s_orders);
    keys ("\r");
    draw (80, 24);
    assert_true (shows ("dev>"));
    orders_are ("focus dev\nfetch dev after 0 before 0\n");
    said_many ("dev", 1, 40, true);
    page ("dev", 1, 40);
    draw (80, 24);
    assert_true (shows ("line 12"));
}

/*  A room of 1,000 messages, one a minute; the page that is asked for comes.     */
static void answer_fetches (const char *room)
{
    for (int i = 0; i < 20 && s_orders.data && strstr (s_orders.data, "fetch"); i++) {
        uint64_t after = strtoull (strstr (s_orders.data, "after") + 6, NULL, 10);
        uint64_t before = strtoull (strstr (s_orders.data, "before") + 7, NULL, 10);
        uint64_t low = before ? (before > 1000 ? 901 : before > 100 ? before - 100 : 1) : after + 1;
        uint64_t high = before ? (before > 1000 ? 1000 : before - 1) : after + 100;
        high = high > 1000 ? 1000 : high;
        buffer_clear (&s_orders);
        said_many (room, low, high, true);
        page (room, low, high);
    }
}

static void a_time_is_found (void **state)
{
    entered ("lobby", NULL, 2, 1000, 0);
    said_many ("lobby", 990, 1000, false);
    draw (80, 24);
    buffer_clear (&s_orders);
    keys ("/goto 2026-11-27 17:40\r"); /* 17:40 is minute 460 after 10:00         */
    answer_fetches ("lobby");
    draw (80, 24);
    assert_true (shows ("17:40") && shows ("line 460"));
    keys ("\033\033[F");
    answer_fetches ("lobby");
    keys ("/goto 2026-11-20\r");
    answer_fetches ("lobby");
    draw (80, 24);
    assert_true (shows ("line 1\n"));
    keys ("\033");
    buffer_clear (&s_orders);
    keys ("/goto 2027-11-20\r");
    answer_fetches ("lobby");
    draw (80, 24);
    assert_true (shows ("line 1000"));
}

static void help_fits_on_a_screen (void **state)
{
    static const char *const topics[] = {"",         "keys", "rooms",   "people",
                                         "messages", "past", "sending", "order"};
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        char line[64];
        snprintf (line, sizeof line, "/help %s\r", topics[i]);
        opened ("help", false); /* a window of its own                              */
        focused ("help", false);
        keys (line);
        draw (80, 24);
        assert_false (shows ("no such topic"));
        assert_true (grid_cell (s_grid, 1, 16)->text[0] != ' ' && !shows ("below"));
        assert_true (grid_cell (s_grid, 21, 16)->text[0] == ' '); /* a row is left     */
        happens ((talk_event_t){.kind = TALK_CLOSED, .conversation = {.name = "help"}});
    }
    keys ("/help kick\r");
    draw (80, 24);
    assert_true (shows ("/kick NAME"));
}

static void what_is_new_is_found (void **state)
{
    opened ("dev", false);
    entered ("dev", NULL, 2, 0, 0);
    focused ("dev", false);
    said_many ("lobby", 1, 60, false);
    entered ("lobby", NULL, 2, 60, 20);
    unread ("lobby", false, 40, 0);
    keys ("\033"
          "1");
    draw (80, 24);
    assert_true (shows ("line 60") && !shows ("40 new"));
    keys ("\033u");
    draw (80, 24);
    assert_true (shows ("40 new") && shows ("line 21") && !shows ("line 20"));
    screen_is ("new", 80, 24);
}

static void who_is_meant_is_called (void **state)
{
    static const char *const words[] = {"deploy"}, *const muted[] = {"ci"};
    notify_rules_t rules = {.highlights = words, .n_highlights = 1, .muted = muted, .n_muted = 1};
    screen_rules (s_screen, &rules);
    s_state.talk.offline = false;
    opened ("ci", false);
    entered ("lobby", NULL, 2, 0, 0);
    entered ("ci", NULL, 2, 0, 0);
    draw (80, 24);
    buffer_clear (&s_orders);
    message ((zchat_event_t){.type = ZCHAT_TYPE_SAY,
                             .room = "lobby",
                             .user = "chen",
                             .body = "maria: look",
                             .seq = 1,
                             .mentions_me = true});
    orders_are (""); /* one looks                                                 */
    s_state.focused = false;
    draw (80, 24);
    message ((zchat_event_t){.type = ZCHAT_TYPE_SAY,
                             .room = "lobby",
                             .user = "chen",
                             .body = "maria: look",
                             .seq = 2,
                             .mentions_me = true});
    orders_are ("notify zchat: lobby chen: maria: look\n");
    said ("lobby", "chen", "whatever", 3);
    said ("lobby", "chen", "time to deploy", 4);
    orders_are ("notify zchat: lobby chen: time to deploy\n");
    message ((zchat_event_t){.type = ZCHAT_TYPE_SAY,
                             .room = "ci",
                             .user = "chen",
                             .body = "maria: look",
                             .seq = 1,
                             .mentions_me = true});
    orders_are ("");
    unread ("ci", false, 1, 1);
    draw (80, 24);
    assert_true (shows (" 2 ci        .|") && !shows ("1!"));
}

static void tab_completes (void **state)
{
    entered ("lobby", NULL, 2, 0, 0);
    said ("lobby", "chen", "one", 1);
    said ("lobby", "carol", "two", 2);
    keys ("c\t");
    draw (80, 24);
    assert_true (shows ("lobby> carol:"));
    keys ("\t");
    draw (80, 24);
    assert_true (shows ("lobby> chen:"));
    keys ("\003/jo\t");
    draw (80, 24);
    assert_true (shows ("lobby> /join"));
}

static void a_long_paste_asks (void **state)
{
    entered ("lobby", NULL, 2, 0, 0);
    keys ("\033[200~/one\ntwo\nthree\nfour\nfive\nsix\033[201~");
    screen_is ("paste", 80, 24);
    orders_are ("");
    keys ("x"); /* no key of the question                                        */
    orders_are ("");
}

static void hostile_text_stays_text (void **state)
{
    opened ("e\xcc\x81vil", true);
    said ("lobby", "chen",
          "\033]0;owned\a\033[2J\xe2\x80\xae"
          "gpj.exe\nivan  fake",
          1);
    message ((zchat_event_t){.type = ZCHAT_TYPE_TOPIC,
                             .room = "lobby",
                             .user = "\033[31mx",
                             .body = "\033[2Jtopic\n\nx",
                             .seq = 2});
    message ((zchat_event_t){.type = ZCHAT_TYPE_JOIN, .room = "lobby", .user = "\033[31mkim"});
    entered ("lobby", "a\033[2Jb", 2, 2, 0);
    for (int columns = 1; columns < 100; columns += 3) {
        draw (columns, 24);
        char *text = screen_text ();
        for (char *c = text; *c; c++)
            assert_true (*c == '\n' || (unsigned char)*c >= ' ');
        assert_null (strstr (text, "\xe2\x80\xae"));
        free (text);
    }
    screen_is ("hostile", 80, 24);
}

int main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, stage_open, stage_close)
    const struct CMUnitTest tests[] = {
        TEST (a_morning_in_every_size),
        TEST (no_size_is_too_small),
        TEST (what_was_looked_at_is_told),
        TEST (the_place_is_kept_while_lines_come),
        TEST (older_messages_are_fetched),
        TEST (a_window_is_bounded),
        TEST (windows_change_by_keys),
        TEST (what_was_typed_shows_its_state),
        TEST (edits_and_reactions_are_shown_at_their_message),
        TEST (a_cursor_walks_the_messages),
        TEST (a_search_opens_a_window_that_leads_back),
        TEST (a_time_is_found),
        TEST (help_fits_on_a_screen),
        TEST (what_is_new_is_found),
        TEST (who_is_meant_is_called),
        TEST (tab_completes),
        TEST (a_long_paste_asks),
        TEST (hostile_text_stays_text),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
