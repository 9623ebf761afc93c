/*  rooms_private.h - what the sources of rooms share                          */
#ifndef ZCHAT_ROOMS_PRIVATE_H
#define ZCHAT_ROOMS_PRIVATE_H

#include "cursor.h"
#include "endpoint.h"
#include "rooms.h"

#define NEVER UINT64_MAX

typedef enum { ROOM_WANTED, ROOM_ASKED, ROOM_SYNCING, ROOM_FILLING, ROOM_LIVE } room_state_t;

typedef struct {
    rooms_t *rooms;  /* whose it is                              */
    uint64_t number; /* never given again                        */
    room_state_t state;
    char name[ZCHAT_NAME_MAX + 1]; /* the broker's spelling, once it is known  */
    name_keys_t keys;
    bool placed;        /* the cursor stands somewhere              */
    bool joined;        /* JOINED was given on this connection      */
    bool direct;        /* its events come over the door            */
    zchat_status_t out; /* not OK: why the user was put out         */
    uint64_t last;      /* until it is placed: events wanted before now */
    uint64_t since;
    cursor_t *cursor;
    uint64_t due_ms;    /* JOIN or HISTORY is to be sent            */
    bool fetching;      /* HISTORY is under way                     */
    unsigned fruitless; /* HISTORYs in a row that brought nothing   */
    uint64_t ping_head; /* what the last PING told                  */
    bool ping_named;    /* this PING told a head at all             */
    bool ping_missed;   /* the last one did not                     */
    uint64_t members;   /* as JOIN told                             */
    char *topic;        /* as JOIN told, or NULL                    */
    char *topic_by;
} room_t;

struct rooms {
    exchange_t *exchange;
    room_t *rooms[ZCHAT_SESSION_ROOMS_MAX];
    size_t count;
    size_t turn;                       /* whose fetch is looked at first         */
    uint64_t number;                   /* the last one given                     */
    char feed[ENDPOINT_MAX];           /* where the events come from             */
    bool feed_made;                    /* there is a feed socket                 */
    bool feed_silent;                  /* that was said; HISTORY brings what PING tells of */
    bool feed_proven;                  /* its connection leads to our door's broker */
    char nonce[2 * RNG_SEED_SIZE + 1]; /* of the barrier; "": none is up       */
    uint64_t sync_ms;                  /* SYNC is to be sent                     */
    uint64_t barrier_ms;               /* since when the feed owes us a nonce    */
};

/*  True for one's own mailbox.                                                */
bool room_is_mailbox (const room_t *room);

/*  The room that is joined under this name, in whatever spelling; NULL: none. */
room_t *rooms_find (const rooms_t *rooms, const char *name);

/*  Take a room out, with PARTED.                                              */
void rooms_remove (rooms_t *rooms, room_t *room, zchat_status_t status, const char *text);

/*  Subscribe to the room's events, or no longer.                              */
void room_subscribe (const room_t *room, bool on);

/*  Subscribe, behind a new barrier; the room is syncing.                      */
void room_listen (room_t *room);

/*  Everything that happens comes from now on: have fetched what happened before. */
void room_fill (room_t *room);

/*  Ask for a nonce that proves all subscriptions made until now.              */
void rooms_barrier (rooms_t *rooms);

/*  The feed owes the nonce for too long: say so once, and make a new feed.    */
void rooms_feed_silent (rooms_t *rooms);

/*  Have a gap fetched, if there is one and the room is live.                  */
void room_mind_gap (room_t *room);

#endif
