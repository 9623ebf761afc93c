/*  members.c - the keys a broker admits, from a file that may change          */
#include "members.h"
#include "memory.h"
#include "watched.h"
#include <zchat/limits.h>

struct members {
    watched_t *file;
    uint8_t (*keys)[ADDRESS_KEY_SIZE]; /* sorted                                 */
    size_t count;
};

members_t *members_new (const char *path)
{
    members_t *members = memory_zero (sizeof *members);
    members->file = watched_new (path, ZCHAT_MEMBERS_FILE_MAX, 0);
    return members;
}

void members_destroy (members_t **members)
{
    if (*members) {
        free ((*members)->keys);
        watched_destroy (&(*members)->file);
        free (*members);
        *members = NULL;
    }
}

/*  --- reading the text ------------------------------------------------------  */

static int key_order (const void *a, const void *b)
{
    return memcmp (a, b, ADDRESS_KEY_SIZE);
}

static bool blank (char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/*  The first word of a line; empty where there is none, or a remark.          */
static frame_t first_word (const char *line, size_t size)
{
    size_t begin = 0, end;
    while (begin < size && blank (line[begin]))
        begin++;
    for (end = begin; end < size && !blank (line[end]) && line[end] != '#'; end++)
        continue;
    return frame_of (line + begin, end - begin);
}

static void line_take (members_t *members, frame_t word, size_t line, members_news_t *news)
{
    const char *why = "more keys than this broker keeps";
    if (members->count < ZCHAT_MEMBERS_MAX &&
        address_key_decode (word, members->keys[members->count], &why) == ZCHAT_OK)
        members->count++;
    else if (!news->bad++) {
        news->bad_line = line;
        news->why = why;
    }
}

void members_parse (members_t *members, frame_t text, members_news_t *news)
{
    const char *at = text.data, *end = at ? at + text.size : at;
    size_t line = 0;
    *news = (members_news_t){0};
    /*  A key takes a line of its own.                                         */
    size_t room = text.size / ADDRESS_KEY_TEXT + 1;
    members->keys =
        memory_grow (members->keys,
                     (room < ZCHAT_MEMBERS_MAX ? room : ZCHAT_MEMBERS_MAX) * sizeof *members->keys);
    members->count = 0;
    while (at < end) {
        const char *stop = memchr (at, '\n', (size_t)(end - at));
        if (!stop)
            stop = end;
        frame_t word = first_word (at, (size_t)(stop - at));
        line++;
        if (word.size)
            line_take (members, word, line, news);
        at = stop + 1;
    }
    if (members->count)
        qsort (members->keys, members->count, sizeof *members->keys, key_order);
    news->count = members->count;
}

bool members_has (const members_t *members, const uint8_t key[ADDRESS_KEY_SIZE])
{
    return members->count &&
           bsearch (key, members->keys, members->count, sizeof *members->keys, key_order);
}

/*  --- reading the file ------------------------------------------------------  */

bool members_reload (members_t *members, uint64_t wall_ms, members_news_t *news)
{
    char *text;
    size_t size;
    int error;
    watched_sight_t sight = watched_look (members->file, wall_ms, &text, &size, &error);
    if (sight == WATCHED_SAME)
        return false;
    members_parse (members, frame_of (text, size), news);
    news->error = error;
    if (error)
        news->why = watched_why (members->file);
    free (text);
    return sight == WATCHED_CHANGED;
}
