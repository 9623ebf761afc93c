/*  test_memory.c - what only the store in memory can do                       */
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

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_fails_as_told),
        cmocka_unit_test (test_long_life),
        cmocka_unit_test (test_rooms_out_of_order),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
