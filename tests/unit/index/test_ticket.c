/*  test_ticket.c - where an answer goes on                                     */
#include "log.h"
#include <sodium.h>

static const uint8_t key[TICKET_KEY_SIZE] = "the key of tests";

static void test_what_is_written_is_read (void **state)
{
    char ticket[INDEX_TICKET_SIZE + 1];
    uint64_t doc;
    unsigned window;
    for (uint64_t number = 1; number < UINT64_C (1) << 56; number = 3 * number + 1)
        for (unsigned w = 0; w <= SHARD_BITS; w += 4) {
            ticket_write (key, number, w, ticket);
            assert_int_equal (strlen (ticket), INDEX_TICKET_SIZE);
            assert_true (ticket_read (key, ticket, &doc, &window));
            assert_int_equal (doc, number);
            assert_int_equal (window, w);
        }
}

static void test_another_is_refused (void **state)
{
    char ticket[INDEX_TICKET_SIZE + 1];
    uint8_t other[TICKET_KEY_SIZE] = "another key";
    uint64_t doc;
    unsigned window;
    ticket_write (key, 77, SHARD_BITS, ticket);
    assert_false (ticket_read (other, ticket, &doc, &window));
    for (size_t i = 0; i < INDEX_TICKET_SIZE; i++) {
        char before = ticket[i];
        ticket[i] = before == '7' ? '8' : '7';
        assert_false (ticket_read (key, ticket, &doc, &window));
        ticket[i] = before;
    }
    assert_false (ticket_read (key, "", &doc, &window));
    assert_false (ticket_read (key, "0123456789ABCDEF0123456789ABCDEF", &doc, &window));
    assert_false (ticket_read (key, "00000000000000000000000000000000", &doc, &window));
}

/*  Numbers that follow on each other have nothing in common.                  */
static void test_it_counts_nothing (void **state)
{
    char one[INDEX_TICKET_SIZE + 1], next[INDEX_TICKET_SIZE + 1];
    for (uint64_t number = 1; number < 200; number++) {
        size_t same = 0;
        ticket_write (key, number, SHARD_BITS, one);
        ticket_write (key, number + 1, SHARD_BITS, next);
        for (size_t i = 0; i < INDEX_TICKET_SIZE; i++)
            same += one[i] == next[i];
        assert_true (same < 14);
    }
}

int main (void)
{
    if (sodium_init () < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_what_is_written_is_read),
        cmocka_unit_test (test_another_is_refused),
        cmocka_unit_test (test_it_counts_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
