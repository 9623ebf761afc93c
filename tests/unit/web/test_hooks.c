/*  test_hooks.c - the parts of hooks: the plan, the signature, the file         */
#include "hook_plan.h"
#include "hook_sign.h"
#include "hook_state.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void one_at_a_time_and_in_order (void **state)
{
    hook_plan_t *plan = hook_plan_new ();
    hook_event_t event;
    uint64_t seq = 0;

    assert_false (hook_plan_next (plan, 0, &event));
    assert_true (hook_plan_due_ms (plan) == UINT64_MAX);
    hook_plan_add (plan, 4, "{}", 2);
    hook_plan_add (plan, 5, "[]", 2);
    assert_int_equal (hook_plan_due_ms (plan), 0);
    assert_true (hook_plan_next (plan, 100, &event));
    assert_int_equal (event.seq, 4);
    assert_string_equal (event.json, "{}");
    assert_false (hook_plan_next (plan, 100, &event));
    assert_true (hook_plan_result (plan, 204, 0, 0, 100, &seq));
    assert_int_equal (seq, 4);
    assert_true (hook_plan_next (plan, 100, &event));
    assert_int_equal (event.seq, 5);
    hook_plan_destroy (&plan);
    hook_plan_destroy (&plan);
}

static void waits (void **state)
{
    static const unsigned statuses[] = {0, 500, 301, 404, 199, 300};
    hook_plan_t *plan = hook_plan_new ();
    hook_event_t event;
    uint64_t seq = 0, wait = ZCHAT_WEB_HOOK_WAIT_MIN_MS;

    hook_plan_add (plan, 4, "{}", 2);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++, wait *= 2) {
        assert_true (hook_plan_next (plan, 1000000, &event));
        assert_false (hook_plan_result (plan, statuses[i], 0, 0, 0, &seq));
        assert_int_equal (hook_plan_due_ms (plan), wait);
        assert_false (hook_plan_next (plan, wait - 1, &event));
    }
    assert_int_equal (hook_plan_failed (plan), 6);
    for (int i = 0; i < 30; i++) {
        assert_true (hook_plan_next (plan, UINT64_MAX, &event));
        assert_false (hook_plan_result (plan, 503, 9999, 0xffffffff, 0, &seq));
    }
    assert_in_range (hook_plan_due_ms (plan), ZCHAT_WEB_HOOK_WAIT_MAX_MS / 5 * 4,
                     ZCHAT_WEB_HOOK_WAIT_MAX_MS);
    assert_true (hook_plan_next (plan, UINT64_MAX, &event));
    assert_true (hook_plan_result (plan, 200, 0, 0, 0, &seq));
    assert_int_equal (hook_plan_failed (plan), 0);
    hook_plan_add (plan, 5, "{}", 2);
    assert_true (hook_plan_next (plan, 0, &event));
    assert_false (hook_plan_result (plan, 503, 7, 0, 0, &seq));
    assert_int_equal (hook_plan_due_ms (plan), 7000);
    hook_plan_destroy (&plan);
}

/*  What is forgotten while it is under way is no reason to move the cursor.    */
static void forgotten (void **state)
{
    hook_plan_t *plan = hook_plan_new ();
    hook_event_t event;
    uint64_t seq = 0;

    for (uint64_t i = 1; i < 4; i++)
        hook_plan_add (plan, i, "{}", 2);
    assert_true (hook_plan_next (plan, 0, &event));
    hook_plan_clear (plan);
    assert_int_equal (hook_plan_count (plan), 1);
    assert_false (hook_plan_result (plan, 200, 0, 0, 0, &seq));
    assert_int_equal (hook_plan_count (plan), 0);
    hook_plan_add (plan, 9, "{}", 2);
    assert_true (hook_plan_next (plan, 0, &event));
    assert_int_equal (event.seq, 9);
    hook_plan_destroy (&plan);
}

/*  The example of Standard Webhooks (github.com/standard-webhooks), made again with Python's hmac.
 */
static void signature (void **state)
{
    char text[HOOK_SIGN_MAX];

    hook_sign ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
               "{\"test\": 2432232314}", 20, text);
    assert_string_equal (text, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    hook_sign ("secret of our own", "a/b/1", 5, "{}", 2, text);
    assert_string_equal (text, "v1,/kMNphJGsYpP0lQzjrOSj5GYRM4KfCFt24kg1AdVHGQ=");
}

static void on_disk (void **state)
{
    char folder[] = "/tmp/zchat-hook-XXXXXX";
    hook_cursor_t cursor = {.log = "0123456789abcdef0123456789abcdef", .seq = 17}, got;
    const char *why;
    FILE *file;

    assert_non_null (mkdtemp (folder));
    char *path = hook_state_path (folder, "dev", "http://a/"),
         *other = hook_state_path (folder, "de", "v");
    assert_string_not_equal (path, other);
    assert_true (hook_state_read (path, &got, &why));
    assert_false (got.known);
    assert_true (hook_state_write (folder, path, &cursor));
    assert_true (hook_state_read (path, &got, &why));
    assert_true (got.known && got.seq == 17);
    assert_string_equal (got.log, cursor.log);
    file = fopen (path, "a");
    fputs ("x", file);
    fclose (file);
    assert_false (hook_state_read (path, &got, &why));
    assert_false (hook_state_write ("/nowhere", "/nowhere/x", &cursor));
    unlink (path);
    rmdir (folder);
    free (path);
    free (other);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (one_at_a_time_and_in_order),
                                       cmocka_unit_test (waits), cmocka_unit_test (forgotten),
                                       cmocka_unit_test (signature), cmocka_unit_test (on_disk)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
