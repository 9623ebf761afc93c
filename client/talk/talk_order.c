/*  talk_order.c - rooms of one's own and their order: what operators enter */
#include "memory.h"
#include "talk_private.h"
#include <jansson.h>

/*  --- who said what --------------------------------------------------------- */

static talk_said_t *said_find (talk_t *talk, const char *room, uint64_t seq)
{
    size_t n = talk->n_said < SAID_MAX ? talk->n_said : SAID_MAX;
    for (size_t i = 0; i < n; i++)
        if (talk->said[i].seq == seq && strcmp (talk->said[i].room, room) == 0)
            return &talk->said[i];
    return NULL;
}

static uint64_t removed_seq (const zchat_event_t *event)
{
    json_t *data = event->data ? json_loads (event->data, JSON_ALLOW_NUL, NULL) : NULL;
    json_int_t seq = json_integer_value (json_object_get (data, "seq"));
    json_decref (data);
    return seq > 0 ? (uint64_t)seq : 0;
}

void talk_said (talk_t *talk, const zchat_event_t *event, char *whose)
{
    *whose = 0;
    if (!event->room || !event->user)
        return;
    if (event->type == ZCHAT_TYPE_REMOVE) {
        talk_said_t *said = said_find (talk, event->room, removed_seq (event));
        if (said && strcmp (said->user, event->user) != 0)
            snprintf (whose, sizeof said->user, "%s", said->user);
        if (said)
            said->own = false; /* it cannot be removed once more */
        return;
    }
    if (event->type != ZCHAT_TYPE_SAY && event->type != ZCHAT_TYPE_ACTION)
        return;
    talk_said_t *said = said_find (talk, event->room, event->seq);
    if (said)
        return;
    said = &talk->said[talk->n_said++ % SAID_MAX];
    said->seq = event->seq;
    said->own = event->own;
    snprintf (said->room, sizeof said->room, "%s", event->room);
    snprintf (said->user, sizeof said->user, "%s", event->user);
}

/*  Find one's own last message in the room; 0: none is known.                 */
static uint64_t own_last (const talk_t *talk, const char *room)
{
    size_t n = talk->n_said < SAID_MAX ? talk->n_said : SAID_MAX;
    uint64_t last = 0;
    for (size_t i = 0; i < n; i++)
        if (talk->said[i].own && talk->said[i].seq > last && strcmp (talk->said[i].room, room) == 0)
            last = talk->said[i].seq;
    return last;
}

/*  --- commands -------------------------------------------------------------- */

char *talk_mode_json (const command_t *command, const char *user)
{
    json_t *mode = json_object ();
    memory_check (mode);
    bool good = json_object_set_new (mode, "set", json_string (command->set)) == 0;
    if (good && *user)
        good = json_object_set_new (mode, "user", json_string (user)) == 0;
    if (good && command->size > 0)
        good =
            json_object_set_new (mode, "reason", json_stringn (command->text, command->size)) == 0;
    if (good && command->for_ms > 0)
        good =
            json_object_set_new (mode, "for_ms", json_integer ((json_int_t)command->for_ms)) == 0;
    char *text = good ? json_dumps (mode, JSON_COMPACT) : NULL;
    json_decref (mode);
    return text;
}

static zchat_status_t set_mode (talk_t *talk, const char *room, const command_t *command,
                                const char *user, uint64_t *id)
{
    char *json = talk_mode_json (command, user);
    zchat_status_t status = json ? zchat_client_mode (talk->client, room, json, id) : ZCHAT_INVALID;
    free (json);
    return status;
}

static zchat_status_t take_away (talk_t *talk, const char *room, uint64_t seq, const char *reason,
                                 uint64_t *id)
{
    seq = seq > 0 ? seq : own_last (talk, room);
    if (seq > 0)
        return zchat_client_remove (talk->client, room, seq, reason, id);
    talk_notice (talk, "no message of yours is known in this room; /history shows the numbers");
    return ZCHAT_EMPTY;
}

bool talk_good_name (talk_t *talk, const char *name)
{
    const char *why = NULL;
    bool good = name_check (frame_str (name), NULL, &why) == ZCHAT_OK;
    if (!good)
        talk_refuse (talk, OUTCOME_USAGE, "this name is not allowed", why);
    return good;
}

void talk_order_command (talk_t *talk, const command_t *command)
{
    bool create = command->kind == COMMAND_CREATE;
    char *text = create ? talk_name (command->text, command->size)
                        : memory_string (command->text, command->size);
    char *user = talk_name (command->name, command->name_size);
    const char *reason = *text ? text : NULL;
    const char *room = create ? text : talk_current_room (talk);
    command_kind_t kind = create || command->kind == COMMAND_MODES ? command->kind : COMMAND_SET;
    zchat_status_t status = ZCHAT_OK;
    uint64_t id = 0;
    if (!room || (create && !talk_good_name (talk, room)) ||
        (*user && !talk_good_name (talk, user)) || !talk_may_request (talk))
        goto out;
    switch (command->kind) {
    case COMMAND_CREATE:
        status = zchat_client_create (talk->client, room, &id);
        break;
    case COMMAND_INVITE:
        status = zchat_client_invite (talk->client, room, user, reason, &id);
        break;
    case COMMAND_KICK:
        status = zchat_client_kick (talk->client, room, user, reason, &id);
        break;
    case COMMAND_REMOVE:
        status = take_away (talk, room, command->seq, reason, &id);
        break;
    case COMMAND_MODES:
        status = zchat_client_mode (talk->client, room, NULL, &id);
        break;
    default:
        status = set_mode (talk, room, command, user, &id);
        break;
    }
    /*  Everybody sees the event that tells what was done, so the answer tells nothing. */
    if (status != ZCHAT_EMPTY)
        talk_requested (talk, kind, status, id, create ? room : user, false);
out:
    free (text);
    free (user);
}
