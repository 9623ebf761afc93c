/*  once.c - what was answered to requests that may come again                 */
#include "once.h"
#include "memory.h"
#include <sodium.h>
#include <uthash.h>

typedef struct {
    once_key_t key;
    uint8_t body[16]; /* hash of it                                            */
    uint64_t seq;     /* 0: not stored yet, as far as is known here            */
    uint64_t time_ms;
    uint64_t began_ms;
    UT_hash_handle hh; /* in the order in which they began                     */
} entry_t;

struct once {
    entry_t *entries;
};

once_t *once_new (void)
{
    return memory_zero (sizeof (once_t));
}

static void drop (once_t *self, entry_t *entry)
{
    HASH_DEL (self->entries, entry);
    free (entry);
}

void once_destroy (once_t **self)
{
    if (*self) {
        while ((*self)->entries)
            drop (*self, (*self)->entries);
        free (*self);
        *self = NULL;
    }
}

bool once_header_valid (const char *header)
{
    size_t size = strlen (header);

    for (size_t i = 0; i < size; i++)
        if (header[i] < 0x21 || header[i] > 0x7e)
            return false;
    return size >= 1 && size <= ONCE_HEADER_MAX;
}

void once_key (const credential_t *credential, const char *method, const char *path,
               const char *header, once_key_t *key)
{
    const char *const parts[] = {
        "zchat-web once 1", credential->name, credential->secret, method, path, header};
    crypto_generichash_state state;

    crypto_generichash_init (&state, NULL, 0, sizeof key->bytes);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        crypto_generichash_update (&state, (const uint8_t *)parts[i], strlen (parts[i]) + 1);
    crypto_generichash_final (&state, key->bytes, sizeof key->bytes);
    sodium_memzero (&state, sizeof state);
}

static entry_t *find (const once_t *self, const once_key_t *key)
{
    entry_t *entry;

    HASH_FIND (hh, self->entries, key, sizeof *key, entry);
    return entry;
}

bool once_begin (once_t *self, const once_key_t *key, const void *body, size_t size,
                 uint64_t now_ms)
{
    uint8_t hash[sizeof ((entry_t *)0)->body];
    entry_t *entry = find (self, key);

    crypto_generichash (hash, sizeof hash, body, size, NULL, 0);
    if (entry && now_ms - entry->began_ms > ZCHAT_WEB_ONCE_MS) {
        drop (self, entry);
        entry = NULL;
    }
    if (entry)
        return memcmp (entry->body, hash, sizeof hash) == 0;
    while (self->entries && (HASH_COUNT (self->entries) >= ZCHAT_WEB_ONCE_MAX ||
                             now_ms - self->entries->began_ms > ZCHAT_WEB_ONCE_MS))
        drop (self, self->entries);
    entry = memory_zero (sizeof *entry);
    entry->key = *key;
    entry->began_ms = now_ms;
    memcpy (entry->body, hash, sizeof hash);
    HASH_ADD (hh, self->entries, key, sizeof entry->key, entry);
    return true;
}

void once_stored (once_t *self, const once_key_t *key, uint64_t seq, uint64_t time_ms)
{
    entry_t *entry = find (self, key);

    if (entry) {
        entry->seq = seq;
        entry->time_ms = time_ms;
    }
}

void once_refused (once_t *self, const once_key_t *key)
{
    entry_t *entry = find (self, key);

    /*  A repetition may have been refused for another reason; what is stored stays. */
    if (entry && !entry->seq)
        drop (self, entry);
}

bool once_known (const once_t *self, const once_key_t *key, uint64_t *seq, uint64_t *time_ms)
{
    const entry_t *entry = find (self, key);

    if (!entry || !entry->seq)
        return false;
    *seq = entry->seq;
    *time_ms = entry->time_ms;
    return true;
}

size_t once_count (const once_t *self)
{
    return HASH_COUNT (self->entries);
}
