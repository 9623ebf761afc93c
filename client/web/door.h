/*  door.h - the HTTP door: a server, the connections to the broker, the hooks

    One thread does all of it, around one poll. main makes a door of the options and lets it run.
*/
#ifndef ZCHAT_WEB_DOOR_H
#define ZCHAT_WEB_DOOR_H

#include "guard.h"
#include "once.h"
#include "options.h"
#include "people.h"
#include "token_names.h"
#include <microhttpd.h>

typedef struct request request_t;
typedef struct hooks hooks_t;

/*  A connection of HTTP.                                                      */
typedef struct peer {
    int fd;
    uint8_t address[16]; /* IPv4 in its mapped form                            */
    bool local;          /* of this machine                                    */
    request_t *request;  /* or NULL: the next one is waited for                */
    uint64_t idle_ms;    /* since when                                         */
    struct peer *prev, *next;
} peer_t;

typedef struct {
    const options_t *options; /* borrowed                                      */
    guard_t guard;
    people_options_t people_options;
    people_t *people;
    once_t *once;
    token_names_t *token_names; /* or NULL                                      */
    hooks_t *hooks;
    struct MHD_Daemon *daemon;
    peer_t *peers;
    size_t n_peers;
    request_t *requests;
    size_t n_streams;
    size_t body_bytes; /* of all requests under way                            */
    uint64_t ticked_ms;
    uint64_t now_ms; /* of the monotonic clock, at this turn                 */
    bool turn;       /* the server has work: it is to be called again at once */
    bool stopping;
    char *pem_key, *pem_cert; /* or NULL                                       */
} door_t;

/*  Make a door that listens. NULL, and the reason was written to standard error. *outcome is then
    the exit status.                                                           */
door_t *door_new (const options_t *options, int *outcome);
void door_destroy (door_t **door);

/*  Run until a signal ends it.                                                */
void door_run (door_t *door);

/*  Write the address at which it listens, HOST:PORT.                          */
void door_address (const door_t *door, char *text, size_t size);

/*  http.c: begin and end to listen, and look after connections and requests whose time is over. */
bool http_listen (door_t *door, const char **why);
void http_stop (door_t *door);
void http_tick (door_t *door);

#endif
