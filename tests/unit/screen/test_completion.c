/*  test_completion.c - Tab: a line with "|" at the cursor goes in, and comes out */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "completion.h"
#include "emoji.h"
#include "memory.h"
#include "text.h"
#include <zchat/limits.h>

static const char *const names[] = {"Ivan", "chen", "ivanka", "me", "Ёжик", "maria"};
static const char *const rooms[] = {"lobby", "local.dev", "ci"};
static const char *const commands[] = {"goto"};
static const completion_sources_t sources = {.names = names,
                                             .n_names = 6,
                                             .rooms = rooms,
                                             .n_rooms = 3,
                                             .commands = commands,
                                             .n_commands = 1,
                                             .own = "me"};

static completion_t *completion;

/*  Press Tab in the line; the result is freed by the caller. NULL: nothing there. */
static char *tab (const char *line, bool back)
{
    size_t cursor = strcspn (line, "|");
    char *text = memory_format ("%.*s%s", (int)cursor, line, line + cursor + 1), *result = NULL;
    completion_change_t change;
    if (completion_tab (completion, &sources, text, strlen (text), cursor, back, &change))
        result = memory_format ("%.*s%s|%s", (int)change.from, text, change.text, text + change.to);
    free (text);
    return result;
}

/*  Press Tab so often as there are results, each in the line that the last one left. */
static void assert_tabs (const char *line, const char *const *results, bool back)
{
    char *now = memory_string (line, strlen (line));
    completion_forget (completion);
    for (; *results; results++) {
        char *next = tab (now, back);
        assert_non_null (next);
        assert_string_equal (next, *results);
        free (now);
        now = next;
    }
    free (now);
}

#define assert_tab(line, ...) assert_tabs (line, (const char *const[]){__VA_ARGS__, NULL}, false)

static void assert_nothing (const char *line)
{
    completion_forget (completion);
    assert_null (tab (line, false));
}

static void names_come_by_who_spoke_last (void **state)
{
    assert_tab ("iv|", "Ivan: |", "ivanka: |", "iv|", "Ivan: |");
    assert_tab ("ask IV|", "ask Ivan |", "ask ivanka |", "ask IV|");
    assert_tab ("ask @iv|", "ask @Ivan |", "ask @ivanka |");
    assert_tab ("ё|", "Ёжик: |");
    assert_tab ("iv| hello", "Ivan:| hello", "ivanka:| hello", "iv| hello");
    assert_tab ("m|", "maria: |", "me: |");
    assert_tab ("|", "Ivan: |", "chen: |");
    assert_tab ("/msg ch|", "/msg chen |");
    assert_nothing ("x|");
    assert_nothing ("iv!|");
    assert_tabs ("iv|", (const char *const[]){"ivanka: |", "Ivan: |", "iv|", NULL}, true);
}

static void another_line_begins_anew (void **state)
{
    completion_forget (completion);
    free (tab ("iv|", false));
    char *other = tab ("Ivan: ch|", false);
    assert_string_equal (other, "Ivan: chen |");
    free (other);
    /*  The same length and cursor is not the same line.                       */
    free (tab ("ci ch|", false));
    other = tab ("xi chen |", false);
    assert_string_equal (other, "xi chen Ivan |");
    free (other);
}

static void rooms_and_commands (void **state)
{
    assert_tab ("/jo|", "/join |", "/jo|");
    assert_tab ("/JO|", "/join |");
    assert_tab ("/re|", "/reply |", "/react |", "/remove |", "/retry |");
    assert_tab ("/got|", "/goto |");
    assert_tab ("/join lo|", "/join lobby |", "/join local.dev |");
    assert_tab ("/join |", "/join lobby |");
    assert_tab ("/who  c|", "/who  ci |");
    assert_tab ("see #L|", "see #lobby |", "see #local.dev |", "see #L|");
    assert_nothing ("a /jo|");
    assert_nothing ("/usr/b|");
    assert_nothing ("/join lobby z|");
}

static void emoji_by_name (void **state)
{
    assert_tab (":tad|", "🎉 |");
    assert_tab ("yes :+1|", "yes 👍 |");
    assert_tab ("yes :thumbs_down:|", "yes 👎 |");
    assert_tab (":heart_ex|", "❣️ |", ":heart_ex|");
    assert_nothing (":|");
    assert_nothing (":nosuchthing|");
    completion_forget (completion);
    free (tab (":s|", false));
    size_t n = 0;
    while (completion_candidate (completion, n))
        n++;
    assert_int_equal (n, COMPLETION_MAX);
}

/*  Each can be sent as a reaction, and is shown as it is.                     */
static void every_emoji_is_a_reaction (void **state)
{
    assert_true (emoji_count > 1000);
    for (size_t i = 0; i < emoji_count; i++) {
        frame_t text = frame_str (emoji_table[i].text);
        assert_true (text.size <= ZCHAT_REACTION_MAX && text_word (text));
        char *shown = text_display (text, TEXT_LINE, NULL);
        assert_string_equal (shown, emoji_table[i].text);
        free (shown);
    }
}

static int begin (void **state)
{
    completion = completion_new ();
    return 0;
}

static int end (void **state)
{
    completion_destroy (&completion);
    completion_destroy (&completion);
    return 0;
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (names_come_by_who_spoke_last),
        cmocka_unit_test (another_line_begins_anew),
        cmocka_unit_test (rooms_and_commands),
        cmocka_unit_test (emoji_by_name),
        cmocka_unit_test (every_emoji_is_a_reaction),
    };
    return cmocka_run_group_tests (tests, begin, end);
}
