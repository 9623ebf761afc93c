/*  evict.c - who has to leave a room by an order, or because it ends            */
#include "../verbs/arguments.h"
#include "deliver.h"

/*  Somebody's order to leave a hall, as it takes effect.                      */
typedef struct {
    const room_t *room;
    hall_t *hall;
    out_t out;
    frame_t subject;
    uint64_t joins; /* who came in later is not meant                          */
} eviction_t;

/*  Take out the user's sessions that came in before. The user is still here where one came later,
    and is announced as having come again.                                     */
static void out_sessions (core_t *core, const eviction_t *eviction, const user_t *user)
{
    const session_t *later = NULL;
    for (session_t *session = user->sessions; session; session = session->next_same) {
        member_t *member = presence_member (session, eviction->hall);
        if (member && member->joined <= eviction->joins)
            presence_leave (core->presence, member);
        else if (member)
            later = session;
    }
    if (later)
        announce_join (core, later, eviction->hall);
}

/*  The members are told at once, in the place of what put the user out, and before anything that
    was said after it; the user too. Then they are gone.                       */
static void out_user (core_t *core, const eviction_t *eviction, const user_t *user)
{
    hall_t *hall = eviction->hall;
    const char *reason = eviction->out == OUT_ALL ? "close" : "kick";
    char *text = json_text (
        json_pack ("{s:I, s:s}", "members", (json_int_t)hall->n_members - 1, "reason", reason));
    event_t event = {.time_ms = core->now.wall_ms,
                     .type = ZCHAT_TYPE_LEAVE,
                     .user = frame_of (user->name, user->name_size),
                     .data = frame_str (text)};
    note_write (core, CORE_NOTE_LEAVE, 0, event.user, frame_of (hall->name, hall->name_size),
                reason);
    announce_unsay_join (hall, user);
    feed_publish (core, eviction->room, hall, &event);
    feed_flush (core, hall->fold.key);
    free (text);
    out_sessions (core, eviction, user);
}

/*  The first session in the hall that is to go; NULL: none (any more).        */
static const member_t *out_next (const eviction_t *eviction)
{
    for (const member_t *member = eviction->hall->members; member; member = member->next)
        if (member->joined <= eviction->joins &&
            (eviction->out == OUT_ALL ||
             frame_is (eviction->subject, presence_user_who (member->session->user))))
            return member;
    return NULL;
}

/*  A large hall is told of all at once: a leave for each, to each that is left, would be as many as
    the square of them.                                                        */
static void out_many (core_t *core, const eviction_t *eviction)
{
    hall_t *hall = eviction->hall;
    json_t *leave = json_array ();
    size_t gone = 0;
    for (const member_t *member = hall->members; member; member = member->next)
        if (member->joined <= eviction->joins && presence_leads (member)) {
            announce_list_add (leave, member->session->name, member->session->name_size);
            gone++;
        }
    char *text = json_text (json_pack ("{s:[], s:o, s:I}", "join", "leave", leave, "members",
                                       (json_int_t)(hall->n_members - gone)));
    event_t event = {
        .time_ms = core->now.wall_ms, .type = ZCHAT_TYPE_PRESENCE, .data = frame_str (text)};
    feed_publish (core, eviction->room, hall, &event);
    feed_flush (core, hall->fold.key);
    free (text);
    member_t *member, *next;
    for (member = hall->members; member; member = next) {
        next = member->next;
        if (member->joined <= eviction->joins) {
            announce_unsay_join (hall, member->session->user);
            presence_leave (core->presence, member);
        }
    }
}

void evict (core_t *core, const room_t *room, hall_t *hall, out_t out, frame_t subject,
            uint64_t joins)
{
    const eviction_t eviction = {room, hall, out, subject, joins};
    const member_t *member;
    if (!hall || out == OUT_NOBODY)
        return;
    if (out == OUT_ALL && hall->n_members >= ZCHAT_PRESENCE_MERGE_MEMBERS)
        out_many (core, &eviction);
    else
        while ((member = out_next (&eviction)))
            out_user (core, &eviction, member->session->user);
    presence_hall_release (core->presence, hall);
}
