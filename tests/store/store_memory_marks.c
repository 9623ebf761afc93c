/*  store_memory_marks.c - edits and reactions of the store in memory          */
#include "store_memory_marks.h"
#include "memory.h"

#include <stdlib.h>

typedef struct {
    frame_t text, who, user; /* owned                                          */
    uint64_t seq;
} reaction_t;

typedef struct {
    uint64_t seq;           /* the message's                                   */
    uint64_t edited, edits; /* the last edit's seq; how many                   */
    reaction_t *reactions;
    size_t n_reactions;
} entry_t;

struct memory_marks {
    entry_t *entries; /* in no order                                           */
    size_t count;
};

static frame_t copy (frame_t text)
{
    return frame_of (memory_string (text.data, text.size), text.size);
}

static entry_t *entry_of (const memory_marks_t *self, uint64_t seq)
{
    for (size_t i = 0; self && i < self->count; i++)
        if (self->entries[i].seq == seq)
            return &self->entries[i];
    return NULL;
}

static entry_t *entry_make (memory_marks_t **self_p, uint64_t seq)
{
    if (!*self_p)
        *self_p = memory_zero (sizeof **self_p);
    memory_marks_t *self = *self_p;
    entry_t *entry = entry_of (self, seq);
    if (entry)
        return entry;
    self->entries = memory_grow (self->entries, (self->count + 1) * sizeof *self->entries);
    entry = &self->entries[self->count++];
    *entry = (entry_t){.seq = seq};
    return entry;
}

static void reaction_clear (const reaction_t *reaction)
{
    free ((char *)reaction->text.data);
    free ((char *)reaction->who.data);
    free ((char *)reaction->user.data);
}

static void reactions_clear (entry_t *entry)
{
    for (size_t i = 0; i < entry->n_reactions; i++)
        reaction_clear (&entry->reactions[i]);
    free (entry->reactions);
    entry->reactions = NULL;
    entry->n_reactions = 0;
}

static void entry_drop (memory_marks_t *self, entry_t *entry)
{
    reactions_clear (entry);
    *entry = self->entries[--self->count];
}

uint64_t memory_marks_edit (memory_marks_t **self_p, uint64_t seq, uint64_t edit)
{
    entry_t *entry = entry_make (self_p, seq);
    uint64_t before = entry->edited;
    entry->edited = edit;
    entry->edits++;
    return before;
}

void memory_marks_react (memory_marks_t **self_p, const store_record_t *record)
{
    entry_t *entry = entry_make (self_p, record->reacts);
    size_t i = 0;
    while (i < entry->n_reactions && !(frame_eq (entry->reactions[i].text, record->event.body) &&
                                       frame_eq (entry->reactions[i].who, record->who)))
        i++;
    bool there = i < entry->n_reactions;
    if (there && record->event.type == ZCHAT_TYPE_UNREACT) {
        reaction_clear (&entry->reactions[i]);
        entry->reactions[i] = entry->reactions[--entry->n_reactions];
    } else if (!there && record->event.type == ZCHAT_TYPE_REACT) {
        entry->reactions =
            memory_grow (entry->reactions, (entry->n_reactions + 1) * sizeof *entry->reactions);
        entry->reactions[entry->n_reactions++] = (reaction_t){.text = copy (record->event.body),
                                                              .who = copy (record->who),
                                                              .user = copy (record->event.user),
                                                              .seq = record->event.seq};
    }
}

uint64_t memory_marks_remove (memory_marks_t *self, uint64_t seq)
{
    entry_t *entry = entry_of (self, seq);
    uint64_t edited = entry ? entry->edited : 0;
    if (entry)
        entry_drop (self, entry);
    return edited;
}

void memory_marks_trim (memory_marks_t *self, uint64_t first)
{
    for (size_t i = self ? self->count : 0; i-- > 0;) {
        entry_t *entry = &self->entries[i];
        if (entry->seq >= first)
            continue;
        reactions_clear (entry);
        if (entry->edited < first)
            entry_drop (self, entry);
    }
}

const store_marks_t *memory_marks_of (const memory_marks_t *self, uint64_t seq, const char *who,
                                      marks_t *gather)
{
    const entry_t *entry = entry_of (self, seq);
    if (!entry)
        return NULL;
    marks_begin (gather, seq);
    marks_edited (gather, entry->edited, entry->edits);
    for (size_t i = 0; i < entry->n_reactions; i++) {
        const reaction_t *reaction = &entry->reactions[i];
        (void)marks_reacted (gather, reaction->text, reaction->user, reaction->seq,
                             *who && frame_is (reaction->who, who));
    }
    return marks_end (gather);
}

void memory_marks_destroy (memory_marks_t **self_p)
{
    memory_marks_t *self = *self_p;
    while (self && self->count)
        entry_drop (self, &self->entries[self->count - 1]);
    free (self ? self->entries : NULL);
    free (self);
    *self_p = NULL;
}
