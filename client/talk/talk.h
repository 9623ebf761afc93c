/*  talk.h - the conversation without a terminal: commands in, typed events out

    A talk holds rooms and direct talks with what is unread in them, people and whether they are
    trusted, sealing, known brokers, and what waits for the next start. A face (pipes, lines, a
    screen) hands in what was entered and shows the events; it decides nothing but how things look.

    Text of peers and of the broker stands in the events as it came: a face passes it through
    zchat_text_display once, where it shows it. Nothing in here holds escape sequences, colours or
    line breaks for a width.
*/
#ifndef ZCHAT_TALK_TALK_H
#define ZCHAT_TALK_TALK_H

#include "commands.h"
#include "credentials.h"
#include "hint.h"
#include "messages.h"
#include "outcome.h"
#include "settings_file.h"
#include <zchat/client.h>

typedef struct talk talk_t;

/*  People with whom there can be a direct talk at a time. Beyond that, the one who was met first
    gives way.                                                                 */
enum { TALK_PERSONS_MAX = 256 };

/*  --- events out ------------------------------------------------------------ */

typedef enum {
    TALK_MESSAGE,    /* something was said or done in a room: `message`        */
    TALK_DIRECT,     /* something was told one person alone: `message`         */
    TALK_CONNECTION, /* CONNECTED, DISCONNECTED or REFUSED: `connection`       */
    TALK_ENTERED,    /* we are in a room: `room`                               */
    TALK_LEFT,       /* we are no longer in a room, or did not come in: `room` */
    TALK_TROUBLE,    /* LOST, LOG_REPLACED, FAILED, UNKNOWN or WARNING: `trouble` */
    TALK_ANSWER,     /* the broker answered a question: `answer`               */
    TALK_NOTICE,     /* this program has something to say: `notice`            */
    TALK_REFUSAL,    /* something was not done: `notice`                       */
    TALK_TRUST,      /* somebody's keys have changed, or are to be compared: `trust` */
    TALK_NAME_ASKED, /* the next line entered is a name: `notice`              */
    TALK_OPENED,     /* there is one more conversation: `conversation`         */
    TALK_CLOSED,     /* there is one conversation less: `conversation`         */
    TALK_FOCUS,  /* what is typed goes to `conversation` from now on; its name is "" where text goes
                    nowhere */
    TALK_UNREAD, /* the number of unread messages changed: `conversation`      */
    TALK_EDITING, /* a message is to be edited: a face with a line puts `editing` into it, and
                     does COMMAND_EDIT with its seq when that is entered       */
    TALK_SENDING, /* with talk_options_t.looks: what becomes of a message that was entered:
                   * `sending`
                   */
    TALK_PAGE,    /* what talk_page asked for has come: `page`                  */
    TALK_SETTING, /* a setting is another one: `setting`. A face that shows it looks at the file's
                     settings again */
    TALK_OVER,    /* the talk has ended: `outcome`                              */
} talk_kind_t;

typedef enum {
    TALK_WHO,
    TALK_ROOMS,
    TALK_TOPIC,
    TALK_MODES,
    TALK_KEYS,
    TALK_SEARCH,
    TALK_UNREAD_ROOMS,
} talk_question_t;

typedef enum {
    TALK_QUEUED,   /* it waits for the broker                                   */
    TALK_NUMBERED, /* what had the id `former` has the id `id` from now on      */
    TALK_STORED,   /* it is on the broker's disk; it comes as a message, too    */
    TALK_REFUSED, /* it will not be sent. Where the broker says so, it is TALK_TROUBLE instead, with
                     the id in its event                                       */
} talk_sending_t;

/*  What an event is about, in the conversation where it came.                 */
typedef struct {
    messages_change_t change;
    const message_t *message; /* that was said, edited, reacted to, removed; NULL: not kept */
    size_t number;            /* of that message, as a person points at it; 0: none  */
    const message_t *re;      /* the message that is answered; NULL: none, or not kept */
} talk_about_t;

typedef enum {
    TALK_KEYS_CHANGED, /* keys are there that were not there before: an alarm  */
    TALK_KEYS_GONE,    /* there were keys, and now there are none: an alarm    */
    TALK_KEYS_VOUCHED, /* there is a new key, for which a known one vouches    */
    TALK_KEYS_COMPARE, /* two people are to compare `fingerprint`              */
} talk_trust_t;

/*  Pointers are valid until the event callback returns.                       */
typedef struct {
    talk_kind_t kind;
    union {
        struct {
            const zchat_event_t *event; /* with the body as it is to be read, opened */
            talk_about_t about;
            const char *mark; /* of a direct message: how it was sealed, or NULL */
            bool echo;        /* it was typed here                   */
            bool past;        /* it was asked for by /history        */
        } message;
        struct {
            const zchat_event_t *event;
            bool again; /* it was lost before, and that was told               */
        } connection;
        struct {
            const zchat_event_t *event;
            bool again; /* with ENTERED: we were in it before the connection was lost */
        } room;
        const zchat_event_t *trouble;
        struct {
            talk_question_t question;
            const char *json; /* the reply, in the form that PROTOCOL.md gives it */
        } answer;
        struct {
            const char *text; /* a sentence in plain words; may hold names of peers */
            const char *why;  /* the reason, or NULL; shown as "text: why"     */
            int outcome;      /* with REFUSAL: an exit status, see outcome.h   */
            hint_t hint;      /* with NOTICE: what would help                  */
        } notice;
        struct {
            talk_trust_t trust;
            const char *user;
            const char *text;        /* the whole of it as a sentence          */
            const char *fingerprint; /* with COMPARE, else NULL                */
            hint_t hint;             /* what would help                        */
        } trust;
        struct {
            const char *name;
            bool person;   /* false: it is a room                              */
            size_t unread; /* messages that came while text went elsewhere, or (see looks) were
                              not looked at                                    */
            size_t urgent; /* of them, with looks: those that mention oneself; of a person all */
        } conversation;
        struct {
            talk_sending_t state;
            uint64_t id;      /* of this message, until another one is told; 0: an earlier run has
                                 left it, and nothing more is told of it but that it comes */
            uint64_t former;  /* with NUMBERED                                 */
            const char *name; /* with QUEUED: to whom, or into which room      */
            bool person;
            zchat_type_t type; /* with QUEUED: SAY, ACTION or TELL             */
            const char *text;  /* with QUEUED; not ended by NUL                */
            size_t size;
            uint64_t re;  /* with QUEUED: the message that it answers, as in zchat_event_t */
            uint64_t seq; /* with STORED; 0: not known                         */
        } sending;
        struct {
            const char *name;
            bool person;
            bool failed;      /* there was no answer, or a refusal             */
            uint64_t lowest;  /* seq of what came; 0: nothing                  */
            uint64_t highest; /* of a room: the highest one; 0: nothing        */
        } page;
        struct {
            uint64_t seq;
            const char *text; /* as it was said                                */
            size_t size;
        } editing;
        setting_t setting;
        int outcome;
    };
} talk_event_t;

/*  --- life ------------------------------------------------------------------ */

/*  Everything is borrowed for the life of the talk.                           */
typedef struct {
    const char *endpoint;
    credentials_t *credentials; /* NULL: the connection is not encrypted       */
    const char *token;          /* or NULL                                     */
    const char *nick;           /* NULL: the talk asks for it                  */
    settings_file_t *settings;  /* for /set; NULL: there is none               */
    const char *broker;         /* the name of this broker in it, or NULL      */
    const char *const *rooms;   /* valid names, to be entered at once          */
    size_t n_rooms;
    uint64_t last;   /* earlier messages to be shown on entering a room         */
    uint64_t since;  /* the first seq to be shown instead; 0: see last          */
    uint64_t around; /* a message of the first room, shown with what was said around it; 0: none */
    bool scripted; /* no person is there: a refused name ends the talk, nothing is kept for the next
                      start, and how things stand is not told */
    bool looks; /* the face says what was looked at (talk_looked), and only that counts as read; and
                   it is told what becomes of messages (TALK_SENDING)             */
    bool keeps_line; /* the face keeps a line for which talk_enter returned ZCHAT_LIMIT */
    void (*event) (void *arg, const talk_event_t *event); /* it may not call the talk */
    void *arg;
} talk_options_t;

/*  Begin a conversation, and connect where a name is known. options is copied. Events may come
    before it returns. It never returns NULL: what goes wrong is told, and talk_ended is true
    then.                                                                      */
talk_t *talk_new (const talk_options_t *options);
void talk_destroy (talk_t **talk);

/*  Return the client, for its descriptor and its timeout; NULL while there is none. */
zchat_client_t *talk_client (talk_t *talk);

/*  Take what the client has to tell, a bounded number of events. True: more is waiting. */
bool talk_step (talk_t *talk);

/*  True when the talk is over, by /quit or because it was refused for good. *status: the exit
    status.                                                                    */
bool talk_ended (const talk_t *talk, int *status);

/*  End the talk: say BYE, without waiting, and tell what stays unacknowledged. `status` is the
    exit status so far; returns the final one.                                 */
int talk_close (talk_t *talk, int status);

/*  --- commands in ----------------------------------------------------------- */

/*  Enter a line: a text to say, a command, or the name that was asked for. ZCHAT_OK: the talk
    has done with it what it could. ZCHAT_FULL: nothing more can be sent until messages are
    acknowledged; enter the line again then. ZCHAT_LIMIT: it is too long, and the talk told how
    long it may be.                                                            */
zchat_status_t talk_enter (talk_t *talk, const char *line, size_t size) ZCHAT_CHECKED;

/*  Do the same with a line that is text, whatever it looks like. Where a name is asked for, it
    is the name.                                                               */
zchat_status_t talk_enter_text (talk_t *talk, const char *line, size_t size) ZCHAT_CHECKED;

/*  Do the same with a command that needs no reading. A name that is asked for does not come this
    way.                                                                       */
zchat_status_t talk_do (talk_t *talk, const command_t *command) ZCHAT_CHECKED;

/*  Tell that the person has begun a line, or has none any more. Numbers of messages stay as they
    were when it was begun. A face without a line need not call it.            */
void talk_typing (talk_t *talk, bool typing);

/*  True where one's own last message in this conversation can still be edited: COMMAND_EDIT
    without text then leads to TALK_EDITING.                                   */
bool talk_may_edit (talk_t *talk);

/*  Let text go to a conversation that there is.                               */
void talk_focus (talk_t *talk, const char *name, bool person);

/*  Tell that a conversation was looked at up to this seq (UINT64_MAX: all that came). It counts as
    read then, here and, where the broker keeps that, on every device.          */
void talk_looked (talk_t *talk, const char *name, bool person, uint64_t seq);

/*  Ask for what was said in a conversation: of a room the events after the seq `after`, or, where
    before is not 0, the last ones below it (UINT64_MAX: the last of all); of a person those below
    `before`. At most limit of them come, as messages of the past, then TALK_PAGE. False: not now,
    because another page is on its way, or because there is no such conversation. */
bool talk_page (talk_t *talk, const char *name, bool person, uint64_t after, uint64_t before,
                size_t limit);

/*  Tell something of the face's own, as a notice among the others.            */
void talk_notice (talk_t *talk, const char *text);

/*  --- how things stand ------------------------------------------------------ */

typedef struct {
    bool asks_name;    /* the next line is a name                              */
    bool offline;      /* there is no connection                               */
    bool person;       /* text goes to one person                              */
    const char *name;  /* where text goes; "": nowhere. Valid until the next call */
    size_t unsent;     /* messages that are not acknowledged                   */
    size_t unanswered; /* those messages, and requests without an answer       */
    size_t n_conversations;
    const char *own;  /* one's own name, or "" while there is none. Valid until the next call */
    const char *seal; /* of a person: "sealed", "verified", "PLAIN" (whoever has the broker can read
                         it), "ALARM" (the keys have changed), "" (not known yet). NULL: it is a
                         room. Static                                                 */
} talk_state_t;

void talk_state (const talk_t *talk, talk_state_t *state);

/*  Show the conversation at index, rooms first; false: there are fewer. *name is valid until the
    next call that changes something.                                          */
bool talk_conversation (const talk_t *talk, size_t index, const char **name, bool *person,
                        size_t *unread);

#endif
