/*  screen_stage.h - a screen without a terminal: events and keys in, the whole screen out as text

    Screens are compared with the files of golden/, one a screen. ZCHAT_GOLDEN_WRITE=1 writes them
    anew: look at the difference before it is committed.                        */
#ifndef ZCHAT_TEST_SCREEN_STAGE_H
#define ZCHAT_TEST_SCREEN_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buffer.h"
#include "memory.h"
#include "screen.h"
#include "width.h"
#include <stdlib.h>

static screen_t *s_screen;
static grid_t *s_grid;
static keyboard_t *s_keyboard;
static buffer_t s_orders;
static screen_state_t s_state;

/*  Friday 27 November 2026, 10:00 UTC, in ms.                                  */
static const uint64_t s_noon = 1795773600000;

static inline void stage_orders (void)
{
    static const char *const words[] = {
        [SCREEN_ENTER] = "enter",     [SCREEN_DO] = "do",
        [SCREEN_TYPING] = "typing",   [SCREEN_FOCUS] = "focus",
        [SCREEN_LOOKED] = "looked",   [SCREEN_FETCH] = "fetch",
        [SCREEN_LEAVE] = "leave",     [SCREEN_INTERRUPT] = "interrupt",
        [SCREEN_SUSPEND] = "suspend", [SCREEN_REDRAW] = "redraw",
        [SCREEN_BELL] = "bell",       [SCREEN_REMEMBER] = "remember",
        [SCREEN_EDIT] = "edit",       [SCREEN_OPEN] = "open",
        [SCREEN_COPY] = "copy",       [SCREEN_NOTIFY] = "notify"};
    screen_order_t order;
    while (screen_next (s_screen, &order)) {
        if (order.kind == SCREEN_TYPING || order.kind == SCREEN_REMEMBER)
            continue;
        buffer_string (&s_orders, words[order.kind]);
        if (order.name)
            buffer_format (&s_orders, " %s%s", order.person ? "@" : "", order.name);
        if (order.kind == SCREEN_DO)
            buffer_format (&s_orders, " %d", (int)order.command.kind);
        if (order.kind == SCREEN_DO && order.command.seq)
            buffer_format (&s_orders, " #%d", (int)order.command.seq);
        if (order.kind == SCREEN_DO && order.command.text)
            buffer_format (&s_orders, " %.*s", (int)order.command.size, order.command.text);
        else if (order.text)
            buffer_format (&s_orders, "%s %s", order.literal ? " literal" : "", order.text);
        if (order.seq)
            buffer_format (&s_orders, " %lld", (long long)order.seq);
        if (order.kind == SCREEN_FETCH)
            buffer_format (&s_orders, " after %lld before %lld", (long long)order.after,
                           (long long)order.before);
        buffer_string (&s_orders, "\n");
        if (order.kind == SCREEN_ENTER || order.kind == SCREEN_DO)
            screen_entered (s_screen, ZCHAT_OK);
    }
}

static inline void orders_are (const char *text)
{
    assert_string_equal (s_orders.data ? s_orders.data : "", text);
    buffer_clear (&s_orders);
}

static inline void draw (int columns, int rows)
{
    screen_state (s_screen, &s_state);
    screen_draw (s_screen, s_grid, rows, columns);
    stage_orders ();
}

/*  Hand in what the keyboard sends.                                            */
static inline void keys (const char *bytes)
{
    keyboard_stroke_t stroke;
    screen_state (s_screen, &s_state);
    keyboard_feed (s_keyboard, bytes, strlen (bytes));
    for (int i = 0; i < 2; i++) {
        while (keyboard_next (s_keyboard, &stroke)) {
            screen_key (s_screen, &stroke);
            stage_orders ();
        }
        keyboard_flush (s_keyboard);
    }
}

static inline void happens (talk_event_t event)
{
    screen_event (s_screen, &event);
    stage_orders ();
}

static inline void opened (const char *name, bool person)
{
    happens ((talk_event_t){.kind = TALK_OPENED, .conversation = {.name = name, .person = person}});
}

static inline void focused (const char *name, bool person)
{
    happens ((talk_event_t){.kind = TALK_FOCUS, .conversation = {.name = name, .person = person}});
}

static inline void unread (const char *name, bool person, size_t count, size_t urgent)
{
    happens ((talk_event_t){
        .kind = TALK_UNREAD,
        .conversation = {.name = name, .person = person, .unread = count, .urgent = urgent}});
}

static inline void entered (const char *room, const char *topic, uint64_t members, uint64_t seq,
                            uint64_t read)
{
    zchat_event_t event = {.kind = ZCHAT_EVENT_JOINED,
                           .room = room,
                           .text = topic,
                           .members = members,
                           .seq = seq,
                           .read = read};
    happens ((talk_event_t){.kind = TALK_ENTERED, .room = {.event = &event}});
}

static inline void message (zchat_event_t event)
{
    if (!event.kind)
        event.kind = ZCHAT_EVENT_MESSAGE;
    if (event.body && !event.body_size)
        event.body_size = strlen (event.body);
    if (!event.time_ms)
        event.time_ms = s_noon + event.seq * 60000;
    bool direct = strcmp (event.room, "@") == 0;
    happens (
        (talk_event_t){.kind = direct ? TALK_DIRECT : TALK_MESSAGE,
                       .message = {.event = &event, .past = event.kind == ZCHAT_EVENT_HISTORY}});
}

static inline void said (const char *room, const char *user, const char *text, uint64_t seq)
{
    message ((zchat_event_t){.type = ZCHAT_TYPE_SAY,
                             .room = room,
                             .user = user,
                             .body = text,
                             .seq = seq,
                             .own = strcmp (user, "maria") == 0});
}

/*  So many messages of one room, "line 1" and so on.                           */
static inline void said_many (const char *room, uint64_t first, uint64_t last, bool past)
{
    char text[32];
    for (uint64_t seq = first; seq <= last; seq++) {
        snprintf (text, sizeof text, "line %d", (int)seq);
        message ((zchat_event_t){.kind = past ? ZCHAT_EVENT_HISTORY : ZCHAT_EVENT_MESSAGE,
                                 .type = ZCHAT_TYPE_SAY,
                                 .room = room,
                                 .user = seq % 2 ? "chen" : "ivan",
                                 .body = text,
                                 .seq = seq});
    }
}

static inline void page (const char *room, uint64_t lowest, uint64_t highest)
{
    happens ((talk_event_t){.kind = TALK_PAGE,
                            .page = {.name = room, .lowest = lowest, .highest = highest}});
}

static inline char *screen_text (void)
{
    buffer_t text = {NULL, 0, 0};
    for (int row = 0; row < grid_rows (s_grid); row++) {
        char *line = grid_text (s_grid, row);
        buffer_format (&text, "%s\n", line);
        free (line);
    }
    return buffer_take (&text);
}

/*  The screen, in this size, is that of the file.                              */
static inline void screen_is (const char *name, int columns, int rows)
{
    draw (columns, rows);
    char *path = memory_format ("%s/%s-%dx%d.txt", ZCHAT_GOLDEN, name, columns, rows);
    char *text = screen_text (), wanted[65536];
    bool writes = getenv ("ZCHAT_GOLDEN_WRITE") != NULL;
    FILE *file = fopen (path, writes ? "w" : "r");
    if (!file)
        fail_msg ("%s cannot be opened", path);
    if (writes)
        fputs (text, file);
    else {
        wanted[fread (wanted, 1, sizeof wanted - 1, file)] = 0;
        if (strcmp (wanted, text) != 0)
            fail_msg ("%s is not\n%s", path, text);
    }
    fclose (file);
    free (path);
    free (text);
}

/*  A text is somewhere on the screen, or is not.                               */
static inline bool shows (const char *part)
{
    char *text = screen_text ();
    bool found = strstr (text, part) != NULL;
    free (text);
    return found;
}

static inline int stage_open (void **state)
{
    (void)state;
    setenv ("TZ", "UTC", 1);
    width_begin ();
    s_screen = screen_new ("tcp://127.0.0.1:1");
    s_grid = grid_new ();
    s_keyboard = keyboard_new ();
    s_state = (screen_state_t){
        .talk = {.name = "lobby", .own = "maria"}, .now_ms = s_noon, .focused = true};
    opened ("lobby", false);
    focused ("lobby", false);
    draw (80, 24);
    buffer_clear (&s_orders);
    return 0;
}

static inline int stage_close (void **state)
{
    (void)state;
    screen_destroy (&s_screen);
    grid_destroy (&s_grid);
    keyboard_destroy (&s_keyboard);
    buffer_free (&s_orders);
    return 0;
}

#endif
