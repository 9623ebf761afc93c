/*  test_notes.c - what the log file says of each decision of the core         */
#include "log/log.h"
#include "run/journal.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static char written[4096];
static FILE *file;
static int saved = -1;

/*  What goes to standard error from here to the end goes to written.          */
static void listen_begin (void)
{
    fflush (stderr);
    file = tmpfile ();
    saved = dup (STDERR_FILENO);
    assert_true (file && saved >= 0 && dup2 (fileno (file), STDERR_FILENO) >= 0);
}

static const char *listen_end (void)
{
    fflush (stderr);
    dup2 (saved, STDERR_FILENO);
    close (saved);
    memset (written, 0, sizeof written);
    ssize_t size = pread (fileno (file), written, sizeof written - 1, 0);
    assert_true (size >= 0);
    fclose (file);
    return written;
}

static const char *noted (core_note_kind_t kind, const char *key)
{
    core_note_t note = {.kind = kind,
                        .user = frame_str ("maria"),
                        .room = frame_str ("dev"),
                        .text = frame_str ("so it is"),
                        .verb = kind == CORE_NOTE_REFUSED ? "SAY" : NULL,
                        .status = ZCHAT_TAKEN};
    listen_begin ();
    journal_core (&note, key, "10.0.0.1", 1);
    return listen_end ();
}

static void test_each_kind (void **state)
{
    static const struct {
        core_note_kind_t kind;
        const char *begin, *text;
    } kinds[] = {
        {CORE_NOTE_HELLO, "info hello user=\"maria\"", "agent=\"so it is\""},
        {CORE_NOTE_RESUME, "info resume user=\"maria\"", "agent=\"so it is\""},
        {CORE_NOTE_BYE, "info bye user=\"maria\"", "text=\"so it is\""},
        {CORE_NOTE_LOST, "info lost user=\"maria\"", "text=\"so it is\""},
        {CORE_NOTE_JOIN, "info join user=\"maria\"", "room=\"dev\""},
        {CORE_NOTE_LEAVE, "info leave user=\"maria\"", "reason=\"so it is\""},
        {CORE_NOTE_CLAIM, "info claim user=\"maria\"", "text=\"so it is\""},
        {CORE_NOTE_KEYS, "info keys user=\"maria\"", "of=\"so it is\""},
        {CORE_NOTE_MODE, "info mode user=\"maria\"", "text=\"so it is\""},
        {CORE_NOTE_REFUSED, "warning refused user=\"maria\"", "text=\"so it is\""},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *line = noted (kinds[i].kind, "k1");
        if (!strstr (line, kinds[i].begin) || !strstr (line, kinds[i].text) ||
            !strstr (line, "key=\"k1\"") || !strstr (line, "address=\"10.0.0.1\""))
            fail_msg ("%s", line);
        assert_true ((strstr (line, "code=\"taken\"") != NULL) ==
                     (kinds[i].kind == CORE_NOTE_REFUSED));
    }
    assert_null (strstr (noted (CORE_NOTE_HELLO, NULL), "key="));
}

static void test_tokens (void **state)
{
    tokens_news_t good = {.count = 3};
    tokens_news_t bad = {.count = 2, .bad = 4, .bad_line = 7, .why = "it is wrong"};
    tokens_news_t none = {.error = EACCES};
    listen_begin ();
    journal_tokens (&good, "/d/tokens");
    assert_non_null (strstr (listen_end (), "info tokens count=\"3\" file=\"/d/tokens\""));
    assert_null (strstr (written, "warning"));
    listen_begin ();
    journal_tokens (&bad, "/d/tokens");
    assert_non_null (strstr (listen_end (), "warning tokens-bad-lines count=\"4\""));
    assert_non_null (strstr (written, "line=\"7\" text=\"it is wrong\""));
    listen_begin ();
    journal_tokens (&none, "/d/tokens");
    assert_non_null (strstr (listen_end (), "warning tokens-not-read file=\"/d/tokens\""));
    assert_non_null (strstr (written, "Permission denied"));
}

static void test_connections (void **state)
{
    listen_begin ();
    journal_dropped (12);
    journal_unaccepted (UINT64_MAX);
    assert_non_null (strstr (listen_end (), "replies-dropped count=\"12\""));
    assert_non_null (strstr (written, "connection-not-accepted tries=\"18446744073709551615\""));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_each_kind),
        cmocka_unit_test (test_tokens),
        cmocka_unit_test (test_connections),
    };
    log_setup (LEVEL_DEBUG, false);
    return cmocka_run_group_tests (tests, NULL, NULL);
}
