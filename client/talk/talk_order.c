/*  talk_order.c - rooms of one's own and their order: what operators enter */
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"
#include <jansson.h>

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

static zchat_status_t take_away (talk_t *talk, const char *room, const command_t *command,
                                 const char *reason, uint64_t *id)
{
    uint64_t seq = 0;
    if (*talk->query)
        talk_refuse (talk, OUTCOME_USAGE, _ ("/remove is for rooms; /query goes back to the room"),
                     NULL);
    else
        seq = talk_pointed (talk, command);
    return seq > 0 ? zchat_client_remove (talk->client, room, seq, reason, id) : ZCHAT_EMPTY;
}

bool talk_good_name (talk_t *talk, const char *name)
{
    const char *why = NULL;
    bool good = name_check (frame_str (name), NULL, &why) == ZCHAT_OK;
    if (!good)
        talk_refuse (talk, OUTCOME_USAGE, _ ("this name is not allowed"), why);
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
        status = take_away (talk, room, command, reason, &id);
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
