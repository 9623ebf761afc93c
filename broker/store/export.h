/*  export.h - all that a log holds, read once, beside a running broker

    In one snapshot of what was committed when it began; no lock is taken, nothing is changed. While
   it is read, the broker's WAL cannot be reused and grows.
*/
#ifndef ZCHAT_STORE_EXPORT_H
#define ZCHAT_STORE_EXPORT_H

#include "store.h"

/*  Gets an event of the room with this number; borrowed for the call. False: it is enough. */
typedef bool (store_told_t) (void *arg, uint64_t room, const event_t *event);

/*  Give the log in the folder dir to loader as by store_load, then its events to told: room by room
   in the order of their numbers, each in the order of its seqs. A page of memory is all it takes,
   however many there are. ZCHAT_OK, also where told ended it; else *why, which the caller frees,
   and a status as of store_check. Where loader fails, its status.                         */
zchat_status_t store_export (const char *dir, const store_loader_t *loader, store_told_t *told,
                             void *arg, char **why) ZCHAT_CHECKED;

#endif
