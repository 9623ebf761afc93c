/*  chat_private.h - what the files chat*.c share */
#ifndef ZCHAT_CLI_CHAT_PRIVATE_H
#define ZCHAT_CLI_CHAT_PRIVATE_H

#include "chat.h"
#include "commands.h"
#include "direct.h"
#include "ignored.h"
#include "name.h"
#include "unsent_file.h"

enum {
    REQUESTS_MAX = 16, /* commands waiting for their answer                     */
    SAID_MAX = 256,    /* messages whose author is remembered                   */
};
#define CHAT_MAILBOX "@"

typedef struct {
    char name[ZCHAT_NAME_MAX + 1]; /* as typed; once joined as the broker spells it */
    name_keys_t keys;
    bool joined;     /* it was told                                                */
    bool spoken;     /* something was said there                                   */
    uint64_t oldest; /* seq of the oldest message shown; 0: none               */
} chat_room_t;

typedef struct {
    uint64_t id;
    command_kind_t kind;
    bool yes;                      /* of /verify                                */
    bool own_keys;                 /* of /keys, /verify, /query: it asks for one's own  */
    bool here;                     /* of /unignore: done already, on this computer */
    char name[ZCHAT_NAME_MAX + 1]; /* what it is about: a person, a room, or ""  */
} chat_request_t;

typedef struct {
    uint64_t seq, time_ms;
    char *text; /* to be shown, owned                                          */
} past_line_t;

/*  What /history asks for, and where it stopped.                              */
typedef struct {
    uint64_t id;                     /* of the request under way; 0: none          */
    char room[ZCHAT_NAME_MAX + 1];   /* that it is about; the mailbox for a person */
    char person[ZCHAT_NAME_MAX + 1]; /* or "": everybody                           */
    uint64_t before;                 /* what is asked for, or "more", is below it  */
    uint64_t lowest;                 /* seq of the page; 0: it is empty so far     */
    size_t wanted;                   /* messages that are still to be found        */
    size_t pages;                    /* that were looked through                   */
    bool replied;                    /* the page is complete                       */
    past_line_t *lines;              /* found: n_lines, then n_page of this page   */
    size_t n_lines, n_page, capacity;
} chat_past_t;

/*  Who said what, for when it is taken away.                                  */
typedef struct {
    uint64_t seq;
    bool own;
    char room[ZCHAT_NAME_MAX + 1];
    char user[ZCHAT_NAME_MAX + 1];
} chat_said_t;

/*  What waits for the broker, on the disk: chat_unsent.c                       */
typedef struct {
    unsent_file_t *file; /* NULL: none was needed, or it is another's          */
    bool exists;         /* it holds something                                 */
    bool changed;        /* what waits differs from what it holds              */
    bool told;           /* that it cannot be written                          */
    uint64_t changed_ms; /* since when; monotonic                              */
} chat_unsent_t;

struct chat {
    const options_t *options; /* borrowed                                      */
    zchat_client_t *client;   /* NULL until there is a name                    */
    chat_look_t look;
    format_t format;
    bool asks_name;
    bool down; /* it was told that there is no connection       */
    bool ended;
    int status;                      /* of the process, once ended          */
    int trouble;                     /* a status for scripts: something was not done */
    bool nick_told;                  /* and that it is the one         */
    bool warned_plain;               /* that mail here is of who has the name  */
    char nick[ZCHAT_NAME_MAX + 1];   /* the name that was asked for last    */
    char former[ZCHAT_NAME_MAX + 1]; /* the name one was here under last, or "" */
    chat_room_t *rooms;              /* of ZCHAT_SESSION_ROOMS_MAX          */
    size_t n_rooms;
    size_t current; /* where text goes; n_rooms: nowhere   */
    chat_request_t requests[REQUESTS_MAX];
    size_t n_requests;
    direct_t *direct;               /* NULL: it could not be, and the chat has ended  */
    ignored_t *ignored;             /*                                    */
    chat_room_t mail;               /* one's mailbox                      */
    char query[ZCHAT_NAME_MAX + 1]; /* to whom text goes, or "": the room */
    chat_said_t *said;              /* of SAID_MAX, a ring                */
    chat_past_t past;
    chat_unsent_t unsent;
    size_t n_said; /* messages put into it so far        */
    int day;       /* of the last message shown, so that a new one can be told       */
    buffer_t out;
    buffer_t err;
    buffer_t prompt;
};

/*  Append a line (owned; NULL: nothing) to be shown.                          */
void chat_show (buffer_t *buffer, char *line);
void chat_show_event (chat_t *chat, buffer_t *buffer, const zchat_event_t *event);

/*  Tell the day where another one begins.                                     */
void chat_tell_day (chat_t *chat, uint64_t time_ms);

/*  Where this program's own remarks go: among the talk, but not into a script's data. */
buffer_t *chat_remarks (chat_t *chat);

/*  True where one's own messages are shown as they come back: at a dumb terminal one has seen
    what one typed, and a script knows it.                                      */
bool chat_shows_own (const chat_t *chat);

/*  "text: reason"                                                             */
void chat_notice_because (chat_t *chat, const char *text, const char *reason);

/*  Take in what the client tells.                                             */
void chat_happened (chat_t *chat, const zchat_event_t *event);

/*  It is over, with this status.                                              */
void chat_end (chat_t *chat, int status);

/*  Say this program's status to scripts, and a person why: "not sent to bob: why".  */
void chat_not_sent (chat_t *chat, const char *user, int status, const char *why);

/*  The room where text goes, or NULL after a person was told that there is none.  */
const char *chat_current_room (chat_t *chat);

/*  Enter a room, or go back to it.                                            */
void chat_join (chat_t *chat, const char *name);

/*  True where one more request may wait for its answer; else a person was told.  */
bool chat_may_request (chat_t *chat);

/*  Remember which answer the request waits for, or say why it was not made. name: what it
    is about, or NULL. kind COMMAND_NOTHING: only a refusal is told.           */
void chat_requested (chat_t *chat, command_kind_t kind, zchat_status_t status, uint64_t id,
                     const char *name, bool yes);

/*  Say that a message of so many bytes is too long.                           */
void chat_too_long (chat_t *chat, size_t size);

/*  A name as it was typed, in NFC; the caller frees it.                       */
char *chat_name (const char *text, size_t size);

/*  The room of that name, however it is spelled; n_rooms where there is none. */
size_t chat_find_room (const chat_t *chat, const char *name);
void chat_remove_room (chat_t *chat, size_t index);

/*  Connect under a name, the first or another one. False where it cannot be: that was
    said, and where there can be no connection at all, the chat has ended.     */
bool chat_use_name (chat_t *chat, const char *name);

/*  --- chat_person.c: one person alone --------------------------------------- */

/*  /msg, /query, /keys, /verify.                                              */
void chat_person_command (chat_t *chat, const command_t *command, zchat_status_t *status);

/*  Tell somebody a text, sealed where that is possible. ZCHAT_OK, whatever came of it, or
    ZCHAT_FULL.                                                                */
zchat_status_t chat_tell (chat_t *chat, const char *user, const char *text,
                          size_t size) ZCHAT_CHECKED;

/*  The answer to KEYS.                                                        */
void chat_keys_answered (chat_t *chat, const chat_request_t *request, const zchat_event_t *event);

/*  What direct messages lead to.                                              */
direct_calls_t chat_direct_calls (chat_t *chat);

/*  --- chat_past.c: what was said before -------------------------------------- */

/*  /history: the last `count` messages of the room, or of the talk with whom /query names;
    more: those before what was shown.                                         */
void chat_past_ask (chat_t *chat, size_t count, bool more);
/*  An event of HISTORY. True where only chat_past_line wants it.              */
bool chat_past_event (chat_t *chat, const zchat_event_t *event);
/*  A direct message for which chat_past_event was true, as it would be shown (taken).  */
void chat_past_line (chat_t *chat, const zchat_event_t *event, char *text);
/*  The request was answered.                                                  */
void chat_past_replied (chat_t *chat, uint64_t id, bool refused);
/*  Messages that were sealed are open now.                                    */
void chat_past_step (chat_t *chat);
void chat_past_destroy (chat_past_t *past);

/*  --- chat_unsent.c: what was typed is there at the next start ---------------- */

/*  A message was entered, or something became of one.                         */
void chat_unsent_changed (chat_t *chat);
void chat_unsent_event (chat_t *chat, const zchat_event_t *event);

/*  Take up what an earlier run left: the client is new, or has nothing to send.  */
void chat_unsent_start (chat_t *chat);

/*  Write or remove the file, where it is time.                                */
void chat_unsent_step (chat_t *chat);

/*  The name is another one, and with it the file.                             */
void chat_unsent_renamed (chat_t *chat);

/*  The client is closed. How many messages the next start will find; *why, to free, where not all.
 */
size_t chat_unsent_close (chat_t *chat, char **why);

/*  What becomes of what was typed and is not acknowledged: at the end.        */
void chat_unsent_tell (chat_t *chat, size_t unsent, size_t kept, const char *why);

/*  The same of commands that would change something and have no answer; how many they are. A
    question that has none is missed by nobody.                                */
size_t chat_undone_tell (chat_t *chat);

/*  --- chat_order.c: rooms of one's own and their order ----------------------- */

/*  /create, /invite, /kick, /ban and the like, /remove, /modes.               */
void chat_order_command (chat_t *chat, const command_t *command);

/*  False after a person was told why this is no name. A room may be spelled anyhow.  */
bool chat_good_name (chat_t *chat, const char *name);

/*  {"set":...,"user":...,"reason":...,"for_ms":...}; NULL: no UTF-8. The caller frees it. */
char *chat_mode_json (const command_t *command, const char *user);

/*  --- chat_mailbox.c: whose direct messages one takes ------------------------ */

/*  /ignore, /allow and the like, /strangers.                                  */
void chat_mailbox_command (chat_t *chat, const command_t *command);
/*  The broker's answer to them. False: it is told as any other's.             */
bool chat_mailbox_answered (chat_t *chat, const chat_request_t *request, zchat_status_t status);
/*  True where it is of somebody who is ignored on this computer.              */
bool chat_hides (chat_t *chat, const zchat_event_t *event);

/*  --- chat_order.c ------------------------------------------------------------ */

/*  Remember who said it, and learn what is taken away: then *whose (of ZCHAT_NAME_MAX + 1
    bytes) is who had said it, where that is another and known, else "".       */
void chat_said (chat_t *chat, const zchat_event_t *event, char *whose);

/*  Ask a person for another name; a script ends.                              */
void chat_ask_name (chat_t *chat);

#endif
