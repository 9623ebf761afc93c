/*  core_judge.c - what the core may say, and to whom                          */
#include "core_world.h"
#include "memory.h"
#include "text.h"

/*  --- what is known ---------------------------------------------------------  */

static seen_room_t *room_by_name (const world_t *world, frame_t name)
{
    for (size_t i = 0; i < world->n_rooms; i++)
        if (frame_is (name, world->rooms[i].name))
            return &world->rooms[i];
    return NULL;
}

bool judge_keys_same (const name_keys_t *a, const name_keys_t *b)
{
    return *a->fold && *b->fold && name_same (a, b);
}

static bool is_private (const world_t *world, frame_t name)
{
    name_keys_t keys;
    if (name_check (name, &keys, NULL) != ZCHAT_OK)
        return true; /* a mailbox */
    for (size_t i = 0; i < world->n_privates; i++)
        if (name_same (&world->privates[i].keys, &keys))
            return true;
    return false;
}

static void remember_private (world_t *world, const char *name)
{
    if (!strcmp (name, "@") || is_private (world, frame_str (name)))
        return;
    const seen_room_t *room = room_by_name (world, frame_str (name));
    fuzz_check (!room || !room->is_public);
    world->privates =
        memory_grow (world->privates, (world->n_privates + 1) * sizeof *world->privates);
    private_t *private = &world->privates[world->n_privates++];
    snprintf (private->name, sizeof private->name, "%s", name);
    fuzz_check (name_check (frame_str (name), &private->keys, NULL) == ZCHAT_OK);
}

json_t *judge_object (frame_t frame)
{
    fuzz_check (frame.size >= 2 && frame.size <= ZCHAT_FRAME_MAX && text_valid (frame));
    json_t *json = json_loadb (frame.data, frame.size, JSON_REJECT_DUPLICATES, NULL);
    fuzz_check (json_is_object (json));
    return json;
}

static uint64_t number (const json_t *json, const char *key)
{
    const json_t *value = json_object_get (json, key);
    fuzz_check (json_is_integer (value) && json_integer_value (value) >= 0);
    return (uint64_t)json_integer_value (value);
}

/*  --- events ----------------------------------------------------------------  */

/*  The four frames of an event are well-formed. Returns its seq, 0: it has none. */
static uint64_t check_event (const frame_t *frames, frame_t *room, zchat_type_t *type)
{
    fuzz_check (event_topic_name (frames[0], "room/", room));
    fuzz_check (frames[1].size <= ZCHAT_NAME_MAX && text_valid (frames[1]));
    fuzz_check (frames[2].size <= ZCHAT_BODY_MAX && text_valid (frames[2]));
    fuzz_check (frames[3].size <= EVENT_META_MAX);
    json_t *meta = judge_object (frames[3]);
    const json_t *name = json_object_get (meta, "type");
    const json_t *data = json_object_get (meta, "data");
    fuzz_check (json_is_string (name));
    *type = zchat_type_from_name (json_string_value (name), json_string_length (name));
    fuzz_check (*type != ZCHAT_TYPE_NONE);
    fuzz_check (!data || json_is_object (data));
    number (meta, "time");
    uint64_t seq = json_object_get (meta, "seq") ? number (meta, "seq") : 0;
    fuzz_check (zchat_type_stored (*type) == (seq > 0));
    fuzz_check (*type == ZCHAT_TYPE_PRESENCE || *type == ZCHAT_TYPE_MARKS || frames[1].size > 0);
    if (*type == ZCHAT_TYPE_MARKS)
        fuzz_check (number (data, "seq") >= 1 && number (data, "at") > number (data, "seq") &&
                    (json_object_get (data, "edited") || json_object_get (data, "reactions")));
    json_decref (meta);
    return seq;
}

/*  The event as a record, in a block of its own.                              */
static char *record_of (const event_t *event, size_t *size)
{
    *size = event_record_size (event);
    char *record = memory_new (*size);
    event_record_encode (event, (uint8_t *)record);
    return record;
}

/*  A published event must come in a pack as well, byte for byte.              */
static void remember_single (world_t *world, const frame_t *frames, uint64_t seq, zchat_type_t type)
{
    json_t *meta = judge_object (frames[3]);
    const json_t *data = json_object_get (meta, "data");
    event_t event = {.seq = seq,
                     .time_ms = number (meta, "time"),
                     .type = type,
                     .user = frames[1],
                     .body = frames[2]};
    if (data) { /* the last member of the meta */
        const char *at = memmem (frames[3].data, frames[3].size, "\"data\":", 7);
        fuzz_check (at != NULL);
        at += 7;
        event.data =
            frame_of (at, (size_t)((const char *)frames[3].data + frames[3].size - 1 - at));
    }
    size_t count = world->n_singles + 1;
    world->singles = memory_grow (world->singles, count * sizeof *world->singles);
    world->single_sizes = memory_grow (world->single_sizes, count * sizeof *world->single_sizes);
    world->singles[count - 1] = record_of (&event, &world->single_sizes[count - 1]);
    world->n_singles = count;
    json_decref (meta);
}

static void check_pack (world_t *world, frame_t pack)
{
    event_t event;
    zchat_status_t status;
    fuzz_check (pack.size > 0 && pack.size <= ZCHAT_PACK_MAX);
    while ((status = event_record_next (&pack, &event)) == ZCHAT_OK) {
        size_t size, at = 0;
        char *record = record_of (&event, &size);
        while (at < world->n_singles &&
               (world->single_sizes[at] != size || memcmp (world->singles[at], record, size) != 0))
            at++;
        fuzz_check (at < world->n_singles);
        free (record);
        free (world->singles[at]);
        world->n_singles--;
        size_t behind = world->n_singles - at;
        memmove (world->singles + at, world->singles + at + 1, behind * sizeof *world->singles);
        memmove (world->single_sizes + at, world->single_sizes + at + 1,
                 behind * sizeof *world->single_sizes);
    }
    fuzz_check (status == ZCHAT_EMPTY);
}

/*  --- the feed --------------------------------------------------------------  */

static void on_publish (void *arg, const frame_t *frames, size_t count)
{
    world_t *world = arg;
    frame_t name;
    zchat_type_t type;
    if (count == 2) {
        fuzz_check (event_topic_name (frames[0], "pack/", &name) && !is_private (world, name));
        check_pack (world, frames[1]);
        return;
    }
    fuzz_check (count == 4);
    if (event_topic_name (frames[0], "sync/", &name)) {
        fuzz_check (name.size <= ZCHAT_NONCE_MAX && frames[1].size == 0 && frames[2].size == 0);
        fuzz_check (frame_is (frames[3], "{}"));
        return;
    }
    uint64_t seq = check_event (frames, &name, &type);
    if (is_private (world, name))
        fuzz_say ("published of a private room", name);
    fuzz_check (!is_private (world, name));
    fuzz_check (type != ZCHAT_TYPE_TELL && type != ZCHAT_TYPE_TOLD && type != ZCHAT_TYPE_INVITE &&
                type != ZCHAT_TYPE_GONE && type != ZCHAT_TYPE_MENTION && type != ZCHAT_TYPE_READ &&
                type != ZCHAT_TYPE_MARKS);
    remember_single (world, frames, seq, type);
    if (!seq)
        return;
    seen_room_t *room = room_by_name (world, name);
    fuzz_check (room != NULL);
    room->is_public = true;
    fuzz_check (seq == room->published + 1 && seq <= room->committed);
    room->published = seq;
}

/*  --- the door --------------------------------------------------------------  */

static unsigned seat_of (const world_t *world, core_peer_t peer)
{
    for (unsigned i = 0; i < SEATS; i++)
        if (world->seats[i].id == peer)
            return i;
    fuzz_failed ("a reply goes to a connection that is there", __FILE__, __LINE__, __func__);
}

/*  The request of that tag, unanswered; NULL: the tag is none of ours.        */
static ask_t *ask_of (world_t *world, unsigned seat, frame_t tag)
{
    char text[ZCHAT_TAG_MAX + 1] = "";
    if (tag.size == 0 || *(const char *)tag.data != 't')
        return NULL;
    memcpy (text, tag.data, tag.size);
    size_t index = strtoul (text + 1, NULL, 10);
    fuzz_check (index < world->n_asks);
    ask_t *ask = &world->asks[index];
    fuzz_check (ask->seat == seat && ask->life == world->seats[seat].life && !ask->answered);
    return ask;
}

/*  No head is told that is not committed.                                     */
static void check_head (const world_t *world, const char *name, const json_t *head)
{
    fuzz_check (json_is_integer (head) && json_integer_value (head) >= 0);
    if (!strcmp (name, "@"))
        return;
    const seen_room_t *room = room_by_name (world, frame_str (name));
    uint64_t most = room && room->committed > world->begins ? room->committed : world->begins;
    fuzz_check ((uint64_t)json_integer_value (head) <= most);
}

static void check_heads (const world_t *world, unsigned seat, const json_t *json)
{
    const char *name = json_string_value (json_object_get (json, "room"));
    const json_t *head = json_object_get (json, "head");
    if (name && head)
        check_head (world, name, head);
    size_t i;
    json_t *entry;
    json_array_foreach (json_object_get (json, "rooms"), i, entry)
    {
        name = json_string_value (json_object_get (entry, "room"));
        fuzz_check (name != NULL);
        if (seat == SEAT_OUTSIDER)
            fuzz_check (!is_private (world, frame_str (name)));
        check_head (world, name, json_object_get (entry, "head"));
    }
    const char *key;
    json_object_foreach (json_object_get (json, "heads"), key, entry)
    {
        check_head (world, key, entry);
    }
}

static void check_ok (world_t *world, unsigned seat, ask_t *ask, const json_t *json)
{
    check_heads (world, seat, json);
    seat_t *who = &world->seats[seat];
    const char *secret = json_string_value (json_object_get (json, "session"));
    if (secret && ask->verb == VERB_HELLO) {
        fuzz_check (strlen (secret) == 2 * (size_t)ZCHAT_SESSION_SIZE);
        memcpy (who->secret, secret, sizeof who->secret);
    }
    if (ask->verb == VERB_HELLO || ask->verb == VERB_BYE || ask->verb == VERB_JOIN)
        who->n_mails = 0;
    const char *room = json_string_value (json_object_get (json, "room"));
    if (ask->verb == VERB_JOIN && room && json_is_true (json_object_get (json, "private")))
        remember_private (world, room);
    if (ask->verb != VERB_SAY || !json_object_get (json, "seq"))
        return;
    /*  It is on disk, in that room.                                           */
    uint64_t seq = number (json, "seq");
    bool stands = false;
    for (size_t i = 0; i < world->n_rooms; i++)
        stands = stands || (judge_keys_same (&world->rooms[i].keys, &ask->room) &&
                            seq <= world->rooms[i].committed);
    fuzz_check (seq > 0 && stands);
}

static void check_err (const json_t *json)
{
    const json_t *code = json_object_get (json, "code"), *text = json_object_get (json, "text");
    fuzz_check (json_is_string (code) && json_is_string (text));
    zchat_status_t status =
        zchat_status_from_code (json_string_value (code), json_string_length (code));
    fuzz_check (status > ZCHAT_OK && status < ZCHAT_EMPTY);
    if (json_object_get (json, "wait_ms"))
        number (json, "wait_ms");
    if (json_object_get (json, "limit"))
        fuzz_check (json_is_string (json_object_get (json, "what")) && number (json, "limit") > 0);
    if (status == ZCHAT_GAP)
        fuzz_check (number (json, "expected") > 0);
}

static void check_answer (world_t *world, unsigned seat, const reply_t *reply)
{
    json_t *json = judge_object (reply->json);
    ask_t *ask = ask_of (world, seat, reply->tag);
    if (reply->kind == REPLY_ERR)
        check_err (json);
    else
        fuzz_check (!json_object_get (json, "code"));
    if (!ask) {
        fuzz_check (world->seats[seat].raw_open > 0);
        world->seats[seat].raw_open--;
    } else {
        ask->answered = true;
        if (reply->kind == REPLY_OK)
            check_ok (world, seat, ask, json);
    }
    if (seat == SEAT_OUTSIDER && world->outsiding)
        fuzz_check (reply->kind == REPLY_ERR);
    if (seat == SEAT_PROBER && world->probe)
        json_array_append (world->probe, json);
    json_decref (json);
}

/*  What is sent because it has just happened: of private rooms, in order.     */
static void check_news (world_t *world, seat_t *seat, frame_t room, uint64_t seq)
{
    const seen_room_t *known = room_by_name (world, room);
    size_t i = 0;
    fuzz_check (!known || !known->is_public);
    fuzz_check (seat != &world->seats[SEAT_OUTSIDER]);
    if (!seq)
        return;
    while (i < seat->n_mails && !frame_is (room, seat->mails[i].room))
        i++;
    if (i == MAILS_KNOWN)
        return;
    mail_t *mail = &seat->mails[i];
    if (i == seat->n_mails) {
        seat->n_mails++;
        *mail = (mail_t){.seq = 0};
        memcpy (mail->room, room.data, room.size);
    }
    fuzz_check (seq > mail->seq);
    mail->seq = seq;
}

static void check_mailed (world_t *world, unsigned seat, ask_t *ask, frame_t room, uint64_t seq)
{
    const seen_room_t *known = room_by_name (world, room);
    fuzz_check (!known || seq <= known->committed);
    fuzz_check (!ask || ask->verb == VERB_HISTORY);
    if (ask) {
        /*  Marks have no seq, and stand behind their message.                 */
        fuzz_check (seq ? seq > ask->last_seq : ask->last_seq > 0);
        ask->last_seq = seq ? seq : ask->last_seq;
    } else
        check_news (world, &world->seats[seat], room, seq);
}

static void check_mail (world_t *world, unsigned seat, const reply_t *reply)
{
    /*  The tag of a request with a tag that is none of ours.                  */
    ask_t *ask = ask_of (world, seat, reply->tag);
    frame_t room;
    zchat_type_t type;
    if (reply->kind == REPLY_EVENT) {
        const frame_t frames[] = {reply->topic, reply->user, reply->body, reply->meta};
        uint64_t seq = check_event (frames, &room, &type);
        if (ask || reply->tag.size == 0)
            check_mailed (world, seat, ask, room, seq);
        return;
    }
    fuzz_check (event_topic_name (reply->topic, "pack/", &room));
    fuzz_check (reply->body.size > 0 && reply->body.size <= ZCHAT_PACK_MAX);
    frame_t pack = reply->body;
    event_t event;
    zchat_status_t status;
    while ((status = event_record_next (&pack, &event)) == ZCHAT_OK) {
        fuzz_check (zchat_type_stored (event.type) == (event.seq > 0));
        if (ask || reply->tag.size == 0)
            check_mailed (world, seat, ask, room, event.seq);
    }
    fuzz_check (status == ZCHAT_EMPTY);
}

static void on_reply (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    world_t *world = arg;
    reply_t reply;
    unsigned seat = seat_of (world, peer);
    fuzz_check (reply_decode (frames, count, &reply) == ZCHAT_OK && reply.kind != REPLY_NOOP);
    if (reply.kind == REPLY_OK || reply.kind == REPLY_ERR)
        check_answer (world, seat, &reply);
    else
        check_mail (world, seat, &reply);
}

/*  --- the rest of the sink --------------------------------------------------  */

static void on_read (void *arg, uint64_t id, const store_query_t *query)
{
    world_t *world = arg;
    fuzz_check (world->n_reads < READS_MAX);
    fuzz_check (query->mentions_of || (query->limit >= 1 && query->bytes_max > 0));
    fuzz_check (query->limit <= ZCHAT_HISTORY_MAX && query->bytes_max <= ZCHAT_HISTORY_BYTES_MAX);
    world->read_ids[world->n_reads] = id;
    world->reads[world->n_reads++] = *query;
}

static void on_random (void *arg, void *buffer, size_t size)
{
    memset (buffer, ++((world_t *)arg)->dice, size);
}

/*  Carol has a token: 32 bytes, all of them cc.                               */
static core_token_t on_token (void *arg, const name_keys_t *name, frame_t token, uint64_t wall_ms)
{
    if (strcmp (name->fold, "carol") != 0)
        return CORE_TOKEN_NONE;
    const char *bytes = token.data;
    if (token.size != 2 * (size_t)ZCHAT_TOKEN_SIZE)
        return CORE_TOKEN_WRONG;
    for (size_t i = 0; i < token.size; i++)
        if (bytes[i] != 'c')
            return CORE_TOKEN_WRONG;
    return CORE_TOKEN_RIGHT;
}

static void on_note (void *arg, const core_note_t *note)
{
    fuzz_check (note->kind <= CORE_NOTE_REFUSED);
    fuzz_check (note->kind != CORE_NOTE_REFUSED || (note->verb && note->status != ZCHAT_OK));
}

core_sink_t judge_sink (world_t *world)
{
    return (core_sink_t){.reply = on_reply,
                         .publish = on_publish,
                         .read = on_read,
                         .random = on_random,
                         .token = on_token,
                         .note = on_note,
                         .arg = world};
}

void judge_restart (world_t *world)
{
    for (size_t i = 0; i < world->n_rooms; i++)
        world->rooms[i].published = world->rooms[i].committed;
}

void judge_settled (const world_t *world)
{
    core_stats_t stats = core_stats (world->core);
    fuzz_check (world->n_singles == 0);
    size_t open = 0, ever = 0; /* connections; a lost one's name is kept a while   */
    for (size_t i = 0; i < SEATS; i++) {
        open += world->seats[i].id != 0;
        ever += world->seats[i].life + 1;
    }
    fuzz_check (stats.peers <= open && stats.sessions <= ever);
    fuzz_check (stats.held_bytes <= ZCHAT_PENDING_BYTES_MAX + ZCHAT_FRAME_MAX);
    fuzz_check (core_idle (world->core) == (stats.held == 0));
    fuzz_check ((stats.held == 0) == (stats.held_bytes == 0));
    fuzz_check (stats.reads == world->n_reads && stats.rooms <= ZCHAT_ROOMS_MAX);
}

void judge_answered (const world_t *world)
{
    for (size_t i = 0; i < world->n_asks; i++) {
        const ask_t *ask = &world->asks[i];
        fuzz_check (ask->answered || ask->life != world->seats[ask->seat].life);
    }
    for (size_t i = 0; i < SEATS; i++)
        fuzz_check (world->seats[i].raw_open == 0);
}

void judge_free (world_t *world)
{
    fuzz_check (world->n_singles == 0);
    free (world->singles);
    free (world->single_sizes);
    free (world->rooms);
    free (world->privates);
    free (world->asks);
}
