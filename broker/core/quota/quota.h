/*  quota.h - how much of what, and how fast: token buckets

    Pure. A bucket holds tokens: it starts full, fills at a rate, and what is taken must be in it.
    Each connection has buckets, and each proven name has some that its connections share. What is
    stored is also taken out of a bucket of the place (meters.h). What strangers send is taken only
    out of buckets of them and of whom they send it to (strangers.h).
*/
#ifndef ZCHAT_QUOTA_H
#define ZCHAT_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zchat/limits.h>

/*  What is counted. X (enumerator, name in the config, burst, tokens a second) */
#define QUOTA_MAP(X)                                                                               \
    /* SAY, TELL, TOPIC, ... : what is stored; and the bytes of the bodies */                      \
    X (MESSAGES, "messages", ZCHAT_QUOTA_MESSAGES, ZCHAT_QUOTA_MESSAGES_S)                         \
    X (BYTES, "bytes", ZCHAT_QUOTA_BYTES, ZCHAT_QUOTA_BYTES_S)                                     \
    /* HISTORY, WHO, ROOMS, MODE, KEYS, PING */                                                    \
    X (READS, "reads", ZCHAT_QUOTA_READS, ZCHAT_QUOTA_READS_S)                                     \
    /* HELLO, JOIN, PART, SYNC, BYE */                                                             \
    X (JOINS, "joins", ZCHAT_QUOTA_JOINS, ZCHAT_QUOTA_JOINS_S)                                     \
    /* requests answered by ERR, slow not counted */                                               \
    X (FAILED, "failed", ZCHAT_QUOTA_FAILED, ZCHAT_QUOTA_FAILED_S)                                 \
    /* what is stored in a day: bodies, data, ZCHAT_STORED_EVENT more for each event */            \
    X (STORED, "stored", ZCHAT_QUOTA_STORED, ZCHAT_QUOTA_STORED_S)                                 \
    /* what strangers leave in a mailbox: bodies, data, ZCHAT_STRANGER_EVENT more for each */      \
    X (STRANGERS, "strangers", ZCHAT_QUOTA_STRANGERS, ZCHAT_QUOTA_STRANGERS_S)                     \
    /* SEARCH */                                                                                   \
    X (SEARCHES, "searches", ZCHAT_QUOTA_SEARCHES, ZCHAT_QUOTA_SEARCHES_S)

#define QUOTA_ENUM(name, text, burst, rate) QUOTA_##name,
typedef enum { QUOTA_MAP (QUOTA_ENUM) QUOTA_COUNT } quota_kind_t;
#undef QUOTA_ENUM

#define QUOTA_MAX 1000000000000u /* of burst, and of rate: in thousandths it fits 64 bits    */

/*  A bound. burst 0: not bounded.                                             */
typedef struct {
    uint64_t burst; /* so many tokens can be taken at once; QUOTA_MAX at most  */
    uint64_t rate;  /* and so many more a second; 1 to QUOTA_MAX               */
} quota_t;

/*  A bucket. Zeros are a full one that was never used.                        */
typedef struct {
    uint64_t used_milli; /* tokens that were taken and are not back yet, in thousandths */
    uint64_t time_ms;    /* monotonic: when used_milli was reckoned            */
} bucket_t;

/*  The defaults: QUOTA_COUNT quotas, in static memory.                        */
const quota_t *quota_defaults (void);

/*  The name in the config: a static string.                                   */
const char *quota_name (quota_kind_t kind);

/*  ms until amount tokens can be taken; 0: now. An amount above burst counts as burst, because it
    could never be had otherwise. Takes nothing.                               */
uint64_t bucket_wait_ms (bucket_t *bucket, const quota_t *quota, uint64_t amount, uint64_t mono_ms);

/*  Take amount tokens, whether they are there or not. No more than burst are ever owed. */
void bucket_take (bucket_t *bucket, const quota_t *quota, uint64_t amount, uint64_t mono_ms);

/*  Put back tokens that were taken.                                           */
void bucket_return (bucket_t *bucket, const quota_t *quota, uint64_t amount);

#endif
