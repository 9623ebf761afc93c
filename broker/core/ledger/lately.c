/*  lately.c - which reactions were decided of late                            */
#include "lately.h"
#include "../base/hash.h"

enum { FLIGHTS = 64 }; /* so many are remembered: a look into the log takes a few        */

/*  What an entry is found by: room and seq, then the reaction, a NUL, and the user.   */
enum { KEY_MAX = 2 * sizeof (uint64_t) + ZCHAT_REACTION_MAX + 1 + STORE_WHO_MAX };

typedef struct {
    bool reacts;
    uint64_t flight; /* that it was decided in                                 */
    UT_hash_handle hh;
    size_t size; /* of key                                                     */
    char key[];
} entry_t;

struct lately {
    entry_t *entries; /* by flight, ascending                                  */
    uint64_t flight;  /* which one gathers, or is on its way                   */
    uint64_t known;   /* nothing is known of the flights before this one       */
};

lately_t *lately_new (void)
{
    lately_t *self = memory_zero (sizeof *self);
    self->flight = self->known = 1;
    return self;
}

static void entry_drop (lately_t *self, entry_t *entry)
{
    HASH_DEL (self->entries, entry);
    free (entry);
}

void lately_destroy (lately_t **self_p)
{
    lately_t *self = *self_p;
    while (self && self->entries)
        entry_drop (self, self->entries);
    free (self);
    *self_p = NULL;
}

static size_t key_make (char key[KEY_MAX], uint64_t room, uint64_t seq, frame_t text, frame_t who)
{
    size_t size = 0;
    memcpy (key, &room, sizeof room);
    memcpy (key + sizeof room, &seq, sizeof seq);
    size = sizeof room + sizeof seq;
    memcpy (key + size, text.data, text.size);
    size += text.size;
    key[size++] = '\0';
    memcpy (key + size, who.data, who.size);
    return size + who.size;
}

static entry_t *entry_find (const lately_t *self, const char *key, size_t size)
{
    entry_t *entry;
    HASH_FIND (hh, self->entries, key, size, entry);
    return entry;
}

void lately_note (lately_t *self, const store_record_t *record)
{
    char key[KEY_MAX];
    size_t size = key_make (key, record->room, record->reacts, record->event.body, record->who);
    entry_t *entry = entry_find (self, key, size);
    if (entry)
        entry_drop (self, entry);
    entry = memory_zero (sizeof *entry + size);
    entry->reacts = record->event.type == ZCHAT_TYPE_REACT;
    entry->flight = self->flight;
    entry->size = size;
    memcpy (entry->key, key, size);
    HASH_ADD_KEYPTR (hh, self->entries, entry->key, size, entry);
}

void lately_landed (lately_t *self)
{
    self->flight++;
    if (self->flight - self->known > FLIGHTS)
        self->known = self->flight - FLIGHTS;
    while (self->entries && self->entries->flight < self->known)
        entry_drop (self, self->entries);
}

void lately_lost (lately_t *self)
{
    while (self->entries)
        entry_drop (self, self->entries);
    self->known = ++self->flight;
}

uint64_t lately_now (const lately_t *self)
{
    return self->flight;
}

bool lately_since (const lately_t *self, uint64_t moment)
{
    return moment >= self->known;
}

void lately_look (const lately_t *self, uint64_t room, uint64_t seq, frame_t text, frame_t who,
                  bool *reacts)
{
    char key[KEY_MAX];
    const entry_t *entry = entry_find (self, key, key_make (key, room, seq, text, who));
    if (entry)
        *reacts = entry->reacts;
}
