/*  shown.h - the messages that a client's program shows of a room, and what became of them

    The real client/talk/messages.c, fed as talk does: with the events of a room that the program is
    in, and with the histories that it asks for of that room.
*/
#ifndef ZCHAT_SIM_SHOWN_H
#define ZCHAT_SIM_SHOWN_H

#include "user.h"

/*  A MESSAGE or HISTORY event of a view.                                      */
void shown_event (user_t *user, size_t view, const zchat_event_t *event);
/*  Nothing is shown of the view any more; of all of them.                     */
void shown_clear (user_t *user, size_t view);
void shown_clear_all (user_t *user);

/*  All that is shown of what is stored is as the log says. The user is connected and has every
    event of the rooms it is in.                                               */
void shown_judge (user_t *user);

#endif
