/*  sse.h - one server-sent event as text (pure)                               */
#ifndef ZCHAT_WEB_SSE_H
#define ZCHAT_WEB_SSE_H

#include "buffer.h"

/*  Append an event: its name (NULL: a message), its id (NULL: none) and its data, whose line ends
    (LF, CR, CR LF) each begin a data line of their own.                       */
void sse_write (buffer_t *buffer, const char *name, const char *id, const char *data, size_t size);

#endif
