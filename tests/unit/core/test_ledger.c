/*  test_ledger.c - rooms and producers: what is loaded, applied and found     */
#include "ledger_stage.h"

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

static const room_t *find (const ledger_t *ledger, const char *name)
{
    name_keys_t keys = keys_of (name);
    return ledger_room (ledger, &keys);
}

static store_room_t stored (uint64_t id, const char *name)
{
    return (store_room_t){.id = id, .name = frame_str (name), .head = 7, .first = 3, .time_ms = 9};
}

/*  The next message of a room, by a producer where that is not 0.             */
static zchat_status_t say (ledger_t *ledger, uint64_t id, const char *name, uint64_t seq,
                           uint8_t producer, uint64_t n, uint64_t time_ms)
{
    store_record_t record = {.room = id,
                             .room_name = frame_str (name),
                             .makes = seq == 1,
                             .event = {.seq = seq,
                                       .time_ms = time_ms,
                                       .type = ZCHAT_TYPE_SAY,
                                       .user = frame_str ("bob"),
                                       .body = frame_str ("hi")},
                             .has_producer = producer != 0,
                             .n = n,
                             .holder = frame_str ("x")};
    memset (record.producer, producer, sizeof record.producer);
    return ledger_change (ledger, &record);
}

/*  --- loading ---------------------------------------------------------------  */

static void test_a_room_comes_back (void **state)
{
    ledger_t *ledger = *state;
    store_room_t from = stored (5, "Lobby");
    from.topic = frame_str ("rules");
    from.topic_by = frame_str ("bob");
    from.topic_time_ms = 8;
    assert_int_equal (ledger_row_room (ledger, &from), ZCHAT_OK);
    const room_t *room = find (ledger, "LOBBY");
    assert_ptr_equal (room, ledger_room_by_id (ledger, 5));
    assert_string_equal (room->name, "Lobby");
    assert_int_equal (room->head, 7);
    assert_int_equal (room->first, 3);
    assert_string_equal (room->topic, "rules");
    assert_string_equal (room->topic_by, "bob");
    assert_int_equal (ledger_next_room (ledger), 6);
    assert_int_equal (say (ledger, 5, "Lobby", 8, 0, 0, 9), ZCHAT_OK);
    assert_int_equal (room->head, 8);
    assert_int_equal (say (ledger, 6, "other", 1, 0, 0, 4), ZCHAT_OK);
    assert_int_equal (find (ledger, "other")->id, 6);
}

static void test_what_cannot_be_true_is_refused (void **state)
{
    ledger_t *ledger = *state;
    store_room_t good = stored (1, "lobby");
    assert_int_equal (ledger_row_room (ledger, &good), ZCHAT_OK);
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
        assert_int_equal (ledger_row_room (ledger, &bad[i]), ZCHAT_CORRUPT);
    assert_int_equal (ledger_n_rooms (ledger), 1);
    store_room_t empty = stored (2, "other");
    empty.first = 8;
    assert_int_equal (ledger_row_room (ledger, &empty), ZCHAT_OK);
}

static void test_producers_that_cannot_be (void **state)
{
    ledger_t *ledger = *state;
    store_producer_t producer = {.id = {1}, .n = 0};
    assert_int_equal (ledger_row_producer (ledger, &producer), ZCHAT_CORRUPT);
    producer.n = (uint64_t)INT64_MAX + 1;
    assert_int_equal (ledger_row_producer (ledger, &producer), ZCHAT_CORRUPT);
    producer.n = INT64_MAX;
    assert_int_equal (ledger_row_producer (ledger, &producer), ZCHAT_OK);
    assert_int_equal (ledger_row_producer (ledger, &producer), ZCHAT_CORRUPT);
    assert_int_equal (ledger_n_producers (ledger), 1);
}

static void test_too_many_rooms (void **state)
{
    ledger_t *ledger = *state;
    char name[16];
    for (uint64_t i = 1; i <= ZCHAT_ROOMS_MAX; i++) {
        snprintf (name, sizeof name, "r%llu", (unsigned long long)i);
        store_room_t room = stored (i, name);
        assert_int_equal (ledger_row_room (ledger, &room), ZCHAT_OK);
    }
    store_room_t more = stored (ZCHAT_ROOMS_MAX + 1, "more");
    assert_int_equal (ledger_row_room (ledger, &more), ZCHAT_LIMIT);
    assert_non_null (find (ledger, "R1"));
}

/*  --- applying --------------------------------------------------------------  */

/*  What does not follow on what the ledger holds was not decided on it.       */
static void test_records_that_do_not_follow (void **state)
{
    ledger_t *ledger = *state;
    assert_int_equal (say (ledger, 1, "a", 1, 1, 1, 100), ZCHAT_OK);
    assert_int_equal (say (ledger, 1, "a", 2, 1, 2, 100), ZCHAT_OK);
    assert_int_equal (ledger_position (ledger), 2);
    const struct {
        uint64_t id;
        const char *name;
        uint64_t seq;
        uint8_t producer;
        uint64_t n, time_ms;
    } bad[] = {
        {1, "a", 2, 0, 0, 200}, {1, "a", 4, 0, 0, 200}, {1, "a", 3, 0, 0, 99},
        {0, "b", 1, 0, 0, 200}, {2, "A", 1, 0, 0, 200}, {2, "a b", 1, 0, 0, 200},
        {2, "b", 2, 0, 0, 200},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal (say (ledger, bad[i].id, bad[i].name, bad[i].seq, bad[i].producer,
                               bad[i].n, bad[i].time_ms),
                          ZCHAT_CORRUPT);
    ledger_t *other = ledger_new ();
    assert_int_equal (say (other, 1, "a", 1, 1, 2, 100), ZCHAT_CORRUPT);
    ledger_destroy (&other);
    other = ledger_new ();
    assert_int_equal (say (other, 1, "a", 1, 1, 1, 100), ZCHAT_OK);
    assert_int_equal (say (other, 1, "a", 2, 1, 1, 100), ZCHAT_CORRUPT);
    ledger_destroy (&other);
}

static void test_look_alikes_are_one_room (void **state)
{
    ledger_t *ledger = *state;
    assert_int_equal (say (ledger, 1, "\xd1\x81\xd0\xbe\xd1\x80", 1, 0, 0, 1), ZCHAT_OK); /* сор */
    assert_non_null (find (ledger, "cop"));
    assert_ptr_equal (find (ledger, "cop"), find (ledger, "COP"));
    store_record_t drops = {.room = 1, .room_name = frame_str ("x"), .drops = true};
    assert_int_equal (ledger_change (ledger, &drops), ZCHAT_OK);
    assert_int_equal (ledger_n_rooms (ledger), 0);
    assert_null (find (ledger, "cop"));
    assert_int_equal (ledger_change (ledger, &drops), ZCHAT_CORRUPT);
}

/*  A log may hold rooms of which today only one could be made: each keeps its name.  */
static void test_rooms_of_before_are_kept (void **state)
{
    (void)state;
    for (uint64_t first = 1; first <= 2; first++) {
        ledger_t *ledger = ledger_new ();
        static const char *const names[] = {NULL, "modem", "modern"};
        store_room_t one = stored (first, names[first]);
        store_room_t other = stored (3 - first, names[3 - first]);
        store_room_t same = stored (3, "MODEM");
        assert_int_equal (ledger_row_room (ledger, &one), ZCHAT_OK);
        assert_int_equal (ledger_row_room (ledger, &other), ZCHAT_OK);
        assert_int_equal (ledger_row_room (ledger, &same), ZCHAT_CORRUPT);
        assert_int_equal (find (ledger, "Modem")->id, 1);
        assert_int_equal (find (ledger, "MODERN")->id, 2);
        assert_int_equal (ledger_n_rooms (ledger), 2);
        ledger_destroy (&ledger);
    }
}

static void test_a_full_room (void **state)
{
    ledger_t *ledger = *state;
    store_room_t from = stored (1, "lobby");
    from.head = ZCHAT_SEQ_MAX - 1;
    assert_int_equal (ledger_row_room (ledger, &from), ZCHAT_OK);
    assert_int_equal (say (ledger, 1, "lobby", ZCHAT_SEQ_MAX, 1, 1, 10), ZCHAT_OK);
    assert_int_equal (say (ledger, 1, "lobby", (uint64_t)ZCHAT_SEQ_MAX + 1, 1, 2, 10),
                      ZCHAT_CORRUPT);
}

/*  --- producers that grow old -----------------------------------------------  */

static size_t old (ledger_t *ledger, bool ended, uint64_t wall_ms)
{
    size_t count = 0;
    const producer_t *producer = NULL;
    while ((producer = ledger_producer_old (ledger, ended, producer, wall_ms)))
        count++;
    return count;
}

static zchat_status_t forget (ledger_t *ledger, uint8_t producer)
{
    store_record_t record = {.forgets = true};
    memset (record.forgotten, producer, sizeof record.forgotten);
    return ledger_change (ledger, &record);
}

static void test_the_silent_are_old (void **state)
{
    ledger_t *ledger = *state;
    for (uint8_t i = 1; i <= 3; i++)
        assert_int_equal (say (ledger, 1, "lobby", i, i, 1, UINT64_C (100) * i), ZCHAT_OK);
    assert_int_equal (say (ledger, 1, "lobby", 4, 1, 2, 400), ZCHAT_OK);
    assert_int_equal (old (ledger, false, ZCHAT_PRODUCER_AGE_MS + 200), 0);
    assert_int_equal (old (ledger, false, ZCHAT_PRODUCER_AGE_MS + 301), 2);
    assert_int_equal (forget (ledger, 2), ZCHAT_OK);
    assert_int_equal (forget (ledger, 2), ZCHAT_CORRUPT);
    assert_int_equal (ledger_n_producers (ledger), 2);
    /*  Who is known no more begins anew.                                      */
    assert_int_equal (say (ledger, 1, "lobby", 5, 2, 1, 500), ZCHAT_OK);
}

static void test_who_has_ended_is_old_soon (void **state)
{
    ledger_t *ledger = *state;
    assert_int_equal (say (ledger, 1, "lobby", 1, 1, 1, 100), ZCHAT_OK);
    store_record_t ends = {.has_producer = true,
                           .ends = true,
                           .n = 1,
                           .holder = frame_str (STORE_ENDED),
                           .event = {.time_ms = 200}};
    memset (ends.producer, 1, sizeof ends.producer);
    assert_int_equal (ledger_change (ledger, &ends), ZCHAT_OK);
    assert_int_equal (old (ledger, true, ZCHAT_PRODUCER_ENDED_MS + 200), 0);
    assert_int_equal (old (ledger, true, ZCHAT_PRODUCER_ENDED_MS + 201), 1);
    /*  Who goes on has not ended.                                             */
    assert_int_equal (say (ledger, 1, "lobby", 2, 1, 2, 300), ZCHAT_OK);
    assert_int_equal (old (ledger, true, UINT64_MAX / 2), 0);
    assert_int_equal (old (ledger, false, UINT64_MAX / 2), 1);
}

/*  A log gives its producers in any order: the newest first must not hide the rest. */
static void test_loaded_producers_age_too (void **state)
{
    ledger_t *ledger = *state;
    for (uint8_t i = 0; i < 10; i++) {
        store_producer_t producer = {.id = {i}, .n = 1, .time_ms = UINT64_C (100) * (10u - i)};
        assert_int_equal (ledger_row_producer (ledger, &producer), ZCHAT_OK);
    }
    assert_int_equal (old (ledger, false, ZCHAT_PRODUCER_AGE_MS + 501), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_a_room_comes_back),          TEST (test_what_cannot_be_true_is_refused),
        TEST (test_producers_that_cannot_be),   TEST (test_too_many_rooms),
        TEST (test_records_that_do_not_follow), TEST (test_look_alikes_are_one_room),
        TEST (test_rooms_of_before_are_kept),   TEST (test_a_full_room),
        TEST (test_the_silent_are_old),         TEST (test_who_has_ended_is_old_soon),
        TEST (test_loaded_producers_age_too),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
