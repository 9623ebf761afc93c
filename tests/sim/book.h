/*  book.h - what was committed, and how far it is told: the truth of a run

    A book is written where the store commits, and judges every commit: seqs without
    holes, each letter once, each sender in order, time that never goes back.
*/
#ifndef ZCHAT_SIM_BOOK_H
#define ZCHAT_SIM_BOOK_H

#include "people.h"
#include "sim.h"
#include "store.h"

/*  A producer's last n.                                                       */
typedef struct book_producer {
    bool loose; /* ended, or gave way: the core may know it no more */
    uint8_t id[ZCHAT_PRODUCER_SIZE];
    uint64_t n;
    struct book_producer *next;
} book_producer_t;

typedef struct {
    uint64_t id; /* the broker's number; 0: nothing was said yet         */
    char name[ZCHAT_NAME_MAX + 1];
    event_t **events;   /* of seq 1, 2, 3                                       */
    uint64_t *times_us; /* of their commits                                     */
    uint64_t head;      /*                                                      */
    uint64_t first;     /* oldest stored                                        */
    uint64_t told[2];   /* last seq that the broker may tell; that it has published one by one */
    club_t club;        /* who may read it, where it is private                 */
    size_t capacity;    /*                                                      */
} book_room_t;

enum { BOOK_BUCKETS = 256 };

struct book {
    size_t number; /* 1 and up                                                 */
    uint8_t log_id[ZCHAT_LOG_ID_SIZE];
    store_t *store;     /* what it is a copy of                                    */
    book_room_t *rooms; /* SIM_ROOMS, and mailboxes behind them                   */
    size_t n_rooms;     /*                                                        */
    people_t people;    /*                                                        */
    letter_t *half;     /* its sender's copy is stored, the addressee's must follow */
    uint64_t invited;   /* so must the invitation of this owner; 0: none          */
    book_producer_t *producers[BOOK_BUCKETS];
    size_t n_producers; /* in all of them */
};

/*  The next book, with an empty store.                                        */
book_t *book_new (sim_t *sim);
void book_free (book_t *book);

/*  The one in use.                                                            */
book_t *book_now (const sim_t *sim);

/*  The store has committed.                                                   */
void book_commit (sim_t *sim, book_t *book, const store_record_t *records, size_t count);
void book_trim (sim_t *sim, book_t *book, const store_trimmed_t *trimmed);

/*  The room, or mailbox, of that name in the log; SIM_NOWHERE.                */
size_t book_find (const book_t *book, frame_t name);

/*  The mailbox of whoever uses a name with a key (NULL: without); SIM_NOWHERE: it holds
    nothing yet.                                                               */
size_t book_box (const book_t *book, const char *name, const char *key);

/*  The event of a room is the one that was committed. False: it was reported.  */
bool book_holds (sim_t *sim, const book_t *book, size_t room, const event_t *event,
                 const char *who);

/*  The store holds what the book says.                                        */
void book_audit (sim_t *sim, book_t *book);

#endif
