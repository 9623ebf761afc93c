/*  sim.h - one run: a world with a clock of its own

    Real parts: the broker's core, the store in memory, every client's delivery. Made
    up, and drawn from the seed: network, clocks, threads, processes and what people
    do. Everything happens on one thread, in events of a queue; the same seed makes
    the same run.
*/
#ifndef ZCHAT_SIM_SIM_H
#define ZCHAT_SIM_SIM_H

#include "dice.h"
#include "frame.h"
#include "plan.h"
#include "queue.h"
#include <stdio.h>

typedef struct server server_t;
typedef struct user user_t;
typedef struct stranger stranger_t;
typedef struct thief thief_t;
typedef struct keeper keeper_t;
typedef struct reader reader_t;
typedef struct editor editor_t;
typedef struct door door_t;
typedef struct feed feed_t;
typedef struct book book_t;

/*  What all runs together have seen.                                          */
typedef struct {
    uint64_t runs, simulated_ms, events;
    uint64_t said, told, acknowledged, stored, refused, unknown;
    uint64_t delivered, lost, published, dropped;
    uint64_t private_events, invited, put_out, claimed;
    uint64_t purged, yielded, forgotten, begun_again, put_out_by_end; /* of rooms   */
    uint64_t edited, reacted, removed;
    uint64_t changed_indoors; /* of these, in private rooms */
    uint64_t commits, failed_commits, unknown_commits, loads, reads, trimmed;
    uint64_t marked, mentioned, searched;
    uint64_t thefts, thefts_refused; /* ids announced; connections refused for it */
    uint64_t converged_most_ms;
    uint64_t faults[FAULT_COUNT];
} tally_t;

/*  What became of a message, as its sender knows.                             */
typedef enum { FATE_OPEN, FATE_SENT, FATE_FAILED, FATE_UNKNOWN } fate_t;

/*  Where it is for: its text shows that wherever it comes to light.           */
typedef enum { KIND_PUBLIC, KIND_PRIVATE, KIND_DIRECT } kind_t;

/*  A message or topic. Its text names its life and its place there.           */
typedef struct {
    uint64_t id;       /* the delivery's                                           */
    fate_t fate;       /*                                                          */
    bool topic;        /* no part of the sender's order                            */
    bool doomed;       /* the broker must refuse it                                */
    bool perhaps;      /* the broker may refuse it                                 */
    bool indoors;      /* it was said in a private room                            */
    kind_t kind;       /*                                                          */
    const char *key;   /* of the connection that brought it last; NULL: none */
    size_t book;       /* 1 and up: the last book it was stored in; 0: none  */
    size_t room;       /* there                                              */
    uint64_t seq;      /* there                                              */
    size_t twin_room;  /* DIRECT: the addressee's mailbox                    */
    uint64_t twin_seq; /* and its place there; 0: there is none              */
} letter_t;

/*  All that one process of a client says.                                     */
typedef struct {
    letter_t *letters;
    size_t count, capacity;
    size_t last;      /* stored last, in the book below: its place + 1         */
    size_t last_book; /*                                                       */
} life_t;

enum { SIM_READERS = 2 };

typedef struct sim {
    uint64_t seed;
    bool verbose;
    bool failed;
    char what[1024];                /* went wrong                                       */
    uint64_t now_us;                /*                                                  */
    int64_t wall_off_ms;            /* how far the wall clock is off                    */
    int64_t wall_low_ms;            /* how far it was behind at most: something may be stamped so */
    uint64_t slept_ms;              /* passed for the broker's machine alone            */
    dice_t dice;                    /*                                                  */
    queue_t *queue;                 /*                                                  */
    plan_t plan;                    /*                                                  */
    bool aged;                      /* producers may be so old that they are forgotten  */
    bool pressed;                   /* producers were forgotten, for there were too many */
    bool healing;                   /* the network is whole from now on                 */
    bool quiet;                     /* nobody begins anything any more                  */
    bool over;                      /* judged                                           */
    uint64_t well_ms;               /* since then all is as it ought to be; 0: it is not */
    size_t open_before;             /* messages not acknowledged when patience last ran out  */
    server_t *server;               /*                                                  */
    user_t **users;                 /* plan.users of them                               */
    stranger_t **strangers;         /* plan.strangers of them                          */
    thief_t *thief;                 /* NULL: there is none                             */
    keeper_t *keeper;               /* likewise                                        */
    reader_t *readers[SIM_READERS]; /* likewise                                */
    editor_t **editors;             /* plan.editors of them                            */
    book_t **books;                 /* of each log; the last one is in use              */
    size_t n_books;                 /*                                                  */
    life_t *lives;                  /*                                                  */
    size_t n_lives;                 /*                                                  */
    door_t *doors;                  /* all there ever were                              */
    feed_t *feeds;                  /* likewise                                         */
    tally_t *tally;
} sim_t;

/*  One run with a seed. False: something was wrong, which was printed.        */
bool sim_run (uint64_t seed, tally_t *tally, bool verbose);

/*  Something is wrong: printed once a run, with the seed, and the run ends.   */
void sim_wrong (sim_t *sim, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/*  Say what happens, where it was asked for.                                  */
void sim_trace (sim_t *sim, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/*  Have something happen after_us from now.                                   */
void sim_after (sim_t *sim, uint64_t after_us, void (*happen) (void *arg, uint64_t n), void *arg,
                uint64_t n);

/*  A number from 0 to most_us, mostly small.                                  */
uint64_t sim_delay (sim_t *sim, uint64_t most_us);

/*  One way through the network.                                               */
uint64_t sim_latency (sim_t *sim);

uint64_t sim_wall_ms (const sim_t *sim);

/*  --- letters ---------------------------------------------------------------  */

/*  A new life; its number.                                                    */
size_t sim_live (sim_t *sim);

/*  A new letter of the life at, with its text in text (ended by NUL), which holds size bytes;
 *index is its place.                                                       */
letter_t *sim_write (sim_t *sim, size_t at, kind_t kind, char *text, size_t size, size_t *index);

/*  The letter that is marked at the beginning of a text; NULL where it is none. life and index may
 * be NULL. */
letter_t *sim_letter (sim_t *sim, frame_t text, size_t *life, size_t *index);

/*  The letter of the life at with the id of a delivery; NULL.                                */
letter_t *sim_letter_id (sim_t *sim, size_t at, uint64_t id);

/*  --- rooms -----------------------------------------------------------------  */

enum {
    SIM_BODY_MAX = 65537,
    SIM_ROOMS = PLAN_ROOMS_MAX + PLAN_DENS_MAX, /* all names of rooms               */
    SIM_MAILBOX = SIM_ROOMS,                    /* a user's own mailbox, for it     */
    SIM_VIEWS                                   /* what a user can join             */
};
#define SIM_NOWHERE SIZE_MAX

/*  A name of a room, in one of its spellings.                                 */
const char *sim_room (sim_t *sim, size_t room);

/*  The room so named; SIM_NOWHERE where there is none.                        */
size_t sim_room_find (frame_t name);

/*  The same, or SIM_MAILBOX.                                                  */
size_t sim_view_find (frame_t name);

/*  --- places ----------------------------------------------------------------  */

/*  Where the n-th of those that connect comes from; NULL: nobody knows.       */
const char *sim_place (const sim_t *sim, size_t n);

/*  --- keys ------------------------------------------------------------------  */

enum { SIM_KEYS = 256, SIM_KEY_ADMIN = SIM_KEYS - 1, SIM_KEY_EDITORS = SIM_KEY_ADMIN - 2 };

/*  A public key as text, the same in all runs; n below SIM_KEYS.              */
const char *sim_key (size_t n);

#endif
