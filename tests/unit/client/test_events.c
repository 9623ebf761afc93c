/*  test_events.c - what waits to be taken by the program                      */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "events.h"
#include "memory.h"

static void copied_in_order (void **state)
{
    events_t *events = events_new ();
    char room[] = "lobby", body[] = "a\0b", data[] = "{}";
    zchat_event_t event = {.kind = ZCHAT_EVENT_MESSAGE,
                           .room = room,
                           .user = "bob",
                           .body = body,
                           .body_size = 3,
                           .data = data,
                           .seq = 7};
    zchat_event_t taken;

    assert_int_equal (events_pop (events, &taken), ZCHAT_EMPTY);
    events_push (events, &event);
    room[0] = body[0] = data[0] = 'X';
    event = (zchat_event_t){.kind = ZCHAT_EVENT_REPLY, .json = "{}", .text = "t"};
    events_push (events, &event);
    assert_int_equal (events_pop (events, &taken), ZCHAT_OK);
    assert_int_equal (taken.kind, ZCHAT_EVENT_MESSAGE);
    assert_string_equal (taken.room, "lobby");
    assert_string_equal (taken.user, "bob");
    assert_memory_equal (taken.body, "a\0b", 4);
    assert_string_equal (taken.data, "{}");
    assert_null (taken.json);
    assert_null (taken.text);
    assert_int_equal (taken.seq, 7);
    assert_int_equal (events_pop (events, &taken), ZCHAT_OK);
    assert_string_equal (taken.json, "{}");
    assert_string_equal (taken.text, "t");
    assert_null (taken.body);
    assert_int_equal (events_pop (events, &taken), ZCHAT_EMPTY);
    events_push (events, &event);
    assert_int_equal (events_pop (events, &taken), ZCHAT_OK);
    events_push (events, &event);
    events_destroy (&events);
    assert_null (events);
    events_destroy (&events);
}

static void full (void **state)
{
    events_t *events = events_new ();
    char *body = memory_zero (ZCHAT_BODY_MAX);
    zchat_event_t event = {.kind = ZCHAT_EVENT_SENT};
    zchat_event_t taken;
    size_t count = 0;

    for (int i = 0; i < ZCHAT_EVENTS_MAX; i++) {
        assert_false (events_full (events));
        events_push (events, &event);
    }
    assert_true (events_full (events));
    assert_int_equal (events_pop (events, &taken), ZCHAT_OK);
    assert_false (events_full (events));
    while (events_pop (events, &taken) == ZCHAT_OK)
        continue;
    event = (zchat_event_t){.body = body, .body_size = ZCHAT_BODY_MAX};
    for (; !events_full (events); count++)
        events_push (events, &event);
    assert_in_range (count, 100, ZCHAT_EVENTS_BYTES_MAX / ZCHAT_BODY_MAX);
    events_destroy (&events);
    free (body);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (copied_in_order),
        cmocka_unit_test (full),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
