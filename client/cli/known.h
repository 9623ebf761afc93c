/*  known.h - the brokers that were met, and by which key: the text of known_brokers

    Lines of HOST:PORT KEY; a remark behind #. Pure.                           */
#ifndef ZCHAT_CLI_KNOWN_H
#define ZCHAT_CLI_KNOWN_H

#include "address.h"

typedef enum {
    KNOWN_NOT, /* no line names it                                            */
    KNOWN_KEY, /* a line names it, and the key                                */
    KNOWN_BAD, /* a line names it, with something that is no key              */
} known_t;

/*  Look for the broker in the text: the first line that names it counts. Case does not
    matter. *line: its number from 1, unless KNOWN_NOT; key: with KNOWN_KEY.   */
known_t known_find (frame_t text, const char *broker, uint8_t key[ADDRESS_KEY_SIZE], size_t *line);

#endif
