/*  flat.c - small JSON objects of simple values, read without a tree          */
#include "flat.h"
#include <string.h>

enum { DIGITS_MAX = 18 /* of which every number is one of 64 bits              */ };

typedef struct {
    const char *at, *end;
} cursor_t;

static void skip_space (cursor_t *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\n' ||
                                        *cursor->at == '\t' || *cursor->at == '\r'))
        cursor->at++;
}

static bool take (cursor_t *cursor, char c)
{
    skip_space (cursor);
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

static bool take_string (cursor_t *cursor, frame_t *string)
{
    if (!take (cursor, '"'))
        return false;
    const char *begin = cursor->at;
    while (cursor->at < cursor->end && *cursor->at >= ' ' && *cursor->at < 0x7F &&
           *cursor->at != '"' && *cursor->at != '\\')
        cursor->at++;
    *string = frame_of (begin, (size_t)(cursor->at - begin));
    if (cursor->at == cursor->end || *cursor->at != '"')
        return false;
    cursor->at++;
    return true;
}

static bool take_number (cursor_t *cursor, uint64_t *number)
{
    const char *begin = cursor->at;
    *number = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9' &&
           cursor->at - begin < DIGITS_MAX)
        *number = *number * 10 + (uint64_t)(*cursor->at++ - '0');
    size_t digits = (size_t)(cursor->at - begin);
    /*  What goes on behind it is found where a comma or the end is looked for. */
    return digits == 1 || (digits > 1 && *begin != '0');
}

static bool take_word (cursor_t *cursor, const char *word)
{
    size_t size = strlen (word);
    if ((size_t)(cursor->end - cursor->at) < size || memcmp (cursor->at, word, size) != 0)
        return false;
    cursor->at += size;
    return true;
}

static bool take_value (cursor_t *cursor, flat_member_t *member)
{
    skip_space (cursor);
    if (cursor->at == cursor->end)
        return false;
    switch (*cursor->at) {
    case '"':
        member->kind = FLAT_STRING;
        return take_string (cursor, &member->string);
    case 't':
        member->kind = FLAT_TRUE;
        return take_word (cursor, "true");
    case 'f':
        member->kind = FLAT_FALSE;
        return take_word (cursor, "false");
    case 'n':
        member->kind = FLAT_NULL;
        return take_word (cursor, "null");
    default:
        member->kind = FLAT_NUMBER;
        return take_number (cursor, &member->number);
    }
}

static const flat_member_t *find (const flat_t *flat, frame_t key)
{
    for (size_t i = 0; i < flat->count; i++)
        if (frame_eq (flat->members[i].key, key))
            return &flat->members[i];
    return NULL;
}

bool flat_read (frame_t text, flat_t *flat)
{
    cursor_t cursor = {text.data, text.size ? (const char *)text.data + text.size : text.data};
    flat->count = 0;
    if (!take (&cursor, '{'))
        return false;
    while (!take (&cursor, '}')) {
        flat_member_t *member = &flat->members[flat->count];
        if (flat->count == FLAT_MEMBERS_MAX || (flat->count && !take (&cursor, ',')))
            return false;
        if (!take_string (&cursor, &member->key) || find (flat, member->key) ||
            !take (&cursor, ':') || !take_value (&cursor, member))
            return false;
        flat->count++;
    }
    skip_space (&cursor);
    return cursor.at == cursor.end;
}

const flat_member_t *flat_find (const flat_t *flat, const char *key)
{
    return find (flat, frame_str (key));
}
