/*  presence.h - who is here: connections, sessions, users, halls and who is in them

    Presence is lost with the process, and rebuilt by reconnects. A peer is a transport
    connection. A session is a name in use by one program; it outlives its connection for a grace
    period, so that its owner comes back to its own name. A user is a name in use: by one session,
    or, where the name is proven, by several. A hall is where those meet who are in the room of its
    name. It is there as long as somebody is in it, whether anything is stored of the room or not.

    Presence knows owners and stored rooms by their numbers, and is told only of what is stored. So
    it stays true when the ledger is loaded anew.
*/
#ifndef ZCHAT_PRESENCE_H
#define ZCHAT_PRESENCE_H

#include "../base/budget.h"
#include "../base/hash.h"
#include "../base/types.h"
#include "../quota/quota.h"
#include "address.h"
#include "name.h"

typedef struct presence presence_t;
typedef struct session session_t;
typedef struct user user_t;
typedef struct member member_t;
typedef struct hall hall_t;

enum {
    PEER_PLACE_MAX = 33,     /* bytes of two hashes in hex, joined by /        */
    SESSION_HOLDER_MAX = 63, /* bytes of a path for budget_charge              */
    PEER_METERED_MAX = 39,   /* bytes of a place that is counted, see meters.h */
};

typedef struct {
    core_peer_t id;
    uint64_t serial;                /* of this record: where the peer was forgotten and comes again,
                                       it gets another                           */
    session_t *session;             /* NULL: it is a guest, or has said nothing yet */
    size_t pending;                 /* its items in the order                  */
    size_t pending_bytes;           /* the bytes that they count               */
    size_t parked;                  /* those of them that are parked           */
    uint64_t parked_round;          /* in this round of looking at what is parked, one of them
                                       had to be parked again, so that those behind it have to */
    uint64_t forsaken_round;        /* in this round they get ERR storage, because what they were
                                       asked behind could not be stored        */
    size_t n_rebinding;             /* those of its items that may change who or where it is */
    size_t reads;                   /* pages of the log that it waits for      */
    uint64_t looking;               /* the id of the page by which one of its calls looks at a
                                       message, so that what it asks next has to wait; 0: none */
    size_t searches;                /* that it waits for                       */
    uint64_t debt;                  /* bytes of long replies not read yet; see debt.c */
    uint64_t debt_ms;               /* monotonic: when debt was last reckoned  */
    char key[ADDRESS_KEY_TEXT + 1]; /* proven by CURVE; "": none               */
    char metered[PEER_METERED_MAX + 1]; /* the place that what it stores counts for; "": none */
    char place[PEER_PLACE_MAX + 1];     /* the place that is charged, hashed; "": not set yet */
    bool placed;                        /* it is known where the peer is       */
    bool hello_due; /* its session is over, though it did not end it: it must say
                    HELLO before it is heard under a name                      */
    bool secure;    /* see core_origin_t                                          */
    bool admin;     /* its key may do everything                                  */
    bucket_t buckets[QUOTA_COUNT];
    UT_hash_handle hh;
} peer_t;

/*  A fold or look by which something is found.                                */
typedef struct {
    char *key; /* NULL: not in the table                                       */
    user_t *user;
    UT_hash_handle hh;
} user_key_t;

typedef struct {
    char *key; /* likewise                                                     */
    hall_t *hall;
    UT_hash_handle hh;
} hall_key_t;

struct user {
    char *name;            /* as its owner spells it                           */
    size_t name_size;      /* bytes                                            */
    user_key_t fold, look; /* how it is found; look may be unused              */
    char *unproven;        /* WHO of the name, while nobody proves it          */
    char who[24];          /* WHO of the owner, while the name is proven       */
    uint64_t owner;        /* the owner's number, while the name is proven; else 0 */
    session_t *sessions;   /* list, oldest first; never empty                  */
    size_t n_sessions;
    char *away;          /* why the user is away; NULL: they are not           */
    uint64_t away_since; /* a number of presence_join_next; 0: they are not    */
    user_t *prev, *next; /* of all users                                       */
};

struct hall {
    char *name;            /* the room's, or as the first to come in spelled it; of a mailbox the
                              name of ledger_mailbox_name                      */
    size_t name_size;      /* bytes                                            */
    hall_key_t fold, look; /* how it is found; look may be unused              */
    uint64_t room;         /* the room's number; 0: nothing is stored of it    */
    bool mailbox;
    member_t *members;   /* list: one for each session                         */
    size_t n_members;    /* users, each counted once                           */
    struct merge *merge; /* joins and leaves that will be announced together; NULL: none */
    budget_item_t item;  /* charged to who made it, while it has no number     */
    size_t held;         /* how many announcements and packs point to it       */
    UT_hash_handle hh;   /* by room, where that is not 0                       */
    hall_t *prev, *next; /* of those without a number, oldest first            */
};

/*  One session in one hall.                                                   */
struct member {
    session_t *session;
    hall_t *hall;
    uint64_t joined;                 /* the number of the join                 */
    member_t *prev, *next;           /* of the same hall                       */
    member_t *prev_hall, *next_hall; /* of the same session                    */
};

struct session {
    user_t *user;
    const char *name;                    /* the user's                         */
    size_t name_size;                    /* bytes                              */
    peer_t *peer;                        /* NULL while the connection is lost  */
    char holder[SESSION_HOLDER_MAX + 1]; /* the path that what it makes is charged to; "": not
                                            worked out yet                     */
    bool greeted;                        /* it has said HELLO, and so has a secret */
    bool packs;                          /* it wants packs over the door, not single events */
    bool enveloped;                      /* it wants an empty frame before what is sent to it */
    bool by_token;                       /* the name was proven by a token     */
    uint8_t secret[ZCHAT_SESSION_SIZE];
    uint64_t doubted_ms; /* monotonic: when somebody else asked for the name, and was put off; 0:
                            nobody did                                         */
    uint64_t until_ms;   /* monotonic: how long the name of a lost session is kept */
    uint64_t heard_ms;   /* monotonic: when it last asked something            */
    bool listed;         /* it is in the list of those that were heard         */
    member_t *halls;     /* list: where it is                                  */
    size_t n_halls;
    session_t *prev, *next;           /* of the lost, by until_ms, or of the heard, by heard_ms */
    session_t *prev_same, *next_same; /* of the same user                      */
};

presence_t *presence_new (void);
void presence_destroy (presence_t **self_p);

/*  The peer; NULL where nothing is known of it.                               */
peer_t *presence_peer (presence_t *presence, core_peer_t id);
/*  The peer, where it is still the connection with this serial; else NULL.    */
peer_t *presence_peer_still (presence_t *presence, core_peer_t id, uint64_t serial);
/*  The peer, made where nothing is known of it; NULL at ZCHAT_PEERS_MAX.      */
peer_t *presence_peer_make (presence_t *presence, core_peer_t id);
/*  Call visit for each peer, which it must not release.                       */
void presence_each_peer (presence_t *presence, void (*visit) (void *arg, peer_t *peer), void *arg);
/*  Forget the peer where there is nothing to remember of it.                  */
void presence_peer_release (presence_t *presence, peer_t *peer);

/*  The user of this name; NULL: nobody.                                       */
user_t *presence_user (presence_t *presence, const name_keys_t *keys);
/*  WHO (see fact_t) of the user. Borrowed until the user is gone or owned.    */
const char *presence_user_who (const user_t *user);
/*  Whoever holds the name proves it as the owner with this number from now on; 0: nobody proves
    it.                                                                        */
void presence_user_own (user_t *user, uint64_t owner);
/*  True where a name with these keys is the same as the user's.               */
bool presence_user_is (const user_t *user, const name_keys_t *keys);
/*  Give the peer, which has no session, a new one of the user of this name, who is made where
    there is none. NULL at ZCHAT_SESSIONS_MAX. owner: the number of the owner who proves the name;
    0: nobody does. A user of another owner whose name only looks the same is another user. */
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
/*  Of the sessions that were heard and are not lost, the one that was silent for longest; NULL:
    there is none.                                                             */
session_t *presence_silent (const presence_t *presence);
/*  The lost session whose time ends first; NULL: none is lost.                */
session_t *presence_lost (const presence_t *presence);
/*  Call visit for each session; visit may end the session it is given.        */
void presence_each (presence_t *presence, void (*visit) (void *arg, session_t *session), void *arg);

/*  The hall of the room with this number, not 0; NULL: nobody is in it.       */
hall_t *presence_hall (const presence_t *presence, uint64_t room);
/*  The hall that has one of the two keys; NULL: none.                         */
hall_t *presence_hall_named (const presence_t *presence, const char *fold, const char *look);
/*  A new hall, empty, of the room with this number, or 0. fold and look find no other hall. */
hall_t *presence_hall_new (presence_t *presence, uint64_t room, frame_t name, const char *fold,
                           const char *look);
/*  Something is stored of the hall's room now, which has this number.         */
void presence_hall_number (presence_t *presence, hall_t *hall, uint64_t room);
/*  The hall's room has ended, and so the hall has no number any more.         */
void presence_hall_unnumber (presence_t *presence, hall_t *hall);
/*  Charge a hall without a number to who made it: a path of budget_charge.    */
void presence_hall_charge (presence_t *presence, hall_t *hall, const char *holder);
/*  The hall without a number that gives way first to one more of the holder, of those that fit (see
    budget_yields_where); NULL: none.                                          */
typedef bool presence_hall_fits_t (void *arg, const hall_t *hall);
const hall_t *presence_hall_yields (const presence_t *presence, bool mailbox, const char *holder,
                                    presence_hall_fits_t *fits, void *arg);
/*  Drop the hall where nobody is in it and nothing points to it.              */
void presence_hall_release (presence_t *presence, hall_t *hall);
/*  The first hall without a number; go on by next.                            */
const hall_t *presence_unstored (const presence_t *presence);
/*  How many halls without a number there are, of mailboxes or of other rooms. */
size_t presence_n_unstored (const presence_t *presence, bool mailboxes);

/*  The session's membership of the hall; NULL: none.                          */
member_t *presence_member (const session_t *session, const hall_t *hall);
/*  Take a number for a join that presence_join will make later, so that who is put out behind it in
    the order is found by it.                                                  */
uint64_t presence_join_next (presence_t *presence);
/*  Put the session into a hall that it is not in; bounds are the caller's. number: as
    presence_join_next gave it; 0: the next one. True: it is the first session of its user there. */
bool presence_join (presence_t *presence, session_t *session, hall_t *hall, uint64_t number);
/*  Take the session out of the hall, which stays. True: it was the last one of its user there. */
bool presence_leave (presence_t *presence, member_t *member);
/*  The number of the last join.                                               */
uint64_t presence_joins (const presence_t *presence);
/*  True where the member is the first of its user in the hall: so for one of each user. */
bool presence_leads (const member_t *member);

size_t presence_n_peers (const presence_t *presence);
size_t presence_n_sessions (const presence_t *presence);
size_t presence_n_members (const presence_t *presence);

#endif
