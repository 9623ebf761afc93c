/*  presence.c - connections, sessions, members                                */
#include "presence.h"
#include <assert.h>

struct presence {
    peer_t *peers;        /* by id                                                */
    peer_t *latest;       /* of them that was asked for; NULL: none               */
    uint64_t serial;      /* of the last peer                                     */
    user_key_t *keys;     /* users by fold and look                               */
    user_t *users;        /* all of them                                          */
    hall_key_t *names;    /* halls by fold and look                               */
    hall_t *halls;        /* those with a number, by it                           */
    hall_t *unstored;     /* the others, oldest first                             */
    budget_t *charges[2]; /* who made those                                    */
    size_t n_unstored[2]; /* of those: rooms, mailboxes                        */
    session_t *lost;      /* sessions without a connection, oldest first          */
    session_t *heard;     /* sessions that are to be heard of, silent longest first */
    size_t n_sessions;
    size_t n_members; /* sessions in rooms                                    */
    uint64_t n_joins; /* ever                                                 */
};

presence_t *presence_new (void)
{
    presence_t *presence = memory_zero (sizeof *presence);
    presence->charges[0] = budget_new ();
    presence->charges[1] = budget_new ();
    return presence;
}

/*  --- peers -----------------------------------------------------------------  */

peer_t *presence_peer (presence_t *presence, core_peer_t id)
{
    peer_t *peer = presence->latest;
    if (peer && peer->id == id)
        return peer;
    HASH_FIND (hh, presence->peers, &id, sizeof id, peer);
    presence->latest = peer;
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
    if (peer->session || peer->pending || peer->reads || peer->searches || peer->debt ||
        peer->hello_due)
        return;
    for (int i = 0; i < QUOTA_COUNT; i++)
        if (peer->buckets[i].used_milli)
            return;
    HASH_DEL (presence->peers, peer);
    presence->latest = NULL;
    free (peer);
}

void presence_each_peer (presence_t *presence, void (*visit) (void *arg, peer_t *peer), void *arg)
{
    peer_t *peer, *next;
    HASH_ITER (hh, presence->peers, peer, next)
    {
        visit (arg, peer);
    }
}

/*  --- users -----------------------------------------------------------------  */

static void key_add (presence_t *presence, user_key_t *entry, user_t *user, const char *key)
{
    entry->key = memory_string (key, strlen (key));
    entry->user = user;
    HASH_ADD_KEYPTR (hh, presence->keys, entry->key, strlen (key), entry);
}

static void key_remove (presence_t *presence, user_key_t *entry)
{
    if (entry->key)
        HASH_DELETE (hh, presence->keys, entry);
    free (entry->key);
    entry->key = NULL;
}

user_t *presence_user (presence_t *presence, const name_keys_t *keys)
{
    user_key_t *entry;
    HASH_FIND (hh, presence->keys, keys->fold, strlen (keys->fold), entry);
    if (!entry)
        HASH_FIND (hh, presence->keys, keys->look, strlen (keys->look), entry);
    return entry ? entry->user : NULL;
}

const char *presence_user_who (const user_t *user)
{
    return user->owner ? user->who : user->unproven;
}

void presence_user_own (user_t *user, uint64_t owner)
{
    user->owner = owner;
    snprintf (user->who, sizeof user->who, "#%llu", (unsigned long long)owner);
}

bool presence_user_is (const user_t *user, const name_keys_t *keys)
{
    const char *fold = user->fold.key, *look = user->look.key ? user->look.key : fold;
    return !strcmp (fold, keys->fold) || !strcmp (fold, keys->look) || !strcmp (look, keys->fold) ||
           !strcmp (look, keys->look);
}

static user_t *user_new (presence_t *presence, frame_t name, const name_keys_t *keys)
{
    char who[NAME_KEY_MAX + 2];
    user_key_t *entry;
    user_t *user = memory_zero (sizeof *user);
    user->name = memory_string (name.data, name.size);
    user->name_size = name.size;
    who[0] = '=';
    name_who (name, who + 1);
    user->unproven = memory_string (who, strlen (who));
    /*  Two owners of names that today would be one, of a log from before, may both be here: each
        is found by its own fold then.                                         */
    HASH_FIND (hh, presence->keys, keys->fold, strlen (keys->fold), entry);
    if (entry) {
        assert (entry == &entry->user->look);
        key_remove (presence, entry);
    }
    key_add (presence, &user->fold, user, keys->fold);
    HASH_FIND (hh, presence->keys, keys->look, strlen (keys->look), entry);
    if (!entry)
        key_add (presence, &user->look, user, keys->look);
    DL_APPEND (presence->users, user);
    return user;
}

static void user_destroy (presence_t *presence, user_t *user)
{
    key_remove (presence, &user->fold);
    key_remove (presence, &user->look);
    DL_DELETE (presence->users, user);
    free (user->name);
    free (user->unproven);
    free (user->away);
    free (user);
}

/*  --- sessions --------------------------------------------------------------  */

session_t *presence_session_new (presence_t *presence, peer_t *peer, frame_t name,
                                 const name_keys_t *keys, uint64_t owner)
{
    assert (!peer->session);
    if (presence->n_sessions >= ZCHAT_SESSIONS_MAX)
        return NULL;
    user_t *user = presence_user (presence, keys);
    if (user && owner && user->owner && user->owner != owner &&
        strcmp (user->fold.key, keys->fold) != 0)
        user = NULL;
    if (!user)
        user = user_new (presence, name, keys);
    presence_user_own (user, owner);
    session_t *session = memory_zero (sizeof *session);
    session->user = user;
    session->name = user->name;
    session->name_size = user->name_size;
    DL_APPEND2 (user->sessions, session, prev_same, next_same);
    user->n_sessions++;
    session->peer = peer;
    peer->session = session;
    peer->hello_due = false;
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
    assert (!session->halls);
    session_detach (presence, session);
    user_t *user = session->user;
    DL_DELETE2 (user->sessions, session, prev_same, next_same);
    user->n_sessions--;
    presence->n_sessions--;
    sodium_memzero (session->secret, sizeof session->secret);
    free (session);
    if (!user->n_sessions)
        user_destroy (presence, user);
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
    peer->hello_due = false;
    *session->holder = '\0';
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
    user_t *user, *next_user;
    session_t *session, *next;
    DL_FOREACH_SAFE (presence->users, user, next_user)
    {
        /*  The visit may end the last session, and the user with it.          */
        for (session = user->sessions; session; session = next) {
            next = session->next_same;
            visit (arg, session);
        }
    }
}

/*  --- halls -----------------------------------------------------------------  */

static void name_add (presence_t *presence, hall_key_t *entry, hall_t *hall, const char *key)
{
    entry->key = memory_string (key, strlen (key));
    entry->hall = hall;
    HASH_ADD_KEYPTR (hh, presence->names, entry->key, strlen (key), entry);
}

static void name_remove (presence_t *presence, hall_key_t *entry)
{
    if (entry->key)
        HASH_DELETE (hh, presence->names, entry);
    free (entry->key);
    entry->key = NULL;
}

static hall_t *name_find (const presence_t *presence, const char *key)
{
    hall_key_t *entry;
    HASH_FIND (hh, presence->names, key, strlen (key), entry);
    return entry ? entry->hall : NULL;
}

hall_t *presence_hall (const presence_t *presence, uint64_t room)
{
    hall_t *hall;
    HASH_FIND (hh, presence->halls, &room, sizeof room, hall);
    return hall;
}

hall_t *presence_hall_named (const presence_t *presence, const char *fold, const char *look)
{
    hall_t *hall = name_find (presence, fold);
    return hall ? hall : name_find (presence, look);
}

hall_t *presence_hall_new (presence_t *presence, uint64_t room, frame_t name, const char *fold,
                           const char *look)
{
    hall_t *hall = memory_zero (sizeof *hall), *other = name_find (presence, fold);
    hall->name = memory_string (name.data, name.size);
    hall->name_size = name.size;
    hall->mailbox = *fold == '@';
    /*  Of two rooms of a log from before, whose names today would be one, each is found by its
        own fold.                                                              */
    if (other) {
        assert (other->look.key && strcmp (other->look.key, fold) == 0);
        name_remove (presence, &other->look);
    }
    name_add (presence, &hall->fold, hall, fold);
    if (!name_find (presence, look))
        name_add (presence, &hall->look, hall, look);
    DL_APPEND (presence->unstored, hall);
    presence->n_unstored[hall->mailbox]++;
    if (room)
        presence_hall_number (presence, hall, room);
    return hall;
}

void presence_hall_number (presence_t *presence, hall_t *hall, uint64_t room)
{
    assert (!hall->room && room);
    hall->room = room;
    HASH_ADD (hh, presence->halls, room, sizeof hall->room, hall);
    DL_DELETE (presence->unstored, hall);
    presence->n_unstored[hall->mailbox]--;
    budget_release (presence->charges[hall->mailbox], &hall->item);
}

void presence_hall_unnumber (presence_t *presence, hall_t *hall)
{
    HASH_DEL (presence->halls, hall);
    hall->room = 0;
    DL_APPEND (presence->unstored, hall);
    presence->n_unstored[hall->mailbox]++;
}

void presence_hall_charge (presence_t *presence, hall_t *hall, const char *holder)
{
    if (*holder && !hall->room)
        budget_charge (presence->charges[hall->mailbox], &hall->item, holder, presence->n_joins);
}

typedef struct {
    presence_hall_fits_t *fits;
    void *arg;
} halls_fit_t;

static const hall_t *hall_of (const budget_item_t *item)
{
    return item ? (const hall_t *)((const char *)item - offsetof (hall_t, item)) : NULL;
}

static bool hall_fits (void *arg, const budget_item_t *item)
{
    const halls_fit_t *halls = arg;
    return halls->fits (halls->arg, hall_of (item));
}

const hall_t *presence_hall_yields (const presence_t *presence, bool mailbox, const char *holder,
                                    presence_hall_fits_t *fits, void *arg)
{
    halls_fit_t halls = {fits, arg};
    return hall_of (
        budget_yields_where (presence->charges[mailbox], holder, false, hall_fits, &halls));
}

void presence_hall_release (presence_t *presence, hall_t *hall)
{
    if (hall->members || hall->merge || hall->held)
        return;
    name_remove (presence, &hall->fold);
    name_remove (presence, &hall->look);
    if (hall->room)
        HASH_DEL (presence->halls, hall);
    else {
        DL_DELETE (presence->unstored, hall);
        presence->n_unstored[hall->mailbox]--;
        budget_release (presence->charges[hall->mailbox], &hall->item);
    }
    free (hall->name);
    free (hall);
}

const hall_t *presence_unstored (const presence_t *presence)
{
    return presence->unstored;
}

size_t presence_n_unstored (const presence_t *presence, bool mailboxes)
{
    return presence->n_unstored[mailboxes];
}

/*  --- members ---------------------------------------------------------------  */

member_t *presence_member (const session_t *session, const hall_t *hall)
{
    for (member_t *member = session->halls; member; member = member->next_hall)
        if (member->hall == hall)
            return member;
    return NULL;
}

/*  True where another session of its user is in the hall, one before it among those of
    the user, or any.                                                          */
static bool accompanied (const session_t *session, const hall_t *hall, bool before)
{
    for (const session_t *other = session->user->sessions; other; other = other->next_same) {
        if (other != session && presence_member (other, hall))
            return true;
        if (other == session && before)
            return false;
    }
    return false;
}

uint64_t presence_join_next (presence_t *presence)
{
    return ++presence->n_joins;
}

bool presence_join (presence_t *presence, session_t *session, hall_t *hall, uint64_t number)
{
    bool first = !accompanied (session, hall, false);
    member_t *member = memory_zero (sizeof *member);
    member->session = session;
    member->hall = hall;
    member->joined = number ? number : presence_join_next (presence);
    DL_APPEND (hall->members, member);
    DL_APPEND2 (session->halls, member, prev_hall, next_hall);
    hall->n_members += first;
    session->n_halls++;
    presence->n_members++;
    return first;
}

bool presence_leave (presence_t *presence, member_t *member)
{
    bool last = !accompanied (member->session, member->hall, false);
    DL_DELETE (member->hall->members, member);
    DL_DELETE2 (member->session->halls, member, prev_hall, next_hall);
    member->hall->n_members -= last;
    member->session->n_halls--;
    presence->n_members--;
    free (member);
    return last;
}

uint64_t presence_joins (const presence_t *presence)
{
    return presence->n_joins;
}

bool presence_leads (const member_t *member)
{
    return member->session->user->n_sessions == 1 ||
           !accompanied (member->session, member->hall, true);
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
    while (session->halls)
        presence_leave (arg, session->halls);
    presence_session_end (arg, session);
}

void presence_destroy (presence_t **self_p)
{
    presence_t *presence = *self_p;
    if (!presence)
        return;
    presence_each (presence, session_drop, presence);
    while (presence->names) {
        hall_t *hall = presence->names->hall;
        hall->held = 0;
        hall->merge = NULL;
        presence_hall_release (presence, hall);
    }
    peer_t *peer, *next;
    HASH_ITER (hh, presence->peers, peer, next)
    {
        HASH_DEL (presence->peers, peer);
        free (peer);
    }
    budget_destroy (&presence->charges[0]);
    budget_destroy (&presence->charges[1]);
    free (presence);
    *self_p = NULL;
}
