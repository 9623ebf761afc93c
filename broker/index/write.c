/*  write.c - what was said comes in, what is no more goes out                 */
#include "index_private.h"

enum {
    STEP_EVENTS = 8192,   /* taken in one transaction                        */
    STEP_BYTES = 8388608, /* of their bodies                                 */
    STEP_ROOMS = 1024,    /* seen to in one                                  */
    CLEAR_ROWS = 8192,    /* that one takes out at once                      */
};

static sqlite3_int64 id_of (uint64_t room, uint64_t seq)
{
    return (sqlite3_int64)(room << SEQ_BITS | seq);
}

/*  --- what was heard of ------------------------------------------------------------- */

static void head_hear (feed_t *feed, feed_room_t *room, uint64_t head)
{
    room->heard_head = head > room->heard_head ? head : room->heard_head;
    if (head <= room->head)
        return;
    uint64_t known = room->head > room->at ? room->head : room->at;
    feed->behind[room->secret] += head > known ? head - known : 0;
    room->head = head;
}

void index_hear (index_t *self, const index_news_t *news)
{
    feed_t *feed = &self->feed;
    feed_room_t *room =
        news->dropped ? feed_room (feed, news->room) : feed_room_make (feed, news->room);
    if (!room)
        return;
    if (news->made && (room->at == 0 || !room->known)) {
        uint64_t behind = room->head - room->at;
        feed->behind[room->secret] -= behind;
        room->secret = news->secret;
        feed->behind[room->secret] += behind;
    }
    room->known = room->known || news->made;
    room->first = news->first > room->first ? news->first : room->first;
    room->dropped = room->dropped || news->dropped;
    /*  Of what retention took before it came in there is nothing to be read.  */
    if (room->at == 0 && room->first > 1) {
        room->at = room->kept = room->clear = room->first - 1;
        room->head = room->head > room->at ? room->head : room->at;
    }
    head_hear (feed, room, news->head);
    feed_hear (feed, room);
}

zchat_status_t index_compare (index_t *self)
{
    feed_room_t *room, *next;
    HASH_ITER (hh, self->feed.rooms, room, next)
    {
        if (!room->known) {
            room->dropped = true;
            feed_hear (&self->feed, room);
        }
        if (room->known && room->kept > room->heard_head) {
            snprintf (self->error, sizeof self->error, "%s is of a log that went further",
                      self->path);
            return ZCHAT_CORRUPT;
        }
    }
    return ZCHAT_OK;
}

uint64_t index_behind (const index_t *self, bool all)
{
    return self->feed.behind[0] + (all ? self->feed.behind[1] : 0);
}

/*  --- messages that go ------------------------------------------------------------------ */

/*  *doc 0: the message is not in.                                             */
static bool doc_find (index_t *self, sqlite3_int64 id, uint64_t *doc)
{
    sqlite3_stmt *statement = self->statements[DO_DOC_OF];
    sqlite3_bind_int64 (statement, 1, id);
    int rc = sqlite3_step (statement);
    *doc = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64 (statement, 0) : 0;
    sqlite3_reset (statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/*  Its words stay, and are found by nobody. wipe: they are to go soon.        */
static bool doc_delete (index_t *self, sqlite3_int64 id, uint64_t doc, bool wipe)
{
    sqlite3_bind_int64 (self->statements[DO_DOC_DELETE], 1, id);
    if (!shard_take (self, doc >> SHARD_BITS, false) || !index_run (self, DO_DOC_DELETE))
        return false;
    self->shard.docs -= self->shard.docs > 0;
    self->shard.gone++;
    self->shard.dirty = self->shard.dirty || wipe;
    self->shard_changed = true;
    self->dirty = true;
    return true;
}

static bool message_remove (index_t *self, uint64_t room, uint64_t seq)
{
    uint64_t doc;
    sqlite3_stmt *statement = self->statements[DO_EDIT_OF];
    if (!seq)
        return true;
    sqlite3_bind_int64 (statement, 1, id_of (room, seq));
    /*  Who takes an edit away takes the message away that it changed.         */
    sqlite3_int64 id = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0)
                                                              : id_of (room, seq);
    sqlite3_reset (statement);
    return doc_find (self, id, &doc) && (!doc || doc_delete (self, id, doc, true));
}

/*  The new words come in under the number that the message has; what only the old text had goes
   with the shard's old table.                                                     */
static bool message_edit (index_t *self, const feed_room_t *room, uint64_t edit, uint64_t seq)
{
    const event_t *event;
    uint64_t doc;
    if (!seq)
        return true;
    sqlite3_bind_int64 (self->statements[DO_EDIT_ADD], 1, id_of (room->room, edit));
    sqlite3_bind_int64 (self->statements[DO_EDIT_ADD], 2, id_of (room->room, seq));
    if (!index_run (self, DO_EDIT_ADD) || !doc_find (self, id_of (room->room, seq), &doc) ||
        !feed_event (&self->feed, room->room, seq, true, &event))
        return false;
    if (!doc)
        return true;
    if (!event || !event_searched (event))
        return doc_delete (self, id_of (room->room, seq), doc, true);
    self->dirty = true;
    if (!shard_take (self, doc >> SHARD_BITS, false) || !shard_insert (self, doc, room, event))
        return false;
    self->shard.dirty = 1;
    self->shard_changed = true;
    return true;
}

/*  Messages of a span of seqs go. *done: all of them have gone.               */
static bool span_clear (index_t *self, uint64_t room, uint64_t from, uint64_t to, bool wipe,
                        bool *done)
{
    sqlite3_stmt *statement = self->statements[DO_DOC_RANGE];
    static sqlite3_int64 rows[CLEAR_ROWS][2];
    size_t count = 0;
    sqlite3_bind_int64 (statement, 1, id_of (room, from));
    sqlite3_bind_int64 (statement, 2, id_of (room, to));
    sqlite3_bind_int64 (statement, 3, CLEAR_ROWS);
    int rc;
    while ((rc = sqlite3_step (statement)) == SQLITE_ROW && count < CLEAR_ROWS) {
        rows[count][0] = sqlite3_column_int64 (statement, 0);
        rows[count++][1] = sqlite3_column_int64 (statement, 1);
    }
    sqlite3_reset (statement);
    bool ok = rc == SQLITE_DONE || rc == SQLITE_ROW;
    for (size_t i = 0; ok && i < count; i++)
        ok = doc_delete (self, rows[i][0], (uint64_t)rows[i][1], wipe);
    *done = count < CLEAR_ROWS;
    sqlite3_bind_int64 (self->statements[DO_EDIT_RANGE], 1, id_of (room, from));
    sqlite3_bind_int64 (self->statements[DO_EDIT_RANGE], 2, id_of (room, to));
    return ok && (!*done || index_run (self, DO_EDIT_RANGE));
}

/*  --- messages that come ------------------------------------------------------------------ */

static bool message_add (index_t *self, const feed_room_t *room, const event_t *event)
{
    uint64_t doc = self->next;
    sqlite3_stmt *statement = self->statements[DO_DOC_ADD];
    if (!shard_take (self, doc >> SHARD_BITS, true) || !shard_insert (self, doc, room, event))
        return false;
    sqlite3_bind_int64 (statement, 1, (sqlite3_int64)doc);
    sqlite3_bind_int64 (statement, 2, id_of (room->room, event->seq));
    sqlite3_bind_int64 (statement, 3, (sqlite3_int64)event->time_ms);
    shard_t *shard = &self->shard;
    shard->docs++;
    shard->tidy = 0;
    shard->oldest_ms = event->time_ms < shard->oldest_ms ? event->time_ms : shard->oldest_ms;
    shard->newest_ms = event->time_ms > shard->newest_ms ? event->time_ms : shard->newest_ms;
    self->shard_changed = true;
    self->next++;
    return index_run (self, DO_DOC_ADD);
}

static bool event_apply (index_t *self, const feed_room_t *room, const event_t *event)
{
    if (event->type == ZCHAT_TYPE_REMOVE)
        return message_remove (self, room->room, event_target (event));
    if (event->type == ZCHAT_TYPE_EDIT)
        return message_edit (self, room, event->seq, event_target (event));
    return !event_searched (event) || message_add (self, room, event);
}

/*  --- a step -------------------------------------------------------------------------------- */

/*  What is in of a room that was trimmed or dropped goes. *done: all of it has. */
static bool room_clear (index_t *self, feed_room_t *room, bool *done)
{
    *done = true;
    if (!room->dropped && room->clear + 1 >= room->first)
        return true;
    if (!span_clear (self, room->room, 0, room->dropped ? ZCHAT_SEQ_MAX : room->first - 1,
                     room->dropped, done))
        return false;
    room->clearing = *done && !room->dropped ? room->first - 1 : room->clear;
    room->ends = *done && room->dropped;
    if (!room->ends)
        return true;
    sqlite3_bind_int64 (self->statements[DO_ROOM_DROP], 1, (sqlite3_int64)room->room);
    return index_run (self, DO_ROOM_DROP);
}

/*  See to rooms of which something was heard. Those behind *seen have to be heard of again. */
static bool rooms_see_to (index_t *self, size_t *seen)
{
    feed_t *feed = &self->feed;
    bool done = true;
    for (*seen = 0; *seen < feed->n_heard && *seen < STEP_ROOMS && done; *seen += done) {
        feed_room_t *room = feed->heard[*seen];
        room->clearing = room->clear;
        if (!room_clear (self, room, &done) ||
            (done && room->head > room->at && !feed_wake (feed, room)))
            return false;
    }
    return true;
}

static void rooms_seen_to (feed_t *feed, size_t seen)
{
    for (size_t i = 0; i < seen; i++) {
        feed_room_t *room = feed->heard[i];
        room->heard = false;
        room->clear = room->clearing;
        if (room->ends)
            feed_room_drop (feed, room);
    }
    feed->n_heard -= seen;
    memmove (feed->heard, feed->heard + seen, feed->n_heard * sizeof *feed->heard);
}

static bool rooms_put (index_t *self)
{
    sqlite3_stmt *statement = self->statements[DO_ROOM_PUT];
    for (size_t i = 0; i < self->feed.n_touched; i++) {
        sqlite3_bind_int64 (statement, 1, (sqlite3_int64)self->feed.touched[i]->room);
        sqlite3_bind_int64 (statement, 2, (sqlite3_int64)self->feed.touched[i]->at);
        if (!index_run (self, DO_ROOM_PUT))
            return false;
    }
    return index_meta_put (self, "next", self->next);
}

static bool events_take (index_t *self, bool *more)
{
    feed_room_t *room;
    const event_t *event;
    size_t bytes = 0;
    for (size_t i = 0; i < STEP_EVENTS && bytes < STEP_BYTES; i++) {
        if (!feed_next (&self->feed, &room, &event))
            return false;
        if (!event)
            return true;
        bytes += event->body.size;
        if (!event_apply (self, room, event))
            return false;
    }
    *more = true;
    return true;
}

zchat_status_t index_step (index_t *self, bool *more)
{
    size_t seen = 0;
    *more = false;
    if (!self->feed.n_heard && !self->feed.n_heap)
        return ZCHAT_OK;
    zchat_status_t status = index_begin (self);
    if (status != ZCHAT_OK)
        return status;
    if (!rooms_see_to (self, &seen) || !events_take (self, more) || !rooms_put (self))
        status = index_failed (self, "write");
    if (status == ZCHAT_OK)
        status = index_commit (self);
    if (status == ZCHAT_OK) {
        feed_keep (&self->feed);
        rooms_seen_to (&self->feed, seen);
        *more = *more || self->feed.n_heard;
        return ZCHAT_OK;
    }
    index_rollback (self);
    feed_pages_drop (&self->feed);
    feed_undo (&self->feed);
    return status;
}
