/*  test_listen_state.c - how far zchat listen has come, in a file             */
#include "listen_state.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zchat/limits.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define LOG   "0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffff"

static char folder[] = "/tmp/zchat-state-XXXXXX";
static char path[64];

static listen_state_t *opened (void)
{
    listen_state_t *state = NULL;
    char *why = NULL;
    assert_int_equal (listen_state_open (path, &state, &why), ZCHAT_OK);
    assert_null (why);
    return state;
}

static void written (listen_state_t *state, bool all)
{
    char *why = NULL;
    assert_int_equal (listen_state_written (state, all, &why), ZCHAT_OK);
}

/*  Compare what stands behind the heading and the log.                        */
static void holds (const char *want)
{
    char text[4096] = "";
    FILE *file = fopen (path, "r");
    assert_non_null (file);
    text[fread (text, 1, sizeof text - 1, file)] = 0;
    fclose (file);
    assert_string_equal (strchr (strchr (text, '\n') + 1, '\n') + 1, want);
}

static int begin (void **state)
{
    snprintf (path, sizeof path, "%s/state", folder);
    (void)unlink (path);
    return 0;
}

static void places_come_back (void **unused)
{
    uint64_t seq = 0;
    listen_state_t *state = opened ();
    assert_string_equal (listen_state_log (state), "");
    listen_state_of (state, LOG);
    listen_state_seen (state, "Dev", 7);
    listen_state_seen (state, "@", 3);
    listen_state_seen (state, "quiet", 0);
    written (state, true);
    listen_state_destroy (&state);
    assert_null (state);
    state = opened ();
    assert_string_equal (listen_state_log (state), LOG);
    assert_true (listen_state_find (state, "dev", &seq)); /* the same room     */
    assert_int_equal (seq, 7);
    assert_true (listen_state_find (state, "@", &seq));
    assert_int_equal (seq, 3);
    assert_true (listen_state_find (state, "quiet", &seq));
    assert_int_equal (seq, 0);
    assert_false (listen_state_find (state, "elsewhere", &seq));
    listen_state_destroy (&state);
}

static void it_only_goes_forward (void **unused)
{
    listen_state_t *state = opened ();
    listen_state_of (state, LOG);
    listen_state_seen (state, "dev", 7);
    listen_state_seen (state, "dev", 5);
    written (state, true);
    holds ("7 dev\n");
    listen_state_destroy (&state);
}

static void the_last_one_may_have_marks_behind_it (void **unused)
{
    listen_state_t *state = opened ();
    listen_state_of (state, LOG);
    listen_state_seen (state, "dev", 7);
    written (state, false);
    assert_int_not_equal (access (path, F_OK), 0); /* it is not known to begin anywhere */
    listen_state_seen (state, "dev", 8);
    listen_state_seen (state, "lobby", 1);
    listen_state_seen (state, "dev", 9);
    written (state, false);
    holds ("8 dev\n1 lobby\n");
    written (state, true);
    holds ("9 dev\n1 lobby\n");
    listen_state_destroy (&state);
}

static void another_log_forgets_the_places (void **unused)
{
    uint64_t seq;
    listen_state_t *state = opened ();
    listen_state_of (state, LOG);
    listen_state_seen (state, "dev", 7);
    written (state, true);
    listen_state_of (state, OTHER);
    assert_false (listen_state_find (state, "dev", &seq));
    written (state, true);
    holds ("");
    listen_state_destroy (&state);
}

static void nothing_is_written_where_nothing_changed (void **unused)
{
    listen_state_t *state = opened ();
    listen_state_of (state, LOG);
    listen_state_seen (state, "dev", 7);
    written (state, true);
    assert_int_equal (unlink (path), 0);
    listen_state_seen (state, "dev", 7);
    written (state, true);
    assert_int_not_equal (access (path, F_OK), 0);
    listen_state_destroy (&state);
}

static void one_at_a_time (void **unused)
{
    listen_state_t *state = opened (), *second = NULL;
    char *why = NULL;
    assert_int_equal (listen_state_open (path, &second, &why), ZCHAT_IN_USE);
    assert_non_null (why);
    free (why);
    listen_state_destroy (&state);
    state = opened ();
    listen_state_destroy (&state);
}

static void damaged_ones (void **unused)
{
    static const char *const wrong[] = {
        "",
        "x",
        "zchat listen state 1\n",
        "zchat listen state 1\nlog 0123\n",
        "zchat listen state 2\nlog " LOG "\n",
        "zchat listen state 1\nlog " LOG "\n7 dev",
        "zchat listen state 1\nlog " LOG "\n7\n",
        "zchat listen state 1\nlog " LOG "\n-7 dev\n",
        "zchat listen state 1\nlog " LOG "\n7 dev\n8 DEV\n",
        "zchat listen state 1\nlog " LOG "\n7 de v\n",
        "zchat listen state 1\nlog " LOG "\n99999999999999999999 dev\n",
        "zchat listen state 1\nlog " LOG "\n1099511627776 dev\n", /* 2^40      */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        listen_state_t *state = NULL;
        char *why = NULL;
        FILE *file = fopen (path, "w");
        assert_non_null (file);
        fputs (wrong[i], file);
        fclose (file);
        assert_int_equal (listen_state_open (path, &state, &why), ZCHAT_CORRUPT);
        assert_non_null (strstr (why, path));
        free (why);
    }
}

static void too_many_rooms_give_way (void **unused)
{
    char room[32];
    uint64_t seq;
    listen_state_t *state = opened ();
    listen_state_of (state, LOG);
    for (int i = 0; i < ZCHAT_STATE_ROOMS_MAX; i++) {
        snprintf (room, sizeof room, "room%d", i);
        listen_state_seen (state, room, 1);
    }
    listen_state_seen (state, "more", 1); /* all are in use                    */
    assert_false (listen_state_find (state, "more", &seq));
    written (state, true);
    listen_state_destroy (&state);
    state = opened ();
    listen_state_seen (state, "room0", 2);
    listen_state_seen (state, "more", 1);
    assert_true (listen_state_find (state, "more", &seq));
    assert_true (listen_state_find (state, "room0", &seq));
    assert_false (listen_state_find (state, "room1", &seq));
    written (state, true);
    listen_state_destroy (&state);
    state = opened ();
    listen_state_destroy (&state);
}

int main (void)
{
    if (!mkdtemp (folder))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup (places_come_back, begin),
        cmocka_unit_test_setup (it_only_goes_forward, begin),
        cmocka_unit_test_setup (the_last_one_may_have_marks_behind_it, begin),
        cmocka_unit_test_setup (another_log_forgets_the_places, begin),
        cmocka_unit_test_setup (nothing_is_written_where_nothing_changed, begin),
        cmocka_unit_test_setup (one_at_a_time, begin),
        cmocka_unit_test_setup (damaged_ones, begin),
        cmocka_unit_test_setup (too_many_rooms_give_way, begin),
    };
    int failed = cmocka_run_group_tests (tests, NULL, NULL);
    char lock[80];
    (void)unlink (path);
    snprintf (lock, sizeof lock, "%s.lock", path);
    (void)unlink (lock);
    (void)rmdir (folder);
    return failed;
}
