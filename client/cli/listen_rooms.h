/*  listen_rooms.h - which rooms there are, for zchat listen --all-rooms

    It asks the broker for the list of rooms, page by page, and again every ZCHAT_ALL_ROOMS_MS.
*/
#ifndef ZCHAT_CLI_LISTEN_ROOMS_H
#define ZCHAT_CLI_LISTEN_ROOMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <zchat/client.h>

typedef struct {
    uint64_t id;     /* of the request under way                               */
    bool asked;      /* a request is under way                                 */
    bool listed;     /* the whole list came once                               */
    char *behind;    /* the last name that came, or NULL; owned                */
    int64_t next_ms; /* when the list is asked for again                       */
} listen_rooms_t;

/*  Ask for the next page, where it is time. now_ms: monotonic.                */
void listen_rooms_ask (listen_rooms_t *self, zchat_client_t *client, int64_t now_ms);

/*  Take an event. True where it was the answer: *names is then an array of names, or NULL, and the
    caller releases it. *refused: the broker will not tell.                    */
bool listen_rooms_event (listen_rooms_t *self, const zchat_event_t *event, int64_t now_ms,
                         json_t **names, bool *refused);

void listen_rooms_free (listen_rooms_t *self);

#endif
