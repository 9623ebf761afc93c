/*  format_mode.c - how direct messages, and what operators do, read as lines */
#include "format_private.h"
#include "i18n.h"
#include "name.h"
#include <inttypes.h>
#include <time.h>

/*  --- what operators do ----------------------------------------------------- */

void format_add_until (buffer_t *text, const json_t *until)
{
    json_int_t ms = json_integer_value (until);
    time_t then = (time_t)(ms / 1000), now = time (NULL);
    struct tm that, today;
    char shown[64];
    if (ms <= 0)
        return;
    if (!localtime_r (&then, &that) || that.tm_year > 8099 || !localtime_r (&now, &today)) {
        buffer_string (text, _ (" for a very long time")); /* no calendar holds the time */
        return;
    }
    bool same = that.tm_year == today.tm_year && that.tm_yday == today.tm_yday;
    if (strftime (shown, sizeof shown, same ? _ (" until %H:%M") : _ (" until %Y-%m-%d %H:%M"),
                  &that) > 0)
        buffer_string (text, shown);
}

void format_add_reason (buffer_t *text, const char *reason, size_t size)
{
    if (!reason || size == 0)
        return;
    buffer_string (text, " (");
    format_add_peer (text, reason, size);
    buffer_string (text, ")");
}

/*  A sentence reads: who did it, `before`, the user, `after`.                 */
static const struct {
    const char *set;
    const char *before;
    const char *after;
    bool user;    /* the sentence names a user                                 */
    bool mailbox; /* it is about one's mailbox, not about a room               */
} s_sets[] = {
    {"ban", N_ (" takes no direct messages of "), "", true, true},
    {"unban", N_ (" takes direct messages again of "), "", true, true},
    {"allow", N_ (" takes direct messages of "), N_ (", who is no stranger"), true, true},
    {"unallow", N_ (" made "), N_ (" a stranger again"), true, true},
    {"lock", N_ (" takes no direct messages of strangers"), "", false, true},
    {"unlock", N_ (" takes direct messages of strangers again"), "", false, true},
    {"create", N_ (" made this private room"), "", false, false},
    {"op", N_ (" made "), N_ (" an operator"), true, false},
    {"deop", N_ (" took operator rights from "), "", true, false},
    {"ban", N_ (" banned "), "", true, false},
    {"unban", N_ (" lifted the ban of "), "", true, false},
    {"mute", N_ (" muted "), "", true, false},
    {"unmute", N_ (" lets "), N_ (" speak again"), true, false},
    {"invite", N_ (" invited "), "", true, false},
    {"kick", N_ (" put "), N_ (" out"), true, false},
    {"lock", N_ (" locked the topic: only operators set it"), "", false, false},
    {"unlock", N_ (" unlocked the topic"), "", false, false},
    {"close", N_ (" closed the room"), "", false, false},
    {"open", N_ (" opened the room again"), "", false, false},
};

void format_add_mode (buffer_t *text, const zchat_event_t *event)
{
    json_t *data = format_data (event);
    const char *set = json_string_value (json_object_get (data, "set"));
    const char *user = json_string_value (json_object_get (data, "user"));
    size_t i = 0, n = sizeof s_sets / sizeof *s_sets;
    format_add_string (text, event->user);
    bool mailbox = event->room && strcmp (event->room, "@") == 0;
    while (i < n && (!set || mailbox != s_sets[i].mailbox || strcmp (set, s_sets[i].set) != 0))
        i++;
    if (i == n) { /* a newer broker sets it; its name says at least something */
        buffer_string (text, _ (" set "));
        format_add_string (text, set ? set : "something");
        buffer_string (text, user ? _ (" for ") : "");
        format_add_string (text, user);
    } else if (user && event->user && strcmp (set, "kick") == 0 && strcmp (user, event->user) == 0)
        buffer_string (text, _ (" left for good"));
    else {
        buffer_string (text, _ (s_sets[i].before));
        if (s_sets[i].user)
            format_add_string (text, user ? user : _ ("somebody"));
        buffer_string (text, *s_sets[i].after ? _ (s_sets[i].after) : "");
    }
    format_add_until (text, json_object_get (data, "until"));
    format_add_reason (text, event->body, event->body_size);
    json_decref (data);
}

void format_add_remove (buffer_t *text, const zchat_event_t *event, const format_t *format)
{
    json_t *data = format_data (event);
    json_int_t seq = json_integer_value (json_object_get (data, "seq"));
    format_add_string (text, event->user);
    if (seq > 0)
        buffer_format (text, _ (" removed message #%lld"), seq);
    else
        buffer_string (text, _ (" removed a message"));
    if (format->whose && *format->whose) {
        buffer_string (text, _ (" of "));
        format_add_string (text, format->whose);
    }
    format_add_reason (text, event->body, event->body_size);
    json_decref (data);
}

void format_add_invite (buffer_t *text, const zchat_event_t *event)
{
    json_t *data = format_data (event);
    format_add_string (text, event->user);
    buffer_string (text, _ (" invites you to the private room "));
    format_add_member (text, data, "room");
    format_add_reason (text, event->body, event->body_size);
    buffer_string (text, _ ("; /join "));
    format_add_member (text, data, "room");
    json_decref (data);
}

/*  --- direct messages ------------------------------------------------------- */

/*  Append the name of a party. Nothing but a name may stand between the brackets: not even the
    broker can write a mark of its own there.                                  */
static void add_party (buffer_t *line, const char *name, const format_t *format)
{
    bool good = name && name_check (frame_str (name), NULL, NULL) == ZCHAT_OK;
    format_add_name (line, good ? name : "?", false, format);
}

char *format_direct (const zchat_event_t *event, const char *mark, const format_t *format)
{
    buffer_t line = {NULL, 0, 0};
    bool told = event->type == ZCHAT_TYPE_TOLD;
    format_add_head (&line, NULL, event->time_ms, format);
    buffer_string (&line, told ? _ ("[you -> ") : "[");
    add_party (&line, event->user, format);
    buffer_string (&line, told ? "" : _ (" -> you"));
    if (mark) {
        buffer_string (&line, ", ");
        buffer_string (&line, mark);
    }
    buffer_string (&line, "] ");
    if (event->re > 0) {
        buffer_string (&line, _ ("(re "));
        format_add_re (&line, event, format);
        buffer_string (&line, ") ");
    }
    char *body = zchat_text_display (event->body ? event->body : "",
                                     event->body ? event->body_size : 0, format->columns > 0);
    format_add_rest (&line, body, strlen (body), format);
    free (body);
    return buffer_take (&line);
}
