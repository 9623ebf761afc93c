/*  test_ledger.c - what is loaded, put in order, taken back and forgotten     */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/ledger.h"

static int setup (void **state)
{
    *state = ledger_new ();
    return 0;
}

static int teardown (void **state)
{
    ledger_t *ledger = *state;
    ledger_destroy (&ledger);
    assert_null (ledger);
    ledger_destroy (&ledger);
    return 0;
}

static name_keys_t keys_of (const char *name)
{
    name_keys_t keys;
    assert_int_equal (name_check (frame_str (name), &keys, NULL), ZCHAT_OK);
    return keys;
}

static room_t *make (ledger_t *ledger, const char *name)
{
    name_keys_t keys = keys_of (name);
    return ledger_room_make (ledger, frame_str (name), &keys, "x");
}

static store_room_t stored (uint64_t id, const char *name)
{
    return (store_room_t){.id = id, .name = frame_str (name), .head = 7, .first = 3, .time_ms = 9};
}

static zchat_status_t apply (ledger_t *ledger, ledger_entry_t *entry, room_t *room,
                             uint8_t producer, uint64_t n, uint64_t now)
{
    uint64_t expected = 0;
    *entry = (ledger_entry_t){.room = room, .has_producer = producer != 0, .n = n};
    memset (entry->producer, producer, sizeof entry->producer);
    zchat_status_t status = ledger_apply (ledger, entry, now, &expected);
    assert_int_equal (status == ZCHAT_GAP, expected != 0);
    return status;
}

/*  --- loading ---------------------------------------------------------------  */

static void test_a_room_comes_back (void **state)
{
    ledger_t *ledger = *state;
    store_room_t from = stored (5, "Lobby");
    from.topic = frame_str ("rules");
    from.topic_by = frame_str ("bob");
    from.topic_time_ms = 8;
    assert_int_equal (ledger_load_room (ledger, &from), ZCHAT_OK);
    room_t *room = make (ledger, "LOBBY");
    assert_ptr_equal (room, ledger_room_by_id (ledger, 5));
    assert_string_equal (room->name, "Lobby");
    assert_int_equal (room->head, 7);
    assert_int_equal (room->next, 7);
    assert_int_equal (room->first, 3);
    assert_string_equal (room->topic, "rules");
    assert_string_equal (room->topic_by, "bob");
    ledger_entry_t entry;
    assert_int_equal (apply (ledger, &entry, room, 0, 0, 4), ZCHAT_OK);
    assert_int_equal (entry.seq, 8);
    assert_int_equal (entry.time_ms, 9);
    /*  a new room takes the next number                                       */
    room_t *other = make (ledger, "other");
    assert_int_equal (apply (ledger, &entry, other, 0, 0, 4), ZCHAT_OK);
    assert_int_equal (other->id, 6);
    assert_int_equal (entry.time_ms, 4);
}

static void test_what_cannot_be_true_is_refused (void **state)
{
    ledger_t *ledger = *state;
    store_room_t good = stored (1, "lobby");
    assert_int_equal (ledger_load_room (ledger, &good), ZCHAT_OK);
    char topic[ZCHAT_TOPIC_MAX + 1];
    memset (topic, 't', sizeof topic);
    store_room_t bad[] = {
        stored (1, "other"), stored (0, "other"), stored (2, "LOBBY"), stored (2, "a b"),
        stored (2, ""),      stored (2, "other"), stored (2, "other"), stored (2, "other"),
        stored (2, "other"), stored (2, "other"), stored (2, "other"), stored (2, "other"),
        stored (2, "other"), stored (2, "other"),
    };
    bad[5].head = (uint64_t)ZCHAT_SEQ_MAX + 1;
    bad[6].first = 0;
    bad[7].first = 9;
    bad[8].topic = frame_str ("\xff");
    bad[9].topic = frame_of ("a\0b", 3);
    bad[10].topic = frame_of (topic, sizeof topic);
    bad[11].topic_by = frame_str ("a b");
    bad[12].time_ms = UINT64_MAX;
    bad[13].topic_time_ms = UINT64_MAX;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal (ledger_load_room (ledger, &bad[i]), ZCHAT_CORRUPT);
    assert_int_equal (ledger_n_rooms (ledger), 1);
    store_room_t empty = stored (2, "other");
    empty.first = 8;
    assert_int_equal (ledger_load_room (ledger, &empty), ZCHAT_OK);
}

static void test_producers_that_cannot_be (void **state)
{
    ledger_t *ledger = *state;
    store_producer_t producer = {.id = {1}, .n = 0};
    assert_int_equal (ledger_load_producer (ledger, &producer), ZCHAT_CORRUPT);
    producer.n = (uint64_t)INT64_MAX + 1;
    assert_int_equal (ledger_load_producer (ledger, &producer), ZCHAT_CORRUPT);
    producer.n = INT64_MAX;
    assert_int_equal (ledger_load_producer (ledger, &producer), ZCHAT_OK);
    assert_int_equal (ledger_load_producer (ledger, &producer), ZCHAT_CORRUPT);
    assert_int_equal (ledger_n_producers (ledger), 1);
}

static void test_too_many_rooms (void **state)
{
    ledger_t *ledger = *state;
    char name[16];
    for (uint64_t i = 1; i <= ZCHAT_ROOMS_MAX; i++) {
        snprintf (name, sizeof name, "r%llu", (unsigned long long)i);
        store_room_t room = stored (i, name);
        assert_int_equal (ledger_load_room (ledger, &room), ZCHAT_OK);
    }
    store_room_t more = stored (ZCHAT_ROOMS_MAX + 1, "more");
    assert_int_equal (ledger_load_room (ledger, &more), ZCHAT_LIMIT);
    assert_null (make (ledger, "more"));
    assert_non_null (make (ledger, "R1"));
}

/*  --- order -----------------------------------------------------------------  */

static void test_look_alikes_are_one_room (void **state)
{
    ledger_t *ledger = *state;
    room_t *room = make (ledger, "\xd1\x81\xd0\xbe\xd1\x80"); /* сор */
    assert_ptr_equal (make (ledger, "cop"), room);
    assert_ptr_equal (make (ledger, "COP"), room);
    ledger_room_release (ledger, room);
    assert_int_equal (ledger_n_rooms (ledger), 0);
    name_keys_t keys = keys_of ("cop");
    assert_null (ledger_room (ledger, &keys));
}

/*  A log may hold rooms of which today only one could be made: each keeps its name.  */
static void test_rooms_of_before_are_kept (void **state)
{
    for (uint64_t first = 1; first <= 2; first++) {
        ledger_t *ledger = ledger_new ();
        static const char *const names[] = {NULL, "modem", "modern"};
        store_room_t one = stored (first, names[first]);
        store_room_t other = stored (3 - first, names[3 - first]);
        store_room_t same = stored (3, "MODEM");
        assert_int_equal (ledger_load_room (ledger, &one), ZCHAT_OK);
        assert_int_equal (ledger_load_room (ledger, &other), ZCHAT_OK);
        assert_int_equal (ledger_load_room (ledger, &same), ZCHAT_CORRUPT);
        assert_int_equal (make (ledger, "Modem")->id, 1);
        assert_int_equal (make (ledger, "MODERN")->id, 2);
        assert_int_equal (ledger_n_rooms (ledger), 2);
        ledger_destroy (&ledger);
    }
}

static void test_undo_in_reverse_leaves_nothing (void **state)
{
    ledger_t *ledger = *state;
    ledger_entry_t entries[6];
    room_t *a = make (ledger, "a"), *b = make (ledger, "b"), *c = make (ledger, "c");
    assert_int_equal (apply (ledger, &entries[0], a, 1, 1, 100), ZCHAT_OK);
    a->head = 1;
    assert_int_equal (apply (ledger, &entries[0], a, 1, 2, 900), ZCHAT_OK);
    assert_int_equal (apply (ledger, &entries[1], b, 2, 1, 200), ZCHAT_OK);
    assert_int_equal (apply (ledger, &entries[2], c, 1, 3, 300), ZCHAT_OK);
    assert_int_equal (apply (ledger, &entries[3], a, 2, 2, 400), ZCHAT_OK);
    assert_int_equal (apply (ledger, &entries[4], b, 0, 0, 500), ZCHAT_OK);
    assert_int_equal (apply (ledger, &entries[5], b, 2, 4, 500), ZCHAT_GAP);
    assert_int_equal (apply (ledger, &entries[5], b, 2, 2, 500), ZCHAT_EMPTY);
    assert_int_equal (c->id, 3);
    for (int i = 4; i >= 0; i--)
        ledger_undo (ledger, &entries[i]);
    assert_int_equal (a->next, 1);
    assert_int_equal (a->time_ms, 100);
    assert_int_equal (a->id, 1);
    assert_int_equal (b->next, 0);
    assert_int_equal (b->id, 0);
    assert_int_equal (c->id, 0);
    assert_null (ledger_room_by_id (ledger, 2));
    assert_int_equal (ledger_n_producers (ledger), 1);
    assert_true (ledger_seen (ledger, entries[0].producer, 1));
    assert_false (ledger_seen (ledger, entries[0].producer, 2));
    assert_false (ledger_seen (ledger, entries[1].producer, 1));
    assert_int_equal (apply (ledger, &entries[0], c, 1, 2, 600), ZCHAT_OK);
    assert_int_equal (c->id, 2);
}

static void test_a_full_room (void **state)
{
    ledger_t *ledger = *state;
    store_room_t from = stored (1, "lobby");
    from.head = ZCHAT_SEQ_MAX - 1;
    assert_int_equal (ledger_load_room (ledger, &from), ZCHAT_OK);
    room_t *room = make (ledger, "lobby");
    ledger_entry_t entry;
    assert_int_equal (apply (ledger, &entry, room, 1, 1, 10), ZCHAT_OK);
    assert_int_equal (entry.seq, ZCHAT_SEQ_MAX);
    assert_int_equal (apply (ledger, &entry, room, 2, 1, 10), ZCHAT_LIMIT);
    assert_int_equal (ledger_n_producers (ledger), 1);
}

/*  --- forgetting ------------------------------------------------------------  */

static void test_the_silent_are_forgotten (void **state)
{
    ledger_t *ledger = *state;
    size_t silent = 0;
    room_t *room = make (ledger, "lobby");
    ledger_entry_t entry;
    for (uint8_t i = 1; i <= 3; i++)
        assert_int_equal (apply (ledger, &entry, room, i, 1, UINT64_C (100) * i), ZCHAT_OK);
    assert_int_equal (apply (ledger, &entry, room, 1, 2, 400), ZCHAT_OK);
    (void)ledger_forget (ledger, ZCHAT_PRODUCER_AGE_MS + 200, &silent);
    assert_int_equal (ledger_n_producers (ledger), 3);
    (void)ledger_forget (ledger, ZCHAT_PRODUCER_AGE_MS + 301, &silent);
    assert_int_equal (ledger_n_producers (ledger), 1);
    assert_int_equal (silent, 2);
    assert_int_equal (apply (ledger, &entry, room, 2, 1, 500), ZCHAT_OK);
    assert_int_equal (apply (ledger, &entry, room, 3, 2, 500), ZCHAT_GAP);
}

/*  A log gives its producers in any order: the newest first must not hide the rest. */
static void test_loaded_producers_age_too (void **state)
{
    ledger_t *ledger = *state;
    size_t silent = 0;
    for (uint8_t i = 0; i < 10; i++) {
        store_producer_t producer = {.id = {i}, .n = 1, .time_ms = UINT64_C (100) * (10u - i)};
        assert_int_equal (ledger_load_producer (ledger, &producer), ZCHAT_OK);
    }
    (void)ledger_forget (ledger, ZCHAT_PRODUCER_AGE_MS + 501, &silent);
    assert_int_equal (ledger_n_producers (ledger), 5);
}

static void test_forgetting_is_bounded (void **state)
{
    ledger_t *ledger = *state;
    size_t silent = 0;
    for (uint32_t i = 0; i < 2500; i++) {
        store_producer_t producer = {.n = 1, .time_ms = 1};
        memcpy (producer.id, &i, sizeof i);
        assert_int_equal (ledger_load_producer (ledger, &producer), ZCHAT_OK);
    }
    assert_true (ledger_forget (ledger, ZCHAT_PRODUCER_AGE_MS + 1000, &silent));
    assert_int_equal (ledger_n_producers (ledger), 1500);
    assert_true (ledger_forget (ledger, ZCHAT_PRODUCER_AGE_MS + 1000, &silent));
    assert_false (ledger_forget (ledger, ZCHAT_PRODUCER_AGE_MS + 1000, &silent));
    assert_int_equal (ledger_n_producers (ledger), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_a_room_comes_back),
        TEST (test_what_cannot_be_true_is_refused),
        TEST (test_producers_that_cannot_be),
        TEST (test_too_many_rooms),
        TEST (test_look_alikes_are_one_room),
        TEST (test_rooms_of_before_are_kept),
        TEST (test_undo_in_reverse_leaves_nothing),
        TEST (test_a_full_room),
        TEST (test_the_silent_are_forgotten),
        TEST (test_loaded_producers_age_too),
        TEST (test_forgetting_is_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
