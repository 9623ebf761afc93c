/*  commands.h - what a line that was entered asks for

    Pure. A line that begins with "/" is a command, one that begins with "//" is text
    that begins with "/". `exit` alone leaves too, as people try it first.
*/
#ifndef ZCHAT_CLI_COMMANDS_H
#define ZCHAT_CLI_COMMANDS_H

#include <stddef.h>

typedef enum {
    COMMAND_NOTHING, /* nothing but blanks                                     */
    COMMAND_SAY,     /* text                                                   */
    COMMAND_ME,      /* text                                                   */
    COMMAND_JOIN,    /* text: the room                                         */
    COMMAND_PART,    /* text: the room, or empty: this one                     */
    COMMAND_TOPIC,   /* text: the new topic, or empty: read it                 */
    COMMAND_WHO,     /* text: the room, or empty: this one                     */
    COMMAND_ROOMS,
    COMMAND_HISTORY, /* number                                                 */
    COMMAND_NICK,    /* text: the name                                         */
    COMMAND_QUIT,
    COMMAND_HELP,
    COMMAND_WRONG, /* why                                                      */
} command_kind_t;

enum { COMMAND_HISTORY_DEFAULT = 20, COMMAND_WHY_MAX = 255 };

typedef struct {
    command_kind_t kind;
    const char *text;              /* into the line; not ended by NUL                       */
    size_t size;                   /* its bytes                                             */
    size_t number;                 /* of /history                                           */
    char why[COMMAND_WHY_MAX + 1]; /* one line that says what is wrong and what would
                                      be right; holds text as it was typed     */
} command_t;

/*  Read size bytes of a line, without its newline, into *command.             */
void command_parse (const char *line, size_t size, command_t *command);

/*  Line number 0, 1, 2, ... of what /help says, valid until the next call; NULL
    behind the last.                                                           */
const char *command_help (size_t number);

#endif
