/*  events.c - events that wait until the program takes them                   */
#include "events.h"
#include "memory.h"

/*  An event in one piece of memory, its strings behind it.                    */
typedef struct node node_t;
struct node {
    node_t *next;
    size_t bytes;
    zchat_event_t event;
};

struct events {
    node_t *first;
    node_t **last;
    node_t *taken; /* the event that the program took last, whose strings it may still read */
    size_t count;
    size_t bytes;
};

events_t *events_new (void)
{
    events_t *events = memory_zero (sizeof *events);

    events->last = &events->first;
    return events;
}

void events_destroy (events_t **events)
{
    if (*events) {
        node_t *node = (*events)->first;
        while (node) {
            node_t *next = node->next;
            free (node);
            node = next;
        }
        free ((*events)->taken);
        free (*events);
        *events = NULL;
    }
}

static size_t bytes_of (const char *string)
{
    return string ? strlen (string) + 1 : 0;
}

static const char *string_move (const char *string, char **space)
{
    char *moved = *space;
    size_t bytes = bytes_of (string);

    if (!string)
        return NULL;
    memcpy (moved, string, bytes);
    *space += bytes;
    return moved;
}

void events_push (events_t *events, const zchat_event_t *event)
{
    size_t bytes = sizeof (node_t) + bytes_of (event->room) + bytes_of (event->user) +
                   event->body_size + 1 + bytes_of (event->data) + bytes_of (event->text) +
                   bytes_of (event->json) + bytes_of (event->log) + bytes_of (event->about);
    node_t *node = memory_new (bytes);
    char *space = (char *)(node + 1);

    node->next = NULL;
    node->bytes = bytes;
    node->event = *event;
    node->event.room = string_move (event->room, &space);
    node->event.user = string_move (event->user, &space);
    node->event.data = string_move (event->data, &space);
    node->event.text = string_move (event->text, &space);
    node->event.json = string_move (event->json, &space);
    node->event.log = string_move (event->log, &space);
    node->event.about = string_move (event->about, &space);
    if (event->body) {
        memcpy (space, event->body, event->body_size);
        space[event->body_size] = '\0';
        node->event.body = space;
    }
    *events->last = node;
    events->last = &node->next;
    events->count++;
    events->bytes += bytes;
}

zchat_status_t events_pop (events_t *events, zchat_event_t *event)
{
    node_t *node = events->first;

    free (events->taken);
    events->taken = node;
    if (!node)
        return ZCHAT_EMPTY;
    events->first = node->next;
    if (!events->first)
        events->last = &events->first;
    events->count--;
    events->bytes -= node->bytes;
    *event = node->event;
    return ZCHAT_OK;
}

bool events_full (const events_t *events)
{
    return events->count >= ZCHAT_EVENTS_MAX || events->bytes >= ZCHAT_EVENTS_BYTES_MAX;
}
