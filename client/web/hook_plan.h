/*  hook_plan.h - which event a hook gets next, and when (pure)

    One at a time, in order, until it is taken: a 2xx. Whatever else comes is tried again, after a
    wait that doubles. There is no end to that: a hook that is away for a week gets what the log
    still has.
*/
#ifndef ZCHAT_WEB_HOOK_PLAN_H
#define ZCHAT_WEB_HOOK_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hook_plan hook_plan_t;

hook_plan_t *hook_plan_new (void);
void hook_plan_destroy (hook_plan_t **plan);

/*  Add an event behind those that wait; json is copied.                       */
void hook_plan_add (hook_plan_t *plan, uint64_t seq, const char *json, size_t size);

/*  Forget those that wait, but the one under way.                             */
void hook_plan_clear (hook_plan_t *plan);

/*  Count those that wait, the one under way too.                              */
size_t hook_plan_count (const hook_plan_t *plan);

typedef struct {
    uint64_t seq;
    const char *json; /* borrowed until it is taken                            */
    size_t size;
} hook_event_t;

/*  Take out what is to be sent now; it is under way then. False: nothing.      */
bool hook_plan_next (hook_plan_t *plan, uint64_t now_ms, hook_event_t *event);

/*  Tell what became of it. http 0: no answer. again_s: its Retry-After, or 0. random: any number,
    so that hooks that failed together do not come again together. True where it was taken: *seq. */
bool hook_plan_result (hook_plan_t *plan, unsigned http, uint64_t again_s, uint32_t random,
                       uint64_t now_ms, uint64_t *seq);

/*  Return when hook_plan_next is to be asked; UINT64_MAX: after something else happens. */
uint64_t hook_plan_due_ms (const hook_plan_t *plan);

/*  Return how often in a row it failed.                                       */
unsigned hook_plan_failed (const hook_plan_t *plan);

#endif
