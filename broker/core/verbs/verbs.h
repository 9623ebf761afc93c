/*  verbs.h - the handlers of the verbs, and what several of them need         */
#ifndef ZCHAT_VERBS_H
#define ZCHAT_VERBS_H

#include "access.h"

/*  --- messages.c ------------------------------------------------------------  */
bool verb_say (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_tell (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_topic (const call_t *call, const view_t *view, verdict_t *verdict);
void topic_observe (call_t *call, const view_t *view);

/*  True where the call is a message of a producer that was stored before.     */
bool message_stored (const call_t *call, const view_t *view);
/*  The room's seqs are not used up. room NULL: a new one.                     */
bool room_takes_more (verdict_t *verdict, const room_t *room);
/*  So many producers more, that had not ended, are known no more.             */
void verdict_forgotten (verdict_t *verdict, const view_t *view, size_t count);

/*  --- letters.c -------------------------------------------------------------  */

/*  The caller may send somebody a direct message or an invitation, of size bytes. It counts where
    the caller is a stranger to them.                                          */
bool target_takes (const call_t *call, const view_t *view, verdict_t *verdict,
                   const target_t *target, size_t size);
/*  The caller writes to them, who are no stranger to the caller's mailbox (NULL: a new one) from
    then on: that is a fact of the main record, which is stored there.         */
void letter_meets (const call_t *call, const view_t *view, verdict_t *verdict,
                   const target_t *target, const room_t *mailbox);
/*  What counts of it. Views the call.                                         */
letter_t letter_of (const call_t *call, const char *whose, size_t size);

/*  --- rooms.c ---------------------------------------------------------------  */
bool verb_join (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_part (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_who (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_rooms (const call_t *call, const view_t *view, verdict_t *verdict);

/*  --- history.c -------------------------------------------------------------  */
bool verb_history (const call_t *call, const view_t *view, verdict_t *verdict);

/*  --- sessions.c ------------------------------------------------------------  */
bool verb_hello (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_bye (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_ping (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_sync (const call_t *call, const view_t *view, verdict_t *verdict);

/*  The caller, who has no session, gets one of the name in the request, without a HELLO. hello: the
    argument of one, or NULL.                                                  */
bool session_bind (const call_t *call, const view_t *view, verdict_t *verdict, const json_t *hello);
/*  The name is held by others, who are here.                                  */
bool session_taken (const call_t *call, verdict_t *verdict, const user_t *user);

/*  --- claims.c --------------------------------------------------------------  */

/*  How reserved names sound (name_sound), sorted; freed by claims_reserved_free.  */
char **claims_reserved (void);
void claims_reserved_free (char **sounds);

/*  Whether the caller may hold the name with these keys. False: the verdict is a refusal. True, and
    *owner: whose it is, by number; 0: nobody's. It may be claimed by that: then the verdict stores
    it. *name is the spelling to use.                                          */
bool claim_check (const call_t *call, const view_t *view, verdict_t *verdict,
                  const name_keys_t *keys, const json_t *hello, uint64_t *owner, frame_t *name);

/*  True where the session's name is still proven by what it came by.          */
bool session_proven (ledger_t *ledger, const session_t *session);

/*  --- keys.c ----------------------------------------------------------------  */
bool verb_keys (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_key (const call_t *call, const view_t *view, verdict_t *verdict);
/*  A record of the owner as it shall be. Its text is kept.                    */
void owner_store (verdict_t *verdict, const owner_t *wanted);

/*  --- names.c: which names are kept -----------------------------------------  */

/*  Something is done with the name (owner may be NULL), or by the caller's: from now on it does not
    give way.                                                                  */
void name_used (verdict_t *verdict, const owner_t *owner);
void name_used_by (const call_t *call, const view_t *view, verdict_t *verdict);
/*  Nothing is remembered of the owner any more; or the name is given up, and nobody's for a
    time.                                                                      */
void name_gone (const view_t *view, verdict_t *verdict, const owner_t *owner);
void name_free (const call_t *call, verdict_t *verdict, const owner_t *owner);
/*  A few owners that need not be remembered are not, but for one that is spared. */
void name_sweep (const call_t *call, const view_t *view, verdict_t *verdict, const owner_t *but);
/*  One name more can be owned: at the bound another gives way.                */
bool name_room (const call_t *call, const view_t *view, verdict_t *verdict, bool by_token);

/*  --- yields.c: rooms that give way, and rooms that end ---------------------  */

/*  Something can be stored in the room: at the bound another gives way, but none of two (each
    may be NULL).                                                              */
bool room_can_store (const call_t *call, const view_t *view, verdict_t *verdict,
                     const found_t *found, const room_t *const but[2]);
/*  Somebody can be in the room: at the bound of those of which nothing is stored, another gives
    way.                                                                       */
bool room_can_hold (const call_t *call, const view_t *view, verdict_t *verdict,
                    const found_t *found);
/*  The record at index stores something of the caller's in the room (own: their mailbox): that
    may be whom the room is charged to from now on.                            */
void room_charge_event (const call_t *call, verdict_t *verdict, const found_t *found, size_t index,
                        bool own);
/*  The caller has come into the room in the first argument: that is a use of the name, and the room
    may be charged to the caller.                                              */
bool room_visited (const call_t *call, const view_t *view, verdict_t *verdict);
/*  Rooms that nobody misses end, a bounded number at a time. True where there are some. */
bool rooms_age (const call_t *call, const view_t *view, verdict_t *verdict);
bool rooms_old (const view_t *view, uint64_t wall_ms);

/*  --- purge.c ---------------------------------------------------------------  */
bool verb_purge (const call_t *call, const view_t *view, verdict_t *verdict);

/*  --- private.c -------------------------------------------------------------  */
bool verb_invite (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_kick (const call_t *call, const view_t *view, verdict_t *verdict);
/*  A private room, with the caller as its operator.                           */
void private_make (const call_t *call, const view_t *view, verdict_t *verdict, found_t *found);
/*  {"set": set, "user": name}, kept with the records; until_ms 0: without.    */
frame_t mode_data (verdict_t *verdict, const char *set, frame_t name, uint64_t until_ms);

/*  --- moderation.c ----------------------------------------------------------  */
bool verb_mode (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_remove (const call_t *call, const view_t *view, verdict_t *verdict);
/*  The room can have a fact of the key.                                       */
bool fact_fits (verdict_t *verdict, const room_t *room, const char *key);

/*  --- producers.c: what is decided without a request ------------------------  */

/*  The producer in the call's first argument (its bytes) has ended.           */
bool producer_ends (const call_t *call, const view_t *view, verdict_t *verdict);
/*  Producers that are old are known no more, a bounded number at a time.      */
bool producers_age (const call_t *call, const view_t *view, verdict_t *verdict);
/*  True where some are.                                                       */
bool producers_old (const view_t *view, uint64_t wall_ms);

#endif
