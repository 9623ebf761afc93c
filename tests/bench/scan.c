#include "scan.h"

#include "bytes.h"

#include <string.h>

void scan_init (scan_t *self, const char *mark, size_t mark_size, size_t tail)
{
    if (!mark_size || mark_size + tail > SCAN_KEPT_MAX)
        bench_fail ("a mark of %zu bytes", mark_size);
    *self = (scan_t){.mark = mark, .mark_size = mark_size, .tail = tail};
}

static uint32_t number_at (const char *text, size_t size)
{
    uint32_t number = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            bench_fail ("a mark without a number");
        number = number * 16 + (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return number;
}

size_t scan_read (scan_t *self, char *data, size_t size, scan_fn *on_mark, void *context)
{
    char *at = data - self->kept, *end = data + size;
    const size_t whole = self->mark_size + self->tail;
    size_t count = 0;
    memcpy (at, self->keep, self->kept);
    while ((size_t)(end - at) >= whole) {
        /* the first byte is rare in what is sent, and memchr is quick */
        char *found = memchr (at, self->mark[0], (size_t)(end - at) - whole + 1);
        if (!found) {
            at = end - whole + 1;
            break;
        }
        if (memcmp (found, self->mark, self->mark_size) != 0) {
            at = found + 1;
            continue;
        }
        count++;
        if (on_mark)
            on_mark (context, number_at (found + self->mark_size, self->tail));
        at = found + whole;
    }
    self->kept = (size_t)(end - at);
    memcpy (self->keep, at, self->kept);
    return count;
}
