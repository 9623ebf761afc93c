/*  clock.h - whether the wall clock can be believed when something is judged by its age

    Producers and, with --retain, messages go by the age that the wall clock gives
    them. A clock that is set forward would make all of them old at once, and one that
    was set back and is set right again those of the time in between. So both ask here
    first, and let nothing go while the answer is no.

    What is watched is how far the wall clock is ahead of the monotonic one, which
    passes steadily: the difference changes by more than an hour only if somebody, or
    something, sets the clock.
*/
#ifndef ZCHAT_CORE_CLOCK_H
#define ZCHAT_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*  The time, in every input of the core that needs one.                       */
typedef struct {
    uint64_t mono_ms; /* monotonic, any origin, goes on while the machine sleeps: deadlines */
    uint64_t wall_ms; /* Unix time: what stands in events; may jump              */
} core_time_t;

/*  All zero: begins with the first look.                                      */
typedef struct {
    bool begun;       /*                                                         */
    bool set_back;    /* the clock was set back, and what it stamped then looks old */
    int64_t ahead_ms; /* the wall clock of the monotonic one, at the first look  */
} clock_watch_t;

/*  Look at the time. False: nothing may go by its age. That lasts while the clock is
    ahead of where it was at the first look by more than ZCHAT_CLOCK_JUMP_MS, and for
    good once it has been behind by more than that.                            */
bool clock_watch (clock_watch_t *watch, core_time_t now);

#endif
