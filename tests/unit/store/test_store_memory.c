/*  test_store_memory.c - what only the store in memory can do                 */
#include "fixture.h"

static void test_fails_as_told (void **state)
{
    store_t *store = store_memory_new (fixture_log_id);
    fixture_fill (store, 1, 1, 3);
    store_memory_fail (store, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal (fixture_try (store, 1, 4), ZCHAT_STORAGE);
        assert_true (strlen (store_error (store)) > 0);
    }
    fixture_holds (store, 1, 1, 3);
    store_memory_fail (store, false);
    fixture_fill (store, 1, 4, 6);
    fixture_holds (store, 1, 1, 6);
    store_destroy (&store);
}

/*  The room's list of events is reused as its front goes: it must stay right.  */
static void test_long_life (void **state)
{
    store_t *store = store_memory_new (fixture_log_id);
    store_retain_t retain = {.age_ms = 10000};
    for (uint64_t seq = 1; seq < 3000; seq += 7) {
        store_trimmed_t trimmed;
        fixture_fill (store, 1, seq, seq + 6);
        assert_int_equal (store_trim (store, &retain, 1000 * (seq + 6), &trimmed), ZCHAT_OK);
        assert_false (trimmed.more);
        fixture_holds (store, 1, seq + 6 > 10 ? seq + 6 - 10 : 1, seq + 6);
    }
    store_destroy (&store);
}

/*  Rooms are found whatever the order they come in.                           */
static void test_rooms_out_of_order (void **state)
{
    store_t *store = store_memory_new (fixture_log_id);
    for (uint64_t i = 0; i < 101; i++)
        fixture_fill (store, 1 + i * 37 % 101, 1, 2);
    for (uint64_t room = 1; room <= 101; room++)
        fixture_holds (store, room, 1, 2);
    store_destroy (&store);
}

/*  What was taken away does not count any more: to the byte.                  */
static void test_bytes_after_removal (void **state)
{
    store_t *store = store_memory_new (fixture_log_id);
    store_record_t records[] = {fixture_record (1, 1, "to be taken away"),
                                fixture_record (1, 2, "stays"), fixture_fact (1, "k", "v")};
    records[0].event.data = frame_str ("{}");
    assert_int_equal (store_append (store, records, 3), ZCHAT_OK);
    records[2].removes = 1;
    for (int i = 0; i < 2; i++) /* the second time it saves nothing            */
        assert_int_equal (store_append (store, &records[2], 1), ZCHAT_OK);
    records[0].event.body = records[0].event.data = frame_str ("");
    uint64_t bytes = event_record_size (&records[0].event) + event_record_size (&records[1].event);
    store_trimmed_t trimmed;
    for (size_t i = 0; i < 2; i++) {
        store_retain_t retain = {.bytes = bytes - i};
        assert_int_equal (store_trim (store, &retain, 1, &trimmed), ZCHAT_OK);
        assert_int_equal (trimmed.count, i);
    }
    fixture_facts_are (store, "1 k=v");
    store_memory_fail (store, true);
    records[2].fact_value = frame_str ("new");
    assert_int_equal (store_append (store, &records[2], 1), ZCHAT_STORAGE);
    fixture_facts_are (store, "1 k=v");
    store_destroy (&store);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_fails_as_told),
        cmocka_unit_test (test_long_life),
        cmocka_unit_test (test_rooms_out_of_order),
        cmocka_unit_test (test_bytes_after_removal),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
