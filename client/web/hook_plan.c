/*  hook_plan.c - one event at a time, until it is taken                         */
#include "hook_plan.h"
#include "memory.h"
#include <assert.h>
#include <utlist.h>
#include <zchat/limits.h>

typedef struct entry {
    uint64_t seq;
    char *json;
    size_t size;
    struct entry *prev, *next;
} entry_t;

struct hook_plan {
    entry_t *entries;
    size_t count;
    bool flying; /* the first is under way                                     */
    bool stale;  /* and was forgotten meanwhile                                */
    unsigned failed;
    uint64_t due_ms; /* not before                                             */
};

hook_plan_t *hook_plan_new (void)
{
    return memory_zero (sizeof (hook_plan_t));
}

static void drop (hook_plan_t *self, entry_t *entry)
{
    DL_DELETE (self->entries, entry);
    self->count--;
    free (entry->json);
    free (entry);
}

void hook_plan_clear (hook_plan_t *self)
{
    entry_t *keep = self->flying ? self->entries : NULL;

    while (self->entries && self->entries->prev != keep)
        drop (self, self->entries->prev);
    self->stale = self->flying;
}

void hook_plan_destroy (hook_plan_t **plan)
{
    if (*plan) {
        (*plan)->flying = false;
        hook_plan_clear (*plan);
        free (*plan);
        *plan = NULL;
    }
}

void hook_plan_add (hook_plan_t *self, uint64_t seq, const char *json, size_t size)
{
    entry_t *entry = memory_zero (sizeof *entry);

    entry->seq = seq;
    entry->json = memory_string (json, size);
    entry->size = size;
    DL_APPEND (self->entries, entry);
    self->count++;
}

size_t hook_plan_count (const hook_plan_t *self)
{
    return self->count;
}

bool hook_plan_next (hook_plan_t *self, uint64_t now_ms, hook_event_t *event)
{
    const entry_t *first = self->entries;

    if (self->flying || !first || now_ms < self->due_ms)
        return false;
    self->flying = true;
    *event = (hook_event_t){.seq = first->seq, .json = first->json, .size = first->size};
    return true;
}

bool hook_plan_result (hook_plan_t *self, unsigned http, uint64_t again_s, uint32_t random,
                       uint64_t now_ms, uint64_t *seq)
{
    bool taken = http >= 200 && http < 300, stale = self->stale;
    uint64_t wait_ms = ZCHAT_WEB_HOOK_WAIT_MIN_MS;

    assert (self->flying);
    self->flying = self->stale = false;
    if (taken || stale) {
        *seq = self->entries->seq;
        drop (self, self->entries);
    }
    if (taken) {
        self->failed = 0;
        self->due_ms = 0;
        return !stale;
    }
    for (unsigned i = 0; i < self->failed && wait_ms < ZCHAT_WEB_HOOK_WAIT_MAX_MS; i++)
        wait_ms *= 2;
    self->failed++;
    wait_ms = wait_ms < again_s * 1000 ? again_s * 1000 : wait_ms;
    wait_ms = wait_ms < ZCHAT_WEB_HOOK_WAIT_MAX_MS ? wait_ms : ZCHAT_WEB_HOOK_WAIT_MAX_MS;
    /*  Up to a fifth sooner.                                                  */
    self->due_ms = now_ms + wait_ms - random % (wait_ms / 5 + 1);
    return false;
}

uint64_t hook_plan_due_ms (const hook_plan_t *self)
{
    return self->flying || !self->entries ? UINT64_MAX : self->due_ms;
}

unsigned hook_plan_failed (const hook_plan_t *self)
{
    return self->failed;
}
