/*  speakers.h - the people of a room, who spoke last first

    Pure. For completion of names. Bounded: beyond SPEAKERS_KEPT who was quiet for longest is left
    out.
*/
#ifndef ZCHAT_SCREEN_SPEAKERS_H
#define ZCHAT_SCREEN_SPEAKERS_H

#include <stddef.h>

enum { SPEAKERS_KEPT = 1000 };

typedef struct speakers speakers_t;

speakers_t *speakers_new (void);
void speakers_destroy (speakers_t **speakers);

/*  Somebody is there, who has not spoken yet as far as is known.              */
void speakers_came (speakers_t *speakers, const char *name);

/*  Somebody spoke: they are the first now.                                    */
void speakers_spoke (speakers_t *speakers, const char *name);

/*  Somebody left. A name that still matters (a mention of who just left) can be kept by not
    calling this.                                                              */
void speakers_left (speakers_t *speakers, const char *name);

/*  Return all names and their number; valid until the next call that changes them. */
const char *const *speakers_names (const speakers_t *speakers, size_t *n);

#endif
