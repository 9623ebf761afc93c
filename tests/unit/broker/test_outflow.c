/*  test_outflow.c - what has not left, of TCP connections and others          */
#include "net/outflow.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PEER = 7, OTHER = 8, FAR = 1000000 };

typedef struct {
    outflow_t *outflow;
    int ends[2]; /* ours, the peer's                                           */
} pair_t;

static pair_t pair_new (int ours, int theirs)
{
    pair_t pair = {.outflow = outflow_new (), .ends = {ours, theirs}};
    fcntl (ours, F_SETFL, O_NONBLOCK);
    outflow_heard (pair.outflow, PEER, ours);
    return pair;
}

static pair_t pair_tcp (void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket (AF_INET, SOCK_STREAM, 0), theirs = socket (AF_INET, SOCK_STREAM, 0);
    int buffer = 4096;
    setsockopt (theirs, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    assert_int_equal (bind (listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal (listen (listener, 1), 0);
    assert_int_equal (getsockname (listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal (connect (theirs, (struct sockaddr *)&address, size), 0);
    int ours = accept (listener, NULL, NULL);
    assert_true (ours >= 0);
    close (listener);
    /*  a handshake, which is not counted                                      */
    char greeting[64] = "";
    assert_int_equal (write (ours, greeting, sizeof greeting), sizeof greeting);
    assert_int_equal (recv (theirs, greeting, sizeof greeting, MSG_WAITALL), sizeof greeting);
    return pair_new (ours, theirs);
}

static pair_t pair_unix (void)
{
    int ends[2];
    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), 0);
    return pair_new (ends[0], ends[1]);
}

static void pair_end (pair_t *pair)
{
    close (pair->ends[0]);
    close (pair->ends[1]);
    outflow_destroy (&pair->outflow);
    assert_null (pair->outflow);
    outflow_destroy (&pair->outflow);
}

/*  Hand the kernel as much as it takes; what it took.                         */
static size_t put (const pair_t *pair, size_t size)
{
    static char bytes[65536];
    size_t done = 0;
    while (done < size) {
        size_t chunk = size - done < sizeof bytes ? size - done : sizeof bytes;
        ssize_t put = write (pair->ends[0], bytes, chunk);
        if (put < 0 && errno == EAGAIN)
            break;
        assert_true (put > 0);
        done += (size_t)put;
    }
    return done;
}

static void take (const pair_t *pair, size_t size)
{
    static char bytes[65536];
    while (size) {
        ssize_t got = read (pair->ends[1], bytes, size < sizeof bytes ? size : sizeof bytes);
        assert_true (got > 0);
        size -= (size_t)got;
    }
}

static uint64_t unread (const pair_t *pair, uint64_t now_ms)
{
    return outflow_unread (pair->outflow, PEER, now_ms);
}

/*  The kernel acknowledges when it likes: within a moment.                    */
static bool falls_to (const pair_t *pair, uint64_t bytes)
{
    for (int i = 0; i < 5000; i++) {
        if (unread (pair, 0) <= bytes)
            return true;
        nanosleep (&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return false;
}

static void test_tcp (void **state)
{
    pair_t pair = pair_tcp ();
    (void)state;
    assert_int_equal (unread (&pair, 0), 0);
    /*  What libzmq has and the kernel has not is unread, however long.        */
    outflow_sent (pair.outflow, PEER, 100000, 0);
    assert_int_equal (unread (&pair, 0), 100000);
    assert_int_equal (unread (&pair, 1000000), 100000);
    size_t inside = put (&pair, 100000);
    take (&pair, inside);
    assert_true (falls_to (&pair, 100000 - inside));
    assert_int_equal (unread (&pair, 0), 100000 - inside);
    while (inside < 100000) {
        size_t more = put (&pair, 100000 - inside);
        take (&pair, more);
        inside += more;
    }
    assert_true (falls_to (&pair, 0));
    pair_end (&pair);
}

static void test_tcp_that_is_not_read (void **state)
{
    pair_t pair = pair_tcp ();
    (void)state;
    for (int i = 0; i < 100; i++)
        outflow_sent (pair.outflow, PEER, FAR, 0);
    size_t inside = put (&pair, 100 * (size_t)FAR);
    assert_true (inside < 50 * (size_t)FAR);
    nanosleep (&(struct timespec){.tv_nsec = 100000000}, NULL);
    /*  but for what its kernel holds                                          */
    assert_in_range (unread (&pair, 1000000), 98 * (uint64_t)FAR, 100 * (uint64_t)FAR);
    pair_end (&pair);
}

/*  More went over the wire than was counted: that pays for nothing that comes after. */
static void test_no_credit (void **state)
{
    pair_t pair = pair_tcp ();
    (void)state;
    outflow_sent (pair.outflow, PEER, 10, 0);
    for (int i = 0; i < 50; i++)
        take (&pair, put (&pair, 20000));
    assert_true (falls_to (&pair, 0));
    nanosleep (&(struct timespec){.tv_nsec = 100000000}, NULL);
    outflow_sent (pair.outflow, PEER, 1, 0);
    (void)unread (&pair, 0);
    outflow_sent (pair.outflow, PEER, 5000, 0);
    assert_in_range (unread (&pair, 0), 5000, 5001);
    pair_end (&pair);
}

static void test_unix (void **state)
{
    pair_t pair = pair_unix ();
    (void)state;
    outflow_sent (pair.outflow, PEER, 1000, 50);
    /*  libzmq's thread may not have taken it yet                              */
    assert_int_equal (unread (&pair, 50), 1000);
    assert_int_equal (unread (&pair, 59), 1000);
    assert_int_equal (put (&pair, 1000), 1000);
    assert_int_equal (unread (&pair, 100000), 1000);
    take (&pair, 999);
    assert_int_equal (unread (&pair, 100000), 1000);
    take (&pair, 1);
    assert_int_equal (unread (&pair, 59), 1000);
    assert_int_equal (unread (&pair, 60), 0);
    outflow_sent (pair.outflow, PEER, 5, 61);
    assert_int_equal (unread (&pair, 70), 5);
    assert_int_equal (unread (&pair, 71), 0);
    pair_end (&pair);
}

/*  A descriptor that is closed, another connection's or a file's by now never says that what was
    sent has left.                                                             */
static void test_other_descriptors (void **state)
{
    pair_t pair = pair_tcp (), second = pair_tcp ();
    (void)state;
    outflow_sent (pair.outflow, PEER, 1000, 0);
    take (&pair, put (&pair, 500));
    assert_true (falls_to (&pair, 500));
    assert_int_equal (dup2 (second.ends[0], pair.ends[0]), pair.ends[0]);
    assert_int_equal (unread (&pair, 0), 500);
    close (pair.ends[0]);
    assert_int_equal (unread (&pair, 1000000), 500);
    int file = open ("/dev/null", O_RDWR);
    assert_int_equal (dup2 (file, pair.ends[0]), pair.ends[0]);
    assert_int_equal (unread (&pair, 1000000), 500);
    close (file);
    /*  who comes next over it has its own count                               */
    assert_int_equal (dup2 (second.ends[0], pair.ends[0]), pair.ends[0]);
    outflow_heard (pair.outflow, OTHER, pair.ends[0]);
    assert_int_equal (outflow_unread (pair.outflow, OTHER, 0), 0);
    outflow_sent (pair.outflow, OTHER, 10, 0);
    assert_int_equal (outflow_unread (pair.outflow, OTHER, 0), 10);
    outflow_forget (pair.outflow, PEER);
    outflow_forget (pair.outflow, PEER);
    assert_int_equal (unread (&pair, 0), 0);
    outflow_sent (pair.outflow, PEER, 10, 0);
    assert_int_equal (unread (&pair, 0), 0);
    assert_int_equal (outflow_unread (pair.outflow, OTHER, 0), 10);
    pair_end (&second);
    pair_end (&pair);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_tcp),
        cmocka_unit_test (test_tcp_that_is_not_read),
        cmocka_unit_test (test_no_credit),
        cmocka_unit_test (test_unix),
        cmocka_unit_test (test_other_descriptors),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
