/*  test_options_address.c - zchat://HOST:PORT/KEY on the command line, and zchat key */
#include "address.h"
#include "options.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static options_t options;
static char text[ADDRESS_TEXT_MAX + 1];
static const uint8_t key[ADDRESS_KEY_SIZE] = {9, 8, 7};

static int setup (void **state)
{
    unsetenv ("ZCHAT_ENDPOINT");
    unsetenv ("ZCHAT_NICK");
    return address_encode ("tcp://chat.example:77", NULL, key, text) == ZCHAT_OK ? 0 : -1;
}

static zchat_status_t parse (const char *first, const char *second, const char *third)
{
    static char copies[4][512];
    static char *argv[5];
    const char *words[] = {"zchat", first, second, third};
    int argc = 0;
    for (; argc < 4 && words[argc]; argc++) {
        snprintf (copies[argc], sizeof copies[argc], "%s", words[argc]);
        argv[argc] = copies[argc];
    }
    argv[argc] = NULL;
    return options_parse (&options, argc, argv, NULL);
}

static void taken (void)
{
    assert_string_equal (options.endpoint, "tcp://chat.example:77");
    assert_true (options.encrypted && options.has_broker_key);
    assert_memory_equal (options.broker_key, key, sizeof key);
    assert_null (options.credentials);
}

static void test_address (void **state)
{
    assert_int_equal (parse (text, NULL, NULL), ZCHAT_OK);
    taken ();
    assert_int_equal (parse ("rooms", "-e", text), ZCHAT_OK);
    taken ();
    setenv ("ZCHAT_ENDPOINT", text, 1);
    assert_int_equal (parse ("rooms", NULL, NULL), ZCHAT_OK);
    taken ();
    /*  A flag wins over the environment, encryption included.                 */
    assert_int_equal (parse ("rooms", "-e", "tcp://h:1"), ZCHAT_OK);
    assert_false (options.encrypted || options.has_broker_key);
    assert_int_equal (parse ("rooms", "-e", "zchat://h"), ZCHAT_OK);
    assert_string_equal (options.endpoint, "tcp://h:5680");
    assert_true (options.encrypted && !options.has_broker_key);
}

static void test_bad_address (void **state)
{
    for (size_t size = strlen (text) - 1; size > strlen ("zchat://chat.example:77/"); size--) {
        text[size] = '\0';
        assert_int_equal (parse ("rooms", "-e", text), ZCHAT_INVALID);
        assert_non_null (strstr (options.why, "--endpoint"));
        assert_non_null (strstr (options.why, "cut off"));
    }
    assert_int_equal (parse ("rooms", "-e", "zchat://\x1b[2J/k"), ZCHAT_INVALID);
    assert_null (strchr (options.why, 0x1b));
}

static void test_key (void **state)
{
    assert_int_equal (parse ("key", NULL, NULL), ZCHAT_OK);
    assert_int_equal (options.mode, MODE_KEY);
    assert_int_equal (parse ("key", "more", NULL), ZCHAT_INVALID);
    assert_int_equal (parse ("key", "--json", NULL), ZCHAT_INVALID);
    assert_int_equal (parse ("key", "--help", NULL), ZCHAT_OK);
    assert_int_equal (options.mode, MODE_HELP);
    assert_int_equal (options.subject, MODE_KEY);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup (test_address, setup),
        cmocka_unit_test_setup (test_bad_address, setup),
        cmocka_unit_test_setup (test_key, setup),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
