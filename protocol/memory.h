/*  memory.h - allocation that does not come back empty-handed

    Every structure of zchat is bounded, so an allocation that fails means that the
    machine is out of memory, not that a peer asked for too much. Going on half
    done is worse than a restart: nothing that was acknowledged is lost by one.
*/
#ifndef ZCHAT_MEMORY_H
#define ZCHAT_MEMORY_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *memory_check (void *memory)
{
    if (!memory) {
        fputs ("zchat: out of memory\n", stderr);
        abort ();
    }
    return memory;
}

/*  As malloc, calloc, realloc, but never NULL; a size of 0 is taken as 1.     */
static inline void *memory_new (size_t size)
{
    return memory_check (malloc (size ? size : 1));
}

static inline void *memory_zero (size_t size)
{
    return memory_check (calloc (1, size ? size : 1));
}

static inline void *memory_grow (void *memory, size_t size)
{
    return memory_check (realloc (memory, size ? size : 1));
}

/*  A copy of size bytes, ended by a NUL.                                      */
static inline char *memory_string (const void *data, size_t size)
{
    char *copy = memory_new (size + 1);
    if (size)
        memcpy (copy, data, size);
    copy[size] = '\0';
    return copy;
}

/*  As sprintf, into memory that the caller frees.                             */
static inline char *memory_format (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

static inline char *memory_format (const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start (args, format);
    if (vasprintf (&text, format, args) < 0)
        memory_check (NULL);
    va_end (args);
    return text;
}

#endif
