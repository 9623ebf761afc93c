/*  cursors.c - the ids of streams                                             */
#include "cursors.h"
#include "urltext.h"
#include <inttypes.h>
#include <string.h>
#include <zchat/limits.h>

void cursors_write (buffer_t *buffer, const cursor_t *cursors, size_t count)
{
    bool first = true;

    for (size_t i = 0; i < count; i++) {
        if (!cursors[i].known)
            continue;
        if (count > 1) {
            if (!first)
                buffer_string (buffer, ";");
            urltext_encode (buffer, cursors[i].room);
            buffer_string (buffer, "=");
        }
        buffer_format (buffer, "%" PRIu64, cursors[i].seq);
        first = false;
    }
}

static bool cursor_read (const char *text, uint64_t *seq, const char **end)
{
    unsigned long long number;

    if (!urltext_number (text, &number, end) || number > ZCHAT_SEQ_MAX)
        return false;
    *seq = number;
    return true;
}

bool cursors_read (const char *text, cursor_t *cursors, size_t count)
{
    const char *end;
    uint64_t seq;

    if (count == 1 && cursor_read (text, &seq, &end) && !*end) {
        cursors->seq = seq;
        cursors->known = true;
        return true;
    }
    while (*text) {
        char room[ZCHAT_NAME_FORM_MAX + 1];
        size_t size = strcspn (text, "=");
        if (!text[size] || !urltext_decode (text, size, room, ZCHAT_NAME_FORM_MAX) ||
            !cursor_read (text + size + 1, &seq, &end))
            return false;
        for (size_t i = 0; i < count; i++)
            if (strcmp (cursors[i].room, room) == 0) {
                cursors[i].seq = seq;
                cursors[i].known = true;
            }
        if (*end == ';' && end[1])
            end++;
        else if (*end)
            return false;
        text = end;
    }
    return true;
}
