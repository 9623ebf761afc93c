/*  messages.h - the last messages of one conversation, and what became of them

    Pure. Events of one room, or of the talk with one person, go in; out comes what changed, so that
    a face can show it: the line mode appends a line, a full screen draws the message anew. What
    was said, edited, reacted and removed is kept of the last MESSAGES_MAX messages, in the order of
    their seqs; beyond that, or beyond MESSAGES_BYTES_MAX, the oldest are forgotten.

    Events may come twice, and a history may run beside what happens now. What is applied counts
    once: a MARKS says up to which seq everything is in it.

    A person points at a message by its number: 1 is the newest one, 2 the one before. Only what
    was said counts, also where it was removed since; joins, topics, edits and reactions do not.
*/
#ifndef ZCHAT_TALK_MESSAGES_H
#define ZCHAT_TALK_MESSAGES_H

#include <zchat/client.h>

enum {
    MESSAGES_MAX = 500,          /* messages of a conversation that are kept     */
    MESSAGES_BYTES_MAX = 524288, /* and their bytes; the newest is always kept   */
    MESSAGES_MANY_MAX = 8192,    /* the most that messages_new_many takes        */
    MESSAGES_REACTIONS_MAX = 40, /* different reactions of a message; the broker allows fewer */
    MESSAGES_NAMES_MAX = 8,      /* users of a reaction that are known by name   */
};

typedef struct messages messages_t;

typedef struct {
    char text[ZCHAT_REACTION_MAX + 1];
    uint64_t count; /* users who reacted so                                     */
    bool mine;      /* oneself is among them                                    */
    size_t n_users; /* of them, in users; there may be more                     */
    char users[MESSAGES_NAMES_MAX][ZCHAT_NAME_MAX + 1];
} message_reaction_t;

/*  Text of peers stands here as it came. The pointers are valid until the next messages_apply. */
typedef struct {
    uint64_t seq;
    uint64_t time_ms;
    uint64_t re;       /* as in zchat_event_t                                   */
    zchat_type_t type; /* SAY, ACTION, TELL, TOLD                               */
    const char *user;
    const char *text; /* the newest; ended by NUL; "" where it was removed      */
    size_t size;
    bool own;         /* one has said it oneself                                */
    bool removed;     /* it is no more                                          */
    bool mentions_me; /* by name, or because everybody is mentioned             */
    uint64_t edited;  /* the seq of its last edit that is known; 0: it was not edited */
    size_t n_reactions;
    const message_reaction_t *reactions;
} message_t;

typedef enum {
    MESSAGES_NOTHING, /* nothing changed: it is about no message, or known already */
    MESSAGES_NEW,     /* *message was said                                     */
    MESSAGES_KNOWN,   /* *message was known already; it is as the event says now */
    MESSAGES_EDITED,  /* *message has another text                             */
    MESSAGES_REACTED, /* *message has a reaction more or less                  */
    MESSAGES_MARKED,  /* *message: what became of it before is known now; of a history always, which
                         shows it with the message                              */
    MESSAGES_REMOVED, /* *message was removed                                  */
} messages_change_t;

messages_t *messages_new (void);
void messages_destroy (messages_t **messages);

/*  Make one that keeps `max` messages, whatever they take: the caller says which are to be
   forgotten (messages_keep) when messages_bytes says that they are too many.            */
messages_t *messages_new_many (size_t max);

/*  Forget the messages with a seq below low or above high.                     */
void messages_keep (messages_t *messages, uint64_t low, uint64_t high);

/*  Count the bytes of all that is kept.                                        */
size_t messages_bytes (const messages_t *messages);

/*  Apply a MESSAGE or HISTORY event. *message is the message it is about, or NULL: it is not kept
    here, but the change may be shown by the event's target. A text of a direct message is taken as
    it stands in the event, opened.                                             */
messages_change_t messages_apply (messages_t *messages, const zchat_event_t *event,
                                  const message_t **message);

/*  Return the message with this seq, or that was told at this time; NULL: it is not kept. */
const message_t *messages_find (const messages_t *messages, uint64_t seq);
const message_t *messages_told (const messages_t *messages, uint64_t time_ms);

/*  Return message number n (1: the newest) of those with a seq up to upto (0: of all); NULL: there
    is none.                                                                   */
const message_t *messages_number (const messages_t *messages, size_t n, uint64_t upto);

/*  Return the number of a message that is kept; 0: it is newer than upto.      */
size_t messages_number_of (const messages_t *messages, uint64_t seq, uint64_t upto);

/*  Count the messages of others with a seq above this one that were not removed; *urgent (may be
    NULL): those that mention oneself.                                          */
size_t messages_behind (const messages_t *messages, uint64_t seq, size_t *urgent);

/*  Return one's own last message with a seq up to upto (0: of all) that was not removed; NULL:
    there is none.                                                             */
const message_t *messages_own (const messages_t *messages, uint64_t upto);

#endif
