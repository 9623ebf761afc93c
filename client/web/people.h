/*  people.h - the connections to the broker: one for each name and token, and one for all guests

    A person has a client of libzchat, which all requests of theirs share. What a request asks for
    is waited for by a waiter; the rooms whose events are read are hubs, which keep the last events
    for all their readers. A person, and a hub, that nobody has used for ZCHAT_WEB_IDLE_MS is let
    go.

    All of it belongs to one thread. Callbacks come out of people_step alone, but where one says
    otherwise; they may ask for more, and must not end a person.
*/
#ifndef ZCHAT_WEB_PEOPLE_H
#define ZCHAT_WEB_PEOPLE_H

#include "credential.h"
#include "ring.h"
#include <poll.h>
#include <uthash.h>
#include <utlist.h>
#include <zchat/client.h>

typedef struct people people_t;
typedef struct person person_t;
typedef struct hub hub_t;

typedef struct {
    const char *endpoint; /* of the broker, or its address                     */
    const char *feed;     /* or NULL                                           */
    const char *agent;
    bool free_names; /* names may be had without a token                       */
} people_options_t;

/*  Make the people: the guests' connection begins. options are borrowed. ZCHAT_OK, or as
    zchat_client_new, with *why.                                               */
zchat_status_t people_new (const people_options_t *options, uint64_t now_ms, people_t **people,
                           const char **why) ZCHAT_CHECKED;

/*  End all connections, waiting for a BYE so long at most in all.             */
void people_destroy (people_t **people);

/*  Fill items (of people_count) with what is to be polled; returns their number. */
size_t people_count (const people_t *people);
size_t people_items (const people_t *people, struct pollfd *items);

/*  Return the ms after which people_step must be called.                      */
int people_timeout (const people_t *people);

/*  Do what is due: connections, events, those that are let go.                */
void people_step (people_t *people, uint64_t now_ms);

/*  Find the person of a credential, or begin a connection. ZCHAT_OK and *person; ZCHAT_NAME,
    ZCHAT_TOKEN (no free names here), ZCHAT_FULL, or why this credential was refused lately;
    *text says more.                                                           */
zchat_status_t people_find (people_t *people, const credential_t *credential, person_t **person,
                            const char **text) ZCHAT_CHECKED;

/*  Return the guests: those who ask, and of those who read rooms, the connection that reads these
   or has place for them. A person reads ZCHAT_SESSION_ROOMS_MAX rooms, so guests have several.  */
person_t *people_guest (people_t *people);
person_t *people_guest_of (people_t *people, const char *const rooms[], size_t count);

/*  --- a person ---------------------------------------------------------------- */

/*  Keep a person from being let go, and no longer. The pointer is valid between the two. */
void person_hold (person_t *person);
void person_release (person_t *person);

zchat_client_t *person_client (person_t *person);

/*  What is known of the connection. Strings are borrowed until the next step; "" where nothing is
    known.                                                                     */
typedef struct {
    bool connected, proven, admin;
    const char *user, *log, *server;
    bool failing;          /* it is lost or was never there: */
    zchat_status_t status; /* why                                              */
    const char *text;
    int wait_ms; /* when it is tried again                                     */
} person_state_t;

void person_state (const person_t *person, person_state_t *state);

typedef struct waiter waiter_t;
struct waiter {
    /*  Take an event about the id: HISTORY any number of times, then one of REPLY, SENT, FAILED or
        UNKNOWN, before which the waiter was taken out. Where the person is refused, a REPLY with
        the reason.                                                            */
    void (*event) (void *arg, const zchat_event_t *event);
    void *arg;
    uint64_t id; /* 0: it waits for nothing                                    */
    bool greets;
    UT_hash_handle hh;
    waiter_t *prev, *next;
};

/*  Wait for what becomes of the id. The waiter is borrowed until then, or until person_forget. */
void person_wait (person_t *person, waiter_t *waiter, uint64_t id);

/*  Wait until the person is connected: an event of kind CONNECTED, or a REPLY with why not. */
void person_greet (person_t *person, waiter_t *waiter);

/*  Wait no longer. It tolerates a waiter that does not wait.                  */
void person_forget (person_t *person, waiter_t *waiter);

/*  --- hubs ----------------------------------------------------------------------- */

typedef enum {
    HUB_LIVE,     /* the room is joined, for the first time or again           */
    HUB_MORE,     /* there is another entry in the ring                        */
    HUB_OFFLINE,  /* the broker is lost, and is being tried                    */
    HUB_REPLACED, /* the broker has another log: all seqs begin anew           */
    HUB_PARTED    /* the room cannot be read (any more); no change comes after it */
} hub_change_t;

typedef struct hub_reader hub_reader_t;
struct hub_reader {
    /*  Take a change. With PARTED hub_status says why. It must not leave other hubs' readers, nor
        this one's others.                                                     */
    void (*changed) (void *arg, hub_change_t change);
    void *arg;
    hub_t *hub; /* NULL: it reads none                                         */
    hub_reader_t *prev, *next;
};

/*  Read a room, "@" or by name. ZCHAT_OK, and changes come; ZCHAT_NAME; ZCHAT_FULL: this person
   reads ZCHAT_SESSION_ROOMS_MAX rooms.                                             */
zchat_status_t person_read (person_t *person, const char *room, hub_reader_t *reader) ZCHAT_CHECKED;

/*  Read it no longer. It tolerates one that reads none.                       */
void person_unread (hub_reader_t *reader);

typedef struct {
    person_t *person;
    const char *room; /* as the broker spells it, once it is live              */
    bool live, parted;
    uint64_t head; /* the last seq, while it is live                           */
    uint64_t members, read;
    const char *topic;
    zchat_status_t status; /* of parted, with text                             */
    const char *text;
    const ring_t *ring;
} hub_view_t;

/*  What is known of a room; borrowed until the next step.                     */
void hub_view (const hub_t *hub, hub_view_t *view);

/*  Ask for a page of a room for a reader: events after a seq. Many readers wait in turn.
    The waiter's id is 0 as long as it waits for its turn.                     */
void person_page (person_t *person, waiter_t *waiter, const char *room, uint64_t after);

#endif
