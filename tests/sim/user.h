/*  user.h - a client's process: the real delivery, and a program that uses it */
#ifndef ZCHAT_SIM_USER_H
#define ZCHAT_SIM_USER_H

#include "book.h"
#include "delivery.h"
#include "messages.h"
#include "wire.h"

enum { USER_QUERIES_MAX = ZCHAT_QUERIES_MAX };

/*  What the program has seen of a room it wants to be in.                     */
typedef struct {
    bool wanted;       /* delivery_join was called                               */
    bool joined;       /* JOINED came on this connection                         */
    size_t ended;      /* how often the room had ended then                     */
    uint64_t asked_us; /* it is asked for since then, on this connection         */
    bool indoors;      /* it was private then                                    */
    uint64_t live_us;  /* since then                                            */
    uint64_t floor;    /* JOINED may not come before this seq was given          */
    size_t floor_book; /* in this book                                         */
    bool based;        /* where it began is known                                */
    bool kept;         /* it began with a cursor kept from an earlier life       */
    uint64_t seq;      /* last one given                                         */
    size_t of;         /* the book it is of                                      */
    uint64_t last;     /* as asked for                                           */
    uint64_t least;    /* it may not have begun before, in this book             */
    size_t book;       /*                                                        */
    messages_t *shown; /* what the program shows, see shown.h; NULL: nothing     */
} view_t;

typedef struct {
    uint64_t id;  /* 0: free                                               */
    bool history; /*                                                       */
    bool topic;   /* it sets one: the letter with this id                  */
    size_t room;  /*                                                       */
    uint64_t seq; /* of the last event of the history                      */
} query_t;

struct user {
    sim_t *sim;
    size_t number;
    bool guest;
    char name[40];            /* "": a guest                                     */
    const char *key;          /* NULL: none                                      */
    user_t *mate;             /* the other device of the same person; NULL       */
    char box[PEOPLE_BOX_MAX]; /* the name of its mailbox since CONNECTED; "": not known */
    delivery_t *delivery;     /* NULL: the process does not run                  */
    size_t life;              /*                                                 */
    uint64_t incarnation;     /*                                                 */
    uint64_t frozen_us;       /* until then it stands still                      */
    uint64_t cut_until_us;    /* until then its host has no network              */
    door_t *door;             /*                                                 */
    feed_t *feed;             /*                                                 */
    uint64_t tick_ms;         /* delivery_tick is planned for then               */
    uint64_t spin_ms;         /* the last tick's time                            */
    unsigned spins;           /* ticks at that time                              */
    const book_t *book;       /* as HELLO told; NULL                             */
    bool replaced;            /* LOG_REPLACED was given, CONNECTED not yet       */
    bool met;                 /* CONNECTED was given to this process             */
    bool refused;             /* REFUSED was given                               */
    bool leaving;             /* BYE was said                                    */
    bool asking;              /* within a call that begins a request             */
    uint64_t early;           /* the reply to this one came within the call      */
    view_t views[SIM_VIEWS];
    query_t queries[USER_QUERIES_MAX];
};

/*  Names: the second kind looks otherwise than it is spelled.                  */
#define USER_PLAIN   "User%zu"
#define USER_LOOKING "\xd0\xae\xd1\x80\xd0\xb0%zu"

user_t *user_new (sim_t *sim, size_t number, bool guest);
void user_free (user_t **user);

/*  The room of a view in the log that the user knows; never NULL.             */
const book_room_t *user_room (const user_t *user, size_t view);

/*  Another name, with the mark in it.                                         */
void user_name (user_t *user, const char *mark);

void user_start (user_t *user);
void user_kill (user_t *user);
/*  Say BYE, then end.                                                         */
void user_leave (user_t *user);
void user_freeze (user_t *user, uint64_t us);
/*  Take what has arrived; the process was called.                             */
void user_turn (user_t *user);
uint64_t user_now (const user_t *user);
/*  The host has no network for so long.                                       */
void user_partition (user_t *user, uint64_t us);

/*  Something is wrong with what it has, now that it should have all. NULL: nothing. */
const char *user_lacks (user_t *user);

/*  --- user_check.c: what the program is given --------------------------------  */

void user_event (user_t *user, const zchat_event_t *event);
/*  The program begins to wait for a room, or for a reply.                     */
void user_wants (user_t *user, size_t room, uint64_t last, uint64_t since);
void user_asks (user_t *user, uint64_t id, bool history, bool topic, size_t room);

/*  --- user_act.c: what the program does -------------------------------------  */

/*  Go on doing things, from time to time.                                     */
void user_act (void *arg, uint64_t incarnation);
/*  Say something in the room; may_fail: it may be what the broker refuses.    */
void user_say_in (user_t *user, size_t at, bool may_fail);
/*  The same somewhere.                                                        */
void user_say (user_t *user, bool may_fail);
/*  --- user_private.c: private rooms, direct messages, keys ------------------  */

/*  Tell somebody something; may_fail: likewise.                               */
void user_tell (user_t *user, bool may_fail);
/*  Make a private room, or do what its operators do.                          */
void user_order (user_t *user, size_t room);
/*  Make the private room, or have somebody who is in it invite that name, or put it out.  */
void user_order_about (user_t *user, size_t room, const char *name, bool out);
/*  Join the private rooms it is a member of.                                  */
void user_dens (user_t *user);
/*  Let the other device in, where it is refused.                              */
void user_admit (user_t *user);
/*  Begin a request that the model does not look at.                           */
void user_asked (user_t *user, zchat_status_t status, const uint64_t *id);
/*  Join a room, or the mailbox.                                               */
void user_join (user_t *user, size_t room);

/*  Leave a room, while the connection may be lost.                            */
void user_despair (void *arg, uint64_t incarnation);
/*  Try again where it was refused.                                            */
void user_retry (void *arg, uint64_t incarnation);
/*  Join what is not joined.                                                   */
void user_join_all (user_t *user);

#endif
