/*  test_outside_editor.c - the line in $EDITOR: this program is the editor, too */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"
#include "outside_editor.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/zchat-outside-XXXXXX";
static char *own; /* the path of this program                                  */

/*  Run as the editor: check what it got, and do what the word says.           */
static int edit (const char *word, const char *path)
{
    char text[64] = "";
    struct stat info;
    int fd = open (path, O_RDWR);
    if (fd < 0 || fstat (fd, &info) != 0 || (info.st_mode & 0777) != 0600 ||
        fcntl (fd + 1, F_GETFD) >= 0 || read (fd, text, sizeof text - 1) < 0)
        return 2;
    if (strcmp (text, "/join x\nё\n") != 0)
        return 3;
    if (strcmp (word, "a 'word'") == 0) {
        /*  As editors do: a new file in the old one's place.                  */
        if (unlink (path) != 0 || (fd = open (path, O_WRONLY | O_CREAT | O_EXCL, 0644)) < 0)
            return 4;
        return write (fd, "new\n\ttext\n", 10) != 10;
    }
    if (strcmp (word, "fail") == 0)
        return 1;
    if (strcmp (word, "control") == 0)
        return write (fd, "\033[2J", 4) != 4;
    if (strcmp (word, "bytes") == 0)
        return write (fd, "\xff\xfe", 2) != 2;
    if (strcmp (word, "empty") == 0)
        return ftruncate (fd, 0) != 0;
    if (strcmp (word, "remove") == 0)
        return unlink (path) != 0;
    if (strcmp (word, "link") == 0)
        return unlink (path) != 0 || symlink ("/etc/passwd", path) != 0;
    if (strcmp (word, "wait") == 0)
        pause ();
    return 0;
}

static size_t files (void)
{
    size_t n = 0;
    DIR *all = opendir (folder);
    while (readdir (all))
        n++;
    closedir (all);
    return n - 2;
}

static zchat_status_t start (const char *word, outside_t **outside)
{
    static const char text[] = "/join x\nё";
    char *command = memory_format ("%s --edit \"%s\"", own, word);
    outside_environment_t environment = {NULL, command, folder, "/nowhere"};
    const char *why;
    zchat_status_t status = outside_start (&environment, text, strlen (text), outside, &why);
    assert_true ((status == ZCHAT_OK) == (why == NULL));
    free (command);
    return status;
}

/*  Wait for the editor's end, ten seconds at most.                            */
static void wait_for (outside_t *outside)
{
    struct timespec now, end;
    clock_gettime (CLOCK_MONOTONIC, &end);
    do {
        if (outside_ended (outside))
            return;
        (void)poll (NULL, 0, 5);
        clock_gettime (CLOCK_MONOTONIC, &now);
    } while (now.tv_sec < end.tv_sec + 10);
    fail_msg ("the editor did not end");
}

static void assert_edit (const char *word, size_t max_size, zchat_status_t status,
                         const char *wanted)
{
    outside_t *outside;
    char *text;
    size_t size;
    const char *why;
    assert_int_equal (start (word, &outside), ZCHAT_OK);
    wait_for (outside);
    assert_int_equal (outside_take (outside, max_size, &text, &size, &why), status);
    if (status == ZCHAT_OK) {
        assert_string_equal (text, wanted);
        assert_int_equal (size, strlen (wanted));
        free (text);
    } else
        assert_string_equal (why, wanted);
    outside_destroy (&outside);
    assert_int_equal (files (), 0);
}

static void the_line_comes_back_edited (void **state)
{
    assert_edit ("a 'word'", 100, ZCHAT_OK, "new\n\ttext");
    assert_edit ("nothing", 100, ZCHAT_OK, "/join x\nё");
    assert_edit ("nothing", 10, ZCHAT_OK, "/join x\nё");
    assert_edit ("empty", 100, ZCHAT_OK, "");
}

static void what_is_no_text_does_not (void **state)
{
    assert_edit ("nothing", 9, ZCHAT_LIMIT,
                 "what the editor left is too long for the line, which is as it was");
    assert_edit ("control", 100, ZCHAT_MALFORMED,
                 "what the editor left is not text; the line is as it was");
    assert_edit ("bytes", 100, ZCHAT_MALFORMED,
                 "what the editor left is not text; the line is as it was");
    assert_edit ("fail", 100, ZCHAT_SYSTEM, "the editor left with an error; the line is as it was");
    assert_edit ("remove", 100, ZCHAT_SYSTEM,
                 "the editor's file cannot be read; the line is as it was");
    assert_edit ("link", 100, ZCHAT_SYSTEM,
                 "the editor's file cannot be read; the line is as it was");
}

static void signals_are_lent (void **state)
{
    outside_t *outside;
    struct sigaction action;
    signal (SIGINT, SIG_DFL);
    assert_int_equal (start ("wait", &outside), ZCHAT_OK);
    assert_false (outside_ended (outside));
    assert_int_equal (sigaction (SIGINT, NULL, &action), 0);
    assert_true (action.sa_handler == SIG_IGN);
    outside_destroy (&outside);
    outside_destroy (&outside);
    assert_int_equal (sigaction (SIGINT, NULL, &action), 0);
    assert_true (action.sa_handler == SIG_DFL);
    assert_int_equal (files (), 0);
}

static void what_cannot_start_is_told (void **state)
{
    static const outside_environment_t environments[] = {
        {"/nonexistent/editor", NULL, folder, NULL},
        {"'unfinished", NULL, folder, NULL},
        {"true", NULL, "/nonexistent", NULL},
    };
    for (size_t i = 0; i < 3; i++) {
        outside_t *outside = NULL;
        const char *why = NULL;
        assert_int_equal (outside_start (&environments[i], "x", 1, &outside, &why), ZCHAT_SYSTEM);
        assert_non_null (why);
        assert_null (outside);
        assert_int_equal (files (), 0);
        struct sigaction action;
        assert_int_equal (sigaction (SIGINT, NULL, &action), 0);
        assert_true (action.sa_handler == SIG_DFL);
    }
}

int main (int count, char **arguments)
{
    if (count == 4 && strcmp (arguments[1], "--edit") == 0)
        return edit (arguments[2], arguments[3]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_line_comes_back_edited),
        cmocka_unit_test (what_is_no_text_does_not),
        cmocka_unit_test (signals_are_lent),
        cmocka_unit_test (what_cannot_start_is_told),
    };
    own = realpath ("/proc/self/exe", NULL);
    if (!own || !mkdtemp (folder))
        return 1;
    int failed = cmocka_run_group_tests (tests, NULL, NULL);
    failed += rmdir (folder) != 0;
    free (own);
    return failed;
}
