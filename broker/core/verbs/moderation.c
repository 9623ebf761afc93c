/*  moderation.c - MODE, REMOVE: what operators and admins do                  */
#include "arguments.h"
#include "looks.h"
#include "verbs.h"

/*  --- MODE: reading ---------------------------------------------------------  */

/*  The name of WHO; NULL: the owner is no more.                               */
static const char *who_name (const view_t *view, const char *who)
{
    const owner_t *owner =
        *who == '#' ? ledger_owner_by_id (view->ledger, strtoull (who + 1, NULL, 10)) : NULL;
    return owner ? owner->name : NULL;
}

static void list_add (json_t *list, json_t *entry)
{
    if (json_array_size (list) < ZCHAT_LIST_MAX)
        json_array_append_new (list, entry);
    else
        json_decref (entry);
}

/*  A ban or mute that is still in force.                                      */
static void sanction_add (const call_t *call, json_t *list, const char *value)
{
    json_t *json = json_loads (value, 0, NULL);
    const json_t *until = json_object_get (json, "until");
    if (json && (!until || (uint64_t)json_integer_value (until) > call->now.wall_ms))
        list_add (list, json);
    else
        json_decref (json);
}

/*  The name of whom somebody allows.                                          */
static void name_add (json_t *list, const char *value)
{
    json_t *json = json_loads (value, 0, NULL);
    list_add (list, json_incref (json_object_get (json, "user")));
    json_decref (json);
}

static bool mode_read (const call_t *call, const view_t *view, verdict_t *verdict,
                       const room_t *room)
{
    json_t *operators = json_array (), *members = json_array ();
    json_t *bans = json_array (), *mutes = json_array (), *allowed = json_array ();
    /*  What is over, or of names that are gone, is looked at too.             */
    verdict->rows = HASH_COUNT (room->facts);
    for (const fact_t *fact = room->facts; fact; fact = fact->hh.next) {
        const char *who = strchr (fact->key, '/'), *name = who ? who_name (view, who + 1) : NULL;
        if (strncmp (fact->key, "role/", 5) == 0 && name) {
            if (*fact->value == 'o')
                list_add (operators, json_string (name));
            if (room->is_private)
                list_add (members, json_string (name));
        } else if (strncmp (fact->key, "ban/", 4) == 0)
            sanction_add (call, bans, fact->value);
        else if (strncmp (fact->key, "mute/", 5) == 0)
            sanction_add (call, mutes, fact->value);
        else if (fact->by && strncmp (fact->key, "met/", 4) == 0)
            name_add (allowed, fact->value);
    }
    json_t *json = json_pack (
        "{s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:o}", "room", room->mailbox ? "@" : room->name,
        "private", room->is_private || room->mailbox, "locked", room->locked, "closed",
        room->closed, "operators", operators, "members", members, "bans", bans, "mutes", mutes);
    if (room->mailbox)
        json_object_set (json, "allowed", allowed);
    json_decref (allowed);
    return verdict_ok (verdict, json);
}

/*  --- MODE: setting ---------------------------------------------------------  */

enum { EXPIRED_TURN = 2 }; /* bans that are over, dropped for one that is set  */
typedef enum { SET_ROLE, SET_SANCTION, SET_FLAG, SET_CONTACT } set_kind_t;
enum { ROOM = 1, MAILBOX = 2 };

typedef struct {
    const char *word; /* of "set"                                              */
    set_kind_t kind;
    int where;        /* ROOM, MAILBOX                                         */
    const char *fact; /* which it changes                                      */
    bool on;          /* it puts it there                                      */
    bool admin;       /* it is for admins alone                                */
    out_t out;        /* of a room                                             */
} set_t;

static const set_t sets[] = {
    {"op", SET_ROLE, ROOM, "role", true, false, OUT_NOBODY},
    {"deop", SET_ROLE, ROOM, "role", false, false, OUT_NOBODY},
    {"ban", SET_SANCTION, ROOM | MAILBOX, "ban", true, false, OUT_ONE},
    {"unban", SET_SANCTION, ROOM | MAILBOX, "ban", false, false, OUT_NOBODY},
    {"mute", SET_SANCTION, ROOM, "mute", true, false, OUT_NOBODY},
    {"unmute", SET_SANCTION, ROOM, "mute", false, false, OUT_NOBODY},
    {"lock", SET_FLAG, ROOM | MAILBOX, "locked", true, false, OUT_NOBODY},
    {"unlock", SET_FLAG, ROOM | MAILBOX, "locked", false, false, OUT_NOBODY},
    {"close", SET_FLAG, ROOM, "closed", true, true, OUT_ALL},
    {"open", SET_FLAG, ROOM, "closed", false, true, OUT_NOBODY},
    {"allow", SET_CONTACT, MAILBOX, "met", true, false, OUT_NOBODY},
    {"unallow", SET_CONTACT, MAILBOX, "met", false, false, OUT_NOBODY},
};

/*  One request to set something.                                              */
typedef struct {
    const room_t *room;
    const set_t *set;
    frame_t reason;
    uint64_t until_ms;                /* Unix time; 0: for good                */
    target_t target;                  /* not of a flag                         */
    char key[ZCHAT_FACT_KEY_MAX + 1]; /* of the fact                           */
    char *value;                      /* of it; freed with free; NULL: no more */
} change_t;

static const set_t *set_find (const json_t *json, int where)
{
    const char *word = json_string_value (json_object_get (json, "set"));
    for (size_t i = 0; word && i < sizeof sets / sizeof *sets; i++)
        if ((sets[i].where & where) && strcmp (sets[i].word, word) == 0)
            return &sets[i];
    return NULL;
}

/*  The reason stands in the event: what is remembered for good is kept small. */
static char *sanction_value (const call_t *call, const change_t *change)
{
    frame_t name = change->target.name;
    json_t *json = json_pack ("{s:s%, s:s%}", "user", name.data, name.size, "by", call->user.data,
                              call->user.size);
    if (change->until_ms)
        json_object_set_new (json, "until", json_integer ((json_int_t)change->until_ms));
    return json_text (json);
}

static char *flags_value (const change_t *change)
{
    const room_t *room = change->room;
    json_t *json = json_object ();
    bool lock = !strcmp (change->set->fact, "locked");
    if (room->is_private)
        json_object_set_new (json, "private", json_true ());
    if (lock ? change->set->on : room->locked)
        json_object_set_new (json, "locked", json_true ());
    if (lock ? room->closed : change->set->on)
        json_object_set_new (json, "closed", json_true ());
    bool empty = json_object_size (json) == 0;
    char *text = json_text (json);
    if (!empty)
        return text;
    free (text);
    return NULL;
}

/*  What is over in this room makes place, so that none of it is remembered for good. Returns how
    many facts go.                                                             */
static size_t expired_drop (const call_t *call, verdict_t *verdict, const change_t *change)
{
    const fact_t *fact = NULL;
    size_t count = 0;
    while (count < EXPIRED_TURN &&
           (fact = ledger_fact_expired (change->room, call->now.wall_ms, fact)))
        if (strcmp (fact->key, change->key) != 0) {
            verdict_fact (verdict, change->room->id, frame_str (change->room->name), fact->key,
                          NULL);
            count++;
        }
    return count;
}

/*  What was set of a name that somebody else has now, or nobody, is lifted by that name too. */
static void key_by_name (const view_t *view, change_t *change)
{
    const room_t *room = change->room;
    size_t size = strlen (change->set->fact);
    json_t *name = json_stringn (change->target.name.data, change->target.name.size);
    char *text = json_dumps (name, JSON_COMPACT | JSON_ENCODE_ANY);
    char wanted[2 * ZCHAT_FACT_KEY_MAX];
    snprintf (wanted, sizeof wanted, "\"user\":%s", text ? text : "");
    const fact_t *fact = ledger_fact (view->ledger, room, change->key) ? NULL : room->facts;
    while (fact && (strncmp (fact->key, change->set->fact, size) != 0 || fact->key[size] != '/' ||
                    !strstr (fact->value, wanted)))
        fact = fact->hh.next;
    if (fact)
        snprintf (change->key, sizeof change->key, "%s", fact->key);
    free (text);
    json_decref (name);
}

/*  Work out which fact says what from then on.                                */
static bool change_fact (const call_t *call, const view_t *view, verdict_t *verdict,
                         change_t *change)
{
    const set_t *set = change->set;
    if (set->kind == SET_FLAG) {
        snprintf (change->key, sizeof change->key, "mode");
        change->value = flags_value (change);
        return true;
    }
    snprintf (change->key, sizeof change->key, "%s/%s", set->fact, change->target.who);
    role_t role = room_role (view, change->room, change->target.who);
    if (set->kind == SET_ROLE && !change->target.owner)
        return verdict_refuse (verdict, ZCHAT_NOBODY, "an operator's name must be proven", NULL);
    if (set->kind == SET_ROLE && change->room->is_private && role == ROLE_NONE)
        return verdict_refuse (verdict, ZCHAT_MEMBER, "INVITE the user first", NULL);
    if (set->kind == SET_SANCTION && set->on && role == ROLE_OPERATOR)
        return verdict_refuse (verdict, ZCHAT_OPERATOR, "this is an operator; deop first", NULL);
    if (set->kind == SET_ROLE) {
        const char *word = set->on ? "operator" : change->room->is_private ? "member" : NULL;
        change->value = word ? memory_string (word, strlen (word)) : NULL;
    } else if (set->on)
        change->value = sanction_value (call, change);
    else
        key_by_name (view, change);
    return true;
}

/*  The first record is the event; the rest follows in the same commit.        */
static bool change_store (const call_t *call, const view_t *view, verdict_t *verdict,
                          const change_t *change)
{
    char by[ZCHAT_NAME_MAX + 1], role[ZCHAT_FACT_KEY_MAX + 1];
    const set_t *set = change->set;
    bool about = set->kind != SET_FLAG;
    frame_t data = mode_data (verdict, set->word, about ? change->target.name : frame_of (NULL, 0),
                              change->until_ms);
    bool made = !change->room->id;
    store_record_t *record = verdict_event (verdict, view, call, made ? NULL : change->room,
                                            frame_str (change->room->name), ZCHAT_TYPE_MODE);
    record->event.data = data;
    record->event.body = text_keep (verdict, change->reason);
    if (made)
        room_charge_event (call, verdict, &(found_t){.room = NULL}, verdict->main, true);
    verdict_fact_of (verdict, verdict->main, change->key, change->value);
    verdict->out = change->room->mailbox ? OUT_NOBODY : set->out;
    verdict->subject =
        about ? text_keep (verdict, frame_str (change->target.who)) : frame_of (NULL, 0);
    verdict->numbered = true;
    /*  Whom somebody does not want to hear is nobody else's business.         */
    if (!change->room->mailbox)
        verdict_note (verdict, CORE_NOTE_MODE, call->user,
                      text_keep (verdict, frame_str (change->room->name)), data.data);
    bool judges = set->kind == SET_SANCTION || set->kind == SET_CONTACT;
    size_t gone = judges ? expired_drop (call, verdict, change) : 0;
    if (change->value && !gone && !fact_fits (verdict, change->room, change->key))
        return false;
    if (!judges)
        return true;
    const char *is = ledger_fact (view->ledger, change->room, change->key);
    snprintf (by, sizeof by, "%.*s", (int)call->user.size, (const char *)call->user.data);
    if (set->on && !gone && (!is || strcmp (is, LEDGER_TOLD) == 0) &&
        ledger_sanctions_full (view->ledger, by, change->room, call->holder))
        return verdict_limit (
            verdict, "the room, or the broker for who asks, remembers too much; unban or unmute",
            ZCHAT_ROOM_FACTS_MAX, "facts");
    /*  A ban from a private room ends a membership.                           */
    snprintf (role, sizeof role, "role/%s", change->target.who);
    if (set->out == OUT_ONE && change->room->is_private &&
        ledger_fact (view->ledger, change->room, role))
        verdict_fact (verdict, change->room->id, frame_str (change->room->name), role, NULL);
    return true;
}

/*  Read the rest of the argument.                                             */
static bool change_read (const call_t *call, const view_t *view, verdict_t *verdict,
                         const json_t *json, int where, change_t *change)
{
    const json_t *length = json_object_get (json, "for_ms");
    const json_t *user = json_object_get (json, "user"), *reason = json_object_get (json, "reason");
    uint64_t for_ms = 0;
    change->set = set_find (json, where);
    if (!change->set)
        return verdict_refuse (
            verdict, ZCHAT_MALFORMED,
            where == ROOM ? "set is op, deop, ban, unban, mute, unmute, lock, unlock, close or open"
                          : "set is ban, unban, allow, unallow, lock or unlock",
            NULL);
    bool about = change->set->kind != SET_FLAG;
    if (about && !json_is_string (user))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "user is not a name", NULL);
    if (reason && !json_is_string (reason))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "reason is not a string", NULL);
    if (!argument_number (json, "for_ms", &for_ms) || (length && !for_ms) || for_ms > INT64_MAX / 2)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "for_ms is a number of ms, from 1", NULL);
    change->reason = argument_string (json, "reason");
    if (for_ms && change->set->kind == SET_SANCTION && change->set->on)
        change->until_ms = call->now.wall_ms + for_ms;
    return reason_check (verdict, change->reason) &&
           (!about || target_find (view, verdict, argument_string (json, "user"), &change->target));
}

/*  Of one's own mailbox: whom one takes direct messages of.                   */
static bool mailbox_set (const call_t *call, const view_t *view, verdict_t *verdict)
{
    change_t change = {.value = NULL};
    found_t found;
    room_t empty = {.mailbox = true};
    const room_t *const none[2] = {NULL, NULL};
    json_t *json = argument_json (verdict, call->request.args[1]);
    bool stores = json && change_read (call, view, verdict, json, MAILBOX, &change);
    if (stores && !call->owner)
        stores = verdict_refuse (verdict, ZCHAT_PROOF,
                                 "your name is not proven: the broker refuses nobody for it", NULL);
    if (stores && change.set->kind != SET_FLAG && change.set->on && !change.target.owner &&
        !change.target.user)
        stores = verdict_refuse (verdict, ZCHAT_NOBODY, NULL, NULL);
    if (stores) {
        mailbox_find (view, call->who, &found);
        found.name = text_keep (verdict, found.name);
        stores = room_can_store (call, view, verdict, &found, none) &&
                 room_takes_more (verdict, found.room);
        empty.name = (char *)found.name.data;
        change.room = found.room ? found.room : &empty;
    }
    stores = stores && change_fact (call, view, verdict, &change) &&
             change_store (call, view, verdict, &change);
    free (change.value);
    json_decref (json);
    return stores;
}

static bool mode_set (const call_t *call, const view_t *view, verdict_t *verdict)
{
    change_t change = {.value = NULL};
    if (frame_is (call->request.args[0], "@"))
        return mailbox_set (call, view, verdict);
    if (!room_find_born (call, view, verdict, call->request.args[0], &change.room))
        return false;
    json_t *json = argument_json (verdict, call->request.args[1]);
    bool stores = json && change_read (call, view, verdict, json, ROOM, &change) &&
                  room_operates (call, view, verdict, change.room) &&
                  room_takes_more (verdict, change.room);
    if (stores && change.set->admin && !call->admin)
        stores = verdict_refuse (verdict, ZCHAT_OPERATOR, "only an admin of the broker may do this",
                                 NULL);
    stores = stores && change_fact (call, view, verdict, &change) &&
             change_store (call, view, verdict, &change);
    free (change.value);
    json_decref (json);
    return stores;
}

static bool mode_get (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    if (frame_is (call->request.args[0], "@")) {
        const room_t none = {.mailbox = true};
        mailbox_find (view, call->who, &found);
        return mode_read (call, view, verdict, found.room ? found.room : &none);
    }
    if (!room_find (view, verdict, call->request.args[0], &found))
        return false;
    if (found.room && !call->admin && !room_reads (view, found.room, call->reader))
        return verdict_refuse (verdict, ZCHAT_PRIVATE, NULL, NULL);
    if (!found.room)
        return verdict_refuse (verdict, ZCHAT_NOBODY, ROOM_UNBORN, NULL);
    return mode_read (call, view, verdict, found.room);
}

bool verb_mode (const call_t *call, const view_t *view, verdict_t *verdict)
{
    return call_stores (call) ? mode_set (call, view, verdict) : mode_get (call, view, verdict);
}

/*  --- REMOVE ----------------------------------------------------------------  */

/*  Take away the message of that seq.                                         */
static bool remove_store (const call_t *call, const view_t *view, verdict_t *verdict,
                          const room_t *room, uint64_t seq)
{
    char text[48];
    frame_t reason = call->request.args[2];
    /*  Who may not speak there takes away what they said, and says nothing by it. */
    bool may = reason.size == 0 || room_role (view, room, call->who) == ROLE_OPERATOR;
    if (call->said.own ? !may && !room_speaks (call, view, verdict, room, false)
                       : !room_operates (call, view, verdict, room))
        return false;
    if (!room_takes_more (verdict, room))
        return false;
    snprintf (text, sizeof text, "{\"seq\":%llu}", (unsigned long long)seq);
    frame_t data = text_keep (verdict, frame_str (text));
    store_record_t *record =
        verdict_event (verdict, view, call, room, frame_of (NULL, 0), ZCHAT_TYPE_REMOVE);
    record->event.body = reason;
    record->event.data = data;
    record->removes = seq;
    verdict_note (verdict, CORE_NOTE_MODE, call->user, text_keep (verdict, frame_str (room->name)),
                  "remove");
    verdict->numbered = true;
    return true;
}

bool verb_remove (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    uint64_t seq;
    if (!room_find (view, verdict, call->request.args[0], &found))
        return false;
    if (found.room && !call->admin && !room_reads (view, found.room, call->who))
        return verdict_refuse (verdict, ZCHAT_PRIVATE, NULL, NULL);
    if (!seq_read (call->request.args[1], &seq))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "seq is a number from 1", NULL);
    if (!reason_check (verdict, call->request.args[2]))
        return false;
    if (!message_said (call, verdict, found.room))
        return false;
    /*  An edit is not taken away without the message that it changed.         */
    return remove_store (call, view, verdict, found.room,
                         call->said.type == ZCHAT_TYPE_EDIT ? call->said.changes : seq);
}
