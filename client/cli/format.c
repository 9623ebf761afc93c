/*  format.c - how an event reads as a line */
#include "format_private.h"
#include "i18n.h"
#include "memory.h"
#include "wrap.h"
#include <inttypes.h>
#include <time.h>

#define DIM     "\033[2m"
#define BOLD    "\033[1m"
#define RESET   "\033[0m"
#define REVERSE "\033[7m"

enum { NAMES_SHOWN_MAX = 20 }; /* names in one announcement of many */

/*  --- pieces ---------------------------------------------------------------- */

void format_add_peer (buffer_t *buffer, const char *text, size_t size)
{
    char *shown = zchat_text_display (text ? text : "", text ? size : 0, false);
    buffer_string (buffer, shown);
    free (shown);
}

void format_add_string (buffer_t *buffer, const char *text)
{
    format_add_peer (buffer, text, text ? strlen (text) : 0);
}

const char *format_colour (const char *name)
{
    /*  These colours can be read on black and on white. Bright ones are apart from the others. */
    static const char *const colours[] = {
        "\033[31m", "\033[32m", "\033[33m", "\033[34m", "\033[35m", "\033[36m",
        "\033[91m", "\033[92m", "\033[94m", "\033[95m", "\033[96m",
    };
    uint32_t hash = 2166136261u; /* FNV-1a                                     */
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    hash ^= hash >> 16;
    return colours[hash % (sizeof colours / sizeof *colours)];
}

void format_add_name (buffer_t *buffer, const char *name, bool own, const format_t *format)
{
    const char *known = name && *name ? name : "guest";
    if (format->colour) {
        buffer_string (buffer, own ? BOLD : "");
        buffer_string (buffer, format_colour (known));
    }
    format_add_string (buffer, known);
    if (format->colour)
        buffer_string (buffer, RESET);
}

/*  Append "HH:MM ", "[room] " and "#17 ", each where it is asked for, dimmed as one. */
void format_add_head (buffer_t *buffer, const char *room, uint64_t time_ms, const format_t *format)
{
    bool with_room = format->room && room && *room;
    if (!format->time && !with_room && format->number == 0)
        return;
    if (format->colour)
        buffer_string (buffer, DIM);
    if (format->time) {
        time_t seconds = time_ms > 0 ? (time_t)(time_ms / 1000) : time (NULL);
        struct tm parts;
        char shown[16];
        if (localtime_r (&seconds, &parts) && strftime (shown, sizeof shown, "%H:%M ", &parts) > 0)
            buffer_string (buffer, shown);
        else
            buffer_string (buffer, "--:-- "); /* no calendar holds this time */
    }
    if (with_room) {
        buffer_string (buffer, "[");
        format_add_string (buffer, room);
        buffer_string (buffer, "] ");
    }
    if (format->number > 0)
        buffer_format (buffer, "#%" PRIu64 " ", format->number);
    if (format->colour)
        buffer_string (buffer, RESET);
}

void format_add_rest (buffer_t *buffer, const char *rest, size_t size, const format_t *format)
{
    if (format->columns <= 0) {
        buffer_add (buffer, rest, size);
        return;
    }
    wrap_add (buffer, rest, size, format->columns);
}

/*  --- lines of one kind ----------------------------------------------------- */

/*  Make a dimmed line of head, mark and text.                                 */
char *format_remark (const char *mark, const char *room, uint64_t time_ms, buffer_t *text,
                     const format_t *format)
{
    buffer_t line = {NULL, 0, 0};
    format_add_head (&line, room, time_ms, format);
    buffer_string (&line, format->colour ? DIM : "");
    buffer_string (&line, mark);
    buffer_string (&line, " ");
    format_add_rest (&line, text->data ? text->data : "", text->size, format);
    buffer_string (&line, format->colour ? RESET : "");
    buffer_free (text);
    return buffer_take (&line);
}

char *format_notice (const char *text, uint64_t time_ms, const format_t *format)
{
    buffer_t shown = {NULL, 0, 0};
    format_add_string (&shown, text);
    return format_remark ("--", NULL, time_ms, &shown, format);
}

static char *format_said (const zchat_event_t *event, const format_t *format)
{
    buffer_t line = {NULL, 0, 0};
    bool action = event->type == ZCHAT_TYPE_ACTION;
    format_add_head (&line, event->room, event->time_ms, format);
    if ((event->mentions_me || event->mentions_all) && !event->own) {
        buffer_string (&line, format->colour ? REVERSE : "");
        buffer_string (&line, "!");
        buffer_string (&line, format->colour ? RESET " " : " ");
    }
    if (action)
        buffer_string (&line, "* ");
    format_add_name (&line, event->user, event->own, format);
    if (event->re > 0) {
        /*  A name holds neither comma nor blank, so no text can look like this. */
        buffer_string (&line, _ (", re "));
        format_add_re (&line, event, format);
    }
    buffer_string (&line, action && !event->re ? " " : ": ");
    char *body = zchat_text_display (event->body ? event->body : "",
                                     event->body ? event->body_size : 0, format->columns > 0);
    format_add_rest (&line, body, strlen (body), format);
    free (body);
    return buffer_take (&line);
}

json_t *format_data (const zchat_event_t *event)
{
    return event->data ? json_loads (event->data, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL)
                       : NULL;
}

/*  Append the names of an array with commas between them.                     */
size_t format_add_names (buffer_t *text, const json_t *names, size_t limit)
{
    size_t shown = 0;
    for (size_t i = 0; i < json_array_size (names) && shown < limit; i++) {
        const json_t *name = json_array_get (names, i);
        if (!json_is_string (name))
            continue;
        buffer_string (text, shown > 0 ? ", " : "");
        format_add_peer (text, json_string_value (name), json_string_length (name));
        shown++;
    }
    if (json_array_size (names) > limit)
        buffer_format (text, _ (" and %zu more"), json_array_size (names) - limit);
    return shown;
}

/*  Read many joins and leaves at once, as a full room announces them.         */
static char *format_presence (const zchat_event_t *event, const format_t *format)
{
    static const char *const keys[] = {"join", "leave"};
    static const char *const words[] = {N_ (" joined"), N_ (" left")};
    json_t *data = format_data (event);
    buffer_t text = {NULL, 0, 0};
    for (size_t i = 0; i < 2; i++) {
        const json_t *names = json_object_get (data, keys[i]);
        if (json_array_size (names) == 0)
            continue;
        buffer_string (&text, text.size > 0 ? "; " : "");
        if (format_add_names (&text, names, NAMES_SHOWN_MAX) > 0)
            buffer_string (&text, _ (words[i]));
    }
    const json_t *members = json_object_get (data, "members");
    if (json_is_integer (members)) {
        bool behind = text.size > 0;
        buffer_string (&text, behind ? " (" : "");
        buffer_format (&text, _ ("%lld here"), (long long)json_integer_value (members));
        buffer_string (&text, behind ? ")" : "");
    }
    json_decref (data);
    if (text.size == 0)
        return NULL;
    return format_remark ("*", event->room, event->time_ms, &text, format);
}

static char *format_leave (const zchat_event_t *event, const format_t *format)
{
    buffer_t text = {NULL, 0, 0};
    json_t *data = format_data (event);
    const char *reason = json_string_value (json_object_get (data, "reason"));
    format_add_string (&text, event->user);
    buffer_string (&text, _ (" left"));
    if (format->time && reason && strcmp (reason, "lost") == 0)
        buffer_string (&text, _ (" (connection lost)"));
    else if (reason && strcmp (reason, "kick") == 0)
        buffer_string (&text, _ (" (put out)"));
    else if (reason && strcmp (reason, "close") == 0)
        buffer_string (&text, _ (" (the room was closed)"));
    json_decref (data);
    return format_remark ("*", event->room, event->time_ms, &text, format);
}

static char *format_message (const zchat_event_t *event, const format_t *format)
{
    buffer_t text = {NULL, 0, 0};
    switch (event->type) {
    case ZCHAT_TYPE_SAY:
    case ZCHAT_TYPE_ACTION:
        return format_said (event, format);
    case ZCHAT_TYPE_TOPIC:
        format_add_string (&text, event->user);
        if (event->body_size > 0) {
            buffer_string (&text, _ (" set the topic: "));
            format_add_peer (&text, event->body, event->body_size);
        } else
            buffer_string (&text, _ (" cleared the topic"));
        break;
    case ZCHAT_TYPE_JOIN:
        format_add_string (&text, event->user);
        buffer_string (&text, _ (" joined"));
        break;
    case ZCHAT_TYPE_LEAVE:
        return format_leave (event, format);
    case ZCHAT_TYPE_PRESENCE:
        return format_presence (event, format);
    case ZCHAT_TYPE_MODE:
        format_add_mode (&text, event);
        break;
    case ZCHAT_TYPE_REMOVE:
        format_add_remove (&text, event, format);
        break;
    case ZCHAT_TYPE_INVITE:
        format_add_invite (&text, event);
        break;
    case ZCHAT_TYPE_EDIT:
        format_add_edit (&text, event, format);
        break;
    case ZCHAT_TYPE_REACT:
    case ZCHAT_TYPE_UNREACT:
        format_add_reacted (&text, event, format);
        break;
    case ZCHAT_TYPE_MARKS:
        if (!format_add_marks (&text, event, format))
            return NULL;
        break;
    case ZCHAT_TYPE_MENTION:
    case ZCHAT_TYPE_READ:
    case ZCHAT_TYPE_TELL:
    case ZCHAT_TYPE_TOLD:
        return format_direct (event, NULL, format);
    case ZCHAT_TYPE_GONE:
        format_add_string (&text, event->user);
        buffer_string (&text, _ (": (removed)"));
        break;
    case ZCHAT_TYPE_NONE:
    case ZCHAT_TYPE_MAX:
    default:
        return NULL;
    }
    return format_remark ("*", event->room, event->time_ms, &text, format);
}

/*  --- lines about the connection and the rooms ------------------------------ */

/*  Append the broker's sentence where there is one, else the status's.        */
static void add_reason (buffer_t *text, const zchat_event_t *event)
{
    if (event->text && *event->text)
        format_add_string (text, event->text);
    else
        buffer_string (text, _ (zchat_status_text (event->status)));
}

/*  Append "a message", with its addressee where it is a direct one.           */
static void add_message (buffer_t *text, const zchat_event_t *event)
{
    if (event->type == ZCHAT_TYPE_EDIT) {
        buffer_format (text, _ ("the edit of message #%" PRIu64), event->target);
        return;
    }
    buffer_string (text, _ ("a message"));
    if (!event->user || !*event->user)
        return;
    buffer_string (text, _ (" to "));
    format_add_string (text, event->user);
}

static void add_connection (buffer_t *text, const zchat_event_t *event, const format_t *format)
{
    const char *endpoint = format->endpoint ? format->endpoint : _ ("the broker");
    if (event->kind == ZCHAT_EVENT_CONNECTED) {
        buffer_string (text, _ ("connected to "));
        format_add_string (text, endpoint);
        if (event->text && *event->text) {
            buffer_string (text, " (");
            format_add_string (text, event->text);
            buffer_string (text, ")");
        }
        return;
    }
    buffer_string (text, event->kind == ZCHAT_EVENT_REFUSED ? _ ("refused by ")
                                                            : _ ("no connection to "));
    format_add_string (text, endpoint);
    buffer_string (text, ": ");
    add_reason (text, event);
    if (event->kind == ZCHAT_EVENT_DISCONNECTED)
        buffer_string (text, _ ("; trying again"));
}

static void add_joined (buffer_t *text, const zchat_event_t *event, const format_t *format)
{
    buffer_string (text, _ ("you are in "));
    format_add_string (text, event->room);
    buffer_format (text, _ (", %" PRIu64 " here"), event->members);
    if (event->text && *event->text) {
        buffer_string (text, _ ("; topic: "));
        format_add_string (text, event->text);
        if (event->user && *event->user) {
            buffer_string (text, " (");
            format_add_string (text, event->user);
            buffer_string (text, ")");
        }
    }
}

static void add_parted (buffer_t *text, const zchat_event_t *event)
{
    buffer_string (text, event->status == ZCHAT_OK ? _ ("you left ") : _ ("you are not in "));
    format_add_string (text, event->room);
    if (event->status != ZCHAT_OK) {
        buffer_string (text, ": ");
        add_reason (text, event);
    }
}

static void add_trouble (buffer_t *text, const zchat_event_t *event)
{
    switch (event->kind) {
    case ZCHAT_EVENT_LOST:
        buffer_format (text,
                       ngettext ("%" PRIu64 " message before number %" PRIu64 " of ",
                                 "%" PRIu64 " messages before number %" PRIu64 " of ",
                                 event->count),
                       event->count, event->seq);
        format_add_string (text, event->room);
        buffer_string (text, ngettext (" is gone: the broker no longer keeps it",
                                       " are gone: the broker no longer keeps them", event->count));
        return;
    case ZCHAT_EVENT_LOG_REPLACED:
        buffer_string (text,
                       _ ("the broker has another log than before: numbers start anew, and what "
                          "was not acknowledged may or may not have been stored in the old one"));
        return;
    case ZCHAT_EVENT_FAILED:
        add_message (text, event);
        buffer_string (text, _ (" was not sent: "));
        break;
    case ZCHAT_EVENT_UNKNOWN:
        add_message (text, event);
        buffer_string (text, _ (" may or may not have been sent: "));
        break;
    case ZCHAT_EVENT_WARNING:
        if (event->room && strcmp (event->room, "@") == 0)
            buffer_string (text, _ ("direct messages: "));
        else if (event->room) {
            format_add_string (text, event->room);
            buffer_string (text, ": ");
        }
        break;
    default:
        break;
    }
    add_reason (text, event);
}

char *format_event (const zchat_event_t *event, const format_t *format)
{
    buffer_t text = {NULL, 0, 0};
    switch (event->kind) {
    case ZCHAT_EVENT_MESSAGE:
    case ZCHAT_EVENT_HISTORY:
        return format_message (event, format);
    case ZCHAT_EVENT_CONNECTED:
    case ZCHAT_EVENT_DISCONNECTED:
    case ZCHAT_EVENT_REFUSED:
        add_connection (&text, event, format);
        break;
    case ZCHAT_EVENT_JOINED:
        add_joined (&text, event, format);
        break;
    case ZCHAT_EVENT_PARTED:
        add_parted (&text, event);
        break;
    case ZCHAT_EVENT_LOST:
    case ZCHAT_EVENT_LOG_REPLACED:
    case ZCHAT_EVENT_FAILED:
    case ZCHAT_EVENT_UNKNOWN:
    case ZCHAT_EVENT_WARNING:
        add_trouble (&text, event);
        break;
    case ZCHAT_EVENT_SENT:
    case ZCHAT_EVENT_REPLY:
        return NULL;
    }
    return format_remark ("--", NULL, event->time_ms, &text, format);
}
