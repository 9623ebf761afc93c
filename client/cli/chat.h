/*  chat.h - a conversation: rooms, requests, and the words for what happens

    Between the client library and whoever reads and types: lines that were entered
    go in, text to be shown comes out. It knows nothing of terminals: the same
    for a person at an editor, at a dumb terminal, and for a script.
*/
#ifndef ZCHAT_CLI_CHAT_H
#define ZCHAT_CLI_CHAT_H

#include "buffer.h"
#include "format.h"
#include "options.h"
#include <zchat/client.h>

typedef enum {
    CHAT_SCRIPT, /* no person: plain lines, a refusal ends it                  */
    CHAT_LOG,    /* a person types at a terminal, and what is put out goes elsewhere (a file, tee):
                    all that was said, with its time; remarks go to the terminal */
    CHAT_DUMB,   /* a person at a terminal without escape sequences, who has seen
                    what they typed                                            */
    CHAT_EDITOR, /* a person at the editor: own messages are shown as they come back */
} chat_look_t;

typedef struct chat chat_t;

/*  A conversation; begins to connect where a name is known. options are borrowed for its
    life. Never NULL: what goes wrong is said, and chat_ended is true then.    */
chat_t *chat_new (const options_t *options, chat_look_t look);
void chat_destroy (chat_t **chat);

/*  The client, or NULL while there is none.                                   */
zchat_client_t *chat_client (chat_t *chat);

/*  The width lines are wrapped to, for the look of an editor.                 */
void chat_set_columns (chat_t *chat, int columns);

/*  A line was entered: a text to say, a command, or the name that was asked for.
    ZCHAT_OK: it was seen to, whatever came of it. ZCHAT_FULL: nothing more can be sent
    until messages are acknowledged; enter it again then. ZCHAT_LIMIT: it is too long, and it
    was said how long it may be.                                               */
zchat_status_t chat_enter (chat_t *chat, const char *line, size_t size) ZCHAT_CHECKED;

/*  The same for a line that is text, whatever it looks like; but a name where one is asked for. */
zchat_status_t chat_enter_text (chat_t *chat, const char *line, size_t size) ZCHAT_CHECKED;

/*  Take what the client has to tell, a bounded number of events.
    True: more is waiting.                                                     */
bool chat_step (chat_t *chat);

/*  What is to be shown: people and scripts read out; err is what a script's standard
    error is for. Whole lines. The caller empties them.                        */
buffer_t *chat_out (chat_t *chat);
buffer_t *chat_err (chat_t *chat);

/*  Say something of this program's own.                                       */
void chat_notice (chat_t *chat, const char *text);

/*  What stands before the input line, fit to be shown; valid until the next call. */
const char *chat_prompt (chat_t *chat);

/*  True when it is over: /quit, or refused for good. *status: for exit.       */
bool chat_ended (const chat_t *chat, int *status);

/*  True while a name is asked for.                                            */
bool chat_asks_name (const chat_t *chat);

/*  Messages and requests that are not answered yet.                           */
size_t chat_unanswered (const chat_t *chat);

/*  No more is coming: say BYE, without waiting, and say what stays unacknowledged. The
    exit status, where `status` is the one so far.                             */
int chat_close (chat_t *chat, int status);

#endif
