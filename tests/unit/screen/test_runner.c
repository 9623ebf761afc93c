/*  test_runner.c - programs beside the screen: what they get, and how many     */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"
#include "runner.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/zchat-runner-XXXXXX";

static zchat_status_t start (runner_t *runner, const char **words)
{
    return runner_start (runner, (char *const *)words);
}

/*  Wait until no more than so many run, for ten seconds at most.              */
static void wait_for (runner_t *runner, size_t wanted)
{
    struct timespec now, end;
    clock_gettime (CLOCK_MONOTONIC, &end);
    do {
        if (runner_reap (runner) <= wanted)
            return;
        (void)poll (NULL, 0, 5);
        clock_gettime (CLOCK_MONOTONIC, &now);
    } while (now.tv_sec < end.tv_sec + 10);
    fail_msg ("the programs did not end");
}

static char *read_file (const char *path)
{
    static char text[4096];
    int fd = open (path, O_RDONLY);
    assert_true (fd >= 0);
    ssize_t got = read (fd, text, sizeof text - 1);
    close (fd);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

/*  Run as a child: write down descriptors, session, signals and arguments.   */
static int child (int count, char **arguments)
{
    FILE *out = fopen (arguments[2], "we");
    char path[64], target[256];
    struct sigaction action;
    sigset_t blocked;
    if (!out)
        return 1;
    for (int fd = 0; fd < 1024; fd++) {
        snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t size = fd == fileno (out) ? -1 : readlink (path, target, sizeof target);
        if (size > 0)
            fprintf (out, "%d %.*s\n", fd, (int)size, target);
    }
    sigprocmask (SIG_BLOCK, NULL, &blocked);
    /*  Sanitizers catch some of the others.                                   */
    static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGCHLD, SIGTSTP};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (sigismember (&blocked, numbers[i]))
            fprintf (out, "blocked %d\n", numbers[i]);
        if (sigaction (numbers[i], NULL, &action) == 0 && action.sa_handler != SIG_DFL)
            fprintf (out, "not default %d\n", numbers[i]);
    }
    if (getsid (0) == getpid ())
        fprintf (out, "session\n");
    for (int i = 3; i < count; i++)
        fprintf (out, "[%s]\n", arguments[i]);
    return fclose (out) != 0;
}

static void they_get_nothing_of_ours (void **state)
{
    char *path = memory_format ("%s/out", folder), own[4096];
    ssize_t size = readlink ("/proc/self/exe", own, sizeof own - 1);
    assert_true (size > 0);
    own[size] = '\0';
    const char *words[] = {own, "--child", path, "a b", "$(id);", NULL};
    int ours = open ("/dev/zero", O_RDONLY); /* without O_CLOEXEC                */
    sigset_t blocked;
    sigemptyset (&blocked);
    sigaddset (&blocked, SIGHUP);
    assert_int_equal (sigprocmask (SIG_BLOCK, &blocked, NULL), 0);
    signal (SIGINT, SIG_IGN);
    runner_t *runner = runner_new ();
    assert_int_equal (start (runner, words), ZCHAT_OK);
    wait_for (runner, 0);
    signal (SIGINT, SIG_DFL);
    assert_string_equal (read_file (path),
                         "0 /dev/null\n1 /dev/null\n2 /dev/null\nsession\n[a b]\n[$(id);]\n");
    close (ours);
    free (path);
    runner_destroy (&runner);
    runner_destroy (&runner);
}

static void no_more_than_so_many_run_at_once (void **state)
{
    char *fifo = memory_format ("%s/fifo", folder);
    const char *words[] = {"cat", fifo, NULL};
    assert_int_equal (mkfifo (fifo, 0600), 0);
    runner_t *runner = runner_new ();
    for (int i = 0; i < RUNNER_MAX; i++)
        assert_int_equal (start (runner, words), ZCHAT_OK);
    assert_int_equal (start (runner, words), ZCHAT_FULL);
    assert_int_equal (runner_reap (runner), RUNNER_MAX);
    /*  They end when a writer came and went; each must have opened it to see that, so it is done
        until all have.                                                        */
    struct timespec now, end;
    clock_gettime (CLOCK_MONOTONIC, &end);
    do {
        int fd = open (fifo, O_WRONLY | O_NONBLOCK);
        if (fd >= 0)
            close (fd);
        (void)poll (NULL, 0, 5);
        clock_gettime (CLOCK_MONOTONIC, &now);
    } while (runner_reap (runner) > 0 && now.tv_sec < end.tv_sec + 10);
    assert_int_equal (runner_reap (runner), 0);
    const char *last[] = {"true", NULL};
    assert_int_equal (start (runner, last), ZCHAT_OK);
    wait_for (runner, 0);
    runner_destroy (&runner);
    free (fifo);
}

static void what_is_not_there_is_told (void **state)
{
    const char *words[] = {"/nonexistent/program", NULL};
    runner_t *runner = runner_new ();
    errno = 0;
    assert_int_equal (start (runner, words), ZCHAT_SYSTEM);
    assert_int_equal (errno, ENOENT);
    assert_int_equal (runner_reap (runner), 0);
    runner_destroy (&runner);
}

int main (int count, char **arguments)
{
    if (count > 3 && strcmp (arguments[1], "--child") == 0)
        return child (count, arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (they_get_nothing_of_ours),
        cmocka_unit_test (no_more_than_so_many_run_at_once),
        cmocka_unit_test (what_is_not_there_is_told),
    };
    if (!mkdtemp (folder))
        return 1;
    int failed = cmocka_run_group_tests (tests, NULL, NULL);
    char *remove = memory_format ("rm -r %s", folder);
    failed += system (remove) != 0;
    free (remove);
    return failed;
}
