/*  record.c - what a crowd writes down                                        */
#include "record.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 1024 };

struct record {
    int fd;
    char *buffer;
    size_t size;
    size_t room; /* bytes the buffer has space for */
};

record_t *record_new (const char *path)
{
    record_t *self = memory_zero (sizeof *self);

    self->fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (self->fd < 0)
        record_destroy (&self);
    return self;
}

void record_destroy (record_t **record)
{
    if (*record) {
        if ((*record)->fd >= 0)
            close ((*record)->fd);
        free ((*record)->buffer);
        free (*record);
        *record = NULL;
    }
}

static void record_reserve (record_t *self, size_t size)
{
    if (self->size + size > self->room) {
        self->room = 2 * (self->size + size);
        self->buffer = memory_check (realloc (self->buffer, self->room));
    }
}

static void record_append (record_t *self, const char *text, size_t size)
{
    record_reserve (self, size);
    memcpy (self->buffer + self->size, text, size);
    self->size += size;
}

void record_line (record_t *self, const char *format, ...)
{
    char line[LINE_MAX_SIZE];
    va_list args;
    int size;

    va_start (args, format);
    size = vsnprintf (line, sizeof line, format, args);
    va_end (args);
    if (size < 0)
        return;
    record_append (self, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
    record_append (self, "\n", 1);
}

void record_text (record_t *self, const char *before, const char *text, size_t size)
{
    record_append (self, before, strlen (before));
    record_append (self, text, size);
    record_append (self, "\n", 1);
}

bool record_flush (record_t *self)
{
    size_t done = 0;

    while (done < self->size) {
        ssize_t written = write (self->fd, self->buffer + done, self->size - done);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            done += (size_t)written;
    }
    self->size = 0;
    return true;
}

/*  --- the histogram ---------------------------------------------------------  */

enum { FINE = 32 }; /* classes a power of two */

static size_t class_of (uint64_t us)
{
    unsigned shift = 0;

    while (us >> shift >= (uint64_t)2 * FINE)
        shift++;
    return (size_t)shift * FINE + (size_t)(us >> shift);
}

/*  The upper end of a class.                                                  */
static uint64_t class_value (size_t class)
{
    size_t shift = class < (size_t)2 * FINE ? 0 : class / FINE - 1;

    return ((uint64_t)(class - shift * FINE + 1) << shift) - 1;
}

void histogram_add (histogram_t *histogram, uint64_t us)
{
    histogram->classes[class_of (us)]++;
    histogram->count++;
    if (us > histogram->max)
        histogram->max = us;
}

uint64_t histogram_at (const histogram_t *histogram, double share)
{
    double wanted = share * (double)histogram->count;
    uint64_t counted = 0;

    for (size_t i = 0; i < HISTOGRAM_CLASSES; i++) {
        counted += histogram->classes[i];
        if (counted && (double)counted >= wanted) {
            uint64_t value = class_value (i);
            return value < histogram->max ? value : histogram->max;
        }
    }
    return 0;
}
