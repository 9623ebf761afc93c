/*  sized.c - structs that pass between this library and a program compiled with another header */
#include "sized.h"
#include <stdint.h>
#include <string.h>

bool sized_read (void *ours, size_t size, size_t least, const void *given, size_t given_size)
{
    const uint8_t *bytes = given;

    if (given_size < least)
        return false;
    for (size_t i = size; i < given_size; i++)
        if (bytes[i])
            return false;
    memset (ours, 0, size);
    memcpy (ours, given, given_size < size ? given_size : size);
    return true;
}

void sized_write (void *wanted, size_t wanted_size, const void *ours, size_t size)
{
    memset (wanted, 0, wanted_size);
    memcpy (wanted, ours, wanted_size < size ? wanted_size : size);
}
