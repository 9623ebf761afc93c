/*  beacon.c - what a broker says of itself to the local network               */
#include "beacon.h"
#include "address.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*  The next word of the text, of fewer than size bytes. False: there is none, or it is too long. */
static bool word_take (const char **text, char *word, size_t size)
{
    *text += strspn (*text, " ");
    size_t length = strcspn (*text, " ");
    if (length == 0 || length >= size)
        return false;
    memcpy (word, *text, length);
    word[length] = '\0';
    *text += length;
    return true;
}

bool beacon_read (frame_t datagram, const char *host, beacon_t *beacon)
{
    char text[ZCHAT_BEACON_MAX + 1], magic[16], port[8], key[ADDRESS_KEY_TEXT + 1];
    uint8_t bytes[ADDRESS_KEY_SIZE];
    const char *at = text;
    if (datagram.size > ZCHAT_BEACON_MAX || memchr (datagram.data, '\0', datagram.size))
        return false;
    memcpy (text, datagram.data, datagram.size);
    text[datagram.size] = '\0';
    if (!word_take (&at, magic, sizeof magic) || strcmp (magic, "ZCHAT/1") != 0 ||
        !word_take (&at, port, sizeof port) || !word_take (&at, key, sizeof key) ||
        strspn (port, "0123456789") != strlen (port))
        return false;
    long number = strtol (port, NULL, 10);
    beacon->encrypted = strcmp (key, "-") != 0;
    if (number < 1 || number > 65535 ||
        (beacon->encrypted && address_key_decode (frame_str (key), bytes, NULL) != ZCHAT_OK))
        return false;
    snprintf (beacon->address, sizeof beacon->address, "%s%s:%ld%s%s",
              beacon->encrypted ? "zchat://" : "tcp://", host, number, beacon->encrypted ? "/" : "",
              beacon->encrypted ? key : "");
    if (!word_take (&at, beacon->name, sizeof beacon->name) || strcmp (beacon->name, "-") == 0)
        *beacon->name = '\0';
    return true;
}
