/*  format_reply.c - how the answers to questions read */
#include "format_private.h"
#include "i18n.h"
#include <inttypes.h>
#include <string.h>

char *format_not_understood (const format_t *format)
{
    return format_notice (_ ("the broker's answer cannot be understood"), 0, format);
}

void format_add_member (buffer_t *buffer, const json_t *object, const char *key)
{
    const json_t *value = json_object_get (object, key);
    format_add_peer (buffer, json_string_value (value), json_string_length (value));
}

/*  Append who is away, and why: "; away: anna (lunch), boris (back at 3)".    */
static void add_away (buffer_t *text, const json_t *away)
{
    const char *name;
    json_t *why;
    bool any = false;
    json_object_foreach ((json_t *)away, name, why)
    {
        buffer_string (text, any ? ", " : _ ("; away: "));
        format_add_string (text, name);
        format_add_reason (text, json_string_value (why), json_string_length (why));
        any = true;
    }
}

char *format_who (const char *json, const format_t *format)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *users = json_object_get (reply, "users");
    const json_t *members = json_object_get (reply, "members");
    if (!json_is_string (json_object_get (reply, "room")) || !json_is_array (users) ||
        !json_is_integer (members)) {
        json_decref (reply);
        return format_not_understood (format);
    }
    buffer_t text = {NULL, 0, 0};
    json_int_t count = json_integer_value (members);
    buffer_format (&text, _ ("%lld in "), count);
    format_add_member (&text, reply, "room");
    if (json_array_size (users) > 0) {
        buffer_string (&text, ": ");
        format_add_names (&text, users, ZCHAT_LIST_MAX);
    }
    json_int_t named = (json_int_t)json_array_size (users);
    if (count > named)
        buffer_format (&text, _ (" and %lld more"), count - named);
    add_away (&text, json_object_get (reply, "away"));
    json_decref (reply);
    return format_remark ("--", NULL, 0, &text, format);
}

char *format_rooms (const char *json, const format_t *format)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *rooms = json_object_get (reply, "rooms");
    if (!json_is_array (rooms)) {
        json_decref (reply);
        return format_not_understood (format);
    }
    buffer_t lines = {NULL, 0, 0};
    for (size_t i = 0; i < json_array_size (rooms); i++) {
        const json_t *room = json_array_get (rooms, i);
        buffer_t text = {NULL, 0, 0};
        format_add_member (&text, room, "room");
        buffer_format (&text, _ (": %lld here, %lld messages so far"),
                       json_integer_value (json_object_get (room, "members")),
                       json_integer_value (json_object_get (room, "head")));
        if (json_is_true (json_object_get (room, "private")))
            buffer_string (&text, _ ("; private"));
        if (json_string_length (json_object_get (room, "topic")) > 0) {
            buffer_string (&text, "; ");
            format_add_member (&text, room, "topic");
        }
        char *line = format_remark ("--", NULL, 0, &text, format);
        buffer_string (&lines, lines.size > 0 ? "\n" : "");
        buffer_string (&lines, line);
        free (line);
    }
    if (lines.size == 0 || json_is_true (json_object_get (reply, "more"))) {
        char *line =
            format_notice (lines.size == 0 ? _ ("no rooms yet") : _ ("and more rooms"), 0, format);
        buffer_string (&lines, lines.size > 0 ? "\n" : "");
        buffer_string (&lines, line);
        free (line);
    }
    json_decref (reply);
    return buffer_take (&lines);
}

char *format_topic (const char *json, const format_t *format)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *topic = json_object_get (reply, "topic");
    if (!json_is_string (topic)) {
        json_decref (reply);
        return format_not_understood (format);
    }
    buffer_t text = {NULL, 0, 0};
    if (json_string_length (topic) > 0) {
        buffer_string (&text, _ ("topic of "));
        format_add_member (&text, reply, "room");
        buffer_string (&text, ": ");
        format_add_member (&text, reply, "topic");
        if (json_string_length (json_object_get (reply, "by")) > 0) {
            buffer_string (&text, " (");
            format_add_member (&text, reply, "by");
            buffer_string (&text, ")");
        }
    } else {
        buffer_string (&text, _ ("no topic is set in "));
        format_add_member (&text, reply, "room");
    }
    json_decref (reply);
    return format_remark ("--", NULL, 0, &text, format);
}

/*  Append one more line.                                                      */
static void add_line (buffer_t *lines, buffer_t *text, const format_t *format)
{
    char *line = format_remark ("--", NULL, 0, text, format);
    buffer_string (lines, lines->size > 0 ? "\n" : "");
    buffer_string (lines, line);
    free (line);
}

static void add_people (buffer_t *lines, const json_t *reply, const char *key, const char *label,
                        const format_t *format)
{
    const json_t *names = json_object_get (reply, key);
    buffer_t text = {NULL, 0, 0};
    if (json_array_size (names) == 0)
        return;
    buffer_string (&text, label);
    format_add_names (&text, names, ZCHAT_LIST_MAX);
    add_line (lines, &text, format);
}

/*  Append lines such as "-- banned: eve until 12:30 by alice (spam)".         */
static void add_sentences (buffer_t *lines, const json_t *reply, const char *key, const char *label,
                           const format_t *format)
{
    const json_t *all = json_object_get (reply, key);
    for (size_t i = 0; i < json_array_size (all); i++) {
        const json_t *one = json_array_get (all, i);
        const json_t *reason = json_object_get (one, "reason");
        buffer_t text = {NULL, 0, 0};
        buffer_string (&text, label);
        format_add_member (&text, one, "user");
        format_add_until (&text, json_object_get (one, "until"));
        if (json_string_length (json_object_get (one, "by")) > 0) {
            buffer_string (&text, _ (" by "));
            format_add_member (&text, one, "by");
        }
        format_add_reason (&text, json_string_value (reason), json_string_length (reason));
        add_line (lines, &text, format);
    }
}

/*  Append the lines about one's own mailbox.                                  */
static void add_mailbox (buffer_t *lines, const json_t *reply, const format_t *format)
{
    buffer_t text = {NULL, 0, 0};
    bool locked = json_is_true (json_object_get (reply, "locked"));
    buffer_string (&text,
                   locked ? _ ("direct messages: only from people you have written to or allowed")
                          : _ ("direct messages: from everybody"));
    if (json_array_size (json_object_get (reply, "bans")) > 0)
        buffer_string (&text, _ (", except the ignored"));
    add_line (lines, &text, format);
    add_people (lines, reply, "allowed", _ ("allowed: "), format);
    add_sentences (lines, reply, "bans", _ ("ignored: "), format);
}

char *format_modes (const char *json, const format_t *format)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    if (!json_is_string (json_object_get (reply, "room"))) {
        json_decref (reply);
        return format_not_understood (format);
    }
    buffer_t text = {NULL, 0, 0}, lines = {NULL, 0, 0};
    bool closed = json_is_true (json_object_get (reply, "closed"));
    if (strcmp (json_string_value (json_object_get (reply, "room")), "@") == 0) {
        add_mailbox (&lines, reply, format);
        json_decref (reply);
        return buffer_take (&lines);
    }
    format_add_member (&text, reply, "room");
    buffer_string (&text, json_is_true (json_object_get (reply, "private")) ? _ (": private")
                                                                            : _ (": public"));
    if (json_is_true (json_object_get (reply, "locked")))
        buffer_string (&text, _ (", only operators set the topic"));
    buffer_string (&text, closed ? _ (", closed") : "");
    add_line (&lines, &text, format);
    add_people (&lines, reply, "operators", _ ("operators: "), format);
    add_people (&lines, reply, "members", _ ("members: "), format);
    add_sentences (&lines, reply, "bans", _ ("banned: "), format);
    add_sentences (&lines, reply, "mutes", _ ("muted: "), format);
    json_decref (reply);
    return buffer_take (&lines);
}

char *format_keys (const char *json, const format_t *format)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *keys = json_object_get (reply, "keys");
    if (!json_is_string (json_object_get (reply, "user")) || !json_is_array (keys)) {
        json_decref (reply);
        return format_not_understood (format);
    }
    buffer_t text = {NULL, 0, 0}, lines = {NULL, 0, 0};
    size_t n = json_array_size (keys);
    format_add_member (&text, reply, "user");
    buffer_format (&text, ngettext (" has %zu key", " has %zu keys", n), n);
    if (!json_is_true (json_object_get (reply, "proven")))
        buffer_string (&text, _ ("; the name is not proven"));
    add_line (&lines, &text, format);
    for (size_t i = 0; i < n; i++) {
        const json_t *key = json_array_get (keys, i);
        format_add_peer (&text, json_string_value (key), json_string_length (key));
        add_line (&lines, &text, format);
    }
    json_decref (reply);
    return buffer_take (&lines);
}
