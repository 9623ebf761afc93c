/*  files.h - the page, compiled in: what stands in client/web/page/ (files.cmake writes the table)
 */
#ifndef ZCHAT_WEB_FILES_H
#define ZCHAT_WEB_FILES_H

#include <stddef.h>

typedef struct {
    const char *name; /* "index.html"                                          */
    const char *type; /* its Content-Type                                      */
    const char *etag; /* quoted: of its content                                */
    const unsigned char *data;
    size_t size;
} file_t;

extern const file_t files_table[];
extern const size_t files_count;

/*  Find a file by its name; "" is index.html. NULL: there is none.            */
const file_t *files_find (const char *name);

#endif
