/*  deliver.h - what was decided takes effect: replies, the feed, presence, notes */
#ifndef ZCHAT_DELIVER_H
#define ZCHAT_DELIVER_H

#include "../state/state.h"

/*  --- reply.c ---------------------------------------------------------------  */

/*  Answer the call as the verdict says. Where number is not NULL, the answer is the seq and time of
    that record. A refusal is counted, and noted in the log file.              */
void reply_verdict (core_t *core, const call_t *call, const verdict_t *verdict,
                    const store_record_t *number);
/*  Answer the call by ERR. more (taken) may be NULL.                          */
void reply_refuse (core_t *core, const call_t *call, zchat_status_t status, const char *why,
                   json_t *more);
/*  Write the verdict's notes.                                                 */
void reply_notes (core_t *core, core_peer_t peer, const verdict_t *verdict);
void note_write (core_t *core, core_note_kind_t kind, core_peer_t peer, frame_t user, frame_t room,
                 const char *text);

/*  --- pages.c: HISTORY ------------------------------------------------------- */

/*  Ask for the page that the verdict wants. False: too many pages were asked for already, and ERR
    was sent.                                                                  */
bool page_ask (core_t *core, const call_t *call, const verdict_t *verdict);
/*  The page that was asked for; where its peer is still there it is answered. */
void page_answer (core_t *core, const read_t *read, zchat_status_t status,
                  const store_page_t *page);

/*  What WHO is in the private room is decided and not on disk yet: who may read there now may have
    been nobody there before, and be it again.                                 */
bool page_unsure (const core_t *core, const room_t *room, const char *who);

/*  --- marks.c ---------------------------------------------------------------  */

/*  Write to data, which holds ZCHAT_DATA_MAX bytes, the data of a marks event: a JSON object. Where
    there is not enough place, names are left out, then reactions, the last ones first. at: the
    last seq that the marks know of. Returns the number of bytes.              */
size_t marks_encode (const store_marks_t *marks, uint64_t at, char *data);

/*  --- unread.c: READ, UNREAD ------------------------------------------------- */

/*  The session's user has read the room of the move: keep it, and tell the user's other sessions.
 */
void read_keep (core_t *core, const session_t *session, const move_t *move);
/*  Queue what was read, and waited long enough; of a broker that stops, all of it. */
void read_due (core_t *core);
/*  When read_due is to be called, monotonic; UINT64_MAX: never.               */
uint64_t read_deadline_ms (const core_t *core);
/*  A call of marker_store has come to its end; the ledger is as the disk is.  */
void read_stored (core_t *core, const item_t *item);
/*  Answer READ or UNREAD, whose page of mentions has come.                    */
void unread_answer (core_t *core, peer_t *peer, const read_t *read, zchat_status_t status,
                    const store_page_t *page);

/*  --- searches.c: SEARCH ------------------------------------------------------ */

/*  Ask for what the verdict wants to be searched, or answer by ERR.           */
void search_ask (core_t *core, const call_t *call, const verdict_t *verdict);
/*  See core_searched.                                                         */
void search_done (core_t *core, uint64_t id, zchat_status_t status, const index_result_t *result);
void searches_destroy (core_t *core);

/*  --- feed.c ----------------------------------------------------------------  */

/*  Publish an event of a room: on the feed; or, of a private room or a mailbox, over the door to
    its members. The single event goes out at once, the pack that it is added to by feed_flush.
    room is NULL where nothing is stored of it, hall where nobody is in it.    */
void feed_publish (core_t *core, const room_t *room, hall_t *hall, const event_t *event);
/*  Tell an event that is not stored to all sessions in the hall of a mailbox but this one. */
void feed_tell (core_t *core, const hall_t *hall, const session_t *but, const event_t *event);
/*  Publish the packs: that of the room with this fold, or (NULL) all.         */
void feed_flush (core_t *core, const char *fold);

/*  --- moves.c ---------------------------------------------------------------  */

/*  Make the verdict's moves. Where the peer is gone (NULL) only those that move others are made.
    False: a move became impossible after it was decided, and *status says why. */
bool moves_make (core_t *core, peer_t *peer, const call_t *call, const verdict_t *verdict,
                 zchat_status_t *status);
/*  Take the session out of one hall, after which member is gone, or out of all its halls, for a
    reason that the others are told.                                           */
void session_leave (core_t *core, member_t *member, const char *reason);
void session_leave_all (core_t *core, session_t *session, const char *reason);
/*  End the session: it leaves its halls, and its name. Unless the reason is bye, its peer has to
    say HELLO before it is heard under a name again.                           */
void session_end (core_t *core, session_t *session, const char *reason);

/*  --- announce.c ------------------------------------------------------------  */

/*  Tell the hall that the session has joined, or has left for a reason (part, bye, lost, close,
    closing). Call it after the change in presence.                            */
void announce_join (core_t *core, const session_t *session, hall_t *hall);
void announce_leave (core_t *core, const session_t *session, hall_t *hall, const char *reason);
/*  Announce the joins and leaves that were gathered in large halls: those that are due, or all. */
void announce_due (core_t *core, bool all);
/*  Drop what was gathered in the hall.                                        */
void announce_forget (core_t *core, hall_t *hall);
void announce_destroy (core_t *core);

/*  Add a name to a list of an event, as long as the event stays within its bounds.  */
void announce_list_add (json_t *list, const char *name, size_t size);
/*  A join of the user that waits to be announced is not announced any more.   */
void announce_unsay_join (const hall_t *hall, const user_t *user);

/*  --- evict.c ---------------------------------------------------------------  */

/*  Put out of the hall who was ordered to leave: the user whose WHO is subject, or everybody. Who
    joined after the order stays: joins is what presence_joins was when the order was decided. */
void evict (core_t *core, const room_t *room, hall_t *hall, out_t out, frame_t subject,
            uint64_t joins);

/*  --- debt.c: what a peer leaves unread -------------------------------------  */

/*  So many bytes of a long reply go to the peer.                              */
void debt_add (core_t *core, core_peer_t id, size_t bytes);
/*  True where the peer may be sent so many bytes that it did not ask for. Then they are counted. */
bool debt_affords (core_t *core, peer_t *peer, size_t bytes);
/*  The peer is gone: what it did not read counts no more.                     */
void debt_forget (core_t *core, peer_t *peer);
/*  ms after which the peer may ask for more, because it has too much to read; 0: now. */
uint64_t debt_wait_ms (core_t *core, peer_t *peer);

/*  --- silence.c -------------------------------------------------------------  */

/*  The peer has asked something, so its session, where it has one, is not silent. */
void silence_heard (core_t *core, const peer_t *peer);
/*  Treat sessions that were silent for too long as lost, ZCHAT_SILENT_MAX at most. */
void silence_due (core_t *core);
/*  When silence_due is to be called, monotonic; UINT64_MAX: never.            */
uint64_t silence_deadline_ms (const core_t *core);

#endif
