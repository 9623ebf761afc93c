/*  files.c - find a file of the page                                           */
#include "files.h"
#include <string.h>

const page_file_t *files_find (const char *name)
{
    for (size_t i = 0; i < page_files_count; i++)
        if (strcmp (page_files[i].name, *name ? name : "index.html") == 0)
            return &page_files[i];
    return NULL;
}
