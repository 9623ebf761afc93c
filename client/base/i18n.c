/*  i18n.c - the words of the program in the language of the person            */
#include "i18n.h"
#include <locale.h>
#include <stdlib.h>

/*  Choose a language though its locale was not made on this machine, as in a container: catalogs
    need none.                                                                 */
static void unmade (void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *wanted = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !(wanted && *wanted); i++)
        wanted = getenv (names[i]);
    if (wanted && *wanted && setlocale (LC_MESSAGES, "C.UTF-8"))
        (void)setenv ("LANGUAGE", wanted, 0);
}

void i18n_begin (void)
{
    const char *folder = getenv ("ZCHAT_LOCALEDIR");
    /*  Numbers keep their point: they are read by programs, too.              */
    if (!setlocale (LC_MESSAGES, ""))
        unmade ();
    (void)setlocale (LC_TIME, "");
    (void)bindtextdomain ("zchat", folder && *folder ? folder : ZCHAT_LOCALEDIR);
    (void)bind_textdomain_codeset ("zchat", "UTF-8");
    (void)textdomain ("zchat");
}
