/*  strangers.h - how much strangers left of late in each mailbox

    A stranger to a mailbox is somebody whom its user has never written to. What a stranger leaves
    there is bounded until the user answers. Names cost little, so what all strangers of one place
    leave is bounded too, to a few times as much. Pure. The counts are of this process and are not
    stored. At ZCHAT_STRANGERS_MAX counts one is forgotten: of the few that were quiet for longest
    the smallest, so that nobody gets rid of their own count by filling the table.
*/
#ifndef ZCHAT_STRANGERS_H
#define ZCHAT_STRANGERS_H

#include "quota.h"

typedef struct strangers strangers_t;

/*  Something that a stranger wants to leave in a mailbox.                     */
typedef struct {
    const char *whose;  /* the mailbox's user, as WHO (see fact_t)             */
    const char *holder; /* the stranger, as a path for budget_charge           */
    const char *place;  /* where the stranger is, hashed: an address; or an IPv6 /48 and, behind a
                           /, a /64. "": there is no bound for the place       */
    uint64_t bytes;
} letter_t;

strangers_t *strangers_new (void);
void strangers_destroy (strangers_t **self_p);

/*  ms until the letter can be left; 0: now.                                   */
uint64_t strangers_wait_ms (const strangers_t *strangers, const letter_t *letter,
                            const quota_t *quota, uint64_t mono_ms);

/*  The letter was left: count it.                                             */
void strangers_take (strangers_t *strangers, const letter_t *letter, const quota_t *quota,
                     uint64_t mono_ms);

size_t strangers_count (const strangers_t *strangers);

#endif
