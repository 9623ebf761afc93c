/*  cursor.h - one room's events, each once and in order

    A cursor stands at the last seq that was given. What comes ahead of it is kept
    until the gap is closed, by the feed itself or by a history; what was given
    is dropped. It decides nothing about when to fetch: it says that it is behind.

    Events that are not stored (seq 0: joins, leaves) keep the place they had on the
    feed: behind every seq that was known to exist when they came.
*/
#ifndef ZCHAT_CURSOR_H
#define ZCHAT_CURSOR_H

#include "event_codec.h"

typedef struct cursor cursor_t;

typedef struct {
    void (*event) (void *arg, const event_t *event); /* takes the next event */
    void (*lost) (void *arg, uint64_t count,
                  uint64_t seq); /* is told that count events before seq are gone */
    void *arg;
} cursor_sink_t;

/*  Make a cursor at 0. The sink is copied; it must not call back.             */
cursor_t *cursor_new (const cursor_sink_t *sink);
void cursor_destroy (cursor_t **cursor);

/*  Put the cursor at seq, so that seq + 1 is given next. What was kept is forgotten. */
void cursor_place (cursor_t *cursor, uint64_t seq);

/*  Return the seq of the last event given.                                    */
uint64_t cursor_seq (const cursor_t *cursor);

/*  Take in an event off the feed. False where it could not be kept (ZCHAT_AHEAD_MAX): then all
    that was kept is dropped, and a history will bring it again.               */
bool cursor_feed (cursor_t *cursor, const event_t *event);

/*  Take in an event of a history, whose events come in ascending seq and without holes. *next is
    the seq expected next in it, and moves on. A hole means that the broker does not have these
    events any more. marks (or NULL) is given right behind the event, before any that was kept; not
    where the event was given before. False where the event cannot belong there (it descends, or has
    no seq).                                                                   */
bool cursor_history (cursor_t *cursor, const event_t *event, const event_t *marks, uint64_t *next);

/*  Tell that the log no longer stores anything below first.                   */
void cursor_skip (cursor_t *cursor, uint64_t first);

/*  Tell that seq exists.                                                      */
void cursor_reach (cursor_t *cursor, uint64_t seq);

/*  Tell that a history has ended. A seq that was thought to exist and did not come is no longer
    waited for, unless a later event is already kept.                          */
void cursor_settle (cursor_t *cursor);

/*  True while a seq above the cursor's is known to exist.                     */
bool cursor_behind (const cursor_t *cursor);

#endif
