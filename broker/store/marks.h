/*  marks.h - what became of one message, put together from what a store finds of it

    Pure. Private to this folder, and to the store that tests have.
*/
#ifndef ZCHAT_STORE_MARKS_H
#define ZCHAT_STORE_MARKS_H

#include "store.h"

/*  A reaction in the making.                                                  */
typedef struct {
    char text[ZCHAT_REACTION_MAX];
    size_t size; /* bytes of text                                              */
    uint64_t count;
    bool mine;
    size_t n_first;                      /* of the first users                */
    uint64_t seqs[ZCHAT_REACTION_NAMES]; /* of their events, ascending        */
    uint8_t sizes[ZCHAT_REACTION_NAMES]; /* of their names                    */
    char users[ZCHAT_REACTION_NAMES][ZCHAT_NAME_MAX];
} marks_reaction_t;

/*  Zeros at the beginning; marks_clear at the end.                            */
typedef struct {
    store_marks_t marks;
    marks_reaction_t *reactions;
    size_t count, capacity;
    store_reaction_t *views; /* what marks shows of them                       */
    size_t n_views;          /* of which there is place                        */
} marks_t;

/*  The message of that seq has nothing yet.                                   */
void marks_begin (marks_t *self, uint64_t seq);
/*  It was edited n times, at last by the event of the seq edited.             */
void marks_edited (marks_t *self, uint64_t edited, uint64_t n);
/*  A user reacts by the event of that seq. mine: who asks. False: that cannot be, for text or user
    are too long.                                                              */
bool marks_reacted (marks_t *self, frame_t text, frame_t user, uint64_t seq, bool mine);
/*  What it has, valid until the next marks_begin; NULL: nothing.              */
const store_marks_t *marks_end (marks_t *self);
void marks_clear (marks_t *self);

/*  Bytes that it counts in a page: no fewer than an event that tells of it takes. */
size_t marks_size (const store_marks_t *marks);

#endif
