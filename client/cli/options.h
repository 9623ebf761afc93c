/*  options.h - what the command line and the environment ask for

    No I/O and no connection: argv and getenv in, options_t out.
*/
#ifndef ZCHAT_CLI_OPTIONS_H
#define ZCHAT_CLI_OPTIONS_H

#include "credentials.h"
#include "outcome.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zchat/limits.h>
#include <zchat/status.h>

#define CLI_ENDPOINT_DEFAULT "tcp://127.0.0.1:5680"
#define CLI_ROOM_DEFAULT     "lobby"

enum {
    CLI_ENDPOINT_MAX = 255,      /* bytes of an endpoint                      */
    CLI_TIMEOUT_DEFAULT = 10000, /* ms until a broker counts as unreachable   */
    CLI_TIMEOUT_UNSAID = -1,     /* --timeout was not given                   */
    CLI_TIMEOUT_NONE = -2,       /* --timeout none                            */
    CLI_LAST_DEFAULT = 20,       /* events shown on entering a room: line mode */
    CLI_HISTORY_DEFAULT = 100,   /* events of zchat history                   */
};

typedef enum {
    MODE_LINE, /* no subcommand: people                                        */
    MODE_SEND,
    MODE_LISTEN,
    MODE_WHO,
    MODE_ROOMS,
    MODE_HISTORY,
    MODE_PURGE,
    MODE_KEY,
    MODE_HELP,    /* print the help of options->subject, exit 0                */
    MODE_VERSION, /* print the version, exit 0                                 */
} cli_mode_t;

/*  What zchat key does.                                                       */
typedef enum { KEY_SHOW, KEY_ADD, KEY_REMOVE, KEY_LIST, KEY_FREE } key_action_t;

/*  Strings point into argv, the environment, or the struct itself: copy it and
    they still point into the first one.                                       */
typedef struct {
    cli_mode_t mode;
    cli_mode_t subject;                         /* of MODE_HELP                         */
    const char *endpoint;                       /* the door, never NULL                 */
    credentials_t *credentials;                 /* keys to connect with, or NULL; not set
                                                   by options_parse, not owned          */
    const char *nick;                           /* a valid name: --nick or ZCHAT_NICK; for
                                                   send else the login name made valid; for
                                                   key and direct messages never NULL.
                                                   NULL: line mode asks, others are guests */
    bool nick_chosen;                           /* false: the login name, so send may take
                                                   another one where it is held          */
    const char *rooms[ZCHAT_SESSION_ROOMS_MAX]; /* valid names, each room once          */
    size_t n_rooms;                             /* line mode: at least 1                */
    int timeout_ms;                             /* --timeout, or CLI_TIMEOUT_UNSAID, _NONE */
    uint64_t last;            /* -n; line mode: events on entering; history: UINT64_MAX for all */
    uint64_t since;           /* line mode: first seq wanted, or 0    */
    uint64_t after;           /* --since, --after: the last seq not wanted */
    uint64_t after_ms;        /* or the first time wanted; 0: see after */
    uint64_t before;          /* --before, or 0                       */
    uint64_t before_ms;       /* or the first time not wanted; 0: see before */
    const char *log;          /* --log: the log that after belongs to, or NULL */
    bool after_given;         /* --after 0 is not the same as none    */
    uint64_t count;           /* --count, or 0: without end           */
    bool all;                 /* history --all                        */
    bool json;                /* --json                               */
    bool presence;            /* listen --presence                    */
    bool lines;               /* send --lines                         */
    bool strict;              /* send --strict                        */
    bool action;              /* send --action                        */
    const char *data;         /* send --data, or NULL; not checked    */
    char *const *words;       /* send: TEXT...                        */
    const char *to;           /* send, history: --to, a valid name; or NULL   */
    bool mail;                /* listen, history: the mailbox, too or instead of a room */
    bool no_seal;             /* send: --no-seal                      */
    bool yes;                 /* key free: --yes, without which options_parse refuses; purge:
                                 without it nothing changes      */
    const char *purge_what;   /* purge: "names" or "rooms"       */
    const char *purge_match;  /* purge: PATTERN, or NULL         */
    const char *place;        /* purge: --place, or NULL         */
    bool unused;              /* purge: --unused                 */
    bool now;                 /* purge: --now                    */
    key_action_t key_action;  /* of zchat key                    */
    const char *subject_word; /* of zchat key: KEY, or NAME or NULL; checked */
    const char *token_file;   /* --token-file, or NULL           */
    const char *token;        /* ZCHAT_TOKEN, or NULL; not checked: see token.h */
    size_t n_words;           /* 0: read standard input               */
    bool no_color;            /* --no-color, or NO_COLOR is set       */
    bool encrypted;           /* the endpoint was given as zchat://   */
    bool has_broker_key;      /* and with this key of the broker     */
    uint8_t broker_key[ZCHAT_KEY_SIZE];
    char token_buffer[2 * ZCHAT_TOKEN_SIZE + 1]; /* not set by options_parse    */
    char endpoint_buffer[CLI_ENDPOINT_MAX + 1];
    char nick_buffer[ZCHAT_NAME_MAX + 1];
    char names[ZCHAT_SESSION_ROOMS_MAX + 8][ZCHAT_NAME_MAX + 1]; /* that were not given in NFC */
    size_t n_names;
    char why[512]; /* after ZCHAT_INVALID: one line without the end, fit to be shown    */
} options_t;

/*  Parse. argv may be reordered and must outlive options. ZCHAT_OK, or
    ZCHAT_INVALID with options->why (and options->subject: whose help to name). */
zchat_status_t options_parse (options_t *options, int argc, char **argv) ZCHAT_CHECKED;

/*  How the mode is called on the command line: "send"; "" for the line mode.   */
const char *options_mode_name (cli_mode_t mode);

#endif
