/*  test_log_writer.c - lines for a descriptor that takes none                 */
#include "log/log_writer.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>
#include <zchat/limits.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static char *dropped_line (uint64_t count)
{
    char *line = NULL;
    assert_true (asprintf (&line, "dropped %" PRIu64 "\n", count) > 0);
    return line;
}

static int failed_with;

static void failed (int error)
{
    failed_with = error;
}

/*  Lines of 100 bytes that begin with their number, from..to.                 */
static void put (log_writer_t *writer, unsigned from, unsigned to)
{
    char line[101];
    for (unsigned i = from; i <= to; i++) {
        snprintf (line, sizeof line, "%-99u\n", i);
        log_writer_put (writer, line, 100);
    }
}

/*  The next line of a stream; the test hangs, and is ended, where none comes. */
static const char *line_read (FILE *stream)
{
    static char line[256];
    assert_non_null (fgets (line, sizeof line, stream));
    return line;
}

static void test_a_pipe_that_nobody_reads (void **state)
{
    enum { LINES = 40000 };
    int ends[2];
    (void)state;
    assert_int_equal (pipe2 (ends, O_CLOEXEC), 0);
    log_writer_t *writer = log_writer_new (ends[1], (log_told_t){.dropped = dropped_line});
    put (writer, 1, LINES); /* this is the test: it does not wait               */
    FILE *stream = fdopen (ends[0], "r");
    unsigned read = 0, count = 0;
    const char *line;
    while (sscanf (line = line_read (stream), "dropped %u", &count) != 1)
        assert_int_equal (strtoul (line, NULL, 10), ++read); /* in order, none twice */
    assert_int_equal (read + count, LINES);
    assert_int_equal (log_writer_lost (writer), count);
    assert_true (read * 100 >= ZCHAT_LOG_QUEUE_BYTES - 100);
    assert_true (read * 100 <= ZCHAT_LOG_QUEUE_BYTES + 70000); /* and the pipe's own */
    put (writer, LINES + 1, LINES + 1);
    assert_int_equal (strtoul (line_read (stream), NULL, 10), LINES + 1);
    log_writer_destroy (&writer, 10000);
    assert_null (writer);
    fclose (stream);
    close (ends[1]);
}

/*  The end does not wait for a reader, and comes soon where nothing waits.    */
static void test_end (void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal (pipe2 (ends, O_CLOEXEC), 0);
    log_writer_t *writer = log_writer_new (ends[1], (log_told_t){0});
    put (writer, 1, 2000);
    log_writer_destroy (&writer, 10);
    assert_null (writer);
    log_writer_destroy (&writer, 10);
    /*  What waited may come yet.                                              */
    FILE *stream = fdopen (ends[0], "r");
    for (unsigned i = 1; i <= 2000; i++)
        assert_int_equal (strtoul (line_read (stream), NULL, 10), i);
    writer = log_writer_new (ends[1], (log_told_t){0});
    put (writer, 1, 3);
    log_writer_destroy (&writer, 60000);
    for (unsigned i = 1; i <= 3; i++)
        assert_int_equal (strtoul (line_read (stream), NULL, 10), i);
    fclose (stream);
    close (ends[1]);
}

/*  A descriptor that others made non-blocking is waited for likewise.         */
static void test_nonblocking (void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal (pipe2 (ends, O_CLOEXEC), 0);
    assert_int_equal (fcntl (ends[1], F_SETFL, O_NONBLOCK), 0);
    log_writer_t *writer = log_writer_new (ends[1], (log_told_t){.failed = failed});
    put (writer, 1, 2000);
    FILE *stream = fdopen (ends[0], "r");
    for (unsigned i = 1; i <= 2000; i++)
        assert_int_equal (strtoul (line_read (stream), NULL, 10), i);
    log_writer_destroy (&writer, 10000);
    assert_int_equal (failed_with, 0);
    fclose (stream);
    close (ends[1]);
}

/*  A file is written at once; what a full disk refuses is counted.            */
static void test_file (void **state)
{
    char text[1000] = "";
    FILE *file = tmpfile ();
    (void)state;
    log_writer_t *writer =
        log_writer_new (fileno (file), (log_told_t){.dropped = dropped_line, .failed = failed});
    put (writer, 1, 2);
    assert_int_equal (pread (fileno (file), text, sizeof text, 0), 200);
    log_writer_destroy (&writer, 0);
    int fd = open ("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true (fd >= 0);
    writer = log_writer_new (fd, (log_told_t){.dropped = dropped_line, .failed = failed});
    put (writer, 1, 2);
    log_writer_destroy (&writer, 10000);
    assert_int_equal (failed_with, ENOSPC);
    close (fd);
    fclose (file);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_pipe_that_nobody_reads),
        cmocka_unit_test (test_end),
        cmocka_unit_test (test_nonblocking),
        cmocka_unit_test (test_file),
    };
    signal (SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests (tests, NULL, NULL);
}
