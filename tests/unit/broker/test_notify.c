/*  test_notify.c - what a service manager is told                             */
#include "run/notify.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static char name[64]; /* of an abstract socket                                   */
static char heard[256];

static int listen_on (void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    snprintf (name, sizeof name, "@zchat-test-%ld", (long)getpid ());
    memcpy (address.sun_path + 1, name + 1, strlen (name + 1));
    assert_int_equal (bind (fd, (struct sockaddr *)&address,
                            (socklen_t)(offsetof (struct sockaddr_un, sun_path) + strlen (name))),
                      0);
    return fd;
}

static const char *hear (int fd)
{
    ssize_t size = recv (fd, heard, sizeof heard - 1, 0);
    heard[size > 0 ? size : 0] = '\0';
    return heard;
}

static void test_what_is_said (void **state)
{
    int fd = listen_on ();
    setenv ("NOTIFY_SOCKET", name, 1);
    setenv ("WATCHDOG_USEC", "3000000", 1);
    notify_t *notify = notify_new ();
    assert_non_null (notify);
    assert_null (getenv ("NOTIFY_SOCKET"));
    assert_null (getenv ("WATCHDOG_USEC"));
    notify_ready (notify);
    assert_string_equal (hear (fd), "READY=1\nSTATUS=serving");
    notify_reloading (notify, 12);
    assert_string_equal (hear (fd), "RELOADING=1\nMONOTONIC_USEC=12000\nSTATUS=reloading");
    /*  A third of the time, and a little more.                                */
    notify_alive (notify, 5000);
    assert_string_equal (hear (fd), "WATCHDOG=1");
    assert_int_equal (notify_deadline_ms (notify), 6001);
    notify_alive (notify, 6000);
    assert_string_equal (hear (fd), "");
    notify_alive (notify, 6001);
    assert_string_equal (hear (fd), "WATCHDOG=1");
    notify_stopping (notify);
    assert_string_equal (hear (fd), "STOPPING=1\nSTATUS=stopping");
    close (fd);
    notify_stopping (notify); /* the manager is gone: nothing happens            */
    notify_destroy (&notify);
    assert_null (notify);
}

static void test_no_manager (void **state)
{
    static const char *const names[] = {NULL, "", "relative", "@", "/"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i])
            setenv ("NOTIFY_SOCKET", names[i], 1);
        setenv ("WATCHDOG_USEC", "1000000", 1);
        assert_null (notify_new ());
    }
    notify_ready (NULL);
    notify_reloading (NULL, 1);
    notify_stopping (NULL);
    notify_alive (NULL, 1);
    assert_int_equal (notify_deadline_ms (NULL), UINT64_MAX);
}

static void test_watchdogs_that_are_none (void **state)
{
    static const char *const values[] = {"", "x", "-1", "0", "1x", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        setenv ("NOTIFY_SOCKET", "@nobody", 1);
        setenv ("WATCHDOG_USEC", values[i], 1);
        notify_t *notify = notify_new ();
        assert_int_equal (notify_deadline_ms (notify), UINT64_MAX);
        notify_destroy (&notify);
    }
    setenv ("NOTIFY_SOCKET", "@nobody", 1);
    setenv ("WATCHDOG_USEC", "1000000", 1);
    setenv ("WATCHDOG_PID", "1", 1); /* it is for another process                */
    notify_t *notify = notify_new ();
    assert_int_equal (notify_deadline_ms (notify), UINT64_MAX);
    notify_destroy (&notify);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_what_is_said),
        cmocka_unit_test (test_no_manager),
        cmocka_unit_test (test_watchdogs_that_are_none),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
