/*  page_files.h - the files of the page, as they are compiled into zchat-web

    page_files.c is made from this folder by embed.cmake when the program is built.
*/
#ifndef ZCHAT_WEB_PAGE_FILES_H
#define ZCHAT_WEB_PAGE_FILES_H

#include <stddef.h>

typedef struct {
    const char *name;           /* without a folder; that of / is index.html      */
    const char *type;           /* Content-Type                                   */
    const char *etag;           /* with its quotes; another for other contents    */
    const unsigned char *plain; /* the file                                       */
    size_t plain_size;          /* bytes                                          */
    const unsigned char *gzip;  /* the same, for Content-Encoding: gzip           */
    size_t gzip_size;           /* bytes                                          */
} page_file_t;

extern const page_file_t page_files[];
extern const size_t page_files_count;

#endif
