/*  arrive - clients that come at once and then say nothing, as most do most of the time.  */
#ifndef BENCH_ARRIVE_H
#define BENCH_ARRIVE_H

#include "crowd.h"

/*  Opens all connections of so many clients in plan->rooms rooms, and waits until each is live;
 * then lets them be idle, but for what the protocol wants of them, for plan->seconds. In result
 * join_ns is how long the arrival took, connection_kib the memory a client, ns and cpu_ns are of
 * being idle, messages and deliveries are the clients. Ends the driver where one does not get in.
 */
void arrive_run (const crowd_plan_t *plan, int clients, crowd_result_t *result);

#endif
