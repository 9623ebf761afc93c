/*  known.h - the text of known_brokers: which brokers were met, and by which keys

    Each line reads HOST:PORT KEY, and may end in a remark behind #. Pure.
*/
#ifndef ZCHAT_TALK_KNOWN_H
#define ZCHAT_TALK_KNOWN_H

#include "address.h"

typedef enum {
    KNOWN_NOT, /* no line names the broker                                     */
    KNOWN_KEY, /* a line names the broker and its key                          */
    KNOWN_BAD, /* a line names the broker, but what follows is no key          */
} known_t;

enum { KNOWN_BROKER_MAX = ADDRESS_ENDPOINT_MAX + 1 };

/*  Spell a broker in the one way in which brokers are compared: small letters, no dot behind the
    host, no zeroes before the port, IPv6 in its shortest form. False: it is no HOST:PORT, or too
    long.                                                                      */
bool known_spell (frame_t text, char spelt[KNOWN_BROKER_MAX]) ZCHAT_CHECKED;

/*  Look for the broker in the text. The first line that names it counts, in whatever spelling.
 *line: its number from 1, unless KNOWN_NOT; key: set with KNOWN_KEY.       */
known_t known_find (frame_t text, const char *broker, uint8_t key[ADDRESS_KEY_SIZE], size_t *line);

#endif
