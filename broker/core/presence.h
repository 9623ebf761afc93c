/*  presence.h - who is here: connections, sessions, users, members

    Of this process, lost with it, rebuilt by reconnects. A peer is a transport
    connection; a session is a name in use by one program. A session outlives its
    connection for a grace period, so that its owner comes back to its own name. A
    user is a name in use: by one session, or, where the name is proven, by several.
*/
#ifndef ZCHAT_PRESENCE_H
#define ZCHAT_PRESENCE_H

#include "address.h"
#include "core.h"
#include "ledger.h"
#include "meters.h"
#include "owners.h"

typedef struct presence presence_t;
typedef struct session session_t;
typedef struct user user_t;

typedef struct {
    core_peer_t id;                     /*                                                     */
    uint64_t serial;                    /* of this connection: ids come back                   */
    session_t *session;                 /* NULL: a guest, or nothing said yet                  */
    size_t pending;                     /* effects held for a commit                           */
    size_t pending_bytes;               /* and their bytes                                     */
    size_t reads;                       /* HISTORY requests under way                          */
    uint64_t debt;                      /* bytes of long replies not yet read: see debt.c      */
    uint64_t debt_ms;                   /* monotonic: when debt was last reckoned              */
    char key[ADDRESS_KEY_TEXT + 1];     /* proven by CURVE; "": none                 */
    char metered[METERS_PLACE_MAX + 1]; /* the place whose storing is counted; "": none */
    char place[PLACE_MAX + 1];          /* where it is, to be charged there; "": not asked yet */
    bool placed;                        /* and that is known                         */
    bool silent;                        /* its session is over, by none of its doing: HELLO first */
    bool secure;                        /* see core_origin_t                         */
    bool admin;                         /* the key is one of those that may do everything */
    bucket_t buckets[QUOTA_COUNT];      /*                                           */
    UT_hash_handle hh;                  /*                                                     */
} peer_t;

typedef struct {
    char *key;         /* the name's fold or look                               */
    user_t *user;      /*                                                       */
    UT_hash_handle hh; /*                                                       */
} user_key_t;

struct user {
    char *name;            /* as its owner spells it                            */
    size_t name_size;      /* bytes                                             */
    user_key_t fold, look; /* how it is found; look may be unused               */
    char *who;             /* name_who of the name                              */
    uint64_t owner;        /* number in the ledger, where the name is proven; 0 */
    session_t *sessions;   /* list, oldest first; never empty                   */
    size_t n_sessions;     /*                                                   */
    user_t *prev, *next;   /* all of them                                       */
};

/*  One session in one room.                                                   */
struct member {
    session_t *session;              /*                                       */
    room_t *room;                    /*                                       */
    uint64_t joined;                 /* which of all joins it was             */
    member_t *prev, *next;           /* in the room                           */
    member_t *prev_room, *next_room; /* in the session                        */
};

struct session {
    user_t *user;                       /*                                       */
    const char *name;                   /* the user's                            */
    size_t name_size;                   /* bytes                                 */
    peer_t *peer;                       /* NULL while the connection is lost     */
    bool greeted;                       /* HELLO was said: it has a secret       */
    bool packs;                         /* wants packs over the door, not single events */
    bool enveloped;                     /* and an empty frame before them        */
    bool by_token;                      /* the name was proven by a token        */
    uint8_t secret[ZCHAT_SESSION_SIZE]; /*                                       */
    uint64_t doubted_ms;    /* monotonic: somebody else asked for its name first; 0: nobody */
    uint64_t until_ms;      /* lost: the name is kept so long        */
    uint64_t heard_ms;      /* monotonic: the last request           */
    bool listed;            /* among those that are heard            */
    member_t *rooms;        /* list                                  */
    size_t n_rooms;         /*                                       */
    session_t *prev, *next; /* among the lost or the heard, oldest first */
    session_t *prev_same, *next_same; /* of the same user                      */
};

presence_t *presence_new (void);
/*  Rooms must still be there: members are taken out of them.                  */
void presence_destroy (presence_t **self_p);

/*  The peer; NULL where nothing is known of it.                               */
peer_t *presence_peer (presence_t *presence, core_peer_t id);
/*  The peer, where it is still the connection with this serial; else NULL.    */
peer_t *presence_peer_still (presence_t *presence, core_peer_t id, uint64_t serial);
/*  The same, but made; NULL at ZCHAT_PEERS_MAX.                               */
peer_t *presence_peer_make (presence_t *presence, core_peer_t id);
/*  Call visit for each peer, which it must not release.                       */
void presence_each_peer (presence_t *presence, void (*visit) (void *arg, peer_t *peer), void *arg);
/*  Forget the peer where there is nothing to remember of it.                  */
void presence_peer_release (presence_t *presence, peer_t *peer);

/*  The user of this name; NULL: nobody.                                       */
user_t *presence_user (presence_t *presence, const name_keys_t *keys);
/*  True where keys are of the user's name.                                    */
bool presence_user_is (const user_t *user, const name_keys_t *keys);
/*  A new session of peer, which has none, of the user of this name, who is made where
    there is none; NULL at ZCHAT_SESSIONS_MAX. owner: who proves the name, or 0: somebody else's
    name that only looks the same is not it.                                   */
session_t *presence_session_new (presence_t *presence, peer_t *peer, frame_t name,
                                 const name_keys_t *keys, uint64_t owner);
/*  End a session that is in no room. Its peer stays.                          */
void presence_session_end (presence_t *presence, session_t *session);
/*  The session's connection is lost: keep its name until until_ms.            */
void presence_session_lose (presence_t *presence, session_t *session, uint64_t until_ms);
/*  The session, lost or not, goes on with this peer, which has none.          */
void presence_session_take (presence_t *presence, session_t *session, peer_t *peer);
/*  The session, which is not lost, has asked something at now_ms.             */
void presence_session_heard (presence_t *presence, session_t *session, uint64_t now_ms);
/*  The session, of those ever heard and not lost, that was silent longest; NULL. */
session_t *presence_silent (const presence_t *presence);
/*  The lost session whose time ends first; NULL: none is lost.                */
session_t *presence_lost (const presence_t *presence);
/*  Call visit for each session; visit may end the session it is given.        */
void presence_each (presence_t *presence, void (*visit) (void *arg, session_t *session), void *arg);

/*  The session's membership of the room; NULL: none.                          */
member_t *presence_member (const session_t *session, const room_t *room);
/*  Put the session into a room it is not in; bounds are the caller's. True: it is the first
    of its user there.                                                         */
bool presence_join (presence_t *presence, session_t *session, room_t *room);
/*  Take it out again. True: it was the last of its user there.                */
bool presence_leave (presence_t *presence, member_t *member);
/*  How often a session came into a room so far.                               */
uint64_t presence_joins (const presence_t *presence);
/*  True for one member of each user in the room.                              */
bool presence_leads (const member_t *member);

size_t presence_n_peers (const presence_t *presence);
size_t presence_n_sessions (const presence_t *presence);
size_t presence_n_members (const presence_t *presence);

#endif
