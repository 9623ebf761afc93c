/*  quota.h - how much of what, and how fast: token buckets

    Pure. A bucket holds tokens: it starts full, fills at a rate, and what is taken must be in it.
    Buckets stand with each connection, and with each proven name, whose connections share them; of
    what is stored also with each place (meters.h), of what strangers send with each whom they send
    it to alone (strangers.h).
*/
#ifndef ZCHAT_QUOTA_H
#define ZCHAT_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zchat/limits.h>

/*  What is counted. X (enumerator, name in the config, burst, per second)     */
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
    /* what is stored in a day: bodies, data, ZCHAT_STORED_EVENT more for each; for each place too \
     */                                                                                            \
    X (STORED, "stored", ZCHAT_QUOTA_STORED, ZCHAT_QUOTA_STORED_S)                                 \
    /* what a stranger leaves in one mailbox: bodies, data, ZCHAT_STRANGER_EVENT more for each */  \
    X (STRANGERS, "strangers", ZCHAT_QUOTA_STRANGERS, ZCHAT_QUOTA_STRANGERS_S)

#define QUOTA_ENUM(name, text, burst, rate) QUOTA_##name,
typedef enum { QUOTA_MAP (QUOTA_ENUM) QUOTA_COUNT } quota_kind_t;
#undef QUOTA_ENUM

#define QUOTA_MAX 1000000000000u /* of burst, and of rate: in thousandths it fits 64 bits    */

/*  A bound. burst 0: not bounded.                                             */
typedef struct {
    uint64_t burst; /* taken at once at most; to QUOTA_MAX                     */
    uint64_t rate;  /* and so many more a second; 1 to QUOTA_MAX               */
} quota_t;

/*  A bucket; zeros: one never used, full.                                     */
typedef struct {
    uint64_t used_milli; /* tokens taken and not yet back, in thousandths      */
    uint64_t time_ms;    /* monotonic: when that was reckoned                  */
} bucket_t;

/*  The defaults: QUOTA_COUNT quotas, static.                                  */
const quota_t *quota_defaults (void);

/*  The name in the config: a static string.                                   */
const char *quota_name (quota_kind_t kind);

/*  ms until amount tokens can be taken, 0: now. An amount above burst counts as burst, so
    that it can be had at all. Changes nothing but the reckoning.              */
uint64_t bucket_wait_ms (bucket_t *bucket, const quota_t *quota, uint64_t amount, uint64_t mono_ms);

/*  Take them, whether they are there or not; never more than burst are owed.  */
void bucket_take (bucket_t *bucket, const quota_t *quota, uint64_t amount, uint64_t mono_ms);

/*  Put back what was taken, at the same time.                                 */
void bucket_return (bucket_t *bucket, const quota_t *quota, uint64_t amount);

#endif
