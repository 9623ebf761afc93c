/*  test_identity.c - which door an address names                              */
#include "config/broker_key.h"
#include "config/host_address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static const uint8_t key[ADDRESS_KEY_SIZE] = {5};

/*  The endpoint an address leads to; "" where there is none.                  */
static const char *leads (const char *first, const char *second, const char *third,
                          const char *host)
{
    static address_t address;
    static char copies[3][64];
    char *doors[3] = {copies[0], copies[1], copies[2]};
    const char *const from[3] = {first, second, third};
    char text[ADDRESS_TEXT_MAX + 1];
    size_t count = 0;
    for (; count < 3 && from[count]; count++)
        snprintf (copies[count], sizeof copies[count], "%s", from[count]);
    if (broker_address (doors, count, host, key, text) != ZCHAT_OK)
        return "";
    assert_int_equal (address_decode (text, &address, NULL), ZCHAT_OK);
    assert_true (address.has_key);
    assert_memory_equal (address.key, key, sizeof key);
    return address.endpoint;
}

static void test_which_door (void **state)
{
    assert_string_equal (leads ("tcp://127.0.0.1:1", NULL, NULL, NULL), "tcp://127.0.0.1:1");
    assert_string_equal (leads ("ipc:///x", "tcp://127.0.0.1:1", "tcp://10.0.0.1:2", NULL),
                         "tcp://10.0.0.1:2");
    assert_string_equal (leads ("tcp://10.0.0.1:2", "tcp://127.0.0.1:1", "tcp://10.0.0.2:3", NULL),
                         "tcp://10.0.0.1:2");
    assert_string_equal (leads ("ws://10.0.0.1:2", "tcp://[fd00::1]:1", NULL, NULL),
                         "tcp://[fd00::1]:1");
    assert_string_equal (leads ("tcp://0.0.0.0:7", NULL, NULL, "chat.example"),
                         "tcp://chat.example:7");
    assert_string_equal (leads ("ipc:///x", "ws://10.0.0.1:2", NULL, NULL), "");
    assert_string_equal (leads (NULL, NULL, NULL, "chat.example"), "");
}

static void test_every_address_of_the_machine (void **state)
{
    char host[HOST_ADDRESS_MAX] = "";
    assert_true (host_address_everywhere ("tcp://0.0.0.0:7") &&
                 host_address_everywhere ("tcp://[::]:7"));
    assert_false (host_address_everywhere ("tcp://10.0.0.0:7") ||
                  host_address_everywhere ("tcp://[::1]:7"));
    host_address_own (false, host);
    assert_true (strchr (host, '.') && strcmp (host, "0.0.0.0") != 0);
    const char *endpoint = leads ("tcp://0.0.0.0:7", NULL, NULL, NULL);
    assert_memory_equal (endpoint + 6, host, strlen (host));
    assert_string_equal (endpoint + 6 + strlen (host), ":7");
}

static void test_kept (void **state)
{
    char dir[] = "/tmp/zchat-identity-XXXXXX";
    keypair_t pair, other;
    bool made;
    char *why = NULL;
    (void)state;
    assert_non_null (mkdtemp (dir));
    char *path = data_path (dir, "broker.key");
    assert_int_equal (broker_key_take (dir, &pair, &made, &why), ZCHAT_OK);
    assert_true (broker_key_kept (dir, pair.public_key, &why));
    assert_null (why);
    assert_int_equal (unlink (path), 0);
    assert_false (broker_key_kept (dir, pair.public_key, &why));
    assert_non_null (strstr (why, "is gone"));
    assert_int_not_equal (access (path, F_OK), 0); /* none is made             */
    free (why);
    assert_int_equal (broker_key_take (dir, &other, &made, &why), ZCHAT_OK);
    assert_false (broker_key_kept (dir, pair.public_key, &why));
    assert_non_null (strstr (why, "another key"));
    free (why);
    assert_int_equal (chmod (path, 0644), 0);
    assert_false (broker_key_kept (dir, other.public_key, &why));
    assert_non_null (strstr (why, "0644"));
    free (why);
    assert_int_equal (unlink (path), 0);
    assert_int_equal (rmdir (dir), 0);
    free (path);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_which_door),
        cmocka_unit_test (test_every_address_of_the_machine),
        cmocka_unit_test (test_kept),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
