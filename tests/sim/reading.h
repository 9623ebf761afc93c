/*  reading.h - what somebody knows of the messages of a room who reads pages, and what became of
   them

    It follows the page: messages come as they are, marks say up to which seq they know, and events
    behind that are applied.
*/
#ifndef ZCHAT_SIM_READING_H
#define ZCHAT_SIM_READING_H

#include "request.h"
#include "sim.h"
#include <jansson.h>

typedef struct reading reading_t;

/*  Of a room, by somebody of this name, which must outlive it.                */
reading_t *reading_new (sim_t *sim, size_t room, const char *name);
void reading_free (reading_t **reading);
/*  Nothing is known any more.                                                 */
void reading_clear (reading_t *reading);

/*  The last seq that is known.                                                */
uint64_t reading_seq (const reading_t *reading);

/*  A page is asked for behind that; mail of it comes; it ends with OK.        */
void reading_begin (reading_t *reading);
void reading_mail (reading_t *reading, const reply_t *mail);
void reading_page (reading_t *reading, const json_t *ok);

/*  All that is known of messages that are stored is what the log says.        */
void reading_judge (const reading_t *reading);

#endif
