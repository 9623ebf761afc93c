/*  tags.c - what of a message is no word: who said it, a link                 */
#include "index_private.h"

#include <jansson.h>
#include <sodium.h>

void tag_of_fold (const char *fold, char tag[TAG_SIZE + 1])
{
    uint8_t hash[16];
    (void)crypto_generichash (hash, sizeof hash, (const uint8_t *)fold, strlen (fold), NULL, 0);
    tag[0] = 'u';
    sodium_bin2hex (tag + 1, TAG_SIZE, hash, TAG_SIZE / 2);
}

/*  The folds of names are dear; those who speak do so often.                  */
const char *tag_of_name (tags_t *tags, frame_t name)
{
    uint32_t at = 2166136261u;
    for (size_t i = 0; i < name.size; i++)
        at = (at ^ ((const uint8_t *)name.data)[i]) * 16777619u;
    at %= NAMES_KEPT;
    if (name.size > ZCHAT_NAME_MAX || name.size == 0)
        return "";
    if (tags->kept[at].size == name.size && memcmp (tags->kept[at].name, name.data, name.size) == 0)
        return tags->kept[at].tag;
    name_keys_t keys;
    tags->kept[at].size = name.size;
    memcpy (tags->kept[at].name, name.data, name.size);
    *tags->kept[at].tag = '\0';
    if (name_check (name, &keys, NULL) == ZCHAT_OK)
        tag_of_fold (keys.fold, tags->kept[at].tag);
    return tags->kept[at].tag;
}

/*  The user of a told is whom it was told.                                    */
const char *tag_of_event (tags_t *tags, const event_t *event)
{
    return event->type == ZCHAT_TYPE_TOLD ? TAG_OWN : tag_of_name (tags, event->user);
}

static bool event_sealed (const event_t *event)
{
    if (!event->data.size || !memmem (event->data.data, event->data.size, "sealed", 6))
        return false;
    json_t *json = json_loadb (event->data.data, event->data.size, 0, NULL);
    bool sealed = json_object_get (json, "sealed");
    json_decref (json);
    return sealed;
}

bool event_searched (const event_t *event)
{
    switch (event->type) {
    case ZCHAT_TYPE_SAY:
    case ZCHAT_TYPE_ACTION:
    case ZCHAT_TYPE_TELL:
    case ZCHAT_TYPE_TOLD:
    case ZCHAT_TYPE_TOPIC:
        return event->body.size && !event_sealed (event);
    default:
        return false;
    }
}

bool body_has_link (frame_t body)
{
    const char *at = body.data, *end = at + body.size;
    while (at < end && (at = memchr (at, ':', (size_t)(end - at)))) {
        size_t before = (size_t)(at - (const char *)body.data);
        bool slashes = end - at > 3 && at[1] == '/' && at[2] == '/';
        if (slashes && ((before >= 4 && strncasecmp (at - 4, "http", 4) == 0) ||
                        (before >= 5 && strncasecmp (at - 5, "https", 5) == 0)))
            return true;
        at++;
    }
    return false;
}

uint64_t event_target (const event_t *event)
{
    json_t *json = json_loadb (event->data.size ? event->data.data : "", event->data.size, 0, NULL);
    json_int_t seq = json_integer_value (json_object_get (json, "seq"));
    json_decref (json);
    return seq > 0 && seq <= (json_int_t)ZCHAT_SEQ_MAX ? (uint64_t)seq : 0;
}

void scope_of (uint64_t room, bool secret, char scope[TOKEN_SCOPE_MAX + 1])
{
    if (secret)
        snprintf (scope, TOKEN_SCOPE_MAX + 1, "r%llu", (unsigned long long)room);
    else
        snprintf (scope, TOKEN_SCOPE_MAX + 1, "p");
}
