/*  screen_help.c - /help TOPIC, each within one screen of 80 columns and 24 rows */
#include "screen_private.h"

typedef struct {
    const char *name;
    const char *const *lines; /* ended by NULL                                  */
} topic_t;

static const char *const start[] = {"Type to talk; Enter sends. What begins with / is a command.",
                                    "/help TOPIC says more: keys, rooms, people, messages, past,",
                                    "     sending, order, settings; or /help and a command",
                                    "Alt-1 ... Alt-9  that conversation",
                                    "Alt-a            the next one with something unread",
                                    "PageUp, End      what was said before; the newest",
                                    "Alt-Up           choose a message, to answer, edit, copy it",
                                    "Tab              complete a name, room, command or :emoji:",
                                    "/join ROOM   /query NAME   /search WORDS   /away   /quit",
                                    NULL};

static const char *const keys[] = {"Alt-1 ... Alt-9  that conversation; Alt-0 the program's own",
                                   "Alt-Left, -Right the one before, the next one",
                                   "Alt-a            the next with something unread, urgent first",
                                   "C-x              the one shown before",
                                   "PageUp, PageDown older, newer",
                                   "Home, End        the oldest that is held; the newest",
                                   "Alt-u            where the unread begins",
                                   "Alt-Up           choose a message (/help messages)",
                                   "C-r              find what was said; twice: what you typed",
                                   "Tab              complete; once more: the next one",
                                   "Alt-Enter        a new line in the message",
                                   "Up               edit your last message; what you typed before",
                                   "C-x C-e          write the message in $EDITOR",
                                   "Alt-l            the talk alone, to select text",
                                   "C-l, C-z         draw it anew; stop",
                                   "C-c, C-d         clear the line, or leave",
                                   NULL};

static const char *const rooms[] = {
    "/join ROOM       enter a room, or go back to it",
    "/part [ROOM]     leave a room",
    "/rooms           which rooms there are",
    "/who [ROOM]      who is in a room",
    "/topic [TEXT]    read or set the topic",
    "/create ROOM     make a private room",
    "/invite NAME     let somebody into it",
    "/unread          where something is unread, in other rooms too",
    "A number in the list says how much is unread; with ! it is",
    "how much of that is for you.",
    NULL};

static const char *const people[] = {"/query NAME      talk with one person",
                                     "/msg NAME TEXT   tell them one thing",
                                     "The prompt says how it goes: sealed (you two alone can read",
                                     "it), verified (and you compared fingerprints), PLAIN (the",
                                     "broker can read it), ALARM (their keys have changed).",
                                     "/verify NAME     compare fingerprints; with yes: they agree",
                                     "/keys [NAME]     which keys somebody has",
                                     "/ignore NAME     take nothing from them; /unignore NAME",
                                     "/strangers no    who is unknown may not write; /allow NAME",
                                     "/away [TEXT]     you are not here; /back",
                                     "/nick NAME       go on under another name",
                                     "/wc              close this window",
                                     NULL};

static const char *const messages[] = {
    "Alt-Up           choose a message; then Up, Down another, and",
    "                 r answer, e edit, + react, o open its link,",
    "                 y copy, Enter unfold, Escape leave",
    "/reply N TEXT    answer message N: while such a command is",
    "                 typed, numbers stand where the times were",
    "/edit [N [TEXT]] another text for it, or for your last one",
    "/react N TEXT    react with an emoji or a word; /unreact",
    "/remove N        take it away",
    "/open N          open its link",
    "/copy N          copy its text",
    "/link N          a link to the message, for others",
    NULL};

static const char *const past[] = {"PageUp           what was said before, without end",
                                   "/goto 2026-11-27 what was said from then on; also",
                                   "                 2026-11-27 10:30, 10:30, and 1042, a message",
                                   "/search WORDS    find what was said; also from:NAME room:ROOM",
                                   "                 before:DATE after:DATE and \"two words\";",
                                   "                 Enter on a find shows it where it was said",
                                   "C-r              the same, on an empty line",
                                   "Alt-u            where the unread begins",
                                   "End              the newest",
                                   NULL};

static const char *const sending[] = {
    "(sending)        it is on its way; without a mark it is on the",
    "                 broker's disk",
    "(failed: ...)    it was not taken; /retry sends it again",
    "Without a connection go on typing: it is kept on disk, and",
    "sent once you are back.",
    "A paste of more than five lines asks, and is no command.",
    "//TEXT           say a text that begins with /",
    "/me TEXT         say what you do",
    NULL};

static const char *const order[] = {"/modes           operators, bans and the like",
                                    "/op NAME         make an operator of this room; /deop NAME",
                                    "/kick NAME       put somebody out",
                                    "/ban NAME [TIME] keep somebody out; /unban NAME",
                                    "/mute NAME       they may not speak; /unmute NAME",
                                    "/remove N        take a message away",
                                    "/lock, /unlock   whether operators alone set the topic",
                                    NULL};

static const topic_t topics[] = {{"", start},          {"keys", keys},         {"rooms", rooms},
                                 {"people", people},   {"messages", messages}, {"past", past},
                                 {"sending", sending}, {"order", order}};

/*  Show what the talk says of a command, such as "/kick" or "kick", or of a topic of its own. */
static bool help_command (screen_t *screen, const char *word)
{
    const char *line = command_help (word, strlen (word), 0);
    if (*line != '/')
        return false;
    for (size_t i = 0; (line = command_help (word, strlen (word), i)); i++)
        window_note (screen->shown, line, STYLE_TEXT, 0)->wide = true;
    return true;
}

void screen_help (screen_t *screen, const char *topic)
{
    topic += *topic == '/';
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp (topics[i].name, topic) == 0) {
            for (const char *const *line = topics[i].lines; *line; line++)
                window_note (screen->shown, *line, STYLE_TEXT, 0)->wide = true;
            return;
        }
    if (!help_command (screen, topic))
        screen_note (screen, "no such topic; there are: keys, rooms, people, messages, past, "
                             "sending, order, settings");
}
