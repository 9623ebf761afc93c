/*  What crowd.c and crowd_run.c share.  */
#ifndef BENCH_CROWD_INNER_H
#define BENCH_CROWD_INNER_H

#include "crowd.h"

#define CROWD_DEADLINE_NS 30000000000u

enum { SAID_AT = 65536 }; /* messages under way whose time is remembered */

struct crowd_t {
    crowd_plan_t plan;
    int epoll;
    link_t *listeners; /* of all rooms: i is in room i % rooms       */
    crowd_speaker_t *speakers;
    uint32_t *rooms; /* of each, how many messages were said       */
    double *weights; /* of each, its share and that of those before */
    uint64_t dice;
    char *body;
    int in;             /* links that are in                          */
    int live, settled;  /* listeners                                  */
    uint64_t said;      /* by all, what is not counted included       */
    uint64_t answered;  /* of these                                   */
    uint64_t answers;   /* to each: 0 or 1                            */
    uint64_t due;       /* deliveries of what was said                */
    uint64_t delivered; /* of these                                   */
    bool one_by_one;    /* a message waits for the one before         */
    bool timed;         /* what is said now counts                    */
    uint64_t join_ns;
    double connection_kib;
    samples_t waits;
    uint64_t said_at[SAID_AT];
};

/*  A listener hears. */
typedef struct {
    crowd_t *crowd;
    link_t *link;
    uint64_t now;
} crowd_hearing_t;

void crowd_poll (crowd_t *self, int timeout_ms);

void crowd_say (crowd_t *self, crowd_speaker_t *speaker, int room, uint32_t number);

void crowd_flush (crowd_speaker_t *speaker);

#endif
