/*  store.h - the log on disk, behind one set of functions

    A store keeps for each room its events, whose seqs have no holes, its head and its topic; for
    each producer its last n; and facts. It decides nothing: seqs come from the core. The broker's
   is the log in SQLite (sqlite.c); tests have another, in memory.

    Threads: one thread at a time may use a store for writing (append, trim,
    load); each reader belongs to one thread. store_log_id may be called from any.
    Calls block. Times are Unix ms.
*/
#ifndef ZCHAT_STORE_H
#define ZCHAT_STORE_H

#include "event_codec.h"
#include <zchat/limits.h>
#include <zchat/status.h>

typedef struct store store_t;
typedef struct store_reader store_reader_t;

/*  Something the core knows durably besides messages: who owns a name, who is a member of
    a private room, who is banned. The store does not look into it.            */
typedef struct {
    uint64_t room; /* the room it is about, which the store knows; 0: the whole broker   */
    frame_t key;   /* which fact: 1 to ZCHAT_FACT_KEY_MAX bytes of UTF-8 without a NUL,
                      unique in room                                                     */
    frame_t value; /* what it says: 1 to ZCHAT_FACT_MAX bytes of UTF-8 without a NUL     */
} store_fact_t;

/*  What to append: an event, a fact, or both. All pointers are borrowed for the call. A
    room without an event in this batch is one that the store knows, or 0.     */
typedef struct {
    uint64_t room;      /* the room's number, 1 to ZCHAT_ROOM_NUMBERS_MAX, given by the core;
                           0: it is only a fact of the broker              */
    frame_t room_name;  /* its spelling; used where the room is new        */
    event_t event;      /* seq is the room's head + 1; of type
                           ZCHAT_TYPE_NONE: there is none                  */
    uint64_t removes;   /* not 0: the event of that seq of the room, where
                           it is stored, becomes ZCHAT_TYPE_GONE, without
                           body and data, for good; so does the last of its edits, and its reactions
                           are no more. It is no edit itself               */
    uint64_t edits;     /* not 0: the event is an edit of the message of that
                           seq. Where that is stored, it has the event's body from now on; that of
                           its edit before is empty. Where the message was removed, or is none, the
                           event itself is stored as ZCHAT_TYPE_GONE. Where retention took it, only the
                           event counts                                    */
    uint64_t reacts;    /* not 0: the event is a reaction to the message of that seq, its
                           body, of the user in who; or, of type ZCHAT_TYPE_UNREACT, takes it back.
                           Where it is so already, or the message is no more, only the event counts */
    frame_t who;        /* of reacts: the user, as the core writes it      */
    uint64_t marker;    /* not 0: the owner marker_of has read the room up to that seq, which does
                           not go back; mentions up to it count no more. There is no event */
    uint64_t marker_of; /* the number of an owner                          */
    uint64_t marker_yields; /* not 0: how far the owner marker_of has read that room is known no
                               more. The record is one with a marker, or says nothing else */
    uint64_t mentions;      /* not 0: the message of that seq of the room mentioned_in mentions the
                               owner marker_of; the event is that in the owner's mailbox. Only the last
                               ZCHAT_MENTIONS_KEPT of an owner are kept; one of a message that is
                               removed, or that retention takes, is not        */
    uint64_t mentioned_in;  /* the number of a room                         */
    bool unmarks;           /* markers and mentions of the owner marker_of are no more, and there
                               will be none again; stands with the fact by which the owner ends */
    frame_t fact_key;       /* the fact of this room; empty: there is none     */
    frame_t fact_value;     /* what it says from now on; empty: it is no more  */
    bool has_producer;      /* whether producer, n and holder are meant        */
    bool ends;              /* the producer has ended at the event's time; the
                               record has no event otherwise                   */
    bool makes;             /* the event is the first of a new room; only there
                               its seq may be any                              */
    bool drops;             /* the room ends, with its events and facts; the
                               record says nothing else                        */
    bool forgets;           /* the producer in forgotten is known no more      */
    uint8_t producer[ZCHAT_PRODUCER_SIZE];
    uint64_t n;     /* the producer's last n from now on               */
    frame_t holder; /* who it is charged to: see store_producer_t      */
    frame_t charge; /* who the room is charged to from now on: see
                       store_room_t; empty: as before                  */
    uint8_t forgotten[ZCHAT_PRODUCER_SIZE];
} store_record_t;

/*  What a store remembers of a room. Strings are borrowed for the call.       */
typedef struct {
    uint64_t id;            /* the room's number                                      */
    frame_t name;           /* its spelling                                           */
    uint64_t head;          /* last seq                                               */
    uint64_t first;         /* oldest seq still stored; head + 1 where none is        */
    uint64_t time_ms;       /* of its last event                                      */
    frame_t topic;          /* empty: none                                            */
    frame_t topic_by;       /* who set it                                             */
    uint64_t topic_time_ms; /* when                                                   */
    frame_t charge;         /* who it is charged to, as the core writes it: STORE_CHARGE_MAX
                               bytes of ASCII at most; empty: not known               */
} store_room_t;

/*  What a store remembers of a producer.                                      */
typedef struct {
    uint8_t id[ZCHAT_PRODUCER_SIZE];
    uint64_t n;       /* its last                                      */
    uint64_t time_ms; /* of its last message                           */
    frame_t holder;   /* who it is charged to: STORE_HOLDER_MAX bytes of ASCII
                         at most, borrowed for the call; empty: not known;
                         STORE_ENDED: nobody, for it has ended         */
} store_producer_t;

enum { STORE_HOLDER_MAX = 63, STORE_CHARGE_MAX = STORE_HOLDER_MAX + 8 };
#define STORE_ENDED "-"

/*  How far an owner has read a room that the store knows.                     */
typedef struct {
    uint64_t owner; /* the owner's number                                      */
    uint64_t room;  /* the room's number                                       */
    uint64_t seq;   /* of the last event that was read, which the room has had */
} store_marker_t;

/*  A message that mentions an owner.                                          */
typedef struct {
    uint64_t room; /* the room's number                                        */
    uint64_t seq;  /* of the message                                           */
} store_mention_t;

/*  Gets all that the store remembers. Rooms come in the order of their numbers, then facts in the
    order of room and key, then producers, then markers in the order of owner and room, and at last
    the position, which is how many records were ever appended. Where a function returns anything
    but ZCHAT_OK, the load ends with that status. fact, marker and position may be NULL. */
typedef struct {
    zchat_status_t (*position) (void *arg, uint64_t position);
    zchat_status_t (*room) (void *arg, const store_room_t *room);
    zchat_status_t (*fact) (void *arg, const store_fact_t *fact);
    zchat_status_t (*producer) (void *arg, const store_producer_t *producer);
    void *arg;
    zchat_status_t (*marker) (void *arg, const store_marker_t *marker);
} store_loader_t;

enum { STORE_WHO_MAX = 4 * ZCHAT_NAME_MAX + 1 }; /* bytes of a user, as the core writes it */

/*  A run of a room's events to read.                                          */
typedef struct {
    uint64_t room;    /* the room's number                                           */
    uint64_t after;   /* with before 0: events of a seq above it, ascending          */
    uint64_t before;  /* not 0: the last ones of a seq below it (after is ignored);
                         UINT64_MAX: the last ones                                   */
    size_t limit;     /* events at most                                              */
    size_t bytes_max; /* sum of event_record_size of events, and of what tells of their marks,
                         at most, but one event at least                             */
    bool marks;       /* what became of the messages is wanted, too                  */
    char who[STORE_WHO_MAX + 1]; /* who asks, as reactions name a user; "": nobody  */
    uint64_t mentions_of; /* not 0: instead, the mentions of the owner of this number that are
                             behind what the owner has read; all else is ignored      */
} store_query_t;

/*  A reaction to a message.                                                   */
typedef struct {
    frame_t text;                        /* the reaction itself                            */
    uint64_t count;                      /* users who react so                             */
    frame_t users[ZCHAT_REACTION_NAMES]; /* the names of the first of them; n_users        */
    size_t n_users;
    bool mine; /* whoever asks is among the users                                          */
} store_reaction_t;

/*  What became of a message of a page: it was edited, or has reactions, or both. */
typedef struct {
    uint64_t seq;                /* the message's                                          */
    uint64_t edited;             /* the seq of its last edit; 0: it was not edited         */
    uint64_t n_edits;            /* how often it was                                       */
    store_reaction_t *reactions; /* n_reactions, in the order of their first users         */
    size_t n_reactions;
} store_marks_t;

/*  What was read; ascending seq. One snapshot: events, marks, first and head agree. A message that
    was edited has its newest text.                                            */
typedef struct {
    event_t *events; /* count of them; they view memory of the page                   */
    size_t count;
    store_marks_t *marks; /* of those that have any; n_marks, ascending seq           */
    size_t n_marks;
    bool more;                 /* events in the asked direction were left out                   */
    uint64_t first;            /* oldest seq stored; head + 1 where none is                     */
    uint64_t head;             /* last seq; 0 for a room never written                          */
    void *memory;              /* private to the store                                          */
    void *more_memory;         /* likewise                                                   */
    store_mention_t *mentions; /* n_mentions of them, ZCHAT_MENTIONS_KEPT at most, in the order of
                                  room and seq                                       */
    size_t n_mentions;
} store_page_t;

enum { STORE_RETAIN_ROOMS = 16 }; /* rooms with an age of their own                  */

/*  What retention keeps; 0: there is no such bound.                           */
typedef struct {
    uint64_t age_ms; /* events that are older go                                      */
    uint64_t bytes;  /* while the log holds more, the oldest events go: see shares.h  */
    size_t n_rooms;
    struct {
        uint64_t room;   /* the room with this number                                 */
        uint64_t age_ms; /* has this age instead, longer or shorter; not 0            */
    } rooms[STORE_RETAIN_ROOMS];
} store_retain_t;

/*  What one step of retention removed.                                        */
typedef struct {
    uint64_t room;  /* 0: nothing was to be removed                                   */
    uint64_t first; /* the room's oldest seq from now on                              */
    size_t count;   /* events removed, ZCHAT_TRIM_ROWS at most                        */
    bool more;      /* call again: more is to be removed                              */
} store_trimmed_t;

/*  Open the log in the folder dir, making folder and log where they are not, and
    taking it for this process alone. *log_id, 16 random bytes, is used where the
    log is new. ZCHAT_OK and *store; else *why, a sentence naming the file and
    the remedy that the caller frees, and: ZCHAT_IN_USE, ZCHAT_SYSTEM (not
    writable, no space), ZCHAT_CORRUPT, ZCHAT_NEWER.                           */
zchat_status_t store_open (const char *dir, const uint8_t log_id[ZCHAT_LOG_ID_SIZE],
                           store_t **store, char **why) ZCHAT_CHECKED;

/*  Close and free. All its readers must be gone. Nulls; tolerates NULL.       */
void store_destroy (store_t **store);

/*  The id of the log: ZCHAT_LOG_ID_SIZE bytes, valid as long as the store.    */
const uint8_t *store_log_id (const store_t *store);

/*  What went wrong in the last call on the writing side, for the log file: names
    the operation, the file and the cause. Valid until the next call.          */
const char *store_error (const store_t *store);

/*  Give the loader all rooms, facts and producers.
    ZCHAT_OK, ZCHAT_CORRUPT, ZCHAT_SYSTEM, or what the loader returned.        */
zchat_status_t store_load (store_t *store, const store_loader_t *loader) ZCHAT_CHECKED;

/*  Append count records in one durable transaction: all of them, or none. They count in their
    order: the last word about a fact holds, and what a record removes was appended before it. The
    position of the log advances by count in the same transaction. Where count is 0 something is
    written nevertheless, to find out whether anything can be. Returns after the bytes are on disk:
    ZCHAT_OK; ZCHAT_STORAGE: nothing was stored, the store is as before and may be used again at
    once; or ZCHAT_SYSTEM: nobody knows whether they are stored, but the position that store_load
    gives tells.                                                               */
zchat_status_t store_append (store_t *store, const store_record_t *records,
                             size_t count) ZCHAT_CHECKED;

/*  One small step of retention, at the time now_ms: removes the oldest events of
    one room that may go.
    ZCHAT_OK and *trimmed, or ZCHAT_STORAGE and nothing is changed.            */
zchat_status_t store_trim (store_t *store, const store_retain_t *retain, uint64_t now_ms,
                           store_trimmed_t *trimmed) ZCHAT_CHECKED;

/*  A reader of its own connection, for another thread; it sees what is committed.
    ZCHAT_OK and *reader, or ZCHAT_SYSTEM.                                     */
zchat_status_t store_reader_new (store_t *store, store_reader_t **reader) ZCHAT_CHECKED;
void store_reader_destroy (store_reader_t **reader);

/*  What went wrong in the reader's last call, as store_error: names the file and the
    cause. Valid until its next call, for the reader's thread.                 */
const char *store_reader_error (const store_reader_t *reader);

/*  Read a page. ZCHAT_OK and *page, which the caller destroys; a room that is not
    there gives an empty page with first 1, head 0. ZCHAT_STORAGE otherwise.   */
zchat_status_t store_read (store_reader_t *reader, const store_query_t *query,
                           store_page_t **page) ZCHAT_CHECKED;
void store_page_destroy (store_page_t **page);

#endif
