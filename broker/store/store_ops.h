/*  store_ops.h - what a store is made of: for sqlite.c, and for the one that tests have

    A store starts with a store_t and a reader with a store_reader_t, so that store.c can call
    the operations of its kind. store.c has checked the arguments before.
*/
#ifndef ZCHAT_STORE_OPS_H
#define ZCHAT_STORE_OPS_H

#include "store.h"

enum {
    STORE_ERROR_MAX = 1024,                         /* bytes of store_error with its NUL          */
    STORE_ROOM_MAX = ZCHAT_ROOM_NUMBERS_MAX,        /* highest number of a room                   */
    STORE_ROOMS = ZCHAT_ROOMS_MAX + ZCHAT_NAMES_MAX /* rooms at most: mailboxes are rooms too */
};
_Static_assert(ZCHAT_SEQ_MAX == (1ull << 40) - 1, "a seq is 40 bits");
_Static_assert((int)STORE_ROOM_MAX == (1 << 23) - 1, "a room's number is 23: 63 together");
_Static_assert((int)STORE_ROOMS <= (int)STORE_ROOM_MAX, "every room has a number");

/*  The functions of one kind of store; contracts in store.h.                  */
typedef struct {
    void (*destroy) (store_t *store);
    zchat_status_t (*load) (store_t *store, const store_loader_t *loader);
    zchat_status_t (*append) (store_t *store, const store_record_t *records, size_t count);
    zchat_status_t (*trim) (store_t *store, const store_retain_t *retain, uint64_t now_ms,
                            store_trimmed_t *trimmed);
    zchat_status_t (*reader_new) (store_t *store, store_reader_t **reader);
    void (*reader_destroy) (store_reader_t *reader);
    zchat_status_t (*read) (store_reader_t *reader, const store_query_t *query,
                            store_page_t **page);
} store_ops_t;

struct store {
    const store_ops_t *ops;            /* its kind                      */
    uint8_t log_id[ZCHAT_LOG_ID_SIZE]; /* the log's id                  */
    char error[STORE_ERROR_MAX];       /* what went wrong, ends in NUL  */
};

struct store_reader {
    const store_ops_t *ops;      /* its kind                      */
    char error[STORE_ERROR_MAX]; /* what went wrong, ends in NUL  */
};

/*  Set store_error.                                                           */
void store_fail (store_t *store, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/*  How many bytes have to go where so many are used; 0: none.                 */
uint64_t store_excess (const store_retain_t *retain, uint64_t used);

/*  Events of an earlier time than this are older than retain allows; 0: none is. */
uint64_t store_cutoff (const store_retain_t *retain, uint64_t room, uint64_t now_ms);
/*  True where the room has an age of its own.                                 */
bool store_retain_apart (const store_retain_t *retain, uint64_t room);

/*  The events of a room that a query asks for, before its bounds of size.     */
typedef struct {
    uint64_t first;  /* of the room                                        */
    uint64_t head;   /* of the room                                        */
    uint64_t from;   /* lowest seq asked for                               */
    uint64_t to;     /* highest                                            */
    uint64_t count;  /* how many these are; 0: from and to mean nothing    */
    bool descending; /* whether they are to be taken from the top          */
} store_span_t;

store_span_t store_span (const store_query_t *query, uint64_t first, uint64_t head);

/*  A page in the making: start with zeros, add, then finish or drop.          */
typedef struct {
    event_t *events;      /* taken; their frames have sizes, not yet places  */
    size_t count;         /* of them                                         */
    size_t capacity;      /* of events                                       */
    store_marks_t *marks; /* likewise; reactions is not set yet              */
    size_t n_marks;       /* of them                                         */
    size_t marks_capacity;
    store_reaction_t *reactions; /* of all marks, one after another; likewise */
    size_t n_reactions;          /* of them                                  */
    size_t reactions_capacity;
    char *text;           /* user, body and data of each, and, behind those of an event, text and
                             users of its reactions                          */
    size_t text_size;     /* bytes of it                                     */
    size_t text_capacity; /* bytes allocated                                 */
    size_t bytes;         /* that count: see bytes_max of store_query_t      */
} store_pager_t;

/*  Copy an event and its marks (NULL: it has none) into the page. False, and nothing is taken,
   where that would go over the query's bounds.                                     */
bool store_pager_add (store_pager_t *pager, const store_query_t *query, const event_t *event,
                      const store_marks_t *marks);

/*  Make the page; the pager is empty then.                                    */
store_page_t *store_pager_finish (store_pager_t *pager, const store_span_t *span);

/*  Forget what was taken.                                                     */
void store_pager_drop (store_pager_t *pager);

#endif
