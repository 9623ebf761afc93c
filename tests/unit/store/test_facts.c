/*  test_facts.c - facts and removals, which both kinds of store have to keep  */
#include "fixture.h"

typedef struct {
    store_t *store; /* under test                     */
    char *dir;      /* its folder; NULL for the other */
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

/*  The store as a broker that starts again finds it.                          */
static store_t *store_again (void **state)
{
    state_t *self = *state;
    if (self->dir) {
        store_destroy (&self->store);
        self->store = fixture_open (self->dir);
    }
    return self->store;
}

static void put (store_t *store, uint64_t room, const char *key, const char *value)
{
    store_record_t record = fixture_fact (room, key, value);
    assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
}

/*  --- facts -----------------------------------------------------------------  */

static void test_put_change_delete (void **state)
{
    store_t *store = store_of (state);
    fixture_facts_are (store, "");
    put (store, 0, "name/bob", "key1");
    put (store, 0, "none", ""); /* never was: nothing happens                  */
    put (store, 77, "of a room not there", "");
    fixture_facts_are (store, "0 name/bob=key1");
    put (store, 0, "name/bob", "a longer value than before");
    put (store, 0, "имя/боб", "ключ");
    fixture_facts_are (store_again (state), "0 name/bob=a longer value than before 0 имя/боб=ключ");
    store = store_of (state);
    put (store, 0, "name/bob", "");
    put (store, 0, "name/bob", "");
    fixture_facts_are (store_again (state), "0 имя/боб=ключ");
    put (store_of (state), 0, "name/bob", "x");
    fixture_facts_are (store_again (state), "0 name/bob=x 0 имя/боб=ключ");
    fixture_holds (store_of (state), 1, 1, 0);
}

/*  By room as a number, by key as bytes; the same key is another in each room. */
static void test_order (void **state)
{
    store_t *store = store_of (state);
    const uint64_t rooms[] = {10, 9, 100};
    for (size_t i = 0; i < 3; i++)
        fixture_fill (store, rooms[i], 1, 1);
    put (store, 100, "a", "1");
    put (store, 10, "ab", "2");
    put (store, 9, "b", "3");
    put (store, 10, "B", "4");
    put (store, 0, "z", "5");
    put (store, 10, "a", "6");
    put (store, 10, "é", "7");
    put (store, 9, "a\x01", "8");
    put (store, 9, "a", "9");
    fixture_facts_are (store_again (state),
                       "0 z=5 9 a=9 9 a\x01=8 9 b=3 10 B=4 10 a=6 10 ab=2 10 é=7 100 a=1");
    put (store_of (state), 10, "a", "");
    fixture_facts_are (store_of (state),
                       "0 z=5 9 a=9 9 a\x01=8 9 b=3 10 B=4 10 ab=2 10 é=7 100 a=1");
}

/*  In one batch the last word holds, in whatever kind of record it stands.    */
static void test_last_word_in_a_batch (void **state)
{
    store_t *store = store_of (state);
    store_record_t with_event = fixture_record (1, 1, "made");
    with_event.fact_key = frame_str ("role/bob");
    with_event.fact_value = frame_str ("op");
    store_record_t first[] = {fixture_fact (0, "a", "1"),
                              fixture_fact (0, "a", "2"),
                              fixture_fact (0, "b", "1"),
                              fixture_fact (0, "b", ""),
                              fixture_fact (0, "c", ""),
                              fixture_fact (0, "c", "3"),
                              with_event,
                              fixture_fact (1, "role/bob", "none")};
    assert_int_equal (store_append (store, first, 8), ZCHAT_OK);
    fixture_facts_are (store, "0 a=2 0 c=3 1 role/bob=none");
    with_event = fixture_record (1, 2, "again");
    with_event.fact_key = frame_str ("role/bob");
    with_event.fact_value = frame_str ("");
    store_record_t second[] = {fixture_fact (1, "role/bob", "x"), with_event};
    assert_int_equal (store_append (store, second, 2), ZCHAT_OK);
    fixture_facts_are (store_again (state), "0 a=2 0 c=3");
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store_of (state), loaded), ZCHAT_OK);
    assert_int_equal (loaded->rooms[0].head, 2);
    free (loaded);
}

/*  Before or behind the event that makes its room, among events of others.    */
static void test_fact_of_a_new_room (void **state)
{
    store_t *store = store_of (state);
    char long_body[] = "5/1";
    store_record_t records[] = {
        fixture_fact (5, "private", "1"), fixture_record (3, 1, "3/1"),
        fixture_record (5, 1, long_body), fixture_fact (3, "role", "op"),
        fixture_record (3, 2, "3/2"),     fixture_fact (5, "member", "bob"),
    };
    records[0].room_name = frame_str (""); /* of no use without an event       */
    assert_int_equal (store_append (store, records, 6), ZCHAT_OK);
    fixture_facts_are (store_again (state), "3 role=op 5 member=bob 5 private=1");
    fixture_holds (store_of (state), 3, 1, 2);
    fixture_holds (store_of (state), 5, 1, 1);
}

/*  A fact does not move its room: neither its head nor its time.              */
static void test_fact_leaves_the_room_alone (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 3);
    put (store, 1, "ban/eve", "{}");
    fixture_fill (store, 1, 4, 4);
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store_again (state), loaded), ZCHAT_OK);
    assert_int_equal (loaded->n_rooms, 1);
    assert_int_equal (loaded->rooms[0].head, 4);
    assert_int_equal (loaded->rooms[0].time_ms, 4000);
    assert_true (frame_is (loaded->rooms[0].name, "lobby"));
    free (loaded);
    /*  Retention takes the events, and leaves the facts.                      */
    store_retain_t retain = {.age_ms = 1};
    store_trimmed_t trimmed;
    assert_int_equal (store_trim (store_of (state), &retain, 1000000, &trimmed), ZCHAT_OK);
    fixture_holds (store_of (state), 1, 5, 4);
    fixture_facts_are (store_again (state), "1 ban/eve={}");
}

static void test_largest (void **state)
{
    store_t *store = store_of (state);
    char *text = memory_new (ZCHAT_FACT_MAX);
    memset (text, 'x', ZCHAT_FACT_MAX);
    store_record_t records[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        records[i].fact_key = frame_of (text, ZCHAT_FACT_KEY_MAX - i);
        records[i].fact_value = frame_of (text, ZCHAT_FACT_MAX - i);
    }
    assert_int_equal (store_append (store, records, 2), ZCHAT_OK);
    memset (text, 'y', ZCHAT_FACT_MAX); /* borrowed for the call only          */
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store_again (state), loaded), ZCHAT_OK);
    assert_int_equal (loaded->n_facts, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal (loaded->facts[i].key.size, ZCHAT_FACT_KEY_MAX - 1 + i);
        assert_int_equal (loaded->facts[i].value.size, ZCHAT_FACT_MAX - 1 + i);
        assert_int_equal (*(const char *)loaded->facts[i].value.data, 'x');
    }
    free (loaded);
    free (text);
}

/*  What would not come back is refused, and all that came with it.            */
static void test_out_of_bounds (void **state)
{
    store_t *store = store_of (state);
    char *text = memory_new (ZCHAT_FACT_MAX + 1);
    memset (text, 'x', ZCHAT_FACT_MAX + 1);
    fixture_fill (store, 1, 1, 1);
    store_record_t bad[16];
    size_t n = 0;
    bad[n++] = (store_record_t){.room = 1, .room_name = frame_str ("lobby")}; /* nothing in it */
    bad[n++] = (store_record_t){.room = 0};
    bad[n] = fixture_fact (0, "k", "v");
    bad[n++].room = 1 << 23;
    bad[n] = fixture_fact (0, "k", "v");
    bad[n++].fact_key = frame_of (text, ZCHAT_FACT_KEY_MAX + 1);
    bad[n] = fixture_fact (0, "k", "v");
    bad[n++].fact_value = frame_of (text, ZCHAT_FACT_MAX + 1);
    bad[n++] = fixture_fact (0, "\xFF", "v");
    bad[n++] = fixture_fact (0, "k", "\xC3");
    bad[n] = fixture_fact (0, "k", "v");
    bad[n++].fact_key = frame_of ("a\0b", 3);
    bad[n] = fixture_fact (0, "k", "v");
    bad[n++].fact_value = frame_of ("a\0b", 3);
    bad[n++] = fixture_fact (0, "", "v");
    bad[n] = fixture_record (1, 2, "x");
    bad[n++].fact_value = frame_str ("of what?");
    bad[n] = fixture_fact (1, "k", "v");
    bad[n++].has_producer = true;
    bad[n] = fixture_fact (1, "k", "v");
    bad[n++].removes = ZCHAT_SEQ_MAX + 1;
    bad[n] = fixture_fact (0, "k", "v");
    bad[n++].removes = 1;
    bad[n] = fixture_record (1, 2, "x");
    bad[n].fact_key = frame_str ("k");
    bad[n++].room = 0;
    for (size_t i = 0; i < n; i++) {
        store_record_t records[] = {fixture_fact (0, "good", "v"), bad[i]};
        if (store_append (store, records, 2) != ZCHAT_STORAGE)
            fail_msg ("record %zu was taken", i);
        assert_non_null (strstr (store_error (store), "out of bounds"));
    }
    fixture_facts_are (store_again (state), "");
    fixture_holds (store_of (state), 1, 1, 1);
    free (text);
}

static void test_load_ends_when_told (void **state)
{
    store_t *store = store_of (state);
    store_record_t records[] = {fixture_record (1, 1, "a"), fixture_fact (0, "a", "1"),
                                fixture_fact (1, "b", "2")};
    records[0].has_producer = true;
    records[0].n = 1;
    assert_int_equal (store_append (store, records, 3), ZCHAT_OK);
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    loaded->fact_status = ZCHAT_LIMIT;
    assert_int_equal (fixture_load (store, loaded), ZCHAT_LIMIT);
    assert_int_equal (loaded->n_rooms, 1);
    assert_int_equal (loaded->n_facts, 1);
    assert_int_equal (loaded->n_producers, 0);
    memset (loaded, 0, sizeof *loaded);
    store_loader_t loader = {
        .room = fixture_on_room, .producer = fixture_on_producer, .arg = loaded};
    assert_int_equal (store_load (store, &loader), ZCHAT_OK); /* nobody asks   */
    assert_int_equal (loaded->n_facts, 0);
    assert_int_equal (loaded->n_producers, 1);
    free (loaded);
}

/*  Many changes at random against a plain table.                              */
static void test_like_a_table (void **state)
{
    enum { KEYS = 40, ROUNDS = 60, BATCH = 20 };
    store_t *store = store_of (state);
    char table[KEYS][16] = {0};
    unsigned random = 7;
    fixture_fill (store, 1, 1, 1);
    for (int round = 0; round < ROUNDS; round++) {
        store_record_t records[BATCH];
        char texts[BATCH][2][16];
        for (int i = 0; i < BATCH; i++) {
            random = random * 1103515245 + 12345;
            unsigned key = (random >> 16) % KEYS;
            snprintf (texts[i][0], sizeof texts[i][0], "k%02u", key / 2);
            snprintf (texts[i][1], sizeof texts[i][1], "%u", random >> 20);
            if ((random >> 9) % 3 == 0)
                texts[i][1][0] = '\0';
            records[i] = fixture_fact (key % 2, texts[i][0], texts[i][1]);
            memcpy (table[key], texts[i][1], sizeof *table);
        }
        assert_int_equal (store_append (store, records, BATCH), ZCHAT_OK);
    }
    char expected[2048] = "";
    for (unsigned room = 0; room < 2; room++)
        for (unsigned key = 0; key < KEYS / 2; key++)
            if (table[2 * key + room][0]) {
                size_t at = strlen (expected);
                snprintf (expected + at, sizeof expected - at, "%s%u k%02u=%s", at ? " " : "", room,
                          key, table[2 * key + room]);
            }
    fixture_facts_are (store_again (state), expected);
}

/*  --- removals --------------------------------------------------------------  */

/*  The event of that seq, as text: "TYPE USER TIME BODY DATA".                */
static void event_is (store_t *store, uint64_t room, uint64_t seq, const char *expected)
{
    store_query_t query = {.room = room, .after = seq - 1, .limit = 1, .bytes_max = 1 << 20};
    store_page_t *page = fixture_read (store, &query);
    assert_int_equal (page->count, 1);
    const event_t *event = &page->events[0];
    char *text = NULL;
    assert_int_equal (event->seq, seq);
    assert_true (asprintf (&text, "%s %.*s %llu %.*s %.*s", zchat_type_name (event->type),
                           (int)event->user.size, (const char *)event->user.data,
                           (unsigned long long)event->time_ms, (int)event->body.size,
                           (const char *)(event->body.size ? event->body.data : ""),
                           (int)event->data.size,
                           (const char *)(event->data.size ? event->data.data : "")) > 0);
    assert_string_equal (text, expected);
    free (text);
    store_page_destroy (&page);
}

static store_record_t remover (uint64_t room, uint64_t seq, uint64_t removes)
{
    store_record_t record = fixture_record (room, seq, "why");
    record.event.type = ZCHAT_TYPE_REMOVE;
    record.event.user = frame_str ("eve");
    record.removes = removes;
    return record;
}

static void test_remove (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 10);
    fixture_fill (store, 2, 1, 10);
    store_record_t said = fixture_record (1, 11, "a secret");
    said.event.data = frame_str ("{\"a\":1}");
    assert_int_equal (store_append (store, &said, 1), ZCHAT_OK);
    store_record_t record = remover (1, 12, 11);
    assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    record = remover (1, 13, 1);
    assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    store = store_again (state);
    event_is (store, 1, 1, "gone bob 1000  ");
    event_is (store, 1, 2, "say bob 2000 1/2 ");
    event_is (store, 1, 10, "say bob 10000 1/10 ");
    event_is (store, 1, 11, "gone bob 11000  ");
    event_is (store, 1, 12, "remove eve 12000 why ");
    fixture_holds (store, 2, 1, 10); /* of another room                        */
    record = remover (1, 14, 11);    /* once more                              */
    assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    event_is (store, 1, 11, "gone bob 11000  ");
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store_again (state), loaded), ZCHAT_OK);
    assert_int_equal (loaded->rooms[0].head, 14);
    assert_int_equal (loaded->rooms[0].first, 1);
    free (loaded);
}

/*  What is not stored, not any more or not yet, cannot be taken away.         */
static void test_remove_what_is_not_there (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 10);
    store_retain_t retain = {.age_ms = 1000};
    store_trimmed_t trimmed;
    assert_int_equal (store_trim (store, &retain, 6000, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.first, 5);
    const uint64_t seqs[] = {1, 4, 100, ZCHAT_SEQ_MAX};
    for (uint64_t i = 0; i < 4; i++) {
        store_record_t record = fixture_fact (1, "k", "v");
        record.removes = seqs[i];
        assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
        record.room = 9; /* a room not there, and no fact of it                */
        record.fact_key = record.fact_value = frame_str ("");
        assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    }
    fixture_holds (store_again (state), 1, 5, 10);
    store_record_t record = remover (1, 11, 5); /* the oldest there is         */
    assert_int_equal (store_append (store_of (state), &record, 1), ZCHAT_OK);
    event_is (store_again (state), 1, 5, "gone bob 5000  ");
    event_is (store_of (state), 1, 6, "say bob 6000 1/6 ");
}

/*  In one batch a record removes what is before it, not what is behind.       */
static void test_remove_within_a_batch (void **state)
{
    store_t *store = store_of (state);
    store_record_t records[] = {fixture_record (1, 1, "one"),
                                remover (1, 2, 1),
                                remover (1, 3, 5),
                                fixture_record (2, 1, "other"),
                                fixture_record (1, 4, "four"),
                                fixture_record (1, 5, "five"),
                                remover (1, 6, 4)};
    records[6].fact_key = frame_str ("k");
    records[6].fact_value = frame_str ("v");
    assert_int_equal (store_append (store, records, 7), ZCHAT_OK);
    store = store_again (state);
    event_is (store, 1, 1, "gone bob 1000  ");
    event_is (store, 1, 4, "gone bob 4000  ");
    event_is (store, 1, 5, "say bob 5000 five ");
    event_is (store, 2, 1, "say bob 1000 other ");
    fixture_facts_are (store, "1 k=v");
}

/*  Retention by size counts what is left: it ends, and goes on afterwards.    */
static void test_remove_then_trim (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 20);
    for (uint64_t seq = 1; seq <= 20; seq += 3) {
        store_record_t record = fixture_fact (0, "", "");
        record.room = 1;
        record.removes = seq;
        assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    }
    store_retain_t retain = {.bytes = 1};
    store_trimmed_t trimmed;
    size_t removed = 0;
    do {
        assert_int_equal (store_trim (store, &retain, 1, &trimmed), ZCHAT_OK);
        removed += trimmed.count;
    } while (trimmed.more);
    assert_int_equal (removed, 20);
    fixture_holds (store, 1, 21, 20);
    retain.bytes = 1 << 20;
    fixture_fill (store, 1, 21, 23);
    assert_int_equal (store_trim (store, &retain, 1, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.count, 0);
    fixture_holds (store_again (state), 1, 21, 23);
}

#define BOTH(test)                                                                                 \
    {#test " (sqlite)", test, setup_sqlite, teardown, NULL},                                       \
    {                                                                                              \
#test " (memory)", test, setup_memory, teardown, NULL                                      \
    }

int main (void)
{
    const struct CMUnitTest tests[] = {
        BOTH (test_put_change_delete),
        BOTH (test_order),
        BOTH (test_last_word_in_a_batch),
        BOTH (test_fact_of_a_new_room),
        BOTH (test_fact_leaves_the_room_alone),
        BOTH (test_largest),
        BOTH (test_out_of_bounds),
        BOTH (test_load_ends_when_told),
        BOTH (test_like_a_table),
        BOTH (test_remove),
        BOTH (test_remove_what_is_not_there),
        BOTH (test_remove_within_a_batch),
        BOTH (test_remove_then_trim),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
