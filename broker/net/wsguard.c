/*  wsguard.c - when endpoints of ws:// are bound anew                         */
#include "wsguard.h"
#include <zchat/limits.h>

wsguard_act_t wsguard_look (wsguard_t *guard, size_t kept, size_t n_fds, uint64_t now_ms)
{
    size_t share = n_fds / ZCHAT_WS_KEPT_SHARE + 1;
    switch (guard->state) {
    case WSGUARD_SERVES: {
        /*  Twice: those that libzmq does close are closed within a moment.    */
        bool again = guard->full;
        guard->full = kept >= share;
        if (!again || !guard->full)
            return WSGUARD_WAIT;
        guard->state = WSGUARD_DEAF;
        guard->until_ms = now_ms + ZCHAT_WS_DEAF_MS;
        return WSGUARD_DEAFEN;
    }
    case WSGUARD_DEAF:
        if (guard->until_ms > now_ms)
            return WSGUARD_DEAFEN;
        guard->state = WSGUARD_UNBOUND;
        guard->until_ms = now_ms + ZCHAT_WS_UNBOUND_MS;
        return WSGUARD_UNBIND;
    case WSGUARD_UNBOUND:
        if (kept <= share / 2)
            return WSGUARD_BIND;
        if (guard->until_ms > now_ms)
            return WSGUARD_WAIT;
        guard->state = WSGUARD_ENDED;
        return WSGUARD_GIVE_UP;
    default:
        return WSGUARD_WAIT;
    }
}

void wsguard_bound (wsguard_t *guard)
{
    guard->state = WSGUARD_SERVES;
    guard->full = false;
}
