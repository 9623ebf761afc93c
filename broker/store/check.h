/*  check.h - looking through a log, and copying one, without a broker

    Both read the log only and take no lock: they work beside a running broker, in
    one snapshot of what was committed when they began, and on the log of a stopped
    or killed one. SQLite may leave its two side files (-wal, -shm) behind, which a
    broker takes up. While they read, the broker's WAL cannot be reused and grows.

    SQLite keeps no checksums: bytes that changed inside a text and are still good
    UTF-8 are not seen by anyone.
*/
#ifndef ZCHAT_STORE_CHECK_H
#define ZCHAT_STORE_CHECK_H

#include "store.h"

/*  Gets a line of text, fit to be shown, for each problem.                    */
typedef void (store_problem_t) (void *arg, const char *text);

/*  What was found in a log.                                                   */
typedef struct {
    uint8_t log_id[ZCHAT_LOG_ID_SIZE]; /* zeros in a log not yet begun             */
    uint64_t rooms;
    uint64_t messages; /* those that could be read                 */
    uint64_t facts;
    uint64_t producers;
    uint64_t problems; /* lines said                               */
} store_summary_t;

/*  Verify the log in the folder dir: SQLite's own integrity; seqs of each room without holes from
    first to head, times that do not go back, users, types, UTF-8 and sizes; names of rooms
    allowed, and none twice; types where they belong; facts of rooms that are there, with UTF-8 and
    sizes; producers; the position; that the file holds nothing else that could run code. In the
    end it is given to loader as by store_load, unless that is NULL, so that a broker loads what is
    found sound. The folder and what a broker would believe of it must belong to those who may
    write it, as for store_open. *summary is set in any case. ZCHAT_OK: sound. Else *why, a
    sentence naming the file and the remedy, which the caller frees, and: ZCHAT_CORRUPT,
    ZCHAT_NEWER, ZCHAT_INVALID (no log is there), ZCHAT_SYSTEM (it cannot be read, or not be
    trusted).                                                                  */
zchat_status_t store_check (const char *dir, const store_loader_t *loader, store_problem_t *problem,
                            void *arg, store_summary_t *summary, char **why) ZCHAT_CHECKED;

/*  Copy the log in the folder dir to the folder to, which is made, or is empty; verify
    the copy as above; put it on disk. A copy that is cut short, or found damaged, is not
    left under a log's name. Status and *why as above, and: ZCHAT_IN_USE (to holds
    something, or cannot be made), ZCHAT_STORAGE (it cannot be written).       */
zchat_status_t store_backup (const char *dir, const char *to, const store_loader_t *loader,
                             store_problem_t *problem, void *arg, store_summary_t *summary,
                             char **why) ZCHAT_CHECKED;

/*  Put a copy of the log in the folder from, verified as above, into the folder dir, whose broker
   is stopped: *aside, which the caller frees, is the folder within dir where the log that was there
   is now, or NULL. log_id: the copy's new id; NULL: it keeps its own. Where it fails, the log that
   was there is served as before. Status and *why as of store_backup and store_open (ZCHAT_IN_USE: a
    broker has dir).                                                           */
zchat_status_t store_restore (const char *from, const char *dir, const uint8_t *log_id,
                              uint64_t now_s, const store_loader_t *loader,
                              store_problem_t *problem, void *arg, store_summary_t *summary,
                              char **aside, char **why) ZCHAT_CHECKED;

#endif
