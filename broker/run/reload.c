/*  reload.c - reading the settings anew, while the broker serves               */
#include "broker_private.h"
#include "memory.h"
#include "text.h"
#include <stdlib.h>
#include <time.h>

/*  The words of a text, as a list.                                            */
static json_t *words (const char *text)
{
    json_t *list = json_array ();
    for (text += strspn (text, " "); *text; text += strspn (text, " ")) {
        size_t size = strcspn (text, " ");
        json_array_append_new (list, json_stringn (text, size));
        text += size;
    }
    return list;
}

static json_t *settings_take (broker_t *broker, const options_t *fresh)
{
    char *taken = options_differ (fresh, broker->options, true);
    char *waits = options_differ (fresh, broker->options, false);
    log_setup (fresh->log_level, fresh->log_json);
    broker->retain = fresh->retain;
    broker->n_retained = fresh->n_retained;
    memcpy (broker->retained, fresh->retained, sizeof broker->retained);
    broker->disk_low = fresh->disk_low;
    broker->trim_ms = broker->now.mono_ms;
    core_settings (broker->core, &(core_settings_t){.quotas = fresh->quotas,
                                                    .admins = (const char **)fresh->admins,
                                                    .n_admins = fresh->n_admins,
                                                    .edit_window_ms = fresh->edit_window_ms});
    log_write (
        LEVEL_INFO, "settings-read",
        (log_field_t[]){{"taken", frame_str (taken)}, {"restart-for", frame_str (waits)}, {NULL}});
    json_t *said = json_pack ("{s:o, s:o}", "taken", words (taken), "restart", words (waits));
    free (taken);
    free (waits);
    return said;
}

json_t *broker_reload (broker_t *broker)
{
    options_t fresh;
    json_t *said;
    char *why = NULL;
    struct timespec mono;
    clock_gettime (CLOCK_MONOTONIC, &mono);
    notify_reloading (broker->notify,
                      (uint64_t)mono.tv_sec * 1000 + (uint64_t)mono.tv_nsec / 1000000);
    if (options_again (&fresh, broker->options, &why) < 0)
        said = settings_take (broker, &fresh);
    else {
        log_write (LEVEL_ERROR, "settings-not-read",
                   (log_field_t[]){{"text", frame_str (why ? why : "")}, {NULL}});
        char *shown = text_display (frame_str (why ? why : ""), TEXT_LINE, NULL);
        said = json_pack ("{s:s, s:s}", "code", "settings", "text", shown);
        free (shown);
    }
    options_free (&fresh);
    free (why);
    notify_ready (broker->notify);
    return said;
}
