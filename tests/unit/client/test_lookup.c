/*  test_lookup.c - whether the name of a host is known                         */
#include "lookup.h"
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka wants the above before it */
#include <cmocka.h>

/*  What is said of the endpoint's host, once it is known.                     */
static const char *found (const char *endpoint)
{
    lookup_t *lookup = lookup_new (endpoint);
    assert_non_null (lookup);
    struct pollfd item = {.fd = lookup_fd (lookup), .events = POLLIN};
    assert_int_equal (poll (&item, 1, 50000), 1);
    while (!lookup_done (lookup))
        sched_yield ();
    const char *wrong = lookup_wrong (lookup);
    lookup_destroy (&lookup);
    assert_null (lookup);
    return wrong;
}

static void names (void **state)
{
    assert_null (found ("tcp://localhost:5680"));
    assert_non_null (found ("tcp://no-such-host.invalid:5680"));
    assert_non_null (found ("ws://no-such-host.invalid:80/path"));
}

static void addresses_are_no_names (void **state)
{
    assert_null (lookup_new ("tcp://127.0.0.1:5680"));
    assert_null (lookup_new ("tcp://[::1]:5680"));
    assert_null (lookup_new ("ipc:///tmp/door"));
}

/*  The thread may be at work still.                                           */
static void nobody_waits_for_it (void **state)
{
    for (int i = 0; i < 20; i++) {
        lookup_t *lookup = lookup_new ("tcp://localhost:5680");
        lookup_destroy (&lookup);
    }
    lookup_t *none = NULL;
    lookup_destroy (&none);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (names),
        cmocka_unit_test (addresses_are_no_names),
        cmocka_unit_test (nobody_waits_for_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
