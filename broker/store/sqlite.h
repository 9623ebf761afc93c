/*  sqlite.h - the log in SQLite, private to its files

    DIR/zchat.db is the log, in WAL mode, every commit on disk before it is
    reported. DIR/zchatd.lock keeps other brokers out. The writing side is one
    connection; each reader has its own, read only.
*/
#ifndef ZCHAT_STORE_SQLITE_H
#define ZCHAT_STORE_SQLITE_H

#include "shares.h"
#include "store_ops.h"

#include <sqlite3.h>
#include <sys/types.h>

enum {
    LOG_APPLICATION = 0x7a636874, /* "zcht": a file with it is a zchat log        */
    LOG_VERSION_FACTS = 2,        /* the first with a table of facts              */
    LOG_VERSION_HOLDERS = 3,      /* the first that knows who is charged          */
    LOG_VERSION_CHARGES = 4,      /* the first that knows who a room is charged to */
    LOG_VERSION_POSITION = 5,     /* the first that knows its position            */
    LOG_VERSION_EDITS = 6,        /* the first that knows edits, reactions, mentions and what was
                                     read                                         */
    LOG_WAIT_MS = 5000,           /* for a lock that some other program holds     */
    LOG_SEQ_BITS = 40,            /* a message's id: room << 40 | seq             */
    PLACE_FILES = 4               /* that a store has open in its folder          */
};
#define LOG_NAME  "zchat.db"    /* in its folder                                */
#define LOCK_NAME "zchatd.lock" /* likewise                                     */

/*  Statements of the writing side, prepared once.                             */
typedef enum {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_MESSAGE_INSERT,
    SQL_MESSAGE_REMOVE,
    SQL_ROOM_UPDATE,
    SQL_ROOM_INSERT,
    SQL_ROOM_TOPIC,
    SQL_ROOM_OLDEST,
    SQL_ROOM_CHARGE,
    SQL_ROOM_DROP,
    SQL_FACTS_DROP,
    SQL_FACT_PUT,
    SQL_FACT_DELETE,
    SQL_PRODUCER_PUT,
    SQL_ADVANCE,
    SQL_LOAD_ROOMS,
    SQL_LOAD_ENDS,
    SQL_LOAD_FACTS,
    SQL_LOAD_PRODUCERS,
    SQL_LOAD_MARKERS,
    SQL_LOAD_POSITION,
    SQL_TRIM_ROOM,
    SQL_TRIM_CHOSEN,
    SQL_TRIM_SCAN,
    SQL_TRIM_DELETE,
    SQL_TRIM_FIRST,
    SQL_PAGES,
    SQL_SHARES_COUNT,
    SQL_SHARES_ONE,
    SQL_PRODUCER_DELETE,
    SQL_MARKER_PUT,
    SQL_MARKER_DELETE,
    SQL_MARKERS_DROP,
    SQL_MARKERS_OF,
    SQL_MENTION_PUT,
    SQL_MENTIONS_READ,
    SQL_MENTIONS_KEEP,
    SQL_MENTIONS_GONE,
    SQL_MENTIONS_OF,
    SQL_MESSAGE_TYPE,
    SQL_MESSAGE_BODY,
    SQL_MESSAGE_EDIT,
    SQL_EDIT_LAST,
    SQL_EDIT_PUT,
    SQL_EDITS_DELETE,
    SQL_REACTION_PUT,
    SQL_REACTION_DELETE,
    SQL_REACTIONS_DELETE,
    SQL_COUNT
} sqlite_statement_t;

/*  Records of one room, or of one producer, in a batch.                       */
typedef struct {
    const store_record_t *first; /* of them                                  */
    const store_record_t *last;  /* of them                                  */
    const store_record_t *topic; /* the last that sets the topic; or NULL    */
    size_t count;                /* of them                                  */
} sqlite_run_t;

/*  How the schema of a file differs from what a zchatd makes. From SCHEMA_HOLDS on, what differs
    may run code of its own.                                                   */
typedef struct {
    enum { SCHEMA_SAME, SCHEMA_LACKS, SCHEMA_HOLDS, SCHEMA_CHANGED } kind;
    char name[128]; /* of the first table or other entry that differs; cut off         */
} sqlite_difference_t;

/*  Where the open files were found.                                           */
typedef struct {
    char *folder;               /* as it was named                                   */
    char *paths[PLACE_FILES];   /* in it                                             */
    dev_t devices[PLACE_FILES]; /* of the files                                      */
    ino_t inodes[PLACE_FILES];  /* likewise                                          */
} sqlite_place_t;

typedef struct {
    store_t store;                       /* first: what store.c knows             */
    char *path;                          /* of the log, absolute                  */
    int lock;                            /* descriptor of the lock file; or -1    */
    sqlite_place_t place;                /* of the log, its side files, the lock  */
    bool astray;                         /* a file was moved during a commit, so that nobody
                                            knows in which log it is            */
    sqlite3 *db;                         /* the writing connection                */
    sqlite3_stmt *statements[SQL_COUNT]; /* prepared                              */
    const char *doing;                   /* the operation, for store_error        */
    int wal_pages;                       /* pages in the WAL after a commit       */
    int wal_restart_pages;               /* from here on readers are waited for   */
    shares_t shares;                     /* what the rooms hold, where retention is by size */
    int64_t counted;                     /* the id of the last message that is counted there */
    sqlite_run_t *runs;                  /* of the batch at hand                  */
    size_t runs_capacity;                /* of runs                               */
} sqlite_store_t;

/*  --- sqlite_files.c: the folder and the lock -------------------------------  */

/*  Set *why, which the caller frees, to a sentence.                           */
void sqlite_explain (char **why, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/*  The path of the file name in the folder; the caller frees it.             */
char *sqlite_path_join (const char *folder, const char *name);

/*  mkdir -p, the new ones for this user alone. False and errno.               */
bool sqlite_folder_make (const char *dir);

/*  A new entry of a folder outlasts a power cut only after this. False and errno. */
bool sqlite_folder_sync (const char *folder);

/*  Make the folder dir where it is not, and take it: *path is the log's absolute
    path, which the caller frees, and *lock a descriptor that keeps others out
    until it is closed. The log is made, empty, where it is not.
    ZCHAT_OK; else *why, and ZCHAT_IN_USE or ZCHAT_SYSTEM.                     */
zchat_status_t sqlite_folder_take (const char *dir, char **path, int *lock,
                                   char **why) ZCHAT_CHECKED;

/*  True where nobody but the broker's user and root can have written what is in the folder, as far
    as a broker believes it: the log, its side files, the tokens. Else *why. For a broker that
    starts and for who checks its log alike.                                   */
bool sqlite_folder_trusted (const char *folder, char **why);

/*  --- sqlite_place.c: whether the files are where they were -----------------  */

/*  Note which files the log in dir consists of. False and errno: one is not there. */
bool sqlite_place_note (sqlite_place_t *place, const char *dir);
void sqlite_place_forget (sqlite_place_t *place);

/*  The path of a file that is not where it was, and *how, the end of a sentence; NULL: all are
    there. Takes 4 us.                                                         */
const char *sqlite_place_lost (const sqlite_place_t *place, const char **how);

/*  --- sqlite_backup.c, sqlite_keep.c: copies of the file --------------------  */

/*  Copy what db sees to the file part, which is there, as one file without a WAL. It is not on disk
    yet. A code of SQLite.                                                     */
int sqlite_pages_copy (sqlite3 *db, const char *part);

/*  Put the file on disk. False and errno.                                     */
bool sqlite_file_sync (const char *path);

/*  Keep a copy of the log at path, which is of this older version, beside it. ZCHAT_OK; else *why
    and ZCHAT_SYSTEM.                                                          */
zchat_status_t sqlite_keep_older (sqlite3 *db, const char *path, sqlite3_int64 version,
                                  char **why) ZCHAT_CHECKED;

/*  --- sqlite_wal.c: place for the WAL ---------------------------------------  */

/*  Make the WAL of the log at path, which is open and of which nobody else has the WAL open to
   write, so many bytes long, by zeros behind it. Best effort: not on a disk that has little free.
 */
void sqlite_wal_reserve (const char *path, size_t size);

/*  --- sqlite_schema.c: what is in the file ----------------------------------  */

/*  Make sure that db is a log of this version: recognise it, make what is
    missing, migrate what is older. *log_id goes in where the log is new, and is
    what it holds afterwards. ZCHAT_OK; else *why, and ZCHAT_CORRUPT, ZCHAT_NEWER or
    ZCHAT_SYSTEM.                                                              */
zchat_status_t sqlite_schema_prepare (sqlite3 *db, const char *path,
                                      uint8_t log_id[ZCHAT_LOG_ID_SIZE], char **why) ZCHAT_CHECKED;

/*  Find out what sqlite_schema_prepare would, without changing anything. Where nothing is in the
    file yet, *version is 0 and *log_id untouched. A file that differs is no error here; *log_id is
    untouched where the difference may run code. Status as there.              */
zchat_status_t sqlite_schema_examine (sqlite3 *db, const char *path, sqlite3_int64 *version,
                                      uint8_t log_id[ZCHAT_LOG_ID_SIZE],
                                      sqlite_difference_t *difference, char **why) ZCHAT_CHECKED;

/*  Take the empty or older db from one version to another, in the caller's transaction. */
bool sqlite_schema_make (sqlite3 *db, sqlite3_int64 from, sqlite3_int64 to);

/*  --- sqlite_compare.c: whether all of it is ours ---------------------------  */

/*  Find the first difference between the file and what a zchatd of that version makes. ZCHAT_OK;
    else *why, as above.                                                       */
zchat_status_t sqlite_schema_compare (sqlite3 *db, const char *path, sqlite3_int64 version,
                                      sqlite_difference_t *difference, char **why) ZCHAT_CHECKED;

/*  What stands between "the file" and the name.                               */
const char *sqlite_difference_text (const sqlite_difference_t *difference);

/*  Let nothing that a file holds run: no views, no triggers, no functions that do more than
    compute. For every connection to a log, before anything is read.           */
void sqlite_schema_harden (sqlite3 *db);

/*  ZCHAT_CORRUPT or ZCHAT_SYSTEM, and *why, after db refused something.       */
zchat_status_t sqlite_schema_refused (sqlite3 *db, const char *path, char **why);

/*  --- sqlite.c: transactions ------------------------------------------------  */

/*  The id of a message.                                                       */
static inline sqlite3_int64 sqlite_message_id (uint64_t room, uint64_t seq)
{
    return (sqlite3_int64)(room << LOG_SEQ_BITS | seq);
}

/*  The text of each statement.                                                */
extern const char *const sqlite_statements[SQL_COUNT];

/*  Set store_error where astray is set: which log a start would find is not known any more. Returns
    ZCHAT_SYSTEM.                                                              */
zchat_status_t sqlite_astray (sqlite_store_t *self);

/*  Start a transaction; doing ("append to") stands in store_error if it fails. */
bool sqlite_begin (sqlite_store_t *self, const char *doing);

/*  Commit it. False: the transaction is gone, and nothing of it is stored, or, where astray is set,
    nobody knows.                                                              */
bool sqlite_commit (sqlite_store_t *self);

/*  Undo it, where there is one.                                               */
void sqlite_rollback (sqlite_store_t *self);

/*  Run a bound statement to its end, ready for the next time. False and
    store_error where it fails.                                                */
bool sqlite_run (sqlite_store_t *self, sqlite_statement_t statement);

/*  One step of a bound statement: SQLITE_ROW, SQLITE_DONE, or another, and store_error
    is set. The caller resets the statement.                                   */
int sqlite_step (sqlite_store_t *self, sqlite_statement_t statement);

/*  Set store_error to what SQLite says of the last call.                      */
void sqlite_failed (sqlite_store_t *self);

/*  Set store_error to what the log should not hold.                           */
void sqlite_damaged (sqlite_store_t *self, const char *what, uint64_t room);

/*  The frame in a column; borrowed until the statement moves. False where it has
    more than max bytes.                                                       */
bool sqlite_column_frame (sqlite3_stmt *statement, int column, size_t max, frame_t *frame);

/*  The number in a column; false where it is negative or above max.           */
bool sqlite_column_number (sqlite3_stmt *statement, int column, uint64_t max, uint64_t *number);

/*  Bind a frame as UTF-8 text or as a blob; an empty one too, not as NULL.    */
int sqlite_bind_text (sqlite3_stmt *statement, int index, frame_t frame);
int sqlite_bind_blob (sqlite3_stmt *statement, int index, frame_t frame);

/*  --- sqlite_shares.c: what each room holds ---------------------------------- */

/*  Count some more of what is in the log, in the transaction at hand. *more: not all is counted
    yet.                                                                       */
bool sqlite_shares_count (sqlite_store_t *self, bool *more);

/*  Records were committed.                                                    */
void sqlite_shares_appended (sqlite_store_t *self, const store_record_t *records, size_t count);

/*  A message is about to lose its body and data.                              */
void sqlite_shares_removes (sqlite_store_t *self, sqlite3_int64 id);

/*  A message is about to have a body of so many bytes.                        */
void sqlite_shares_edits (sqlite_store_t *self, sqlite3_int64 id, size_t bytes);

/*  --- sqlite_edits.c: edits and reactions -------------------------------------- */

/*  Insert the event of a record, which may be an edit or a reaction, and do what it says to the
    message that it is about. False and store_error where that fails.          */
bool sqlite_message_put (sqlite_store_t *self, const store_record_t *record);
/*  Take the message away, with its edits and reactions.                       */
bool sqlite_message_remove (sqlite_store_t *self, sqlite3_int64 id);
/*  Messages of the room from the seq from to the seq to are gone, and so is what became of them. */
bool sqlite_messages_forget (sqlite_store_t *self, uint64_t room, uint64_t from, uint64_t to);

/*  --- sqlite_load.c -----------------------------------------------------------  */

zchat_status_t sqlite_load (store_t *store, const store_loader_t *loader);
/*  store_load from a connection that only reads, of a log of that version; *error is what went
    wrong, valid until the next call.                                          */
zchat_status_t sqlite_load_from (sqlite3 *db, const char *path, sqlite3_int64 version,
                                 const store_loader_t *loader, const char **error) ZCHAT_CHECKED;

/*  --- sqlite_markers.c: what was read, and who was mentioned ------------------ */

/*  Take over what the records say of markers and mentions, in their order. After the rooms and
    facts: one of them may be new.                                             */
bool sqlite_markers_put (sqlite_store_t *self, const store_record_t *records, size_t count);
/*  The room ends.                                                             */
bool sqlite_markers_drop (sqlite_store_t *self, uint64_t room);
/*  Messages of the room, from one seq to another, are no more: they mention nobody. */
bool sqlite_mentions_gone (sqlite_store_t *self, uint64_t room, uint64_t from, uint64_t to);
zchat_status_t sqlite_marker_load (sqlite_store_t *self, const store_loader_t *loader);
/*  Read the mentions in the rows of the statement into *page; false where they make no sense, or
    cannot be read.                                                            */
bool sqlite_mentions_page (sqlite3_stmt *statement, store_page_t **page);
/*  The statement for it; its one parameter is the owner's number.             */
extern const char sqlite_mentions_sql[];

/*  --- the operations --------------------------------------------------------  */
zchat_status_t sqlite_append (store_t *store, const store_record_t *records, size_t count);
zchat_status_t sqlite_trim (store_t *store, const store_retain_t *retain, uint64_t now_ms,
                            store_trimmed_t *trimmed);
zchat_status_t sqlite_reader_new (store_t *store, store_reader_t **reader);
void sqlite_reader_destroy (store_reader_t *reader);
zchat_status_t sqlite_reader_read (store_reader_t *reader, const store_query_t *query,
                                   store_page_t **page);

#endif
