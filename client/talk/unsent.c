/*  unsent.c - the text of the file that keeps what a person typed and the broker has not got */
#include "unsent.h"
#include "memory.h"
#include "name.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>

enum { FORMAT = 1 };

static bool same_user (const char *a, const char *b)
{
    name_keys_t one, other;
    return name_check (frame_str (a), &one, NULL) == ZCHAT_OK &&
           name_check (frame_str (b), &other, NULL) == ZCHAT_OK &&
           strcmp (one.fold, other.fold) == 0;
}

/*  Hash a text (FNV-1a). Two owners may have the same stem; what is in the file tells them
    apart.                                                                     */
static uint64_t mix (uint64_t hash, const char *text)
{
    do
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    while (*text++);
    return hash;
}

char *unsent_stem (const unsent_owner_t *owner)
{
    name_keys_t keys = {.fold = ""};
    (void)!name_check (frame_str (owner->user), &keys, NULL);
    uint64_t hash = mix (mix (mix (14695981039346656037u, owner->endpoint), keys.fold), owner->key);
    char *stem = NULL;
    if (asprintf (&stem, "unsent-%016" PRIx64, hash) < 0)
        memory_check (NULL);
    return stem;
}

char *unsent_write (const unsent_owner_t *owner, uint64_t now_ms, const char *outbox,
                    json_t *waiting)
{
    json_t *all = json_pack ("{s:i, s:s, s:s, s:s, s:I, s:O}", "format", FORMAT, "endpoint",
                             owner->endpoint, "user", owner->user, "key", owner->key, "time",
                             (json_int_t)now_ms, "waiting", waiting);
    if (outbox)
        json_object_set_new (all, "outbox", json_loads (outbox, 0, NULL));
    char *text = memory_check (json_dumps (all, JSON_COMPACT));
    json_decref (all);
    return text;
}

static const char *string_of (const json_t *object, const char *key)
{
    const char *text = json_string_value (json_object_get (object, key));
    return text ? text : "";
}

static bool waiting_good (const json_t *waiting)
{
    for (size_t i = 0; i < json_array_size (waiting); i++) {
        const json_t *one = json_array_get (waiting, i), *body = json_object_get (one, "body");
        frame_t text = frame_of (json_string_value (body), json_string_length (body));
        if (name_check (frame_str (string_of (one, "to")), NULL, NULL) != ZCHAT_OK ||
            text.size == 0 || text.size > ZCHAT_BODY_MAX || !text_valid (text))
            return false;
    }
    return json_is_array (waiting);
}

unsent_whose_t unsent_read (frame_t text, const unsent_owner_t *owner, uint64_t now_ms,
                            char **outbox, json_t **waiting)
{
    unsent_whose_t whose = UNSENT_BAD;
    json_t *all = json_loadb (text.size ? text.data : "", text.size, 0, NULL);
    json_t *list = json_object_get (all, "waiting"), *kept = json_object_get (all, "outbox");
    json_int_t time_ms = json_integer_value (json_object_get (all, "time"));
    *outbox = NULL;
    *waiting = NULL;
    if (json_integer_value (json_object_get (all, "format")) != FORMAT || !waiting_good (list) ||
        (kept && !json_is_object (kept)))
        whose = UNSENT_BAD;
    else if (strcmp (string_of (all, "endpoint"), owner->endpoint) != 0 ||
             strcmp (string_of (all, "key"), owner->key) != 0 ||
             !same_user (string_of (all, "user"), owner->user))
        whose = UNSENT_OTHERS;
    else if (kept && (time_ms < 0 ||
                      (now_ms > (uint64_t)time_ms && now_ms - (uint64_t)time_ms > UNSENT_AGE_MS)))
        whose = UNSENT_OLD;
    else {
        whose = UNSENT_OURS;
        *outbox = kept ? memory_check (json_dumps (kept, JSON_COMPACT)) : NULL;
        *waiting = json_incref (list);
    }
    json_decref (all);
    return whose;
}

bool unsent_due (bool exists, bool connected, uint64_t changed_ms)
{
    return exists || !connected || changed_ms >= UNSENT_DELAY_MS;
}
