/*  main.c - zchat: a chat client for people and pipes */
#include "credentials.h"
#include "face.h"
#include "help.h"
#include "i18n.h"
#include "line_mode.h"
#include "screen_mode.h"
#include "settings_file.h"
#include "subcommands.h"
#include "token.h"
#include "tool.h"
#include "width.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/*  Fill the standard streams that are closed. Otherwise a socket would become standard output. */
static void s_fill_standard_streams (void)
{
    int fd = open ("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = open ("/dev/null", O_RDWR);
    if (fd >= 0)
        close (fd);
}

static int s_print (const char *text)
{
    return fputs (text, stdout) < 0 || fflush (stdout) != 0 ? OUTCOME_SYSTEM : OUTCOME_OK;
}

/*  Run what needs a connection.                                               */
static int s_connected (options_t *options)
{
    credentials_wanted_t wanted = {.endpoint = options->endpoint,
                                   .encrypted = options->encrypted,
                                   .broker_key =
                                       options->has_broker_key ? options->broker_key : NULL};
    int status = credentials_open (&wanted, tool_say, &options->credentials);
    if (status == OUTCOME_OK)
        status = token_take (options);
    if (status != OUTCOME_OK)
        goto out;
    switch (options->mode) {
    case MODE_SEND:
    case MODE_EDIT:
        status = command_send (options);
        break;
    case MODE_LISTEN:
        status = command_listen (options);
        break;
    case MODE_WHO:
        status = command_who (options);
        break;
    case MODE_ROOMS:
        status = command_rooms (options);
        break;
    case MODE_HISTORY:
        status = command_history (options);
        break;
    case MODE_REACT:
        status = command_react (options);
        break;
    case MODE_MARK:
        status = command_mark (options);
        break;
    case MODE_SEARCH:
        status = command_search (options);
        break;
    case MODE_PURGE:
        status = command_purge (options);
        break;
    case MODE_KEY:
        status = command_keys (options);
        break;
    default:
        status = face_full (options) ? screen_mode_run (options) : line_mode_run (options);
    }
out:
    token_wipe (options);
    credentials_destroy (&options->credentials);
    return status;
}

/*  Read the config file: the callback for options_parse.                      */
static zchat_status_t s_load (void *arg, const char *path, const settings_t **settings,
                              const char **shown, char **why)
{
    settings_file_t **file = arg;
    zchat_status_t status = settings_file_open (path, file, why);
    if (status == ZCHAT_OK) {
        *settings = settings_file_settings (*file);
        *shown = settings_file_path (*file);
    }
    return status;
}

/*  Say why the options are not understood. Returns the exit status.           */
static int s_mistaken (const options_t *options, zchat_status_t status)
{
    const char *name = options_mode_name (options->subject);
    tool_say ("%s", options->why);
    if (status == ZCHAT_CORRUPT)
        return OUTCOME_CONFIG;
    fprintf (stderr, _ ("Try: zchat %s%s--help\n"), name, *name ? " " : "");
    return OUTCOME_USAGE;
}

static int s_run (options_t *options)
{
    switch (options->mode) {
    case MODE_KEY:
        return options->key_action == KEY_SHOW ? command_key (options) : s_connected (options);
    case MODE_CONFIG:
        return command_config (options);
    case MODE_FIND:
        return command_find (options);
    case MODE_HELP:
        return help_print (help_text (options->subject)) ? OUTCOME_OK : OUTCOME_SYSTEM;
    case MODE_VERSION:
        return s_print ("zchat " ZCHAT_VERSION "\n");
    default:
        return s_connected (options);
    }
}

int main (int argc, char **argv)
{
    s_fill_standard_streams ();
    width_begin ();
    i18n_begin ();
    static options_t options;
    settings_file_t *file = NULL;
    options_source_t source = {.load = s_load, .arg = &file};
    zchat_status_t parsed = options_parse (&options, argc, argv, &source);
    options.settings_file = file;
    int status = parsed == ZCHAT_OK ? s_run (&options) : s_mistaken (&options, parsed);
    settings_file_destroy (&file);
    return status;
}
