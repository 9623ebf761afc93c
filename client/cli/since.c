/*  since.c - times on the command line, and the search for the message of a time */
#include "since.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*  Read an age such as 90s or 2h.                                             */
static bool s_age (const char *text, uint64_t *age_ms)
{
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {
        {'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'w', 7 * 86400000ull}};
    size_t digits = strspn (text, "0123456789");
    if (digits == 0 || digits > 9 || !text[digits] || text[digits + 1])
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (text[digits] == units[i].unit) {
            *age_ms = strtoull (text, NULL, 10) * units[i].ms;
            return true;
        }
    return false;
}

/*  Read a zone: nothing (this machine's), Z, or +02:00.                       */
static bool s_zone (const char *text, bool *local, long *offset_s)
{
    struct tm zone = {0};
    *local = !*text;
    *offset_s = 0;
    if (!*text || strcmp (text, "Z") == 0)
        return true;
    if (*text != '+' && *text != '-')
        return false;
    const char *end = strptime (text + 1, "%H:%M", &zone);
    *offset_s = (zone.tm_hour * 60 + zone.tm_min) * (*text == '-' ? -60 : 60);
    return end && !*end;
}

/*  Read .635 behind the seconds, as zchat writes times. Finer digits are left out. */
static bool s_fraction (const char **text, uint64_t *ms)
{
    size_t digits;
    *ms = 0;
    if (**text != '.')
        return true;
    digits = strspn (++*text, "0123456789");
    for (size_t i = 0; i < 3; i++)
        *ms = *ms * 10 + (i < digits ? (uint64_t)((*text)[i] - '0') : 0);
    *text += digits;
    return digits > 0;
}

static bool s_date (const char *text, uint64_t *time_ms)
{
    struct tm date = {0};
    bool local;
    long offset_s;
    uint64_t ms = 0;
    const char *rest = strptime (text, "%Y-%m-%d", &date), *more;
    if (!rest)
        return false;
    if (*rest == 'T' || *rest == ' ') {
        rest = strptime (rest + 1, "%H:%M", &date);
        if (rest && (more = strptime (rest, ":%S", &date))) {
            rest = more;
            if (!s_fraction (&rest, &ms))
                return false;
        }
    }
    if (!rest || !s_zone (rest, &local, &offset_s))
        return false;
    int year = date.tm_year, day = date.tm_mday;
    date.tm_isdst = -1;
    time_t time = local ? mktime (&date) : timegm (&date) - offset_s;
    /*  mktime makes a day of March of the 30th of February, which is refused. */
    if (time < 0 || date.tm_year != year || date.tm_mday != day)
        return false;
    *time_ms = (uint64_t)time * 1000 + ms;
    return true;
}

bool since_read (const char *text, uint64_t now_ms, uint64_t *time_ms)
{
    uint64_t age_ms;
    if (!s_age (text, &age_ms))
        return s_date (text, time_ms);
    *time_ms = age_ms < now_ms ? now_ms - age_ms : 0;
    return true;
}

void since_begin (since_t *self, uint64_t time_ms, uint64_t first, uint64_t head)
{
    self->time_ms = time_ms;
    self->low = first > 0 ? first : 1;
    self->high = head + 1;
}

uint64_t since_probe (const since_t *self)
{
    return self->low < self->high ? self->low + (self->high - self->low) / 2 : 0;
}

void since_answer (since_t *self, uint64_t seq, uint64_t time_ms)
{
    uint64_t probe = since_probe (self);
    if (seq >= self->high || seq < probe || time_ms >= self->time_ms)
        self->high = probe;
    else
        self->low = seq + 1;
}
