/*  test_store.c - what both kinds of store have to do                         */
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
    assert_null (self->store);
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

/*  --- append and load -------------------------------------------------------  */

static void test_empty (void **state)
{
    store_t *store = store_of (state);
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_memory_equal (store_log_id (store), fixture_log_id, ZCHAT_LOG_ID_SIZE);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_int_equal (loaded->n_rooms, 0);
    assert_int_equal (loaded->n_producers, 0);
    assert_int_equal (store_append (store, NULL, 0), ZCHAT_OK);
    fixture_holds (store, 1, 1, 0);
    fixture_holds (store, 8000000, 1, 0);
    free (loaded);
}

static void test_every_field_comes_back (void **state)
{
    store_t *store = store_of (state);
    char body[] = "\0 a\nb \xFF";
    store_record_t record = {.room = 7,
                             .room_name = frame_str ("комната"),
                             .event = {.seq = 1,
                                       .time_ms = 1732089600123,
                                       .type = ZCHAT_TYPE_ACTION,
                                       .user = frame_str ("иван"),
                                       .body = frame_of (body, sizeof body),
                                       .data = frame_str ("{\"a\":1}")}};
    assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    memset (body, 'x', sizeof body); /* borrowed for the call only */
    store_query_t query = {.room = 7, .limit = 10, .bytes_max = 1000};
    store_page_t *page = fixture_read (store, &query);
    assert_int_equal (page->count, 1);
    const event_t *event = &page->events[0];
    assert_int_equal (event->seq, 1);
    assert_int_equal (event->time_ms, 1732089600123);
    assert_int_equal (event->type, ZCHAT_TYPE_ACTION);
    assert_true (frame_is (event->user, "иван"));
    assert_true (frame_eq (event->body, frame_of ("\0 a\nb \xFF", sizeof body)));
    assert_true (frame_is (event->data, "{\"a\":1}"));
    store_page_destroy (&page);
    assert_null (page);
    store_page_destroy (&page);
}

static void test_largest_and_empty_event (void **state)
{
    store_t *store = store_of (state);
    char *body = memory_new (ZCHAT_BODY_MAX);
    char *data = memory_new (ZCHAT_DATA_MAX);
    char user[ZCHAT_NAME_MAX];
    memset (body, 'b', ZCHAT_BODY_MAX);
    memset (data, 'd', ZCHAT_DATA_MAX);
    memset (user, 'u', sizeof user);
    store_record_t records[2] = {fixture_record (1, 1, ""), fixture_record (1, 2, "")};
    records[0].event.body = frame_of (NULL, 0);
    records[1].event.body = frame_of (body, ZCHAT_BODY_MAX);
    records[1].event.data = frame_of (data, ZCHAT_DATA_MAX);
    records[1].event.user = frame_of (user, sizeof user);
    assert_int_equal (store_append (store, records, 2), ZCHAT_OK);
    store_query_t query = {.room = 1, .limit = 10, .bytes_max = 1 << 20};
    store_page_t *page = fixture_read (store, &query);
    assert_int_equal (page->count, 2);
    assert_int_equal (page->events[0].body.size, 0);
    assert_true (frame_eq (page->events[1].body, records[1].event.body));
    assert_true (frame_eq (page->events[1].data, records[1].event.data));
    assert_true (frame_eq (page->events[1].user, records[1].event.user));
    store_page_destroy (&page);
    free (body);
    free (data);
}

static void test_out_of_bounds (void **state)
{
    store_t *store = store_of (state);
    char *large = memory_new (ZCHAT_BODY_MAX + 1);
    memset (large, 'x', ZCHAT_BODY_MAX + 1);
    for (int i = 0; i < 12; i++) {
        store_record_t records[2] = {fixture_record (1, 1, "good"), fixture_record (2, 1, "bad")};
        store_record_t *bad = &records[1];
        uint64_t rooms[] = {0, 1 << 23, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3};
        uint64_t seqs[] = {1, 1, 0, ZCHAT_SEQ_MAX + 1, 1, 1, 1, 1, 1, 1, 1, 1};
        bad->room = rooms[i];
        bad->event.seq = seqs[i];
        bad->event.time_ms = i == 4 ? UINT64_MAX : 1;
        bad->event.type = i == 5 || i == 11 ? ZCHAT_TYPE_TOPIC : ZCHAT_TYPE_SAY;
        bad->event.body = frame_of (large, i == 5   ? ZCHAT_TOPIC_MAX + 1
                                           : i == 6 ? ZCHAT_BODY_MAX + 1
                                                    : 3);
        bad->event.data = frame_of (large, i == 7 ? ZCHAT_DATA_MAX + 1 : 0);
        bad->event.user = frame_of (large, i == 8 ? ZCHAT_NAME_MAX + 1 : 3);
        bad->room_name = frame_of (large, i == 9 ? ZCHAT_NAME_MAX + 1 : i == 10 ? 0 : 3);
        bad->has_producer = i == 11;
        bad->n = UINT64_MAX;
        assert_int_equal (store_append (store, records, 2), ZCHAT_STORAGE);
        assert_non_null (strstr (store_error (store), "out of bounds"));
    }
    fixture_holds (store, 1, 1, 0); /* the good ones went with the bad */
    fixture_fill (store, 1, 1, 3);
    fixture_holds (store, 1, 1, 3);
    free (large);
}

static void test_load_rooms_and_topics (void **state)
{
    store_t *store = store_of (state);
    store_record_t records[] = {fixture_record (2, 1, "a"),      fixture_record (9, 1, "new topic"),
                                fixture_record (2, 2, "first"),  fixture_record (9, 2, "b"),
                                fixture_record (2, 3, "second"), fixture_record (2, 4, "c")};
    records[1].room_name = records[3].room_name = frame_str ("сад");
    records[1].event.type = records[2].event.type = records[4].event.type = ZCHAT_TYPE_TOPIC;
    records[4].event.user = frame_str ("eve");
    assert_int_equal (store_append (store, records, 6), ZCHAT_OK);

    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_int_equal (loaded->n_rooms, 2);
    const store_room_t *room = &loaded->rooms[0];
    assert_int_equal (room->id, 2);
    assert_true (frame_is (room->name, "lobby"));
    assert_int_equal (room->head, 4);
    assert_int_equal (room->first, 1);
    assert_int_equal (room->time_ms, 4000);
    assert_true (frame_is (room->topic, "second"));
    assert_true (frame_is (room->topic_by, "eve"));
    assert_int_equal (room->topic_time_ms, 3000);
    room = &loaded->rooms[1];
    assert_int_equal (room->id, 9);
    assert_true (frame_is (room->name, "сад"));
    assert_int_equal (room->head, 2);
    assert_true (frame_is (room->topic, "new topic"));
    assert_int_equal (room->topic_time_ms, 1000);

    /*  A topic is cleared by an empty one; a name stays that of the first.    */
    store_record_t clear = fixture_record (9, 3, "");
    clear.event.type = ZCHAT_TYPE_TOPIC;
    clear.event.user = frame_str ("mallory");
    clear.room_name = frame_str ("САД");
    assert_int_equal (store_append (store, &clear, 1), ZCHAT_OK);
    memset (loaded, 0, sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_int_equal (loaded->rooms[1].topic.size, 0);
    assert_true (frame_is (loaded->rooms[1].topic_by, "mallory"));
    assert_int_equal (loaded->rooms[1].topic_time_ms, 3000);
    assert_true (frame_is (loaded->rooms[1].name, "сад"));
    free (loaded);
}

static void test_load_ends_when_told (void **state)
{
    store_t *store = store_of (state);
    store_record_t records[] = {fixture_record (1, 1, "a"), fixture_record (2, 1, "b")};
    for (size_t i = 0; i < 2; i++) {
        records[i].has_producer = true;
        records[i].producer[3] = (uint8_t)i;
        records[i].n = 1;
    }
    assert_int_equal (store_append (store, records, 2), ZCHAT_OK);
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    loaded->room_status = ZCHAT_LIMIT;
    assert_int_equal (fixture_load (store, loaded), ZCHAT_LIMIT);
    assert_int_equal (loaded->n_rooms, 1);
    assert_int_equal (loaded->n_producers, 0);
    memset (loaded, 0, sizeof *loaded);
    loaded->producer_status = ZCHAT_FULL;
    assert_int_equal (fixture_load (store, loaded), ZCHAT_FULL);
    assert_int_equal (loaded->n_producers, 1);
    memset (loaded, 0, sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_int_equal (loaded->n_producers, 2);
    free (loaded);
}

/*  Several rooms and producers interleaved: each keeps what its last record said. */
static void test_interleaved_batch (void **state)
{
    enum { ROOMS = 7, PRODUCERS = 5, COUNT = 1000 };
    store_t *store = store_of (state);
    store_record_t *records = memory_zero (COUNT * sizeof *records);
    uint64_t heads[ROOMS + 1] = {0};
    uint64_t ns[PRODUCERS] = {0};
    uint64_t times[PRODUCERS] = {0};
    char bodies[COUNT][32];
    unsigned random = 1;
    for (size_t i = 0; i < COUNT; i++) {
        random = random * 1103515245 + 12345;
        uint64_t room = 1 + (random >> 16) % ROOMS;
        size_t producer = (random >> 8) % (PRODUCERS + 1); /* the last: none */
        heads[room]++;
        snprintf (bodies[i], sizeof bodies[i], "%u/%u", (unsigned)room, (unsigned)heads[room]);
        records[i] = fixture_record (room, heads[room], bodies[i]);
        if (producer == PRODUCERS)
            continue;
        records[i].has_producer = true;
        memset (records[i].producer, (int)(0xF0 + producer), ZCHAT_PRODUCER_SIZE);
        records[i].n = ++ns[producer];
        times[producer] = records[i].event.time_ms;
    }
    assert_int_equal (store_append (store, records, COUNT / 2), ZCHAT_OK);
    assert_int_equal (store_append (store, records + COUNT / 2, COUNT / 2), ZCHAT_OK);
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_int_equal (loaded->n_rooms, ROOMS);
    assert_int_equal (loaded->n_producers, PRODUCERS);
    for (size_t i = 0; i < ROOMS; i++) {
        assert_int_equal (loaded->rooms[i].id, i + 1);
        assert_int_equal (loaded->rooms[i].time_ms, 1000 * heads[i + 1]);
        fixture_holds (store, i + 1, 1, heads[i + 1]);
    }
    for (size_t i = 0; i < PRODUCERS; i++) {
        uint8_t id[ZCHAT_PRODUCER_SIZE];
        memset (id, (int)(0xF0 + i), sizeof id);
        const store_producer_t *producer = fixture_producer (loaded, id);
        assert_non_null (producer);
        assert_int_equal (producer->n, ns[i]);
        assert_int_equal (producer->time_ms, times[i]);
    }
    free (loaded);
    free (records);
}

/*  --- reading ---------------------------------------------------------------  */

typedef struct {
    uint64_t after;
    uint64_t before;
    size_t limit;
    uint64_t from; /* expected */
    uint64_t to;   /* expected; below from: nothing */
    bool more;     /* expected */
} case_t;

static void cases_check (store_t *store, const case_t *cases, size_t count, uint64_t first,
                         uint64_t head)
{
    for (size_t i = 0; i < count; i++) {
        const case_t *c = &cases[i];
        store_query_t query = {.room = 4,
                               .after = c->after,
                               .before = c->before,
                               .limit = c->limit,
                               .bytes_max = 1 << 20};
        store_page_t *page = fixture_read (store, &query);
        if (page->count != c->to + 1 - c->from || page->more != c->more)
            fail_msg ("case %zu: %zu events, more %d", i, page->count, page->more);
        fixture_page_is (page, 4, c->from, c->to);
        assert_int_equal (page->first, first);
        assert_int_equal (page->head, head);
        store_page_destroy (&page);
    }
}

static void test_pages (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 3, 1, 5); /* neighbours that must not be seen */
    fixture_fill (store, 4, 1, 250);
    fixture_fill (store, 5, 1, 5);
    const case_t cases[] = {
        {0, 0, 1000, 1, 250, false},
        {0, 0, 250, 1, 250, false},
        {0, 0, 249, 1, 249, true},
        {0, 0, SIZE_MAX, 1, 250, false},
        {100, 0, 100, 101, 200, true},
        {200, 0, 50, 201, 250, false},
        {249, 0, 1, 250, 250, false},
        {250, 0, 10, 1, 0, false},
        {UINT64_MAX, 0, 10, 1, 0, false},
        {0, 0, 0, 1, 0, true},
        {250, 0, 0, 1, 0, false},
        {0, UINT64_MAX, 10, 241, 250, true},
        {77, UINT64_MAX, 1000, 1, 250, false}, /* after is ignored */
        {0, 251, 1, 250, 250, true},
        {0, 250, 1, 249, 249, true},
        {0, 101, 100, 1, 100, false},
        {0, 101, 99, 2, 100, true},
        {0, 2, 5, 1, 1, false},
        {0, 1, 5, 1, 0, false},
        {0, UINT64_MAX, 0, 1, 0, true},
    };
    cases_check (store, cases, sizeof cases / sizeof *cases, 1, 250);
}

static void test_pages_after_trim (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 4, 1, 250);
    store_retain_t retain = {.age_ms = 1000};
    store_trimmed_t trimmed;
    assert_int_equal (store_trim (store, &retain, 102000, &trimmed), ZCHAT_OK);
    const case_t cases[] = {
        {0, 0, 1000, 101, 250, false},
        {0, 0, 10, 101, 110, true},
        {99, 0, 10, 101, 110, true},
        {101, 0, 10, 102, 111, true},
        {0, 102, 10, 101, 101, false},
        {0, 101, 10, 1, 0, false},
        {0, 50, 10, 1, 0, false},
        {0, UINT64_MAX, 150, 101, 250, false},
        {0, UINT64_MAX, 149, 102, 250, true},
    };
    cases_check (store, cases, sizeof cases / sizeof *cases, 101, 250);
}

static void trims (store_t *store, const store_retain_t *retain, uint64_t room, uint64_t first)
{
    store_trimmed_t trimmed;
    assert_int_equal (store_trim (store, retain, 102000, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.room, room);
    assert_int_equal (trimmed.first, first);
}

/*  Longer or shorter than all others keep theirs; a room that is not there changes nothing. */
static void test_rooms_with_an_age_of_their_own (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 4, 1, 101);
    fixture_fill (store, 5, 1, 101);
    fixture_fill (store, 6, 1, 101);
    store_retain_t retain = {.age_ms = 10000,
                             .n_rooms = 3,
                             .rooms = {{.room = 9, .age_ms = 1},
                                       {.room = 5, .age_ms = 2000},
                                       {.room = 4, .age_ms = 90000}}};
    trims (store, &retain, 5, 100);
    trims (store, &retain, 4, 12);
    trims (store, &retain, 6, 92);
    trims (store, &retain, 0, 0);
    retain.n_rooms = 1;
    trims (store, &retain, 4, 92);
    trims (store, &retain, 0, 0);
}

/*  Without an age for all.                                                    */
static void test_one_room_with_an_age (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 4, 1, 101);
    fixture_fill (store, 5, 1, 101);
    store_retain_t retain = {.n_rooms = 1, .rooms = {{.room = 5, .age_ms = 2000}}};
    trims (store, &retain, 5, 100);
    trims (store, &retain, 0, 0);
}

static void test_bytes_max (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 4, 1, 9);
    store_record_t record = fixture_record (4, 1, "4/1");
    size_t each = event_record_size (&record.event);
    const struct {
        size_t bytes_max;
        size_t count;
        bool more;
    } cases[] = {{0, 1, true},         {1, 1, true},
                 {each, 1, true},      {2 * each - 1, 1, true},
                 {2 * each, 2, true},  {9 * each - 1, 8, true},
                 {9 * each, 9, false}, {SIZE_MAX, 9, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int down = 0; down < 2; down++) {
            store_query_t query = {.room = 4,
                                   .before = down ? UINT64_MAX : 0,
                                   .limit = 100,
                                   .bytes_max = cases[i].bytes_max};
            store_page_t *page = fixture_read (store, &query);
            assert_int_equal (page->count, cases[i].count);
            assert_int_equal (page->more, cases[i].more);
            uint64_t from = down ? 10 - cases[i].count : 1;
            fixture_page_is (page, 4, from, from + cases[i].count - 1);
            store_page_destroy (&page);
        }
}

static void test_reader_sees_what_follows (void **state)
{
    store_t *store = store_of (state);
    store_reader_t *reader = NULL;
    assert_int_equal (store_reader_new (store, &reader), ZCHAT_OK);
    store_query_t query = {.room = 1, .limit = 10, .bytes_max = 1000};
    store_page_t *pages[3];
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal (store_read (reader, &query, &pages[i]), ZCHAT_OK);
        fixture_fill (store, 1, i + 1, i + 1);
    }
    for (uint64_t i = 0; i < 3; i++) { /* a page is of its time, and outlives its reader */
        if (i == 1)
            store_reader_destroy (&reader);
        fixture_page_is (pages[i], 1, 1, i);
        assert_int_equal (pages[i]->head, i);
        store_page_destroy (&pages[i]);
    }
    store_reader_destroy (&reader);
}

/*  --- retention -------------------------------------------------------------  */

static void test_trim_nothing (void **state)
{
    store_t *store = store_of (state);
    store_retain_t retains[] = {
        {.age_ms = 0}, {.age_ms = 1000}, {.bytes = 1 << 30}, {.age_ms = 1000000, .bytes = 1 << 30}};
    for (size_t i = 0; i < 4; i++) {
        store_trimmed_t trimmed = {.room = 99, .more = true};
        assert_int_equal (store_trim (store, &retains[i], 5000, &trimmed), ZCHAT_OK);
        assert_int_equal (trimmed.room, 0);
        assert_int_equal (trimmed.count, 0);
        assert_false (trimmed.more);
        if (i == 1)
            fixture_fill (store, 1, 4, 3); /* nothing at all */
    }
    fixture_fill (store, 1, 1, 10);
    for (size_t i = 0; i < 4; i++) {
        store_trimmed_t trimmed = {.room = 99, .more = true};
        /*  1000 ms before 2000 is 1000: not older than that                   */
        assert_int_equal (store_trim (store, &retains[i], 2000, &trimmed), ZCHAT_OK);
        assert_int_equal (trimmed.room, 0);
        assert_false (trimmed.more);
    }
    fixture_holds (store, 1, 1, 10);
}

static void test_trim_age (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 1300);
    fixture_fill (store, 2, 1, 10);
    store_retain_t retain = {.age_ms = 10000};
    store_trimmed_t trimmed;
    uint64_t removed[3] = {0};
    size_t steps = 0;
    do {
        assert_int_equal (store_trim (store, &retain, 1210000, &trimmed), ZCHAT_OK);
        assert_true (trimmed.room == 1 || trimmed.room == 2);
        assert_in_range (trimmed.count, 1, ZCHAT_TRIM_ROWS);
        removed[trimmed.room] += trimmed.count;
        assert_int_equal (trimmed.first, removed[trimmed.room] + 1);
        steps++;
    } while (trimmed.more);
    assert_int_equal (removed[1], 1199); /* the one of 1200000 is not older */
    assert_int_equal (removed[2], 10);
    assert_int_equal (steps, 4);
    fixture_holds (store, 1, 1200, 1300);
    fixture_holds (store, 2, 11, 10);
    assert_int_equal (store_trim (store, &retain, 1210000, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.room, 0);
}

/*  A room emptied by retention keeps its head, its topic, and its place in line. */
static void test_trim_whole_room_and_go_on (void **state)
{
    store_t *store = store_of (state);
    store_retain_t retain = {.age_ms = 1};
    store_trimmed_t trimmed;
    store_record_t topic = fixture_record (1, 1, "of the day");
    topic.event.type = ZCHAT_TYPE_TOPIC;
    assert_int_equal (store_append (store, &topic, 1), ZCHAT_OK);
    assert_int_equal (store_trim (store, &retain, 1000000, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.room, 1);
    assert_int_equal (trimmed.first, 2);
    assert_int_equal (trimmed.count, 1);
    assert_false (trimmed.more);
    fixture_holds (store, 1, 2, 1);

    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_int_equal (loaded->rooms[0].head, 1);
    assert_int_equal (loaded->rooms[0].first, 2);
    assert_true (frame_is (loaded->rooms[0].topic, "of the day"));
    free (loaded);

    fixture_fill (store, 2, 1, 1);
    fixture_fill (store, 1, 2, 4);
    fixture_holds (store, 1, 2, 4);
    assert_int_equal (store_trim (store, &retain, 1002, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.room, 2);
    assert_int_equal (store_trim (store, &retain, 3002, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.room, 1);
    assert_int_equal (trimmed.first, 4);
    assert_false (trimmed.more);
    fixture_holds (store, 1, 4, 4);
}

static void test_trim_oldest_room_first (void **state)
{
    store_t *store = store_of (state);
    const uint64_t times[] = {5000, 2000, 9000, 1000};
    for (uint64_t room = 1; room <= 4; room++) {
        store_record_t record = fixture_record (room, 1, "x");
        record.event.time_ms = times[room - 1];
        assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    }
    const uint64_t expected[] = {4, 2, 1, 3};
    store_retain_t retain = {.bytes = 1};
    for (size_t i = 0; i < 4; i++) {
        store_trimmed_t trimmed;
        assert_int_equal (store_trim (store, &retain, 1, &trimmed), ZCHAT_OK);
        assert_int_equal (trimmed.count, 1);
        assert_int_equal (trimmed.room, expected[i]);
        assert_int_equal (trimmed.more, i < 3);
    }
}

static void fill_bytes (store_t *store, uint64_t room, const char *name, size_t count, size_t bytes)
{
    char *body = memory_zero (bytes);
    memset (body, 'x', bytes);
    for (size_t i = 1; i <= count; i++) {
        store_record_t record = fixture_record (room, i, "");
        record.room_name = frame_str (name);
        record.event.body = frame_of (body, bytes);
        assert_int_equal (store_append (store, &record, 1), ZCHAT_OK);
    }
    free (body);
}

static uint64_t first_of (store_t *store, uint64_t room)
{
    store_query_t query = {.room = room, .limit = 1, .bytes_max = 1};
    store_page_t *page = fixture_read (store, &query);
    uint64_t first = page->first;
    store_page_destroy (&page);
    return first;
}

/*  One room is flooded, however young; the others are older, and keep everything. */
static void test_a_flood_pays_for_itself (void **state)
{
    store_t *store = store_of (state);
    fill_bytes (store, 1, "lobby", 50, 100);
    fill_bytes (store, 2, "@7", 50, 100);
    fill_bytes (store, 3, "dev", 200, 1000);
    fill_bytes (store, 4, "flood", 300, 10000);
    fill_bytes (store, 5, "@8", 300, 4000);
    store_retain_t retain = {.bytes = 2000000};
    store_trimmed_t trimmed;
    do {
        assert_int_equal (store_trim (store, &retain, 1, &trimmed), ZCHAT_OK);
        assert_true (trimmed.room == 0 || trimmed.room >= 4);
    } while (trimmed.more);
    assert_int_equal (first_of (store, 1), 1);
    assert_int_equal (first_of (store, 2), 1);
    assert_int_equal (first_of (store, 3), 1);
    assert_in_range (first_of (store, 4), 50, 250);
    assert_in_range (first_of (store, 5), 50, 250);
}

/*  A bound no log can keep: everything goes, and then it ends.                */
static void test_trim_bytes_ends (void **state)
{
    store_t *store = store_of (state);
    fixture_fill (store, 1, 1, 1100);
    fixture_fill (store, 2, 1, 700);
    store_retain_t retain = {.bytes = 1};
    store_trimmed_t trimmed;
    size_t removed = 0;
    do {
        assert_int_equal (store_trim (store, &retain, 1, &trimmed), ZCHAT_OK);
        assert_in_range (trimmed.count, 1, ZCHAT_TRIM_ROWS);
        removed += trimmed.count;
    } while (trimmed.more);
    assert_int_equal (removed, 1800);
    fixture_holds (store, 1, 1101, 1100);
    fixture_holds (store, 2, 701, 700);
    assert_int_equal (store_trim (store, &retain, 1, &trimmed), ZCHAT_OK);
    assert_int_equal (trimmed.room, 0);
    assert_false (trimmed.more);
}

static void test_trim_bytes_keeps_the_rest (void **state)
{
    enum { COUNT = 3000 };
    store_t *store = store_of (state);
    char body[1000];
    memset (body, 'x', sizeof body);
    for (uint64_t seq = 1; seq <= COUNT; seq += 500) {
        store_record_t records[500];
        for (uint64_t i = 0; i < 500; i++) {
            records[i] = fixture_record (1, seq + i, "");
            records[i].event.body = frame_of (body, sizeof body);
        }
        assert_int_equal (store_append (store, records, 500), ZCHAT_OK);
    }
    store_retain_t retain = {.bytes = 1000000};
    store_trimmed_t trimmed;
    uint64_t first = 1;
    do {
        assert_int_equal (store_trim (store, &retain, 1, &trimmed), ZCHAT_OK);
        assert_int_equal (trimmed.first, first + trimmed.count);
        first = trimmed.first;
    } while (trimmed.more);
    /*  About 1 MB of 1,000-byte bodies is left, neither half of it nor twice. */
    assert_in_range (COUNT + 1 - first, 650, 1100);
}

/*  Producers go by records, each of that alone; retention takes none.         */
static void test_producers_are_forgotten (void **state)
{
    enum { COUNT = 1300 };
    store_t *store = store_of (state);
    store_record_t *records = memory_zero (COUNT * sizeof *records);
    store_retain_t retain = {.age_ms = 0};
    store_trimmed_t trimmed;
    for (uint64_t i = 0; i < COUNT; i++) {
        records[i] = fixture_record (1, i + 1, "x");
        records[i].event.time_ms = 1000 + i;
        records[i].has_producer = true;
        uint64_t id = i * 0x9E3779B97F4A7C15u;
        memcpy (records[i].producer, &id, sizeof id);
        records[i].n = 1;
    }
    assert_int_equal (store_append (store, records, COUNT), ZCHAT_OK);
    assert_int_equal (
        store_trim (store, &retain, 1000 + 2 * (uint64_t)ZCHAT_PRODUCER_AGE_MS, &trimmed),
        ZCHAT_OK);
    assert_false (trimmed.more);
    assert_int_equal (fixture_producers (store), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        store_record_t forgets = {.forgets = true};
        memcpy (forgets.forgotten, records[i].producer, sizeof forgets.forgotten);
        records[i] = forgets;
    }
    assert_int_equal (store_append (store, records + 1, COUNT - 1), ZCHAT_OK);
    assert_int_equal (fixture_producers (store), 1);
    free (records);
}

/*  It counts records, of all kinds; an empty batch finds out whether anything can be written, and
    changes nothing. What failed does not count.                               */
static void test_position (void **state)
{
    store_t *store = store_of (state);
    assert_int_equal (fixture_position (store), 0);
    assert_int_equal (store_append (store, NULL, 0), ZCHAT_OK);
    assert_int_equal (fixture_position (store), 0);
    fixture_fill (store, 1, 1, 250);
    assert_int_equal (fixture_position (store), 250);
    store_record_t records[] = {fixture_fact (0, "k", "v"), fixture_fact (0, "k", ""),
                                fixture_record (1, 251, "x")};
    assert_int_equal (store_append (store, records, 3), ZCHAT_OK);
    assert_int_equal (store_append (store, NULL, 0), ZCHAT_OK);
    assert_int_equal (fixture_position (store), 253);
    records[2].event.seq = 0;
    assert_int_equal (store_append (store, records, 3), ZCHAT_STORAGE);
    assert_int_equal (fixture_position (store), 253);
}

/*  Who is charged, who has ended and who gave way is remembered.              */
static void test_producers_end_and_give_way (void **state)
{
    store_t *store = store_of (state);
    store_record_t records[5];
    for (uint64_t i = 0; i < 3; i++) {
        records[i] = fixture_record (1, i + 1, "x");
        records[i].event.time_ms = 1000 + i;
        records[i].has_producer = true;
        records[i].producer[0] = (uint8_t)(i + 1);
        records[i].n = 1;
        records[i].holder = frame_str (i ? "place/=who" : "place/#1");
    }
    records[2].forgets = true;
    records[2].forgotten[0] = 1;
    /*  One that gave way and is back.                                         */
    records[3] = records[0];
    records[3].event.seq = 4;
    records[3].event.time_ms = 1003;
    records[3].holder = frame_str ("else");
    records[3].forgets = true;
    records[3].forgotten[0] = 2;
    records[4] = (store_record_t){.ends = true, .has_producer = true, .n = 1};
    records[4].producer[0] = 3;
    records[4].event.time_ms = 5000;
    records[4].holder = frame_str (STORE_ENDED);
    assert_int_equal (store_append (store, records, 5), ZCHAT_OK);
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    assert_int_equal (loaded->n_producers, 2);
    for (size_t i = 0; i < 2; i++) {
        const store_producer_t *producer = &loaded->producers[i];
        assert_true (producer->id[0] == 1 || producer->id[0] == 3);
        assert_string_equal (loaded->holders[i], producer->id[0] == 1 ? "else" : STORE_ENDED);
        assert_int_equal (producer->time_ms, producer->id[0] == 1 ? 1003 : 5000);
    }
    free (loaded);
    records[4].event.type = ZCHAT_TYPE_SAY;
    assert_int_equal (store_append (store, records + 4, 1), ZCHAT_STORAGE);
}

#define BOTH(test)                                                                                 \
    {#test " (sqlite)", test, setup_sqlite, teardown, NULL},                                       \
    {                                                                                              \
#test " (memory)", test, setup_memory, teardown, NULL                                      \
    }

int main (void)
{
    const struct CMUnitTest tests[] = {
        BOTH (test_empty),
        BOTH (test_every_field_comes_back),
        BOTH (test_largest_and_empty_event),
        BOTH (test_out_of_bounds),
        BOTH (test_load_rooms_and_topics),
        BOTH (test_load_ends_when_told),
        BOTH (test_interleaved_batch),
        BOTH (test_pages),
        BOTH (test_pages_after_trim),
        BOTH (test_rooms_with_an_age_of_their_own),
        BOTH (test_one_room_with_an_age),
        BOTH (test_bytes_max),
        BOTH (test_reader_sees_what_follows),
        BOTH (test_trim_nothing),
        BOTH (test_trim_age),
        BOTH (test_trim_whole_room_and_go_on),
        BOTH (test_trim_oldest_room_first),
        BOTH (test_a_flood_pays_for_itself),
        BOTH (test_trim_bytes_ends),
        BOTH (test_trim_bytes_keeps_the_rest),
        BOTH (test_position),
        BOTH (test_producers_are_forgotten),
        BOTH (test_producers_end_and_give_way),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
