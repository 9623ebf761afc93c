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
    record_t *record = memory_zero (sizeof *record);

    record->fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (record->fd < 0)
        record_destroy (&record);
    return record;
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

static void record_reserve (record_t *record, size_t size)
{
    if (record->size + size > record->room) {
        record->room = 2 * (record->size + size);
        record->buffer = memory_check (realloc (record->buffer, record->room));
    }
}

static void record_append (record_t *record, const char *text, size_t size)
{
    record_reserve (record, size);
    memcpy (record->buffer + record->size, text, size);
    record->size += size;
}

void record_line (record_t *record, const char *format, ...)
{
    char line[LINE_MAX_SIZE];
    va_list args;
    int size;

    va_start (args, format);
    size = vsnprintf (line, sizeof line, format, args);
    va_end (args);
    if (size < 0)
        return;
    record_append (record, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
    record_append (record, "\n", 1);
}

void record_text (record_t *record, const char *before, const char *text, size_t size)
{
    record_append (record, before, strlen (before));
    record_append (record, text, size);
    record_append (record, "\n", 1);
}

bool record_flush (record_t *record)
{
    size_t done = 0;

    while (done < record->size) {
        ssize_t written = write (record->fd, record->buffer + done, record->size - done);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            done += (size_t)written;
    }
    record->size = 0;
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
