/*  presence.c - connections, sessions, members                                */
#include "presence.h"
#include <assert.h>

struct presence {
    peer_t *peers;       /* by id                                                */
    uint64_t serial;     /* of the last peer                                     */
    session_key_t *keys; /* sessions by fold and look                            */
    session_t *lost;     /* sessions without a connection, oldest first          */
    session_t *heard;    /* sessions that are to be heard of, silent longest first */
    size_t n_sessions;   /*                                                      */
    size_t n_members;    /*                                                      */
};

presence_t *presence_new (void)
{
    return memory_zero (sizeof (presence_t));
}

/*  --- peers -----------------------------------------------------------------  */

peer_t *presence_peer (presence_t *presence, core_peer_t id)
{
    peer_t *peer;
    HASH_FIND (hh, presence->peers, &id, sizeof id, peer);
    return peer;
}

peer_t *presence_peer_still (presence_t *presence, core_peer_t id, uint64_t serial)
{
    peer_t *peer = presence_peer (presence, id);
    return peer && peer->serial == serial ? peer : NULL;
}

peer_t *presence_peer_make (presence_t *presence, core_peer_t id)
{
    peer_t *peer = presence_peer (presence, id);
    if (peer || HASH_COUNT (presence->peers) >= ZCHAT_PEERS_MAX)
        return peer;
    peer = memory_zero (sizeof *peer);
    peer->id = id;
    peer->serial = ++presence->serial;
    HASH_ADD (hh, presence->peers, id, sizeof peer->id, peer);
    return peer;
}

void presence_peer_release (presence_t *presence, peer_t *peer)
{
    if (peer->session || peer->pending || peer->reads || peer->debt || peer->silent)
        return;
    HASH_DEL (presence->peers, peer);
    free (peer);
}

/*  --- sessions --------------------------------------------------------------  */

static void key_add (presence_t *presence, session_key_t *entry, session_t *session,
                     const char *key)
{
    entry->key = memory_string (key, strlen (key));
    entry->session = session;
    HASH_ADD_KEYPTR (hh, presence->keys, entry->key, strlen (key), entry);
}

static void key_remove (presence_t *presence, session_key_t *entry)
{
    if (entry->key)
        HASH_DELETE (hh, presence->keys, entry);
    free (entry->key);
}

session_t *presence_session (presence_t *presence, const name_keys_t *keys)
{
    session_key_t *entry;
    HASH_FIND (hh, presence->keys, keys->fold, strlen (keys->fold), entry);
    if (!entry)
        HASH_FIND (hh, presence->keys, keys->look, strlen (keys->look), entry);
    return entry ? entry->session : NULL;
}

session_t *presence_session_new (presence_t *presence, peer_t *peer, frame_t name,
                                 const name_keys_t *keys)
{
    assert (!peer->session);
    if (presence->n_sessions >= ZCHAT_SESSIONS_MAX)
        return NULL;
    session_t *session = memory_zero (sizeof *session);
    session->name = memory_string (name.data, name.size);
    session->name_size = name.size;
    key_add (presence, &session->fold, session, keys->fold);
    if (strcmp (keys->fold, keys->look) != 0)
        key_add (presence, &session->look, session, keys->look);
    session->peer = peer;
    peer->session = session;
    peer->silent = false;
    presence->n_sessions++;
    return session;
}

/*  Take the session from its connection, or from the lost.                    */
static void session_detach (presence_t *presence, session_t *session)
{
    if (session->listed)
        DL_DELETE (presence->heard, session);
    session->listed = false;
    if (session->peer)
        session->peer->session = NULL;
    else
        DL_DELETE (presence->lost, session);
    session->peer = NULL;
}

void presence_session_end (presence_t *presence, session_t *session)
{
    assert (!session->rooms);
    session_detach (presence, session);
    key_remove (presence, &session->fold);
    key_remove (presence, &session->look);
    presence->n_sessions--;
    sodium_memzero (session->secret, sizeof session->secret);
    free (session->name);
    free (session);
}

void presence_session_lose (presence_t *presence, session_t *session, uint64_t until_ms)
{
    session_detach (presence, session);
    session->until_ms = until_ms;
    DL_APPEND (presence->lost, session);
}

void presence_session_take (presence_t *presence, session_t *session, peer_t *peer)
{
    assert (!peer->session);
    session_detach (presence, session);
    session->peer = peer;
    peer->session = session;
    peer->silent = false;
}

void presence_session_heard (presence_t *presence, session_t *session, uint64_t now_ms)
{
    assert (session->peer);
    if (session->listed)
        DL_DELETE (presence->heard, session);
    DL_APPEND (presence->heard, session);
    session->listed = true;
    session->heard_ms = now_ms;
}

session_t *presence_silent (const presence_t *presence)
{
    return presence->heard;
}

session_t *presence_lost (const presence_t *presence)
{
    return presence->lost;
}

void presence_each (presence_t *presence, void (*visit) (void *arg, session_t *session), void *arg)
{
    /*  A session has one or two keys: visit it at its fold. The look may be the next
        entry, and would be freed with the session, so it is skipped beforehand. */
    session_key_t *entry = presence->keys;
    while (entry) {
        session_t *session = entry->session;
        do
            entry = entry->hh.next;
        while (entry && entry->session == session);
        visit (arg, session);
    }
}

/*  --- members ---------------------------------------------------------------  */

member_t *presence_member (const session_t *session, const room_t *room)
{
    for (member_t *member = session->rooms; member; member = member->next_room)
        if (member->room == room)
            return member;
    return NULL;
}

void presence_join (presence_t *presence, session_t *session, room_t *room)
{
    member_t *member = memory_zero (sizeof *member);
    member->session = session;
    member->room = room;
    DL_APPEND (room->members, member);
    DL_APPEND2 (session->rooms, member, prev_room, next_room);
    room->n_members++;
    session->n_rooms++;
    presence->n_members++;
}

void presence_leave (presence_t *presence, member_t *member)
{
    DL_DELETE (member->room->members, member);
    DL_DELETE2 (member->session->rooms, member, prev_room, next_room);
    member->room->n_members--;
    member->session->n_rooms--;
    presence->n_members--;
    free (member);
}

/*  ---------------------------------------------------------------------------  */

size_t presence_n_peers (const presence_t *presence)
{
    return HASH_COUNT (presence->peers);
}

size_t presence_n_sessions (const presence_t *presence)
{
    return presence->n_sessions;
}

size_t presence_n_members (const presence_t *presence)
{
    return presence->n_members;
}

static void session_drop (void *arg, session_t *session)
{
    while (session->rooms)
        presence_leave (arg, session->rooms);
    presence_session_end (arg, session);
}

void presence_destroy (presence_t **self_p)
{
    presence_t *presence = *self_p;
    if (!presence)
        return;
    presence_each (presence, session_drop, presence);
    peer_t *peer, *next;
    HASH_ITER (hh, presence->peers, peer, next)
    {
        HASH_DEL (presence->peers, peer);
        free (peer);
    }
    free (presence);
    *self_p = NULL;
}
