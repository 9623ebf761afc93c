/*  importer.h - events of elsewhere, written into the log of a broker that is stopped

    They come in the order in which they were said, and keep their names and times; where a room has
    something later already, that one's time is taken, for times of a room do not go back. Rooms
   that are not there are made. A seq is another one here; events that are about a message (edits,
    reactions, removals) are about the one that it became, where that was imported by the same
   importer; otherwise they become gone, and say nothing.
*/
#ifndef ZCHAT_IMPORTER_H
#define ZCHAT_IMPORTER_H

#include "ledger/ledger.h"
#include "record_line.h"

typedef struct importer importer_t;

/*  Into the log of store, which ledger is of; both borrowed.                  */
importer_t *importer_new (store_t *store, ledger_t *ledger);
void importer_destroy (importer_t **self_p);

/*  Write one event. NULL; or why the line it came of is wrong, a static sentence: nothing is
   written of it. Private rooms and mailboxes are left out, and counted. */
const char *importer_put (importer_t *self, const record_line_t *record);

/*  What is still on its way to the disk. NULL; or why it is not there.        */
const char *importer_end (importer_t *self);

/*  How many were written, and left out.                                       */
size_t importer_written (const importer_t *self);
size_t importer_left_out (const importer_t *self);

#endif
