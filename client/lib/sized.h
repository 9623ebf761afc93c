/*  sized.h - structs that pass between this library and a program compiled with another header

    Structs only grow, at their end. Whichever side has the shorter one treats the missing
    fields as zero.                                                            */
#ifndef ZCHAT_SIZED_H
#define ZCHAT_SIZED_H

#include <stdbool.h>
#include <stddef.h>

/*  Read a program's struct of given_size bytes into ours of size. False where it is shorter than
    least, or where it holds something beyond our fields that is not zero: then it asks for
    something that we cannot do.                                               */
bool sized_read (void *ours, size_t size, size_t least, const void *given, size_t given_size);

/*  Write ours into a program's struct of wanted_size bytes.                   */
void sized_write (void *wanted, size_t wanted_size, const void *ours, size_t size);

#endif
