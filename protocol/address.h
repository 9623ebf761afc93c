/*  address.h - keys as text, and the one address that a client needs

    A key is written as 56 letters and digits: 32 bytes and a checksum of 3 (CRC-24 as in
    OpenPGP) in the alphabet of Crockford's base32, in lower case. Why so:
    - letters and digits alone need no quoting in a shell and no escaping in a URL, are
      no markup to a chat program, are not cut off at the end of a link, and a
      double click selects all of them;
    - it may be typed: case does not matter, o is taken for 0, i and l for 1;
    - 35 bytes fill 56 digits exactly: every digit counts, there is no padding, and a
      truncated key has the wrong length;
    - the checksum finds every change within 24 bits in a row (four digits side by side,
      two neighbours swapped), and all but one in 16 million of the others.

    Pure: no I/O.                                                              */
#ifndef ZCHAT_PROTOCOL_ADDRESS_H
#define ZCHAT_PROTOCOL_ADDRESS_H

#include "frame.h"
#include <stdint.h>
#include <zchat/limits.h>
#include <zchat/status.h>

enum {
    ADDRESS_KEY_SIZE = ZCHAT_KEY_SIZE, /* bytes of a key                                  */
    ADDRESS_KEY_TEXT = 56,             /* the same as text, without a NUL                 */
    ADDRESS_HOST_MAX = 253,            /* bytes of a host                                 */
    ADDRESS_ENDPOINT_MAX = 267,        /* tcp://[host]:65535                              */
    ADDRESS_TEXT_MAX = 326,            /* zchat://[host]:65535/key                        */
    ADDRESS_PORT_DEFAULT = 5680,       /* where an address names none                     */
};

typedef struct {
    char endpoint[ADDRESS_ENDPOINT_MAX + 1]; /* the door: tcp://host:port            */
    uint8_t key[ADDRESS_KEY_SIZE];           /* the broker's public key              */
    bool has_key;                            /* false: zchat://host:port names none  */
} address_t;

/*  Write a key, ended by a NUL.                                               */
void address_key_encode (const uint8_t key[ADDRESS_KEY_SIZE], char text[ADDRESS_KEY_TEXT + 1]);

/*  Read a key. ZCHAT_OK and key, or ZCHAT_INVALID with *why, a static sentence (why may be
    NULL).                                                                     */
zchat_status_t address_key_decode (frame_t text, uint8_t key[ADDRESS_KEY_SIZE],
                                   const char **why) ZCHAT_CHECKED;

/*  True where the text claims to be an address: it begins with zchat://, in any case. */
bool address_is (const char *text);

/*  Read zchat://HOST[:PORT][/KEY]. The host is a name, an IPv4 address, or an IPv6
    address in brackets. ZCHAT_OK and *address, or ZCHAT_INVALID with *why.    */
zchat_status_t address_decode (const char *text, address_t *address,
                               const char **why) ZCHAT_CHECKED;

/*  Write the address of a door that is bound to endpoint (tcp://HOST:PORT), with another
    host where host is not NULL. ZCHAT_OK and text, or ZCHAT_INVALID where one would
    not be read back.                                                          */
zchat_status_t address_encode (const char *endpoint, const char *host,
                               const uint8_t key[ADDRESS_KEY_SIZE],
                               char text[ADDRESS_TEXT_MAX + 1]) ZCHAT_CHECKED;

#endif
