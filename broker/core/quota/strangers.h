/*  strangers.h - what strangers left of late in each mailbox

    A stranger is who was never written to by the mailbox's user. What one leaves there is bounded
    until they are answered; and since names cost little, so is what all strangers of one place
    leave, a few times as much. Pure; of this process. At ZCHAT_STRANGERS_MAX, of those that were
    quiet for longest the one that has left least is forgotten: who fills the table does not get
    rid of what they have left themselves.
*/
#ifndef ZCHAT_STRANGERS_H
#define ZCHAT_STRANGERS_H

#include "quota.h"

typedef struct strangers strangers_t;

/*  Something that is left in a mailbox.                                       */
typedef struct {
    const char *whose;  /* WHO (see fact_t) the mailbox is of                  */
    const char *holder; /* who leaves it: a path of budget_charge              */
    const char *place;  /* where they are, hashed: an address, or an IPv6 /48 and, behind a /, a
                           /64; "": not known, or not summed                   */
    uint64_t bytes;
} letter_t;

strangers_t *strangers_new (void);
void strangers_destroy (strangers_t **self_p);

/*  ms until the letter can be left, 0: now.                                   */
uint64_t strangers_wait_ms (const strangers_t *strangers, const letter_t *letter,
                            const quota_t *quota, uint64_t mono_ms);

/*  It was left.                                                               */
void strangers_take (strangers_t *strangers, const letter_t *letter, const quota_t *quota,
                     uint64_t mono_ms);

size_t strangers_count (const strangers_t *strangers);

#endif
