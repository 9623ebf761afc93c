/*  admin_command.c - asking a running broker, and what an admin does, from its own machine */
#include "admin_command.h"
#include "admin_client.h"
#include "admin_print.h"
#include "config/options.h"
#include "memory.h"
#include "text.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { REFUSED = 1 }; /* exit status: the broker answered ERR                    */

/*  What all of them end their help with.                                      */
#define HELP_END                                                                                   \
    "  --data DIR     folder of the log, as for zchatd (also ZCHATD_DATA, config file)\n"          \
    "  --config FILE  read settings from FILE, as zchatd does\n"                                   \
    "  --help\n"                                                                                   \
    "\n"                                                                                           \
    "The running broker is asked at DIR/admin.sock, which only the owner of the folder, and "      \
    "root,\n"                                                                                      \
    "can open.\n"                                                                                  \
    "\n"                                                                                           \
    "Exit status: 0 done, 1 the broker refused it, 64 usage, 69 no broker serves there, 74 no\n"   \
    "answer came, or it cannot be written, 78 config file\n"
#define HELP_JSON   "  --json         print the broker's own answer, one object\n"
#define HELP_REASON "  --reason TEXT  stands in the room's history\n"

typedef enum { STATUS, RELOAD, ROOMS, USERS, SESSIONS, KICK, CLOSE, OPEN, BAN, UNBAN } what_t;

static const struct {
    const char *name;
    int words;         /* that it takes at most, and at least where exact  */
    bool exact;        /* else they may be left out                        */
    const char *takes; /* its words, for who forgot one                    */
    const char *help;
} commands[] = {
    [STATUS] =
        {"status", 0, true, "",
         "zchatd status - how the running broker is\n"
         "\n"
         "Examples:\n"
         "  zchatd status                  since when it is up, its log, who is here, how fast\n"
         "  zchatd status --json           the same for a program, with more\n"
         "\n"
         "Options:\n" HELP_JSON HELP_END},
    [RELOAD] = {"reload", 0, true, "",
                "zchatd reload - have the running broker read its settings anew, and wait for it\n"
                "\n"
                "Examples:\n"
                "  zchatd reload                  says what counts now, and what needs a restart\n"
                "\n"
                "Options:\n" HELP_JSON HELP_END},
    [ROOMS] = {"rooms", 0, true, "",
               "zchatd rooms - the rooms of the running broker, private ones left out\n"
               "\n"
               "Examples:\n"
               "  zchatd rooms                    a room a line\n"
               "\n"
               "Options:\n" HELP_JSON HELP_END},
    [USERS] = {"users", 1, false, "[ROOM]",
               "zchatd users - who is here, or in a room\n"
               "\n"
               "Examples:\n"
               "  zchatd users                    everybody, and by how many programs\n"
               "  zchatd users dev                who is in that room\n"
               "\n"
               "Options:\n" HELP_JSON HELP_END},
    [SESSIONS] =
        {"sessions", 0, true, "",
         "zchatd sessions - the programs that are connected\n"
         "\n"
         "Examples:\n"
         "  zchatd sessions                name, rooms, silence, address and key, a line each\n"
         "\n"
         "Options:\n" HELP_JSON HELP_END},
    [KICK] = {"kick", 2, true, "ROOM NAME",
              "zchatd kick - put somebody out of a room\n"
              "\n"
              "Examples:\n"
              "  zchatd kick dev eve --reason 'enough of that'\n"
              "\n"
              "Options:\n" HELP_REASON HELP_JSON HELP_END},
    [CLOSE] = {"close", 1, true, "ROOM",
               "zchatd close - close a room: everybody leaves, nobody comes in or speaks\n"
               "\n"
               "Examples:\n"
               "  zchatd close dev --reason 'see you in dev2'\n"
               "  zchatd open dev\n"
               "\n"
               "Options:\n" HELP_REASON HELP_JSON HELP_END},
    [OPEN] = {"open", 1, true, "ROOM",
              "zchatd open - open a room that was closed\n"
              "\n"
              "Examples:\n"
              "  zchatd open dev\n"
              "\n"
              "Options:\n" HELP_REASON HELP_JSON HELP_END},
    [BAN] = {"ban", 2, true, "ROOM NAME",
             "zchatd ban - put somebody out of a room, and keep them out\n"
             "\n"
             "Examples:\n"
             "  zchatd ban dev eve              for good\n"
             "  zchatd ban dev eve --for 1d --reason 'sleep over it'\n"
             "  zchatd unban dev eve\n"
             "\n"
             "Options:\n"
             "  --for AGE      for so long alone (30s, 10m, 12h, 30d)\n" HELP_REASON HELP_JSON
                 HELP_END},
    [UNBAN] = {"unban", 2, true, "ROOM NAME",
               "zchatd unban - let somebody in again\n"
               "\n"
               "Examples:\n"
               "  zchatd unban dev eve\n"
               "\n"
               "Options:\n" HELP_REASON HELP_JSON HELP_END},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

typedef struct {
    what_t what;
    char *data, *config; /* of argv, or NULL                                      */
    const char *reason;  /* likewise                                              */
    uint64_t for_ms;     /* 0: for good                                           */
    bool json;
    const char *words[2]; /* room, name                                           */
} command_t;

static int command_find (const char *word)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp (commands[i].name, word) == 0)
            return i;
    return -1;
}

bool admin_asked (int argc, char **argv)
{
    return argc > 1 && command_find (argv[1]) >= 0;
}

/*  --- arguments -------------------------------------------------------------  */

static int words_read (command_t *command, int argc, char **argv)
{
    int words = commands[command->what].words, given = argc - optind;
    const char *name = commands[command->what].name, *takes = commands[command->what].takes;
    if (given > words || (commands[command->what].exact && given < words)) {
        options_say (given > words ? "%s takes no more than: zchatd %s %s"
                                   : "%s wants: zchatd %s %s",
                     name, name, takes);
        return EX_USAGE;
    }
    for (int i = 0; i < given; i++)
        command->words[i] = argv[optind + i];
    return -1;
}

static bool takes_reason (what_t what)
{
    return what >= KICK;
}

/*  Returns -1, or the exit status. argv[0] is the command.                    */
static int command_read (command_t *command, int argc, char **argv)
{
    static const struct option flags[] = {{"data", required_argument, NULL, 'd'},
                                          {"config", required_argument, NULL, 'c'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"for", required_argument, NULL, 'f'},
                                          {"reason", required_argument, NULL, 'r'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int flag;
    opterr = 0;
    optind = 0; /* from the beginning: glibc's way                             */
    while ((flag = getopt_long (argc, argv, ":", flags, NULL)) != -1) {
        if (flag == 'd')
            command->data = optarg;
        else if (flag == 'c')
            command->config = optarg;
        else if (flag == 'j')
            command->json = true;
        else if (flag == 'r' && takes_reason (command->what))
            command->reason = optarg;
        else if (flag == 'f' && command->what == BAN) {
            if (!options_age (optarg, &command->for_ms)) {
                options_say ("--for \"%s\" is not an age (30s, 10m, 12h, 30d)", optarg);
                return EX_USAGE;
            }
        } else if (flag == 'h') {
            fputs (commands[command->what].help, stdout);
            return EX_OK;
        } else {
            options_say ("%s %s; see zchatd %s --help", argv[optind - 1],
                         flag == ':' ? "wants a value" : "is not an option of this", argv[0]);
            return EX_USAGE;
        }
    }
    return words_read (command, argc, argv);
}

/*  --- asking ----------------------------------------------------------------  */

/*  All the pages of a list, as one answer with the list under its key.        */
static json_t *pages_ask (admin_client_t *client, bool rooms, bool *refused)
{
    const char *key = rooms ? "rooms" : "sessions", *words[] = {rooms ? "ROOMS" : "SESSIONS", "{}"};
    json_t *all = json_array (), *page = admin_client_ask (client, words, rooms ? 2 : 1, refused);
    while (page && !*refused) {
        json_array_extend (all, json_object_get (page, key));
        bool more = json_is_true (json_object_get (page, "more"));
        json_decref (page);
        if (!more)
            return json_pack ("{s:o}", key, all);
        if (!rooms) {
            page = admin_client_next (client, refused);
            continue;
        }
        const json_t *last = json_array_get (all, json_array_size (all) - 1);
        json_t *after = json_pack ("{s:O}", "after", json_object_get (last, "room"));
        char *text = memory_check (json_dumps (after, JSON_COMPACT));
        page = admin_client_ask (client, (const char *[]){"ROOMS", text}, 2, refused);
        free (text);
        json_decref (after);
    }
    json_decref (all);
    return page;
}

static json_t *mode_ask (admin_client_t *client, const command_t *command, bool *refused)
{
    json_t *json = json_pack ("{s:s, s:s}", "set", commands[command->what].name, "reason",
                              command->reason ? command->reason : "");
    if (!json)
        return NULL;
    if (command->words[1])
        json_object_set_new (json, "user", json_string (command->words[1]));
    if (command->for_ms)
        json_object_set_new (json, "for_ms", json_integer ((json_int_t)command->for_ms));
    char *text = memory_check (json_dumps (json, JSON_COMPACT));
    json_t *answer =
        admin_client_ask (client, (const char *[]){"MODE", command->words[0], text}, 3, refused);
    free (text);
    json_decref (json);
    return answer;
}

static json_t *command_ask (admin_client_t *client, const command_t *command, bool *refused)
{
    const char *room = command->words[0];
    switch (command->what) {
    case STATUS:
        return admin_client_ask (client, (const char *[]){"STATUS"}, 1, refused);
    case RELOAD:
        return admin_client_ask (client, (const char *[]){"RELOAD"}, 1, refused);
    case ROOMS:
        return pages_ask (client, true, refused);
    case USERS:
        return room ? admin_client_ask (client, (const char *[]){"WHO", room}, 2, refused)
                    : pages_ask (client, false, refused);
    case SESSIONS:
        return pages_ask (client, false, refused);
    case KICK:
        return admin_client_ask (client,
                                 (const char *[]){"KICK", room, command->words[1],
                                                  command->reason ? command->reason : ""},
                                 4, refused);
    default:
        return mode_ask (client, command, refused);
    }
}

static void answer_print (const command_t *command, const json_t *answer)
{
    const json_t *user;
    size_t i;
    if (command->json) {
        json_dumpf (answer, stdout, JSON_COMPACT);
        puts ("");
    } else if (command->what == STATUS)
        print_status (answer);
    else if (command->what == RELOAD)
        print_reload (answer);
    else if (command->what == ROOMS)
        print_rooms (json_object_get (answer, "rooms"));
    else if (command->what == SESSIONS)
        print_sessions (json_object_get (answer, "sessions"));
    else if (command->what == USERS && !command->words[0])
        print_users (json_object_get (answer, "sessions"));
    else if (command->what == USERS) {
        json_array_foreach (json_object_get (answer, "users"), i, user)
        {
            char *text = text_display (
                frame_of (json_string_value (user), json_string_length (user)), TEXT_LINE, NULL);
            puts (text);
            free (text);
        }
    } else
        printf ("done, seq %" JSON_INTEGER_FORMAT "\n",
                json_integer_value (json_object_get (answer, "seq")));
}

static int ask_and_print (admin_client_t *client, const command_t *command)
{
    bool refused = false;
    json_t *answer = command_ask (client, command, &refused);
    if (!answer) {
        options_say ("the broker did not answer");
        return EX_IOERR;
    }
    if (refused) {
        const char *text = json_string_value (json_object_get (answer, "text"));
        const char *code = json_string_value (json_object_get (answer, "code"));
        options_say ("the broker refused it (%s): %s", code ? code : "?", text ? text : "");
    } else
        answer_print (command, answer);
    json_decref (answer);
    if (fflush (stdout) != 0 || ferror (stdout)) {
        options_say ("the answer cannot be written");
        return EX_IOERR;
    }
    return refused ? REFUSED : EX_OK;
}

int admin_run (int argc, char **argv)
{
    command_t command = {.what = (what_t)command_find (argv[1])};
    options_t options = {0};
    char *why = NULL;
    int result = command_read (&command, argc - 1, argv + 1);
    if (result >= 0)
        return result;
    result = options_command (&options, command.data, command.config);
    if (result < 0) {
        admin_client_t *client = admin_client_new (options.data, &why);
        if (client)
            result = ask_and_print (client, &command);
        else {
            options_say ("%s", why);
            result = EX_UNAVAILABLE;
        }
        admin_client_destroy (&client);
    }
    free (why);
    options_free (&options);
    return result;
}
