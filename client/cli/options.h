/*  options.h - what the command line and the environment ask for

    It does no I/O and makes no connection: argv and getenv go in, options_t comes out.
*/
#ifndef ZCHAT_CLI_OPTIONS_H
#define ZCHAT_CLI_OPTIONS_H

#include "credentials.h"
#include "outcome.h"
#include "settings_file.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zchat/limits.h>
#include <zchat/status.h>

#define CLI_ENDPOINT_DEFAULT "tcp://127.0.0.1:5680"
#define CLI_ROOM_DEFAULT     "lobby"

enum {
    CLI_ENDPOINT_MAX = 255,      /* bytes of an endpoint                       */
    CLI_TIMEOUT_DEFAULT = 10000, /* ms until a broker counts as unreachable    */
    CLI_TIMEOUT_UNSAID = -1,     /* --timeout was not given                    */
    CLI_TIMEOUT_NONE = -2,       /* --timeout none was given                   */
    CLI_LAST_DEFAULT = 20,       /* events shown on entering a room in the line mode */
    CLI_HISTORY_DEFAULT = 100,   /* events that zchat history shows            */
};

typedef enum {
    MODE_LINE, /* no subcommand: the line mode, for people                     */
    MODE_SEND,
    MODE_LISTEN,
    MODE_WHO,
    MODE_ROOMS,
    MODE_HISTORY,
    MODE_EDIT,
    MODE_REACT,
    MODE_MARK,
    MODE_SEARCH,
    MODE_PURGE,
    MODE_KEY,
    MODE_CONFIG,
    MODE_FIND,
    MODE_HELP,    /* print the help of options->subject and exit with 0        */
    MODE_VERSION, /* print the version and exit with 0                         */
} cli_mode_t;

/*  What zchat key is to do.                                                   */
typedef enum { KEY_SHOW, KEY_ADD, KEY_REMOVE, KEY_LIST, KEY_FREE } key_action_t;

/*  Strings point into argv, the environment, or the struct itself. A copy of the struct still
    points into the first one.                                                 */
typedef struct {
    cli_mode_t mode;
    cli_mode_t subject;             /* with MODE_HELP: the mode whose help is wanted */
    const char *endpoint;           /* of the door, never NULL                     */
    const char *broker;             /* the name behind @ by which the endpoint was given, or NULL */
    const char *config;             /* --config, ZCHAT_CONFIG, or NULL: the standard file */
    const settings_t *settings;     /* what the config file says, or NULL; not valid any more once a
                                       setting was changed                         */
    settings_file_t *settings_file; /* the config file; main.c sets and owns it */
    credentials_t *credentials;     /* keys to connect with, or NULL; the caller sets and owns it */
    const char *nick; /* a valid name, from --nick or ZCHAT_NICK; for send otherwise made from the
                         login name; never NULL for key and direct messages. NULL: the line mode
                         asks, others are guests */
    bool nick_chosen; /* false: it is the login name; where that is held, send and react take
                         another */
    const char *rooms[ZCHAT_SESSION_ROOMS_MAX]; /* valid names, each room once */
    size_t n_rooms;                             /* line mode: at least 1       */
    int timeout_ms;     /* --timeout, CLI_TIMEOUT_UNSAID or CLI_TIMEOUT_NONE   */
    uint64_t last;      /* -n; line mode: events shown on entering; history: UINT64_MAX for all */
    uint64_t since;     /* line mode: the first seq wanted, or 0               */
    uint64_t after;     /* --since, --after: the last seq that is not wanted   */
    uint64_t after_ms;  /* the same as a time: the first one wanted; 0: see after */
    uint64_t before;    /* --before: the first seq that is not wanted, or 0    */
    uint64_t before_ms; /* the same as a time: the first one not wanted; 0: see before */
    const char *log;    /* --log: the log to which `after` belongs, or NULL    */
    bool after_given;   /* --since or --after was given; 0 is a value too      */
    uint64_t count;     /* --count; 0: without end                             */
    bool all;           /* history --all                                       */
    bool json;          /* --json                                              */
    bool presence;      /* listen --presence                                   */
    const char *state;  /* listen --state, or NULL                             */
    const char *exec;   /* listen --exec, or NULL; its arguments are `words`   */
    uint64_t exec_max;  /* listen --exec-max; 0: without end                   */
    bool until_head;    /* listen --until-head                                 */
    bool all_rooms;     /* listen --all-rooms                                  */
    const char *format; /* --format, checked (template.h); or NULL             */
    bool nul;           /* --null: records end with NUL                        */
    bool quiet;         /* --quiet                                             */
    bool plain;         /* --plain, or the config file: nothing is drawn anew  */
    bool sample;        /* config --sample                                     */
    bool skip;          /* send --skip                                         */
    bool lines;         /* send --lines: a message a line; of no subcommand: lines, not a screen */
    bool strict;        /* send --strict                                       */
    bool action;        /* send --action                                       */
    const char *data;   /* send --data, or NULL; not checked                   */
    uint64_t re;        /* send --re, 0: none; edit, react, mark: SEQ, 0: none */
    char *const *words; /* send, edit: TEXT...; react: TEXT; search: the words of the query; listen:
                           arguments of --exec's command */
    const char *to;     /* send, history: --to, a valid name; or NULL          */
    bool mail;          /* listen: the mailbox too; history, mark, search: the mailbox instead of a
                           room */
    bool undo;          /* react: --undo                                       */
    const char *link_room; /* the room of a permalink given as the endpoint, or NULL */
    uint64_t link_seq;     /* its message, or 0                                */
    bool no_seal;          /* send: --no-seal                                     */
    bool yes; /* key free, --yes: without it options_parse refuses; purge, --yes: without it nothing
                 changes */
    const char *purge_what;   /* purge: "names" or "rooms"                     */
    const char *purge_match;  /* purge: PATTERN, or NULL                       */
    const char *place;        /* purge: --place, or NULL                       */
    bool unused;              /* purge: --unused                               */
    bool now;                 /* purge: --now                                  */
    key_action_t key_action;  /* of zchat key                                  */
    const char *subject_word; /* of zchat key: KEY, NAME or NULL; checked      */
    const char *token_file;   /* --token-file, or NULL                         */
    const char *token;        /* ZCHAT_TOKEN, or NULL; not checked: see token.h */
    size_t n_words;           /* 0: read standard input                        */
    bool no_color;            /* --no-color was given, or NO_COLOR is set      */
    bool encrypted;           /* the endpoint was given as zchat://            */
    bool has_broker_key;      /* the address names the key of the broker, which follows */
    uint8_t broker_key[ZCHAT_KEY_SIZE];
    char token_buffer[2 * ZCHAT_TOKEN_SIZE + 1]; /* token.c sets it, from the file */
    char endpoint_buffer[CLI_ENDPOINT_MAX + 1];
    char nick_buffer[ZCHAT_NAME_MAX + 1];
    char link_buffer[ZCHAT_NAME_MAX + 1];
    char names[ZCHAT_SESSION_ROOMS_MAX + 8]
              [ZCHAT_NAME_MAX + 1]; /* names that were not given in NFC, composed */
    size_t n_names;
    char why[512]; /* after ZCHAT_INVALID: one line without its end, fit to be shown */
} options_t;

/*  How options_parse gets at the config file.                                 */
typedef struct {
    /*  Read the file at path, or the standard one. ZCHAT_OK, *settings (it outlives the options)
        and *shown, the path as it is to be told; else *why, which the caller frees. */
    zchat_status_t (*load) (void *arg, const char *path, const settings_t **settings,
                            const char **shown, char **why);
    void *arg;
} options_source_t;

/*  Parse the command line. argv may be reordered and must outlive options. ZCHAT_OK, or
    ZCHAT_INVALID with options->why (and options->subject: the mode whose help to name), or
    ZCHAT_CORRUPT with options->why: the config file is wrong. source: NULL where there is none. */
zchat_status_t options_parse (options_t *options, int argc, char **argv,
                              const options_source_t *source) ZCHAT_CHECKED;

/*  Return the mode's name on the command line, such as "send"; "" for the line mode. */
const char *options_mode_name (cli_mode_t mode);

#endif
