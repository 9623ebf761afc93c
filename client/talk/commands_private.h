/*  commands_private.h - what the files commands*.c share                      */
#ifndef ZCHAT_TALK_COMMANDS_PRIVATE_H
#define ZCHAT_TALK_COMMANDS_PRIVATE_H

#include "commands.h"

/*  What words follow a command. ARGUMENT_TEXT is the rest of the line as it is. */
typedef enum {
    ARGUMENT_NONE,
    ARGUMENT_WORD,
    ARGUMENT_TEXT,
    ARGUMENT_NUMBER,
    ARGUMENT_NAME,           /* NAME                                           */
    ARGUMENT_NAME_YES,       /* NAME [yes]                                     */
    ARGUMENT_NAME_TEXT,      /* NAME TEXT                                      */
    ARGUMENT_NAME_REASON,    /* NAME [REASON]                                  */
    ARGUMENT_NAME_TIME,      /* NAME [TIME] [REASON]                           */
    ARGUMENT_SETTING,        /* [NAME [VALUE]]                                 */
    ARGUMENT_REASON,         /* [REASON]                                       */
    ARGUMENT_MESSAGE,        /* N, #SEQ or "last"                              */
    ARGUMENT_MESSAGE_REASON, /* the same, [REASON]                             */
    ARGUMENT_MESSAGE_TEXT,   /* the same, TEXT                                 */
    ARGUMENT_MESSAGE_MAYBE,  /* nothing; or the same, [TEXT]                   */
} argument_t;

typedef struct {
    const char *name;
    command_kind_t kind;
    argument_t argument;
    bool needed;       /* the command makes no sense without an argument       */
    const char *usage; /* as /help shows it                                    */
    const char *help;
} command_row_t;

/*  Find the command of that name; NULL: there is none.                        */
const command_row_t *command_row (const char *name, size_t size);

/*  Find the command that was probably meant, or NULL.                         */
const char *command_nearest (const char *word, size_t size);

bool command_blank (char byte);

/*  Leave out the blanks at both ends.                                         */
void command_trim (const char **text, size_t *size);

/*  Read what follows the word of a command.                                   */
void command_read (const command_row_t *row, const char *text, size_t size, command_t *command);

#endif
