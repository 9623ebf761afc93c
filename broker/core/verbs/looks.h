/*  looks.h - what calls learn from the log before they are put in order

    Who said a message stands in the log alone. So a call that is about one has it read first (LOOKS
    in verbs/call.h). What comes of it is decided in the call's turn in the queue, as ever; a
   message that could not be looked at is one that is not there, or that the caller may not read.
*/
#ifndef ZCHAT_LOOKS_H
#define ZCHAT_LOOKS_H

#include "access.h"

/*  A seq in decimal. False: it is none.                                       */
bool seq_read (frame_t text, uint64_t *seq);

/*  What to read for the call, whose first arguments are a room and a seq. False: nothing, for the
    caller may not read it, or it is clear that there is no such message.      */
bool message_look (const call_t *call, const view_t *view, store_query_t *query);

/*  Set call->said to what the page says. page NULL: the log could not be read.  */
void message_looked (call_t *call, const view_t *view, const store_query_t *query,
                     const store_page_t *page);

#define MESSAGE_NOWHERE "there is no such message in this room"

/*  The call looked at a message of the room, and it is one: said, or an edit of one that was. */
bool message_said (const call_t *call, verdict_t *verdict, const room_t *room);

#endif
