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

static void fact_put (fact_t **facts, const char *key, frame_t value)
{
    fact_t *fact = fact_find (*facts, key);
    if (value.size == 0) {
        if (!fact)
            return;
        HASH_DEL (*facts, fact);
        free (fact->key);
        free (fact->value);
        free (fact);
        return;
    }
    if (!fact) {
        fact = memory_zero (sizeof *fact);
        fact->key = memory_string (key, strlen (key));
        HASH_ADD_KEYPTR (hh, *facts, fact->key, strlen (fact->key), fact);
    }
    char *text = memory_string (value.data, value.size);
    free (fact->value);
    fact->value = text;
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
    if (room->mailbox)
        return false;
    if (strcmp (key, "mode") == 0)
        return mode_set (room, value);
    if (!slash || !who_valid (slash + 1))
        return false;
    if (strncmp (key, "role/", 5) == 0) {
        if (!role_valid (value))
            return false;
        bool was = fact_find (room->facts, key), is = value.size > 0;
        room->n_roles = room->n_roles + is - was;
        return true;
    }
    return (strncmp (key, "ban/", 4) == 0 || strncmp (key, "mute/", 5) == 0) &&
           sanction_valid (value);
}

/*  --- setting ---------------------------------------------------------------  */

/*  How many producers gave way: a number in decimal.                          */
static bool forgotten_set (ledger_t *ledger, frame_t value)
{
    char text[24] = "0", canonical[24];
    if (value.size >= sizeof text)
        return false;
    if (value.size)
        snprintf (text, sizeof text, "%.*s", (int)value.size, (const char *)value.data);
    uint64_t count = strtoull (text, NULL, 10);
    snprintf (canonical, sizeof canonical, "%llu", (unsigned long long)count);
    if (strcmp (text, canonical) != 0 || count > INT64_MAX)
        return false;
    ledger->forgotten = count;
    return true;
}

static zchat_status_t fact_set (ledger_t *ledger, room_t *room, const char *key, frame_t value,
                                bool loaded)
{
    if (room) {
        if (value.size && HASH_COUNT (room->facts) >= ZCHAT_ROOM_FACTS_MAX &&
            !fact_find (room->facts, key))
            return ZCHAT_LIMIT;
        if (!room_fact_apply (room, key, value))
            return ZCHAT_CORRUPT;
    } else if (strcmp (key, LEDGER_FORGOTTEN) == 0) {
        if (!forgotten_set (ledger, value))
            return ZCHAT_CORRUPT;
    } else if (!owner_fact_set (ledger, key, value, loaded))
        return ZCHAT_CORRUPT;
    fact_put (room ? &room->facts : &ledger->facts, key, value);
    return ZCHAT_OK;
}

zchat_status_t ledger_fact_set (ledger_t *ledger, room_t *room, const char *key, frame_t value)
{
    return fact_set (ledger, room, key, value, false);
}

zchat_status_t ledger_load_fact (ledger_t *ledger, const store_fact_t *from)
{
    room_t *room = from->room ? ledger_room_by_id (ledger, from->room) : NULL;
    if ((from->room && !room) || from->key.size == 0 || from->key.size > ZCHAT_FACT_KEY_MAX ||
        from->value.size == 0 || from->value.size > ZCHAT_FACT_MAX || !text_valid (from->key) ||
        !text_valid (from->value))
        return ZCHAT_CORRUPT;
    char key[ZCHAT_FACT_KEY_MAX + 1];
    memcpy (key, from->key.data, from->key.size);
    key[from->key.size] = '\0';
    if (ledger_fact (ledger, room, key))
        return ZCHAT_CORRUPT;
    return fact_set (ledger, room, key, from->value, true);
}

void facts_destroy (fact_t **facts)
{
    fact_t *fact, *next;
    HASH_ITER (hh, *facts, fact, next)
    {
        HASH_DEL (*facts, fact);
        free (fact->key);
        free (fact->value);
        free (fact);
    }
}
