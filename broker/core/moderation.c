/*  moderation.c - MODE, REMOVE: what operators and admins do                  */
#include "core_private.h"

/*  --- MODE: reading ---------------------------------------------------------  */

/*  The name of WHO; NULL: the owner is no more.                               */
static const char *who_name (const core_t *core, const char *who)
{
    const owner_t *owner =
        *who == '#' ? ledger_owner_by_id (core->ledger, strtoull (who + 1, NULL, 10)) : NULL;
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

static void mode_read (call_t *call, const room_t *room)
{
    json_t *operators = json_array (), *members = json_array ();
    json_t *bans = json_array (), *mutes = json_array (), *allowed = json_array ();
    for (const fact_t *fact = room->facts; fact; fact = fact->hh.next) {
        const char *who = strchr (fact->key, '/'),
                   *name = who ? who_name (call->core, who + 1) : NULL;
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
    /*  What is over, or of names that are gone, is looked at too.             */
    call_rows (call, HASH_COUNT (room->facts));
    json_t *json = json_pack (
        "{s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:o}", "room", room->mailbox ? "@" : room->name,
        "private", room->is_private || room->mailbox, "locked", room->locked, "closed",
        room->closed, "operators", operators, "members", members, "bans", bans, "mutes", mutes);
    if (room->mailbox)
        json_object_set (json, "allowed", allowed);
    json_decref (allowed);
    call_ok (call, json);
}

/*  --- MODE: setting ---------------------------------------------------------  */

enum { EXPIRED_TURN = 2 }; /* bans that are over, dropped for one that is set */
typedef enum { SET_ROLE, SET_SANCTION, SET_FLAG, SET_CONTACT } set_kind_t;
enum { ROOM = 1, MAILBOX = 2 };

typedef struct {
    const char *word; /* of "set"                                             */
    set_kind_t kind;  /*                                                      */
    int where;        /* ROOM, MAILBOX                                        */
    const char *fact; /* which it changes                                     */
    bool on;          /* puts it there                                        */
    bool admin;       /* is for admins alone                                  */
    land_t land;      /* of a room                                            */
} set_t;

static const set_t sets[] = {
    {"op", SET_ROLE, ROOM, "role", true, false, LAND_NOTHING},
    {"deop", SET_ROLE, ROOM, "role", false, false, LAND_NOTHING},
    {"ban", SET_SANCTION, ROOM | MAILBOX, "ban", true, false, LAND_OUT},
    {"unban", SET_SANCTION, ROOM | MAILBOX, "ban", false, false, LAND_NOTHING},
    {"mute", SET_SANCTION, ROOM, "mute", true, false, LAND_NOTHING},
    {"unmute", SET_SANCTION, ROOM, "mute", false, false, LAND_NOTHING},
    {"lock", SET_FLAG, ROOM | MAILBOX, "locked", true, false, LAND_NOTHING},
    {"unlock", SET_FLAG, ROOM | MAILBOX, "locked", false, false, LAND_NOTHING},
    {"close", SET_FLAG, ROOM, "closed", true, true, LAND_CLOSE},
    {"open", SET_FLAG, ROOM, "closed", false, true, LAND_NOTHING},
    {"allow", SET_CONTACT, MAILBOX, "met", true, false, LAND_NOTHING},
    {"unallow", SET_CONTACT, MAILBOX, "met", false, false, LAND_NOTHING},
};

/*  One request to set something.                                              */
typedef struct {
    call_t *call;
    room_t *room;
    const set_t *set;
    frame_t reason;
    uint64_t until_ms;                /* 0: for good                           */
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

static char *sanction_value (const change_t *mode)
{
    const call_t *call = mode->call;
    /*  The reason stands in the event: what is remembered for good is kept small. */
    json_t *json = json_pack ("{s:s%, s:s}", "user", mode->target.name.data, mode->target.name.size,
                              "by", call->session->name);
    if (mode->until_ms)
        json_object_set_new (json, "until", json_integer ((json_int_t)mode->until_ms));
    char *text = memory_check (json_dumps (json, JSON_COMPACT));
    json_decref (json);
    return text;
}

static char *flags_value (const change_t *mode)
{
    const room_t *room = mode->room;
    json_t *json = json_object ();
    bool lock = !strcmp (mode->set->fact, "locked");
    if (room->is_private)
        json_object_set_new (json, "private", json_true ());
    if (lock ? mode->set->on : room->locked)
        json_object_set_new (json, "locked", json_true ());
    if (lock ? room->closed : mode->set->on)
        json_object_set_new (json, "closed", json_true ());
    char *text = json_object_size (json) ? memory_check (json_dumps (json, JSON_COMPACT)) : NULL;
    json_decref (json);
    return text;
}

/*  What is over in this room makes place, so that none of it is remembered for good. */
static void expired_drop (const change_t *mode)
{
    const call_t *call = mode->call;
    const char *found;
    char key[ZCHAT_FACT_KEY_MAX + 1];
    for (int i = 0; i < EXPIRED_TURN; i++) {
        found = ledger_fact_expired (mode->room, call->now.wall_ms);
        if (!found || strcmp (found, mode->key) == 0)
            return;
        snprintf (key, sizeof key, "%s", found);
        zchat_status_t status =
            core_fact (call->core, call->peer, mode->room, key, frame_of (NULL, 0), false);
        (void)status; /* nothing can be wrong with a fact that is no more */
    }
}

/*  What was set of a name that somebody else has now, or nobody, is lifted by that name too. */
static void key_by_name (change_t *mode)
{
    const room_t *room = mode->room;
    size_t size = strlen (mode->set->fact);
    json_t *name = json_stringn (mode->target.name.data, mode->target.name.size);
    char *text = json_dumps (name, JSON_COMPACT | JSON_ENCODE_ANY);
    char wanted[2 * ZCHAT_FACT_KEY_MAX];
    snprintf (wanted, sizeof wanted, "\"user\":%s", text ? text : "");
    const fact_t *fact =
        ledger_fact (mode->call->core->ledger, room, mode->key) ? NULL : room->facts;
    while (fact && (strncmp (fact->key, mode->set->fact, size) != 0 || fact->key[size] != '/' ||
                    !strstr (fact->value, wanted)))
        fact = fact->hh.next;
    if (fact)
        snprintf (mode->key, sizeof mode->key, "%s", fact->key);
    free (text);
    json_decref (name);
}

/*  Work out which fact says what from then on. False: ERR is held.            */
static bool mode_fact (change_t *mode)
{
    const core_t *core = mode->call->core;
    const set_t *set = mode->set;
    if (set->kind == SET_FLAG) {
        snprintf (mode->key, sizeof mode->key, "mode");
        mode->value = flags_value (mode);
        return true;
    }
    snprintf (mode->key, sizeof mode->key, "%s/%s", set->fact, mode->target.who);
    role_t role = room_role (core, mode->room, mode->target.who);
    if (set->kind == SET_ROLE && !mode->target.owner)
        call_err_held (mode->call, ZCHAT_NOBODY, "an operator's name must be proven", NULL, true);
    else if (set->kind == SET_ROLE && mode->room->is_private && role == ROLE_NONE)
        call_err_held (mode->call, ZCHAT_MEMBER, "INVITE the user first", NULL, true);
    else if (set->kind == SET_SANCTION && set->on && role == ROLE_OPERATOR)
        call_err_held (mode->call, ZCHAT_OPERATOR, "this is an operator; deop first", NULL, true);
    else if (set->kind == SET_ROLE) {
        const char *word = set->on ? "operator" : mode->room->is_private ? "member" : NULL;
        mode->value = word ? memory_string (word, strlen (word)) : NULL;
        return true;
    } else {
        mode->value = set->on ? sanction_value (mode) : NULL;
        if (!set->on)
            key_by_name (mode);
        expired_drop (mode);
        return true;
    }
    return false;
}

/*  True where a membership ends: a ban from a private room ends it in the same commit. */
static bool mode_ends (const change_t *mode)
{
    return mode->set->land == LAND_OUT && mode->room->is_private &&
           room_role (mode->call->core, mode->room, mode->target.who) != ROLE_NONE;
}

static void mode_out (const change_t *mode)
{
    core_t *core = mode->call->core;
    char role[ZCHAT_FACT_KEY_MAX + 1];
    snprintf (role, sizeof role, "role/%s", mode->target.who);
    zchat_status_t status =
        core_fact (core, mode->call->peer, mode->room, role, frame_of (NULL, 0), false);
    (void)status; /* nothing can be wrong with a fact that is no more */
}

static void mode_store (change_t *mode)
{
    call_t *call = mode->call;
    bool about = mode->set->kind != SET_FLAG, ends = mode_ends (mode);
    char *data =
        mode_data (mode->set->word, about ? mode->target.name : frame_of (NULL, 0), mode->until_ms);
    held_t effect = {
        .entry.room = mode->room,
        .event = {.type = ZCHAT_TYPE_MODE, .body = mode->reason, .data = frame_str (data)},
        .fact_key = frame_str (mode->key),
        .fact_value = mode->value ? frame_str (mode->value) : frame_of (NULL, 0),
        .land = mode->room->mailbox ? LAND_NOTHING : mode->set->land,
        .linked = ends,
        .subject = about ? frame_str (mode->target.who) : frame_of (NULL, 0)};
    if (call_store (call, &effect)) {
        if (ends)
            mode_out (mode);
        /*  Whom somebody does not want to hear is nobody else's business.     */
        if (!mode->room->mailbox)
            core_note (call->core, CORE_NOTE_MODE, call->from, call->request->user,
                       frame_of (mode->room->name, mode->room->name_size), data);
    }
    free (data);
}

/*  Read the rest of the argument. False: ERR is held.                         */
static bool mode_arguments (change_t *mode, const json_t *json, int where)
{
    call_t *call = mode->call;
    const json_t *length = json_object_get (json, "for_ms");
    const json_t *user = json_object_get (json, "user"), *reason = json_object_get (json, "reason");
    uint64_t for_ms = 0;
    if (!(mode->set = set_find (json, where)))
        call_err_held (
            call, ZCHAT_MALFORMED,
            where == ROOM ? "set is op, deop, ban, unban, mute, unmute, lock, unlock, close or open"
                          : "set is ban, unban, allow, unallow, lock or unlock",
            NULL, false);
    else if (mode->set->kind != SET_FLAG && !json_is_string (user))
        call_err_held (call, ZCHAT_MALFORMED, "user is not a name", NULL, false);
    else if (reason && !json_is_string (reason))
        call_err_held (call, ZCHAT_MALFORMED, "reason is not a string", NULL, false);
    else if (!json_number (json, "for_ms", &for_ms) || (length && !for_ms) ||
             for_ms > INT64_MAX / 2)
        call_err_held (call, ZCHAT_MALFORMED, "for_ms is a number of ms, from 1", NULL, false);
    else {
        mode->reason = frame_of (json_string_value (reason), json_string_length (reason));
        if (for_ms && mode->set->kind == SET_SANCTION && mode->set->on)
            mode->until_ms = call->now.wall_ms + for_ms;
        return call_reason (call, mode->reason) &&
               (mode->set->kind == SET_FLAG ||
                call_target (call, frame_of (json_string_value (user), json_string_length (user)),
                             &mode->target));
    }
    return false;
}

/*  Of one's own mailbox: whom one takes direct messages of.                   */
static void mailbox_set (call_t *call)
{
    char who[OWNER_WHO_MAX];
    change_t mode = {.call = call};
    json_t *json = call_json (call, call->request->args[1], true);
    if (!json || !mode_arguments (&mode, json, MAILBOX))
        goto out;
    user_who (call->session->user, who);
    bool about = mode.set->kind != SET_FLAG && mode.set->on;
    if (!call->owner)
        call_err_held (call, ZCHAT_PROOF,
                       "your name is not proven: the broker refuses nobody for it", NULL, true);
    else if (about && !mode.target.owner && !mode.target.user)
        call_err_held (call, ZCHAT_NOBODY, NULL, NULL, true);
    else if ((mode.room = call_mailbox_make (call, who, true))) {
        if (mode_fact (&mode))
            mode_store (&mode);
        ledger_room_release (call->core->ledger, mode.room);
    }
out:
    free (mode.value);
    json_decref (json);
}

static void mode_set (call_t *call)
{
    change_t mode = {.call = call};
    if (call_slow (call, 0))
        return;
    if (frame_is (call->request->args[0], "@")) {
        mailbox_set (call);
        return;
    }
    if (!call_room_born (call, call->request->args[0], &mode.room))
        return;
    json_t *json = call_json (call, call->request->args[1], true);
    if (json && mode_arguments (&mode, json, ROOM) && call_operates (call, mode.room)) {
        if (mode.set->admin && !call->peer->admin)
            call_err_held (call, ZCHAT_OPERATOR, "only an admin of the broker may do this", NULL,
                           true);
        else if (mode_fact (&mode))
            mode_store (&mode);
    }
    free (mode.value);
    json_decref (json);
}

static void mode_get (call_t *call)
{
    name_keys_t keys;
    room_t *room;
    if (frame_is (call->request->args[0], "@")) {
        const room_t none = {.mailbox = true};
        if (call_room (call, call->request->args[0], true, &room))
            mode_read (call, room ? room : &none);
        return;
    }
    if (!call_room_name (call, call->request->args[0], &keys))
        return;
    room = ledger_room (call->core->ledger, &keys);
    if (room && !call->peer->admin && !room_reader (call->core, room, call->peer))
        call_err (call, ZCHAT_PRIVATE, NULL, NULL);
    else if (!room || !room->id)
        call_err (call, ZCHAT_NOBODY, CALL_UNBORN, NULL);
    else
        mode_read (call, room);
}

void verb_mode (call_t *call)
{
    if (call->request->n_args == 2 && call->request->args[1].size)
        mode_set (call);
    else
        mode_get (call);
}

/*  --- REMOVE ----------------------------------------------------------------  */

/*  A seq in decimal. False: it is none.                                       */
static bool seq_read (frame_t text, uint64_t *seq)
{
    const char *digits = text.data;
    *seq = 0;
    if (text.size == 0 || text.size > 13)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        *seq = *seq * 10 + (uint64_t)(digits[i] - '0');
    }
    return *seq >= 1 && *seq <= ZCHAT_SEQ_MAX;
}

void verb_remove (call_t *call)
{
    frame_t reason = call->request->args[2];
    room_t *room;
    uint64_t seq;
    if (call_slow (call, reason.size) || !call_room_held (call, call->request->args[0], &room))
        return;
    if (!seq_read (call->request->args[1], &seq))
        call_err_held (call, ZCHAT_MALFORMED, "seq is a number from 1", NULL, false);
    else if (!call_reason (call, reason))
        return;
    else if (!room || seq > room->head || seq < room->first)
        call_err_held (call, ZCHAT_NOBODY, "there is no such message in this room", NULL, true);
    else
        history_remove (call, room, seq, reason);
}

/*  True where the call's user said it, and not somebody who had the name before. */
static bool own_event (const call_t *call, const event_t *event)
{
    name_keys_t keys;
    return call->owner && event->time_ms >= call->owner->since_ms &&
           name_check (event->user, &keys, NULL) == ZCHAT_OK &&
           presence_user_is (call->session->user, &keys);
}

void remove_done (call_t *call, room_t *room, const read_t *read, const event_t *event)
{
    if (!event || (event->type != ZCHAT_TYPE_SAY && event->type != ZCHAT_TYPE_ACTION)) {
        call_err_held (call, ZCHAT_NOBODY, "there is no such message in this room", NULL, true);
        return;
    }
    if (call_dying (call, room))
        return;
    /*  Who may not speak there takes away what they said, and says nothing by it. */
    char own[OWNER_WHO_MAX];
    user_who (call->session->user, own);
    bool may = read->reason_size == 0 || room_role (call->core, room, own) == ROLE_OPERATOR;
    if (own_event (call, event) ? !may && !call_speaks (call, room, false)
                                : !call_operates (call, room))
        return;
    char data[48];
    snprintf (data, sizeof data, "{\"seq\":%llu}", (unsigned long long)read->removes);
    held_t effect = {.entry.room = room,
                     .event = {.type = ZCHAT_TYPE_REMOVE,
                               .body = frame_of (read->reason, read->reason_size),
                               .data = frame_str (data)},
                     .removes = read->removes};
    if (call_store (call, &effect))
        core_note (call->core, CORE_NOTE_MODE, call->from, call->request->user,
                   frame_of (room->name, room->name_size), "remove");
}
