/*  fixture.h - records, folders and what the tests of the store look at       */
#ifndef ZCHAT_TEST_STORE_FIXTURE_H
#define ZCHAT_TEST_STORE_FIXTURE_H

/*  cmocka wants these before it                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"
#include "store_memory.h"
#include <ftw.h>
#include <unistd.h>

static const uint8_t fixture_log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";

/*  --- folders ---------------------------------------------------------------  */

static inline char *fixture_folder (void)
{
    char *dir = memory_string ("/tmp/zchat-store-XXXXXX", 23);
    assert_non_null (mkdtemp (dir));
    return dir;
}

static inline int fixture_remove_entry (const char *path, const struct stat *info, int flag,
                                        struct FTW *ftw)
{
    return remove (path);
}

static inline void fixture_folder_remove (char **dir)
{
    nftw (*dir, fixture_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free (*dir);
    *dir = NULL;
}

static inline char *fixture_path (const char *dir, const char *name)
{
    char *path = NULL;
    assert_true (asprintf (&path, "%s/%s", dir, name) > 0);
    return path;
}

static inline void fixture_copy (const char *from_dir, const char *to_dir, const char *name)
{
    char *from = fixture_path (from_dir, name);
    char *to = fixture_path (to_dir, name);
    FILE *in = fopen (from, "rb");
    FILE *out = fopen (to, "wb");
    char block[4096];
    size_t size;
    assert_non_null (out);
    while (in && (size = fread (block, 1, sizeof block, in)) > 0)
        assert_int_equal (fwrite (block, 1, size, out), size);
    if (in)
        fclose (in);
    assert_int_equal (fclose (out), 0);
    free (from);
    free (to);
}

/*  --- stores ----------------------------------------------------------------  */

static inline store_t *fixture_open (const char *dir)
{
    store_t *store = NULL;
    char *why = NULL;
    if (store_open (dir, fixture_log_id, &store, &why) != ZCHAT_OK)
        fail_msg ("%s", why);
    assert_null (why);
    return store;
}

/*  Opening must fail so; the sentence must name what.                         */
static inline void fixture_refused (const char *dir, zchat_status_t status, const char *what)
{
    store_t *store = NULL;
    char *why = NULL;
    assert_int_equal (store_open (dir, fixture_log_id, &store, &why), status);
    assert_null (store);
    assert_non_null (why);
    if (!strstr (why, what))
        fail_msg ("'%s' does not name '%s'", why, what);
    free (why);
}

static inline store_record_t fixture_record (uint64_t room, uint64_t seq, const char *body)
{
    return (store_record_t){.room = room,
                            .room_name = frame_str ("lobby"),
                            .event = {.seq = seq,
                                      .time_ms = 1000 * seq,
                                      .type = ZCHAT_TYPE_SAY,
                                      .user = frame_str ("bob"),
                                      .body = frame_str (body)}};
}

/*  A fact without an event; an empty value: it is no more.                    */
static inline store_record_t fixture_fact (uint64_t room, const char *key, const char *value)
{
    return (store_record_t){
        .room = room, .fact_key = frame_str (key), .fact_value = frame_str (value)};
}

/*  One message with a body that says where it belongs.                        */
static inline zchat_status_t fixture_try (store_t *store, uint64_t room, uint64_t seq)
{
    char body[64];
    snprintf (body, sizeof body, "%llu/%llu", (unsigned long long)room, (unsigned long long)seq);
    store_record_t record = fixture_record (room, seq, body);
    return store_append (store, &record, 1);
}

/*  Messages from..to, in commits of 100.                                      */
static inline void fixture_fill (store_t *store, uint64_t room, uint64_t from, uint64_t to)
{
    enum { BATCH = 100 };
    store_record_t records[BATCH];
    char bodies[BATCH][64];
    while (from <= to) {
        size_t count = 0;
        for (; count < BATCH && from <= to; count++, from++) {
            snprintf (bodies[count], sizeof *bodies, "%llu/%llu", (unsigned long long)room,
                      (unsigned long long)from);
            records[count] = fixture_record (room, from, bodies[count]);
        }
        assert_int_equal (store_append (store, records, count), ZCHAT_OK);
    }
}

/*  --- pages -----------------------------------------------------------------  */

static inline store_page_t *fixture_read (store_t *store, const store_query_t *query)
{
    store_reader_t *reader = NULL;
    store_page_t *page = NULL;
    assert_int_equal (store_reader_new (store, &reader), ZCHAT_OK);
    assert_int_equal (store_read (reader, query, &page), ZCHAT_OK);
    store_reader_destroy (&reader);
    return page;
}

/*  A page must hold from..to of a room filled by fixture_fill, and nothing else. */
static inline void fixture_page_is (const store_page_t *page, uint64_t room, uint64_t from,
                                    uint64_t to)
{
    assert_int_equal (page->count, to + 1 - from);
    uint64_t seq = from;
    for (size_t i = 0; i < page->count; i++, seq++) {
        char body[64];
        snprintf (body, sizeof body, "%llu/%llu", (unsigned long long)room,
                  (unsigned long long)seq);
        assert_int_equal (page->events[i].seq, seq);
        assert_true (frame_is (page->events[i].body, body));
        assert_true (frame_is (page->events[i].user, "bob"));
        assert_int_equal (page->events[i].type, ZCHAT_TYPE_SAY);
        assert_int_equal (page->events[i].time_ms, 1000 * seq);
        assert_int_equal (page->events[i].data.size, 0);
    }
}

/*  The room must hold first..head, all of them as fixture_fill wrote them.    */
static inline void fixture_holds (store_t *store, uint64_t room, uint64_t first, uint64_t head)
{
    store_query_t query = {.room = room, .limit = 1u << 20, .bytes_max = 1u << 30};
    store_page_t *page = fixture_read (store, &query);
    assert_int_equal (page->first, first);
    assert_int_equal (page->head, head);
    assert_false (page->more);
    fixture_page_is (page, room, first, head);
    store_page_destroy (&page);
}

/*  --- what a load gives -----------------------------------------------------  */

enum { FIXTURE_LOADED_MAX = 3000 };

typedef struct {
    store_room_t rooms[16];                                 /* frames point into text */
    char text[16][3][ZCHAT_TOPIC_MAX + 1];                  /* name, topic, topic_by  */
    size_t n_rooms;                                         /* of them                */
    store_producer_t producers[FIXTURE_LOADED_MAX];         /* in any order           */
    char holders[FIXTURE_LOADED_MAX][STORE_HOLDER_MAX + 1]; /* of each        */
    size_t n_producers;                                     /* of them                */
    store_fact_t facts[64];                                 /* frames point into said */
    char said[64][2][64];                                   /* key, value             */
    size_t n_facts;                                         /* of them                */
    uint64_t position;                                      /* of the log             */
    zchat_status_t room_status;                             /* what to answer         */
    zchat_status_t fact_status;                             /* what to answer         */
    zchat_status_t producer_status;                         /* what to answer         */
    store_marker_t markers[64];                             /*                        */
    size_t n_markers;                                       /* of them                */
} fixture_loaded_t;

static inline zchat_status_t fixture_on_room (void *arg, const store_room_t *room)
{
    fixture_loaded_t *loaded = arg;
    assert_true (loaded->n_rooms < 16);
    assert_int_equal (loaded->n_producers + loaded->n_facts, 0);
    store_room_t *copy = &loaded->rooms[loaded->n_rooms];
    *copy = *room;
    frame_t *frames[] = {&copy->name, &copy->topic, &copy->topic_by};
    for (size_t i = 0; i < 3; i++) {
        char *text = loaded->text[loaded->n_rooms][i];
        assert_true (frames[i]->size <= ZCHAT_TOPIC_MAX);
        if (frames[i]->size)
            memcpy (text, frames[i]->data, frames[i]->size);
        frames[i]->data = text;
    }
    loaded->n_rooms++;
    return loaded->room_status;
}

/*  Of a long text the size is right, and the beginning.                       */
static inline zchat_status_t fixture_on_fact (void *arg, const store_fact_t *fact)
{
    fixture_loaded_t *loaded = arg;
    assert_true (loaded->n_facts < 64);
    assert_int_equal (loaded->n_producers, 0);
    store_fact_t *copy = &loaded->facts[loaded->n_facts];
    *copy = *fact;
    frame_t *frames[] = {&copy->key, &copy->value};
    for (size_t i = 0; i < 2; i++) {
        assert_true (frames[i]->size >= 1);
        char *text = loaded->said[loaded->n_facts][i];
        memcpy (text, frames[i]->data, frames[i]->size < 64 ? frames[i]->size : 64);
        frames[i]->data = text;
    }
    loaded->n_facts++;
    return loaded->fact_status;
}

static inline zchat_status_t fixture_on_producer (void *arg, const store_producer_t *producer)
{
    fixture_loaded_t *loaded = arg;
    assert_true (loaded->n_producers < FIXTURE_LOADED_MAX);
    snprintf (loaded->holders[loaded->n_producers], sizeof *loaded->holders, "%.*s",
              (int)producer->holder.size,
              producer->holder.size ? (const char *)producer->holder.data : "");
    loaded->producers[loaded->n_producers++] = *producer;
    return loaded->producer_status;
}

static inline zchat_status_t fixture_on_position (void *arg, uint64_t position)
{
    ((fixture_loaded_t *)arg)->position = position;
    return ZCHAT_OK;
}

static inline zchat_status_t fixture_on_marker (void *arg, const store_marker_t *marker)
{
    fixture_loaded_t *loaded = arg;
    assert_true (loaded->n_markers < 64);
    loaded->markers[loaded->n_markers++] = *marker;
    return ZCHAT_OK;
}

static inline zchat_status_t fixture_load (store_t *store, fixture_loaded_t *loaded)
{
    store_loader_t loader = {.position = fixture_on_position,
                             .room = fixture_on_room,
                             .fact = fixture_on_fact,
                             .producer = fixture_on_producer,
                             .marker = fixture_on_marker,
                             .arg = loaded};
    return store_load (store, &loader);
}

/*  The store must hold these facts, in order: "ROOM KEY=VALUE ROOM KEY=VALUE".  */
static inline void fixture_facts_are (store_t *store, const char *expected)
{
    char text[4096] = "";
    size_t size = 0;
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    for (size_t i = 0; i < loaded->n_facts; i++) {
        const store_fact_t *fact = &loaded->facts[i];
        size += (size_t)snprintf (text + size, sizeof text - size, "%s%llu %.*s=%.*s", i ? " " : "",
                                  (unsigned long long)fact->room, (int)fact->key.size,
                                  (const char *)fact->key.data, (int)fact->value.size,
                                  (const char *)fact->value.data);
        assert_true (size < sizeof text);
    }
    assert_string_equal (text, expected);
    free (loaded);
}

static inline const store_producer_t *fixture_producer (const fixture_loaded_t *loaded,
                                                        const uint8_t *id)
{
    for (size_t i = 0; i < loaded->n_producers; i++)
        if (memcmp (loaded->producers[i].id, id, ZCHAT_PRODUCER_SIZE) == 0)
            return &loaded->producers[i];
    return NULL;
}

/*  How many records were ever appended to the store.                          */
static inline uint64_t fixture_position (store_t *store)
{
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    uint64_t position = loaded->position;
    free (loaded);
    return position;
}

/*  How many producers the store knows.                                        */
static inline size_t fixture_producers (store_t *store)
{
    fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
    assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
    size_t n = loaded->n_producers;
    free (loaded);
    return n;
}

#endif
