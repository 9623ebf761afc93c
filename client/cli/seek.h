/*  seek.h - asks the broker for the first message that is not older than a time */
#ifndef ZCHAT_CLI_SEEK_H
#define ZCHAT_CLI_SEEK_H

#include "since.h"
#include <zchat/client.h>

typedef struct {
    since_t since;
    uint64_t time_ms;
    uint64_t id;      /* of the request under way                              */
    bool asked;       /* a request is under way                                */
    bool begun;       /* the first and the last seq of the room are known      */
    bool done;        /* seq is known, or the broker has refused               */
    uint64_t seq;     /* of the first message wanted; 1 where the broker has refused */
    uint64_t got_seq; /* seq of the message that came for the request; 0: none did */
    uint64_t got_ms;
} seek_t;

void seek_begin (seek_t *self, uint64_t time_ms);

/*  Send the next request, unless the search is done or a request is under way. The client must
    be connected.                                                              */
void seek_ask (seek_t *self, zchat_client_t *client, const char *room);

/*  Take an event. True where it was for the search.                           */
bool seek_event (seek_t *self, const zchat_event_t *event);

#endif
