/*  known.c - the brokers that were met, and by which key: the text of known_brokers */
#include "known.h"
#include <strings.h>

static bool blank (char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/*  The next word of a line, from *at on; empty at its end or at a remark.     */
static frame_t word_next (const char *line, size_t size, size_t *at)
{
    while (*at < size && blank (line[*at]))
        ++*at;
    size_t begin = *at;
    while (*at < size && !blank (line[*at]) && line[*at] != '#')
        ++*at;
    return frame_of (line + begin, *at - begin);
}

known_t known_find (frame_t text, const char *broker, uint8_t key[ADDRESS_KEY_SIZE], size_t *line)
{
    const char *from = text.data, *end = text.size ? from + text.size : from;
    size_t number = 0, broker_size = strlen (broker);
    while (from < end) {
        const char *stop = memchr (from, '\n', (size_t)(end - from));
        size_t size = (size_t)((stop ? stop : end) - from), at = 0;
        frame_t name = word_next (from, size, &at);
        number++;
        if (name.size && name.size == broker_size &&
            strncasecmp (name.data, broker, broker_size) == 0) {
            *line = number;
            return address_key_decode (word_next (from, size, &at), key, NULL) == ZCHAT_OK
                       ? KNOWN_KEY
                       : KNOWN_BAD;
        }
        from += size + 1;
    }
    return KNOWN_NOT;
}
