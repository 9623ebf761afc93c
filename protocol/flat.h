/*  flat.h - small JSON objects of simple values, read without a tree

    Most JSON that goes over the wire is an object of a few numbers and short words. What is read
   here a parser reads alike, key by key and value by value; all else is left to the parser, whether
   it is right or wrong: strings with escapes or beyond ASCII, numbers with a sign, a point, an
   exponent or more than 18 digits, lists, objects in objects, a key that stands twice.
*/
#ifndef ZCHAT_FLAT_H
#define ZCHAT_FLAT_H

#include "frame.h"
#include <stdbool.h>
#include <stdint.h>

enum { FLAT_MEMBERS_MAX = 12 };

typedef enum { FLAT_STRING, FLAT_NUMBER, FLAT_TRUE, FLAT_FALSE, FLAT_NULL } flat_kind_t;

typedef struct {
    flat_kind_t kind;
    frame_t key;     /* a view of the text, as is the next                     */
    frame_t string;  /* STRING: what stands between the quotes                 */
    uint64_t number; /* NUMBER                                                 */
} flat_member_t;

typedef struct {
    flat_member_t members[FLAT_MEMBERS_MAX]; /* in the order of the text       */
    size_t count;
} flat_t;

/*  Read text. False: it is for a parser.                                      */
bool flat_read (frame_t text, flat_t *flat);

/*  The member of this key; NULL: there is none.                               */
const flat_member_t *flat_find (const flat_t *flat, const char *key);

#endif
