/*  about.c - what stands in the data of an event                              */
#include "about.h"
#include "answer.h"
#include "memory.h"
#include "name.h"
#include "sized.h"
#include <stdio.h>

/*  True where the array names the user. Names are compared as mentions are: by their fold. */
static bool names_user (const json_t *names, const char *user)
{
    name_keys_t ours, theirs;
    size_t i;
    json_t *name;

    if (!json_array_size (names) || name_check (frame_str (user), &ours, NULL) != ZCHAT_OK)
        return false;
    json_array_foreach (names, i, name)
    {
        if (i == ZCHAT_MENTIONS_MAX)
            break;
        if (json_is_string (name) &&
            name_check (frame_of (json_string_value (name), json_string_length (name)), &theirs,
                        NULL) == ZCHAT_OK &&
            strcmp (ours.fold, theirs.fold) == 0)
            return true;
    }
    return false;
}

static void about_said (zchat_event_t *event, const json_t *zchat, const char *user)
{
    bool tell = event->type == ZCHAT_TYPE_TELL || event->type == ZCHAT_TYPE_TOLD;

    (void)answer_number (zchat, "re", tell ? INT64_MAX : ZCHAT_SEQ_MAX, &event->re);
    event->mentions_all = json_is_true (json_object_get (zchat, "all"));
    event->mentions_me = names_user (json_object_get (zchat, "mentions"), user);
}

void about_fill (zchat_event_t *event, const json_t *data, const char *user)
{
    switch (event->type) {
    case ZCHAT_TYPE_SAY:
    case ZCHAT_TYPE_ACTION:
    case ZCHAT_TYPE_TELL:
    case ZCHAT_TYPE_TOLD:
        about_said (event, json_object_get (data, "zchat"), user);
        break;
    case ZCHAT_TYPE_MENTION:
    case ZCHAT_TYPE_READ:
        event->about = answer_string (data, "room", ZCHAT_NAME_MAX);
        (void)answer_number (data, "seq", ZCHAT_SEQ_MAX, &event->target);
        break;
    case ZCHAT_TYPE_MARKS:
        (void)answer_number (data, "at", ZCHAT_SEQ_MAX, &event->at);
        (void)answer_number (data, "edited", ZCHAT_SEQ_MAX, &event->edited);
        (void)answer_number (data, "edits", INT64_MAX, &event->edits);
        /* fall through */
    case ZCHAT_TYPE_EDIT:
    case ZCHAT_TYPE_REACT:
    case ZCHAT_TYPE_UNREACT:
    case ZCHAT_TYPE_REMOVE:
        (void)answer_number (data, "seq", ZCHAT_SEQ_MAX, &event->target);
        break;
    default:
        break;
    }
}

/*  --- reactions ------------------------------------------------------------- */

static void reaction_read (const char *text, const json_t *json, zchat_reaction_t *reaction)
{
    const json_t *users = json_object_get (json, "users");

    *reaction = (zchat_reaction_t){.mine = json_is_true (json_object_get (json, "mine"))};
    snprintf (reaction->text, sizeof reaction->text, "%s", text);
    (void)answer_number (json, "count", INT64_MAX, &reaction->count);
    for (size_t i = 0; i < json_array_size (users) && reaction->n_users < ZCHAT_REACTION_NAMES;
         i++) {
        const char *name = json_string_value (json_array_get (users, i));
        if (name && strlen (name) <= ZCHAT_NAME_MAX)
            snprintf (reaction->users[reaction->n_users++], sizeof *reaction->users, "%s", name);
    }
    if (reaction->count < reaction->n_users)
        reaction->count = reaction->n_users;
}

zchat_status_t zchat_event_reaction_sized (const zchat_event_t *event, size_t event_size,
                                           size_t index, zchat_reaction_t *reaction,
                                           size_t reaction_size)
{
    zchat_reaction_t ours;
    zchat_status_t status = ZCHAT_EMPTY;
    json_t *data, *one;
    const char *text;

    if (event_size < offsetof (zchat_event_t, data) + sizeof event->data ||
        event->type != ZCHAT_TYPE_MARKS || !event->data)
        return ZCHAT_EMPTY;
    data = answer_parse (frame_str (event->data));
    json_object_foreach (json_object_get (data, "reactions"), text, one)
    {
        if (strlen (text) > ZCHAT_REACTION_MAX || !json_is_object (one))
            continue;
        if (index-- == 0) {
            reaction_read (text, one, &ours);
            sized_write (reaction, reaction_size, &ours, sizeof ours);
            status = ZCHAT_OK;
            break;
        }
    }
    json_decref (data);
    return status;
}
