/*  direct.h - direct messages on their way out and in

    A message on its way out waits here until it is known for whose keys to seal it; then it goes
    into the client's outbox. A message that comes into the mailbox waits until it is known whose
    key sealed it. This module asks for the keys (KEYS). Both directions keep their order.

    Three functions say whether and how a message was sealed: direct_mark for people, direct_seal
    for programs, and direct_instead, which replaces a text that must not be shown.
*/
#ifndef ZCHAT_TALK_DIRECT_H
#define ZCHAT_TALK_DIRECT_H

#include "buffer.h"
#include "credentials.h"
#include "hint.h"
#include "people.h"

enum {
    DIRECT_QUEUE_MAX = 1000,         /* messages that wait for keys            */
    DIRECT_QUEUE_BYTES_MAX = 4194304 /* bytes of those messages; one message is always taken. Both
                                        bounds count for each direction */
};

typedef struct direct direct_t;

/*  What direct messages lead to. The functions are called from within direct_tell, direct_event,
    direct_keys and direct_step. `mail` may not call the client while it needs its event. */
typedef struct {
    /*  The message is in the client's outbox; `mark` is what direct_tell got. */
    void (*sent) (void *arg, uint64_t mark, uint64_t id);
    /*  The message will not be sent. status is an exit status (outcome.h), why the reason. */
    void (*refused) (void *arg, uint64_t mark, const char *user, int status, const char *why);
    /*  A sentence for people, which still has to pass zchat_text_display, and a hint at what
        would help.                                                            */
    void (*notice) (void *arg, const char *text, hint_t hint);
    /*  The keys of user have changed: news is CHANGED, GONE or VOUCHED, and text says it as a
        sentence. Where this callback is NULL, the sentence goes to `notice`.  */
    void (*trust) (void *arg, const char *user, people_news_t news, const char *text, hint_t hint);
    /*  A direct message came: the event (tell or told, MESSAGE or HISTORY), and what is in it. */
    void (*mail) (void *arg, const zchat_event_t *event, const people_opened_t *opened);
    void *arg;
} direct_calls_t;

/*  Make the queues. credentials: NULL where the connection is not encrypted; they are needed
    only during this call. ZCHAT_OK and *direct; else *why, which the caller frees. */
zchat_status_t direct_new (const credentials_t *credentials, const direct_calls_t *calls,
                           direct_t **direct, char **why) ZCHAT_CHECKED;
void direct_destroy (direct_t **direct);

/*  Return the people one knows; NULL where the connection is not encrypted.   */
people_t *direct_people (direct_t *direct);

/*  Tell a user (a valid name) a text. re_ms: the time of the message that it answers, or 0; the
    broker sees that, also where the text is sealed. ZCHAT_OK: it is on its way, or it was refused,
   of which the callbacks tell. ZCHAT_FULL: too much waits; try again after the next event. */
zchat_status_t direct_tell (direct_t *self, zchat_client_t *client, const char *user,
                            const char *text, size_t size, const char *data, uint64_t re_ms,
                            bool seal, uint64_t mark) ZCHAT_CHECKED;

/*  Take an event of the client: CONNECTED, REPLY, tell or told; others are left alone. True
    where nobody else needs the event (replies to requests of this module, and mail); its strings
    are then no longer valid.                                                  */
bool direct_event (direct_t *self, zchat_client_t *client, const zchat_event_t *event);

/*  Continue with waiting messages; call it when the outbox may have room again. */
void direct_step (direct_t *self, zchat_client_t *client);

/*  Take the answer to a KEYS that the caller has asked for itself: it is remembered, and what is
    new in it is told. False where it is no answer about a user's keys.        */
bool direct_keys (direct_t *self, const char *user, zchat_status_t status, const char *json);

/*  Count the messages that are not yet in the outbox, and those that came and are not yet given
    out.                                                                       */
size_t direct_unsent (const direct_t *direct);
size_t direct_held (const direct_t *direct);

/*  Show the message at index of those that are not yet in the outbox; false behind the last. The
    strings are views.                                                         */
bool direct_waiting (const direct_t *direct, size_t index, const char **user, const char **text,
                     size_t *size, uint64_t *re_ms);

/*  Say for people how the message was sealed: "sealed, verified", "not sealed" and so on. No
    part of it comes from a peer. Valid until the next call.                   */
const char *direct_mark (const people_opened_t *opened);

/*  Say the same for programs, as one lower-case word; static.                 */
const char *direct_seal (const people_opened_t *opened);

/*  True where the message was sealed, whether it could be opened or not.      */
bool direct_sealed (const people_opened_t *opened);

/*  Return what stands in place of a text that must not be shown, in English (people get it by _());
   NULL: show the text. Static.                                                     */
const char *direct_instead (const people_opened_t *opened);

#endif
