/*  outbox_private.h - what an outbox holds                                    */
#ifndef ZCHAT_OUTBOX_PRIVATE_H
#define ZCHAT_OUTBOX_PRIVATE_H

#include "outbox.h"

typedef struct {
    uint64_t id;
    uint64_t connection; /* over which it was sent first; 0: it was never sent */
    uint64_t epoch;      /* in which it was sent last                          */
    zchat_type_t type;   /* TELL: a direct message, and `room` is the user's name */
    uint64_t re;         /* see outbox_message_t                               */
    bool restored; /* an earlier run left it, and it may go only into the log it was written for */
    bool indoors;  /* it is for a private room alone                           */
    frame_t body;
    size_t bytes; /* of all its text                                           */
    char *data;   /* a JSON object, or NULL                                    */
    char *room;   /* room, body and data lie in this memory, behind the struct */
} message_t;

struct outbox {
    outbox_sink_t sink;
    rng_t *rng;
    message_t *queue[ZCHAT_OUTBOX_MAX]; /* a ring                              */
    size_t first;                       /* index of the oldest one             */
    size_t count;
    size_t bytes;
    size_t sent; /* how many were sent in this epoch, from the oldest on       */
    size_t sent_bytes;
    uint64_t n;          /* number of the oldest one                           */
    size_t kept;         /* how many, from the oldest on, an earlier run's producer has numbered */
    bool borrowed;       /* `producer` is that of the earlier run              */
    size_t window;       /* messages that may be sent ahead of their replies   */
    uint64_t epoch;      /* how often sending has gone back                    */
    uint64_t connection; /* number of the present connection: 1, 2, 3          */
    uint64_t forgotten;  /* what outbox_welcome said last                      */
    uint64_t began;      /* connection on which this producer spoke first; 0: it never did */
    uint64_t began_forgotten; /* what outbox_welcome had said then             */
    uint64_t hold_ms;         /* nothing is sent before this time; 0: nothing holds sending up */
    uint64_t waiting_ms;      /* since when the oldest one waits for its reply */
    unsigned trouble;         /* times in a row that sending was held up       */
    char producer[2 * ZCHAT_PRODUCER_SIZE + 1];
};

/*  --- outbox_write.c -------------------------------------------------------- */

verb_t outbox_message_verb (const message_t *message);

/*  Send the message as the producer's nth.                                    */
void outbox_write (outbox_t *outbox, const message_t *message, uint64_t n);

/*  Read a tag of outbox_write. False: it is none.                             */
bool outbox_tag_read (frame_t tag, uint64_t *epoch, uint64_t *n);

#endif
