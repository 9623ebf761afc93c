/*  test_theme.c - colours that can be read, and are never all there is        */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "theme.h"
#include <stdio.h>
#include <string.h>

/*  --- contrast, as WCAG 2 computes it --------------------------------------- */

typedef struct {
    int red, green, blue;
} rgb_t;

static double luminance_of (int value)
{
    double part = value / 255.0;
    return part <= 0.03928 ? part / 12.92 : pow ((part + 0.055) / 1.055, 2.4);
}

static double luminance (rgb_t rgb)
{
    return 0.2126 * luminance_of (rgb.red) + 0.7152 * luminance_of (rgb.green) +
           0.0722 * luminance_of (rgb.blue);
}

static double contrast (rgb_t a, rgb_t b)
{
    double one = luminance (a), other = luminance (b);
    return one > other ? (one + 0.05) / (other + 0.05) : (other + 0.05) / (one + 0.05);
}

/*  xterm's colours.                                                           */
static rgb_t rgb_of (int colour)
{
    static const rgb_t first[16] = {{0, 0, 0},       {205, 0, 0},   {0, 205, 0},   {205, 205, 0},
                                    {0, 0, 238},     {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
                                    {127, 127, 127}, {255, 0, 0},   {0, 255, 0},   {255, 255, 0},
                                    {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};
    static const int steps[6] = {0, 95, 135, 175, 215, 255};
    if (colour < 16)
        return first[colour];
    if (colour >= 232)
        return (rgb_t){8 + 10 * (colour - 232), 8 + 10 * (colour - 232), 8 + 10 * (colour - 232)};
    colour -= 16;
    return (rgb_t){steps[colour / 36], steps[colour / 6 % 6], steps[colour % 6]};
}

static const rgb_t dark[] = {{0, 0, 0}, {0x1e, 0x1e, 0x1e}, {0x30, 0x0a, 0x24}, {0, 0x2b, 0x36}},
                   light[] = {{255, 255, 255}, {0xfd, 0xf6, 0xe3}, {0xee, 0xee, 0xee}};

static const int colours[] = {256, 16, 8};

/*  4.5 is what WCAG asks of text. The 16 colours of a terminal are its owner's choice, which goes
    with its background: there xterm's are measured on black and white.        */
static void every_colour_can_be_read (void **state)
{
    for (int kind = THEME_DARK; kind <= THEME_LIGHT; kind++)
        for (size_t i = 0; i < 3; i++)
            for (int style = 0; style < STYLE_COUNT; style++)
                for (unsigned hue = 0; hue < 48; hue++) {
                    theme_t theme = {(theme_kind_t)kind, colours[i]};
                    theme_look_t look = theme_look (&theme, (style_t)style, hue);
                    assert_in_range (look.colour + 1, 0, colours[i]);
                    size_t n = colours[i] < 256 ? 1 : kind == THEME_DARK ? 4 : 3;
                    for (size_t j = 0; look.colour >= 0 && j < n; j++)
                        assert_true (contrast (rgb_of (look.colour),
                                               kind == THEME_DARK ? dark[j] : light[j]) >= 4.5);
                    assert_false (look.dim && look.colour >= 0);
                }
}

/*  Styles that a person has to tell apart differ by attributes too.           */
static void nothing_is_told_by_colour_alone (void **state)
{
    static const style_t pairs[][2] = {{STYLE_TEXT, STYLE_LINK},     {STYLE_TEXT, STYLE_MENTION},
                                       {STYLE_TEXT, STYLE_DIM},      {STYLE_TEXT, STYLE_NOTICE},
                                       {STYLE_NAME, STYLE_OWN},      {STYLE_QUIET, STYLE_UNREAD},
                                       {STYLE_UNREAD, STYLE_URGENT}, {STYLE_QUIET, STYLE_CHOSEN},
                                       {STYLE_NOTICE, STYLE_ERROR},  {STYLE_TEXT, STYLE_BAR}};
    theme_t none = {THEME_DARK, 0};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        theme_look_t a = theme_look (&none, pairs[i][0], 3), b = theme_look (&none, pairs[i][1], 3);
        assert_true (a.colour == -1 && b.colour == -1);
        assert_true (a.bold != b.bold || a.dim != b.dim || a.underlined != b.underlined ||
                     a.reversed != b.reversed);
    }
}

static void names_keep_their_hue (void **state)
{
    /*  Of these very numbers people know each other's colours.                */
    assert_int_equal (theme_hue ("ivan", 4), 2539453533u);
    assert_int_equal (theme_hue ("Ivan", 4), theme_hue ("ivan", 4));
    assert_int_equal (theme_hue ("Ё", 2), theme_hue ("ё", 2));
    assert_int_not_equal (theme_hue ("ivan", 4), theme_hue ("chen", 4));
    (void)theme_hue ("\xff\0\033", 3);
    (void)theme_hue ("", 0);
    /*  A hundred names use all hues, and none of them too often.              */
    theme_t theme = {THEME_DARK, 256};
    int used[256] = {0}, different = 0, most = 0;
    for (int i = 0; i < 320; i++) {
        char name[16];
        snprintf (name, sizeof name, "user%d", i);
        int colour = theme_look (&theme, STYLE_NAME, theme_hue (name, strlen (name))).colour;
        different += used[colour]++ == 0;
        most = used[colour] > most ? used[colour] : most;
    }
    assert_int_equal (different, 16);
    assert_true (most < 40);
}

static void what_the_terminal_has (void **state)
{
    theme_kind_t kind;
    assert_int_equal (theme_colours (256, NULL), 256);
    assert_int_equal (theme_colours (256, ""), 256);
    assert_int_equal (theme_colours (256, "1"), 0);
    assert_int_equal (theme_colours (16777216, NULL), 256);
    assert_int_equal (theme_colours (88, NULL), 16);
    assert_int_equal (theme_colours (8, NULL), 8);
    assert_int_equal (theme_colours (2, NULL), 0);
    assert_int_equal (theme_colours (-1, NULL), 0);
    assert_true (theme_find ("light", &kind) && kind == THEME_LIGHT);
    assert_true (theme_find ("dark", &kind) && kind == THEME_DARK);
    assert_false (theme_find ("Dark", &kind) || theme_find ("", &kind));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_colour_can_be_read),
        cmocka_unit_test (nothing_is_told_by_colour_alone),
        cmocka_unit_test (names_keep_their_hue),
        cmocka_unit_test (what_the_terminal_has),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
