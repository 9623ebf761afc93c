/*  theme.c - how things look: colours and attributes                          */
#include "theme.h"
#include <string.h>

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
    unsigned hash = 2166136261u;
    for (size_t at = 0; at < size; at++)
        hash = (hash ^ (unsigned char)name[at]) * 16777619u;
    return hash;
}

theme_look_t theme_look (const theme_t *theme, style_t style, unsigned hue)
{
    return (theme_look_t){.colour = -1, .bold = style == STYLE_MENTION};
}
