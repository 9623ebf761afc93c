/*  template.c - the format of --format                                        */
#include "template.h"
#include "i18n.h"
#include <string.h>
#include <zchat/limits.h>

#define FIELDS  "rsitTyumedl%"
#define ESCAPES "nt0\\"

const char *template_wrong (const char *format)
{
    if (!*format)
        return _ ("it is empty");
    if (strlen (format) > ZCHAT_FORMAT_MAX)
        return _ ("it is too long");
    for (const char *at = format; *at; at++)
        if (*at == '%' || *at == '\\') {
            bool field = *at == '%';
            at++;
            if (!*at || !strchr (field ? FIELDS : ESCAPES, *at))
                return field ? _ ("behind % stands one of r s i t T y u m e d l %")
                             : _ ("behind \\ stands one of n t 0 \\");
        }
    return NULL;
}

static void peer (output_t *out, const char *text, size_t size, bool exact)
{
    if (!text)
        return;
    if (exact)
        output_bytes (out, text, size);
    else
        output_shown (out, text, size);
}

static void string (output_t *out, const char *text, bool exact)
{
    peer (out, text, text ? strlen (text) : 0, exact);
}

static void field (output_t *out, char letter, const template_fields_t *fields, bool exact)
{
    switch (letter) {
    case 'r':
        string (out, fields->room, exact);
        break;
    case 's':
        output_number (out, fields->seq);
        break;
    case 'i':
        string (out, fields->room, exact);
        output_str (out, "/");
        output_number (out, fields->seq);
        break;
    case 't':
        output_time (out, fields->time_ms);
        break;
    case 'T':
        output_number (out, fields->time_ms);
        break;
    case 'y':
        string (out, fields->type, exact);
        break;
    case 'u':
        string (out, fields->user, exact);
        break;
    case 'm':
        peer (out, fields->text, fields->text_size, exact);
        break;
    case 'e':
        if (fields->re > 0)
            output_number (out, fields->re);
        break;
    case 'd':
        string (out, fields->data, exact);
        break;
    case 'l':
        string (out, fields->log, exact);
        break;
    default:
        output_str (out, "%");
    }
}

void template_write (output_t *out, const char *format, const template_fields_t *fields, bool exact)
{
    static const char escaped[] = {'\n', '\t', '\0', '\\'};
    for (const char *at = format; *at; at++) {
        if (*at == '%')
            field (out, *++at, fields, exact);
        else if (*at == '\\')
            output_bytes (out, &escaped[strchr (ESCAPES, *++at) - ESCAPES], 1);
        else
            output_bytes (out, at, 1);
    }
}
