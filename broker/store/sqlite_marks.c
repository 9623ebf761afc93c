/*  sqlite_marks.c - what became of the messages of a page                     */
#include "sqlite_marks.h"

enum { EDITS, REACTIONS };

static const char *const statements[2][2] = {
    {"SELECT id, seq, n FROM edits WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
     "SELECT id, seq, n FROM edits WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC"},
    {"SELECT id, text, who, user, seq FROM reactions WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
     "SELECT id, text, who, user, seq FROM reactions WHERE id BETWEEN ?1 AND ?2"
     " ORDER BY id DESC"},
};

int sqlite_marks_prepare (sqlite_marks_t *self, sqlite3 *db)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < 4; i++)
        rc = sqlite3_prepare_v3 (db, statements[i / 2][i % 2], -1, SQLITE_PREPARE_PERSISTENT,
                                 &self->statements[i / 2][i % 2], NULL);
    return rc;
}

void sqlite_marks_clear (sqlite_marks_t *self)
{
    for (size_t i = 0; i < 4; i++)
        sqlite3_finalize (self->statements[i / 2][i % 2]);
    marks_clear (&self->marks);
}

static sqlite3_stmt *rows_of (const sqlite_marks_t *self, int what)
{
    return self->statements[what][self->descending];
}

static void rows_step (sqlite_marks_t *self, int what)
{
    int rc = sqlite3_step (rows_of (self, what));
    self->has[what] = rc == SQLITE_ROW;
    self->failed = self->failed || (rc != SQLITE_ROW && rc != SQLITE_DONE);
}

void sqlite_marks_begin (sqlite_marks_t *self, sqlite3_int64 from, sqlite3_int64 to,
                         bool descending)
{
    self->descending = descending;
    self->failed = false;
    for (int what = EDITS; what <= REACTIONS; what++) {
        sqlite3_bind_int64 (rows_of (self, what), 1, from);
        sqlite3_bind_int64 (rows_of (self, what), 2, to);
        rows_step (self, what);
    }
}

void sqlite_marks_end (sqlite_marks_t *self)
{
    for (int what = EDITS; what <= REACTIONS; what++)
        sqlite3_reset (rows_of (self, what));
}

/*  True where the row at hand is the message's. Rows of messages that were passed are none's.  */
static bool rows_are (sqlite_marks_t *self, int what, sqlite3_int64 id)
{
    if (!self->has[what] || self->failed)
        return false;
    sqlite3_int64 row = sqlite3_column_int64 (rows_of (self, what), 0);
    self->failed = self->descending ? row > id : row < id;
    return row == id;
}

static bool edit_take (sqlite_marks_t *self)
{
    uint64_t seq, n;
    sqlite3_stmt *row = rows_of (self, EDITS);
    if (!sqlite_column_number (row, 1, ZCHAT_SEQ_MAX, &seq) ||
        !sqlite_column_number (row, 2, INT64_MAX, &n) || !seq || !n)
        return false;
    marks_edited (&self->marks, seq, n);
    return true;
}

static bool reaction_take (sqlite_marks_t *self, const char *who)
{
    frame_t text, user, name;
    uint64_t seq;
    sqlite3_stmt *row = rows_of (self, REACTIONS);
    return sqlite_column_frame (row, 1, ZCHAT_REACTION_MAX, &text) &&
           sqlite_column_frame (row, 2, STORE_WHO_MAX, &user) &&
           sqlite_column_frame (row, 3, ZCHAT_NAME_MAX, &name) &&
           sqlite_column_number (row, 4, ZCHAT_SEQ_MAX, &seq) &&
           marks_reacted (&self->marks, text, name, seq, *who && frame_is (user, who));
}

const store_marks_t *sqlite_marks_of (sqlite_marks_t *self, sqlite3_int64 id, const char *who)
{
    marks_begin (&self->marks, (uint64_t)id & ZCHAT_SEQ_MAX);
    while (rows_are (self, EDITS, id)) {
        self->failed = !edit_take (self) || self->failed;
        rows_step (self, EDITS);
    }
    while (rows_are (self, REACTIONS, id)) {
        self->failed = !reaction_take (self, who) || self->failed;
        rows_step (self, REACTIONS);
    }
    return self->failed ? NULL : marks_end (&self->marks);
}
