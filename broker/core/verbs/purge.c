/*  purge.c - PURGE: an admin frees names, or removes rooms, in bulk

    A request looks at a bounded number of them, in the order of their numbers, and changes fewer;
   its answer says where to go on. So nobody waits for long, and what was changed is whole.
*/
#include "arguments.h"
#include "verbs.h"

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

/*  Nothing is meant by nothing: what is to go has to be said.                 */
static bool purge_read (verdict_t *verdict, const json_t *json, purge_t *purge)
{
    *purge = (purge_t){.before = UINT64_MAX};
    const char *what;
    bool read = text_read (json, "what", &what) && text_read (json, "match", &purge->match) &&
                text_read (json, "place", &purge->place) &&
                argument_number (json, "before", &purge->before) &&
                argument_number (json, "after", &purge->after) &&
                flag_read (json, "unused", &purge->unused) &&
                flag_read (json, "dry", &purge->dry) && flag_read (json, "now", &purge->now);
    bool some = purge->match || purge->place || purge->unused || purge->before != UINT64_MAX;
    purge->rooms = read && what && strcmp (what, "rooms") == 0;
    if (!read || !what || (!purge->rooms && strcmp (what, "names") != 0))
        return verdict_refuse (
            verdict, ZCHAT_MALFORMED,
            "PURGE takes what (\"names\" or \"rooms\"), match and place (texts), before and after "
            "(numbers), unused, dry and now (true or false)",
            NULL);
    return some ||
           verdict_refuse (verdict, ZCHAT_MALFORMED,
                           "PURGE wants to know which: match, place, before or unused", NULL);
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
static void name_release (const call_t *call, const view_t *view, verdict_t *verdict,
                          const owner_t *owner, bool now)
{
    if (now || owner->unused)
        name_gone (view, verdict, owner);
    else
        name_free (call, verdict, owner);
}

static json_t *name_row (const owner_t *owner)
{
    json_t *row = json_pack ("{s:s, s:I, s:b}", "user", owner->name, "since",
                             (json_int_t)owner->since_ms, "used", !owner->unused);
    if (*owner->place)
        json_object_set_new (row, "place", json_string (owner->place));
    return row;
}

static bool purge_names (const call_t *call, const view_t *view, verdict_t *verdict,
                         const purge_t *purge)
{
    uint64_t end = ledger_owner_next (view->ledger), id = purge->after + 1, looks = 0;
    json_t *rows = json_array ();
    for (; id < end && looks < ZCHAT_PURGE_LOOKS && json_array_size (rows) < ZCHAT_PURGE_MAX;
         id++, looks++) {
        const owner_t *owner = ledger_owner_known (view->ledger, id);
        if (!owner || owner->id == call->owner || !name_fits (purge, owner))
            continue;
        json_array_append_new (rows, name_row (owner));
        if (!purge->dry)
            name_release (call, view, verdict, owner, purge->now);
    }
    verdict->rows = json_array_size (rows);
    /*  Who was here by such a name is here no longer.                         */
    if (!purge->dry && verdict->rows) {
        verdict_move (verdict, MOVE_PROVE);
        verdict_note (verdict, CORE_NOTE_KEYS, call->user, frame_of (NULL, 0), "(purge)");
    }
    return verdict_ok (verdict, json_pack ("{s:o, s:I, s:b}", "names", rows, "after",
                                           (json_int_t)(id - 1), "more", id < end));
}

static bool room_fits (const view_t *view, const purge_t *purge, const room_t *room)
{
    const char *place = room->charge ? strchr (room->charge, ' ') : NULL;
    return !room->mailbox &&
           (!purge->match || pattern_fits (purge->match, room->name) ||
            pattern_fits (purge->match, room->fold.key)) &&
           (!purge->place || (place && place_fits (purge->place, place + 1))) &&
           (!purge->unused || !room_hall (view, room)) && room->time_ms < purge->before;
}

static json_t *room_row (const view_t *view, const room_t *room)
{
    const char *place = room->charge ? strchr (room->charge, ' ') : NULL;
    const hall_t *hall = room_hall (view, room);
    told_room_t told = told_room (view->told, view->ledger, room);
    json_t *row = json_pack ("{s:s, s:I, s:I, s:I, s:b}", "room", room->name, "time",
                             (json_int_t)room->time_ms, "head", (json_int_t)told.head, "members",
                             (json_int_t)(hall ? hall->n_members : 0), "private", room->is_private);
    if (place)
        json_object_set_new (row, "place", json_string (place + 1));
    return row;
}

static bool purge_rooms (const call_t *call, const view_t *view, verdict_t *verdict,
                         const purge_t *purge)
{
    uint64_t end = ledger_next_room (view->ledger), id = purge->after + 1, looks = 0;
    json_t *rows = json_array ();
    for (; id < end && looks < ZCHAT_PURGE_LOOKS && json_array_size (rows) < ZCHAT_PURGE_MAX;
         id++, looks++) {
        const room_t *room = ledger_room_by_id (view->ledger, id);
        if (!room || !room_fits (view, purge, room))
            continue;
        json_array_append_new (rows, room_row (view, room));
        if (!purge->dry)
            verdict_room_end (verdict, view, room);
    }
    verdict->rows = json_array_size (rows);
    if (!purge->dry && verdict->rows)
        verdict_note (verdict, CORE_NOTE_MODE, call->user, frame_of (NULL, 0), "purge");
    return verdict_ok (verdict, json_pack ("{s:o, s:I, s:b}", "rooms", rows, "after",
                                           (json_int_t)(id - 1), "more", id < end));
}

bool verb_purge (const call_t *call, const view_t *view, verdict_t *verdict)
{
    purge_t purge;
    json_t *json = argument_json (verdict, call->request.args[0]);
    if (!json)
        return false;
    bool done =
        call->admin || verdict_refuse (verdict, ZCHAT_OPERATOR, "only an admin may do this", NULL);
    done = done && purge_read (verdict, json, &purge) &&
           (purge.rooms ? purge_rooms (call, view, verdict, &purge)
                        : purge_names (call, view, verdict, &purge));
    json_decref (json);
    return done;
}
