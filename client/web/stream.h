/*  stream.h - an answer that does not end: server-sent events

    A stream belongs to the request that asked for it. It holds its person. What it says waits in
    it only until the connection takes it: the rest stays in the hubs and the log.
*/
#ifndef ZCHAT_WEB_STREAM_H
#define ZCHAT_WEB_STREAM_H

#include "follow.h"
#include <microhttpd.h>

typedef struct stream stream_t;

typedef struct {
    const char *rooms[ZCHAT_WEB_STREAM_ROOMS_MAX]; /* as they are asked for     */
    follow_begin_t begins[ZCHAT_WEB_STREAM_ROOMS_MAX];
    size_t count;
} stream_rooms_t;

/*  Make a stream for a connection. decided is called once its rooms are decided, as stream_decided
    then says, but never out of this call. ZCHAT_OK, or a result of person_read. */
zchat_status_t stream_new (person_t *person, struct MHD_Connection *connection,
                           const stream_rooms_t *rooms, uint64_t now_ms,
                           void (*decided) (void *arg), void *arg, stream_t **stream) ZCHAT_CHECKED;
void stream_destroy (stream_t **stream);

/*  True where every room is live or refused.                                  */
bool stream_decided (const stream_t *stream);

/*  True where all its rooms are refused: the status and text of the first.    */
bool stream_refused (const stream_t *stream, zchat_status_t *status, const char **text);

/*  Make the answer. From then on the stream speaks. NULL: no memory.          */
struct MHD_Response *stream_response (stream_t *stream);

/*  Do what is due.                                                            */
void stream_tick (stream_t *stream, uint64_t now_ms);

/*  Let it end, as soon as what it has said is read: the program stops.        */
void stream_stop (stream_t *stream);

#endif
