/*  test_format.c - how events read, and that no peer can write beyond its own line */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "format.h"
#include "width.h"

static const format_t plain = {.endpoint = "tcp://h:1"};

static zchat_event_t message (zchat_type_t type, const char *user, const char *body)
{
    return (zchat_event_t){.kind = ZCHAT_EVENT_MESSAGE,
                           .type = type,
                           .room = "lobby",
                           .user = user,
                           .body = body,
                           .body_size = body ? strlen (body) : 0,
                           .seq = 1,
                           .time_ms = 1732092545000};
}

static void check (const zchat_event_t *event, const format_t *format, const char *expected)
{
    char *line = format_event (event, format);
    if (!expected)
        assert_null (line);
    else
        assert_string_equal (line, expected);
    free (line);
}

static void check_message (zchat_type_t type, const char *user, const char *body,
                           const char *expected)
{
    zchat_event_t event = message (type, user, body);
    check (&event, &plain, expected);
    event.kind = ZCHAT_EVENT_HISTORY;
    check (&event, &plain, expected);
}

static void messages_read_plainly (void **state)
{
    check_message (ZCHAT_TYPE_SAY, "bob", "hello", "bob: hello");
    check_message (ZCHAT_TYPE_ACTION, "bob", "waves", "* bob waves");
    check_message (ZCHAT_TYPE_TOPIC, "bob", "snacks", "* bob set the topic: snacks");
    check_message (ZCHAT_TYPE_TOPIC, "bob", "", "* bob cleared the topic");
    check_message (ZCHAT_TYPE_JOIN, "bob", NULL, "* bob joined");
    check_message (ZCHAT_TYPE_LEAVE, "bob", NULL, "* bob left");
    check_message (ZCHAT_TYPE_SAY, NULL, NULL, "guest: ");
    check_message ((zchat_type_t)99, "bob", "?", NULL);
}

static void peers_cannot_break_a_plain_line (void **state)
{
    check_message (ZCHAT_TYPE_SAY, "bob", "a\nalice: b\r\033[2J", "bob: a^Jalice: b^M^[[2J");
    check_message (ZCHAT_TYPE_SAY, "b\nob\033", "x", "b^Job^[: x");
    check_message (ZCHAT_TYPE_TOPIC, "bob", "a\nb\a", "* bob set the topic: a^Jb^G");
    check_message (ZCHAT_TYPE_JOIN, "bob\n* eve", NULL, "* bob^J* eve joined");
}

static void rooms_are_named_where_there_are_several (void **state)
{
    format_t format = {.room = true};
    zchat_event_t event = message (ZCHAT_TYPE_SAY, "bob", "hello");
    check (&event, &format, "[lobby] bob: hello");
    event.room = "l\033x";
    check (&event, &format, "[l^[x] bob: hello");
    event = message (ZCHAT_TYPE_JOIN, "bob", NULL);
    check (&event, &format, "[lobby] * bob joined");
}

static void time_is_local (void **state)
{
    format_t format = {.time = true};
    setenv ("TZ", "UTC", 1);
    tzset ();
    zchat_event_t event = message (ZCHAT_TYPE_SAY, "bob", "hello");
    check (&event, &format, "08:49 bob: hello");
    setenv ("TZ", "XXX-3:30", 1);
    tzset ();
    check (&event, &format, "12:19 bob: hello");
    event.time_ms = UINT64_MAX; /* no calendar holds it, no crash */
    char *line = format_event (&event, &format);
    assert_int_equal (strlen (line), strlen ("12:19 bob: hello"));
    free (line);
    setenv ("TZ", "UTC", 1);
    tzset ();
}

static void merged_presence_names_people (void **state)
{
    zchat_event_t event = message (ZCHAT_TYPE_PRESENCE, NULL, NULL);
    event.data = "{\"join\":[\"a\",\"b\\u001b\"],\"leave\":[\"c\"],\"members\":99}";
    check (&event, &plain, "* a, b^[ joined; c left (99 here)");
    event.data = "{\"members\":99}";
    check (&event, &plain, "* 99 here");
    event.data = "{\"join\":[1,{},\"x\"],\"leave\":7}";
    check (&event, &plain, "* x joined");
    event.data = "[";
    check (&event, &plain, NULL);
    event.data = NULL;
    check (&event, &plain, NULL);
}

static void lost_connections_are_told_to_people (void **state)
{
    format_t format = {.time = true};
    zchat_event_t event = message (ZCHAT_TYPE_LEAVE, "bob", NULL);
    event.data = "{\"members\":1,\"reason\":\"lost\"}";
    check (&event, &format, "08:49 * bob left (connection lost)");
    check (&event, &plain, "* bob left");
    event.data = "{\"reason\":{}}";
    check (&event, &format, "08:49 * bob left");
}

static void the_connection_is_spoken_of (void **state)
{
    zchat_event_t event = {.kind = ZCHAT_EVENT_CONNECTED, .text = "zchatd 0.1.0\n"};
    check (&event, &plain, "-- connected to tcp://h:1 (zchatd 0.1.0^J)");
    event = (zchat_event_t){.kind = ZCHAT_EVENT_DISCONNECTED, .text = "connection refused"};
    check (&event, &plain, "-- no connection to tcp://h:1: connection refused; trying again");
    event = (zchat_event_t){.kind = ZCHAT_EVENT_REFUSED, .status = ZCHAT_TAKEN};
    check (&event, &plain,
           "-- refused by tcp://h:1: this name is held by somebody else; choose another");
}

static void rooms_and_trouble_are_spoken_of (void **state)
{
    zchat_event_t event = {.kind = ZCHAT_EVENT_JOINED, .room = "dev", .members = 3};
    check (&event, &plain, "-- you are in dev, 3 here");
    event.text = "to\033pic";
    event.user = "bob";
    check (&event, &plain, "-- you are in dev, 3 here; topic: to^[pic (bob)");
    event = (zchat_event_t){.kind = ZCHAT_EVENT_PARTED, .room = "dev"};
    check (&event, &plain, "-- you left dev");
    event.status = ZCHAT_LIMIT;
    event.text = "full";
    check (&event, &plain, "-- you are not in dev: full");
    event = (zchat_event_t){.kind = ZCHAT_EVENT_LOST, .room = "dev", .count = 1, .seq = 9};
    check (&event, &plain,
           "-- 1 message before number 9 of dev is gone: the broker no longer keeps it");
    event.count = 12;
    check (&event, &plain,
           "-- 12 messages before number 9 of dev are gone: the broker no longer keeps them");
    event = (zchat_event_t){.kind = ZCHAT_EVENT_FAILED, .status = ZCHAT_LIMIT, .text = "too\nbig"};
    check (&event, &plain, "-- a message was not sent: too^Jbig");
    event.kind = ZCHAT_EVENT_UNKNOWN;
    check (&event, &plain, "-- a message may or may not have been sent: too^Jbig");
    event.user = "bob";
    check (&event, &plain, "-- a message to bob may or may not have been sent: too^Jbig");
    event.kind = ZCHAT_EVENT_FAILED;
    check (&event, &plain, "-- a message to bob was not sent: too^Jbig");
    event.user = NULL;
    event.kind = ZCHAT_EVENT_WARNING;
    check (&event, &plain, "-- too^Jbig");
    event.room = "dev";
    check (&event, &plain, "-- dev: too^Jbig");
    event.room = "@";
    check (&event, &plain, "-- direct messages: too^Jbig");
    event.kind = ZCHAT_EVENT_SENT;
    check (&event, &plain, NULL);
    event.kind = ZCHAT_EVENT_REPLY;
    check (&event, &plain, NULL);
}

static void colours_are_stable_and_asked_for (void **state)
{
    format_t format = {.colour = true, .time = true, .room = true};
    zchat_event_t event = message (ZCHAT_TYPE_SAY, "bob", "hello");
    char *line = format_event (&event, &format);
    assert_non_null (strstr (line, format_colour ("bob")));
    assert_ptr_equal (format_colour ("bob"), format_colour ("bob"));
    assert_true (strlen (line) > 0 && strstr (line, "\033[0m"));
    free (line);
    bool differ = false;
    for (char name[2] = "a"; *name <= 'z'; (*name)++)
        differ = differ || strcmp (format_colour (name), format_colour ("a")) != 0;
    assert_true (differ);
    format.colour = false;
    line = format_event (&event, &format);
    assert_null (strchr (line, '\033'));
    free (line);
}

static void check_wrapped (const char *body, int columns, const char *expected)
{
    format_t format = {.columns = columns};
    zchat_event_t event = message (ZCHAT_TYPE_SAY, "bob", body);
    check (&event, &format, expected);
}

static void bodies_are_wrapped_behind_an_indent (void **state)
{
    check_wrapped ("one two three four", 16, "bob: one two\n     three four");
    check_wrapped ("one\ntwo", 80, "bob: one\n     two");
    check_wrapped ("one\n\ntwo", 80, "bob: one\n     \n     two");
    check_wrapped ("exactly 11x", 16, "bob: exactly 11x");
    check_wrapped ("exactly 11x y", 16, "bob: exactly 11x\n     y");
    check_wrapped ("", 16, "bob: ");
}

/*  So that an address can be clicked and copied: the terminal knows that it goes on.  */
static void words_longer_than_a_line_are_left_whole (void **state)
{
    check_wrapped ("abcdefghijklmnopqrstuvwxyz", 16, "bob: abcdefghijklmnopqrstuvwxyz");
    check_wrapped ("a abcdefghijklmnopqrstuvwxyz", 16, "bob: a abcdefghijklmnopqrstuvwxyz");
    check_wrapped ("abcdefghijklmnopqrstuvwxyz a b", 16,
                   "bob: abcdefghijklmnopqrstuvwxyz\n     a b");
    /*  Nothing follows the end of one: that stands where times and names do.  */
    check_wrapped ("abcdefghijk12:00 bob: hi", 16, "bob: abcdefghijk12:00\n     bob: hi");
    check_wrapped ("see https://example.org/a/b?c=d ok", 16,
                   "bob: see https://example.org/a/b?c=d\n     ok");
    /*  What has blanks of any kind is broken there, Han and Kana anywhere.    */
    check_wrapped ("abcdefghijk\xc2\xa0"
                   "12:00\xe2\x80\x83"
                   "bob:\xe3\x80\x80hi\xe2\xa0\x80there",
                   16, "bob: abcdefghijk\n     12:00 bob:\n     hi there");
    check_wrapped (
        "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 16,
        "bob: \xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\n     \xe4\xb8\xad");
}

static void random_bodies_never_reach_the_first_column (void **state)
{
    static const char *const pieces[] = {"a",       "word",         " ",         "      ",  "\n",
                                         "\t",      "\xe4\xb8\xad", "e\xcc\x81", "\033[1G", "\r",
                                         "alice: ", "\xff",         "longer"};
    uint32_t seed = 3;
    for (int round = 0; round < 3000; round++) {
        char body[1024] = "";
        bool after_word = false;
        for (int i = 0; i < 12; i++) {
            seed = seed * 1664525u + 1013904223u;
            size_t used = strlen (body);
            const char *piece = pieces[(seed >> 16) % (sizeof pieces / sizeof *pieces)];
            bool word = *piece != ' ' && *piece != '\n' && *piece != '\t';
            /*  No word is longer than a line: the terminal would wrap it.     */
            snprintf (body + used, sizeof body - used, "%s%s", after_word && word ? " " : "",
                      piece);
            after_word = word;
        }
        format_t format = {.columns = 16 + (int)(seed >> 24) % 30};
        zchat_event_t event = message (ZCHAT_TYPE_SAY, "bob", body);
        char *line = format_event (&event, &format);
        for (char *at = line; at;) {
            char *next = strchr (at, '\n');
            size_t size = next ? (size_t)(next - at) : strlen (at);
            assert_true (width_columns (at, size) <= format.columns);
            assert_memory_equal (at, at == line ? "bob: " : "     ", 5);
            assert_null (memchr (at, '\033', size));
            at = next ? next + 1 : NULL;
        }
        free (line);
    }
}

static void check_reply (char *(*reply) (const char *, const format_t *), const char *json,
                         const char *expected)
{
    char *line = reply (json, &plain);
    assert_string_equal (line, expected);
    free (line);
}

static void replies_are_told (void **state)
{
    check_reply (format_who, "{\"room\":\"dev\",\"members\":2,\"users\":[\"a\",\"b\\u0007\"]}",
                 "-- 2 in dev: a, b^G");
    check_reply (format_who, "{\"room\":\"dev\",\"members\":0,\"users\":[]}", "-- 0 in dev");
    check_reply (format_who, "{\"room\":\"dev\",\"members\":5,\"users\":[\"a\"]}",
                 "-- 5 in dev: a and 4 more");
    check_reply (format_rooms,
                 "{\"rooms\":[{\"room\":\"a\",\"head\":7,\"members\":1,\"topic\":\"t\\n\"},"
                 "{\"room\":\"b\"}],\"more\":true}",
                 "-- a: 1 here, 7 messages so far; t^J\n-- b: 0 here, 0 messages so far\n"
                 "-- and more rooms");
    check_reply (format_rooms, "{\"rooms\":[],\"more\":false}", "-- no rooms yet");
    check_reply (format_topic, "{\"room\":\"a\",\"topic\":\"t\",\"by\":\"bob\",\"time\":1}",
                 "-- topic of a: t (bob)");
    check_reply (format_topic, "{\"room\":\"a\",\"topic\":\"\"}", "-- no topic is set in a");
}

static void broken_replies_are_told (void **state)
{
    static const char *const broken[] = {NULL,
                                         "",
                                         "{",
                                         "[]",
                                         "7",
                                         "{}",
                                         "{\"rooms\":{}}",
                                         "{\"room\":1,\"members\":\"x\",\"users\":{}}",
                                         "{\"topic\":[]}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        check_reply (format_who, broken[i], "-- the broker's answer cannot be understood");
        check_reply (format_rooms, broken[i], "-- the broker's answer cannot be understood");
        check_reply (format_topic, broken[i], "-- the broker's answer cannot be understood");
        check_reply (format_keys, broken[i], "-- the broker's answer cannot be understood");
        if (!broken[i] || !strstr (broken[i], "\"room\""))
            check_reply (format_modes, broken[i], "-- the broker's answer cannot be understood");
    }
    check_reply (format_rooms, "{\"rooms\":[1,null]}",
                 "-- : 0 here, 0 messages so far\n-- : 0 here, 0 messages so far");
}

/*  What a terminal, or an eye, might be led astray by.                        */
#define WILD "\033[2J\n\r\a\xc2\x9b\xe2\x80\xae\xe2\x80\x8b\xe2\x81\xa6\xe2\x80\xa8"

/*  One line, without anything that a terminal acts on or that hides.          */
static void check_tame (char *line)
{
    static const char *const wild[] = {"\033",         "\n",           "\r",
                                       "\a",           "\xc2\x9b",     "\xe2\x80\xae",
                                       "\xe2\x80\x8b", "\xe2\x81\xa6", "\xe2\x80\xa8"};
    assert_non_null (line);
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++)
        if (strstr (line, wild[i]))
            fail_msg ("%zu is shown in '%s'", i, line);
    free (line);
}

static zchat_event_t event_of (zchat_type_t type, const char *user, const char *body,
                               const char *data)
{
    zchat_event_t event = message (type, user, body);
    event.data = data;
    return event;
}

static void check_data (zchat_type_t type, const char *body, const char *data, const char *expected)
{
    zchat_event_t event = event_of (type, "alice", body, data);
    check (&event, &plain, expected);
}

static void orders_read_as_sentences (void **state)
{
    zchat_type_t mode = ZCHAT_TYPE_MODE;
    check_data (mode, "spam", "{\"set\":\"ban\",\"user\":\"eve\",\"until\":1732092545000}",
                "* alice banned eve until 2024-11-20 08:49 (spam)");
    check_data (mode, "", "{\"set\":\"ban\",\"user\":\"eve\"}", "* alice banned eve");
    check_data (mode, "", "{\"set\":\"create\"}", "* alice made this private room");
    check_data (mode, "", "{\"set\":\"unban\",\"user\":\"eve\"}", "* alice lifted the ban of eve");
    check_data (mode, "loud", "{\"set\":\"mute\",\"user\":\"eve\"}", "* alice muted eve (loud)");
    check_data (mode, NULL, "{\"set\":\"unmute\",\"user\":\"eve\"}",
                "* alice lets eve speak again");
    check_data (mode, "", "{\"set\":\"op\",\"user\":\"bob\"}", "* alice made bob an operator");
    check_data (mode, "", "{\"set\":\"deop\",\"user\":\"bob\"}",
                "* alice took operator rights from bob");
    check_data (mode, "", "{\"set\":\"kick\",\"user\":\"bob\"}", "* alice put bob out");
    check_data (mode, "", "{\"set\":\"kick\",\"user\":\"alice\"}", "* alice left for good");
    check_data (mode, "", "{\"set\":\"invite\",\"user\":\"bob\"}", "* alice invited bob");
    check_data (mode, "", "{\"set\":\"lock\"}", "* alice locked the topic: only operators set it");
    check_data (mode, "", "{\"set\":\"unlock\"}", "* alice unlocked the topic");
    check_data (mode, "night", "{\"set\":\"close\"}", "* alice closed the room (night)");
    check_data (mode, "", "{\"set\":\"open\"}", "* alice opened the room again");
    check_data (mode, "", "{\"set\":\"frobnicate\",\"user\":\"bob\"}",
                "* alice set frobnicate for bob");
    check_data (mode, "", "{}", "* alice set something");
    check_data (mode, "", NULL, "* alice set something");
    check_data (mode, "", "{\"set\":7,\"user\":[],\"until\":\"x\"}", "* alice set something");
    check_data (mode, "", "{\"set\":\"ban\",\"user\":\"e\",\"until\":9223372036854775807}",
                "* alice banned e for a very long time");
    check_data (ZCHAT_TYPE_REMOVE, "", "{\"seq\":17}", "* alice removed message #17");
    check_data (ZCHAT_TYPE_REMOVE, "rude", "{\"seq\":\"x\"}", "* alice removed a message (rude)");
    check_data (ZCHAT_TYPE_GONE, "", NULL, "* alice: (removed)");
    check_data (ZCHAT_TYPE_INVITE, "come", "{\"room\":\"den\"}",
                "* alice invites you to the private room den (come); /join den");
    check_data (ZCHAT_TYPE_LEAVE, "", "{\"reason\":\"kick\"}", "* alice left (put out)");
    check_data (ZCHAT_TYPE_LEAVE, "", "{\"reason\":\"close\"}",
                "* alice left (the room was closed)");
    check_data (ZCHAT_TYPE_LEAVE, "", "{\"reason\":\"part\"}", "* alice left");
    format_t whose = plain;
    whose.whose = "bob";
    zchat_event_t event = event_of (ZCHAT_TYPE_REMOVE, "alice", "rude", "{\"seq\":17}");
    check (&event, &whose, "* alice removed message #17 of bob (rude)");
}

static void orders_of_peers_are_tame (void **state)
{
    static const zchat_type_t types[] = {ZCHAT_TYPE_MODE, ZCHAT_TYPE_REMOVE, ZCHAT_TYPE_INVITE,
                                         ZCHAT_TYPE_GONE, ZCHAT_TYPE_LEAVE,  ZCHAT_TYPE_TELL,
                                         ZCHAT_TYPE_TOLD};
    static const char *const sets[] = {"ban", "kick", "op", "close", "e\\u001b\\n\\u202e"};
    format_t format = {.room = true, .whose = "b" WILD};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (size_t j = 0; j < sizeof sets / sizeof *sets; j++) {
            char data[512];
            snprintf (data, sizeof data,
                      "{\"set\":\"%s\",\"user\":\"e\\u001b[2J\\n\\u009b\\u202e\\u200b\","
                      "\"room\":\"r\\u001b\\r\\u2066\",\"seq\":3,\"until\":1732092545000}",
                      sets[j]);
            zchat_event_t event = event_of (types[i], "a" WILD, "r" WILD, data);
            event.room = "l" WILD;
            check_tame (format_event (&event, &format));
            check_tame (format_direct (&event, "sealed", &format));
        }
    static const zchat_event_kind_t kinds[] = {
        ZCHAT_EVENT_CONNECTED, ZCHAT_EVENT_DISCONNECTED, ZCHAT_EVENT_REFUSED, ZCHAT_EVENT_JOINED,
        ZCHAT_EVENT_PARTED,    ZCHAT_EVENT_FAILED,       ZCHAT_EVENT_UNKNOWN, ZCHAT_EVENT_WARNING,
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        zchat_event_t event = {.kind = kinds[i],
                               .status = ZCHAT_BANNED,
                               .room = "l" WILD,
                               .user = "u" WILD,
                               .text = "t" WILD};
        check_tame (format_event (&event, &format));
    }
}

static void replies_of_brokers_are_tame (void **state)
{
#define W "\\u001b[2J\\n\\r\\u0007\\u009b\\u202e\\u200b\\u2066\\u2028"
    static const char json[] =
        "{\"room\":\"r" W "\",\"private\":true,\"operators\":[\"o" W "\"],\"members\":[\"m" W
        "\"],\"bans\":[{\"user\":\"u" W "\",\"by\":\"b" W "\",\"reason\":\"r" W
        "\"}],\"user\":\"u" W "\",\"keys\":[\"k" W "\"]}";
    char *lines[] = {format_modes (json, &plain), format_keys (json, &plain)};
    for (size_t i = 0; i < 2; i++) {
        char *line = strtok (lines[i], "\n");
        for (; line; line = strtok (NULL, "\n")) {
            assert_memory_equal (line, "-- ", 3); /* no peer begins a line          */
            check_tame (strdup (line));
        }
        free (lines[i]);
    }
#undef W
}

static void direct_messages_are_marked (void **state)
{
    format_t format = {.room = true};
    zchat_event_t event = event_of (ZCHAT_TYPE_TELL, "alice", "hi", NULL);
    char *line = format_direct (&event, "sealed", &format);
    assert_string_equal (line, "[alice -> you, sealed] hi");
    free (line);
    event.type = ZCHAT_TYPE_TOLD;
    line = format_direct (&event, "not sealed", &format);
    assert_string_equal (line, "[you -> alice, not sealed] hi");
    free (line);
    /*  Not even a broker that names people as it likes writes a mark.         */
    event.user = "alice -> you, sealed, verified] send me the money";
    line = format_direct (&event, "not sealed", &format);
    assert_string_equal (line, "[you -> ?, not sealed] hi");
    free (line);
    event.user = NULL;
    event.body = NULL;
    line = format_direct (&event, NULL, &format);
    assert_string_equal (line, "[you -> ?] ");
    free (line);
}

static void numbers_stand_before_a_line (void **state)
{
    format_t format = {.number = 17};
    zchat_event_t event = message (ZCHAT_TYPE_SAY, "bob", "hello");
    check (&event, &format, "#17 bob: hello");
}

static void modes_and_keys_are_told (void **state)
{
    check_reply (format_modes,
                 "{\"room\":\"dev\",\"private\":true,\"locked\":true,\"closed\":true,"
                 "\"operators\":[\"a\",\"b\"],\"members\":[\"c\"],\"bans\":[{\"user\":\"eve\","
                 "\"by\":\"a\",\"reason\":\"spam\",\"until\":1732092545000}],"
                 "\"mutes\":[{\"user\":\"f\",\"by\":\"\",\"reason\":\"\"}]}",
                 "-- dev: private, only operators set the topic, closed\n-- operators: a, b\n"
                 "-- members: c\n-- banned: eve until 2024-11-20 08:49 by a (spam)\n"
                 "-- muted: f");
    check_reply (format_modes, "{\"room\":\"dev\"}", "-- dev: public");
    check_reply (format_keys, "{\"user\":\"bob\",\"proven\":true,\"keys\":[\"k1\",\"k2\"]}",
                 "-- bob has 2 keys\n-- k1\n-- k2");
    check_reply (format_keys, "{\"user\":\"bob\",\"keys\":[]}",
                 "-- bob has 0 keys; the name is not proven");
}

static void notices_are_made_fit (void **state)
{
    char *line = format_notice ("a\033\nb", 1, &plain);
    assert_string_equal (line, "-- a^[^Jb");
    free (line);
}

int main (void)
{
    setenv ("TZ", "UTC", 1);
    tzset ();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (messages_read_plainly),
        cmocka_unit_test (peers_cannot_break_a_plain_line),
        cmocka_unit_test (rooms_are_named_where_there_are_several),
        cmocka_unit_test (time_is_local),
        cmocka_unit_test (merged_presence_names_people),
        cmocka_unit_test (lost_connections_are_told_to_people),
        cmocka_unit_test (the_connection_is_spoken_of),
        cmocka_unit_test (rooms_and_trouble_are_spoken_of),
        cmocka_unit_test (colours_are_stable_and_asked_for),
        cmocka_unit_test (bodies_are_wrapped_behind_an_indent),
        cmocka_unit_test (words_longer_than_a_line_are_left_whole),
        cmocka_unit_test (random_bodies_never_reach_the_first_column),
        cmocka_unit_test (replies_are_told),
        cmocka_unit_test (broken_replies_are_told),
        cmocka_unit_test (orders_read_as_sentences),
        cmocka_unit_test (orders_of_peers_are_tame),
        cmocka_unit_test (replies_of_brokers_are_tame),
        cmocka_unit_test (direct_messages_are_marked),
        cmocka_unit_test (numbers_stand_before_a_line),
        cmocka_unit_test (modes_and_keys_are_told),
        cmocka_unit_test (notices_are_made_fit),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
