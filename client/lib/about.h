/*  about.h - what stands in the data of an event, as fields of zchat_event_t  */
#ifndef ZCHAT_ABOUT_H
#define ZCHAT_ABOUT_H

#include "frame.h"
#include <jansson.h>
#include <zchat/client.h>

/*  Fill in what the data of the event says: target, about, re, mentions_me, mentions_all, at,
   edited, edits. data: the event's, parsed, or NULL; about views it. user: who we are; "": a guest.
 */
void about_fill (zchat_event_t *event, const json_t *data, const char *user);

#endif
