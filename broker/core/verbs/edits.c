/*  edits.c - EDIT, REACT, UNREACT: what becomes of messages that were said    */
#include "arguments.h"
#include "looks.h"
#include "text.h"
#include "verbs.h"

/*  --- the message -----------------------------------------------------------  */

/*  The room and the seq in the first two arguments.                           */
static bool place_read (const call_t *call, const view_t *view, verdict_t *verdict, found_t *found,
                        uint64_t *seq)
{
    if (frame_is (call->request.args[0], "@"))
        return verdict_refuse (verdict, ZCHAT_MALFORMED,
                               "direct messages have no edits and no reactions; TELL once more",
                               NULL);
    return room_find (view, verdict, call->request.args[0], found) &&
           (seq_read (call->request.args[1], seq) ||
            verdict_refuse (verdict, ZCHAT_MALFORMED, "seq is a number from 1", NULL));
}

/*  The caller may speak where the message is, and it is a message.            */
static bool message_open (const call_t *call, const view_t *view, verdict_t *verdict,
                          const found_t *found)
{
    return room_speaks (call, view, verdict, found->room, false) &&
           message_said (call, verdict, found->room) &&
           (call->said.type != ZCHAT_TYPE_EDIT ||
            verdict_refuse (verdict, ZCHAT_NOBODY, MESSAGE_NOWHERE, NULL)) &&
           room_takes_more (verdict, found->room);
}

/*  An event about that message, with {"seq":n} in its data.                   */
static store_record_t *about_store (const call_t *call, const view_t *view, verdict_t *verdict,
                                    const found_t *found, zchat_type_t type, uint64_t seq)
{
    char text[48];
    snprintf (text, sizeof text, "{\"seq\":%llu}", (unsigned long long)seq);
    frame_t data = text_keep (verdict, frame_str (text));
    store_record_t *record =
        verdict_event (verdict, view, call, found->room, frame_of (NULL, 0), type);
    record->event.body = call->request.args[2];
    record->event.data = data;
    verdict->numbered = true;
    return record;
}

/*  --- EDIT ------------------------------------------------------------------  */

static bool edit_allowed (const call_t *call, const view_t *view, verdict_t *verdict)
{
    const said_t *said = &call->said;
    uint64_t window_ms = view->setup->edit_window_ms;
    if (!said->own)
        return verdict_refuse (verdict, ZCHAT_OPERATOR, "only who said a message edits it", NULL);
    if (call->now.wall_ms > said->time_ms && call->now.wall_ms - said->time_ms > window_ms)
        return verdict_limit (verdict, "it was said too long ago to be edited", window_ms, "edit");
    if (said->edits >= ZCHAT_EDITS_MAX)
        return verdict_limit (verdict, "the message was edited too often", ZCHAT_EDITS_MAX,
                              "edits");
    return true;
}

bool verb_edit (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    uint64_t seq;
    if (!place_read (call, view, verdict, &found, &seq) ||
        !body_check (verdict, call->request.args[2]) || !message_new (call, view, verdict))
        return verdict->status == ZCHAT_OK;
    if (!room_speaks (call, view, verdict, found.room, false))
        return false;
    if (!call->owner)
        return verdict_refuse (verdict, ZCHAT_PROOF,
                               "your name is not proven: nobody could tell whose message it is",
                               NULL);
    if (!message_open (call, view, verdict, &found) || !edit_allowed (call, view, verdict))
        return false;
    store_record_t *record = about_store (call, view, verdict, &found, ZCHAT_TYPE_EDIT, seq);
    record->edits = seq;
    return message_counts (call, view, verdict);
}

/*  --- REACT, UNREACT ---------------------------------------------------------- */

static bool reaction_check (verdict_t *verdict, frame_t text)
{
    if (text.size > ZCHAT_REACTION_MAX)
        return verdict_limit (verdict, "the reaction is too long", ZCHAT_REACTION_MAX, "reaction");
    return text_word (text) ||
           verdict_refuse (verdict, ZCHAT_MALFORMED,
                           "a reaction is an emoji or a word, without spaces and control "
                           "characters",
                           NULL);
}

bool verb_react (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    uint64_t seq;
    const said_t *said = &call->said;
    bool takes_back = call->request.verb == VERB_UNREACT, reacts = said->mine;
    if (!place_read (call, view, verdict, &found, &seq) ||
        !reaction_check (verdict, call->request.args[2]) ||
        !message_open (call, view, verdict, &found))
        return false;
    lately_look (view->lately, found.room->id, seq, call->request.args[2], frame_str (call->who),
                 &reacts);
    /*  Where it is not sure what was decided since, what is stored may say once more what is so. */
    if (reacts != takes_back && lately_since (view->lately, said->moment))
        return verdict_ok (verdict, json_pack ("{s:b}", "duplicate", 1));
    if (!takes_back && !said->reacted && said->n_reactions >= ZCHAT_REACTIONS_MAX)
        return verdict_limit (verdict, "the message has too many different reactions",
                              ZCHAT_REACTIONS_MAX, "reactions");
    store_record_t *record = about_store (call, view, verdict, &found,
                                          takes_back ? ZCHAT_TYPE_UNREACT : ZCHAT_TYPE_REACT, seq);
    record->reacts = seq;
    record->who = text_keep (verdict, frame_str (call->who));
    room_charge_event (call, verdict, &found, verdict->main, false);
    name_used_by (call, view, verdict);
    return true;
}
