/*  screen_found.c - what was found, as a window                                */
#include "memory.h"
#include "screen_private.h"
#include <inttypes.h>
#include <time.h>

static uint64_t number_of (const json_t *object, const char *key)
{
    json_int_t number = json_integer_value (json_object_get (object, key));
    return number > 0 ? (uint64_t)number : 0;
}

static void add_hit (window_t *window, const json_t *hit)
{
    const char *room = json_string_value (json_object_get (hit, "room"));
    const char *user = json_string_value (json_object_get (hit, "user"));
    const json_t *text = json_object_get (hit, "text");
    const char *type = json_string_value (json_object_get (hit, "type"));
    uint64_t seq = number_of (hit, "seq"), time_ms = number_of (hit, "time");
    time_t seconds = (time_t)(time_ms / 1000);
    bool direct = room && strcmp (room, "@") == 0;
    struct tm parts;
    char date[32] = "";
    if (!room || !user || !json_is_string (text) || strlen (user) > ZCHAT_NAME_MAX)
        return;
    if (!localtime_r (&seconds, &parts) || strftime (date, sizeof date, "%Y-%m-%d", &parts) == 0)
        *date = 0;
    buffer_t shown = {NULL, 0, 0};
    buffer_format (&shown, "%s %s%s %s: ", date, direct ? "@" : "", direct ? user : room,
                   type && strcmp (type, "told") == 0 ? "you" : user);
    buffer_add (&shown, json_string_value (text), json_string_length (text));
    line_t *line = window_note (window, shown.data, STYLE_TEXT, time_ms);
    line->kind = LINE_FOUND;
    line->number = seq;
    line->place = memory_format ("%s%s", direct ? "@" : "", direct ? user : room);
    buffer_free (&shown);
}

void screen_found (screen_t *screen, const char *json)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *hits = json_object_get (reply, "hits");
    bool more = json_object_get (reply, "next") != NULL;
    window_t *window = NULL;
    for (size_t i = 0; i < screen->n_windows; i++)
        if (screen->windows[i]->kind == WINDOW_FOUND)
            window = screen->windows[i];
    if (!json_is_array (hits) || json_array_size (hits) == 0) {
        screen_note (screen, !json_is_array (hits) ? "the broker's answer cannot be understood"
                             : more ? "nothing found so far; say more words, or before:DATE"
                                    : "nothing found");
        json_decref (reply);
        return;
    }
    if (!window)
        window = screen_open (screen, WINDOW_FOUND, "found");
    if (window) {
        window_empty (window);
        window->live = window->begins = true;
        for (size_t i = json_array_size (hits); i-- > 0;) /* the newest stands at the bottom */
            add_hit (window, json_array_get (hits, i));
        screen_show (screen, window, false);
        window->bottom = NULL;
        screen->cursor = window->n_lines ? window->lines[window->n_lines - 1] : NULL;
    }
    json_decref (reply);
}
