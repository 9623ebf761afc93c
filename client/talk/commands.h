/*  commands.h - what a line that was entered asks for

    Pure. A line that begins with "/" is a command, one that begins with "//" is text
    that begins with "/". `exit` alone leaves too, as people try it first.
*/
#ifndef ZCHAT_TALK_COMMANDS_H
#define ZCHAT_TALK_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    COMMAND_NOTHING, /* nothing but blanks                                     */
    COMMAND_SAY,     /* text                                                   */
    COMMAND_ME,      /* text                                                   */
    COMMAND_JOIN,    /* text: the room                                         */
    COMMAND_PART,    /* text: the room, or empty: this one                     */
    COMMAND_TOPIC,   /* text: the new topic, or empty: read it                 */
    COMMAND_WHO,     /* text: the room, or empty: this one                     */
    COMMAND_ROOMS,
    COMMAND_HISTORY, /* number; yes: before what was shown                     */
    COMMAND_NICK,    /* text: the name                                         */
    COMMAND_MSG,     /* name, text                                             */
    COMMAND_QUERY,   /* name, or empty: no more                                */
    COMMAND_KEYS,    /* name, or empty: one's own                              */
    COMMAND_VERIFY,  /* name; yes                                              */
    COMMAND_CREATE,  /* text: the room                                         */
    COMMAND_INVITE,  /* name; text: the reason                                 */
    COMMAND_KICK,    /* name; text: the reason                                 */
    COMMAND_SET,     /* set, name where it has one; for_ms; text: the reason   */
    COMMAND_MAILBOX, /* set: the command; name where it has one; text: of /strangers */
    COMMAND_REMOVE,  /* seq, 0: one's last; text: the reason                   */
    COMMAND_MODES,
    COMMAND_QUIT,
    COMMAND_HELP,
    COMMAND_WRONG, /* why: also where a blank before a command would tell all  */
} command_kind_t;

enum { COMMAND_HISTORY_DEFAULT = 20, COMMAND_WHY_MAX = 255 };

typedef struct {
    command_kind_t kind;
    const char *text;              /* into the line; not ended by NUL                       */
    size_t size;                   /* its bytes                                             */
    const char *name;              /* into the line; not ended by NUL: a person, not checked */
    size_t name_size;              /* its bytes                                             */
    const char *set;               /* what MODE calls it: "ban"; static                     */
    uint64_t for_ms;               /* of a ban or mute; 0: for good                         */
    uint64_t seq;                  /* of /remove                                            */
    bool yes;                      /* of /verify; of /history: more                         */
    size_t number;                 /* of /history                                           */
    char why[COMMAND_WHY_MAX + 1]; /* one line that says what is wrong and what would
                                      be right; holds text as it was typed     */
} command_t;

/*  Read size bytes of a line, without its newline, into *command.             */
void command_parse (const char *line, size_t size, command_t *command);

/*  The same for a line of a program: it leaves by /quit, and `exit` is what it says.  */
void command_script (const char *line, size_t size, command_t *command);

/*  The same for a line that is text, whatever it looks like.                  */
void command_text (const char *text, size_t size, command_t *command);

/*  Line number 0, 1, 2, ... of what /help says, valid until the next call; NULL
    behind the last.                                                           */
const char *command_help (size_t number);

#endif
