/*  test_noise.c - who came and who left, in one line                          */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "noise.h"
#include <stdio.h>
#include <string.h>

/*  "+kim -oleg" is who came and left; "+" and "-" alone are people without a name. */
static void assert_line (const char *moves, const char *wanted)
{
    noise_t *noise = noise_new ();
    char all[256];
    snprintf (all, sizeof all, "%s", moves);
    for (char *rest = NULL, *word = strtok_r (all, " ", &rest); word;
         word = strtok_r (NULL, " ", &rest)) {
        if (!word[1])
            noise_more (noise, *word == '+', *word == '-');
        else if (*word == '+')
            noise_came (noise, word + 1);
        else
            noise_left (noise, word + 1);
    }
    assert_string_equal (noise_text (noise), wanted);
    assert_true (noise_empty (noise) == (*wanted == '\0'));
    noise_clear (noise);
    assert_true (noise_empty (noise));
    assert_string_equal (noise_text (noise), "");
    noise_destroy (&noise);
    noise_destroy (&noise);
}

static void they_are_told_in_one_line (void **state)
{
    assert_line ("", "");
    assert_line ("+kim", "kim came");
    assert_line ("+kim +ana", "kim and ana came");
    assert_line ("+kim +ana +bo", "kim, ana and bo came");
    assert_line ("+kim +ana +bo +cy +di -oleg", "kim, ana and 3 more came, oleg left");
    assert_line ("-oleg +kim -ana", "kim came, oleg and ana left");
    assert_line ("+kim +ana +bo +", "kim, ana and 2 more came");
    assert_line ("+ + -", "2 came, 1 left");
}

static void who_came_and_went_vanishes (void **state)
{
    assert_line ("+kim -kim", "");
    assert_line ("-kim +kim", "");
    assert_line ("+kim +ana -kim", "ana came");
    assert_line ("+kim -kim +kim", "kim came");
    assert_line ("+kim +kim", "kim came");
}

static void names_are_bounded (void **state)
{
    noise_t *noise = noise_new ();
    char name[16];
    for (int i = 0; i < 100000; i++) {
        snprintf (name, sizeof name, "u%d", i);
        noise_came (noise, name);
    }
    assert_string_equal (noise_text (noise), "u0, u1 and 99998 more came");
    noise_destroy (&noise);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (they_are_told_in_one_line),
        cmocka_unit_test (who_came_and_went_vanishes),
        cmocka_unit_test (names_are_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
