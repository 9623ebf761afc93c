/*  messages.c - SAY, TELL, TOPIC: what is put in order and stored             */
#include "core_private.h"
#include "span.h"
#include "text.h"

/*  What the JSON argument of SAY asks for.                                    */
typedef struct {
    zchat_type_t type;
    frame_t data; /* JSON text, a view of the argument or of copy                */
    char *copy;   /* or NULL; free it                                            */
    bool has_producer;
    uint8_t producer[ZCHAT_PRODUCER_SIZE];
    uint64_t n;
    uint64_t again; /* what HELLO said of "forgotten" when it was sent first; UINT64_MAX: this
                       is the first time, or nothing was said of it            */
} say_options_t;

/*  True where no more than left objects and lists lie in one another. Other programs'
    parsers give up long before ours does, and the data goes to all of them.   */
static bool json_shallow (json_t *value, int left)
{
    if (!json_is_object (value) && !json_is_array (value))
        return true;
    if (left == 0)
        return false;
    for (size_t i = 0; i < json_array_size (value); i++)
        if (!json_shallow (json_array_get (value, i), left - 1))
            return false;
    const char *key;
    json_t *member;
    json_object_foreach (value, key, member)
    {
        if (!json_shallow (member, left - 1))
            return false;
    }
    return true;
}

/*  The text of data as it came; written anew only where its key is written with escapes. */
static frame_t data_text (const call_t *call, const json_t *data, say_options_t *options)
{
    frame_t text = span_member (call->request->args[2], "data");
    if (text.size == 0) {
        options->copy = memory_check (json_dumps (data, JSON_COMPACT));
        text = frame_str (options->copy);
    }
    return text;
}

static bool data_read (call_t *call, json_t *data, say_options_t *options)
{
    if (!json_is_object (data)) {
        call_err_held (call, ZCHAT_MALFORMED, "data is not a JSON object", NULL, false);
        return false;
    }
    if (!json_shallow (data, ZCHAT_DATA_DEPTH_MAX)) {
        call_err_held (call, ZCHAT_LIMIT, "data is nested too deeply",
                       limit_json (ZCHAT_DATA_DEPTH_MAX, "depth"), false);
        return false;
    }
    options->data = data_text (call, data, options);
    if (options->data.size <= ZCHAT_DATA_MAX)
        return true;
    call_err_held (call, ZCHAT_LIMIT, "data is too long", limit_json (ZCHAT_DATA_MAX, "data"),
                   false);
    return false;
}

/*  False: ERR is held. options->copy is to be freed in any case.              */
static bool say_options (call_t *call, const json_t *json, say_options_t *options)
{
    *options = (say_options_t){.type = ZCHAT_TYPE_SAY, .again = UINT64_MAX};
    const json_t *type = json_object_get (json, "type");
    const json_t *producer = json_object_get (json, "producer");
    json_t *data = json_object_get (json, "data");
    if (type) {
        options->type = json_is_string (type) ? zchat_type_from_name (json_string_value (type),
                                                                      json_string_length (type))
                                              : ZCHAT_TYPE_NONE;
        if (options->type != ZCHAT_TYPE_SAY && options->type != ZCHAT_TYPE_ACTION) {
            call_err_held (call, ZCHAT_MALFORMED, "type is \"say\" or \"action\"", NULL, false);
            return false;
        }
    }
    options->has_producer = producer != NULL;
    if (!json_number (json, "again", &options->again)) {
        call_err_held (call, ZCHAT_MALFORMED, "again is a number, as HELLO said it", NULL, false);
        return false;
    }
    if (!json_number (json, "n", &options->n) ||
        (producer && (options->n == 0 ||
                      !hex_decode (producer, options->producer, sizeof options->producer)))) {
        call_err_held (call, ZCHAT_MALFORMED,
                       "producer is 32 hex digits in lower case, n a number from 1", NULL, false);
        return false;
    }
    return !data || data_read (call, data, options);
}

/*  The message cannot be put in order, and why not is its answer.             */
static void store_refuse (call_t *call, const held_t *effect, zchat_status_t status,
                          uint64_t expected)
{
    if (status == ZCHAT_EMPTY)
        call_duplicate (call, &effect->entry);
    else if (status == ZCHAT_GAP)
        call_err_held (call, ZCHAT_GAP, NULL, json_pack ("{s:I}", "expected", (json_int_t)expected),
                       true);
    else
        call_err_held (call, ZCHAT_LIMIT,
                       "the log takes no more senders, or the room no more messages",
                       limit_json (ZCHAT_PRODUCERS_MAX, "producers"), true);
}

void core_forgotten (core_t *core, peer_t *peer, size_t count, bool linked)
{
    char value[24];
    snprintf (value, sizeof value, "%llu",
              (unsigned long long)ledger_forgotten (core->ledger) + count);
    zchat_status_t status =
        core_fact (core, peer, NULL, LEDGER_FORGOTTEN, frame_str (value), linked);
    (void)status; /* a number is always right */
}

bool call_store (call_t *call, held_t *effect)
{
    core_t *core = call->core;
    room_t *room = effect->entry.room;
    uint64_t expected = 0;
    char *old = NULL, key[ZCHAT_FACT_KEY_MAX + 1], holder[BUDGET_PATH_MAX + 1];
    call_holder (call, holder);
    effect->entry.holder = holder;
    if (effect->event.user.size == 0)
        effect->event.user = frame_of (call->session->name, call->session->name_size);
    zchat_status_t status =
        ledger_apply (core->ledger, &effect->entry, call->now.wall_ms, &expected);
    if (status != ZCHAT_OK) {
        store_refuse (call, effect, status, expected);
        return false;
    }
    if (effect->fact_key.size) {
        snprintf (key, sizeof key, "%.*s", (int)effect->fact_key.size,
                  (const char *)effect->fact_key.data);
        const char *is = ledger_fact (core->ledger, room, key);
        old = is ? memory_string (is, strlen (is)) : NULL;
        effect->fact_old = old ? frame_str (old) : frame_of (NULL, 0);
        if (ledger_fact_set (core->ledger, room, key, effect->fact_value) != ZCHAT_OK) {
            ledger_undo (core->ledger, &effect->entry);
            call_err_held (
                call, ZCHAT_LIMIT,
                "the room, or the broker for who asks, remembers too much; unban or unmute",
                limit_json (ZCHAT_ROOM_FACTS_MAX, "facts"), true);
            free (old);
            return false;
        }
    }
    if (call->owner)
        name_used (core, call->peer, call->owner, true);
    name_used_who (core, call->peer, effect->subject, true);
    effect->kind = HELD_MESSAGE;
    effect->enveloped = call->request->enveloped;
    effect->tag = call->request->tag;
    effect->joins = presence_joins (core->presence);
    effect->event.seq = effect->entry.seq;
    effect->event.time_ms = effect->entry.time_ms;
    char charge_old[STORE_CHARGE_MAX + 1];
    snprintf (charge_old, sizeof charge_old, "%s", room->charge ? room->charge : "");
    call_room_use (call, room);
    if (room->charge && !room->charge_told) {
        effect->charge = frame_str (room->charge);
        effect->charge_old = frame_str (charge_old);
        room->charge_told = true;
    }
    if (effect->entry.has_producer)
        effect->holder = frame_str (ledger_producer_holder (core->ledger, effect->entry.producer));
    bool linked = effect->linked,
         gave_way = effect->entry.forgotten && !effect->entry.forgotten->ended;
    effect->linked = linked || gave_way;
    core_hold (core, call->peer, effect);
    if (gave_way)
        core_forgotten (core, call->peer, 1, linked);
    free (old);
    return true;
}

/*  Check the body of a SAY or TELL. False: ERR is held.                       */
static bool say_body (call_t *call, frame_t body)
{
    if (body.size > ZCHAT_BODY_MAX)
        call_err_held (call, ZCHAT_LIMIT, "the message is too long; split it",
                       limit_json (ZCHAT_BODY_MAX, "body"), false);
    else if (body.size == 0)
        call_err_held (call, ZCHAT_MALFORMED, "the message is empty", NULL, false);
    else if (!text_valid (body))
        call_err_held (call, ZCHAT_MALFORMED, "the message is not UTF-8 text; put bytes into data",
                       NULL, false);
    else
        return true;
    return false;
}

static held_t say_effect (room_t *room, const say_options_t *options, frame_t body)
{
    held_t effect = {
        .entry = {.room = room, .has_producer = options->has_producer, .n = options->n},
        .event = {.body = body, .data = options->data}};
    memcpy (effect.entry.producer, options->producer, sizeof effect.entry.producer);
    return effect;
}

/*  True where the producer has moved to a newer connection. ERR is held.      */
static bool say_stale (call_t *call, const say_options_t *options)
{
    if (!options->has_producer ||
        speakers_admit (call->core->speakers, options->producer, call->peer->serial))
        return false;
    call_err_held (call, ZCHAT_HELLO, "this producer speaks on a newer connection", NULL, false);
    return true;
}

/*  True where nobody can tell whether it was put in order before: a producer that is not known may
    be one that gave way to another since it was sent first. ERR is held.      */
static bool say_forgotten (call_t *call, const say_options_t *options)
{
    ledger_t *ledger = call->core->ledger;
    if (!options->has_producer || options->again == UINT64_MAX ||
        options->again == ledger_forgotten (ledger) || ledger_producer (ledger, options->producer))
        return false;
    call_err_held (call, ZCHAT_GAP, "this producer may have been forgotten; begin a new one",
                   json_pack ("{s:i, s:b}", "expected", 1, "forgotten", 1), true);
    return true;
}

/*  True where the message was put in order before; OK is held. What is stored is not refused,
    whatever its sender may no longer do.                                      */
static bool say_seen (call_t *call, const say_options_t *options)
{
    held_t effect = say_effect (NULL, options, frame_of (NULL, 0));
    if (!options->has_producer || !ledger_seen (call->core->ledger, options->producer, options->n))
        return false;
    call_duplicate (call, &effect.entry);
    return true;
}

/*  Who proves their name and says the first thing in a room is its operator.  */
static void room_founded (const call_t *call, const room_t *room, held_t *effect,
                          char role[ZCHAT_FACT_KEY_MAX + 1])
{
    if (room->id || !call->owner)
        return;
    char who[OWNER_WHO_MAX];
    owner_who (call->owner->id, who);
    snprintf (role, ZCHAT_FACT_KEY_MAX + 1, "role/%s", who);
    effect->fact_key = frame_str (role);
    effect->fact_value = frame_str ("operator");
}

void verb_say (call_t *call)
{
    core_t *core = call->core;
    char role[ZCHAT_FACT_KEY_MAX + 1];
    frame_t name = call->request->args[0], body = call->request->args[1];
    say_options_t options = {.copy = NULL};
    name_keys_t keys;
    const char *why;
    json_t *json = NULL;
    /*  Judged before the size of the body: an over-long one is refused anyway. */
    if (call_slow (call, body.size > ZCHAT_BODY_MAX ? 0 : body.size))
        return;
    if (name_check (name, &keys, &why) != ZCHAT_OK) {
        call_err_held (call, ZCHAT_NAME, why, NULL, false);
        return;
    }
    if (!say_body (call, body) || !(json = call_json (call, call->request->args[2], true)) ||
        !say_options (call, json, &options) || say_stale (call, &options) ||
        say_forgotten (call, &options) || say_seen (call, &options))
        goto out;
    room_t *room = call_room_make (call, name, &keys, true);
    if (!room)
        goto out;
    if (call_speaks (call, room, false)) {
        held_t effect = say_effect (room, &options, body);
        effect.event.type = options.type;
        room_founded (call, room, &effect, role);
        (void)call_store (call, &effect);
    }
    ledger_room_release (core->ledger, room);
out:
    free (options.copy);
    json_decref (json);
}

/*  --- TELL ------------------------------------------------------------------  */

/*  The two mailboxes; false: ERR is held. One that was made is released by the caller. */
static bool tell_mailboxes (call_t *call, target_t *target, size_t size, room_t **own,
                            room_t **theirs)
{
    char who[OWNER_WHO_MAX];
    user_who (call->session->user, who);
    if (!target->owner && !target->user) {
        call_err_held (call, ZCHAT_NOBODY, NULL, NULL, true);
        return false;
    }
    if (!call_writes (call, target, size))
        return false;
    /*  Neither gives way to the other.                                        */
    ledger_t *ledger = call->core->ledger;
    room_t *there = ledger_mailbox (ledger, who, NULL);
    if (there)
        ledger_room_keep (ledger, there, true);
    *theirs = call_mailbox_make (call, target->who, true);
    if (there)
        ledger_room_keep (ledger, there, false);
    if (!*theirs)
        return false;
    ledger_room_keep (ledger, *theirs, true);
    *own = call_mailbox_make (call, who, true);
    ledger_room_keep (ledger, *theirs, false);
    if (!*own)
        ledger_room_release (ledger, *theirs);
    return *own != NULL;
}

/*  One's own copy, which is answered, and theirs in one commit; to oneself there is one. */
static void tell_store (call_t *call, const say_options_t *options, frame_t body,
                        const target_t *target, room_t *own, room_t *theirs)
{
    char met[ZCHAT_FACT_KEY_MAX + 1];
    held_t told = say_effect (own, options, body);
    told.event.type = own == theirs ? ZCHAT_TYPE_TELL : ZCHAT_TYPE_TOLD;
    told.event.user = target->name;
    told.linked = own != theirs;
    if (own != theirs)
        letter_meets (call, target, &told, met);
    if (theirs->next >= ZCHAT_SEQ_MAX)
        call_err_held (call, ZCHAT_LIMIT, "the mailbox is full",
                       limit_json (ZCHAT_SEQ_MAX, "messages"), true);
    else if (call_store (call, &told) && own != theirs) {
        held_t tell = {.entry.room = theirs,
                       .event = {.type = ZCHAT_TYPE_TELL, .body = body, .data = options->data},
                       .silent = true};
        if (target->owner)
            name_used (call->core, call->peer, target->owner, true);
        (void)call_store (call, &tell);
        call_wrote (call, target, body.size + options->data.size);
    }
}

void verb_tell (call_t *call)
{
    frame_t body = call->request->args[1];
    say_options_t options = {.copy = NULL};
    target_t target;
    room_t *own, *theirs;
    json_t *json = NULL;
    if (call_slow (call, body.size > ZCHAT_BODY_MAX ? 0 : 2 * body.size))
        return;
    if (!call_target (call, call->request->args[0], &target) || !say_body (call, body) ||
        !(json = call_json (call, call->request->args[2], true)) ||
        !say_options (call, json, &options) || say_stale (call, &options) ||
        say_forgotten (call, &options))
        goto out;
    if (options.type != ZCHAT_TYPE_SAY)
        call_err_held (call, ZCHAT_MALFORMED, "TELL has no type but \"say\"", NULL, false);
    else if (!say_seen (call, &options) &&
             tell_mailboxes (call, &target, body.size + options.data.size, &own, &theirs)) {
        tell_store (call, &options, body, &target, own, theirs);
        ledger_room_release (call->core->ledger, theirs);
        if (own != theirs)
            ledger_room_release (call->core->ledger, own);
    }
out:
    free (options.copy);
    json_decref (json);
}

/*  --- TOPIC -----------------------------------------------------------------  */

static void topic_read (call_t *call, const room_t *room)
{
    frame_t name = call->request->args[0];
    call_ok (call, json_pack ("{s:o, s:s, s:s, s:I}", "room",
                              room ? json_string (room->name) : json_stringn (name.data, name.size),
                              "topic", room ? room->topic : "", "by", room ? room->topic_by : "",
                              "time", (json_int_t)(room ? room->topic_time_ms : 0)));
}

static void topic_set (call_t *call)
{
    const session_t *session = call->session;
    frame_t topic = call->request->args[1];
    room_t *room = NULL;
    name_keys_t keys;
    const char *why;
    if (call_slow (call, topic.size > ZCHAT_TOPIC_MAX ? 0 : topic.size))
        return;
    if (!session)
        call_err_held (call, ZCHAT_GUEST, NULL, NULL, false);
    else if (!session->greeted)
        call_err_held (call, ZCHAT_HELLO, NULL, NULL, false);
    else if (name_check (call->request->args[0], &keys, &why) != ZCHAT_OK)
        call_err_held (call, ZCHAT_NAME, why, NULL, false);
    else if ((room = ledger_room (call->core->ledger, &keys)) &&
             (call_dying (call, room) || !call_speaks (call, room, true)))
        return;
    else if (!room || !presence_member (session, room))
        call_err_held (call, ZCHAT_MEMBER, NULL, NULL, false);
    else if (topic.size > ZCHAT_TOPIC_MAX)
        call_err_held (call, ZCHAT_LIMIT, "the topic is too long",
                       limit_json (ZCHAT_TOPIC_MAX, "topic"), false);
    else if (!text_valid (topic))
        call_err_held (call, ZCHAT_MALFORMED, "the topic is not UTF-8 text", NULL, false);
    else {
        char role[ZCHAT_FACT_KEY_MAX + 1];
        held_t effect = {.entry.room = room, .event = {.type = ZCHAT_TYPE_TOPIC, .body = topic}};
        room_founded (call, room, &effect, role);
        (void)call_store (call, &effect);
    }
}

void verb_topic (call_t *call)
{
    room_t *room;
    if (call->request->n_args == 2)
        topic_set (call);
    else if (call_room (call, call->request->args[0], false, &room))
        topic_read (call, room);
}
