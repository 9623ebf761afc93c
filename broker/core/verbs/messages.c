/*  messages.c - SAY, TELL, TOPIC: what is put in order and stored             */
#include "access.h"
#include "arguments.h"
#include "flat.h"
#include "span.h"
#include "text.h"
#include "verbs.h"

static const room_t *const NO_ROOMS[2] = {NULL, NULL};

/*  What the JSON argument of SAY and TELL asks for.                           */
typedef struct {
    zchat_type_t type;
    frame_t data;         /* JSON text: views the argument, or is kept with the records */
    broker_data_t broker; /* what the broker adds to it: re is what is asked for */
    bool indoors;         /* it is for a private room, and no other                    */
    bool has_producer;
    uint8_t producer[ZCHAT_PRODUCER_SIZE];
    uint64_t n;
    uint64_t again; /* what HELLO said of "forgotten" when it was sent first; UINT64_MAX: this
                       is the first time, or nothing was said of it            */
} say_options_t;

/*  --- the argument ----------------------------------------------------------  */

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

static bool data_read (const call_t *call, verdict_t *verdict, json_t *data, say_options_t *options)
{
    if (!json_is_object (data))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "data is not a JSON object", NULL);
    if (json_object_get (data, "zchat"))
        return verdict_refuse (verdict, ZCHAT_MALFORMED,
                               "the key zchat in data is the broker's; choose another", NULL);
    if (!json_shallow (data, ZCHAT_DATA_DEPTH_MAX))
        return verdict_limit (verdict, "data is nested too deeply", ZCHAT_DATA_DEPTH_MAX, "depth");
    /*  The text as it came; written anew only where its key is written with escapes. */
    options->data = span_member (call->request.args[2], "data");
    if (!options->data.size)
        options->data =
            records_keep (verdict->records, memory_check (json_dumps (data, JSON_COMPACT)));
    if (options->data.size > ZCHAT_DATA_MAX)
        return verdict_limit (verdict, "data is too long", ZCHAT_DATA_MAX, "data");
    return true;
}

/*  The JSON argument of SAY, TELL or EDIT.                                    */
static frame_t options_of (const call_t *call)
{
    return call->request.args[call->request.verb == VERB_EDIT ? 3 : 2];
}

static bool options_read (const call_t *call, verdict_t *verdict, const json_t *json,
                          say_options_t *options)
{
    *options = (say_options_t){.type = ZCHAT_TYPE_SAY, .again = UINT64_MAX};
    const json_t *type = json_object_get (json, "type");
    const json_t *producer = json_object_get (json, "producer");
    /*  An edit has no data of its own: the message's stays.                   */
    json_t *data = call->request.verb == VERB_EDIT ? NULL : json_object_get (json, "data");
    if (type) {
        options->type = json_is_string (type) ? zchat_type_from_name (json_string_value (type),
                                                                      json_string_length (type))
                                              : ZCHAT_TYPE_NONE;
        if (options->type != ZCHAT_TYPE_SAY && options->type != ZCHAT_TYPE_ACTION)
            return verdict_refuse (verdict, ZCHAT_MALFORMED, "type is \"say\" or \"action\"", NULL);
    }
    const json_t *indoors = json_object_get (json, "private");
    options->indoors = json_is_true (indoors);
    if (indoors && !json_is_boolean (indoors))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "private is true or false", NULL);
    if (!argument_number (json, "re", &options->broker.re) ||
        (json_object_get (json, "re") && !options->broker.re))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "re is a number from 1", NULL);
    options->has_producer = producer != NULL;
    if (!argument_number (json, "again", &options->again))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "again is a number, as HELLO said it",
                               NULL);
    if (!argument_number (json, "n", &options->n) ||
        (producer && (options->n == 0 ||
                      !argument_hex (producer, options->producer, sizeof options->producer))))
        return verdict_refuse (verdict, ZCHAT_MALFORMED,
                               "producer is 32 hex digits in lower case, n a number from 1", NULL);
    return !data || data_read (call, verdict, data, options);
}

/*  What libzchat and most programs say: numbers and short words, all of them right. False: the
   parser reads it, and finds what is wrong.                                         */
static bool options_simple (frame_t text, say_options_t *options)
{
    flat_t flat = {.count = 0};
    *options = (say_options_t){.type = ZCHAT_TYPE_SAY, .again = UINT64_MAX};
    if (text.size > ZCHAT_JSON_MAX || (text.size && !flat_read (text, &flat)))
        return false;
    for (size_t i = 0; i < flat.count; i++) {
        const flat_member_t *member = &flat.members[i];
        bool number = member->kind == FLAT_NUMBER, right = true;
        if (frame_is (member->key, "n")) {
            options->n = member->number;
            right = number;
        } else if (frame_is (member->key, "producer")) {
            options->has_producer = true;
            right = member->kind == FLAT_STRING &&
                    hex_read (member->string, options->producer, sizeof options->producer);
        } else if (frame_is (member->key, "again")) {
            options->again = member->number;
            right = number;
        } else if (frame_is (member->key, "re")) {
            options->broker.re = member->number;
            right = number && member->number;
        } else if (frame_is (member->key, "private")) {
            options->indoors = member->kind == FLAT_TRUE;
            right = options->indoors || member->kind == FLAT_FALSE;
        } else if (frame_is (member->key, "type")) {
            options->type = member->kind == FLAT_STRING
                                ? zchat_type_from_name (member->string.data, member->string.size)
                                : ZCHAT_TYPE_NONE;
            right = options->type == ZCHAT_TYPE_SAY || options->type == ZCHAT_TYPE_ACTION;
        } else if (frame_is (member->key, "data"))
            right = false;
        if (!right)
            return false;
    }
    return !options->has_producer || options->n > 0;
}

/*  False: the verdict is a refusal.                                           */
static bool options_take (const call_t *call, verdict_t *verdict, say_options_t *options)
{
    if (options_simple (options_of (call), options))
        return true;
    json_t *json = argument_json (verdict, options_of (call));
    bool taken = json && options_read (call, verdict, json, options);
    json_decref (json);
    return taken;
}

/*  --- the producer ----------------------------------------------------------  */

/*  The message is the next one of its producer. False: the verdict is a refusal, or says that the
    message was stored before: what is stored is not refused, whatever its sender may no longer do.
 */
static bool producer_check (const call_t *call, const view_t *view, verdict_t *verdict,
                            const say_options_t *options)
{
    if (!options->has_producer)
        return true;
    verdict->speaks = true;
    memcpy (verdict->speaker, options->producer, sizeof verdict->speaker);
    if (speakers_moved (view->speakers, options->producer, call->serial))
        return verdict_refuse (verdict, ZCHAT_HELLO, "this producer speaks on a newer connection",
                               NULL);
    const producer_t *producer = ledger_producer (view->ledger, options->producer);
    /*  A producer that is not known may be one that gave way to another since the message was sent
        first: then nobody can tell whether it was stored.                     */
    if (options->again != UINT64_MAX && options->again != ledger_forgotten (view->ledger) &&
        !producer)
        return verdict_refuse (verdict, ZCHAT_GAP,
                               "this producer may have been forgotten; begin a new one",
                               json_pack ("{s:i, s:b}", "expected", 1, "forgotten", 1));
    if (producer && options->n <= producer->n) {
        (void)verdict_ok (verdict, json_pack ("{s:b}", "duplicate", 1));
        return false;
    }
    /*  Before anything that would refuse it: of a producer that was forgotten it may be stored. */
    uint64_t last = producer ? producer->n : 0;
    return options->n == last + 1 ||
           verdict_refuse (verdict, ZCHAT_GAP, NULL,
                           json_pack ("{s:I}", "expected", (json_int_t)last + 1));
}

bool message_stored (const call_t *call, const view_t *view)
{
    records_t records = {.items = NULL};
    say_options_t options;
    verdict_t verdict;
    bool says = call->request.verb == VERB_SAY || call->request.verb == VERB_TELL ||
                call->request.verb == VERB_EDIT;
    verdict_begin (&verdict, &records);
    const producer_t *producer = NULL;
    if (says && options_take (call, &verdict, &options) && options.has_producer)
        producer = ledger_producer (view->ledger, options.producer);
    bool stored = producer && options.n <= producer->n;
    verdict_drop (&verdict);
    records_free (&records);
    return stored;
}

/*  The first record is the producer's next message. A new producer may make another give way. */
static bool producer_use (const call_t *call, const view_t *view, verdict_t *verdict,
                          const say_options_t *options)
{
    if (!options->has_producer)
        return true;
    const producer_t *producer = ledger_producer (view->ledger, options->producer);
    const producer_t *yields = NULL;
    if (!producer && ledger_n_producers (view->ledger) >= view->setup->producers_max) {
        yields = ledger_producer_yields (view->ledger, call->holder);
        if (!yields)
            return verdict_limit (verdict, "the log takes no more senders",
                                  view->setup->producers_max, "producers");
    }
    store_record_t *record = &verdict->records->items[verdict->main];
    record->has_producer = true;
    record->n = options->n;
    memcpy (record->producer, options->producer, sizeof record->producer);
    /*  The producer may end behind it, in the same flight.                    */
    const char *charged = producer ? budget_path (&producer->item) : "";
    record->holder = text_keep (verdict, frame_str (*charged ? charged : call->holder));
    if (!yields)
        return true;
    record->forgets = true;
    memcpy (record->forgotten, yields->id, sizeof record->forgotten);
    if (!yields->ended)
        verdict_forgotten (verdict, view, 1);
    return true;
}

bool message_new (const call_t *call, const view_t *view, verdict_t *verdict)
{
    say_options_t options;
    return options_take (call, verdict, &options) && producer_check (call, view, verdict, &options);
}

bool message_counts (const call_t *call, const view_t *view, verdict_t *verdict)
{
    say_options_t options;
    return options_take (call, verdict, &options) && producer_use (call, view, verdict, &options);
}

void verdict_forgotten (verdict_t *verdict, const view_t *view, size_t count)
{
    char value[24];
    snprintf (value, sizeof value, "%llu",
              (unsigned long long)ledger_forgotten (view->ledger) + count);
    verdict_fact (verdict, 0, frame_of (NULL, 0), LEDGER_FORGOTTEN, value);
}

/*  --- SAY -------------------------------------------------------------------  */

bool body_check (verdict_t *verdict, frame_t body)
{
    if (body.size > ZCHAT_BODY_MAX)
        return verdict_limit (verdict, "the message is too long; split it", ZCHAT_BODY_MAX, "body");
    if (body.size == 0)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "the message is empty", NULL);
    if (!text_valid (body))
        return verdict_refuse (verdict, ZCHAT_MALFORMED,
                               "the message is not UTF-8 text; put bytes into data", NULL);
    return true;
}

/*  An event of the caller's words in the room.                                */
static void words_store (const call_t *call, const view_t *view, verdict_t *verdict,
                         const found_t *found, bool own, zchat_type_t type,
                         const say_options_t *options)
{
    store_record_t *record = verdict_event (verdict, view, call, found->room, found->name, type);
    record->event.body = call->request.args[1];
    record->event.data = options->data;
    size_t index = (size_t)(record - verdict->records->items);
    room_charge_event (call, verdict, found, index, own);
}

bool room_takes_more (verdict_t *verdict, const room_t *room)
{
    return !room || room->head < ZCHAT_SEQ_MAX ||
           verdict_limit (verdict, "the room takes no more messages", ZCHAT_SEQ_MAX, "messages");
}

/*  Who proves their name and says the first thing in a room is its operator.  */
static void room_founded (const call_t *call, verdict_t *verdict, const found_t *found)
{
    char role[ZCHAT_FACT_KEY_MAX + 1];
    if (found->room || !call->owner)
        return;
    snprintf (role, sizeof role, "role/%s", call->who);
    verdict_fact_of (verdict, verdict->main, role, "operator");
}

/*  What is for a private room does not make a public one, where that room is no more.  */
static bool say_indoors (verdict_t *verdict, const found_t *found, const say_options_t *options)
{
    return !options->indoors || (found->room && found->room->is_private) ||
           verdict_refuse (verdict, ZCHAT_PRIVATE, "there is no private room of this name", NULL);
}

/*  What is answered was said in the room, which may have lost it since.       */
static bool say_answers (verdict_t *verdict, const found_t *found, const say_options_t *options)
{
    return options->broker.re <= (found->room ? found->room->head : 0) ||
           verdict_refuse (verdict, ZCHAT_NOBODY,
                           "re is the seq of no message: the room has not come so far", NULL);
}

/*  The event's data, with what the broker says in it.                         */
static bool say_data (const call_t *call, const view_t *view, verdict_t *verdict,
                      const found_t *found, say_options_t *options, mentions_t *mentions)
{
    mentions_find (call, view, found, call->request.args[1], mentions);
    options->broker.names = mentions->names;
    options->broker.n_names = mentions->count;
    options->broker.all = mentions->all;
    return data_compose (verdict, options->data, &options->broker, &options->data);
}

bool verb_say (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    say_options_t options;
    mentions_t mentions;
    bool stores =
        room_find (view, verdict, call->request.args[0], &found) &&
        body_check (verdict, call->request.args[1]) && options_take (call, verdict, &options) &&
        producer_check (call, view, verdict, &options) && say_indoors (verdict, &found, &options) &&
        room_speaks (call, view, verdict, found.room, false) &&
        say_answers (verdict, &found, &options) &&
        say_data (call, view, verdict, &found, &options, &mentions) &&
        room_takes_more (verdict, found.room) &&
        room_can_store (call, view, verdict, &found, NO_ROOMS);
    if (stores) {
        words_store (call, view, verdict, &found, false, options.type, &options);
        room_founded (call, verdict, &found);
        name_used_by (call, view, verdict);
        mentions_store (call, view, verdict, &mentions);
        away_ends (call, verdict);
        verdict->numbered = true;
        stores = producer_use (call, view, verdict, &options);
    }
    return stores;
}

/*  --- TELL ------------------------------------------------------------------  */

/*  Both copies have one time, by which a reply names the message. Where the clock went back, the
   one mailbox may have been ahead of the other.                                  */
static void tell_one_time (const verdict_t *verdict)
{
    event_t *own = &verdict->records->items[verdict->main].event;
    event_t *theirs = &verdict->records->items[verdict->records->count - 1].event;
    uint64_t later = own->time_ms > theirs->time_ms ? own->time_ms : theirs->time_ms;
    own->time_ms = theirs->time_ms = later;
}

/*  One's own copy, which is answered, and theirs; to oneself there is one.    */
static bool tell_store (const call_t *call, const view_t *view, verdict_t *verdict,
                        const target_t *target, const say_options_t *options)
{
    found_t own, theirs;
    if (!target->owner && !target->user)
        return verdict_refuse (verdict, ZCHAT_NOBODY, NULL, NULL);
    if (!target_takes (call, view, verdict, target,
                       call->request.args[1].size + options->data.size))
        return false;
    mailbox_find (view, call->who, &own);
    mailbox_find (view, target->who, &theirs);
    /*  Neither gives way to the other.                                        */
    const room_t *both[2] = {own.room, theirs.room};
    bool one = frame_eq (own.name, theirs.name);
    if (!room_can_store (call, view, verdict, &theirs, both) ||
        (!one && !room_can_store (call, view, verdict, &own, both)))
        return false;
    if ((own.room && own.room->head >= ZCHAT_SEQ_MAX) ||
        (theirs.room && theirs.room->head >= ZCHAT_SEQ_MAX))
        return verdict_limit (verdict, "the mailbox is full", ZCHAT_SEQ_MAX, "messages");
    own.name = text_keep (verdict, own.name);
    theirs.name = text_keep (verdict, theirs.name);
    verdict->numbered = true;
    name_used_by (call, view, verdict);
    away_ends (call, verdict);
    if (!target->owner || target->owner->id != call->owner)
        name_used (verdict, target->owner);
    if (one) {
        words_store (call, view, verdict, &own, true, ZCHAT_TYPE_TELL, options);
        return producer_use (call, view, verdict, options);
    }
    words_store (call, view, verdict, &own, true, ZCHAT_TYPE_TOLD, options);
    verdict->records->items[verdict->main].event.user = text_keep (verdict, target->name);
    words_store (call, view, verdict, &theirs, false, ZCHAT_TYPE_TELL, options);
    tell_one_time (verdict);
    letter_meets (call, view, verdict, target, own.room);
    return producer_use (call, view, verdict, options);
}

bool verb_tell (const call_t *call, const view_t *view, verdict_t *verdict)
{
    target_t target;
    say_options_t options;
    bool stores = target_find (view, verdict, call->request.args[0], &target) &&
                  body_check (verdict, call->request.args[1]) &&
                  options_take (call, verdict, &options);
    if (stores && options.type != ZCHAT_TYPE_SAY)
        stores = verdict_refuse (verdict, ZCHAT_MALFORMED, "TELL has no type but \"say\"", NULL);
    stores = stores && producer_check (call, view, verdict, &options) &&
             data_compose (verdict, options.data, &options.broker, &options.data) &&
             tell_store (call, view, verdict, &target, &options);
    return stores;
}

/*  --- TOPIC -----------------------------------------------------------------  */

static bool topic_read (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    if (!room_find_readable (call, view, verdict, call->request.args[0], false, &found))
        return false;
    told_room_t told = told_room (view->told, view->ledger, found.room);
    return verdict_ok (verdict, json_pack ("{s:o, s:s, s:s, s:I}", "room",
                                           json_stringn (found.name.data, found.name.size), "topic",
                                           told.topic, "by", told.topic_by, "time",
                                           (json_int_t)told.topic_time_ms));
}

static bool topic_set (const call_t *call, const view_t *view, verdict_t *verdict)
{
    frame_t topic = call->request.args[1];
    found_t found;
    if (!call->who)
        return verdict_refuse (verdict, ZCHAT_GUEST, NULL, NULL);
    if (!call->greeted)
        return verdict_refuse (verdict, ZCHAT_HELLO, NULL, NULL);
    if (!room_find (view, verdict, call->request.args[0], &found) ||
        !room_speaks (call, view, verdict, found.room, true))
        return false;
    if (!call->inside)
        return verdict_refuse (verdict, ZCHAT_MEMBER, NULL, NULL);
    if (topic.size > ZCHAT_TOPIC_MAX)
        return verdict_limit (verdict, "the topic is too long", ZCHAT_TOPIC_MAX, "topic");
    if (!text_valid (topic))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "the topic is not UTF-8 text", NULL);
    if (!room_takes_more (verdict, found.room) ||
        !room_can_store (call, view, verdict, &found, NO_ROOMS))
        return false;
    found.name = text_keep (verdict, found.name);
    store_record_t *record =
        verdict_event (verdict, view, call, found.room, found.name, ZCHAT_TYPE_TOPIC);
    record->event.body = topic;
    room_charge_event (call, verdict, &found, verdict->main, false);
    room_founded (call, verdict, &found);
    name_used_by (call, view, verdict);
    verdict->numbered = true;
    return true;
}

bool verb_topic (const call_t *call, const view_t *view, verdict_t *verdict)
{
    return call->request.n_args == 2 ? topic_set (call, view, verdict)
                                     : topic_read (call, view, verdict);
}

void topic_observe (call_t *call, const view_t *view)
{
    found_t found;
    verdict_t ignored;
    records_t none = {.items = NULL};
    verdict_begin (&ignored, &none);
    call->inside = call->session && room_find (view, &ignored, call->request.args[0], &found) &&
                   found.hall && presence_member (call->session, found.hall);
    verdict_end (&ignored);
}
