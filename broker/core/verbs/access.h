/*  access.h - which room a request means, and who may what there

    The functions that check end with false where the verdict is a refusal.
*/
#ifndef ZCHAT_ACCESS_H
#define ZCHAT_ACCESS_H

#include "call.h"

typedef enum { ROLE_NONE, ROLE_MEMBER, ROLE_OPERATOR } role_t;

#define ROOM_UNBORN "nothing was ever said in this room: it has no operators yet"

/*  A room by its name: what is stored of it, and who is in it.                */
typedef struct {
    const room_t *room; /* NULL: nothing is stored of it                       */
    hall_t *hall;       /* NULL: nobody is in it                               */
    frame_t name;       /* as it is spelled here; of a new one, as in the request */
    name_keys_t keys;   /* of the request's spelling                           */
} found_t;

/*  The caller's name is the caller's still: a call that waited may stand behind one that gave it to
    somebody else, or took the caller's key from it.                           */
bool caller_check (const call_t *call, const view_t *view, verdict_t *verdict);

/*  Find the room. The name must be one that a room can have.                  */
bool room_find (const view_t *view, verdict_t *verdict, frame_t name, found_t *found);
/*  Find the mailbox of WHO.                                                   */
void mailbox_find (const view_t *view, const char *who, found_t *found);
/*  Find the mailbox that has this name, @ and so on.                          */
void mailbox_find_named (const view_t *view, frame_t name, found_t *found);
/*  The hall of a room of the ledger; NULL: nobody is in it.                   */
hall_t *room_hall (const view_t *view, const room_t *room);

/*  The same, for a request that reads: who may not gets ERR private. mailbox: @ is one's own. */
bool room_find_readable (const call_t *call, const view_t *view, verdict_t *verdict, frame_t name,
                         bool mailbox, found_t *found);
/*  For a request that changes a room of which something must be stored: for its readers and for
    admins.                                                                    */
bool room_find_born (const call_t *call, const view_t *view, verdict_t *verdict, frame_t name,
                     const room_t **room);

role_t room_role (const view_t *view, const room_t *room, const char *who);
/*  True where WHO (NULL: nobody) may read the room.                           */
bool room_reads (const view_t *view, const room_t *room, const char *who);
/*  A ban of the caller is in force there.                                     */
bool room_bans (const call_t *call, const view_t *view, const room_t *room);
/*  The caller may say something there, or set the topic.                      */
bool room_speaks (const call_t *call, const view_t *view, verdict_t *verdict, const room_t *room,
                  bool topic);
/*  The caller may JOIN.                                                       */
bool room_joins (const call_t *call, const view_t *view, verdict_t *verdict, const room_t *room);
/*  The caller is an operator there, or an admin.                              */
bool room_operates (const call_t *call, const view_t *view, verdict_t *verdict, const room_t *room);

/*  Whom a request is about.                                                   */
typedef struct {
    const owner_t *owner; /* NULL: the name is not proven             */
    user_t *user;         /* NULL: not here                           */
    char who[OWNER_WHO_MAX];
    frame_t name;                  /* as its owner spells it, or as it was given */
    char composed[ZCHAT_NAME_MAX]; /* what name may view                       */
} target_t;
bool target_find (const view_t *view, verdict_t *verdict, frame_t name, target_t *target);

/*  A reason that came with a request.                                         */
bool reason_check (verdict_t *verdict, frame_t reason);

#endif
