/*  test_notify.c - who is called to the screen, and with which words          */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"
#include "notify.h"
#include "words.h"

static const char *const highlights[] = {"deploy", "C++", "релиз"};
static const char *const muted[] = {"Noise", "@spammer"};
static const notify_rules_t rules = {highlights, 3, muted, 2};

static notify_message_t said (const char *room, const char *text, uint64_t seq)
{
    return (notify_message_t){
        .room = room, .user = "chen", .text = text, .size = strlen (text), .seq = seq};
}

static notify_why_t why (notify_message_t message)
{
    notify_t *notify = notify_new ();
    notify_why_t decided = notify_see (notify, &rules, &message);
    notify_destroy (&notify);
    return decided;
}

static void what_calls (void **state)
{
    notify_message_t message = said ("lobby", "hi", 1);
    assert_int_equal (why (message), NOTIFY_NOT);
    message.mentions_me = true;
    assert_int_equal (why (message), NOTIFY_MENTION);
    message.room = NULL;
    assert_int_equal (why (message), NOTIFY_DIRECT);
    assert_int_equal (why (said ("lobby", "we DEPLOY, now", 1)), NOTIFY_HIGHLIGHT);
    assert_int_equal (why (said ("lobby", "use c++.", 1)), NOTIFY_HIGHLIGHT);
    assert_int_equal (why (said ("lobby", "Релиз!", 1)), NOTIFY_HIGHLIGHT);
    assert_int_equal (why (said ("lobby", "deployed redeploy релизы", 1)), NOTIFY_NOT);
}

static void what_does_not (void **state)
{
    notify_message_t mention = said ("lobby", "me: hi", 1);
    mention.mentions_me = true;
    notify_message_t own = mention, past = mention, looked = mention, quiet = mention;
    own.own = past.past = looked.looked_at = true;
    quiet.room = "noise";
    assert_int_equal (why (own), NOTIFY_NOT);
    assert_int_equal (why (past), NOTIFY_NOT);
    assert_int_equal (why (looked), NOTIFY_NOT);
    assert_int_equal (why (quiet), NOTIFY_NOT);
    notify_message_t direct = said (NULL, "buy", 1);
    direct.user = "Spammer";
    assert_int_equal (why (direct), NOTIFY_NOT);
    direct.user = "noise"; /* a room of this name is muted, and not the person */
    assert_int_equal (why (direct), NOTIFY_DIRECT);
}

static void once_a_message (void **state)
{
    notify_t *notify = notify_new ();
    notify_message_t message = said ("lobby", "me", 5);
    message.mentions_me = true;
    assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_MENTION);
    assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_NOT);
    message.seq = 4;
    assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_NOT);
    message.seq = 6;
    assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_MENTION);
    message.room = "dev";
    assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_MENTION);
    /*  What was looked at does not call later either.                         */
    message.seq = 7;
    message.looked_at = true;
    assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_NOT);
    message.looked_at = false;
    assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_NOT);
    /*  Of more conversations than are kept the oldest is forgotten.           */
    for (uint64_t i = 0; i < NOTIFY_KEPT_MAX - 1; i++) {
        char room[16];
        snprintf (room, sizeof room, "r%d", (int)i);
        message.room = room;
        message.seq = 1;
        assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_MENTION);
    }
    message = said ("dev", "me", 7);
    message.mentions_me = true;
    assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_NOT);
    message.room = "lobby";
    assert_int_equal (notify_see (notify, &rules, &message), NOTIFY_MENTION);
    notify_destroy (&notify);
    notify_destroy (&notify);
}

static void assert_words (notify_message_t message, const char *title, const char *text)
{
    char *its_title, *its_text;
    notify_words (&message, &its_title, &its_text);
    assert_string_equal (its_title, title);
    assert_string_equal (its_text, text);
    free (its_title);
    free (its_text);
}

static void words_are_fit_and_no_options (void **state)
{
    assert_words (said ("lobby", "hi\nyou", 1), "zchat: lobby", "chen: hi you");
    assert_words (said (NULL, "--icon=/etc/passwd", 1), "zchat: @chen", "chen: --icon=/etc/passwd");
    assert_words (said ("lobby", "\033]0;x\007\xff", 1), "zchat: lobby",
                  "chen: ^[]0;x^G\xef\xbf\xbd");
    notify_message_t message = said ("lobby", "x", 1);
    message.user = "-u";
    assert_words (message, "zchat: lobby", "@-u: x");
    message.user = NULL;
    message.text = NULL;
    assert_words (message, "zchat: lobby", ": ");
    char *title, *text, *longer = memory_new (65536);
    for (size_t i = 0; i + 1 < 65536; i += 2)
        memcpy (longer + i, "ё", 2);
    message = said ("lobby", "", 1);
    message.text = longer;
    message.size = 65536;
    notify_words (&message, &title, &text);
    assert_in_range (strlen (text), NOTIFY_TEXT_MAX - 4, NOTIFY_TEXT_MAX);
    assert_string_equal (text + strlen (text) - 5, "ё…");
    free (title);
    free (text);
    free (longer);
}

static void sequences_are_whole (void **state)
{
    buffer_t out = {NULL, 0, 0};
    notify_title (&out, 1, 7);
    notify_title (&out, 0, 7);
    notify_title (&out, 0, 0);
    notify_osc (&out, "zchat: lobby", "chen: hi");
    assert_string_equal (out.data, "\033]2;(1!) zchat\033\\\033]2;(7) zchat\033\\\033]2;zchat\033\\"
                                   "\033]9;zchat: lobby, chen: hi\033\\");
    buffer_free (&out);
}

static void assert_command (const char *command, const char *wanted)
{
    const char *what = NULL;
    buffer_t all = {NULL, 0, 0};
    char **words = notify_command (command, "T", "$(x); y", &what);
    for (size_t i = 0; words && words[i]; i++)
        buffer_format (&all, "[%s]", words[i]);
    assert_string_equal (words ? all.data : what, wanted);
    words_free (words);
    buffer_free (&all);
}

static void commands_are_words_and_no_shell (void **state)
{
    assert_command ("notify-send", "[notify-send][T][$(x); y]");
    assert_command (" a\t'b c'\"d\\\" $e\" f\\ g '' ", "[a][b cd\" $e][f g][][T][$(x); y]");
    assert_command ("a | b > c &", "[a][|][b][>][c][&][T][$(x); y]");
    assert_command ("", "the command names no program");
    assert_command ("''", "the command names no program");
    assert_command ("a 'b", "a quote in the command has no end");
    assert_command ("a b\\", "a quote in the command has no end");
    assert_command ("1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3",
                    "the command has too many words");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_calls),          cmocka_unit_test (what_does_not),
        cmocka_unit_test (once_a_message),      cmocka_unit_test (words_are_fit_and_no_options),
        cmocka_unit_test (sequences_are_whole), cmocka_unit_test (commands_are_words_and_no_shell),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
