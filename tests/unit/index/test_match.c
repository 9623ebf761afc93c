/*  test_match.c - whether a text has the words of a query, and where           */
#include "log.h"
#include "text.h"

static sqlite3 *db;
static token_maker_t *maker;

static int setup (void **state)
{
    assert_int_equal (sqlite3_open (":memory:", &db), SQLITE_OK);
    maker = token_maker_new (db);
    return maker ? 0 : -1;
}

static int teardown (void **state)
{
    sqlite3_close (db);
    token_maker_destroy (&maker);
    return 0;
}

/*  A query of these terms, of which those that end in * are prefixes.         */
static index_query_t query_of (const char *const *terms)
{
    index_query_t query = {.n_terms = 0};
    size_t used = 0;
    for (; *terms; terms++) {
        size_t size = strlen (*terms);
        bool prefix = (*terms)[size - 1] == '*';
        memcpy (query.text + used, *terms, size - prefix);
        query.terms[query.n_terms++] =
            (index_term_t){(uint16_t)used, (uint16_t)(size - prefix), prefix};
        used += size - prefix;
    }
    return query;
}

#define QUERY(...) query_of ((const char *const[]){__VA_ARGS__, NULL})

static bool matches (index_query_t query, const char *body, index_hit_t *hit)
{
    match_t *match = match_new (maker, &query);
    bool is = match_body (match, frame_str (body), hit);
    match_destroy (&match);
    return is;
}

/*  The places of the hit, as text.                                            */
static const char *found (const index_hit_t *hit)
{
    static char text[2048];
    size_t size = 0;
    *text = '\0';
    for (size_t i = 0; i < hit->n_found; i++)
        size += (size_t)snprintf (text + size, sizeof text - size, "[%.*s]", hit->found[i][1],
                                  hit->text + hit->found[i][0]);
    return text;
}

static void test_all_words_have_to_be_there (void **state)
{
    index_hit_t hit;
    assert_true (matches (QUERY ("two", "WORDS"), "words, and two of them", &hit));
    assert_string_equal (found (&hit), "[words][two]");
    assert_false (matches (QUERY ("two", "three"), "words, and two of them", &hit));
    assert_true (matches (QUERY ("wor*"), "a word of words", &hit));
    assert_string_equal (found (&hit), "[word][words]");
    assert_false (matches (QUERY ("wor"), "a word", &hit));
    assert_true (matches (QUERY ("ёлка"), "Елка!", &hit));
}

static void test_phrases (void **state)
{
    index_hit_t hit;
    assert_true (matches (QUERY ("two words"), "not two, two words", &hit));
    assert_string_equal (found (&hit), "[two words]");
    assert_false (matches (QUERY ("words two"), "two words", &hit));
    assert_true (matches (QUERY ("a a b"), "a a a a b", &hit));
    assert_string_equal (found (&hit), "[a a b]");
    assert_true (matches (QUERY ("foo-ba*"), "foo bar", &hit));
    assert_false (matches (QUERY ("foo-ba*"), "foo-qux", &hit));
    /*  Places that meet are one.                                              */
    assert_true (matches (QUERY ("two words", "words"), "two words", &hit));
    assert_string_equal (found (&hit), "[two words]");
}

static void test_a_term_without_words_is_none (void **state)
{
    index_hit_t hit;
    index_query_t query = QUERY ("hello", ":-)");
    match_t *match = match_new (maker, &query);
    assert_true (match_has (match, 0));
    assert_false (match_has (match, 1));
    assert_true (match_any (match));
    assert_true (match_body (match, frame_str ("hello"), &hit));
    match_destroy (&match);
}

static void test_the_text_is_around_the_first_place (void **state)
{
    index_hit_t hit;
    char body[4001] = "";
    for (size_t i = 0; i < 1000; i++)
        memcpy (body + 4 * i, i == 700 ? "иГ  " : i % 7 ? "яя" : "я  ", 4);
    assert_true (matches (QUERY ("иг"), body, &hit) || true);
    for (size_t at = 0; at < 3900; at += 13) {
        memset (body, 'x', 4000);
        for (size_t i = 9; i < 4000; i += 10)
            body[i] = ' ';
        body[4000] = '\0';
        memcpy (body + at, " needle ", 8);
        assert_true (matches (QUERY ("needle"), body, &hit));
        assert_string_equal (found (&hit), "[needle]");
        assert_true (hit.text_size <= ZCHAT_SNIPPET_MAX && hit.text_size > 60);
    }
}

static void test_the_text_is_cut_between_letters (void **state)
{
    index_hit_t hit;
    char body[3000];
    for (size_t lead = 0; lead < 4; lead++) {
        size_t size = 0;
        for (; size < lead; size++)
            body[size] = '.';
        for (size_t i = 0; i < 300; i++, size += 4)
            memcpy (body + size, "🦆", 4);
        memcpy (body + size, "игла", 8);
        size += 8;
        for (size_t i = 0; i < 300; i++, size += 3)
            memcpy (body + size, "…", 3);
        body[size] = '\0';
        assert_true (matches (QUERY ("игла"), body, &hit));
        assert_string_equal (found (&hit), "[игла]");
        assert_true (text_valid (frame_of (hit.text, hit.text_size)));
        assert_true (hit.text_size <= ZCHAT_SNIPPET_MAX);
    }
    /*  A word longer than what is shown.                                      */
    memset (body, 'x', 1000);
    body[1000] = '\0';
    assert_true (matches (QUERY ("xx*"), body, &hit));
    assert_int_equal (hit.text_size, ZCHAT_SNIPPET_MAX);
    assert_int_equal (hit.found[0][0] + hit.found[0][1], ZCHAT_SNIPPET_MAX);
}

static void test_places_are_bounded (void **state)
{
    index_hit_t hit;
    char body[201];
    for (size_t i = 0; i < 200; i += 2)
        memcpy (body + i, "a ", 2);
    body[200] = '\0';
    assert_true (matches (QUERY ("a"), body, &hit));
    assert_int_equal (hit.n_found, INDEX_FOUND_MAX);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_all_words_have_to_be_there),
        cmocka_unit_test (test_phrases),
        cmocka_unit_test (test_a_term_without_words_is_none),
        cmocka_unit_test (test_the_text_is_around_the_first_place),
        cmocka_unit_test (test_the_text_is_cut_between_letters),
        cmocka_unit_test (test_places_are_bounded),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
