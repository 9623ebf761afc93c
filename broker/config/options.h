/*  options.h - what zchatd was told: flags over environment over file         */
#ifndef ZCHAT_BROKER_OPTIONS_H
#define ZCHAT_BROKER_OPTIONS_H

#include "log/log.h"
#include "name.h"
#include "quota/quota.h"
#include "store.h"

enum { OPTIONS_ENDPOINTS_MAX = 16 }; /* values of one option                         */

/*  A room that keeps its messages for another time than all others.           */
typedef struct {
    name_keys_t room;
    uint64_t age_ms;
} options_retained_t;

typedef struct {
    char *doors[OPTIONS_ENDPOINTS_MAX];
    size_t n_doors;
    char *feeds[OPTIONS_ENDPOINTS_MAX];
    size_t n_feeds;
    char *announced[OPTIONS_ENDPOINTS_MAX]; /* feeds as clients reach them; none: as bound */
    size_t n_announced;
    char *data;                          /* folder of the log                     */
    bool ws;                             /* may serve WebSockets                  */
    bool insecure;                       /* may bind beyond this machine          */
    bool curve;                          /* encrypted                             */
    bool members;                        /* admit only keys of the file           */
    char *host;                          /* named in the address; NULL: found out */
    char *admins[OPTIONS_ENDPOINTS_MAX]; /* keys, as address_key_encode writes them */
    size_t n_admins;
    quota_t quotas[QUOTA_COUNT];
    bool index;     /* what is said can be searched           */
    int ready_fd;   /* where the ready line goes             */
    char *metrics;  /* endpoint of the metrics, or NULL      */
    char *announce; /* the interface on which the broker is announced; "any"; NULL: it is not */
    store_retain_t retain; /* without rooms                                   */
    options_retained_t retained[OPTIONS_ENDPOINTS_MAX]; /* n_retained of them     */
    size_t n_retained;
    uint64_t disk_low;       /* bytes: less free than this is warned of           */
    uint64_t edit_window_ms; /* so long a message can be edited           */
    log_level_t log_level;
    bool log_json;
    int argc;     /* what options_read was given                                  */
    char **argv;  /* likewise; the caller's                                       */
    char **given; /* of each setting (options_private.h) its values, or NULL      */
} options_t;

/*  Read everything. Returns -1: go on; else exit with this status, and what there was
    to say has been said (--help, --version, errors). options_free in any case. */
int options_read (options_t *options, int argc, char **argv);
void options_free (options_t *options);

/*  Read everything once more, by the flags that old was read by: the file may be another one.
    Returns -1; else *why, which the caller frees. options_free in any case.   */
int options_again (options_t *options, const options_t *old, char **why);

/*  The names of the settings whose values differ: of those that apply at once, or of the others;
    separated by blanks; the caller frees it. "": none.                        */
char *options_differ (const options_t *options, const options_t *old, bool at_once);

/*  As options_read, of a command that was given --data and --config, or NULL.  */
int options_command (options_t *options, char *data_value, char *config_value);

/*  Read 30s, 10m, 12h, 30d. False where it is none, *age_ms then untouched.   */
bool options_age (const char *value, uint64_t *age_ms);

/*  Say one line on standard error; what came from outside is escaped.         */
void options_say (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/*  The first door of tcp that reaches beyond this machine, as it is to be bound; NULL: none. */
const char *options_door_beyond (const options_t *options);

/*  True where the endpoint reaches no further than this machine.              */
bool options_endpoint_local (const char *endpoint);

#endif
