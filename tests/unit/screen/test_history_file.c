/*  test_history_file.c - input lines on disk: whole, bounded, shared by several clients */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buffer.h"
#include "history_file.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/zchat-history-XXXXXX";
static char *path;

typedef struct {
    buffer_t all; /* of the lines, "[line]" each                               */
    size_t n;
} lines_t;

static void collect (void *context, const char *line, size_t size)
{
    lines_t *lines = context;
    assert_int_equal (strlen (line), size);
    buffer_format (&lines->all, "[%s]", line);
    lines->n++;
}

static void assert_lines (const char *wanted)
{
    lines_t lines = {{NULL, 0, 0}, 0};
    buffer_string (&lines.all, "");
    assert_int_equal (history_file_read (path, collect, &lines), ZCHAT_OK);
    assert_string_equal (lines.all.data, wanted);
    buffer_free (&lines.all);
}

static void add (const char *line)
{
    assert_int_equal (history_file_add (path, line, strlen (line)), ZCHAT_OK);
}

static void write_raw (const char *bytes, int flags)
{
    int fd = open (path, O_WRONLY | O_CREAT | flags, 0600);
    assert_true (fd >= 0 && write (fd, bytes, strlen (bytes)) == (ssize_t)strlen (bytes));
    close (fd);
}

static void lines_come_back_as_they_were (void **state)
{
    assert_lines ("");
    add ("hello");
    add ("two\nlines \"quoted\" \\ \t ё 👍");
    add ("");
    assert_int_equal (history_file_add (path, "a\xff", 2), ZCHAT_OK); /* no text */
    add ("last");
    assert_lines ("[hello][two\nlines \"quoted\" \\ \t ё 👍][last]");
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    assert_int_equal (info.st_mode & 0777, 0600);
    /*  The folders were made for it.                                          */
    char *above = memory_format ("%s/state/zchat", folder);
    assert_int_equal (stat (above, &info), 0);
    assert_int_equal (info.st_mode & 0777, 0700);
    free (above);
}

static void what_a_crash_left_is_skipped (void **state)
{
    add ("one");
    write_raw ("\"ha", O_APPEND);
    assert_lines ("[one]");
    add ("two");
    assert_lines ("[one][two]");
    write_raw ("{\"a\":1}\n\n7\n\"\"\n\"b\\u0000c\"\n\xff\xff\n\"d", O_APPEND);
    add ("three");
    assert_lines ("[one][two][three]");
}

static void the_file_is_bounded (void **state)
{
    char *line = memory_new (HISTORY_FILE_LINE_MAX + 1);
    memset (line, 'x', HISTORY_FILE_LINE_MAX + 1);
    assert_int_equal (history_file_add (path, line, HISTORY_FILE_LINE_MAX + 1), ZCHAT_OK);
    assert_lines ("");
    struct stat info;
    for (int i = 0; i < 40; i++) {
        line[0] = (char)('A' + i);
        assert_int_equal (history_file_add (path, line, HISTORY_FILE_LINE_MAX), ZCHAT_OK);
        assert_int_equal (stat (path, &info), 0);
        assert_true (info.st_size <= HISTORY_FILE_BYTES);
        assert_int_equal (info.st_mode & 0777, 0600);
    }
    add ("last");
    lines_t lines = {{NULL, 0, 0}, 0};
    assert_int_equal (history_file_read (path, collect, &lines), ZCHAT_OK);
    assert_in_range (lines.n, 7, 17);
    assert_string_equal (lines.all.data + lines.all.size - 6, "[last]");
    assert_int_equal (lines.all.data[lines.all.size - 6 - 2 - HISTORY_FILE_LINE_MAX + 1], 'A' + 39);
    buffer_free (&lines.all);
    /*  Short lines: the newest of them are read.                              */
    assert_int_equal (unlink (path), 0);
    for (int i = 0; i < HISTORY_FILE_LINES + 10; i++) {
        char text[16];
        snprintf (text, sizeof text, "%d", i);
        add (text);
    }
    lines = (lines_t){{NULL, 0, 0}, 0};
    assert_int_equal (history_file_read (path, collect, &lines), ZCHAT_OK);
    assert_int_equal (lines.n, HISTORY_FILE_LINES);
    assert_int_equal (strncmp (lines.all.data, "[10][11]", 8), 0);
    buffer_free (&lines.all);
    free (line);
}

enum { CLIENTS = 4, EACH = 40, SIZE = 12000 };

/*  Check that of each client's lines, which are numbered, the last ones are there, one by one. */
static void count_line (void *context, const char *line, size_t size)
{
    int *next = context, client = line[0] - '0', number = atoi (line + 2);
    assert_int_equal (size, SIZE);
    assert_in_range (client, 0, CLIENTS - 1);
    if (next[client] >= 0)
        assert_int_equal (number, next[client]);
    next[client] = number + 1;
}

/*  They write at once, so much that the file is put in place anew under them. */
static void several_clients_lose_no_line (void **state)
{
    char *line = memory_zero (SIZE + 1);
    for (int i = 0; i < CLIENTS; i++)
        if (fork () == 0) {
            for (int j = 0; j < EACH; j++) {
                memset (line, 'x', SIZE);
                line[snprintf (line, SIZE, "%d:%d", i, j)] = ' ';
                if (history_file_add (path, line, SIZE) != ZCHAT_OK)
                    _exit (1);
            }
            _exit (0);
        }
    for (int i = 0, status; i < CLIENTS; i++) {
        assert_true (wait (&status) > 0);
        assert_int_equal (status, 0);
    }
    int next[CLIENTS] = {-1, -1, -1, -1}, kept = 0;
    assert_int_equal (history_file_read (path, count_line, next), ZCHAT_OK);
    for (int i = 0; i < CLIENTS; i++) {
        assert_true (next[i] == -1 || next[i] == EACH);
        kept += next[i] == EACH;
    }
    assert_true (kept > 0);
    free (line);
}

static void a_file_of_others_is_not_read (void **state)
{
    add ("mine");
    assert_int_equal (chmod (path, 0620), 0);
    lines_t lines = {{NULL, 0, 0}, 0};
    assert_int_equal (history_file_read (path, collect, &lines), ZCHAT_SYSTEM);
    assert_int_equal (errno, EPERM);
    assert_int_equal (history_file_add (path, "x", 1), ZCHAT_SYSTEM);
    assert_int_equal (lines.n, 0);
    /*  One that others may read is made private.                              */
    assert_int_equal (chmod (path, 0644), 0);
    add ("x");
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    assert_int_equal (info.st_mode & 0777, 0600);
    assert_lines ("[mine][x]");
    /*  No link is followed, and no pipe is waited for.                        */
    assert_int_equal (unlink (path), 0);
    assert_int_equal (symlink ("/tmp/nothing", path), 0);
    assert_int_equal (history_file_add (path, "x", 1), ZCHAT_SYSTEM);
    assert_int_equal (unlink (path), 0);
    assert_int_equal (mkfifo (path, 0600), 0);
    assert_int_equal (history_file_read (path, collect, &lines), ZCHAT_SYSTEM);
    assert_int_equal (history_file_add (path, "x", 1), ZCHAT_SYSTEM);
}

static void no_home_is_no_error (void **state)
{
    assert_null (history_file_path (NULL, NULL));
    assert_null (history_file_path ("relative", ""));
    assert_int_equal (history_file_add (NULL, "x", 1), ZCHAT_OK);
    assert_int_equal (history_file_read (NULL, collect, NULL), ZCHAT_OK);
    char *one = history_file_path ("/s", "/h"), *other = history_file_path ("", "/h");
    assert_string_equal (one, "/s/zchat/history");
    assert_string_equal (other, "/h/.local/state/zchat/history");
    free (one);
    free (other);
}

static int begin (void **state)
{
    char *state_home = memory_format ("%s/state", folder);
    path = history_file_path (state_home, NULL);
    free (state_home);
    return 0;
}

static int end (void **state)
{
    (void)unlink (path);
    free (path);
    return 0;
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (lines_come_back_as_they_were, begin, end),
        cmocka_unit_test_setup_teardown (what_a_crash_left_is_skipped, begin, end),
        cmocka_unit_test_setup_teardown (the_file_is_bounded, begin, end),
        cmocka_unit_test_setup_teardown (several_clients_lose_no_line, begin, end),
        cmocka_unit_test_setup_teardown (a_file_of_others_is_not_read, begin, end),
        cmocka_unit_test_setup_teardown (no_home_is_no_error, begin, end),
    };
    if (!mkdtemp (folder))
        return 1;
    int failed = cmocka_run_group_tests (tests, NULL, NULL);
    char *remove = memory_format ("rm -r %s", folder);
    failed += system (remove) != 0;
    free (remove);
    return failed;
}
