/*  told.c - what may be told of rooms of which something is on its way to the disk */
#include "told.h"

typedef struct {
    uint64_t room; /* its number                                               */
    bool stored;
    uint64_t head;
    char *topic, *topic_by;
    uint64_t topic_time_ms;
    UT_hash_handle hh;
} kept_t;

struct told {
    kept_t *rooms; /* by number                                              */
    bool begins_kept;
    uint64_t begins; /* where that is so                                       */
};

told_t *told_new (void)
{
    return memory_zero (sizeof (told_t));
}

void told_destroy (told_t **self_p)
{
    if (!*self_p)
        return;
    told_clear (*self_p);
    free (*self_p);
    *self_p = NULL;
}

static kept_t *kept_find (const told_t *told, uint64_t room)
{
    kept_t *kept = NULL;
    if (told->rooms)
        HASH_FIND (hh, told->rooms, &room, sizeof room, kept);
    return kept;
}

static uint64_t begins (const told_t *told, const ledger_t *ledger)
{
    return told->begins_kept ? told->begins : ledger_begins (ledger);
}

void told_keep_begins (told_t *told, const ledger_t *ledger)
{
    told->begins = begins (told, ledger);
    told->begins_kept = true;
}

void told_keep (told_t *told, const ledger_t *ledger, uint64_t id)
{
    if (kept_find (told, id))
        return;
    const room_t *room = ledger_room_by_id (ledger, id);
    kept_t *kept = memory_zero (sizeof *kept);
    kept->room = id;
    kept->stored = room != NULL;
    kept->head = room ? room->head : begins (told, ledger);
    kept->topic = memory_string (room ? room->topic : "", room ? strlen (room->topic) : 0);
    kept->topic_by = memory_string (room ? room->topic_by : "", room ? strlen (room->topic_by) : 0);
    kept->topic_time_ms = room ? room->topic_time_ms : 0;
    HASH_ADD (hh, told->rooms, room, sizeof kept->room, kept);
}

void told_clear (told_t *told)
{
    kept_t *kept, *next;
    told->begins_kept = false;
    HASH_ITER (hh, told->rooms, kept, next)
    {
        HASH_DEL (told->rooms, kept);
        free (kept->topic);
        free (kept->topic_by);
        free (kept);
    }
}

told_room_t told_room (const told_t *told, const ledger_t *ledger, const room_t *room)
{
    const kept_t *kept = room ? kept_find (told, room->id) : NULL;
    if (kept)
        return (told_room_t){kept->stored, kept->head, kept->topic, kept->topic_by,
                             kept->topic_time_ms};
    if (room)
        return (told_room_t){true, room->head, room->topic, room->topic_by, room->topic_time_ms};
    return (told_room_t){.head = begins (told, ledger), .topic = "", .topic_by = ""};
}
