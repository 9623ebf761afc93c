/*  hash.h - uthash, keyed

    The keys of our tables come from peers. The hash is SipHash under a secret of the process, so
    that nobody can choose keys which collide. A table is iterated in the order of insertion, so
    the secret changes nothing that can be observed.
*/
#ifndef ZCHAT_HASH_H
#define ZCHAT_HASH_H

#include "memory.h"
#include <sodium.h>
#include <stdint.h>

/*  SipHash-2-4 of size bytes under the process's key.                         */
unsigned hash_bytes (const void *data, size_t size);

#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = hash_bytes ((keyptr), (size_t)(keylen)))
#define uthash_malloc(size)                  memory_new (size)
#include <uthash.h>
#include <utlist.h>

#endif
