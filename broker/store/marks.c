/*  marks.c - what became of one message, put together from what a store finds of it  */
#include "marks.h"
#include "memory.h"

#include <stdlib.h>

enum {
    EVENT_BYTES = 160,   /* of an event without reactions, at most                  */
    REACTION_BYTES = 64, /* of a reaction beside its text and users                 */
    USER_BYTES = 16,     /* what a user counts who is not named: looking it up is work */
};

void marks_begin (marks_t *self, uint64_t seq)
{
    self->count = 0;
    self->marks = (store_marks_t){.seq = seq};
}

void marks_edited (marks_t *self, uint64_t edited, uint64_t n)
{
    self->marks.edited = edited;
    self->marks.n_edits = n;
}

static marks_reaction_t *reaction_of (marks_t *self, frame_t text)
{
    /*  They come in groups, mostly.                                           */
    for (size_t i = self->count; i-- > 0;)
        if (frame_eq (frame_of (self->reactions[i].text, self->reactions[i].size), text))
            return &self->reactions[i];
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 8;
        self->reactions = memory_grow (self->reactions, self->capacity * sizeof *self->reactions);
    }
    marks_reaction_t *reaction = &self->reactions[self->count++];
    *reaction = (marks_reaction_t){.size = text.size};
    memcpy (reaction->text, text.data, text.size);
    return reaction;
}

bool marks_reacted (marks_t *self, frame_t text, frame_t user, uint64_t seq, bool mine)
{
    if (!text.size || text.size > ZCHAT_REACTION_MAX || !user.size || user.size > ZCHAT_NAME_MAX)
        return false;
    marks_reaction_t *reaction = reaction_of (self, text);
    reaction->count++;
    reaction->mine = reaction->mine || mine;
    size_t place = reaction->n_first;
    while (place > 0 && reaction->seqs[place - 1] > seq)
        place--;
    if (place == ZCHAT_REACTION_NAMES)
        return true;
    if (reaction->n_first < ZCHAT_REACTION_NAMES)
        reaction->n_first++;
    size_t behind = reaction->n_first - 1 - place;
    memmove (&reaction->seqs[place + 1], &reaction->seqs[place], behind * sizeof *reaction->seqs);
    memmove (&reaction->sizes[place + 1], &reaction->sizes[place],
             behind * sizeof *reaction->sizes);
    memmove (&reaction->users[place + 1], &reaction->users[place],
             behind * sizeof *reaction->users);
    reaction->seqs[place] = seq;
    reaction->sizes[place] = (uint8_t)user.size;
    memcpy (reaction->users[place], user.data, user.size);
    return true;
}

static int reaction_compare (const void *a, const void *b)
{
    const marks_reaction_t *x = a;
    const marks_reaction_t *y = b;
    return (x->seqs[0] > y->seqs[0]) - (x->seqs[0] < y->seqs[0]);
}

const store_marks_t *marks_end (marks_t *self)
{
    if (!self->marks.edited && !self->count)
        return NULL;
    if (self->count)
        qsort (self->reactions, self->count, sizeof *self->reactions, reaction_compare);
    if (self->n_views < self->count) {
        self->n_views = self->capacity;
        self->views = memory_grow (self->views, self->n_views * sizeof *self->views);
    }
    for (size_t i = 0; i < self->count; i++) {
        const marks_reaction_t *reaction = &self->reactions[i];
        store_reaction_t *view = &self->views[i];
        *view = (store_reaction_t){.text = frame_of (reaction->text, reaction->size),
                                   .count = reaction->count,
                                   .n_users = reaction->n_first,
                                   .mine = reaction->mine};
        for (size_t k = 0; k < view->n_users; k++)
            view->users[k] = frame_of (reaction->users[k], reaction->sizes[k]);
    }
    self->marks.reactions = self->views;
    self->marks.n_reactions = self->count;
    return &self->marks;
}

void marks_clear (marks_t *self)
{
    free (self->reactions);
    free (self->views);
    *self = (marks_t){.count = 0};
}

size_t marks_size (const store_marks_t *marks)
{
    size_t size = EVENT_BYTES;
    for (size_t i = 0; i < marks->n_reactions; i++) {
        const store_reaction_t *reaction = &marks->reactions[i];
        size += REACTION_BYTES + 2 * reaction->text.size + USER_BYTES * (size_t)reaction->count;
        for (size_t k = 0; k < reaction->n_users; k++)
            size += reaction->users[k].size;
    }
    return size;
}
