/*  retry.c - what was entered and is under way, and what of it was refused     */
#include "retry.h"
#include "memory.h"
#include <string.h>

typedef struct {
    uint64_t id;
    bool refused;
    char *name, *text; /* owned                                                */
    zchat_type_t type;
    size_t size;
    uint64_t re;
} kept_t;

struct retry {
    kept_t kept[RETRY_MAX]; /* the oldest first                                */
    size_t n, bytes;
};

retry_t *retry_new (void)
{
    return memory_zero (sizeof (retry_t));
}

static void forget (retry_t *self, size_t at)
{
    kept_t *kept = &self->kept[at];
    self->bytes -= kept->size;
    free (kept->name);
    free (kept->text);
    memmove (kept, kept + 1, (--self->n - at) * sizeof *kept);
}

void retry_destroy (retry_t **retry)
{
    retry_t *self = *retry;
    if (!self)
        return;
    while (self->n > 0)
        forget (self, self->n - 1);
    free (self);
    *retry = NULL;
}

void retry_add (retry_t *retry, uint64_t id, const retry_message_t *message)
{
    while (retry->n > 0 &&
           (retry->n == RETRY_MAX || retry->bytes + message->size > RETRY_BYTES_MAX))
        forget (retry, 0);
    retry->kept[retry->n++] =
        (kept_t){.id = id,
                 .name = memory_string (message->name, strlen (message->name)),
                 .text = memory_string (message->text, message->size),
                 .type = message->type,
                 .size = message->size,
                 .re = message->re};
    retry->bytes += message->size;
}

/*  Return the index of the message that is under way with this id; n: there is none. */
static size_t find (const retry_t *self, uint64_t id)
{
    size_t i = 0;
    while (i < self->n && (self->kept[i].refused || self->kept[i].id != id))
        i++;
    return i;
}

void retry_rename (retry_t *retry, uint64_t former, uint64_t id)
{
    size_t i = find (retry, former);
    if (i < retry->n)
        retry->kept[i].id = id;
}

void retry_done (retry_t *retry, uint64_t id)
{
    size_t i = find (retry, id);
    if (i < retry->n)
        forget (retry, i);
}

void retry_refused (retry_t *retry, uint64_t id)
{
    size_t i = find (retry, id);
    if (i < retry->n)
        retry->kept[i].refused = true;
}

static size_t first (const retry_t *self)
{
    size_t i = 0;
    while (i < self->n && !self->kept[i].refused)
        i++;
    return i;
}

bool retry_first (const retry_t *retry, retry_message_t *message)
{
    size_t i = first (retry);
    if (i == retry->n)
        return false;
    const kept_t *kept = &retry->kept[i];
    *message = (retry_message_t){.name = kept->name,
                                 .type = kept->type,
                                 .text = kept->text,
                                 .size = kept->size,
                                 .re = kept->re};
    return true;
}

void retry_drop (retry_t *retry)
{
    size_t i = first (retry);
    if (i < retry->n)
        forget (retry, i);
}

size_t retry_refusals (const retry_t *retry)
{
    size_t n = 0;
    for (size_t i = 0; i < retry->n; i++)
        n += retry->kept[i].refused;
    return n;
}
