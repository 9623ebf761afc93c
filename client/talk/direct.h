/*  direct.h - direct messages on their way out and in

    What is told waits here until it is known whose keys to seal it for, then goes into the
    client's outbox; what comes into the mailbox waits until it is known whose key
    sealed it. The keys are asked for here (KEYS). Both ways keep their order.

    Whether and how a message was sealed is said in three ways: for people (direct_mark),
    for programs (direct_seal), and in the text itself where that is not to be shown.  */
#ifndef ZCHAT_TALK_DIRECT_H
#define ZCHAT_TALK_DIRECT_H

#include "buffer.h"
#include "credentials.h"
#include "people.h"

enum {
    DIRECT_QUEUE_MAX = 1000,         /* messages that wait for keys                */
    DIRECT_QUEUE_BYTES_MAX = 4194304 /* and their bytes, one message at least; so in
                                        each direction                             */
};

typedef struct direct direct_t;

/*  What direct messages lead to. Called from within direct_tell, direct_event, direct_keys and
    direct_step. `mail` may not call the client while it needs its event.      */
typedef struct {
    /*  The message is in the client's outbox; `mark` is what direct_tell got. */
    void (*sent) (void *arg, uint64_t mark, uint64_t id);
    /*  It will not be sent: a status for exit, and why.                       */
    void (*refused) (void *arg, uint64_t mark, const char *user, int status, const char *why);
    /*  Something people should know, not yet made fit to be shown.            */
    void (*notice) (void *arg, const char *text);
    /*  Somebody's keys are others than before (CHANGED, GONE, VOUCHED), and that as a sentence;
       NULL: `notice` is told the sentence.                                         */
    void (*trust) (void *arg, const char *user, people_news_t news, const char *text);
    /*  A tell or told, MESSAGE or HISTORY, and what is in it.                 */
    void (*mail) (void *arg, const zchat_event_t *event, const people_opened_t *opened);
    void *arg;
} direct_calls_t;

/*  credentials: NULL where the connection is not encrypted; then they are not needed behind this
    call. ZCHAT_OK and *direct; else *why, which the caller frees.             */
zchat_status_t direct_new (const credentials_t *credentials, const direct_calls_t *calls,
                           direct_t **direct, char **why) ZCHAT_CHECKED;
void direct_destroy (direct_t **direct);

/*  NULL where the connection is not encrypted.                                */
people_t *direct_people (direct_t *direct);

/*  Tell a user (a valid name) a text. ZCHAT_OK: it is on its way or was refused, see the
    calls. ZCHAT_FULL: too much waits; again after the next event.             */
zchat_status_t direct_tell (direct_t *self, zchat_client_t *client, const char *user,
                            const char *text, size_t size, const char *data, bool seal,
                            uint64_t mark) ZCHAT_CHECKED;

/*  See to an event of the client: CONNECTED, REPLY, tell, told; others are left alone. True
    where it is seen to and nobody else needs it (replies to own requests, mail). Strings
    of the event are no longer valid then.                                     */
bool direct_event (direct_t *self, zchat_client_t *client, const zchat_event_t *event);

/*  Go on with what waits, where the outbox has room again.                    */
void direct_step (direct_t *self, zchat_client_t *client);

/*  Somebody else's KEYS request was answered: take it in, and say what is new in it. False
    where it is no answer about a user's keys.                                 */
bool direct_keys (direct_t *self, const char *user, zchat_status_t status, const char *json);

/*  Messages not yet in the outbox; and those that came and are not yet given out.  */
size_t direct_unsent (const direct_t *direct);
size_t direct_held (const direct_t *direct);

/*  The message at index of those not yet in the outbox; false behind the last. Views.  */
bool direct_waiting (const direct_t *direct, size_t index, const char **user, const char **text,
                     size_t *size);

/*  "sealed, verified", "not sealed" and the like, for people: of this program alone.
    Valid until the next call.                                                 */
const char *direct_mark (const people_opened_t *opened);

/*  One lower-case word for programs; static.                                  */
const char *direct_seal (const people_opened_t *opened);

/*  True where it was sealed, whether it could be opened or not.               */
bool direct_sealed (const people_opened_t *opened);

/*  What stands in place of a text that is not to be shown; NULL: show the text. Static. */
const char *direct_instead (const people_opened_t *opened);

#endif
