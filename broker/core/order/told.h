/*  told.h - what may be told of rooms of which something is on its way to the disk

    The ledger holds what was decided; peers are told only what is stored. While a batch is on its
    way, this keeps what was true of its rooms before.
*/
#ifndef ZCHAT_TOLD_H
#define ZCHAT_TOLD_H

#include "../ledger/ledger.h"

typedef struct told told_t;

/*  What is on disk of a room. Borrowed until told_clear.                      */
typedef struct {
    bool stored;   /* something is                                             */
    uint64_t head; /* seq of its last event; of a room of which nothing is stored: behind which its
                      seqs will begin                                          */
    const char *topic, *topic_by;
    uint64_t topic_time_ms; /* Unix time                                       */
} told_room_t;

told_t *told_new (void);
void told_destroy (told_t **self_p);

/*  Something will be applied to the room with this id: keep what is told of it. */
void told_keep (told_t *told, const ledger_t *ledger, uint64_t id);
/*  Behind which seq new rooms begin will change: keep what is told of it.     */
void told_keep_begins (told_t *told, const ledger_t *ledger);
/*  All of that is stored: the ledger says what is told.                       */
void told_clear (told_t *told);

/*  What is told of the room; NULL: one of which nothing is stored.            */
told_room_t told_room (const told_t *told, const ledger_t *ledger, const room_t *room);

#endif
