/*  stage.h - the core on a stage: peers speak, a test commits by hand, all is written down

    What the core sends and publishes becomes lines of text:

        1< OK|tag|{"seq":1,"time":1000}             a reply to peer 1
        1< EVENT|tag|room/lobby/|bob|hi|{...}       mail; a pack is shown as its records
        feed> room/lobby/|bob|hi|{"type":"say",...}
        read> 1                                     HISTORY wants a page: stage_read gives it
        search> 1                                   SEARCH wants an answer: core_searched gives it

    A test asks (stage_ask), and says which lines come of it (stage_expect). On every
    step, whatever the test looks at, the stage checks that packs hold what the
    single events said, that each stored event is published once, in order, and
    only after its commit, and that no head is told before it.
*/
#ifndef ZCHAT_TEST_STAGE_H
#define ZCHAT_TEST_STAGE_H

/*  cmocka wants these before it                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"
#include "core.h"
#include "memory.h"
#include "store_memory.h"
#include <jansson.h>

enum { STAGE_FRAMES_MAX = 12, STAGE_READS_MAX = ZCHAT_READS_MAX, STAGE_NAMES_MAX = 64 };
enum { STAGE_ORIGINS_MAX = 64, STAGE_TOKENS_MAX = 8 };

/*  What is known of a room by what was committed and published.               */
typedef struct {
    char *name;         /*                                                      */
    uint64_t committed; /* last seq, or what its seqs begin behind              */
    uint64_t published; /* last seq                                             */
    uint64_t *begins;   /* behind which seqs rooms of this name began that are stored, and of which
                           nothing is published yet                            */
    size_t n_begins;
    bool gone; /* it was removed                                                */
} stage_room_t;

typedef struct {
    core_t *core;                  /* under test                               */
    store_t *store;                /* memory                                   */
    core_time_t now;               /* of the next input                        */
    char **lines;                  /* not yet expected                         */
    size_t n_lines;                /*                                          */
    char **singles;                /* published, and not yet seen in a pack    */
    size_t n_singles;              /*                                          */
    stage_room_t *rooms;           /*                                          */
    size_t n_rooms;                /*                                          */
    const store_record_t *records; /* taken, not yet committed                 */
    size_t n_records;              /*                                          */
    uint64_t ids[STAGE_READS_MAX]; /* of pages asked for                       */
    store_query_t queries[STAGE_READS_MAX];
    size_t n_reads;      /*                                          */
    uint64_t search;     /* the id of the last search asked for      */
    index_query_t query; /* and what                             */
    uint8_t secrets;     /* given out by sink.random                 */
    uint64_t begins;     /* behind which seqs of new rooms begin     */
    uint64_t number;     /* the last that a room or mailbox was given */
    bool quiet;          /* do not keep lines                        */
    bool unsearched;     /* the next core has no index               */
    bool passing;        /* keys are made for a connection alone: HELLO does not claim */
    void (*heard) (void *arg, core_peer_t peer, const frame_t *frames, size_t count);
    void *arg; /* heard is called for each reply           */
    /*  Who stands behind a connection; see stage_key and stage_insecure.      */
    struct {
        core_peer_t peer;
        char key[ADDRESS_KEY_TEXT + 1];
        bool insecure;
        char place[40];
    } origins[STAGE_ORIGINS_MAX];
    size_t n_origins;
    /*  Names that have a token, and which; see stage_token.                   */
    struct {
        const char *fold, *token;
    } tokens[STAGE_TOKENS_MAX];
    size_t n_tokens;
    const char *admins[STAGE_TOKENS_MAX]; /* of the next core: see stage_restart  */
    size_t n_admins;
    const quota_t *quotas;       /* of the next core; NULL: the defaults     */
    size_t producers;            /* of the next core; 0: the default         */
    size_t names;                /* likewise                                 */
    size_t rooms_max, mailboxes; /* likewise                                 */
    size_t markers;              /* likewise                                 */
    /*  Likewise; see core_sink_t. arg is the stage.                           */
    uint64_t (*unread) (void *arg, core_peer_t peer);
    uint64_t (*claims) (void *arg, core_peer_t peer);
} stage_t;

/*  --- text ------------------------------------------------------------------  */

static inline void stage_list_add (char ***list, size_t *count, char *line)
{
    *list = memory_grow (*list, (*count + 1) * sizeof **list);
    (*list)[(*count)++] = line;
}

static inline void stage_list_clear (char ***list, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        free ((*list)[i]);
    free (*list);
    *list = NULL;
    *count = 0;
}

/*  True where text is pattern, whose * stand for anything.                    */
static inline bool stage_match (const char *pattern, const char *text)
{
    for (; *pattern != '*'; pattern++, text++) {
        if (*pattern != *text)
            return false;
        if (!*pattern)
            return true;
    }
    while (pattern[1] == '*')
        pattern++;
    for (;; text++) {
        if (stage_match (pattern + 1, text))
            return true;
        if (!*text)
            return false;
    }
}

/*  An event as the frames of a single one, joined.                            */
static inline char *stage_event_line (frame_t room, const event_t *event)
{
    char meta[EVENT_META_MAX], *line = NULL;
    size_t size = event_meta_encode (event, meta);
    int made =
        asprintf (&line, "room/%.*s/|%.*s|%.*s|%.*s", (int)room.size, (const char *)room.data,
                  (int)event->user.size, (const char *)event->user.data, (int)event->body.size,
                  (const char *)event->body.data, (int)size, meta);
    assert_true (made > 0);
    return line;
}

/*  Frames joined by |, packs taken apart.                                     */
static inline char *stage_line (const char *who, const frame_t *frames, size_t count)
{
    char *line = NULL;
    size_t size = 0;
    FILE *stream = open_memstream (&line, &size);
    fputs (who, stream);
    for (size_t i = 0; i < count; i++) {
        frame_t name;
        fputs (i ? "|" : "", stream);
        if (i + 2 == count && event_topic_name (frames[i], "pack/", &name)) {
            frame_t pack = frames[i + 1];
            event_t event;
            zchat_status_t status;
            fwrite (frames[i].data, 1, frames[i].size, stream);
            while ((status = event_record_next (&pack, &event)) == ZCHAT_OK) {
                char *text = stage_event_line (name, &event);
                fprintf (stream, " %s", text);
                free (text);
            }
            assert_int_equal (status, ZCHAT_EMPTY);
            break;
        }
        if (frames[i].size)
            fwrite (frames[i].data, 1, frames[i].size, stream);
    }
    fclose (stream);
    return line;
}

static inline void stage_write (stage_t *stage, const char *who, const frame_t *frames,
                                size_t count)
{
    if (!stage->quiet)
        stage_list_add (&stage->lines, &stage->n_lines, stage_line (who, frames, count));
}

/*  --- the sink --------------------------------------------------------------  */

static inline stage_room_t *stage_room (stage_t *stage, frame_t name)
{
    for (size_t i = 0; i < stage->n_rooms; i++)
        if (frame_is (name, stage->rooms[i].name))
            return &stage->rooms[i];
    stage->rooms = memory_grow (stage->rooms, (stage->n_rooms + 1) * sizeof *stage->rooms);
    stage->rooms[stage->n_rooms] = (stage_room_t){.name = memory_string (name.data, name.size)};
    return &stage->rooms[stage->n_rooms++];
}

static inline json_t *stage_json (frame_t frame)
{
    json_t *json = json_loadb (frame.data, frame.size, JSON_REJECT_DUPLICATES, NULL);
    assert_true (json_is_object (json));
    return json;
}

static inline uint64_t stage_number (frame_t text)
{
    char *copy = memory_string (text.data, text.size);
    uint64_t number = strtoull (copy, NULL, 10);
    free (copy);
    return number;
}

/*  No head may be told that is not committed; where nothing was, it is what seqs begin behind. */
static inline bool stage_head_right (stage_t *stage, const char *room, const json_t *head)
{
    uint64_t number = (uint64_t)json_integer_value (head);
    if (strcmp (room, "@") == 0) /* one name of many mailboxes                    */
        return true;
    return number <= stage_room (stage, frame_str (room))->committed || number <= stage->begins;
}

static inline void stage_heads_check (stage_t *stage, const json_t *json)
{
    const char *room = json_string_value (json_object_get (json, "room"));
    const json_t *head = json_object_get (json, "head");
    if (room && head)
        assert_true (stage_head_right (stage, room, head));
    size_t i;
    json_t *entry;
    json_array_foreach (json_object_get (json, "rooms"), i, entry) stage_heads_check (stage, entry);
    const char *key;
    json_object_foreach (json_object_get (json, "heads"), key, entry)
        assert_true (stage_head_right (stage, key, entry));
}

static inline void stage_on_reply (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    stage_t *stage = arg;
    char who[32];
    snprintf (who, sizeof who, "%llu< ", (unsigned long long)peer);
    stage_write (stage, who, frames, count);
    size_t skip = frames[0].size ? 0 : 1;
    assert_true (count - skip >= 3);
    if (!frame_is (frames[skip], "EVENT")) {
        assert_int_equal (count - skip, 3);
        assert_true (frames[skip + 2].size < ZCHAT_FRAME_MAX);
        json_t *json = stage_json (frames[skip + 2]);
        stage_heads_check (stage, json);
        json_decref (json);
    }
    if (stage->heard)
        stage->heard (stage->arg, peer, frames + skip, count - skip);
}

static inline void stage_pack_check (stage_t *stage, frame_t name, frame_t pack)
{
    event_t event;
    assert_true (pack.size > 0 && pack.size <= ZCHAT_PACK_MAX);
    while (event_record_next (&pack, &event) == ZCHAT_OK) {
        char *line = stage_event_line (name, &event);
        size_t at = 0;
        while (at < stage->n_singles && strcmp (stage->singles[at], line) != 0)
            at++;
        if (at == stage->n_singles)
            fail_msg ("in a pack, but not by itself: %s", line);
        free (stage->singles[at]);
        memmove (stage->singles + at, stage->singles + at + 1,
                 (--stage->n_singles - at) * sizeof *stage->singles);
        free (line);
    }
    assert_int_equal (pack.size, 0);
}

/*  Each event of a room is published once, in order; a room may have ended and begun anew in the
   same batch.                                                                     */
static inline void stage_published (stage_room_t *room, uint64_t seq)
{
    size_t begun = 0;
    while (begun < room->n_begins && seq != room->begins[begun] + 1)
        begun++;
    if (begun < room->n_begins) {
        room->published = room->begins[begun];
        room->n_begins -= begun + 1;
        memmove (room->begins, room->begins + begun + 1, room->n_begins * sizeof *room->begins);
    }
    assert_int_equal (seq, ++room->published);
}

static inline void stage_on_publish (void *arg, const frame_t *frames, size_t count)
{
    stage_t *stage = arg;
    frame_t name;
    if (count == 2) {
        assert_true (event_topic_name (frames[0], "pack/", &name));
        stage_pack_check (stage, name, frames[1]);
        return;
    }
    assert_int_equal (count, 4);
    stage_write (stage, "feed> ", frames, count);
    json_t *meta = stage_json (frames[3]);
    const json_t *data = json_object_get (meta, "data");
    char *text = data ? json_dumps (data, JSON_COMPACT) : NULL;
    assert_true (!text || strlen (text) <= ZCHAT_DATA_MAX);
    free (text);
    if (event_topic_name (frames[0], "room/", &name)) {
        stage_room_t *room = stage_room (stage, name);
        const json_t *seq = json_object_get (meta, "seq");
        if (seq) {
            stage_published (room, (uint64_t)json_integer_value (seq));
            assert_true (room->published <= room->committed);
        }
        stage_list_add (&stage->singles, &stage->n_singles, stage_line ("", frames, count));
    }
    json_decref (meta);
}

static inline void stage_on_read (void *arg, uint64_t id, const store_query_t *query)
{
    stage_t *stage = arg;
    char text[32];
    frame_t frame =
        frame_of (text, (size_t)snprintf (text, sizeof text, "%llu", (unsigned long long)id));
    assert_true (stage->n_reads < STAGE_READS_MAX);
    stage->ids[stage->n_reads] = id;
    stage->queries[stage->n_reads++] = *query;
    stage_write (stage, "read> ", &frame, 1);
}

static inline void stage_on_search (void *arg, uint64_t id, const index_query_t *query)
{
    stage_t *stage = arg;
    char text[32];
    frame_t frame =
        frame_of (text, (size_t)snprintf (text, sizeof text, "%llu", (unsigned long long)id));
    stage->search = id;
    stage->query = *query;
    stage_write (stage, "search> ", &frame, 1);
}

static inline void stage_on_random (void *arg, void *buffer, size_t size)
{
    memset (buffer, ++((stage_t *)arg)->secrets, size);
}

static inline core_token_t stage_on_token (void *arg, const name_keys_t *name, frame_t token,
                                           uint64_t wall_ms)
{
    const stage_t *stage = arg;
    core_token_t found = CORE_TOKEN_NONE;
    (void)wall_ms;
    for (size_t i = 0; i < stage->n_tokens; i++)
        if (!strcmp (stage->tokens[i].fold, name->fold)) {
            if (frame_is (token, stage->tokens[i].token))
                return CORE_TOKEN_RIGHT;
            found = CORE_TOKEN_WRONG;
        }
    return found;
}

/*  --- life ------------------------------------------------------------------  */

static inline void stage_core_new (stage_t *stage)
{
    static const char *feeds[] = {"tcp://feed:1"};
    core_config_t config = {.log_id = store_log_id (stage->store), .feeds = feeds, .n_feeds = 1};
    config.admins = stage->admins;
    config.n_admins = stage->n_admins;
    config.quotas = stage->quotas;
    config.producers = stage->producers;
    config.names = stage->names;
    config.rooms = stage->rooms_max;
    config.mailboxes = stage->mailboxes;
    config.markers = stage->markers;
    core_sink_t sink = {.reply = stage_on_reply,
                        .publish = stage_on_publish,
                        .read = stage_on_read,
                        .search = stage->unsearched ? NULL : stage_on_search,
                        .random = stage_on_random,
                        .token = stage_on_token,
                        .unread = stage->unread,
                        .claims = stage->claims,
                        .arg = stage};
    stage->core = core_new (&config, &sink);
    store_loader_t loader = core_loader (stage->core);
    assert_int_equal (store_load (stage->store, &loader), ZCHAT_OK);
}

/*  A broker that never ran, at the time 1000.                                 */
static inline stage_t *stage_new (void)
{
    static const uint8_t log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";
    stage_t *stage = memory_zero (sizeof *stage);
    stage->store = store_memory_new (log_id);
    stage->now = (core_time_t){.mono_ms = 100, .wall_ms = 1000};
    stage_core_new (stage);
    return stage;
}

static inline void stage_destroy (stage_t *stage)
{
    core_destroy (&stage->core);
    assert_null (stage->core);
    core_destroy (&stage->core);
    store_destroy (&stage->store);
    stage_list_clear (&stage->lines, &stage->n_lines);
    stage_list_clear (&stage->singles, &stage->n_singles);
    for (size_t i = 0; i < stage->n_rooms; i++) {
        free (stage->rooms[i].name);
        free (stage->rooms[i].begins);
    }
    free (stage->rooms);
    free (stage);
}

/*  Another core over the same log.                                            */
static inline void stage_restart (stage_t *stage)
{
    core_destroy (&stage->core);
    stage->n_records = stage->n_reads = 0;
    stage_core_new (stage);
}

/*  --- steps -----------------------------------------------------------------  */

/*  Every event stood in a pack.                                               */
static inline void stage_settled (stage_t *stage)
{
    if (stage->n_singles)
        fail_msg ("by itself, but in no pack: %s", stage->singles[0]);
}

/*  The argument of a HELLO that asks to claim; NULL where it says so itself, or is no JSON. The
    caller frees it.                                                           */
static inline char *stage_claiming (frame_t json)
{
    char *text = memory_string (json.data, json.size), *made = NULL;
    if (!*text)
        made = memory_string ("{\"claim\":true}", 14);
    else if (*text == '{' && !strstr (text, "\"claim\""))
        assert_true (asprintf (&made, "{\"claim\":true%s%s", text[1] == '}' ? "" : ",", text + 1) >
                     0);
    free (text);
    return made;
}

/*  A request of who stands behind the connection. Who has a key keeps it, and asks to claim, unless
    stage->passing.                                                            */
static inline void stage_request_as (stage_t *stage, core_peer_t peer, core_origin_t origin,
                                     const frame_t *frames, size_t count)
{
    frame_t copy[4];
    char *json = NULL;
    if (origin.key && *origin.key && !stage->passing && (count == 3 || count == 4) &&
        frame_is (frames[0], "HELLO") && frames[2].size)
        json = stage_claiming (count == 4 ? frames[3] : frame_of ("", 0));
    if (json) {
        memcpy (copy, frames, 3 * sizeof *copy);
        copy[3] = frame_str (json);
    }
    core_request (stage->core, peer, origin, json ? copy : frames, json ? 4 : count, stage->now);
    free (json);
    stage_settled (stage);
}

static inline void stage_request (stage_t *stage, core_peer_t peer, const frame_t *frames,
                                  size_t count)
{
    core_origin_t origin = {.secure = true};
    for (size_t i = 0; i < stage->n_origins; i++)
        if (stage->origins[i].peer == peer)
            origin = (core_origin_t){.key = stage->origins[i].key,
                                     .place = stage->origins[i].place,
                                     .secure = !stage->origins[i].insecure};
    stage_request_as (stage, peer, origin, frames, count);
}

/*  A request whose frames are split by |.                                     */
static inline void stage_ask (stage_t *stage, core_peer_t peer, const char *text)
{
    frame_t frames[STAGE_FRAMES_MAX];
    size_t count = 0;
    for (const char *at = text;; at++) {
        const char *end = strchrnul (at, '|');
        assert_true (count < STAGE_FRAMES_MAX);
        frames[count++] = frame_of (at, (size_t)(end - at));
        at = end;
        if (!*end)
            break;
    }
    stage_request (stage, peer, frames, count);
}

__attribute__ ((format (printf, 3, 4))) static inline void stage_askf (stage_t *stage,
                                                                       core_peer_t peer,
                                                                       const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start (args, format);
    assert_true (vasprintf (&text, format, args) >= 0);
    va_end (args);
    stage_ask (stage, peer, text);
    free (text);
}

/*  Take a batch; returns the number of its records. A probe goes well.        */
static inline size_t stage_take (stage_t *stage)
{
    size_t count = 0;
    while (core_take (stage->core, &stage->records, &count) && !count)
        core_committed (stage->core, ZCHAT_OK, stage->now);
    if (count)
        stage->n_records = count;
    return count;
}

/*  The batch taken gets to the disk; the core does not know it yet.           */
static inline void stage_store (stage_t *stage)
{
    assert_true (stage->n_records > 0);
    for (size_t i = 0; i < stage->n_records; i++) {
        const store_record_t *record = &stage->records[i];
        if (frame_is (record->fact_key, "begins") && !record->room)
            stage->begins = stage_number (record->fact_value);
        if (record->drops)
            stage_room (stage, record->room_name)->gone = true;
        if (record->event.type == ZCHAT_TYPE_NONE)
            continue;
        stage_room_t *room = stage_room (stage, record->room_name);
        if (record->makes) {
            /*  Behind all that one of its name ever had, and one more.        */
            assert_true (record->event.seq == 1 || record->event.seq > room->committed + 1);
            assert_true (!room->committed || room->gone);
            assert_true (record->room > stage->number);
            stage->number = record->room;
            room->committed = record->event.seq - 1;
            room->begins = memory_grow (room->begins, (room->n_begins + 1) * sizeof *room->begins);
            room->begins[room->n_begins++] = room->committed;
            room->gone = false;
        }
        assert_int_equal (record->event.seq, room->committed + 1);
        room->committed++;
    }
    assert_int_equal (store_append (stage->store, stage->records, stage->n_records), ZCHAT_OK);
    stage->n_records = 0;
}

/*  The batch taken gets to the disk.                                          */
static inline void stage_land (stage_t *stage)
{
    stage_store (stage);
    core_committed (stage->core, ZCHAT_OK, stage->now);
    stage_settled (stage);
}

/*  After a commit that did not go well the ledger is loaded again.            */
static inline void stage_load (stage_t *stage)
{
    assert_true (core_loads (stage->core));
    store_loader_t loader = core_loader (stage->core);
    core_loaded (stage->core, store_load (stage->store, &loader), stage->now);
    assert_false (core_loads (stage->core));
    stage_settled (stage);
}

/*  The batch taken does not.                                                  */
static inline void stage_fail (stage_t *stage)
{
    assert_true (stage->n_records > 0);
    stage->n_records = 0;
    core_committed (stage->core, ZCHAT_STORAGE, stage->now);
    stage_settled (stage);
    stage_load (stage);
}

/*  After two that did not: the disk works again, and the core finds out.      */
static inline void stage_mend (stage_t *stage)
{
    const store_record_t *records;
    size_t count = 1;
    stage->now.mono_ms += 2000;
    core_tick (stage->core, stage->now);
    assert_true (core_take (stage->core, &records, &count));
    assert_int_equal (count, 0);
    core_committed (stage->core, ZCHAT_OK, stage->now);
    stage_settled (stage);
}

/*  Commit all there is.                                                       */
static inline void stage_commit (stage_t *stage)
{
    while (stage_take (stage))
        stage_land (stage);
}

/*  Give the page asked for first.                                             */
static inline void stage_read_done (stage_t *stage, zchat_status_t status)
{
    assert_true (stage->n_reads > 0);
    store_page_t *page = NULL;
    store_reader_t *reader = NULL;
    uint64_t id = stage->ids[0];
    assert_int_equal (store_reader_new (stage->store, &reader), ZCHAT_OK);
    if (status == ZCHAT_OK)
        assert_int_equal (store_read (reader, &stage->queries[0], &page), ZCHAT_OK);
    store_reader_destroy (&reader);
    stage->n_reads--;
    memmove (stage->ids, stage->ids + 1, stage->n_reads * sizeof *stage->ids);
    memmove (stage->queries, stage->queries + 1, stage->n_reads * sizeof *stage->queries);
    core_read_done (stage->core, id, status, page);
    store_page_destroy (&page);
}

static inline void stage_read (stage_t *stage)
{
    stage_read_done (stage, ZCHAT_OK);
}

static inline void stage_gone (stage_t *stage, core_peer_t peer)
{
    core_gone (stage->core, peer, stage->now);
    stage_settled (stage);
}

/*  Time passes.                                                               */
static inline void stage_wait (stage_t *stage, uint64_t ms)
{
    stage->now.mono_ms += ms;
    stage->now.wall_ms += ms;
    core_tick (stage->core, stage->now);
    stage_settled (stage);
}

/*  --- what came of it -------------------------------------------------------  */

/*  Forget the lines so far.                                                   */
static inline void stage_skip (stage_t *stage)
{
    stage_list_clear (&stage->lines, &stage->n_lines);
}

/*  The lines since the last expect are these patterns, ended by NULL.         */
static inline void stage_expect_lines (stage_t *stage, const char *const *patterns,
                                       const char *file, int line)
{
    size_t count = 0;
    bool same = true;
    for (; patterns[count]; count++)
        same = same && count < stage->n_lines && stage_match (patterns[count], stage->lines[count]);
    if (!same || count != stage->n_lines) {
        for (size_t i = 0; i < count; i++)
            print_message ("  wanted  %.300s\n", patterns[i]);
        for (size_t i = 0; i < stage->n_lines; i++)
            print_message ("  came    %.300s\n", stage->lines[i]);
        _fail (file, line);
    }
    stage_skip (stage);
}

#define stage_expect(stage, ...)                                                                   \
    stage_expect_lines ((stage), (const char *const[]){__VA_ARGS__, NULL}, __FILE__, __LINE__)
#define stage_expect_nothing(stage)                                                                \
    stage_expect_lines ((stage), (const char *const[]){NULL}, __FILE__, __LINE__)

/*  HELLO by a name; the tag is h.                                             */
static inline void stage_hello (stage_t *stage, core_peer_t peer, const char *user)
{
    stage_askf (stage, peer, "HELLO|h|%s", user);
    char pattern[96];
    snprintf (pattern, sizeof pattern, "%llu< OK|h|*", (unsigned long long)peer);
    stage_expect (stage, pattern);
}

/*  HELLO and JOIN, what comes of it skipped.                                  */
static inline void stage_enter (stage_t *stage, core_peer_t peer, const char *user,
                                const char *room)
{
    stage_hello (stage, peer, user);
    stage_askf (stage, peer, "JOIN|j|%s|%s", user, room);
    stage_skip (stage);
}

/*  --- who stands behind a connection ----------------------------------------  */

/*  Key number n, as text; static.                                             */
static inline const char *stage_key_text (unsigned n)
{
    static char texts[256][ADDRESS_KEY_TEXT + 1];
    uint8_t key[ADDRESS_KEY_SIZE];
    assert_true (n < 256);
    memset (key, (int)n, sizeof key);
    address_key_encode (key, texts[n]);
    return texts[n];
}

static inline size_t stage_origin (stage_t *stage, core_peer_t peer)
{
    size_t i = 0;
    while (i < stage->n_origins && stage->origins[i].peer != peer)
        i++;
    if (i == stage->n_origins) {
        assert_true (i < STAGE_ORIGINS_MAX);
        stage->origins[stage->n_origins++].peer = peer;
    }
    return i;
}

/*  The connection comes with this key ("": none), as from its next request.   */
static inline void stage_key (stage_t *stage, core_peer_t peer, const char *key)
{
    size_t at = stage_origin (stage, peer);
    snprintf (stage->origins[at].key, sizeof stage->origins[at].key, "%s", key);
}

/*  The connection comes from there, as origin_place writes it.                */
static inline void stage_place (stage_t *stage, core_peer_t peer, const char *place)
{
    size_t at = stage_origin (stage, peer);
    snprintf (stage->origins[at].place, sizeof stage->origins[at].place, "%s", place);
}

/*  The connection can be listened to.                                         */
static inline void stage_insecure (stage_t *stage, core_peer_t peer)
{
    stage->origins[stage_origin (stage, peer)].insecure = true;
}

/*  The name of this fold has this token.                                      */
static inline void stage_token (stage_t *stage, const char *fold, const char *token)
{
    assert_true (stage->n_tokens < STAGE_TOKENS_MAX);
    stage->tokens[stage->n_tokens].fold = fold;
    stage->tokens[stage->n_tokens++].token = token;
}

/*  The key may do everything, from the next stage_restart on.                 */
static inline void stage_admin (stage_t *stage, const char *key)
{
    assert_true (stage->n_admins < STAGE_TOKENS_MAX);
    stage->admins[stage->n_admins++] = key;
}

/*  HELLO, and what there is gets to the disk.                                 */
static inline void stage_claim (stage_t *stage, core_peer_t peer, const char *user)
{
    char pattern[64];
    stage_askf (stage, peer, "HELLO|e|%s", user);
    stage_commit (stage);
    snprintf (pattern, sizeof pattern, "%llu< OK|e|*", (unsigned long long)peer);
    stage_expect (stage, pattern);
}

#endif
