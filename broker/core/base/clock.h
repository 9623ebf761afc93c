/*  clock.h - whether the wall clock can be believed when something is judged by its age

    Producers, rooms that nobody misses and, with --retain, messages are forgotten for their age,
    by the wall clock. A clock that is set forward would make all of them old at once; one that
    was set back, and is set right again, would do so to those of the time in between. So whoever
    forgets something for its age asks here first, and forgets nothing while the answer is no.

    What is watched is how far the wall clock is ahead of the monotonic one, which
    passes steadily: the difference changes by more than an hour only if somebody, or
    something, sets the clock.
*/
#ifndef ZCHAT_CORE_CLOCK_H
#define ZCHAT_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*  The time of an input.                                                      */
typedef struct {
    uint64_t mono_ms; /* for deadlines: monotonic, goes on while the machine sleeps */
    uint64_t wall_ms; /* for what is stored: Unix time, which may jump         */
} core_time_t;

/*  All zero before the first look.                                            */
typedef struct {
    bool begun;       /* there was a first look                                */
    bool set_back;    /* the clock was set back once: what it stamped then looks too old */
    int64_t ahead_ms; /* how far the wall clock was ahead of the monotonic one at the first look */
} clock_watch_t;

/*  Look at the time. False: nothing may be forgotten for its age. That is so while the clock is
    ahead of where it was at the first look by more than ZCHAT_CLOCK_JUMP_MS, and for
    good once it was behind by more than that.                                 */
bool clock_watch (clock_watch_t *watch, core_time_t now);

#endif
