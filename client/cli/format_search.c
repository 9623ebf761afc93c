/*  format_search.c - how what was found, and what is unread, reads as lines    */
#include "format_private.h"
#include "i18n.h"
#include <inttypes.h>
#include <string.h>
#include <time.h>

#define BOLD  "\033[1m"
#define RESET "\033[22m"

static uint64_t number_of (const json_t *object, const char *key)
{
    json_int_t number = json_integer_value (json_object_get (object, key));
    return number > 0 ? (uint64_t)number : 0;
}

/*  True where the bytes from at to end are whole characters of the text.      */
static bool whole (const char *text, size_t size, uint64_t at, uint64_t end)
{
    return at <= end && end <= size && (at == size || ((unsigned char)text[at] & 0xC0) != 0x80) &&
           (end == size || ((unsigned char)text[end] & 0xC0) != 0x80);
}

/*  Append the text of a hit, with the places that were found in bold where there are colours. */
static void add_found (buffer_t *line, const json_t *hit, const format_t *format)
{
    const json_t *text = json_object_get (hit, "text"), *found = json_object_get (hit, "found");
    const char *bytes = json_string_value (text);
    size_t size = json_string_length (text), at = 0;
    for (size_t i = 0; bytes && format->colour && i < json_array_size (found); i++) {
        const json_t *place = json_array_get (found, i);
        json_int_t begin = json_integer_value (json_array_get (place, 0));
        json_int_t length = json_integer_value (json_array_get (place, 1));
        if (begin < (json_int_t)at || length <= 0 || begin > (json_int_t)size ||
            length > (json_int_t)size ||
            !whole (bytes, size, (uint64_t)begin, (uint64_t)(begin + length)))
            continue;
        format_add_peer (line, bytes + at, (size_t)begin - at);
        buffer_string (line, BOLD);
        format_add_peer (line, bytes + begin, (size_t)length);
        buffer_string (line, RESET);
        at = (size_t)(begin + length);
    }
    format_add_peer (line, bytes ? bytes + at : "", size - at);
}

static void add_line (buffer_t *lines, buffer_t *text, const format_t *format)
{
    char *line = format_remark ("--", NULL, 0, text, format);
    buffer_string (lines, lines->size > 0 ? "\n" : "");
    buffer_string (lines, line);
    free (line);
}

static void add_hit (buffer_t *lines, const json_t *hit, const format_t *format)
{
    buffer_t text = {NULL, 0, 0};
    const char *type = json_string_value (json_object_get (hit, "type"));
    const char *room = json_string_value (json_object_get (hit, "room"));
    time_t seconds = (time_t)(number_of (hit, "time") / 1000);
    struct tm parts;
    char date[32];
    if (room && strcmp (room, "@") == 0)
        buffer_string (&text, "(direct)");
    else
        format_add_member (&text, hit, "room");
    buffer_format (&text, " #%" PRIu64 " ", number_of (hit, "seq"));
    if (localtime_r (&seconds, &parts) &&
        strftime (date, sizeof date, "%Y-%m-%d %H:%M ", &parts) > 0)
        buffer_string (&text, date);
    buffer_string (&text, type && strcmp (type, "told") == 0 ? _ ("you -> ") : "");
    format_add_member (&text, hit, "user");
    buffer_string (&text, type && strcmp (type, "topic") == 0 ? _ (" set the topic: ") : ": ");
    add_found (&text, hit, format);
    add_line (lines, &text, format);
}

char *format_search (const char *json, const format_t *format)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *hits = json_object_get (reply, "hits");
    buffer_t lines = {NULL, 0, 0}, text = {NULL, 0, 0};
    if (!json_is_array (hits)) {
        json_decref (reply);
        return format_not_understood (format);
    }
    for (size_t i = json_array_size (hits); i-- > 0;) /* the newest stands at the bottom */
        add_hit (&lines, json_array_get (hits, i), format);
    uint64_t behind = number_of (reply, "behind");
    bool more = json_object_get (reply, "next") != NULL;
    if (json_array_size (hits) == 0)
        buffer_string (&text, more ? _ ("nothing found so far") : _ ("nothing found"));
    else
        buffer_format (&text, _ ("%zu found"), json_array_size (hits));
    if (more)
        buffer_string (&text,
                       _ (", and there may be more: say more words, before:DATE, or from the "
                          "shell zchat search --all"));
    if (behind > 0)
        buffer_format (&text, _ ("; %" PRIu64 " messages are not searched yet"), behind);
    add_line (&lines, &text, format);
    json_decref (reply);
    return buffer_take (&lines);
}

char *format_unread (const char *json, const format_t *format)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *rooms = json_object_get (reply, "rooms");
    buffer_t lines = {NULL, 0, 0}, text = {NULL, 0, 0};
    if (!json_is_array (rooms)) {
        json_decref (reply);
        return format_not_understood (format);
    }
    for (size_t i = 0; i < json_array_size (rooms); i++) {
        const json_t *room = json_array_get (rooms, i);
        const char *name = json_string_value (json_object_get (room, "room"));
        uint64_t unread = format_unread_count (room), mentions = number_of (room, "mentions");
        if (!name || (unread == 0 && mentions == 0))
            continue;
        if (strcmp (name, "@") == 0)
            buffer_string (&text, _ ("direct messages"));
        else
            format_add_member (&text, room, "room");
        buffer_format (&text, _ (": %" PRIu64 " unread"), unread);
        if (mentions > 0)
            buffer_format (&text,
                           ngettext (", %" PRIu64 " of them mentions you",
                                     ", %" PRIu64 " of them mention you", mentions),
                           mentions);
        add_line (&lines, &text, format);
    }
    if (lines.size == 0) {
        buffer_string (&text, _ ("nothing is unread"));
        add_line (&lines, &text, format);
    }
    json_decref (reply);
    return buffer_take (&lines);
}

uint64_t format_unread_count (const json_t *room)
{
    uint64_t read = number_of (room, "read"), head = number_of (room, "head");
    uint64_t first = number_of (room, "first");
    if (!json_object_get (room, "read")) /* there is a mention, and no marker   */
        return number_of (room, "mentions");
    uint64_t from = first > read + 1 ? first : read + 1;
    return head >= from ? head - from + 1 : 0;
}
