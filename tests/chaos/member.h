/*  member.h - one client of a crowd: what it says, what it hears, what it writes down

    The transcript has one line a thing. A member is its number in the process:

        N member user incarnation       it is there (again) under this name
        S member n room                 it hands message n to the library
        A member n seq                  n is acknowledged (seq 0: by an earlier try)
        F member n status text          n is refused for good
        U member n status text          nobody knows what became of n
        M member room seq user body     it hears a stored message
        J member room seq               a room is live, seq was the last given
        P member room status text       a room was refused
        L member room count seq         retention was faster
        R member                        the broker has another log
        C member, D member status text  connected, disconnected
        X member status text            refused for good; it tries again after a second
        W member status text            a warning

    The body of a message is "incarnation n microseconds padding": who said it and as his
    how manieth stands in the message itself.
*/
#ifndef ZCHAT_MEMBER_H
#define ZCHAT_MEMBER_H

#include "record.h"
#include <zchat/client.h>

enum { MEMBER_ROOMS_MAX = 16, PAD_MAX = 8192 };

/*  What all members of a process share.                                       */
typedef struct {
    const char *endpoint;
    const char *prefix;   /* names are prefix and a number                              */
    unsigned incarnation; /* of the process: tells its messages from its forerunner's   */
    unsigned rooms;       /* there are so many: room0, room1, ...                       */
    unsigned rooms_each;  /* and a member is in so many of them                         */
    unsigned whole_each;  /* one member in so many hears the rooms from seq 1 on, the
                             others the last few                                        */
    size_t pad;           /* bytes of padding in a body                                 */
    bool brief;           /* no S, A, M lines: counts and hashes only                   */
    record_t *record;     /*                                                            */
    histogram_t latency;  /* from said to heard                                         */
    histogram_t whole;    /* the same, of a longer span                                 */
    uint64_t said, acked, failed, unknown, full; /* messages; full: not taken             */
    uint64_t heard, holes, again;                /* stored messages; missed; heard twice  */
    uint64_t refused, parted, gone, replaced;    /* X, P, messages of L, R                */
    uint64_t topics, renames, connects;          /* done for churn                        */
} crowd_t;

/*  What a member knows of a room.                                             */
typedef struct {
    char name[32];
    uint64_t first;    /* seq it heard first; 0: none yet                                */
    uint64_t last;     /* and last                                                       */
    uint64_t hash;     /* over all it heard, in order                                    */
    bool live;         /* since the last JOINED                                          */
    uint64_t again_us; /* refused: when to join again; 0: not                            */
} member_room_t;

typedef struct {
    crowd_t *crowd;
    zchat_client_t *client;
    unsigned number;
    char name[64];
    uint64_t n; /* messages said; the library's ids count the same, as a member
                   that writes S lines asks nothing else of it                    */
    member_room_t rooms[MEMBER_ROOMS_MAX];
    uint64_t retry_us; /* REFUSED: when to try again; 0: not                             */
    uint64_t due_us;   /* when it must be stepped                                        */
    uint64_t live_us;  /* when its last room became live; 0: not live                    */
    bool lost;         /* disconnected since the last mark                               */
    unsigned renamed;  /* times                                                          */
    char extra[32];    /* a room joined for churn, or ""                                 */
} member_t;

uint64_t time_us (void);

/*  A client that connects and joins its rooms. False where the system has no more
    sockets or threads.                                                         */
bool member_start (member_t *member, crowd_t *crowd, unsigned number);
void member_stop (member_t *member);

/*  Do what is due, take all events.                                           */
void member_step (member_t *member, uint64_t now_us);

/*  Say the next message in its room number which (modulo its rooms).          */
void member_say (member_t *member, unsigned which, uint64_t now_us);

/*  For churn: go on under another name; be in another room; set a topic.       */
void member_rename (member_t *member);
void member_move (member_t *member, unsigned room);
void member_topic (member_t *member, unsigned which, uint64_t number);

#endif
