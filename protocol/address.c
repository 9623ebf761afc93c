/*  address.c - keys as text, and the one address that a client needs         */
#include "address.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum {
    SUM_SIZE = 3,
    BYTES = ADDRESS_KEY_SIZE + SUM_SIZE,
    DIGIT_BITS = 5,
    SCHEME_SIZE = 8, /* zchat:// */
};

_Static_assert(BYTES * 8 == ADDRESS_KEY_TEXT * DIGIT_BITS, "a key fills its text exactly");
_Static_assert(ADDRESS_ENDPOINT_MAX == 6 + ADDRESS_HOST_MAX + 2 + 6, "tcp:// [] :65535");
_Static_assert(ADDRESS_TEXT_MAX == SCHEME_SIZE + ADDRESS_HOST_MAX + 2 + 6 + 1 + ADDRESS_KEY_TEXT,
               "zchat:// [] :65535 / key");

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static const char not_an_address[] =
    "an encrypted broker's address looks like zchat://HOST:PORT/KEY, with a key of 56 letters and "
    "digits";

/*  --- keys ------------------------------------------------------------------  */

/*  CRC-24 of RFC 4880, 6.1                                                    */
static uint32_t checksum (const uint8_t *data, size_t size)
{
    uint32_t crc = 0xB704CE;
    for (size_t i = 0; i < size; i++) {
        crc ^= (uint32_t)data[i] << 16;
        for (int bit = 0; bit < 8; bit++) {
            crc <<= 1;
            if (crc & 0x1000000)
                crc ^= 0x1864CFB;
        }
    }
    return crc & 0xFFFFFF;
}

void address_key_encode (const uint8_t key[ADDRESS_KEY_SIZE], char text[ADDRESS_KEY_TEXT + 1])
{
    uint8_t bytes[BYTES];
    uint32_t sum = checksum (key, ADDRESS_KEY_SIZE);
    memcpy (bytes, key, ADDRESS_KEY_SIZE);
    for (size_t i = 0; i < SUM_SIZE; i++)
        bytes[ADDRESS_KEY_SIZE + i] = (uint8_t)(sum >> (8 * (SUM_SIZE - 1 - i)));
    for (size_t i = 0; i < ADDRESS_KEY_TEXT; i++) {
        size_t bit = i * DIGIT_BITS, at = bit / 8;
        unsigned pair = (unsigned)bytes[at] << 8 | (at + 1 < BYTES ? bytes[at + 1] : 0);
        text[i] = alphabet[pair >> (16 - DIGIT_BITS - bit % 8) & 31];
    }
    text[ADDRESS_KEY_TEXT] = '\0';
    /*  It may have been a secret one.                                         */
    explicit_bzero (bytes, sizeof bytes);
}

/*  The value of a digit, or -1.                                               */
static int digit (char c)
{
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    if (c == 'o')
        c = '0';
    if (c == 'i' || c == 'l')
        c = '1';
    const char *found = c ? strchr (alphabet, c) : NULL;
    return found ? (int)(found - alphabet) : -1;
}

static zchat_status_t wrong (const char **why, const char *text)
{
    if (why)
        *why = text;
    return ZCHAT_INVALID;
}

zchat_status_t address_key_decode (frame_t text, uint8_t key[ADDRESS_KEY_SIZE], const char **why)
{
    uint8_t bytes[BYTES] = {0};
    const char *digits = text.data;
    zchat_status_t status = ZCHAT_OK;
    uint32_t sum = 0;

    if (text.size < ADDRESS_KEY_TEXT)
        return wrong (why, "the key is cut off: it has 56 letters and digits; copy it whole");
    if (text.size > ADDRESS_KEY_TEXT)
        return wrong (why, "something stands behind the key: it has 56 letters and digits");
    for (size_t i = 0; i < ADDRESS_KEY_TEXT; i++) {
        int value = digit (digits[i]);
        if (value < 0) {
            status = wrong (why, "the key holds a character that is in no key: it has 56 letters "
                                 "and digits, and no u");
            goto out;
        }
        for (size_t bit = 0; bit < DIGIT_BITS; bit++)
            if (value >> (DIGIT_BITS - 1 - bit) & 1) {
                size_t at = i * DIGIT_BITS + bit;
                bytes[at / 8] = (uint8_t)(bytes[at / 8] | 0x80u >> at % 8);
            }
    }
    for (size_t i = 0; i < SUM_SIZE; i++)
        sum = sum << 8 | bytes[ADDRESS_KEY_SIZE + i];
    if (sum != checksum (bytes, ADDRESS_KEY_SIZE))
        status = wrong (why, "the key is mistyped: its checksum does not fit; copy it whole");
    else
        memcpy (key, bytes, ADDRESS_KEY_SIZE);
out:
    explicit_bzero (bytes, sizeof bytes);
    return status;
}

/*  --- addresses -------------------------------------------------------------  */

bool address_is (const char *text)
{
    return strncasecmp (text, "zchat://", SCHEME_SIZE) == 0;
}

/*  An IPv6 address, which may name its interface behind %.                   */
static bool is_ipv6 (const char *text, size_t size)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr read;
    const char *zone = memchr (text, '%', size);
    if (zone)
        size = (size_t)(zone - text);
    if (size >= sizeof address)
        return false;
    memcpy (address, text, size);
    address[size] = '\0';
    return inet_pton (AF_INET6, address, &read) == 1;
}

/*  Bytes of the host at text, brackets included; 0 where there is none.       */
static size_t host_size (const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t size = 0;
    if (*text == '[') {
        while (text[1 + size] &&
               (strchr (letters, text[1 + size]) || strchr (":.%", text[1 + size])))
            size++;
        return size <= ADDRESS_HOST_MAX && text[1 + size] == ']' && is_ipv6 (text + 1, size)
                   ? size + 2
                   : 0;
    }
    while (text[size] && (strchr (letters, text[size]) || strchr (".-_", text[size])))
        size++;
    return size <= ADDRESS_HOST_MAX && *text != '-' ? size : 0;
}

/*  A port from 1 to 65535 at text; 0 where there is none. *size: its digits.  */
static unsigned port_read (const char *text, size_t *size)
{
    unsigned port = 0;
    *size = strspn (text, "0123456789");
    for (size_t i = 0; i < *size && port < 65536; i++)
        port = port * 10 + (unsigned)(text[i] - '0');
    return *size && *text != '0' && port < 65536 ? port : 0;
}

zchat_status_t address_decode (const char *text, address_t *address, const char **why)
{
    address_t read = {.has_key = false};
    unsigned port = ADDRESS_PORT_DEFAULT;

    if (!address_is (text))
        return wrong (why, not_an_address);
    const char *host = text + SCHEME_SIZE;
    size_t size = host_size (host);
    const char *rest = host + size;
    if (!size)
        return wrong (why, not_an_address);
    if (*rest == ':') {
        size_t digits;
        port = port_read (rest + 1, &digits);
        rest += 1 + digits;
        if (!port)
            return wrong (why, "the port of an address is a number from 1 to 65535");
    }
    if (*rest && *rest != '/')
        return wrong (why, not_an_address);
    if (*rest && rest[1]) {
        zchat_status_t status = address_key_decode (frame_str (rest + 1), read.key, why);
        if (status != ZCHAT_OK)
            return status;
        read.has_key = true;
    }
    snprintf (read.endpoint, sizeof read.endpoint, "tcp://%.*s:%u", (int)size, host, port);
    *address = read;
    return ZCHAT_OK;
}

zchat_status_t address_encode (const char *endpoint, const char *host,
                               const uint8_t key[ADDRESS_KEY_SIZE], char text[ADDRESS_TEXT_MAX + 1])
{
    char key_text[ADDRESS_KEY_TEXT + 1], made[ADDRESS_TEXT_MAX + 1];
    const char *port = strrchr (endpoint, ':');
    address_t check;
    size_t digits;

    if (strncmp (endpoint, "tcp://", 6) != 0 || port < endpoint + 6)
        return ZCHAT_INVALID;
    /*  The last colon may be one of an IPv6 address, with no port behind it.  */
    if (!port_read (port + 1, &digits) || port[1 + digits])
        return ZCHAT_INVALID;
    address_key_encode (key, key_text);
    const char *from = host ? host : endpoint + 6;
    size_t from_size = host ? strlen (host) : (size_t)(port - from);
    bool bare = memchr (from, ':', from_size) && *from != '[';
    int size = snprintf (made, sizeof made, "zchat://%s%.*s%s%s/%s", bare ? "[" : "",
                         from_size > ADDRESS_TEXT_MAX ? 0 : (int)from_size, from, bare ? "]" : "",
                         port, key_text);
    if (size < 0 || (size_t)size >= sizeof made ||
        address_decode (made, &check, NULL) != ZCHAT_OK || !check.has_key)
        return ZCHAT_INVALID;
    memcpy (text, made, (size_t)size + 1);
    return ZCHAT_OK;
}
