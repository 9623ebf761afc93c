/*  reply.c - replies, what they cost, and notes for the log file              */
#include "../admit/admit.h"
#include "../verbs/arguments.h"
#include "deliver.h"

void note_write (core_t *core, core_note_kind_t kind, core_peer_t peer, frame_t user, frame_t room,
                 const char *text)
{
    core_note_t note = {.kind = kind,
                        .peer = peer,
                        .user = user,
                        .room = room,
                        .text = text ? frame_str (text) : frame_of (NULL, 0)};
    if (core->sink.note)
        core->sink.note (core->sink.arg, &note);
}

void reply_notes (core_t *core, core_peer_t peer, const verdict_t *verdict)
{
    for (size_t i = 0; i < verdict->n_notes; i++) {
        const verdict_note_t *note = &verdict->notes[i];
        note_write (core, note->kind, peer, note->user, note->room, note->text);
    }
}

static void call_reply (core_t *core, const call_t *call, zchat_status_t status, frame_t json)
{
    frame_t frames[] = {frame_of ("", 0), frame_str (status == ZCHAT_OK ? "OK" : "ERR"),
                        call->request.tag, json};
    size_t skip = call->request.enveloped ? 0 : 1;
    core->counters->answers[call->request.verb][status]++;
    if (json.size >= ZCHAT_LONG_REPLY)
        debt_add (core, call->from, json.size);
    core->sink.reply (core->sink.arg, call->from, frames + skip, 4 - skip);
}

/*  An ERR costs the peer, but slow, which gives back what the call took, and closing.  */
static void refusal_count (core_t *core, const call_t *call, zchat_status_t status)
{
    peer_t *peer = presence_peer (core->presence, call->from);
    if (!peer || peer->serial != call->serial)
        return;
    if (status == ZCHAT_SLOW)
        quota_give_back (core, peer, call);
    else if (status != ZCHAT_CLOSING)
        quota_failed (core, peer);
}

void reply_refuse (core_t *core, const call_t *call, zchat_status_t status, const char *why,
                   json_t *more)
{
    const char *text = why ? why : zchat_status_text (status);
    json_t *json = json_pack ("{s:s, s:s}", "code", zchat_status_code (status), "text", text);
    if (more) {
        json_object_update (json, more);
        json_decref (more);
    }
    verb_t verb = call->request.verb;
    core_note_t note = {.kind = CORE_NOTE_REFUSED,
                        .peer = call->from,
                        .user = call->request.user,
                        .text = frame_str (text),
                        .verb = verb < VERB_COUNT ? verb_name (verb) : "?",
                        .status = status};
    if (core->sink.note)
        core->sink.note (core->sink.arg, &note);
    refusal_count (core, call, status);
    char *frame = json_text (json);
    call_reply (core, call, status, frame_str (frame));
    free (frame);
}

void reply_verdict (core_t *core, const call_t *call, const verdict_t *verdict,
                    const store_record_t *number)
{
    if (verdict->status != ZCHAT_OK) {
        reply_refuse (core, call, verdict->status, verdict->why, json_incref (verdict->json));
        return;
    }
    if (number) {
        char json[EVENT_NUMBER_MAX];
        size_t size = event_number_encode (&number->event, json);
        call_reply (core, call, ZCHAT_OK, frame_of (json, size));
        return;
    }
    if (verdict->text) {
        call_reply (core, call, ZCHAT_OK, frame_of (verdict->text, verdict->text_size));
        return;
    }
    if (!verdict->json) {
        call_reply (core, call, ZCHAT_OK, frame_str ("{}"));
        return;
    }
    char *text = memory_check (json_dumps (verdict->json, JSON_COMPACT));
    call_reply (core, call, ZCHAT_OK, frame_str (text));
    free (text);
}
