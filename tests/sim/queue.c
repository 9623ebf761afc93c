/*  queue.c - a binary heap of events                                          */
#include "queue.h"
#include "memory.h"

struct queue {
    queue_event_t *heap;
    size_t count, capacity;
    uint64_t serial;
};

queue_t *queue_new (void)
{
    return memory_zero (sizeof (queue_t));
}

void queue_destroy (queue_t **queue)
{
    if (*queue) {
        free ((*queue)->heap);
        free (*queue);
        *queue = NULL;
    }
}

static bool earlier (const queue_event_t *a, const queue_event_t *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->serial < b->serial;
}

void queue_put (queue_t *queue, uint64_t at_us, void (*happen) (void *arg, uint64_t n), void *arg,
                uint64_t n)
{
    queue_event_t event = {at_us, ++queue->serial, happen, arg, n};
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity ? 2 * queue->capacity : 1024;
        queue->heap = memory_grow (queue->heap, queue->capacity * sizeof *queue->heap);
    }
    size_t at = queue->count++;
    while (at && earlier (&event, &queue->heap[(at - 1) / 2])) {
        queue->heap[at] = queue->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->heap[at] = event;
}

bool queue_take (queue_t *queue, queue_event_t *event)
{
    if (!queue->count)
        return false;
    *event = queue->heap[0];
    queue_event_t last = queue->heap[--queue->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= queue->count)
            break;
        if (child + 1 < queue->count && earlier (&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (!earlier (&queue->heap[child], &last))
            break;
        queue->heap[at] = queue->heap[child];
        at = child;
    }
    if (queue->count)
        queue->heap[at] = last;
    return true;
}
