/*  emoji.h - emoji by name                                                    */
#ifndef ZCHAT_SCREEN_EMOJI_H
#define ZCHAT_SCREEN_EMOJI_H

#include <stddef.h>

typedef struct {
    const char *name; /* small letters, digits, "_"; or "+1", "-1"             */
    const char *text; /* UTF-8, fit to be a reaction                           */
} emoji_t;

extern const emoji_t emoji_table[];
extern const size_t emoji_count;

#endif
