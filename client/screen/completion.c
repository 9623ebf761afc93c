/*  completion.c - what Tab makes of the word before the cursor                */
#include "completion.h"
#include "buffer.h"
#include "commands.h"
#include "emoji.h"
#include "memory.h"
#include "name.h"
#include "text.h"
#include <strings.h>

struct completion {
    char *candidates[COMPLETION_MAX]; /* owned                                 */
    size_t n;
    size_t which;  /* the one that stands in the line; n: what was typed       */
    size_t from;   /* where the word begins                                    */
    char *typed;   /* owned: the word as it was typed; NULL: nothing is completed */
    buffer_t line; /* the line up to the cursor, as completion left it         */
    size_t size;   /* bytes of the whole line then                             */
};

/*  The word that is to be completed.                                          */
typedef struct {
    const char *text;
    size_t size;
    const char *behind; /* what is put behind a candidate                      */
} word_t;

completion_t *completion_new (void)
{
    return memory_zero (sizeof (completion_t));
}

void completion_forget (completion_t *completion)
{
    for (size_t i = 0; i < completion->n; i++)
        free (completion->candidates[i]);
    completion->n = 0;
    free (completion->typed);
    completion->typed = NULL;
}

void completion_destroy (completion_t **completion)
{
    if (!*completion)
        return;
    completion_forget (*completion);
    buffer_free (&(*completion)->line);
    free (*completion);
    *completion = NULL;
}

const char *completion_candidate (const completion_t *completion, size_t which)
{
    return which < completion->n ? completion->candidates[which] : NULL;
}

/*  --- candidates ------------------------------------------------------------ */

/*  Add before + text + behind, unless it is there already.                    */
static void add (completion_t *self, const char *before, const char *text, const char *behind)
{
    if (self->n == COMPLETION_MAX)
        return;
    char *candidate = memory_format ("%s%s%s", before, text, behind);
    for (size_t i = 0; i < self->n; i++)
        if (strcmp (self->candidates[i], candidate) == 0) {
            free (candidate);
            return;
        }
    self->candidates[self->n++] = candidate;
}

/*  Write the fold of what may be the begin of a name. False where it cannot be one. */
static bool fold_begin (const char *text, size_t size, char fold[NAME_KEY_MAX + 1])
{
    if (size > ZCHAT_NAME_MAX)
        return false;
    for (size_t at = 0; at < size;) {
        uint32_t codepoint;
        at += text_decode (frame_of (text + at, size - at), &codepoint);
        if (!name_holds (codepoint))
            return false;
    }
    return name_fold (frame_of (text, size), fold);
}

/*  Add those of the names that begin with the word, in any case.              */
static void add_names (completion_t *self, const char *const *names, size_t n, const char *own,
                       const char *before, const word_t *word)
{
    char begin[NAME_KEY_MAX + 1], fold[NAME_KEY_MAX + 1];
    bool has_own = false;
    if (!fold_begin (word->text, word->size, begin))
        return;
    for (size_t i = 0; i < n; i++) {
        if (own && strcmp (names[i], own) == 0) {
            has_own = true;
            continue;
        }
        if (name_fold (frame_str (names[i]), fold) && strncmp (fold, begin, strlen (begin)) == 0)
            add (self, before, names[i], word->behind);
    }
    if (has_own && name_fold (frame_str (own), fold) && strncmp (fold, begin, strlen (begin)) == 0)
        add (self, before, own, word->behind);
}

static void add_commands (completion_t *self, const completion_sources_t *sources,
                          const word_t *word)
{
    const char *name;
    for (size_t i = 0; (name = command_name (i)); i++)
        if (strncasecmp (name, word->text, word->size) == 0)
            add (self, "/", name, word->behind);
    for (size_t i = 0; i < sources->n_commands; i++)
        if (strncasecmp (sources->commands[i], word->text, word->size) == 0)
            add (self, "/", sources->commands[i], word->behind);
}

/*  Add emoji whose names begin with the word, then those of which a part does. */
static void add_emoji (completion_t *self, const word_t *word)
{
    size_t size = word->size;
    if (size > 0 && word->text[size - 1] == ':') /* ":smile:" is typed whole   */
        size--;
    if (size == 0)
        return;
    for (size_t i = 0; i < emoji_count; i++)
        if (strncasecmp (emoji_table[i].name, word->text, size) == 0)
            add (self, "", emoji_table[i].text, word->behind);
    for (size_t i = 0; i < emoji_count; i++)
        for (const char *part = strchr (emoji_table[i].name, '_'); part; part = strchr (part, '_'))
            if (strncasecmp (++part, word->text, size) == 0) {
                add (self, "", emoji_table[i].text, word->behind);
                break;
            }
}

/*  --- the word -------------------------------------------------------------- */

static bool blank (char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n';
}

/*  True where the line begins with a command whose argument is a room, and the word at `from` is
    it.                                                                        */
static bool wants_room (const char *line, size_t from)
{
    static const char *const commands[] = {"/join", "/part", "/who"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t size = strlen (commands[i]);
        if (from <= size || strncasecmp (line, commands[i], size) != 0)
            continue;
        while (size < from && blank (line[size]))
            size++;
        if (size == from)
            return true;
    }
    return false;
}

static void find_candidates (completion_t *self, const completion_sources_t *sources,
                             const char *line, size_t size, size_t cursor)
{
    const char *text = line + self->from;
    size_t word_size = cursor - self->from;
    /*  There is no second blank where one follows already.                    */
    bool spaced = cursor < size && blank (line[cursor]);
    word_t word = {text, word_size, spaced ? "" : " "};
    word_t rest = {text + 1, word_size - 1, word.behind};
    char first = word_size > 0 ? *text : '\0';
    if (first == '/' && self->from == 0)
        add_commands (self, sources, &rest);
    else if (first == '#')
        add_names (self, sources->rooms, sources->n_rooms, NULL, "#", &rest);
    else if (first == ':')
        add_emoji (self, &rest);
    else if (first == '@')
        add_names (self, sources->names, sources->n_names, sources->own, "@", &rest);
    else if (wants_room (line, self->from))
        add_names (self, sources->rooms, sources->n_rooms, NULL, "", &word);
    else {
        if (self->from == 0)
            word.behind = spaced ? ":" : ": ";
        add_names (self, sources->names, sources->n_names, sources->own, "", &word);
    }
}

/*  True where the line is as the last completion left it.                     */
static bool goes_on (const completion_t *self, const char *line, size_t size, size_t cursor)
{
    return self->typed && size == self->size && cursor == self->line.size &&
           memcmp (line, self->line.data, cursor) == 0;
}

bool completion_tab (completion_t *completion, const completion_sources_t *sources,
                     const char *line, size_t size, size_t cursor, bool back,
                     completion_change_t *change)
{
    if (!goes_on (completion, line, size, cursor)) {
        completion_forget (completion);
        completion->from = cursor;
        while (completion->from > 0 && !blank (line[completion->from - 1]))
            completion->from--;
        find_candidates (completion, sources, line, size, cursor);
        if (completion->n == 0)
            return false;
        completion->typed = memory_string (line + completion->from, cursor - completion->from);
        completion->which = completion->n;
    }
    size_t all = completion->n + 1;
    completion->which = (completion->which + (back ? all - 1 : 1)) % all;
    const char *text = completion->which < completion->n ? completion->candidates[completion->which]
                                                         : completion->typed;
    *change = (completion_change_t){.from = completion->from,
                                    .to = cursor,
                                    .text = text,
                                    .size = strlen (text),
                                    .n = completion->n,
                                    .which = completion->which};
    completion->size = size - (cursor - completion->from) + change->size;
    buffer_clear (&completion->line);
    buffer_add (&completion->line, line, completion->from);
    buffer_string (&completion->line, text);
    return true;
}
