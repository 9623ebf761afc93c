/*  screen_seek.c - what was said at a time: found by halves, a page at a time   */
#include "screen_private.h"
#include <time.h>

uint64_t screen_read_time (const char *text, uint64_t now_ms)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm parts;
    const char *end = NULL;
    if (!localtime_r (&now, &parts))
        return 0;
    parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
    if (strchr (text, '-')) {
        end = strptime (text, "%Y-%m-%d", &parts);
        if (end && *end)
            end = strptime (end, " %H:%M", &parts);
    } else
        end = strptime (text, "%H:%M", &parts);
    parts.tm_isdst = -1;
    time_t seconds = end && *end == 0 ? mktime (&parts) : -1;
    return seconds > 0 ? (uint64_t)seconds * 1000 : 0;
}

/*  Ask for the page in the middle of where it may be.                          */
static void ask (screen_t *screen, window_t *window)
{
    uint64_t middle = window->seek_low + (window->seek_high - window->seek_low) / 2;
    window_empty (window);
    screen_order_t *order = screen_order_for (screen, SCREEN_FETCH, window);
    order->after = middle - 1;
    window->paging = true;
    window->page_before = window->page_last = false;
    window->scroll = 0;
    window->wanted = 0;
}

void screen_seek (screen_t *screen, window_t *window, uint64_t time_ms)
{
    if (window->kind != WINDOW_ROOM || window->newest == 0) {
        screen_note (screen, "a time is looked for in rooms alone");
        return;
    }
    if (window->paging)
        return;
    window->seek_ms = time_ms;
    window->seek_low = 1;
    window->seek_high = window->newest;
    ask (screen, window);
}

void screen_sought (screen_t *screen, window_t *window)
{
    const line_t *first = NULL, *found = NULL;
    for (size_t i = 0; i < window->n_lines && !found; i++) {
        const line_t *line = window->lines[i];
        if (!line->numbered)
            continue;
        first = first ? first : line;
        found = line->time_ms >= window->seek_ms ? line : NULL;
    }
    uint64_t middle = window->seek_low + (window->seek_high - window->seek_low) / 2;
    bool whole = middle == window->seek_low; /* there is nothing before it to look at */
    if (found && (found != first || whole))
        window->wanted = found->seq;
    else if (found)
        window->seek_high = middle;
    else if (window->high < window->seek_high && window->high >= window->seek_low)
        window->seek_low = window->high + 1;
    else if (first && !window->live)
        window->wanted = window->high;
    else {
        /*  All of it was said before that.                                    */
        window->seek_ms = 0;
        return;
    }
    if (window->wanted)
        window->seek_ms = 0;
    else
        ask (screen, window);
}
