/*  server.h - the broker's process: the real core, its turns and its threads

    Turns go as in broker.c: who is gone, what the storage did, what came over the
    door, what is due, what is to be committed.
*/
#ifndef ZCHAT_SIM_SERVER_H
#define ZCHAT_SIM_SERVER_H

#include "book.h"
#include "core.h"
#include "router.h"
#include "wire.h"
#include <jansson.h>

enum { SERVER_NAMES_MAX = 2048 };

/*  The peer as which we ask ourselves, and as an admin.                       */
enum { SERVER_ASKER = 1, SERVER_ASKER_ADMIN = 2 };

/*  Work of a thread of the storage.                                           */
typedef struct job {
    struct job *next;
    uint64_t serial;
    enum { JOB_COMMIT, JOB_LOAD, JOB_TRIM, JOB_READ, JOB_SEARCH } kind;
    bool done;
    zchat_status_t status;
    const store_record_t *records; /* COMMIT                                   */
    size_t count;                  /*                                          */
    store_loader_t loader;         /* LOAD                                     */
    store_trimmed_t trimmed;       /* TRIM                                     */
    uint64_t wall_ms;              /*                                          */
    bool clock_set;                /* the clock is not what it was at the start */
    uint64_t id;                   /* READ, SEARCH                             */
    store_query_t query;           /*                                          */
    store_page_t *page;            /*                                          */
    index_result_t *found;         /* SEARCH                                   */
} job_t;

/*  Who holds a name, as the checks understand it.                             */
typedef struct {
    char name[ZCHAT_NAME_MAX + 1];
    char secret[2 * ZCHAT_SESSION_SIZE + 1];
    door_t *owner;          /* NULL: nobody is connected under it               */
    uint64_t kept_until_ms; /* for its owner                                   */
} holder_t;

struct server {
    sim_t *sim;
    uint64_t life;                 /* number of this process                               */
    core_t *core;                  /* NULL: it does not run                                */
    bool dying;                    /* nothing that it does gets out any more               */
    uint64_t doom;                 /* dies at this many effects from now; 0: not           */
    bool closing;                  /*                                                      */
    uint64_t close_ms;             /* when it gives up                                     */
    uint64_t frozen_us;            /* until then it stands still                          */
    uint64_t turn_us;              /* a turn is due then; 0: none                          */
    uint64_t tick_ms;              /* a turn is planned for this deadline of the core      */
    uint64_t disk_us, reads_us;    /* until then the disk fails                   */
    uint64_t writer_us, reader_us; /* the threads are busy until then          */
    uint64_t landed_us;            /* the core was told of a commit last                  */
    bool committing, trimming;
    bool unknown_stored;   /* of a commit whose end nobody knew            */
    uint64_t trim_ms;      /* when retention looks next                            */
    clock_watch_t clock;   /* as broker.c                                          */
    int64_t wall_off_ms;   /* of the simulation, when this process began           */
    uint64_t wall_most_ms; /* the latest time that its clock showed              */
    uint64_t trusted_us;   /* when that was last within an hour of the clock that it began with */
    job_t *jobs;           /* oldest first                                         */
    uint64_t job;          /* last serial                                          */
    store_reader_t *reader;
    router_t *router;
    door_t **doors; /* accepted by this process, by peer                    */
    size_t n_doors, doors_room;
    core_peer_t peer;   /* number of the first one                              */
    strand_t **strands; /* connected to the feed                               */
    size_t n_strands, strands_room;
    holder_t holders[SERVER_NAMES_MAX];
    size_t n_holders;
    json_t **asked; /* where the reply to our own question goes             */
};

server_t *server_new (sim_t *sim);
void server_free (server_t **server);

/*  --- life and death --------------------------------------------------------  */

void server_start (server_t *server);
/*  Die at once. silent: the network says nothing of it for a while.           */
void server_die (server_t *server, bool silent);
/*  Start again after a while, where it is dead.                               */
void server_restart (server_t *server, uint64_t after_us);
/*  Stop in order.                                                             */
void server_stop (server_t *server);
void server_freeze (server_t *server, uint64_t us);
bool server_runs (const server_t *server);

/*  --- server_outside.c: the network -----------------------------------------  */

bool server_accept (server_t *server, door_t *door);
bool server_accept_strand (server_t *server, strand_t *strand);
void server_drop_strand (server_t *server, const strand_t *strand);
/*  There is something to do; a pipe's owner.                                  */
void server_wake (void *arg);

/*  --- server_outside.c: questions that no network brings ---------------------  */

/*  Ask the core as a guest of no connection; NULL where there was no answer. The
    caller drops the answer.                                                   */
json_t *server_ask (server_t *server, const char *verb, const char *argument);

/*  The same as an admin.                                                      */
json_t *server_ask_admin (server_t *server, const char *verb, const char *argument);
/*  True where the reply is to such a question.                                */
bool server_answered (server_t *server, core_peer_t peer, const frame_t *frames);

core_time_t server_now (const server_t *server);

/*  --- server_storage.c: the threads -----------------------------------------  */

void storage_commit (server_t *server, const store_record_t *records, size_t count);
void storage_load (server_t *server, store_loader_t loader);
void storage_trim (server_t *server, uint64_t wall_ms);
void storage_read (server_t *server, uint64_t id, const store_query_t *query);
void storage_find (server_t *server, uint64_t id);
/*  A job that is done; NULL. Give it to storage_free.                         */
job_t *storage_done (server_t *server);
void storage_free (job_t *job);
/*  The process is dead.                                                       */
void storage_drop (server_t *server);

/*  --- server_search.c: the index -------------------------------------------- */

/*  The core asks the index.                                                   */
void storage_search (server_t *server, uint64_t id, const index_query_t *query);
/*  What it finds, at this moment; the caller destroys it.                     */
index_result_t *server_find (server_t *server);

/*  --- witness.c: what is promised, seen from the broker's side ---------------  */

void witness_request (server_t *server, door_t *door, const frame_t *frames, size_t count);
void witness_reply (server_t *server, door_t *door, const frame_t *frames, size_t count);
void witness_publish (server_t *server, const frame_t *frames, size_t count);
void witness_gone (server_t *server, door_t *door);
void witness_start (server_t *server);
/*  The core was told of a commit.                                             */
void witness_committed (server_t *server);
/*  Bounds of memory.                                                          */
void witness_bounds (server_t *server);

/*  --- guard.c: what is private reaches nobody else ----------------------------  */

/*  A message for a connection, without its envelope; for the feed.            */
void guard_reply (server_t *server, const door_t *door, const frame_t *frames, size_t count);
void guard_publish (server_t *server, const frame_t *frames, size_t count);

#endif
