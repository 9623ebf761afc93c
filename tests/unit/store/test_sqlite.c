/*  test_sqlite.c - the log on disk: opening, closing, the lock, loading       */
#include "fixture.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

static void sql (const char *dir, const char *text)
{
    char *path = fixture_path (dir, "zchat.db");
    char *error = NULL;
    sqlite3 *db = NULL;
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    if (sqlite3_exec (db, text, NULL, NULL, &error) != SQLITE_OK)
        fail_msg ("%s", error);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    free (path);
}

static unsigned mode_of (const char *dir, const char *name)
{
    char *path = fixture_path (dir, name);
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    free (path);
    return info.st_mode & 0777;
}

/*  --- the folder ------------------------------------------------------------  */

static void test_reopen (void **state)
{
    uint8_t other_id[ZCHAT_LOG_ID_SIZE] = {9};
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 500);
    store_destroy (&store);
    char *wal = fixture_path (*state, "zchat.db-wal");
    assert_int_not_equal (access (wal, F_OK), 0); /* all of it is in the one file */
    free (wal);

    char *why = NULL;
    assert_int_equal (store_open (*state, other_id, &store, &why), ZCHAT_OK);
    assert_memory_equal (store_log_id (store), fixture_log_id, ZCHAT_LOG_ID_SIZE);
    fixture_holds (store, 1, 1, 500);
    fixture_fill (store, 1, 501, 600);
    store_retain_t retain = {.age_ms = 1000};
    store_trimmed_t trimmed;
    assert_int_equal (store_trim (store, &retain, 100000, &trimmed), ZCHAT_OK);
    store_destroy (&store);

    store = fixture_open (*state);
    fixture_holds (store, 1, 99, 600);
    store_destroy (&store);
}

static void test_folder_is_made_and_private (void **state)
{
    char *deep = fixture_path (*state, "a//b/c/");
    mode_t mask = umask (0);
    store_t *store = fixture_open (deep);
    umask (mask);
    fixture_fill (store, 1, 1, 1);
    assert_int_equal (mode_of (*state, "a"), 0700);
    assert_int_equal (mode_of (*state, "a/b/c"), 0700);
    assert_int_equal (mode_of (deep, "zchat.db"), 0600);
    assert_int_equal (mode_of (deep, "zchat.db-wal"), 0600);
    assert_int_equal (mode_of (deep, "zchatd.lock"), 0600);
    store_destroy (&store);
    free (deep);
}

/*  Relative, with names that SQLite would take for something else, and kept when
    the process goes elsewhere.                                                */
static void test_relative_and_odd_names (void **state)
{
    char *here = getcwd (NULL, 0);
    assert_int_equal (chdir (*state), 0);
    store_t *store = fixture_open ("file:log?mode=memory");
    store_t *other = fixture_open ("ім'я %41#");
    assert_int_equal (chdir ("/"), 0);
    fixture_fill (store, 1, 1, 3);
    fixture_fill (other, 1, 1, 5);
    fixture_holds (store, 1, 1, 3);
    store_destroy (&store);
    store_destroy (&other);
    char *path = fixture_path (*state, "file:log?mode=memory");
    store = fixture_open (path);
    fixture_holds (store, 1, 1, 3);
    store_destroy (&store);
    free (path);
    assert_int_equal (chdir (here), 0);
    free (here);
}

static void test_in_use (void **state)
{
    char pid[32];
    snprintf (pid, sizeof pid, "process %ld", (long)getpid ());
    store_t *store = fixture_open (*state);
    fixture_refused (*state, ZCHAT_IN_USE, pid);
    fixture_refused (*state, ZCHAT_IN_USE, *state);
    fixture_fill (store, 1, 1, 1); /* the first one is not disturbed */
    store_destroy (&store);
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, 1);
    store_destroy (&store);
}

static void test_not_a_folder (void **state)
{
    char *file = fixture_path (*state, "file");
    char *below = fixture_path (*state, "file/below");
    FILE *out = fopen (file, "w");
    assert_non_null (out);
    fclose (out);
    fixture_refused (file, ZCHAT_SYSTEM, file);
    fixture_refused (below, ZCHAT_SYSTEM, below);
    fixture_refused ("", ZCHAT_SYSTEM, "folder");
    free (file);
    free (below);
}

static void test_log_is_a_folder (void **state)
{
    char *path = fixture_path (*state, "zchat.db");
    assert_int_equal (mkdir (path, 0700), 0);
    fixture_refused (*state, ZCHAT_SYSTEM, path);
    free (path);
}

/*  Root may write everywhere, so another user has to try.                     */
static void not_writable (const char *dir, const char *file, mode_t dir_mode, mode_t file_mode)
{
    char *path = fixture_path (dir, file);
    assert_int_equal (chmod (path, file_mode), 0);
    assert_int_equal (chmod (dir, dir_mode), 0);
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0) {
        store_t *store = NULL;
        char *why = NULL;
        if (geteuid () == 0 && setuid (65534) != 0)
            _exit (2);
        zchat_status_t status = store_open (dir, fixture_log_id, &store, &why);
        bool ok = status == ZCHAT_SYSTEM && why && strstr (why, dir);
        if (!ok)
            fprintf (stderr, "%s: %s\n", zchat_status_code (status), why ? why : "");
        free (why);
        _exit (ok ? 0 : 1);
    }
    int result = -1;
    assert_int_equal (waitpid (child, &result, 0), child);
    assert_int_equal (result, 0);
    assert_int_equal (chmod (dir, 0700), 0);
    assert_int_equal (chmod (path, 0600), 0);
    free (path);
}

static void test_not_writable (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 1);
    store_destroy (&store);
    not_writable (*state, "zchatd.lock", 0555, 0400);
    not_writable (*state, "zchat.db", 0777, 0444);
    not_writable (*state, "zchat.db", 0000, 0666);
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, 1);
    store_destroy (&store);
}

/*  --- order -----------------------------------------------------------------  */

static void test_seqs_have_to_follow (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 5);
    const uint64_t wrong[] = {1, 4, 5, 7, ZCHAT_SEQ_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal (fixture_try (store, 1, wrong[i]), ZCHAT_STORAGE);
        assert_non_null (strstr (store_error (store), "zchat.db"));
    }
    assert_int_equal (fixture_try (store, 2, 2), ZCHAT_STORAGE);
    store_record_t hole[] = {fixture_record (1, 6, "a"), fixture_record (2, 1, "b"),
                             fixture_record (1, 8, "c")};
    assert_int_equal (store_append (store, hole, 3), ZCHAT_STORAGE);
    assert_non_null (strstr (store_error (store), "hole"));
    store_record_t twice[] = {fixture_record (1, 6, "a"), fixture_record (1, 6, "b")};
    assert_int_equal (store_append (store, twice, 2), ZCHAT_STORAGE);
    fixture_holds (store, 1, 1, 5);
    fixture_holds (store, 2, 1, 0);
    fixture_fill (store, 1, 6, 7);
    store_destroy (&store);
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, 7);
    fixture_holds (store, 2, 1, 0);
    store_destroy (&store);
}

/*  --- damage ----------------------------------------------------------------  */

static void load_is_corrupt (const char *dir, const char *what)
{
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    store_t *store = fixture_open (dir);
    zchat_status_t status = fixture_load (store, loaded);
    if (status != ZCHAT_CORRUPT)
        fail_msg ("%s: %s", what, zchat_status_code (status));
    assert_non_null (strstr (store_error (store), "damaged"));
    store_destroy (&store);
    free (loaded);
}

static void test_nonsense_is_not_loaded (void **state)
{
    static const char *const damages[][2] = {
        {"UPDATE rooms SET head = -1", "UPDATE rooms SET head = 5"},
        {"UPDATE rooms SET head = 1 << 41", "UPDATE rooms SET head = 5"},
        {"UPDATE rooms SET head = 4", "UPDATE rooms SET head = 5"},
        {"UPDATE rooms SET head = 6", "UPDATE rooms SET head = 5"},
        {"UPDATE rooms SET head = 'x'", "UPDATE rooms SET head = 5"},
        {"UPDATE rooms SET first = 0", "UPDATE rooms SET first = 1"},
        {"UPDATE rooms SET first = 2", "UPDATE rooms SET first = 1"},
        {"UPDATE rooms SET first = 6", "UPDATE rooms SET first = 1"},
        {"UPDATE rooms SET first = 7", "UPDATE rooms SET first = 1"},
        {"UPDATE rooms SET oldest = NULL", "UPDATE rooms SET oldest = 1000"},
        {"UPDATE rooms SET time = -1", "UPDATE rooms SET time = 5000"},
        {"UPDATE rooms SET name = ''", "UPDATE rooms SET name = 'lobby'"},
        {"UPDATE rooms SET name = zeroblob (129)", "UPDATE rooms SET name = 'lobby'"},
        {"UPDATE rooms SET topic = zeroblob (1025)", "UPDATE rooms SET topic = NULL"},
        {"UPDATE rooms SET topic_by = zeroblob (129)", "UPDATE rooms SET topic_by = NULL"},
        {"UPDATE rooms SET topic_time = -1", "UPDATE rooms SET topic_time = NULL"},
        {"UPDATE rooms SET id = 0", "UPDATE rooms SET id = 1"},
        {"UPDATE rooms SET id = 1 << 23", "UPDATE rooms SET id = 1"},
        {"UPDATE rooms SET id = 2", "UPDATE rooms SET id = 1"},
        {"UPDATE producers SET id = 'short'", "UPDATE producers SET id = zeroblob (16)"},
        {"UPDATE producers SET id = zeroblob (17)", "UPDATE producers SET id = zeroblob (16)"},
        {"UPDATE producers SET n = -1", "UPDATE producers SET n = 1"},
        {"UPDATE producers SET time = -1", "UPDATE producers SET time = 1"},
        {"UPDATE messages SET id = 6 + (1 << 40) WHERE id = 5 + (1 << 40)",
         "UPDATE messages SET id = 5 + (1 << 40) WHERE id = 6 + (1 << 40)"},
    };
    store_t *store = fixture_open (*state);
    store_record_t records[5];
    for (uint64_t i = 0; i < 5; i++) {
        records[i] = fixture_record (1, i + 1, "x");
        records[i].has_producer = true;
        records[i].n = i + 1;
    }
    assert_int_equal (store_append (store, records, 5), ZCHAT_OK);
    store_destroy (&store);
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        sql (*state, damages[i][0]);
        load_is_corrupt (*state, damages[i][0]);
        sql (*state, damages[i][1]);
        memset (loaded, 0, sizeof *loaded);
        store = fixture_open (*state);
        assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
        store_destroy (&store);
    }
    free (loaded);
}

/*  Whatever a page of the file is overwritten with: no crash, no endless loop. */
static void test_overwritten_pages (void **state)
{
    store_t *store = fixture_open (*state);
    for (uint64_t room = 1; room <= 5; room++)
        fixture_fill (store, room, 1, 300);
    store_destroy (&store);
    char *path = fixture_path (*state, "zchat.db");
    char *copy = fixture_folder ();
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    assert_true (info.st_size / 4096 > 8);
    for (off_t page = 0; page < info.st_size / 4096; page++) {
        char *damaged = fixture_path (copy, "zchat.db");
        fixture_copy (*state, copy, "zchat.db");
        FILE *file = fopen (damaged, "r+b");
        assert_non_null (file);
        assert_int_equal (fseek (file, page * 4096 + (page == 0 ? 100 : 0), SEEK_SET), 0);
        for (unsigned i = 0; i < 3900; i++)
            fputc ((int)((i * 2654435761u + (unsigned)page) >> 24), file);
        fclose (file);
        char *why = NULL;
        fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
        store = NULL;
        zchat_status_t status = store_open (copy, fixture_log_id, &store, &why);
        assert_int_equal (!store, status != ZCHAT_OK);
        if (store) {
            store_reader_t *reader = NULL;
            store_page_t *read = NULL;
            store_query_t query = {.room = 2, .limit = 1000, .bytes_max = 1 << 20};
            store_retain_t retain = {.age_ms = 1};
            store_trimmed_t trimmed;
            (void)!fixture_load (store, loaded);
            (void)!store_reader_new (store, &reader);
            if (reader && store_read (reader, &query, &read) == ZCHAT_OK)
                store_page_destroy (&read);
            store_reader_destroy (&reader);
            (void)!fixture_try (store, 2, 301);
            (void)!store_trim (store, &retain, 1000000, &trimmed);
        } else
            assert_int_equal (status, ZCHAT_CORRUPT);
        store_destroy (&store);
        free (loaded);
        free (why);
        free (damaged);
    }
    fixture_folder_remove (&copy);
    free (path);
}

/*  What rooms hold is counted anew after a start, step by step, while more is said. */
static void test_shares_after_a_start (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 300);
    fixture_fill (store, 2, 1, 30000);
    fixture_fill (store, 3, 1, 300);
    store_destroy (&store);
    store = fixture_open (*state);
    store_retain_t retain = {.bytes = 500000};
    store_trimmed_t trimmed;
    uint64_t said = 300, steps = 0;
    do {
        assert_int_equal (store_trim (store, &retain, 1, &trimmed), ZCHAT_OK);
        assert_true (trimmed.room == 0 || trimmed.room == 2);
        for (uint64_t room = 1; steps < 20 && room <= 3; room += 2)
            assert_int_equal (fixture_try (store, room, said + 1), ZCHAT_OK);
        said += steps++ < 20;
    } while (trimmed.more);
    fixture_holds (store, 1, 1, said);
    fixture_holds (store, 3, 1, said);
    store_destroy (&store);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_reopen, setup, teardown),
        cmocka_unit_test_setup_teardown (test_folder_is_made_and_private, setup, teardown),
        cmocka_unit_test_setup_teardown (test_relative_and_odd_names, setup, teardown),
        cmocka_unit_test_setup_teardown (test_in_use, setup, teardown),
        cmocka_unit_test_setup_teardown (test_not_a_folder, setup, teardown),
        cmocka_unit_test_setup_teardown (test_log_is_a_folder, setup, teardown),
        cmocka_unit_test_setup_teardown (test_not_writable, setup, teardown),
        cmocka_unit_test_setup_teardown (test_seqs_have_to_follow, setup, teardown),
        cmocka_unit_test_setup_teardown (test_nonsense_is_not_loaded, setup, teardown),
        cmocka_unit_test_setup_teardown (test_overwritten_pages, setup, teardown),
        cmocka_unit_test_setup_teardown (test_shares_after_a_start, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
