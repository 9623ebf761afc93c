/*  commands.h - what a line that was entered asks for

    Pure. A line that begins with "/" is a command; one that begins with "//" is text that begins
    with "/". The word `exit` alone leaves too, because people try it first.
*/
#ifndef ZCHAT_TALK_COMMANDS_H
#define ZCHAT_TALK_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    COMMAND_NOTHING, /* the line holds only blanks                             */
    COMMAND_SAY,     /* text                                                   */
    COMMAND_ME,      /* text                                                   */
    COMMAND_JOIN,    /* text: the room                                         */
    COMMAND_PART,    /* text: the room; empty: the present one                 */
    COMMAND_TOPIC,   /* text: the new topic; empty: read it                    */
    COMMAND_WHO,     /* text: the room; empty: the present one                 */
    COMMAND_ROOMS,
    COMMAND_HISTORY, /* number; yes: messages before those already shown       */
    COMMAND_NICK,    /* text: the name                                         */
    COMMAND_MSG,     /* name, text                                             */
    COMMAND_QUERY,   /* name; empty: text goes to the room again               */
    COMMAND_KEYS,    /* name; empty: one's own keys                            */
    COMMAND_VERIFY,  /* name; yes: the fingerprints are the same               */
    COMMAND_CREATE,  /* text: the room                                         */
    COMMAND_INVITE,  /* name; text: the reason                                 */
    COMMAND_KICK,    /* name; text: the reason                                 */
    COMMAND_SET,     /* set; name, where it concerns somebody; for_ms; text: the reason */
    COMMAND_MAILBOX, /* set: the command; name, where it concerns somebody; text: the word of
                        /strangers */
    COMMAND_REMOVE,  /* a message; text: the reason                            */
    COMMAND_REPLY,   /* a message; text                                        */
    COMMAND_EDIT,  /* a message; text: the new one; empty: the old one is to be put into the line */
    COMMAND_REACT, /* a message; text: the reaction; yes: it is taken back   */
    COMMAND_LINK,  /* a message                                              */
    COMMAND_SEARCH, /* text: the query                                        */
    COMMAND_UNREAD,
    COMMAND_AWAY, /* text, may be empty                                        */
    COMMAND_BACK,
    COMMAND_MODES,
    COMMAND_RETRY,
    COMMAND_SETTING, /* set: "set" or "unset"; name: of the setting, or empty; text: its value, or
                        empty */
    COMMAND_QUIT,
    COMMAND_HELP,  /* text: the topic, may be empty                            */
    COMMAND_WRONG, /* why: the command is not understood, or a blank before it would have told
                      everybody */
} command_kind_t;

enum { COMMAND_HISTORY_DEFAULT = 20, COMMAND_WHY_MAX = 255 };

typedef struct {
    command_kind_t kind;
    const char *text; /* points into the line; not ended by NUL                */
    size_t size;      /* bytes of text                                         */
    const char *name; /* points into the line; a person's name, not checked and not ended by NUL */
    size_t name_size; /* bytes of name                                         */
    const char *set;  /* the word of the command, such as "ban"; static        */
    uint64_t for_ms;  /* how long a ban or mute lasts; 0: for good             */
    uint64_t seq;     /* a message: its seq; 0: see number                     */
    uint64_t number;  /* a message, counted from the newest (1); 0, and no seq: one's own last. Of
                         /history: how many are asked for                      */
    bool yes;         /* of /verify; of /history it means "more"; of /react "no longer" */
    char why[COMMAND_WHY_MAX + 1]; /* one line: what is wrong, and what would be right; it holds
                                      words as they were typed */
} command_t;

/*  Read size bytes of a line, without its newline, into *command.             */
void command_parse (const char *line, size_t size, command_t *command);

/*  Do the same for a line of a program. A program leaves by /quit; when it says `exit`, that is
    text.                                                                      */
void command_script (const char *line, size_t size, command_t *command);

/*  Do the same for a line that is text, whatever it looks like.               */
void command_text (const char *text, size_t size, command_t *command);

/*  Return the name of command number 0, 1, 2, ..., without the slash; NULL behind the last. Static.
 */
const char *command_name (size_t number);

/*  Return line number 0, 1, 2, ... of /help TOPIC, valid until the next call; NULL behind the last.
    A topic is a word that /help shows, or a command; size 0: there is none. Each is less than 24
    lines.                                                                     */
const char *command_help (const char *topic, size_t size, size_t number);

#endif
