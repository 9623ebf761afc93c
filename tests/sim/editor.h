/*  editor.h - somebody with a key who says things, edits them, reacts, takes them away, and reads

    By hand, as the page says it: what was not acknowledged is sent again, in order. Beside that an
    editor follows the rooms by HISTORY alone, applies what it reads to the messages, and has to
   come to what the log says of them.
*/
#ifndef ZCHAT_SIM_EDITOR_H
#define ZCHAT_SIM_EDITOR_H

#include "sim.h"

editor_t *editor_new (sim_t *sim, size_t number);
void editor_free (editor_t **editor);

/*  What is not yet as it ought to be in the end; NULL: nothing.               */
const char *editor_lacks (const editor_t *editor);
/*  What it knows of all messages is what the log says.                        */
void editor_judge (editor_t *editor);

#endif
