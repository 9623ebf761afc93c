#include "samples.h"

#include "bytes.h"

#include <stdlib.h>

void samples_add (samples_t *self, uint64_t ns)
{
    if (self->count == SAMPLES_MAX)
        return;
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 4096;
        self->ns = realloc (self->ns, self->room * sizeof *self->ns);
        if (!self->ns)
            bench_fail ("out of memory");
    }
    self->ns[self->count++] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static int compare (const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

void samples_sort (samples_t *self)
{
    if (self->count)
        qsort (self->ns, self->count, sizeof *self->ns, compare);
}

double samples_us (const samples_t *self, unsigned per_mille)
{
    if (!self->count)
        return 0;
    return (double)self->ns[(self->count - 1) * per_mille / 1000] / 1000;
}
