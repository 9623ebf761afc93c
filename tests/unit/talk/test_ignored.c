/*  test_ignored.c - who is ignored on this computer, in a file that other zchat write too */
#include "ignored.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define HERE  "tcp://127.0.0.1:5680"
#define THERE "tcp://chat.example:5680"

static char s_folder[64], s_path[96];

static int setup (void **state)
{
    snprintf (s_folder, sizeof s_folder, "/tmp/zchat-ignored-XXXXXX");
    if (!mkdtemp (s_folder))
        return -1;
    snprintf (s_path, sizeof s_path, "%s/ignored", s_folder);
    return 0;
}

static int teardown (void **state)
{
    chmod (s_folder, 0700);
    (void)unlink (s_path);
    return rmdir (s_folder);
}

static ignored_t *begin (const char *endpoint)
{
    return ignored_new (strdup (s_path), endpoint);
}

/*  Set, and whether it was so.                                                */
static bool set (ignored_t *self, const char *user, bool on)
{
    bool was;
    char *why;
    assert_int_equal (ignored_set (self, user, on, &was, &why), ZCHAT_OK);
    assert_null (why);
    return was;
}

static void put (const char *text)
{
    FILE *file = fopen (s_path, "w");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
    assert_int_equal (chmod (s_path, 0600), 0);
}

static void get (char *text, size_t size)
{
    FILE *file = fopen (s_path, "r");
    assert_non_null (file);
    text[fread (text, 1, size - 1, file)] = '\0';
    fclose (file);
}

static void a_name_is_kept (void **state)
{
    ignored_t *self = begin (HERE), *other = begin (HERE), *there = begin (THERE);
    assert_false (ignored_has (self, "eve"));
    assert_false (set (self, "eve", false)); /* nothing is made for that        */
    assert_int_not_equal (access (s_path, F_OK), 0);
    assert_false (set (self, "eve", true));
    assert_true (set (self, "EVE", true));
    assert_true (ignored_has (self, "Eve"));
    assert_false (ignored_has (self, "ev"));
    assert_false (ignored_has (self, NULL));
    assert_true (ignored_has (other, "eve")); /* another zchat, at once          */
    assert_false (ignored_has (there, "eve"));
    assert_false (set (there, "mallory", true));
    assert_false (set (other, "bob", true));
    assert_string_equal (ignored_name (self, 1), "bob");
    assert_null (ignored_name (self, 2));
    assert_true (set (self, "eve", false));
    assert_false (ignored_has (other, "eve"));
    assert_true (ignored_has (other, "bob"));
    assert_true (ignored_has (there, "mallory"));
    ignored_destroy (&self);
    ignored_destroy (&other);
    ignored_destroy (&there);
}

/*  A broker is the same however it is spelled, and so is who looks alike.     */
static void spellings (void **state)
{
    ignored_t *self = begin ("tcp://Chat.Example.:05680"), *there = begin (THERE);
    assert_false (set (self, "paul", true));
    assert_true (ignored_has (there, "pau\xd1\x96") == ignored_has (there, "paui"));
    assert_true (ignored_has (there, "pAul"));
    ignored_destroy (&self);
    self = begin ("ipc:///tmp/a b\nc/door");
    assert_false (set (self, "eve", true));
    assert_true (ignored_has (self, "eve"));
    ignored_destroy (&self);
    ignored_destroy (&there);
}

static void what_is_not_understood_stays (void **state)
{
    char text[512];
    put ("# people\n\n127.0.0.1:5680 eve\nnonsense\n127.0.0.1:5680 a/b\nchat.example:5680 bob");
    ignored_t *self = begin (HERE);
    assert_true (ignored_has (self, "eve"));
    assert_false (set (self, "carol", true));
    get (text, sizeof text);
    assert_string_equal (text, "127.0.0.1:5680 eve\n127.0.0.1:5680 carol\n# people\nnonsense\n"
                               "127.0.0.1:5680 a/b\nchat.example:5680 bob\n");
    ignored_destroy (&self);
}

/*  What others can write, or what is no list, is neither believed nor written over. */
static void a_file_that_cannot_be_believed (void **state)
{
    bool was;
    char *why, text[64];
    put ("127.0.0.1:5680 eve\n");
    assert_int_equal (chmod (s_path, 0622), 0);
    ignored_t *self = begin (HERE);
    for (int i = 0; i < 2; i++) {
        assert_false (ignored_has (self, "eve"));
        why = ignored_trouble (self);
        assert_true ((why && strstr (why, s_path)) == (i == 0)); /* told once    */
        free (why);
    }
    assert_int_equal (ignored_set (self, "bob", true, &was, &why), ZCHAT_SYSTEM);
    assert_non_null (strstr (why, s_path));
    free (why);
    get (text, sizeof text);
    assert_string_equal (text, "127.0.0.1:5680 eve\n");
    put ("127.0.0.1:5680 eve\n");
    assert_false (set (self, "bob", true));
    assert_true (ignored_has (self, "eve"));
    ignored_destroy (&self);
}

static void bounds (void **state)
{
    char name[16], *why;
    bool was;
    FILE *file = fopen (s_path, "w");
    for (int i = 0; i < IGNORED_MAX; i++)
        fprintf (file, "%s n%d\n", i % 2 ? "127.0.0.1:5680" : "chat.example:5680", i);
    fclose (file);
    assert_int_equal (chmod (s_path, 0600), 0);
    ignored_t *self = begin (HERE);
    snprintf (name, sizeof name, "n%d", IGNORED_MAX - 1);
    assert_true (ignored_has (self, name));
    assert_int_equal (ignored_set (self, "more", true, &was, &why), ZCHAT_SYSTEM);
    assert_non_null (strstr (why, "as many as there may be"));
    free (why);
    assert_true (set (self, name, false));
    assert_false (set (self, "more", true));
    ignored_destroy (&self);
}

static void what_it_hides (void **state)
{
    ignored_t *self = begin (HERE), *nowhere = ignored_new (NULL, HERE);
    char *why;
    bool was;
    zchat_event_t event = {.type = ZCHAT_TYPE_TELL, .user = "eve"};
    assert_false (set (self, "eve", true));
    assert_true (ignored_hides (self, &event));
    event.type = ZCHAT_TYPE_INVITE;
    assert_true (ignored_hides (self, &event));
    event.type = ZCHAT_TYPE_TOLD; /* one's own words to them                    */
    assert_false (ignored_hides (self, &event));
    event.type = ZCHAT_TYPE_SAY;
    assert_false (ignored_hides (self, &event));
    event = (zchat_event_t){.type = ZCHAT_TYPE_TELL, .user = "bob"};
    assert_false (ignored_hides (self, &event));
    assert_false (ignored_has (nowhere, "eve"));
    assert_int_equal (ignored_set (nowhere, "eve", false, &was, &why), ZCHAT_OK);
    assert_int_equal (ignored_set (nowhere, "eve", true, &was, &why), ZCHAT_SYSTEM);
    assert_non_null (strstr (why, "HOME"));
    free (why);
    ignored_destroy (&self);
    ignored_destroy (&nowhere);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (a_name_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown (spellings, setup, teardown),
        cmocka_unit_test_setup_teardown (what_is_not_understood_stays, setup, teardown),
        cmocka_unit_test_setup_teardown (a_file_that_cannot_be_believed, setup, teardown),
        cmocka_unit_test_setup_teardown (bounds, setup, teardown),
        cmocka_unit_test_setup_teardown (what_it_hides, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
