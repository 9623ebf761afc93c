/*  rooms_private.h - what the sources of rooms share                          */
#ifndef ZCHAT_ROOMS_PRIVATE_H
#define ZCHAT_ROOMS_PRIVATE_H

#include "cursor.h"
#include "endpoint.h"
#include "rooms.h"

#define NEVER UINT64_MAX

typedef enum { ROOM_WANTED, ROOM_ASKED, ROOM_SYNCING, ROOM_FILLING, ROOM_LIVE } room_state_t;

typedef struct {
    rooms_t *rooms;  /* the rooms it belongs to                                */
    uint64_t number; /* identifies the room; it is never given again           */
    room_state_t state;
    char name[ZCHAT_NAME_MAX + 1]; /* the broker's spelling, once it is known  */
    name_keys_t keys;
    bool placed;        /* the cursor was given its place                      */
    bool joined;        /* JOINED was given on this connection                 */
    bool direct;        /* its events come over the door, as those of private rooms do */
    zchat_status_t out; /* not ZCHAT_OK: the user was put out, and this is why */
    uint64_t last;      /* number of earlier events wanted, until the cursor is placed */
    uint64_t since;
    cursor_t *cursor;
    uint64_t due_ms;    /* when JOIN or HISTORY is to be sent                  */
    bool fetching;      /* HISTORY is under way                                */
    unsigned fruitless; /* HISTORYs in a row that brought nothing              */
    uint64_t ping_head; /* the head that the last PING told                    */
    bool ping_named;    /* the present PING told a head of this room           */
    bool ping_missed;   /* the last PING did not tell a head of it             */
    uint64_t members;   /* as JOIN told it                                     */
    uint64_t read;      /* up to where it was read, as JOIN told it; 0: not told */
    char *topic;        /* as JOIN told it, or NULL                            */
    char *topic_by;
} room_t;

struct rooms {
    exchange_t *exchange;
    markers_t *markers;
    room_t *rooms[ZCHAT_SESSION_ROOMS_MAX];
    size_t count;
    size_t turn;             /* index of the room whose fetch is looked at first */
    uint64_t number;         /* the last number given to a room                */
    char feed[ENDPOINT_MAX]; /* endpoint from which the events come            */
    bool feed_made;          /* there is a feed socket                         */
    bool feed_silent; /* the feed's silence was told; until it speaks, HISTORY brings what PING
                         tells of */
    bool feed_proven; /* its connection leads to the same broker as our door   */
    char nonce[2 * RNG_SEED_SIZE + 1]; /* that the barrier waits for; "": no barrier is up */
    uint64_t sync_ms;                  /* when SYNC is to be sent              */
    uint64_t barrier_ms;               /* since when the feed owes us the nonce */
};

/*  True where the room is one's own mailbox.                                  */
bool room_is_mailbox (const room_t *room);

/*  Find the room that is joined under this name, in whatever spelling; NULL: none. */
room_t *rooms_find (const rooms_t *rooms, const char *name);

/*  Take a room out, and give PARTED.                                          */
void rooms_remove (rooms_t *rooms, room_t *room, zchat_status_t status, const char *text);

/*  Subscribe the feed to the room's events, or unsubscribe it.                */
void room_subscribe (const room_t *room, bool on);

/*  Subscribe to the room and put up a new barrier; the room is syncing then.  */
void room_listen (room_t *room);

/*  Events come by themselves from now on, so what happened before is fetched. */
void room_fill (room_t *room);

/*  Ask for a nonce that proves all subscriptions made until now.              */
void rooms_barrier (rooms_t *rooms);

/*  The feed has owed the nonce for too long: that is told once, and a new feed is made. */
void rooms_feed_silent (rooms_t *rooms);

/*  Has a gap fetched, if there is one and the room is live.                   */
void room_mind_gap (room_t *room);

#endif
