/*  ticket.c - where an answer goes on, told so that it says nothing else

    A number of the index counts what was said everywhere, in rooms too that the asker may not read:
    two of them would tell how busy those are. So 16 bytes, the number and zeros, go through a
   Feistel network whose rounds are SipHash under a key of this index; who changes them finds no
   zeros.
*/
#include "index_private.h"

#include <sodium.h>

enum { ROUNDS = 6, WINDOW_SHIFT = 56 };
_Static_assert(TICKET_KEY_SIZE == crypto_shorthash_KEYBYTES, "the key is SipHash's");
_Static_assert(INDEX_TICKET_SIZE == 32, "two halves of 8 bytes, in hex");

static uint64_t mixed (const uint8_t *key, uint64_t half, unsigned number)
{
    uint8_t in[9], out[crypto_shorthash_BYTES];
    for (unsigned i = 0; i < 8; i++)
        in[i] = (uint8_t)(half >> (8 * i));
    in[8] = (uint8_t)number;
    (void)crypto_shorthash (out, in, sizeof in, key);
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)out[i] << (8 * i);
    return value;
}

void ticket_write (const uint8_t key[TICKET_KEY_SIZE], uint64_t doc, unsigned window,
                   char ticket[INDEX_TICKET_SIZE + 1])
{
    uint64_t left = doc | (uint64_t)window << WINDOW_SHIFT, right = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t next = left ^ mixed (key, right, i);
        left = right;
        right = next;
    }
    snprintf (ticket, INDEX_TICKET_SIZE + 1, "%016llx%016llx", (unsigned long long)left,
              (unsigned long long)right);
}

static bool half_read (const char *text, uint64_t *half)
{
    *half = 0;
    for (unsigned i = 0; i < 16; i++) {
        const char *digits = "0123456789abcdef", *at = text[i] ? strchr (digits, text[i]) : NULL;
        if (!at)
            return false;
        *half = *half << 4 | (uint64_t)(at - digits);
    }
    return true;
}

bool ticket_read (const uint8_t key[TICKET_KEY_SIZE], const char *ticket, uint64_t *doc,
                  unsigned *window)
{
    uint64_t left, right;
    if (!half_read (ticket, &left) || !half_read (ticket + 16, &right) || ticket[32])
        return false;
    for (unsigned i = ROUNDS; i-- > 0;) {
        uint64_t before = right ^ mixed (key, left, i);
        right = left;
        left = before;
    }
    *doc = left & ((UINT64_C (1) << WINDOW_SHIFT) - 1);
    *window = (unsigned)(left >> WINDOW_SHIFT);
    return right == 0 && *window <= SHARD_BITS;
}
