/*  sqlite_check_rooms.c - verifying a log: rooms, their names and messages

    A damaged page may spoil thousands of messages: what is wrong in a room is counted,
    and said once of each kind, with the seq where it begins.
*/
#include "memory.h"
#include "name.h"
#include "sqlite_check.h"
#include "text.h"

#include <inttypes.h>

typedef enum {
    FAULT_MISSING,
    FAULT_OUTSIDE,
    FAULT_TIME,
    FAULT_TYPE,
    FAULT_PLACE,
    FAULT_USER,
    FAULT_BODY,
    FAULT_DATA,
    FAULT_COUNT
} fault_t;

static const char *const fault_texts[FAULT_COUNT] = {
    [FAULT_MISSING] = "are missing",
    [FAULT_OUTSIDE] = "lie outside the seqs it counts",
    [FAULT_TIME] = "are of no time, or of one before the message in front",
    [FAULT_TYPE] = "are of a type that is not stored",
    [FAULT_PLACE] = "are of a type that has no place in such a room",
    [FAULT_USER] = "are of a name that is not allowed",
    [FAULT_BODY] = "hold no UTF-8 text, or too much",
    [FAULT_DATA] = "hold data that is no JSON object, or too much",
};

/*  A room, and what is found in it.                                           */
typedef struct {
    char *name;                   /* fit to be shown                                    */
    bool mailbox;                 /* somebody's direct messages                         */
    uint64_t id;                  /* its number                                         */
    uint64_t first;               /* as in store_room_t                                 */
    uint64_t head;                /* as in store_room_t                                 */
    uint64_t time;                /* of its last message, by its own account            */
    uint64_t oldest;              /* of its first one stored, likewise                  */
    uint64_t next;                /* the seq awaited                                    */
    uint64_t last_seq;            /* seen last                                          */
    uint64_t last_time;           /* of the message seen last                           */
    uint64_t first_time;          /* of the first seen                                  */
    uint64_t counts[FAULT_COUNT]; /* messages with the fault                          */
    uint64_t seqs[FAULT_COUNT];   /* the first of them                                */
} room_t;

static void fault (room_t *room, fault_t kind, uint64_t seq, uint64_t count)
{
    if (!room->counts[kind])
        room->seqs[kind] = seq;
    room->counts[kind] += count;
}

/*  --- names -----------------------------------------------------------------  */

static void key_add (check_t *check, const char *key, const room_t *room)
{
    if (check->n_keys == check->keys_capacity) {
        check->keys_capacity = check->keys_capacity ? 2 * check->keys_capacity : 64;
        check->keys = memory_grow (check->keys, check->keys_capacity * sizeof *check->keys);
    }
    check->keys[check->n_keys++] =
        (check_key_t){.key = memory_string (key, strlen (key)),
                      .name = memory_string (room->name, strlen (room->name)),
                      .room = room->id};
}

static int compare_keys (const void *a, const void *b)
{
    const check_key_t *x = a;
    const check_key_t *y = b;
    int order = strcmp (x->key, y->key);
    return order ? order : (x->room > y->room) - (x->room < y->room);
}

/*  Two rooms are one where their names fold to the same. That they look the same is no fault: a log
    may be older than the rule that tells.                                     */
static void names_compare (check_t *check)
{
    if (check->n_keys)
        qsort (check->keys, check->n_keys, sizeof *check->keys, compare_keys);
    uint64_t said = 0;
    for (size_t i = 1; i < check->n_keys; i++) {
        const check_key_t *a = &check->keys[i - 1];
        const check_key_t *b = &check->keys[i];
        if (strcmp (a->key, b->key) == 0 && a->room != b->room && said != b->room) {
            sqlite_check_say (check,
                              "room \"%s\": its name is the same as that of room \"%s\""
                              " (numbers %" PRIu64 " and %" PRIu64 ")",
                              b->name, a->name, b->room, a->room);
            said = b->room;
        }
    }
    for (size_t i = 0; i < check->n_keys; i++) {
        free (check->keys[i].key);
        free (check->keys[i].name);
    }
    free (check->keys);
    check->keys = NULL;
    check->n_keys = 0;
}

/*  A name is looked at once, not with every message.                          */
static bool user_good (check_t *check, frame_t user)
{
    if (user.size < 1 || user.size > ZCHAT_NAME_MAX)
        return false;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < user.size; i++)
        hash = (hash ^ ((const uint8_t *)user.data)[i]) * 16777619u;
    size_t slot = hash % CHECK_USERS;
    if (frame_eq (user, frame_of (check->users[slot], check->user_sizes[slot])))
        return true;
    if (name_check (user, NULL, NULL) != ZCHAT_OK)
        return false;
    memcpy (check->users[slot], user.data, user.size);
    check->user_sizes[slot] = (uint8_t)user.size;
    return true;
}

/*  A mailbox is a room with a name that nobody could give to one: "@12" of an owner, or "@=" and
    32 hex digits of a name that is not proven.                                */
static bool mailbox_name (frame_t name)
{
    const char *text = name.data;
    if (name.size < 2 || name.size > 34 || text[0] != '@')
        return false;
    bool hashed = text[1] == '=';
    if (hashed && name.size != 34)
        return false;
    for (size_t i = hashed ? 2 : 1; i < name.size; i++)
        if ((text[i] < '0' || text[i] > '9') && !(hashed && text[i] >= 'a' && text[i] <= 'f'))
            return false;
    return true;
}

/*  Look at the room's name, and remember its keys to compare them.            */
static void name_look (check_t *check, frame_t name, room_t *room)
{
    name_keys_t keys;
    const char *why = NULL;
    room->mailbox = mailbox_name (name);
    if (room->mailbox) {
        memcpy (keys.fold, name.data, name.size);
        keys.fold[name.size] = '\0';
        key_add (check, keys.fold, room);
    } else if (name_check (name, &keys, &why) != ZCHAT_OK)
        sqlite_check_say (check, "room \"%s\": its name is not allowed: %s", room->name, why);
    else
        key_add (check, keys.fold, room);
}

/*  --- messages --------------------------------------------------------------  */

/*  Direct messages stand in mailboxes alone, and nothing is taken away or edited there. */
static bool place_good (const room_t *room, uint64_t type)
{
    switch (type) {
    case ZCHAT_TYPE_TELL:
    case ZCHAT_TYPE_TOLD:
    case ZCHAT_TYPE_INVITE:
    case ZCHAT_TYPE_MENTION:
        return room->mailbox;
    case ZCHAT_TYPE_REMOVE:
    case ZCHAT_TYPE_EDIT:
    case ZCHAT_TYPE_REACT:
    case ZCHAT_TYPE_UNREACT:
        return !room->mailbox;
    default:
        return true;
    }
}

/*  What was taken away has no text any more.                                  */
static bool data_good (frame_t data, uint64_t type)
{
    const char *text = data.data;
    if (type == ZCHAT_TYPE_GONE)
        return data.size == 0;
    return data.size == 0 || (data.size >= 2 && data.size <= ZCHAT_DATA_MAX && text[0] == '{' &&
                              text[data.size - 1] == '}' && text_valid (data));
}

static bool body_good (frame_t body, uint64_t type)
{
    size_t max = type == ZCHAT_TYPE_TOPIC  ? ZCHAT_TOPIC_MAX
                 : type == ZCHAT_TYPE_GONE ? 0
                                           : ZCHAT_BODY_MAX;
    if (type == ZCHAT_TYPE_REACT || type == ZCHAT_TYPE_UNREACT)
        return body.size <= ZCHAT_REACTION_MAX && text_word (body);
    return body.size <= max && text_valid (body);
}

static void message_look (check_t *check, room_t *room, uint64_t seq)
{
    sqlite3_stmt *statement = check->messages;
    uint64_t time = 0;
    uint64_t type = 0;
    frame_t user;
    frame_t body;
    frame_t data;
    if (seq < room->first || seq > room->head) {
        fault (room, FAULT_OUTSIDE, seq, 1);
        return;
    }
    if (seq > room->next)
        fault (room, FAULT_MISSING, room->next, seq - room->next);
    if (!sqlite_check_number (statement, 1, INT64_MAX, &time) || time < room->last_time)
        fault (room, FAULT_TIME, seq, 1);
    if (!sqlite_check_number (statement, 2, ZCHAT_TYPE_MAX, &type) ||
        !zchat_type_stored ((zchat_type_t)type))
        fault (room, FAULT_TYPE, seq, 1);
    else if (!place_good (room, type))
        fault (room, FAULT_PLACE, seq, 1);
    (void)sqlite_column_frame (statement, 3, SIZE_MAX, &user);
    (void)sqlite_column_frame (statement, 4, SIZE_MAX, &body);
    (void)sqlite_column_frame (statement, 5, SIZE_MAX, &data);
    if (!user_good (check, user))
        fault (room, FAULT_USER, seq, 1);
    if (!body_good (body, type))
        fault (room, FAULT_BODY, seq, 1);
    if (!data_good (data, type))
        fault (room, FAULT_DATA, seq, 1);
    if (!room->last_seq)
        room->first_time = time;
    room->last_time = time;
    room->last_seq = seq;
    room->next = seq + 1;
}

/*  Returns false where not all of them can be read.                           */
static bool messages_look (check_t *check, room_t *room)
{
    sqlite3_stmt *statement = check->messages;
    sqlite3_bind_int64 (statement, 1, sqlite_message_id (room->id, 0));
    sqlite3_bind_int64 (statement, 2, sqlite_message_id (room->id, ZCHAT_SEQ_MAX));
    int rc;
    while ((rc = sqlite3_step (statement)) == SQLITE_ROW) {
        check->summary->messages++;
        message_look (check, room, (uint64_t)sqlite3_column_int64 (statement, 0) & ZCHAT_SEQ_MAX);
    }
    if (rc != SQLITE_DONE)
        sqlite_check_say (check,
                          "room \"%s\": its messages behind seq %" PRIu64 " cannot be read: %s",
                          room->name, room->next - 1, sqlite3_errmsg (check->db));
    sqlite3_reset (statement);
    return rc == SQLITE_DONE;
}

/*  What the room says of its messages against what they are.                  */
static void messages_compare (check_t *check, const room_t *room)
{
    if (room->first <= room->head && room->last_seq != room->head)
        sqlite_check_say (check,
                          "room \"%s\": its head is seq %" PRIu64 ", but the last of its messages"
                          " that is there is seq %" PRIu64,
                          room->name, room->head, room->last_seq);
    else if (room->last_seq && (room->last_time != room->time || room->first_time != room->oldest))
        sqlite_check_say (check,
                          "room \"%s\": its times are not those of its first and last message",
                          room->name);
}

static void faults_say (check_t *check, const room_t *room)
{
    for (size_t i = 0; i < FAULT_COUNT; i++)
        if (room->counts[i])
            sqlite_check_say (check,
                              "room \"%s\": messages %s: %" PRIu64 ", the first is seq %" PRIu64,
                              room->name, fault_texts[i], room->counts[i], room->seqs[i]);
}

/*  --- rooms -----------------------------------------------------------------  */

/*  Messages of these ids belong to no room.                                   */
static void between_look (check_t *check, sqlite3_int64 from, sqlite3_int64 to)
{
    sqlite3_stmt *statement = check->between;
    if (from > to)
        return;
    sqlite3_bind_int64 (statement, 1, from);
    sqlite3_bind_int64 (statement, 2, to);
    int rc = sqlite3_step (statement);
    if (rc == SQLITE_ROW && sqlite3_column_int64 (statement, 0) > 0)
        sqlite_check_say (check, "messages: %lld belong to no room, the first to number %lld",
                          (long long)sqlite3_column_int64 (statement, 0),
                          (long long)sqlite3_column_int64 (statement, 1) >> LOG_SEQ_BITS);
    else if (rc != SQLITE_ROW)
        sqlite_check_say (check, "messages: cannot be looked through: %s",
                          sqlite3_errmsg (check->db));
    sqlite3_reset (statement);
}

static bool topic_good (sqlite3_stmt *statement)
{
    frame_t topic;
    frame_t by;
    uint64_t time;
    if (sqlite3_column_type (statement, 5) == SQLITE_NULL)
        return true;
    return sqlite_column_frame (statement, 5, ZCHAT_TOPIC_MAX, &topic) && text_valid (topic) &&
           sqlite_column_frame (statement, 6, ZCHAT_NAME_MAX, &by) &&
           (by.size == 0 || name_check (by, NULL, NULL) == ZCHAT_OK) &&
           sqlite_check_number (statement, 7, INT64_MAX, &time);
}

/*  Read the room in the row. False where its messages cannot be looked for.   */
static bool room_get (sqlite3_stmt *statement, room_t *room)
{
    bool dated = sqlite3_column_type (statement, 8) != SQLITE_NULL;
    return sqlite_check_number (statement, 0, STORE_ROOM_MAX, &room->id) && room->id >= 1 &&
           sqlite_check_number (statement, 2, ZCHAT_SEQ_MAX, &room->head) &&
           sqlite_check_number (statement, 3, room->head + 1, &room->first) && room->first >= 1 &&
           sqlite_check_number (statement, 4, INT64_MAX, &room->time) &&
           (dated ? sqlite_check_number (statement, 8, INT64_MAX, &room->oldest)
                  : room->first > room->head) &&
           dated == (room->first <= room->head);
}

static void room_look (check_t *check, sqlite3_stmt *statement, sqlite3_int64 *next_id)
{
    room_t room = {0};
    frame_t name;
    (void)sqlite_column_frame (statement, 1, SIZE_MAX, &name);
    room.name =
        text_display (frame_of (name.data, name.size < ZCHAT_NAME_MAX ? name.size : ZCHAT_NAME_MAX),
                      TEXT_QUOTED, NULL);
    check->summary->rooms++;
    if (!room_get (statement, &room)) {
        sqlite_check_say (check, "room \"%s\": its numbers make no sense (number %lld)", room.name,
                          (long long)sqlite3_column_int64 (statement, 0));
        free (room.name);
        return;
    }
    between_look (check, *next_id, sqlite_message_id (room.id, 0) - 1);
    *next_id = room.id < STORE_ROOM_MAX ? sqlite_message_id (room.id + 1, 0) : INT64_MAX;
    name_look (check, name, &room);
    if (!topic_good (statement))
        sqlite_check_say (check, "room \"%s\": its topic makes no sense", room.name);
    room.next = room.first;
    if (messages_look (check, &room))
        messages_compare (check, &room);
    faults_say (check, &room);
    free (room.name);
}

void sqlite_check_rooms (check_t *check)
{
    sqlite3_stmt *rooms = NULL;
    sqlite3_int64 next_id = INT64_MIN; /* ids below it have been looked at */
    int rc = sqlite3_prepare_v2 (check->db,
                                 "SELECT id, name, head, first, time, topic, topic_by, topic_time,"
                                 " oldest FROM rooms ORDER BY id",
                                 -1, &rooms, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2 (check->db,
                                 "SELECT id, time, type, user, body, data FROM messages"
                                 " WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
                                 -1, &check->messages, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2 (check->db,
                                 "SELECT count (*), min (id) FROM messages"
                                 " WHERE id BETWEEN ?1 AND ?2",
                                 -1, &check->between, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step (rooms)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        room_look (check, rooms, &next_id);
    }
    if (rc == SQLITE_DONE)
        between_look (check, next_id, INT64_MAX);
    else
        sqlite_check_say (check, "rooms: cannot be read beyond the first %" PRIu64 ": %s",
                          check->summary->rooms, sqlite3_errmsg (check->db));
    if (check->summary->rooms > STORE_ROOMS)
        sqlite_check_say (check, "rooms: %" PRIu64 " of them, of %d that may be",
                          check->summary->rooms, (int)STORE_ROOMS);
    names_compare (check);
    sqlite3_finalize (rooms);
    sqlite3_finalize (check->messages);
    sqlite3_finalize (check->between);
}
