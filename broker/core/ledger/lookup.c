/*  lookup.c - rooms and mailboxes are found                                   */
#include "ledger_private.h"

void ledger_mailbox_name (const char *who, char name[LEDGER_MAILBOX_MAX + 1])
{
    uint8_t hash[MAILBOX_HASH_SIZE];
    if (*who == '#') {
        snprintf (name, LEDGER_MAILBOX_MAX + 1, "@%.*s", LEDGER_MAILBOX_MAX - 1, who + 1);
        return;
    }
    crypto_generichash (hash, sizeof hash, (const uint8_t *)who, strlen (who), NULL, 0);
    name[0] = '@';
    name[1] = '=';
    sodium_bin2hex (name + 2, 2 * sizeof hash + 1, hash, sizeof hash);
}

room_t *room_folded (const ledger_t *ledger, const char *fold)
{
    room_key_t *entry;
    HASH_FIND (hh, ledger->keys, fold, strlen (fold), entry);
    return entry && entry == &entry->room->fold ? entry->room : NULL;
}

room_t *room_numbered (const ledger_t *ledger, uint64_t id)
{
    room_t *room;
    HASH_FIND (hh_id, ledger->by_id, &id, sizeof id, room);
    return room;
}

const room_t *ledger_room (const ledger_t *ledger, const name_keys_t *keys)
{
    room_key_t *entry;
    HASH_FIND (hh, ledger->keys, keys->fold, strlen (keys->fold), entry);
    if (!entry)
        HASH_FIND (hh, ledger->keys, keys->look, strlen (keys->look), entry);
    return entry ? entry->room : NULL;
}

const room_t *ledger_room_folded (const ledger_t *ledger, const char *fold)
{
    return room_folded (ledger, fold);
}

const room_t *ledger_room_by_id (const ledger_t *ledger, uint64_t id)
{
    return room_numbered (ledger, id);
}

const room_t *ledger_mailbox (const ledger_t *ledger, const char *who)
{
    char name[LEDGER_MAILBOX_MAX + 1];
    room_key_t *entry;
    ledger_mailbox_name (who, name);
    HASH_FIND (hh, ledger->keys, name, strlen (name), entry);
    return entry ? entry->room : NULL;
}

frame_t ledger_room_shown (const room_t *room)
{
    return room->mailbox ? frame_str ("@") : frame_of (room->name, room->name_size);
}

uint64_t ledger_next_room (const ledger_t *ledger)
{
    return ledger->last_room + 1;
}

bool ledger_numbers_spent (const ledger_t *ledger)
{
    return ledger->last_room + 2 > ZCHAT_ROOM_NUMBERS_MAX;
}

const room_t *ledger_rooms (const ledger_t *ledger)
{
    return ledger->rooms;
}

size_t ledger_n_rooms (const ledger_t *ledger)
{
    return ledger->n_rooms[0];
}

size_t ledger_n_mailboxes (const ledger_t *ledger)
{
    return ledger->n_rooms[1];
}

const room_t *ledger_room_next (const ledger_t *ledger, const room_t *after)
{
    return after ? after->hh_id.next : ledger->by_id;
}

uint64_t ledger_begins (const ledger_t *ledger)
{
    return ledger->begins;
}
