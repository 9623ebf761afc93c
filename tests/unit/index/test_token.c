/*  test_token.c - what is a word                                               */
#include "log.h"
#include "token.h"

typedef struct {
    char text[4096]; /* the words, each behind a space                          */
    size_t size;
    const char *of;
    bool placed; /* each word's place is told, too                              */
} words_t;

static bool word_note (void *arg, frame_t word, size_t begin, size_t end)
{
    words_t *words = arg;
    words->size += (size_t)snprintf (words->text + words->size, sizeof words->text - words->size,
                                     " %.*s", (int)word.size, (const char *)word.data);
    if (words->placed)
        words->size +=
            (size_t)snprintf (words->text + words->size, sizeof words->text - words->size, "=%.*s",
                              (int)(end - begin), words->of + begin);
    return true;
}

static void words_are (const char *text, const char *expected, bool placed)
{
    sqlite3 *db;
    words_t words = {.of = text, .placed = placed};
    assert_int_equal (sqlite3_open (":memory:", &db), SQLITE_OK);
    token_maker_t *maker = token_maker_new (db);
    assert_non_null (maker);
    assert_true (token_each (maker, frame_str (text), word_note, &words));
    assert_string_equal (words.text, expected);
    sqlite3_close (db);
    token_maker_destroy (&maker);
}

static void test_case_and_accents (void **state)
{
    words_are ("Hello, WORLD!", " hello world", false);
    words_are ("Ёлка йогурт ЩИ", " елка иогурт щи", false);
    words_are ("и\u0306огурт", " иогурт", false);
    words_are ("ñandú ÅNGSTRÖM façade", " nandu angstrom facade", false);
    words_are ("ﬁnd Straße ſ", " find strasse s", false);
    words_are ("ΣΊΣΥΦΟΣ Σίσυφος", " σισυφοσ σισυφοσ", false);
    words_are ("Їжак ґанок", " іжак ґанок", false);
}

static void test_places_are_of_the_text (void **state)
{
    words_are ("Ёлка, йогурт", " елка=Ёлка иогурт=йогурт", true);
    words_are ("a-b", " a=a b=b", true);
}

static void test_what_is_no_word (void **state)
{
    words_are ("", "", false);
    words_are ("... !!! --- \n\t", "", false);
    words_are ("a/b//c p/x", " a b c p x", false);
    words_are ("\u0301", "", false);
    words_are ("hello🦆🦆world 🫠ёлка🫠", " hello=hello world=world елка=ёлка", true);
}

static void test_a_long_word_is_cut (void **state)
{
    char text[201], expected[TOKEN_WORD_MAX + 2] = " ";
    memset (text, 'x', 200);
    text[200] = '\0';
    memset (expected + 1, 'x', TOKEN_WORD_MAX);
    expected[TOKEN_WORD_MAX + 1] = '\0';
    words_are (text, expected, false);
}

/*  --- in a table ----------------------------------------------------------------- */

static int64_t count_of (sqlite3 *db, const char *expression)
{
    sqlite3_stmt *statement;
    assert_int_equal (
        sqlite3_prepare_v2 (db, "SELECT count (*) FROM t WHERE t MATCH ?1", -1, &statement, NULL),
        SQLITE_OK);
    sqlite3_bind_text (statement, 1, expression, -1, SQLITE_STATIC);
    int64_t count =
        sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : -1;
    sqlite3_finalize (statement);
    return count;
}

static void test_a_scope_has_words_of_its_own (void **state)
{
    sqlite3 *db;
    assert_int_equal (sqlite3_open (":memory:", &db), SQLITE_OK);
    token_maker_t *maker = token_maker_new (db);
    assert_int_equal (
        sqlite3_exec (
            db,
            "CREATE VIRTUAL TABLE t USING fts5 (x, content = '', tokenize = 'zchat');"
            "INSERT INTO t (rowid, x) VALUES (1, 'p r1 uaa' || char (10) || 'hello world'),"
            " (2, 'r12 r12 ubb link' || char (10) || 'hello there'),"
            " (3, 'r1 r1' || char (10) || '2 hello')",
            NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal (count_of (db, "\"p\nhello\""), 1);
    assert_int_equal (count_of (db, "\"r12\nhello\""), 1);
    assert_int_equal (count_of (db, "\"r1\nhello\""), 1);
    assert_int_equal (count_of (db, "\"r1\n2\" *"), 1);
    assert_int_equal (count_of (db, "\"p\nthere\""), 0);
    assert_int_equal (count_of (db, "\"p\nhel\" *"), 1);
    assert_int_equal (count_of (db, "\"r12 link\n\""), 1);
    assert_int_equal (count_of (db, "\"p link\n\""), 0);
    assert_int_equal (count_of (db, "\"p\nlink\""), 0);
    assert_int_equal (count_of (db, "\"p uaa\n\" AND \"p\nworld\""), 1);
    /*  Without a scope nothing is asked at all.                               */
    assert_int_equal (count_of (db, "hello"), -1);
    sqlite3_close (db);
    token_maker_destroy (&maker);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_case_and_accents),
        cmocka_unit_test (test_places_are_of_the_text),
        cmocka_unit_test (test_what_is_no_word),
        cmocka_unit_test (test_a_long_word_is_cut),
        cmocka_unit_test (test_a_scope_has_words_of_its_own),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
