/*  test_sqlite_schema.c - which files are a log, and what becomes of others   */
#include "check.h"
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

static sqlite3_int64 sql (const char *dir, const char *text)
{
    char *path = fixture_path (dir, "zchat.db");
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    assert_int_equal (sqlite3_prepare_v2 (db, text, -1, &statement, NULL), SQLITE_OK);
    int rc = sqlite3_step (statement);
    sqlite3_int64 answer = rc == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : -1;
    assert_true (rc == SQLITE_ROW || rc == SQLITE_DONE);
    sqlite3_finalize (statement);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    free (path);
    return answer;
}

static void file_write (const char *dir, const char *bytes, size_t size)
{
    char *path = fixture_path (dir, "zchat.db");
    FILE *file = fopen (path, "wb");
    assert_non_null (file);
    assert_int_equal (fwrite (bytes, 1, size, file), size);
    assert_int_equal (fclose (file), 0);
    free (path);
}

static void test_new_log_is_marked (void **state)
{
    store_t *store = fixture_open (*state);
    store_destroy (&store);
    assert_int_equal (sql (*state, "PRAGMA application_id"), 0x7a636874);
    assert_int_equal (sql (*state, "PRAGMA user_version"), 6);
    assert_int_equal (sql (*state, "SELECT typeof (value) = 'integer' AND value = 0 FROM meta"
                                   " WHERE key = 'position'"),
                      1);
    assert_int_equal (sql (*state, "SELECT value = CAST ('0123456789abcdef' AS BLOB) FROM meta"
                                   " WHERE key = 'log_id'"),
                      1);
}

/*  An empty file, or a database without anything in it, is a log not yet begun. */
static void test_empty_file_is_new (void **state)
{
    file_write (*state, "", 0);
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 3);
    store_destroy (&store);
    file_write (*state, "", 0);
    sql (*state, "PRAGMA journal_mode = WAL");
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, 0);
    store_destroy (&store);
}

static void test_newer (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 3);
    store_destroy (&store);
    sql (*state, "PRAGMA user_version = 7");
    fixture_refused (*state, ZCHAT_NEWER, "newer");
    fixture_refused (*state, ZCHAT_NEWER, "zchat.db");
    assert_int_equal (sql (*state, "PRAGMA user_version"), 7);
    sql (*state, "PRAGMA user_version = 6");
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, 3);
    store_destroy (&store);
}

/*  What a zchatd of version 1 left behind: 3 messages of a room, a sender.     */
static void log_of_version_1 (const char *dir)
{
    static const char *const steps[] = {
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
        "INSERT INTO meta (key, value) VALUES ('commits_undone', 0)",
        "CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL, head INTEGER NOT NULL,"
        " first INTEGER NOT NULL, time INTEGER NOT NULL, oldest INTEGER,"
        " topic TEXT, topic_by TEXT, topic_time INTEGER)",
        "CREATE INDEX rooms_oldest ON rooms (oldest) WHERE oldest IS NOT NULL",
        "CREATE TABLE messages (id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
        " type INTEGER NOT NULL, user TEXT NOT NULL, body BLOB NOT NULL, data TEXT NOT NULL)",
        "CREATE TABLE producers (id BLOB PRIMARY KEY, n INTEGER NOT NULL, time INTEGER NOT NULL)"
        " WITHOUT ROWID",
        "INSERT INTO meta (key, value) VALUES ('log_id', CAST ('fedcba9876543210' AS BLOB))",
        "INSERT INTO messages SELECT (1 << 40) + value, 1000 * value, 1, 'bob',"
        " CAST ('1/' || value AS BLOB), '' FROM json_each ('[1,2,3]')",
        "INSERT INTO rooms VALUES (1, 'lobby', 3, 1, 3000, 1000, 'old topic', 'bob', 500)",
        "INSERT INTO producers VALUES (zeroblob (16), 3, 3000)",
        "PRAGMA application_id = 0x7a636874",
        "PRAGMA user_version = 1",
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        sql (dir, steps[i]);
}

/*  Of version 4: the same as it stands then, and a second room; position is in none of them. */
static void log_of_version_4 (const char *dir)
{
    static const char *const steps[] = {
        "CREATE TABLE facts (room INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
        " PRIMARY KEY (room, key)) WITHOUT ROWID",
        "ALTER TABLE producers ADD COLUMN holder TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE rooms ADD COLUMN charge TEXT NOT NULL DEFAULT ''",
        "INSERT INTO messages VALUES ((2 << 40) + 7, 1000, 1, 'bob', CAST ('2/7' AS BLOB), '')",
        "INSERT INTO rooms VALUES (2, 'dev', 7, 7, 1000, 1000, NULL, NULL, NULL, 'own place')",
        "PRAGMA user_version = 4",
    };
    log_of_version_1 (dir);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        sql (dir, steps[i]);
}

/*  What a zchatd of version 2 left behind: the same, and a ban with its reason. */
static void log_of_version_2 (const char *dir)
{
    static const char *const steps[] = {
        "CREATE TABLE facts (room INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
        " PRIMARY KEY (room, key)) WITHOUT ROWID",
        "INSERT INTO facts VALUES (1, 'ban/=eve',"
        " '{\"user\":\"eve\",\"by\":\"anna\",\"reason\":\"no \\\"spam\\\"\"}'),"
        " (1, 'role/#1', 'operator')",
        "PRAGMA user_version = 2",
    };
    log_of_version_1 (dir);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        sql (dir, steps[i]);
}

static void ignore_problem (void *arg, const char *text)
{
    fail_msg ("%s", text);
}

static void test_migrates_version_1 (void **state)
{
    log_of_version_1 (*state);
    store_t *store = fixture_open (*state);
    assert_memory_equal (store_log_id (store), "fedcba9876543210", ZCHAT_LOG_ID_SIZE);
    fixture_holds (store, 1, 1, 3);
    fixture_facts_are (store, "");
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_true (frame_is (loaded->rooms[0].topic, "old topic"));
    assert_int_equal (loaded->n_producers, 1);
    assert_int_equal (loaded->producers[0].n, 3);
    free (loaded);
    store_record_t fact = fixture_fact (1, "k", "v");
    assert_int_equal (store_append (store, &fact, 1), ZCHAT_OK);
    fixture_fill (store, 1, 4, 5);
    store_destroy (&store);
    assert_int_equal (sql (*state, "PRAGMA user_version"), 6);
    store = fixture_open (*state); /* once only                                */
    fixture_holds (store, 1, 1, 5);
    fixture_facts_are (store, "1 k=v");
    store_destroy (&store);
    /*  The tables are those of a log that was new.                            */
    char *other = fixture_folder ();
    store = fixture_open (other);
    store_destroy (&store);
    char *text = fixture_path (other, "zchat.db");
    char *query = NULL;
    assert_true (asprintf (&query, "ATTACH '%s' AS other", text) > 0);
    char *path = fixture_path (*state, "zchat.db");
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    assert_int_equal (sqlite3_exec (db, query, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal (
        sqlite3_prepare_v2 (db,
                            "SELECT count (*) FROM main.sqlite_master AS a"
                            " JOIN other.sqlite_master AS b USING (type, name, tbl_name, sql)",
                            -1, &statement, NULL),
        SQLITE_OK);
    assert_int_equal (sqlite3_step (statement), SQLITE_ROW);
    assert_int_equal (sqlite3_column_int (statement, 0), 12); /* nine tables, three indexes */
    sqlite3_finalize (statement);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    free (path);
    free (query);
    free (text);
    fixture_folder_remove (&other);
}

/*  It gets a position, which is more than what it holds, and counts on from there; a load of the
    log as it is, for check, has none.                                         */
static void test_migrates_version_4 (void **state)
{
    char *why = NULL;
    store_summary_t summary;
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    store_loader_t loader = {.position = fixture_on_position,
                             .room = fixture_on_room,
                             .fact = fixture_on_fact,
                             .producer = fixture_on_producer,
                             .arg = loaded};
    log_of_version_4 (*state);
    loaded->position = 77;
    assert_int_equal (store_check (*state, &loader, ignore_problem, NULL, &summary, &why),
                      ZCHAT_OK);
    assert_int_equal (loaded->n_rooms, 2);
    assert_int_equal (loaded->position, 77);
    free (loaded);
    store_t *store = fixture_open (*state);
    assert_int_equal (fixture_position (store), 10);
    fixture_fill (store, 1, 4, 8);
    assert_int_equal (fixture_position (store), 15);
    store_destroy (&store);
    assert_int_equal (sql (*state, "PRAGMA user_version"), 6);
    store = fixture_open (*state); /* once only                                */
    assert_int_equal (fixture_position (store), 15);
    fixture_holds (store, 1, 1, 8);
    store_destroy (&store);
    assert_int_equal (store_check (*state, NULL, ignore_problem, NULL, &summary, &why), ZCHAT_OK);
}

/*  check and backup look only: they take it as it is, and leave it so.        */
static void test_migrates_version_2 (void **state)
{
    char *why = NULL;
    store_summary_t summary;
    fixture_loaded_t *before = memory_zero (sizeof *before);
    store_loader_t loader = {.room = fixture_on_room,
                             .fact = fixture_on_fact,
                             .producer = fixture_on_producer,
                             .arg = before};
    log_of_version_2 (*state);
    assert_int_equal (store_check (*state, &loader, ignore_problem, NULL, &summary, &why),
                      ZCHAT_OK);
    assert_int_equal (before->n_producers, 1);
    free (before);
    store_t *store = fixture_open (*state);
    fixture_holds (store, 1, 1, 3);
    fixture_facts_are (store, "1 ban/=eve={\"user\":\"eve\",\"by\":\"anna\"}"
                              " 1 role/#1=operator");
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_int_equal (loaded->producers[0].n, 3);
    assert_string_equal (loaded->holders[0], "");
    free (loaded);
    store_destroy (&store);
    assert_int_equal (sql (*state, "PRAGMA user_version"), 6);
}

static void test_version_1_is_only_looked_at (void **state)
{
    char *to = fixture_path (*state, "copy");
    char *why = NULL;
    store_summary_t summary;
    log_of_version_1 (*state);
    assert_int_equal (store_check (*state, NULL, ignore_problem, NULL, &summary, &why), ZCHAT_OK);
    assert_int_equal (summary.messages, 3);
    assert_int_equal (summary.facts, 0);
    assert_int_equal (summary.producers, 1);
    assert_int_equal (store_backup (*state, to, NULL, ignore_problem, NULL, &summary, &why),
                      ZCHAT_OK);
    assert_int_equal (sql (*state, "PRAGMA user_version"), 1);
    assert_int_equal (sql (to, "PRAGMA user_version"), 1);
    store_t *store = fixture_open (to);
    fixture_holds (store, 1, 1, 3);
    store_destroy (&store);
    assert_int_equal (sql (to, "PRAGMA user_version"), 6);
    free (to);
}

/*  A step that fails changes nothing.                                         */
static void test_migration_refused (void **state)
{
    log_of_version_1 (*state);
    sql (*state, "CREATE TABLE facts (mine)");
    fixture_refused (*state, ZCHAT_CORRUPT, "zchat.db");
    assert_int_equal (sql (*state, "PRAGMA user_version"), 1);
    assert_int_equal (sql (*state, "SELECT count (*) FROM messages"), 3);
    sql (*state, "DROP TABLE facts");
    store_t *store = fixture_open (*state);
    fixture_holds (store, 1, 1, 3);
    store_destroy (&store);
}

static void test_not_a_database (void **state)
{
    char text[5000];
    memset (text, 'x', sizeof text);
    const size_t sizes[] = {2, 99, 512, 4096, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        file_write (*state, text, sizes[i]);
        fixture_refused (*state, ZCHAT_CORRUPT, "not a zchat log");
    }
}

/*  Somebody else's database is refused and left as it was.                    */
static void test_foreign_database (void **state)
{
    sql (*state, "CREATE TABLE mine (x)");
    fixture_refused (*state, ZCHAT_CORRUPT, "not a zchat log");
    assert_int_equal (sql (*state, "SELECT count (*) FROM sqlite_master"), 1);
    char *path = fixture_path (*state, "zchat.db-wal");
    assert_int_not_equal (access (path, F_OK), 0);
    free (path);
    sql (*state, "DROP TABLE mine");
    sql (*state, "PRAGMA application_id = 42");
    fixture_refused (*state, ZCHAT_CORRUPT, "not a zchat log");
    sql (*state, "PRAGMA application_id = 0x7a636874");
    fixture_refused (*state, ZCHAT_CORRUPT, "not a zchat log"); /* version 0 of ours: none */
}

static void test_missing_parts (void **state)
{
    static const char *const damages[] = {
        "DELETE FROM meta WHERE key = 'log_id'",
        "UPDATE meta SET value = zeroblob (15) WHERE key = 'log_id'",
        "UPDATE meta SET value = 'text of 16 bytes' WHERE key = 'log_id'",
        "DROP TABLE meta",
        "DROP TABLE rooms",
        "DROP TABLE facts",
        "ALTER TABLE messages DROP COLUMN data",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char *dir = fixture_folder ();
        store_t *store = fixture_open (dir);
        store_destroy (&store);
        sql (dir, damages[i]);
        char *why = NULL;
        zchat_status_t status = store_open (dir, fixture_log_id, &store, &why);
        if (status != ZCHAT_CORRUPT)
            fail_msg ("%s: %s, %s", damages[i], zchat_status_code (status), why ? why : "");
        assert_non_null (strstr (why, "zchat.db"));
        free (why);
        fixture_folder_remove (&dir);
    }
}

static void test_cut_off (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 500);
    store_destroy (&store);
    char *path = fixture_path (*state, "zchat.db");
    assert_int_equal (truncate (path, 8192), 0);
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    char *why = NULL;
    store = NULL;
    zchat_status_t status = store_open (*state, fixture_log_id, &store, &why);
    if (status == ZCHAT_OK)
        status = fixture_load (store, loaded);
    assert_int_equal (status, ZCHAT_CORRUPT);
    store_destroy (&store);
    free (why);
    free (loaded);
    free (path);
}

/*  --- what somebody planted -------------------------------------------------  */

#define ENDLESS "WITH RECURSIVE c (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c) "

static const struct {
    const char *sql[3]; /* what is done to a log of three messages                     */
    const char *name;   /* what must be named                                          */
} planted[] = {
    {{"CREATE VIEW v AS SELECT 1"}, "\"v\""},
    {{"CREATE TABLE lost_and_found (x)"}, "\"lost_and_found\""},
    {{"CREATE TRIGGER t AFTER INSERT ON messages BEGIN DELETE FROM rooms; END"}, "\"t\""},
    {{"CREATE INDEX slow ON messages (hex (zeroblob (100 * length (body))))"}, "\"slow\""},
    {{"ALTER TABLE messages ADD COLUMN g AS (zeroblob (1000000))"}, "\"messages\""},
    {{"ALTER TABLE messages RENAME TO kept",
      "CREATE VIEW messages AS " ENDLESS "SELECT i AS id, i AS time, 1 AS type, 'eve' AS user,"
      " x'' AS body, '' AS data FROM c"},
     "\"kept\""},
    {{"DROP TABLE meta",
      "CREATE VIEW meta AS " ENDLESS "SELECT 'log_id' AS key, i AS value FROM c"},
     "\"meta\""},
    {{"DROP TABLE producers",
      "CREATE VIEW producers AS " ENDLESS "SELECT zeroblob (16) AS id, i AS n, i AS time FROM c"},
     "\"producers\""},
    {{"DROP INDEX rooms_oldest"}, "\"rooms_oldest\""},
    {{"DROP TABLE facts"}, "facts"},
    {{"DROP TABLE facts", "CREATE VIEW v AS " ENDLESS "SELECT i FROM c"}, "\"v\""},
};

static void on_problem (void *arg, const char *text)
{
    char *said = arg;
    snprintf (said + strlen (said), 1000 - strlen (said), "%s\n", text);
}

/*  Neither a start nor a check takes it, both at once, and both name it.      */
static void test_planted (void **state)
{
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        char *dir = fixture_folder ();
        char said[1000] = "";
        store_t *store = fixture_open (dir);
        fixture_fill (store, 1, 1, 3);
        store_destroy (&store);
        for (size_t k = 0; k < 3 && planted[i].sql[k]; k++)
            sql (dir, planted[i].sql[k]);
        fixture_refused (dir, ZCHAT_CORRUPT, planted[i].name);
        store_summary_t summary;
        char *why = NULL;
        assert_int_equal (store_check (dir, NULL, on_problem, said, &summary, &why), ZCHAT_CORRUPT);
        if (!strstr (said, planted[i].name))
            fail_msg ("%s: check says '%s'", planted[i].sql[0], said);
        free (why);
        fixture_folder_remove (&dir);
    }
}

/*  What a person did to help SQLite is no attack.                             */
static void test_analyzed (void **state)
{
    store_summary_t summary;
    char *why = NULL;
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 300);
    store_destroy (&store);
    sql (*state, "ANALYZE");
    sql (*state, "VACUUM");
    assert_int_equal (store_check (*state, NULL, ignore_problem, NULL, &summary, &why), ZCHAT_OK);
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, 300);
    store_destroy (&store);
}

/*  Planted under an open log it does nothing either.                          */
static void test_planted_under_an_open_log (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 3);
    sql (*state, "CREATE TRIGGER t AFTER INSERT ON messages BEGIN"
                 " UPDATE messages SET body = 'forged'; END");
    assert_int_equal (fixture_try (store, 1, 4), ZCHAT_OK);
    fixture_holds (store, 1, 1, 4);
    sql (*state, "ALTER TABLE messages RENAME TO kept");
    sql (*state,
         "CREATE VIEW messages AS SELECT id, time, type, 'eve' AS user, body, data FROM kept");
    store_query_t query = {.room = 1, .limit = 10, .bytes_max = 1000};
    store_reader_t *reader = NULL;
    store_page_t *page = NULL;
    if (store_reader_new (store, &reader) == ZCHAT_OK)
        assert_int_equal (store_read (reader, &query, &page), ZCHAT_STORAGE);
    store_reader_destroy (&reader);
    assert_int_equal (fixture_try (store, 1, 5), ZCHAT_STORAGE);
    store_destroy (&store);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_new_log_is_marked, setup, teardown),
        cmocka_unit_test_setup_teardown (test_empty_file_is_new, setup, teardown),
        cmocka_unit_test_setup_teardown (test_newer, setup, teardown),
        cmocka_unit_test_setup_teardown (test_migrates_version_1, setup, teardown),
        cmocka_unit_test_setup_teardown (test_migrates_version_2, setup, teardown),
        cmocka_unit_test_setup_teardown (test_migrates_version_4, setup, teardown),
        cmocka_unit_test_setup_teardown (test_version_1_is_only_looked_at, setup, teardown),
        cmocka_unit_test_setup_teardown (test_migration_refused, setup, teardown),
        cmocka_unit_test_setup_teardown (test_not_a_database, setup, teardown),
        cmocka_unit_test_setup_teardown (test_foreign_database, setup, teardown),
        cmocka_unit_test_setup_teardown (test_missing_parts, setup, teardown),
        cmocka_unit_test_setup_teardown (test_cut_off, setup, teardown),
        cmocka_unit_test_setup_teardown (test_planted, setup, teardown),
        cmocka_unit_test_setup_teardown (test_analyzed, setup, teardown),
        cmocka_unit_test_setup_teardown (test_planted_under_an_open_log, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
