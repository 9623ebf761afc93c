/*  i18n.c - the words of the program in the language of the person            */
#include "i18n.h"
#include <locale.h>
#include <stdlib.h>

void i18n_begin (void)
{
    const char *folder = getenv ("ZCHAT_LOCALEDIR");
    /*  Numbers keep their point: they are read by programs, too.              */
    (void)setlocale (LC_MESSAGES, "");
    (void)setlocale (LC_TIME, "");
    (void)bindtextdomain ("zchat", folder && *folder ? folder : ZCHAT_LOCALEDIR);
    (void)bind_textdomain_codeset ("zchat", "UTF-8");
    (void)textdomain ("zchat");
}
