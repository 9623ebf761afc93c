/*  queries.h - what the program asks for: who, rooms, topic, history, and orders

    A query waits until there is a connection, is sent once and answered once: by the broker, or by
    ZCHAT_UNREACHABLE when the connection is lost over which it was sent. A query that the broker
    refuses as slow is sent again after the time that the broker names. Until then later queries
    with the same verb wait behind it.
*/
#ifndef ZCHAT_QUERIES_H
#define ZCHAT_QUERIES_H

#include "exchange.h"

typedef struct queries queries_t;

/*  Make the queries; exchange is borrowed for their life.                     */
queries_t *queries_new (exchange_t *exchange);
void queries_destroy (queries_t **queries);

/*  Take a query in; args are copied. ZCHAT_OK and *id (may be NULL), or ZCHAT_FULL. */
zchat_status_t queries_add (queries_t *queries, verb_t verb, const frame_t *args, size_t n_args,
                            uint64_t *id) ZCHAT_CHECKED;

/*  Tell that the connection is gone: queries that were sent are answered with ZCHAT_UNREACHABLE.
    Where all is true, no further connection will be tried, and those that still wait are
    answered so too.                                                           */
void queries_lost (queries_t *queries, bool all);

/*  Send what waits. It may be called only while HELLO is answered.            */
void queries_pump (queries_t *queries);

/*  Take a pack that belongs to a history. False where it is nonsense.         */
bool queries_mail (queries_t *queries, ask_t *ask, const reply_t *reply);

/*  Take the reply to a query, whose entry is already taken out: status is ZCHAT_OK, or that of
    the ERR with its text and the wait it asks for. json is as it came.        */
void queries_reply (queries_t *queries, const ask_t *ask, zchat_status_t status, const char *text,
                    uint64_t wait_ms, frame_t json);

/*  Return when queries_pump must be called, while HELLO is answered.          */
uint64_t queries_deadline_ms (const queries_t *queries);

#endif
