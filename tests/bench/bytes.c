#include "bytes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void bench_fail (const char *format, ...)
{
    va_list list;
    va_start (list, format);
    fputs ("bench_driver: ", stderr);
    vfprintf (stderr, format, list);
    fputc ('\n', stderr);
    va_end (list);
    exit (1);
}

static void grow (bytes_t *self, size_t size)
{
    if (self->size + size <= self->room)
        return;
    self->room = (self->size + size) * 2;
    self->data = realloc (self->data, self->room);
    if (!self->data)
        bench_fail ("out of memory");
}

void bytes_put (bytes_t *self, const void *data, size_t size)
{
    if (!size)
        return;
    grow (self, size);
    memcpy (self->data + self->size, data, size);
    self->size += size;
}

void bytes_text (bytes_t *self, const char *text)
{
    bytes_put (self, text, strlen (text));
}

void bytes_print (bytes_t *self, const char *format, ...)
{
    char text[1024];
    va_list list;
    va_start (list, format);
    int size = vsnprintf (text, sizeof text, format, list);
    va_end (list);
    if (size < 0 || (size_t)size >= sizeof text)
        bench_fail ("a text is too long");
    bytes_put (self, text, (size_t)size);
}

void bytes_flush (bytes_t *self, int fd)
{
    while (self->sent < self->size) {
        ssize_t done = send (fd, self->data + self->sent, self->size - self->sent,
                             MSG_DONTWAIT | MSG_NOSIGNAL);
        if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (done < 0)
            bench_fail ("a connection is lost: %s", strerror (errno));
        self->sent += (size_t)done;
    }
    bytes_clear (self);
}

void bytes_clear (bytes_t *self)
{
    self->size = self->sent = 0;
}

void bytes_free (bytes_t *self)
{
    free (self->data);
    *self = (bytes_t){NULL, 0, 0, 0};
}
