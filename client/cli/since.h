/*  since.h - from when on: times on the command line, and the search for the message of a time

    The times of a room's messages do not go back, so the first one of a time is found by asking
    for few of them. Pure but for the clock, which since_read is given.        */
#ifndef ZCHAT_CLI_SINCE_H
#define ZCHAT_CLI_SINCE_H

#include <stdbool.h>
#include <stdint.h>

/*  Read so long ago (90s, 30m, 2h, 7d, 4w), or a date with or without a time of day:
    2026-11-20, 2026-11-20T14:30, 2026-11-20T14:30:05, 2026-11-20T14:30:05.635, of this
    machine's zone, or with Z or +02:00 behind it. False where it is none, *time_ms then
    untouched.                                                                 */
bool since_read (const char *text, uint64_t now_ms, uint64_t *time_ms);

/*  A search for the first message of a room that is not older than a time.    */
typedef struct {
    uint64_t time_ms;
    uint64_t low;  /* no message below it is wanted                            */
    uint64_t high; /* every message from it on is                              */
} since_t;

/*  Among the messages first to head.                                          */
void since_begin (since_t *self, uint64_t time_ms, uint64_t first, uint64_t head);

/*  The seq at or behind which a message is to be looked at; 0: it is found, self->low is the
    first one that is wanted (head + 1: none is).                              */
uint64_t since_probe (const since_t *self);

/*  The first message at or behind the probe has this seq and time; seq 0: there is none. */
void since_answer (since_t *self, uint64_t seq, uint64_t time_ms);

#endif
