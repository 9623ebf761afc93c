/*  announce.c - presence on the feed                                          */
#include "core_private.h"

enum {
    QUOTES = 3,                               /* "", around a name                      */
    LIST_BYTES_MAX = ZCHAT_DATA_MAX / 2 - 64, /* two lists and a number fit data   */
};

static char *text_of (json_t *data)
{
    char *text = memory_check (json_dumps (data, JSON_COMPACT));
    json_decref (data);
    return text;
}

static void announce (core_t *core, room_t *room, zchat_type_t type, const session_t *session,
                      json_t *data, core_time_t now)
{
    char *text = text_of (data);
    held_t effect = {.kind = HELD_PRESENCE,
                     .entry.room = room,
                     .indoors = room->is_private,
                     .event = {.time_ms = now.wall_ms,
                               .type = type,
                               .user = session ? frame_of (session->name, session->name_size)
                                               : frame_of (NULL, 0),
                               .data = frame_str (text)}};
    core_hold (core, session ? session->peer : NULL, &effect);
    free (text);
}

/*  --- merging: n members times n joins is what a large room cannot afford ------  */

/*  Take the name out of the list. True where it was in it.                    */
static bool list_remove (json_t *list, const char *name, size_t size)
{
    for (size_t i = 0; i < json_array_size (list); i++) {
        const json_t *entry = json_array_get (list, i);
        if (json_string_length (entry) == size &&
            memcmp (json_string_value (entry), name, size) == 0) {
            json_array_remove (list, i);
            return true;
        }
    }
    return false;
}

static void list_add (json_t *list, const char *name, size_t size)
{
    size_t used = size;
    for (size_t i = 0; i < json_array_size (list); i++)
        used += json_string_length (json_array_get (list, i)) + QUOTES;
    if (json_array_size (list) < ZCHAT_PRESENCE_MERGE_NAMES && used < LIST_BYTES_MAX)
        json_array_append_new (list, json_stringn (name, size));
}

/*  True where the announcement was put with others of its room.               */
static bool merge (core_t *core, const session_t *session, room_t *room, bool join, core_time_t now)
{
    merge_t *found = room->merge;
    if (!found) {
        if (room->n_members < ZCHAT_PRESENCE_MERGE_MEMBERS)
            return false;
        found = memory_zero (sizeof *found);
        found->room = room;
        found->due_ms = now.mono_ms + ZCHAT_PRESENCE_MERGE_MS;
        found->join = json_array ();
        found->leave = json_array ();
        room->merge = found;
        DL_APPEND (core->merges, found);
    }
    /*  Who came and went within the second was not here for anybody.          */
    if (!list_remove (join ? found->leave : found->join, session->name, session->name_size))
        list_add (join ? found->join : found->leave, session->name, session->name_size);
    return true;
}

void announce_forget (core_t *core, room_t *room)
{
    merge_t *due = room->merge;
    if (!due)
        return;
    DL_DELETE (core->merges, due);
    room->merge = NULL;
    json_decref (due->join);
    json_decref (due->leave);
    free (due);
}

static void merge_announce (core_t *core, merge_t *due, core_time_t now)
{
    room_t *room = due->room;
    if (json_array_size (due->join) || json_array_size (due->leave))
        announce (core, room, ZCHAT_TYPE_PRESENCE, NULL,
                  json_pack ("{s:O, s:O, s:I}", "join", due->join, "leave", due->leave, "members",
                             (json_int_t)room->n_members),
                  now);
    announce_forget (core, room);
    ledger_room_release (core->ledger, room);
}

void announce_due (core_t *core, core_time_t now, bool all)
{
    while (core->merges && (all || core->merges->due_ms <= now.mono_ms))
        merge_announce (core, core->merges, now);
}

void announce_destroy (core_t *core)
{
    while (core->merges)
        announce_forget (core, core->merges->room);
}

/*  ---------------------------------------------------------------------------  */

void announce_join (core_t *core, const session_t *session, room_t *room, core_time_t now)
{
    if (!merge (core, session, room, true, now))
        announce (core, room, ZCHAT_TYPE_JOIN, session,
                  json_pack ("{s:I}", "members", (json_int_t)room->n_members), now);
}

void announce_leave (core_t *core, const session_t *session, room_t *room, const char *reason,
                     core_time_t now)
{
    if (!merge (core, session, room, false, now))
        announce (
            core, room, ZCHAT_TYPE_LEAVE, session,
            json_pack ("{s:I, s:s}", "members", (json_int_t)room->n_members, "reason", reason),
            now);
}

/*  --- put out ---------------------------------------------------------------  */

/*  Who was to be announced as having come is announced as going.              */
static void merge_forget (const room_t *room, const user_t *user)
{
    if (room->merge)
        (void)list_remove (room->merge->join, user->name, user->name_size);
}

/*  Take out the user's sessions that came in before. The user is still here where one came later,
    and is announced as having come again.                                     */
static void out_sessions (core_t *core, room_t *room, const user_t *user, const held_t *held)
{
    const session_t *later = NULL;
    for (session_t *session = user->sessions; session; session = session->next_same) {
        member_t *member = presence_member (session, room);
        if (member && member->joined <= held->joins)
            presence_leave (core->presence, member);
        else if (member)
            later = session;
    }
    if (later)
        announce_join (core, later, room, core->now);
}

/*  The members are told at once, in the place of what put the user out, and before anything that
    was said after it; the user too. Then they are gone.                       */
static void out_user (core_t *core, room_t *room, const user_t *user, const held_t *held,
                      room_t **touched)
{
    const char *reason = held->land == LAND_CLOSE ? "close" : "kick";
    char *text = text_of (
        json_pack ("{s:I, s:s}", "members", (json_int_t)room->n_members - 1, "reason", reason));
    event_t event = {.time_ms = core->now.wall_ms,
                     .type = ZCHAT_TYPE_LEAVE,
                     .user = frame_of (user->name, user->name_size),
                     .data = frame_str (text)};
    core_note (core, CORE_NOTE_LEAVE, 0, event.user, frame_of (room->name, room->name_size),
               reason);
    merge_forget (room, user);
    publish_event (core, room, &event, touched);
    publish_pack (core, room);
    free (text);
    out_sessions (core, room, user, held);
}

/*  The first session in the room that is to go; NULL: none (any more). Who came in after it was
    ordered is not meant: what is held of that is told behind it.              */
static const member_t *out_next (const room_t *room, const held_t *held)
{
    char who[OWNER_WHO_MAX];
    for (const member_t *member = room->members; member; member = member->next) {
        if (member->joined > held->joins)
            continue;
        if (held->land == LAND_CLOSE)
            return member;
        user_who (member->session->user, who);
        if (frame_is (held->subject, who))
            return member;
    }
    return NULL;
}

/*  A large room is told of all at once: a leave for each, to each that is left, would be as many as
    the square of them.                                                        */
static void out_many (core_t *core, room_t *room, const held_t *held, room_t **touched)
{
    json_t *leave = json_array ();
    size_t gone = 0;
    for (const member_t *member = room->members; member; member = member->next)
        if (member->joined <= held->joins && presence_leads (member)) {
            list_add (leave, member->session->name, member->session->name_size);
            gone++;
        }
    char *text = text_of (json_pack ("{s:[], s:o, s:I}", "join", "leave", leave, "members",
                                     (json_int_t)(room->n_members - gone)));
    event_t event = {
        .time_ms = core->now.wall_ms, .type = ZCHAT_TYPE_PRESENCE, .data = frame_str (text)};
    publish_event (core, room, &event, touched);
    publish_pack (core, room);
    free (text);
    member_t *member, *next;
    for (member = room->members; member; member = next) {
        next = member->next;
        if (member->joined <= held->joins) {
            merge_forget (room, member->session->user);
            presence_leave (core->presence, member);
        }
    }
}

void announce_out (core_t *core, room_t *room, const held_t *held, room_t **touched)
{
    const member_t *member;
    if (held->land == LAND_CLOSE && room->n_members >= ZCHAT_PRESENCE_MERGE_MEMBERS) {
        out_many (core, room, held, touched);
        return;
    }
    while ((member = out_next (room, held)))
        out_user (core, room, member->session->user, held, touched);
}
