/*  test_sqlite_check.c - what check says of sound and damaged logs, and what backup copies */
#include "check.h"
#include "fixture.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/resource.h>
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

/*  --- what was said ---------------------------------------------------------  */

typedef struct {
    char text[65536]; /* the lines                                               */
    size_t size;
    uint64_t lines;
    store_summary_t summary;
    zchat_status_t status;
    char *why;
} said_t;

static void on_problem (void *arg, const char *text)
{
    said_t *said = arg;
    int n = snprintf (said->text + said->size, sizeof said->text - said->size, "%s\n", text);
    assert_true (n > 0);
    said->size += (size_t)n;
    assert_true (said->size < sizeof said->text);
    said->lines++;
}

static said_t *check (const char *dir)
{
    said_t *said = memory_zero (sizeof *said);
    memset (&said->summary, 0xEE, sizeof said->summary);
    said->status = store_check (dir, NULL, on_problem, said, &said->summary, &said->why);
    assert_int_equal (said->summary.problems, said->lines);
    assert_true ((said->status == ZCHAT_OK) == !said->why);
    assert_true (said->status != ZCHAT_OK || !said->lines);
    return said;
}

static said_t *backup (const char *dir, const char *to)
{
    said_t *said = memory_zero (sizeof *said);
    said->status = store_backup (dir, to, NULL, on_problem, said, &said->summary, &said->why);
    assert_true ((said->status == ZCHAT_OK) == !said->why);
    return said;
}

static void said_free (said_t *said)
{
    free (said->why);
    free (said);
}

static void sound (const char *dir, uint64_t rooms, uint64_t messages, uint64_t producers)
{
    said_t *said = check (dir);
    if (said->status != ZCHAT_OK)
        fail_msg ("%s: %s\n%s", zchat_status_code (said->status), said->why, said->text);
    assert_int_equal (said->summary.rooms, rooms);
    assert_int_equal (said->summary.messages, messages);
    assert_int_equal (said->summary.producers, producers);
    said_free (said);
}

/*  --- logs ------------------------------------------------------------------  */

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

static int64_t sql_number (const char *dir, const char *text)
{
    char *path = fixture_path (dir, "zchat.db");
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    assert_int_equal (sqlite3_prepare_v2 (db, text, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal (sqlite3_step (statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64 (statement, 0);
    sqlite3_finalize (statement);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    free (path);
    return number;
}

static void say (store_t *store, uint64_t room, const char *name, uint64_t seq, zchat_type_t type,
                 const char *body, int producer)
{
    store_record_t record = fixture_record (room, seq, body);
    record.room_name = frame_str (name);
    record.event.type = type;
    record.event.data = frame_str (type == ZCHAT_TYPE_SAY ? "{\"a\":1}" : "");
    record.has_producer = producer > 0;
    record.producer[0] = (uint8_t)producer;
    record.n = seq;
    assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
}

/*  Three rooms, 10 and 5 messages and 1, with a topic, two producers; one of the rooms
    trimmed, and one emptied, by retention.                                    */
static void small_log (const char *dir)
{
    store_t *store = fixture_open (dir);
    for (uint64_t seq = 1; seq <= 10; seq++)
        say (store, 1, "lobby", seq, seq == 7 ? ZCHAT_TYPE_TOPIC : ZCHAT_TYPE_SAY, "hello", 1);
    for (uint64_t seq = 1; seq <= 5; seq++)
        say (store, 2, "комната", seq, ZCHAT_TYPE_ACTION, "привет", 2);
    say (store, 3, "empty", 1, ZCHAT_TYPE_SAY, "gone soon", 0);
    store_destroy (&store);
    sql (dir, "DELETE FROM messages WHERE id = (3 << 40) + 1;"
              "UPDATE rooms SET first = 2, oldest = NULL WHERE id = 3;"
              "DELETE FROM messages WHERE id <= (2 << 40) + 2 AND id > 2 << 40;"
              "UPDATE rooms SET first = 3, oldest = 3000 WHERE id = 2");
}

static void file_damage (const char *dir, off_t at, const void *bytes, size_t size)
{
    char *path = fixture_path (dir, "zchat.db");
    FILE *file = fopen (path, "r+b");
    assert_non_null (file);
    assert_int_equal (fseeko (file, at, SEEK_SET), 0);
    assert_int_equal (fwrite (bytes, 1, size, file), size);
    assert_int_equal (fclose (file), 0);
    free (path);
}

static off_t file_size (const char *dir, const char *name)
{
    char *path = fixture_path (dir, name);
    struct stat info = {0};
    int rc = stat (path, &info);
    free (path);
    return rc == 0 ? info.st_size : -1;
}

/*  --- check -----------------------------------------------------------------  */

static void test_sound (void **state)
{
    store_t *store = fixture_open (*state);
    sound (*state, 0, 0, 0);
    fixture_fill (store, 1, 1, 1000);
    sound (*state, 1, 1000, 0); /* beside a writer, from its WAL               */
    fixture_fill (store, 1, 1001, 1003);
    sound (*state, 1, 1003, 0);
    said_t *said = check (*state);
    assert_memory_equal (said->summary.log_id, fixture_log_id, ZCHAT_LOG_ID_SIZE);
    said_free (said);
    store_destroy (&store);
    sound (*state, 1, 1003, 0);
    store = fixture_open (*state); /* what check left behind is no hindrance   */
    fixture_holds (store, 1, 1, 1003);
    store_destroy (&store);
}

static void test_sound_of_all_kinds (void **state)
{
    small_log (*state);
    sound (*state, 3, 13, 2);
}

static void test_not_a_log (void **state)
{
    said_t *said = check (*state);
    assert_int_equal (said->status, ZCHAT_INVALID);
    assert_non_null (strstr (said->why, "zchat.db"));
    assert_int_equal (said->summary.rooms + said->summary.messages + said->lines, 0);
    said_free (said);
    assert_int_equal (file_size (*state, "zchat.db"), -1);

    char *path = fixture_path (*state, "zchat.db");
    FILE *file = fopen (path, "wb");
    assert_non_null (file);
    assert_int_equal (fclose (file), 0);
    sound (*state, 0, 0, 0); /* a log not yet begun                            */
    assert_int_equal (file_size (*state, "zchat.db"), 0);

    char text[5000];
    memset (text, 'x', sizeof text);
    file_damage (*state, 0, text, sizeof text);
    said = check (*state);
    assert_int_equal (said->status, ZCHAT_CORRUPT);
    assert_non_null (strstr (said->why, "not a zchat log"));
    said_free (said);
    free (path);
}

static void test_newer (void **state)
{
    small_log (*state);
    sql (*state, "PRAGMA user_version = 99");
    said_t *said = check (*state);
    assert_int_equal (said->status, ZCHAT_NEWER);
    assert_non_null (strstr (said->why, "newer"));
    said_free (said);
}

static const struct {
    const char *sql;  /* what is done to the small log                           */
    const char *line; /* what must be said of it                                 */
} damages[] = {
    {"DELETE FROM messages WHERE id = (1 << 40) + 4",
     "room \"lobby\": messages are missing: 1, the first is seq 4"},
    {"DELETE FROM messages WHERE id BETWEEN (1 << 40) + 1 AND (1 << 40) + 3",
     "room \"lobby\": messages are missing: 3, the first is seq 1"},
    {"DELETE FROM messages WHERE id IN ((1 << 40) + 4, (1 << 40) + 6)",
     "room \"lobby\": messages are missing: 2, the first is seq 4"},
    {"DELETE FROM messages WHERE id = (1 << 40) + 10",
     "room \"lobby\": its head is seq 10, but the last of its messages that is there is seq 9"},
    {"DELETE FROM messages WHERE id >> 40 = 2",
     "room \"комната\": its head is seq 5, but the last of its messages that is there is seq 0"},
    {"UPDATE rooms SET head = 12 WHERE id = 1", "its head is seq 12"},
    {"UPDATE rooms SET head = 8, time = 8000 WHERE id = 1",
     "messages lie outside the seqs it counts: 2, the first is seq 9"},
    {"UPDATE rooms SET first = 2, oldest = 2000 WHERE id = 1",
     "messages lie outside the seqs it counts: 1, the first is seq 1"},
    {"UPDATE rooms SET first = 1, oldest = 3000 WHERE id = 2", "messages are missing: 2"},
    {"INSERT INTO messages SELECT (3 << 40) + 1, time, type, user, body, data FROM messages LIMIT "
     "1",
     "room \"empty\": messages lie outside"},
    {"INSERT INTO messages SELECT 1 << 40, time, type, user, body, data FROM messages LIMIT 1",
     "messages lie outside the seqs it counts: 1, the first is seq 0"},
    {"UPDATE rooms SET first = 12 WHERE id = 1", "room \"lobby\": its numbers make no sense"},
    {"UPDATE rooms SET first = 0 WHERE id = 1", "its numbers make no sense"},
    {"UPDATE rooms SET head = -1 WHERE id = 1", "its numbers make no sense"},
    {"UPDATE rooms SET head = 'many' WHERE id = 1", "its numbers make no sense"},
    {"UPDATE rooms SET oldest = NULL WHERE id = 1", "its numbers make no sense"},
    {"UPDATE rooms SET oldest = 5 WHERE id = 3", "its numbers make no sense"},
    {"UPDATE rooms SET id = 8388608 WHERE id = 3", "its numbers make no sense"},
    {"UPDATE rooms SET oldest = 5 WHERE id = 1", "its times are not those"},
    {"UPDATE rooms SET time = 5 WHERE id = 1", "its times are not those"},
    {"UPDATE messages SET time = 1 WHERE id = (1 << 40) + 5",
     "or of one before the message in front: 1, the first is seq 5"},
    {"UPDATE messages SET time = 'noon' WHERE id = (1 << 40) + 5", "the first is seq 5"},
    {"UPDATE messages SET type = 16 WHERE id = (1 << 40) + 5", "of a type that is not stored: 1"},
    {"UPDATE messages SET type = 200 WHERE id = (1 << 40) + 5", "of a type that is not stored: 1"},
    {"UPDATE messages SET type = 0", "of a type that is not stored: 10"},
    {"UPDATE messages SET user = '' WHERE id = (1 << 40) + 5", "a name that is not allowed: 1"},
    {"UPDATE messages SET user = 'a b' WHERE id > (1 << 40) + 5", "a name that is not allowed: 5"},
    {"UPDATE messages SET user = x'ff' WHERE id = (1 << 40) + 5", "a name that is not allowed: 1"},
    {"UPDATE messages SET body = x'c3' WHERE id = (1 << 40) + 5", "no UTF-8 text, or too much: 1"},
    {"UPDATE messages SET body = x'610062' WHERE id = (1 << 40) + 5", "no UTF-8 text"},
    {"UPDATE messages SET body = CAST (printf ('%.65537c', 'x') AS BLOB) WHERE id = (1 << 40) + 5",
     "no UTF-8 text, or too much: 1, the first is seq 5"},
    {"UPDATE messages SET body = CAST (printf ('%.1025c', 'x') AS BLOB) WHERE id = (1 << 40) + 7",
     "no UTF-8 text, or too much: 1, the first is seq 7"},
    {"UPDATE messages SET data = '[]' WHERE id = (1 << 40) + 5", "no JSON object"},
    {"UPDATE messages SET data = '{' WHERE id = (1 << 40) + 5", "no JSON object"},
    {"UPDATE messages SET data = '{' || printf ('%.4096c', ' ') || '}' WHERE id = (1 << 40) + 5",
     "no JSON object, or too much"},
    {"UPDATE rooms SET topic = x'ff' WHERE id = 1", "its topic makes no sense"},
    {"UPDATE rooms SET topic_by = 'a b' WHERE id = 1", "its topic makes no sense"},
    {"UPDATE rooms SET name = 'two words' WHERE id = 1", "room \"two words\": its name is not"},
    {"UPDATE rooms SET name = '' WHERE id = 1", "its name is not allowed"},
    {"UPDATE rooms SET name = x'1b5b324a' WHERE id = 1", "room \"^[[2J\": its name is not"},
    {"UPDATE rooms SET name = 'LOBBY' WHERE id = 3",
     "room \"LOBBY\": its name is the same as that of room \"lobby\" (numbers 3 and 1)"},
    {"UPDATE rooms SET name = 'Straße' WHERE id = 1; UPDATE rooms SET name = 'STRASSE' WHERE id = "
     "2",
     "its name is the same as that of room \"Straße\""},
    {"DELETE FROM rooms WHERE id = 2", "messages: 3 belong to no room, the first to number 2"},
    {"DELETE FROM rooms", "messages: 13 belong to no room, the first to number 1"},
    {"INSERT INTO messages SELECT -5, time, type, user, body, data FROM messages LIMIT 1",
     "messages: 1 belong to no room"},
    {"INSERT INTO messages SELECT 5, time, type, user, body, data FROM messages LIMIT 1",
     "messages: 1 belong to no room"},
    {"INSERT INTO messages SELECT 9223372036854775807, time, type, user, body, data FROM messages"
     " LIMIT 1",
     "messages: 1 belong to no room"},
    {"UPDATE producers SET n = 0", "producers: 2 make no sense"},
    {"UPDATE producers SET n = -1 WHERE n = 5", "producers: 1 make no sense"},
    {"UPDATE producers SET time = 'noon' WHERE n = 5", "producers: 1 make no sense"},
    {"UPDATE producers SET id = zeroblob (15) WHERE n = 5", "producers: 1 make no sense"},
    {"DROP TABLE producers", "producers: cannot be read"},
    {"DROP TABLE messages", "rooms: cannot be read"},
    {"WITH RECURSIVE c (i) AS (VALUES (4) UNION ALL SELECT i + 1 FROM c WHERE i < 110001)"
     " INSERT INTO rooms (id, name, head, first, time) SELECT i, 'r' || i, 0, 1, 0 FROM c",
     "rooms: 110001 of them, of 110000 that may be"},
};

/*  Each is said in one line, so that a person sees it at a glance.            */
static void test_damages (void **state)
{
    small_log (*state);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char *dir = fixture_folder ();
        fixture_copy (*state, dir, "zchat.db");
        sql (dir, damages[i].sql);
        said_t *said = check (dir);
        if (said->status != ZCHAT_CORRUPT || !strstr (said->text, damages[i].line))
            fail_msg ("%s: %s '%s' lacks '%s'", damages[i].sql, zchat_status_code (said->status),
                      said->text, damages[i].line);
        if (said->lines > 2)
            fail_msg ("%s: %s", damages[i].sql, said->text);
        assert_non_null (strstr (said->why, "zchat.db"));
        assert_non_null (strstr (said->why, "backup"));
        said_free (said);
        fixture_folder_remove (&dir);
    }
}

static void test_index_out_of_step (void **state)
{
    small_log (*state);
    sql (*state, "PRAGMA writable_schema = ON;"
                 "UPDATE sqlite_master SET sql = replace (sql, '(oldest)', '(time)')"
                 " WHERE name = 'rooms_oldest'");
    said_t *said = check (*state);
    assert_int_equal (said->status, ZCHAT_CORRUPT);
    assert_non_null (strstr (said->text, "database: "));
    said_free (said);
}

/*  Whichever page is spoilt: it is noticed, and neither check nor a start crashes. */
static void test_every_page (void **state)
{
    enum { PAGE = 4096 };
    small_log (*state);
    store_t *store = fixture_open (*state);
    fixture_fill (store, 4, 1, 1500);
    store_destroy (&store);
    sql (*state, "UPDATE rooms SET name = 'four' WHERE id = 4; VACUUM");
    sound (*state, 4, 1513, 2);
    off_t pages = file_size (*state, "zchat.db") / PAGE;
    assert_true (pages > 10);
    for (off_t page = 0; page < pages; page++)
        for (int with = 0; with < 3; with++) {
            char *dir = fixture_folder ();
            char bytes[PAGE];
            memset (bytes, with == 0 ? 0 : with == 1 ? 0xFF : 0x0D, sizeof bytes);
            fixture_copy (*state, dir, "zchat.db");
            file_damage (dir, page * PAGE, bytes, sizeof bytes);
            said_t *said = check (dir);
            if (said->status != ZCHAT_CORRUPT)
                fail_msg ("page %lld, %d: %s", (long long)page, with,
                          zchat_status_code (said->status));
            said_free (said);
            fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
            char *why = NULL;
            store = NULL;
            zchat_status_t status = store_open (dir, fixture_log_id, &store, &why);
            if (status == ZCHAT_OK)
                status = fixture_load (store, loaded);
            assert_true (status == ZCHAT_OK || status == ZCHAT_CORRUPT);
            store_destroy (&store);
            free (why);
            free (loaded);
            fixture_folder_remove (&dir);
        }
}

/*  --- a WAL cut short -------------------------------------------------------  */

/*  The log as a kill leaves it: the files, without anybody closing them.      */
static char *killed_copy (const char *dir)
{
    char *copy = fixture_folder ();
    fixture_copy (dir, copy, "zchat.db");
    fixture_copy (dir, copy, "zchat.db-wal");
    return copy;
}

static void cut (const char *dir, off_t size)
{
    char *path = fixture_path (dir, "zchat.db-wal");
    assert_int_equal (truncate (path, size), 0);
    free (path);
}

/*  A log whose WAL ends where its last commit does: a process whose files are limited reserves
 * none. */
static store_t *growing_open (const char *dir)
{
    struct rlimit before, limit;
    assert_int_equal (getrlimit (RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 1 << 30;
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &limit), 0);
    store_t *store = fixture_open (dir);
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &before), 0);
    return store;
}

/*  Every commit that lies wholly before the cut is there, and nothing else.   */
static void test_wal_cut (void **state)
{
    enum { COMMITS = 12 };
    off_t ends[COMMITS + 1];
    store_t *store = fixture_open (*state);
    fixture_fill (store, 1, 1, 50);
    store_destroy (&store); /* these are in the log itself                     */
    store = growing_open (*state);
    ends[0] = 0;
    for (uint64_t i = 1; i <= COMMITS; i++) {
        assert_int_equal (fixture_try (store, 1, 50 + i), ZCHAT_OK);
        ends[i] = file_size (*state, "zchat.db-wal");
        assert_true (ends[i] > ends[i - 1]);
    }
    unsigned cuts = 0;
    for (off_t at = 0; at <= ends[COMMITS]; at += at % 4120 < 40 ? 1 : 509) {
        uint64_t commits = 0;
        while (commits < COMMITS && ends[commits + 1] <= at)
            commits++;
        char *dir = killed_copy (*state);
        cut (dir, at);
        sound (dir, 1, 50 + commits, 0);
        assert_int_equal (file_size (dir, "zchat.db-wal"), at); /* only looked at */
        if (cuts++ % 7 == 0) {
            store_t *again = fixture_open (dir);
            fixture_holds (again, 1, 1, 50 + commits);
            assert_int_equal (fixture_try (again, 1, 51 + commits), ZCHAT_OK);
            store_destroy (&again);
            sound (dir, 1, 51 + commits, 0);
        }
        fixture_folder_remove (&dir);
    }
    assert_true (cuts > 100);
    store_destroy (&store);
}

/*  A bit that flips in the WAL cuts it there.                                 */
static void test_wal_flipped (void **state)
{
    store_t *store = growing_open (*state);
    fixture_fill (store, 1, 1, 1);
    off_t begin = file_size (*state, "zchat.db-wal");
    for (uint64_t seq = 2; seq <= 20; seq++)
        assert_int_equal (fixture_try (store, 1, seq), ZCHAT_OK);
    off_t end = file_size (*state, "zchat.db-wal");
    char *dir = killed_copy (*state);
    char *path = fixture_path (dir, "zchat.db-wal");
    FILE *file = fopen (path, "r+b");
    assert_non_null (file);
    assert_int_equal (fseeko (file, (begin + end) / 2, SEEK_SET), 0);
    int byte = fgetc (file);
    assert_int_equal (fseeko (file, (begin + end) / 2, SEEK_SET), 0);
    assert_int_not_equal (fputc (byte ^ 4, file), EOF);
    assert_int_equal (fclose (file), 0);
    said_t *said = check (dir);
    assert_int_equal (said->status, ZCHAT_OK);
    assert_true (said->summary.messages >= 2 && said->summary.messages < 20);
    said_free (said);
    free (path);
    fixture_folder_remove (&dir);
    store_destroy (&store);
}

/*  --- backup ----------------------------------------------------------------  */

static void test_backup (void **state)
{
    char *to = fixture_path (*state, "a/deep/er");
    char *from = fixture_path (*state, "log");
    store_t *store = fixture_open (from);
    fixture_fill (store, 1, 1, 2500);
    say (store, 2, "other", 1, ZCHAT_TYPE_SAY, "one", 7);
    said_t *said = backup (from, to);
    if (said->status != ZCHAT_OK)
        fail_msg ("%s", said->why);
    assert_int_equal (said->summary.rooms, 2);
    assert_int_equal (said->summary.messages, 2501);
    assert_int_equal (said->summary.producers, 1);
    assert_memory_equal (said->summary.log_id, fixture_log_id, ZCHAT_LOG_ID_SIZE);
    said_free (said);
    fixture_fill (store, 1, 2501, 2600); /* the log goes its own way           */
    /*  One file, its owner's alone, that needs nothing beside it.             */
    char *path = fixture_path (to, "zchat.db");
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    assert_int_equal (info.st_mode & 0777, 0600);
    assert_int_equal (stat (to, &info), 0);
    assert_int_equal (info.st_mode & 0777, 0700);
    assert_int_equal (file_size (to, "zchat.db-wal"), -1);
    assert_int_equal (file_size (to, "zchat.db-shm"), -1);
    assert_int_equal (file_size (to, "zchat.db.part"), -1);
    sound (to, 2, 2501, 1);
    uint8_t other[ZCHAT_LOG_ID_SIZE] = "another";
    store_t *copy = NULL;
    char *why = NULL;
    assert_int_equal (store_open (to, other, &copy, &why), ZCHAT_OK);
    assert_memory_equal (store_log_id (copy), fixture_log_id, ZCHAT_LOG_ID_SIZE);
    fixture_holds (copy, 1, 1, 2500);
    assert_int_equal (fixture_try (copy, 1, 2501), ZCHAT_OK);
    store_destroy (&copy);
    fixture_holds (store, 1, 1, 2600);
    store_destroy (&store);
    free (path);
    free (from);
    free (to);
}

static void test_backup_refused (void **state)
{
    char *from = fixture_path (*state, "log");
    char *to = fixture_path (*state, "copy");
    said_t *said = backup (from, to);
    assert_int_equal (said->status, ZCHAT_INVALID);
    said_free (said);
    assert_int_not_equal (access (to, F_OK), 0);
    assert_int_not_equal (access (from, F_OK), 0);

    store_t *store = fixture_open (from);
    fixture_fill (store, 1, 1, 10);
    said = backup (from, from); /* onto itself                                 */
    assert_int_equal (said->status, ZCHAT_IN_USE);
    assert_non_null (strstr (said->why, from));
    said_free (said);
    said = backup (from, "/proc/nothing");
    assert_int_equal (said->status, ZCHAT_IN_USE);
    said_free (said);
    char *file = fixture_path (from, "zchat.db");
    said = backup (from, file);
    assert_int_equal (said->status, ZCHAT_IN_USE);
    said_free (said);
    fixture_holds (store, 1, 1, 10);
    store_destroy (&store);

    assert_int_equal (mkdir (to, 0700), 0); /* empty: that will do            */
    said = backup (from, to);
    assert_int_equal (said->status, ZCHAT_OK);
    said_free (said);
    said = backup (from, to);
    assert_int_equal (said->status, ZCHAT_IN_USE);
    said_free (said);
    sound (to, 1, 10, 0);
    free (file);
    free (from);
    free (to);
}

/*  What is damaged is not passed off as a backup.                             */
static void test_backup_of_damage (void **state)
{
    char *from = fixture_path (*state, "log");
    char *to = fixture_path (*state, "copy");
    assert_int_equal (mkdir (from, 0700), 0);
    small_log (from);
    sql (from, "DELETE FROM messages WHERE id = (1 << 40) + 4");
    said_t *said = backup (from, to);
    assert_int_equal (said->status, ZCHAT_CORRUPT);
    assert_non_null (strstr (said->text, "seq 4"));
    assert_non_null (strstr (said->why, from));
    said_free (said);
    assert_int_not_equal (access (to, F_OK), 0);
    char zeros[4096] = "";
    file_damage (from,
                 4096 * (sql_number (from, "SELECT rootpage FROM sqlite_master"
                                           " WHERE name = 'messages'") -
                         1),
                 zeros, sizeof zeros);
    said = backup (from, to);
    assert_int_equal (said->status, ZCHAT_CORRUPT);
    said_free (said);
    assert_int_not_equal (access (to, F_OK), 0);
    sql (from, "PRAGMA user_version = 99");
    said = backup (from, to);
    assert_int_equal (said->status, ZCHAT_NEWER);
    said_free (said);
    assert_int_not_equal (access (to, F_OK), 0);
    free (from);
    free (to);
}

static void test_backup_of_nothing (void **state)
{
    char *from = fixture_path (*state, "log");
    char *to = fixture_path (*state, "copy");
    store_t *store = fixture_open (from);
    said_t *said = backup (from, to);
    assert_int_equal (said->status, ZCHAT_OK);
    said_free (said);
    store_destroy (&store);
    store = fixture_open (to);
    fixture_fill (store, 1, 1, 3);
    store_destroy (&store);
    sound (to, 1, 3, 0);
    free (from);
    free (to);
}

typedef struct {
    store_t *store;
    atomic_bool stop;
    atomic_uint_fast64_t head; /* acknowledged                                  */
} writer_t;

static void *writer (void *arg)
{
    writer_t *self = arg;
    while (!self->stop && self->head < 200000) {
        store_record_t records[20];
        for (uint64_t i = 0; i < 20; i++) {
            records[i] = fixture_record (1, self->head + 1 + i, "under load");
            records[i].has_producer = true;
            memset (records[i].producer, 5, ZCHAT_PRODUCER_SIZE);
            records[i].n = self->head + 1 + i;
        }
        if (store_append (self->store, records, 20) != ZCHAT_OK)
            return self;
        self->head += 20;
    }
    return NULL;
}

/*  Each copy holds at least what was acknowledged before it began, and whole commits. */
static void test_under_load (void **state)
{
    char *from = fixture_path (*state, "log");
    writer_t load = {.store = fixture_open (from)};
    pthread_t thread;
    void *failed = &load;
    assert_int_equal (pthread_create (&thread, NULL, writer, &load), 0);
    while (load.head < 1000)
        sched_yield ();
    for (int i = 0; i < 8; i++) {
        char name[16];
        snprintf (name, sizeof name, "copy%d", i);
        char *to = fixture_path (*state, name);
        uint64_t before = load.head;
        said_t *said = i % 2 ? check (from) : backup (from, to);
        uint64_t after = load.head + 20; /* one may stand before it is counted */
        if (said->status != ZCHAT_OK)
            fail_msg ("%s\n%s", said->why, said->text);
        assert_in_range (said->summary.messages, before, after);
        assert_int_equal (said->summary.messages % 20, 0);
        said_free (said);
        free (to);
    }
    load.stop = true;
    assert_int_equal (pthread_join (thread, &failed), 0);
    assert_null (failed);
    store_destroy (&load.store);
    sound (from, 1, load.head, 1);
    free (from);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_sound, setup, teardown),
        cmocka_unit_test_setup_teardown (test_sound_of_all_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown (test_not_a_log, setup, teardown),
        cmocka_unit_test_setup_teardown (test_newer, setup, teardown),
        cmocka_unit_test_setup_teardown (test_damages, setup, teardown),
        cmocka_unit_test_setup_teardown (test_index_out_of_step, setup, teardown),
        cmocka_unit_test_setup_teardown (test_every_page, setup, teardown),
        cmocka_unit_test_setup_teardown (test_wal_cut, setup, teardown),
        cmocka_unit_test_setup_teardown (test_wal_flipped, setup, teardown),
        cmocka_unit_test_setup_teardown (test_backup, setup, teardown),
        cmocka_unit_test_setup_teardown (test_backup_refused, setup, teardown),
        cmocka_unit_test_setup_teardown (test_backup_of_damage, setup, teardown),
        cmocka_unit_test_setup_teardown (test_backup_of_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown (test_under_load, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
