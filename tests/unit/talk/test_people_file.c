/*  test_people_file.c - what is remembered of people, in a file that others write too */
#include "people_stage.h"

/*  --- the file --------------------------------------------------------------  */

static void test_file (void **state)
{
    char before[4096], after[4096];
    snprintf (
        before, sizeof before,
        "# people\n\n%s carol 7 seen =%s\nnonsense\n%s bob 7 seen =%s +%s -%s\n%s bob 8 seen =%s\n"
        "%s dave 7 seen\n%s eve x seen =%s\n%s eve 7 best =%s\n%s eve 7 seen =%s =%s\n"
        "%s a/b 7 seen =%s\n%s eve 7 seen *%s\n%s eve 7 seen =%.50s",
        text_of[EVE], text_of[BOB], broker_text, text_of[BOB], text_of[EVE], text_of[PHONE],
        broker_text, text_of[EVE], broker_text, broker_text, text_of[EVE], broker_text,
        text_of[EVE], broker_text, text_of[EVE], text_of[EVE], broker_text, text_of[EVE],
        broker_text, text_of[EVE], broker_text, text_of[EVE]);
    put (before);
    begin ();
    const char *trouble = people_trouble (people);
    assert_non_null (trouble);
    assert_non_null (strstr (trouble, "line 4 of "));
    assert_null (people_trouble (people));
    people_person_t found;
    assert_false (people_find (people, "carol", &found)); /* of another broker */
    assert_false (people_find (people, "eve", &found));
    found = person ("bob");
    assert_int_equal (found.n_keys, 3);
    assert_int_equal (found.keys[1].kind, PEOPLE_KEY_FRESH);
    assert_int_equal (found.keys[2].kind, PEOPLE_KEY_FORMER);

    /* nothing of it is lost when it is written anew */
    assert_int_equal (keys ("frank", BOB_TOO, -1), PEOPLE_NEW);
    get (after, sizeof after);
    for (char *rest = before, *line; (line = strsep (&rest, "\n"));)
        assert_non_null (strstr (after, line));
    assert_non_null (strstr (after, " frank "));
    begin ();
    assert_int_equal (person ("bob").n_keys, 3);
    assert_int_equal (person ("frank").n_keys, 1);
}

/*  However the file is cut off, nobody gets a key that was not theirs.        */
static void test_cut_off (void **state)
{
    char text[1024], part[1024];
    people_person_t found;
    assert_int_equal (keys ("bob", BOB, BOB_TOO, -1), PEOPLE_NEW);
    get (text, sizeof text);
    for (size_t size = 0; size < strlen (text); size++) {
        snprintf (part, sizeof part, "%.*s", (int)size, text);
        put (part);
        begin ();
        if (people_find (people, "bob", &found))
            assert_string_equal (found.keys[0].text, text_of[BOB]);
        (void)people_trouble (people);
    }
}

static void test_two_processes (void **state)
{
    people_t *first, *second;
    known ();
    first = people;
    people = NULL;
    begin ();
    second = people;
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (keys ("carol", BOB_TOO, -1), PEOPLE_NEW);
    assert_int_equal (keys ("bob", BOB, EVE, -1), PEOPLE_CHANGED);
    people = first; /* hears of it, and loses nothing by writing */
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM);
    assert_int_equal (keys ("dave", PHONE, -1), PEOPLE_NEW);
    people = second;
    assert_int_equal (person ("dave").n_keys, 1);
    assert_int_equal (person ("carol").n_keys, 1);
    assert_true (person ("bob").alarm);
    people_destroy (&first);
}

static void test_a_file_that_cannot_be_read (void **state)
{
    char *why = NULL;
    people_t *none = NULL;
    assert_int_equal (mkdir (path, 0700), 0);
    assert_int_equal (people_new (path, broker, secret[ALICE], &none, &why), ZCHAT_SYSTEM);
    assert_non_null (strstr (why, path));
    assert_null (none);
    free (why);
}

/*  What cannot be written is known all the same, as long as this process lives. */
static void test_a_file_that_cannot_be_written (void **state)
{
    run ("rm -rf ", "");
    known ();
    const char *trouble = people_trouble (people);
    assert_non_null (trouble);
    assert_non_null (strstr (trouble, path));
    assert_int_equal (can_seal ("bob"), PEOPLE_OK);
    assert_int_equal (keys ("bob", EVE, -1), PEOPLE_CHANGED);
    assert_int_equal (can_seal ("bob"), PEOPLE_ALARM);
    run ("mkdir ", "");
    assert_int_equal (keys ("carol", BOB_TOO, -1), PEOPLE_NEW);
    begin ();
    assert_true (person ("bob").alarm);
}

static void test_too_many (void **state)
{
    char line[256], user[32];
    people_person_t found;
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    for (int i = 0; i < PEOPLE_MAX; i++) {
        snprintf (line, sizeof line, "%s u%d 7 seen =%s\n", broker_text, i, text_of[BOB]);
        fputs (line, file);
    }
    fclose (file);
    begin ();
    assert_null (people_trouble (people));
    snprintf (user, sizeof user, "u%d", PEOPLE_MAX - 1);
    assert_true (people_find (people, user, &found));
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_BAD);
    assert_non_null (people_trouble (people));
    assert_int_equal (keys (user, EVE, -1), PEOPLE_CHANGED);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_file),
        TEST (test_cut_off),
        TEST (test_two_processes),
        TEST (test_a_file_that_cannot_be_read),
        TEST (test_a_file_that_cannot_be_written),
        TEST (test_too_many),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
