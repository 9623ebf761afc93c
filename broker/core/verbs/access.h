/*  access.h - which room a request means, and who may do what there

    A function that gets the verdict returns false where it has made it a refusal.
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
    frame_t name;       /* as the room is spelled; of a new room, as the request spells it */
    name_keys_t keys;   /* of the name in the request                          */
} found_t;

/*  True where the name is still the caller's. A call that waited may stand behind one that gave the
    name to somebody else, or took the caller's key from it.                   */
bool caller_check (const call_t *call, const view_t *view, verdict_t *verdict);

/*  Find the room. False: no room can have such a name.                        */
bool room_find (const view_t *view, verdict_t *verdict, frame_t name, found_t *found);
/*  Find the mailbox of WHO.                                                   */
void mailbox_find (const view_t *view, const char *who, found_t *found);
/*  Find the mailbox that has this name, see ledger_mailbox_name.              */
void mailbox_find_named (const view_t *view, frame_t name, found_t *found);
/*  The hall of a room of the ledger; NULL: nobody is there.                   */
hall_t *room_hall (const view_t *view, const room_t *room);

/*  Find the room for a request that reads it; who may not read it is refused (private). mailbox: @
    is allowed, and is the caller's own mailbox.                               */
bool room_find_readable (const call_t *call, const view_t *view, verdict_t *verdict, frame_t name,
                         bool mailbox, found_t *found);
/*  Find the room for a request that changes it. Something must be stored of it already, and the
    caller must be one of its readers, or an admin.                            */
bool room_find_born (const call_t *call, const view_t *view, verdict_t *verdict, frame_t name,
                     const room_t **room);

role_t room_role (const view_t *view, const room_t *room, const char *who);
/*  True where WHO (NULL: nobody) may read the room.                           */
bool room_reads (const view_t *view, const room_t *room, const char *who);
/*  True where a ban of the caller is in force there.                          */
bool room_bans (const call_t *call, const view_t *view, const room_t *room);
/*  The caller may say something there, or (topic) set the topic.              */
bool room_speaks (const call_t *call, const view_t *view, verdict_t *verdict, const room_t *room,
                  bool topic);
/*  The caller may JOIN.                                                       */
bool room_joins (const call_t *call, const view_t *view, verdict_t *verdict, const room_t *room);
/*  The caller is an operator there, or an admin.                              */
bool room_operates (const call_t *call, const view_t *view, verdict_t *verdict, const room_t *room);

/*  Whom a request is about.                                                   */
typedef struct {
    const owner_t *owner;          /* NULL: nobody has proven the name         */
    user_t *user;                  /* NULL: nobody is here by that name        */
    char who[OWNER_WHO_MAX];       /* WHO, see fact_t                          */
    frame_t name;                  /* as its owner spells it, else as it was given */
    char composed[ZCHAT_NAME_MAX]; /* memory that name may view                */
} target_t;
/*  Find who has this name. False: nobody can have such a name.                */
bool target_find (const view_t *view, verdict_t *verdict, frame_t name, target_t *target);

/*  The reason that came with a request is text, and not too long.             */
bool reason_check (verdict_t *verdict, frame_t reason);

/*  --- what operators do -----------------------------------------------------  */

/*  The room may have a fact of this key; see ledger_fact_fits.                */
bool fact_fits (verdict_t *verdict, const room_t *room, const char *key);
/*  {"set","user","until"}, kept with the records; without user where name is empty, without until
    where until_ms is 0.                                                       */
frame_t mode_data (verdict_t *verdict, const char *set, frame_t name, uint64_t until_ms);

#endif
