/*  test_hostile.c - whatever peers send, what the pieces of the screen hand to a terminal is on a
    short list: harmless text, and sequences of a known form with nothing of theirs in them but
    printable ASCII                                                            */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "completion.h"
#include "editor.h"
#include "highlight.h"
#include "hostile.h"
#include "links.h"
#include "memory.h"
#include "noise.h"
#include "notify.h"
#include "paragraph.h"
#include "speakers.h"
#include "theme.h"
#include "width.h"
#include "words.h"

/*  Check a sequence: head, then bytes of which none may end it, then ESC \.   */
static void assert_sequence (const buffer_t *out, const char *head)
{
    size_t size = strlen (head);
    assert_true (out->size >= size + 2);
    assert_memory_equal (out->data, head, size);
    assert_memory_equal (out->data + out->size - 2, "\033\\", 2);
    assert_harmless (out->data + size, out->size - size - 2);
}

static char *copy_of (size_t i)
{
    return memory_string (hostile[i].data, hostile[i].size);
}

/*  --- paragraphs ------------------------------------------------------------ */

static void check_paragraph (const paragraph_source_t *source, const paragraph_place_t *place)
{
    paragraph_t *paragraph = paragraph_new ();
    size_t n = paragraph_lay (paragraph, source, place);
    for (size_t i = 0; i < n; i++) {
        paragraph_row_t row = paragraph_row (paragraph, i);
        int column = -place->left;
        for (size_t j = 0; j < row.n_spans; j++) {
            const paragraph_span_t *span = &row.spans[j];
            assert_harmless (span->text, span->size);
            assert_true (span->column >= column);
            column = span->column + width_columns (span->text, span->size);
            assert_true (column <= place->columns);
        }
    }
    const char *target;
    for (size_t i = 1; (target = paragraph_link (paragraph, i)); i++) {
        buffer_t out = {NULL, 0, 0};
        links_begin (&out, target, i);
        assert_sequence (&out, "\033]8;id=z");
        for (const char *at = target; *at; at++)
            assert_true (*at > ' ' && *at < 0x7f);
        buffer_free (&out);
    }
    paragraph_destroy (&paragraph);
}

static void paragraphs (void **state)
{
    static const int widths[] = {1, 2, 3, 7, 8, 20, 33, 40, 80, 200};
    for (size_t i = 0; i < HOSTILE_COUNT; i++)
        for (size_t j = 0; j < sizeof widths / sizeof *widths; j++)
            for (int fold = 0; fold < 4; fold++) {
                const char *text = hostile[i].data;
                size_t size = hostile[i].size;
                char *word = copy_of (i);
                const char *mentions[] = {word};
                paragraph_source_t source = {.time = "09:14",
                                             .name = text,
                                             .name_size = size,
                                             .title = fold == 2 ? text : NULL,
                                             .title_size = size,
                                             .text = text,
                                             .size = size,
                                             .mentions = mentions,
                                             .n_mentions = 1,
                                             .state = "(sending)",
                                             .quote = text,
                                             .quote_size = size,
                                             .reactions = text,
                                             .reactions_size = size};
                paragraph_place_t place = {widths[j], fold * 3, 8, fold};
                check_paragraph (&source, &place);
                free (word);
            }
}

/*  Pieces of all of them, in any order, at any width.                         */
static void mixtures (void **state)
{
    static const char *const between[] = {" ", "\n", "", "\t", "  x ", "http://", "漢字", ")", "x"};
    uint64_t seed = 20261129;
    for (int i = 0; i < 3000; i++) {
        buffer_t text = {NULL, 0, 0};
        int numbers[4];
        for (int j = 0; j < 12; j++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const frame_t *one = &hostile[(seed >> 33) % HOSTILE_COUNT];
            size_t from = (seed >> 40) % (one->size + 1), most = one->size - from;
            size_t size = (seed >> 50) % (most + 1);
            buffer_add (&text, (const char *)one->data + from, size);
            buffer_string (&text, between[(seed >> 45) % (sizeof between / sizeof *between)]);
            numbers[j % 4] = (int)(seed >> 36 & 127);
        }
        paragraph_source_t source = {.time = numbers[0] & 1 ? "09:14" : NULL,
                                     .name = numbers[0] & 2 ? text.data : NULL,
                                     .name_size = text.size / 4,
                                     .title = numbers[0] & 4 ? text.data : NULL,
                                     .title_size = text.size / 3,
                                     .text = text.data,
                                     .size = text.size,
                                     .state = numbers[0] & 8 ? "(sending)" : NULL,
                                     .quote = numbers[0] & 16 ? text.data : NULL,
                                     .quote_size = text.size / 2,
                                     .reactions = numbers[0] & 32 ? text.data : NULL,
                                     .reactions_size = text.size / 5};
        paragraph_place_t place = {numbers[1], numbers[2], numbers[3] % 20, numbers[3] % 7};
        if (place.columns < 1)
            place.columns = 1;
        check_paragraph (&source, &place);
        buffer_free (&text);
    }
}

/*  What noise makes of names goes the same way.                               */
static void noise (void **state)
{
    noise_t *all = noise_new ();
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        char *name = copy_of (i);
        noise_came (all, name);
        const char *text = noise_text (all);
        paragraph_source_t source = {.name = "-->", .name_size = 3, .text = text};
        source.size = strlen (text);
        check_paragraph (&source, &(paragraph_place_t){.columns = 80, .name_columns = 5});
        free (name);
    }
    noise_destroy (&all);
}

/*  --- sequences ------------------------------------------------------------- */

static void links (void **state)
{
    char target[LINKS_TARGET_MAX + 1];
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        buffer_t out = {NULL, 0, 0};
        /*  Also where somebody asks for a target without having looked for links. */
        if (links_target (hostile[i].data, hostile[i].size, target)) {
            links_begin (&out, target, i);
            assert_sequence (&out, "\033]8;id=z");
        }
        char *mixed = memory_format ("http://a.b/%s", (const char *)hostile[i].data);
        if (links_target (mixed, strlen (mixed), target)) {
            buffer_clear (&out);
            links_begin (&out, target, i);
            assert_sequence (&out, "\033]8;id=z");
        }
        buffer_clear (&out);
        assert_true (links_copy (&out, hostile[i].data, hostile[i].size, false));
        assert_sequence (&out, "\033]52;c;");
        free (mixed);
        buffer_free (&out);
    }
}

static void notifications (void **state)
{
    const char *why;
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        char *name = copy_of (i), *title, *text;
        const char *words[] = {name};
        notify_rules_t rules = {words, 1, words, 1};
        notify_message_t message = {.room = i % 2 ? name : NULL,
                                    .user = name,
                                    .text = hostile[i].data,
                                    .size = hostile[i].size,
                                    .seq = 1};
        notify_t *notify = notify_new ();
        (void)notify_see (notify, &rules, &message);
        notify_destroy (&notify);
        notify_words (&message, &title, &text);
        assert_harmless (title, strlen (title));
        assert_harmless (text, strlen (text));
        assert_true (*title != '-' && *text != '-');
        assert_true (strlen (text) <= NOTIFY_TEXT_MAX && strlen (title) <= NOTIFY_TEXT_MAX);
        buffer_t out = {NULL, 0, 0};
        notify_osc (&out, title, text);
        assert_sequence (&out, "\033]9;zchat: ");
        char **command = notify_command ("notify-send -a zchat", title, text, &why);
        assert_int_equal (words_count (command), 5);
        assert_string_equal (command[4], text);
        words_free (command);
        buffer_free (&out);
        free (title);
        free (text);
        free (name);
    }
}

/*  --- the input line -------------------------------------------------------- */

static void check_line (editor_t *editor)
{
    editor_view_t view;
    editor_rows_t rows;
    for (int columns = 2; columns < 90; columns += 11) {
        editor_render (editor, columns, &view);
        assert_harmless (view.text, strlen (view.text));
        editor_render_rows (editor, columns, EDITOR_ROWS_MAX, &rows);
        for (size_t i = 0; i < rows.n; i++)
            assert_harmless (rows.rows[i].text, strlen (rows.rows[i].text));
    }
    const char *prompt = editor_search_prompt (editor);
    if (prompt)
        assert_harmless (prompt, strlen (prompt));
}

static void keys (editor_t *editor, const char *bytes, size_t size)
{
    keyboard_t *keyboard = keyboard_new ();
    keyboard_stroke_t key;
    keyboard_feed (keyboard, bytes, size);
    while (keyboard_next (keyboard, &key))
        (void)editor_key (editor, &key);
    keyboard_destroy (&keyboard);
}

static void the_input_line (void **state)
{
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        editor_t *editor = editor_new ();
        editor_set (editor, hostile[i].data, hostile[i].size);
        check_line (editor);
        editor_remember (editor, hostile[i].data, hostile[i].size);
        keys (editor, "\003\022", 2);
        keys (editor, hostile[i].data, hostile[i].size);
        check_line (editor);
        editor_destroy (&editor);
    }
}

/*  A broker may tell any name; what Tab puts into the line is shown as the line is. */
static void completed_names (void **state)
{
    char *names[HOSTILE_COUNT];
    for (size_t i = 0; i < HOSTILE_COUNT; i++)
        names[i] = copy_of (i);
    speakers_t *speakers = speakers_new ();
    for (size_t i = 0; i < HOSTILE_COUNT; i++)
        speakers_spoke (speakers, names[i]);
    completion_sources_t sources = {.rooms = (const char *const *)names, .n_rooms = HOSTILE_COUNT};
    sources.names = speakers_names (speakers, &sources.n_names);
    static const char *const lines[] = {"", "a", "@", "#", "/join ", "/", ":s", "ai "};
    completion_t *completion = completion_new ();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        editor_t *editor = editor_new ();
        completion_change_t change;
        size_t size;
        keys (editor, lines[i], strlen (lines[i]));
        for (int j = 0; j < 40; j++) {
            const char *text = editor_text (editor, &size);
            if (!completion_tab (completion, &sources, text, size, editor_cursor (editor), false,
                                 &change))
                break;
            editor_replace (editor, change.from, change.to, change.text, change.size);
            check_line (editor);
        }
        editor_destroy (&editor);
    }
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        size_t at, matched;
        completion_change_t change;
        (void)completion_tab (completion, &sources, names[i], strlen (names[i]), strlen (names[i]),
                              true, &change);
        (void)theme_hue (hostile[i].data, hostile[i].size);
        (void)highlight_find (hostile[i].data, hostile[i].size, 0, (const char *const *)names,
                              HOSTILE_COUNT, &at, &matched);
    }
    completion_destroy (&completion);
    speakers_destroy (&speakers);
    for (size_t i = 0; i < HOSTILE_COUNT; i++)
        free (names[i]);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (paragraphs),      cmocka_unit_test (mixtures),
        cmocka_unit_test (noise),           cmocka_unit_test (links),
        cmocka_unit_test (notifications),   cmocka_unit_test (the_input_line),
        cmocka_unit_test (completed_names),
    };
    setenv ("LC_ALL", "C.UTF-8", 1);
    width_begin ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
