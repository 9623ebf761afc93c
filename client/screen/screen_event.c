/*  screen_event.c - the events of a talk, as lines of windows                   */
#include "hint_text.h"
#include "i18n.h"
#include "memory.h"
#include "screen_private.h"

/*  --- remarks -------------------------------------------------------------------- */

/*  Add a text made by format.h, which is freed, line by line, without the mark that begins each. */
static void note_lines (screen_t *screen, window_t *window, char *text, style_t style,
                        uint64_t time_ms)
{
    char *rest = text, *line;
    while (rest && (line = strsep (&rest, "\n"))) {
        bool marked = strncmp (line, "-- ", 3) == 0;
        if (*line)
            window_note (window,
                         marked                    ? line + 3
                         : *line == '*' && line[1] ? line + 2
                                                   : line,
                         style, time_ms ? time_ms : screen->now_ms);
    }
    free (text);
}

static void note_because (screen_t *screen, window_t *window, const char *text, const char *why,
                          hint_t hint, style_t style)
{
    const char *how = hint_text (hint);
    char *line = memory_format ("%s%s%s%s%s", text, why ? ": " : "", why ? why : "",
                                how ? ": " : "", how ? how : "");
    window_note (window, line, style, screen->now_ms);
    free (line);
}

/*  --- messages --------------------------------------------------------------------- */

static bool is_said (const zchat_event_t *event)
{
    return event->type == ZCHAT_TYPE_SAY || event->type == ZCHAT_TYPE_ACTION ||
           event->type == ZCHAT_TYPE_TELL || event->type == ZCHAT_TYPE_TOLD;
}

/*  True where what the event tells is shown at the message that it is about.   */
static bool shown_at_target (const zchat_event_t *event)
{
    return event->type == ZCHAT_TYPE_EDIT || event->type == ZCHAT_TYPE_REACT ||
           event->type == ZCHAT_TYPE_UNREACT || event->type == ZCHAT_TYPE_MARKS ||
           event->type == ZCHAT_TYPE_REMOVE;
}

/*  Take many who came and left at once, as a full room announces them.         */
static void take_presence (window_t *window, const zchat_event_t *event)
{
    static const struct {
        const char *key;
        zchat_type_t type;
    } kinds[] = {{"join", ZCHAT_TYPE_JOIN}, {"leave", ZCHAT_TYPE_LEAVE}};
    json_t *data = event->data ? json_loads (event->data, 0, NULL) : NULL;
    for (size_t k = 0; k < 2; k++) {
        const json_t *names = json_object_get (data, kinds[k].key);
        for (size_t i = 0; i < json_array_size (names); i++) {
            zchat_event_t one = *event;
            one.type = kinds[k].type;
            one.user = json_string_value (json_array_get (names, i));
            if (one.user)
                window_event (window, &one, NULL, NULL);
        }
    }
    const json_t *members = json_object_get (data, "members");
    if (json_is_integer (members) && json_integer_value (members) >= 0)
        window->members = (uint64_t)json_integer_value (members);
    json_decref (data);
}

/*  Call the person where a message is for them and they do not see it come.    */
static void notify (screen_t *screen, window_t *window, const talk_event_t *event)
{
    const zchat_event_t *message = event->message.event;
    bool direct = event->kind == TALK_DIRECT;
    bool live = message->kind == ZCHAT_EVENT_MESSAGE && !event->message.past;
    if (!is_said (message) || !message->user)
        return;
    notify_message_t said = {
        .room = direct ? NULL : message->room,
        .user = message->user,
        .text = message->body ? message->body : "",
        .size = message->body_size,
        .seq = direct ? message->time_ms : message->seq,
        .mentions_me = message->mentions_me || message->mentions_all,
        .own = message->own || event->message.echo || message->type == ZCHAT_TYPE_TOLD,
        /*  What comes on entering was said before.                            */
        .past = !live || (!direct && !window->entered) || screen->offline,
        .looked_at = window == screen->shown && screen->focused && !window->bottom && window->live};
    char *title = NULL, *text = NULL;
    if (notify_see (screen->notify, &screen->rules, &said) == NOTIFY_NOT)
        return;
    notify_words (&said, &title, &text);
    screen_order_t *order = screen_order (screen, SCREEN_NOTIFY, text, strlen (text));
    order->name = title;
    free (text);
}

static void take_message (screen_t *screen, const talk_event_t *event)
{
    const zchat_event_t *message = event->message.event;
    bool direct = event->kind == TALK_DIRECT;
    const char *name = direct ? message->user : message->room;
    window_t *window = name ? screen_find (screen, name, direct) : NULL;
    char *text = NULL;
    if (!window) { /* such as an invitation, which comes into the mailbox       */
        note_lines (screen, screen->shown, format_event (message, &screen->format), STYLE_NOTICE,
                    message->time_ms);
        return;
    }
    if (message->type == ZCHAT_TYPE_PRESENCE) {
        take_presence (window, message);
        return;
    }
    if (!is_said (message) && !shown_at_target (message) && message->type != ZCHAT_TYPE_JOIN &&
        message->type != ZCHAT_TYPE_LEAVE)
        text = format_event (message, &screen->format);
    if (message->type == ZCHAT_TYPE_TOPIC && message->kind == ZCHAT_EVENT_MESSAGE) {
        free (window->topic);
        window->topic = memory_string (message->body ? message->body : "", message->body_size);
    }
    window_event (window, message, event->message.mark,
                  text && strncmp (text, "* ", 2) == 0 ? text + 2 : text);
    if (message->own && message->seq > window->read && message->kind == ZCHAT_EVENT_MESSAGE &&
        window == screen->shown)
        window->ruler = 0; /* who answers has read                                */
    notify (screen, window, event);
    free (text);
}

/*  --- the connection and the rooms -------------------------------------------------- */

static void take_connection (screen_t *screen, const talk_event_t *event)
{
    const zchat_event_t *told = event->connection.event;
    free (screen->why_offline);
    screen->why_offline = NULL;
    if (told->kind != ZCHAT_EVENT_CONNECTED) {
        const char *why =
            told->text && *told->text ? told->text : _ (zchat_status_text (told->status));
        screen->why_offline = memory_string (why, strlen (why));
    }
    note_lines (screen, screen->shown, format_event (told, &screen->format), STYLE_NOTICE, 0);
}

static void take_entered (screen_t *screen, const talk_event_t *event)
{
    const zchat_event_t *told = event->room.event;
    window_t *window = told->room ? screen_find (screen, told->room, false) : NULL;
    if (!window)
        return;
    free (window->name);
    window->name = memory_string (told->room, strlen (told->room));
    free (window->topic);
    window->topic = told->text ? memory_string (told->text, strlen (told->text)) : NULL;
    window->members = told->members;
    if (told->seq > window->newest)
        window->newest = told->seq;
    if (!window->entered) {
        window->begins = told->seq == 0 || window->low == 1;
        window->read = told->read > 0 ? told->read : told->seq;
        window->ruler = window->read < told->seq ? window->read : 0;
        window->ruler_to = told->seq;
    }
    window->entered = true;
}

/*  --- what was typed ---------------------------------------------------------------- */

static line_t *find_typed (screen_t *screen, uint64_t id, window_t **window)
{
    line_t *line = NULL;
    for (size_t i = 0; id && !line && i < screen->n_windows; i++) {
        *window = screen->windows[i];
        line = window_find_typed (*window, id);
    }
    return line;
}

static void failed (line_t *line, const char *why, bool unknown)
{
    free (line->why);
    line->why = memory_string (why, strlen (why));
    line->unknown = unknown;
}

static void take_sending (screen_t *screen, const talk_event_t *event)
{
    window_t *window = NULL;
    line_t *line = NULL;
    uint64_t id = event->sending.id;
    switch (event->sending.state) {
    case TALK_QUEUED:
        window = screen_find (screen, event->sending.name, event->sending.person);
        screen->left |= id == 0;
        if (window)
            window_typed (window, id, event->sending.type, event->sending.text, event->sending.size,
                          event->sending.re, screen->now_ms);
        break;
    case TALK_NUMBERED:
        line = find_typed (screen, event->sending.former, &window);
        if (line)
            line->id = id;
        break;
    case TALK_STORED:
        line = find_typed (screen, id, &window);
        if (line)
            window_stored (window, line, event->sending.seq);
        break;
    case TALK_REFUSED:
        line = find_typed (screen, id, &window);
        if (line)
            failed (line, "not sent", false);
        break;
    }
}

static void take_trouble (screen_t *screen, const talk_event_t *event)
{
    const zchat_event_t *told = event->trouble;
    bool sending = told->kind == ZCHAT_EVENT_FAILED || told->kind == ZCHAT_EVENT_UNKNOWN;
    window_t *window = NULL;
    line_t *line = sending ? find_typed (screen, told->id, &window) : NULL;
    if (line) {
        failed (line, told->text && *told->text ? told->text : _ (zchat_status_text (told->status)),
                told->kind == ZCHAT_EVENT_UNKNOWN);
        return;
    }
    if (told->kind == ZCHAT_EVENT_LOG_REPLACED) {
        for (size_t i = 0; i < screen->n_windows; i++) {
            window_empty (screen->windows[i]);
            screen->windows[i]->live = true;
            screen->windows[i]->newest = screen->windows[i]->read = screen->windows[i]->ruler = 0;
        }
    }
    window = told->room ? screen_find (screen, told->room, false) : NULL;
    note_lines (screen, window ? window : screen->shown, format_event (told, &screen->format),
                STYLE_ERROR, 0);
}

/*  --- the rest ------------------------------------------------------------------------ */

static void take_answer (screen_t *screen, const talk_event_t *event)
{
    static char *(*const formats[]) (const char *, const format_t *) = {
        [TALK_WHO] = format_who,
        [TALK_ROOMS] = format_rooms,
        [TALK_TOPIC] = format_topic,
        [TALK_MODES] = format_modes,
        [TALK_KEYS] = format_keys,
        [TALK_SEARCH] = format_search,
        [TALK_UNREAD_ROOMS] = format_unread,
    };
    if (event->answer.question == TALK_SEARCH)
        screen_found (screen, event->answer.json);
    else
        note_lines (screen, screen->shown,
                    formats[event->answer.question](event->answer.json, &screen->format),
                    STYLE_NOTICE, 0);
}

static void take_conversation (screen_t *screen, const talk_event_t *event)
{
    bool person = event->conversation.person;
    const char *name = event->conversation.name;
    window_t *window = *name ? screen_find (screen, name, person) : NULL;
    switch (event->kind) {
    case TALK_OPENED:
        if (!window)
            screen_open (screen, person ? WINDOW_PERSON : WINDOW_ROOM, name);
        break;
    case TALK_CLOSED:
        if (window)
            screen_close (screen, window);
        break;
    case TALK_FOCUS:
        if (window)
            screen_show (screen, window, false);
        break;
    default: /* TALK_UNREAD */
        if (window) {
            window->unread = event->conversation.unread;
            window->urgent = event->conversation.urgent;
        }
        break;
    }
}

static void take_page (screen_t *screen, const talk_event_t *event)
{
    window_t *window = screen_find (screen, event->page.name, event->page.person);
    if (!window)
        return;
    if (!event->page.failed)
        window_page (window, event->page.lowest, event->page.highest);
    screen_paged (screen, window, event->page.failed);
}

void screen_event (screen_t *screen, const talk_event_t *event)
{
    window_t *person = NULL;
    switch (event->kind) {
    case TALK_MESSAGE:
    case TALK_DIRECT:
        take_message (screen, event);
        break;
    case TALK_CONNECTION:
        take_connection (screen, event);
        break;
    case TALK_ENTERED:
        take_entered (screen, event);
        break;
    case TALK_LEFT:
        note_lines (screen, screen->shown, format_event (event->room.event, &screen->format),
                    STYLE_NOTICE, 0);
        break;
    case TALK_TROUBLE:
        take_trouble (screen, event);
        break;
    case TALK_ANSWER:
        take_answer (screen, event);
        break;
    case TALK_NOTICE:
    case TALK_NAME_ASKED:
        note_because (screen, screen->shown, event->notice.text, event->notice.why,
                      event->notice.hint, STYLE_NOTICE);
        break;
    case TALK_REFUSAL:
        note_because (screen, screen->shown, event->notice.text, event->notice.why, HINT_NONE,
                      STYLE_ERROR);
        break;
    case TALK_TRUST:
        person = screen_find (screen, event->trust.user, true);
        note_because (screen, person ? person : screen->shown, event->trust.text, NULL,
                      event->trust.hint,
                      event->trust.trust <= TALK_KEYS_GONE ? STYLE_ERROR : STYLE_NOTICE);
        break;
    case TALK_OPENED:
    case TALK_CLOSED:
    case TALK_FOCUS:
    case TALK_UNREAD:
        take_conversation (screen, event);
        break;
    case TALK_SENDING:
        take_sending (screen, event);
        break;
    case TALK_EDITING:
        screen_begin_edit (screen->shown, event->editing.seq, event->editing.text,
                           event->editing.size);
        break;
    case TALK_PAGE:
        take_page (screen, event);
        break;
    case TALK_SETTING:
    case TALK_OVER:
        break;
    }
}
