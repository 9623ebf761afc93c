/*  input.c - standard input of a program, as messages                         */
#include "input.h"
#include "i18n.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

enum {
    NOTES_MAX = 3,       /* lines of which input_note tells                    */
    CLUSTER_LOOK = 128,  /* bytes before a cut in which a better place for it is looked for */
    CONTINUE_MASK = 0xC0 /* the bits that mark a byte which continues a character */
};
#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */
#define NUL_PICTURE "\xE2\x90\x80" /* U+2400 */

void input_init (input_t *self, bool lines, bool strict, size_t limit)
{
    *self = (input_t){.lines = lines, .strict = strict, .limit = limit};
}

void input_free (input_t *self)
{
    buffer_free (&self->raw);
    buffer_free (&self->text);
}

void input_add (input_t *self, const char *bytes, size_t size)
{
    if (self->at > 0)
        buffer_drop (&self->raw, self->at);
    self->at = 0;
    buffer_add (&self->raw, bytes, size);
}

void input_end (input_t *self)
{
    self->ended = true;
}

/*  --- mending --------------------------------------------------------------- */

/*  True where the character that begins here may go on in bytes that have not come yet. */
static bool incomplete (const char *bytes, size_t size)
{
    unsigned char lead = (unsigned char)*bytes;
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (size >= want)
        return false;
    for (size_t i = 1; i < size; i++)
        if (((unsigned char)bytes[i] & CONTINUE_MASK) != 0x80)
            return false;
    return true;
}

/*  Take one character of the present line. False where more must come first.  */
static bool take_character (input_t *self)
{
    const char *bytes = self->raw.data + self->at;
    size_t size = self->raw.size - self->at;
    uint32_t codepoint;
    if (*bytes == '\r' && size == 1 && !self->ended)
        return false;
    bool returns = *bytes == '\r' && (size == 1 || bytes[1] == '\n');
    if (returns) {
        self->at++;
        return true;
    }
    if (*bytes == '\n' && self->lines) {
        self->at++;
        self->whole = true;
        return true;
    }
    if (!self->ended && incomplete (bytes, size))
        return false;
    size_t used = text_decode (frame_of (bytes, size), &codepoint);
    if (codepoint == 0) {
        self->nul++;
        buffer_string (&self->text, NUL_PICTURE);
    } else if (codepoint == 0xFFFD && (used != 3 || memcmp (bytes, REPLACEMENT, 3) != 0)) {
        self->bad += used;
        buffer_string (&self->text, REPLACEMENT);
    } else
        buffer_add (&self->text, bytes, used);
    self->at += used;
    return true;
}

/*  Count the bytes of the first message of a text that is over the limit. Characters and their
    marks stay whole.                                                          */
static size_t cut (const char *text, size_t limit)
{
    size_t end = limit;
    while (end > 0 && ((unsigned char)text[end] & CONTINUE_MASK) == 0x80)
        end--;
    size_t from = end > CLUSTER_LOOK ? end - CLUSTER_LOOK : 0;
    while (from > 0 && ((unsigned char)text[from] & CONTINUE_MASK) == 0x80)
        from--;
    uint32_t before = 0, after = 0;
    utf8proc_int32_t state = 0;
    size_t best = end;
    bool first = true;
    for (size_t at = from; at <= end; first = false) {
        size_t used = text_decode (frame_of (text + at, strnlen (text + at, 4)), &after);
        if (!first && utf8proc_grapheme_break_stateful ((utf8proc_int32_t)before,
                                                        (utf8proc_int32_t)after, &state))
            best = at;
        before = after;
        at += used;
    }
    return best > 0 ? best : end;
}

/*  --- lines ----------------------------------------------------------------- */

static void line_done (input_t *self)
{
    bool split = self->pieces > 1;
    self->line++;
    bool mended = (self->bad || self->nul || split) && !self->skips;
    self->n_bad += mended && self->bad > 0;
    self->n_nul += mended && self->nul > 0;
    self->n_split += split;
    self->mended += mended;
    if (mended && self->noted < NOTES_MAX) {
        char bad[64] = "", nul[64] = "", parts[64] = "", place[40] = "";
        if (self->bad)
            snprintf (bad, sizeof bad, _ ("; %" PRIu64 " bytes not UTF-8 became U+FFFD"),
                      self->bad);
        if (self->nul)
            snprintf (nul, sizeof nul, _ ("; %" PRIu64 " NUL became U+2400"), self->nul);
        if (split)
            snprintf (parts, sizeof parts, _ ("; too long, %" PRIu64 " messages"), self->pieces);
        if (self->lines)
            snprintf (place, sizeof place, _ ("line %" PRIu64), self->line);
        else
            snprintf (place, sizeof place, _ ("the message"));
        snprintf (self->note, sizeof self->note, "%s%s%s%s", place, bad, nul, parts);
        self->has_note = true;
        self->noted++;
    }
    self->whole = self->skips = false;
    self->bad = self->nul = self->pieces = 0;
    buffer_clear (&self->text);
}

/*  Give out a whole line where it is, if nothing in it needs mending.         */
static bool plain_line (input_t *self, input_message_t *message)
{
    if (!self->lines || self->text.size > 0 || self->whole || self->pieces || self->skips)
        return false;
    const char *begin = self->raw.data + self->at;
    const char *end = memchr (begin, '\n', self->raw.size - self->at);
    if (!end || end == begin)
        return false;
    size_t size = (size_t)(end - begin) - (end[-1] == '\r');
    if (size == 0 || size > self->limit || !text_valid (frame_of (begin, size)))
        return false;
    *message = (input_message_t){.text = begin, .size = size, .line = self->line + 1};
    self->given = 0;
    return true;
}

static input_turn_t wrong (input_t *self, input_message_t *message, const char *why)
{
    snprintf (self->why, sizeof self->why, "%s", why);
    *message = (input_message_t){.line = self->line + 1, .why = self->why};
    self->skips = true;
    buffer_clear (&self->text);
    return INPUT_WRONG;
}

/*  Give out what is ready of the present line; INPUT_MORE where nothing is.   */
static input_turn_t ready (input_t *self, input_message_t *message)
{
    char why[96];
    size_t size = self->text.size;
    if (!self->lines && !self->whole && size > 0 && self->text.data[size - 1] == '\n')
        size--; /* it may be the newline that ends the message */
    if (self->skips) {
        buffer_clear (&self->text);
        return INPUT_MORE;
    }
    if (self->strict && (self->bad || self->nul))
        return wrong (self, message, _ ("the text is not valid UTF-8, or has a NUL byte in it"));
    if (size > self->limit && (self->strict || !self->lines)) {
        snprintf (why, sizeof why, _ ("the message is over the limit of %zu bytes"), self->limit);
        return wrong (self, message, why);
    }
    if (size == 0 || (size <= self->limit && !self->whole))
        return INPUT_MORE;
    self->given = size > self->limit ? cut (self->text.data, self->limit) : size;
    *message =
        (input_message_t){.text = self->text.data, .size = self->given, .line = self->line + 1};
    return INPUT_MESSAGE;
}

input_turn_t input_next (input_t *self, input_message_t *message)
{
    for (;;) {
        bool left = self->raw.size > self->at;
        if (left && plain_line (self, message))
            return INPUT_MESSAGE;
        bool last = !left && self->ended;
        if (last && !self->lines && self->text.size > 0 && !self->whole &&
            self->text.data[self->text.size - 1] == '\n')
            self->text.size--; /* the newline that ends the message is no part of it */
        self->whole = self->whole || last;
        input_turn_t turn = ready (self, message);
        if (turn != INPUT_MORE)
            return turn;
        if (self->whole) {
            bool nothing = last && !self->bad && !self->pieces && !self->skips;
            if (!nothing)
                line_done (self);
            self->whole = false;
            if (last)
                return INPUT_OVER;
        } else if (!left || !take_character (self))
            return INPUT_MORE;
    }
}

void input_taken (input_t *self)
{
    self->pieces++;
    if (self->given > 0) {
        buffer_drop (&self->text, self->given);
        self->given = 0;
        if (self->whole && self->text.size == 0)
            line_done (self);
        return;
    }
    const char *begin = self->raw.data + self->at;
    self->at += (size_t)((const char *)memchr (begin, '\n', self->raw.size - self->at) - begin) + 1;
    line_done (self);
}

/*  --- what was mended ------------------------------------------------------- */

const char *input_note (input_t *self)
{
    bool has = self->has_note;
    self->has_note = false;
    return has ? self->note : NULL;
}

const char *input_summary (input_t *self)
{
    if (self->mended <= self->noted)
        return NULL;
    snprintf (self->note, sizeof self->note,
              _ ("in all: lines with bytes not UTF-8 %" PRIu64 ", with NUL %" PRIu64
                 ", too long %" PRIu64),
              self->n_bad, self->n_nul, self->n_split);
    return self->note;
}
