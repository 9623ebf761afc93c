/*  irc_line.c - what was said, in the log of an IRC client                    */
#include "irc_line.h"
#include <ctype.h>
#include <string.h>

/*  Two digits at text, up to most. -1: none.                                  */
static int two_digits (const char *text, int most)
{
    if (!isdigit ((unsigned char)text[0]) || !isdigit ((unsigned char)text[1]))
        return -1;
    int number = (text[0] - '0') * 10 + text[1] - '0';
    return number <= most ? number : -1;
}

bool irc_day_read (const char *text, struct tm *day)
{
    for (; *text; text++) {
        size_t digits = strspn (text, "0123456789");
        int year = digits == 4 || digits == 8
                       ? two_digits (text, 99) * 100 + two_digits (text + 2, 99)
                       : 0;
        bool dashed = digits == 4 && text[4] == '-';
        const char *month = dashed ? text + 5 : text + 4;
        if (year >= 1970 && (dashed || digits == 8)) {
            int m = two_digits (month, 12);
            const char *at = month + 2;
            int d = m < 1 || (dashed && *at != '-') ? -1 : two_digits (at + dashed, 31);
            if (d >= 1) {
                *day = (struct tm){.tm_year = year - 1900, .tm_mon = m - 1, .tm_mday = d};
                return true;
            }
        }
        if (digits > 1)
            text += digits - 1;
    }
    return false;
}

/*  "Sat Nov 28 10:00:00 2026", or without the time of day.                    */
static bool day_named (const char *text, struct tm *day)
{
    struct tm found = {0};
    if (!strptime (text, "%a %b %d %H:%M:%S %Y", &found)) {
        found = (struct tm){0};
        if (!strptime (text, "%a %b %d %Y", &found))
            return false;
    }
    *day = (struct tm){.tm_year = found.tm_year, .tm_mon = found.tm_mon, .tm_mday = found.tm_mday};
    return true;
}

/*  HH:MM, or HH:MM:SS. The bytes it takes; 0: it is none.                     */
static size_t clock_read (const char *text, struct tm *time)
{
    int hour = two_digits (text, 23),
        minute = hour < 0 || text[2] != ':' ? -1 : two_digits (text + 3, 59);
    if (minute < 0)
        return 0;
    int second = text[5] == ':' ? two_digits (text + 6, 60) : -1;
    time->tm_hour = hour;
    time->tm_min = minute;
    time->tm_sec = second > 0 ? second : 0;
    return second < 0 ? 5 : 8;
}

/*  The user before the text end, and what follows it.                         */
static bool user_take (const char *at, const char *end, irc_said_t *said)
{
    const char *found = strstr (at, end);
    if (!found || found == at)
        return false;
    said->user = frame_of (at, (size_t)(found - at));
    said->body = frame_str (found + strlen (end));
    return true;
}

/*  "<@bob> text": the sign before a name says what he is there.               */
static bool message_take (const char *at, irc_said_t *said)
{
    at++;
    at += strspn (at, " @+%&~!");
    said->type = ZCHAT_TYPE_SAY;
    return user_take (at, "> ", said) && said->body.size > 0;
}

static bool topic_take (const char *at, const char *middle, const char *quote, irc_said_t *said)
{
    said->type = ZCHAT_TYPE_TOPIC;
    if (!user_take (at, middle, said))
        return false;
    const char *body = said->body.data;
    if (!*quote) { /* irssi: "the topic of #dev to: text"                        */
        const char *to = strstr (body, " to: ");
        if (!to)
            return false;
        said->body = frame_str (to + 5);
    } else if (said->body.size >= 2 && body[0] == *quote && body[said->body.size - 1] == *quote)
        said->body = frame_of (body + 1, said->body.size - 2);
    return true;
}

static bool irssi_take (const char *at, irc_said_t *said)
{
    at += strspn (at, " ");
    if (*at == '<')
        return message_take (at, said);
    if (strncmp (at, "* ", 2) == 0) {
        said->type = ZCHAT_TYPE_ACTION;
        return user_take (at + 2, " ", said) && said->body.size > 0;
    }
    return strncmp (at, "-!- ", 4) == 0 && topic_take (at + 4, " changed the topic of ", "", said);
}

static bool energymech_take (const char *at, irc_said_t *said)
{
    at += strspn (at, " ");
    if (*at == '<')
        return message_take (at, said);
    if (strncmp (at, "*** ", 4) == 0)
        return topic_take (at + 4, " changes topic to ", "'", said);
    if (strncmp (at, "* ", 2) == 0) {
        said->type = ZCHAT_TYPE_ACTION;
        return user_take (at + 2, " ", said) && said->body.size > 0;
    }
    return false;
}

irc_kind_t irc_line_read (irc_reader_t *reader, frame_t line, irc_said_t *said)
{
    const char *text = line.data;
    *said = (irc_said_t){.type = ZCHAT_TYPE_NONE};
    if (strncmp (text, "--- Log opened ", 15) == 0 || strncmp (text, "--- Day changed ", 16) == 0) {
        reader->dated =
            day_named (text + (text[4] == 'L' ? 15 : 16), &reader->day) || reader->dated;
        return IRC_OTHER;
    }
    struct tm time = reader->day;
    bool brackets = reader->format == IRC_ENERGYMECH;
    if (brackets && *text != '[')
        return IRC_OTHER;
    const char *at = text + brackets;
    size_t clock = clock_read (at, &time);
    if (!clock || (brackets && at[clock] != ']') || (!brackets && at[clock] != ' '))
        return IRC_OTHER;
    at += clock + 1;
    if (!(brackets ? energymech_take (at, said) : irssi_take (at, said)))
        return IRC_OTHER;
    if (!reader->dated)
        return IRC_UNDATED;
    time.tm_isdst = -1;
    time_t when = mktime (&time);
    said->time_ms = when > 0 ? (uint64_t)when * 1000 : 1;
    return IRC_SAID;
}
