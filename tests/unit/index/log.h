/*  log.h - a log of a few rooms, as a test wants it, behind the reader of a store */
#ifndef ZCHAT_TEST_INDEX_LOG_H
#define ZCHAT_TEST_INDEX_LOG_H

/*  cmocka wants these before it                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "index_private.h"
#include "memory.h"
#include "store_ops.h"
#include <assert.h>
#include <ftw.h>
#include <unistd.h>

enum { LOG_ROOMS = 16 };

typedef struct {
    event_t *events; /* texts are owned                                         */
    size_t count, capacity;
    uint64_t first;
} log_room_t;

typedef struct {
    store_reader_t reader; /* first                                             */
    log_room_t rooms[LOG_ROOMS];
    bool fails;
} log_t;

static const uint8_t log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";

static inline frame_t log_text (const char *text)
{
    return frame_of (memory_string (text, strlen (text)), strlen (text));
}

static inline zchat_status_t log_read (store_reader_t *reader, const store_query_t *query,
                                       store_page_t **page)
{
    log_t *log = (log_t *)reader;
    const log_room_t *room = &log->rooms[query->room];
    if (log->fails) {
        snprintf (reader->error, sizeof reader->error, "the disk is bad");
        return ZCHAT_STORAGE;
    }
    store_pager_t pager = {0};
    store_span_t span = store_span (query, room->first ? room->first : 1, room->count);
    for (uint64_t i = 0; i < span.count; i++) {
        uint64_t seq = span.descending ? span.to - i : span.from + i;
        if (!store_pager_add (&pager, query, &room->events[seq - 1], NULL))
            break;
    }
    *page = store_pager_finish (&pager, &span);
    return ZCHAT_OK;
}

static inline void log_reader_destroy (store_reader_t *reader)
{
    (void)reader;
}

static const store_ops_t log_ops = {.read = log_read, .reader_destroy = log_reader_destroy};

/*  Say something; returns its seq.                                            */
static inline uint64_t log_say (log_t *log, uint64_t number, uint64_t time_ms, zchat_type_t type,
                                const char *user, const char *body, const char *data)
{
    log_room_t *room = &log->rooms[number];
    log->reader.ops = &log_ops;
    if (room->count == room->capacity) {
        room->capacity = room->capacity ? 2 * room->capacity : 16;
        room->events = memory_grow (room->events, room->capacity * sizeof *room->events);
    }
    room->events[room->count] = (event_t){.seq = room->count + 1,
                                          .time_ms = time_ms,
                                          .type = type,
                                          .user = log_text (user),
                                          .body = log_text (body),
                                          .data = log_text (data)};
    return ++room->count;
}

static inline void log_change (log_t *log, uint64_t number, uint64_t seq, zchat_type_t type,
                               const char *body)
{
    event_t *event = &log->rooms[number].events[seq - 1];
    free ((void *)event->body.data);
    event->type = type;
    event->body = log_text (body);
}

static inline void log_free (log_t *log)
{
    for (size_t i = 0; i < LOG_ROOMS; i++) {
        for (size_t k = 0; k < log->rooms[i].count; k++) {
            event_t *event = &log->rooms[i].events[k];
            free ((void *)event->user.data);
            free ((void *)event->body.data);
            free ((void *)event->data.data);
        }
        free (log->rooms[i].events);
    }
    memset (log, 0, sizeof *log);
}

/*  --- folders ---------------------------------------------------------------------- */

static inline char *folder_make (void)
{
    char *dir = memory_string ("/tmp/zchat-index-XXXXXX", 23);
    assert_non_null (mkdtemp (dir));
    return dir;
}

static inline int folder_entry (const char *path, const struct stat *info, int flag,
                                struct FTW *ftw)
{
    (void)info;
    (void)flag;
    (void)ftw;
    return remove (path);
}

static inline void folder_remove (char **dir)
{
    nftw (*dir, folder_entry, 16, FTW_DEPTH | FTW_PHYS);
    free (*dir);
    *dir = NULL;
}

/*  True where a file of the index has these bytes.                            */
static inline bool folder_holds (const char *dir, const char *bytes)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    bool holds = false;
    for (size_t i = 0; i < 3; i++) {
        char *path = memory_format ("%s/" INDEX_NAME "%s", dir, suffixes[i]);
        FILE *file = fopen (path, "rb");
        free (path);
        if (!file)
            continue;
        fseek (file, 0, SEEK_END);
        size_t size = (size_t)ftell (file);
        char *all = memory_new (size);
        rewind (file);
        assert_int_equal (fread (all, 1, size, file), size);
        fclose (file);
        holds = holds || memmem (all, size, bytes, strlen (bytes));
        free (all);
    }
    return holds;
}

#endif
