/*  events.h - events that wait until the program takes them                   */
#ifndef ZCHAT_EVENTS_H
#define ZCHAT_EVENTS_H

#include <zchat/client.h>

typedef struct events events_t;

events_t *events_new (void);
void events_destroy (events_t **events);

/*  Append a copy of the event and of its strings.                             */
void events_push (events_t *events, const zchat_event_t *event);

/*  Take the oldest event: ZCHAT_OK, or ZCHAT_EMPTY. Its strings are valid until the next call of
    events_pop.                                                                */
zchat_status_t events_pop (events_t *events, zchat_event_t *event) ZCHAT_CHECKED;

/*  True where no more events should be made until some are taken (ZCHAT_EVENTS_MAX,
    ZCHAT_EVENTS_BYTES_MAX).                                                   */
bool events_full (const events_t *events);

#endif
