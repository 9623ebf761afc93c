/*  stage_private.h - the stage with keys, private rooms and mailboxes

    A house is a stage on which a peer may have a key (house_key), key numbers 1 to 9 may be
    admins', and whatever is pushed over the door is checked on every step:
    - it goes only to sessions that were members before it, and, in a mailbox, to its owner;
    - in the form the session asked for with HELLO, packs or single events, never both;
    - the seqs a session sees in a room have no hole and come once, from its JOIN on;
    - nothing of a room that is private on disk is ever on the feed.

    Lines are those of the stage. stage_expect, stage_skip, stage_wait, stage_gone and stage_read
    work on &house->stage; what the house itself must see has a function of its own.
*/
#ifndef ZCHAT_TEST_STAGE_PRIVATE_H
#define ZCHAT_TEST_STAGE_PRIVATE_H

#include "stage.h"

#include "address.h"

enum {
    HOUSE_PEERS = 64,  /* their ids are below                                  */
    HOUSE_OWNERS = 64, /* numbers of owners are below: they are bits           */
    HOUSE_ADMIN = 9,   /* key number of the admin                              */
};

/*  A room as the disk has it.                                                 */
typedef struct {
    char *name;         /* as stored: a mailbox is @12                         */
    uint64_t head;      /* last seq                                            */
    uint64_t members;   /* of a private room, by bits                          */
    uint64_t *before;   /* the members before each seq, from 1                 */
    bool is_private;    /*                                                     */
    uint64_t published; /* last seq on the feed                                */
} house_room_t;

/*  What a peer saw of a room that is sent over the door.                      */
typedef struct {
    core_peer_t peer; /*                                                       */
    char *name;       /* as shown: @                                           */
    uint64_t seen;    /* last seq                                              */
} house_view_t;

typedef struct {
    stage_t stage; /* must be first                                            */
    unsigned keys[HOUSE_PEERS];
    uint64_t owners[HOUSE_PEERS]; /* of the name a peer speaks under; 0: not known */
    bool packs[HOUSE_PEERS];      /* the form of its session                      */
    /*  HELLO and BYE that are not answered yet: they hold from then on.       */
    struct {
        core_peer_t peer;
        char tag[ZCHAT_TAG_MAX + 1];
        bool ends, packs;
    } * asked;
    size_t n_asked;
    house_room_t *rooms;
    size_t n_rooms;
    house_view_t *views;
    size_t n_views;
    bool unbounded; /* the next core has no quotas                             */
    bool lossy;     /* sessions may lose some, for they do not read                   */
    size_t n_pushed;
    char *names[HOUSE_OWNERS]; /* of owners                                       */
} house_t;

/*  --- keys ------------------------------------------------------------------  */

static inline const char *house_key_text (unsigned n)
{
    static char texts[HOUSE_PEERS][ADDRESS_KEY_TEXT + 1];
    uint8_t key[ADDRESS_KEY_SIZE];
    assert_true (n < HOUSE_PEERS);
    memset (key, (int)n, sizeof key);
    address_key_encode (key, texts[n]);
    return texts[n];
}

/*  The peer comes with key number n; 0: with none.                            */
static inline void house_key (house_t *house, core_peer_t peer, unsigned n)
{
    assert_true (peer < HOUSE_PEERS);
    house->keys[peer] = n;
}

/*  --- rooms -----------------------------------------------------------------  */

static inline house_room_t *house_room (house_t *house, frame_t name)
{
    for (size_t i = 0; i < house->n_rooms; i++)
        if (frame_is (name, house->rooms[i].name))
            return &house->rooms[i];
    house->rooms = memory_grow (house->rooms, (house->n_rooms + 1) * sizeof *house->rooms);
    house->rooms[house->n_rooms] = (house_room_t){.name = memory_string (name.data, name.size)};
    return &house->rooms[house->n_rooms++];
}

/*  The room a peer means by a name that it is shown.                          */
static inline house_room_t *house_room_of (house_t *house, core_peer_t peer, frame_t shown)
{
    char name[32];
    if (!frame_is (shown, "@"))
        return house_room (house, shown);
    snprintf (name, sizeof name, "@%llu", (unsigned long long)house->owners[peer]);
    return house_room (house, frame_str (name));
}

static inline house_view_t *house_view (house_t *house, core_peer_t peer, frame_t name)
{
    for (size_t i = 0; i < house->n_views; i++)
        if (house->views[i].peer == peer && frame_is (name, house->views[i].name))
            return &house->views[i];
    return NULL;
}

static inline void house_view_end (house_t *house, house_view_t *view)
{
    free (view->name);
    *view = house->views[--house->n_views];
}

/*  The peer sees nothing any more.                                            */
static inline void house_blind (house_t *house, core_peer_t peer)
{
    for (size_t i = house->n_views; i-- > 0;)
        if (house->views[i].peer == peer)
            house_view_end (house, &house->views[i]);
}

/*  --- the sink --------------------------------------------------------------  */

static inline house_view_t *house_view_new (house_t *house, core_peer_t peer, frame_t name,
                                            uint64_t seen)
{
    house->views = memory_grow (house->views, (house->n_views + 1) * sizeof *house->views);
    house_view_t *view = &house->views[house->n_views++];
    *view =
        (house_view_t){.peer = peer, .name = memory_string (name.data, name.size), .seen = seen};
    return view;
}

/*  An event of a private room or a mailbox is pushed to a peer.               */
static inline void house_event (house_t *house, core_peer_t peer, frame_t shown, uint64_t seq)
{
    uint64_t owner = house->owners[peer];
    house_view_t *view = house_view (house, peer, shown);
    bool mailbox = frame_is (shown, "@");
    house->n_pushed++;
    assert_true (mailbox || owner > 0);
    /*  The mailbox of a name that is not proven goes by another name.         */
    const house_room_t *room = owner ? house_room_of (house, peer, shown) : NULL;
    if (!mailbox && !room->is_private)
        fail_msg ("pushed of %s, which is public", room->name);
    if (!seq) /* who comes and goes; in a mailbox, what was read                */
        return;
    assert_true (!room || seq <= room->head);
    /*  Who makes a room is no member before, but sees it made.                */
    if (!mailbox && seq > 1 && !(room->before[seq] & UINT64_C (1) << owner))
        fail_msg ("%s, event %llu, to peer %llu, who is no member", room->name,
                  (unsigned long long)seq, (unsigned long long)peer);
    /*  OK of a JOIN may wait, and be behind what was said in the room since.  */
    if (!view)
        view = house_view_new (house, peer, shown, seq - 1);
    if (house->lossy ? seq <= view->seen : seq != view->seen + 1)
        fail_msg ("%s, event %llu behind %llu, to peer %llu", view->name, (unsigned long long)seq,
                  (unsigned long long)view->seen, (unsigned long long)peer);
    view->seen = seq;
}

static inline void house_push (house_t *house, core_peer_t peer, const frame_t *event, size_t count)
{
    frame_t name, pack;
    if (count == 2) {
        event_t one;
        assert_true (house->packs[peer]);
        assert_true (event_topic_name (event[0], "pack/", &name));
        pack = event[1];
        assert_true (pack.size > 0 && pack.size <= ZCHAT_PACK_MAX);
        while (event_record_next (&pack, &one) == ZCHAT_OK)
            house_event (house, peer, name, one.seq);
        assert_int_equal (pack.size, 0);
        return;
    }
    assert_int_equal (count, 4);
    assert_false (house->packs[peer]);
    assert_true (event_topic_name (event[0], "room/", &name));
    json_t *meta = stage_json (event[3]);
    house_event (house, peer, name, (uint64_t)json_integer_value (json_object_get (meta, "seq")));
    json_decref (meta);
}

/*  OK of JOIN: from its head on the peer sees everything.                     */
static inline void house_joined (house_t *house, core_peer_t peer, const json_t *json)
{
    const json_t *room = json_object_get (json, "room"), *head = json_object_get (json, "head");
    if (!room || !json_object_get (json, "role") ||
        !json_is_true (json_object_get (json, "private")))
        return;
    frame_t name = frame_str (json_string_value (room));
    house_view_t *view = house_view (house, peer, name);
    uint64_t seen = (uint64_t)json_integer_value (head);
    if (!view)
        (void)house_view_new (house, peer, name, seen);
    else if (view->seen < seen)
        view->seen = seen;
}

/*  The number of the owner of a name; 0: none.                                */
static inline uint64_t house_owner (const house_t *house, const char *name)
{
    for (size_t i = 1; i < HOUSE_OWNERS; i++)
        if (house->names[i] && !strcmp (house->names[i], name))
            return i;
    return 0;
}

/*  Who says HELLO or BYE.                                                     */
static inline void house_asked (house_t *house, core_peer_t peer, const frame_t *frames,
                                size_t count)
{
    bool ends = frame_is (frames[0], "BYE");
    if (peer >= HOUSE_PEERS || count < 3 || (!ends && !frame_is (frames[0], "HELLO")))
        return;
    house->asked = memory_grow (house->asked, (house->n_asked + 1) * sizeof *house->asked);
    char *more = memory_string (count > 3 ? frames[3].data : "", count > 3 ? frames[3].size : 0);
    size_t at = house->n_asked++;
    assert_true (frames[1].size <= ZCHAT_TAG_MAX);
    memset (&house->asked[at], 0, sizeof house->asked[at]);
    memcpy (house->asked[at].tag, frames[1].data, frames[1].size);
    house->asked[at].peer = peer;
    house->asked[at].ends = ends;
    house->asked[at].packs = strstr (more, "\"form\":\"pack\"") != NULL;
    free (more);
}

/*  An answer: where it is one to HELLO or BYE, another session begins, or ends. json NULL: an ERR.
 */
static inline void house_answered (house_t *house, core_peer_t peer, frame_t tag,
                                   const json_t *json)
{
    size_t at = 0;
    while (at < house->n_asked &&
           !(house->asked[at].peer == peer && frame_is (tag, house->asked[at].tag)))
        at++;
    if (at == house->n_asked)
        return;
    bool ends = house->asked[at].ends, packs = house->asked[at].packs;
    memmove (house->asked + at, house->asked + at + 1,
             (--house->n_asked - at) * sizeof *house->asked);
    if (!json)
        return;
    if (ends)
        house_blind (house, peer);
    const char *user = json_string_value (json_object_get (json, "user"));
    bool proven = json_is_true (json_object_get (json, "proven"));
    house->packs[peer] = !ends && packs;
    house->owners[peer] = !ends && proven ? house_owner (house, user) : 0;
}

static inline void house_on_reply (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    house_t *house = arg;
    stage_t *stage = &house->stage;
    char who[32];
    snprintf (who, sizeof who, "%llu< ", (unsigned long long)peer);
    stage_write (stage, who, frames, count);
    size_t skip = frames[0].size ? 0 : 1;
    assert_true (count - skip >= 3);
    if (peer < HOUSE_PEERS && frame_is (frames[skip], "EVENT") && !frames[skip + 1].size)
        house_push (house, peer, frames + skip + 2, count - skip - 2);
    else if (peer < HOUSE_PEERS && frame_is (frames[skip], "OK")) {
        json_t *json = stage_json (frames[skip + 2]);
        house_answered (house, peer, frames[skip + 1], json);
        house_joined (house, peer, json);
        json_decref (json);
    } else if (peer < HOUSE_PEERS && frame_is (frames[skip], "ERR"))
        house_answered (house, peer, frames[skip + 1], NULL);
    if (stage->heard)
        stage->heard (stage->arg, peer, frames + skip, count - skip);
}

static inline void house_on_publish (void *arg, const frame_t *frames, size_t count)
{
    house_t *house = arg;
    frame_t name;
    if (event_topic_name (frames[0], count == 2 ? "pack/" : "room/", &name)) {
        assert_false (frame_is (name, "@"));
        if (house_room (house, name)->is_private)
            fail_msg ("on the feed: %s", house_room (house, name)->name);
    }
    stage_on_publish (&house->stage, frames, count);
}

static inline void house_on_read (void *arg, uint64_t id, const store_query_t *query)
{
    stage_on_read (&((house_t *)arg)->stage, id, query);
}

static inline void house_on_search (void *arg, uint64_t id, const index_query_t *query)
{
    stage_on_search (&((house_t *)arg)->stage, id, query);
}

static inline void house_on_random (void *arg, void *buffer, size_t size)
{
    stage_on_random (&((house_t *)arg)->stage, buffer, size);
}

/*  --- life ------------------------------------------------------------------  */

/*  A core over the log, which may be another than the one on stage.           */
static inline core_t *house_core (house_t *house)
{
    static const char *feeds[] = {"tcp://feed:1"};
    const char *admins[] = {house_key_text (HOUSE_ADMIN)};
    core_config_t config = {.log_id = store_log_id (house->stage.store),
                            .feeds = feeds,
                            .n_feeds = 1,
                            .admins = admins,
                            .n_admins = 1};
    static const quota_t unbounded[QUOTA_COUNT];
    config.quotas = house->unbounded ? unbounded : NULL;
    core_sink_t sink = {.reply = house_on_reply,
                        .publish = house_on_publish,
                        .read = house_on_read,
                        .search = house_on_search,
                        .random = house_on_random,
                        .arg = house};
    core_t *core = core_new (&config, &sink);
    store_loader_t loader = core_loader (core);
    assert_int_equal (store_load (house->stage.store, &loader), ZCHAT_OK);
    return core;
}

static inline house_t *house_new (void)
{
    static const uint8_t log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";
    house_t *house = memory_zero (sizeof *house);
    house->stage.store = store_memory_new (log_id);
    house->stage.now = (core_time_t){.mono_ms = 100, .wall_ms = 1000};
    house->stage.core = house_core (house);
    return house;
}

static inline void house_destroy (house_t *house)
{
    stage_t *stage = &house->stage;
    core_destroy (&stage->core);
    store_destroy (&stage->store);
    stage_list_clear (&stage->lines, &stage->n_lines);
    stage_list_clear (&stage->singles, &stage->n_singles);
    for (size_t i = 0; i < stage->n_rooms; i++)
        free (stage->rooms[i].name);
    free (stage->rooms);
    for (core_peer_t peer = 0; peer < HOUSE_PEERS; peer++)
        house_blind (house, peer);
    free (house->views);
    free (house->asked);
    for (size_t i = 0; i < house->n_rooms; i++) {
        free (house->rooms[i].name);
        free (house->rooms[i].before);
    }
    for (size_t i = 0; i < HOUSE_OWNERS; i++)
        free (house->names[i]);
    free (house->rooms);
    free (house);
}

/*  Another core over the same log; the connections are others as well.        */
static inline void house_restart (house_t *house)
{
    core_destroy (&house->stage.core);
    house->stage.n_records = house->stage.n_reads = house->n_asked = 0;
    for (core_peer_t peer = 0; peer < HOUSE_PEERS; peer++) {
        house_blind (house, peer);
        house->owners[peer] = 0;
        house->packs[peer] = false;
    }
    house->stage.core = house_core (house);
}

/*  --- steps -----------------------------------------------------------------  */

static inline size_t house_split (const char *text, frame_t frames[STAGE_FRAMES_MAX])
{
    size_t count = 0;
    for (const char *at = text;; at++) {
        const char *end = strchrnul (at, '|');
        assert_true (count < STAGE_FRAMES_MAX);
        frames[count++] = frame_of (at, (size_t)(end - at));
        at = end;
        if (!*end)
            return count;
    }
}

static inline void house_request (house_t *house, core_peer_t peer, const frame_t *frames,
                                  size_t count)
{
    unsigned key = peer < HOUSE_PEERS ? house->keys[peer] : 0;
    core_origin_t origin = {.key = key ? house_key_text (key) : NULL, .secure = true};
    house_asked (house, peer, frames, count);
    stage_request_as (&house->stage, peer, origin, frames, count);
}

static inline void house_ask (house_t *house, core_peer_t peer, const char *text)
{
    frame_t frames[STAGE_FRAMES_MAX];
    size_t count = house_split (text, frames);
    house_request (house, peer, frames, count);
}

__attribute__ ((format (printf, 3, 4))) static inline void house_askf (house_t *house,
                                                                       core_peer_t peer,
                                                                       const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start (args, format);
    assert_true (vasprintf (&text, format, args) >= 0);
    va_end (args);
    house_ask (house, peer, text);
    free (text);
}

static inline uint64_t house_bit (frame_t key)
{
    char text[32];
    if (key.size < 7 || key.size > 20 || memcmp (key.data, "role/#", 6) != 0)
        return 0;
    memcpy (text, key.data, key.size);
    text[key.size] = '\0';
    unsigned long long owner = strtoull (text + 6, NULL, 10);
    assert_true (owner < HOUSE_OWNERS);
    return UINT64_C (1) << owner;
}

/*  What a record makes of the room.                                           */
static inline void house_record (house_t *house, const store_record_t *record)
{
    if (!record->room) {
        char key[32] = "";
        assert_true (record->fact_key.size < sizeof key);
        memcpy (key, record->fact_key.data, record->fact_key.size);
        unsigned long long id = strtoull (key + 5, NULL, 10);
        assert_true (id < HOUSE_OWNERS);
        json_t *json = record->fact_value.size ? stage_json (record->fact_value) : NULL;
        const char *name = json_string_value (json_object_get (json, "name"));
        free (house->names[id]);
        house->names[id] = name ? memory_string (name, strlen (name)) : NULL;
        json_decref (json);
        return;
    }
    house_room_t *room = house_room (house, record->room_name);
    if (record->event.type != ZCHAT_TYPE_NONE) {
        assert_int_equal (record->event.seq, ++room->head);
        room->before = memory_grow (room->before, (room->head + 1) * sizeof *room->before);
        room->before[room->head] = room->members;
        stage_room (&house->stage, record->room_name)->committed = room->head;
    }
    uint64_t bit = house_bit (record->fact_key);
    if (bit && record->fact_value.size)
        room->members |= bit;
    else if (bit)
        room->members &= ~bit;
    if (frame_is (record->fact_key, "mode") && record->fact_value.size) {
        json_t *json = stage_json (record->fact_value);
        bool private = json_is_true (json_object_get (json, "private"));
        assert_true (private == room->is_private || room->head == 1);
        room->is_private = private;
        json_decref (json);
    }
}

static inline size_t house_take (house_t *house)
{
    return stage_take (&house->stage);
}

static inline void house_land (house_t *house)
{
    stage_t *stage = &house->stage;
    assert_true (stage->n_records > 0);
    for (size_t i = 0; i < stage->n_records; i++)
        house_record (house, &stage->records[i]);
    assert_int_equal (store_append (stage->store, stage->records, stage->n_records), ZCHAT_OK);
    stage->n_records = 0;
    core_committed (stage->core, ZCHAT_OK, stage->now);
    stage_settled (stage);
}

static inline void house_commit (house_t *house)
{
    while (house_take (house))
        house_land (house);
}

/*  A commit of all there is fails.                                            */
static inline void house_fail (house_t *house)
{
    if (!house->stage.n_records)
        assert_true (house_take (house) > 0);
    stage_fail (&house->stage);
}

static inline void house_gone (house_t *house, core_peer_t peer)
{
    house_blind (house, peer);
    house->owners[peer] = 0;
    house->packs[peer] = false;
    for (size_t i = house->n_asked; i-- > 0;)
        if (house->asked[i].peer == peer)
            house->asked[i] = house->asked[--house->n_asked];
    stage_gone (&house->stage, peer);
}

/*  HELLO with the key of that number and further JSON members, committed.     */
static inline void house_hello (house_t *house, core_peer_t peer, unsigned key, const char *user,
                                const char *form)
{
    char pattern[64];
    house_key (house, peer, key);
    house_askf (house, peer, "HELLO|h|%s|{\"form\":\"%s\"}", user, form ? form : "events");
    house_commit (house);
    snprintf (pattern, sizeof pattern, "%llu< OK|h|*", (unsigned long long)peer);
    stage_expect (&house->stage, pattern);
    if (key)
        assert_true (house->owners[peer] > 0);
}

/*  Ask, commit all, and forget what came of it.                               */
#define house_do(house, peer, ...)                                                                 \
    do {                                                                                           \
        house_askf ((house), (peer), __VA_ARGS__);                                                 \
        house_commit (house);                                                                      \
        stage_skip (&(house)->stage);                                                              \
    } while (0)

/*  ann (peer 1, key 1) makes the private room den, in which bob (2) is a member; both have joined
    it; eve (3) is nobody there.                                               */
static inline house_t *house_den (void)
{
    house_t *house = house_new ();
    house_hello (house, 1, 1, "ann", NULL);
    house_hello (house, 2, 2, "bob", NULL);
    house_hello (house, 3, 3, "eve", NULL);
    house_do (house, 1, "JOIN|t|ann|den|{\"private\":true}");
    house_do (house, 1, "INVITE|t|ann|den|bob");
    house_do (house, 2, "JOIN|t|bob|den");
    return house;
}

#define house_expect(house, ...)    stage_expect (&(house)->stage, __VA_ARGS__)
#define house_expect_nothing(house) stage_expect_nothing (&(house)->stage)

/*  Ask what is answered at once: it is this line.                             */
#define house_told(house, peer, text, ...)                                                         \
    do {                                                                                           \
        house_ask ((house), (peer), (text));                                                       \
        stage_expect (&(house)->stage, __VA_ARGS__);                                               \
    } while (0)

/*  Ask, commit, and see these lines.                                          */
#define house_done(house, peer, text, ...)                                                         \
    do {                                                                                           \
        house_ask ((house), (peer), (text));                                                       \
        house_commit (house);                                                                      \
        stage_expect (&(house)->stage, __VA_ARGS__);                                               \
    } while (0)

#endif
