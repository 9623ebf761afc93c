/*  test_router.c - the number that a ROUTER begins with                       */
#include "run/process.h"
#include "transport/router.h"
#include <czmq.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static uint32_t first_of (uint32_t seed)
{
    uint32_t number = 0;
    process_seed (seed);
    void *router = zmq_socket (zsys_init (), ZMQ_ROUTER);
    assert_non_null (router);
    assert_true (router_first (router, &number));
    zmq_close (router);
    return number;
}

/*  Two brokers that start in the same second begin elsewhere, for their seeds are random. */
static void test_the_seed_decides (void **state)
{
    uint32_t number = first_of (1);
    assert_int_equal (first_of (1), number);
    assert_true (first_of (2) != number && first_of (3) != number && first_of (2) != first_of (3));
}

static void test_the_next_one_follows (void **state)
{
    uint32_t one = 0, two = 0;
    void *router = zmq_socket (zsys_init (), ZMQ_ROUTER);
    assert_true (router_first (router, &one));
    assert_true (router_first (router, &two));
    assert_int_equal (two, one + 1);
    zmq_close (router);
}

/*  Whatever this libzmq does, it can be told, and does not end us.            */
static void test_guarded_or_not (void **state)
{
    bool guarded[2] = {false, true};
    for (int i = 0; i < 2; i++)
        assert_true (router_guarded (&guarded[i]));
    assert_int_equal (guarded[0], guarded[1]);
}

static int setup (void **state)
{
    zsys_handler_set (NULL);
    return zsys_init () ? 0 : -1;
}

static int teardown (void **state)
{
    zsys_shutdown ();
    return 0;
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_the_seed_decides),
        cmocka_unit_test (test_the_next_one_follows),
        cmocka_unit_test (test_guarded_or_not),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
