/*  test_unsent.c - the file of what is unsent: whose it is, and when it is written */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unsent.h"
#include <stdlib.h>
#include <string.h>

#define NOW    1800000000000u
#define OUTBOX "{\"format\":1,\"n\":3}"
#define DAY    86400000u

static const unsent_owner_t bob = {"tcp://127.0.0.1:1", "Bob", ""};

static char *text_of (const char *outbox)
{
    json_t *waiting = json_pack ("[{s:s, s:s}]", "to", "alice", "body", "a \"secret\"");
    char *text = unsent_write (&bob, NOW, outbox, waiting);
    json_decref (waiting);
    return text;
}

static unsent_whose_t read_as (const char *text, unsent_owner_t owner, uint64_t now_ms,
                               size_t *n_waiting, bool *has_outbox)
{
    char *outbox;
    json_t *waiting;
    unsent_whose_t whose = unsent_read (frame_str (text), &owner, now_ms, &outbox, &waiting);
    assert_true ((waiting != NULL) == (whose == UNSENT_OURS));
    *n_waiting = json_array_size (waiting);
    *has_outbox = outbox && strcmp (outbox, OUTBOX) == 0;
    json_decref (waiting);
    free (outbox);
    return whose;
}

static void it_comes_back (void **state)
{
    char *text = text_of (OUTBOX);
    size_t n;
    bool has;
    assert_int_equal (read_as (text, bob, NOW, &n, &has), UNSENT_OURS);
    assert_true (n == 1 && has);
    /*  A clock that was set back makes it no older.                           */
    assert_int_equal (read_as (text, bob, 5, &n, &has), UNSENT_OURS);
    free (text);
    text = text_of (NULL);
    assert_int_equal (read_as (text, bob, NOW, &n, &has), UNSENT_OURS);
    assert_true (n == 1 && !has);
    free (text);
}

static void it_is_of_one_owner (void **state)
{
    static const unsent_owner_t others[] = {{"tcp://127.0.0.1:2", "Bob", ""},
                                            {"tcp://127.0.0.1:1", "eve", ""},
                                            {"tcp://127.0.0.1:1", "Bob", "key"}};
    static const unsent_owner_t same = {"tcp://127.0.0.1:1", "BOB", ""};
    char *text = text_of (OUTBOX), *stem = unsent_stem (&bob), *its = unsent_stem (&same);
    size_t n;
    bool has;
    assert_string_equal (stem, its);
    assert_int_equal (read_as (text, same, NOW, &n, &has), UNSENT_OURS);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        free (its);
        its = unsent_stem (&others[i]);
        assert_string_not_equal (stem, its);
        assert_int_equal (read_as (text, others[i], NOW, &n, &has), UNSENT_OTHERS);
    }
    free (text);
    free (stem);
    free (its);
}

/*  The broker forgets a producer after 30 days: then it could be stored twice. What was never
    sent does not age.                                                         */
static void it_ages (void **state)
{
    char *text = text_of (OUTBOX);
    size_t n;
    bool has;
    assert_int_equal (read_as (text, bob, NOW + 29 * (uint64_t)DAY, &n, &has), UNSENT_OURS);
    assert_int_equal (read_as (text, bob, NOW + 29 * (uint64_t)DAY + 1, &n, &has), UNSENT_OLD);
    free (text);
    text = text_of (NULL);
    assert_int_equal (read_as (text, bob, NOW + 99 * (uint64_t)DAY, &n, &has), UNSENT_OURS);
    free (text);
}

static void nonsense_is_not_taken (void **state)
{
    static const char *const bad[] = {
        "",
        "x",
        "[]",
        "{\"format\":2,\"endpoint\":\"tcp://"
        "127.0.0.1:1\",\"user\":\"Bob\",\"key\":\"\",\"waiting\":[]}",
        "{\"format\":1,\"endpoint\":\"tcp://127.0.0.1:1\",\"user\":\"Bob\",\"key\":\"\"}",
        "{\"format\":1,\"endpoint\":\"tcp://"
        "127.0.0.1:1\",\"user\":\"Bob\",\"key\":\"\",\"waiting\":[],"
        "\"outbox\":7}",
        "{\"format\":1,\"endpoint\":\"tcp://"
        "127.0.0.1:1\",\"user\":\"Bob\",\"key\":\"\",\"waiting\":[7]}",
        "{\"format\":1,\"endpoint\":\"tcp://"
        "127.0.0.1:1\",\"user\":\"Bob\",\"key\":\"\",\"waiting\":["
        "{\"to\":\"a b\",\"body\":\"x\"}]}",
    };
    size_t n;
    bool has;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal (read_as (bad[i], bob, NOW, &n, &has), UNSENT_BAD);
}

static void it_is_written_when_it_may_be_needed (void **state)
{
    assert_true (unsent_due (false, false, 0)); /* nobody is there to have it  */
    assert_false (unsent_due (false, true, 0)); /* an OK is on its way         */
    assert_true (unsent_due (false, true, UNSENT_DELAY_MS));
    assert_true (unsent_due (true, true, 0)); /* it says what is no longer so  */
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (it_comes_back),
        cmocka_unit_test (it_is_of_one_owner),
        cmocka_unit_test (it_ages),
        cmocka_unit_test (nonsense_is_not_taken),
        cmocka_unit_test (it_is_written_when_it_may_be_needed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
