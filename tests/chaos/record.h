/*  record.h - what a crowd writes down: lines in a file, latencies in a histogram */
#ifndef ZCHAT_RECORD_H
#define ZCHAT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct record record_t;

/*  Lines go to the file at path, appended; NULL where it cannot be opened.    */
record_t *record_new (const char *path);
void record_destroy (record_t **record);

/*  One line, printf style, ended by a newline here. Kept until record_flush.  */
void record_line (record_t *record, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  The words of a line before, size bytes as they are, a newline.             */
void record_text (record_t *record, const char *before, const char *text, size_t size);

/*  Hand everything to the kernel: from here on it outlives a SIGKILL. False where the
    disk refuses; the crowd is then worthless and ends.                         */
bool record_flush (record_t *record);

/*  Microseconds, counted in classes about 3 % wide.                           */
enum { HISTOGRAM_CLASSES = 2048 };
typedef struct {
    uint64_t count;
    uint64_t max;
    uint64_t classes[HISTOGRAM_CLASSES];
} histogram_t;

void histogram_add (histogram_t *histogram, uint64_t us);

/*  The value that share (0 to 1) of those counted do not exceed; 0 where none is. */
uint64_t histogram_at (const histogram_t *histogram, double share);

#endif
