/*  sse.c - server-sent events                                                 */
#include "sse.h"
#include <string.h>

void sse_write (buffer_t *buffer, const char *name, const char *id, const char *data, size_t size)
{
    size_t begin = 0;

    if (name)
        buffer_format (buffer, "event: %s\n", name);
    if (id)
        buffer_format (buffer, "id: %s\n", id);
    for (size_t i = 0; i <= size; i++) {
        if (i < size && data[i] != '\n' && data[i] != '\r')
            continue;
        buffer_string (buffer, "data: ");
        buffer_add (buffer, data + begin, i - begin);
        buffer_string (buffer, "\n");
        if (i + 1 < size && data[i] == '\r' && data[i + 1] == '\n')
            i++;
        begin = i + 1;
    }
    buffer_string (buffer, "\n");
}
