/*  known_ids.c - preloaded into zchatd: a ROUTER begins to count at 0         */
#include <stdlib.h>

__attribute__ ((visibility ("default"))) int rand (void)
{
    return 0;
}
