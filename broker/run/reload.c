/*  reload.c - reading the settings anew, while the broker serves               */
#include "broker_private.h"
#include <stdlib.h>
#include <time.h>

static void settings_take (broker_t *broker, const options_t *fresh)
{
    char *waits = options_differ (fresh, broker->options);
    log_setup (fresh->log_level, fresh->log_json);
    broker->retain = fresh->retain;
    broker->trim_ms = broker->now.mono_ms;
    log_write (LEVEL_INFO, "settings-read",
               (log_field_t[]){{"restart-for", frame_str (waits)}, {NULL}});
    free (waits);
}

void broker_reload (broker_t *broker)
{
    options_t fresh;
    char *why = NULL;
    struct timespec mono;
    clock_gettime (CLOCK_MONOTONIC, &mono);
    notify_reloading (broker->notify,
                      (uint64_t)mono.tv_sec * 1000 + (uint64_t)mono.tv_nsec / 1000000);
    if (options_again (&fresh, broker->options, &why) < 0)
        settings_take (broker, &fresh);
    else
        log_write (LEVEL_ERROR, "settings-not-read",
                   (log_field_t[]){{"text", frame_str (why ? why : "")}, {NULL}});
    options_free (&fresh);
    free (why);
    notify_ready (broker->notify);
}
