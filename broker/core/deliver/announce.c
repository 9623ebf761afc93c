/*  announce.c - presence on the feed                                          */
#include "../admit/admit.h"
#include "../verbs/arguments.h"
#include "deliver.h"

enum {
    QUOTES = 3,                               /* "", around a name                      */
    LIST_BYTES_MAX = ZCHAT_DATA_MAX / 2 - 64, /* two lists and a number fit data   */
};

static void announce (core_t *core, hall_t *hall, zchat_type_t type, const session_t *session,
                      json_t *data)
{
    char *text = json_text (data);
    const peer_t *peer = session ? session->peer : NULL;
    event_t event = {.time_ms = core->now.wall_ms,
                     .type = type,
                     .user = session ? frame_of (session->name, session->name_size)
                                     : frame_of (NULL, 0),
                     .data = frame_str (text)};
    queue_add (core, item_announce (peer ? peer->id : 0, peer ? peer->serial : 0, hall, &event));
    free (text);
}

/*  --- merging: n members times n joins is what a large room cannot afford ------  */

/*  Take the name out of the list. True where it was in it.                    */
static bool list_remove (json_t *list, const char *name, size_t size)
{
    for (size_t i = 0; i < json_array_size (list); i++) {
        const json_t *entry = json_array_get (list, i);
        if (json_string_length (entry) == size &&
            memcmp (json_string_value (entry), name, size) == 0) {
            json_array_remove (list, i);
            return true;
        }
    }
    return false;
}

void announce_list_add (json_t *list, const char *name, size_t size)
{
    size_t used = size;
    for (size_t i = 0; i < json_array_size (list); i++)
        used += json_string_length (json_array_get (list, i)) + QUOTES;
    if (json_array_size (list) < ZCHAT_PRESENCE_MERGE_NAMES && used < LIST_BYTES_MAX)
        json_array_append_new (list, json_stringn (name, size));
}

/*  True where the announcement was put with others of its room.               */
static bool merge (core_t *core, const session_t *session, hall_t *hall, bool join)
{
    merge_t *found = hall->merge;
    if (!found) {
        if (hall->n_members < ZCHAT_PRESENCE_MERGE_MEMBERS)
            return false;
        found = memory_zero (sizeof *found);
        found->hall = hall;
        found->due_ms = core->now.mono_ms + ZCHAT_PRESENCE_MERGE_MS;
        found->join = json_array ();
        found->leave = json_array ();
        hall->merge = found;
        DL_APPEND (core->merges, found);
    }
    /*  Who came and went within the second was not here for anybody.          */
    if (!list_remove (join ? found->leave : found->join, session->name, session->name_size))
        announce_list_add (join ? found->join : found->leave, session->name, session->name_size);
    return true;
}

void announce_forget (core_t *core, hall_t *hall)
{
    merge_t *due = hall->merge;
    if (!due)
        return;
    DL_DELETE (core->merges, due);
    hall->merge = NULL;
    json_decref (due->join);
    json_decref (due->leave);
    free (due);
}

static void merge_announce (core_t *core, merge_t *due)
{
    hall_t *hall = due->hall;
    if (json_array_size (due->join) || json_array_size (due->leave))
        announce (core, hall, ZCHAT_TYPE_PRESENCE, NULL,
                  json_pack ("{s:O, s:O, s:I}", "join", due->join, "leave", due->leave, "members",
                             (json_int_t)hall->n_members));
    announce_forget (core, hall);
    presence_hall_release (core->presence, hall);
}

void announce_due (core_t *core, bool all)
{
    while (core->merges && (all || core->merges->due_ms <= core->now.mono_ms))
        merge_announce (core, core->merges);
}

void announce_destroy (core_t *core)
{
    while (core->merges)
        announce_forget (core, core->merges->hall);
}

/*  ---------------------------------------------------------------------------  */

void announce_join (core_t *core, const session_t *session, hall_t *hall)
{
    if (!merge (core, session, hall, true))
        announce (core, hall, ZCHAT_TYPE_JOIN, session,
                  json_pack ("{s:I}", "members", (json_int_t)hall->n_members));
}

void announce_leave (core_t *core, const session_t *session, hall_t *hall, const char *reason)
{
    if (!merge (core, session, hall, false))
        announce (
            core, hall, ZCHAT_TYPE_LEAVE, session,
            json_pack ("{s:I, s:s}", "members", (json_int_t)hall->n_members, "reason", reason));
}

void announce_unsay_join (const hall_t *hall, const user_t *user)
{
    if (hall->merge)
        (void)list_remove (hall->merge->join, user->name, user->name_size);
}
