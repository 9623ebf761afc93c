/*  shown.c - the messages that a client's program shows, against the log       */
#include "shown.h"

void shown_event (user_t *user, size_t view, const zchat_event_t *event)
{
    const message_t *message;
    view_t *of = &user->views[view];
    /*  Before it is known where the room begins, what comes may have become something else.  */
    if (!of->wanted || !of->based)
        return;
    if (!of->shown)
        of->shown = messages_new ();
    (void)messages_apply (of->shown, event, &message);
}

void shown_clear (user_t *user, size_t view)
{
    messages_destroy (&user->views[view].shown);
}

void shown_clear_all (user_t *user)
{
    for (size_t i = 0; i < SIM_VIEWS; i++)
        shown_clear (user, i);
}

/*  --- the end ---------------------------------------------------------------  */

static bool reactions_same (const message_t *message, const store_marks_t *marks)
{
    if (message->n_reactions != (marks ? marks->n_reactions : 0))
        return false;
    for (size_t i = 0; i < message->n_reactions; i++) {
        const store_reaction_t *found = NULL;
        for (size_t k = 0; k < marks->n_reactions && !found; k++)
            if (frame_is (marks->reactions[k].text, message->reactions[i].text))
                found = &marks->reactions[k];
        if (!found || found->count != message->reactions[i].count)
            return false;
    }
    return true;
}

static void message_judge (user_t *user, size_t view, const message_t *message)
{
    const book_room_t *room = user_room (user, view);
    const event_t *event = book_newest (room, message->seq);
    marks_t gather = {.count = 0};
    const store_marks_t *marks = memory_marks_of (room->marks, message->seq, "", &gather);
    bool gone = event->type == ZCHAT_TYPE_GONE, same = gone == message->removed;
    if (same && !gone)
        same = frame_eq (event->body, frame_of (message->text, message->size)) &&
               message->edited == (marks ? marks->edited : 0) && reactions_same (message, marks);
    if (!same)
        sim_wrong (user->sim,
                   "user %zu shows seq %llu of room %zu%s as \"%.60s\", edited by %llu, with %zu "
                   "reactions; it is%s \"%.*s\", %llu, %zu",
                   user->number, (unsigned long long)message->seq, view,
                   message->removed ? " (gone)" : "", message->text,
                   (unsigned long long)message->edited, message->n_reactions, gone ? " gone" : "",
                   (int)(event->body.size < 60 ? event->body.size : 60),
                   (const char *)event->body.data, (unsigned long long)(marks ? marks->edited : 0),
                   marks ? marks->n_reactions : 0);
    marks_clear (&gather);
}

void shown_judge (user_t *user)
{
    for (size_t i = 0; i < SIM_VIEWS; i++) {
        const view_t *view = &user->views[i];
        const book_room_t *room = user_room (user, i);
        const message_t *message;
        if (!view->shown || !view->joined || !room->id)
            continue;
        for (size_t n = 1; !user->sim->failed && (message = messages_number (view->shown, n, 0));
             n++)
            /*  Of what retention took, or of a room that ended, nothing is told.  */
            if (message->seq >= room->first)
                message_judge (user, i, message);
    }
}
