/*  commands_help.c - what /help shows                                         */
#include "commands_private.h"
#include "i18n.h"
#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 24 };

/*  A topic: commands, and what else there is to say. Each fits a screen of 24 rows. */
typedef struct {
    const char *word;
    const char *about;
    const char *commands[NAMES_MAX];
    const char *more[6];
} topic_t;

static const topic_t topics[] = {
    {N_ ("rooms"),
     N_ ("being in rooms, and finding your way"),
     {"join", "part", "rooms", "who", "topic", "unread", "nick", "away", "back", "quit"},
     {NULL}},
    {N_ ("messages"),
     N_ ("what was said, and what you say"),
     {"history", "search", "reply", "edit", "react", "unreact", "link", "remove", "me", "retry"},
     {N_ ("N                          1 is the newest message, 2 the one before"),
      N_ ("                           it, as you saw them when you began; #SEQ,"),
      N_ ("                           as in /history; last: your own last one"),
      N_ ("up, on an empty line       edit your last message; Esc leaves it"),
      N_ ("//TEXT                     say a text that begins with /")}},
    {N_ ("people"),
     N_ ("telling one person alone, trust, strangers"),
     {"msg", "query", "keys", "verify", "ignore", "unignore", "allow", "unallow", "strangers"},
     {NULL}},
    {N_ ("private"), N_ ("rooms of your own"), {"create", "invite", "kick", "modes"}, {NULL}},
    {N_ ("order"),
     N_ ("what operators and admins do"),
     {"kick", "ban", "unban", "mute", "unmute", "op", "deop", "lock", "unlock", "remove", "close",
      "open", "modes"},
     {NULL}},
    {N_ ("settings"),
     N_ ("the config file"),
     {"set", "unset"},
     {N_ ("broker, nick, autojoin, highlight, mute, bell, notify, theme, plain:"),
      N_ ("/set shows them, /set NAME what one means; see zchat config --help")}},
};

enum { TOPICS = sizeof topics / sizeof *topics, LINE_SIZE = 512 };

static const char *line_of (const command_row_t *row)
{
    static char line[LINE_SIZE];
    snprintf (line, sizeof line, "%-26s %s", row->usage, _ (row->help));
    return line;
}

/*  The help without a topic: what one needs first, and what else there is.    */
static const char *overview (size_t number)
{
    static const char *const first[] = {"join",  "who",  "rooms",  "history", "search", "msg",
                                        "reply", "edit", "unread", "away",    "quit"};
    static char line[LINE_SIZE];
    size_t n_first = sizeof first / sizeof *first;
    if (number == 0)
        return _ ("type to talk; a line that begins with / is a command:");
    if (number <= n_first)
        return line_of (command_row (first[number - 1], strlen (first[number - 1])));
    if (number == n_first + 1)
        return _ ("there is more about:");
    number -= n_first + 2;
    if (number == TOPICS)
        return _ ("/help COMMAND              tells of one command alone");
    if (number > TOPICS)
        return NULL;
    const char *word = _ (topics[number].word);
    int pad = 20;
    for (const char *at = word; *at; at++)
        pad -= (*at & 0xC0) != 0x80; /* characters, not bytes                  */
    snprintf (line, sizeof line, "/help %s%*s %s", word, pad > 0 ? pad : 0, "",
              _ (topics[number].about));
    return line;
}

static const char *topic_line (const topic_t *topic, size_t number)
{
    size_t n = 0, k = 0;
    while (n < NAMES_MAX && topic->commands[n])
        n++;
    if (number < n)
        return line_of (command_row (topic->commands[number], strlen (topic->commands[number])));
    while (k < sizeof topic->more / sizeof *topic->more && topic->more[k])
        k++;
    return number - n < k ? _ (topic->more[number - n]) : NULL;
}

static bool is (const char *word, const char *text, size_t size)
{
    return strlen (word) == size && memcmp (word, text, size) == 0;
}

const char *command_help (const char *topic, size_t size, size_t number)
{
    static char line[LINE_SIZE];
    if (size > 0 && *topic == '/') {
        topic++;
        size--;
    }
    if (size == 0)
        return overview (number);
    for (size_t i = 0; i < TOPICS; i++)
        if (is (topics[i].word, topic, size) || is (_ (topics[i].word), topic, size))
            return topic_line (&topics[i], number);
    const command_row_t *row = command_row (topic, size);
    if (number > 0)
        return NULL;
    if (row)
        return line_of (row);
    const char *meant = command_nearest (topic, size);
    if (meant)
        snprintf (line, sizeof line, _ ("there is no help of that name; did you mean /help %s?"),
                  meant);
    else
        snprintf (line, sizeof line, "%s",
                  _ ("there is no help of that name; /help lists what there is"));
    return line;
}
