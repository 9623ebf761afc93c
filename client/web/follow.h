/*  follow.h - one reader of a room: what it missed from the log, then what happens, no gap between

    A follow takes nothing by itself: its owner pulls when it has place for more. What is older than
    the ring of the hub is fetched in pages, one at a time, and only when the owner has pulled all
    there was; so a slow reader costs one page. One that is live, and so slow that what it needs has
    fallen out of the ring, is told that it was too slow.
*/
#ifndef ZCHAT_WEB_FOLLOW_H
#define ZCHAT_WEB_FOLLOW_H

#include "people.h"

typedef struct follow follow_t;

typedef struct {
    /*  Take an event: its name (NULL: something that happened in the room), its JSON. follow_cursor
        is that behind it. Out of follow_pull, and of people_step.             */
    void (*event) (void *arg, follow_t *follow, const char *name, uint64_t seq, const char *json,
                   size_t size);
    /*  The room is live (again): follow_cursor is known.                      */
    void (*ready) (void *arg, follow_t *follow);
    /*  There is more to pull.                                                 */
    void (*more) (void *arg, follow_t *follow);
    /*  The broker is lost; nothing ends by it.                                */
    void (*offline) (void *arg, follow_t *follow);
    /*  It ends: the room cannot be read (status, text), or (ZCHAT_SLOW) it was too slow. */
    void (*gone) (void *arg, follow_t *follow, zchat_status_t status, const char *text);
    void *arg;
} follow_sink_t;

typedef struct {
    bool has_cursor; /* begin behind `cursor`                                  */
    uint64_t cursor;
    uint64_t last; /* else with so many of the last; 0: now                    */
    char log[2 * ZCHAT_LOG_ID_SIZE + 1]; /* of which log the cursor is; "": it is believed */
    bool presence;
} follow_begin_t;

/*  Begin to follow a room of a person, who is held meanwhile by the caller. The results are those
   of person_read. sink is copied.                                               */
zchat_status_t follow_new (person_t *person, const char *room, const follow_begin_t *begin,
                           const follow_sink_t *sink, follow_t **follow) ZCHAT_CHECKED;
void follow_destroy (follow_t **follow);

/*  Give the sink up to so many bytes of what is there, one event at least where there is one. Where
    there is none and some is missing, it is asked for.                        */
void follow_pull (follow_t *follow, size_t bytes);

/*  True where the hub is decided: live, or gone.                              */
bool follow_decided (const follow_t *follow);
bool follow_gone (const follow_t *follow);

/*  The seq of the last stored event that was given, or behind which it begins. False: not known
 * yet. */
bool follow_cursor (const follow_t *follow, uint64_t *seq);

/*  What is known of the room.                                                 */
void follow_view (const follow_t *follow, hub_view_t *view);

#endif
