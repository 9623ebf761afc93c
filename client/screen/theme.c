/*  theme.c - how things look: colours and attributes

    The palettes are chosen by contrast against usual backgrounds: black to the dark grey, purple
   and blue-green of known terminals, and white to light grey and cream. test_theme.c computes it.
*/
#include "theme.h"
#include "name.h"
#include <string.h>

enum { HUES_MAX = 16, OWN = -1 /* the terminal's own colour of text */ };

/*  The colours of one theme with so many colours.                             */
typedef struct {
    int n;
    short hues[HUES_MAX]; /* of names                                          */
    short faint;          /* times, notices, rulers; OWN: by an attribute      */
    short link;
    short mention;
    short reaction;
    short error;
    short urgent;
} palette_t;

static const palette_t palettes[][3] = {
    [THEME_DARK] =
        {
            {16,
             {203, 215, 221, 227, 191, 155, 83, 85, 87, 75, 111, 147, 141, 177, 207, 204},
             247,
             111,
             221,
             117,
             203,
             221},
            {8, {2, 3, 6, 9, 10, 11, 13, 14}, OWN, 14, 11, 6, 9, 11},
            {3, {2, 3, 6}, OWN, 6, 3, 6, OWN, 3},
        },
    [THEME_LIGHT] =
        {
            {12, {88, 94, 58, 22, 24, 18, 56, 90, 126, 125, 25, 124}, 241, 25, 88, 24, 124, 88},
            {4, {1, 4, 5, 12}, OWN, 4, 1, 5, 1, 1},
            {3, {1, 4, 5}, OWN, 4, 1, 5, 1, 1},
        },
};

bool theme_find (const char *word, theme_kind_t *kind)
{
    if (strcmp (word, "dark") != 0 && strcmp (word, "light") != 0)
        return false;
    *kind = *word == 'd' ? THEME_DARK : THEME_LIGHT;
    return true;
}

int theme_colours (int terminal, const char *no_color)
{
    if ((no_color && *no_color) || terminal < 8)
        return 0;
    return terminal < 16 ? 8 : terminal < 256 ? 16 : 256;
}

unsigned theme_hue (const char *name, size_t size)
{
    char fold[NAME_KEY_MAX + 1];
    unsigned hash = 2166136261u; /* FNV-1a                                     */
    if (size > ZCHAT_NAME_MAX)
        size = ZCHAT_NAME_MAX;
    if (name_check (frame_of (name, size), NULL, NULL) != ZCHAT_OK ||
        !name_fold (frame_of (name, size), fold)) {
        memcpy (fold, name, size);
        fold[size] = '\0';
    }
    for (const char *at = fold; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    return hash ^ hash >> 16; /* what follows takes its remainder              */
}

/*  The attributes say what matters without any colour.                        */
static theme_look_t plain_look (style_t style)
{
    theme_look_t look = {.colour = OWN};
    switch (style) {
    case STYLE_OWN:
    case STYLE_PROMPT:
    case STYLE_UNREAD:
    case STYLE_ERROR:
        look.bold = true;
        break;
    case STYLE_MENTION:
    case STYLE_URGENT:
        look.bold = look.underlined = true;
        break;
    case STYLE_LINK:
        look.underlined = true;
        break;
    case STYLE_BAR:
    case STYLE_CHOSEN:
        look.reversed = true;
        break;
    case STYLE_TIME:
    case STYLE_DIM:
    case STYLE_QUOTE:
    case STYLE_NOTICE:
    case STYLE_RULER:
        look.dim = true;
        break;
    case STYLE_TEXT:
    case STYLE_NAME:
    case STYLE_REACTION:
    case STYLE_QUIET:
    case STYLE_COUNT:
        break;
    }
    return look;
}

theme_look_t theme_look (const theme_t *theme, style_t style, unsigned hue)
{
    theme_look_t look = plain_look (style);
    if (theme->colours == 0)
        return look;
    const palette_t *palette = &palettes[theme->kind][theme->colours == 256  ? 0
                                                      : theme->colours == 16 ? 1
                                                                             : 2];
    /*  Grey that is dimmed as well could not be read.                         */
    if (look.dim && palette->faint != OWN) {
        look.dim = false;
        look.colour = palette->faint;
    }
    if (style == STYLE_NAME)
        look.colour = palette->hues[hue % (unsigned)palette->n];
    else if (style == STYLE_LINK)
        look.colour = palette->link;
    else if (style == STYLE_MENTION)
        look.colour = palette->mention;
    else if (style == STYLE_REACTION)
        look.colour = palette->reaction;
    else if (style == STYLE_ERROR)
        look.colour = palette->error;
    else if (style == STYLE_URGENT)
        look.colour = palette->urgent;
    return look;
}
