/*  test_options.c - flags over environment over file: admins and quotas       */
#include "address.h"
#include "config/options.h"
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { WORDS_MAX = 64 };

static char folder[64], path[128], key[ADDRESS_KEY_TEXT + 1], other[ADDRESS_KEY_TEXT + 1];

static int setup (void **state)
{
    uint8_t bytes[ADDRESS_KEY_SIZE] = {0xfe, 7};
    address_key_encode (bytes, key);
    bytes[1] = 8;
    address_key_encode (bytes, other);
    unsetenv ("ZCHATD_ADMIN");
    unsetenv ("ZCHATD_QUOTA");
    unsetenv ("ZCHATD_CONFIG");
    snprintf (folder, sizeof folder, "/tmp/zchat-options-XXXXXX");
    if (!mkdtemp (folder))
        return -1;
    snprintf (path, sizeof path, "%s/config", folder);
    return setenv ("ZCHATD_DATA", folder, 1);
}

static int teardown (void **state)
{
    unsetenv ("ZCHATD_ADMIN");
    unsetenv ("ZCHATD_QUOTA");
    unlink (path);
    return rmdir (folder);
}

/*  Read the options of a line of words.                                       */
static int options_of (options_t *options, const char *line)
{
    char *copy = strdup (line), *argv[WORDS_MAX], *rest = copy, *word;
    char name[] = "zchatd";
    int argc = 0;
    argv[argc++] = name;
    while ((word = strsep (&rest, " ")) && argc < WORDS_MAX - 1)
        if (*word)
            argv[argc++] = word;
    argv[argc] = NULL;
    optind = 0;
    int status = options_read (options, argc, argv);
    free (copy);
    return status;
}

static int status_of (const char *line)
{
    options_t options;
    int status = options_of (&options, line);
    options_free (&options);
    return status;
}

static void put (const char *text)
{
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
}

static void test_none (void **state)
{
    options_t options;
    assert_int_equal (options_of (&options, ""), -1);
    assert_int_equal (options.n_admins, 0);
    assert_memory_equal (options.quotas, quota_defaults (), sizeof options.quotas);
    assert_string_equal (options.data, folder);
    options_free (&options);
}

static void test_admins (void **state)
{
    char line[512], typed[ADDRESS_KEY_TEXT + 1];
    options_t options;
    /*  As it may be typed.                                                    */
    for (size_t i = 0; i <= ADDRESS_KEY_TEXT; i++)
        typed[i] = (char)(key[i] >= 'a' && key[i] <= 'z' ? key[i] - 'a' + 'A'
                          : key[i] == '0'                ? 'O'
                                                         : key[i]);
    snprintf (line, sizeof line, "--curve --admin %s --admin=%s", typed, other);
    assert_int_equal (options_of (&options, line), -1);
    assert_int_equal (options.n_admins, 2);
    assert_string_equal (options.admins[0], key);
    assert_string_equal (options.admins[1], other);
    options_free (&options);

    snprintf (line, sizeof line, "--admin %s", key);
    assert_int_equal (status_of (line), EX_USAGE);
    assert_int_equal (status_of ("--curve --admin maria"), EX_USAGE);
    snprintf (line, sizeof line, "--curve --admin %.55s", key);
    assert_int_equal (status_of (line), EX_USAGE);
    snprintf (line, sizeof line, "--curve --admin %s --admin x", key);
    assert_int_equal (status_of (line), EX_USAGE);
}

static void test_admins_of_environment_and_file (void **state)
{
    char text[512];
    options_t options;
    snprintf (text, sizeof text, " %s  %s", key, other);
    setenv ("ZCHATD_ADMIN", text, 1);
    assert_int_equal (options_of (&options, "--curve"), -1);
    assert_int_equal (options.n_admins, 2);
    options_free (&options);
    assert_int_equal (status_of (""), EX_USAGE);
    unsetenv ("ZCHATD_ADMIN");

    snprintf (text, sizeof text, "curve = \"true\"\nadmin = \"%s\"\nadmin = \"%s\"\n", key, other);
    put (text);
    snprintf (text, sizeof text, "--config %s", path);
    assert_int_equal (options_of (&options, text), -1);
    assert_int_equal (options.n_admins, 2);
    assert_string_equal (options.admins[1], other);
    options_free (&options);
    snprintf (text, sizeof text, "--config %s --admin %s", path, other);
    assert_int_equal (options_of (&options, text), -1);
    assert_int_equal (options.n_admins, 1);
    options_free (&options);
    put ("curve = \"true\"\nadmin = \"nobody\"\n");
    snprintf (text, sizeof text, "--config %s", path);
    assert_int_equal (status_of (text), EX_CONFIG);
}

static void test_quotas (void **state)
{
    options_t options;
    assert_int_equal (options_of (&options, "--quota messages=10/2 --quota bytes=0 "
                                            "--quota failed=1000000000000/1 --quota messages=7/3"),
                      -1);
    assert_int_equal (options.quotas[QUOTA_MESSAGES].burst, 7);
    assert_int_equal (options.quotas[QUOTA_MESSAGES].rate, 3);
    assert_int_equal (options.quotas[QUOTA_BYTES].burst, 0);
    assert_true (options.quotas[QUOTA_BYTES].rate >= 1);
    assert_int_equal (options.quotas[QUOTA_FAILED].burst, QUOTA_MAX);
    assert_int_equal (options.quotas[QUOTA_FAILED].rate, 1);
    assert_memory_equal (&options.quotas[QUOTA_READS], &quota_defaults ()[QUOTA_READS],
                         sizeof (quota_t));
    options_free (&options);
    setenv ("ZCHATD_QUOTA", "reads=5/5 joins=0", 1);
    assert_int_equal (options_of (&options, ""), -1);
    assert_int_equal (options.quotas[QUOTA_READS].burst, 5);
    assert_int_equal (options.quotas[QUOTA_JOINS].burst, 0);
    options_free (&options);
    put ("quota = \"reads=1/2\"\n");
    char line[256];
    snprintf (line, sizeof line, "--config %s", path);
    assert_int_equal (options_of (&options, line), -1);
    assert_int_equal (options.quotas[QUOTA_READS].burst, 5);
    options_free (&options);
    unsetenv ("ZCHATD_QUOTA");
    assert_int_equal (options_of (&options, line), -1);
    assert_int_equal (options.quotas[QUOTA_READS].rate, 2);
    options_free (&options);
}

static void test_bad_quotas (void **state)
{
    static const char *const bad[] = {"messages",
                                      "messages=",
                                      "messages=10",
                                      "messages=10/",
                                      "messages=10/0",
                                      "messages=0/1",
                                      "messages=/1",
                                      "messages=-1/1",
                                      "messages=1/-1",
                                      "messages=+1/1",
                                      "messages=1/1x",
                                      "messages=1x/1",
                                      "messages=1/1/1",
                                      "messages=00",
                                      "mails=1/1",
                                      "Messages=1/1",
                                      "=1/1",
                                      "message=1/1",
                                      "messages=1.5/1",
                                      "messages=1000000000001/1",
                                      "messages=1/1000000000001",
                                      "messages=18446744073709551617/1",
                                      "messages=1/99999999999999999999999999",
                                      "messages==1/1"};
    char line[256];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf (line, sizeof line, "--quota %s", bad[i]);
        if (status_of (line) != EX_USAGE)
            fail_msg ("%s", line);
    }
}

static void test_age (void **state)
{
    static const char *const bad[] = {"",   "30", "d",   "-1d", "+1d",  " 1d",
                                      "0d", "1w", "10M", "1d ", "1.5d", "99999999999d"};
    uint64_t age = 5;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (options_age (bad[i], &age) || age != 5)
            fail_msg ("\"%s\"", bad[i]);
    assert_true (options_age ("30d", &age));
    assert_int_equal (age, 2592000000u);
    assert_true (options_age ("1s", &age));
    assert_int_equal (age, 1000);
}

static void test_command (void **state)
{
    char data[] = "/elsewhere";
    options_t options;
    assert_int_equal (options_command (&options, NULL, NULL), -1);
    assert_string_equal (options.data, folder);
    options_free (&options);
    assert_int_equal (options_command (&options, data, NULL), -1);
    assert_string_equal (options.data, data);
    options_free (&options);
    put ("data = \"/of/the/file\"\n");
    unsetenv ("ZCHATD_DATA");
    assert_int_equal (options_command (&options, NULL, path), -1);
    assert_string_equal (options.data, "/of/the/file");
    options_free (&options);
    put ("nonsense = \"1\"\n");
    assert_int_equal (options_command (&options, data, path), EX_CONFIG);
    options_free (&options);
}

static void test_reading_again (void **state)
{
    char name[] = "zchatd", flag[] = "--config", host[] = "--curve",
         *argv[] = {name, flag, path, host, NULL};
    options_t first, again;
    char *why;
    put ("retain = \"1d\"\nquota = \"joins=0\"\nquota = \"reads=0\"\n");
    optind = 0;
    assert_int_equal (options_read (&first, 4, argv), -1);
    assert_int_equal (options_again (&again, &first, &why), -1);
    char *names = options_differ (&again, &first, false);
    assert_string_equal (names, "");
    free (names);
    options_free (&again);
    /*  What changes at once is not named; one value less is a difference, and flags stay.  */
    put ("retain = \"2d\"\nlog-level = \"error\"\nquota = \"joins=0\"\nhost = \"a.example\"\n");
    assert_int_equal (options_again (&again, &first, &why), -1);
    assert_null (why);
    assert_true (again.retain.age_ms == 2 * first.retain.age_ms && again.log_level == LEVEL_ERROR &&
                 again.curve);
    names = options_differ (&again, &first, false);
    assert_string_equal (names, "host");
    free (names);
    names = options_differ (&again, &first, true);
    assert_string_equal (names, "retain quota log-level");
    free (names);
    options_free (&again);
    put ("colour = \"blue\"\n");
    assert_int_equal (options_again (&again, &first, &why), EX_CONFIG);
    assert_non_null (strstr (why, "colour is not a setting"));
    free (why);
    options_free (&again);
    options_free (&first);
}

static void test_metrics (void **state)
{
    options_t options;
    assert_int_equal (options_of (&options, "--metrics tcp://localhost:9680"), -1);
    assert_string_equal (options.metrics, "tcp://127.0.0.1:9680");
    options_free (&options);
    assert_int_equal (options_of (&options, ""), -1);
    assert_null (options.metrics);
    options_free (&options);
    assert_int_equal (status_of ("--metrics 9680"), EX_USAGE);
    assert_int_equal (status_of ("--metrics ipc:///tmp/x"), EX_USAGE);
    assert_int_equal (status_of ("--metrics tcp://127.0.0.1"), EX_USAGE);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_none, setup, teardown),
        cmocka_unit_test_setup_teardown (test_admins, setup, teardown),
        cmocka_unit_test_setup_teardown (test_admins_of_environment_and_file, setup, teardown),
        cmocka_unit_test_setup_teardown (test_quotas, setup, teardown),
        cmocka_unit_test_setup_teardown (test_bad_quotas, setup, teardown),
        cmocka_unit_test (test_age),
        cmocka_unit_test_setup_teardown (test_command, setup, teardown),
        cmocka_unit_test_setup_teardown (test_reading_again, setup, teardown),
        cmocka_unit_test_setup_teardown (test_metrics, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
