/*  buffer.h - a string that grows

    A buffer of zeroes is empty and owns nothing. data is NULL until something is appended; from
    then on it is ended by NUL. The process aborts where there is no memory.
*/
#ifndef ZCHAT_BASE_BUFFER_H
#define ZCHAT_BASE_BUFFER_H

#include <stddef.h>

typedef struct {
    char *data;      /* owned, or NULL                                         */
    size_t size;     /* bytes in use, the NUL not counted                      */
    size_t capacity; /* bytes allocated                                        */
} buffer_t;

/*  Append size bytes; bytes may be NULL where size is 0.                      */
void buffer_add (buffer_t *buffer, const char *bytes, size_t size);

/*  Append a C string.                                                         */
void buffer_string (buffer_t *buffer, const char *string);

/*  Append as printf does.                                                     */
void buffer_format (buffer_t *buffer, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  Drop the first size bytes, which must be there.                            */
void buffer_drop (buffer_t *buffer, size_t size);

/*  Drop all behind the first size bytes, which must be there.                 */
void buffer_cut (buffer_t *buffer, size_t size);

/*  Empty it, and keep its memory for the next use.                            */
void buffer_clear (buffer_t *buffer);

/*  Hand its string over to the caller, who frees it; "" where it was empty. The
    buffer is empty afterwards.                                                */
char *buffer_take (buffer_t *buffer);

/*  Free what it owns; it is empty afterwards.                                 */
void buffer_free (buffer_t *buffer);

#endif
