/*  log.c - lines that a person reads and a machine parses                     */
#include "log.h"
#include "log_writer.h"
#include "memory.h"
#include "text.h"
#include <inttypes.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    ADMIT_PER_SECOND = 20,
    END_MS = 1000, /* for what is not yet written when the broker ends          */
};

static struct {
    bool journal;              /* standard error is systemd's journal                   */
    _Atomic log_level_t level; /* a reload changes both, while any thread writes      */
    atomic_bool json;
    log_writer_t *writer; /* NULL: a command, which may wait                           */
    uint64_t second_ms;   /* when the current second of refusals began             */
    unsigned admitted, suppressed;
} config = {.level = LEVEL_INFO};

static const char *const level_names[] = {"debug", "info", "warning", "error"};
/*  As the journal takes them off the line: see sd-daemon(3).                  */
static const char *const level_priorities[] = {"<7>", "<6>", "<4>", "<3>"};

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

static char *json_line (const char *time, log_level_t level, const char *event,
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
    json_decref (line);
    size_t size = strlen (text);
    text = memory_grow (text, size + 2);
    memcpy (text + size, "\n", 2);
    return text;
}

static char *text_line (const char *time, log_level_t level, const char *event,
                        const log_field_t *fields)
{
    char *line = NULL;
    size_t size = 0;
    FILE *stream = memory_check (open_memstream (&line, &size));
    fprintf (stream, "%s %s %s", time, level_names[level], event);
    for (; fields && fields->key; fields++)
        if (fields->value.size) {
            char *value = text_display (fields->value, TEXT_QUOTED, NULL);
            fprintf (stream, " %s=\"%s\"", fields->key, value);
            free (value);
        }
    fputc ('\n', stream);
    fclose (stream);
    return memory_check (line);
}

/*  The caller frees it.                                                       */
static char *line_make (log_level_t level, const char *event, const log_field_t *fields)
{
    char time[40];
    time_write (time, sizeof time);
    char *line = (config.json ? json_line : text_line) (time, level, event, fields);
    if (!config.journal)
        return line;
    char *prefixed = memory_format ("%s%s", level_priorities[level], line);
    free (line);
    return prefixed;
}

void log_write (log_level_t level, const char *event, const log_field_t *fields)
{
    if (level < config.level)
        return;
    char *line = line_make (level, event, fields);
    if (config.writer)
        log_writer_put (config.writer, line, strlen (line));
    else
        fputs (line, stderr);
    free (line);
}

/*  --- never waiting ---------------------------------------------------------  */

static char *dropped_line (uint64_t count)
{
    char text[24];
    snprintf (text, sizeof text, "%" PRIu64, count);
    return line_make (LEVEL_WARNING, "log-lines-dropped",
                      (log_field_t[]){{"count", frame_str (text)},
                                      {"text", frame_str ("nobody read standard error, or it could "
                                                          "not be written")},
                                      {NULL}});
}

/*  JOURNAL_STREAM names the device and the inode of the journal's stream; who was started with
   standard error led to another place has inherited it.                               */
static bool journal_reads (void)
{
    const char *stream = getenv ("JOURNAL_STREAM");
    struct stat info;
    unsigned long long device, inode;
    return stream && sscanf (stream, "%llu:%llu", &device, &inode) == 2 &&
           fstat (STDERR_FILENO, &info) == 0 && info.st_dev == device && info.st_ino == inode;
}

uint64_t log_dropped (void)
{
    return config.writer ? log_writer_lost (config.writer) : 0;
}

void log_begin (void)
{
    config.journal = journal_reads ();
    config.writer = log_writer_new (STDERR_FILENO, (log_told_t){.dropped = dropped_line});
}

void log_end (void)
{
    log_writer_destroy (&config.writer, END_MS);
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
