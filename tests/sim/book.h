/*  book.h - what was committed, and how far it is told: the truth of a run

    A book is written where the store commits, and judges every commit: seqs without
    holes, each letter once, each sender in order, time that never goes back.
*/
#ifndef ZCHAT_SIM_BOOK_H
#define ZCHAT_SIM_BOOK_H

#include "people.h"
#include "sim.h"
#include "store.h"
#include "store_memory_marks.h"

/*  A producer's last n.                                                       */
typedef struct book_producer {
    bool loose; /* ended, or gave way: the core may know it no more */
    uint8_t id[ZCHAT_PRODUCER_SIZE];
    uint64_t n;
    struct book_producer *next;
} book_producer_t;

/*  What became of an event later: it has another text, or none.               */
typedef struct book_version {
    struct book_version *older; /* of the room, the one before                  */
    event_t *event;
} book_version_t;

/*  Why a room ended.                                                          */
typedef enum { END_NOT, END_PURGED, END_YIELDED, END_FORGOTTEN } end_t;

/*  A room: what it is now, and behind it its earlier eras, each from a first event to an end.  */
typedef struct book_room {
    uint64_t id; /* the broker's number; 0: nothing was said yet         */
    char name[ZCHAT_NAME_MAX + 1];
    uint64_t base;      /* its seqs begin behind it                             */
    event_t **events;   /* of seq base + 1, base + 2, base + 3                  */
    uint64_t *times_us; /* of their commits                                     */
    uint64_t head;      /* of one that nothing was said in yet: base            */
    uint64_t first;     /* oldest stored                                        */
    uint64_t told[2];   /* last seq that the broker may tell; that it has published one by one */
    club_t club;        /* who may read it, where it is private                 */
    size_t capacity;    /*                                                      */
    book_version_t *versions;          /* of its events; the newest first                */
    memory_marks_t *marks;             /* edits and reactions                            */
    char charge[STORE_CHARGE_MAX + 1]; /* as the log has it                     */
    char speaker[ZCHAT_NAME_MAX + 24]; /* who said something last: an owner or a name */
    bool shared;                       /* others did, too                       */
    bool has_topic;
    struct book_room *past; /* eras that are over, oldest first      */
    size_t n_past;
    uint64_t ended_us; /* of such an era: when */
    end_t end;         /* and why                                  */
    bool untold;       /* likewise: the core has not heard yet that it is stored */
} book_room_t;

/*  A PURGE that is under way.                                                 */
typedef struct purge {
    struct purge *next;
    const door_t *door;
    char tag[ZCHAT_TAG_MAX + 1];
    char match[ZCHAT_NAME_MAX + 1]; /* "": any                                 */
    uint64_t before;                /* rooms whose last event was before, Unix ms */
} purge_t;

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
    book_room_t none;   /* a mailbox that holds nothing yet                       */
    uint64_t begins;    /* behind which seq a new room begins                     */
    uint64_t numbered;  /* the last that was given to a room                      */
    size_t born[2];     /* rooms, mailboxes that are there                        */
    size_t owed[2];     /* of them gave way to one that has not come yet          */
    size_t ahead[2];    /* that the batch makes, and were not looked at yet       */
    purge_t *purges;
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

/*  The event of that seq, which is there, as it is now.                       */
const event_t *book_newest (const book_room_t *room, uint64_t seq);

/*  The event of a room is the one that was committed, or what became of it. False: it was
    reported.                                                                  */
bool book_holds (sim_t *sim, const book_t *book, size_t room, const event_t *event,
                 const char *who);

/*  The store holds what the book says: see book_audit.c.                      */
void book_audit (sim_t *sim, book_t *book);

/*  The era that the seq is of; NULL: none.                                    */
const book_room_t *book_era (const book_room_t *room, uint64_t seq);
/*  That whose presence the broker tells of: one that is over until that is told. */
const book_room_t *book_era_here (const book_room_t *room);
/*  The event of that seq, which is there, and when it was committed.          */
const event_t *book_event (const book_room_t *room, uint64_t seq);
uint64_t book_time_us (const book_room_t *room, uint64_t seq);
/*  The seq of this room's name that comes behind seq.                         */
uint64_t book_next (const book_room_t *room, uint64_t seq);

/*  --- ends.c: rooms that end, and those that begin again ---------------------  */

/*  The first event of a room is committed: give it its number.                */
void ends_begin (sim_t *sim, book_t *book, book_room_t *room, const store_record_t *record);
/*  A record without an event or fact of a room was committed: it is over.     */
void ends_drop (sim_t *sim, book_t *book, const store_record_t *record);
/*  Something was said in it.                                                  */
void ends_spoken (sim_t *sim, const book_t *book, book_room_t *room, const event_t *event);
/*  New rooms begin behind another seq.                                        */
void ends_begins (sim_t *sim, book_t *book, frame_t value);
/*  A batch is committed.                                                      */
void ends_settle (sim_t *sim, book_t *book);
/*  The core was told of the commit; there is another process.                 */
void ends_landed (book_t *book);
void ends_restart (book_t *book);

/*  An admin asks; is answered OK or not.                                      */
void ends_purge (book_t *book, const door_t *door, frame_t tag, frame_t json);
void ends_purged (sim_t *sim, book_t *book, const door_t *door, frame_t tag, bool ok, frame_t json);
/*  Somebody is put out of a room, it is published.                            */
void ends_leave (sim_t *sim, const book_t *book, size_t at, frame_t user, frame_t meta);

#endif
