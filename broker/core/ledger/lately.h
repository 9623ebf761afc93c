/*  lately.h - which reactions were decided of late

    Whether somebody has reacted to a message stands in the log alone. A call looks there before it
    is put in order, and what was decided meanwhile is known here. So no reaction is stored of one
   who has it, and readers count right who know the first users alone.
*/
#ifndef ZCHAT_LATELY_H
#define ZCHAT_LATELY_H

#include "store.h"

typedef struct lately lately_t;

lately_t *lately_new (void);
void lately_destroy (lately_t **self_p);

/*  A record with a reaction was decided; it is in the flight.                 */
void lately_note (lately_t *self, const store_record_t *record);
/*  The flight has landed.                                                     */
void lately_landed (lately_t *self);
/*  The flight is not stored: it is not known any more what was decided before. */
void lately_lost (lately_t *self);

/*  A moment, for lately_since.                                                */
uint64_t lately_now (const lately_t *self);
/*  True where all that was decided since that moment is known.                */
bool lately_since (const lately_t *self, uint64_t moment);
/*  Set *reacts to what was decided last of the user who and the reaction, where that is known. */
void lately_look (const lately_t *self, uint64_t room, uint64_t seq, frame_t text, frame_t who,
                  bool *reacts);

#endif
