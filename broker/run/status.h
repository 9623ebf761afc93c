/*  status.h - what zchatd status tells                                        */
#ifndef ZCHAT_RUN_STATUS_H
#define ZCHAT_RUN_STATUS_H

#include "broker_private.h"
#include <jansson.h>

/*  The broker's state, for the caller to release. It waits for no disk: what it says of that was
   found out on the writing thread, within the last ten seconds.                    */
json_t *status_json (broker_t *broker);

/*  Keep how much was done so far, so that a rate can be told. Call it now and then. */
void status_sample (broker_t *broker);

#endif
