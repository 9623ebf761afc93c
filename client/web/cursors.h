/*  cursors.h - how far the rooms of a stream were read, as the id of its events (pure)

    One room: the seq. Several: room=seq, joined by semicolons, the rooms percent-encoded. */
#ifndef ZCHAT_WEB_CURSORS_H
#define ZCHAT_WEB_CURSORS_H

#include "buffer.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *room; /* as the stream was asked for it                        */
    uint64_t seq;
    bool known; /* there is a cursor for it                                    */
} cursor_t;

/*  Append the id of these rooms; those that are not known are left out.       */
void cursors_write (buffer_t *buffer, const cursor_t *cursors, size_t count);

/*  Read an id into the cursors of the rooms it names; others stay as they are. False where it is
    none; the cursors are then undefined.                                      */
bool cursors_read (const char *text, cursor_t *cursors, size_t count);

#endif
