/*  files.c - find a file of the page                                           */
#include "files.h"
#include <string.h>

const file_t *files_find (const char *name)
{
    for (size_t i = 0; i < files_count; i++)
        if (strcmp (files_table[i].name, *name ? name : "index.html") == 0)
            return &files_table[i];
    return NULL;
}
