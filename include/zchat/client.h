/*  client.h - libzchat: a chat client that loses nothing

    A client keeps itself connected (backoff with jitter), joined and gap-free: it
    gives every stored event of a joined room once and in order, and says so
    where it cannot (ZCHAT_EVENT_LOST, ZCHAT_EVENT_LOG_REPLACED). What is sent
    is kept and sent again until the broker has it on disk, once.

    Nothing blocks but zchat_client_wait and zchat_client_close. A client belongs
    to one thread. To live in a foreign event loop:

        poll zchat_client_fd () for reading, zchat_client_timeout () ms at most;
        zchat_client_step ();
        while (zchat_client_next (client, &event) == ZCHAT_OK) ...

    Strings are UTF-8 ended by NUL unless a size stands beside them. Text of
    other people comes as it was sent: before showing it on a terminal pass it
    through zchat_text_display.

    Structs may get more fields, at their end. So the calls that take one get its
    size as the program was compiled with it: calls that end in _sized, which bindings for other
    languages call, and which C and C++ reach by the inline function of the same name without
    _sized. Fields that the program does not know count as 0, fields that the library does not
    know are given as 0. Begin every struct with zeroes (= {0}, or = {} in C++).
*/
#ifndef ZCHAT_CLIENT_H
#define ZCHAT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <zchat/event.h>
#include <zchat/limits.h>
#include <zchat/status.h>

#ifdef __cplusplus
extern "C" {
#endif
ZCHAT_EXPORTS_BEGIN

typedef struct zchat_client zchat_client_t;

typedef enum {
    ZCHAT_EVENT_CONNECTED,    /* HELLO was answered; text: the broker and its version; user:
                                 the name as the broker spells it; proven, admin; log. A
                                 program that kept seqs keeps log beside them: with another
                                 one they mean nothing, and it joins from the beginning   */
    ZCHAT_EVENT_DISCONNECTED, /* the connection was lost, or an attempt failed: status, text: why;
                                 wait_ms: when it is tried again. Given once for each attempt */
    ZCHAT_EVENT_REFUSED,      /* HELLO was refused for good (name, taken, protocol), or the
                                 key is not admitted (ZCHAT_ADMISSION): status, text;
                                 nothing is tried any more until zchat_client_rename     */
    ZCHAT_EVENT_JOINED,  /* a room is joined, its backlog was given and it is live: room, seq = the
                            last one given, members, text = topic, user = who set it (a guest learns
                            neither members nor topic). It comes again after each reconnect */
    ZCHAT_EVENT_PARTED,  /* we are not in a room, or no longer: room. status and text say why, where
                            JOIN was refused, an operator put us out (ZCHAT_MEMBER; for a private
                            room ZCHAT_PRIVATE), or an admin has closed it (ZCHAT_CLOSED); it is not
                            tried again then */
    ZCHAT_EVENT_MESSAGE, /* something happened in a room: type, room, user, body,
                            data, seq, time_ms, own, and what stands in data (see below). Of type
                            MARKS (seq is 0): what became of the message `target`, which was
                            given just before                                       */
    ZCHAT_EVENT_LOST, /* retention removed messages before they reached this client: room, count of
                         them, all before seq */
    ZCHAT_EVENT_LOG_REPLACED, /* the broker has another log than before (log): numbering starts
                                 anew, and what was unacknowledged may or may not have
                                 been stored in the old one                              */
    ZCHAT_EVENT_SENT,    /* the message id is on disk: seq (0 where an earlier try had stored it),
                            time_ms. Here and in the next two, room is the message's; for a direct
                            message it is "@", and user is the addressee; of an edit type is EDIT,
                            and target the seq of the message that was to be changed */
    ZCHAT_EVENT_FAILED,  /* the message id will never be stored: status, text  */
    ZCHAT_EVENT_UNKNOWN, /* the message id may or may not have been stored: the
                            broker has forgotten this sender; status, text          */
    ZCHAT_EVENT_REPLY,   /* the reply to request id: status; json              */
    ZCHAT_EVENT_HISTORY, /* one event of the history that request id asked for, with the fields of
                            MESSAGE; a REPLY ends them */
    ZCHAT_EVENT_WARNING, /* there is something to tell the person: status, text. With ZCHAT_CORRUPT
                            and a room, the room ends at seq, which is before count, up to which it
                            was known or was said to be */
} zchat_event_kind_t;

/*  Pointers are valid until the next call on the client. Fields that are not named for the kind
    are NULL or 0.                                                             */
typedef struct {
    zchat_event_kind_t kind;
    zchat_status_t status;
    uint64_t id;       /* of the message or request                            */
    const char *room;  /* as the broker spells it                              */
    const char *user;  /* who did it                                           */
    zchat_type_t type; /* may be one this version does not know                */
    const char *body;  /* ended by NUL for convenience                         */
    size_t body_size;
    const char *data; /* a JSON object as text, or NULL                        */
    const char *text; /* English, of the broker or of this library             */
    const char *json; /* with REPLY                                            */
    uint64_t seq;
    uint64_t time_ms; /* Unix time, of the broker's clock                      */
    uint64_t count;
    uint64_t members;
    int wait_ms;
    bool own;        /* this client's user did it                              */
    bool proven;     /* with CONNECTED: the name belongs to this client's key or token; with REFUSED
                        (ZCHAT_TAKEN): it belongs to somebody else */
    bool admin;      /* with CONNECTED: this client's key may do everything    */
    const char *log; /* the id of the broker's log, 32 hex digits              */
    /*  With MESSAGE and HISTORY: what stands in data, read.                    */
    uint64_t target;   /* EDIT, REACT, UNREACT, REMOVE, MARKS: the seq of the message it is about;
                          MENTION, READ: a seq of the room `about`              */
    const char *about; /* MENTION, READ: the room                               */
    uint64_t re;       /* SAY, ACTION: the seq that is answered; TELL, TOLD: the time_ms; 0: none */
    bool mentions_me;  /* SAY, ACTION: this client's user is mentioned by name  */
    bool mentions_all; /* an operator mentions everybody                        */
    uint64_t at;       /* MARKS: whatever has a seq up to this one is in it already */
    uint64_t edited;   /* MARKS: the seq of the last edit; 0: it was never edited */
    uint64_t edits;    /* MARKS: how many there were; for its reactions see zchat_event_reaction */
    uint64_t read; /* with JOINED: up to where the user has read the room, on whatever device; 0:
                      the broker does not know                              */
} zchat_event_t;

/*  What a MARKS says of one reaction.                                         */
typedef struct {
    char text[ZCHAT_REACTION_MAX + 1];
    uint64_t count; /* users who reacted so                                     */
    bool mine;      /* this client's user is among them                         */
    size_t n_users; /* of them, in users                                        */
    char users[ZCHAT_REACTION_NAMES][ZCHAT_NAME_MAX + 1];
} zchat_reaction_t;

/*  Read the reaction number 0, 1, 2, ... of an event of type MARKS. ZCHAT_OK and *reaction, or
    ZCHAT_EMPTY behind the last.                                               */
zchat_status_t zchat_event_reaction_sized (const zchat_event_t *event, size_t event_size,
                                           size_t index, zchat_reaction_t *reaction,
                                           size_t reaction_size) ZCHAT_CHECKED;
ZCHAT_CHECKED static inline zchat_status_t zchat_event_reaction (const zchat_event_t *event,
                                                                 size_t index,
                                                                 zchat_reaction_t *reaction)
{
    return zchat_event_reaction_sized (event, sizeof *event, index, reaction, sizeof *reaction);
}

typedef struct {
    const char *endpoint; /* of the door, or an encrypted broker's address, zchat://...; NULL:
                             tcp://127.0.0.1:5680 */
    const char *feed;     /* NULL: the feed that HELLO names                   */
    const char *user;     /* NULL or "": a guest, who only reads               */
    const char *agent;    /* the program's name and version; NULL: libzchat's  */
    int retry_max;        /* connection attempts that may fail in a row before REFUSED
                             with ZCHAT_UNREACHABLE; 0: try for ever                     */
    /*  The broker's public key (CURVE), ZCHAT_KEY_SIZE bytes. NULL: the address's key; where it has
        none, the connection is not encrypted.                                 */
    const uint8_t *server_key;
    /*  One's own lasting secret key, ZCHAT_KEY_SIZE bytes (see zchat/key.h): the broker knows one
        by it, and a free name is claimed for it. NULL: a key is made for this client alone, which
        holds its name only while it is connected. The copy is wiped when the client is closed. */
    const uint8_t *secret_key;
    const char *token; /* proves the name instead of a key: 64 hex digits, lower case;
                          NULL: none. The copy is wiped when the client is destroyed */
} zchat_options_t;

/*  Make a client, which starts to connect at once. options, its strings and its keys are copied.
    ZCHAT_OK and *client; ZCHAT_NAME or ZCHAT_INVALID (endpoint, key, token, or a field is set
    that this library does not know) with *why, a static sentence; ZCHAT_SYSTEM. why may be NULL. */
zchat_status_t zchat_client_new_sized (const zchat_options_t *options, size_t options_size,
                                       zchat_client_t **client, const char **why) ZCHAT_CHECKED;
ZCHAT_CHECKED static inline zchat_status_t zchat_client_new (const zchat_options_t *options,
                                                             zchat_client_t **client,
                                                             const char **why)
{
    return zchat_client_new_sized (options, sizeof *options, client, why);
}

/*  Drop everything at once, without waiting. It nulls, and tolerates NULL.    */
void zchat_client_destroy (zchat_client_t **client);

/*  Return a descriptor to poll for reading; it is the same for the life of the client. */
int zchat_client_fd (const zchat_client_t *client);

/*  Return the ms after which zchat_client_step must be called even if the descriptor is quiet;
    0: now.                                                                    */
int zchat_client_timeout (const zchat_client_t *client);

/*  Do what is due: read, write, connect. It never blocks, and does bounded work in a call. */
void zchat_client_step (zchat_client_t *client);

/*  Take the next event. ZCHAT_OK, or ZCHAT_EMPTY. A program that leaves
    ZCHAT_EVENTS_MAX events unread stops the client reading, not the room; then the
    descriptor may be readable all the time.                                   */
zchat_status_t zchat_client_next_sized (zchat_client_t *client, zchat_event_t *event,
                                        size_t event_size) ZCHAT_CHECKED;
ZCHAT_CHECKED static inline zchat_status_t zchat_client_next (zchat_client_t *client,
                                                              zchat_event_t *event)
{
    return zchat_client_next_sized (client, event, sizeof *event);
}

/*  Step until an event is there and take it, or until timeout_ms have passed (ZCHAT_TIMEOUT;
    below 0: without end). ZCHAT_EMPTY where a signal came in between.         */
zchat_status_t zchat_client_wait_sized (zchat_client_t *client, int timeout_ms,
                                        zchat_event_t *event, size_t event_size) ZCHAT_CHECKED;
ZCHAT_CHECKED static inline zchat_status_t zchat_client_wait (zchat_client_t *client,
                                                              int timeout_ms, zchat_event_t *event)
{
    return zchat_client_wait_sized (client, timeout_ms, event, sizeof *event);
}

/*  Join a room, or one's own mailbox "@", and stay in it. The last events of the room (last of
    them, or, where since is not 0, all after the seq since - 1) come first. A guest reads only,
    and is not announced. ZCHAT_OK, ZCHAT_NAME, ZCHAT_FULL (ZCHAT_SESSION_ROOMS_MAX). */
zchat_status_t zchat_client_join (zchat_client_t *client, const char *room, uint64_t last,
                                  uint64_t since) ZCHAT_CHECKED;

/*  Leave a room: no event of it comes after ZCHAT_EVENT_PARTED.
    ZCHAT_OK, or ZCHAT_MEMBER where it is not joined.                          */
zchat_status_t zchat_client_part (zchat_client_t *client, const char *room) ZCHAT_CHECKED;

/*  Send size bytes of text (UTF-8, 1 to ZCHAT_BODY_MAX) of a type (say or action) to a
    room, exactly once. data: a JSON object as text, or NULL. *id (may be NULL) names
    it in SENT, FAILED, UNKNOWN. ZCHAT_OK: it is in the outbox; ZCHAT_FULL: wait for
    SENT events; ZCHAT_NAME, ZCHAT_LIMIT, ZCHAT_INVALID, ZCHAT_GUEST.          */
zchat_status_t zchat_client_say (zchat_client_t *client, const char *room, zchat_type_t type,
                                 const char *body, size_t size, const char *data,
                                 uint64_t *id) ZCHAT_CHECKED;

/*  Send the same way to one user: a direct message, which is stored in both mailboxes. It comes
    out of "@", which is joined like a room (types tell and told, user: the other one), and waits
    there for somebody who is not here. The results are those of say.          */
zchat_status_t zchat_client_tell (zchat_client_t *client, const char *user, const char *body,
                                  size_t size, const char *data, uint64_t *id) ZCHAT_CHECKED;

/*  Do the same with an answer to a message: re is its seq in the room, or, where it was told one
    person, its time_ms, which both sides know. data must not hold the key zchat: that is the
    broker's.                                                                  */
zchat_status_t zchat_client_reply (zchat_client_t *client, const char *room, uint64_t re,
                                   zchat_type_t type, const char *body, size_t size,
                                   const char *data, uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_tell_reply (zchat_client_t *client, const char *user, uint64_t re_ms,
                                        const char *body, size_t size, const char *data,
                                        uint64_t *id) ZCHAT_CHECKED;

/*  Give one's own message seq of a room another text, exactly once, in one order with what is said.
    Everybody gets a MESSAGE of type EDIT. A broker that does not know EDIT refuses it: FAILED with
    ZCHAT_VERB. The results are those of say; seq 0: ZCHAT_INVALID.            */
zchat_status_t zchat_client_edit (zchat_client_t *client, const char *room, uint64_t seq,
                                  const char *body, size_t size, uint64_t *id) ZCHAT_CHECKED;

/*  Send a message exactly once under a number of the program's own: for whoever hands messages on
    and is asked again for the same one, maybe after a restart. producer is of ZCHAT_PRODUCER_SIZE
    bytes that nobody can guess and that belong to this message alone; as often as it is sent with
    them, it is stored once. type: SAY and ACTION (to a room), TELL (to a user), EDIT (re is the
    message); re as in reply, or 0. It does not go through the outbox: a REPLY answers it, with
    {"seq","time"} or {"duplicate":true} in json, and after ZCHAT_UNREACHABLE it is to be sent
    again. The results are those of say and of ZCHAT_QUERIES_MAX.              */
zchat_status_t zchat_client_once (zchat_client_t *client, const uint8_t *producer, const char *to,
                                  zchat_type_t type, uint64_t re, const char *body, size_t size,
                                  const char *data, uint64_t *id) ZCHAT_CHECKED;

/*  Say that a room, or the mailbox "@", was read up to seq. It may be said for every message: the
    library sends the newest, one at a time and not more than one a second, and never goes back.
    There is no reply; a refusal (the name is not proven, the broker does not know READ) is told in
    a WARNING, once. ZCHAT_OK, ZCHAT_NAME, ZCHAT_INVALID (seq), ZCHAT_GUEST.   */
zchat_status_t zchat_client_read (zchat_client_t *client, const char *room,
                                  uint64_t seq) ZCHAT_CHECKED;

/*  Send requests that ZCHAT_EVENT_REPLY answers with *id. react, unreact: a short text
    (ZCHAT_REACTION_MAX) for the message seq, or no longer; asking twice is harmless. mark: as read,
    with an answer; seq 0 only asks how far that is. unread: how far each room was read. search: a
    query of PROTOCOL.md, which gives limit (1 to ZCHAT_SEARCH_MAX) hits at most; before: the `next`
    of the answer before, or NULL for the newest. away: with a text one is away, with NULL or "" one
   is back. Where the broker does not know the verb, the reply has the status ZCHAT_VERB, and its
   text says what helps. ZCHAT_OK, ZCHAT_NAME, ZCHAT_LIMIT, ZCHAT_INVALID, ZCHAT_FULL.       */
zchat_status_t zchat_client_react (zchat_client_t *client, const char *room, uint64_t seq,
                                   const char *text, uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_unreact (zchat_client_t *client, const char *room, uint64_t seq,
                                     const char *text, uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_mark (zchat_client_t *client, const char *room, uint64_t seq,
                                  uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_unread (zchat_client_t *client, uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_search (zchat_client_t *client, const char *query, size_t limit,
                                    const char *before, uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_away (zchat_client_t *client, const char *text,
                                  uint64_t *id) ZCHAT_CHECKED;

/*  Send requests that ZCHAT_EVENT_REPLY answers with *id: the topic (topic NULL: read it), who
    is in a room, which rooms there are. They wait for a connection. Where it is lost after they
    were sent, or the client is REFUSED, the reply has the status ZCHAT_UNREACHABLE. ZCHAT_OK,
    ZCHAT_NAME, ZCHAT_LIMIT, ZCHAT_FULL (ZCHAT_QUERIES_MAX under way); a topic that is not UTF-8:
    ZCHAT_INVALID.                                                             */
zchat_status_t zchat_client_topic (zchat_client_t *client, const char *room, const char *topic,
                                   uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_who (zchat_client_t *client, const char *room,
                                 uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_rooms (zchat_client_t *client, const char *after,
                                   uint64_t *id) ZCHAT_CHECKED;

/*  Send such requests for rooms of one's own and order in them; PROTOCOL.md says who may do
    what. create: make a private room, and join it with zchat_client_join. reason may be NULL.
    mode: json is what to set, as a JSON object, or NULL to read; of the room, or of one's own
    mailbox, "@": whose direct messages it takes. remove: take the message seq away. keys: those
    of a user, NULL: one's own. key: change one's own, by a JSON object. ZCHAT_OK, ZCHAT_NAME,
    ZCHAT_LIMIT, ZCHAT_INVALID (not UTF-8, no object), ZCHAT_FULL.             */
zchat_status_t zchat_client_create (zchat_client_t *client, const char *room,
                                    uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_invite (zchat_client_t *client, const char *room, const char *user,
                                    const char *reason, uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_kick (zchat_client_t *client, const char *room, const char *user,
                                  const char *reason, uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_mode (zchat_client_t *client, const char *room, const char *json,
                                  uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_remove (zchat_client_t *client, const char *room, uint64_t seq,
                                    const char *reason, uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_keys (zchat_client_t *client, const char *user,
                                  uint64_t *id) ZCHAT_CHECKED;
zchat_status_t zchat_client_key (zchat_client_t *client, const char *json,
                                 uint64_t *id) ZCHAT_CHECKED;
/*  Send an admin's PURGE, a JSON object. The results are those of key.        */
zchat_status_t zchat_client_purge (zchat_client_t *client, const char *json,
                                   uint64_t *id) ZCHAT_CHECKED;

/*  Ask for events of a room: those after the seq `after`, or, where before is not 0, the last
    ones below the seq `before` (UINT64_MAX: the last of all); limit is 1 to ZCHAT_HISTORY_MAX.
    They come as ZCHAT_EVENT_HISTORY, then a REPLY. ZCHAT_OK, ZCHAT_NAME, ZCHAT_LIMIT,
    ZCHAT_FULL.                                                                */
zchat_status_t zchat_client_history (zchat_client_t *client, const char *room, uint64_t after,
                                     uint64_t before, size_t limit, uint64_t *id) ZCHAT_CHECKED;

/*  Go on under another name, also to try again after REFUSED: the client leaves with the old
    name, connects with the new one and joins the same rooms (and the new name's mailbox instead
    of the old one's). What is in the outbox is sent under the new name. A token stays with the
    name it has proven. ZCHAT_OK, ZCHAT_NAME.                                  */
zchat_status_t zchat_client_rename (zchat_client_t *client, const char *user) ZCHAT_CHECKED;

/*  Exactly once over a restart of the program. keep gives what is not acknowledged as text,
    which the caller frees: the oldest messages, as many as fit into max bytes, and their number
    in *count (which may be NULL); NULL where none fit. It may be called after close, too. The
    program writes it to a file of its own, before it ends and as often as it likes in between,
    and removes the file when nothing is left. The text holds a secret and what was said: mode
    0600. Only one program may have it at a time. restore puts it into the empty outbox of a
    client of the same user and broker: each message is stored once, also where the text is
    older than what was sent. Messages said after a restore get their numbers only when the
    restored ones are done. Call keep again then: a program that ends before that and restores
    an older text sends them twice. The broker remembers a silent producer for 30 days, and so
    long each message is stored once. SENT, FAILED or UNKNOWN is given for each restored
    message, in order, under new ids. Where the broker has another log, it is FAILED or UNKNOWN
    with ZCHAT_FORGOTTEN: nothing goes into a log that it was not written for. ZCHAT_OK and
    *count; ZCHAT_FULL: the outbox is not empty; ZCHAT_CORRUPT.                */
char *zchat_client_keep (const zchat_client_t *client, size_t max, size_t *count) ZCHAT_CHECKED;
zchat_status_t zchat_client_restore (zchat_client_t *client, const char *kept, size_t size,
                                     size_t *count) ZCHAT_CHECKED;

/*  Count the messages that are not acknowledged yet.                          */
size_t zchat_client_unacknowledged (const zchat_client_t *client);

/*  True while HELLO is answered and the connection stands.                    */
bool zchat_client_connected (const zchat_client_t *client);

/*  Wait until everything is acknowledged, timeout_ms at most, then say BYE. Returns the number
    of messages still unacknowledged, 0 at best. Only destroy may follow.      */
size_t zchat_client_close (zchat_client_t *client, int timeout_ms);

/*  Make a peer's text fit for a terminal: control characters, escapes, bidi and invisible
    characters are made visible, and invalid UTF-8 is replaced. It is one line, or newlines and
    tabs are kept. The caller frees it.                                        */
char *zchat_text_display (const char *text, size_t size, bool keep_newlines);

/*  Return the version, such as "0.1.0".                                       */
const char *zchat_version (void);

ZCHAT_EXPORTS_END
#ifdef __cplusplus
}
#endif
#endif
