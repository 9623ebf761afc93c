/*  index_private.h - what the files of this folder share

    The tables of index.db: meta (version, log id, which boot of the machine wrote it last, the next
    number, the key of tickets); rooms (up to which seq each is in); docs (number -> message, room
   << 40 | seq, and its time); edits (an edit -> what it edits); shards. A message gets the next
   number when it comes in, which is the order of time, so that a search goes from the highest
   number down. 65,536 numbers are a shard, an FTS5 table of its own without texts (contentless):
   what it knows of a message that is gone it cannot forget by itself, so it is written anew out of
   the log, and its old table dropped.
*/
#ifndef ZCHAT_INDEX_PRIVATE_H
#define ZCHAT_INDEX_PRIVATE_H

#include "index.h"
#include "memory.h"
#include "token.h"

/*  Keys are numbers of our own.                                               */
#define uthash_malloc(size) memory_new (size)
#include <uthash.h>

enum {
    INDEX_VERSION = 1,
    SHARD_BITS = 16,
    SEQ_BITS = 40,
    TABLE_NAME_MAX = 48,
    TAG_SIZE = 17,       /* of a user: u and 16 hex digits                    */
    PAGE_SLOTS = 32,     /* pages of the log that are kept                    */
    PAGE_EVENTS = 256,   /* events of one                                     */
    PAGE_BYTES = 131072, /* and their bytes                                   */
    NAMES_KEPT = 256,    /* names whose tags are kept                         */
    INDEX_ERROR_MAX = 512,
    TICKET_KEY_SIZE = 16,
};
#define TAG_LINK "link"
#define TAG_OWN  "own" /* told: by whom the mailbox is                              */

/*  --- feed.c: the log in the order of time -------------------------------------- */

/*  A room that was heard of.                                                  */
typedef struct {
    uint64_t room;
    bool secret;
    bool known;          /* whether secret is meant                                  */
    uint64_t head;       /* its last seq                                             */
    uint64_t kept;       /* up to it all is in, and on disk                          */
    uint64_t at;         /* the same in the transaction at hand                      */
    uint64_t first;      /* the oldest seq that is stored                            */
    uint64_t clear;      /* nothing below it is in                                   */
    uint64_t clearing;   /* the same in the transaction at hand                    */
    uint64_t heard_head; /* the last seq that was heard of                       */
    bool dropped;        /* it is no more                                            */
    bool ends;           /* nothing of it is in any more                             */
    bool heard;          /* it is among those that something was heard of            */
    bool touched;        /* at differs from kept                                     */
    uint64_t time_ms;    /* of the event behind at                                 */
    size_t place;        /* in the heap; SIZE_MAX: it is not                         */
    UT_hash_handle hh;
} feed_room_t;

typedef struct {
    uint64_t room;
    store_page_t *page;
} feed_page_t;

typedef struct {
    store_reader_t *log; /* borrowed                                            */
    feed_room_t *rooms;  /* by number                                           */
    feed_room_t **heap;  /* those that have something to come in, the oldest first */
    size_t n_heap, heap_capacity;
    feed_room_t **touched; /* those whose at differs from kept                   */
    size_t n_touched, touched_capacity;
    feed_room_t **heard; /* those of which something was heard                  */
    size_t n_heard, heard_capacity;
    feed_page_t pages[PAGE_SLOTS];
    uint64_t behind[2]; /* events to come in: of public rooms, of secret ones   */
} feed_t;

feed_room_t *feed_room (feed_t *feed, uint64_t room);
feed_room_t *feed_room_make (feed_t *feed, uint64_t room);
/*  The room is forgotten; not while something of it was taken and is not kept. */
void feed_room_drop (feed_t *feed, feed_room_t *room);
/*  Let the room be in the heap where it has something to come in. False: the log cannot be read. */
bool feed_wake (feed_t *feed, feed_room_t *room);
/*  The event that comes next, and its room; it counts as taken. The event is valid until the next
    call. *event NULL: there is none. False: the log cannot be read.           */
bool feed_next (feed_t *feed, feed_room_t **room, const event_t **event);
/*  The event of that seq as it is stored now (fresh), or as it was when it was read. *event NULL:
   it is not stored. False: the log cannot be read.                              */
bool feed_event (feed_t *feed, uint64_t room, uint64_t seq, bool fresh, const event_t **event);
/*  What was taken is in, or it is not and comes again.                        */
void feed_keep (feed_t *feed);
void feed_undo (feed_t *feed);
/*  Something was heard of the room, so that it has to be seen to.             */
void feed_hear (feed_t *feed, feed_room_t *room);
/*  Forget what was read of the log.                                           */
void feed_pages_drop (feed_t *feed);
void feed_clear (feed_t *feed);

/*  --- tags.c: what of a message is no word -------------------------------------- */

typedef struct {
    struct {
        char name[ZCHAT_NAME_MAX];
        size_t size;
        char tag[TAG_SIZE + 1];
    } kept[NAMES_KEPT];
} tags_t;

/*  The tag of who has this fold.                                              */
void tag_of_fold (const char *fold, char tag[TAG_SIZE + 1]);
/*  The tag of who has this name; "": no such name.                            */
const char *tag_of_name (tags_t *tags, frame_t name);
/*  The tag of who said it.                                                    */
const char *tag_of_event (tags_t *tags, const event_t *event);
/*  True where it is found by its words: it has some, and is not sealed.       */
bool event_searched (const event_t *event);
bool body_has_link (frame_t body);
/*  The number under seq in the data of an edit or a remove; 0: none.          */
uint64_t event_target (const event_t *event);
/*  The scope of a room.                                                       */
void scope_of (uint64_t room, bool secret, char scope[TOKEN_SCOPE_MAX + 1]);

/*  --- ticket.c: where an answer goes on ------------------------------------------ */

/*  Numbers say how much was said everywhere, and so are nobody's business. window: how many numbers
    are looked at in one piece, as a power of two.                             */
void ticket_write (const uint8_t key[TICKET_KEY_SIZE], uint64_t doc, unsigned window,
                   char ticket[INDEX_TICKET_SIZE + 1]);
bool ticket_read (const uint8_t key[TICKET_KEY_SIZE], const char *ticket, uint64_t *doc,
                  unsigned *window);

/*  --- match.c: what of a text the query means ------------------------------------ */

typedef struct match match_t;

/*  The terms of a query, as words. Never NULL.                                */
match_t *match_new (token_maker_t *maker, const index_query_t *query);
void match_destroy (match_t **match);
/*  True where term i has words.                                               */
bool match_has (const match_t *match, size_t i);
/*  True where any has.                                                        */
bool match_any (const match_t *match);
/*  True where all terms are in the body. Then the hit has its text and places. */
bool match_body (match_t *match, frame_t body, index_hit_t *hit);

/*  --- index.c: the file ------------------------------------------------------------ */

typedef enum {
    DO_BEGIN,
    DO_COMMIT,
    DO_DOC_ADD,
    DO_DOC_OF,
    DO_DOC_DELETE,
    DO_DOC_RANGE,
    DO_DOC_FIRST,
    DO_DOCS,
    DO_EDIT_ADD,
    DO_EDIT_OF,
    DO_EDIT_RANGE,
    DO_ROOM_PUT,
    DO_ROOM_DROP,
    DO_ROOMS,
    DO_SHARD,
    DO_SHARD_ADD,
    DO_SHARD_PUT,
    DO_SHARD_DROP,
    DO_SHARD_DUE,
    DO_META_PUT,
    DO_META_GET,
    DO_COUNT
} index_statement_t;

typedef struct {
    uint64_t shard;                /* its number: that of its messages >> SHARD_BITS        */
    uint64_t version;              /* of its table                                          */
    uint64_t docs;                 /* messages that are in                                  */
    uint64_t gone;                 /* messages of which only words are in                   */
    uint64_t dirty;                /* not 0: some of them have to be wiped soon             */
    uint64_t tidy;                 /* not 0: it is in one piece                             */
    uint64_t oldest_ms, newest_ms; /* of the messages that were put in           */
} shard_t;

struct index {
    char *path;
    sqlite3 *db;
    token_maker_t *maker;
    sqlite3_stmt *statements[DO_COUNT];
    sqlite3_stmt *insert; /* into the table of the shard that was written last    */
    uint64_t insert_shard, insert_version;
    feed_t feed;
    tags_t tags;
    uint64_t next; /* number of the next message                           */
    shard_t shard; /* the one at hand, where has_shard                     */
    bool has_shard, shard_changed;
    bool began;        /* a transaction is at hand                             */
    uint64_t dirty_ms; /* since when something is dirty, monotonic; 0: nothing */
    bool dirty;        /* something was made dirty, and it is not known since when */
    bool passes;       /* shards are being wiped, one after another            */
    uint64_t pass;     /* the number of the next of them                       */
    bool truncates;    /* the WAL still has what was wiped                     */
    bool untidy;       /* a shard is complete, and not in one piece            */
    char *text;        /* of the message at hand, with its first line          */
    size_t text_capacity;
    char error[INDEX_ERROR_MAX];
};

/*  Set index_error; returns the status that fits the last error of SQLite.    */
zchat_status_t index_failed (index_t *self, const char *doing);
bool index_run (index_t *self, index_statement_t statement);
zchat_status_t index_begin (index_t *self);
zchat_status_t index_commit (index_t *self);
void index_rollback (index_t *self);
bool index_meta_put (index_t *self, const char *key, uint64_t value);
void shard_table (uint64_t shard, uint64_t version, char table[TABLE_NAME_MAX]);

/*  --- shard.c ------------------------------------------------------------------------ */

/*  Have the shard at hand; make: make it where it is not there.               */
bool shard_take (index_t *self, uint64_t shard, bool make);
/*  Write down what is known of the one at hand.                               */
bool shard_keep (index_t *self);
/*  Put the message, of that number, into the shard at hand.                   */
bool shard_insert (index_t *self, uint64_t doc, const feed_room_t *room, const event_t *event);
/*  Make a table; drop one.                                                    */
bool shard_make (index_t *self, uint64_t shard, uint64_t version);
bool shard_drop (index_t *self, uint64_t shard, uint64_t version);

#endif
