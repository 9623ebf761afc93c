/*  seek.h - the first message of a time, asked of the broker                  */
#ifndef ZCHAT_CLI_SEEK_H
#define ZCHAT_CLI_SEEK_H

#include "since.h"
#include <zchat/client.h>

typedef struct {
    since_t since;
    uint64_t time_ms;
    uint64_t id;      /* of the request under way                              */
    bool asked;       /* there is one                                          */
    bool begun;       /* the room's bounds are known                           */
    bool done;        /* seq is known, or the broker refused                   */
    uint64_t seq;     /* the first message wanted; 1 where it refused          */
    uint64_t got_seq; /* the message that came for the request, 0: none        */
    uint64_t got_ms;
} seek_t;

void seek_begin (seek_t *self, uint64_t time_ms);

/*  Ask for more where it is not done and nothing is under way. The client is connected. */
void seek_ask (seek_t *self, zchat_client_t *client, const char *room);

/*  True where the event was for the search.                                   */
bool seek_event (seek_t *self, const zchat_event_t *event);

#endif
