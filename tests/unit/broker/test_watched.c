/*  test_watched.c - when a file is read again                                 */
#include "admission/watched.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { MAX = 16, AGAIN_MS = 200, LATER_MS = 10000 };

static char folder[64], path[128], aside[128];
static uint64_t now;

static int setup (void **state)
{
    struct timespec clock;
    snprintf (folder, sizeof folder, "/tmp/zchat-watched-XXXXXX");
    if (!mkdtemp (folder))
        return -1;
    snprintf (path, sizeof path, "%s/file", folder);
    snprintf (aside, sizeof aside, "%s/aside", folder);
    clock_gettime (CLOCK_REALTIME, &clock);
    now = (uint64_t)clock.tv_sec * 1000;
    *state = watched_new (path, MAX, AGAIN_MS);
    return 0;
}

static int teardown (void **state)
{
    watched_t *watched = *state;
    watched_destroy (&watched);
    assert_null (watched);
    watched_destroy (&watched);
    unlink (path);
    unlink (aside);
    return rmdir (folder);
}

static void put (const char *where, const char *text)
{
    FILE *file = fopen (where, "w");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
}

/*  What is seen; the text is to be this one, or NULL and this error.          */
static watched_sight_t look (watched_t *watched, uint64_t wall_ms, const char *text, int error)
{
    char *read;
    size_t size;
    int got;
    watched_sight_t sight = watched_look (watched, wall_ms, &read, &size, &got);
    if (sight == WATCHED_SAME)
        assert_null (read);
    else if (text) {
        assert_int_equal (got, 0);
        assert_int_equal (size, strlen (text));
        assert_memory_equal (read, text, size);
    } else {
        assert_null (read);
        assert_int_equal (got, error);
    }
    free (read);
    return sight;
}

static void test_a_file_that_settles (void **state)
{
    put (path, "one");
    assert_int_equal (look (*state, now, "one", 0), WATCHED_CHANGED);
    assert_int_equal (look (*state, now, NULL, 0), WATCHED_SAME);
    assert_int_equal (look (*state, now + AGAIN_MS - 1, NULL, 0), WATCHED_SAME);
    assert_int_equal (look (*state, now + AGAIN_MS, "one", 0), WATCHED_AGAIN);
    /*  A clock that was set back is no reason to wait.                        */
    assert_int_equal (look (*state, now - 1, "one", 0), WATCHED_AGAIN);
    assert_int_equal (look (*state, now + LATER_MS, "one", 0), WATCHED_AGAIN);
    for (int i = 0; i < 3; i++)
        assert_int_equal (look (*state, now + (uint64_t)2 * LATER_MS, NULL, 0), WATCHED_SAME);
}

static void test_changes (void **state)
{
    put (path, "one");
    assert_int_equal (look (*state, now + LATER_MS, "one", 0), WATCHED_CHANGED);
    put (path, "three");
    assert_int_equal (look (*state, now + LATER_MS, "three", 0), WATCHED_CHANGED);
    /*  Another one in its place, of the same size.                            */
    put (aside, "seven");
    assert_int_equal (rename (aside, path), 0);
    assert_int_equal (look (*state, now + LATER_MS, "seven", 0), WATCHED_CHANGED);
    put (path, "");
    assert_int_equal (look (*state, now + LATER_MS, "", 0), WATCHED_CHANGED);
}

static void test_what_cannot_be_read (void **state)
{
    assert_int_equal (look (*state, now, NULL, ENOENT), WATCHED_CHANGED);
    assert_int_equal (look (*state, now, NULL, 0), WATCHED_SAME);
    assert_int_equal (mkdir (path, 0700), 0);
    assert_int_equal (look (*state, now, NULL, EISDIR), WATCHED_CHANGED);
    assert_int_equal (look (*state, now, NULL, 0), WATCHED_SAME);
    assert_int_equal (rmdir (path), 0);
    assert_int_equal (mkfifo (path, 0600), 0);
    assert_int_equal (look (*state, now, NULL, EINVAL), WATCHED_CHANGED);
    assert_int_equal (look (*state, now, NULL, 0), WATCHED_SAME);
    assert_int_equal (unlink (path), 0);
    put (path, "0123456789abcdef");
    assert_int_equal (look (*state, now, "0123456789abcdef", 0), WATCHED_CHANGED);
    put (path, "0123456789abcdefg");
    assert_int_equal (look (*state, now, NULL, EFBIG), WATCHED_CHANGED);
    assert_int_equal (look (*state, now, NULL, 0), WATCHED_SAME);
    assert_int_equal (look (*state, now + LATER_MS, NULL, EFBIG), WATCHED_AGAIN);
    assert_int_equal (look (*state, now + LATER_MS, NULL, 0), WATCHED_SAME);
    put (path, "short");
    assert_int_equal (look (*state, now, "short", 0), WATCHED_CHANGED);
    assert_int_equal (unlink (path), 0);
    assert_int_equal (look (*state, now, NULL, ENOENT), WATCHED_CHANGED);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_a_file_that_settles, setup, teardown),
        cmocka_unit_test_setup_teardown (test_changes, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_cannot_be_read, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
