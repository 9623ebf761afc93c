/*  commands.c - what a line that was entered asks for */
#include "commands_private.h"
#include "i18n.h"
#include "text.h"
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>
#include <zchat/limits.h>

static const command_row_t table[] = {
    {"join", COMMAND_JOIN, ARGUMENT_WORD, true, "/join ROOM",
     N_ ("enter a room, or go back to it")},
    {"part", COMMAND_PART, ARGUMENT_WORD, false, "/part [ROOM]", N_ ("leave a room")},
    {"me", COMMAND_ME, ARGUMENT_TEXT, true, "/me TEXT", N_ ("say what you do: * bob waves")},
    {"topic", COMMAND_TOPIC, ARGUMENT_TEXT, false, "/topic [TEXT]", N_ ("read or set the topic")},
    {"who", COMMAND_WHO, ARGUMENT_WORD, false, "/who [ROOM]", N_ ("who is in a room")},
    {"rooms", COMMAND_ROOMS, ARGUMENT_NONE, false, "/rooms", N_ ("which rooms there are")},
    {"history", COMMAND_HISTORY, ARGUMENT_NUMBER, false, "/history [more] [N]",
     N_ ("the last messages, or those before")},
    {"reply", COMMAND_REPLY, ARGUMENT_MESSAGE_TEXT, true, "/reply N TEXT", N_ ("answer message N")},
    {"edit", COMMAND_EDIT, ARGUMENT_MESSAGE_MAYBE, false, "/edit [N [TEXT]]",
     N_ ("another text for your message N, or last")},
    {"react", COMMAND_REACT, ARGUMENT_MESSAGE_TEXT, true, "/react N TEXT",
     N_ ("react to message N by an emoji or a word")},
    {"unreact", COMMAND_REACT, ARGUMENT_MESSAGE_TEXT, true, "/unreact N TEXT", N_ ("no longer")},
    {"link", COMMAND_LINK, ARGUMENT_MESSAGE, true, "/link N", N_ ("a link to message N")},
    {"search", COMMAND_SEARCH, ARGUMENT_TEXT, true, "/search WORDS",
     N_ ("find messages; from:NAME in:ROOM after:DATE")},
    {"unread", COMMAND_UNREAD, ARGUMENT_NONE, false, "/unread", N_ ("where something is unread")},
    {"away", COMMAND_AWAY, ARGUMENT_TEXT, false, "/away [TEXT]",
     N_ ("/who shows that you are away")},
    {"back", COMMAND_BACK, ARGUMENT_NONE, false, "/back",
     N_ ("you are back; so does saying something")},
    {"nick", COMMAND_NICK, ARGUMENT_WORD, true, "/nick NAME", N_ ("go on under another name")},
    {"msg", COMMAND_MSG, ARGUMENT_NAME_TEXT, true, "/msg NAME TEXT", N_ ("tell one person alone")},
    {"query", COMMAND_QUERY, ARGUMENT_NAME, false, "/query [NAME]",
     N_ ("what you type goes to NAME, until /query")},
    {"keys", COMMAND_KEYS, ARGUMENT_NAME, false, "/keys [NAME]", N_ ("which keys somebody has")},
    {"verify", COMMAND_VERIFY, ARGUMENT_NAME_YES, true, "/verify NAME [yes]",
     N_ ("compare fingerprints; yes: they are the same")},
    {"create", COMMAND_CREATE, ARGUMENT_WORD, true, "/create ROOM", N_ ("make a private room")},
    {"invite", COMMAND_INVITE, ARGUMENT_NAME_REASON, true, "/invite NAME [REASON]",
     N_ ("let somebody into this private room")},
    {"kick", COMMAND_KICK, ARGUMENT_NAME_REASON, true, "/kick NAME [REASON]",
     N_ ("put somebody out of this room")},
    {"ban", COMMAND_SET, ARGUMENT_NAME_TIME, true, "/ban NAME [TIME] [REASON]",
     N_ ("put somebody out for good, or 30m, 2h, 7d")},
    {"unban", COMMAND_SET, ARGUMENT_NAME_REASON, true, "/unban NAME", N_ ("lift the ban")},
    {"mute", COMMAND_SET, ARGUMENT_NAME_TIME, true, "/mute NAME [TIME] [REASON]",
     N_ ("they may only read here")},
    {"unmute", COMMAND_SET, ARGUMENT_NAME_REASON, true, "/unmute NAME",
     N_ ("they may speak again")},
    {"ignore", COMMAND_MAILBOX, ARGUMENT_NAME, false, "/ignore [NAME]",
     N_ ("take no direct messages of theirs")},
    {"unignore", COMMAND_MAILBOX, ARGUMENT_NAME, true, "/unignore NAME",
     N_ ("take their direct messages again")},
    {"allow", COMMAND_MAILBOX, ARGUMENT_NAME, true, "/allow NAME",
     N_ ("they are no stranger to you")},
    {"unallow", COMMAND_MAILBOX, ARGUMENT_NAME, true, "/unallow NAME",
     N_ ("they are a stranger again")},
    {"strangers", COMMAND_MAILBOX, ARGUMENT_WORD, true, "/strangers no|yes",
     N_ ("may strangers write to you or invite you")},
    {"op", COMMAND_SET, ARGUMENT_NAME_REASON, true, "/op NAME",
     N_ ("make an operator of this room")},
    {"deop", COMMAND_SET, ARGUMENT_NAME_REASON, true, "/deop NAME",
     N_ ("take an operator's rights away")},
    {"lock", COMMAND_SET, ARGUMENT_REASON, false, "/lock [REASON]",
     N_ ("only operators set the topic")},
    {"unlock", COMMAND_SET, ARGUMENT_REASON, false, "/unlock [REASON]",
     N_ ("everybody sets the topic")},
    {"close", COMMAND_SET, ARGUMENT_REASON, false, "/close [REASON]",
     N_ ("admins: close this room")},
    {"open", COMMAND_SET, ARGUMENT_REASON, false, "/open [REASON]",
     N_ ("admins: open this room again")},
    {"remove", COMMAND_REMOVE, ARGUMENT_MESSAGE_REASON, true, "/remove N [REASON]",
     N_ ("remove message N; last: your last one")},
    {"modes", COMMAND_MODES, ARGUMENT_NONE, false, "/modes", N_ ("operators, bans and the like")},
    {"retry", COMMAND_RETRY, ARGUMENT_NONE, false, "/retry",
     N_ ("send what was refused once more")},
    {"set", COMMAND_SETTING, ARGUMENT_SETTING, false, "/set [NAME [VALUE]]",
     N_ ("show or change what the config file says")},
    {"unset", COMMAND_SETTING, ARGUMENT_NAME, true, "/unset NAME", N_ ("take it out of the file")},
    {"quit", COMMAND_QUIT, ARGUMENT_NONE, false, "/quit", N_ ("leave; so do exit, C-d and C-c")},
    {"help", COMMAND_HELP, ARGUMENT_WORD, false, "/help [TOPIC]", N_ ("what there is")},
};

enum { TABLE_SIZE = sizeof table / sizeof *table, WORD_MAX = 32 };

/*  Count how many letters must be put in, taken out, changed or swapped with their neighbour to
    make one word of the other.                                                */
static size_t distance (const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[WORD_MAX + 1][WORD_MAX + 1];
    if (a_size > WORD_MAX || b_size > WORD_MAX)
        return WORD_MAX;
    for (size_t i = 0; i <= a_size; i++) {
        for (size_t j = 0; j <= b_size; j++) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            size_t best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (rows[i - 1][j] + 1 < best)
                best = rows[i - 1][j] + 1;
            if (rows[i][j - 1] + 1 < best)
                best = rows[i][j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && rows[i - 2][j - 2] + 1 < best)
                best = rows[i - 2][j - 2] + 1;
            rows[i][j] = best;
        }
    }
    return rows[a_size][b_size];
}

const command_row_t *command_row (const char *name, size_t size)
{
    for (size_t i = 0; i < TABLE_SIZE; i++)
        if (strlen (table[i].name) == size && memcmp (table[i].name, name, size) == 0)
            return &table[i];
    return NULL;
}

const char *command_nearest (const char *word, size_t size)
{
    static const struct {
        const char *word;
        const char *name;
    } other_chats[] = {
        {"j", "join"},         {"leave", "part"},   {"names", "who"}, {"list", "rooms"},
        {"action", "me"},      {"exit", "quit"},    {"bye", "quit"},  {"q", "quit"},
        {"name", "nick"},      {"users", "who"},    {"?", "help"},    {"commands", "help"},
        {"channels", "rooms"}, {"log", "history"},  {"m", "msg"},     {"tell", "msg"},
        {"w", "msg"},          {"whisper", "msg"},  {"dm", "msg"},    {"delete", "remove"},
        {"mode", "modes"},     {"silence", "mute"}, {"re", "reply"},  {"r", "reply"},
        {"answer", "reply"},   {"find", "search"},  {"afk", "away"},  {"permalink", "link"},
    };
    for (size_t i = 0; i < sizeof other_chats / sizeof *other_chats; i++)
        if (strlen (other_chats[i].word) == size && memcmp (other_chats[i].word, word, size) == 0)
            return other_chats[i].name;
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        size_t name_size = strlen (table[i].name);
        if (size > 1 && size < name_size && memcmp (table[i].name, word, size) == 0)
            return table[i].name;
        size_t far = distance (word, size, table[i].name, name_size);
        /*  Where half of the letters are wrong, it is another word and not a slip. */
        if (far < best_distance && far * 2 <= name_size) {
            best = table[i].name;
            best_distance = far;
        }
    }
    return best;
}

static void unknown (const char *word, size_t size, command_t *command)
{
    command->kind = COMMAND_WRONG;
    int shown = size > WORD_MAX ? WORD_MAX : (int)size;
    while (shown < (int)size && shown > 0 && ((unsigned char)word[shown] & 0xc0) == 0x80)
        shown--; /* a character is not cut in two */
    const char *meant = command_nearest (word, size);
    if (size == 0)
        snprintf (
            command->why, sizeof command->why,
            _ ("a command's name is missing; /help lists them, // says a text that begins with /"));
    else if (meant)
        snprintf (command->why, sizeof command->why,
                  _ ("/%.*s is not a command; did you mean /%s? (/help lists them all)"), shown,
                  word, meant);
    else
        snprintf (command->why, sizeof command->why,
                  _ ("/%.*s is not a command; /help lists them, //%.*s says it as text"), shown,
                  word, shown, word);
}

/*  Skip blanks, and characters that look like nothing, and find the slash behind them. NULL
    where something else comes first. *after points behind the slash.          */
static const char *hidden_slash (const char *text, size_t size, const char **after)
{
    const char *at = text;
    while (at < text + size) {
        uint32_t code;
        size_t used = text_decode (frame_of (at, (size_t)(text + size - at)), &code);
        *after = at + used;
        if (code == '/' || code == 0xFF0F) /* the wide slash of Asian keyboards */
            return at;
        utf8proc_category_t kind = utf8proc_category ((utf8proc_int32_t)code);
        if (code != '\t' && kind != UTF8PROC_CATEGORY_ZS && kind != UTF8PROC_CATEGORY_CF)
            return NULL;
        at += used;
    }
    return NULL;
}

/*  True where a command stands behind a blank, as in " /msg bob secret": taken as text, it would
    tell everybody. Who really wants to say it begins with //.                 */
static bool doubtful (const char *line, size_t size, command_t *command)
{
    const char *word = line;
    const char *slash = hidden_slash (line, size, &word);
    if (!slash || (slash == line && *line == '/'))
        return false;
    size_t end = 0, left = size - (size_t)(word - line);
    char lower[WORD_MAX];
    while (end < left && end < WORD_MAX && !command_blank (word[end])) {
        lower[end] = (char)(word[end] >= 'A' && word[end] <= 'Z' ? word[end] | 0x20 : word[end]);
        end++;
    }
    bool known = end > 0 && command_nearest (lower, end) != NULL;
    for (size_t i = 0; !known && i < TABLE_SIZE; i++)
        known = strlen (table[i].name) == end && memcmp (table[i].name, lower, end) == 0;
    if (!known)
        return false;
    command->kind = COMMAND_WRONG;
    snprintf (
        command->why, sizeof command->why,
        _ ("not sent: a command begins with /, with nothing before it; //%.*s ... says it as text"),
        (int)end, lower);
    return true;
}

/*  True for a path such as /usr/bin/env. It is text, because no command has a second slash in
    its name.                                                                  */
static bool is_path (const char *line, size_t size)
{
    for (size_t i = 1; i < size && !command_blank (line[i]); i++)
        if (line[i] == '/')
            return true;
    return false;
}

void command_text (const char *text, size_t size, command_t *command)
{
    const char *inner = text;
    size_t inner_size = size;
    command_trim (&inner, &inner_size);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--; /* a paste of whole lines brings them */
    *command = (command_t){
        .kind = inner_size > 0 ? COMMAND_SAY : COMMAND_NOTHING, .text = text, .size = size};
}

void command_parse (const char *line, size_t size, command_t *command)
{
    *command = (command_t){.kind = COMMAND_NOTHING, .text = line, .size = size};
    const char *text = line;
    size_t text_size = size;
    command_trim (&text, &text_size);
    if (text_size == 0)
        return;
    const char *leave = _ ("exit"); /* the word in the person's language works, too */
    if ((text_size == 4 && memcmp (text, "exit", 4) == 0) ||
        (text_size == strlen (leave) && memcmp (text, leave, text_size) == 0)) {
        command->kind = COMMAND_QUIT;
        return;
    }
    if (doubtful (line, size, command))
        return;
    size_t escape = line[0] == '/' && size > 1 && line[1] == '/' ? 1 : 0;
    if (line[0] != '/' || escape || is_path (line, size)) {
        command_text (line + escape, size - escape, command);
        return;
    }
    size_t end = 1;
    char word[WORD_MAX];
    while (end < size && !command_blank (line[end])) {
        char letter = line[end];
        if (end <= WORD_MAX)
            word[end - 1] = (char)(letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter);
        end++;
    }
    for (size_t i = 0; end - 1 <= WORD_MAX && i < TABLE_SIZE; i++)
        if (strlen (table[i].name) == end - 1 && memcmp (table[i].name, word, end - 1) == 0) {
            command_read (&table[i], line + end, size - end, command);
            return;
        }
    unknown (line + 1, end - 1, command);
}

void command_script (const char *line, size_t size, command_t *command)
{
    command_parse (line, size, command);
    if (command->kind == COMMAND_QUIT && !memchr (line, '/', size))
        command_text (line, size, command);
}

const char *command_name (size_t number)
{
    return number < TABLE_SIZE ? table[number].name : NULL;
}
