/*  output.c - standard output of the non-interactive commands */
#include "output.h"
#include "decimal.h"
#include "text.h"
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zchat/client.h>

void output_init (output_t *self, int fd, int signals)
{
    memset (self, 0, sizeof (*self));
    self->fd = fd;
    self->signals = signals;
}

void output_free (output_t *self)
{
    buffer_free (&self->pending);
}

void output_bytes (output_t *self, const void *data, size_t size)
{
    buffer_add (&self->pending, data, size);
}

void output_str (output_t *self, const char *text)
{
    output_bytes (self, text, strlen (text));
}

void output_number (output_t *self, uint64_t number)
{
    char text[DECIMAL_MAX];
    output_bytes (self, text, decimal_write (text, number));
}

void output_time (output_t *self, uint64_t time_ms)
{
    /*  a broker may name any time; years beyond 9999 are not worth a date     */
    const uint64_t end_of_9999_s = 253402300799u;
    uint64_t seconds = time_ms / 1000;
    if (seconds > end_of_9999_s)
        seconds = end_of_9999_s;
    unsigned ms = (unsigned)(time_ms % 1000);
    /*  Many have the second of the one before.                                */
    if (seconds != self->second || !self->date_size) {
        time_t when = (time_t)seconds;
        struct tm tm;
        self->second = seconds;
        self->date_size = gmtime_r (&when, &tm)
                              ? strftime (self->date, sizeof self->date, "%Y-%m-%dT%H:%M:%S", &tm)
                              : 0;
    }
    const char rest[] = {'.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10),
                         (char)('0' + ms % 10), 'Z'};
    output_bytes (self, self->date, self->date_size);
    output_bytes (self, rest, sizeof rest);
}

void output_shown (output_t *self, const char *text, size_t size)
{
    if (text && text_plain (frame_of (text, size))) {
        output_bytes (self, text, size);
        return;
    }
    char *shown = zchat_text_display (text ? text : "", text ? size : 0, false);
    output_str (self, shown);
    free (shown);
}

/*  Append a UTF-16 escape, or a pair of them.                                 */
static void s_escape (output_t *self, uint32_t codepoint)
{
    if (codepoint >= 0x10000)
        buffer_format (&self->pending, "\\u%04x\\u%04x",
                       (unsigned)(0xD800 + ((codepoint - 0x10000) >> 10)),
                       (unsigned)(0xDC00 + ((codepoint - 0x10000) & 0x3FF)));
    else
        buffer_format (&self->pending, "\\u%04x", (unsigned)codepoint);
}

void output_json_string (output_t *self, const char *text, size_t size)
{
    output_bytes (self, "\"", 1);
    for (size_t at = 0; at < size;) {
        uint32_t codepoint;
        size_t taken = text_decode (frame_of (text + at, size - at), &codepoint);
        if (codepoint == '"' || codepoint == '\\') {
            output_bytes (self, "\\", 1);
            output_bytes (self, text + at, taken);
        } else if (codepoint == '\n')
            output_str (self, "\\n");
        else if (codepoint == '\t')
            output_str (self, "\\t");
        else if (codepoint < 0x20 || codepoint >= 0x7F)
            s_escape (self, codepoint);
        else
            output_bytes (self, text + at, taken);
        at += taken;
    }
    output_bytes (self, "\"", 1);
}

/*  Make the JSON ASCII on one line. In good JSON, what is not ASCII stands only inside of
    strings, where an escape may stand for it; and control characters stand only outside of them,
    where a space may stand for one.                                           */
void output_json_value (output_t *self, const char *json)
{
    size_t size = strlen (json);
    json_t *value = json_loadb (json, size, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
    bool object = json_is_object (value);
    json_decref (value);
    if (!object) {
        output_json_string (self, json, size);
        return;
    }
    for (size_t at = 0; at < size;) {
        uint32_t codepoint;
        size_t taken = text_decode (frame_of (json + at, size - at), &codepoint);
        if (codepoint >= 0x7F)
            s_escape (self, codepoint);
        else if (codepoint < 0x20)
            output_bytes (self, " ", 1);
        else
            output_bytes (self, json + at, taken);
        at += taken;
    }
}

bool output_full (const output_t *self)
{
    return self->pending.size >= OUTPUT_BATCH;
}

/*  Write a piece. PIPE_BUF bytes go into a pipe without blocking where poll says that it is
    writable.                                                                  */
static zchat_status_t s_write (output_t *self, size_t *done)
{
    struct pollfd polled[] = {{.fd = self->fd, .events = POLLOUT},
                              {.fd = self->signals, .events = POLLIN}};
    if (poll (polled, 2, -1) < 0)
        return errno == EINTR ? ZCHAT_OK : ZCHAT_SYSTEM;
    if (polled[1].revents)
        return ZCHAT_EMPTY;
    size_t rest = self->pending.size - *done;
    ssize_t written =
        write (self->fd, self->pending.data + *done, rest < PIPE_BUF ? rest : PIPE_BUF);
    if (written >= 0) {
        *done += (size_t)written;
        return ZCHAT_OK;
    }
    if (errno == EAGAIN || errno == EINTR)
        return ZCHAT_OK;
    return errno == EPIPE ? ZCHAT_CLOSING : ZCHAT_SYSTEM;
}

zchat_status_t output_flush (output_t *self)
{
    size_t done = 0;
    zchat_status_t status = ZCHAT_OK;
    while (status == ZCHAT_OK && done < self->pending.size)
        status = s_write (self, &done);
    buffer_drop (&self->pending, done);
    return status;
}
