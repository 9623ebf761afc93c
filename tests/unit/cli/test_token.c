/*  test_token.c - tokens from files and the environment, and where they must not go */
#include "token.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TOKEN "00112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100"

static options_t s_options;
static char s_path[64];

static int setup (void **state)
{
    (void)state;
    memset (&s_options, 0, sizeof (s_options));
    s_options.endpoint = "tcp://127.0.0.1:5680";
    snprintf (s_path, sizeof (s_path), "/tmp/zchat-token-XXXXXX");
    int fd = mkstemp (s_path);
    if (fd >= 0)
        close (fd);
    return fd >= 0 ? 0 : -1;
}

static int teardown (void **state)
{
    (void)state;
    return unlink (s_path);
}

static int take_file (const char *text, mode_t mode)
{
    int fd = open (s_path, O_WRONLY | O_TRUNC);
    assert_true (fd >= 0);
    assert_int_equal (write (fd, text, strlen (text)), strlen (text));
    assert_int_equal (fchmod (fd, mode), 0);
    close (fd);
    s_options.token_file = s_path;
    return token_take (&s_options);
}

static void check_file (const char *text)
{
    token_wipe (&s_options);
    assert_int_equal (take_file (text, 0600), OUTCOME_OK);
    assert_string_equal (s_options.token, TOKEN);
}

static void test_files_hold_one_line (void **state)
{
    check_file (TOKEN);
    check_file (TOKEN "\n");
    check_file ("# of bob\n\n  " TOKEN " \r\n# more\n");
    static const char *const wrong[] = {
        "",
        "\n\n",
        "# " TOKEN "\n",
        TOKEN "0\n",
        TOKEN " bob\n",
        TOKEN "\n" TOKEN "\n",
        "g0112233445566778899aabbccddeeffFFEEDDCCBBAA998877665544332211",
        "0011"};
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++) {
        token_wipe (&s_options);
        assert_int_equal (take_file (wrong[i], 0600), OUTCOME_DATA);
        assert_null (s_options.token);
    }
}

static void test_files_of_others_are_refused (void **state)
{
    static const mode_t modes[] = {0640, 0604, 0660, 0644, 0601, 0777};
    for (size_t i = 0; i < sizeof (modes) / sizeof (modes[0]); i++) {
        assert_int_equal (take_file (TOKEN "\n", modes[i]), OUTCOME_SYSTEM);
        assert_null (s_options.token);
    }
    assert_int_equal (take_file (TOKEN "\n", 0400), OUTCOME_OK);
}

static void test_what_is_no_file_is_refused (void **state)
{
    s_options.token_file = "/nonexistent/token";
    assert_int_equal (token_take (&s_options), OUTCOME_SYSTEM);
    s_options.token_file = "/tmp";
    assert_int_equal (token_take (&s_options), OUTCOME_SYSTEM);
    s_options.token_file = "/dev/null";
    assert_int_equal (token_take (&s_options), OUTCOME_SYSTEM);
    char fifo[80];
    snprintf (fifo, sizeof (fifo), "%s.fifo", s_path);
    assert_int_equal (mkfifo (fifo, 0600), 0);
    s_options.token_file = fifo;
    assert_int_equal (token_take (&s_options), OUTCOME_SYSTEM); /* and does not hang */
    unlink (fifo);
}

static void test_the_environment_holds_a_token (void **state)
{
    assert_int_equal (token_take (&s_options), OUTCOME_OK); /* none                 */
    assert_null (s_options.token);
    s_options.token = TOKEN;
    assert_int_equal (token_take (&s_options), OUTCOME_OK);
    s_options.token = "secret";
    assert_int_equal (token_take (&s_options), OUTCOME_DATA);
    s_options.token = TOKEN "\n";
    assert_int_equal (token_take (&s_options), OUTCOME_DATA);
}

static void test_tokens_are_not_shown_to_the_network (void **state)
{
    s_options.token = TOKEN;
    static const char *const far[] = {
        "tcp://10.0.0.7:5680", "tcp://chat.example.org:5680",       "tcp://127.evil.example:5680",
        "ws://10.0.0.7:80",    "tcp://localhost.evil.example:5680", "tcp://1127.0.0.1:5680",
        "tgtp://x:1"};
    for (size_t i = 0; i < sizeof (far) / sizeof (far[0]); i++) {
        s_options.endpoint = far[i];
        assert_int_equal (token_take (&s_options), OUTCOME_REFUSED);
    }
    s_options.endpoint = "ipc:///tmp/x";
    assert_int_equal (token_take (&s_options), OUTCOME_OK);
    s_options.endpoint = "tcp://localhost:5680";
    assert_int_equal (token_take (&s_options), OUTCOME_OK);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_files_hold_one_line, setup, teardown),
        cmocka_unit_test_setup_teardown (test_files_of_others_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_is_no_file_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown (test_the_environment_holds_a_token, setup, teardown),
        cmocka_unit_test_setup_teardown (test_tokens_are_not_shown_to_the_network, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
