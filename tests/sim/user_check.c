/*  user_check.c - what the program is given, against what it was promised     */
#include "memory.h"
#include "server.h"
#include "shown.h"
#include "user.h"

static const char *who (const user_t *user)
{
    static char text[32];
    snprintf (text, sizeof text, "user %zu", user->number);
    return text;
}

#define WRONG(user, format, ...) sim_wrong ((user)->sim, "%s: " format, who (user), __VA_ARGS__)

static unsigned long long ull (uint64_t number)
{
    return number;
}

/*  --- rooms -----------------------------------------------------------------  */

/*  What the broker may be expected to tell as a room's head, now or later.     */
static uint64_t head_told (const sim_t *sim, size_t room)
{
    const book_room_t *kept = &book_now (sim)->rooms[room];
    return kept->told[0] < kept->head ? kept->told[0] : kept->head;
}

/*  How often the room of a view has ended.                                    */
static size_t user_ended (const user_t *user, size_t room)
{
    return user_room (user, room)->n_past;
}

void user_wants (user_t *user, size_t room, uint64_t last, uint64_t since)
{
    view_t *view = &user->views[room];
    bool kept = since != 0;
    shown_clear (user, room);
    *view = (view_t){.wanted = true, .kept = kept, .based = kept, .last = last};
    view->seq = kept ? since - 1 : 0;
    view->asked_us = user->sim->now_us;
    /*  The broker's head, which may be behind the log's for a moment.         */
    if (room == SIM_MAILBOX)
        return;
    uint64_t head = head_told (user->sim, room);
    view->least = head - (last < head ? last : head);
    view->floor = head;
    view->book = view->floor_book = book_now (user->sim)->number;
}

/*  It begins at seq + 1, of its own choice: where the last so many begin, at some time
    between asking and now.                                                    */
static void view_base (user_t *user, size_t at, uint64_t seq)
{
    view_t *view = &user->views[at];
    const book_room_t *room = user_room (user, at);
    uint64_t most = room->head - (view->last < room->head ? view->last : room->head);
    if (most + 1 < room->first)
        most = room->first - 1;
    view->based = true;
    view->seq = seq;
    if (view->book == user->book->number && (seq < view->least || seq > most))
        WRONG (user, "room %zu begins behind %llu, and should between %llu and %llu", at, ull (seq),
               ull (view->least), ull (most));
}

/*  Where nothing goes wrong, whoever is live hears it from the feed, and not only when the
    next PING shows that there is something.                                   */
static void late_seen (user_t *user, size_t at, uint64_t seq)
{
    enum { LATE_US = 3000000 };
    const book_room_t *room = user_room (user, at);
    uint64_t time_us = user->sim->failed ? 0 : book_time_us (room, seq);
    const view_t *view = &user->views[at];
    if (!time_us)
        return;
    /*  Who was in a public room before it was made private hears it by PING alone.  */
    if (at >= PLAN_ROOMS_MAX && at < SIM_ROOMS &&
        view->live_us < book_time_us (room, book_era (room, seq)->base + 1) + LATE_US)
        return;
    /*  Where rooms end and begin anew, everybody in them fetches what the new one began with, one
        after another where reading is slow.                                   */
    if (user->sim->plan.most[0] && user->sim->plan.read_us > 1000)
        return;
    /*  A guest learns how a new room is spelled with a PING.                  */
    if (user->sim->plan.fair && !user->guest && view->joined && time_us > view->live_us &&
        user->sim->now_us > time_us + LATE_US)
        WRONG (user, "room %zu gives %llu %llu ms after its commit, though nothing went wrong", at,
               ull (seq), ull ((user->sim->now_us - time_us) / 1000));
}

static void view_holds (user_t *user, size_t view, const event_t *event)
{
    size_t at = view == SIM_MAILBOX ? book_find (user->book, frame_str (user->box)) : view;
    if (at == SIM_NOWHERE)
        WRONG (user, "its mailbox %s has an event, and is empty", user->box);
    else
        book_holds (user->sim, user->book, at, event, who (user));
}

static void message_seen (user_t *user, size_t at, const zchat_event_t *event)
{
    view_t *view = &user->views[at];
    event_t seen = {.seq = event->seq,
                    .time_ms = event->time_ms,
                    .type = event->type,
                    .user = frame_str (event->user),
                    .body = frame_of (event->body, event->body_size),
                    .data = event->data ? frame_str (event->data) : frame_of (NULL, 0)};
    user->sim->tally->delivered++;
    if (!view->based)
        view_base (user, at, event->seq - 1);
    if (event->seq != view->seq + 1)
        WRONG (user, "room %zu gives %llu behind %llu", at, ull (event->seq), ull (view->seq));
    else
        view_holds (user, at, &seen);
    view->seq = event->seq;
    shown_event (user, at, event);
    late_seen (user, at, event->seq);
}

static void lost_seen (user_t *user, size_t at, const zchat_event_t *event)
{
    view_t *view = &user->views[at];
    const book_room_t *room = user_room (user, at);
    uint64_t from = event->seq - 1 - event->count;
    user->sim->tally->lost += event->count;
    if (!view->based)
        view_base (user, at, from);
    if (!event->count || event->count >= event->seq || from != view->seq)
        WRONG (user, "room %zu loses %llu before %llu, standing at %llu", at, ull (event->count),
               ull (event->seq), ull (view->seq));
    if (event->seq > room->first)
        WRONG (user, "room %zu loses what is before %llu, but has it from %llu", at,
               ull (event->seq), ull (room->first));
    view->seq = event->seq - 1;
}

static void joined_seen (user_t *user, size_t at, const zchat_event_t *event)
{
    view_t *view = &user->views[at];
    if (!view->based)
        view_base (user, at, event->seq);
    if (event->seq != view->seq)
        WRONG (user, "room %zu was joined at %llu, standing at %llu", at, ull (event->seq),
               ull (view->seq));
    if (view->floor_book == user->book->number && view->seq < view->floor)
        WRONG (user, "room %zu was joined at %llu, with a backlog up to %llu", at, ull (view->seq),
               ull (view->floor));
    view->live_us = user->sim->now_us;
    if (view->joined)
        WRONG (user, "room %zu was joined twice", at);
    /*  It was answered that the room is private where it was that before it was asked.  */
    const book_room_t *room = user_room (user, at);
    bool is_private = at != SIM_MAILBOX && room->club.is_private;
    bool ends = room->n_past && room->past[room->n_past - 1].ended_us >= view->asked_us;
    if (view->indoors && !is_private && !ends)
        WRONG (user, "room %zu was private, and is joined again as a public one", at);
    view->indoors = (is_private && book_time_us (room, room->base + 1) < view->asked_us) ||
                    (view->indoors && ends);
    view->ended = user_ended (user, at);
    view->joined = true;
}

/*  Who is put out of a private room, or does not get in, is not a member. Who is in a room that
    ends is put out too (also who has just come again: what tells of it may come later), and where
    no more may be made, nobody gets in.                                       */
static bool may_part (const user_t *user, size_t at, zchat_status_t status)
{
    const plan_t *plan = &user->sim->plan;
    if (at >= PLAN_ROOMS_MAX && at < SIM_ROOMS &&
        (status == ZCHAT_PRIVATE || status == ZCHAT_BANNED || status == ZCHAT_MEMBER ||
         status == ZCHAT_CLOSED))
        return true;
    if (status == ZCHAT_LIMIT)
        return plan->most[at == SIM_MAILBOX] > 0;
    return at != SIM_MAILBOX && (status == ZCHAT_CLOSED || status == ZCHAT_MEMBER) &&
           (plan->most[0] || user_ended (user, at));
}

static void room_event (user_t *user, const zchat_event_t *event)
{
    size_t at = sim_view_find (frame_str (event->room));
    if (at == SIM_NOWHERE || !user->views[at].wanted) {
        WRONG (user, "an event of a room that was not joined: %s", event->room);
        return;
    }
    if (event->kind == ZCHAT_EVENT_PARTED) {
        if (event->status != ZCHAT_OK && !may_part (user, at, event->status))
            WRONG (user, "thrown out of room %zu: %s", at, event->text);
        user->views[at].wanted = false;
        shown_clear (user, at);
        return;
    }
    if (!user->book) {
        WRONG (user, "room %zu has an event before HELLO was answered", at);
        return;
    }
    user->views[at].of = user->book->number;
    if (event->kind == ZCHAT_EVENT_MESSAGE && event->seq)
        message_seen (user, at, event);
    else if (event->kind == ZCHAT_EVENT_LOST)
        lost_seen (user, at, event);
    else if (event->kind == ZCHAT_EVENT_JOINED)
        joined_seen (user, at, event);
    else if (zchat_type_stored (event->type))
        WRONG (user, "room %zu has a message without seq", at);
    else if (event->kind == ZCHAT_EVENT_MESSAGE)
        shown_event (user, at, event);
}

/*  --- what was said ---------------------------------------------------------  */

static void letter_event (user_t *user, const zchat_event_t *event)
{
    sim_t *sim = user->sim;
    letter_t *letter = sim_letter_id (sim, user->life, event->id);
    if (!letter || letter->fate != FATE_OPEN) {
        WRONG (user, "a message %llu ends that nobody said, or for the second time",
               ull (event->id));
        return;
    }
    if (event->kind == ZCHAT_EVENT_SENT) {
        letter->fate = FATE_SENT;
        sim->tally->acknowledged++;
        if (!user->book || letter->book != user->book->number)
            WRONG (user, "message %llu was acknowledged and is not stored", ull (event->id));
        else if (event->seq && event->seq != letter->seq)
            WRONG (user, "message %llu was acknowledged as %llu and stored as %llu",
                   ull (event->id), ull (event->seq), ull (letter->seq));
    } else if (event->kind == ZCHAT_EVENT_FAILED) {
        letter->fate = FATE_FAILED;
        sim->tally->refused++;
        if (letter->book == book_now (sim)->number || !(letter->doomed || letter->perhaps))
            WRONG (user, "message %llu failed for no reason: %s", ull (event->id), event->text);
    } else {
        letter->fate = FATE_UNKNOWN;
        sim->tally->unknown++;
        if (!sim->aged && !sim->pressed)
            WRONG (user, "message %llu may be stored or not: %s", ull (event->id), event->text);
    }
}

/*  --- what was asked --------------------------------------------------------  */

void user_asks (user_t *user, uint64_t id, bool history, bool topic, size_t room)
{
    letter_t *letter = topic ? sim_letter_id (user->sim, user->life, id) : NULL;
    if (letter && user->early == id)
        letter->fate = FATE_UNKNOWN;
    if (user->early == id)
        return;
    for (size_t i = 0; i < USER_QUERIES_MAX; i++)
        if (!user->queries[i].id) {
            user->queries[i] =
                (query_t){.id = id, .history = history, .topic = topic, .room = room};
            return;
        }
    WRONG (user, "more than %d requests are under way", USER_QUERIES_MAX);
}

static query_t *query_find (user_t *user, uint64_t id)
{
    for (size_t i = 0; i < USER_QUERIES_MAX; i++)
        if (id && user->queries[i].id == id)
            return &user->queries[i];
    WRONG (user, "a reply to %llu, which nobody asked", ull (id));
    return NULL;
}

static void reply_seen (user_t *user, const zchat_event_t *event)
{
    /*  Refused at once, before the program knows the id: it will look for it.  */
    if (user->asking) {
        user->early = event->id;
        return;
    }
    query_t *query = query_find (user, event->id);
    if (!query)
        return;
    query->id = 0;
    if (!query->topic)
        return;
    letter_t *letter = sim_letter_id (user->sim, user->life, event->id);
    if (!letter)
        return;
    bool stored = user->book && letter->book == user->book->number;
    letter->fate = event->status == ZCHAT_OK            ? FATE_SENT
                   : event->status == ZCHAT_UNREACHABLE ? FATE_UNKNOWN
                                                        : FATE_FAILED;
    if (letter->fate == FATE_SENT && !stored)
        WRONG (user, "topic %llu was acknowledged and is not stored", ull (event->id));
    if (letter->fate == FATE_FAILED && stored)
        WRONG (user, "topic %llu failed and is stored", ull (event->id));
}

static void history_seen (user_t *user, const zchat_event_t *event)
{
    query_t *query = query_find (user, event->id);
    event_t seen = {.seq = event->seq,
                    .time_ms = event->time_ms,
                    .type = event->type,
                    .user = frame_str (event->user),
                    .body = frame_of (event->body, event->body_size),
                    .data = event->data ? frame_str (event->data) : frame_of (NULL, 0)};
    if (!query)
        return;
    /*  What became of the message before it; editors look at what it says.   */
    if (event->type == ZCHAT_TYPE_MARKS) {
        char seq[40];
        snprintf (seq, sizeof seq, "{\"seq\":%llu,", ull (query->seq));
        if (event->seq || !event->data || strncmp (event->data, seq, strlen (seq)) != 0)
            WRONG (user, "a history gives marks of another message behind %llu", ull (query->seq));
        shown_event (user, query->room, event);
        return;
    }
    if (query->seq && event->seq != query->seq + 1)
        WRONG (user, "a history gives %llu behind %llu", ull (event->seq), ull (query->seq));
    query->seq = event->seq;
    view_holds (user, query->room, &seen);
    shown_event (user, query->room, event);
}

/*  --- the connection --------------------------------------------------------  */

static void connected_seen (user_t *user, bool proven)
{
    sim_t *sim = user->sim;
    const book_t *book = sim->books[user->door->book - 1];
    bool other = user->book && user->book != book;
    /*  Who was started anew with its cursors has forgotten which log they are of.  */
    if (!user->replaced && other)
        for (size_t i = 0; i < SIM_VIEWS; i++)
            user->views[i].based = false;
    if (other)
        shown_clear_all (user);
    if (user->replaced && !other)
        WRONG (user, "the log was replaced, it is told, and was not: %zu", book->number);
    if (!user->replaced && other && user->met)
        WRONG (user, "the log was replaced by %zu, and it is not told", book->number);
    sim_trace (sim, "%s is connected to log %zu", who (user), book->number);
    user->met = true;
    for (size_t i = 0; i < SIM_VIEWS; i++)
        user->views[i].asked_us = sim->now_us;
    for (size_t i = 0; i < SIM_ROOMS && book == book_now (sim); i++) {
        user->views[i].floor_book = book->number;
        user->views[i].floor = head_told (sim, i);
    }
    user->replaced = false;
    user->book = book;
    people_box (people_proven (&book->people, user->name, user->key), user->name, user->box);
    if (proven != (user->key != NULL))
        WRONG (user, "its name %s is %s proven", user->name, proven ? "" : "not");
}

static void replaced_seen (user_t *user)
{
    user->replaced = true;
    shown_clear_all (user);
    for (size_t i = 0; i < SIM_VIEWS; i++)
        if (user->views[i].based)
            user->views[i].seq = 0;
}

/*  It can happen to a cursor kept from another log only.                      */
static void shorter_seen (user_t *user, const zchat_event_t *event)
{
    size_t at = sim_view_find (frame_str (event->room));
    if (at < SIM_VIEWS && user->views[at].kept && user->sim->n_books > 1) {
        user->views[at].based = user->views[at].kept = false;
        shown_clear (user, at);
    } else
        WRONG (user, "%s", event->text);
}

void user_event (user_t *user, const zchat_event_t *event)
{
    if (user->sim->failed)
        return;
    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
        connected_seen (user, event->proven);
        break;
    case ZCHAT_EVENT_DISCONNECTED:
        sim_trace (user->sim, "%s is disconnected: %s", who (user), event->text);
        if (dice_chance (&user->sim->dice, 0.05))
            sim_after (user->sim, dice_below (&user->sim->dice, 150000), user_despair, user,
                       user->incarnation);
        if (event->status == ZCHAT_MALFORMED)
            WRONG (user, "what the broker says is refused: %s", event->text);
        break;
    case ZCHAT_EVENT_REFUSED:
        sim_trace (user->sim, "%s is refused: %s", who (user), event->text);
        if (event->status != ZCHAT_TAKEN)
            WRONG (user, "refused for good: %s", event->text);
        user->refused = true;
        sim_after (user->sim, 500000 + dice_below (&user->sim->dice, 3000000), user_retry, user,
                   user->incarnation);
        break;
    case ZCHAT_EVENT_LOG_REPLACED:
        replaced_seen (user);
        break;
    case ZCHAT_EVENT_JOINED:
    case ZCHAT_EVENT_PARTED:
    case ZCHAT_EVENT_MESSAGE:
    case ZCHAT_EVENT_LOST:
        room_event (user, event);
        break;
    case ZCHAT_EVENT_SENT:
    case ZCHAT_EVENT_FAILED:
    case ZCHAT_EVENT_UNKNOWN:
        letter_event (user, event);
        break;
    case ZCHAT_EVENT_REPLY:
        reply_seen (user, event);
        break;
    case ZCHAT_EVENT_HISTORY:
        history_seen (user, event);
        break;
    case ZCHAT_EVENT_WARNING:
        sim_trace (user->sim, "%s is warned: %s", who (user), event->text);
        if (event->status == ZCHAT_CORRUPT)
            shorter_seen (user, event);
        break;
    }
}
