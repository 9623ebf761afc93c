/*  admin_door.h - the socket at which who runs the broker asks it

    A socket in the data folder, admin.sock, which its owner alone may open (0600, in a folder of
    0700): the file's permissions are the only key. It speaks frames like the door. Nobody there is
    ever waited for: what a peer does not read is dropped, and so many requests are under way at a
    time (ZCHAT_ADMIN_ASKS_MAX) that a further one is answered slow.
*/
#ifndef ZCHAT_ADMIN_DOOR_H
#define ZCHAT_ADMIN_DOOR_H

#include "frame.h"
#include "zchat/limits.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct admin_door admin_door_t;

enum { ADMIN_DOOR_FRAMES = ZCHAT_FRAMES_MAX + 1 }; /* one too many is seen       */

/*  Serve in the folder data, whose log this process has locked: so a socket that is there was left
    by a broker that is gone, and is replaced. Anything else there is left alone. NULL and *why, a
    sentence that the caller frees: nobody serves there then.                  */
admin_door_t *admin_door_new (const char *data, char **why);

/*  Take the socket away. Nulls; tolerates NULL.                               */
void admin_door_destroy (admin_door_t **self_p);

/*  To poll for reading; -1 where self is NULL. It tells of changes alone: then, and after each
    answer, ask admin_door_recv until it says false.                           */
int admin_door_descriptor (const admin_door_t *self);

/*  Take a request: its frames, of which the second is a tag of ours that the answer has to carry.
    They are valid until the next call. False: none is there. What cannot be a request (less than
    two frames) is answered and not told of.                                   */
bool admin_door_recv (admin_door_t *self, frame_t frames[ADMIN_DOOR_FRAMES], size_t *count);

/*  Answer: the second frame is the tag that admin_door_recv gave. last: the request is done, else
    more will follow. Tags that are not known are ignored.                     */
void admin_door_reply (admin_door_t *self, const frame_t *frames, size_t count, bool last);

/*  How many requests were not answered yet.                                   */
size_t admin_door_asks (const admin_door_t *self);

#endif
