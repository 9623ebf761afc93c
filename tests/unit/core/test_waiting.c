/*  test_waiting.c - of whom how many bytes wait for the disk                  */
/*  cmocka wants these before it                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "quota/waiting.h"

static void test_parties (void **state)
{
    waiting_t *waiting = waiting_new ();
    (void)state;
    party_t *ann = waiting_add (waiting, "ann", 5);
    party_t *bob = waiting_add (waiting, "bob", 7);
    assert_ptr_equal (waiting_add (waiting, "ann", 6), ann);
    assert_int_equal (waiting_bytes (waiting, "ann"), 11);
    assert_int_equal (waiting_bytes (waiting, "bob"), 7);
    assert_int_equal (waiting_bytes (waiting, ""), 0);
    waiting_end (waiting, ann, 5);
    assert_int_equal (waiting_bytes (waiting, "ann"), 6);
    waiting_end (waiting, NULL, 1);
    /*  who has nothing there any more is forgotten                            */
    waiting_end (waiting, ann, 6);
    assert_int_equal (waiting_parties (waiting), 1);
    waiting_end (waiting, bob, 7);
    assert_int_equal (waiting_parties (waiting), 0);
    waiting_add (waiting, "ann", 0);
    waiting_destroy (&waiting);
    assert_null (waiting);
    waiting_destroy (&waiting);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (test_parties)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
