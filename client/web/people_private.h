/*  people_private.h - what the sources of people share                         */
#ifndef ZCHAT_WEB_PEOPLE_PRIVATE_H
#define ZCHAT_WEB_PEOPLE_PRIVATE_H

#include "name.h"
#include "people.h"

enum { PEOPLE_KEY_SIZE = 32 };

struct hub {
    char fold[NAME_KEY_MAX + 1];   /* the room, in whatever spelling           */
    char room[ZCHAT_NAME_MAX + 1]; /* as it was asked for, then as the broker spells it */
    person_t *person;
    ring_t *ring;
    hub_reader_t *readers;
    bool live, parted;
    uint64_t head, members, read;
    char *topic;           /* or NULL                                          */
    zchat_status_t status; /* why it is parted                                 */
    char *text;            /* or NULL                                          */
    uint64_t idle_ms;      /* when the last reader went                        */
    UT_hash_handle hh;
};

/*  A page that waits for its turn.                                            */
typedef struct turn {
    waiter_t *waiter;
    char room[ZCHAT_NAME_MAX + 1];
    uint64_t after;
    struct turn *prev, *next;
} turn_t;

struct person {
    uint8_t key[PEOPLE_KEY_SIZE]; /* of name and secret                         */
    people_t *people;
    zchat_client_t *client;
    bool guest;
    bool connected, proven, admin, failing;
    bool behind; /* events of the client are left for the next turn             */
    bool ended;  /* refused: status and text say why                            */
    zchat_status_t status;
    char *text, *user, *log, *server;
    int wait_ms;
    size_t holds;
    uint64_t idle_ms;  /* when the last hold went                              */
    uint64_t ended_ms; /* when it was refused                                  */
    waiter_t *waiters; /* by id                                                */
    waiter_t *greeters;
    turn_t *turns;
    size_t pages; /* under way                                                 */
    hub_t *hubs;
    UT_hash_handle hh;
};

struct people {
    const people_options_t *options;
    person_t *guests[ZCHAT_WEB_GUESTS]; /* the first is always there            */
    size_t n_guests;
    person_t *all; /* by key; the guests are not among them                    */
    size_t ring_bytes;
    uint64_t now_ms;
    uint64_t full_ms; /* a bucket of new people: it is full again then          */
};

/*  Take an event of the person's client.                                      */
void person_take (person_t *person, const zchat_event_t *event);

/*  Ask for the pages whose turn it is.                                        */
void person_pages (person_t *person);

/*  Let go of rooms that nobody reads.                                         */
void person_hubs_idle (person_t *person);

/*  Tell all that wait that the person is refused.                             */
void person_end (person_t *person, zchat_status_t status, const char *text);

void hub_destroy (hub_t *hub);

/*  True where the person reads the room already.                              */
bool person_reads (const person_t *person, const char *room);

#endif
