/*  theme.h - how things look: colours and attributes

    Pure. Nothing is told by colour alone: where a style matters, an attribute or a sign says it
    too, and with no colours at all (NO_COLOR, or a terminal that has none) attributes remain.
*/
#ifndef ZCHAT_SCREEN_THEME_H
#define ZCHAT_SCREEN_THEME_H

#include "style.h"
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    THEME_DARK,  /* for a dark background                                      */
    THEME_LIGHT, /* for a light one                                            */
} theme_kind_t;

typedef struct {
    theme_kind_t kind;
    int colours; /* 0, 8, 16 or 256: theme_colours                             */
} theme_t;

typedef struct {
    int colour; /* of the text, below theme_t's colours; -1: the terminal's own. The background is
                   always the terminal's own                                   */
    bool bold;
    bool dim;
    bool underlined;
    bool reversed;
} theme_look_t;

/*  Find a theme by its word, "dark" or "light". False: there is no such theme. */
bool theme_find (const char *word, theme_kind_t *kind);

/*  Choose how many colours are used: of those that the terminal has, and none where NO_COLOR
    (NULL: not set) is set and not empty (no-color.org).                       */
int theme_colours (int terminal, const char *no_color);

/*  Return the hue of a name: the same for every way of writing it that counts as the same name, on
    every machine, and in every theme.                                         */
unsigned theme_hue (const char *name, size_t size);

theme_look_t theme_look (const theme_t *theme, style_t style, unsigned hue);

#endif
