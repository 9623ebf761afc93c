/*  purge.c - PURGE: an admin frees names, or removes rooms, in bulk

    A request looks at a bounded number of them, in the order of their numbers, and changes fewer;
   its answer says where to go on. So nobody waits for long, and what was changed is whole.
*/
#include "core_private.h"

typedef struct {
    bool rooms;        /* not names                                            */
    const char *match; /* a pattern of * and ?, or NULL                        */
    const char *place; /* a place or the first part of one, or NULL            */
    uint64_t before;   /* Unix ms: claimed, or last used, before; UINT64_MAX: whenever */
    uint64_t after;    /* numbers above it                                     */
    bool unused, dry, now;
} purge_t;

/*  True where the text is the pattern, whose * stand for anything and ? for one byte.  */
static bool pattern_fits (const char *pattern, const char *text)
{
    const char *star = NULL, *again = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            again = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++again;
        } else
            return false;
    }
    return !pattern[strspn (pattern, "*")];
}

/*  True where it is the place, or in it.                                      */
static bool place_fits (const char *wanted, const char *place)
{
    size_t size = strlen (wanted);
    return strncmp (wanted, place, size) == 0 && (!place[size] || place[size] == '/');
}

static bool text_read (const json_t *json, const char *key, const char **text)
{
    const json_t *value = json_object_get (json, key);
    *text = json_string_value (value);
    return !value || (*text && **text);
}

static bool flag_read (const json_t *json, const char *key, bool *flag)
{
    const json_t *value = json_object_get (json, key);
    *flag = json_is_true (value);
    return !value || json_is_boolean (value);
}

/*  False: ERR is held. Nothing is meant by nothing: what is to go has to be said.  */
static bool purge_read (call_t *call, const json_t *json, purge_t *purge)
{
    *purge = (purge_t){.before = UINT64_MAX};
    const char *what;
    bool read =
        text_read (json, "what", &what) && text_read (json, "match", &purge->match) &&
        text_read (json, "place", &purge->place) && json_number (json, "before", &purge->before) &&
        json_number (json, "after", &purge->after) && flag_read (json, "unused", &purge->unused) &&
        flag_read (json, "dry", &purge->dry) && flag_read (json, "now", &purge->now);
    bool some = purge->match || purge->place || purge->unused || purge->before != UINT64_MAX;
    purge->rooms = read && what && strcmp (what, "rooms") == 0;
    if (!read || !what || (!purge->rooms && strcmp (what, "names") != 0))
        call_err_held (
            call, ZCHAT_MALFORMED,
            "PURGE takes what (\"names\" or \"rooms\"), match and place (texts), before and after "
            "(numbers), unused, dry and now (true or false)",
            NULL, false);
    else if (!some)
        call_err_held (call, ZCHAT_MALFORMED,
                       "PURGE wants to know which: match, place, before or unused", NULL, false);
    else
        return true;
    return false;
}

static bool name_fits (const purge_t *purge, const owner_t *owner)
{
    if (purge->match && !pattern_fits (purge->match, owner->name) &&
        !pattern_fits (purge->match, owner_fold (owner)))
        return false;
    return (!purge->place || place_fits (purge->place, owner->place)) &&
           (!purge->unused || owner->unused) && owner->since_ms < purge->before &&
           (!owner->freed_ms || purge->now);
}

/*  As KEY frees it; what was never used, or with now, is free at once.        */
static void name_release (call_t *call, const owner_t *owner, bool now)
{
    char *name = memory_string (owner->name, strlen (owner->name));
    if (now || owner->unused)
        (void)name_gone (call, owner, false);
    else
        name_free (call, owner);
    core_note (call->core, CORE_NOTE_KEYS, call->from, call->request->user, frame_of (NULL, 0),
               name);
    free (name);
}

static json_t *name_row (const owner_t *owner)
{
    json_t *row = json_pack ("{s:s, s:I, s:b}", "user", owner->name, "since",
                             (json_int_t)owner->since_ms, "used", !owner->unused);
    if (*owner->place)
        json_object_set_new (row, "place", json_string (owner->place));
    return row;
}

static void purge_names (call_t *call, const purge_t *purge)
{
    ledger_t *ledger = call->core->ledger;
    uint64_t end = ledger_owner_next (ledger), id = purge->after + 1, looks = 0;
    json_t *rows = json_array ();
    for (; id < end && looks < ZCHAT_PURGE_LOOKS && json_array_size (rows) < ZCHAT_PURGE_MAX;
         id++, looks++) {
        const owner_t *owner = ledger_owner_known (ledger, id);
        if (!owner || owner == call->owner || !name_fits (purge, owner))
            continue;
        json_array_append_new (rows, name_row (owner));
        if (!purge->dry)
            name_release (call, owner, purge->now);
    }
    call_rows (call, json_array_size (rows));
    call_ok_held (call, json_pack ("{s:o, s:I, s:b}", "names", rows, "after", (json_int_t)(id - 1),
                                   "more", id < end));
    /*  Who was here by such a name is here no longer.                         */
    if (!purge->dry)
        claims_undone (call->core);
    call->session = call->peer->session;
}

static bool room_fits (const purge_t *purge, const room_t *room)
{
    const char *place = room->charge ? strchr (room->charge, ' ') : NULL;
    return !room->mailbox && !room->dying &&
           (!purge->match || pattern_fits (purge->match, room->name) ||
            pattern_fits (purge->match, room->fold.key)) &&
           (!purge->place || (place && place_fits (purge->place, place + 1))) &&
           (!purge->unused || !room->members) && room->time_ms < purge->before;
}

static json_t *room_row (const room_t *room)
{
    const char *place = room->charge ? strchr (room->charge, ' ') : NULL;
    json_t *row = json_pack ("{s:s, s:I, s:I, s:I, s:b}", "room", room->name, "time",
                             (json_int_t)room->time_ms, "head", (json_int_t)room->head, "members",
                             (json_int_t)room->n_members, "private", room->is_private);
    if (place)
        json_object_set_new (row, "place", json_string (place + 1));
    return row;
}

static void purge_rooms (call_t *call, const purge_t *purge)
{
    ledger_t *ledger = call->core->ledger;
    uint64_t last = ledger_last_room (ledger), id = purge->after + 1, looks = 0;
    json_t *rows = json_array ();
    for (; id <= last && looks < ZCHAT_PURGE_LOOKS && json_array_size (rows) < ZCHAT_PURGE_MAX;
         id++, looks++) {
        room_t *room = ledger_room_by_id (ledger, id);
        if (!room || !room_fits (purge, room))
            continue;
        json_array_append_new (rows, room_row (room));
        if (purge->dry)
            continue;
        core_note (call->core, CORE_NOTE_MODE, call->from, call->request->user,
                   frame_of (room->name, room->name_size), "purge");
        core_room_end (call->core, call->peer, room, false);
    }
    call_rows (call, json_array_size (rows));
    call_ok_held (call, json_pack ("{s:o, s:I, s:b}", "rooms", rows, "after", (json_int_t)(id - 1),
                                   "more", id <= last));
}

void verb_purge (call_t *call)
{
    purge_t purge;
    if (call_slow (call, 0))
        return;
    json_t *json = call_json (call, call->request->args[0], true);
    if (!json)
        return;
    if (!call->peer->admin)
        call_err_held (call, ZCHAT_OPERATOR, "only an admin may do this", NULL, false);
    else if (purge_read (call, json, &purge))
        (purge.rooms ? purge_rooms : purge_names) (call, &purge);
    json_decref (json);
}
