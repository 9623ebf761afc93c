/*  hint_text.c - the flags and commands of zchat that do what a talk hints at */
#include "hint_text.h"
#include "i18n.h"
#include <stddef.h>

const char *hint_text (hint_t hint)
{
    switch (hint) {
    case HINT_NAME:
        return _ ("--nick NAME, or ZCHAT_NICK; what a program writes is sent by: "
                  "zchat send -r ROOM --lines");
    case HINT_MAIL:
        return _ ("zchat history --mail");
    case HINT_DEVICES:
        return _ ("zchat key (shows the key of a device), zchat key remove KEY");
    case HINT_NONE:
        break;
    }
    return NULL;
}
