/*  test_search_query.c - what somebody wrote to search for                     */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"
#include "verbs/search_query.h"

static search_query_t read_ok (const char *text)
{
    search_query_t query;
    const char *why = NULL;
    assert_int_equal (search_query_read (frame_str (text), &query, &why), ZCHAT_OK);
    return query;
}

static void refused (const char *text, const char *with)
{
    search_query_t query;
    const char *why = NULL;
    assert_int_equal (search_query_read (frame_str (text), &query, &why), ZCHAT_MALFORMED);
    assert_non_null (why);
    assert_non_null (strstr (why, with));
}

/*  The terms, each in brackets, prefixes with a star.                         */
static void terms_are (const char *text, const char *expected)
{
    search_query_t query = read_ok (text);
    char terms[1024] = "";
    for (size_t i = 0; i < query.n_terms; i++) {
        size_t used = strlen (terms);
        snprintf (terms + used, sizeof terms - used, "[%.*s%s]", (int)query.terms[i].text.size,
                  (const char *)query.terms[i].text.data, query.terms[i].prefix ? "*" : "");
    }
    assert_string_equal (terms, expected);
}

static void test_terms (void **state)
{
    terms_are ("one two", "[one][two]");
    terms_are ("  one\t\ntwo  ", "[one][two]");
    terms_are ("\"one two\" three", "[one two][three]");
    terms_are ("\"one two", "[one two]");
    terms_are ("one\"two\"", "[one\"two\"]");
    terms_are ("\"one\"two", "[one][two]");
    terms_are ("wor*", "[wor*]");
    terms_are ("wo**", "[wo**]");
    terms_are ("\"wor*\"", "[wor*]");
    terms_are ("ёл*", "[ёл*]");
    terms_are ("\"\" a", "[a]");
    terms_are ("From:bob IN:x since:now http://x", "[From:bob][IN:x][since:now][http://x]");
    refused ("w*", "two letters");
    refused ("ё*", "two letters");
    refused ("*", "two letters");
    refused ("", "at least one word");
    refused ("\"\"", "at least one word");
    refused ("in:x has:link", "at least one word");
}

static void test_filters (void **state)
{
    search_query_t query = read_ok ("from:bob in:@ has:link");
    assert_true (frame_is (query.from, "bob") && frame_is (query.in, "@") && query.link);
    assert_int_equal (query.n_terms, 0);
    assert_true (query.after_ms == 0 && query.before_ms == UINT64_MAX);
    refused ("a from:", "a name follows");
    refused ("a in:", "a name follows");
    refused ("from:a from:b", "once each");
    refused ("a in:x in:y", "once each");
    refused ("a has:", "link");
    refused ("a has:links", "link");
}

static void test_times (void **state)
{
    assert_int_equal (read_ok ("a after:1970-01-02").after_ms, 86400000);
    assert_int_equal (read_ok ("a before:2026-11-28").before_ms, 1795824000000);
    assert_int_equal (read_ok ("a before:2026-11-28T10:15").before_ms, 1795860900000);
    assert_int_equal (read_ok ("a after:2000-02-29").after_ms, 951782400000);
    assert_int_equal (read_ok ("a after:2024-12-31T23:59").after_ms, 1735689540000);
    assert_true (read_ok ("a before:9999-12-31").before_ms < INT64_MAX);
    static const char *const bad[] = {
        "",           "2026",          "2026-11",           "2026-11-2",        "2026-11-31",
        "2026-00-01", "2026-13-01",    "2026-11-00",        "2025-02-29",       "1900-02-29",
        "1969-12-31", "2026-11-28T",   "2026-11-28T10",     "2026-11-28T24:00", "2026-11-28T10:60",
        "2026-1-28",  "2026-11-28 10", "2026-11-28T10:15x", "x026-11-28",       "2026/11/28",
        "-001-01-01", "2026-11-28Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64];
        snprintf (text, sizeof text, "a after:%s", bad[i]);
        if (strchr (bad[i], ' '))
            (void)read_ok (text); /* what follows the space is a word          */
        else
            refused (text, "after:");
        snprintf (text, sizeof text, "a before:%s", bad[i]);
        if (!strchr (bad[i], ' '))
            refused (text, "before:");
    }
    refused ("a after:2026-01-01 after:2026-01-02", "once each");
    refused ("a before:2026-01-01 before:2026-01-02", "once each");
}

static void test_bounds (void **state)
{
    search_query_t query;
    const char *why;
    char text[4 * ZCHAT_SEARCH_WORDS] = "";
    for (size_t i = 0; i < ZCHAT_SEARCH_WORDS; i++)
        strcat (text, "x ");
    assert_int_equal (read_ok (text).n_terms, ZCHAT_SEARCH_WORDS);
    strcat (text, "x");
    assert_int_equal (search_query_read (frame_str (text), &query, &why), ZCHAT_LIMIT);
}

/*  Anything at all is read without a step beyond its end, which a sanitizer would see.  */
static void test_anything (void **state)
{
    static const char *const pieces[] = {
        "\"", "*",    " ", "from:",    "in:", "before:", "2026-11-28",
        "T",  "\xff", "ё", "has:link", ":",   "a"};
    uint64_t dice = 1;
    for (size_t run = 0; run < 20000; run++) {
        char text[128];
        size_t size = 0;
        for (size_t i = 0; i < 8; i++) {
            dice = dice * 6364136223846793005u + 1442695040888963407u;
            const char *piece = pieces[(dice >> 33) % (sizeof pieces / sizeof *pieces)];
            memcpy (text + size, piece, strlen (piece));
            size += strlen (piece);
        }
        char *exact = memory_new (size);
        memcpy (exact, text, size);
        search_query_t query;
        const char *why = NULL;
        zchat_status_t status = search_query_read (frame_of (exact, size), &query, &why);
        assert_true (status == ZCHAT_OK || status == ZCHAT_LIMIT || why);
        for (size_t i = 0; status == ZCHAT_OK && i < query.n_terms; i++)
            assert_true (query.terms[i].text.size > 0);
        free (exact);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_terms),    cmocka_unit_test (test_filters),
        cmocka_unit_test (test_times),    cmocka_unit_test (test_bounds),
        cmocka_unit_test (test_anything),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
