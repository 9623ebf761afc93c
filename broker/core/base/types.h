/*  types.h - what the core and its shell tell each other about

    The shell calls the core (core.h), which calls the sink.
*/
#ifndef ZCHAT_CORE_TYPES_H
#define ZCHAT_CORE_TYPES_H

#include "clock.h"
#include "frame.h"
#include "index.h"
#include "name.h"
#include "store.h"

typedef struct core core_t;

/*  A connection, as the shell numbers it; never disclosed to anyone.          */
typedef uint64_t core_peer_t;

/*  Whom the shell found at the other end of a connection. It is the same in all requests over that
    connection.                                                                */
typedef struct {
    const char *key;   /* the public key that CURVE proved, as address_key_encode writes it; NULL or
                          "": none                                             */
    bool secure;       /* nobody on the way could listen: it is encrypted, or of this machine */
    const char *place; /* where the peer is, as origin_place writes it; NULL or "": not known, and
                          names claimed from there never give way              */
    bool operates;     /* who runs the broker, at its admin door: may do all that an admin may */
} core_origin_t;

/*  What a token shows about a name.                                           */
typedef enum {
    CORE_TOKEN_NONE,  /* the name has no tokens                                */
    CORE_TOKEN_WRONG, /* the name has tokens, and this is none of them         */
    CORE_TOKEN_RIGHT, /* this is one of the name's tokens                      */
} core_token_t;

typedef enum {
    CORE_NOTE_HELLO,   /* user, agent in text                                  */
    CORE_NOTE_RESUME,  /* a session was taken over by a new connection         */
    CORE_NOTE_BYE,     /* user left in order                                   */
    CORE_NOTE_LOST,    /* the connection of user is gone                       */
    CORE_NOTE_JOIN,    /* user, room                                           */
    CORE_NOTE_LEAVE,   /* user, room, reason in text                           */
    CORE_NOTE_CLAIM,   /* user: the name belongs to this key or token from now on */
    CORE_NOTE_YIELD,   /* the unused name in text gave way, to what user claimed */
    CORE_NOTE_KEYS,    /* user changed the keys of the name in text            */
    CORE_NOTE_MODE,    /* user, room; what was done, and to whom, in text      */
    CORE_NOTE_REFUSED, /* status, text; user as claimed                        */
} core_note_kind_t;

/*  Something for the log file. Frames hold a peer's bytes: escape them.       */
typedef struct {
    core_note_kind_t kind;
    core_peer_t peer;
    frame_t user;
    frame_t room;
    frame_t text;
    const char *verb; /* REFUSED: the verb, or "?"                             */
    zchat_status_t status;
} core_note_t;

typedef struct {
    /*  Send frames to a peer over the door.                                   */
    void (*reply) (void *arg, core_peer_t peer, const frame_t *frames, size_t count);
    /*  Publish frames on the feed.                                            */
    void (*publish) (void *arg, const frame_t *frames, size_t count);
    /*  Read a page of the log and hand it to core_read_done with this id.     */
    void (*read) (void *arg, uint64_t id, const store_query_t *query);
    /*  Search, and hand what was found to core_searched with this id. NULL: there is no index. */
    void (*search) (void *arg, uint64_t id, const index_query_t *query);
    /*  Fill buffer with random bytes: session secrets.                        */
    void (*random) (void *arg, void *buffer, size_t size);
    /*  Say what a token (any bytes, maybe none) shows about a name at wall_ms. NULL: no name has
        tokens.                                                                */
    core_token_t (*token) (void *arg, const name_keys_t *name, frame_t token, uint64_t wall_ms);
    /*  Say how many bytes of all that was sent to the peer have not left yet. An estimate will do,
        but of a peer that reads nothing it must not stay 0. NULL: nobody knows; then peers count
        as reading ZCHAT_PEER_DEBT_PER_MS.                                     */
    uint64_t (*unread) (void *arg, core_peer_t peer);
    /*  Say whether the peer may claim one more name. 0: it may, and the claim is counted; else ms
        until it may. Called once for each claim. NULL: everybody may.         */
    uint64_t (*claims) (void *arg, core_peer_t peer);
    /*  Write to the log file. May be NULL.                                    */
    void (*note) (void *arg, const core_note_t *note);
    void *arg;
} core_sink_t;

#endif
