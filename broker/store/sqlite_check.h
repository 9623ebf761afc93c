/*  sqlite_check.h - verifying a log, private to this folder                   */
#ifndef ZCHAT_STORE_SQLITE_CHECK_H
#define ZCHAT_STORE_SQLITE_CHECK_H

#include "check.h"
#include "sqlite.h"

enum { CHECK_USERS = 256 }; /* names found good that are remembered, by hash      */

/*  A key of a room's name.                                                    */
typedef struct {
    char *key;     /* fold, see name_keys_t                                     */
    char *name;    /* the room's name, fit to be shown                          */
    uint64_t room; /* its number                                                */
} check_key_t;

typedef struct {
    sqlite3 *db;                                 /* read only                              */
    const char *path;                            /* of the log                             */
    store_problem_t *say;                        /* gets the lines                         */
    void *arg;                                   /* of say                                 */
    store_summary_t *summary;                    /* what is found                          */
    sqlite3_stmt *messages;                      /* of one room                            */
    sqlite3_stmt *between;                       /* messages between two rooms             */
    check_key_t *keys;                           /* of all rooms                           */
    size_t n_keys;                               /* of them                                */
    size_t keys_capacity;                        /* slots of them                          */
    char users[CHECK_USERS][ZCHAT_NAME_MAX + 1]; /* found good                             */
    uint8_t user_sizes[CHECK_USERS];             /* 0: none                                */
} check_t;

/*  Open the log at path read only, in one snapshot, which *version, *log_id and *difference are of.
    ZCHAT_OK and *db; else *why, and ZCHAT_CORRUPT, ZCHAT_NEWER, ZCHAT_INVALID or
    ZCHAT_SYSTEM.                                                              */
zchat_status_t sqlite_check_open (const char *path, sqlite3 **db, sqlite3_int64 *version,
                                  uint8_t log_id[ZCHAT_LOG_ID_SIZE],
                                  sqlite_difference_t *difference, char **why) ZCHAT_CHECKED;

/*  store_check of the file at path.                                           */
zchat_status_t sqlite_check_file (const char *path, const store_loader_t *loader,
                                  store_problem_t *problem, void *arg, store_summary_t *summary,
                                  char **why) ZCHAT_CHECKED;

/*  Say a problem: one line.                                                   */
void sqlite_check_say (check_t *check, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  The whole number in a column; false where there is none from 0 to max.     */
bool sqlite_check_number (sqlite3_stmt *statement, int column, uint64_t max, uint64_t *number);

/*  --- sqlite_check_rooms.c --------------------------------------------------  */

/*  Look through all rooms and their messages.                                 */
void sqlite_check_rooms (check_t *check);

/*  --- sqlite_check_edits.c --------------------------------------------------  */

/*  Look through all edits and reactions.                                      */
void sqlite_check_edits (check_t *check);

/*  --- sqlite_check_markers.c ------------------------------------------------  */

/*  Look through what was read, and who was mentioned.                         */
void sqlite_check_markers (check_t *check);

#endif
