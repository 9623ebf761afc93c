/*  verbs.h - the handlers of the verbs, and what several of them need

    A function that gets a call, a view and a verdict, or some of them, returns false where it has
    made the verdict a refusal; so do the handlers.
*/
#ifndef ZCHAT_VERBS_H
#define ZCHAT_VERBS_H

#include "access.h"

/*  --- messages.c ------------------------------------------------------------  */
bool verb_say (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_tell (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_topic (const call_t *call, const view_t *view, verdict_t *verdict);
/*  Find out whether the caller is in the room; see verb_entry_t.              */
void topic_observe (call_t *call, const view_t *view);

/*  True where the call is a message, or an edit of one, that its producer has stored before. */
bool message_stored (const call_t *call, const view_t *view);
/*  The body is a message's.                                                   */
bool body_check (verdict_t *verdict, frame_t body);
/*  The JSON of the call, an EDIT, is right, and it is the next one of its producer, where it has
    one. False also where it was stored before; then the verdict says so, and is OK. */
bool message_new (const call_t *call, const view_t *view, verdict_t *verdict);
/*  The main record, of that call, is the producer's next.                     */
bool message_counts (const call_t *call, const view_t *view, verdict_t *verdict);
/*  The room's seqs are not used up. room NULL: a new one.                     */
bool room_takes_more (verdict_t *verdict, const room_t *room);
/*  Add a record by which ledger_forgotten grows by count.                     */
void verdict_forgotten (verdict_t *verdict, const view_t *view, size_t count);

/*  --- broker_data.c ---------------------------------------------------------  */

/*  What the broker says of a message in its data, under the key "zchat".      */
typedef struct {
    uint64_t re;          /* what is answered; 0: nothing                      */
    const frame_t *names; /* who is mentioned: n_names names, as they are spelled; borrowed */
    size_t n_names;
    bool all; /* @room: everybody is mentioned                                 */
} broker_data_t;

/*  Make an event's data of the program's own (a JSON object without the key "zchat", which views
    something that lives as long as the records; empty: none), whose members stay as they are byte
    for byte, and of what the broker says before them. *data is own where the broker says nothing,
    else it is kept with the records. Where it would be longer than ZCHAT_DATA_MAX, mentions are
   left out, the last ones first; a re never is: then the message is refused (limit). own may be
   *data. */
bool data_compose (verdict_t *verdict, frame_t own, const broker_data_t *broker, frame_t *data);

/*  --- letters.c -------------------------------------------------------------  */

/*  The target takes a direct message or an invitation of size bytes from the caller. Where the
    caller is a stranger to them the verdict says that it has to be counted.   */
bool target_takes (const call_t *call, const view_t *view, verdict_t *verdict,
                   const target_t *target, size_t size);
/*  The same of the mailbox of WHO, of which the verdict is no refusal: ZCHAT_OK; ZCHAT_BANNED; or
    ZCHAT_LIMIT, because strangers have left enough there.                     */
zchat_status_t letter_fits (const call_t *call, const view_t *view, verdict_t *verdict,
                            const char *who, size_t size) ZCHAT_CHECKED;
/*  The caller writes to the target, who is no stranger to the caller from then on: let the main
    record, which is of the caller's mailbox, set that fact. mailbox: it, where it is there already;
    else NULL.                                                                 */
void letter_meets (const call_t *call, const view_t *view, verdict_t *verdict,
                   const target_t *target, const room_t *mailbox);
/*  What is counted of a letter of the caller, of size bytes, to whose mailbox. Views the call. */
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

/*  The caller, who has no session, gets one of the name in the request. hello: the argument of its
    HELLO; NULL: the request is none.                                          */
bool session_bind (const call_t *call, const view_t *view, verdict_t *verdict, const json_t *hello);

/*  --- claims.c --------------------------------------------------------------  */
/*  Refuse the caller the name, which this user holds. Returns false.          */
bool session_taken (const call_t *call, verdict_t *verdict, const user_t *user);

/*  How the reserved names sound (name_sound), sorted; free it by claims_reserved_free. */
char **claims_reserved (void);
void claims_reserved_free (char **sounds);

/*  The caller may hold the name with these keys. *owner: the number of the owner whose name it is;
    0: it is nobody's. *name: the spelling to use. Where the caller claims the name by this, the
    verdict has a record of it.                                                */
bool claim_check (const call_t *call, const view_t *view, verdict_t *verdict,
                  const name_keys_t *keys, const json_t *hello, uint64_t *owner, frame_t *name);

/*  True where the session's name is still proven by what it came by.          */
bool session_proven (ledger_t *ledger, const session_t *session);

/*  --- keys.c ----------------------------------------------------------------  */
bool verb_keys (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_key (const call_t *call, const view_t *view, verdict_t *verdict);
/*  Add a record by which the owner is as in wanted, which is copied.          */
void owner_store (verdict_t *verdict, const owner_t *wanted);

/*  --- names.c: which names are kept -----------------------------------------  */

/*  The owner's name is used (owner NULL: nobody's is), so it does not give way from now on.  */
void name_used (verdict_t *verdict, const owner_t *owner);
/*  The same of the caller's name, where it is proven.                         */
void name_used_by (const call_t *call, const view_t *view, verdict_t *verdict);
/*  Add a record by which nothing is remembered of the owner any more.         */
void name_gone (const view_t *view, verdict_t *verdict, const owner_t *owner);
/*  Add a record by which the name is given up, and nobody's for ZCHAT_NAME_FREED_MS. */
void name_free (const call_t *call, verdict_t *verdict, const owner_t *owner);
/*  Do name_gone to a few owners that need not be remembered, but not to this one. */
void name_sweep (const call_t *call, const view_t *view, verdict_t *verdict, const owner_t *but);
/*  There is room for one more owned name. At the bound another name gives way to it. */
bool name_makes_place (const call_t *call, const view_t *view, verdict_t *verdict, bool by_token);

/*  --- yields.c: rooms that give way, and rooms that end ---------------------  */

/*  There is room for what is stored in the room. Where it is a new one at the bound, another gives
    way to it, but neither of the two in but (each may be NULL).               */
bool room_can_store (const call_t *call, const view_t *view, verdict_t *verdict,
                     const found_t *found, const room_t *const but[2]);
/*  There is room for somebody in the room. Where nothing is stored of it and nobody is in it, at
    the bound of such rooms another gives way to it.                           */
bool room_can_hold (const call_t *call, const view_t *view, verdict_t *verdict,
                    const found_t *found);
/*  The record at index stores something of the caller's in the room (own: it is the caller's
    mailbox). Where the room is charged to the caller for it, let the record say so. */
void room_charge_event (const call_t *call, verdict_t *verdict, const found_t *found, size_t index,
                        bool own);
/*  The caller has come into the room in the first argument. Add records where that is the first
    use of the caller's name, and where the room is charged to the caller for it. */
bool room_visited (const call_t *call, const view_t *view, verdict_t *verdict);
/*  Add records by which rooms that nobody misses end, ZCHAT_FORGET_ROOMS at most. */
bool rooms_age (const call_t *call, const view_t *view, verdict_t *verdict);
/*  True where there are such rooms.                                           */
bool rooms_old (const view_t *view, uint64_t wall_ms);

/*  --- edits.c ---------------------------------------------------------------  */
bool verb_edit (const call_t *call, const view_t *view, verdict_t *verdict);
/*  REACT and UNREACT.                                                         */
bool verb_react (const call_t *call, const view_t *view, verdict_t *verdict);

/*  --- markers.c: READ, UNREAD, AWAY -----------------------------------------  */
bool verb_read (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_unread (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_away (const call_t *call, const view_t *view, verdict_t *verdict);

/*  Up to where the owner has read the room, as it is told: on disk or not; 0: that is not known, or
    nothing is stored of the room (NULL).                                      */
uint64_t marker_read (const view_t *view, uint64_t owner, const room_t *room);
/*  Which marker a call of marker_store is about.                              */
typedef struct {
    uint64_t owner, room; /* their numbers                                     */
} marker_key_t;
/*  Add a record of what was read (see readings.h), where the ledger does not have it yet. The first
    argument holds a marker_key_t; there is no caller.                         */
bool marker_store (const call_t *call, const view_t *view, verdict_t *verdict);
/*  SAY, TELL: find out whether the user is away; see verb_entry_t.            */
void away_observe (call_t *call, const view_t *view);
/*  Who says something is back: add that to the moves.                         */
void away_ends (const call_t *call, verdict_t *verdict);

/*  --- mentions.c ------------------------------------------------------------  */

/*  Whom a message mentions.                                                   */
typedef struct {
    frame_t names[ZCHAT_MENTIONS_MAX]; /* as they are spelled; borrowed from ledger and presence */
    uint64_t owners[ZCHAT_MENTIONS_MAX]; /* whose the names are; 0: nobody's   */
    size_t count;
    bool all; /* @room of an operator                                          */
} mentions_t;
/*  Find the next @name in the text from *at on, and move *at behind it. name views the text, from
    behind the @ on as long as it goes; its last tail bytes are . _ or -, which may belong to the
    text. *looks counts the places that were looked at, ZCHAT_MENTION_LOOKS at most. False: there is
    none.                                                                      */
bool mention_next (frame_t text, size_t *at, size_t *looks, frame_t *name, size_t *tail);
/*  Find out whom the caller's words in the room mention.                      */
void mentions_find (const call_t *call, const view_t *view, const found_t *found, frame_t text,
                    mentions_t *mentions);
/*  Add records by which those whose names are proven are told in their mailboxes. The main record
   is that of the message.                                                       */
void mentions_store (const call_t *call, const view_t *view, verdict_t *verdict,
                     const mentions_t *mentions);

/*  --- search.c --------------------------------------------------------------  */
bool verb_search (const call_t *call, const view_t *view, verdict_t *verdict);

/*  --- purge.c ---------------------------------------------------------------  */
bool verb_purge (const call_t *call, const view_t *view, verdict_t *verdict);

/*  --- membership.c ----------------------------------------------------------  */
bool verb_invite (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_kick (const call_t *call, const view_t *view, verdict_t *verdict);
/*  Add records that make the room, a private one with the caller as its operator. */
void private_make (const call_t *call, const view_t *view, verdict_t *verdict, found_t *found);

/*  --- moderation.c ----------------------------------------------------------  */
bool verb_mode (const call_t *call, const view_t *view, verdict_t *verdict);
bool verb_remove (const call_t *call, const view_t *view, verdict_t *verdict);

/*  --- producers.c: what is decided without a request ------------------------  */

/*  Add a record by which the producer whose bytes are the first argument has ended. */
bool producer_ends (const call_t *call, const view_t *view, verdict_t *verdict);
/*  Add records by which producers that are old are forgotten, a bounded number at a time. */
bool producers_age (const call_t *call, const view_t *view, verdict_t *verdict);
/*  True where there are such producers.                                       */
bool producers_old (const view_t *view, uint64_t wall_ms);

#endif
