/*  core_world.h - the broker's core among people who ask anything, and its judge

    fuzz_core.c runs the program of an input: who asks, what the disk does, how time goes.
    core_judge.c looks at all that comes out, and at what is to be stored.     */
#ifndef ZCHAT_FUZZ_CORE_WORLD_H
#define ZCHAT_FUZZ_CORE_WORLD_H

#include "address.h"
#include "core.h"
#include "fuzz.h"
#include "request.h"
#include <jansson.h>

/*  Who sits where. The crowd is there to fill a room; the outsider is never invited, and
    the prober may see everything: no program can spell their names.           */
enum {
    SEATS_SPOKEN = 10, /* seats that programs name: 0 to 9                     */
    SEAT_CROWD = 10,   /* the first of the crowd's                             */
    CROWD = 70,        /*                                                      */
    SEAT_OUTSIDER = SEAT_CROWD + CROWD,
    SEAT_PROBER,
    SEATS,
    READS_MAX = ZCHAT_READS_MAX, /* HISTORY requests under way: the core's own bound */
    PRODUCERS_KNOWN = 64,        /* that the judge follows                      */
    MAILS_KNOWN = 8,             /* rooms that a seat gets mail of, followed    */
};
#define SECRET_NAME "9f3a7c" /* stands in the names of outsider and prober alone */

/*  What a room's mail to a seat was last.                                     */
typedef struct {
    char room[ZCHAT_NAME_MAX + 1];
    uint64_t seq;
} mail_t;

/*  A place where one connection is after another.                             */
typedef struct {
    core_peer_t id;                          /* of the connection; 0: none yet    */
    unsigned life;                           /* connections there were            */
    size_t raw_open;                         /* requests with no tag of ours, unanswered */
    char secret[2 * ZCHAT_SESSION_SIZE + 1]; /* the last one it was told       */
    mail_t mails[MAILS_KNOWN];               /*                                   */
    size_t n_mails;                          /*                                   */
} seat_t;

/*  A request with a tag of ours, t and its index.                             */
typedef struct {
    unsigned seat;
    unsigned life; /* of the seat, when it asked                               */
    verb_t verb;   /* VERB_COUNT: not understood                               */
    bool answered;
    uint64_t last_seq; /* of the events that came before its OK                */
    name_keys_t room;  /* its first argument as a name; empty where it is none */
} ask_t;

/*  A room as it was committed.                                                */
typedef struct {
    uint64_t id;                   /* number in the store                     */
    char name[2 * ZCHAT_NAME_MAX]; /* spelling                                */
    name_keys_t keys;              /* empty where it is no name: a mailbox    */
    uint64_t committed, published; /* last seqs                               */
    bool is_public;                /* something stored was published          */
} seen_room_t;

/*  A name that JOIN has called private.                                       */
typedef struct {
    char name[ZCHAT_NAME_MAX + 1];
    name_keys_t keys;
} private_t;

typedef struct {
    uint8_t id[ZCHAT_PRODUCER_SIZE];
    uint64_t n;
    bool ended; /* it may be forgotten soon */
} seen_producer_t;

typedef struct {
    core_t *core;
    store_t *store;
    core_time_t now;
    bool small;   /* quotas are small                                          */
    bool closed;  /* core_close was called                                     */
    bool jumped;  /* wall time has jumped: producers may have been forgotten   */
    uint8_t dice; /* the core's randomness                                     */
    fuzz_escapes_t escapes;
    char expanded[128]; /* what an escape became                               */
    const char *asked;  /* the room of a question of our own: \r0              */
    seat_t seats[SEATS];
    ask_t *asks;
    size_t n_asks;
    const store_record_t *flight; /* taken, neither landed nor failed          */
    size_t n_flight;
    bool stored; /* it is on disk, and the core was not told                   */
    uint64_t read_ids[READS_MAX];
    store_query_t reads[READS_MAX];
    size_t n_reads;
    uint64_t search_ids[ZCHAT_SEARCHES_MAX];
    size_t n_searches;
    seen_room_t *rooms;
    uint64_t begins; /* behind which seqs of new rooms begin                  */
    uint64_t number; /* the last that a room was given                        */
    size_t n_rooms;
    private_t *privates;
    size_t n_privates;
    seen_producer_t producers[PRODUCERS_KNOWN];
    size_t n_producers;
    char **singles; /* records published by themselves, and in no pack yet */
    size_t *single_sizes;
    size_t n_singles;
    json_t *probe;  /* what the prober was told, NULL: nobody asks             */
    bool outsiding; /* the outsider asks for what is private                   */
} world_t;

/*  --- core_judge.c ----------------------------------------------------------  */

core_sink_t judge_sink (world_t *world);

/*  The object that the frame holds as JSON, nothing else; the caller gives it back.   */
json_t *judge_object (frame_t frame);
/*  True where both are names, and the same one.                               */
bool judge_keys_same (const name_keys_t *a, const name_keys_t *b);

/*  After each input of the core: nothing is half done.                        */
void judge_settled (const world_t *world);
/*  At the end: everybody who is still here was answered.                      */
void judge_answered (const world_t *world);
/*  Another core goes on from the store.                                       */
void judge_restart (world_t *world);
void judge_free (world_t *world);

/*  --- core_search.c ---------------------------------------------------------- */

/*  A search was asked for.                                                    */
void search_ask_seen (world_t *world, uint64_t id, const index_query_t *query);
/*  Answer the first one, by whatever is stored anywhere. False: there is none. */
bool search_answer_all (world_t *world);

/*  --- core_log.c ------------------------------------------------------------  */

/*  What is on its way to the disk is well-formed.                             */
void judge_flight (const world_t *world, const store_record_t *records, size_t count);
/*  It got there.                                                              */
void judge_landed (world_t *world);

/*  --- fuzz_core.c -----------------------------------------------------------  */

/*  A request of our own making, parted by |; \r0 is world->asked.             */
void world_ask (world_t *world, unsigned seat, const char *text);
/*  Commit until nothing is left to commit.                                    */
void world_land (world_t *world);
/*  The connection of seat index is gone.                                        */
void world_gone (world_t *world, unsigned index);

/*  --- core_probe.c ----------------------------------------------------------  */

/*  Whatever the outsider asks of a private room, it is refused.               */
void outsider_looks (world_t *world);
/*  All that the broker tells to who may know everything, as text in which lists are in
    order; the caller frees it.                                                */
char *prober_asks (world_t *world);

#endif
