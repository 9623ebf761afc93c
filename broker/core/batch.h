/*  batch.h - effects that wait for a commit, in order

    A queue of held effects. Its front part, once taken, is in flight: its records are
    being committed. What has no record in front of it waits for nothing.
*/
#ifndef ZCHAT_BATCH_H
#define ZCHAT_BATCH_H

#include "ledger.h"
#include "presence.h"
#include "waiting.h"

typedef struct batch batch_t;

typedef enum {
    HELD_MESSAGE,  /* append it; then publish it and send its OK                 */
    HELD_FACT,     /* append what is known from now on, and nothing else         */
    HELD_DROP,     /* append that the room is no more; then it is gone           */
    HELD_END,      /* append that the entry's producer has ended                 */
    HELD_PRESENCE, /* publish it                                                 */
    HELD_REPLY,    /* send it                                                    */
} held_kind_t;

/*  What a message brings about when it is on disk, besides being published.   */
typedef enum {
    LAND_NOTHING,
    LAND_OUT,   /* who subject is leaves the room                                */
    LAND_CLOSE, /* everybody does                                                */
    LAND_IN,    /* nothing; but only then who subject is may come in: see batch_invites */
    LAND_MAKE,  /* nothing; but where it is not stored, who came in since is not left there */
} land_t;

typedef struct held {
    held_kind_t kind;         /*                                                 */
    ledger_entry_t entry;     /* MESSAGE: its place; room also for PRESENCE; REPLY:
                                 producer and n, where it calls them a duplicate */
    event_t event;            /* MESSAGE, PRESENCE: views of memory              */
    core_peer_t peer;         /* whom to answer; PRESENCE: whose doing it was    */
    uint64_t serial;          /* of that peer                                    */
    bool enveloped;           /*                                                 */
    bool tentative;           /* REPLY: true only if all before it is committed  */
    bool linked;              /* MESSAGE, FACT: in one commit with the next one  */
    bool indoors;             /* PRESENCE: the room was private when it was held; it is told
                                 only where the room is still what it was then   */
    bool silent;              /* MESSAGE: no OK is sent, that of another stands for it */
    land_t land;              /* MESSAGE                                         */
    uint64_t joins;           /* with land: see presence_joins; who came in later is
                                 not meant                                       */
    uint64_t removes;         /* MESSAGE: see store_record_t                     */
    frame_t subject;          /* MESSAGE: WHO (see fact_t): view of memory       */
    frame_t holder;           /* MESSAGE, END: who the producer is charged to. View of memory */
    frame_t charge;           /* MESSAGE: who entry.room is charged to from now on; empty:
                                 as before. View of memory                       */
    frame_t charge_old;       /* likewise, to be undone                          */
    frame_t fact_key;         /* MESSAGE, FACT: what is known of entry.room, or of the
                                 broker, from now on; empty: nothing. View of memory */
    frame_t fact_value;       /* likewise                                        */
    frame_t fact_old;         /* and what it said before, to be undone           */
    zchat_status_t status;    /* REPLY                                           */
    frame_t tag;              /* view of memory                                  */
    frame_t json;             /* REPLY: view of memory                           */
    size_t size;              /* bytes counted against bounds                    */
    party_t *owner, *place;   /* of whom so many wait; NULL: nobody is known     */
    struct held *prev, *next; /*                                                 */
    char memory[];            /*                                                 */
} held_t;

batch_t *batch_new (void);
void batch_destroy (batch_t **self_p);

/*  Copy the effect, with all its frames, to the end of the queue, whose it is. */
held_t *batch_hold (batch_t *batch, const held_t *effect);

/*  True where a message with LAND_IN makes WHO a member of the room, and is not on disk yet. */
bool batch_invites (const batch_t *batch, const room_t *room, const char *who);

/*  Take the next batch: see core_take.                                        */
size_t batch_take (batch_t *batch, const store_record_t **records);

/*  True while a batch is in flight.                                           */
bool batch_in_flight (const batch_t *batch);

/*  Take the first effect off the queue, while there is one that waits for nothing:
    of the batch in flight after batch_land, of the rest up to the first message.
    The caller gives it to batch_free. NULL: none.                             */
held_t *batch_next (batch_t *batch);
void batch_free (held_t *held);

/*  The batch in flight is committed: batch_next gives its effects.            */
void batch_land (batch_t *batch);

/*  The batch in flight is not committed: nothing waits any more, batch_next gives all
    effects there are. Undoes the messages, last first, in the ledger.         */
void batch_fail (batch_t *batch, ledger_t *ledger);

size_t batch_held (const batch_t *batch);
size_t batch_held_bytes (const batch_t *batch);

#endif
