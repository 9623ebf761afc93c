/*  screen_settings.h - what the config file says, as the full screen takes it   */
#ifndef ZCHAT_CLI_SCREEN_SETTINGS_H
#define ZCHAT_CLI_SCREEN_SETTINGS_H

#include "paint.h"
#include "screen.h"
#include "screen_errands.h"
#include "settings.h"

enum { SCREEN_SETTINGS_WORDS_MAX = 64 /* words of a list that are taken          */ };

/*  Of zeroes at first. It owns what the screen and the errands borrow.         */
typedef struct {
    char *words[2 * SCREEN_SETTINGS_WORDS_MAX];
    size_t n_words;
    const char *highlights[SCREEN_SETTINGS_WORDS_MAX];
    const char *muted[SCREEN_SETTINGS_WORDS_MAX];
    char *notify;
} screen_settings_t;

/*  Take what holds for a broker (NULL: it has no name). settings may be NULL.  */
void screen_settings_take (screen_settings_t *self, const settings_t *settings, const char *broker,
                           screen_t *screen, screen_errands_t *errands, paint_t *paint);

void screen_settings_free (screen_settings_t *self);

#endif
