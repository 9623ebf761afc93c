/*  members.h - the keys a broker admits, from a file that may change

    A line is KEY [NAME], with spaces and tabs between, or a remark that begins with #. Any other
    line admits nobody, and is told; the other lines count nevertheless. So a mistake in the file
    lets nobody in who should not, and keeps nobody out who stands on another line.
*/
#ifndef ZCHAT_MEMBERS_H
#define ZCHAT_MEMBERS_H

#include "address.h"

typedef struct members members_t;

typedef struct {
    size_t count;    /* keys                                                     */
    size_t bad;      /* lines that admit nobody                                  */
    size_t bad_line; /* the first of them, from 1; 0: none                       */
    const char *why; /* what is wrong with it, or with the file: valid until the next reload */
    int error;       /* errno where the file cannot be read, and so nobody is admitted */
} members_news_t;

/*  Nobody yet. path is copied.                                                */
members_t *members_new (const char *path);
void members_destroy (members_t **members);

/*  Take the keys of text instead of those there were. Pure.                   */
void members_parse (members_t *members, frame_t text, members_news_t *news);

/*  Read the file again if it has changed since, or may have (watched.h). True: it did, and *news
    says what came of it. A file that cannot be read has no keys.              */
bool members_reload (members_t *members, uint64_t wall_ms, members_news_t *news);

/*  True where the key is one of them.                                         */
bool members_has (const members_t *members, const uint8_t key[ADDRESS_KEY_SIZE]);

#endif
