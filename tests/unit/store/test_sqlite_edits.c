/*  test_sqlite_edits.c - edits and reactions in the log, and in the store in memory */
#include "check.h"
#include "fixture.h"

#include <sqlite3.h>

enum { ROOM = 3 };

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

static store_record_t edit (uint64_t seq, uint64_t edits, const char *body)
{
    store_record_t record = fixture_record (ROOM, seq, body);
    record.event.type = ZCHAT_TYPE_EDIT;
    record.event.data = frame_str ("{\"seq\":1}");
    record.edits = edits;
    return record;
}

static store_record_t reaction (uint64_t seq, uint64_t reacts, const char *who, const char *text,
                                bool back)
{
    store_record_t record = fixture_record (ROOM, seq, text);
    record.event.type = back ? ZCHAT_TYPE_UNREACT : ZCHAT_TYPE_REACT;
    record.event.user = frame_str (who);
    record.reacts = reacts;
    record.who = frame_str (who);
    return record;
}

static store_record_t remover (uint64_t seq, uint64_t removes)
{
    store_record_t record = fixture_record (ROOM, seq, "");
    record.event.type = ZCHAT_TYPE_REMOVE;
    record.removes = removes;
    return record;
}

static void put (store_t *store, store_record_t record)
{
    if (store_append (store, &record, 1) != ZCHAT_OK)
        fail_msg ("%s", store_error (store));
}

/*  A page as text: the caller frees it.                                       */
static char *page_text (const store_page_t *page)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream (&text, &size);
    const store_marks_t *marks = page->marks;
    fprintf (stream, "%llu-%llu%s", (unsigned long long)page->first, (unsigned long long)page->head,
             page->more ? "+" : "");
    for (size_t i = 0; i < page->count; i++) {
        const event_t *event = &page->events[i];
        fprintf (stream, " %llu %s '%.*s'", (unsigned long long)event->seq,
                 zchat_type_name (event->type), (int)event->body.size,
                 event->body.size ? (const char *)event->body.data : "");
        if (marks == page->marks + page->n_marks || marks->seq != event->seq)
            continue;
        if (marks->edited)
            fprintf (stream, " [%llu, %llu]", (unsigned long long)marks->edited,
                     (unsigned long long)marks->n_edits);
        for (size_t k = 0; k < marks->n_reactions; k++) {
            const store_reaction_t *reaction = &marks->reactions[k];
            fprintf (stream, " (%.*s %llu%s", (int)reaction->text.size,
                     (const char *)reaction->text.data, (unsigned long long)reaction->count,
                     reaction->mine ? " mine" : "");
            for (size_t n = 0; n < reaction->n_users; n++)
                fprintf (stream, " %.*s", (int)reaction->users[n].size,
                         (const char *)reaction->users[n].data);
            fprintf (stream, ")");
        }
        marks++;
    }
    fclose (stream);
    assert_ptr_equal (marks, page->marks + page->n_marks);
    return text;
}

static void holds (store_t *store, const char *who, const char *expected)
{
    store_query_t query = {.room = ROOM, .marks = true, .limit = 1000, .bytes_max = 1u << 20};
    snprintf (query.who, sizeof query.who, "%s", who);
    store_page_t *page = fixture_read (store, &query);
    char *text = page_text (page);
    assert_string_equal (text, expected);
    free (text);
    store_page_destroy (&page);
}

static void on_problem (void *arg, const char *text)
{
    char *said = arg;
    size_t size = strlen (said);
    snprintf (said + size, 2000 - size, "%s\n", text);
}

static void sound (const char *dir)
{
    char said[2000] = "", *why = NULL;
    store_summary_t summary;
    if (store_check (dir, NULL, on_problem, said, &summary, &why) != ZCHAT_OK)
        fail_msg ("%s", said);
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

/*  How many edits and reactions there are.                                    */
static int rows (const char *dir)
{
    char *path = fixture_path (dir, "zchat.db");
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    assert_int_equal (sqlite3_prepare_v2 (db,
                                          "SELECT (SELECT count (*) FROM edits) +"
                                          " (SELECT count (*) FROM reactions)",
                                          -1, &statement, NULL),
                      SQLITE_OK);
    assert_int_equal (sqlite3_step (statement), SQLITE_ROW);
    int count = sqlite3_column_int (statement, 0);
    sqlite3_finalize (statement);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    free (path);
    return count;
}

/*  --- what stands there -----------------------------------------------------  */

static void test_edits (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, ROOM, 1, 2);
    put (store, edit (3, 1, "once"));
    put (store, edit (4, 1, "twice"));
    holds (store, "", "1-4 1 say 'twice' [4, 2] 2 say '3/2' 3 edit '' 4 edit 'twice'");
    put (store, remover (5, 1));
    put (store, edit (6, 1, "too late"));
    holds (store, "", "1-6 1 gone '' 2 say '3/2' 3 edit '' 4 gone '' 5 remove '' 6 gone ''");
    store_destroy (&store);
    sound (*state);
    store = fixture_open (*state);
    /*  Two in one batch, and of what the batch itself says.                   */
    store_record_t records[] = {fixture_record (ROOM, 7, "new"), edit (8, 7, "a"), edit (9, 7, "b"),
                                remover (10, 2), edit (11, 2, "gone")};
    assert_int_equal (store_append (store, records, 5), ZCHAT_OK);
    store_query_t query = {
        .room = ROOM, .marks = true, .after = 6, .limit = 10, .bytes_max = 1u << 20};
    store_page_t *page = fixture_read (store, &query);
    char *text = page_text (page);
    assert_string_equal (text,
                         "1-11 7 say 'b' [9, 2] 8 edit '' 9 edit 'b' 10 remove '' 11 gone ''");
    free (text);
    store_page_destroy (&page);
    store_destroy (&store);
    sound (*state);
}

static void test_reactions (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, ROOM, 1, 2);
    put (store, reaction (3, 1, "eve", "ok", false));
    put (store, reaction (4, 1, "ann", "+1", false));
    put (store, reaction (5, 1, "bob", "+1", false));
    put (store, reaction (6, 1, "bob", "+1", false)); /* once more               */
    put (store, reaction (7, 1, "cid", "+1", false));
    put (store, reaction (8, 1, "abe", "+1", false));
    put (store, reaction (9, 1, "eve", "ok", true));
    put (store, reaction (10, 1, "eve", "ok", true));  /* once more               */
    put (store, reaction (11, 4, "eve", "ok", false)); /* of a reaction           */
    put (store, reaction (12, 99, "eve", "ok", false));
    put (store, reaction (13, 2, "eve", "ok", false));
    holds (store, "cid",
           "1-13 1 say '3/1' (+1 4 mine ann bob cid) 2 say '3/2' (ok 1 eve) 3 react 'ok'"
           " 4 react '+1' 5 react '+1' 6 react '+1' 7 react '+1' 8 react '+1' 9 unreact 'ok'"
           " 10 unreact 'ok' 11 react 'ok' 12 react 'ok' 13 react 'ok'");
    store_destroy (&store);
    sound (*state);
}

/*  What belongs to a message goes with it; its last edit is found as long as that is stored.  */
static void test_retention (void **state)
{
    store_t *store = fixture_open (*state);
    store_retain_t retain = {.age_ms = 1000};
    store_trimmed_t trimmed;
    fixture_fill (store, ROOM, 1, 3);
    put (store, reaction (4, 1, "ann", "+1", false));
    put (store, edit (5, 1, "long"));
    put (store, edit (6, 2, "short"));
    assert_int_equal (store_trim (store, &retain, 5000, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.first, 4);
    put (store, edit (7, 1, "longer"));
    holds (store, "", "4-7 4 react '+1' 5 edit '' 6 edit 'short' 7 edit 'longer'");
    store_destroy (&store);
    sound (*state);
    store = fixture_open (*state);
    put (store, remover (8, 1));
    holds (store, "", "4-8 4 react '+1' 5 edit '' 6 edit 'short' 7 gone '' 8 remove ''");
    assert_int_equal (store_trim (store, &retain, 9000, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.first, 8);
    store_destroy (&store);
    sound (*state);
    assert_int_equal (rows (*state), 0);
}

static void test_a_room_that_ends (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, ROOM, 1, 3);
    put (store, reaction (4, 1, "ann", "+1", false));
    put (store, edit (5, 1, "long"));
    store_record_t drop = {.room = ROOM, .room_name = frame_str ("lobby"), .drops = true};
    put (store, drop);
    store_destroy (&store);
    sound (*state);
    assert_int_equal (rows (*state), 0);
}

/*  Pages are bounded by what they hold, marks included.                       */
static void test_marks_count (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, ROOM, 1, 20);
    uint64_t seq = 21;
    char who[32];
    for (uint64_t of = 1; of <= 20; of++)
        for (int i = 0; i < 30; i++) {
            snprintf (who, sizeof who, "user%d", i);
            put (store, reaction (seq++, of, who, "+1", false));
        }
    store_query_t query = {.room = ROOM, .marks = true, .limit = 20, .bytes_max = 5000};
    for (int before = 0; before < 2; before++) {
        query.before = before ? 21 : 0;
        store_page_t *page = fixture_read (store, &query);
        assert_in_range (page->count, 5, 9);
        assert_int_equal (page->n_marks, page->count);
        assert_true (page->more);
        assert_int_equal (page->events[before ? page->count - 1 : 0].seq, before ? 20 : 1);
        for (size_t i = 0; i < page->count; i++) {
            assert_int_equal (page->marks[i].seq, page->events[i].seq);
            assert_int_equal (page->marks[i].reactions[0].count, 30);
            assert_true (frame_is (page->marks[i].reactions[0].users[2], "user2"));
        }
        store_page_destroy (&page);
    }
    /*  One event there is, whatever it takes.                                 */
    query.bytes_max = 1;
    store_page_t *page = fixture_read (store, &query);
    assert_int_equal (page->count, 1);
    assert_int_equal (page->n_marks, 1);
    store_page_destroy (&page);
    /*  Who does not want them is not given them, nor less for them.           */
    query.bytes_max = 5000;
    query.marks = false;
    page = fixture_read (store, &query);
    assert_int_equal (page->count, 20);
    assert_int_equal (page->n_marks, 0);
    store_page_destroy (&page);
    store_destroy (&store);
}

static void test_out_of_bounds (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, ROOM, 1, 1);
    static char long_who[STORE_WHO_MAX + 2];
    memset (long_who, 'x', STORE_WHO_MAX + 1);
    store_record_t bad[16];
    size_t n = 0;
    bad[n++] = edit (2, 0, "of what?");
    bad[n++] = edit (2, ZCHAT_SEQ_MAX + 1, "x");
    bad[n] = fixture_record (ROOM, 2, "x");
    bad[n++].edits = 1;
    bad[n++] = reaction (2, 0, "ann", "x", false);
    bad[n++] = reaction (2, ZCHAT_SEQ_MAX + 1, "ann", "x", false);
    bad[n++] = reaction (2, 1, "", "x", false);
    bad[n++] = reaction (2, 1, long_who, "x", false);
    bad[n++] = reaction (2, 1, "ann", "", false);
    bad[n++] = reaction (2, 1, "ann", "a b", true);
    bad[n++] = reaction (2, 1, "ann", "123456789012345678901234567890123", false);
    bad[n] = fixture_record (ROOM, 2, "x");
    bad[n++].reacts = 1;
    bad[n] = fixture_record (ROOM, 2, "x");
    bad[n++].who = frame_str ("ann");
    for (size_t i = 0; i < n; i++)
        if (store_append (store, &bad[i], 1) != ZCHAT_STORAGE)
            fail_msg ("record %zu was taken", i);
    fixture_holds (store, ROOM, 1, 1);
    store_destroy (&store);
}

/*  --- nothing is left -------------------------------------------------------  */

static bool file_has (const char *dir, const char *text)
{
    static const char *const names[] = {"zchat.db", "zchat.db-wal"};
    bool found = false;
    for (size_t i = 0; i < 2; i++) {
        char *path = fixture_path (dir, names[i]);
        FILE *file = fopen (path, "rb");
        char *bytes = NULL;
        long size = 0;
        if (file && fseek (file, 0, SEEK_END) == 0 && (size = ftell (file)) > 0) {
            rewind (file);
            bytes = memory_new ((size_t)size);
            assert_int_equal (fread (bytes, 1, (size_t)size, file), size);
            found = found || memmem (bytes, (size_t)size, text, strlen (text));
        }
        free (bytes);
        if (file)
            fclose (file);
        free (path);
    }
    return found;
}

static void test_nothing_is_left_of_old_texts (void **state)
{
    enum { LONG = 50000 };
    char *body = memory_zero (LONG + 1);
    for (int i = 0; i < LONG; i++)
        body[i] = "SeCrEt! "[i % 8];
    store_t *store = fixture_open (*state);
    fixture_fill (store, ROOM, 1, 200);
    put (store, edit (201, 1, "SeCrEt!"));
    put (store, edit (202, 2, body));
    put (store, edit (203, 1, "SeCrEt! once more"));
    put (store, edit (204, 2, body));
    put (store, edit (205, 1, "mended"));
    put (store, edit (206, 2, "mended too"));
    put (store, edit (207, 3, "SeCrEt!"));
    put (store, remover (208, 3));
    store_destroy (&store);
    assert_true (file_has (*state, "mended too"));
    assert_false (file_has (*state, "SeCrEt!"));
    sound (*state);
    free (body);
}

/*  --- both stores say the same ----------------------------------------------  */

static unsigned chance (unsigned *random, unsigned below)
{
    *random = *random * 1103515245 + 12345;
    return (*random >> 8) % below;
}

static void same (store_t *a, store_t *b, const store_query_t *query)
{
    store_page_t *x = fixture_read (a, query), *y = fixture_read (b, query);
    char *one = page_text (x), *other = page_text (y);
    assert_string_equal (one, other);
    free (one);
    free (other);
    store_page_destroy (&x);
    store_page_destroy (&y);
}

static void test_both_stores_say_the_same (void **state)
{
    static const char *const people[] = {"ann", "bob", "cid", "dora", "eve"};
    static const char *const words[] = {"+1", "ok", "no"};
    enum { ROUNDS = 300, BATCH = 20 };
    unsigned random = 7;
    store_t *log = fixture_open (*state), *memory = store_memory_new (fixture_log_id);
    uint64_t head = 0, first = 1;
    char bodies[BATCH][32];
    bool *is_edit = memory_zero (ROUNDS * BATCH + 1);
    for (int round = 0; round < ROUNDS; round++) {
        store_record_t records[BATCH];
        size_t count = 1 + chance (&random, BATCH);
        for (size_t i = 0; i < count; i++) {
            uint64_t seq = ++head;
            uint64_t of = seq > 40 ? seq - chance (&random, 40) - 1 : 1 + chance (&random, 40);
            const char *who = people[chance (&random, 5)], *word = words[chance (&random, 3)];
            snprintf (bodies[i], sizeof *bodies, "text %llu", (unsigned long long)seq);
            switch (chance (&random, 7)) {
            case 0:
            case 1:
                records[i] = edit (seq, of, bodies[i]);
                is_edit[seq] = true;
                break;
            case 2:
            case 3:
                records[i] = reaction (seq, of, who, word, false);
                break;
            case 4:
                records[i] = reaction (seq, of, who, word, true);
                break;
            case 5:
                /*  Edits are not removed by themselves: their message is.         */
                records[i] =
                    is_edit[of] ? fixture_record (ROOM, seq, bodies[i]) : remover (seq, of);
                break;
            default:
                records[i] = fixture_record (ROOM, seq, bodies[i]);
            }
        }
        assert_int_equal (store_append (log, records, count), ZCHAT_OK);
        assert_int_equal (store_append (memory, records, count), ZCHAT_OK);
        if (chance (&random, 10) == 0) {
            store_retain_t retain = {.age_ms = 30000};
            store_trimmed_t x, y;
            assert_int_equal (store_trim (log, &retain, 1000 * head, &x), ZCHAT_OK);
            assert_int_equal (store_trim (memory, &retain, 1000 * head, &y), ZCHAT_OK);
            assert_int_equal (x.first, y.first);
            first = x.room ? x.first : first;
        }
        store_query_t query = {.room = ROOM, .marks = true, .limit = 1000, .bytes_max = 1u << 20};
        snprintf (query.who, sizeof query.who, "%s", people[chance (&random, 5)]);
        same (log, memory, &query);
        query.before = first + chance (&random, 50);
        query.limit = 1 + chance (&random, 20);
        query.bytes_max = 1 + chance (&random, 4000);
        same (log, memory, &query);
        query.after = query.before;
        query.before = 0;
        same (log, memory, &query);
        if (round % 100 == 99) {
            store_destroy (&log);
            sound (*state);
            log = fixture_open (*state);
        }
    }
    store_destroy (&log);
    store_destroy (&memory);
    free (is_edit);
}

/*  --- damage ----------------------------------------------------------------  */

static const struct {
    const char *sql, *line;
} damages[] = {
    {"UPDATE edits SET seq = 1", "edits: 1 make no sense"},
    {"UPDATE edits SET n = 0", "edits: 1 make no sense"},
    {"UPDATE edits SET seq = 99", "edits: 0 make no sense, 1 belong to no message"},
    {"UPDATE edits SET seq = 2", "1 are not what the message says; the first is of seq 1 of room "
                                 "number 3"},
    {"UPDATE edits SET id = id + (1 << 40)", "1 belong to no message"},
    {"UPDATE messages SET body = 'forged' WHERE id = (3 << 40) + 1",
     "1 are not what the message says"},
    {"UPDATE messages SET body = 'left' WHERE id = (3 << 40) + 3",
     "edits: 0 make no sense, 0 belong to no message, 1 have a text, but are not the last of their "
     "message; the first is of seq 3"},
    {"DELETE FROM edits", "1 have a text, but are not the last"},
    {"UPDATE messages SET type = 9, body = '' WHERE id = (3 << 40) + 1", "1 belong to no message"},
    {"UPDATE reactions SET id = id + 2", "reactions: 0 make no sense, 1 belong to no message"},
    {"UPDATE reactions SET seq = 99", "reactions: 0 make no sense, 1 belong to no message"},
    {"UPDATE reactions SET text = 'a b'", "reactions: 1 make no sense"},
    {"UPDATE reactions SET user = 'a b'", "reactions: 1 make no sense"},
    {"UPDATE reactions SET who = ''", "reactions: 1 make no sense"},
    {"UPDATE reactions SET id = id + (1 << 40)", "reactions: 0 make no sense, 1 belong"},
    {"UPDATE messages SET body = 'a b' WHERE id = (3 << 40) + 5",
     "hold no UTF-8 text, or too much: 1, the first is seq 5"},
    {"UPDATE rooms SET name = '@3'", "of a type that has no place in such a room"},
};

static void test_damages (void **state)
{
    store_t *store = fixture_open (*state);
    fixture_fill (store, ROOM, 1, 2);
    put (store, edit (3, 1, "once"));
    put (store, edit (4, 1, "twice"));
    put (store, reaction (5, 1, "ann", "+1", false));
    store_destroy (&store);
    sound (*state);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char *dir = fixture_folder (), said[2000] = "", *why = NULL;
        store_summary_t summary;
        fixture_copy (*state, dir, "zchat.db");
        sql (dir, damages[i].sql);
        if (store_check (dir, NULL, on_problem, said, &summary, &why) != ZCHAT_CORRUPT ||
            !strstr (said, damages[i].line))
            fail_msg ("%s: '%s' lacks '%s'", damages[i].sql, said, damages[i].line);
        free (why);
        fixture_folder_remove (&dir);
    }
}

/*  What no append of ours can have written is not read.                       */
static void test_damage_is_not_read (void **state)
{
    static const char *const damage[] = {
        "UPDATE edits SET seq = -1",
        "UPDATE edits SET n = -1",
        "UPDATE reactions SET text = zeroblob (33)",
        "UPDATE reactions SET user = ''",
        "UPDATE reactions SET who = printf ('%.600c', 'x')",
    };
    store_t *store = fixture_open (*state);
    fixture_fill (store, ROOM, 1, 2);
    put (store, edit (3, 1, "once"));
    put (store, reaction (4, 1, "ann", "+1", false));
    store_destroy (&store);
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        char *dir = fixture_folder ();
        fixture_copy (*state, dir, "zchat.db");
        sql (dir, damage[i]);
        store_query_t query = {.room = ROOM, .marks = true, .limit = 10, .bytes_max = 10000};
        store_reader_t *reader = NULL;
        store_page_t *page = NULL;
        store = fixture_open (dir);
        assert_int_equal (store_reader_new (store, &reader), ZCHAT_OK);
        if (store_read (reader, &query, &page) != ZCHAT_STORAGE)
            fail_msg ("%s", damage[i]);
        assert_non_null (strstr (store_reader_error (reader), "damaged"));
        /*  Others are read as before.                                         */
        query.after = 1;
        assert_int_equal (store_read (reader, &query, &page), ZCHAT_OK);
        store_page_destroy (&page);
        store_reader_destroy (&reader);
        store_destroy (&store);
        fixture_folder_remove (&dir);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_edits, setup, teardown),
        cmocka_unit_test_setup_teardown (test_reactions, setup, teardown),
        cmocka_unit_test_setup_teardown (test_retention, setup, teardown),
        cmocka_unit_test_setup_teardown (test_a_room_that_ends, setup, teardown),
        cmocka_unit_test_setup_teardown (test_marks_count, setup, teardown),
        cmocka_unit_test_setup_teardown (test_out_of_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown (test_nothing_is_left_of_old_texts, setup, teardown),
        cmocka_unit_test_setup_teardown (test_both_stores_say_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown (test_damages, setup, teardown),
        cmocka_unit_test_setup_teardown (test_damage_is_not_read, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
