/*  search_query.c - what somebody wrote to search for; pure                   */
#include "search_query.h"

enum { DAY_MS = 86400000, MINUTE_MS = 60000, PREFIX_LETTERS = 2 };

#define TWICE "from:, in:, after:, before: and has: stand once each"

typedef struct {
    const char *at, *end;
} cursor_t;

static bool is_space (char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/*  What a space, or the end, ends.                                            */
static frame_t piece_next (cursor_t *cursor)
{
    const char *begin = cursor->at;
    while (cursor->at < cursor->end && !is_space (*cursor->at))
        cursor->at++;
    return frame_of (begin, (size_t)(cursor->at - begin));
}

/*  --- time ----------------------------------------------------------------------- */

static bool digits_read (const char **at, const char *end, size_t count, unsigned *number)
{
    *number = 0;
    for (size_t i = 0; i < count; i++, (*at)++) {
        if (*at == end || **at < '0' || **at > '9')
            return false;
        *number = 10 * *number + (unsigned)(**at - '0');
    }
    return true;
}

static bool sign_read (const char **at, const char *end, char sign)
{
    return *at < end && *(*at)++ == sign;
}

static unsigned month_days (unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/*  2026-11-28, 2026-11-28T10:15; UTC.                                         */
static bool time_read (frame_t text, uint64_t *time_ms)
{
    const char *at = text.data, *end = at + text.size;
    unsigned year, month, day, hour = 0, minute = 0;
    if (!digits_read (&at, end, 4, &year) || !sign_read (&at, end, '-') ||
        !digits_read (&at, end, 2, &month) || !sign_read (&at, end, '-') ||
        !digits_read (&at, end, 2, &day))
        return false;
    if (at < end && (!sign_read (&at, end, 'T') || !digits_read (&at, end, 2, &hour) ||
                     !sign_read (&at, end, ':') || !digits_read (&at, end, 2, &minute)))
        return false;
    if (at != end || year < 1970 || month < 1 || month > 12 || day < 1 ||
        day > month_days (year, month) || hour > 23 || minute > 59)
        return false;
    uint64_t days = day - 1;
    for (unsigned y = 1970; y < year; y++)
        days += month_days (y, 2) == 29 ? 366 : 365;
    for (unsigned m = 1; m < month; m++)
        days += month_days (year, m);
    *time_ms = days * DAY_MS + (hour * 60 + minute) * (uint64_t)MINUTE_MS;
    return true;
}

/*  --- terms ------------------------------------------------------------------------ */

static size_t letters (frame_t text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += (((const unsigned char *)text.data)[i] & 0xC0) != 0x80;
    return count;
}

static zchat_status_t term_add (search_query_t *query, frame_t text, bool prefix, const char **why)
{
    if (prefix && letters (text) < PREFIX_LETTERS) {
        *why = "before * there are two letters at least";
        return ZCHAT_MALFORMED;
    }
    if (text.size == 0)
        return ZCHAT_OK;
    if (query->n_terms == ZCHAT_SEARCH_WORDS)
        return ZCHAT_LIMIT;
    query->terms[query->n_terms].text = text;
    query->terms[query->n_terms++].prefix = prefix;
    return ZCHAT_OK;
}

/*  What stands between quotes, of which the last may be missing.              */
static zchat_status_t quoted_read (cursor_t *cursor, search_query_t *query, const char **why)
{
    const char *begin = ++cursor->at;
    while (cursor->at < cursor->end && *cursor->at != '"')
        cursor->at++;
    frame_t text = frame_of (begin, (size_t)(cursor->at - begin));
    cursor->at += cursor->at < cursor->end;
    return term_add (query, text, false, why);
}

/*  The value behind a key such as "from:"; false: the piece does not begin with it. */
static bool value_of (frame_t piece, const char *key, frame_t *value)
{
    size_t size = strlen (key);
    if (piece.size < size || memcmp (piece.data, key, size) != 0)
        return false;
    *value = frame_of ((const char *)piece.data + size, piece.size - size);
    return true;
}

static zchat_status_t refused (const char **why, const char *text)
{
    *why = text;
    return ZCHAT_MALFORMED;
}

static zchat_status_t piece_read (frame_t piece, search_query_t *query, const char **why)
{
    frame_t value;
    if (value_of (piece, "from:", &value) || value_of (piece, "in:", &value)) {
        frame_t *name = *(const char *)piece.data == 'f' ? &query->from : &query->in;
        if (name->size || !value.size)
            return refused (why, name->size ? TWICE : "a name follows from: and in:");
        *name = value;
        return ZCHAT_OK;
    }
    if (value_of (piece, "after:", &value)) {
        if (query->after_ms)
            return refused (why, TWICE);
        return time_read (value, &query->after_ms)
                   ? ZCHAT_OK
                   : refused (why, "after: is followed by a day as 2026-11-28, or a time as "
                                   "2026-11-28T10:15");
    }
    if (value_of (piece, "before:", &value)) {
        if (query->before_ms != UINT64_MAX)
            return refused (why, TWICE);
        return time_read (value, &query->before_ms)
                   ? ZCHAT_OK
                   : refused (why, "before: is followed by a day as 2026-11-28, or a time as "
                                   "2026-11-28T10:15");
    }
    if (value_of (piece, "has:", &value)) {
        if (!frame_is (value, "link"))
            return refused (why, "has: is followed by link");
        query->link = true;
        return ZCHAT_OK;
    }
    bool prefix = ((const char *)piece.data)[piece.size - 1] == '*';
    return term_add (query, frame_of (piece.data, piece.size - prefix), prefix, why);
}

zchat_status_t search_query_read (frame_t text, search_query_t *query, const char **why)
{
    cursor_t cursor = {text.data, (const char *)text.data + text.size};
    zchat_status_t status = ZCHAT_OK;
    *query = (search_query_t){.before_ms = UINT64_MAX};
    while (status == ZCHAT_OK && cursor.at < cursor.end) {
        if (is_space (*cursor.at))
            cursor.at++;
        else if (*cursor.at == '"')
            status = quoted_read (&cursor, query, why);
        else
            status = piece_read (piece_next (&cursor), query, why);
    }
    if (status == ZCHAT_OK && !query->n_terms && !query->from.size)
        return refused (why, "at least one word, or from:, is needed");
    return status;
}
