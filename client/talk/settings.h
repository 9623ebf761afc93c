/*  settings.h - what the config file says, and how it is changed

    The file is of the same form as the broker's (ZPL): lines like  nick = "maria"  or
    nick = maria; # begins a remark. @NAME = ADDRESS names a broker, and indented lines behind it
    hold for that broker alone. What this module says of a mistake names the line. Pure:
    settings_file.h has the file.

    A list is words with blanks or commas between them. Strings are valid until the settings are
    changed or destroyed.
*/
#ifndef ZCHAT_TALK_SETTINGS_H
#define ZCHAT_TALK_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zchat/status.h>

typedef struct settings settings_t;

typedef enum {
    SETTING_BROKER,    /* which broker, where nothing else says it: @NAME or an endpoint */
    SETTING_NICK,      /* a name                                               */
    SETTING_AUTOJOIN,  /* rooms to enter, a list                               */
    SETTING_HIGHLIGHT, /* words that are as good as one's name, a list         */
    SETTING_MUTE,      /* rooms and people that notify nobody, a list          */
    SETTING_BELL,      /* yes or no                                            */
    SETTING_NOTIFY,    /* a command with its arguments, run at a mention; ""   */
    SETTING_THEME,     /* dark or light                                        */
    SETTING_PLAIN,     /* yes or no: nothing is drawn anew                     */
    SETTING_COUNT,
} setting_t;

/*  Read a file's text. ZCHAT_OK and *settings; ZCHAT_INVALID with *line (from 1) and *why, which
    the caller frees. size is at most ZCHAT_SETTINGS_FILE_MAX.                       */
zchat_status_t settings_read (const char *text, size_t size, settings_t **settings, size_t *line,
                              char **why) ZCHAT_CHECKED;
void settings_destroy (settings_t **settings);

/*  Return the word of a setting, such as "nick"; what it means, a sentence without its end; and
    what holds where nothing is said, which may be "". Static.                 */
const char *settings_name (setting_t setting);
const char *settings_about (setting_t setting);
const char *settings_default (setting_t setting);

/*  Find the setting of that name; false: there is none.                       */
bool settings_find (const char *name, size_t size, setting_t *setting);

/*  Return the value of a setting: as the file says, first for that broker (NULL: for none), else
    for all; else NULL. *line, which may be NULL: where it stands. settings may be NULL. */
const char *settings_get (const settings_t *settings, const char *broker, setting_t setting,
                          size_t *line);

/*  Return the value, or the default; never NULL. And the same of yes or no.   */
const char *settings_value (const settings_t *settings, const char *broker, setting_t setting);
bool settings_yes (const settings_t *settings, const char *broker, setting_t setting);

/*  Return the address of a broker, such as "lab" without the @; NULL: there is none. */
const char *settings_broker (const settings_t *settings, const char *name, size_t *line);

/*  Return the name of the broker at index; NULL behind the last.              */
const char *settings_broker_at (const settings_t *settings, size_t index);

/*  Walk a list: take its next word. *at is the rest of the value. False at its end. */
bool settings_word (const char **at, const char **word, size_t *size);

/*  True where the word is in the list, in any case (ASCII).                   */
bool settings_has (const char *list, const char *word);

/*  Say what is wrong with a value; NULL: nothing. The caller frees it.        */
char *settings_wrong (setting_t setting, const char *value);

/*  Change a setting that holds for all brokers, in a file's text; value NULL: take its line out.
    Everything else stays as it is, remarks and order too. value is one for which settings_wrong
    returned NULL. Returns the new text, which the caller frees; NULL: it cannot be written down. */
char *settings_edit (const char *text, size_t size, setting_t setting, const char *value);

#endif
