/*  queue.h - what happens when: the events of a simulation, in order of their time

    Events of one time happen in the order they were put in.
*/
#ifndef ZCHAT_SIM_QUEUE_H
#define ZCHAT_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct queue queue_t;

typedef struct {
    uint64_t at_us;                         /*                                    */
    uint64_t serial;                        /*                                    */
    void (*happen) (void *arg, uint64_t n); /* arg must live as long as the queue */
    void *arg;
    uint64_t n;
} queue_event_t;

queue_t *queue_new (void);
void queue_destroy (queue_t **queue);

void queue_put (queue_t *queue, uint64_t at_us, void (*happen) (void *arg, uint64_t n), void *arg,
                uint64_t n);

/*  Take the first event. False: there is none.                                */
bool queue_take (queue_t *queue, queue_event_t *event);

#endif
