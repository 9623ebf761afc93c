/*  options.c - what the command line and the environment ask for */
#include "address.h"
#include "i18n.h"
#include "name.h"
#include "options_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zchat/client.h>

enum {
    IN_LINE = 1u << MODE_LINE,
    IN_SEND = 1u << MODE_SEND,
    IN_LISTEN = 1u << MODE_LISTEN,
    IN_WHO = 1u << MODE_WHO,
    IN_ROOMS = 1u << MODE_ROOMS,
    IN_HISTORY = 1u << MODE_HISTORY,
    IN_EDIT = 1u << MODE_EDIT,
    IN_REACT = 1u << MODE_REACT,
    IN_MARK = 1u << MODE_MARK,
    IN_SEARCH = 1u << MODE_SEARCH,
    IN_PURGE = 1u << MODE_PURGE,
    IN_KEY = 1u << MODE_KEY,
    IN_CONFIG = 1u << MODE_CONFIG,
    IN_FIND = 1u << MODE_FIND,
    IN_SAID = IN_EDIT | IN_REACT | IN_MARK, /* commands about messages of a room */
    IN_TOOLS = IN_SEND | IN_LISTEN | IN_WHO | IN_ROOMS | IN_HISTORY | IN_SAID | IN_SEARCH,
    IN_ALL = IN_LINE | IN_TOOLS,
    IN_OWN = IN_KEY | IN_PURGE, /* commands that speak under a proven name     */
};

typedef enum {
    OPTION_ENDPOINT,
    OPTION_NICK,
    OPTION_ROOM,
    OPTION_TIMEOUT,
    OPTION_LAST,
    OPTION_SINCE,
    OPTION_AFTER,
    OPTION_BEFORE,
    OPTION_LOG,
    OPTION_ALL,
    OPTION_COUNT,
    OPTION_STATE,
    OPTION_EXEC,
    OPTION_EXEC_MAX,
    OPTION_UNTIL_HEAD,
    OPTION_ALL_ROOMS,
    OPTION_FORMAT,
    OPTION_NUL,
    OPTION_QUIET,
    OPTION_CONFIG,
    OPTION_PLAIN,
    OPTION_SAMPLE,
    OPTION_JSON,
    OPTION_PRESENCE,
    OPTION_LINES,
    OPTION_STRICT,
    OPTION_SKIP,
    OPTION_ACTION,
    OPTION_DATA,
    OPTION_TO,
    OPTION_RE,
    OPTION_UNDO,
    OPTION_MAIL,
    OPTION_NO_SEAL,
    OPTION_YES,
    OPTION_PLACE,
    OPTION_UNUSED,
    OPTION_NOW,
    OPTION_TOKEN_FILE,
    OPTION_NO_COLOR,
    OPTION_HELP,
    OPTION_VERSION,
} option_id_t;

#define BIT(option) (UINT64_C (1) << (option)) /* of parser_t's `seen` */

typedef struct {
    const char *name;  /* without the dashes                                   */
    const char *value; /* what the help calls its value; NULL where it takes none */
    size_t flag;       /* offset of the bool in options_t that it sets, or 0   */
    unsigned modes;    /* modes in which it may be given, a bit each           */
    char letter;       /* the short form, or 0                                 */
} option_t;

static const option_t s_options[] = {
    [OPTION_ENDPOINT] = {"endpoint", "ENDPOINT", 0, IN_ALL | IN_OWN, 'e'},
    [OPTION_NICK] = {"nick", "NAME", 0, IN_ALL | IN_OWN, 0},
    [OPTION_ROOM] = {"room", "ROOM", 0, IN_ALL & ~IN_ROOMS, 'r'},
    [OPTION_TIMEOUT] = {"timeout", "SECONDS", 0, IN_TOOLS | IN_OWN, 0},
    [OPTION_LAST] = {"last", "NUMBER", 0, IN_LINE | IN_LISTEN | IN_HISTORY | IN_SEARCH, 'n'},
    [OPTION_SINCE] = {"since", "SEQ|TIME", 0, IN_LISTEN | IN_HISTORY, 0},
    [OPTION_AFTER] = {"after", "SEQ|TIME", 0, IN_LISTEN | IN_HISTORY, 0},
    [OPTION_BEFORE] = {"before", "SEQ|TIME", 0, IN_HISTORY | IN_PURGE, 0},
    [OPTION_LOG] = {"log", "ID", 0, IN_LISTEN | IN_HISTORY, 0},
    [OPTION_ALL] = {"all", NULL, offsetof (options_t, all), IN_HISTORY | IN_SEARCH, 0},
    [OPTION_COUNT] = {"count", "NUMBER", 0, IN_LISTEN, 0},
    [OPTION_STATE] = {"state", "FILE", 0, IN_LISTEN, 0},
    [OPTION_EXEC] = {"exec", "COMMAND", 0, IN_LISTEN, 0},
    [OPTION_EXEC_MAX] = {"exec-max", "NUMBER", 0, IN_LISTEN, 0},
    [OPTION_UNTIL_HEAD] = {"until-head", NULL, offsetof (options_t, until_head), IN_LISTEN, 0},
    [OPTION_ALL_ROOMS] = {"all-rooms", NULL, offsetof (options_t, all_rooms), IN_LISTEN, 0},
    [OPTION_FORMAT] = {"format", "FORMAT", 0, IN_LISTEN | IN_HISTORY, 'F'},
    [OPTION_NUL] = {"null", NULL, offsetof (options_t, nul), IN_LISTEN | IN_HISTORY, '0'},
    [OPTION_QUIET] = {"quiet", NULL, offsetof (options_t, quiet), IN_TOOLS | IN_OWN, 'q'},
    [OPTION_CONFIG] = {"config", "FILE", 0, IN_ALL | IN_OWN | IN_CONFIG, 0},
    [OPTION_PLAIN] = {"plain", NULL, offsetof (options_t, plain), IN_LINE, 0},
    [OPTION_SAMPLE] = {"sample", NULL, offsetof (options_t, sample), IN_CONFIG, 0},
    [OPTION_JSON] = {"json", NULL, offsetof (options_t, json), IN_TOOLS & ~(IN_SEND | IN_SAID), 0},
    [OPTION_PRESENCE] = {"presence", NULL, offsetof (options_t, presence), IN_LISTEN, 0},
    [OPTION_LINES] = {"lines", NULL, offsetof (options_t, lines), IN_SEND | IN_LINE, 0},
    [OPTION_STRICT] = {"strict", NULL, offsetof (options_t, strict), IN_SEND | IN_EDIT, 0},
    [OPTION_SKIP] = {"skip", NULL, offsetof (options_t, skip), IN_SEND, 0},
    [OPTION_ACTION] = {"action", NULL, offsetof (options_t, action), IN_SEND, 0},
    [OPTION_DATA] = {"data", "JSON", 0, IN_SEND, 0},
    [OPTION_TO] = {"to", "NAME", 0, IN_SEND | IN_HISTORY, 0},
    [OPTION_RE] = {"re", "SEQ", 0, IN_SEND, 0},
    [OPTION_UNDO] = {"undo", NULL, offsetof (options_t, undo), IN_REACT, 0},
    [OPTION_MAIL] = {"mail", NULL, offsetof (options_t, mail),
                     IN_LISTEN | IN_HISTORY | IN_MARK | IN_SEARCH, 0},
    [OPTION_NO_SEAL] = {"no-seal", NULL, offsetof (options_t, no_seal), IN_SEND, 0},
    [OPTION_YES] = {"yes", NULL, offsetof (options_t, yes), IN_OWN, 0},
    [OPTION_PLACE] = {"place", "PLACE", 0, IN_PURGE, 0},
    [OPTION_UNUSED] = {"unused", NULL, offsetof (options_t, unused), IN_PURGE, 0},
    [OPTION_NOW] = {"now", NULL, offsetof (options_t, now), IN_PURGE, 0},
    [OPTION_TOKEN_FILE] = {"token-file", "FILE", 0, IN_ALL | IN_OWN, 0},
    [OPTION_NO_COLOR] = {"no-color", NULL, offsetof (options_t, no_color), IN_ALL, 0},
    [OPTION_HELP] = {"help", NULL, 0, IN_ALL | IN_OWN | IN_CONFIG | IN_FIND, 'h'},
    [OPTION_VERSION] = {"version", NULL, 0, IN_ALL, 'V'},
};
enum { OPTION_COUNT_OF_ALL = sizeof (s_options) / sizeof (s_options[0]) };

static const char *const s_modes[] = {
    [MODE_LINE] = "",         [MODE_SEND] = "send",   [MODE_LISTEN] = "listen",
    [MODE_WHO] = "who",       [MODE_ROOMS] = "rooms", [MODE_HISTORY] = "history",
    [MODE_EDIT] = "edit",     [MODE_REACT] = "react", [MODE_MARK] = "mark",
    [MODE_SEARCH] = "search", [MODE_PURGE] = "purge", [MODE_KEY] = "key",
    [MODE_CONFIG] = "config", [MODE_FIND] = "find",
};

/*  The state of parsing.                                                      */
typedef struct {
    options_t *options;
    char **argv;
    int argc;
    int at;        /* next argument to look at                                 */
    int words;     /* words found so far, which are argv[1] to argv[words]     */
    int plain;     /* of them, those that stood before "--"                     */
    bool command;  /* the subcommand was found                                 */
    bool dashes;   /* "--" was found, so only words follow                     */
    uint64_t seen; /* options that were given, a bit each                      */
} parser_t;

const char *options_mode_name (cli_mode_t mode)
{
    return mode <= MODE_FIND ? s_modes[mode] : "";
}

static zchat_status_t s_set (options_t *options, option_id_t id, const char *value)
{
    const char *name = s_options[id].name;
    switch (id) {
    case OPTION_ENDPOINT:
        return options_set_endpoint (options, value, "--endpoint");
    case OPTION_NICK:
        return options_set_nick (options, value, "--nick");
    case OPTION_ROOM:
        return options_add_room (options, value, "--room");
    case OPTION_TIMEOUT:
        return options_set_timeout (options, value);
    case OPTION_LAST:
        return options_set_number (options, name, value, 0, &options->last);
    case OPTION_SINCE:
    case OPTION_AFTER:
        options->after_given = true;
        return options_set_place (options, name, value, 0, &options->after, &options->after_ms);
    case OPTION_BEFORE:
        return options_set_place (options, name, value, 1, &options->before, &options->before_ms);
    case OPTION_LOG:
        return options_set_log (options, value);
    case OPTION_COUNT:
        return options_set_number (options, name, value, 1, &options->count);
    case OPTION_CONFIG:
        options->config = value;
        break;
    case OPTION_STATE:
        options->state = value;
        break;
    case OPTION_EXEC:
        options->exec = value;
        break;
    case OPTION_EXEC_MAX:
        return options_set_number (options, name, value, 1, &options->exec_max);
    case OPTION_FORMAT:
        return options_set_format (options, value);
    case OPTION_DATA:
        options->data = value;
        break;
    case OPTION_TO:
        return options_set_to (options, value);
    case OPTION_RE: /* with --to it is a time, which is a larger number        */
        return options_set_integer (options, "--re", value, INT64_MAX, &options->re);
    case OPTION_PLACE:
        options->place = value;
        break;
    case OPTION_TOKEN_FILE:
        options->token_file = value;
        break;
    default:
        if (s_options[id].flag > 0)
            *(bool *)((char *)options + s_options[id].flag) = true;
        break;
    }
    return ZCHAT_OK;
}

/*  Take the value of an option: what stands behind it in the same argument, or, where rest is
    NULL, the next argument.                                                   */
static zchat_status_t s_take (parser_t *self, option_id_t id, const char *rest)
{
    const option_t *option = &s_options[id];
    if (option->value && !rest) {
        if (self->at == self->argc)
            return options_fail (self->options, _ ("--%s wants a value: --%s %s"), option->name,
                                 option->name, option->value);
        rest = self->argv[self->at++];
    }
    self->seen |= BIT (id);
    return s_set (self->options, id, rest);
}

static zchat_status_t s_long (parser_t *self, const char *argument)
{
    const char *name = argument + 2;
    size_t size = strcspn (name, "=");
    const char *value = name[size] == '=' ? name + size + 1 : NULL;
    for (unsigned i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (strlen (s_options[i].name) != size || strncmp (s_options[i].name, name, size) != 0)
            continue;
        if (value && !s_options[i].value)
            return options_fail (self->options, _ ("--%s takes no value"), s_options[i].name);
        return s_take (self, (option_id_t)i, value);
    }
    return options_fail (self->options,
                         _ ("unknown option '%.100s' (put -- before text that begins with -)"),
                         argument);
}

/*  Take -e VALUE or -eVALUE. Letters without a value cannot be bundled; there are too few to be
    worth it.                                                                  */
static zchat_status_t s_short (parser_t *self, const char *argument)
{
    for (unsigned i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (s_options[i].letter != argument[1])
            continue;
        if (argument[2] != 0 && !s_options[i].value)
            break;
        return s_take (self, (option_id_t)i, argument[2] ? argument + 2 : NULL);
    }
    return options_fail (self->options,
                         _ ("unknown option '%.100s' (put -- before text that begins with -)"),
                         argument);
}

/*  Take a word as a subcommand where it is the first one. "help" may stand before it. */
static bool s_command (parser_t *self, const char *word)
{
    if (self->command || self->dashes || self->words > 0)
        return false;
    if (strcmp (word, "help") == 0 && !(self->seen & BIT (OPTION_HELP))) {
        self->seen |= BIT (OPTION_HELP);
        return true;
    }
    for (unsigned mode = MODE_SEND; mode <= MODE_FIND; mode++)
        if (strcmp (word, s_modes[mode]) == 0) {
            self->options->mode = (cli_mode_t)mode;
            self->command = true;
            return true;
        }
    return false;
}

static zchat_status_t s_arguments (parser_t *self)
{
    zchat_status_t status = ZCHAT_OK;
    while (status == ZCHAT_OK && self->at < self->argc) {
        char *argument = self->argv[self->at++];
        if (self->dashes || argument[0] != '-' || argument[1] == 0) {
            if (!s_command (self, argument)) {
                self->argv[++self->words] = argument;
                self->plain += !self->dashes;
            }
        } else if (strcmp (argument, "--") == 0)
            self->dashes = true;
        else if (argument[1] == '-')
            status = s_long (self, argument);
        else
            status = s_short (self, argument);
    }
    return status;
}

/*  Take the words: they are the text in send, the endpoint in the line mode, and a mistake
    elsewhere.                                                                 */
static zchat_status_t s_words (parser_t *self)
{
    options_t *options = self->options;
    char **words = self->argv + 1;
    if (options->mode == MODE_SEND) {
        options->words = words;
        options->n_words = (size_t)self->words;
        if (self->words == 1 && !self->dashes && strcmp (words[0], "-") == 0)
            options->n_words = 0;
        if (options->lines && options->n_words > 0)
            return options_fail (options, _ ("--lines reads standard input; leave the text out"));
        return ZCHAT_OK;
    }
    if (IN_SAID & 1u << options->mode || options->mode == MODE_SEARCH)
        return options_set_said (options, words, self->words);
    if (options->mode == MODE_KEY)
        return options_set_key (options, words, self->words);
    if (options->mode == MODE_PURGE)
        return options_set_purge (options, words, self->words);
    if (options->mode == MODE_LISTEN && options->exec && self->plain == 0) {
        options->words = words;
        options->n_words = (size_t)self->words;
        return ZCHAT_OK;
    }
    if (self->words == 0)
        return ZCHAT_OK;
    if (options->mode != MODE_LINE)
        return options_fail (
            options, _ ("zchat %s takes no '%.100s'%s"), s_modes[options->mode], words[0],
            options->mode == MODE_ROOMS ? "" : _ ("; a room is given with -r ROOM"));
    bool host = strpbrk (words[0], ":.") || *words[0] == '@' || strcmp (words[0], "localhost") == 0;
    if (self->words > 1 || !host)
        return options_fail (
            options,
            _ ("'%.100s' is neither a command (send, listen, who, rooms, history, "
               "edit, react, mark, search, purge, key, config, find) nor an endpoint such as %s"),
            words[host ? 1 : 0], CLI_ENDPOINT_DEFAULT);
    if (self->seen & BIT (OPTION_ENDPOINT))
        return options_fail (options, _ ("two endpoints are given"));
    self->seen |= BIT (OPTION_ENDPOINT);
    return options_set_endpoint (options, words[0], "endpoint");
}

/*  Check options that ask for direct messages instead of a room.              */
static zchat_status_t s_person (options_t *options)
{
    if (options->n_rooms > 0)
        return options_fail (options, _ ("%s and --room exclude each other"),
                             options->to ? "--to" : "--mail");
    if (options->mode == MODE_SEND && options->action)
        return options_fail (options, _ ("--action is for rooms"));
    options->mail = options->mode == MODE_HISTORY || options->mode == MODE_MARK;
    return ZCHAT_OK;
}

static zchat_status_t s_rooms (options_t *options)
{
    switch (options->mode) {
    case MODE_LINE:
        if (options->n_rooms == 0)
            options->rooms[options->n_rooms++] = CLI_ROOM_DEFAULT;
        break;
    case MODE_LISTEN:
        if (options->n_rooms == 0 && !options->mail && !options->all_rooms)
            return options_fail (options, _ ("which room? zchat listen -r ROOM"));
        break;
    case MODE_SEND:
    case MODE_WHO:
    case MODE_HISTORY:
    case MODE_EDIT:
    case MODE_REACT:
    case MODE_MARK:
        if (options->to || options->mail)
            return s_person (options);
        if (options->n_rooms != 1)
            return options_fail (options, _ ("%s room: zchat %s -r ROOM"),
                                 options->n_rooms == 0 ? _ ("which") : _ ("give one"),
                                 s_modes[options->mode]);
        break;
    case MODE_SEARCH:
        if (options->n_rooms + options->mail > 1)
            return options_fail (options, _ ("give one room, or --mail, or neither"));
        break;
    default:
        break;
    }
    return ZCHAT_OK;
}

static zchat_status_t s_conflicts (parser_t *self)
{
    static const option_id_t pairs[][2] = {
        {OPTION_SINCE, OPTION_AFTER},
        {OPTION_ALL, OPTION_LAST},
        {OPTION_TO, OPTION_MAIL},
    };
    for (unsigned i = 0; i < OPTION_COUNT_OF_ALL; i++)
        if (self->seen & BIT (i) && !(s_options[i].modes & 1u << self->options->mode)) {
            bool line = self->options->mode == MODE_LINE;
            return options_fail (self->options, _ ("--%s is no option of %s%s"), s_options[i].name,
                                 line ? _ ("the interactive mode") : "zchat ",
                                 s_modes[self->options->mode]);
        }
    for (size_t i = 0; i < sizeof (pairs) / sizeof (pairs[0]); i++)
        if (self->seen & BIT (pairs[i][0]) && self->seen & BIT (pairs[i][1]))
            return options_fail (self->options, _ ("--%s and --%s exclude each other"),
                                 s_options[pairs[i][0]].name, s_options[pairs[i][1]].name);
    return ZCHAT_OK;
}

/*  Refuse to give up a name without --yes, and tell what it means: it cannot be taken back. */
static zchat_status_t s_sure (options_t *options)
{
    if (options->mode != MODE_KEY || options->key_action != KEY_FREE || options->yes)
        return ZCHAT_OK;
    const char *name = options->subject_word ? options->subject_word : options->nick;
    return options_fail (
        options,
        _ ("this gives up the name %.150s for good: nobody can have it for 30 days, "
           "you neither, and its mail and its rooms are lost. Where you want that: "
           "zchat key free --yes %.150s"),
        name, name);
}

/*  Read the config file. *shown is its path, or NULL.                         */
static zchat_status_t s_load (options_t *options, const options_source_t *source,
                              const char **shown)
{
    const char *config = getenv ("ZCHAT_CONFIG");
    char *why = NULL;
    if (!options->config && config && *config)
        options->config = config;
    if (!source ||
        source->load (source->arg, options->config, &options->settings, shown, &why) == ZCHAT_OK)
        return ZCHAT_OK;
    (void)options_fail (options, "%s", why);
    free (why);
    return ZCHAT_CORRUPT;
}

zchat_status_t options_parse (options_t *options, int argc, char **argv,
                              const options_source_t *source)
{
    const char *shown = NULL;
    memset (options, 0, sizeof (*options));
    options->mode = MODE_LINE;
    options->timeout_ms = CLI_TIMEOUT_UNSAID;
    parser_t parser = {.options = options, .argv = argv, .argc = argc, .at = 1};
    zchat_status_t status = s_arguments (&parser);
    options->subject = options->mode;
    /*  whoever asks for help gets it, whatever else was given                 */
    if (parser.seen & (BIT (OPTION_HELP) | BIT (OPTION_VERSION))) {
        options->mode = parser.seen & BIT (OPTION_HELP) ? MODE_HELP : MODE_VERSION;
        return ZCHAT_OK;
    }
    if (status == ZCHAT_OK)
        status = s_words (&parser);
    if (status == ZCHAT_OK)
        status = s_conflicts (&parser);
    if (status == ZCHAT_OK && options->no_seal && !options->to)
        status = options_fail (options, _ ("--no-seal goes with --to NAME"));
    if (status == ZCHAT_OK && options->yes && options->mode == MODE_KEY &&
        options->key_action != KEY_FREE)
        status = options_fail (options, _ ("--yes goes with zchat key free"));
    if (status == ZCHAT_OK && options->mode == MODE_LISTEN && options->after_given &&
        parser.seen & BIT (OPTION_LAST))
        status = options_fail (options, _ ("--since and --last exclude each other"));
    if (status == ZCHAT_OK && options->log && (!options->after_given || options->after_ms))
        status =
            options_fail (options, _ ("--log goes with --since SEQ: it says whose SEQ that is"));
    if (status == ZCHAT_OK)
        status = options_pipes (options);
    if (status == ZCHAT_OK)
        status = s_load (options, source, &shown);
    if (status == ZCHAT_OK)
        status = options_settings (options, shown);
    if (status == ZCHAT_OK)
        status = s_rooms (options);
    if (status == ZCHAT_OK)
        status = options_environment (options, shown);
    if (status == ZCHAT_OK)
        status = s_sure (options);
    if (options->mode == MODE_LINE && !(parser.seen & BIT (OPTION_LAST)))
        options->last = options->link_seq ? 0 : CLI_LAST_DEFAULT;
    if (options->mode == MODE_SEARCH && !(parser.seen & BIT (OPTION_LAST)))
        options->last = options->all ? UINT64_MAX : ZCHAT_SEARCH_DEFAULT;
    if (options->mode == MODE_HISTORY && !(parser.seen & BIT (OPTION_LAST)))
        options->last = options->all || options->after_given ? UINT64_MAX : CLI_HISTORY_DEFAULT;
    return status;
}
