/*  watched.h - a file that is read again when it changed

    Looking is cheap: the file is opened, and the descriptor compared with what was read last, so
    that a file which was moved into its place is seen as another one. Changes of the content that
    do not change the times go unseen only where they come later than SETTLE_MS. */
#ifndef ZCHAT_WATCHED_H
#define ZCHAT_WATCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct watched watched_t;

typedef enum {
    WATCHED_SAME,    /* as it was read last                                        */
    WATCHED_AGAIN,   /* read again, though it looks the same: it was changed a moment ago */
    WATCHED_CHANGED, /* it is another one, or for another reason not read; or this is the
                        first look                                                 */
} watched_sight_t;

/*  Nothing seen yet. path is copied; a file of more than max bytes cannot be read. A file that
    looks the same but was changed a moment ago is read again every again_ms at most. */
watched_t *watched_new (const char *path, size_t max, unsigned again_ms);
void watched_destroy (watched_t **self_p);

/*  Look at the file. Unless it is WATCHED_SAME: either *text, which the caller frees, and *size; or
    *text is NULL, and *error is an errno, which is EPERM for a file that others could have written
    (trusted.h).                                                               */
watched_sight_t watched_look (watched_t *self, uint64_t wall_ms, char **text, size_t *size,
                              int *error);

/*  What the error of the last look means: a sentence, valid until the next one. */
const char *watched_why (const watched_t *self);

#endif
