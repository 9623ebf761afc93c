/*  once.h - requests that may come again: Idempotency-Key (pure but for its hash)

    The number under which the broker stores a message once follows from name, secret, path and
    key, so it needs no memory here. What is remembered is what the first one was answered, and
    whether it was the same.
*/
#ifndef ZCHAT_WEB_ONCE_H
#define ZCHAT_WEB_ONCE_H

#include "credential.h"
#include <stddef.h>
#include <stdint.h>

enum { ONCE_KEY_SIZE = 32, ONCE_HEADER_MAX = 255 };

typedef struct {
    uint8_t bytes[ONCE_KEY_SIZE]; /* the first ZCHAT_PRODUCER_SIZE are the producer */
} once_key_t;

typedef struct once once_t;

once_t *once_new (void);
void once_destroy (once_t **once);

/*  True where a header's value can be a key: 1 to ONCE_HEADER_MAX printable ASCII characters. */
bool once_header_valid (const char *header);

/*  Make the key of a request; path is as it came, and method is part of it.    */
void once_key (const credential_t *credential, const char *method, const char *path,
               const char *header, once_key_t *key);

/*  Note that a request with this key and body is under way. False where one with another body was
    sent before.                                                               */
bool once_begin (once_t *once, const once_key_t *key, const void *body, size_t size,
                 uint64_t now_ms);

/*  Note that it is stored.                                                    */
void once_stored (once_t *once, const once_key_t *key, uint64_t seq, uint64_t time_ms);

/*  Note that it was refused: the key may be used for another.                 */
void once_refused (once_t *once, const once_key_t *key);

/*  True where it is known as what it was stored: *seq and *time_ms.           */
bool once_known (const once_t *once, const once_key_t *key, uint64_t *seq, uint64_t *time_ms);

/*  Count those that are remembered.                                           */
size_t once_count (const once_t *once);

#endif
