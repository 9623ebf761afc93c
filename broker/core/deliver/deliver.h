/*  deliver.h - what was decided takes effect: replies, the feed, presence, notes */
#ifndef ZCHAT_DELIVER_H
#define ZCHAT_DELIVER_H

#include "../state/state.h"

/*  --- reply.c ---------------------------------------------------------------  */

/*  Answer the call as the verdict says; number is the record whose seq and time are the answer,
    where that is wanted. Counts, and notes what was refused.                  */
void reply_verdict (core_t *core, const call_t *call, const verdict_t *verdict,
                    const store_record_t *number);
/*  Answer the call by ERR. more (taken) may be NULL.                          */
void reply_refuse (core_t *core, const call_t *call, zchat_status_t status, const char *why,
                   json_t *more);
/*  Write the verdict's notes.                                                 */
void reply_notes (core_t *core, core_peer_t peer, const verdict_t *verdict);
void note_write (core_t *core, core_note_kind_t kind, core_peer_t peer, frame_t user, frame_t room,
                 const char *text);

/*  --- pages.c: HISTORY ------------------------------------------------------ */

/*  Ask for the page that the verdict wants. False: too many are under way, and ERR was sent. */
bool page_ask (core_t *core, const call_t *call, const verdict_t *verdict);
/*  See core_read_done.                                                        */
void page_done (core_t *core, uint64_t id, zchat_status_t status, const store_page_t *page);

/*  --- feed.c ----------------------------------------------------------------  */

/*  Publish an event of a room: on the feed, or over the door to its members where it is private
    or a mailbox; at once by itself, and in a pack when feed_flush is called.  */
void feed_publish (core_t *core, const room_t *room, hall_t *hall, const event_t *event);
/*  Publish what is in the packs; of one hall or room, or (NULL) of all.       */
void feed_flush (core_t *core, const char *fold);

/*  --- moves.c ---------------------------------------------------------------  */

/*  Carry the verdict's moves out; where the peer is gone (NULL), those of others alone. False:
    what was decided cannot be any more, and *status says why.                 */
bool moves_make (core_t *core, peer_t *peer, const call_t *call, const verdict_t *verdict,
                 zchat_status_t *status);
/*  Leave a hall (the member is gone), or all of them, for a reason.           */
void session_leave (core_t *core, member_t *member, const char *reason);
void session_leave_all (core_t *core, session_t *session, const char *reason);
/*  End the session: its halls, its name; with its peer it is over.            */
void session_end (core_t *core, session_t *session, const char *reason);

/*  --- announce.c ------------------------------------------------------------  */

/*  Say that the session joined, or left for a reason (part, bye, lost, closing).
    Membership is changed already.                                             */
void announce_join (core_t *core, const session_t *session, hall_t *hall);
void announce_leave (core_t *core, const session_t *session, hall_t *hall, const char *reason);
/*  Announce what was merged and is due, or all of it.                         */
void announce_due (core_t *core, bool all);
/*  What was merged of the hall is not told.                                   */
void announce_forget (core_t *core, hall_t *hall);
void announce_destroy (core_t *core);

/*  Who was to leave the room leaves: of those that had come in when joins had (see
    presence_joins), WHO, or (OUT_ALL) everybody.                              */
void out_leave (core_t *core, const room_t *room, hall_t *hall, out_t out, frame_t subject,
                uint64_t joins);

/*  --- debt.c: what a peer leaves unread -------------------------------------  */

/*  A reply, or a part of one, of so many bytes goes to the peer.              */
void debt_add (core_t *core, core_peer_t id, size_t bytes);
/*  True where the peer may be sent so many bytes that it did not ask for; they count. */
bool debt_affords (core_t *core, peer_t *peer, size_t bytes);
/*  The peer is gone, and what it did not read.                                */
void debt_forget (core_t *core, peer_t *peer);
/*  ms for which the peer has to read before it is given more; 0: none.        */
uint64_t debt_wait_ms (core_t *core, peer_t *peer);

/*  --- silence.c -------------------------------------------------------------  */

/*  The peer has asked something: its session, where it has one, is not silent. */
void silence_heard (core_t *core, const peer_t *peer);
/*  Lose sessions that were silent for too long, ZCHAT_SILENT_MAX at most.     */
void silence_due (core_t *core);
/*  When that is to be done; UINT64_MAX: never.                                */
uint64_t silence_deadline_ms (const core_t *core);

#endif
