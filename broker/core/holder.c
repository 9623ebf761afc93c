/*  holder.c - who is charged with what they make: see budget.h

    Rooms, mailboxes, producers and names are charged to a proven name, behind the place where it
    was claimed; else to a key, else to a name, behind the place where it is. Of places and names
    hashes are kept: they are written into the log, and nobody needs to read them there.
*/
#include "core_private.h"

enum { HASH_SIZE = 8 };

/*  Write the hash of a text under the log's id, in hex.                       */
static void hash_text (const core_t *core, const char *text, size_t size,
                       char hex[2 * HASH_SIZE + 1])
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    crypto_generichash (hash, sizeof hash, (const uint8_t *)text, size,
                        (const uint8_t *)core->log_id, 2 * ZCHAT_LOG_ID_SIZE);
    hex_encode (hex, hash, HASH_SIZE);
}

void peer_place (const core_t *core, peer_t *peer, const char *place)
{
    char hex[2 * HASH_SIZE + 1];
    if (*peer->place)
        return;
    place = place ? place : "";
    peer->placed = *place;
    size_t size = strcspn (place, "/");
    hash_text (core, place, size, hex);
    if (place[size]) {
        char part[2 * HASH_SIZE + 1];
        hash_text (core, place, strlen (place), part);
        snprintf (peer->place, sizeof peer->place, "%s/%s", hex, part);
    } else
        snprintf (peer->place, sizeof peer->place, "%s", hex);
}

void peer_parties (const core_t *core, const peer_t *peer, char owner[BUDGET_PATH_MAX + 1],
                   char place[BUDGET_PATH_MAX + 1])
{
    uint64_t proven = peer->session ? peer->session->user->owner : 0;
    const owner_t *known = proven ? ledger_owner_by_id (core->ledger, proven) : NULL;
    *owner = *place = '\0';
    if (peer->placed)
        snprintf (place, BUDGET_PATH_MAX + 1, "%.*s", (int)strcspn (peer->place, "/"), peer->place);
    if (known)
        owner_holder (known, owner);
    else if (*peer->key)
        snprintf (owner, BUDGET_PATH_MAX + 1, "k%s", peer->key);
    else if (peer->placed)
        snprintf (owner, BUDGET_PATH_MAX + 1, "=%s", peer->place);
}

void call_holder (const call_t *call, char holder[BUDGET_PATH_MAX + 1])
{
    const peer_t *peer = call->peer;
    char hex[2 * HASH_SIZE + 1];
    if (call->owner) {
        owner_holder (call->owner, holder);
        return;
    }
    const char *who = *peer->key ? peer->key : call->keys.fold;
    hash_text (call->core, who, strlen (who), hex);
    snprintf (holder, BUDGET_PATH_MAX + 1, "%s/%c%s", peer->place, *peer->key ? 'k' : '=', hex);
}
