/*  test_sqlite_facts.c - facts and removals in the file: damage, failure, what is left */
#include "fixture.h"
#include "sqlite.h"

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
    sqlite3 *db = NULL;
    char *why = NULL;
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    if (sqlite3_exec (db, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg ("%s: %s", text, why);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    free (path);
}

/*  A log with a room, and a fact of it and one of the broker.                 */
static void small_log (const char *dir)
{
    store_t *store = fixture_open (dir);
    store_record_t records[] = {fixture_record (1, 1, "a"), fixture_fact (0, "k", "v"),
                                fixture_fact (1, "k", "v")};
    assert_int_equal (store_append (store, records, 3), ZCHAT_OK);
    store_destroy (&store);
}

static const struct {
    const char *sql;  /* what is done to the small log     */
    const char *text; /* what the load must say            */
} damages[] = {
    {"UPDATE facts SET key = '' WHERE room = 0", "a fact makes no sense"},
    {"UPDATE facts SET value = '' WHERE room = 1", "a fact makes no sense (room 1)"},
    {"UPDATE facts SET key = printf ('%.641c', 'x') WHERE room = 1", "a fact makes no sense"},
    {"UPDATE facts SET value = printf ('%.4097c', 'x') WHERE room = 1", "a fact makes no sense"},
    {"UPDATE facts SET value = zeroblob (100000) WHERE room = 1", "a fact makes no sense"},
    {"UPDATE facts SET room = -1 WHERE room = 1", "a fact makes no sense"},
    {"UPDATE facts SET room = 8388608 WHERE room = 1", "a fact makes no sense"},
    {"UPDATE facts SET room = 2 WHERE room = 1", "a fact is of a room that is not there (room 2)"},
    {"DELETE FROM rooms; DELETE FROM messages", "a fact is of a room that is not there (room 1)"},
};

static void test_damage (void **state)
{
    small_log (*state);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char *dir = fixture_folder ();
        fixture_copy (*state, dir, "zchat.db");
        sql (dir, damages[i].sql);
        store_t *store = fixture_open (dir);
        fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
        if (fixture_load (store, loaded) != ZCHAT_CORRUPT)
            fail_msg ("%s was loaded", damages[i].sql);
        if (!strstr (store_error (store), damages[i].text) ||
            !strstr (store_error (store), "zchat.db"))
            fail_msg ("%s: '%s'", damages[i].sql, store_error (store));
        assert_int_equal (loaded->n_producers, 0);
        store_destroy (&store);
        free (loaded);
        fixture_folder_remove (&dir);
    }
}

/*  A fact of a room that is not there at the end of the batch takes all of it along. */
static void test_fact_of_no_room (void **state)
{
    small_log (*state);
    store_t *store = fixture_open (*state);
    store_record_t records[] = {fixture_record (1, 2, "b"), fixture_fact (0, "k", "new"),
                                fixture_fact (2, "k", "v"), fixture_record (3, 1, "c")};
    assert_int_equal (store_append (store, records, 4), ZCHAT_STORAGE);
    assert_non_null (strstr (store_error (store), "room 2, which is not there"));
    assert_non_null (strstr (store_error (store), "zchat.db"));
    fixture_facts_are (store, "0 k=v 1 k=v");
    records[2].room = 3;
    assert_int_equal (store_append (store, records, 4), ZCHAT_OK);
    fixture_facts_are (store, "0 k=new 1 k=v 3 k=v");
    store_destroy (&store);
}

/*  When one part cannot be written, none is; afterwards everything goes on.   */
static void test_all_or_none (void **state)
{
    static const char *const refusals[] = {
        "CREATE TRIGGER no BEFORE INSERT ON facts WHEN new.key = 'late'"
        " BEGIN SELECT raise (ABORT, 'refused'); END",
        "CREATE TRIGGER no BEFORE DELETE ON facts BEGIN SELECT raise (ABORT, 'refused'); END",
        "CREATE TRIGGER no BEFORE UPDATE ON messages BEGIN SELECT raise (ABORT, 'refused'); END",
        "CREATE TRIGGER no BEFORE INSERT ON producers BEGIN SELECT raise (ABORT, 'refused'); END",
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        char *dir = fixture_folder ();
        small_log (dir);
        store_t *store = fixture_open (dir);
        sqlite3 *db = ((sqlite_store_t *)store)->db;
        assert_int_equal (sqlite3_db_config (db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL),
                          SQLITE_OK);
        assert_int_equal (sqlite3_exec (db, refusals[i], NULL, NULL, NULL), SQLITE_OK);
        store_record_t records[] = {fixture_record (1, 2, "1/2"), fixture_fact (0, "k", "new"),
                                    fixture_fact (1, "k", ""), fixture_fact (1, "late", "v")};
        records[0].removes = 1;
        records[0].has_producer = true;
        records[0].n = 1;
        assert_int_equal (store_append (store, records, 4), ZCHAT_STORAGE);
        assert_non_null (strstr (store_error (store), "refused"));
        fixture_facts_are (store, "0 k=v 1 k=v");
        store_query_t query = {.room = 1, .limit = 10, .bytes_max = 1000};
        store_page_t *page = fixture_read (store, &query);
        assert_int_equal (page->count, 1);
        assert_true (frame_is (page->events[0].body, "a"));
        store_page_destroy (&page);
        assert_int_equal (fixture_producers (store), 0);
        assert_int_equal (sqlite3_exec (db, "DROP TRIGGER no", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal (store_append (store, records, 4), ZCHAT_OK);
        fixture_facts_are (store, "0 k=new 1 late=v");
        store_destroy (&store);
        fixture_folder_remove (&dir);
    }
}

/*  --- cost ------------------------------------------------------------------  */

static int count_statement (unsigned kind, void *arg, void *statement, void *text)
{
    (*(size_t *)arg)++;
    return 0;
}

/*  A batch of plain messages pays nothing for what it does not use.           */
static void test_plain_batch_costs_no_more (void **state)
{
    enum { COUNT = 100 };
    store_t *store = fixture_open (*state);
    store_record_t records[COUNT];
    fixture_fill (store, 1, 1, 1);
    for (uint64_t i = 0; i < COUNT; i++) {
        records[i] = fixture_record (1, i + 2, "plain");
        records[i].has_producer = true;
        records[i].n = i + 1;
    }
    size_t statements = 0;
    sqlite3 *db = ((sqlite_store_t *)store)->db;
    sqlite3_trace_v2 (db, SQLITE_TRACE_STMT, count_statement, &statements);
    assert_int_equal (store_append (store, records, COUNT), ZCHAT_OK);
    /*  BEGIN, each message, the room, the producer, the position, COMMIT.     */
    assert_int_equal (statements, 1 + COUNT + 1 + 1 + 1 + 1);
    statements = 0;
    store_record_t fact = fixture_fact (1, "k", "v");
    assert_int_equal (store_append (store, &fact, 1), ZCHAT_OK);
    assert_int_equal (statements, 4);
    store_destroy (&store);
}

/*  --- what is left of what was taken away -----------------------------------  */

static size_t file_count (const char *dir, const char *text)
{
    char *path = fixture_path (dir, "zchat.db");
    FILE *file = fopen (path, "rb");
    assert_non_null (file);
    assert_int_equal (fseek (file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell (file);
    char *bytes = memory_new (size);
    rewind (file);
    assert_int_equal (fread (bytes, 1, size, file), size);
    assert_int_equal (fclose (file), 0);
    size_t count = 0;
    size_t length = strlen (text);
    for (const char *at = bytes; (at = memmem (at, (size_t)(bytes + size - at), text, length));
         at++)
        count++;
    free (bytes);
    free (path);
    return count;
}

/*  Short ones within a page and long ones on pages of their own.              */
static void test_nothing_is_left (void **state)
{
    enum { SIZE = 50000, UNIT = 8 };
    static const char secret[] = "SeCrEt! ";
    char *body = memory_new (SIZE);
    for (size_t i = 0; i < SIZE; i++)
        body[i] = secret[i % UNIT];
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 200);
    for (uint64_t i = 0; i < 4; i++) {
        store_record_t record = fixture_record (1, 201 + i, "");
        record.event.body = frame_of (body, i % 2 ? SIZE : 3 * UNIT);
        record.event.data = frame_str ("{\"SeCrEt!\":1}");
        assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    }
    fixture_fill (store, 1, 205, 400);
    store_destroy (&store);
    assert_true (file_count (*state, "SeCrEt!") > SIZE / UNIT);
    store = fixture_open (*state);
    for (uint64_t i = 0; i < 4; i++) {
        store_record_t record = fixture_record (1, 401 + i, "");
        record.removes = 201 + i;
        assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    }
    store_destroy (&store);
    assert_int_equal (file_count (*state, "SeCrEt!"), 0);
    free (body);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_damage, setup, teardown),
        cmocka_unit_test_setup_teardown (test_fact_of_no_room, setup, teardown),
        cmocka_unit_test_setup_teardown (test_all_or_none, setup, teardown),
        cmocka_unit_test_setup_teardown (test_plain_batch_costs_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown (test_nothing_is_left, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
