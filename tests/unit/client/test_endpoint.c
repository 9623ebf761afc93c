/*  test_endpoint.c - which endpoints are allowed, and which feed is taken     */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "endpoint.h"
#include <string.h>

static void allowed (void **state)
{
    static const char *const good[] = {
        "tcp://127.0.0.1:5680", "tcp://localhost:1", "tcp://[::1]:65535", "ipc:///run/zchat/door",
        "ipc://relative",       "ws://host:80/path", "ws://host:80"};
    static const char *const bad[] = {"",
                                      "tcp://",
                                      "tcp://host",
                                      "tcp://host:",
                                      "tcp://host:0",
                                      "tcp://h:*",
                                      "tcp://h:65536",
                                      "tcp://h:1x",
                                      "tcp://:1",
                                      "tcp://*:1",
                                      "tcp://h:-1",
                                      "tcp://[::1:1",
                                      "tcp://[::1]",
                                      "tcp://[::]:1",
                                      "tcp://0.0.0.0:1",
                                      "ipc://",
                                      "inproc://x",
                                      "TCP://h:1",
                                      "host:5680",
                                      "tcp:/h:1",
                                      "tcp://h :1",
                                      "tcp://h:1\n",
                                      "tcp://h:1/path",
                                      "ws://h:1path",
                                      "udp://h:1",
                                      "tcp://h: 1",
                                      "tcp://h:99999999999999999999"};
    char text[ENDPOINT_MAX + 8] = "ipc://";

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal (endpoint_check (good[i], NULL), ZCHAT_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *why = NULL;
        if (endpoint_check (bad[i], &why) != ZCHAT_INVALID)
            fail_msg ("allowed: %s", bad[i]);
        assert_non_null (why);
    }
    memset (text + 6, 'x', ENDPOINT_MAX - 7);
    assert_int_equal (endpoint_check (text, NULL), ZCHAT_OK);
    text[strlen (text)] = 'x';
    assert_int_equal (endpoint_check (text, NULL), ZCHAT_INVALID);
}

static void feeds (void **state)
{
    static const struct {
        const char *door, *feeds, *feed;
    } cases[] = {
        {"tcp://10.0.0.1:5680", "[\"tcp://*:5681\"]", "tcp://10.0.0.1:5681"},
        {"tcp://10.0.0.1:5680", "[\"tcp://0.0.0.0:5681\"]", "tcp://10.0.0.1:5681"},
        {"tcp://[fe80::1]:5680", "[\"tcp://[::]:5681\"]", "tcp://[fe80::1]:5681"},
        {"tcp://10.0.0.1:5680", "[\"tcp://[::]:5681\"]", "tcp://10.0.0.1:5681"},
        /*  What host it names is not the broker's to say.                     */
        {"tcp://10.0.0.1:5680", "[\"tcp://other:5681\"]", "tcp://10.0.0.1:5681"},
        {"tcp://localhost:5680", "[\"tcp://127.0.0.1:5681\"]", "tcp://localhost:5681"},
        {"tcp://[fe80::1]:1", "[\"tcp://169.254.169.254:80\"]", "tcp://[fe80::1]:80"},
        {"ws://h:1/a", "[\"ws://other:3/p\"]", "ws://h:3/p"},
        {"tcp://127.0.0.1:1", "[\"ipc:///run/secret.sock\"]", NULL},
        {"tcp://h:1", "[\"ipc:///run/secret.sock\",\"tcp://*:2\"]", "tcp://h:2"},
        {"ipc:///run/a/door", "[\"ipc:///run/a/feed\"]", "ipc:///run/a/feed"},
        {"ipc:///run/a/door", "[\"ipc:///run/feed\"]", NULL},
        {"ipc:///run/a/door", "[\"ipc:///run/a/b/feed\"]", NULL},
        {"ipc:///run/a/door", "[\"ipc:///run/a/../feed\"]", NULL},
        {"ipc:///run/a/door", "[\"ipc:///run/b/feed\"]", NULL},
        {"ipc:///door", "[\"tcp://other:2\"]", "tcp://127.0.0.1:2"},
        {"tcp://h:1", "[\"ipc:///x\",\"ws://*:3/p\",\"tcp://*:2\",\"tcp://*:9\"]", "tcp://h:2"},
        {"ws://h:1/a", "[\"tcp://*:2\",\"ws://*:3/p\"]", "ws://h:3/p"},
        {"ws://h:1/a", "[\"tcp://*:2\"]", "tcp://h:2"},
        {"ipc:///door", "[\"tcp://*:2\",\"ipc:///feed\"]", "ipc:///feed"},
        {"ipc:///door", "[\"tcp://*:2\"]", "tcp://127.0.0.1:2"},
        {"tcp://h:1", "[7,null,\"\",\"x\",\"tcp://*\",\"tcp://*:2\"]", "tcp://h:2"},
        {"tcp://h:1", "[]", NULL},
        {"tcp://h:1", "{}", NULL},
        {"tcp://h:1", "[\"inproc://x\"]", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json = json_loads (cases[i].feeds, 0, NULL);
        char feed[ENDPOINT_MAX] = "untouched";
        zchat_status_t status = endpoint_feed (cases[i].door, json, feed);
        assert_int_equal (status, cases[i].feed ? ZCHAT_OK : ZCHAT_INVALID);
        assert_string_equal (feed, cases[i].feed ? cases[i].feed : "untouched");
        json_decref (json);
    }
    char feed[ENDPOINT_MAX];
    assert_int_equal (endpoint_feed ("tcp://h:1", NULL, feed), ZCHAT_INVALID);
}

/*  Host and port each fit, both together do not.                              */
static void too_long_together (void **state)
{
    char door[ENDPOINT_MAX] = "tcp://";
    char feeds[ENDPOINT_MAX + 8] = "[\"ws://*:1/";
    char feed[ENDPOINT_MAX];
    json_t *json;

    memset (door + 6, 'h', ENDPOINT_MAX - 10);
    memcpy (door + ENDPOINT_MAX - 4, ":1", 3);
    memset (feeds + strlen (feeds), 'p', 300);
    memcpy (feeds + strlen (feeds), "\"]", 3);
    json = json_loads (feeds, 0, NULL);
    assert_non_null (json);
    assert_int_equal (endpoint_check (door, NULL), ZCHAT_OK);
    assert_int_equal (endpoint_feed (door, json, feed), ZCHAT_INVALID);
    json_decref (json);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (allowed),
        cmocka_unit_test (feeds),
        cmocka_unit_test (too_long_together),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
