/*  hooks.h - events of rooms, POSTed to URLs

    Each hook follows a room as a stream does, from a cursor on disk, which moves only behind an
    event that was taken. libcurl sends, without a thread of ours.
*/
#ifndef ZCHAT_WEB_HOOKS_H
#define ZCHAT_WEB_HOOKS_H

#include "options.h"
#include "people.h"

typedef struct hooks hooks_t;

/*  Make them; both are borrowed. NULL, with *why.                             */
hooks_t *hooks_new (const options_t *options, people_t *people, const char **why);
void hooks_destroy (hooks_t **hooks);

/*  Return a descriptor to poll for reading.                                   */
int hooks_fd (const hooks_t *hooks);

/*  Return the ms after which hooks_step must be called.                       */
int hooks_timeout (const hooks_t *hooks);

void hooks_step (hooks_t *hooks, uint64_t now_ms);

#endif
