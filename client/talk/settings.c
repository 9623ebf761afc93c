/*  settings.c - what the config file says                                     */
#include "settings.h"
#include "i18n.h"
#include "memory.h"
#include "name.h"
#include "text.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zchat/limits.h>

typedef struct {
    char *value; /* owned; NULL: it is not set                                 */
    size_t line;
} entry_t;

/*  A broker, or, at index 0, what holds for all.                              */
typedef struct {
    char *name;    /* owned; NULL at index 0                                   */
    char *address; /* owned                                                    */
    size_t line;
    entry_t entries[SETTING_COUNT];
} section_t;

struct settings {
    section_t sections[1 + ZCHAT_SETTINGS_BROKERS_MAX];
    size_t n_sections; /* 1 at least                                           */
};

typedef enum { KIND_TEXT, KIND_NAME, KIND_ROOMS, KIND_LIST, KIND_YES, KIND_THEME } kind_t;

static const struct {
    const char *name, *standard, *about;
    kind_t kind;
    bool of_broker; /* it may stand under a broker                             */
} table[SETTING_COUNT] = {
    [SETTING_BROKER] = {"broker", "",
                        N_ ("which broker, where nothing else says it: @NAME or ENDPOINT"),
                        KIND_TEXT, false},
    [SETTING_NICK] = {"nick", "", N_ ("your name"), KIND_NAME, true},
    [SETTING_AUTOJOIN] = {"autojoin", "lobby", N_ ("rooms to enter, where none is given"),
                          KIND_ROOMS, true},
    [SETTING_HIGHLIGHT] = {"highlight", "", N_ ("words that count as a mention of you"), KIND_LIST,
                           true},
    [SETTING_MUTE] = {"mute", "", N_ ("rooms and people of which nothing is notified"), KIND_LIST,
                      true},
    [SETTING_BELL] = {"bell", "yes", N_ ("ring the terminal's bell at a mention"), KIND_YES, true},
    [SETTING_NOTIFY] = {"notify", "",
                        N_ ("a command to run at a mention, with its arguments, without a shell"),
                        KIND_TEXT, true},
    [SETTING_THEME] = {"theme", "dark", N_ ("colors for a dark or a light background"), KIND_THEME,
                       false},
    [SETTING_PLAIN] = {"plain", "no", N_ ("draw nothing anew, as --plain does"), KIND_YES, false},
};

/*  --- what there is ------------------------------------------------------------ */

const char *settings_name (setting_t setting)
{
    return table[setting].name;
}

const char *settings_about (setting_t setting)
{
    return _ (table[setting].about);
}

const char *settings_default (setting_t setting)
{
    return table[setting].standard;
}

bool settings_find (const char *name, size_t size, setting_t *setting)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (strlen (table[i].name) == size && strncasecmp (table[i].name, name, size) == 0) {
            *setting = (setting_t)i;
            return true;
        }
    return false;
}

bool settings_word (const char **at, const char **word, size_t *size)
{
    *word = *at + strspn (*at, " \t,");
    *size = strcspn (*word, " \t,");
    *at = *word + *size;
    return *size > 0;
}

bool settings_has (const char *list, const char *word)
{
    const char *one;
    size_t size;
    while (settings_word (&list, &one, &size))
        if (strlen (word) == size && strncasecmp (one, word, size) == 0)
            return true;
    return false;
}

static char *names_wrong (const char *value, size_t max)
{
    const char *at = value, *word, *why = NULL;
    size_t size, count = 0;
    while (settings_word (&at, &word, &size)) {
        if (name_check (frame_of (word, size), NULL, &why) != ZCHAT_OK)
            return memory_format (_ ("the name '%.*s' is not allowed: %s"),
                                  size > 150 ? 150 : (int)size, word, why);
        if (++count > max)
            return memory_format (_ ("%zu at most"), max);
    }
    return count ? NULL : memory_format (_ ("a name is missing"));
}

char *settings_wrong (setting_t setting, const char *value)
{
    frame_t text = frame_str (value);
    if (text.size > ZCHAT_SETTINGS_LINE_MAX - 64)
        return memory_format (_ ("it is too long"));
    if (!text_valid (text))
        return memory_format (_ ("it is not valid UTF-8"));
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)value[i] < ' ' && value[i] != '\t')
            return memory_format (_ ("it holds control characters"));
    switch (table[setting].kind) {
    case KIND_NAME:
        return names_wrong (value, 1);
    case KIND_ROOMS:
        return names_wrong (value, ZCHAT_SESSION_ROOMS_MAX);
    case KIND_YES:
        return strcmp (value, "yes") == 0 || strcmp (value, "no") == 0
                   ? NULL
                   : memory_format (_ ("it is yes or no"));
    case KIND_THEME:
        return strcmp (value, "dark") == 0 || strcmp (value, "light") == 0
                   ? NULL
                   : memory_format (_ ("it is dark or light"));
    case KIND_TEXT:
    case KIND_LIST:
        break;
    }
    return NULL;
}

/*  --- lines ---------------------------------------------------------------------- */

/*  A line of the file, taken apart. Offsets count from its begin.             */
typedef struct {
    bool indented;
    const char *name;
    size_t name_size; /* 0: nothing but blanks and a remark                    */
    const char *value;
    size_t value_size;
    const char *wrong; /* NULL, or what is wrong with it; static               */
    size_t value_at;   /* where the value with its quotes begins, and ends     */
    size_t value_end;
} line_t;

static bool blank (char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool of_name (char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || strchr ("-_@.", byte);
}

/*  Take the value apart: in quotes it goes to the closing one, else to a remark or the end. */
static void value_take (const char *text, size_t size, size_t at, line_t *line)
{
    size_t end = at;
    char quote = at < size && (text[at] == '"' || text[at] == '\'') ? text[at] : 0;
    line->value_at = at;
    if (quote) {
        for (end = at + 1; end < size && text[end] != quote;)
            end++;
        line->value = text + at + 1;
        line->value_size = end - at - 1;
        if (end == size)
            line->wrong = _ ("the closing quotation mark is missing");
        else
            end++;
        line->value_end = end;
        while (end < size && blank (text[end]))
            end++;
        if (end < size && text[end] != '#')
            line->wrong = _ ("something stands behind the closing quotation mark");
        return;
    }
    while (end < size && text[end] != '#')
        end++;
    while (end > at && blank (text[end - 1]))
        end--;
    line->value = text + at;
    line->value_size = end - at;
    line->value_end = end;
}

static line_t line_read (const char *text, size_t size)
{
    line_t line = {.name = text};
    size_t at = 0;
    while (at < size && blank (text[at]))
        at++;
    line.indented = at > 0;
    if (at == size || text[at] == '#')
        return line;
    line.name = text + at;
    while (at < size && text[at] && of_name (text[at]))
        at++;
    line.name_size = (size_t)(text + at - line.name);
    while (at < size && blank (text[at]))
        at++;
    if (line.name_size == 0 || at == size || text[at] != '=') {
        line.name_size = line.name_size ? line.name_size : 1;
        line.wrong = _ ("a line reads NAME = VALUE, or begins with #");
        return line;
    }
    at++;
    while (at < size && blank (text[at]))
        at++;
    value_take (text, size, at, &line);
    return line;
}

/*  Take the next line of a text, without its end. False where there is none.  */
static bool line_next (const char *text, size_t size, size_t *at, const char **line,
                       size_t *line_size)
{
    if (*at >= size)
        return false;
    const char *end = memchr (text + *at, '\n', size - *at);
    *line = text + *at;
    *line_size = end ? (size_t)(end - *line) : size - *at;
    *at += *line_size + (end != NULL);
    return true;
}

/*  Count the bytes of a byte-order mark at the begin.                         */
static size_t mark_size (const char *text, size_t size)
{
    return size >= 3 && memcmp (text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/*  --- reading ---------------------------------------------------------------------- */

static section_t *section_find (const settings_t *settings, const char *name)
{
    for (size_t i = 1; settings && name && i < settings->n_sections; i++)
        if (strcasecmp (settings->sections[i].name, name) == 0)
            return (section_t *)&settings->sections[i];
    return NULL;
}

static char *broker_take (settings_t *self, const line_t *line, size_t number)
{
    char *name = memory_string (line->name + 1, line->name_size - 1);
    char *wrong = NULL;
    if (!*name || strchr (name, '@') || strlen (name) > ZCHAT_NAME_MAX_CODEPOINTS)
        wrong = memory_format (_ ("a broker is named @NAME, of letters, digits and - _ ."));
    else if (section_find (self, name))
        wrong = memory_format (_ ("@%s is named twice"), name);
    else if (self->n_sections == 1 + ZCHAT_SETTINGS_BROKERS_MAX)
        wrong = memory_format (_ ("there are more than %d brokers"), ZCHAT_SETTINGS_BROKERS_MAX);
    else if (line->value_size == 0)
        wrong = memory_format (_ ("the address of @%s is missing: @%s = zchat://HOST:PORT/KEY"),
                               name, name);
    if (wrong) {
        free (name);
        return wrong;
    }
    self->sections[self->n_sections++] = (section_t){
        .name = name, .address = memory_string (line->value, line->value_size), .line = number};
    return NULL;
}

static char *line_take (settings_t *self, const line_t *line, size_t number)
{
    setting_t setting;
    if (line->wrong)
        return memory_string (line->wrong, strlen (line->wrong));
    if (*line->name == '@')
        return line->indented ? memory_format (_ ("a broker's line is not indented"))
                              : broker_take (self, line, number);
    if (!settings_find (line->name, line->name_size, &setting))
        return memory_format (_ ("there is no setting '%.*s'; /set and zchat config list them"),
                              line->name_size > 60 ? 60 : (int)line->name_size, line->name);
    bool below = line->indented && self->n_sections > 1;
    section_t *section = &self->sections[below ? self->n_sections - 1 : 0];
    entry_t *entry = &section->entries[setting];
    if (below && !table[setting].of_broker)
        return memory_format (_ ("%s holds for all brokers; do not indent it"),
                              table[setting].name);
    if (entry->value)
        return memory_format (_ ("%s is set twice: in line %zu, too"), table[setting].name,
                              entry->line);
    char *value = memory_string (line->value, line->value_size);
    char *why = *value ? settings_wrong (setting, value) : NULL;
    if (why) {
        char *whole = memory_format ("%s = %.100s: %s", table[setting].name, value, why);
        free (why);
        free (value);
        return whole;
    }
    *entry = (entry_t){.value = value, .line = number};
    return NULL;
}

zchat_status_t settings_read (const char *text, size_t size, settings_t **settings, size_t *line,
                              char **why)
{
    settings_t *self = memory_zero (sizeof *self);
    size_t at = mark_size (text, size), number = 0, line_size;
    const char *begin;
    self->n_sections = 1;
    *why = NULL;
    while (!*why && line_next (text, size, &at, &begin, &line_size)) {
        number++;
        if (line_size > ZCHAT_SETTINGS_LINE_MAX)
            *why = memory_format (_ ("the line is longer than %d bytes"), ZCHAT_SETTINGS_LINE_MAX);
        else if (memchr (begin, 0, line_size) || !text_valid (frame_of (begin, line_size)))
            *why = memory_format (_ ("it is not valid UTF-8"));
        else {
            line_t parts = line_read (begin, line_size);
            if (parts.name_size > 0)
                *why = line_take (self, &parts, number);
        }
    }
    if (*why) {
        *line = number;
        settings_destroy (&self);
        return ZCHAT_INVALID;
    }
    *settings = self;
    return ZCHAT_OK;
}

void settings_destroy (settings_t **settings)
{
    settings_t *self = *settings;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_sections; i++) {
        free (self->sections[i].name);
        free (self->sections[i].address);
        for (size_t k = 0; k < SETTING_COUNT; k++)
            free (self->sections[i].entries[k].value);
    }
    free (self);
    *settings = NULL;
}

/*  --- asking ------------------------------------------------------------------------ */

const char *settings_get (const settings_t *settings, const char *broker, setting_t setting,
                          size_t *line)
{
    const section_t *section = section_find (settings, broker);
    if (!settings)
        return NULL;
    if (!section || !section->entries[setting].value)
        section = &settings->sections[0];
    const entry_t *entry = &section->entries[setting];
    if (line && entry->value)
        *line = entry->line;
    return entry->value && *entry->value ? entry->value : NULL;
}

const char *settings_value (const settings_t *settings, const char *broker, setting_t setting)
{
    const char *value = settings_get (settings, broker, setting, NULL);
    return value ? value : table[setting].standard;
}

bool settings_yes (const settings_t *settings, const char *broker, setting_t setting)
{
    return strcmp (settings_value (settings, broker, setting), "yes") == 0;
}

const char *settings_broker (const settings_t *settings, const char *name, size_t *line)
{
    const section_t *section = section_find (settings, name);
    if (section && line)
        *line = section->line;
    return section ? section->address : NULL;
}

const char *settings_broker_at (const settings_t *settings, size_t index)
{
    return settings && index + 1 < settings->n_sections ? settings->sections[index + 1].name : NULL;
}

/*  --- changing ---------------------------------------------------------------------- */

/*  Write a value as it stands in a file: in quotes where it would be read otherwise. NULL: it
    cannot be written down.                                                    */
static char *value_write (const char *value)
{
    size_t size = strlen (value);
    bool bare = size > 0 && !strpbrk (value, "#\"'") && !blank (*value) && !blank (value[size - 1]);
    if (bare)
        return memory_string (value, size);
    if (!strchr (value, '"'))
        return memory_format ("\"%s\"", value);
    return strchr (value, '\'') ? NULL : memory_format ("'%s'", value);
}

char *settings_edit (const char *text, size_t size, setting_t setting, const char *value)
{
    size_t at = mark_size (text, size), line_size, sections = 1;
    char *written = value ? value_write (value) : NULL, *result = NULL;
    const char *line;
    if (value && !written)
        return NULL;
    while (!result && line_next (text, size, &at, &line, &line_size)) {
        line_t parts = line_read (line, line_size);
        setting_t found;
        sections += parts.name_size > 0 && *parts.name == '@';
        bool top = !parts.indented || sections == 1;
        if (parts.name_size == 0 || parts.wrong || !top ||
            !settings_find (parts.name, parts.name_size, &found) || found != setting)
            continue;
        size_t before = (size_t)(line - text);
        if (written)
            result = memory_format ("%.*s%s%.*s", (int)(before + parts.value_at), text, written,
                                    (int)(size - before - parts.value_end), line + parts.value_end);
        else
            result = memory_format ("%.*s%.*s", (int)before, text, (int)(size - at), text + at);
    }
    if (!result) {
        bool ended = size == 0 || text[size - 1] == '\n';
        result = written ? memory_format ("%.*s%s%s = %s\n", (int)size, text, ended ? "" : "\n",
                                          table[setting].name, written)
                         : memory_string (text, size);
    }
    free (written);
    return result;
}
