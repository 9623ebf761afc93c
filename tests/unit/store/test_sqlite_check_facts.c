/*  test_sqlite_check_facts.c - check and backup of facts, mailboxes and what was taken away */
#include "check.h"
#include "fixture.h"

#include <dirent.h>
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

typedef struct {
    char text[8192]; /* the lines                                                */
    size_t lines;
    store_summary_t summary;
    zchat_status_t status;
} said_t;

static void on_problem (void *arg, const char *text)
{
    said_t *said = arg;
    size_t size = strlen (said->text);
    snprintf (said->text + size, sizeof said->text - size, "%s\n", text);
    said->lines++;
}

static said_t check (const char *dir)
{
    said_t said = {0};
    char *why = NULL;
    said.status = store_check (dir, NULL, on_problem, &said, &said.summary, &why);
    free (why);
    return said;
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

static store_record_t record (uint64_t room, const char *name, uint64_t seq, zchat_type_t type)
{
    store_record_t record = fixture_record (room, seq, "body");
    record.room_name = frame_str (name);
    record.event.type = type;
    record.event.data = frame_str ("{\"a\":1}");
    return record;
}

/*  A room with moderation and a message taken away, two mailboxes, facts of all kinds. */
static void small_log (const char *dir)
{
    store_t *store = fixture_open (dir);
    store_record_t records[] = {
        record (1, "lobby", 1, ZCHAT_TYPE_SAY),    record (1, "lobby", 2, ZCHAT_TYPE_MODE),
        record (1, "lobby", 3, ZCHAT_TYPE_REMOVE), record (2, "@1", 1, ZCHAT_TYPE_TELL),
        record (3, "@12", 1, ZCHAT_TYPE_TOLD),     record (3, "@12", 2, ZCHAT_TYPE_INVITE),
        record (3, "@12", 3, ZCHAT_TYPE_TELL),     fixture_fact (0, "name/bob", "{}"),
        fixture_fact (1, "role/bob", "op"),        fixture_fact (3, "of", "боб"),
    };
    records[2].removes = 1;
    records[6].removes = 3; /* gone in a mailbox too                           */
    assert_int_equal (store_append (store, records, 10), ZCHAT_OK);
    store_destroy (&store);
}

static void test_sound (void **state)
{
    small_log (*state);
    said_t said = check (*state);
    if (said.status != ZCHAT_OK)
        fail_msg ("%s", said.text);
    assert_int_equal (said.summary.rooms, 3);
    assert_int_equal (said.summary.messages, 7);
    assert_int_equal (said.summary.facts, 3);
    store_t *store = fixture_open (*state); /* and a broker loads it           */
    fixture_facts_are (store, "0 name/bob={} 1 role/bob=op 3 of=боб");
    store_destroy (&store);
}

/*  As many facts as there may be, and of the largest size.                    */
static void test_sound_at_the_bounds (void **state)
{
    small_log (*state);
    sql (*state, "UPDATE rooms SET name = '@=0123456789abcdef0123456789abcdef' WHERE id = 3");
    sql (*state, "INSERT INTO facts SELECT 0, printf ('%.640c', 'k'), printf ('%.4096c', 'v');"
                 "UPDATE rooms SET name = '@' || printf ('%.33c', '7') WHERE id = 2");
    said_t said = check (*state);
    assert_int_equal (said.status, ZCHAT_OK);
    assert_int_equal (said.summary.facts, 4);
}

static const struct {
    const char *sql;  /* what is done to the small log                           */
    const char *line; /* what must be said of it                                 */
} damages[] = {
    {"UPDATE facts SET room = 9 WHERE room = 1", "facts: 1 are of no room, the first of number 9"},
    {"UPDATE facts SET room = room + 4 WHERE room > 0",
     "facts: 2 are of no room, the first of number 5"},
    {"UPDATE facts SET room = -1 WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET room = 8388608 WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET room = 'one' WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET key = '' WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET key = x'6b' WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET key = CAST (x'ff' AS TEXT) WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET key = printf ('%.641c', 'k') WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET value = ''", "facts: 3 make no sense (room, key or value)"},
    {"UPDATE facts SET value = x'76' WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET value = CAST (x'610062' AS TEXT) WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET value = CAST (x'c3' AS TEXT) WHERE room = 1", "facts: 1 make no sense"},
    {"UPDATE facts SET value = printf ('%.4097c', 'v') WHERE room = 1", "facts: 1 make no sense"},
    {"DROP TABLE facts", "facts: cannot be read"},
    {"UPDATE rooms SET name = '@' WHERE id = 2", "room \"@\": its name is not allowed"},
    {"UPDATE rooms SET name = '@1x' WHERE id = 2", "room \"@1x\": its name is not allowed"},
    {"UPDATE rooms SET name = '@-1' WHERE id = 2", "room \"@-1\": its name is not allowed"},
    {"UPDATE rooms SET name = '@=12' WHERE id = 2", "its name is not allowed"},
    {"UPDATE rooms SET name = '@=0123456789abcdef0123456789abcdeF' WHERE id = 2",
     "its name is not allowed"},
    {"UPDATE rooms SET name = '@١' WHERE id = 2", "its name is not allowed"},
    {"UPDATE rooms SET name = '@' || printf ('%.34c', '7') WHERE id = 2",
     "its name is not allowed"},
    {"UPDATE rooms SET name = '@12' WHERE id = 2",
     "room \"@12\": its name is the same as that of room \"@12\" (numbers 3 and 2)"},
    {"UPDATE rooms SET name = 'lobby2' WHERE id = 2",
     "room \"lobby2\": messages are of a type that has no place in such a room: 1, the first is"
     " seq 1"},
    {"UPDATE rooms SET name = 'lobby2' WHERE id = 3",
     "of a type that has no place in such a room: 2, the first is seq 1"},
    {"UPDATE rooms SET name = '@13' WHERE id = 1",
     "of a type that has no place in such a room: 1, the first is seq 3"},
    {"UPDATE messages SET body = 'left' WHERE type = 9 AND id >> 40 = 1",
     "room \"lobby\": messages hold no UTF-8 text, or too much: 1, the first is seq 1"},
    {"UPDATE messages SET data = '{}' WHERE type = 9 AND id >> 40 = 1",
     "room \"lobby\": messages hold data that is no JSON object, or too much: 1"},
    {"UPDATE messages SET type = 14 WHERE type = 9", "of a type that is not stored: 1"},
};

static void test_damages (void **state)
{
    small_log (*state);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char *dir = fixture_folder ();
        fixture_copy (*state, dir, "zchat.db");
        sql (dir, damages[i].sql);
        said_t said = check (dir);
        if (said.status != ZCHAT_CORRUPT || !strstr (said.text, damages[i].line))
            fail_msg ("%s: %s '%s' lacks '%s'", damages[i].sql, zchat_status_code (said.status),
                      said.text, damages[i].line);
        if (said.lines > 2)
            fail_msg ("%s: %s", damages[i].sql, said.text);
        fixture_folder_remove (&dir);
    }
}

/*  A copy holds the facts, not what was taken away, and nothing of the other files. */
static void test_backup (void **state)
{
    char *from = fixture_path (*state, "log");
    char *to = fixture_path (*state, "copy");
    store_t *store = fixture_open (from);
    store_destroy (&store);
    small_log (from);
    static const char *const others[] = {"broker.key", "tokens", "members"};
    for (size_t i = 0; i < 3; i++) {
        char *path = fixture_path (from, others[i]);
        FILE *file = fopen (path, "w");
        assert_non_null (file);
        assert_true (fputs ("secret", file) >= 0);
        assert_int_equal (fclose (file), 0);
        free (path);
    }
    store = fixture_open (from);
    store_record_t fact = fixture_fact (0, "in the WAL", "too");
    assert_int_equal (store_append (store, &fact, 1), ZCHAT_OK);
    said_t said = {0};
    char *why = NULL;
    assert_int_equal (store_backup (from, to, NULL, on_problem, &said, &said.summary, &why),
                      ZCHAT_OK);
    assert_int_equal (said.summary.facts, 4);
    fact = fixture_fact (0, "after", "it");
    assert_int_equal (store_append (store, &fact, 1), ZCHAT_OK);
    store_destroy (&store);

    DIR *dir = opendir (to);
    assert_non_null (dir);
    const struct dirent *entry;
    size_t entries = 0;
    while ((entry = readdir (dir)))
        if (entry->d_name[0] != '.') {
            assert_string_equal (entry->d_name, "zchat.db");
            entries++;
        }
    closedir (dir);
    assert_int_equal (entries, 1);
    store = fixture_open (to);
    fixture_facts_are (store, "0 in the WAL=too 0 name/bob={} 1 role/bob=op 3 of=боб");
    store_destroy (&store);
    sql (from, "UPDATE facts SET room = 9 WHERE room = 1"); /* damaged: none is made */
    char *again = fixture_path (*state, "again");
    assert_int_equal (store_backup (from, again, NULL, on_problem, &said, &said.summary, &why),
                      ZCHAT_CORRUPT);
    assert_int_not_equal (access (again, F_OK), 0);
    free (why);
    free (again);
    free (from);
    free (to);
}

/*  --- the position ----------------------------------------------------------  */

static void test_position (void **state)
{
    static const struct {
        const char *change, *said;
    } cases[] = {
        {"UPDATE meta SET value = 'many' WHERE key = 'position'", "position: it is no number"},
        {"UPDATE meta SET value = -1 WHERE key = 'position'", "position: it is no number"},
        {"UPDATE meta SET value = 9.5 WHERE key = 'position'", "position: it is no number"},
        {"DELETE FROM meta WHERE key = 'position'", "position: it is missing"},
        {"INSERT OR REPLACE INTO meta (key, value) VALUES ('position', 19)",
         "position: it is 19, but 20 records are there"},
    };
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 20);
    /*  One that begins behind all seqs that ever were: its head is no count.  */
    store_record_t begins = record (2, "dev", 1001, ZCHAT_TYPE_SAY);
    begins.makes = true;
    assert_int_equal (store_append (store, &begins, 1), ZCHAT_OK);
    store_record_t gone = {.room = 2, .room_name = frame_str ("dev"), .drops = true};
    assert_int_equal (store_append (store, &gone, 1), ZCHAT_OK);
    store_destroy (&store);
    said_t said = check (*state);
    assert_int_equal (said.status, ZCHAT_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sql (*state, cases[i].change);
        said = check (*state);
        assert_int_equal (said.status, ZCHAT_CORRUPT);
        assert_int_equal (said.lines, 1);
        if (!strstr (said.text, cases[i].said))
            fail_msg ("%s: %s", cases[i].change, said.text);
    }
    sql (*state, "UPDATE meta SET value = 20 WHERE key = 'position'");
    said = check (*state);
    assert_int_equal (said.status, ZCHAT_OK);
    /*  A broker does not start by one that cannot tell what is stored.        */
    for (size_t i = 0; i < 4; i++) {
        sql (*state, cases[i].change);
        store = fixture_open (*state);
        fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
        assert_int_equal (fixture_load (store, loaded), ZCHAT_CORRUPT);
        free (loaded);
        store_destroy (&store);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_position, setup, teardown),
        cmocka_unit_test_setup_teardown (test_sound, setup, teardown),
        cmocka_unit_test_setup_teardown (test_sound_at_the_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown (test_damages, setup, teardown),
        cmocka_unit_test_setup_teardown (test_backup, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
