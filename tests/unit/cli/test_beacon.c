/*  test_beacon.c - what a broker says of itself to the local network          */
#include "beacon.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define KEY "h85x7n4enf25cx210r9t57p82492mfhbvrqrq3b1z3ztp4mn42q3te2"

static void none (const char *text)
{
    beacon_t beacon;
    assert_false (beacon_read (frame_str (text), "10.0.0.7", &beacon));
}

static void test_what_is_one (void **state)
{
    beacon_t beacon;
    assert_true (beacon_read (frame_str ("ZCHAT/1 5690 - lab"), "10.0.0.7", &beacon));
    assert_string_equal (beacon.address, "tcp://10.0.0.7:5690");
    assert_string_equal (beacon.name, "lab");
    assert_false (beacon.encrypted);
    assert_true (beacon_read (frame_str ("ZCHAT/1 1 - -"), "10.0.0.7", &beacon));
    assert_string_equal (beacon.name, "");
    assert_true (beacon_read (frame_str ("ZCHAT/1 65535 -"), "10.0.0.7", &beacon));
    assert_string_equal (beacon.name, "");
}

static void test_what_is_none (void **state)
{
    char longest[ZCHAT_BEACON_MAX + 2];
    beacon_t beacon;
    none ("");
    none ("ZCHAT/1");
    none ("ZCHAT/1 5690");
    none ("ZCHAT/2 5690 - lab");
    none ("ZCHAT/1 0 - lab");
    none ("ZCHAT/1 65536 - lab");
    none ("ZCHAT/1 -1 - lab");
    none ("ZCHAT/1 5x - lab");
    none ("ZCHAT/1 99999999 - lab");
    none ("ZCHAT/1 5690 " KEY "x lab"); /* too long                               */
    none ("ZCHAT/1 5690 " KEY " lab");  /* its checksum is another                */
    assert_false (beacon_read (frame_of ("ZCHAT/1 5690 - l\0b", 18), "10.0.0.7", &beacon));
    memset (longest, 'x', sizeof longest);
    memcpy (longest, "ZCHAT/1 5690 - ", 15);
    assert_false (beacon_read (frame_of (longest, sizeof longest - 1), "10.0.0.7", &beacon) &&
                  strlen (beacon.name) > ZCHAT_BEACON_MAX);
    assert_false (beacon_read (frame_of (longest, sizeof longest), "10.0.0.7", &beacon));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_what_is_one),
        cmocka_unit_test (test_what_is_none),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
