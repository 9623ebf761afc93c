/*  outbox.h - sending exactly once

    Messages wait here until the broker has them on disk. They are counted by this
    client's producer and sent ahead of their replies within a window; whenever
    something went wrong, sending goes back to the oldest one not acknowledged, and
    the broker drops what it has already. The order is never changed.

    Every time sending goes back an epoch begins. It stands in the tags, so that
    replies to earlier tries are recognised and ignored: the later try is answered
    too (with duplicate, where the earlier one was stored). Sending goes back to the
    message that was refused, no further: replies to those before it still count, or a
    broker that lets through a few at a time would have them sent again for ever.
*/
#ifndef ZCHAT_OUTBOX_H
#define ZCHAT_OUTBOX_H

#include "answer.h"
#include "flat.h"
#include "frame.h"
#include "request.h"
#include "rng.h"
#include <zchat/client.h>

typedef struct outbox outbox_t;

typedef struct {
    /*  Send a SAY, a TELL or an EDIT with this tag.                           */
    void (*send) (void *arg, verb_t verb, const char *tag, const frame_t *args, size_t n_args);
    /*  Give the program SENT, FAILED or UNKNOWN.                              */
    void (*event) (void *arg, const zchat_event_t *event);
    void *arg;
} outbox_sink_t;

/*  What a reply means for the connection.                                     */
typedef enum {
    FINDING_FINE,   /* the connection can go on                                */
    FINDING_BROKEN, /* the reply makes no sense: connect anew                  */
    FINDING_STRANGE /* the broker no longer knows who we are: connect anew     */
} finding_t;

/*  Make an outbox. rng is borrowed for its life; sink is copied, and must not call back. */
outbox_t *outbox_new (rng_t *rng, const outbox_sink_t *sink);
void outbox_destroy (outbox_t **outbox);

typedef struct {
    const char *to;    /* a room; of type TELL a user                          */
    zchat_type_t type; /* SAY, ACTION, TELL or EDIT                            */
    frame_t body;
    const char *data; /* or NULL                                               */
    uint64_t re;      /* the seq that is answered; of TELL the time; of EDIT the seq of the message
                         that gets the body; 0: none                           */
    bool indoors;     /* it is for a private room: to go nowhere where there is none */
} outbox_message_t;

/*  Take a message in. Its texts are copied. The caller has checked them. ZCHAT_OK or ZCHAT_FULL. */
zchat_status_t outbox_add (outbox_t *outbox, uint64_t id,
                           const outbox_message_t *given) ZCHAT_CHECKED;

/*  Tell that the connection is gone. Whatever is under way may or may not have arrived. */
void outbox_lost (outbox_t *outbox);

/*  Tell what HELLO said: how many producers the broker had to forget. UINT64_MAX: it does not
    say.                                                                       */
void outbox_welcome (outbox_t *outbox, uint64_t forgotten);

enum { OUTBOX_FAREWELL_MAX = 64 };

/*  True where everything is sent and the producer will not be used again. json is then the
    argument for BYE.                                                          */
bool outbox_farewell (const outbox_t *outbox, char json[OUTBOX_FAREWELL_MAX]);

/*  Tell that the broker has another log. All that waits begins under a new producer; what was
    stored in the old log is gone with it, so nothing can stand twice. Messages of an earlier run
    are given up (ZCHAT_FORGOTTEN), because whoever typed them may not be there to decide. */
void outbox_new_log (outbox_t *outbox);

/*  Send as many messages as the window admits.                                */
void outbox_pump (outbox_t *outbox, uint64_t now_ms);

/*  Return the verb that was sent with this tag; VERB_COUNT where it is not waited for. */
verb_t outbox_verb (outbox_t *outbox, frame_t tag);

/*  Take a reply to the SAY, TELL or EDIT with this tag: an OK with its json, or an ERR with status,
    text and json.                                                             */
finding_t outbox_ok (outbox_t *outbox, frame_t tag, const json_t *json, uint64_t now_ms);
finding_t outbox_ok_flat (outbox_t *outbox, frame_t tag, const flat_t *json, uint64_t now_ms);
finding_t outbox_err (outbox_t *outbox, frame_t tag, zchat_status_t status, const char *text,
                      const json_t *json, uint64_t now_ms);

/*  True where the oldest message under way has waited too long for its reply. */
bool outbox_overdue (const outbox_t *outbox, uint64_t now_ms);

/*  Return when outbox_pump or outbox_overdue must be called again; UINT64_MAX: never. */
uint64_t outbox_deadline_ms (const outbox_t *outbox);

/*  Count the messages that wait.                                              */
size_t outbox_count (const outbox_t *outbox);

/*  --- over a restart of the program: kept.h --------------------------------- */

/*  The producer, and how far it has counted.                                  */
typedef struct {
    char producer[2 * ZCHAT_PRODUCER_SIZE + 1];
    uint64_t n;      /* the number of the oldest message                       */
    size_t numbered; /* messages, from the oldest on, that this producer has numbered */
    size_t tried;    /* messages, from the oldest on, that may have been sent; kept.c sets it */
} outbox_state_t;

void outbox_state (const outbox_t *outbox, outbox_state_t *state);

/*  Show the message at index, which is below outbox_count; it views the outbox. */
void outbox_look (const outbox_t *outbox, size_t index, outbox_message_t *look);

/*  Tell that an earlier run has left all that is in the outbox, in this state. What that run had
    numbered goes out under its numbers; what comes later goes under new ones. */
void outbox_restored (outbox_t *outbox, const outbox_state_t *state);

#endif
