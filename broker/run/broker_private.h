/*  broker_private.h - what the files of the shell's loop share                */
#ifndef ZCHAT_BROKER_PRIVATE_H
#define ZCHAT_BROKER_PRIVATE_H

#include "admin.h"
#include "admission/admission.h"
#include "admission/tokens.h"
#include "broker.h"
#include "core.h"
#include "indexer.h"
#include "log/log_writer.h"
#include "metrics/metrics.h"
#include "net/beacon.h"
#include "net/sockets.h"
#include "notify.h"
#include "storage.h"
#include <jansson.h>

/*  How much was done up to a moment.                                          */
typedef struct {
    uint64_t mono_ms, events, answers;
} status_sample_t;

enum { STATUS_SAMPLES = 6 }; /* one every ten seconds: a minute                 */

struct broker {
    const options_t *options;
    char *endpoints[2][OPTIONS_ENDPOINTS_MAX]; /* bound: doors, feeds                  */
    store_t *store;
    indexer_t *indexer; /* NULL: there is no index                               */
    storage_t *storage;
    sockets_t *sockets;
    core_t *core;
    tokens_t *tokens;
    char *tokens_path; /* their file                                 */
    admission_t *admission;
    uint8_t public_key[ADDRESS_KEY_SIZE]; /* of the broker, where there is one        */
    char reached[ADDRESS_TEXT_MAX + 1];   /* the address for clients; "" likewise       */
    int signals;         /* signalfd                                              */
    log_writer_t *ready; /* of the ready line                                     */
    const char *address; /* of the peer whose request is being handled            */
    const char *key;     /* the key of that peer                                  */
    core_time_t now;     /* of this turn                                          */
    clock_watch_t clock; /* tells whether the wall clock can be believed          */
    bool clock_doubted;  /* it could not, at the last look                        */
    uint64_t trim_ms;    /* when retention looks next                             */
    uint64_t tidy_ms;    /* when free memory goes back next                       */
    uint64_t gone_ms;    /* when to look for who is gone even if the door is never empty */
    uint64_t close_ms;   /* stopping: when to give up; 0: not stopping            */
    bool trimming;       /* the writing thread has a step of retention to do      */
    bool committing;     /* the writing thread has a batch to commit, or a ledger to load */
    bool key_lost;       /* the log file says that the file of the broker's key is lost */
    bool failing;        /* the last thing that the writing thread did failed     */
    bool failure_said;   /* the log file says so                                  */
    uint64_t failure_ms; /* when the log file may say so again                    */
    counters_t counters; /* of the process                                        */
    counters_t said;     /* what of them the log file has told                    */
    uint64_t accept_ms;  /* when it may tell of connections that were not accepted */
    bool terminal;       /* there is one: SIGHUP tells that it has gone           */
    notify_t *notify;    /* the service manager, or NULL                          */
    metrics_t *metrics;  /* or NULL                                               */
    uint64_t measure_ms; /* when it gets the numbers next                         */
    uint64_t commit_us;  /* when the commit under way began                       */
    unsigned failures;   /* of the storage, in a row                              */
    /*  What the settings say, as they were read last.                         */
    store_retain_t retain; /* without rooms                                       */
    options_retained_t retained[OPTIONS_ENDPOINTS_MAX]; /* n_retained of them         */
    size_t n_retained;
    uint64_t disk_low; /* bytes                                                   */
    bool low;          /* less than that is free                                  */
    metrics_times_t commit_times;
    /*  For who runs it.                                                       */
    beacon_t *beacon;      /* or NULL */
    admin_door_t *admin;   /* NULL: it could not be opened                        */
    bool admin_here;       /* somebody there has said HELLO to the core           */
    bool admin_more;       /* more may be waiting there                           */
    uint64_t started_ms;   /* monotonic                                           */
    uint64_t committed_ms; /* when a commit went well last; 0: none did           */
    storage_disk_t disk;   /* at the last look                                    */
    status_sample_t samples[STATUS_SAMPLES];
    size_t n_samples; /* that were ever taken                                     */
};

/*  --- start.c ---------------------------------------------------------------  */

/*  Log why the broker does not start, under the key what; returns status.     */
int broker_fail (int status, const char *what, const char *why);

/*  Open the log, bind door and feed, load tokens and core. -1; or the exit status, after
    saying why. What was made is there in any case, for the caller to destroy. */
int broker_start (broker_t *broker);

/*  Say on one line where the broker serves, to whoever started it.            */
void broker_ready (broker_t *broker);

/*  --- measure.c -------------------------------------------------------------  */

/*  Serve the numbers where the settings say so. -1; or the exit status, after saying why. */
int measure_start (broker_t *broker);

/*  Take the time of a commit.                                                 */
void measure_commit_begins (broker_t *broker);
void measure_commit_ends (broker_t *broker);

/*  Take how often in a row the storage failed. After one failure nobody may try again before
   somebody says something, so the broker is still ready; from two on the core tries by itself. */
void measure_failures (broker_t *broker, unsigned failures);

/*  Hand over the numbers, where that is due; to be called in each turn.       */
void measure_turn (broker_t *broker);

/*  When it is due next; UINT64_MAX: never.                                    */
uint64_t measure_deadline_ms (const broker_t *broker);

/*  --- reload.c --------------------------------------------------------------  */

/*  Read the settings anew, and take what can be taken while the broker serves. Where something is
    wrong with them, nothing changes. What came of it, for the caller to release: "taken" and
    "restart", lists of settings; or "code" and "text".                        */
json_t *broker_reload (broker_t *broker);

/*  --- sink.c ----------------------------------------------------------------  */

/*  What the core is given to send by, and to ask.                             */
core_sink_t sink_of (broker_t *broker);

#endif
