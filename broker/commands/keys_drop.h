/*  keys_drop.h - take the keys of a name out of the log of a broker that is stopped */
#ifndef ZCHAT_KEYS_DROP_H
#define ZCHAT_KEYS_DROP_H

#include <stddef.h>

/*  The name keeps its owner, its rooms and its mail, but no key opens it any more. data is the
    folder of the log. -1 and *count, how many keys there were; or the exit status, and it was
    said why: EX_TEMPFAIL where a broker has the log.                          */
int keys_drop (const char *data, const char *name, size_t *count);

#endif
