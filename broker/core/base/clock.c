/*  clock.c - whether the wall clock can be believed when something is judged by its age */
#include "clock.h"
#include <zchat/limits.h>

bool clock_watch (clock_watch_t *watch, core_time_t now)
{
    int64_t ahead_ms = (int64_t)(now.wall_ms - now.mono_ms);
    if (!watch->begun)
        *watch = (clock_watch_t){.begun = true, .ahead_ms = ahead_ms};
    if (ahead_ms < watch->ahead_ms - ZCHAT_CLOCK_JUMP_MS)
        watch->set_back = true;
    return !watch->set_back && ahead_ms <= watch->ahead_ms + ZCHAT_CLOCK_JUMP_MS;
}
