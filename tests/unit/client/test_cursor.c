/*  test_cursor.c - one room's events, each once and in order                  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cursor.h"
#include "memory.h"
#include <inttypes.h>

/*  What was given, as text: "11 12 (P) LOST2@15 ...".                         */
typedef struct {
    cursor_t *cursor;
    char given[65536];
} probe_t;

static void given_event (void *arg, const event_t *event)
{
    probe_t *p = arg;
    size_t used = strlen (p->given);

    if (event->seq)
        snprintf (p->given + used, sizeof p->given - used, "%" PRIu64 " ", event->seq);
    else
        snprintf (p->given + used, sizeof p->given - used, "(%.*s) ", (int)event->body.size,
                  (const char *)event->body.data);
}

static void given_lost (void *arg, uint64_t count, uint64_t seq)
{
    probe_t *p = arg;
    size_t used = strlen (p->given);

    snprintf (p->given + used, sizeof p->given - used, "LOST%" PRIu64 "@%" PRIu64 " ", count, seq);
}

static probe_t *probe_new (uint64_t seq)
{
    probe_t *p = memory_zero (sizeof *p);
    cursor_sink_t sink = {.event = given_event, .lost = given_lost, .arg = p};

    p->cursor = cursor_new (&sink);
    cursor_place (p->cursor, seq);
    return p;
}

static void probe_destroy (probe_t *p)
{
    cursor_destroy (&p->cursor);
    assert_null (p->cursor);
    cursor_destroy (&p->cursor);
    free (p);
}

static void feed (probe_t *p, uint64_t seq)
{
    event_t event = {.seq = seq, .type = ZCHAT_TYPE_SAY};

    assert_true (cursor_feed (p->cursor, &event));
}

static void presence (probe_t *p, const char *name)
{
    event_t event = {.type = ZCHAT_TYPE_JOIN, .body = frame_str (name)};

    assert_true (cursor_feed (p->cursor, &event));
}

static bool history (probe_t *p, uint64_t seq, uint64_t *next)
{
    event_t event = {.seq = seq, .type = ZCHAT_TYPE_SAY};

    return cursor_history (p->cursor, &event, NULL, next);
}

#define GIVEN(p, text) assert_string_equal ((p)->given, text)

static void in_any_order (void **state)
{
    probe_t *p = probe_new (0);

    feed (p, 3);
    feed (p, 5);
    feed (p, 4);
    feed (p, 3);
    feed (p, 2);
    GIVEN (p, "");
    assert_true (cursor_behind (p->cursor));
    feed (p, 1);
    GIVEN (p, "1 2 3 4 5 ");
    feed (p, 2);
    feed (p, 5);
    assert_false (cursor_behind (p->cursor));
    assert_int_equal (cursor_seq (p->cursor), 5);
    GIVEN (p, "1 2 3 4 5 ");
    probe_destroy (p);
}

static void presence_in_its_place (void **state)
{
    probe_t *p = probe_new (0);

    presence (p, "a");
    feed (p, 2);
    presence (p, "b");
    presence (p, "c");
    feed (p, 4);
    presence (p, "d");
    feed (p, 3);
    GIVEN (p, "(a) ");
    feed (p, 1);
    GIVEN (p, "(a) 1 2 (b) (c) 3 4 (d) ");
    probe_destroy (p);
}

static void presence_behind_a_backlog (void **state)
{
    probe_t *p = probe_new (0);
    uint64_t next = 1;

    cursor_reach (p->cursor, 2);
    presence (p, "a");
    assert_true (history (p, 1, &next));
    assert_true (history (p, 2, &next));
    GIVEN (p, "1 2 (a) ");
    /*  What was announced, but does not exist, holds nothing up for ever.     */
    cursor_reach (p->cursor, 9);
    presence (p, "b");
    GIVEN (p, "1 2 (a) ");
    cursor_settle (p->cursor);
    GIVEN (p, "1 2 (a) (b) ");
    assert_false (cursor_behind (p->cursor));
    probe_destroy (p);
}

static void settling_keeps_a_gap (void **state)
{
    probe_t *p = probe_new (0);

    presence (p, "a");
    feed (p, 2);
    cursor_settle (p->cursor);
    assert_true (cursor_behind (p->cursor));
    probe_destroy (p);
}

static void holes_of_a_history (void **state)
{
    probe_t *p = probe_new (10);
    uint64_t next = 11;

    feed (p, 13);
    feed (p, 20);
    assert_true (history (p, 15, &next));
    GIVEN (p, "LOST2@13 13 LOST1@15 15 ");
    assert_true (history (p, 16, &next));
    assert_false (history (p, 16, &next));
    assert_false (history (p, 2, &next));
    assert_int_equal (next, 17);
    cursor_skip (p->cursor, 19);
    GIVEN (p, "LOST2@13 13 LOST1@15 15 16 LOST2@19 ");
    cursor_skip (p->cursor, 19);
    cursor_skip (p->cursor, 0);
    feed (p, 19);
    GIVEN (p, "LOST2@13 13 LOST1@15 15 16 LOST2@19 19 20 ");
    probe_destroy (p);
}

static void placing_forgets (void **state)
{
    probe_t *p = probe_new (0);

    feed (p, 2);
    presence (p, "a");
    cursor_place (p->cursor, 0);
    assert_false (cursor_behind (p->cursor));
    feed (p, 1);
    feed (p, 2);
    GIVEN (p, "1 2 ");
    cursor_place (p->cursor, 0);
    feed (p, 1);
    GIVEN (p, "1 2 1 ");
    probe_destroy (p);
}

static void bounded_in_number_and_bytes (void **state)
{
    probe_t *p = probe_new (0);
    char *body = memory_zero (ZCHAT_BODY_MAX);
    event_t event = {.type = ZCHAT_TYPE_SAY, .body = frame_of (body, ZCHAT_BODY_MAX)};
    uint64_t seq = 2;

    for (; seq < 2 + ZCHAT_AHEAD_MAX; seq++)
        feed (p, seq);
    event_t small = {.seq = seq, .type = ZCHAT_TYPE_SAY};
    assert_false (cursor_feed (p->cursor, &small));
    assert_true (cursor_behind (p->cursor));
    feed (p, 1);
    GIVEN (p, "1 ");

    cursor_place (p->cursor, 0);
    for (seq = 2; event.seq = seq, cursor_feed (p->cursor, &event); seq++)
        assert_true (seq < ZCHAT_AHEAD_MAX);
    assert_in_range (seq, 100, 2 + ZCHAT_AHEAD_BYTES_MAX / ZCHAT_BODY_MAX);
    free (body);
    probe_destroy (p);
}

/*  The last numbers a room can have.                                          */
static void at_the_end_of_numbers (void **state)
{
    probe_t *p = probe_new (ZCHAT_SEQ_MAX - 1);

    feed (p, ZCHAT_SEQ_MAX);
    cursor_skip (p->cursor, ZCHAT_SEQ_MAX + 1);
    GIVEN (p, "1099511627775 ");
    probe_destroy (p);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (in_any_order),
        cmocka_unit_test (presence_in_its_place),
        cmocka_unit_test (presence_behind_a_backlog),
        cmocka_unit_test (settling_keeps_a_gap),
        cmocka_unit_test (holes_of_a_history),
        cmocka_unit_test (placing_forgets),
        cmocka_unit_test (bounded_in_number_and_bytes),
        cmocka_unit_test (at_the_end_of_numbers),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
