/*  queries.h - what the program asks for: who, rooms, topic, history, and orders

    A query waits until there is a connection, is sent once and answered once: by
    the broker, or by ZCHAT_UNREACHABLE when the connection it was sent over is
    lost. What the broker refuses as slow is sent again when it says, and until then
    later ones of that verb wait behind it.
*/
#ifndef ZCHAT_QUERIES_H
#define ZCHAT_QUERIES_H

#include "exchange.h"

typedef struct queries queries_t;

/*  exchange is borrowed for the life of the queries.                          */
queries_t *queries_new (exchange_t *exchange);
void queries_destroy (queries_t **queries);

/*  Take a query in; args are copied. ZCHAT_OK and *id (may be NULL), or ZCHAT_FULL. */
zchat_status_t queries_add (queries_t *queries, verb_t verb, const frame_t *args, size_t n_args,
                            uint64_t *id) ZCHAT_CHECKED;

/*  The connection is gone: queries that were sent are answered with ZCHAT_UNREACHABLE. all:
    those that still wait too, because no further connection will be tried.    */
void queries_lost (queries_t *queries, bool all);

/*  Send what waits. Only while HELLO is answered.                             */
void queries_pump (queries_t *queries);

/*  A pack that belongs to a history. False where it is nonsense.              */
bool queries_mail (queries_t *queries, ask_t *ask, const reply_t *reply);

/*  The reply to a query (an entry that is taken out already): ZCHAT_OK, or the status
    and text of an ERR, and what it says to wait; json as it came.             */
void queries_reply (queries_t *queries, const ask_t *ask, zchat_status_t status, const char *text,
                    uint64_t wait_ms, frame_t json);

/*  When queries_pump must be called, while HELLO is answered.                 */
uint64_t queries_deadline_ms (const queries_t *queries);

#endif
