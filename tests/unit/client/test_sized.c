/*  test_sized.c - structs of programs that were compiled with another header   */
#include "sized.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zchat/client.h>
#include <zchat/seal.h>
// cmocka wants the four above first
#include <cmocka.h>

/*  The options of tomorrow.                                                   */
typedef struct {
    zchat_options_t today;
    uint64_t tomorrow;
} options_newer_t;

static void shorter_and_longer (void **state)
{
    uint8_t ours[8], given[12] = {1, 2, 3, 4, 5, 6, 7, 8};
    assert_false (sized_read (ours, 8, 4, given, 3));
    assert_true (sized_read (ours, 8, 4, given, 4));
    assert_memory_equal (ours, ((uint8_t[]){1, 2, 3, 4, 0, 0, 0, 0}), 8);
    assert_true (sized_read (ours, 8, 4, given, 12));
    assert_memory_equal (ours, given, 8);
    given[11] = 1;
    assert_false (sized_read (ours, 8, 4, given, 12));
    assert_true (sized_read (ours, 8, 4, given, 11));

    uint8_t wanted[12];
    memset (wanted, 9, sizeof wanted);
    sized_write (wanted, 4, ours, 8);
    assert_memory_equal (wanted, ((uint8_t[]){1, 2, 3, 4, 9, 9, 9, 9, 9, 9, 9, 9}), 12);
    sized_write (wanted, 10, ours, 8);
    assert_memory_equal (wanted, ((uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 9, 9}), 12);
}

/*  A program that was compiled with fields that this library does not know.    */
static void options_of_tomorrow (void **state)
{
    options_newer_t newer = {.today = {.endpoint = "ipc:///nowhere/door"}};
    zchat_client_t *client = NULL;
    const char *why = NULL;
    assert_int_equal (zchat_client_new_sized (&newer.today, sizeof newer, &client, &why), ZCHAT_OK);
    zchat_client_destroy (&client);
    newer.tomorrow = 1;
    assert_int_equal (zchat_client_new_sized (&newer.today, sizeof newer, &client, &why),
                      ZCHAT_INVALID);
    assert_non_null (strstr (why, "newer"));
    assert_null (client);
    assert_int_equal (zchat_client_new_sized (&newer.today, 0, &client, NULL), ZCHAT_INVALID);
    assert_int_equal (zchat_client_new_sized (&newer.today, 8, &client, NULL), ZCHAT_INVALID);
}

/*  A program that knows fewer fields of an event: what lies behind them is its own. */
static void events_of_yesterday (void **state)
{
    enum { KNOWN = offsetof (zchat_event_t, seq) };
    zchat_options_t options = {.endpoint = "ipc:///nowhere/door", .retry_max = 1};
    zchat_client_t *client = NULL;
    zchat_event_t event;
    assert_int_equal (zchat_client_new (&options, &client, NULL), ZCHAT_OK);
    memset (&event, 0xa5, sizeof event);
    while (zchat_client_wait_sized (client, 20000, &event, KNOWN) == ZCHAT_EMPTY)
        continue;
    assert_true (event.kind == ZCHAT_EVENT_DISCONNECTED || event.kind == ZCHAT_EVENT_REFUSED);
    for (size_t i = KNOWN; i < sizeof event; i++)
        assert_int_equal (((uint8_t *)&event)[i], 0xa5);
    zchat_client_destroy (&client);
}

static void seals_of_tomorrow (void **state)
{
    struct {
        zchat_sealed_t today;
        uint64_t tomorrow;
    } newer = {.today = {.from = "a", .to = "b", .body = "x", .body_size = 1}};
    static const uint8_t secret[ZCHAT_KEY_SIZE] = {1}, keys[1][ZCHAT_KEY_SIZE] = {{9}};
    char *body = NULL;
    assert_int_equal (zchat_seal_sized (&newer.today, sizeof newer, secret, keys, 1, &body),
                      ZCHAT_OK);
    free (body);
    newer.tomorrow = 1;
    assert_int_equal (zchat_seal_sized (&newer.today, sizeof newer, secret, keys, 1, &body),
                      ZCHAT_INVALID);
    assert_int_equal (zchat_seal_sized (&newer.today, 4, secret, keys, 1, &body), ZCHAT_INVALID);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (shorter_and_longer),
        cmocka_unit_test (options_of_tomorrow),
        cmocka_unit_test (events_of_yesterday),
        cmocka_unit_test (seals_of_tomorrow),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
