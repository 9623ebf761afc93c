/*  waiting.h - of whom how many bytes wait for the disk

    Connections cost nothing, so a long queue is shared by who is behind them: what is held for a
    connection counts for its owner and for the place that the connection comes from. Pure; of this
    process. A party exists while something of it waits.
*/
#ifndef ZCHAT_WAITING_H
#define ZCHAT_WAITING_H

#include <stddef.h>

typedef struct waiting waiting_t;
typedef struct party party_t;

waiting_t *waiting_new (void);
void waiting_destroy (waiting_t **self_p);

/*  Bytes that wait of who has this name, a short text; 0: none.               */
size_t waiting_bytes (const waiting_t *waiting, const char *name);

/*  So many bytes more wait of them: the caller gives the party to waiting_end, with as many. */
party_t *waiting_add (waiting_t *waiting, const char *name, size_t bytes);
/*  They wait no more. Tolerates NULL.                                         */
void waiting_end (waiting_t *waiting, party_t *party, size_t bytes);

size_t waiting_parties (const waiting_t *waiting);

#endif
