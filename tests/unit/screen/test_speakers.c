/*  test_speakers.c - who spoke last comes first                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "speakers.h"
#include <stdio.h>
#include <string.h>

static void assert_names (const speakers_t *speakers, const char *wanted)
{
    char all[256] = "";
    size_t n;
    const char *const *names = speakers_names (speakers, &n);
    for (size_t i = 0; i < n; i++)
        snprintf (all + strlen (all), sizeof all - strlen (all), "%s ", names[i]);
    assert_string_equal (all, wanted);
}

static void who_spoke_last_comes_first (void **state)
{
    speakers_t *speakers = speakers_new ();
    assert_names (speakers, "");
    speakers_came (speakers, "a");
    speakers_came (speakers, "b");
    speakers_came (speakers, "a");
    speakers_came (speakers, "");
    assert_names (speakers, "a b ");
    speakers_spoke (speakers, "b");
    speakers_spoke (speakers, "c");
    assert_names (speakers, "c b a ");
    speakers_spoke (speakers, "a");
    speakers_left (speakers, "b");
    speakers_left (speakers, "nobody");
    assert_names (speakers, "a c ");
    speakers_destroy (&speakers);
    speakers_destroy (&speakers);
}

static void they_are_bounded (void **state)
{
    speakers_t *speakers = speakers_new ();
    char name[16];
    size_t n;
    for (int i = 0; i < SPEAKERS_KEPT + 5; i++) {
        snprintf (name, sizeof name, "u%d", i);
        speakers_came (speakers, name);
    }
    speakers_spoke (speakers, "new");
    const char *const *names = speakers_names (speakers, &n);
    assert_int_equal (n, SPEAKERS_KEPT);
    assert_string_equal (names[0], "new");
    assert_string_equal (names[1], "u0");
    snprintf (name, sizeof name, "u%d", SPEAKERS_KEPT - 2);
    assert_string_equal (names[n - 1], name);
    speakers_destroy (&speakers);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (who_spoke_last_comes_first),
        cmocka_unit_test (they_are_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
