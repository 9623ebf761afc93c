/*  test_retry.c - what was entered and is under way, and what of it was refused */
#include "retry.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static void add (retry_t *retry, uint64_t id, const char *text)
{
    retry_add (
        retry, id,
        &(retry_message_t){
            .name = "dev", .type = ZCHAT_TYPE_SAY, .text = text, .size = strlen (text), .re = id});
}

static void first_is (const retry_t *retry, const char *text, uint64_t re)
{
    retry_message_t message;
    assert_true (retry_first (retry, &message));
    assert_int_equal (message.size, strlen (text));
    assert_memory_equal (message.text, text, message.size);
    assert_string_equal (message.name, "dev");
    assert_int_equal (message.re, re);
}

static void what_was_refused_comes_in_order (void **state)
{
    retry_message_t message;
    retry_t *retry = retry_new ();
    add (retry, 1, "one");
    add (retry, 2, "two");
    add (retry, 3, "three");
    assert_false (retry_first (retry, &message));
    retry_refused (retry, 3);
    retry_refused (retry, 1);
    retry_done (retry, 2);
    assert_int_equal (retry_refusals (retry), 2);
    first_is (retry, "one", 1);
    retry_drop (retry);
    first_is (retry, "three", 3);
    retry_drop (retry);
    retry_drop (retry);
    assert_int_equal (retry_refusals (retry), 0);
    retry_destroy (&retry);
    assert_null (retry);
    retry_destroy (&retry);
}

static void ids_change (void **state)
{
    retry_t *retry = retry_new ();
    add (retry, 1, "one");
    retry_rename (retry, 1, 7);
    retry_refused (retry, 1);
    assert_int_equal (retry_refusals (retry), 0);
    retry_refused (retry, 7);
    assert_int_equal (retry_refusals (retry), 1);
    retry_done (retry, 7); /* it is no longer under way                        */
    assert_int_equal (retry_refusals (retry), 1);
    retry_destroy (&retry);
}

static void the_oldest_are_forgotten (void **state)
{
    retry_t *retry = retry_new ();
    for (uint64_t id = 1; id <= RETRY_MAX + 1; id++) {
        add (retry, id, "x");
        retry_refused (retry, id);
    }
    assert_int_equal (retry_refusals (retry), RETRY_MAX);
    first_is (retry, "x", 2);
    char *large = calloc (1, RETRY_BYTES_MAX + 1);
    memset (large, 'y', RETRY_BYTES_MAX);
    add (retry, 1000, large);
    retry_refused (retry, 1000);
    assert_int_equal (retry_refusals (retry), 1);
    first_is (retry, large, 1000);
    free (large);
    retry_destroy (&retry);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_was_refused_comes_in_order),
        cmocka_unit_test (ids_change),
        cmocka_unit_test (the_oldest_are_forgotten),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
