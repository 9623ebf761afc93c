/*  sqlite_edits.c - edits and reactions: what events do to messages that were stored before

    Of an edited message only the newest text is anywhere: in the message, and in the last of its
    edits, which readers that have the message already wait for. What was there before is
    overwritten, and sqlite_append has secure_delete on meanwhile. The row in edits outlives the
    message where retention takes that first: the last edit, whose text still stands there, is found
    by it.
*/
#include "sqlite.h"

static bool message_insert (sqlite_store_t *self, uint64_t room, const event_t *event)
{
    sqlite3_stmt *statement = self->statements[SQL_MESSAGE_INSERT];
    sqlite3_bind_int64 (statement, 1, sqlite_message_id (room, event->seq));
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)event->time_ms);
    sqlite3_bind_int (statement, 3, (int)event->type);
    sqlite_bind_text (statement, 4, event->user);
    sqlite_bind_blob (statement, 5, event->body);
    sqlite_bind_text (statement, 6, event->data);
    return sqlite_run (self, SQL_MESSAGE_INSERT);
}

/*  The first column of a statement about the message; 0: it has no row.       */
static bool number_of (sqlite_store_t *self, sqlite_statement_t which, sqlite3_int64 id,
                       uint64_t *number)
{
    sqlite3_stmt *statement = self->statements[which];
    sqlite3_bind_int64 (statement, 1, id);
    int rc = sqlite_step (self, which);
    *number = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64 (statement, 0) : 0;
    sqlite3_reset (statement);
    return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/*  Retention may have taken it already: then nothing changes.                 */
static bool message_wipe (sqlite_store_t *self, sqlite3_int64 id)
{
    sqlite3_stmt *statement = self->statements[SQL_MESSAGE_REMOVE];
    sqlite_shares_removes (self, id);
    sqlite3_bind_int64 (statement, 1, id);
    sqlite3_bind_int (statement, 2, ZCHAT_TYPE_GONE);
    return sqlite_run (self, SQL_MESSAGE_REMOVE);
}

static bool message_edit (sqlite_store_t *self, sqlite3_int64 id, frame_t body)
{
    sqlite3_stmt *statement = self->statements[SQL_MESSAGE_EDIT];
    sqlite_shares_edits (self, id, body.size);
    sqlite3_bind_int64 (statement, 1, id);
    sqlite_bind_blob (statement, 2, body);
    return sqlite_run (self, SQL_MESSAGE_EDIT);
}

/*  What was taken away is not said once more by an edit.                      */
static bool edit_put (sqlite_store_t *self, const store_record_t *record)
{
    sqlite3_int64 id = sqlite_message_id (record->room, record->edits);
    event_t event = record->event;
    uint64_t type, last;
    if (!number_of (self, SQL_MESSAGE_TYPE, id, &type) ||
        !number_of (self, SQL_EDIT_LAST, id, &last))
        return false;
    if (type && type != ZCHAT_TYPE_SAY && type != ZCHAT_TYPE_ACTION) {
        event.type = ZCHAT_TYPE_GONE;
        event.body = event.data = frame_of (NULL, 0);
        /*  sqlite_shares_appended will count what the record says.            */
        if (sqlite_message_id (record->room, event.seq) <= self->counted)
            shares_shrink (&self->shares, record->room,
                           record->event.body.size + record->event.data.size);
        return message_insert (self, record->room, &event);
    }
    sqlite3_stmt *statement = self->statements[SQL_EDIT_PUT];
    sqlite3_bind_int64 (statement, 1, id);
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)event.seq);
    return message_insert (self, record->room, &event) && message_edit (self, id, event.body) &&
           (!last ||
            message_edit (self, sqlite_message_id (record->room, last), frame_of (NULL, 0))) &&
           sqlite_run (self, SQL_EDIT_PUT);
}

static bool reaction_put (sqlite_store_t *self, const store_record_t *record)
{
    bool back = record->event.type == ZCHAT_TYPE_UNREACT;
    sqlite_statement_t which = back ? SQL_REACTION_DELETE : SQL_REACTION_PUT;
    sqlite3_stmt *statement = self->statements[which];
    sqlite3_bind_int64 (statement, 1, sqlite_message_id (record->room, record->reacts));
    sqlite_bind_text (statement, 2, record->event.body);
    sqlite_bind_text (statement, 3, record->who);
    if (!back) {
        sqlite_bind_text (statement, 4, record->event.user);
        sqlite3_bind_int64 (statement, 5, (sqlite3_int64)record->event.seq);
        sqlite3_bind_int (statement, 6, ZCHAT_TYPE_SAY);
        sqlite3_bind_int (statement, 7, ZCHAT_TYPE_ACTION);
    }
    return sqlite_run (self, which);
}

bool sqlite_message_put (sqlite_store_t *self, const store_record_t *record)
{
    if (record->edits)
        return edit_put (self, record);
    return message_insert (self, record->room, &record->event) &&
           (!record->reacts || reaction_put (self, record));
}

static bool reactions_delete (sqlite_store_t *self, sqlite3_int64 from, sqlite3_int64 to)
{
    sqlite3_bind_int64 (self->statements[SQL_REACTIONS_DELETE], 1, from);
    sqlite3_bind_int64 (self->statements[SQL_REACTIONS_DELETE], 2, to);
    return sqlite_run (self, SQL_REACTIONS_DELETE);
}

/*  The rows of messages from one to the other whose last edit is of the seq last at most.  */
static bool edits_delete (sqlite_store_t *self, sqlite3_int64 from, sqlite3_int64 to, uint64_t last)
{
    sqlite3_bind_int64 (self->statements[SQL_EDITS_DELETE], 1, from);
    sqlite3_bind_int64 (self->statements[SQL_EDITS_DELETE], 2, to);
    sqlite3_bind_int64 (self->statements[SQL_EDITS_DELETE], 3, (sqlite3_int64)last);
    return sqlite_run (self, SQL_EDITS_DELETE);
}

bool sqlite_message_remove (sqlite_store_t *self, sqlite3_int64 id)
{
    uint64_t last;
    uint64_t room = (uint64_t)id >> LOG_SEQ_BITS;
    return number_of (self, SQL_EDIT_LAST, id, &last) && message_wipe (self, id) &&
           (!last || (message_wipe (self, sqlite_message_id (room, last)) &&
                      edits_delete (self, id, id, ZCHAT_SEQ_MAX))) &&
           reactions_delete (self, id, id);
}

bool sqlite_messages_forget (sqlite_store_t *self, uint64_t room, uint64_t from, uint64_t to)
{
    return reactions_delete (self, sqlite_message_id (room, from), sqlite_message_id (room, to)) &&
           edits_delete (self, sqlite_message_id (room, 0), sqlite_message_id (room, to), to);
}
