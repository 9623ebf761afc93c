/*  test_binding.c - which messages are believed to be whose                   */
#include "transport/binding.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <zchat/limits.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { FD = 7, START = 1000, SILENCE_MS = ZCHAT_SILENCE_HEARTBEATS * ZCHAT_HEARTBEAT_MS };

static const char given[] = "0123456789abcdef0123456789abcdef";
static uint8_t numbers[4][BINDING_NUMBER_SIZE];
static uint64_t peer, gone;
static bool fresh;

static frame_t numbered (uint32_t number)
{
    static unsigned at;
    uint8_t *id = numbers[at++ % 4];
    number = htonl (number);
    id[0] = 0;
    memcpy (id + 1, &number, sizeof number);
    return frame_of (id, BINDING_NUMBER_SIZE);
}

static sight_t plain (uint64_t connection, uint32_t number)
{
    return (sight_t){.connection = connection,
                     .routing = numbered (number),
                     .announced = "",
                     .fd = FD,
                     .address = "127.0.0.1",
                     .key = ""};
}

static sight_t secret (uint64_t connection, const char *routing, const char *key)
{
    return (sight_t){.connection = connection,
                     .routing = frame_str (routing),
                     .announced = routing,
                     .fd = FD,
                     .address = "10.0.0.7",
                     .key = key};
}

static binding_t see_at (bindings_t *bindings, sight_t sight, uint64_t now_ms)
{
    return bindings_see (bindings, &sight, now_ms, &peer, &fresh, &gone);
}

static binding_t see (bindings_t *bindings, sight_t sight)
{
    return see_at (bindings, sight, 0);
}

static int setup (void **state)
{
    *state = bindings_new (false);
    bindings_start (*state, START);
    bindings_ready (*state, 300);
    return 0;
}

static int teardown (void **state)
{
    bindings_t *bindings = *state;
    bindings_destroy (&bindings);
    assert_null (bindings);
    bindings_destroy (&bindings);
    return 0;
}

static void test_a_connection_is_its_number (void **state)
{
    frame_t routing;
    int fd;
    uint64_t socket;
    sight_t first = plain (5, START + 1);
    assert_false (bindings_known (*state, &first));
    assert_int_equal (see (*state, first), BINDING_FIT);
    assert_true (peer == 5 && fresh && !gone);
    assert_true (bindings_known (*state, &first));
    assert_int_equal (see (*state, first), BINDING_FIT);
    assert_true (peer == 5 && !fresh && !gone);
    bindings_set_socket (*state, 5, 77);
    assert_true (bindings_route (*state, 5, &routing, &fd, &socket));
    assert_true (fd == FD && socket == 77 && routing.size == BINDING_NUMBER_SIZE);
    assert_memory_equal (routing.data, first.routing.data, routing.size);
    bindings_forget (*state, 5);
    bindings_forget (*state, 5);
    assert_false (bindings_route (*state, 5, &routing, &fd, &socket));
}

/*  Whatever libzmq says differently of a connection that has spoken: it is not the same, and the
    old peer is gone.                                                          */
static void test_nothing_changes_while_it_stands (void **state)
{
    for (int i = 0; i < 4; i++) {
        bindings_t *bindings = bindings_new (false);
        sight_t other = plain (5, START + 1);
        bindings_ready (bindings, 10);
        bindings_start (bindings, START);
        assert_int_equal (see (bindings, other), BINDING_FIT);
        other.fd += i == 0;
        other.address = i == 1 ? "127.0.0.2" : other.address;
        other.key = i == 2 ? "key" : other.key;
        other.routing = i == 3 ? numbered (START + 2) : other.routing;
        assert_int_equal (see (bindings, other), BINDING_PROBE);
        assert_true (peer == 0 && gone == 5);
        bindings_destroy (&bindings);
    }
}

/*  A thief announces the id of a connection that was lost a moment ago, which is not known yet. */
static void test_an_id_of_somebody_else (void **state)
{
    assert_int_equal (see (*state, plain (5, START + 1)), BINDING_FIT);
    assert_int_equal (see (*state, plain (6, START + 1)), BINDING_PROBE);
    assert_true (peer == 0 && gone == 5);
    assert_int_equal (see (*state, plain (7, START + 2)), BINDING_FIT);
    sight_t thief = plain (0, START + 2); /* without the ZAP handler           */
    thief.fd = -1;
    assert_int_equal (see (*state, thief), BINDING_PROBE);
    assert_true (peer == 0 && gone == 7);
}

static void test_ids_that_no_router_gives (void **state)
{
    static const char *const announced[] = {"me", "x", "\xff\xff\xff\xff\xff", "12345"};
    for (size_t i = 0; i < sizeof announced / sizeof *announced; i++) {
        sight_t sight = plain (5, 0);
        sight.routing = frame_str (announced[i]);
        sight.announced = announced[i];
        assert_int_equal (see (*state, sight), BINDING_ANNOUNCED);
        assert_int_equal (peer, 0);
    }
    /*  Refused by libzmq for a duplicate, it took the next frame for the id.   */
    sight_t sight = plain (5, START + 1);
    sight.announced = "me";
    assert_int_equal (see (*state, sight), BINDING_ANNOUNCED);
}

static void test_numbers_not_given_yet (void **state)
{
    uint32_t ahead[] = {0, 1, 2, 255, 256, 65536, UINT32_MAX - 400};
    assert_int_equal (see (*state, plain (1, START)), BINDING_PROBE);
    assert_int_equal (see (*state, plain (2, START + 1)), BINDING_FIT);
    assert_int_equal (see (*state, plain (3, START + 300)), BINDING_FIT);
    for (size_t i = 0; i < sizeof ahead / sizeof *ahead; i++)
        assert_int_equal (see (*state, plain (4 + i, START + 301 + ahead[i])), BINDING_PROBE);
    bindings_ready (*state, 1);
    assert_int_equal (see (*state, plain (99, START + 301)), BINDING_FIT);
}

static void test_numbers_over_the_wrap (void **state)
{
    bindings_t *bindings = bindings_new (false);
    bindings_start (bindings, UINT32_MAX - 1);
    bindings_ready (bindings, 3);
    assert_int_equal (see (bindings, plain (1, UINT32_MAX)), BINDING_FIT);
    assert_int_equal (see (bindings, plain (2, 0)), BINDING_FIT);
    assert_int_equal (see (bindings, plain (3, 1)), BINDING_FIT);
    assert_int_equal (see (bindings, plain (4, 2)), BINDING_PROBE);
    assert_int_equal (see (bindings, plain (5, UINT32_MAX - 1)), BINDING_PROBE);
    bindings_destroy (&bindings);
}

/*  Handshakes of those that announce ids count too: the ROUTER's numbers fall behind them, and
    whoever gets one of those is served all the same.                          */
static void test_numbers_behind_the_handshakes (void **state)
{
    bindings_t *bindings = bindings_new (false);
    bindings_start (bindings, START);
    bindings_ready (bindings, 1000);
    assert_int_equal (see (bindings, plain (1, START + 1)), BINDING_FIT);
    assert_int_equal (see (bindings, plain (2, START)), BINDING_PROBE);
    assert_int_equal (see (bindings, plain (3, START + 1001)), BINDING_PROBE);
    bindings_destroy (&bindings);
}

static void test_encrypted_the_id_is_given (void **state)
{
    bindings_t *bindings = bindings_new (true);
    bindings_start (bindings, START);
    assert_int_equal (see (bindings, secret (1, given, "alice")), BINDING_FIT);
    assert_int_equal (peer, 1);
    /*  The answer came too early: what was announced counts.                  */
    sight_t late = secret (2, "0123456789abcdef0123456789abcdeX", "eve");
    late.announced = "another";
    assert_int_equal (see (bindings, late), BINDING_ANNOUNCED);
    late.routing = numbered (START + 1);
    assert_int_equal (see (bindings, late), BINDING_PROBE);
    bindings_ready (bindings, 1);
    assert_int_equal (see (bindings, late), BINDING_FIT);
    assert_int_equal (peer, 2);
    /*  Another key under the number of a connection.                          */
    assert_int_equal (see (bindings, secret (1, given, "eve")), BINDING_PROBE);
    assert_int_equal (gone, 1);
    bindings_destroy (&bindings);
}

static void test_connections_of_a_key (void **state)
{
    char routing[BINDING_GIVEN_SIZE + 1];
    bindings_t *bindings = bindings_new (true);
    for (unsigned i = 1; i <= ZCHAT_KEY_CONNECTIONS_MAX + 1; i++) {
        snprintf (routing, sizeof routing, "%032u", i);
        assert_int_equal (see (bindings, secret (i, routing, "bob")),
                          i <= ZCHAT_KEY_CONNECTIONS_MAX ? BINDING_FIT : BINDING_CROWDED);
    }
    assert_int_equal (see (bindings, secret (99999, given, "alice")), BINDING_FIT);
    bindings_forget (bindings, 17);
    assert_int_equal (see (bindings, secret (99998, routing, "bob")), BINDING_FIT);
    bindings_destroy (&bindings);
}

/*  No descriptor is known: silent after four heartbeats, whoever it is.       */
static void test_unwatched (void **state)
{
    sight_t one = plain (0, START + 1), two = plain (9, START + 2);
    one.fd = two.fd = -1;
    assert_true (bindings_deadline_ms (*state) == UINT64_MAX);
    assert_int_equal (see_at (*state, one, 100), BINDING_FIT);
    uint64_t first = peer;
    assert_true (first > 9);
    assert_int_equal (see_at (*state, two, 200), BINDING_FIT);
    assert_int_equal (see_at (*state, one, 300), BINDING_FIT);
    assert_true (peer == first && !fresh);
    assert_int_equal (bindings_deadline_ms (*state), 200 + SILENCE_MS);
    assert_int_equal (bindings_silent (*state, 199 + SILENCE_MS), 0);
    assert_int_equal (bindings_silent (*state, 200 + SILENCE_MS), 9);
    bindings_forget (*state, 9);
    assert_int_equal (bindings_silent (*state, 300 + SILENCE_MS), first);
    bindings_forget (*state, first);
    assert_true (bindings_deadline_ms (*state) == UINT64_MAX);
    /*  It comes back after all: a new peer.                                   */
    assert_int_equal (see_at (*state, one, 90000), BINDING_FIT);
    assert_true (peer != first && fresh);
}

static void test_unwatched_are_bounded (void **state)
{
    bindings_ready (*state, ZCHAT_UNWATCHED_MAX);
    for (uint32_t i = 1; i <= ZCHAT_UNWATCHED_MAX + 1; i++) {
        sight_t sight = plain (0, START + i);
        sight.fd = -1;
        assert_int_equal (see (*state, sight),
                          i <= ZCHAT_UNWATCHED_MAX ? BINDING_FIT : BINDING_CROWDED);
    }
    assert_int_equal (see (*state, plain (1, START + ZCHAT_UNWATCHED_MAX + 2)), BINDING_FIT);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_a_connection_is_its_number, setup, teardown),
        cmocka_unit_test_setup_teardown (test_nothing_changes_while_it_stands, setup, teardown),
        cmocka_unit_test_setup_teardown (test_an_id_of_somebody_else, setup, teardown),
        cmocka_unit_test_setup_teardown (test_ids_that_no_router_gives, setup, teardown),
        cmocka_unit_test_setup_teardown (test_numbers_not_given_yet, setup, teardown),
        cmocka_unit_test (test_numbers_over_the_wrap),
        cmocka_unit_test_setup_teardown (test_numbers_behind_the_handshakes, setup, teardown),
        cmocka_unit_test (test_encrypted_the_id_is_given),
        cmocka_unit_test (test_connections_of_a_key),
        cmocka_unit_test_setup_teardown (test_unwatched, setup, teardown),
        cmocka_unit_test_setup_teardown (test_unwatched_are_bounded, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
