/*  known_ids.c - preloaded into zchatd: a ROUTER begins to count at 0         */
#include <stdlib.h>

int rand (void)
{
    return 0;
}
