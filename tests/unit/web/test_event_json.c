/*  test_event_json.c - events and refusals as JSON                             */
#include "event_json.h"
#include "refusal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void check (const zchat_event_t *event, const char *log, const char *expected)
{
    char *json = event_json (event, log);

    assert_string_equal (json, expected);
    free (json);
}

static void events (void **state)
{
    zchat_event_t event = {.room = "dev",
                           .user = "ada",
                           .type = ZCHAT_TYPE_SAY,
                           .body = "a\"<b>\n\xe2\x80\xa8",
                           .body_size = 9,
                           .seq = 7,
                           .time_ms = 99};

    check (&event, NULL,
           "{\"room\":\"dev\",\"seq\":7,\"time\":99,\"type\":\"say\",\"user\":\"ada\",\"text\":"
           "\"a\\\"<b>\\n\xe2\x80\xa8\"}");
    event.body_size = 1;
    event.data = "{ \"n\": 1.0000000000000001, \"n2\":1e400 }";
    event.re = 3;
    event.own = event.mentions_me = true;
    check (&event, "ab",
           "{\"room\":\"dev\",\"seq\":7,\"time\":99,\"type\":\"say\",\"user\":\"ada\",\"text\":"
           "\"a\",\"re\":3,\"own\":true,"
           "\"mentions_me\":true,\"log\":\"ab\",\"data\":{ \"n\": 1.0000000000000001, \"n2\":1e400 "
           "}}");
    event = (zchat_event_t){.room = "dev", .type = ZCHAT_TYPE_MARKS, .target = 7, .data = "{}"};
    check (&event, NULL,
           "{\"room\":\"dev\",\"type\":\"marks\",\"user\":\"\",\"text\":\"\",\"target\":7,\"data\":"
           "{}}");
    event = (zchat_event_t){.room = "@", .type = ZCHAT_TYPE_MENTION, .target = 7, .about = "dev"};
    check (&event, NULL,
           "{\"room\":\"@\",\"type\":\"mention\",\"user\":\"\",\"text\":\"\",\"target\":7,"
           "\"about\":\"dev\"}");
    event =
        (zchat_event_t){.room = "dev", .body = "\xff", .body_size = 1, .type = (zchat_type_t)99};
    check (&event, NULL, "{\"room\":\"dev\",\"type\":\"unknown\",\"user\":\"\",\"text\":\"\"}");
    assert_true (event_json_presence (ZCHAT_TYPE_JOIN));
    assert_false (event_json_presence (ZCHAT_TYPE_READ));
}

/*  Every status has one of HTTP's that says whose fault it is.                 */
static void statuses (void **state)
{
    for (int i = ZCHAT_OK + 1; i < ZCHAT_STATUS_COUNT; i++)
        assert_in_range (refusal_http ((zchat_status_t)i), 400, 504);
    assert_int_equal (refusal_http (ZCHAT_GUEST), 401);
    assert_int_equal (refusal_http (ZCHAT_STORAGE), 503);
    assert_int_equal (refusal_http (ZCHAT_CORRUPT), 500);
    assert_int_equal (refusal_again_s (503), 1);
    assert_int_equal (refusal_again_s (403), 0);
}

static void refusals (void **state)
{
    char *json = refusal_json ("slow", "wait", "{\"code\":\"x\",\"wait_ms\":5}");

    assert_string_equal (json, "{\"code\":\"slow\",\"wait_ms\":5,\"text\":\"wait\"}");
    free (json);
    json = refusal_json ("slow", NULL, "[1]");
    assert_string_equal (json, "{\"code\":\"slow\",\"text\":\"\"}");
    free (json);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (events), cmocka_unit_test (statuses),
                                       cmocka_unit_test (refusals)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
