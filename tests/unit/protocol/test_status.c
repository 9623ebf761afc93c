/*  test_status.c - the tables of statuses and event types                     */
#include "frame.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <zchat/event.h>
#include <zchat/status.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static void every_status_has_a_code_that_leads_back (void **state)
{
    for (int i = 0; i < ZCHAT_STATUS_COUNT; i++) {
        const char *code = zchat_status_code ((zchat_status_t)i);
        assert_non_null (code);
        assert_true (strlen (code) > 0);
        assert_true (strlen (zchat_status_text ((zchat_status_t)i)) > 0);
        assert_int_equal (zchat_status_from_code (code, strlen (code)), i);
    }
}

static void codes_of_the_wire_stand (void **state)
{
    assert_string_equal (zchat_status_code (ZCHAT_OK), "ok");
    assert_string_equal (zchat_status_code (ZCHAT_MALFORMED), "malformed");
    assert_string_equal (zchat_status_code (ZCHAT_GAP), "gap");
    assert_string_equal (zchat_status_code (ZCHAT_IN_USE), "in-use");
}

static void an_unknown_code_is_no_status (void **state)
{
    assert_int_equal (zchat_status_from_code ("", 0), ZCHAT_STATUS_COUNT);
    assert_int_equal (zchat_status_from_code (NULL, 0), ZCHAT_STATUS_COUNT);
    assert_int_equal (zchat_status_from_code ("OK", 2), ZCHAT_STATUS_COUNT);
    assert_int_equal (zchat_status_from_code ("gapped", 6), ZCHAT_STATUS_COUNT);
    assert_int_equal (zchat_status_from_code ("gapped", 3), ZCHAT_GAP);
    assert_int_equal (zchat_status_from_code ("ga", 2), ZCHAT_STATUS_COUNT);
    assert_int_equal (zchat_status_from_code ("gap\0", 4), ZCHAT_STATUS_COUNT);
}

static void a_status_out_of_range_has_texts_nevertheless (void **state)
{
    assert_string_equal (zchat_status_code (ZCHAT_STATUS_COUNT), "unknown");
    assert_non_null (zchat_status_text (ZCHAT_STATUS_COUNT));
    volatile int beyond = -1;
    assert_string_equal (zchat_status_code ((zchat_status_t)beyond), "unknown");
}

static void types_have_their_numbers_and_names (void **state)
{
    assert_int_equal (ZCHAT_TYPE_SAY, 1);
    assert_int_equal (ZCHAT_TYPE_ACTION, 2);
    assert_int_equal (ZCHAT_TYPE_TOPIC, 3);
    assert_int_equal (ZCHAT_TYPE_JOIN, 16);
    assert_int_equal (ZCHAT_TYPE_LEAVE, 17);
    assert_int_equal (ZCHAT_TYPE_PRESENCE, 18);
    for (int i = 0; i <= ZCHAT_TYPE_MAX; i++) {
        const char *name = zchat_type_name ((zchat_type_t)i);
        zchat_type_t back = zchat_type_from_name (name, strlen (name));
        if (strcmp (name, "unknown") == 0)
            assert_int_equal (back, ZCHAT_TYPE_NONE);
        else
            assert_int_equal (back, i);
    }
    assert_string_equal (zchat_type_name (ZCHAT_TYPE_NONE), "unknown");
    assert_int_equal (zchat_type_from_name ("sayer", 3), ZCHAT_TYPE_SAY);
    assert_int_equal (zchat_type_from_name ("Say", 3), ZCHAT_TYPE_NONE);
    assert_int_equal (zchat_type_from_name (NULL, 0), ZCHAT_TYPE_NONE);
}

static void only_what_is_said_is_stored (void **state)
{
    for (int i = 0; i <= ZCHAT_TYPE_MAX; i++)
        assert_int_equal (zchat_type_stored ((zchat_type_t)i), i >= 1 && i <= 13);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_status_has_a_code_that_leads_back),
        cmocka_unit_test (codes_of_the_wire_stand),
        cmocka_unit_test (an_unknown_code_is_no_status),
        cmocka_unit_test (a_status_out_of_range_has_texts_nevertheless),
        cmocka_unit_test (types_have_their_numbers_and_names),
        cmocka_unit_test (only_what_is_said_is_stored),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
