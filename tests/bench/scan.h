/*  scan - counts a mark in what a connection brings, whatever stands around it.
 *
 *  All protocols are counted by this one function, so that a subscriber costs the same for each:
 * the driver looks for the mark alone and reads no frames. The mark of a body has four bytes and a
 * number behind it, so that lengths and times of a binary pack are never taken for one; a mark that
 * two reads cut in half is counted once, when its second half has come.
 */
#ifndef BENCH_SCAN_H
#define BENCH_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*  What a message begins with: the mark, and which message of its room it is, in hex.  */
#define BODY_MARK "~Zb:"

enum {
    BODY_HEAD = 12,            /* bytes of mark and number                                  */
    SCAN_KEPT_MAX = 32,        /* bytes of a mark that was cut, and of what belongs to it   */
    SCAN_READ_MAX = 256 * 1024 /* bytes that are read at once                               */
};

/*  Numbers that no message has: they are not counted.  */
#define NUMBER_WARM   0xffffffffu /* says that a subscription is live                   */
#define NUMBER_SETTLE 0xfffffffeu /* says that all that was said before it has come     */

typedef struct {
    const char *mark;
    size_t mark_size; /* 1 to SCAN_KEPT_MAX - tail                               */
    size_t tail;      /* bytes behind the mark that on_mark wants                */
    size_t kept;      /* bytes of an earlier read, in front of the next          */
    char keep[SCAN_KEPT_MAX];
} scan_t;

/*  Called for each mark; number is what the tail says, or 0 without a tail.  */
typedef void scan_fn (void *context, uint32_t number);

void scan_init (scan_t *self, const char *mark, size_t mark_size, size_t tail);

/*  Looks through size bytes at data; SCAN_KEPT_MAX bytes in front of data belong to the caller's
 * buffer and are overwritten. Returns the number of marks.  */
size_t scan_read (scan_t *self, char *data, size_t size, scan_fn *on_mark, void *context);

#endif
