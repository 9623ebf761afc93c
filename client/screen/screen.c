/*  screen.c - the full screen: its windows, its orders, its life                */
#include "memory.h"
#include "name.h"
#include "screen_private.h"

/*  --- orders ------------------------------------------------------------------- */

screen_order_t *screen_order (screen_t *screen, screen_order_kind_t kind, const char *text,
                              size_t size)
{
    if (screen->n_orders == screen->orders_capacity) {
        screen->orders_capacity = screen->orders_capacity ? 2 * screen->orders_capacity : 16;
        screen->orders =
            memory_grow (screen->orders, screen->orders_capacity * sizeof *screen->orders);
    }
    screen_order_t *order = &screen->orders[screen->n_orders++];
    *order = (screen_order_t){.kind = kind};
    if (text) {
        order->text = memory_string (text, size);
        order->size = size;
    }
    return order;
}

screen_order_t *screen_order_for (screen_t *screen, screen_order_kind_t kind,
                                  const window_t *window)
{
    screen_order_t *order = screen_order (screen, kind, NULL, 0);
    order->name = memory_string (window->name, strlen (window->name));
    order->person = window->kind == WINDOW_PERSON;
    return order;
}

static void free_order (screen_order_t *order)
{
    free (order->text);
    free (order->name);
    order->text = order->name = NULL;
}

bool screen_next (screen_t *screen, screen_order_t *order)
{
    free_order (&screen->given);
    if (screen->first_order == screen->n_orders) {
        screen->first_order = screen->n_orders = 0;
        return false;
    }
    screen->given = screen->orders[screen->first_order++];
    *order = screen->given;
    return true;
}

void screen_note (screen_t *screen, const char *text)
{
    window_note (screen->shown, text, STYLE_NOTICE, screen->now_ms);
}

void screen_say (screen_t *screen, const char *text)
{
    screen_note (screen, text);
}

/*  --- windows ------------------------------------------------------------------- */

window_t *screen_find (screen_t *screen, const char *name, bool person)
{
    window_kind_t kind = person ? WINDOW_PERSON : WINDOW_ROOM;
    name_keys_t keys, other;
    for (size_t i = 0; i < screen->n_windows; i++)
        if (screen->windows[i]->kind == kind && strcmp (screen->windows[i]->name, name) == 0)
            return screen->windows[i];
    if (name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return NULL;
    for (size_t i = 0; i < screen->n_windows; i++) {
        window_t *window = screen->windows[i];
        if (window->kind == kind &&
            name_check (frame_str (window->name), &other, NULL) == ZCHAT_OK &&
            name_same (&keys, &other))
            return window;
    }
    return NULL;
}

window_t *screen_open (screen_t *screen, window_kind_t kind, const char *name)
{
    if (screen->n_windows == SCREEN_WINDOWS_MAX)
        return NULL;
    window_t *window = window_new (kind, name);
    screen->windows[screen->n_windows++] = window;
    for (size_t i = 0; i < screen->n_former; i++)
        editor_remember (window->editor, screen->former[i], strlen (screen->former[i]));
    return window;
}

void screen_close (screen_t *screen, window_t *window)
{
    size_t at = 0;
    while (at < screen->n_windows && screen->windows[at] != window)
        at++;
    if (at == 0 || at == screen->n_windows)
        return;
    screen->n_windows--;
    memmove (screen->windows + at, screen->windows + at + 1,
             (screen->n_windows - at) * sizeof (window_t *));
    if (screen->recent == window)
        screen->recent = NULL;
    if (screen->entering == window)
        screen->entering = NULL;
    if (screen->shown == window) {
        window_t *next = screen->recent ? screen->recent : screen->windows[at - 1];
        screen->shown = NULL;
        screen_show (screen, next, true);
        screen->recent = NULL;
    }
    window_destroy (&window);
}

/*  Begin to look at a window: what was not looked at is new.                   */
static void begin_look (window_t *window)
{
    size_t left = window->unread;
    window->ruler = 0;
    window->ruler_to = window->newest;
    if (left == 0)
        return;
    if (window->read > 0)
        window->ruler = window->read < window->newest ? window->read : 0;
    /*  Of a person whom one never looked at, so many messages are new.        */
    for (size_t i = window->n_lines; window->read == 0 && i-- > 0 && left > 0;) {
        const message_t *message = window_message (window, window->lines[i]);
        if (message && !message->own) {
            window->ruler = message->seq - 1;
            left--;
        }
    }
}

void screen_show (screen_t *screen, window_t *window, bool tell)
{
    if (window == screen->shown)
        return;
    screen->recent = screen->shown;
    screen->shown = window;
    screen->cursor = NULL;
    screen->guard.asks = false;
    completion_forget (screen->completion);
    begin_look (window);
    if (tell && (window->kind == WINDOW_ROOM || window->kind == WINDOW_PERSON))
        screen_order_for (screen, SCREEN_FOCUS, window);
    screen->typing = false;
    screen_typed (screen);
}

bool screen_muted (const screen_t *screen, const window_t *window)
{
    for (size_t i = 0; i < screen->rules.n_muted; i++) {
        const char *word = screen->rules.muted[i];
        bool person = *word == '@';
        if (person == (window->kind == WINDOW_PERSON) && strcmp (word + person, window->name) == 0)
            return true;
    }
    return false;
}

void screen_unread (const screen_t *screen, size_t *urgent, size_t *unread)
{
    *urgent = *unread = 0;
    for (size_t i = 0; i < screen->n_windows; i++) {
        if (screen_muted (screen, screen->windows[i]))
            continue;
        *urgent += screen->windows[i]->urgent;
        *unread += screen->windows[i]->unread;
    }
}

/*  --- what is known -------------------------------------------------------------- */

/*  Of what an earlier run has left it is not told what became of it, but that nothing waits. */
static void forget_left (screen_t *screen)
{
    for (size_t i = 0; i < screen->n_windows; i++) {
        window_t *window = screen->windows[i];
        for (size_t at = window->n_lines; at-- > 0;)
            if (window->lines[at]->kind == LINE_TYPED && window->lines[at]->id == 0)
                window_remove (window, window->lines[at]);
    }
    screen->left = false;
}

void screen_state (screen_t *screen, const screen_state_t *state)
{
    const talk_state_t *talk = &state->talk;
    screen->asks_name = talk->asks_name;
    screen->offline = talk->offline;
    screen->person = talk->person;
    screen->unsent = talk->unsent;
    screen->seal = talk->seal;
    if (screen->left && talk->unsent == 0 && !talk->offline)
        forget_left (screen);
    screen->now_ms = state->now_ms;
    screen->focused = state->focused;
    screen->may_edit = state->may_edit;
    snprintf (screen->own, sizeof screen->own, "%s", talk->own);
}

void screen_rules (screen_t *screen, const notify_rules_t *rules)
{
    screen->rules = *rules;
}

void screen_not_fetched (screen_t *screen, const char *name, bool person)
{
    window_t *window = screen_find (screen, name, person);
    if (window)
        screen_paged (screen, window, true);
}

void screen_edited (screen_t *screen, const char *text, size_t size)
{
    editor_set (screen->shown->editor, text, size);
    screen_typed (screen);
}

void screen_remembered (screen_t *screen, const char *line, size_t size)
{
    for (size_t i = 0; i < screen->n_windows; i++)
        editor_remember (screen->windows[i]->editor, line, size);
    if (screen->n_former == FORMER_MAX) {
        free (screen->former[0]);
        memmove (screen->former, screen->former + 1, --screen->n_former * sizeof *screen->former);
    }
    screen->former[screen->n_former++] = memory_string (line, size);
}

screen_t *screen_new (const char *endpoint)
{
    screen_t *self = memory_zero (sizeof *self);
    self->format.endpoint = endpoint;
    self->paragraph = paragraph_new ();
    self->completion = completion_new ();
    self->notify = notify_new ();
    self->offline = true;
    self->focused = true;
    self->shown = screen_open (self, WINDOW_HOME, "zchat");
    self->rows = 24;
    self->columns = 80;
    return self;
}

void screen_destroy (screen_t **screen)
{
    screen_t *self = *screen;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_windows; i++)
        window_destroy (&self->windows[i]);
    for (size_t i = 0; i < self->n_former; i++)
        free (self->former[i]);
    for (size_t i = self->first_order; i < self->n_orders; i++)
        free_order (&self->orders[i]);
    free_order (&self->given);
    free (self->orders);
    free (self->why_offline);
    paragraph_destroy (&self->paragraph);
    notify_destroy (&self->notify);
    completion_destroy (&self->completion);
    free (self);
    *screen = NULL;
}
