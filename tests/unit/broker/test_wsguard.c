/*  test_wsguard.c - when endpoints of ws:// are bound anew                    */
#include "net/wsguard.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <zchat/limits.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { N_FDS = 1600, SHARE = N_FDS / ZCHAT_WS_KEPT_SHARE + 1 };

static void test_few_are_borne (void **state)
{
    wsguard_t guard = {0};
    for (uint64_t now_ms = 0; now_ms < 100000; now_ms += 200)
        assert_int_equal (wsguard_look (&guard, SHARE - 1, N_FDS, now_ms), WSGUARD_WAIT);
    /*  Many that end in one moment are not kept.                              */
    assert_int_equal (wsguard_look (&guard, N_FDS, N_FDS, 0), WSGUARD_WAIT);
    assert_int_equal (wsguard_look (&guard, 0, N_FDS, 0), WSGUARD_WAIT);
    assert_int_equal (wsguard_look (&guard, N_FDS, N_FDS, 0), WSGUARD_WAIT);
    (void)state;
}

static void test_bound_anew (void **state)
{
    wsguard_t guard = {0};
    for (int i = 0; i < 3; i++) {
        assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, 0), WSGUARD_WAIT);
        assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, 0), WSGUARD_DEAFEN);
        assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, ZCHAT_WS_DEAF_MS - 1),
                          WSGUARD_DEAFEN);
        assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, ZCHAT_WS_DEAF_MS), WSGUARD_UNBIND);
        assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, ZCHAT_WS_DEAF_MS), WSGUARD_WAIT);
        assert_int_equal (guard.state, WSGUARD_UNBOUND);
        assert_int_equal (wsguard_look (&guard, 3, N_FDS, 100), WSGUARD_BIND);
        assert_int_equal (wsguard_look (&guard, 3, N_FDS, 60000), WSGUARD_BIND); /* it failed */
        wsguard_bound (&guard);
        assert_int_equal (guard.state, WSGUARD_SERVES);
    }
    (void)state;
}

static void test_what_is_kept_even_so (void **state)
{
    wsguard_t guard = {0};
    wsguard_look (&guard, SHARE, N_FDS, 1000);
    assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, 1000 - ZCHAT_WS_DEAF_MS), WSGUARD_DEAFEN);
    assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, 1000), WSGUARD_UNBIND);
    assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, 999 + ZCHAT_WS_UNBOUND_MS), WSGUARD_WAIT);
    assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, 1000 + ZCHAT_WS_UNBOUND_MS),
                      WSGUARD_GIVE_UP);
    assert_int_equal (wsguard_look (&guard, SHARE, N_FDS, 90000), WSGUARD_WAIT);
    assert_int_equal (wsguard_look (&guard, 0, N_FDS, 90000), WSGUARD_WAIT);
    (void)state;
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_few_are_borne),
        cmocka_unit_test (test_bound_anew),
        cmocka_unit_test (test_what_is_kept_even_so),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
