/*  reader.h - two people who read and mention each other, by hand, on two devices each

    What they are told of what they have read never goes back over one connection, is never more
    than they said, and never less than what was on disk when the connection was made; UNREAD counts
    the mentions that were committed. They are there in runs in which no rooms end.
*/
#ifndef ZCHAT_SIM_READER_H
#define ZCHAT_SIM_READER_H

#include "sim.h"
#include "store.h"

reader_t *reader_new (sim_t *sim, size_t number);
void reader_free (reader_t **reader);

/*  A record was committed, behind those before it: a mention stands with its message and goes to
    who is named there; what was read goes forward.                           */
void readers_commit (sim_t *sim, const book_t *book, const store_record_t *records, size_t index);

#endif
