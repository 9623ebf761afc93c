/*  waiting.h - how many bytes of whom wait for the disk

    Connections cost nothing, so a long queue is not shared by connections but by parties: what
    waits of a connection counts for its owner, and for the place that it comes from. Pure. A party
    exists while something of it waits.
*/
#ifndef ZCHAT_WAITING_H
#define ZCHAT_WAITING_H

#include <stddef.h>

typedef struct waiting waiting_t;
typedef struct party party_t;

waiting_t *waiting_new (void);
void waiting_destroy (waiting_t **self_p);

/*  Bytes that wait of the party with this name, which is any short text.      */
size_t waiting_bytes (const waiting_t *waiting, const char *name);

/*  So many bytes more of the party wait. The caller must give what is returned, and as many bytes,
    to waiting_end.                                                            */
party_t *waiting_add (waiting_t *waiting, const char *name, size_t bytes);
/*  So many bytes of the party do not wait any more. Tolerates NULL.           */
void waiting_end (waiting_t *waiting, party_t *party, size_t bytes);

size_t waiting_parties (const waiting_t *waiting);

#endif
