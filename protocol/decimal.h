/*  decimal.h - numbers as text, where printf would cost more than all the rest */
#ifndef ZCHAT_DECIMAL_H
#define ZCHAT_DECIMAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { DECIMAL_MAX = 20 /* digits of UINT64_MAX                                */ };

/*  Write the number; no NUL. Returns the number of bytes, DECIMAL_MAX at most. */
static inline size_t decimal_write (char *to, uint64_t number)
{
    char digits[DECIMAL_MAX];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy (to, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

#endif
