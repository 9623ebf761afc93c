/*  store_memory.h - a store that forgets everything with its process

    For tests, the simulation and the fuzzers: no broker is linked with it. It does what the log
    on disk does, so the same tests run against both.
*/
#ifndef ZCHAT_TEST_STORE_MEMORY_H
#define ZCHAT_TEST_STORE_MEMORY_H

#include "store.h"

/*  A new store, empty. Never NULL.                                            */
store_t *store_memory_new (const uint8_t log_id[ZCHAT_LOG_ID_SIZE]);

/*  From now on append fails with ZCHAT_STORAGE and changes nothing, until called
    with false. Only for a store made by store_memory_new.                     */
void store_memory_fail (store_t *store, bool fail);

#endif
