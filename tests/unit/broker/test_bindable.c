/*  test_bindable.c - which endpoints a broker may be told to bind             */
#include "config/bindable.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static void taken (const char *endpoint, const char *as)
{
    assert_null (bindable_wrong (endpoint));
    char *made = bindable_take (endpoint);
    assert_string_equal (made, as);
    free (made);
}

static void wrong (const char *endpoint, const char *word)
{
    const char *why = bindable_wrong (endpoint);
    assert_non_null (why);
    assert_non_null (strstr (why, word));
}

static void good_ones (void **state)
{
    taken ("tcp://*:5680", "tcp://*:5680");
    taken ("tcp://127.0.0.1:*", "tcp://127.0.0.1:*");
    taken ("tcp://[::1]:5680", "tcp://[::1]:5680");
    taken ("tcp://[fe80::1%eth0]:5680", "tcp://[fe80::1%eth0]:5680");
    taken ("tcp://eth0:0", "tcp://eth0:0");
    taken ("ws://127.0.0.1:65535/chat", "ws://127.0.0.1:65535/chat");
    taken ("ipc://localhost:1", "ipc://localhost:1");
    taken ("tcp://localhost:5680", "tcp://127.0.0.1:5680");
    taken ("tcp://localhost:*", "tcp://127.0.0.1:*");
    taken ("ws://localhost:80/x", "ws://127.0.0.1:80/x");
    taken ("tcp://localhost.lan:1", "tcp://localhost.lan:1");
    taken ("tcp://xlocalhost:1", "tcp://xlocalhost:1");
}

static void bad_ones (void **state)
{
    wrong ("", "looks like");
    wrong ("localhost:1", "looks like");
    wrong ("udp://h:1", "looks like");
    wrong ("ipc://", "path");
    wrong ("tcp://", "no host");
    wrong ("tcp://:1", "no host");
    wrong ("tcp://h", "no port");
    wrong ("tcp://h:", "no port");
    wrong ("tcp://h:x", "no port");
    wrong ("tcp://h:65536", "no port");
    wrong ("tcp://h:99999999999999999999", "no port");
    wrong ("tcp://h:1x", "no port");
    wrong ("tcp://h:*x", "no port");
    wrong ("tcp://[::1", "]");
    wrong ("tcp://[::1]", "no port");
    wrong ("tcp://::1:5680", "brackets");
    wrong ("tcp://fd00:1:2:3", "colon");
    wrong ("tcp:// h:1", "blank");
    wrong ("ipc:///a\n", "blank");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (good_ones),
        cmocka_unit_test (bad_ones),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
