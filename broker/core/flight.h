/*  flight.h - the way from the queue to the disk and back

    While nothing is being committed, calls are taken off the queue and decided, and their records
    applied to the ledger: they are the flight. It departs when the shell takes it to be committed,
   and is delivered when that has ended. What needs no record, and has none before it, is delivered
   at once.

    Where a commit was not stored, or nobody knows, the ledger is loaded again from the store:
   whether the flight is in it decides what becomes of the flight.
*/
#ifndef ZCHAT_CORE_FLIGHT_H
#define ZCHAT_CORE_FLIGHT_H

#include "state/state.h"

/*  Decide what can be decided, and deliver what waits for nothing.            */
void flight_advance (core_t *core);
/*  True where nothing is queued or in flight, and it is known what is stored: what is parked waits
   for nothing.                                                                   */
bool flight_empty (const core_t *core);
/*  See core_take.                                                             */
bool flight_depart (core_t *core, const store_record_t **records, size_t *count);
/*  The commit ended. False: the ledger has to be loaded again before anything goes on. */
bool flight_ended (core_t *core, zchat_status_t status);
/*  Load the ledger, at the start or again: see core_loader.                   */
store_loader_t flight_loader (core_t *core);
/*  Loading again ended. False: it has to be tried once more.                  */
bool flight_loaded (core_t *core, zchat_status_t status);
/*  Rooms that ended in the flight are not needed any more.                    */
void gone_clear (core_t *core);

#endif
