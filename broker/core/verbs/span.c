/*  span.c - where a member of a JSON object stands in its text                */
#include "span.h"

typedef struct {
    const char *at, *end;
} cursor_t;

static void skip_space (cursor_t *cursor)
{
    while (cursor->at < cursor->end && strchr (" \t\r\n", *cursor->at) && *cursor->at)
        cursor->at++;
}

/*  Behind the string that begins here; *text is what stands between its quotes. */
static void skip_string (cursor_t *cursor, frame_t *text)
{
    const char *begin = ++cursor->at;
    while (cursor->at < cursor->end && *cursor->at != '"')
        cursor->at += *cursor->at == '\\' && cursor->end - cursor->at > 1 ? 2 : 1;
    *text = frame_of (begin, (size_t)(cursor->at - begin));
    if (cursor->at < cursor->end)
        cursor->at++;
}

/*  Behind the value that begins here.                                         */
static void skip_value (cursor_t *cursor)
{
    int depth = 0;
    frame_t ignored;
    while (cursor->at < cursor->end) {
        char c = *cursor->at;
        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            return;
        if (c == '"') {
            skip_string (cursor, &ignored);
            continue;
        }
        depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        cursor->at++;
    }
}

static frame_t trimmed (const char *begin, const char *end)
{
    while (end > begin && strchr (" \t\r\n", end[-1]) && end[-1])
        end--;
    return frame_of (begin, (size_t)(end - begin));
}

frame_t span_member (frame_t object, const char *key)
{
    cursor_t cursor = {object.data, (const char *)object.data + object.size};
    skip_space (&cursor);
    while (cursor.at < cursor.end) {
        frame_t name;
        cursor.at++; /* { or , */
        skip_space (&cursor);
        if (cursor.at == cursor.end || *cursor.at != '"')
            break;
        skip_string (&cursor, &name);
        skip_space (&cursor);
        if (cursor.at < cursor.end)
            cursor.at++; /* : */
        skip_space (&cursor);
        const char *begin = cursor.at;
        skip_value (&cursor);
        if (frame_is (name, key))
            return trimmed (begin, cursor.at);
    }
    return frame_of (NULL, 0);
}
