/*  request.h - one request, from its headers to its answer

    http.c moves it along; calls.c asks the broker for what it wants, answers.c says what came of
   it.
*/
#ifndef ZCHAT_WEB_REQUEST_H
#define ZCHAT_WEB_REQUEST_H

#include "buffer.h"
#include "door.h"
#include "guard.h"
#include "once.h"
#include "people.h"
#include "route.h"
#include "stream.h"
#include <jansson.h>

typedef enum {
    REQUEST_READING, /* its body comes                                         */
    REQUEST_WAITING, /* for the broker: the connection sleeps                  */
    REQUEST_DONE,    /* its answer is there                                    */
    REQUEST_ANSWERED /* and was handed over                                    */
} request_stage_t;

/*  What is to be said, of a body.                                             */
typedef struct {
    char *text; /* or NULL                                                     */
    size_t size;
    zchat_type_t type;
    char *data; /* JSON, or NULL                                               */
    uint64_t re;
    uint64_t seq;
} request_message_t;

struct request {
    door_t *door;
    struct MHD_Connection *connection;
    request_stage_t stage;
    route_t route;
    char *path;   /* as it came                                                */
    char *origin; /* another origin that may read the answer, or NULL          */
    credential_t credential;
    person_t *person; /* held, or NULL                                         */
    waiter_t waiter;
    bool suspended;
    uint64_t began_ms;
    uint64_t deadline_ms; /* of this stage; UINT64_MAX: none                   */
    buffer_t body;
    request_message_t message;
    bool once; /* it has an Idempotency-Key: */
    once_key_t key;
    stream_t *stream;
    buffer_t events; /* of a history, joined by commas                         */
    unsigned status; /* of HTTP; 0: not decided                                */
    char *answer;    /* its JSON, or NULL                                      */
    char allow[ROUTE_ALLOW_MAX];
    bool broken; /* the rest of its body is not read                           */
    struct request *prev, *next;
};

/*  Answer with JSON, which becomes the request's. Only the first counts.      */
void request_done (request_t *request, unsigned status, char *json);

/*  Answer with a refusal.                                                     */
void request_refuse (request_t *request, unsigned status, const char *code, const char *text);
void request_refuse_status (request_t *request, zchat_status_t status, const char *text,
                            const char *json);

/*  Read a parameter behind ?, decoded. NULL: it is not there, or empty. False in *good: it is no
    text, or longer than max bytes. The caller frees it.                       */
char *request_parameter (const request_t *request, const char *name, size_t max, bool *good);

/*  Read one that is a number. False where it is there and is none, or above max. *number stays as
   it is where it is not there.                                                  */
bool request_number (const request_t *request, const char *name, uint64_t max, uint64_t *number);

/*  Return a header, or NULL.                                                  */
const char *request_header (const request_t *request, const char *name);

/*  calls.c: ask the broker for what the request wants; it is then DONE or WAITING. */
void calls_start (request_t *request);

/*  calls.c: ask again, over a new connection.                                 */
void calls_again (request_t *request);

/*  message.c: read the body of a request that says something. False where it was refused. */
bool message_read (request_t *request);
void message_clear (request_message_t *message);

/*  answers.c: take what became of it: the event of the request's waiter.      */
void answers_event (void *arg, const zchat_event_t *event);

/*  streams.c: begin a stream.                                                 */
void streams_start (request_t *request);

#endif
