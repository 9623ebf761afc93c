/*  request.h - requests and replies: frames to meaning and back

    Decoding checks the form only: number and size of frames, known verbs. Who
    may do what is the core's business. Everything decoded is a view of the
    frames it came from.
*/
#ifndef ZCHAT_PROTOCOL_REQUEST_H
#define ZCHAT_PROTOCOL_REQUEST_H

#include "frame.h"
#include <zchat/limits.h>
#include <zchat/status.h>

/*  X (enumerator = word on the wire, fewest arguments, most arguments)        */
#define VERB_MAP(X)                                                                                \
    X (HELLO, 0, 1)                                                                                \
    X (SAY, 2, 3)                                                                                  \
    X (JOIN, 1, 2)                                                                                 \
    X (PART, 1, 1)                                                                                 \
    X (WHO, 1, 1)                                                                                  \
    X (ROOMS, 0, 1)                                                                                \
    X (TOPIC, 1, 2)                                                                                \
    X (HISTORY, 1, 2)                                                                              \
    X (SYNC, 1, 1)                                                                                 \
    X (PING, 0, 0)                                                                                 \
    X (BYE, 0, 1)                                                                                  \
    X (TELL, 2, 3)                                                                                 \
    X (INVITE, 2, 3)                                                                               \
    X (KICK, 2, 3)                                                                                 \
    X (MODE, 1, 2)                                                                                 \
    X (REMOVE, 2, 3)                                                                               \
    X (KEYS, 0, 1)                                                                                 \
    X (KEY, 1, 1)                                                                                  \
    X (PURGE, 1, 1)                                                                                \
    X (EDIT, 3, 4)                                                                                 \
    X (REACT, 3, 3)                                                                                \
    X (UNREACT, 3, 3)                                                                              \
    X (READ, 1, 2)                                                                                 \
    X (UNREAD, 0, 0)                                                                               \
    X (SEARCH, 1, 2)                                                                               \
    X (AWAY, 0, 1)

#define VERB_ENUM(name, least, most) VERB_##name,
typedef enum { VERB_MAP (VERB_ENUM) VERB_COUNT } verb_t;
#undef VERB_ENUM

enum { REQUEST_ARGS_MAX = 4 };

typedef struct {
    bool enveloped; /* came with an empty first frame: echo it  */
    verb_t verb;
    frame_t tag;                    /* at most ZCHAT_TAG_MAX bytes              */
    frame_t user;                   /* empty: a guest                           */
    frame_t args[REQUEST_ARGS_MAX]; /* the unused ones are empty                */
    size_t n_args;                  /* within the verb's bounds                 */
} request_t;

/*  The verb's word: a static string.                                          */
const char *verb_name (verb_t verb);

/*  Read count frames as a request. ZCHAT_OK, or ZCHAT_MALFORMED, ZCHAT_VERB or
    ZCHAT_LIMIT with *why set to a static sentence that says what does not fit;
    then enveloped and tag are set nevertheless, as far as they could be read (tag
    empty otherwise), so that an ERR can be sent.                              */
zchat_status_t request_decode (const frame_t *frames, size_t count, request_t *request,
                               const char **why) ZCHAT_CHECKED;

/*  --- the other direction ---------------------------------------------------  */

typedef enum { REPLY_OK, REPLY_ERR, REPLY_EVENT, REPLY_BULK, REPLY_NOOP } reply_kind_t;

typedef struct {
    reply_kind_t kind;
    frame_t tag;   /* of the request                                       */
    frame_t json;  /* OK, ERR: the object as text, not parsed              */
    frame_t topic; /* EVENT, BULK: as on the feed                          */
    frame_t user;  /* EVENT                                                */
    frame_t body;  /* EVENT: the text; BULK: the pack                      */
    frame_t meta;  /* EVENT                                                */
} reply_t;

/*  Read count frames, as they came over the door, as a reply. ZCHAT_OK or
    ZCHAT_MALFORMED. A broker is no more trusted than a client.                */
zchat_status_t reply_decode (const frame_t *frames, size_t count, reply_t *reply) ZCHAT_CHECKED;

#endif
