/*  test_paragraph.c - messages as rows: whole rows are compared as text        */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buffer.h"
#include "memory.h"
#include "paragraph.h"
#include "width.h"

static const char *const me[] = {"me"};

static paragraph_source_t said (const char *text)
{
    return (paragraph_source_t){.time = "09:14",
                                .name = "ivan",
                                .name_size = 4,
                                .name_style = STYLE_NAME,
                                .text = text,
                                .size = strlen (text),
                                .mentions = me,
                                .n_mentions = 1};
}

/*  Draw all rows: a newline ends each, and "~" before it stands for one that the terminal
    continues. Checks what holds for every row.                                */
static char *drawn (const paragraph_source_t *source, const paragraph_place_t *place)
{
    buffer_t all = {NULL, 0, 0};
    paragraph_t *paragraph = paragraph_new ();
    size_t n = paragraph_lay (paragraph, source, place);
    assert_true (n >= 1);
    for (size_t i = 0; i < n; i++) {
        paragraph_row_t row = paragraph_row (paragraph, i);
        int column = row.n_spans > 0 && row.spans[0].column < 0 ? -place->left : 0;
        for (size_t j = 0; j < row.n_spans; j++) {
            const paragraph_span_t *span = &row.spans[j];
            assert_true (span->column >= column);
            assert_int_equal (width_columns (span->text, span->size), span->columns);
            buffer_format (&all, "%*s%.*s", span->column - column, "", (int)span->size, span->text);
            column = span->column + span->columns;
            assert_true (column <= place->columns);
        }
        buffer_string (&all, row.goes_on ? "~\n" : "\n");
    }
    assert_int_equal (paragraph_row (paragraph, n).n_spans, 0);
    paragraph_destroy (&paragraph);
    return buffer_take (&all);
}

static void assert_drawn (paragraph_source_t source, paragraph_place_t place, const char *wanted)
{
    char *all = drawn (&source, &place);
    assert_string_equal (all, wanted);
    free (all);
}

static const paragraph_place_t wide = {.columns = 40, .name_columns = 5},
                               beside = {.columns = 40, .left = 6, .name_columns = 5};

static void words_are_kept_whole (void **state)
{
    assert_drawn (said ("hello"), wide, "09:14  ivan   hello\n");
    assert_drawn (said (""), wide, "09:14  ivan\n");
    assert_drawn (said ("the quick brown fox jumps over the lazy dog"), wide,
                  "09:14  ivan   the quick brown fox jumps\n"
                  "              over the lazy dog\n");
    assert_drawn (said ("12345678901234567890123456 7"), wide,
                  "09:14  ivan   12345678901234567890123456\n"
                  "              7\n");
}

static void newlines_and_indents_of_the_text_are_kept (void **state)
{
    assert_drawn (said ("int main ()\n{\n    return 0;\n\tx;\n  \ty;\n}\n\n"), wide,
                  "09:14  ivan   int main ()\n"
                  "              {\n"
                  "                  return 0;\n"
                  "                  x;\n"
                  "                  y;\n"
                  "              }\n");
    assert_drawn (said ("a\n\nb"), wide, "09:14  ivan   a\n\n              b\n");
}

static void wide_and_joined_characters_keep_together (void **state)
{
    assert_drawn (said ("漢字漢字漢字漢字漢字漢字漢字"), wide,
                  "09:14  ivan   漢字漢字漢字漢字漢字漢字漢\n              字\n");
    assert_drawn (said ("a 👩\xe2\x80\x8d💻 e\xcc\x81"), wide,
                  "09:14  ivan   a 👩\xe2\x80\x8d💻 e\xcc\x81\n");
}

/*  A long link begins where it stands, and goes on at the terminal's edge.    */
static void the_terminal_wraps_long_words (void **state)
{
    const char *text = "see https://example.org/a/very/long/path/of/a/link?with=x, yes";
    assert_drawn (said (text), wide,
                  "09:14  ivan   see https://example.org/a/~\n"
                  "very/long/path/of/a/link?with=x,\n"
                  "              yes\n");
    /*  With a list beside it: behind the edge comes the terminal's first column. */
    assert_drawn (said (text), beside,
                  "09:14  ivan   see https://example.org/a/~\n"
                  "very/long/path/of/a/link?with=x,\n"
                  "              yes\n");
    assert_drawn (said ("a https://example.org/short b"), wide,
                  "09:14  ivan   a\n"
                  "              https://example.org/short\n"
                  "              b\n");
    /*  Three rows of one word; a wide character that does not fit leaves a column. */
    assert_drawn (said ("x aaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
                  wide,
                  "09:14  ivan   x aaaaaaaaaaaaaaaaaaaaaaaa~\n"
                  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb~\n"
                  "bb\n");
    assert_drawn (said ("https://e.org/aaaaaaaaaaa漢aaaaaa"), wide,
                  "09:14  ivan   https://e.org/aaaaaaaaaaa~\n"
                  "漢aaaaaa\n");
}

/*  What is wrapped by the terminal stands at the left edge, where messages begin. */
static void nothing_follows_a_wrapped_word_in_its_row (void **state)
{
    assert_drawn (said ("aaaaaaaaaaaaaaaaaaaaaaaaaa09:15  chen   I resign"), wide,
                  "09:14  ivan   aaaaaaaaaaaaaaaaaaaaaaaaaa~\n"
                  "09:15\n"
                  "              chen   I resign\n");
    assert_drawn (said ("aaaaaaaaaaaaaaaaaaaaaaaaaa09:15\xc2\xa0\xe2\xa0\x80x"), wide,
                  "09:14  ivan   aaaaaaaaaaaaaaaaaaaaaaaaaa~\n"
                  "09:15\n"
                  "              x\n");
}

static void long_texts_fold (void **state)
{
    paragraph_place_t place = {.columns = 40, .name_columns = 5, .fold_rows = 3};
    assert_drawn (said ("1\n2\n3"), place, "09:14  ivan   1\n              2\n              3\n");
    assert_drawn (said ("1\n2\n3\n4\n5"), place,
                  "09:14  ivan   1\n              2\n"
                  "              … 3 more lines (Enter ope…\n");
    place.columns = 60;
    assert_drawn (said ("1\n2\n3\n4"), place,
                  "09:14  ivan   1\n              2\n"
                  "              … 2 more lines (Enter opens)\n");
    paragraph_source_t source = said ("1\n2\n3\n4");
    source.open = true;
    assert_drawn (source, place,
                  "09:14  ivan   1\n              2\n              3\n              4\n");
    source = said ("int main (void)\n{\n    return 0;\n}\n/* */\n");
    source.title = "main.c";
    source.title_size = 6;
    assert_drawn (source, place,
                  "09:14  ivan   main.c, 5 lines (Enter opens)\n"
                  "              | int main (void)\n"
                  "              | {\n"
                  "              … 3 more lines\n");
    source.open = true;
    assert_drawn (source, place,
                  "09:14  ivan   main.c, 5 lines\n"
                  "              | int main (void)\n"
                  "              | {\n"
                  "              |     return 0;\n"
                  "              | }\n"
                  "              | /* */\n");
}

static void what_became_of_it_stands_below (void **state)
{
    paragraph_source_t source = said ("on it");
    source.state = "(sending)";
    source.quote = "re chen: did\nthe build pass?";
    source.quote_size = strlen (source.quote);
    assert_drawn (source, wide,
                  "09:14  ivan   on it            (sending)\n"
                  "              re chen: did the build pa…\n");
    source.reactions = "+1 x3";
    source.reactions_size = 5;
    assert_drawn (source, wide,
                  "09:14  ivan   on it            (sending)\n"
                  "              re chen: did the …   +1 x3\n");
    source.quote = NULL;
    source.state = "";
    assert_drawn (source, wide, "09:14  ivan   on it\n              +1 x3\n");
    source = said ("a text that is just too wide");
    source.state = "(edited)";
    assert_drawn (source, wide,
                  "09:14  ivan   a text that is just too\n"
                  "              wide              (edited)\n");
}

static void spans_say_what_they_are (void **state)
{
    paragraph_source_t source = said ("Me: http://a.b/ and name, ME!");
    paragraph_place_t place = {.columns = 80, .name_columns = 5};
    static const struct {
        style_t style;
        const char *text;
        size_t link;
    } wanted[] = {
        {STYLE_TIME, "09:14", 0}, {STYLE_NAME, "ivan", 0},        {STYLE_MENTION, "Me", 0},
        {STYLE_TEXT, ": ", 0},    {STYLE_LINK, "http://a.b/", 1}, {STYLE_TEXT, " and name, ", 0},
        {STYLE_MENTION, "ME", 0}, {STYLE_TEXT, "!", 0},
    };
    source.hue = 7;
    paragraph_t *paragraph = paragraph_new ();
    assert_int_equal (paragraph_lay (paragraph, &source, &place), 1);
    paragraph_row_t row = paragraph_row (paragraph, 0);
    assert_int_equal (row.n_spans, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < row.n_spans; i++) {
        char *text = memory_string (row.spans[i].text, row.spans[i].size);
        assert_string_equal (text, wanted[i].text);
        free (text);
        assert_int_equal (row.spans[i].style, wanted[i].style);
        assert_int_equal (row.spans[i].link, wanted[i].link);
        assert_int_equal (row.spans[i].hue, wanted[i].style == STYLE_NAME ? 7 : 0);
    }
    assert_string_equal (paragraph_link (paragraph, 1), "http://a.b/");
    assert_null (paragraph_link (paragraph, 0));
    assert_null (paragraph_link (paragraph, 2));
    paragraph_destroy (&paragraph);
}

static void names_are_cut_and_narrow_panes_have_less (void **state)
{
    paragraph_source_t source = said ("one two three");
    source.name = "maximilian";
    source.name_size = 10;
    assert_drawn (source, wide, "09:14  maxi…  one two three\n");
    assert_drawn (source, (paragraph_place_t){.columns = 34, .name_columns = 5},
                  "maxi…  one two three\n");
    assert_drawn (source, (paragraph_place_t){.columns = 16, .name_columns = 5},
                  "maximil…  one\n  two three\n");
    assert_drawn (source, (paragraph_place_t){.columns = 4, .name_columns = 5},
                  "one\ntwo\nthre~\ne\n");
    assert_drawn (said ("a漢"), (paragraph_place_t){.columns = 1, .name_columns = 5}, "a\n?\n");
    source = said ("kim came");
    source.name = NULL;
    assert_drawn (source, wide, "09:14  kim came\n");
    source.time = NULL;
    assert_drawn (source, wide, "kim came\n");
}

/*  Any text at any width: drawn() checks every row.                           */
static void no_row_is_over_wide_whatever_comes (void **state)
{
    static const char *const texts[] = {
        "\033]0;x\007\x9b\xff\xe2\x80\xae abc \t\t\t x",
        "漢 字漢字\n\n  \tx 👩\xe2\x80\x8d💻👩\xe2\x80\x8d💻 y", "\xcc\x81\xcc\x81 \xcc\x81",
        "http://\xe6\xbc\xa2\xe6\xbc\xa2/xxxxxxxxxxxxxxxxxxxxxxxxx http://a b"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (int columns = 1; columns < 50; columns++)
            for (int left = 0; left < 20; left += 7) {
                paragraph_source_t source = said (texts[i]);
                paragraph_place_t place = {columns, left, 6, 2};
                source.quote = source.reactions = source.title = texts[i];
                source.quote_size = source.reactions_size = source.title_size = source.size;
                source.state = "(sending)";
                char *all = drawn (&source, &place);
                assert_null (strpbrk (all, "\033\007\t"));
                free (all);
            }
}

static void what_is_too_long_is_counted (void **state)
{
    char *text = memory_new (65536);
    memset (text, '\n', 65536);
    text[65535] = 'x';
    paragraph_source_t source = {.text = text, .size = 65536};
    paragraph_place_t place = {.columns = 80};
    paragraph_t *paragraph = paragraph_new ();
    size_t n = paragraph_lay (paragraph, &source, &place);
    assert_int_equal (n, PARAGRAPH_ROWS_MAX);
    paragraph_row_t row = paragraph_row (paragraph, n - 1);
    char *last = memory_string (row.spans[0].text, row.spans[0].size);
    assert_string_equal (last, "… 61441 more lines");
    free (last);
    assert_false (paragraph_folded (paragraph));
    place.fold_rows = 5;
    assert_int_equal (paragraph_lay (paragraph, &source, &place), 5);
    assert_true (paragraph_folded (paragraph));
    paragraph_destroy (&paragraph);
    free (text);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (words_are_kept_whole),
        cmocka_unit_test (newlines_and_indents_of_the_text_are_kept),
        cmocka_unit_test (wide_and_joined_characters_keep_together),
        cmocka_unit_test (the_terminal_wraps_long_words),
        cmocka_unit_test (nothing_follows_a_wrapped_word_in_its_row),
        cmocka_unit_test (long_texts_fold),
        cmocka_unit_test (what_became_of_it_stands_below),
        cmocka_unit_test (spans_say_what_they_are),
        cmocka_unit_test (names_are_cut_and_narrow_panes_have_less),
        cmocka_unit_test (no_row_is_over_wide_whatever_comes),
        cmocka_unit_test (what_is_too_long_is_counted),
    };
    setenv ("LC_ALL", "C.UTF-8", 1);
    width_begin ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
