/*  sqlite_marks.h - what became of the messages of a page, private to this folder */
#ifndef ZCHAT_STORE_SQLITE_MARKS_H
#define ZCHAT_STORE_SQLITE_MARKS_H

#include "marks.h"
#include "sqlite.h"

/*  Walks through a span of messages in either direction, beside whoever reads these.  */
typedef struct {
    sqlite3_stmt *statements[2][2]; /* edits, reactions; each ascending, descending */
    bool descending;
    bool has[2]; /* edits, reactions: a row is there                            */
    bool failed; /* SQLite says no, or a row makes no sense                     */
    marks_t marks;
} sqlite_marks_t;

/*  Zeros before. Returns what SQLite says.                                    */
int sqlite_marks_prepare (sqlite_marks_t *self, sqlite3 *db);
void sqlite_marks_clear (sqlite_marks_t *self);

/*  Begin at one end of the messages with these ids.                           */
void sqlite_marks_begin (sqlite_marks_t *self, sqlite3_int64 from, sqlite3_int64 to,
                         bool descending);
/*  The marks of the message, for whoever asks ("": nobody); NULL: it has none, or failed is set.
    Ask for each in its order. Valid until the next call.                      */
const store_marks_t *sqlite_marks_of (sqlite_marks_t *self, sqlite3_int64 id, const char *who);
void sqlite_marks_end (sqlite_marks_t *self);

#endif
