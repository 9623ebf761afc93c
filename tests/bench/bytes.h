/*  bytes - text to be sent, that grows at its end.
 *
 *  Owned by whoever holds the struct; zeroed is empty. Out of memory ends the driver.
 */
#ifndef BENCH_BYTES_H
#define BENCH_BYTES_H

#include <stddef.h>

typedef struct {
    char *data;  /* of the heap, or NULL            */
    size_t size; /* used                            */
    size_t room; /* allocated                       */
    size_t sent; /* of size: handed to the kernel   */
} bytes_t;

void bytes_put (bytes_t *self, const void *data, size_t size);

void bytes_text (bytes_t *self, const char *text);

__attribute__ ((format (printf, 2, 3))) void bytes_print (bytes_t *self, const char *format, ...);

/*  Hands to the kernel what it takes now. Ends the driver where the connection is lost.  */
void bytes_flush (bytes_t *self, int fd);

void bytes_clear (bytes_t *self);

void bytes_free (bytes_t *self);

/*  Says why on standard error and ends the driver: a run that is not whole counts nothing.  */
__attribute__ ((noreturn, format (printf, 1, 2))) void bench_fail (const char *format, ...);

#endif
