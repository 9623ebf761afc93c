/*  talk_private.h - what the files talk*.c share                              */
#ifndef ZCHAT_TALK_TALK_PRIVATE_H
#define ZCHAT_TALK_TALK_PRIVATE_H

#include "buffer.h"
#include "commands.h"
#include "direct.h"
#include "ignored.h"
#include "messages.h"
#include "name.h"
#include "retry.h"
#include "talk.h"
#include "unsent_file.h"

enum {
    REQUESTS_MAX = 16, /* commands that wait for their answer                  */
};
#define TALK_MAILBOX "@"

typedef struct {
    char name[ZCHAT_NAME_MAX + 1]; /* as typed; once joined, as the broker spells it */
    name_keys_t keys;
    bool joined;          /* TALK_ENTERED was given on this or an earlier connection */
    bool spoken;          /* something was typed for it in this run                 */
    uint64_t oldest;      /* seq of the oldest message shown; 0: none was           */
    uint64_t newest;      /* seq of the newest event that came                      */
    size_t unread;        /* messages that came while text went elsewhere           */
    size_t urgent;        /* of them: those that mention oneself                    */
    uint64_t read;        /* up to which seq it was looked at (talk_options_t.looks) */
    messages_t *messages; /* owned; of the mailbox NULL: see the persons       */
} talk_room_t;

/*  Somebody with whom there is a direct talk.                                 */
typedef struct {
    char name[ZCHAT_NAME_MAX + 1];
    name_keys_t keys;
    size_t unread;
    uint64_t read;        /* as in talk_room_t, in the mailbox                 */
    messages_t *messages; /* owned                                             */
} talk_person_t;

typedef struct {
    uint64_t id;
    command_kind_t kind;
    bool yes;                      /* of /verify                               */
    bool own_keys;                 /* of /keys, /verify, /query: it asks for the user's own keys */
    bool here;                     /* of /unignore: this computer has done it already */
    char name[ZCHAT_NAME_MAX + 1]; /* what it is about: a person, a room, or "" */
} talk_request_t;

typedef struct {
    zchat_type_t type;
    uint64_t seq, time_ms;
    char *user, *body, *mark; /* owned; mark is NULL where there is none       */
    size_t size;              /* of body                                       */
} past_line_t;

/*  A /history, and where it stopped.                                          */
typedef struct {
    uint64_t id;                     /* of the request under way; 0: none      */
    char room[ZCHAT_NAME_MAX + 1];   /* the room asked for; for a person, the mailbox */
    char person[ZCHAT_NAME_MAX + 1]; /* only messages with this person are wanted; "": all are */
    uint64_t before;                 /* the present page, or the next one, ends below this seq */
    uint64_t lowest;                 /* the lowest seq of the page; 0: it is empty so far */
    uint64_t highest;                /* the highest one                        */
    bool paged;                      /* talk_page asked for it                 */
    size_t wanted;                   /* messages still to be found             */
    size_t pages;                    /* pages looked through so far            */
    bool replied;                    /* the page is complete                   */
    past_line_t *lines;              /* n_lines that were found, then n_page of the present page */
    size_t n_lines, n_page, capacity;
} talk_past_t;

/*  The file in which messages wait for the broker; see talk_unsent.c.         */
typedef struct {
    unsent_file_t *file; /* NULL: none was needed, or other zchats have them all */
    bool exists;         /* it holds something                                 */
    bool changed;        /* the file is out of date                            */
    bool told;           /* a failure to write it was told                     */
    uint64_t changed_ms; /* when it went out of date; monotonic                */
} talk_unsent_t;

struct talk {
    talk_options_t options; /* what its pointers point to is borrowed          */
    zchat_client_t *client; /* NULL until there is a name                      */
    bool asks_name;
    bool down; /* TALK_CONNECTION told that there is no connection             */
    bool ended;
    int status;                      /* exit status, once ended                */
    int trouble;                     /* outcome of the last refusal; a script's exit status */
    bool nick_told;                  /* the name the broker gave us was told   */
    bool warned_plain;               /* it was told that whoever takes a name reads its mail */
    char nick[ZCHAT_NAME_MAX + 1];   /* the name that was asked for last       */
    char former[ZCHAT_NAME_MAX + 1]; /* the last name under which one was connected, or "" */
    talk_room_t *rooms;              /* of ZCHAT_SESSION_ROOMS_MAX             */
    size_t n_rooms;
    talk_person_t *persons; /* of TALK_PERSONS_MAX, in the order they were met */
    size_t n_persons;
    size_t current; /* index of the room where text goes; n_rooms: nowhere     */
    talk_request_t requests[REQUESTS_MAX];
    size_t n_requests;
    direct_t *direct; /* NULL: it could not be made, and the talk has ended    */
    ignored_t *ignored;
    talk_room_t mail;               /* one's own mailbox                       */
    char query[ZCHAT_NAME_MAX + 1]; /* the person to whom text goes; "": it goes to the room */
    talk_past_t past;
    talk_unsent_t unsent;
    retry_t *retry; /* owned; NULL: nothing was entered                        */
    uint64_t told;  /* direct messages that were entered; makes their ids until they have one */
    bool proven;    /* the name is, on the present connection                   */
    bool away;      /* by /away, and nothing was said since                     */
    bool typing;    /* a line was begun, and numbers count up to `upto`         */
    uint64_t upto;  /* the newest message then; 0: there was none               */
    char away_text[ZCHAT_AWAY_MAX + 1];
};

void talk_emit (talk_t *talk, const talk_event_t *event);

/*  Emit a TALK_REFUSAL. A script ends with this outcome as its exit status. reason may be NULL. */
void talk_refuse (talk_t *talk, int outcome, const char *text, const char *reason);

/*  Return the broker's sentence where there is one, else the status's.        */
const char *talk_reason (const zchat_event_t *event);

void talk_answer (talk_t *talk, talk_question_t question, const char *json);

/*  Emit a notice that reads "text: reason".                                   */
void talk_notice_because (talk_t *talk, const char *text, const char *reason);

/*  Emit a notice with a hint, to which a face adds how its program does what would help. */
void talk_notice_hint (talk_t *talk, const char *text, hint_t hint);

/*  Take in what the client tells.                                             */
void talk_happened (talk_t *talk, const zchat_event_t *event);

/*  End the talk with this exit status.                                        */
void talk_end (talk_t *talk, int status);

/*  Refuse with "not sent to bob: why".                                        */
void talk_not_sent (talk_t *talk, const char *user, int status, const char *why);

/*  Return the room where text goes, or NULL after it was told that there is none. */
const char *talk_current_room (talk_t *talk);

/*  Enter a room, or go back to it.                                            */
void talk_join (talk_t *talk, const char *name);
void talk_part (talk_t *talk, const char *name);

/*  Tell that a message came into a room. It is unread unless text goes there. */
void talk_unread_room (talk_t *talk, size_t index, bool urgent);

/*  Take what the broker says at JOINED of how far it was read, where the face looks. */
void talk_read_known (talk_t *talk, talk_room_t *room, uint64_t read, uint64_t head);

/*  Tell what became of a message that was entered.                            */
void talk_sending (talk_t *talk, talk_sending_t state, uint64_t id, uint64_t former, uint64_t seq);
void talk_queued (talk_t *talk, uint64_t id, const char *name, zchat_type_t type, const char *text,
                  size_t size, uint64_t re);

/*  Tell that something was said to or by somebody, so that there is a talk with them; unread: it
    is new and came from them.                                                 */
void talk_person_seen (talk_t *talk, const char *name, bool unread);

/*  Return the messages with somebody; there is a talk with them from now on. NULL: that is no
    name.                                                                      */
messages_t *talk_person_messages (talk_t *talk, const char *name);

/*  Let text go to this person from now on; "": to the room.                   */
void talk_focus_person (talk_t *talk, const char *name);

/*  True where one more request may wait for its answer; otherwise it was told that too many do. */
bool talk_may_request (talk_t *talk);

/*  Remember for which answer the request waits, or tell why it was not made. name: what it is
    about, or NULL. With COMMAND_NOTHING as kind only a refusal is told.       */
void talk_requested (talk_t *talk, command_kind_t kind, zchat_status_t status, uint64_t id,
                     const char *name, bool yes);

/*  Refuse a message of this many bytes as too long.                           */
void talk_too_long (talk_t *talk, size_t size);

/*  Compose a name as it was typed into NFC; the caller frees it.              */
char *talk_name (const char *text, size_t size);

/*  Find the room of that name, however it is spelled; n_rooms where there is none. */
size_t talk_find_room (const talk_t *talk, const char *name);
void talk_remove_room (talk_t *talk, size_t index);

/*  Connect under a name, the first one or another. False where that is not possible: the reason
    was told, and where no name would help, the talk has ended.                */
bool talk_use_name (talk_t *talk, const char *name);

/*  --- talk_person.c: talking with one person alone --------------------------- */

/*  Do /msg, /query, /keys or /verify.                                         */
void talk_person_command (talk_t *talk, const command_t *command, zchat_status_t *status);

/*  Tell somebody a text, sealed where that is possible. re_ms: the time of the message that it
    answers, or 0. ZCHAT_OK, whatever came of it, or
    ZCHAT_FULL.                                                                */
zchat_status_t talk_tell (talk_t *talk, const char *user, const char *text, size_t size,
                          uint64_t re_ms) ZCHAT_CHECKED;

/*  Take the answer to KEYS.                                                   */
void talk_keys_answered (talk_t *talk, const talk_request_t *request, const zchat_event_t *event);

/*  Return the callbacks that turn direct messages into events.                */
direct_calls_t talk_direct_calls (talk_t *talk);

/*  --- talk_past.c: what was said before -------------------------------------- */

/*  Do /history: ask for the last `count` messages of the room, or of the talk with the person
    whom /query names. more: those before what was already shown.              */
void talk_past_ask (talk_t *talk, size_t count, bool more);
/*  Show the message seq of a room, and what was said around it.               */
void talk_past_around (talk_t *talk, const char *room, uint64_t seq);
/*  True where talk_page asked for the event.                                  */
bool talk_paged (const talk_t *talk, const zchat_event_t *event);
/*  Take an event of HISTORY. True where it was wanted for talk_past_line alone. */
bool talk_past_event (talk_t *talk, const zchat_event_t *event);
/*  Take a direct message for which talk_past_event was true, now opened; mark may be NULL. */
void talk_past_line (talk_t *talk, const zchat_event_t *event, const char *mark);
/*  Tell that the request was answered.                                        */
void talk_past_replied (talk_t *talk, uint64_t id, bool refused);
/*  Go on, where messages of the page that were sealed are open now.           */
void talk_past_step (talk_t *talk);
void talk_past_destroy (talk_past_t *past);

/*  --- talk_unsent.c: what was typed is kept for the next start ---------------- */

/*  Tell that a message was entered, or that something became of one.          */
void talk_unsent_changed (talk_t *talk);
void talk_unsent_event (talk_t *talk, const zchat_event_t *event);

/*  Send what an earlier run left. The client must be new, or have nothing to send. */
void talk_unsent_start (talk_t *talk);

/*  Write or remove the file, where it is time.                                */
void talk_unsent_step (talk_t *talk);

/*  Tell that the name is another one, and with it the file.                   */
void talk_unsent_renamed (talk_t *talk);

/*  Write the file; the client is closed. Returns how many messages the next start will find.
    Where that is not all, *why says why; the caller frees it.                 */
size_t talk_unsent_close (talk_t *talk, char **why);

/*  At the end, tell what becomes of messages that are not acknowledged.       */
void talk_unsent_tell (talk_t *talk, size_t unsent, size_t kept, const char *why);

/*  Do the same for commands that would change something and have no answer. Returns how many
    there are; questions without an answer are not counted.                    */
size_t talk_undone_tell (talk_t *talk);

/*  --- talk_order.c: one's own rooms, and order in them ------------------------ */

/*  Do /create, /invite, /kick, /ban and the like, /remove or /modes.          */
void talk_order_command (talk_t *talk, const command_t *command);

/*  True where the name is allowed; otherwise it was told why not.             */
bool talk_good_name (talk_t *talk, const char *name);

/*  Write {"set":...,"user":...,"reason":...,"for_ms":...}; NULL where something is no UTF-8. The
    caller frees it.                                                           */
char *talk_mode_json (const command_t *command, const char *user);

/*  --- talk_mailbox.c: whose direct messages one takes ------------------------ */

/*  Do /ignore, /allow and the like, or /strangers.                            */
void talk_mailbox_command (talk_t *talk, const command_t *command);
/*  Take the broker's answer to them. False where it is to be told like any other answer. */
bool talk_mailbox_answered (talk_t *talk, const talk_request_t *request, zchat_status_t status);
/*  True where the event comes from somebody who is ignored on this computer.  */
bool talk_hides (talk_t *talk, const zchat_event_t *event);

/*  --- talk_retry.c: what was refused is sent again ---------------------------- */

/*  Keep a message that was entered, and tell what becomes of it.              */
void talk_retry_keep (talk_t *talk, uint64_t id, const retry_message_t *message);
void talk_retry_became (talk_t *talk, talk_sending_t state, uint64_t id, uint64_t former);
/*  Do /retry.                                                                 */
void talk_retry (talk_t *talk);

/*  --- talk_settings.c: the config file ---------------------------------------- */

/*  Do /set or /unset.                                                         */
void talk_settings_command (talk_t *talk, const command_t *command);

/*  --- talk_messages.c: messages that were said ------------------------------- */

/*  Do /reply, /edit, /react, /link, /search, /unread, /away, /back.           */
void talk_message_command (talk_t *talk, const command_t *command, zchat_status_t *status);
/*  Take the broker's answer to them. True: it was told.                       */
bool talk_message_answered (talk_t *talk, const talk_request_t *request,
                            const zchat_event_t *event);

/*  Return the messages of the conversation where text goes; NULL: there is none. */
messages_t *talk_messages_here (talk_t *talk);

/*  Apply an event to the messages of its conversation (NULL: to none), and say what changed. */
talk_about_t talk_apply (talk_t *talk, messages_t *messages, const zchat_event_t *event);

/*  Return the seq of the message that a command means; 0 after it was told that there is none. */
uint64_t talk_pointed (talk_t *talk, const command_t *command);

/*  Tell that text goes elsewhere from now on, so numbers count anew.          */
void talk_typing_elsewhere (talk_t *talk);

/*  Tell the broker what was shown where text goes: a person has read it.      */
void talk_read_here (talk_t *talk);

/*  Tell the broker that a room, or the mailbox, was read up to seq. Of the mailbox it is told once
    nothing in it is unread.                                                   */
void talk_read_there (talk_t *talk, const char *room, uint64_t seq);

/*  Tell of a MENTION, unless the message itself is shown.                     */
void talk_mentioned (talk_t *talk, const zchat_event_t *event);

/*  Say AWAY again, on another connection.                                     */
zchat_status_t talk_say_away (talk_t *talk, uint64_t *id) ZCHAT_CHECKED;

/*  --- talk_conversations.c ---------------------------------------------------- */

/*  Find somebody with whom there is a talk; NULL: there is none.              */
talk_person_t *talk_find_person (talk_t *talk, const char *name);

/*  Another device has read a room, or the mailbox.                            */
void talk_read_elsewhere (talk_t *talk, const zchat_event_t *event);

/*  Forget the messages of a room, of the mailbox "@", or (NULL) of all: their numbers mean nothing
    any more, because the log is another one, or went back.                    */
void talk_forget_messages (talk_t *talk, const char *room);

/*  Ask a person for another name; a script's talk ends instead.               */
void talk_ask_name (talk_t *talk);

#endif
