/*  crowd - listeners and speakers of rooms on one server, in one thread.  */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "link.h"
#include "samples.h"

typedef struct {
    const dialect_t *dialect;
    int server;      /* its process                                          */
    int door, feed;  /* ports to speak and to listen at                      */
    int rooms;       /* the traffic among them is Zipf's where one speaks    */
    int listeners;   /* of each room                                         */
    int speakers;    /* several: with one room and without listeners         */
    size_t body;     /* bytes                                                */
    uint64_t window; /* messages under way, of each speaker and to each room */
    uint64_t count;  /* of messages, at most                                 */
    double seconds;  /* for so long                                          */
    guard_plan_t guard;
} crowd_plan_t;

typedef struct {
    link_t link;
    speaker_t speaker;
    uint64_t answered;
} crowd_speaker_t;

typedef struct crowd_t crowd_t;

typedef struct {
    uint64_t messages, deliveries;
    uint64_t ns;           /* from the first to the last                      */
    uint64_t cpu_ns;       /* of the server meanwhile                         */
    uint64_t join_ns;      /* until all listeners were live                   */
    double connection_kib; /* memory of the server a connection, or 0         */
    samples_t waits;       /* sorted                                          */
} crowd_result_t;

/*  Connects everybody; returns when each listener hears what is said.  */
crowd_t *crowd_new (const crowd_plan_t *plan);

/*  Speaks until plan->seconds have passed or plan->count messages are said, and waits until each of
 * them has arrived at each listener and was answered. Ends the driver where one does not.  */
void crowd_run (crowd_t *self, crowd_result_t *result);

/*  Room 0 holds what crowd_run said: reads it all, from the first message on.  */
void crowd_replay (crowd_t *self, crowd_result_t *result);

void crowd_destroy (crowd_t **self);

#endif
