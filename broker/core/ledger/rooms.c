/*  rooms.c - rooms and mailboxes: heads, topics, names                        */
#include "ledger_private.h"
#include "text.h"

/*  --- the tables ------------------------------------------------------------  */

static void key_add (ledger_t *ledger, room_key_t *entry, room_t *room, const char *key)
{
    entry->key = memory_string (key, strlen (key));
    entry->room = room;
    HASH_ADD_KEYPTR (hh, ledger->keys, entry->key, strlen (key), entry);
}

static void key_remove (ledger_t *ledger, room_key_t *entry)
{
    if (entry->key)
        HASH_DELETE (hh, ledger->keys, entry);
    free (entry->key);
    entry->key = NULL;
}

/*  The keys by which the room is found. Logs may hold rooms that today would be one: each is found
    by its own fold then, and a look that is another's key is left out.          */
static void keys_add (ledger_t *ledger, room_t *room, const name_keys_t *keys)
{
    room_key_t *entry;
    HASH_FIND (hh, ledger->keys, keys->fold, strlen (keys->fold), entry);
    if (entry)
        key_remove (ledger, &entry->room->look);
    key_add (ledger, &room->fold, room, keys->fold);
    HASH_FIND (hh, ledger->keys, keys->look, strlen (keys->look), entry);
    if (!entry)
        key_add (ledger, &room->look, room, keys->look);
}

static room_t *room_new (ledger_t *ledger, uint64_t id, frame_t name, const name_keys_t *keys)
{
    room_t *room = memory_zero (sizeof *room);
    room->id = id;
    room->name = memory_string (name.data, name.size);
    room->name_size = name.size;
    room->begins = room->head = ledger->begins;
    room->first = room->begins + 1;
    room->topic = memory_string ("", 0);
    room->topic_by = memory_string ("", 0);
    keys_add (ledger, room, keys);
    HASH_ADD (hh_id, ledger->by_id, id, sizeof room->id, room);
    if (id > ledger->last_room)
        ledger->last_room = id;
    room->mailbox = *keys->fold == '@';
    ledger->n_rooms[room->mailbox]++;
    if (!room->mailbox)
        DL_APPEND (ledger->rooms, room);
    return room;
}

static void room_destroy (ledger_t *ledger, room_t *room)
{
    key_remove (ledger, &room->fold);
    key_remove (ledger, &room->look);
    HASH_DELETE (hh_id, ledger->by_id, room);
    room_uncharge (ledger, room);
    ledger->n_rooms[room->mailbox]--;
    if (!room->mailbox)
        DL_DELETE (ledger->rooms, room);
    markers_drop_room (ledger, room);
    facts_destroy (ledger, &room->facts);
    free (room->name);
    free (room->topic);
    free (room->topic_by);
    free (room->charge);
    free (room);
}

/*  --- mailboxes -------------------------------------------------------------  */

/*  True where it is the name of a mailbox, and its keys.                      */
static bool mailbox_keys (frame_t name, name_keys_t *keys)
{
    if (name.size < 2 || name.size > LEDGER_MAILBOX_MAX || *(const char *)name.data != '@')
        return false;
    memcpy (keys->fold, name.data, name.size);
    keys->fold[name.size] = '\0';
    memcpy (keys->look, keys->fold, sizeof keys->look);
    size_t digits = strspn (keys->fold + 1, "0123456789");
    size_t hex = keys->fold[1] == '=' ? strspn (keys->fold + 2, "0123456789abcdef") : 0;
    return digits + 1 == name.size ||
           (hex == (size_t)2 * MAILBOX_HASH_SIZE && hex + 2 == name.size);
}

/*  True where a room or mailbox may be called so, and its keys.               */
static bool room_keys (frame_t name, name_keys_t *keys)
{
    return mailbox_keys (name, keys) || name_check (name, keys, NULL) == ZCHAT_OK;
}

/*  --- applying --------------------------------------------------------------  */

static void string_set (char **string, frame_t value)
{
    free (*string);
    *string = memory_string (value.data, value.size);
}

zchat_status_t rooms_load (ledger_t *ledger, const store_room_t *row)
{
    name_keys_t keys;
    if (!room_keys (row->name, &keys) || room_folded (ledger, keys.fold) || row->id == 0 ||
        room_numbered (ledger, row->id) || row->head > ZCHAT_SEQ_MAX || row->first == 0 ||
        row->first > row->head + 1 || row->time_ms > INT64_MAX || row->topic_time_ms > INT64_MAX ||
        row->topic.size > ZCHAT_TOPIC_MAX || !text_valid (row->topic) ||
        (row->topic_by.size && name_check (row->topic_by, NULL, NULL) != ZCHAT_OK))
        return ZCHAT_CORRUPT;
    bool mailbox = *keys.fold == '@';
    if (ledger->n_rooms[mailbox] >= (mailbox ? ZCHAT_NAMES_MAX : ZCHAT_ROOMS_MAX))
        return ZCHAT_LIMIT;
    room_t *room = room_new (ledger, row->id, row->name, &keys);
    room->begins = 0;
    room->head = row->head;
    room->first = row->first;
    room->time_ms = row->time_ms;
    string_set (&room->topic, row->topic);
    string_set (&room->topic_by, row->topic_by);
    room->topic_time_ms = row->topic_time_ms;
    room_charge (ledger, room, row->charge);
    return ZCHAT_OK;
}

room_t *rooms_make (ledger_t *ledger, const store_record_t *record)
{
    name_keys_t keys;
    if (!record->room || !record->makes || !room_keys (record->room_name, &keys) ||
        room_folded (ledger, keys.fold))
        return NULL;
    return room_new (ledger, record->room, record->room_name, &keys);
}

zchat_status_t rooms_append (room_t *room, const event_t *event)
{
    if (event->seq != room->head + 1 || event->seq > ZCHAT_SEQ_MAX ||
        event->time_ms < room->time_ms || event->time_ms > INT64_MAX)
        return ZCHAT_CORRUPT;
    room->head = event->seq;
    room->time_ms = event->time_ms;
    budget_touch (&room->item, event->time_ms);
    if (event->type != ZCHAT_TYPE_TOPIC)
        return ZCHAT_OK;
    string_set (&room->topic, event->body);
    string_set (&room->topic_by, event->user);
    room->topic_time_ms = event->time_ms;
    return ZCHAT_OK;
}

zchat_status_t rooms_drop (ledger_t *ledger, uint64_t id)
{
    room_t *room = room_numbered (ledger, id);
    if (!room)
        return ZCHAT_CORRUPT;
    room_destroy (ledger, room);
    return ZCHAT_OK;
}

zchat_status_t rooms_trim (ledger_t *ledger, const store_trimmed_t *trimmed)
{
    room_t *room = room_numbered (ledger, trimmed->room);
    if (room && room->first < trimmed->first && trimmed->first <= room->head + 1)
        room->first = trimmed->first;
    return ZCHAT_OK;
}

void rooms_clear (ledger_t *ledger)
{
    /*  Mailboxes are in no list: every room is found by its fold.             */
    while (ledger->keys)
        room_destroy (ledger, ledger->keys->room);
}
