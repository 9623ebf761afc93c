/*  test_tokens.c - what a token shows about a name; the file's mistakes and changes */
#include "admission/tokens.h"
#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { NOW = 1000000 };

static char folder[64], path[128], aside[128];

static int setup (void **state)
{
    snprintf (folder, sizeof folder, "/tmp/zchat-tokens-XXXXXX");
    if (sodium_init () < 0 || !mkdtemp (folder))
        return -1;
    snprintf (path, sizeof path, "%s/tokens", folder);
    snprintf (aside, sizeof aside, "%s/aside", folder);
    return 0;
}

static int teardown (void **state)
{
    unlink (path);
    unlink (aside);
    return rmdir (folder);
}

/*  The text of the token of this number, and of its hash.                     */
static const char *token_of (unsigned number)
{
    static char texts[4][TOKEN_TEXT_MAX + 1];
    static unsigned at;
    uint8_t token[ZCHAT_TOKEN_SIZE] = {0xab};
    char *text = texts[at++ % 4];
    memcpy (token + 1, &number, sizeof number);
    return sodium_bin2hex (text, TOKEN_TEXT_MAX + 1, token, sizeof token);
}

static const char *hash_of (unsigned number)
{
    static char texts[4][2 * TOKEN_HASH_SIZE + 1];
    static unsigned at;
    uint8_t token[ZCHAT_TOKEN_SIZE] = {0xab}, hash[TOKEN_HASH_SIZE];
    char *text = texts[at++ % 4];
    memcpy (token + 1, &number, sizeof number);
    token_hash (token, hash);
    return sodium_bin2hex (text, 2 * TOKEN_HASH_SIZE + 1, hash, sizeof hash);
}

static core_token_t show_at (const tokens_t *tokens, const char *name, const char *token,
                             uint64_t wall_ms)
{
    name_keys_t keys;
    const char *why;
    assert_int_equal (name_check (frame_str (name), &keys, &why), ZCHAT_OK);
    return tokens_show (tokens, &keys, frame_str (token), wall_ms);
}

static core_token_t show (const tokens_t *tokens, const char *name, const char *token)
{
    return show_at (tokens, name, token, NOW);
}

static tokens_t *parsed (const char *text, tokens_news_t *news)
{
    tokens_t *tokens = tokens_new ("/nowhere");
    tokens_parse (tokens, frame_str (text), news);
    return tokens;
}

static void put (const char *text)
{
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
}

static void test_hash (void **state)
{
    /*  BLAKE2b-256 of 32 zeros, as any other implementation has it.           */
    static const uint8_t zeros[ZCHAT_TOKEN_SIZE];
    uint8_t hash[TOKEN_HASH_SIZE];
    char text[2 * TOKEN_HASH_SIZE + 1];
    token_hash (zeros, hash);
    assert_string_equal (sodium_bin2hex (text, sizeof text, hash, sizeof hash),
                         "89eb0d6a8a691dae2cd15ed0369931ce0a949ecafa5c3f93f8121833646e15c3");
}

/*  Files may hold both from before that was one name.                         */
static void test_names_that_look_the_same (void **state)
{
    char text[2048];
    tokens_news_t news;
    snprintf (text, sizeof text, "maria a1 %s -\nrnaria b1 %s -\nzoe\xcc\x88 c1 %s -", hash_of (1),
              hash_of (2), hash_of (3));
    tokens_t *tokens = parsed (text, &news);
    assert_int_equal (news.count, 3);
    assert_int_equal (show (tokens, "maria", token_of (1)), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "rnaria", token_of (2)), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "RNARIA", token_of (2)), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "maria", token_of (2)), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "rnaria", token_of (1)), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "m\xc9\x91ria", ""), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "zo\xc3\xab", token_of (3)), CORE_TOKEN_RIGHT);
    tokens_destroy (&tokens);
}

static void test_right_wrong_none (void **state)
{
    char text[2048], upper[TOKEN_TEXT_MAX + 1], longer[TOKEN_TEXT_MAX + 3];
    tokens_news_t news;
    snprintf (text, sizeof text,
              "# tokens\n\nmaria a1 %s -\n\tbob  b1\t%s - made=2026-11-20 by hand\r\n"
              "maria a2 %s -",
              hash_of (1), hash_of (2), hash_of (3));
    tokens_t *tokens = parsed (text, &news);
    assert_int_equal (news.count, 3);
    assert_int_equal (news.bad, 0);
    assert_int_equal (news.error, 0);
    assert_int_equal (show (tokens, "maria", token_of (1)), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "maria", token_of (3)), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "bob", token_of (2)), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "maria", token_of (2)), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "bob", token_of (1)), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "eve", token_of (1)), CORE_TOKEN_NONE);
    assert_int_equal (show (tokens, "eve", ""), CORE_TOKEN_NONE);
    /*  The text of a token is one in one way only.                            */
    snprintf (upper, sizeof upper, "%s", token_of (1));
    upper[0] = 'A';
    assert_int_equal (show (tokens, "maria", upper), CORE_TOKEN_WRONG);
    snprintf (longer, sizeof longer, "%s0", token_of (1));
    assert_int_equal (show (tokens, "maria", longer), CORE_TOKEN_WRONG);
    longer[TOKEN_TEXT_MAX - 1] = '\0';
    assert_int_equal (show (tokens, "maria", longer), CORE_TOKEN_WRONG);
    snprintf (longer, sizeof longer, "%s\n", token_of (1));
    assert_int_equal (show (tokens, "maria", longer), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "maria", ""), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "maria", hash_of (1)), CORE_TOKEN_WRONG);
    name_keys_t keys;
    const char *why;
    assert_int_equal (name_check (frame_str ("maria"), &keys, &why), ZCHAT_OK);
    assert_int_equal (tokens_show (tokens, &keys, frame_of (NULL, 0), NOW), CORE_TOKEN_WRONG);
    memset (upper, 0, TOKEN_TEXT_MAX);
    assert_int_equal (tokens_show (tokens, &keys, frame_of (upper, TOKEN_TEXT_MAX), NOW),
                      CORE_TOKEN_WRONG);
    tokens_destroy (&tokens);
    assert_null (tokens);
    tokens_destroy (&tokens);
}

/*  What is not hex is not taken for zeros, whose hash may stand in the file.  */
static void test_no_token_is_not_zeros (void **state)
{
    static const uint8_t zeros[ZCHAT_TOKEN_SIZE];
    uint8_t hash[TOKEN_HASH_SIZE];
    char text[256], hash_text[2 * TOKEN_HASH_SIZE + 1], zero[TOKEN_TEXT_MAX + 1];
    tokens_news_t news;
    token_hash (zeros, hash);
    snprintf (text, sizeof text, "maria a1 %s -",
              sodium_bin2hex (hash_text, sizeof hash_text, hash, sizeof hash));
    tokens_t *tokens = parsed (text, &news);
    sodium_bin2hex (zero, sizeof zero, zeros, sizeof zeros);
    assert_int_equal (show (tokens, "maria", zero), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "maria", ""), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "maria", "x"), CORE_TOKEN_WRONG);
    zero[TOKEN_TEXT_MAX - 1] = 'x';
    assert_int_equal (show (tokens, "maria", zero), CORE_TOKEN_WRONG);
    tokens_destroy (&tokens);
}

static void test_names_that_are_the_same (void **state)
{
    char text[1024];
    tokens_news_t news;
    snprintf (text, sizeof text, "Maria a1 %s -\nсор a2 %s -\n", hash_of (1), hash_of (2));
    tokens_t *tokens = parsed (text, &news);
    assert_int_equal (show (tokens, "mARIA", token_of (1)), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "сор", token_of (2)), CORE_TOKEN_RIGHT);
    /*  In Latin letters that look the same.                                   */
    assert_int_equal (show (tokens, "cop", token_of (2)), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "COP", token_of (1)), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "мария", token_of (1)), CORE_TOKEN_NONE);
    tokens_destroy (&tokens);
}

static void test_expiry (void **state)
{
    char text[1024];
    tokens_news_t news;
    snprintf (text, sizeof text, "maria a1 %s %d\nbob b1 %s 0\nbob b2 %s 253402300799999\n",
              hash_of (1), NOW, hash_of (2), hash_of (3));
    tokens_t *tokens = parsed (text, &news);
    assert_int_equal (news.count, 3);
    assert_int_equal (news.bad, 0);
    assert_int_equal (show_at (tokens, "maria", token_of (1), NOW - 1), CORE_TOKEN_RIGHT);
    assert_int_equal (show_at (tokens, "maria", token_of (1), NOW), CORE_TOKEN_WRONG);
    assert_int_equal (show_at (tokens, "maria", token_of (1), UINT64_MAX), CORE_TOKEN_WRONG);
    assert_int_equal (show_at (tokens, "bob", token_of (2), 0), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "bob", token_of (3)), CORE_TOKEN_RIGHT);
    tokens_destroy (&tokens);
}

/*  A mistake takes the token, not the name.                                   */
static void test_bad_lines (void **state)
{
    char text[4096], hash[2 * TOKEN_HASH_SIZE + 1];
    tokens_news_t news;
    const struct {
        const char *before, *after, *word;
    } lines[] = {
        {"maria", NULL, "id"},
        {"maria a1", NULL, "hash"},
        {"maria a1 ", "", "expires"},
        {"maria a1 ", " soon", "expires"},
        {"maria a1 ", " -1", "expires"},
        {"maria a1 ", " 253402300800000", "expires"},
        {"maria a1 ", " 99999999999999999999999", "expires"},
        {"maria a1 ", " 1x", "expires"},
        {"maria a1 ", " --", "expires"},
        {"maria a1 0", " -", "hash"},
        {"maria A1 ", " -", "id"},
        {"maria a-1 ", " -", "id"},
        {"maria 12345678901234567 ", " -", "id"},
    };
    snprintf (hash, sizeof hash, "%s", hash_of (1));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        snprintf (text, sizeof text, "bob b1 %s -\n%s%s%s\n", hash_of (2), lines[i].before,
                  lines[i].after ? hash : "", lines[i].after ? lines[i].after : "");
        tokens_t *tokens = parsed (text, &news);
        assert_int_equal (news.count, 1);
        assert_int_equal (news.bad, 1);
        assert_int_equal (news.bad_line, 2);
        assert_non_null (strstr (news.why, lines[i].word));
        assert_int_equal (show (tokens, "maria", token_of (1)), CORE_TOKEN_WRONG);
        assert_int_equal (show (tokens, "maria", ""), CORE_TOKEN_WRONG);
        assert_int_equal (show (tokens, "bob", token_of (2)), CORE_TOKEN_RIGHT);
        tokens_destroy (&tokens);
    }
    /*  Upper case, and a digit that is none.                                  */
    for (int i = 0; i < 2; i++) {
        snprintf (text, sizeof text, "maria a1 %s -", hash);
        text[9] = i ? 'g' : 'F';
        tokens_t *tokens = parsed (text, &news);
        assert_int_equal (news.count, 0);
        assert_int_equal (news.bad, 1);
        tokens_destroy (&tokens);
    }
    /*  Lines without a name count for nobody.                                 */
    snprintf (text, sizeof text, "a/b a1 %s -\n\xff\xfe a1 %s -\n@ a1 %s -\n", hash, hash, hash);
    tokens_t *tokens = parsed (text, &news);
    assert_int_equal (news.count, 0);
    assert_int_equal (news.bad, 3);
    assert_int_equal (news.bad_line, 1);
    assert_int_equal (show (tokens, "a", token_of (1)), CORE_TOKEN_NONE);
    tokens_destroy (&tokens);
}

/*  The same numbers in every run.                                             */
static unsigned dice (void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33);
}

static void test_parse_of_bytes (void **state)
{
    static const char zeros[] = "maria\0a1\nbob\0\n\0\0\n";
    tokens_news_t news;
    tokens_t *tokens = tokens_new ("/nowhere");
    tokens_parse (tokens, frame_of (zeros, sizeof zeros), &news);
    assert_int_equal (news.count, 0);
    tokens_parse (tokens, frame_of (NULL, 0), &news);
    assert_int_equal (news.bad, 0);
    for (int run = 0; run < 2000; run++) {
        static const char letters[] = "maria a1 0f-#\n\t\r\xd0\xb0\xff";
        char text[256];
        size_t size = dice () % sizeof text;
        for (size_t i = 0; i < size; i++)
            text[i] = letters[dice () % sizeof letters];
        tokens_parse (tokens, frame_of (text, size), &news);
        assert_int_equal (news.count, 0);
        assert_int_equal (show (tokens, "zoe", token_of (1)), CORE_TOKEN_NONE);
    }
    tokens_destroy (&tokens);
}

static char *many (size_t count, size_t *size)
{
    char *text = NULL;
    FILE *stream = open_memstream (&text, size);
    for (size_t i = 0; i < count; i++)
        fprintf (stream, "n%zu i%zu %s -\n", i, i, hash_of ((unsigned)i));
    fclose (stream);
    return text;
}

static void test_too_many (void **state)
{
    char name[32];
    size_t size;
    tokens_news_t news;
    char *text = many (ZCHAT_TOKENS_MAX + 1, &size);
    tokens_t *tokens = tokens_new ("/nowhere");
    *(char *)memrchr (text, 'n', size) = '#';
    tokens_parse (tokens, frame_of (text, size), &news);
    assert_int_equal (news.error, 0);
    assert_int_equal (news.count, ZCHAT_TOKENS_MAX);
    for (unsigned i = 0; i < ZCHAT_TOKENS_MAX; i += 7) {
        snprintf (name, sizeof name, "N%u", i);
        assert_int_equal (show (tokens, name, token_of (i)), CORE_TOKEN_RIGHT);
        assert_int_equal (show (tokens, name, token_of (i + 1)), CORE_TOKEN_WRONG);
    }
    assert_int_equal (show (tokens, "n10000", token_of (10000)), CORE_TOKEN_NONE);
    /*  One more, and none is right, but all names stay kept.                  */
    *(char *)memrchr (text, '#', size) = 'n';
    tokens_parse (tokens, frame_of (text, size), &news);
    assert_int_equal (news.error, EFBIG);
    assert_int_equal (news.count, 0);
    assert_non_null (news.why);
    assert_int_equal (show (tokens, "n1", token_of (1)), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "n9999", token_of (9999)), CORE_TOKEN_WRONG);
    free (text);
    tokens_destroy (&tokens);
}

static bool reload (tokens_t *tokens, uint64_t wall_ms, tokens_news_t *news)
{
    memset (news, 0x55, sizeof *news);
    return tokens_reload (tokens, wall_ms, news);
}

static void test_the_file_changes (void **state)
{
    char text[512];
    tokens_news_t news;
    struct timespec clock;
    clock_gettime (CLOCK_REALTIME, &clock);
    uint64_t now = (uint64_t)clock.tv_sec * 1000;
    tokens_t *tokens = tokens_new (path);
    /*  No file is no mistake, as long as there was none.                      */
    assert_false (reload (tokens, now, &news));
    assert_int_equal (show (tokens, "maria", token_of (1)), CORE_TOKEN_NONE);

    snprintf (text, sizeof text, "maria a1 %s -\n", hash_of (1));
    put (text);
    assert_true (reload (tokens, now, &news));
    assert_int_equal (news.count, 1);
    assert_int_equal (show (tokens, "maria", token_of (1)), CORE_TOKEN_RIGHT);
    assert_false (reload (tokens, now, &news));

    /*  The same size at the same time: seen a little later.                   */
    snprintf (text, sizeof text, "maria a1 %s -\n", hash_of (2));
    put (text);
    (void)reload (tokens, now + 1000, &news);
    assert_int_equal (show (tokens, "maria", token_of (2)), CORE_TOKEN_RIGHT);
    assert_int_equal (show (tokens, "maria", token_of (1)), CORE_TOKEN_WRONG);

    /*  Moved away, a folder in its place, too large: the name is kept.        */
    assert_int_equal (rename (path, aside), 0);
    assert_true (reload (tokens, now + 2000, &news));
    assert_int_equal (news.error, ENOENT);
    assert_int_equal (show (tokens, "maria", token_of (2)), CORE_TOKEN_WRONG);
    assert_false (reload (tokens, now + 2000, &news));
    assert_int_equal (mkdir (path, 0700), 0);
    assert_true (reload (tokens, now + 3000, &news));
    assert_int_equal (news.error, EISDIR);
    assert_int_equal (show (tokens, "maria", token_of (2)), CORE_TOKEN_WRONG);
    assert_int_equal (rmdir (path), 0);
    put ("");
    assert_int_equal (truncate (path, ZCHAT_TOKENS_FILE_MAX + 1), 0);
    assert_true (reload (tokens, now + 4000, &news));
    assert_int_equal (news.error, EFBIG);
    assert_int_equal (show (tokens, "maria", token_of (2)), CORE_TOKEN_WRONG);
    assert_int_equal (show (tokens, "bob", token_of (2)), CORE_TOKEN_NONE);

    assert_int_equal (rename (aside, path), 0);
    assert_true (reload (tokens, now + 5000, &news));
    assert_int_equal (news.error, 0);
    assert_int_equal (show (tokens, "maria", token_of (2)), CORE_TOKEN_RIGHT);

    /*  Emptied: free.                                                         */
    put ("");
    assert_true (reload (tokens, now + 6000, &news));
    assert_int_equal (show (tokens, "maria", token_of (2)), CORE_TOKEN_NONE);
    tokens_destroy (&tokens);
}

/*  A file that was changed a moment ago is not read for each who asks.        */
static void test_read_seldom (void **state)
{
    size_t size;
    tokens_news_t news;
    struct timespec clock;
    char *text = many (ZCHAT_TOKENS_MAX, &size);
    put (text);
    free (text);
    clock_gettime (CLOCK_REALTIME, &clock);
    uint64_t now = (uint64_t)clock.tv_sec * 1000;
    tokens_t *tokens = tokens_new (path);
    assert_true (reload (tokens, now, &news));
    assert_int_equal (news.count, ZCHAT_TOKENS_MAX);
    for (int i = 0; i < 20000; i++) {
        assert_false (reload (tokens, now + 1, &news));
        assert_int_equal (show (tokens, "n77", token_of (77)), CORE_TOKEN_RIGHT);
    }
    tokens_destroy (&tokens);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_hash),
        cmocka_unit_test (test_right_wrong_none),
        cmocka_unit_test (test_names_that_look_the_same),
        cmocka_unit_test (test_no_token_is_not_zeros),
        cmocka_unit_test (test_names_that_are_the_same),
        cmocka_unit_test (test_expiry),
        cmocka_unit_test (test_bad_lines),
        cmocka_unit_test (test_parse_of_bytes),
        cmocka_unit_test (test_too_many),
        cmocka_unit_test_setup_teardown (test_the_file_changes, setup, teardown),
        cmocka_unit_test_setup_teardown (test_read_seldom, setup, teardown),
    };
    return sodium_init () < 0 || cmocka_run_group_tests (tests, NULL, NULL);
}
