/*  log.c - lines that a person reads and a machine parses                     */
#include "log.h"
#include "memory.h"
#include "text.h"
#include <jansson.h>
#include <time.h>

enum { ADMIT_PER_SECOND = 20 };

static struct {
    log_level_t level;
    bool json;
    uint64_t second_ms; /* when the current second of refusals began             */
    unsigned admitted, suppressed;
} config = {.level = LEVEL_INFO};

static const char *const level_names[] = {"debug", "info", "warning", "error"};

void log_setup (log_level_t level, bool json)
{
    config.level = level;
    config.json = json;
}

static void time_write (char *buffer, size_t size)
{
    struct timespec now;
    struct tm utc;
    clock_gettime (CLOCK_REALTIME, &now);
    gmtime_r (&now.tv_sec, &utc);
    size_t used = strftime (buffer, size, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf (buffer + used, size - used, ".%03ldZ", now.tv_nsec / 1000000);
}

static void write_json (const char *time, log_level_t level, const char *event,
                        const log_field_t *fields)
{
    json_t *line =
        json_pack ("{s:s, s:s, s:s}", "time", time, "level", level_names[level], "event", event);
    for (; fields && fields->key; fields++)
        if (fields->value.size) {
            char *value = text_display (fields->value, TEXT_LINE, NULL);
            json_object_set_new (line, fields->key, json_string (value));
            free (value);
        }
    char *text = memory_check (json_dumps (line, JSON_COMPACT));
    fprintf (stderr, "%s\n", text);
    free (text);
    json_decref (line);
}

static void write_text (const char *time, log_level_t level, const char *event,
                        const log_field_t *fields)
{
    char *line = NULL;
    size_t size = 0;
    FILE *stream = open_memstream (&line, &size);
    if (!stream)
        return;
    fprintf (stream, "%s %s %s", time, level_names[level], event);
    for (; fields && fields->key; fields++)
        if (fields->value.size) {
            char *value = text_display (fields->value, TEXT_QUOTED, NULL);
            fprintf (stream, " %s=\"%s\"", fields->key, value);
            free (value);
        }
    fputc ('\n', stream);
    fclose (stream);
    fputs (line, stderr);
    free (line);
}

void log_write (log_level_t level, const char *event, const log_field_t *fields)
{
    if (level < config.level)
        return;
    char time[40];
    time_write (time, sizeof time);
    if (config.json)
        write_json (time, level, event, fields);
    else
        write_text (time, level, event, fields);
}

bool log_admit (uint64_t mono_ms)
{
    if (mono_ms - config.second_ms >= 1000) {
        unsigned suppressed = config.suppressed;
        config.second_ms = mono_ms;
        config.admitted = config.suppressed = 0;
        if (suppressed) {
            char count[16];
            snprintf (count, sizeof count, "%u", suppressed);
            log_write (LEVEL_WARNING, "refused-more",
                       (log_field_t[]){{"count", frame_str (count)}, {NULL}});
        }
    }
    if (config.admitted < ADMIT_PER_SECOND) {
        config.admitted++;
        return true;
    }
    config.suppressed++;
    return false;
}
