/*  window.c - what is shown of one conversation                                */
#include "window.h"
#include "memory.h"

window_t *window_new (window_kind_t kind, const char *name)
{
    window_t *self = memory_zero (sizeof *self);
    self->kind = kind;
    self->name = memory_string (name, strlen (name));
    self->editor = editor_new ();
    self->speakers = speakers_new ();
    self->messages = messages_new_many (WINDOW_LINES_MAX + WINDOW_LINES_MAX / 4);
    self->live = true;
    return self;
}

static void line_destroy (line_t *line)
{
    free (line->text);
    free (line->mark);
    free (line->why);
    free (line->place);
    noise_destroy (&line->noise);
    free (line);
}

void window_destroy (window_t **window)
{
    window_t *self = *window;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_lines; i++)
        line_destroy (self->lines[i]);
    free (self->lines);
    messages_destroy (&self->messages);
    speakers_destroy (&self->speakers);
    editor_destroy (&self->editor);
    free (self->name);
    free (self->topic);
    free (self->edited);
    free (self);
    *window = NULL;
}

/*  --- lines ------------------------------------------------------------------ */

/*  Find the place behind all lines with a seq up to this one.                  */
static size_t place_behind (const window_t *window, uint64_t seq)
{
    size_t low = 0, high = window->n_lines;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (window->lines[middle]->seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static line_t *insert (window_t *window, size_t at, line_kind_t kind, uint64_t seq)
{
    if (window->n_lines == window->capacity) {
        window->capacity = window->capacity ? 2 * window->capacity : 64;
        window->lines = memory_grow (window->lines, window->capacity * sizeof *window->lines);
    }
    line_t *line = memory_zero (sizeof *line);
    line->kind = kind;
    line->seq = seq;
    memmove (window->lines + at + 1, window->lines + at,
             (window->n_lines - at) * sizeof *window->lines);
    window->lines[at] = line;
    window->n_lines++;
    return line;
}

size_t window_index (const window_t *window, const line_t *line)
{
    size_t i = line && line->seq > 0 ? place_behind (window, line->seq - 1) : 0;
    while (i < window->n_lines && window->lines[i] != line)
        i++;
    return i;
}

static void remove_at (window_t *window, size_t at)
{
    line_t *line = window->lines[at];
    window->n_lines--;
    memmove (window->lines + at, window->lines + at + 1,
             (window->n_lines - at) * sizeof *window->lines);
    /*  The view stays where it was.                                           */
    if (window->bottom == line) {
        window->bottom = at > 0 ? window->lines[at - 1] : window->n_lines ? window->lines[0] : NULL;
        window->bottom_row = at > 0 ? SIZE_MAX : 0;
    }
    line_destroy (line);
}

void window_remove (window_t *window, line_t *line)
{
    size_t at = window_index (window, line);
    if (at < window->n_lines)
        remove_at (window, at);
}

line_t *window_find (const window_t *window, uint64_t seq)
{
    size_t at = seq > 0 && seq < UINT64_MAX ? place_behind (window, seq - 1) : window->n_lines;
    for (; at < window->n_lines && window->lines[at]->seq == seq; at++)
        if (window->lines[at]->numbered)
            return window->lines[at];
    return NULL;
}

const message_t *window_message (const window_t *window, const line_t *line)
{
    return line && line->kind == LINE_MESSAGE ? messages_find (window->messages, line->seq) : NULL;
}

/*  --- what happened ------------------------------------------------------------ */

static void set_text (line_t *line, const char *text, size_t size)
{
    line->size = size < WINDOW_TEXT_MAX ? size : WINDOW_TEXT_MAX;
    free (line->text);
    line->text = memory_string (text, line->size);
}

/*  Find what was typed and is this message: by its seq, or, where the broker's answer is not here
    yet, by its text.                                                           */
static void drop_typed (window_t *window, const zchat_event_t *event)
{
    size_t from = place_behind (window, UINT64_MAX - 1), found = window->n_lines;
    for (size_t i = window->n_lines; i-- > from;) {
        const line_t *line = window->lines[i];
        bool same = line->stored == 0 && !line->why && line->size == event->body_size &&
                    memcmp (line->text, event->body ? event->body : "", line->size) == 0;
        if (line->stored == event->seq || same)
            found = i;
        if (line->stored == event->seq)
            break;
    }
    if (found < window->n_lines)
        remove_at (window, found);
}

static bool is_said (zchat_type_t type)
{
    return type == ZCHAT_TYPE_SAY || type == ZCHAT_TYPE_ACTION || type == ZCHAT_TYPE_TELL ||
           type == ZCHAT_TYPE_TOLD;
}

/*  True where the event has its place in what the window holds. Of a live window all that comes is
    behind it; what comes of a page is before, behind or within.                */
static bool fits (window_t *window, const zchat_event_t *event)
{
    bool live = event->kind == ZCHAT_EVENT_MESSAGE;
    if (live && event->seq > window->newest)
        window->newest = event->seq;
    if (live && !window->live && event->seq > window->high)
        return false;
    if (event->seq == 0)
        return !live || window->live;
    if (window->low == 0 || event->seq < window->low)
        window->low = event->seq;
    if (event->seq > window->high)
        window->high = event->seq;
    return true;
}

static line_t *said (window_t *window, const zchat_event_t *event, const char *mark)
{
    line_t *line = window_find (window, event->seq);
    const message_t *message;
    zchat_event_t taken = *event;
    taken.own = event->own || event->type == ZCHAT_TYPE_TOLD;
    if (taken.own)
        drop_typed (window, event);
    else if (event->user && event->kind == ZCHAT_EVENT_MESSAGE)
        speakers_spoke (window->speakers, event->user);
    (void)messages_apply (window->messages, &taken, &message);
    if (line)
        return line;
    line = insert (window, place_behind (window, event->seq), LINE_MESSAGE, event->seq);
    line->numbered = true;
    line->time_ms = event->time_ms;
    line->mark = mark ? memory_string (mark, strlen (mark)) : NULL;
    return line;
}

/*  Find the line that folds who comes and goes now, or begin one. Of what came while nothing was
    said in between, all is one line.                                           */
static line_t *noise_line (window_t *window, uint64_t time_ms)
{
    size_t at = place_behind (window, UINT64_MAX - 1);
    line_t *line = at > 0 ? window->lines[at - 1] : NULL;
    if (line && line->kind == LINE_NOISE)
        return line;
    line = insert (window, at, LINE_NOISE, line ? line->seq : 0);
    line->noise = noise_new ();
    line->time_ms = time_ms;
    return line;
}

static line_t *came_or_left (window_t *window, const zchat_event_t *event)
{
    bool came = event->type == ZCHAT_TYPE_JOIN;
    const char *name = event->user ? event->user : "";
    (came ? speakers_came : speakers_left) (window->speakers, name);
    window->members += came ? 1 : window->members > 0 ? (uint64_t)-1 : 0;
    if (!window->live)
        return NULL;
    line_t *line = noise_line (window, event->time_ms);
    (came ? noise_came : noise_left) (line->noise, name);
    return line;
}

line_t *window_event (window_t *window, const zchat_event_t *event, const char *mark,
                      const char *text)
{
    const message_t *message;
    line_t *line = NULL;
    if (event->type == ZCHAT_TYPE_JOIN || event->type == ZCHAT_TYPE_LEAVE)
        return came_or_left (window, event);
    if (!fits (window, event)) {
        /*  What became of a message that is held is shown all the same.       */
        if (event->target && window_find (window, event->target))
            (void)messages_apply (window->messages, event, &message);
        return NULL;
    }
    if (is_said (event->type) && event->seq > 0)
        line = said (window, event, mark);
    else {
        (void)messages_apply (window->messages, event, &message);
        line = event->target ? window_find (window, event->target) : NULL;
        if (text && !window_find (window, event->seq)) {
            size_t at = place_behind (window, event->seq ? event->seq : UINT64_MAX - 1);
            line = insert (window, at, LINE_NOTE,
                           event->seq ? event->seq
                           : at       ? window->lines[at - 1]->seq
                                      : 0);
            line->numbered = event->seq > 0;
            line->time_ms = event->time_ms;
            line->style = STYLE_NOTICE;
            set_text (line, text, strlen (text));
        }
    }
    window_bound (window);
    return line && window_index (window, line) < window->n_lines ? line : NULL;
}

line_t *window_note (window_t *window, const char *text, style_t style, uint64_t time_ms)
{
    size_t at = place_behind (window, UINT64_MAX - 1);
    line_t *line = insert (window, at, LINE_NOTE, at > 0 ? window->lines[at - 1]->seq : 0);
    line->time_ms = time_ms;
    line->style = style;
    set_text (line, text, strlen (text));
    window_bound (window);
    return line;
}

line_t *window_typed (window_t *window, uint64_t id, zchat_type_t type, const char *text,
                      size_t size, uint64_t re, uint64_t time_ms)
{
    line_t *line = insert (window, window->n_lines, LINE_TYPED, UINT64_MAX);
    line->id = id;
    line->type = type;
    line->re = re;
    line->time_ms = time_ms;
    /*  All of it is needed: it can be sent again. It is bounded as messages are. */
    line->text = memory_string (text, size);
    line->size = size;
    return line;
}

line_t *window_find_typed (window_t *window, uint64_t id)
{
    for (size_t i = place_behind (window, UINT64_MAX - 1); i < window->n_lines; i++)
        if (window->lines[i]->id == id)
            return window->lines[i];
    return NULL;
}

void window_stored (window_t *window, line_t *line, uint64_t seq)
{
    line->stored = seq;
    /*  It has come already, or comes with the next page.                      */
    if (seq == 0 || !window->live || window_find (window, seq))
        window_remove (window, line);
}

/*  --- numbers -------------------------------------------------------------------- */

const line_t *window_number (const window_t *window, size_t n, uint64_t upto)
{
    size_t at = upto && upto < UINT64_MAX ? place_behind (window, upto) : window->n_lines;
    while (at-- > 0)
        if (window->lines[at]->kind == LINE_MESSAGE && n-- == 1)
            return window->lines[at];
    return NULL;
}

size_t window_number_of (const window_t *window, const line_t *line, uint64_t upto)
{
    size_t at = upto && upto < UINT64_MAX ? place_behind (window, upto) : window->n_lines, n = 0;
    while (at-- > 0) {
        n += window->lines[at]->kind == LINE_MESSAGE;
        if (window->lines[at] == line)
            return line->kind == LINE_MESSAGE ? n : 0;
    }
    return 0;
}

/*  --- which part of the room ---------------------------------------------------- */

void window_empty (window_t *window)
{
    size_t left = 0;
    window->bottom = NULL;
    for (size_t i = 0; i < window->n_lines; i++) {
        line_t *line = window->lines[i];
        if (line->kind == LINE_TYPED)
            window->lines[left++] = line;
        else
            line_destroy (line);
    }
    window->n_lines = left;
    messages_keep (window->messages, 1, 0);
    window->low = window->high = 0;
    window->begins = window->live = false;
}

void window_page (window_t *window, uint64_t lowest, uint64_t highest)
{
    bool before = window->page_before;
    window->paging = false;
    if (before ? lowest <= 1 : window->low == 1)
        window->begins = true;
    /*  Of a person lowest says where the mailbox was read to; nothing of the room is there. */
    if (lowest > 0 && (window->low == 0 || lowest < window->low) && before)
        window->low = lowest;
    if (highest > window->high)
        window->high = highest;
    if (window->page_last && window->kind == WINDOW_PERSON)
        window->live = true;
    else if ((window->page_last || !before) && window->high >= window->newest)
        window->live = true;
    else if (!before && highest == 0) /* nothing is behind it                     */
        window->live = true;
    if (window->newest < window->high)
        window->newest = window->high;
}

static void forget (window_t *window, size_t from, size_t to)
{
    size_t bottom = window->bottom ? window_index (window, window->bottom) : window->n_lines;
    bool lost = bottom >= from && bottom < to;
    for (size_t i = from; i < to; i++)
        line_destroy (window->lines[i]);
    memmove (window->lines + from, window->lines + to,
             (window->n_lines - to) * sizeof *window->lines);
    window->n_lines -= to - from;
    if (lost)
        window->bottom = window->n_lines ? window->lines[from ? from - 1 : 0] : NULL;
}

void window_bound (window_t *window)
{
    if (window->n_lines <= WINDOW_LINES_MAX &&
        messages_bytes (window->messages) <= WINDOW_BYTES_MAX)
        return;
    size_t end = place_behind (window, UINT64_MAX - 1), drop = end / 4;
    size_t bottom = window->bottom ? window_index (window, window->bottom) : end;
    if (drop == 0)
        return;
    if (bottom >= end / 2) {
        uint64_t low = window->lines[drop]->seq;
        forget (window, 0, drop);
        messages_keep (window->messages, low, UINT64_MAX);
        window->low = low;
        window->begins = false;
    } else {
        uint64_t high = window->lines[end - drop - 1]->seq;
        /*  Lines of the same event go together.                               */
        forget (window, end - drop, end);
        messages_keep (window->messages, 0, high);
        window->high = high;
        window->live = false;
    }
}
