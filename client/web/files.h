/*  files.h - the files of the page, which are compiled in (page/)               */
#ifndef ZCHAT_WEB_FILES_H
#define ZCHAT_WEB_FILES_H

#include "page_files.h"

/*  Find a file by its name; "" is index.html. NULL: there is none.            */
const page_file_t *files_find (const char *name);

#endif
