/*  screen_settings.c - what the config file says, as the full screen takes it   */
#include "screen_settings.h"
#include "memory.h"

void screen_settings_free (screen_settings_t *self)
{
    for (size_t i = 0; i < self->n_words; i++)
        free (self->words[i]);
    free (self->notify);
    *self = (screen_settings_t){.n_words = 0};
}

/*  Take the words of a list. Returns how many.                                 */
static size_t take_words (screen_settings_t *self, const char *list, const char **words)
{
    const char *word;
    size_t size, n = 0;
    while (n < SCREEN_SETTINGS_WORDS_MAX && settings_word (&list, &word, &size)) {
        self->words[self->n_words] = memory_string (word, size);
        words[n++] = self->words[self->n_words++];
    }
    return n;
}

void screen_settings_take (screen_settings_t *self, const settings_t *settings, const char *broker,
                           screen_t *screen, screen_errands_t *errands, paint_t *paint)
{
    notify_rules_t rules = {.highlights = self->highlights, .muted = self->muted};
    const char *notify = settings_value (settings, broker, SETTING_NOTIFY);
    screen_settings_free (self);
    rules.n_highlights =
        take_words (self, settings_value (settings, broker, SETTING_HIGHLIGHT), self->highlights);
    rules.n_muted = take_words (self, settings_value (settings, broker, SETTING_MUTE), self->muted);
    screen_rules (screen, &rules);
    self->notify = memory_string (notify, strlen (notify));
    errands->notify = self->notify;
    errands->silent = !settings_yes (settings, broker, SETTING_BELL);
    (void)!theme_find (settings_value (settings, broker, SETTING_THEME), &paint->theme.kind);
}
