/*  urltext.c - percent-encoding                                               */
#include "urltext.h"
#include "text.h"

static int hex_digit (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool urltext_decode (const char *from, size_t size, char *text, size_t max)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        int byte = (unsigned char)from[i];
        if (from[i] == '%') {
            if (size - i < 3)
                return false;
            int high = hex_digit (from[i + 1]), low = hex_digit (from[i + 2]);
            if (high < 0 || low < 0)
                return false;
            byte = high * 16 + low;
            i += 2;
        }
        if (used == max)
            return false;
        text[used++] = (char)byte;
    }
    text[used] = '\0';
    return text_valid (frame_of (text, used));
}

void urltext_encode (buffer_t *buffer, const char *text)
{
    for (; *text; text++) {
        char c = *text;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            strchr ("-._~", c))
            buffer_add (buffer, &c, 1);
        else
            buffer_format (buffer, "%%%02X", (unsigned char)c);
    }
}

bool urltext_number (const char *text, unsigned long long *number, const char **end)
{
    size_t digits = strspn (text, "0123456789");
    unsigned long long value = 0;

    if (digits < 1 || digits > 19 || (!end && text[digits]))
        return false;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (unsigned long long)(text[i] - '0');
    *number = value;
    if (end)
        *end = text + digits;
    return true;
}
