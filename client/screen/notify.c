/*  notify.c - whether somebody is to be called to the screen, and by what     */
#include "notify.h"
#include "highlight.h"
#include "memory.h"
#include "name.h"
#include "text.h"
#include "width.h"
#include "words.h"
#include <inttypes.h>

typedef struct {
    char *conversation; /* owned: a room, or "@" and a person                  */
    uint64_t seq;       /* up to here everything was decided                   */
} seen_t;

struct notify {
    seen_t seen[NOTIFY_KEPT_MAX]; /* the one that was touched last comes last  */
    size_t n;
};

notify_t *notify_new (void)
{
    return memory_zero (sizeof (notify_t));
}

void notify_destroy (notify_t **notify)
{
    if (!*notify)
        return;
    for (size_t i = 0; i < (*notify)->n; i++)
        free ((*notify)->seen[i].conversation);
    free (*notify);
    *notify = NULL;
}

/*  Name the conversation as a person mutes it.                                */
static char *conversation_of (const notify_message_t *message)
{
    return message->room ? memory_format ("%s", message->room)
                         : memory_format ("@%s", message->user ? message->user : "");
}

/*  True where it was decided about this message before; from now on it is.    */
static bool decided (notify_t *self, const char *conversation, uint64_t seq)
{
    size_t at = 0;
    while (at < self->n && strcmp (self->seen[at].conversation, conversation) != 0)
        at++;
    seen_t seen = {NULL, 0};
    if (at < self->n)
        seen = self->seen[at];
    else if (self->n == NOTIFY_KEPT_MAX) {
        free (self->seen[0].conversation);
        at = 0;
    } else
        self->n++;
    memmove (self->seen + at, self->seen + at + 1, (self->n - 1 - at) * sizeof *self->seen);
    if (!seen.conversation)
        seen.conversation = memory_string (conversation, strlen (conversation));
    bool known = seq <= seen.seq;
    if (!known)
        seen.seq = seq;
    self->seen[self->n - 1] = seen;
    return known;
}

/*  True where the person has muted it, however they wrote its name.           */
static bool is_muted (const char *conversation, const notify_rules_t *rules)
{
    char fold[NAME_KEY_MAX + 1], muted[NAME_KEY_MAX + 1];
    bool person = *conversation == '@';
    frame_t name = frame_str (conversation + person);
    if (name_check (name, NULL, NULL) != ZCHAT_OK || !name_fold (name, fold))
        return false;
    for (size_t i = 0; i < rules->n_muted; i++) {
        const char *other = rules->muted[i];
        if ((*other == '@') == person &&
            name_check (frame_str (other + person), NULL, NULL) == ZCHAT_OK &&
            name_fold (frame_str (other + person), muted) && strcmp (fold, muted) == 0)
            return true;
    }
    return false;
}

notify_why_t notify_see (notify_t *notify, const notify_rules_t *rules,
                         const notify_message_t *message)
{
    size_t at, matched;
    char *conversation = conversation_of (message);
    bool known = decided (notify, conversation, message->seq);
    bool muted = is_muted (conversation, rules);
    free (conversation);
    if (known || muted || message->own || message->past || message->looked_at)
        return NOTIFY_NOT;
    if (!message->room)
        return NOTIFY_DIRECT;
    if (message->mentions_me)
        return NOTIFY_MENTION;
    return highlight_find (message->text, message->size, 0, rules->highlights, rules->n_highlights,
                           &at, &matched)
               ? NOTIFY_HIGHLIGHT
               : NOTIFY_NOT;
}

/*  --- what is said ---------------------------------------------------------- */

/*  Cut a text between two characters, and mark that.                          */
static char *cut (char *text)
{
    size_t size = strlen (text), end = 0;
    if (size <= NOTIFY_TEXT_MAX)
        return text;
    for (size_t used = 0; end + used <= NOTIFY_TEXT_MAX - 3;) {
        end += used;
        used = width_cluster (text + end, size - end);
    }
    char *shorter = memory_format ("%.*s\xe2\x80\xa6", (int)end, text);
    free (text);
    return shorter;
}

/*  Make one line of a peer's text, of which no more is looked at than can be shown. */
static char *one_line (const char *text, size_t size)
{
    char *line = memory_string (text, size < 4 * NOTIFY_TEXT_MAX ? size : 4 * NOTIFY_TEXT_MAX);
    size = size < 4 * NOTIFY_TEXT_MAX ? size : 4 * NOTIFY_TEXT_MAX;
    for (size_t at = 0; at < size; at++)
        if (line[at] == '\n' || line[at] == '\t')
            line[at] = ' ';
    char *shown = text_display (frame_of (line, size), TEXT_LINE, NULL);
    free (line);
    return shown;
}

void notify_words (const notify_message_t *message, char **title, char **text)
{
    char *conversation = conversation_of (message);
    char *shown = one_line (conversation, strlen (conversation));
    char *user =
        one_line (message->user ? message->user : "", message->user ? strlen (message->user) : 0);
    char *said = one_line (message->text ? message->text : "", message->text ? message->size : 0);
    *title = cut (memory_format ("zchat: %s", shown));
    /*  A name may begin with "-".                                             */
    *text = cut (memory_format ("%s%s: %s", *user == '-' ? "@" : "", user, said));
    free (conversation);
    free (shown);
    free (user);
    free (said);
}

void notify_title (buffer_t *buffer, uint64_t urgent, uint64_t unread)
{
    buffer_string (buffer, "\033]2;");
    if (urgent > 0)
        buffer_format (buffer, "(%" PRIu64 "!) ", urgent);
    else if (unread > 0)
        buffer_format (buffer, "(%" PRIu64 ") ", unread);
    buffer_string (buffer, "zchat\033\\");
}

void notify_osc (buffer_t *buffer, const char *title, const char *text)
{
    /*  "9;4;..." would be a progress bar to some; a title never begins so.    */
    buffer_format (buffer, "\033]9;%s, %s\033\\", title, text);
}

char **notify_command (const char *command, const char *title, const char *text, const char **why)
{
    char **words = words_split (command, 2, why);
    if (!words)
        return NULL;
    size_t n = words_count (words);
    words[n] = memory_string (title, strlen (title));
    words[n + 1] = memory_string (text, strlen (text));
    return words;
}
