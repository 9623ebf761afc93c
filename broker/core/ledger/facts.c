/*  facts.c - what is known durably besides messages, under keys               */
#include "ledger_private.h"
#include "text.h"
#include <jansson.h>

static fact_t *fact_find (fact_t *facts, const char *key)
{
    fact_t *fact;
    HASH_FIND_STR (facts, key, fact);
    return fact;
}

const char *ledger_fact (const ledger_t *ledger, const room_t *room, const char *key)
{
    const fact_t *fact = fact_find (room ? room->facts : ledger->facts, key);
    return fact ? fact->value : NULL;
}

/*  --- what people have set, counted -------------------------------------------  */

static bool is_sanction (const char *key)
{
    return strncmp (key, "ban/", 4) == 0 || strncmp (key, "mute/", 5) == 0;
}

static bool is_contact (const char *key)
{
    return strncmp (key, "met/", 4) == 0;
}

/*  Bans and mutes, and whom somebody allows: who sets it pays for it.         */
static bool is_set (const char *key, frame_t value)
{
    return value.size &&
           (is_sanction (key) || (is_contact (key) && !frame_is (value, LEDGER_TOLD)));
}

static size_t judge_count (const ledger_t *ledger, const char *name)
{
    judge_t *judge;
    HASH_FIND_STR (ledger->judges, name, judge);
    return judge ? judge->count : 0;
}

static void judge_add (ledger_t *ledger, const char *name)
{
    judge_t *judge;
    HASH_FIND_STR (ledger->judges, name, judge);
    if (!judge) {
        judge = memory_zero (sizeof *judge);
        judge->name = memory_string (name, strlen (name));
        HASH_ADD_KEYPTR (hh, ledger->judges, judge->name, strlen (judge->name), judge);
    }
    judge->count++;
    ledger->n_sanctions++;
}

static void judge_drop (ledger_t *ledger, const char *name)
{
    judge_t *judge;
    HASH_FIND_STR (ledger->judges, name, judge);
    ledger->n_sanctions--;
    if (--judge->count)
        return;
    HASH_DEL (ledger->judges, judge);
    free (judge->name);
    free (judge);
}

static budget_t *fact_budget (const ledger_t *ledger, const fact_t *fact)
{
    return fact->told ? ledger->contacts : fact->by ? ledger->sanctions : NULL;
}

/*  Where it is known who the room is charged to, so is what stands there.     */
static void fact_charge (ledger_t *ledger, fact_t *fact)
{
    budget_t *budget = fact_budget (ledger, fact);
    const char *holder = budget ? room_holder (fact->room) : NULL;
    if (holder)
        budget_charge (budget, &fact->item, holder, ledger->position);
}

static void fact_release (ledger_t *ledger, fact_t *fact)
{
    budget_t *budget = fact_budget (ledger, fact);
    if (budget)
        budget_release (budget, &fact->item);
}

void facts_recharge (ledger_t *ledger, room_t *room)
{
    for (fact_t *fact = room->facts; fact; fact = fact->hh.next) {
        fact_release (ledger, fact);
        fact_charge (ledger, fact);
    }
}

static void fact_clear (ledger_t *ledger, fact_t *fact)
{
    fact_release (ledger, fact);
    if (fact->told) {
        fact->room->n_told--;
        ledger->n_told--;
    }
    fact->told = false;
    if (fact->by)
        judge_drop (ledger, fact->by);
    free (fact->by);
    free (fact->value);
    fact->by = fact->value = NULL;
    fact->until_ms = 0;
}

static void told_put (ledger_t *ledger, fact_t *fact)
{
    fact->told = true;
    fact->room->n_told++;
    ledger->n_told++;
}

/*  A ban or mute without its reason, which its event has: that may be long, and stays for good. */
static void sanction_put (ledger_t *ledger, fact_t *fact, frame_t value)
{
    json_t *json = json_loadb (value.data, value.size, 0, NULL);
    const char *by = json_string_value (json_object_get (json, "by"));
    fact->by = memory_string (by, strlen (by));
    fact->until_ms = (uint64_t)json_integer_value (json_object_get (json, "until"));
    judge_add (ledger, by);
    (void)json_object_del (json, "reason");
    fact->value = memory_check (json_dumps (json, JSON_COMPACT));
    json_decref (json);
}

/*  room: of a room, and the value can be of the key.                          */
static void fact_put (ledger_t *ledger, room_t *room, const char *key, frame_t value)
{
    fact_t **facts = room ? &room->facts : &ledger->facts;
    fact_t *fact = fact_find (*facts, key);
    if (value.size == 0) {
        if (!fact)
            return;
        HASH_DEL (*facts, fact);
        fact_clear (ledger, fact);
        free (fact->key);
        free (fact);
        return;
    }
    /*  The value may be the one that is replaced.                             */
    char *text = memory_string (value.data, value.size);
    if (!fact) {
        fact = memory_zero (sizeof *fact);
        fact->key = memory_string (key, strlen (key));
        fact->room = room;
        HASH_ADD_KEYPTR (hh, *facts, fact->key, strlen (fact->key), fact);
    } else
        fact_clear (ledger, fact);
    if (room && is_set (key, frame_str (text))) {
        sanction_put (ledger, fact, frame_str (text));
        free (text);
    } else
        fact->value = text;
    if (room && is_contact (key) && !fact->by)
        told_put (ledger, fact);
    fact_charge (ledger, fact);
}

const fact_t *ledger_fact_expired (const room_t *room, uint64_t wall_ms, const fact_t *after)
{
    const fact_t *fact = after ? after->hh.next : room->facts;
    while (fact && (!fact->until_ms || fact->until_ms > wall_ms))
        fact = fact->hh.next;
    return fact;
}

bool ledger_fact_fits (const room_t *room, const char *key)
{
    return !room || HASH_COUNT (room->facts) < ZCHAT_ROOM_FACTS_MAX || fact_find (room->facts, key);
}

bool ledger_sanctions_full (const ledger_t *ledger, const char *by, const room_t *room,
                            const char *holder)
{
    const char *known = room ? room_holder (room) : NULL;
    holder = known ? known : holder;
    return (*holder && budget_held (ledger->sanctions, holder, 1) >= ZCHAT_SANCTIONS_PLACE_MAX) ||
           ledger->n_sanctions >= ZCHAT_SANCTIONS_MAX ||
           judge_count (ledger, by) >= ZCHAT_SANCTIONS_BY_MAX;
}

/*  --- what a room's facts mean ----------------------------------------------  */

static bool mode_set (room_t *room, frame_t value)
{
    json_t *json = value.size ? json_loadb (value.data, value.size, 0, NULL) : json_object ();
    bool valid = json_is_object (json);
    if (valid) {
        room->is_private = json_is_true (json_object_get (json, "private"));
        room->locked = json_is_true (json_object_get (json, "locked"));
        room->closed = json_is_true (json_object_get (json, "closed"));
    }
    json_decref (json);
    return valid;
}

static bool role_valid (frame_t value)
{
    return value.size == 0 || frame_is (value, "operator") || frame_is (value, "member");
}

static bool sanction_valid (frame_t value)
{
    if (value.size == 0)
        return true;
    json_t *json = json_loadb (value.data, value.size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *until = json_object_get (json, "until");
    bool valid = json_is_string (json_object_get (json, "user")) &&
                 json_is_string (json_object_get (json, "by")) &&
                 (!until || (json_is_integer (until) && json_integer_value (until) >= 0));
    json_decref (json);
    return valid;
}

/*  True where it is WHO: # and a number, or = and something.                  */
static bool who_valid (const char *who)
{
    if (*who == '#')
        return who[1] >= '1' && who[1] <= '9' && !who[1 + strspn (who + 1, "0123456789")];
    return *who == '=' && who[1];
}

/*  True where the value can be of the key; what is kept beside the fact follows.  */
static bool room_fact_apply (room_t *room, const char *key, frame_t value)
{
    const char *slash = strchr (key, '/');
    bool good = slash && who_valid (slash + 1);
    if (strcmp (key, "mode") == 0)
        return (!room->mailbox || value.size == 0 || frame_is (value, LEDGER_LOCKED)) &&
               mode_set (room, value);
    if (room->mailbox)
        return good &&
               ((is_contact (key) && frame_is (value, LEDGER_TOLD)) ||
                ((is_contact (key) || strncmp (key, "ban/", 4) == 0) && sanction_valid (value)));
    if (!good)
        return false;
    if (strncmp (key, "role/", 5) == 0) {
        if (!role_valid (value))
            return false;
        bool was = fact_find (room->facts, key), is = value.size > 0;
        room->n_roles = room->n_roles + is - was;
        return true;
    }
    return is_sanction (key) && sanction_valid (value);
}

/*  --- setting ---------------------------------------------------------------  */

/*  A number of the broker, in decimal.                                        */
static bool number_set (uint64_t *number, uint64_t most, frame_t value)
{
    char text[24] = "0", canonical[24];
    if (value.size >= sizeof text)
        return false;
    if (value.size)
        snprintf (text, sizeof text, "%.*s", (int)value.size, (const char *)value.data);
    uint64_t count = strtoull (text, NULL, 10);
    snprintf (canonical, sizeof canonical, "%llu", (unsigned long long)count);
    if (strcmp (text, canonical) != 0 || count > most)
        return false;
    *number = count;
    return true;
}

/*  Rooms, which are loaded before facts, may have later numbers.              */
static bool numbered_set (ledger_t *ledger, frame_t value)
{
    uint64_t number;
    if (!number_set (&number, ZCHAT_ROOM_NUMBERS_MAX, value))
        return false;
    if (number > ledger->last_room)
        ledger->last_room = number;
    return true;
}

static bool fact_frames_valid (frame_t key, frame_t value)
{
    return key.size && key.size <= ZCHAT_FACT_KEY_MAX && value.size <= ZCHAT_FACT_MAX &&
           text_valid (key) && text_valid (value);
}

/*  Whether it may give way depends on whether the name is somebody's.         */
static room_t *mailbox_of_owner (const ledger_t *ledger, const char *key)
{
    char who[OWNER_WHO_MAX];
    if (strncmp (key, "name/", 5) != 0)
        return NULL;
    owner_who (strtoull (key + 5, NULL, 10), who);
    const room_t *mailbox = ledger_mailbox (ledger, who);
    return mailbox ? room_numbered (ledger, mailbox->id) : NULL;
}

zchat_status_t facts_set (ledger_t *ledger, room_t *room, frame_t key, frame_t value, bool loaded)
{
    char text[ZCHAT_FACT_KEY_MAX + 1];
    if (!fact_frames_valid (key, value))
        return ZCHAT_CORRUPT;
    memcpy (text, key.data, key.size);
    text[key.size] = '\0';
    bool valid =
        room                                   ? room_fact_apply (room, text, value)
        : strcmp (text, LEDGER_FORGOTTEN) == 0 ? number_set (&ledger->forgotten, INT64_MAX, value)
        : strcmp (text, LEDGER_BEGINS) == 0    ? number_set (&ledger->begins, ZCHAT_SEQ_MAX, value)
        : strcmp (text, LEDGER_NUMBERED) == 0  ? numbered_set (ledger, value)
                                               : owners_set (ledger, text, value, loaded);
    if (!valid)
        return ZCHAT_CORRUPT;
    /*  How many a room may have was decided, where it is not loaded.          */
    if (loaded && room && !ledger_fact_fits (room, text))
        return ZCHAT_LIMIT;
    fact_put (ledger, room, text, value);
    room_t *mailbox = room ? room : mailbox_of_owner (ledger, text);
    if (mailbox)
        room_reclass (ledger, mailbox);
    return ZCHAT_OK;
}

zchat_status_t facts_load (ledger_t *ledger, const store_fact_t *row)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    room_t *room = row->room ? room_numbered (ledger, row->room) : NULL;
    if ((row->room && !room) || row->value.size == 0 || row->key.size > ZCHAT_FACT_KEY_MAX)
        return ZCHAT_CORRUPT;
    snprintf (key, sizeof key, "%.*s", (int)row->key.size, (const char *)row->key.data);
    if (ledger_fact (ledger, room, key))
        return ZCHAT_CORRUPT;
    return facts_set (ledger, room, row->key, row->value, true);
}

/*  --- contacts --------------------------------------------------------------  */

bool ledger_contacts_full (const ledger_t *ledger, const room_t *mailbox, size_t most)
{
    return (mailbox && mailbox->n_told >= ZCHAT_CONTACTS_MAX) || ledger->n_told >= most;
}

const fact_t *ledger_contact_yields (const ledger_t *ledger, const room_t *mailbox,
                                     const char *holder)
{
    const char *known = mailbox ? room_holder (mailbox) : NULL;
    budget_item_t *item = NULL;
    holder = known ? known : holder;
    if (!(mailbox && mailbox->n_told >= ZCHAT_CONTACTS_MAX) && *holder)
        item = budget_yields (ledger->contacts, holder);
    if (item)
        return (const fact_t *)((const char *)item - offsetof (fact_t, item));
    const fact_t *fact = mailbox ? mailbox->facts : NULL;
    while (fact && !fact->told)
        fact = fact->hh.next;
    return fact;
}

void facts_destroy (ledger_t *ledger, fact_t **facts)
{
    fact_t *fact, *next;
    HASH_ITER (hh, *facts, fact, next)
    {
        HASH_DEL (*facts, fact);
        fact_clear (ledger, fact);
        free (fact->key);
        free (fact);
    }
}
