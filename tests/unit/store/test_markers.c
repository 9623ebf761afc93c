/*  test_markers.c - what was read and who was mentioned, in both kinds of store */
#include "check.h"
#include "fixture.h"
#include <sqlite3.h>

typedef struct {
    store_t *store;
    char *dir; /* of the one on disk; NULL                                     */
} state_t;

static int setup_sqlite (void **state)
{
    state_t *self = memory_zero (sizeof *self);
    self->dir = fixture_folder ();
    self->store = fixture_open (self->dir);
    *state = self;
    return 0;
}

static int setup_memory (void **state)
{
    state_t *self = memory_zero (sizeof *self);
    self->store = store_memory_new (fixture_log_id);
    *state = self;
    return 0;
}

static int teardown (void **state)
{
    state_t *self = *state;
    store_destroy (&self->store);
    if (self->dir)
        fixture_folder_remove (&self->dir);
    free (self);
    return 0;
}

static store_t *store_of (void **state)
{
    return ((state_t *)*state)->store;
}

/*  --- records ---------------------------------------------------------------  */

static store_record_t marker (uint64_t owner, uint64_t room, uint64_t seq, uint64_t yields)
{
    return (store_record_t){
        .room = room, .marker = seq, .marker_of = owner, .marker_yields = yields};
}

/*  The event of seq at of mailbox 50 + owner.                                 */
static store_record_t mention (uint64_t owner, uint64_t at, uint64_t room, uint64_t seq)
{
    store_record_t record = fixture_record (50 + owner, at, "");
    record.room_name = frame_str (owner == 7 ? "@7" : "@8");
    record.event.type = ZCHAT_TYPE_MENTION;
    record.mentions = seq;
    record.mentioned_in = room;
    record.marker_of = owner;
    return record;
}

static void put (store_t *store, store_record_t record)
{
    assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
}

static void refused (store_t *store, store_record_t record)
{
    assert_int_equal (store_append (store, &record, 1), ZCHAT_STORAGE);
}

/*  The markers are these: "OWNER/ROOM=SEQ ...".                               */
static void markers_are (store_t *store, const char *expected)
{
    char text[1024] = "";
    size_t size = 0;
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    for (size_t i = 0; i < loaded->n_markers; i++)
        size += (size_t)snprintf (text + size, sizeof text - size, "%s%d/%d=%d", i ? " " : "",
                                  (int)loaded->markers[i].owner, (int)loaded->markers[i].room,
                                  (int)loaded->markers[i].seq);
    assert_string_equal (text, expected);
    free (loaded);
}

static store_page_t *mentions_of (store_t *store, uint64_t owner)
{
    store_reader_t *reader = NULL;
    store_page_t *page = NULL;
    store_query_t query = {.mentions_of = owner};
    assert_int_equal (store_reader_new (store, &reader), ZCHAT_OK);
    assert_int_equal (store_read (reader, &query, &page), ZCHAT_OK);
    store_reader_destroy (&reader);
    return page;
}

/*  The owner's mentions are these: "ROOM/SEQ ...".                            */
static void mentions_are (store_t *store, uint64_t owner, const char *expected)
{
    char text[1024] = "";
    size_t size = 0;
    store_page_t *page = mentions_of (store, owner);
    assert_int_equal (page->count, 0);
    for (size_t i = 0; i < page->n_mentions; i++)
        size += (size_t)snprintf (text + size, sizeof text - size, "%s%d/%d", i ? " " : "",
                                  (int)page->mentions[i].room, (int)page->mentions[i].seq);
    assert_string_equal (text, expected);
    store_page_destroy (&page);
}

/*  --- markers ---------------------------------------------------------------  */

static void test_markers_go_forward (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 9);
    fixture_fill (store, 2, 1, 9);
    put (store, marker (7, 2, 3, 0));
    put (store, marker (7, 1, 5, 0));
    put (store, marker (3, 2, 9, 0));
    put (store, marker (7, 1, 4, 0));
    markers_are (store, "3/2=9 7/1=5 7/2=3");
    put (store, marker (7, 1, 6, 2));
    markers_are (store, "3/2=9 7/1=6");
    put (store, (store_record_t){.marker_of = 3, .marker_yields = 2});
    markers_are (store, "7/1=6");
}

/*  In one batch the order of the records counts.                              */
static void test_one_batch (void **state)
{
    store_t *store = store_of (state);
    store_record_t records[] = {fixture_record (1, 1, "a"), marker (7, 1, 1, 0),
                                fixture_record (2, 1, "b"), marker (7, 2, 1, 1),
                                fixture_record (1, 2, "c"), marker (7, 1, 2, 2)};
    assert_int_equal (store_append (store, records, 6), ZCHAT_OK);
    markers_are (store, "7/1=2");
    assert_int_equal (fixture_position (store), 6);
}

static void test_out_of_bounds (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 2);
    refused (store, marker (0, 1, 1, 0));
    refused (store, marker (7, 0, 1, 0));
    refused (store, marker (7, 1, ZCHAT_SEQ_MAX + 1, 0));
    refused (store, marker (7, 1, 1, 1 << 23));
    refused (store, (store_record_t){.room = 1, .marker_of = 7, .marker_yields = 1});
    refused (store, (store_record_t){.marker_of = 7});
    store_record_t both = fixture_record (1, 3, "x");
    both.marker = 1;
    both.marker_of = 7;
    refused (store, both);
    store_record_t says = mention (7, 1, 1, 1);
    says.event.type = ZCHAT_TYPE_TELL;
    refused (store, says);
    refused (store, mention (7, 1, 0, 1));
    refused (store, mention (7, 1, 1, 0));
    refused (store, (store_record_t){.unmarks = true, .marker_of = 7});
    markers_are (store, "");
    fixture_holds (store, 1, 1, 2);
}

/*  --- mentions --------------------------------------------------------------  */

static void test_mentions_until_read (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 9);
    fixture_fill (store, 2, 1, 9);
    put (store, mention (7, 1, 2, 3));
    put (store, mention (7, 2, 1, 8));
    put (store, mention (7, 3, 1, 4));
    put (store, mention (8, 1, 1, 4));
    mentions_are (store, 7, "1/4 1/8 2/3");
    put (store, marker (7, 1, 4, 0));
    mentions_are (store, 7, "1/8 2/3");
    mentions_are (store, 8, "1/4");
    mentions_are (store, 9, "");
    /*  What is removed mentions nobody.                                       */
    store_record_t record = fixture_record (2, 10, "");
    record.event.type = ZCHAT_TYPE_REMOVE;
    record.removes = 3;
    put (store, record);
    mentions_are (store, 7, "1/8");
}

static void test_the_last_mentions_are_kept (void **state)
{
    store_t *store = store_of (state);
    enum { MORE = 30, COUNT = ZCHAT_MENTIONS_KEPT + MORE };
    fixture_fill (store, 1, 1, COUNT);
    put (store, mention (6, 1, 1, 1));
    store_record_t *records = memory_zero (COUNT * sizeof *records);
    for (uint64_t i = 0; i < COUNT; i++)
        records[i] = mention (7, i + 1, 1, i + 1);
    assert_int_equal (store_append (store, records, ZCHAT_MENTIONS_KEPT - 1), ZCHAT_OK);
    assert_int_equal (
        store_append (store, records + ZCHAT_MENTIONS_KEPT - 1, COUNT - ZCHAT_MENTIONS_KEPT + 1),
        ZCHAT_OK);
    store_page_t *page = mentions_of (store, 7);
    assert_int_equal (page->n_mentions, ZCHAT_MENTIONS_KEPT);
    assert_int_equal (page->mentions[0].seq, MORE + 1);
    store_page_destroy (&page);
    mentions_are (store, 6, "1/1");
    free (records);
}

/*  --- ends ------------------------------------------------------------------  */

static void test_they_end_with_the_room (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 3);
    fixture_fill (store, 2, 1, 3);
    put (store, marker (7, 1, 2, 0));
    put (store, marker (7, 2, 2, 0));
    put (store, mention (8, 1, 1, 3));
    put (store, mention (8, 2, 2, 3));
    put (store, (store_record_t){.room = 1, .drops = true});
    markers_are (store, "7/2=2");
    mentions_are (store, 8, "2/3");
}

static void test_they_end_with_the_owner (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 3);
    put (store, marker (7, 1, 2, 0));
    put (store, marker (8, 1, 1, 0));
    put (store, mention (7, 1, 1, 3));
    put (store, mention (8, 1, 1, 3));
    put (store, (store_record_t){.fact_key = frame_str ("name/7"),
                                 .fact_value = frame_str ("{}"),
                                 .unmarks = true,
                                 .marker_of = 7});
    markers_are (store, "8/1=1");
    mentions_are (store, 7, "");
    mentions_are (store, 8, "1/3");
}

/*  Retention takes messages, and with them whom they mention; what was read stays.  */
static void test_retention (void **state)
{
    store_t *store = store_of (state);
    store_retain_t retain = {.age_ms = 1000};
    store_trimmed_t trimmed;
    fixture_fill (store, 1, 1, 6);
    put (store, marker (7, 1, 2, 0));
    put (store, mention (7, 1, 1, 3));
    put (store, mention (7, 2, 1, 6));
    assert_int_equal (store_trim (store, &retain, 6000, &trimmed), ZCHAT_OK);
    while (trimmed.more)
        assert_int_equal (store_trim (store, &retain, 6000, &trimmed), ZCHAT_OK);
    markers_are (store, "7/1=2");
    mentions_are (store, 7, "1/6");
}

/*  --- check -----------------------------------------------------------------  */

static void said (void *arg, const char *line)
{
    char *text = arg;
    size_t size = strlen (text);
    snprintf (text + size, 4096 - size, "%s\n", line);
}

/*  What check says after this SQL.                                            */
static void damage (const char *sql, const char *expected)
{
    char *dir = fixture_folder (), *path = NULL, *why = NULL, text[4096] = "";
    store_t *store = fixture_open (dir);
    sqlite3 *db = NULL;
    store_summary_t summary;
    fixture_fill (store, 1, 1, 4);
    put (store, marker (7, 1, 2, 0));
    put (store, mention (7, 1, 1, 3));
    store_destroy (&store);
    assert_true (asprintf (&path, "%s/zchat.db", dir) > 0);
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    assert_int_equal (sqlite3_exec (db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    zchat_status_t status = store_check (dir, NULL, said, text, &summary, &why);
    assert_int_equal (status, *expected ? ZCHAT_CORRUPT : ZCHAT_OK);
    if (!strstr (text, expected))
        fail_msg ("%s: %s lacks %s", sql, text, expected);
    free (why);
    free (path);
    fixture_folder_remove (&dir);
}

static void test_check (void **state)
{
    (void)state;
    damage ("SELECT 1", "");
    damage ("UPDATE markers SET seq = 5", "markers that make no sense (owner, room or seq): 1");
    damage ("UPDATE markers SET room = 9", "markers that make no sense");
    damage ("UPDATE markers SET owner = 0", "markers that make no sense");
    damage ("UPDATE mentions SET room = 9", "mentions that make no sense");
    damage ("UPDATE mentions SET seq = 'x'", "mentions that make no sense");
    damage ("UPDATE markers SET seq = 3", "mentions of messages that were read: 1");
}

#define BOTH(test)                                                                                 \
    {#test " (sqlite)", test, setup_sqlite, teardown, NULL},                                       \
    {                                                                                              \
#test " (memory)", test, setup_memory, teardown, NULL                                      \
    }

int main (void)
{
    const struct CMUnitTest tests[] = {
        BOTH (test_markers_go_forward),
        BOTH (test_one_batch),
        BOTH (test_out_of_bounds),
        BOTH (test_mentions_until_read),
        BOTH (test_the_last_mentions_are_kept),
        BOTH (test_they_end_with_the_room),
        BOTH (test_they_end_with_the_owner),
        BOTH (test_retention),
        cmocka_unit_test (test_check),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
