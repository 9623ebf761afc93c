/*  test_sqlite_older.c - a log that an older zchatd wrote: check, backup, and what it becomes */
#include "check.h"
#include "fixture.h"

#include "sqlite.h"
#include <sqlite3.h>
#include <sys/stat.h>

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

static int on_row (void *arg, int columns, char **values, char **names)
{
    *(long long *)arg = columns && values[0] ? atoll (values[0]) : -1;
    return 0;
}

/*  Run the statements; returns the number that the last of them answers.      */
static long long sql (const char *dir, const char *text)
{
    char *path = fixture_path (dir, "zchat.db");
    sqlite3 *db = NULL;
    char *why = NULL;
    long long answer = -1;
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    if (sqlite3_exec (db, text, on_row, &answer, &why) != SQLITE_OK)
        fail_msg ("%.80s: %s", text, why);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    free (path);
    return answer;
}

/*  See log_of_version_4.sql.                                                  */
static void log_of_version_4 (const char *dir)
{
    static char text[16384];
    FILE *file = fopen (ZCHAT_LOG_4, "rb");
    assert_non_null (file);
    size_t size = fread (text, 1, sizeof text - 1, file);
    assert_true (size > 0 && size < sizeof text - 1);
    text[size] = '\0';
    fclose (file);
    sql (dir, text);
}

static void on_problem (void *arg, const char *text)
{
    fail_msg ("%s", text);
}

/*  check and backup find it sound, and count so many messages and facts.      */
static void sound (const char *dir, const char *copy, uint64_t messages, uint64_t facts)
{
    char *to = fixture_path (dir, copy);
    char *why = NULL;
    store_summary_t found, copied;
    if (store_check (dir, NULL, on_problem, NULL, &found, &why) != ZCHAT_OK ||
        store_backup (dir, to, NULL, on_problem, NULL, &copied, &why) != ZCHAT_OK)
        fail_msg ("%s", why);
    assert_memory_equal (&found, &copied, sizeof found);
    assert_int_equal (found.rooms, 5);
    assert_int_equal (found.messages, messages);
    assert_int_equal (found.facts, facts);
    assert_int_equal (found.producers, 1);
    free (to);
}

/*  What is known of rooms and of the producer is what was.                    */
static void loads (store_t *store)
{
    static const char *const names[] = {"street", "den", "@2", "@1", "@3"};
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_int_equal (loaded->n_rooms, 5);
    for (size_t i = 0; i < 5; i++)
        assert_true (frame_is (loaded->rooms[i].name, names[i]));
    assert_true (frame_is (loaded->rooms[0].topic, "what is old"));
    assert_true (frame_is (loaded->rooms[0].topic_by, "anna"));
    assert_int_equal (loaded->rooms[1].head, 3);
    assert_int_equal (loaded->n_facts, 24);
    assert_int_equal (loaded->n_producers, 1);
    assert_int_equal (loaded->producers[0].n, 1);
    assert_string_equal (loaded->holders[0], "0df6fb96a6ca851e/#1");
    free (loaded);
}

static void reads (store_t *store)
{
    store_query_t query = {.room = 1, .limit = 100, .bytes_max = 1u << 20};
    store_page_t *page = fixture_read (store, &query);
    assert_int_equal (page->count, 6);
    assert_true (frame_is (page->events[1].body, "привет"));
    assert_true (frame_is (page->events[1].data, "{\"reply\": 1}"));
    assert_int_equal (page->events[3].type, ZCHAT_TYPE_GONE);
    assert_int_equal (page->events[3].body.size, 0);
    store_page_destroy (&page);
}

/*  Most of its facts are names of people who never spoke. Its position counts these too, or check
    would call the log damaged, and backup would make none.                    */
static void test_version_4 (void **state)
{
    log_of_version_4 (*state);
    sound (*state, "before", 12, 24);
    assert_int_equal (sql (*state, "PRAGMA user_version"), 4); /* it was looked at only */

    store_t *store = fixture_open (*state);
    assert_int_equal (fixture_position (store), 24);
    loads (store);
    reads (store);
    store_destroy (&store);
    assert_int_equal (sql (*state, "PRAGMA user_version"), 6);
    sound (*state, "after", 12, 24);

    store = fixture_open (*state); /* once only                                */
    store_record_t records[] = {fixture_record (1, 7, "goes on"), fixture_fact (0, "k", "v")};
    records[0].event.time_ms = 2000000000000;
    assert_int_equal (store_append (store, records, 2), ZCHAT_OK);
    assert_int_equal (fixture_position (store), 26);
    store_destroy (&store);
    sound (*state, "later", 13, 25);
}

/*  The copy of an older log is a log itself, for that older zchatd.           */
static void test_a_copy_is_kept (void **state)
{
    char *to = fixture_path (*state, "kept"), *name = fixture_path (*state, "zchat.db.version-4");
    char *log = fixture_path (to, "zchat.db");
    struct stat info;
    log_of_version_4 (*state);
    store_t *store = fixture_open (*state);
    store_destroy (&store);
    assert_int_equal (stat (name, &info), 0);
    assert_int_equal (info.st_mode & 07777, 0600);
    assert_int_equal (mkdir (to, 0700), 0);
    assert_int_equal (rename (name, log), 0);
    sound (to, "again", 12, 24);
    assert_int_equal (sql (to, "PRAGMA user_version"), 4);
    store = fixture_open (*state); /* what is up to date is not copied           */
    store_destroy (&store);
    assert_int_not_equal (stat (name, &info), 0);
    free (log);
    free (name);
    free (to);
}

static void test_without_a_copy_nothing_is_changed (void **state)
{
    char *part = fixture_path (*state, "zchat.db.version-4.part");
    log_of_version_4 (*state);
    assert_int_equal (mkdir (part, 0700), 0);
    fixture_refused (*state, ZCHAT_SYSTEM, "a copy of it is kept");
    assert_int_equal (sql (*state, "PRAGMA user_version"), 4);
    free (part);
}

/*  A log of this version as its zchatd made it, with a room and two messages in it. */
static void log_of_version (const char *dir, int version)
{
    char text[512], *path = fixture_path (dir, "zchat.db");
    sqlite3 *db = NULL;
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    assert_true (sqlite_schema_make (db, 0, version));
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    snprintf (
        text, sizeof text,
        "INSERT INTO meta VALUES ('log_id', X'ed3fd6d9f3f6edb52c15bb302da371d9');"
        "INSERT INTO rooms (id, name, head, first, time, oldest) VALUES (1, 'dev', 2, 1, 9, 8);"
        "INSERT INTO messages VALUES (1099511627777, 8, 1, 'bob', 'one', ''),"
        " (1099511627778, 9, 1, 'bob', 'two', '');"
        "PRAGMA application_id = %d; PRAGMA user_version = %d",
        (int)LOG_APPLICATION, version);
    sql (dir, text);
    if (version > 4)
        sql (dir, "UPDATE meta SET value = 2 WHERE key = 'position'");
    free (path);
}

static void test_every_version (void **state)
{
    for (int version = 1; version < 6; version++) {
        char *dir = fixture_folder (), *why = NULL;
        store_query_t query = {.room = 1, .limit = 100, .bytes_max = 1u << 20};
        store_summary_t found;
        log_of_version (dir, version);
        store_t *store = fixture_open (dir);
        assert_int_equal (fixture_position (store), 2);
        store_page_t *page = fixture_read (store, &query);
        assert_int_equal (page->count, 2);
        assert_true (frame_is (page->events[1].body, "two"));
        store_page_destroy (&page);
        store_destroy (&store);
        assert_int_equal (store_check (dir, NULL, on_problem, NULL, &found, &why), ZCHAT_OK);
        assert_int_equal (found.messages, 2);
        fixture_folder_remove (&dir);
    }
}

/*  Where more was said than is known besides, the seqs count.                 */
static void test_version_4_of_many_messages (void **state)
{
    log_of_version_4 (*state);
    sql (*state, "DELETE FROM facts WHERE key LIKE 'name/%'");
    store_t *store = fixture_open (*state);
    assert_int_equal (fixture_position (store), 12);
    store_destroy (&store);
    sound (*state, "after", 12, 6);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_version_4, setup, teardown),
        cmocka_unit_test_setup_teardown (test_a_copy_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown (test_without_a_copy_nothing_is_changed, setup, teardown),
        cmocka_unit_test (test_every_version),
        cmocka_unit_test_setup_teardown (test_version_4_of_many_messages, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
