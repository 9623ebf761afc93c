/*  talk.h - the conversation without a terminal: commands in, typed events out

    Rooms and direct talks with what is unread in them, people and whether they are trusted,
    sealing, known brokers, what waits for the next start. A face (pipes, lines, a screen) hands in
    what was entered and shows the events; it decides nothing but how things look.

    Text of peers and of the broker stands in the events as it came: a face passes it through
    zchat_text_display once, where it shows it. There are no escape sequences, no colours and no
    line breaks for a width in here.
*/
#ifndef ZCHAT_TALK_TALK_H
#define ZCHAT_TALK_TALK_H

#include "commands.h"
#include "credentials.h"
#include "hint.h"
#include "outcome.h"
#include <zchat/client.h>

typedef struct talk talk_t;

/*  People with whom there is a direct talk at a time; beyond it the first one met gives way. */
enum { TALK_PERSONS_MAX = 256 };

/*  --- events out ------------------------------------------------------------ */

typedef enum {
    TALK_MESSAGE,    /* something was said or done in a room: `message`          */
    TALK_DIRECT,     /* something was told one person alone: `message`           */
    TALK_CONNECTION, /* CONNECTED, DISCONNECTED or REFUSED: `connection`         */
    TALK_ENTERED,    /* we are in a room: `room`                                 */
    TALK_LEFT,       /* we are no longer in a room, or did not come in: `room`   */
    TALK_TROUBLE,    /* LOST, LOG_REPLACED, FAILED, UNKNOWN or WARNING: `trouble` */
    TALK_ANSWER,     /* the broker answered a question: `answer`                 */
    TALK_NOTICE,     /* this program has something to say: `notice`              */
    TALK_REFUSAL,    /* something was not done: `notice`                         */
    TALK_TRUST,      /* somebody's keys have changed, or are to be compared: `trust` */
    TALK_NAME_ASKED, /* the next line entered is a name: `notice`                */
    TALK_OPENED,     /* there is one more conversation: `conversation`           */
    TALK_CLOSED,     /* there is one less: `conversation`                        */
    TALK_FOCUS,      /* what is typed goes there from now on: `conversation`; its name is "" where
                        text goes nowhere                                        */
    TALK_UNREAD,     /* the number of unread messages changed: `conversation`    */
    TALK_OVER,       /* the talk has ended: `outcome`                            */
} talk_kind_t;

typedef enum { TALK_WHO, TALK_ROOMS, TALK_TOPIC, TALK_MODES, TALK_KEYS } talk_question_t;

typedef enum {
    TALK_KEYS_CHANGED, /* keys are there that were not: an alarm                 */
    TALK_KEYS_GONE,    /* there were keys, and there are none: an alarm          */
    TALK_KEYS_VOUCHED, /* a new key, for which a known one vouches               */
    TALK_KEYS_COMPARE, /* two people are to compare `fingerprint`                */
} talk_trust_t;

/*  Pointers are valid until the event callback returns.                       */
typedef struct {
    talk_kind_t kind;
    union {
        struct {
            const zchat_event_t *event; /* body: as it is to be read, opened where it was sealed */
            const char *whose;          /* of a REMOVE: who had said it, or ""   */
            const char *mark;           /* of a direct message: how it was sealed, or NULL */
            bool echo;                  /* whoever typed here has typed this     */
            bool past;                  /* it was asked for by /history          */
        } message;
        struct {
            const zchat_event_t *event;
            bool again; /* the connection was lost before and that was told      */
        } connection;
        struct {
            const zchat_event_t *event;
            bool again; /* of ENTERED: we were in it before the connection was lost */
        } room;
        const zchat_event_t *trouble;
        struct {
            talk_question_t question;
            const char *json; /* as PROTOCOL.md has the reply                    */
        } answer;
        struct {
            const char *text; /* a sentence in plain words; may hold names of peers */
            const char *why;  /* the reason, or NULL; shown as "text: why"       */
            int outcome;      /* of a REFUSAL: see outcome.h                     */
            hint_t hint;      /* of a NOTICE: what would help                    */
        } notice;
        struct {
            talk_trust_t trust;
            const char *user;
            const char *text;        /* all of it as a sentence                  */
            const char *fingerprint; /* of COMPARE, else NULL                    */
            hint_t hint;             /* what would help                          */
        } trust;
        struct {
            const char *name;
            bool person;   /* false: it is a room                                */
            size_t unread; /* messages that came while text went elsewhere       */
        } conversation;
        int outcome;
    };
} talk_event_t;

/*  --- life ------------------------------------------------------------------ */

/*  Everything is borrowed for the life of the talk.                           */
typedef struct {
    const char *endpoint;
    credentials_t *credentials; /* NULL: the connection is not encrypted         */
    const char *token;          /* or NULL                                       */
    const char *nick;           /* NULL: it is asked for                         */
    const char *const *rooms;   /* valid names, to be entered at once            */
    size_t n_rooms;
    uint64_t last;   /* messages of before shown on entering a room              */
    uint64_t since;  /* or the first seq wanted; 0: see last                     */
    bool scripted;   /* no person: a refused name ends the talk, nothing is kept for the next
                        start, and how things stand is not told                  */
    bool keeps_line; /* the face keeps a line for which talk_enter said ZCHAT_LIMIT */
    void (*event) (void *arg, const talk_event_t *event); /* may not call the talk */
    void *arg;
} talk_options_t;

/*  A conversation; begins to connect where a name is known. options is copied. Events may come
    before it returns. Never NULL: what goes wrong is told, and talk_ended is true then. */
talk_t *talk_new (const talk_options_t *options);
void talk_destroy (talk_t **talk);

/*  The client, or NULL while there is none: for its descriptor and its timeout. */
zchat_client_t *talk_client (talk_t *talk);

/*  Take what the client has to tell, a bounded number of events.
    True: more is waiting.                                                     */
bool talk_step (talk_t *talk);

/*  True when it is over: /quit, or refused for good. *status: for exit.       */
bool talk_ended (const talk_t *talk, int *status);

/*  No more is coming: say BYE, without waiting, and tell what stays unacknowledged. The exit
    status, where `status` is the one so far.                                  */
int talk_close (talk_t *talk, int status);

/*  --- commands in ----------------------------------------------------------- */

/*  A line was entered: a text to say, a command, or the name that was asked for.
    ZCHAT_OK: it was seen to, whatever came of it. ZCHAT_FULL: nothing more can be sent
    until messages are acknowledged; enter it again then. ZCHAT_LIMIT: it is too long, and it
    was told how long it may be.                                               */
zchat_status_t talk_enter (talk_t *talk, const char *line, size_t size) ZCHAT_CHECKED;

/*  The same for a line that is text, whatever it looks like; but a name where one is asked for. */
zchat_status_t talk_enter_text (talk_t *talk, const char *line, size_t size) ZCHAT_CHECKED;

/*  The same for a command that needs no reading. A name is not asked for.     */
zchat_status_t talk_do (talk_t *talk, const command_t *command) ZCHAT_CHECKED;

/*  Tell something of the face's own among the other notices.                  */
void talk_notice (talk_t *talk, const char *text);

/*  --- how things stand ------------------------------------------------------ */

typedef struct {
    bool asks_name;    /* the next line is a name                               */
    bool offline;      /* there is no connection                                */
    bool person;       /* text goes to one person                               */
    const char *name;  /* where text goes, or "": nowhere; valid until the next call */
    size_t unsent;     /* messages that are not acknowledged                    */
    size_t unanswered; /* those, and requests without an answer                 */
    size_t n_conversations;
} talk_state_t;

void talk_state (const talk_t *talk, talk_state_t *state);

/*  The conversation number index, rooms first; false: there are fewer. *name is valid until the
    next call that changes something.                                          */
bool talk_conversation (const talk_t *talk, size_t index, const char **name, bool *person,
                        size_t *unread);

#endif
