/*  test_connections.c - which accepted connections are closed                 */
#include "transport/connections.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <zchat/limits.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { N_FDS = 16384 };

static uint64_t closed_socket;

static int setup (void **state)
{
    *state = connections_new (N_FDS);
    return 0;
}

static int teardown (void **state)
{
    connections_t *connections = *state;
    connections_destroy (&connections);
    assert_null (connections);
    connections_destroy (&connections);
    return 0;
}

static bool accept_at (connections_t *connections, int fd, const char *origin, bool local,
                       bool speaks, uint64_t now_ms)
{
    connection_t connection = {.origin = frame_str (origin),
                               .socket = 1000 + (uint64_t)fd,
                               .local = local,
                               .speaks = speaks,
                               .measured = true};
    return connections_accepted (connections, fd, &connection, now_ms);
}

static int due (connections_t *connections, uint64_t now_ms)
{
    return connections_due (connections, now_ms, &closed_socket);
}

static void test_who_says_nothing_is_closed (void **state)
{
    assert_true (connections_deadline_ms (*state) == UINT64_MAX);
    assert_true (accept_at (*state, 5, "a", false, true, 10));
    assert_true (accept_at (*state, 6, "a", false, true, 20));
    assert_true (accept_at (*state, 7, "a", false, false, 20)); /* the feed       */
    connections_spoke (*state, 6);
    connections_spoke (*state, 6);
    assert_int_equal (connections_deadline_ms (*state), 10 + ZCHAT_SILENT_MS);
    assert_int_equal (due (*state, 9 + ZCHAT_SILENT_MS), -1);
    assert_int_equal (due (*state, 10 + ZCHAT_SILENT_MS), 5);
    assert_int_equal (closed_socket, 1005);
    assert_int_equal (due (*state, 1000 * ZCHAT_SILENT_MS), -1);
    connections_closed (*state, 5, 0);
    connections_closed (*state, 5, 0);
    assert_true (accept_at (*state, 5, "a", false, true, 50));
    assert_int_equal (due (*state, 50 + ZCHAT_SILENT_MS), 5);
}

static void test_the_unfit_are_closed (void **state)
{
    accept_at (*state, 5, "a", true, true, 0);
    accept_at (*state, 6, "a", true, true, 0);
    accept_at (*state, 7, "a", true, true, 0);
    connections_doom (*state, 5, 1000);
    connections_doom (*state, 6, 500);
    connections_doom (*state, 6, 2000); /* not later than it was                  */
    assert_int_equal (connections_deadline_ms (*state), 500);
    assert_int_equal (due (*state, 600), 6);
    assert_int_equal (due (*state, 600), -1);
    assert_int_equal (due (*state, 1000), 5);
    /*  By now the descriptor is that of somebody who is believed.             */
    connections_spoke (*state, 7);
    connections_doom (*state, 7, 1000);
    assert_int_equal (due (*state, 1000), -1);
    connections_doom (*state, -1, 0);
    connections_doom (*state, N_FDS, 0);
    connections_doom (*state, 99, 0);
    assert_int_equal (due (*state, 1000), -1);
}

/*  Nobody holds many connections over which nothing was said, this machine neither. */
static void test_many_silent_of_one_origin (void **state)
{
    for (int fd = 0; fd < ZCHAT_ORIGIN_SILENT_MAX; fd++)
        accept_at (*state, fd, "a", true, true, 7);
    accept_at (*state, 5000, "b", true, true, 7);
    assert_int_equal (due (*state, 7), -1);
    accept_at (*state, 6000, "a", true, true, 8);
    accept_at (*state, 6001, "a", true, true, 8);
    assert_int_equal (due (*state, 8), 0);
    assert_int_equal (due (*state, 8), 1);
    assert_int_equal (due (*state, 8), -1);
    connections_spoke (*state, 2);
    accept_at (*state, 6002, "a", true, true, 8);
    assert_int_equal (due (*state, 8), -1);
}

static void test_many_of_one_origin (void **state)
{
    for (int fd = 0; fd < ZCHAT_ORIGIN_CONNECTIONS_MAX; fd++)
        assert_true (accept_at (*state, fd, "a", false, false, 0));
    assert_false (accept_at (*state, 9000, "a", false, false, 0));
    assert_int_equal (due (*state, 0), 9000);
    assert_int_equal (due (*state, 0), -1);
    assert_true (accept_at (*state, 9001, "b", false, false, 0));
    assert_true (accept_at (*state, 9002, "a", true, false, 0));
    connections_closed (*state, 9000, 0);
    connections_closed (*state, 9002, 0);
    connections_closed (*state, 17, 0);
    assert_true (accept_at (*state, 17, "a", false, false, 0));
    assert_int_equal (due (*state, 0), -1);
}

/*  Bytes that become no message: of a request with no end, or of one that is never read. */
static void test_bytes_that_become_no_message (void **state)
{
    uint64_t socket, bytes = 5000;
    assert_false (connections_any (*state));
    accept_at (*state, 5, "a", true, true, 0);
    assert_true (connections_any (*state));
    connections_spoke (*state, 5);
    assert_int_equal (connections_measure (*state, &socket), 5);
    assert_int_equal (socket, 1005);
    assert_int_equal (connections_measure (*state, &socket), -1);
    for (int i = 0; i < 100; i++) {
        connections_read (*state, 5);
        connections_measured (*state, 5, bytes += ZCHAT_UNREAD_MAX * 10ull, 0);
    }
    connections_measured (*state, 5, bytes + ZCHAT_UNREAD_MAX, 0);
    connections_measured (*state, 5, bytes + ZCHAT_UNREAD_MAX + 1, 0);
    connections_read (*state, 5); /* it was on its way                             */
    connections_measured (*state, 5, bytes += ZCHAT_UNREAD_MAX + 2, 0);
    assert_int_equal (due (*state, 0), -1);
    connections_measured (*state, 5, bytes += ZCHAT_UNREAD_MAX + 1, 0);
    assert_int_equal (due (*state, 0), -1);
    connections_measured (*state, 5, bytes, 0);
    assert_int_equal (due (*state, 0), 5);
    connections_measured (*state, 5, bytes, 0);
    assert_int_equal (due (*state, 0), -1);
    connections_measured (*state, 99, bytes, 0);
    accept_at (*state, 6, "a", true, true, 0); /* never read at all               */
    connections_measured (*state, 6, ZCHAT_UNREAD_MAX + 1, 0);
    assert_int_equal (due (*state, 0), 6);
}

/*  What a first request can be, and no more; and together no more than that of a few. */
static void test_bytes_before_the_first_request (void **state)
{
    for (int fd = 0; fd < 100; fd++)
        accept_at (*state, fd, "a", true, true, 0);
    accept_at (*state, 200, "b", true, true, 0);
    accept_at (*state, 201, "a", true, false, 0); /* the feed                      */
    connections_read (*state, 0);
    connections_measured (*state, 0, ZCHAT_UNREAD_MAX, 0);
    connections_measured (*state, 1, ZCHAT_UNREAD_FIRST + 1, 0);
    connections_measured (*state, 1, ZCHAT_UNREAD_FIRST, 0); /* it was on its way  */
    connections_measured (*state, 1, ZCHAT_UNREAD_FIRST + 1, 0);
    assert_int_equal (due (*state, 0), -1);
    connections_measured (*state, 1, ZCHAT_UNREAD_FIRST + 1, 0);
    assert_int_equal (due (*state, 0), 1);
    connections_closed (*state, 1, 0);
    for (int fd = 2; fd < 10; fd++)
        connections_measured (*state, fd, ZCHAT_UNREAD_FIRST, 0);
    connections_measured (*state, 201, ZCHAT_UNREAD_FIRST, 0);
    connections_measured (*state, 200, ZCHAT_UNREAD_FIRST, 0);
    assert_int_equal (due (*state, 0), -1);
    connections_measured (*state, 10, ZCHAT_JSON_MAX, 0);
    connections_measured (*state, 11, ZCHAT_UNREAD_FIRST, 0);
    assert_int_equal (due (*state, 0), 11);
    assert_int_equal (due (*state, 0), -1);
    /*  Those that went, and those that were read, do not count.               */
    connections_closed (*state, 11, 0);
    connections_read (*state, 2);
    connections_measured (*state, 12, ZCHAT_UNREAD_FIRST - ZCHAT_JSON_MAX, 0);
    assert_int_equal (due (*state, 0), -1);
    connections_measured (*state, 13, 3 * ZCHAT_JSON_MAX, 0);
    assert_int_equal (due (*state, 0), 13);
}

static void test_what_was_never_read_is_told (void **state)
{
    frame_t origin;
    bool local;
    uint64_t bytes;
    for (int fd = 0; fd < 5; fd++)
        accept_at (*state, fd, "a", fd == 1, true, 0);
    accept_at (*state, 5, "a", false, false, 0); /* the feed                       */
    connections_read (*state, 0);
    for (int fd = 0; fd < 6; fd++)
        connections_closed (*state, fd, fd == 2 ? 0 : 100 + (uint64_t)fd);
    assert_false (connections_any_silent (*state));
    connections_read (*state, 4); /* its last words came after its end             */
    assert_true (connections_left (*state, &origin, &local, &bytes));
    assert_true (frame_is (origin, "a") && !local && bytes == 103);
    assert_true (connections_left (*state, &origin, &local, &bytes));
    assert_true (frame_is (origin, "a") && local && bytes == 101);
    assert_false (connections_left (*state, &origin, &local, &bytes));
}

static void test_the_silent_are_measured_in_turn (void **state)
{
    static unsigned times[N_FDS];
    uint64_t socket;
    int fd;
    assert_int_equal (connections_measure_silent (*state, &socket), -1);
    for (fd = 0; fd < 2000; fd++) {
        accept_at (*state, fd, "a", true, true, 0);
        accept_at (*state, 4000 + fd, "b", true, true, 0);
    }
    connections_spoke (*state, 0);
    assert_true (connections_any_silent (*state));
    for (int turn = 0; turn < 6; turn++)
        for (unsigned n = 0; (fd = connections_measure_silent (*state, &socket)) >= 0; n++) {
            times[fd]++;
            assert_true (n < 2048);
            if (fd == 3) /* the one that is measured may go, and the next one too  */
                connections_closed (*state, 4003, 0);
        }
    assert_int_equal (times[0], 0);
    for (fd = 1; fd < 2000; fd++)
        assert_int_equal (times[fd], 3);
    connections_spoke (*state, 1);
    connections_closed (*state, 2, 0);
    assert_int_equal (connections_measure_silent (*state, &socket), 4000);
}

static void test_bytes_to_the_feed (void **state)
{
    accept_at (*state, 5, "a", true, false, 0);
    for (uint64_t i = 0; i < 1000; i++)
        connections_measured (*state, 5, ZCHAT_UNREAD_MAX + i * ZCHAT_UNREAD_GROWS, 0);
    assert_int_equal (due (*state, 0), -1);
    for (uint64_t i = 0; i < 2; i++)
        connections_measured (*state, 5, 2 * ZCHAT_UNREAD_MAX, 0);
    assert_int_equal (due (*state, 0), 5);
}

static void test_all_are_measured_in_turn (void **state)
{
    static unsigned times[N_FDS];
    uint64_t socket;
    int fd;
    for (fd = 0; fd < 5000; fd++)
        accept_at (*state, 2 * fd, "a", true, false, 0);
    for (int turn = 0; turn < 9; turn++)
        for (unsigned n = 0; (fd = connections_measure (*state, &socket)) >= 0; n++) {
            times[fd]++;
            assert_true (n < 2048);
        }
    for (fd = 0; fd < 5000; fd++)
        assert_true (times[2 * fd] >= 3 && times[2 * fd] <= 4 && !times[2 * fd + 1]);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_who_says_nothing_is_closed, setup, teardown),
        cmocka_unit_test_setup_teardown (test_the_unfit_are_closed, setup, teardown),
        cmocka_unit_test_setup_teardown (test_many_silent_of_one_origin, setup, teardown),
        cmocka_unit_test_setup_teardown (test_many_of_one_origin, setup, teardown),
        cmocka_unit_test_setup_teardown (test_bytes_that_become_no_message, setup, teardown),
        cmocka_unit_test_setup_teardown (test_bytes_before_the_first_request, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_was_never_read_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown (test_the_silent_are_measured_in_turn, setup, teardown),
        cmocka_unit_test_setup_teardown (test_bytes_to_the_feed, setup, teardown),
        cmocka_unit_test_setup_teardown (test_all_are_measured_in_turn, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
