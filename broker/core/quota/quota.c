/*  quota.c - how much of what, and how fast: token buckets                    */
#include "quota.h"

#define QUOTA_NAME(name, text, burst, rate) text,
static const char *const names[] = {QUOTA_MAP (QUOTA_NAME)};
#undef QUOTA_NAME

#define QUOTA_DEFAULT(name, text, burst, rate) {(burst), (rate)},
static const quota_t defaults[] = {QUOTA_MAP (QUOTA_DEFAULT)};
#undef QUOTA_DEFAULT

enum { MILLI = 1000 };

const quota_t *quota_defaults (void)
{
    return defaults;
}

const char *quota_name (quota_kind_t kind)
{
    return names[kind];
}

/*  rate tokens a second are rate thousandths a ms.                            */
static void reckon (bucket_t *bucket, const quota_t *quota, uint64_t mono_ms)
{
    uint64_t passed = mono_ms > bucket->time_ms ? mono_ms - bucket->time_ms : 0;
    uint64_t empties = bucket->used_milli / quota->rate + 1;
    bucket->used_milli = passed >= empties ? 0 : bucket->used_milli - passed * quota->rate;
    /*  Never back: what passes twice would be counted twice.                  */
    bucket->time_ms += passed;
}

uint64_t bucket_wait_ms (bucket_t *bucket, const quota_t *quota, uint64_t amount, uint64_t mono_ms)
{
    if (!quota->burst)
        return 0;
    reckon (bucket, quota, mono_ms);
    uint64_t wanted = amount < quota->burst ? amount : quota->burst;
    uint64_t most = (quota->burst - wanted) * MILLI;
    return bucket->used_milli <= most ? 0 : (bucket->used_milli - most - 1) / quota->rate + 1;
}

void bucket_take (bucket_t *bucket, const quota_t *quota, uint64_t amount, uint64_t mono_ms)
{
    if (!quota->burst)
        return;
    reckon (bucket, quota, mono_ms);
    uint64_t most = quota->burst * MILLI;
    uint64_t left = most - (bucket->used_milli < most ? bucket->used_milli : most);
    uint64_t wanted = amount < quota->burst ? amount * MILLI : most;
    bucket->used_milli += wanted < left ? wanted : left;
}

void bucket_return (bucket_t *bucket, const quota_t *quota, uint64_t amount)
{
    uint64_t taken = (amount < quota->burst ? amount : quota->burst) * MILLI;
    bucket->used_milli -= taken < bucket->used_milli ? taken : bucket->used_milli;
}
