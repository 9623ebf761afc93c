/*  ledger.c - rooms, heads, topics, producers                                 */
#include "ledger_private.h"
#include "text.h"
#include <assert.h>

enum {
    FORGET_STEP = 1000, /* producers forgotten in one call                     */
};

/*  Where it is not known who made something: a log of before that was written down. */
#define UNKNOWN_HOLDER "?"

ledger_t *ledger_new (void)
{
    ledger_t *ledger = memory_zero (sizeof *ledger);
    ledger->budget = budget_new ();
    ledger->claimed = budget_new ();
    ledger->unused = budget_new ();
    charges_new (ledger);
    ledger->sanctions = budget_new ();
    ledger->contacts = budget_new ();
    ledger_bound (ledger, 0, 0, 0, 0);
    ledger_bound_contacts (ledger, 0);
    return ledger;
}

void ledger_bound (ledger_t *ledger, size_t producers, size_t names, size_t rooms, size_t mailboxes)
{
    ledger->producers_max = producers ? producers : ZCHAT_PRODUCERS_MAX;
    ledger->names_max = names ? names : ZCHAT_NAMES_MAX;
    ledger->rooms_max[0] = rooms ? rooms : ZCHAT_ROOMS_MAX;
    ledger->rooms_max[1] = mailboxes ? mailboxes : ZCHAT_NAMES_MAX;
}

/*  --- rooms -----------------------------------------------------------------  */

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

/*  The room that has the fold for its own; NULL where it is at most another one's look.  */
static room_t *fold_holder (ledger_t *ledger, const char *fold)
{
    room_key_t *entry;
    HASH_FIND (hh, ledger->keys, fold, strlen (fold), entry);
    return entry && entry == &entry->room->fold ? entry->room : NULL;
}

/*  The keys by which the room is found. Logs may hold rooms that today would be one: each is found
    by its own fold then, and a look that is another's key is left out.          */
static void keys_add (ledger_t *ledger, room_t *room, const name_keys_t *keys)
{
    room_key_t *entry;
    HASH_FIND (hh, ledger->keys, keys->fold, strlen (keys->fold), entry);
    if (entry) {
        assert (entry == &entry->room->look);
        key_remove (ledger, entry);
    }
    key_add (ledger, &room->fold, room, keys->fold);
    HASH_FIND (hh, ledger->keys, keys->look, strlen (keys->look), entry);
    if (!entry)
        key_add (ledger, &room->look, room, keys->look);
}

static room_t *room_new (ledger_t *ledger, frame_t name, const name_keys_t *keys)
{
    room_t *room = memory_zero (sizeof *room);
    room->name = memory_string (name.data, name.size);
    room->name_size = name.size;
    room->begins = room->head = room->next = ledger->begins;
    room->first = room->begins + 1;
    room->topic = memory_string ("", 0);
    room->topic_by = memory_string ("", 0);
    keys_add (ledger, room, keys);
    room->mailbox = *keys->fold == '@';
    if (!room->mailbox)
        DL_APPEND2 (ledger->rooms, room, prev, next_room);
    room_count (ledger, room, true);
    return room;
}

static void room_destroy (ledger_t *ledger, room_t *room)
{
    key_remove (ledger, &room->fold);
    key_remove (ledger, &room->look);
    if (room->id)
        HASH_DELETE (hh_id, ledger->by_id, room);
    room_count (ledger, room, false);
    if (!room->mailbox)
        DL_DELETE2 (ledger->rooms, room, prev, next_room);
    facts_destroy (ledger, &room->facts);
    free (room->name);
    free (room->topic);
    free (room->topic_by);
    free (room->charge);
    free (room->pack);
    free (room);
}

room_t *ledger_room (ledger_t *ledger, const name_keys_t *keys)
{
    room_key_t *entry;
    HASH_FIND (hh, ledger->keys, keys->fold, strlen (keys->fold), entry);
    if (!entry)
        HASH_FIND (hh, ledger->keys, keys->look, strlen (keys->look), entry);
    return entry ? entry->room : NULL;
}

room_t *ledger_room_by_id (ledger_t *ledger, uint64_t id)
{
    room_t *room;
    HASH_FIND (hh_id, ledger->by_id, &id, sizeof id, room);
    return room;
}

static room_t *room_make (ledger_t *ledger, frame_t name, const name_keys_t *keys,
                          const char *holder)
{
    room_t *room = ledger_room (ledger, keys);
    bool mailbox = *keys->fold == '@';
    char charge[STORE_CHARGE_MAX + 1];
    if (room && (room->counted || room->dying))
        return room;
    if (ledger->n_rooms[mailbox] >= ledger->rooms_max[mailbox])
        return NULL;
    if (room)
        room_count (ledger, room, true);
    else
        room = room_new (ledger, name, keys);
    snprintf (charge, sizeof charge, "own %s", holder);
    ledger_room_charge (ledger, room, frame_str (charge));
    return room;
}

room_t *ledger_room_make (ledger_t *ledger, frame_t name, const name_keys_t *keys,
                          const char *holder)
{
    return room_make (ledger, name, keys, holder);
}

room_t *ledger_mailbox (ledger_t *ledger, const char *who, const char *holder)
{
    char name[MAILBOX_NAME_MAX + 1];
    name_keys_t keys;
    mailbox_name (who, name);
    bool valid = mailbox_keys (frame_str (name), &keys);
    assert (valid);
    if (!valid)
        return NULL;
    return holder ? room_make (ledger, frame_str (name), &keys, holder)
                  : ledger_room (ledger, &keys);
}

frame_t ledger_room_shown (const room_t *room)
{
    return room->mailbox ? frame_str ("@") : frame_of (room->name, room->name_size);
}

void ledger_room_release (ledger_t *ledger, room_t *room)
{
    if (!room->id && !room->members && !room->pending && !room->merge)
        room_destroy (ledger, room);
}

room_t *ledger_rooms (const ledger_t *ledger)
{
    return ledger->rooms;
}

static void room_number (ledger_t *ledger, room_t *room, uint64_t id)
{
    room->id = id;
    HASH_ADD (hh_id, ledger->by_id, id, sizeof room->id, room);
}

/*  --- producers -------------------------------------------------------------  */

static producer_t *producer_find (ledger_t *ledger, const uint8_t *id)
{
    producer_t *producer;
    HASH_FIND (hh, ledger->producers, id, ZCHAT_PRODUCER_SIZE, producer);
    return producer;
}

static producer_t **producer_list (ledger_t *ledger, const producer_t *producer)
{
    return producer->ended ? &ledger->ended : &ledger->idle;
}

/*  Put it in, charged to the holder, who is empty where that is not known.    */
static void producer_link (ledger_t *ledger, producer_t *producer, const char *holder)
{
    HASH_ADD (hh, ledger->producers, id, ZCHAT_PRODUCER_SIZE, producer);
    /*  It was among the oldest, where it gave way and is there again.        */
    producer_t **list = producer_list (ledger, producer);
    if (*list && producer->time_ms < (*list)->time_ms)
        DL_PREPEND (*list, producer);
    else
        DL_APPEND (*list, producer);
    if (!producer->ended)
        budget_charge (ledger->budget, &producer->item, *holder ? holder : UNKNOWN_HOLDER,
                       producer->time_ms);
    ledger->n_producers++;
}

static void producer_unlink (ledger_t *ledger, producer_t *producer)
{
    HASH_DEL (ledger->producers, producer);
    DL_DELETE (*producer_list (ledger, producer), producer);
    budget_release (ledger->budget, &producer->item);
    ledger->n_producers--;
}

static producer_t *producer_add (ledger_t *ledger, const uint8_t *id, const char *holder,
                                 uint64_t time_ms, bool ended)
{
    producer_t *producer = memory_zero (sizeof *producer);
    memcpy (producer->id, id, ZCHAT_PRODUCER_SIZE);
    producer->time_ms = time_ms;
    producer->ended = ended;
    producer_link (ledger, producer, holder);
    return producer;
}

static void producer_remove (ledger_t *ledger, producer_t *producer)
{
    producer_unlink (ledger, producer);
    free (producer);
}

/*  The producer to give way to one of the holder; NULL: none.                 */
static producer_t *producer_yields (const ledger_t *ledger, const char *holder)
{
    budget_item_t *item = budget_yields (ledger->budget, holder);
    if (ledger->ended)
        return ledger->ended;
    return item ? (producer_t *)((char *)item - offsetof (producer_t, item)) : NULL;
}

static int producer_compare (const producer_t *a, const producer_t *b)
{
    return (a->time_ms > b->time_ms) - (a->time_ms < b->time_ms);
}

static void producers_sort (ledger_t *ledger)
{
    if (!ledger->unsorted)
        return;
    DL_SORT (ledger->idle, producer_compare);
    DL_SORT (ledger->ended, producer_compare);
    ledger->unsorted = false;
}

/*  How many went; FORGET_STEP: as many as may at once.                        */
static size_t list_forget (ledger_t *ledger, producer_t **list, uint64_t kept_ms, uint64_t wall_ms)
{
    size_t gone = 0;
    for (; gone < FORGET_STEP && *list && (*list)->time_ms + kept_ms < wall_ms; gone++)
        producer_remove (ledger, *list);
    return gone;
}

bool ledger_forget (ledger_t *ledger, uint64_t wall_ms, size_t *silent)
{
    producers_sort (ledger);
    *silent = list_forget (ledger, &ledger->idle, ZCHAT_PRODUCER_AGE_MS, wall_ms);
    size_t ended = list_forget (ledger, &ledger->ended, ZCHAT_PRODUCER_ENDED_MS, wall_ms);
    return *silent == FORGET_STEP || ended == FORGET_STEP;
}

const char *ledger_producer_holder (ledger_t *ledger, const uint8_t *id)
{
    return budget_path (&producer_find (ledger, id)->item);
}

const producer_t *ledger_producer (ledger_t *ledger, const uint8_t *id)
{
    return producer_find (ledger, id);
}

void ledger_end (ledger_t *ledger, const uint8_t *id, uint64_t time_ms)
{
    producer_t *producer = producer_find (ledger, id);
    if (!producer)
        return;
    DL_DELETE (*producer_list (ledger, producer), producer);
    budget_release (ledger->budget, &producer->item);
    producer->ended = true;
    producer->time_ms = time_ms;
    DL_APPEND (ledger->ended, producer);
}

uint64_t ledger_forgotten (const ledger_t *ledger)
{
    return ledger->forgotten;
}

/*  --- the log ---------------------------------------------------------------  */

zchat_status_t ledger_load_room (ledger_t *ledger, const store_room_t *from)
{
    name_keys_t keys;
    bool mailbox = mailbox_keys (from->name, &keys);
    if ((!mailbox && name_check (from->name, &keys, NULL) != ZCHAT_OK) ||
        fold_holder (ledger, keys.fold) || from->id == 0 || ledger_room_by_id (ledger, from->id) ||
        from->head > ZCHAT_SEQ_MAX || from->first == 0 || from->first > from->head + 1 ||
        from->time_ms > INT64_MAX || from->topic_time_ms > INT64_MAX ||
        from->topic.size > ZCHAT_TOPIC_MAX || !text_valid (from->topic) ||
        (from->topic_by.size && name_check (from->topic_by, NULL, NULL) != ZCHAT_OK))
        return ZCHAT_CORRUPT;
    if (ledger->n_rooms[mailbox] >= ledger->rooms_max[mailbox])
        return ZCHAT_LIMIT;
    room_t *room = room_new (ledger, from->name, &keys);
    room->begins = 0;
    room_number (ledger, room, from->id);
    if (from->id > ledger->last_id)
        ledger->last_id = from->id;
    room->head = room->next = from->head;
    room->first = from->first;
    room->time_ms = from->time_ms;
    free (room->topic);
    free (room->topic_by);
    room->topic = memory_string (from->topic.data, from->topic.size);
    room->topic_by = memory_string (from->topic_by.data, from->topic_by.size);
    room->topic_time_ms = from->topic_time_ms;
    ledger_room_charge (ledger, room, from->charge);
    ledger_room_charged (room, from->charge);
    room->charge_told = true;
    return ZCHAT_OK;
}

zchat_status_t ledger_load_producer (ledger_t *ledger, const store_producer_t *from)
{
    if (from->n == 0 || from->n > INT64_MAX || from->time_ms > INT64_MAX ||
        producer_find (ledger, from->id))
        return ZCHAT_CORRUPT;
    char holder[BUDGET_PATH_MAX + 1] = "";
    if (from->holder.size <= BUDGET_PATH_MAX && text_valid (from->holder))
        snprintf (holder, sizeof holder, "%.*s", (int)from->holder.size,
                  from->holder.size ? (const char *)from->holder.data : "");
    producer_t *producer =
        producer_add (ledger, from->id, holder, from->time_ms, strcmp (holder, STORE_ENDED) == 0);
    producer->n = from->n;
    ledger->unsorted = true;
    return ZCHAT_OK;
}

/*  The producer, NULL where it is new, has said the entry's message.          */
static void producer_use (ledger_t *ledger, const ledger_entry_t *entry, producer_t *producer,
                          uint64_t wall_ms)
{
    if (!producer)
        producer = producer_add (ledger, entry->producer, entry->holder ? entry->holder : "",
                                 wall_ms, false);
    producer->n = entry->n;
    producer->time_ms = wall_ms;
    DL_DELETE (*producer_list (ledger, producer), producer);
    /*  Who goes on has not ended.                                             */
    if (producer->ended)
        budget_charge (ledger->budget, &producer->item,
                       entry->holder && *entry->holder ? entry->holder : UNKNOWN_HOLDER, wall_ms);
    producer->ended = false;
    DL_APPEND (ledger->idle, producer);
    budget_touch (&producer->item, wall_ms);
}

zchat_status_t ledger_apply (ledger_t *ledger, ledger_entry_t *entry, uint64_t wall_ms,
                             uint64_t *expected)
{
    room_t *room = entry->room;
    producer_t *producer = NULL;
    entry->forgotten = NULL;
    if (entry->has_producer) {
        producer = producer_find (ledger, entry->producer);
        uint64_t last = producer ? producer->n : 0;
        if (entry->n <= last)
            return ZCHAT_EMPTY;
        if (entry->n != last + 1) {
            *expected = last + 1;
            return ZCHAT_GAP;
        }
    }
    if (room->next >= ZCHAT_SEQ_MAX)
        return ZCHAT_LIMIT;
    if (entry->has_producer && !producer && ledger->n_producers >= ledger->producers_max) {
        producers_sort (ledger);
        entry->forgotten = producer_yields (ledger, entry->holder ? entry->holder : "");
        if (!entry->forgotten)
            return ZCHAT_LIMIT;
        snprintf (entry->forgotten_holder, sizeof entry->forgotten_holder, "%s",
                  budget_path (&entry->forgotten->item));
        producer_unlink (ledger, entry->forgotten);
    }
    if (entry->has_producer)
        producer_use (ledger, entry, producer, wall_ms);
    entry->first_of_room = room->id == 0;
    if (entry->first_of_room)
        room_number (ledger, room, ++ledger->last_id);
    entry->last_time_ms = room->time_ms;
    if (room->time_ms < wall_ms)
        room->time_ms = wall_ms;
    if (ledger->latest_ms < room->time_ms)
        ledger->latest_ms = room->time_ms;
    budget_touch (&room->item, ledger->latest_ms);
    entry->seq = ++room->next;
    entry->time_ms = room->time_ms;
    return ZCHAT_OK;
}

bool ledger_seen (ledger_t *ledger, const uint8_t *id, uint64_t n)
{
    const producer_t *producer = producer_find (ledger, id);
    return producer && n <= producer->n;
}

void ledger_undo (ledger_t *ledger, ledger_entry_t *entry)
{
    room_t *room = entry->room;
    assert (room->next == entry->seq && room->head < entry->seq);
    room->next--;
    room->time_ms = entry->last_time_ms;
    if (entry->first_of_room) {
        assert (room->id == ledger->last_id && room->next == room->begins);
        HASH_DELETE (hh_id, ledger->by_id, room);
        room->id = 0;
        ledger->last_id--;
    }
    if (!entry->has_producer)
        return;
    producer_t *producer = producer_find (ledger, entry->producer);
    /*  It may be gone: a clock that jumped makes ledger_forget forget it.     */
    if (producer && producer->n == entry->n && --producer->n == 0)
        producer_remove (ledger, producer);
    if (!entry->forgotten)
        return;
    producer_link (ledger, entry->forgotten, entry->forgotten_holder);
    entry->forgotten = NULL;
}

void ledger_keep (ledger_entry_t *entry)
{
    free (entry->forgotten);
    entry->forgotten = NULL;
}

/*  ---------------------------------------------------------------------------  */

uint64_t ledger_last_room (const ledger_t *ledger)
{
    return ledger->last_id;
}

size_t ledger_n_rooms (const ledger_t *ledger)
{
    return ledger->n_rooms[0];
}

size_t ledger_n_producers (const ledger_t *ledger)
{
    return ledger->n_producers;
}

void ledger_destroy (ledger_t **self_p)
{
    ledger_t *ledger = *self_p;
    if (!ledger)
        return;
    /*  Mailboxes are in no list: every room is found by its fold.             */
    while (ledger->keys)
        room_destroy (ledger, ledger->keys->room);
    owners_destroy (ledger);
    facts_destroy (ledger, &ledger->facts);
    while (ledger->idle)
        producer_remove (ledger, ledger->idle);
    while (ledger->ended)
        producer_remove (ledger, ledger->ended);
    charges_destroy (ledger);
    budget_destroy (&ledger->sanctions);
    budget_destroy (&ledger->contacts);
    budget_destroy (&ledger->budget);
    budget_destroy (&ledger->claimed);
    budget_destroy (&ledger->unused);
    free (ledger);
    *self_p = NULL;
}
