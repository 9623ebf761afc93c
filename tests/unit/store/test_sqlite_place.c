/*  test_sqlite_place.c - a folder that is deleted, moved or replaced under an open log: what is
    reported as stored is where the next start looks                           */
#include "fixture.h"

#include <sqlite3.h>

static int setup (void **state)
{
    *state = fixture_folder ();
    return 0;
}

static int teardown (void **state)
{
    char *dir = *state;
    fixture_folder_remove (&dir);
    return 0;
}

/*  A log with one message in the folder data of the test's.                   */
static store_t *begin (const char *dir, char **data)
{
    *data = fixture_path (dir, "data");
    store_t *store = fixture_open (*data);
    assert_int_equal (fixture_try (store, 1, 1), ZCHAT_OK);
    return store;
}

static void refused_by (store_t *store, uint64_t seq, zchat_status_t status, const char *what)
{
    assert_int_equal (fixture_try (store, 1, seq), status);
    if (!strstr (store_error (store), what))
        fail_msg ("'%s' does not name '%s'", store_error (store), what);
}

static void refused (store_t *store, uint64_t seq, const char *what)
{
    refused_by (store, seq, ZCHAT_STORAGE, what);
}

static void test_deleted (void **state)
{
    char *data;
    store_t *store = begin (*state, &data);
    nftw (data, fixture_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    refused (store, 2, data);
    assert_non_null (strstr (store_error (store), "restart the broker"));
    store_trimmed_t trimmed;
    assert_int_equal (store_trim (store, &(store_retain_t){0}, 1, &trimmed), ZCHAT_STORAGE);
    store_destroy (&store);
    free (data);
}

static void test_moved_and_back (void **state)
{
    char *data;
    store_t *store = begin (*state, &data);
    store_query_t query = {.room = 1, .limit = 10, .bytes_max = 1u << 20};
    store_page_t *page = NULL;
    store_reader_t *reader = NULL;
    assert_int_equal (store_reader_new (store, &reader), ZCHAT_OK);
    char *elsewhere = fixture_path (*state, "elsewhere");
    assert_int_equal (rename (data, elsewhere), 0);
    refused (store, 2, data);
    assert_int_equal (store_read (reader, &query, &page), ZCHAT_OK); /* reading goes on */
    fixture_page_is (page, 1, 1, 1);
    store_page_destroy (&page);
    store_reader_destroy (&reader);
    fixture_refused (elsewhere, ZCHAT_IN_USE, "elsewhere");
    assert_int_equal (rename (elsewhere, data), 0);
    assert_int_equal (fixture_try (store, 1, 2), ZCHAT_OK);
    store_destroy (&store);
    store = fixture_open (data);
    fixture_holds (store, 1, 1, 2);
    store_destroy (&store);
    free (elsewhere);
    free (data);
}

/*  Each file alone.                                                           */
static void test_files (void **state)
{
    static const char *const names[] = {"zchat.db", "zchat.db-wal", "zchat.db-shm", "zchatd.lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *data, *name;
        store_t *store = begin (*state, &data);
        name = fixture_path (data, names[i]);
        assert_int_equal (unlink (name), 0);
        refused (store, 2, name);
        FILE *file = fopen (name, "w"); /* another one in its place */
        assert_non_null (file);
        fclose (file);
        refused (store, 2, name);
        store_destroy (&store);
        nftw (data, fixture_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        free (name);
        free (data);
    }
}

/*  Another log in its place, served by another broker, which loses nothing when this one ends. */
static void test_replaced (void **state)
{
    char *data;
    store_t *store = begin (*state, &data);
    char *elsewhere = fixture_path (*state, "elsewhere");
    assert_int_equal (rename (data, elsewhere), 0);
    store_t *other = fixture_open (data);
    fixture_fill (other, 1, 1, 50);
    refused (store, 2, data);
    store_destroy (&store);
    assert_int_equal (fixture_try (other, 1, 51), ZCHAT_OK);
    store_destroy (&other);
    store = fixture_open (data);
    fixture_holds (store, 1, 1, 51);
    store_destroy (&store);
    store = fixture_open (elsewhere);
    fixture_holds (store, 1, 1, 1);
    store_destroy (&store);
    free (elsewhere);
    free (data);
}

/*  The next start would follow the link to where it points then.              */
static void test_link (void **state)
{
    char *one = fixture_path (*state, "one"), *two = fixture_path (*state, "two");
    char *link = fixture_path (*state, "link");
    store_t *store = fixture_open (two);
    store_destroy (&store);
    store = fixture_open (one);
    store_destroy (&store);
    assert_int_equal (symlink (one, link), 0);
    store = fixture_open (link);
    assert_int_equal (fixture_try (store, 1, 1), ZCHAT_OK);
    assert_int_equal (unlink (link), 0);
    assert_int_equal (symlink (two, link), 0);
    refused (store, 2, link);
    store_destroy (&store);
    free (one);
    free (two);
    free (link);
}

/*  --- during a commit -------------------------------------------------------  */

static struct {
    const char *from, *to;
} move;

static int on_commit (void *arg)
{
    (void)arg;
    if (move.from)
        assert_int_equal (rename (move.from, move.to), 0);
    move.from = NULL;
    return 0;
}

static int on_open (sqlite3 *db, char **error, const void *api)
{
    (void)error;
    (void)api;
    sqlite3_commit_hook (db, on_commit, NULL);
    return SQLITE_OK;
}

static void test_moved_during_a_commit (void **state)
{
    char *data;
    assert_int_equal (sqlite3_auto_extension ((void (*) (void))on_open), SQLITE_OK);
    store_t *store = begin (*state, &data);
    char *elsewhere = fixture_path (*state, "elsewhere");
    move.from = data;
    move.to = elsewhere;
    /*  Whether it is stored, nobody knows.                                    */
    refused_by (store, 2, ZCHAT_SYSTEM, data);
    assert_null (move.from);
    /*  It may be there: nothing may be numbered on before a start has looked. */
    assert_int_equal (rename (elsewhere, data), 0);
    refused_by (store, 2, ZCHAT_SYSTEM, "restart the broker");
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_SYSTEM);
    free (loaded);
    store_destroy (&store);
    sqlite3_reset_auto_extension ();
    store = fixture_open (data);
    fixture_holds (store, 1, 1, 2);
    store_destroy (&store);
    free (elsewhere);
    free (data);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_deleted, setup, teardown),
        cmocka_unit_test_setup_teardown (test_moved_and_back, setup, teardown),
        cmocka_unit_test_setup_teardown (test_files, setup, teardown),
        cmocka_unit_test_setup_teardown (test_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown (test_link, setup, teardown),
        cmocka_unit_test_setup_teardown (test_moved_during_a_commit, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
