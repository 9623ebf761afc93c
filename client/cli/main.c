/*  main.c - zchat: a chat client for people and pipes */
#include "help.h"
#include "line_mode.h"
#include "subcommands.h"
#include "tool.h"
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

/*  A socket must not become standard output because that was closed.          */
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
    return fputs (text, stdout) < 0 || fflush (stdout) != 0 ? CLI_SYSTEM : CLI_OK;
}

int main (int argc, char **argv)
{
    s_fill_standard_streams ();
    setlocale (LC_CTYPE, "");
    static options_t options;
    if (options_parse (&options, argc, argv) != ZCHAT_OK) {
        const char *name = options_mode_name (options.subject);
        tool_say ("%s", options.why);
        fprintf (stderr, "Try: zchat %s%s--help\n", name, *name ? " " : "");
        return CLI_USAGE;
    }
    switch (options.mode) {
    case MODE_SEND:
        return command_send (&options);
    case MODE_LISTEN:
        return command_listen (&options);
    case MODE_WHO:
        return command_who (&options);
    case MODE_ROOMS:
        return command_rooms (&options);
    case MODE_HISTORY:
        return command_history (&options);
    case MODE_HELP:
        return s_print (help_text (options.subject));
    case MODE_VERSION:
        return s_print ("zchat " ZCHAT_VERSION "\n");
    case MODE_LINE:
        break;
    }
    return line_mode_run (&options);
}
