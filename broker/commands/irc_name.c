/*  irc_name.c - nicknames and texts of IRC, as they may stand in a log         */
#include "irc_name.h"
#include "memory.h"
#include "name.h"
#include "text.h"
#include <ctype.h>

/*  Latin 1 as UTF-8: what logs of that time hold where it is not UTF-8.       */
static char *latin_decode (frame_t text, size_t *size)
{
    const unsigned char *bytes = text.data;
    char *made = memory_new (2 * text.size + 1);
    size_t at = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (bytes[i] >= 0x80) {
            made[at++] = (char)(0xC0 | bytes[i] >> 6);
            made[at++] = (char)(0x80 | (bytes[i] & 0x3F));
        } else
            made[at++] = (char)bytes[i];
    }
    made[at] = '\0';
    *size = at;
    return made;
}

/*  Colours and the like: a byte, of colours digits behind it.                 */
static size_t format_skip (const char *text, size_t size)
{
    size_t at = 1, digits = 0;
    if (*text != 3)
        return 1;
    while (at < size && digits < 2 && isdigit ((unsigned char)text[at]))
        at++, digits++;
    if (digits && at + 1 < size && text[at] == ',' && isdigit ((unsigned char)text[at + 1])) {
        at += 2;
        at += at < size && isdigit ((unsigned char)text[at]) ? 1 : 0;
    }
    return at;
}

char *irc_text (frame_t text, size_t *size)
{
    char *made = text_valid (text) ? memory_string (text.data, *size = text.size)
                                   : latin_decode (text, size);
    size_t to = 0;
    for (size_t at = 0; at < *size;) {
        unsigned char byte = (unsigned char)made[at];
        if (byte < 0x20 && byte != '\t')
            at += format_skip (made + at, *size - at);
        else
            made[to++] = made[at++];
    }
    made[to] = '\0';
    *size = to;
    return made;
}

static bool ascii_fits (char byte)
{
    return isalnum ((unsigned char)byte) || byte == '.' || byte == '_' || byte == '-';
}

size_t irc_name (frame_t nick, char name[ZCHAT_NAME_MAX + 1])
{
    const char *bytes = nick.data;
    char composed[ZCHAT_NAME_MAX + 1];
    for (int strict = 0; strict < 3; strict++) {
        size_t at = 0;
        if (strict == 2)
            at = (size_t)snprintf (name, ZCHAT_NAME_MAX + 1, "irc-");
        for (size_t i = 0; i < nick.size && at < ZCHAT_NAME_MAX_CODEPOINTS; i++) {
            bool wide = (unsigned char)bytes[i] >= 0x80;
            name[at++] = ascii_fits (bytes[i]) || (wide && !strict) ? bytes[i] : '_';
        }
        name[at] = '\0';
        frame_t made = name_compose (frame_of (name, at), composed);
        if (name_check (made, NULL, NULL) == ZCHAT_OK) {
            if (made.data != name)
                memcpy (name, made.data, made.size);
            name[made.size] = '\0';
            return made.size;
        }
    }
    return 0;
}
