/*  told.h - what may be told of a room while some of it is on its way to the disk

    The ledger holds what was decided, but peers are told only what is stored. So while a batch is
    on its way, this keeps what was true of its rooms before.
*/
#ifndef ZCHAT_TOLD_H
#define ZCHAT_TOLD_H

#include "../ledger/ledger.h"

typedef struct told told_t;

/*  What is on disk of a room. Borrowed until told_clear.                      */
typedef struct {
    bool stored; /* something of the room is on disk                           */
    uint64_t
        head; /* seq of its last event; where nothing is stored, its first seq will be one more */
    const char *topic, *topic_by;
    uint64_t topic_time_ms; /* Unix time                                       */
} told_room_t;

told_t *told_new (void);
void told_destroy (told_t **self_p);

/*  Keep what is told of the room with this id, before a record of it is applied. */
void told_keep (told_t *told, const ledger_t *ledger, uint64_t id);
/*  Keep ledger_begins, before it changes.                                     */
void told_keep_begins (told_t *told, const ledger_t *ledger);
/*  The batch has landed: what the ledger says is told again.                  */
void told_clear (told_t *told);

/*  What is told of the room (NULL: of one that the ledger does not know).     */
told_room_t told_room (const told_t *told, const ledger_t *ledger, const room_t *room);

#endif
