/*  sqlite_check_edits.c - verifying a log: edits and reactions                */
#include "name.h"
#include "sqlite_check.h"
#include "text.h"

/*  What is found in the rows of a table.                                      */
typedef struct {
    uint64_t bad;   /* make no sense by themselves                             */
    uint64_t stray; /* belong to no message                                    */
    uint64_t other; /* say something else than the messages do                 */
    uint64_t id;    /* of the message of the first of any of them              */
} found_t;

static void found_add (found_t *found, uint64_t *count, uint64_t id)
{
    if (!found->bad && !found->stray && !found->other)
        found->id = id;
    ++*count;
}

static void found_say (check_t *check, const char *what, const found_t *found, const char *other)
{
    unsigned long long room = found->id >> LOG_SEQ_BITS, seq = found->id & ZCHAT_SEQ_MAX;
    if (found->bad || found->stray || found->other)
        sqlite_check_say (check,
                          "%s: %llu make no sense, %llu belong to no message, %llu %s; the first "
                          "is of seq %llu of room number %llu",
                          what, (unsigned long long)found->bad, (unsigned long long)found->stray,
                          (unsigned long long)found->other, other, seq, room);
}

static bool said (uint64_t type)
{
    return type == ZCHAT_TYPE_SAY || type == ZCHAT_TYPE_ACTION;
}

/*  Rows of id, seq, n; the room's first and head; the types of message and edit (NULL: not stored)
    and whether their texts are the same.                                      */
static void edit_look (sqlite3_stmt *row, found_t *found)
{
    uint64_t id, seq, n, first, head, type = 0, edit = 0;
    if (!sqlite_check_number (row, 0, INT64_MAX, &id) ||
        !sqlite_check_number (row, 1, ZCHAT_SEQ_MAX, &seq) ||
        !sqlite_check_number (row, 2, INT64_MAX, &n) || n < 1 || seq <= (id & ZCHAT_SEQ_MAX)) {
        found_add (found, &found->bad, (uint64_t)sqlite3_column_int64 (row, 0));
        return;
    }
    (void)sqlite_check_number (row, 5, ZCHAT_TYPE_MAX, &type);
    (void)sqlite_check_number (row, 6, ZCHAT_TYPE_MAX, &edit);
    /*  Retention may have left the last edit alone.                           */
    if (!sqlite_check_number (row, 3, ZCHAT_SEQ_MAX, &first) ||
        !sqlite_check_number (row, 4, ZCHAT_SEQ_MAX, &head) || seq < first || seq > head ||
        ((id & ZCHAT_SEQ_MAX) >= first && !said (type)))
        found_add (found, &found->stray, id);
    else if (edit != ZCHAT_TYPE_EDIT || (said (type) && !sqlite3_column_int (row, 7)))
        found_add (found, &found->other, id);
}

/*  Rows of id, text, who, user, seq; the room's head and the message's type.  */
static void reaction_look (sqlite3_stmt *row, found_t *found)
{
    uint64_t id, seq, head, type = 0;
    frame_t text, who, user;
    if (!sqlite_check_number (row, 0, INT64_MAX, &id) ||
        !sqlite_column_frame (row, 1, ZCHAT_REACTION_MAX, &text) || !text_word (text) ||
        !sqlite_column_frame (row, 2, STORE_WHO_MAX, &who) || !who.size || !text_valid (who) ||
        !sqlite_column_frame (row, 3, ZCHAT_NAME_MAX, &user) ||
        name_check (user, NULL, NULL) != ZCHAT_OK ||
        !sqlite_check_number (row, 4, ZCHAT_SEQ_MAX, &seq) || seq <= (id & ZCHAT_SEQ_MAX))
        found_add (found, &found->bad, (uint64_t)sqlite3_column_int64 (row, 0));
    else if (!sqlite_check_number (row, 5, ZCHAT_SEQ_MAX, &head) || seq > head ||
             !sqlite_check_number (row, 6, ZCHAT_TYPE_MAX, &type) || !said (type))
        found_add (found, &found->stray, id);
}

/*  Edits that have a text though a later one of their message has, too: nobody would overwrite it.
 */
static void text_look (sqlite3_stmt *row, found_t *found)
{
    found_add (found, &found->other, (uint64_t)sqlite3_column_int64 (row, 0));
}

static void table_look (check_t *check, const char *what, const char *sql, const char *other,
                        void (*look) (sqlite3_stmt *row, found_t *found))
{
    sqlite3_stmt *row = NULL;
    found_t found = {0};
    int rc = sqlite3_prepare_v2 (check->db, sql, -1, &row, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step (row)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        look (row, &found);
    }
    found_say (check, what, &found, other);
    if (rc != SQLITE_DONE)
        sqlite_check_say (check, "%s: cannot be read: %s", what, sqlite3_errmsg (check->db));
    sqlite3_finalize (row);
}

void sqlite_check_edits (check_t *check)
{
    table_look (check, "edits",
                "SELECT edits.id, edits.seq, edits.n, rooms.first, rooms.head, message.type,"
                " edit.type, message.body = edit.body FROM edits"
                " LEFT JOIN rooms ON rooms.id = edits.id >> 40"
                " LEFT JOIN messages AS message ON message.id = edits.id"
                " LEFT JOIN messages AS edit ON edit.id = (edits.id >> 40 << 40) | edits.seq"
                " ORDER BY edits.id",
                "are not what the message says", edit_look);
    table_look (check, "edits",
                "SELECT id FROM messages WHERE type = 10 AND length (body) > 0 AND id NOT IN"
                " (SELECT (id >> 40 << 40) | seq FROM edits) ORDER BY id",
                "have a text, but are not the last of their message", text_look);
    table_look (check, "reactions",
                "SELECT reactions.id, reactions.text, reactions.who, reactions.user,"
                " reactions.seq, rooms.head, messages.type FROM reactions"
                " LEFT JOIN rooms ON rooms.id = reactions.id >> 40"
                " LEFT JOIN messages ON messages.id = reactions.id"
                " ORDER BY reactions.id",
                "are others", reaction_look);
}
