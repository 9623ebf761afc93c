/*  since.h - times on the command line, and the search for the message of a time

    The times of a room's messages do not go back, so the first one of a time is found by asking for
    few of them. Pure: the clock's time is an argument.
*/
#ifndef ZCHAT_CLI_SINCE_H
#define ZCHAT_CLI_SINCE_H

#include <stdbool.h>
#include <stdint.h>

/*  Read an age (90s, 30m, 2h, 7d, 4w), or a date with or without a time of day: 2026-11-20,
    2026-11-20T14:30, 2026-11-20T14:30:05, 2026-11-20T14:30:05.635. They are of this machine's
    zone, or have Z or +02:00 behind them. False where it is none of these; *time_ms is untouched
    then.                                                                      */
bool since_read (const char *text, uint64_t now_ms, uint64_t *time_ms);

/*  A search for the first message of a room that is not older than a time.    */
typedef struct {
    uint64_t time_ms;
    uint64_t low;  /* no message below it is wanted                            */
    uint64_t high; /* every message from it on is wanted                       */
} since_t;

/*  Begin to search among the messages from first to head.                     */
void since_begin (since_t *self, uint64_t time_ms, uint64_t first, uint64_t head);

/*  Return the seq at or behind which a message is to be looked at. 0: the search is done, and
    self->low is the first message wanted (head + 1: none is).                 */
uint64_t since_probe (const since_t *self);

/*  Tell the seq and the time of the first message at or behind the probe; seq 0: there is none. */
void since_answer (since_t *self, uint64_t seq, uint64_t time_ms);

#endif
