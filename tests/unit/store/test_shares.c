/*  test_shares.c - whose events go where the log is too large: who floods pays for itself */
/*  cmocka wants these before it                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shares.h"

enum { ROOM = 0, MAIL = 1 };

static uint64_t next_of (const shares_t *shares, uint64_t excess, uint64_t *spare)
{
    *spare = 0;
    return shares_next (shares, excess, spare);
}

static void test_nobody (void **state)
{
    shares_t shares = {0};
    uint64_t spare;
    (void)state;
    assert_int_equal (next_of (&shares, 100, &spare), 0);
    shares_take (&shares, 7, 1, 1);
    shares_add (&shares, 7, ROOM, 10, 5);
    shares_take (&shares, 7, 11, 1);
    assert_int_equal (next_of (&shares, 100, &spare), 0);
    shares_clear (&shares);
}

static void test_the_biggest_gives_down_to_the_share (void **state)
{
    shares_t shares = {0};
    uint64_t spare;
    (void)state;
    shares_add (&shares, 3, ROOM, 500, 1);
    shares_add (&shares, 1, ROOM, 100, 2);
    shares_add (&shares, 2, ROOM, 300, 3);
    assert_int_equal (next_of (&shares, 300, &spare), 3); /* 600 stay, 200 each    */
    assert_int_equal (spare, 300);
    assert_int_equal (next_of (&shares, 1, &spare), 3);
    assert_int_equal (spare, 201);
    shares_take (&shares, 3, 250, 9);
    assert_int_equal (next_of (&shares, 50, &spare), 2);
    shares_clear (&shares);
}

static void test_of_equals_the_oldest_gives (void **state)
{
    shares_t shares = {0};
    uint64_t spare;
    (void)state;
    for (uint64_t room = 1; room <= 5; room++)
        shares_add (&shares, room, ROOM, 100, room == 4 ? 1 : 10 - room);
    assert_int_equal (next_of (&shares, 100, &spare), 4);
    shares_take (&shares, 4, 100, 0);
    assert_int_equal (next_of (&shares, 100, &spare), 5);
    shares_clear (&shares);
}

/*  Mailboxes have a quarter that no room can take, and the other way round.   */
static void test_mailboxes_apart (void **state)
{
    shares_t shares = {0};
    uint64_t spare;
    (void)state;
    shares_add (&shares, 1, ROOM, 400, 1);
    shares_add (&shares, 2, MAIL, 130, 1);
    assert_int_equal (next_of (&shares, 10, &spare), 1);
    shares_add (&shares, 2, MAIL, 10, 1);
    assert_int_equal (next_of (&shares, 10, &spare), 2);
    shares_add (&shares, 2, MAIL, 100000, 1);
    assert_int_equal (next_of (&shares, 100000, &spare), 2);
    assert_true (spare <= 100010); /* 540 stay, 400 of them the room's            */
    shares_clear (&shares);
    shares_add (&shares, 2, MAIL, 1, 1); /* alone it may have it all              */
    assert_int_equal (next_of (&shares, 1, &spare), 2);
    shares_clear (&shares);
}

/*  --- the property ----------------------------------------------------------  */

static uint64_t seed = 1;

static uint64_t dice (uint64_t sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % sides;
}

enum { ROOMS = 40, BUDGET = 100000, EVENT_MAX = 1000 };

typedef struct {
    shares_t shares;
    uint64_t bytes[ROOMS], lost[ROOMS];
    uint64_t total;
} world_t;

static void say (world_t *world, uint64_t room, uint64_t bytes)
{
    shares_add (&world->shares, room + 1, room % 5 == 4, bytes, 1);
    world->bytes[room] += bytes;
    world->total += bytes;
}

/*  The least that a room is left with, whatever others do: its part by the number of rooms. */
static uint64_t assured (uint64_t room)
{
    return room % 5 == 4 ? BUDGET / 4 / (ROOMS / 5) : BUDGET * 3 / 4 / (ROOMS - ROOMS / 5);
}

/*  As the stores do it: events of some size go, until spare is reached.       */
static void trim (world_t *world)
{
    for (unsigned steps = 0; world->total > BUDGET; steps++) {
        uint64_t spare, freed = 0;
        uint64_t room = next_of (&world->shares, world->total - BUDGET, &spare) - 1;
        assert_in_range (room, 0, ROOMS - 1);
        assert_true (spare >= 1 && steps < 10000);
        assert_true (world->bytes[room] > assured (room));
        while (freed < spare && world->bytes[room]) {
            uint64_t event = 1 + dice (EVENT_MAX);
            event = event < world->bytes[room] ? event : world->bytes[room];
            freed += event;
            world->bytes[room] -= event;
        }
        assert_true (world->bytes[room] + EVENT_MAX >= assured (room));
        shares_take (&world->shares, room + 1, freed, 1);
        world->lost[room] += freed;
        world->total -= freed;
    }
}

static void test_a_flood_takes_nothing_from_who_is_below_the_share (void **state)
{
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        world_t world = {0};
        uint64_t floods = 1 + dice (4);
        uint64_t said[ROOMS] = {0};
        for (unsigned turn = 0; turn < 400; turn++) {
            uint64_t room = dice (ROOMS), bytes = 1 + dice (EVENT_MAX);
            if (room < floods) {
                for (uint64_t i = dice (30); i; i--)
                    say (&world, room, EVENT_MAX);
            } else if (said[room] + bytes <= assured (room)) {
                said[room] += bytes;
                say (&world, room, bytes);
            }
            trim (&world);
        }
        for (uint64_t room = floods; room < ROOMS; room++)
            assert_int_equal (world.lost[room], 0);
        shares_clear (&world.shares);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_nobody),
        cmocka_unit_test (test_the_biggest_gives_down_to_the_share),
        cmocka_unit_test (test_of_equals_the_oldest_gives),
        cmocka_unit_test (test_mailboxes_apart),
        cmocka_unit_test (test_a_flood_takes_nothing_from_who_is_below_the_share),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
