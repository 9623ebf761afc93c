/*  frame.h - borrowed bytes

    A frame is a view: it owns nothing, and is valid only as long as what it
    points into. data may be NULL where size is 0.
*/
#ifndef ZCHAT_FRAME_H
#define ZCHAT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct {
    const void *data; /* borrowed bytes, not ended by NUL */
    size_t size;      /* their number                     */
} frame_t;

/*  The frame over a C string, without its NUL.                                */
static inline frame_t frame_str (const char *string)
{
    return (frame_t){string, strlen (string)};
}

/*  The frame over size bytes.                                                 */
static inline frame_t frame_of (const void *data, size_t size)
{
    return (frame_t){data, size};
}

/*  True where both hold the same bytes.                                       */
static inline bool frame_eq (frame_t a, frame_t b)
{
    return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

/*  True where the frame holds the bytes of the C string.                      */
static inline bool frame_is (frame_t frame, const char *string)
{
    return frame_eq (frame, frame_str (string));
}

#endif
