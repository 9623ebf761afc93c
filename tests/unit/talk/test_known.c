/*  test_known.c - which broker has which key, as the file says                */
#include "known.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static char text[2048], one[ADDRESS_KEY_TEXT + 1], two[ADDRESS_KEY_TEXT + 1];
static uint8_t first[ADDRESS_KEY_SIZE] = {1}, second[ADDRESS_KEY_SIZE] = {2};

static int setup (void **state)
{
    address_key_encode (first, one);
    address_key_encode (second, two);
    snprintf (text, sizeof text,
              "# brokers\n\nchat.example:5680 %s\n\tHost:1  %s # the old one\r\nhost:1 %s\n"
              "bad:1 nonsense\nbare:1\n#remark:1 %s\n[fd00::1]:5680 %s",
              one, two, one, one, two);
    return 0;
}

static void is (const char *broker, known_t wanted, size_t wanted_line, const uint8_t *wanted_key)
{
    uint8_t key[ADDRESS_KEY_SIZE];
    size_t line = 0;
    assert_int_equal (known_find (frame_str (text), broker, key, &line), wanted);
    assert_int_equal (line, wanted_line);
    if (wanted_key)
        assert_memory_equal (key, wanted_key, sizeof key);
}

static void test_find (void **state)
{
    is ("chat.example:5680", KNOWN_KEY, 3, first);
    is ("CHAT.example:5680", KNOWN_KEY, 3, first);
    is ("host:1", KNOWN_KEY, 4, second);
    is ("bad:1", KNOWN_BAD, 6, NULL);
    is ("bare:1", KNOWN_BAD, 7, NULL);
    is ("[fd00::1]:5680", KNOWN_KEY, 9, second);
    is ("remark:1", KNOWN_NOT, 0, NULL);
    is ("#remark:1", KNOWN_NOT, 0, NULL);
    is ("chat.example:568", KNOWN_NOT, 0, NULL);
    is ("chat.example:56800", KNOWN_NOT, 0, NULL);
    is ("", KNOWN_NOT, 0, NULL);
    uint8_t key[ADDRESS_KEY_SIZE];
    size_t line;
    assert_int_equal (known_find (frame_of (NULL, 0), "host:1", key, &line), KNOWN_NOT);
}

/*  Whatever spelling the broker is given in, and the line has.                 */
static void test_one_broker_in_many_spellings (void **state)
{
    static const char *const same[] = {"chat.example.:5680", "CHAT.Example.:05680",
                                       "chat.example..:5680"};
    static const char *const other[] = {"chat.example",   "chat.example:", ":5680",
                                        "chat.example:0", ".:5680",        "chat.exampl.e:5680",
                                        "[fd00::1:5680"};
    char line[256];
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        is (same[i], KNOWN_KEY, 3, first);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        is (other[i], KNOWN_NOT, 0, NULL);
    is ("[FD00:0:0:0:0:0:0:1]:5680", KNOWN_KEY, 9, second);
    is ("[fd00::0001]:05680", KNOWN_KEY, 9, second);
    snprintf (line, sizeof line, "Chat.Example.:05680 %s", one);
    memcpy (text, line, strlen (line) + 1);
    is ("chat.example:5680", KNOWN_KEY, 1, first);
}

/*  However the file is cut off, no other key comes out of it.                 */
static void test_cut_off (void **state)
{
    uint8_t key[ADDRESS_KEY_SIZE];
    size_t line;
    for (size_t size = 0; size < strlen (text); size++)
        if (known_find (frame_of (text, size), "chat.example:5680", key, &line) == KNOWN_KEY)
            assert_memory_equal (key, first, sizeof key);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup (test_find, setup),
        cmocka_unit_test_setup (test_one_broker_in_many_spellings, setup),
        cmocka_unit_test_setup (test_cut_off, setup),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
