/*  moves.c - what changes in presence                                         */
#include "../verbs/verbs.h"
#include "deliver.h"

/*  --- leaving ---------------------------------------------------------------  */

void session_leave (core_t *core, member_t *member, const char *reason)
{
    const session_t *session = member->session;
    hall_t *hall = member->hall;
    bool last = presence_leave (core->presence, member);
    if (last && !hall->mailbox) {
        note_write (core, CORE_NOTE_LEAVE, session->peer ? session->peer->id : 0,
                    frame_of (session->name, session->name_size),
                    frame_of (hall->name, hall->name_size), reason);
        announce_leave (core, session, hall, reason);
    }
    presence_hall_release (core->presence, hall);
}

void session_leave_all (core_t *core, session_t *session, const char *reason)
{
    while (session->halls)
        session_leave (core, session->halls, reason);
}

void session_end (core_t *core, session_t *session, const char *reason)
{
    peer_t *peer = session->peer;
    session_leave_all (core, session, reason);
    presence_session_end (core->presence, session);
    /*  Whoever did not end it knows nothing of it, and would be in no room without a word.  */
    if (peer && strcmp (reason, "bye") != 0)
        peer->hello_due = true;
}

/*  --- names -----------------------------------------------------------------  */

static user_t *user_named (const core_t *core, frame_t name, name_keys_t *keys)
{
    return name_check (name, keys, NULL) == ZCHAT_OK ? presence_user (core->presence, keys) : NULL;
}

/*  Who held the name of somebody who proves it has to go; one of too many sessions of its own
    too, where it is lost: its program cannot miss more than its rooms.        */
static void name_clear (core_t *core, user_t *user, uint64_t owner)
{
    session_t *next;
    bool others = user->owner != owner;
    if (!owner || (!others && user->n_sessions < ZCHAT_NAME_SESSIONS_MAX))
        return;
    /*  The owner of a name that looks the same, of a log from before: both have theirs.  */
    if (others && ledger_owner_by_id (core->ledger, user->owner))
        return;
    for (session_t *session = user->sessions; session; session = next) {
        next = session->next_same;
        if (!others && session->peer)
            continue;
        session_end (core, session, "lost");
        if (!others)
            return;
    }
}

static void session_greet (session_t *session, const call_t *call, const move_t *move)
{
    if (!session->greeted && move->secret)
        memcpy (session->secret, move->secret, sizeof session->secret);
    session->greeted = true;
    session->packs = move->packs;
    session->enveloped = call->request.enveloped;
}

static bool move_bind (core_t *core, peer_t *peer, const call_t *call, const move_t *move,
                       zchat_status_t *status)
{
    name_keys_t keys;
    user_t *user = user_named (core, move->name, &keys);
    if (user)
        name_clear (core, user, move->owner);
    user = presence_user (core->presence, &keys);
    *status = ZCHAT_TAKEN;
    if (peer->session || (user && !move->owner))
        return false;
    session_t *session =
        presence_session_new (core->presence, peer, move->name, &keys, move->owner);
    *status = ZCHAT_LIMIT;
    if (!session)
        return false;
    session->by_token = move->by_token;
    if (move->greets)
        session_greet (session, call, move);
    return true;
}

static bool move_resume (core_t *core, peer_t *peer, const call_t *call, const move_t *move,
                         zchat_status_t *status)
{
    name_keys_t keys;
    user_t *user = user_named (core, move->name, &keys);
    session_t *session = user ? user->sessions : NULL;
    while (session && !(session->greeted &&
                        sodium_memcmp (session->secret, move->secret, sizeof session->secret) == 0))
        session = session->next_same;
    *status = ZCHAT_HELLO;
    if (!session || peer->session)
        return false;
    peer_t *old = session->peer;
    presence_session_take (core->presence, session, peer);
    /*  What is still on its way over the old connection was sent again, and perhaps refused: it
        must not be stored behind that, were the name free once more.          */
    if (old) {
        old->hello_due = true;
        presence_peer_release (core->presence, old);
    }
    session->by_token = move->by_token;
    presence_user_own (session->user, move->owner);
    session_greet (session, call, move);
    return true;
}

static void session_prove (void *arg, session_t *session)
{
    core_t *core = arg;
    if (session->user->owner && !session_proven (core->ledger, session))
        session_end (core, session, "lost");
}

/*  The sessions of the name that nothing proves any more are over.            */
static void move_prove (core_t *core, const move_t *move)
{
    name_keys_t keys;
    if (!move->name.size) {
        presence_each (core->presence, session_prove, core);
        return;
    }
    user_t *user = user_named (core, move->name, &keys);
    session_t *next;
    for (session_t *session = user ? user->sessions : NULL; session; session = next) {
        next = session->next_same;
        session_prove (core, session);
    }
}

/*  Somebody else asked for the name; its session may have ended since.        */
static void move_doubt (core_t *core, const move_t *move)
{
    name_keys_t keys;
    user_t *user = user_named (core, move->name, &keys);
    if (user)
        user->sessions->doubted_ms = move->doubted_ms;
}

static void move_away (core_t *core, user_t *user, frame_t why)
{
    free (user->away);
    user->away = why.size ? memory_string (why.data, why.size) : NULL;
    user->away_since = why.size ? presence_join_next (core->presence) : 0;
}

/*  --- halls -----------------------------------------------------------------  */

/*  The hall of the room of that name, made where nobody is in it yet.         */
static hall_t *hall_make (core_t *core, frame_t name, const char *holder)
{
    view_t view = core_view (core);
    verdict_t ignored;
    found_t found;
    verdict_begin (&ignored, &core->scratch);
    if (*(const char *)name.data == '@')
        mailbox_find_named (&view, name, &found);
    else if (!room_find (&view, &ignored, name, &found))
        return NULL;
    if (found.hall)
        return found.hall;
    const room_t *room = found.room;
    if (!room) {
        hall_t *hall =
            presence_hall_new (core->presence, 0, name, found.keys.fold, found.keys.look);
        presence_hall_charge (core->presence, hall, holder);
        return hall;
    }
    const char *look = room->look.key ? room->look.key : room->fold.key;
    uint64_t number = told_room (core->told, core->ledger, room).stored ? room->id : 0;
    return presence_hall_new (core->presence, number, found.name, room->fold.key, look);
}

/*  What was put in order behind a JOIN that waited may have taken the room from who joins: then
    nothing of it may be told.                                                 */
static bool join_readable (const core_t *core, const session_t *session, const move_t *move)
{
    view_t view = core_view (core);
    const room_t *room = move->room ? ledger_room_by_id (core->ledger, move->room) : NULL;
    /*  The room may have ended behind the JOIN, and somebody made another of its name.  */
    name_keys_t keys;
    if (!room && name_check (move->name, &keys, NULL) == ZCHAT_OK)
        room = ledger_room (core->ledger, &keys);
    return !room || room_reads (&view, room, presence_user_who (session->user));
}

static bool move_join (core_t *core, session_t *session, const char *holder, const move_t *move)
{
    hall_t *hall = hall_make (core, move->name, holder);
    if (!hall)
        return false;
    if (presence_member (session, hall))
        return true;
    bool first = presence_join (core->presence, session, hall, move->joined);
    if (!first || hall->mailbox)
        return true;
    note_write (core, CORE_NOTE_JOIN, session->peer->id,
                frame_of (session->name, session->name_size),
                frame_of (hall->name, hall->name_size), NULL);
    if (!move->untold)
        announce_join (core, session, hall);
    return true;
}

static void move_part (core_t *core, session_t *session, const move_t *move)
{
    for (member_t *member = session->halls; member; member = member->next_hall)
        if (frame_eq (frame_of (member->hall->name, member->hall->name_size), move->name)) {
            session_leave (core, member, "part");
            return;
        }
}

static void move_clear (core_t *core, const move_t *move)
{
    for (const hall_t *hall = presence_unstored (core->presence); hall; hall = hall->next)
        if (frame_eq (frame_of (hall->name, hall->name_size), move->name)) {
            size_t count = hall->members ? 1 : 0;
            while (count) {
                count = hall->members->next != NULL;
                session_leave (core, hall->members, "close");
            }
            return;
        }
}

/*  ---------------------------------------------------------------------------  */

static bool move_make (core_t *core, peer_t *peer, const call_t *call, const move_t *move,
                       zchat_status_t *status)
{
    session_t *session = peer->session;
    *status = ZCHAT_HELLO;
    switch (move->kind) {
    case MOVE_NONE:
        return true;
    case MOVE_BIND:
        return move_bind (core, peer, call, move, status);
    case MOVE_RESUME:
        return move_resume (core, peer, call, move, status);
    case MOVE_GREET:
        if (session)
            session_greet (session, call, move);
        return session != NULL;
    case MOVE_JOIN:
        if (session && !join_readable (core, session, move)) {
            *status = ZCHAT_PRIVATE;
            return false;
        }
        return session && move_join (core, session, call->holder, move);
    case MOVE_PART:
        if (session)
            move_part (core, session, move);
        return true;
    case MOVE_END:
        if (session)
            session_end (core, session, "bye");
        return true;
    case MOVE_READ:
        if (session)
            read_keep (core, session, move);
        return true;
    case MOVE_AWAY:
        if (session && (!move->seq || session->user->away_since == move->seq))
            move_away (core, session->user, move->name);
        return true;
    default:
        return false;
    }
}

/*  Moves of others than who asked: they follow from what is stored, whether that peer is still
    there or not.                                                              */
static bool move_is_others (const move_t *move)
{
    return move->kind == MOVE_PROVE || move->kind == MOVE_CLEAR || move->kind == MOVE_DOUBT;
}

static void move_make_others (core_t *core, const move_t *move)
{
    if (move->kind == MOVE_PROVE)
        move_prove (core, move);
    else if (move->kind == MOVE_CLEAR)
        move_clear (core, move);
    else
        move_doubt (core, move);
}

bool moves_make (core_t *core, peer_t *peer, const call_t *call, const verdict_t *verdict,
                 zchat_status_t *status)
{
    for (size_t i = 0; i < verdict->n_moves; i++) {
        const move_t *move = &verdict->moves[i];
        if (move_is_others (move))
            move_make_others (core, move);
        else if (peer && !move_make (core, peer, call, move, status))
            return false;
    }
    return true;
}
