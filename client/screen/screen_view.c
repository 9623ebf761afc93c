/*  screen_view.c - which rows of a window are in sight                          */
#include "memory.h"
#include "screen_private.h"
#include <time.h>

/*  --- one line as rows ------------------------------------------------------------ */

static int day_of (uint64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    return time_ms > 0 && localtime_r (&seconds, &parts) ? parts.tm_year * 366 + parts.tm_yday : -1;
}

bool screen_new_day (const screen_t *screen, size_t index)
{
    const window_t *window = screen->shown;
    int day = day_of (window->lines[index]->time_ms);
    if (day < 0 || window->kind == WINDOW_FOUND || window->kind == WINDOW_HOME)
        return false;
    for (size_t i = index; i-- > 0;) {
        int before = day_of (window->lines[i]->time_ms);
        if (before >= 0)
            return before != day;
    }
    return true;
}

void screen_find_ruler (screen_t *screen)
{
    const window_t *window = screen->shown;
    screen->ruler_line = NULL;
    screen->ruler_count = 0;
    for (size_t i = window->ruler ? window->n_lines : 0; i-- > 0;) {
        const line_t *line = window->lines[i];
        if (line->numbered && line->seq <= window->ruler)
            break;
        if (line->kind != LINE_MESSAGE || line->seq > window->ruler_to)
            continue;
        const message_t *message = window_message (window, line);
        if (message && !message->own) {
            screen->ruler_line = line;
            screen->ruler_count++;
        }
    }
}

enum { MENTIONS_MAX = 32 /* words that are looked for in a text             */ };

/*  What a line is made of, while it is laid out.                               */
typedef struct {
    paragraph_source_t source;
    buffer_t text, state, quote, reactions;
    char time[16];
    const char *mentions[MENTIONS_MAX];
} parts_t;

static void add_time (screen_t *screen, const line_t *line, parts_t *parts)
{
    time_t seconds = (time_t)(line->time_ms / 1000);
    struct tm when;
    size_t number = screen_points (screen) && line->kind == LINE_MESSAGE
                        ? window_number_of (screen->shown, line, screen->upto)
                        : 0;
    if (number > 0 && number < 100000)
        snprintf (parts->time, sizeof parts->time, "%5zu", number);
    else if (line->time_ms == 0 || !localtime_r (&seconds, &when) ||
             strftime (parts->time, sizeof parts->time, "%H:%M", &when) == 0)
        snprintf (parts->time, sizeof parts->time, "     ");
    parts->source.time = screen->columns < 30 ? NULL : parts->time;
}

static void add_state (parts_t *parts, const char *text)
{
    buffer_format (&parts->state, "%s(%s)", parts->state.size > 0 ? " " : "", text);
}

static void add_name (parts_t *parts, const char *name, bool own)
{
    parts->source.name = name;
    parts->source.name_size = strlen (name);
    parts->source.name_style = own ? STYLE_OWN : STYLE_NAME;
    parts->source.hue = theme_hue (name, strlen (name));
}

static void set_text (parts_t *parts, const char *text, size_t size, style_t style)
{
    parts->source.text = text;
    parts->source.size = size;
    parts->source.style = style;
}

/*  Say what a message answers: who said it, and how it begins.                 */
static void add_quote (screen_t *screen, parts_t *parts, uint64_t re)
{
    const window_t *window = screen->shown;
    const message_t *message = window->kind == WINDOW_PERSON ? messages_told (window->messages, re)
                                                             : messages_find (window->messages, re);
    if (message) {
        const char *who = message->type == ZCHAT_TYPE_TOLD ? screen->own : message->user;
        buffer_format (&parts->quote, "re %s: ", who);
        buffer_add (&parts->quote, message->text, message->size < 200 ? message->size : 200);
    } else if (window->kind == WINDOW_PERSON)
        buffer_string (&parts->quote, "re an earlier message");
    else
        buffer_format (&parts->quote, "re #%llu", (unsigned long long)re);
    parts->source.quote = parts->quote.data;
    parts->source.quote_size = parts->quote.size;
}

static void add_reactions (parts_t *parts, const message_t *message)
{
    for (size_t i = 0; i < message->n_reactions; i++) {
        const message_reaction_t *one = &message->reactions[i];
        buffer_format (&parts->reactions, "%s%s", i > 0 ? " " : "", one->text);
        if (one->count > 1)
            buffer_format (&parts->reactions, " x%llu", (unsigned long long)one->count);
    }
    parts->source.reactions = parts->reactions.data;
    parts->source.reactions_size = parts->reactions.size;
}

/*  A mark that is not what is to be expected of a private talk.                */
static bool strange_mark (const char *mark)
{
    return mark && strcmp (mark, "sealed") != 0 && strcmp (mark, "sealed, verified") != 0 &&
           strcmp (mark, "not sealed") != 0;
}

static void add_message (screen_t *screen, const line_t *line, parts_t *parts)
{
    const message_t *message = window_message (screen->shown, line);
    if (!message)
        return;
    bool action = message->type == ZCHAT_TYPE_ACTION;
    bool told = message->type == ZCHAT_TYPE_TOLD;
    const char *user = told ? screen->own : *message->user ? message->user : "guest";
    if (message->removed) {
        add_name (parts, user, message->own);
        set_text (parts, "(removed)", strlen ("(removed)"), STYLE_DIM);
        return;
    }
    if (action) {
        buffer_format (&parts->text, "%s ", user);
        buffer_add (&parts->text, message->text, message->size);
        parts->source.name = "*";
        parts->source.name_size = 1;
        parts->source.name_style = STYLE_NOTICE;
        set_text (parts, parts->text.data, parts->text.size, STYLE_TEXT);
    } else {
        add_name (parts, user, message->own || told);
        set_text (parts, message->text, message->size, STYLE_TEXT);
    }
    parts->mentions[0] = screen->own;
    parts->source.mentions = parts->mentions;
    parts->source.n_mentions = 1;
    for (size_t i = 0; i < screen->rules.n_highlights && parts->source.n_mentions < MENTIONS_MAX;
         i++)
        parts->mentions[parts->source.n_mentions++] = screen->rules.highlights[i];
    if (message->edited)
        add_state (parts, "edited");
    if (strange_mark (line->mark))
        add_state (parts, line->mark);
    if (message->mentions_me && !message->own)
        buffer_format (&parts->state, "%s<- mention", parts->state.size > 0 ? " " : "");
    if (message->re)
        add_quote (screen, parts, message->re);
    add_reactions (parts, message);
}

static void add_typed (screen_t *screen, const line_t *line, parts_t *parts)
{
    add_name (parts, screen->own, true);
    set_text (parts, line->text, line->size, STYLE_DIM);
    if (line->why) {
        char *state = memory_format ("%s: %s; /retry",
                                     line->unknown ? "perhaps not sent" : "failed", line->why);
        char *shown = zchat_text_display (state, strlen (state), false);
        add_state (parts, shown);
        free (shown);
        free (state);
    } else if (!line->stored)
        add_state (parts, "sending");
    else
        parts->source.style = STYLE_TEXT;
    if (line->re)
        add_quote (screen, parts, line->re);
}

static void add_note (const line_t *line, parts_t *parts)
{
    const char *text = line->kind == LINE_NOISE ? noise_text (line->noise) : line->text;
    parts->source.name = line->kind == LINE_NOISE ? "-->" : "--";
    if (line->kind == LINE_FOUND || line->wide)
        parts->source.name = NULL;
    if (line->wide)
        parts->source.time = NULL;
    parts->source.name_size = parts->source.name ? strlen (parts->source.name) : 0;
    parts->source.name_style = STYLE_NOTICE;
    set_text (parts, text, strlen (text),
              line->kind == LINE_NOTE    ? line->style
              : line->kind == LINE_FOUND ? STYLE_TEXT
                                         : STYLE_NOTICE);
}

static int name_columns (const screen_t *screen)
{
    int wanted = screen->pane.columns / 8;
    return wanted < 4 ? 4 : wanted > 12 ? 12 : wanted;
}

size_t screen_lay (screen_t *screen, size_t index, size_t *rulers)
{
    const line_t *line = screen->shown->lines[index];
    parts_t parts = {.source = {.open = line->open}};
    *rulers = (size_t)screen_new_day (screen, index) + (line == screen->ruler_line);
    if (line->kind == LINE_NOISE && noise_empty (line->noise)) {
        *rulers = 0; /* whoever came has left again                             */
        return 0;
    }
    add_time (screen, line, &parts);
    if (line->kind == LINE_MESSAGE)
        add_message (screen, line, &parts);
    else if (line->kind == LINE_TYPED)
        add_typed (screen, line, &parts);
    else
        add_note (line, &parts);
    parts.source.state = parts.state.data;
    paragraph_place_t place = {.columns = screen->pane.columns,
                               .left = screen->pane.left,
                               .name_columns = name_columns (screen),
                               .fold_rows = screen->bare ? 0 : FOLD_ROWS};
    size_t rows = paragraph_lay (screen->paragraph, &parts.source, &place);
    buffer_free (&parts.text);
    buffer_free (&parts.state);
    buffer_free (&parts.quote);
    buffer_free (&parts.reactions);
    return *rulers + rows;
}

/*  --- the place --------------------------------------------------------------------- */

static size_t rows_of (screen_t *screen, size_t index)
{
    size_t rulers;
    return screen_lay (screen, index, &rulers);
}

/*  Go so many rows up, or as far as there are rows. Returns how many it was.   */
static size_t go_up (screen_t *screen, size_t *index, size_t *row, size_t rows)
{
    size_t done = 0;
    while (done < rows) {
        if (*row > 0) {
            size_t step = rows - done < *row ? rows - done : *row;
            *row -= step;
            done += step;
            continue;
        }
        size_t at = *index, above = 0;
        while (at > 0 && above == 0)
            above = rows_of (screen, --at);
        if (above == 0)
            break;
        *index = at;
        *row = above - 1;
        done++;
    }
    return done;
}

static size_t go_down (screen_t *screen, size_t *index, size_t *row, size_t rows)
{
    size_t done = 0, here = rows_of (screen, *index);
    while (done < rows) {
        if (*row + 1 < here) {
            (*row)++;
            done++;
            continue;
        }
        size_t at = *index;
        here = 0;
        while (at + 1 < screen->shown->n_lines && here == 0)
            here = rows_of (screen, ++at);
        if (here == 0)
            break;
        *index = at;
        *row = 0;
        done++;
    }
    return done;
}

/*  Find the last row that there is.                                            */
static bool last_row (screen_t *screen, size_t *index, size_t *row)
{
    for (*index = screen->shown->n_lines; (*index)-- > 0;) {
        size_t rows = rows_of (screen, *index);
        *row = rows - 1;
        if (rows > 0)
            return true;
    }
    return false;
}

bool screen_bottom (screen_t *screen, size_t *index, size_t *row)
{
    window_t *window = screen->shown;
    if (!window->bottom || (*index = window_index (window, window->bottom)) == window->n_lines)
        return last_row (screen, index, row);
    size_t rows = rows_of (screen, *index);
    *row = window->bottom_row;
    if (rows == 0) {
        *row = 0;
        return go_up (screen, index, row, 1) > 0 || last_row (screen, index, row);
    }
    if (*row >= rows)
        *row = rows - 1;
    return true;
}

size_t screen_top (screen_t *screen, size_t rows, size_t *index, size_t *row)
{
    screen_find_ruler (screen);
    if (!screen_bottom (screen, index, row))
        return 0;
    return go_up (screen, index, row, rows - 1) + 1;
}

static void set_bottom (screen_t *screen, size_t index, size_t row)
{
    window_t *window = screen->shown;
    size_t last, last_of;
    bool end = last_row (screen, &last, &last_of) && last == index && last_of == row;
    window->bottom = end ? NULL : window->lines[index];
    window->bottom_row = row;
}

/*  Ask for what was said before or behind what the window holds.              */
static void fetch (screen_t *screen, window_t *window, bool before, int scroll)
{
    if (window->paging || (window->kind != WINDOW_ROOM && window->kind != WINDOW_PERSON) ||
        (before ? window->begins : window->live))
        return;
    if (!before && window->kind == WINDOW_PERSON) {
        screen_to_end (screen);
        return;
    }
    screen_order_t *order = screen_order_for (screen, SCREEN_FETCH, window);
    if (before)
        order->before = window->low ? window->low : UINT64_MAX;
    else
        order->after = window->high;
    window->paging = true;
    window->page_before = before;
    window->page_last = false;
    window->scroll = scroll;
}

void screen_scroll (screen_t *screen, int rows)
{
    size_t index, row, done, above, top_index, top_row;
    window_t *window = screen->shown;
    size_t pane = (size_t)(screen->pane.rows > 1 ? screen->pane.rows : 1);
    screen_find_ruler (screen);
    if (!screen_bottom (screen, &index, &row)) {
        if (rows > 0)
            fetch (screen, window, true, rows);
        return;
    }
    if (rows < 0) {
        done = go_down (screen, &index, &row, (size_t)-rows);
        if (done < (size_t)-rows)
            fetch (screen, window, false, rows + (int)done);
    } else {
        /*  The top row may come to the first row that there is, not above it. */
        top_index = index;
        top_row = row;
        above = go_up (screen, &top_index, &top_row, pane - 1 + (size_t)rows);
        done = above > pane - 1 ? above - (pane - 1) : 0;
        go_up (screen, &index, &row, done);
        if (done < (size_t)rows)
            fetch (screen, window, true, rows - (int)done);
    }
    set_bottom (screen, index, row);
    if (window->bottom == NULL && !window->live)
        fetch (screen, window, false, 0);
}

void screen_to_end (screen_t *screen)
{
    window_t *window = screen->shown;
    window->bottom = NULL;
    if (window->live)
        return;
    window_empty (window);
    screen_order_t *order = screen_order_for (screen, SCREEN_FETCH, window);
    order->before = UINT64_MAX;
    window->paging = window->page_before = window->page_last = true;
    window->scroll = 0;
    window->wanted = 0;
}

void screen_to_top (screen_t *screen)
{
    size_t index, row;
    screen_find_ruler (screen);
    if (!screen_bottom (screen, &index, &row))
        return;
    screen_scroll (screen, (int)screen->shown->n_lines * FOLD_ROWS);
    screen->shown->scroll = 0;
}

void screen_reveal (screen_t *screen, const line_t *line)
{
    size_t index, row, at, rulers, wanted = window_index (screen->shown, line);
    size_t pane = (size_t)(screen->pane.rows > 1 ? screen->pane.rows : 1);
    screen_find_ruler (screen);
    if (wanted == screen->shown->n_lines || !screen_bottom (screen, &index, &row))
        return;
    size_t rows = screen_lay (screen, wanted, &rulers);
    if (wanted < index || (wanted == index && row + 1 >= rows)) {
        /*  It is in sight where so many rows above the bottom reach its first. */
        size_t top = index, top_row = row;
        go_up (screen, &top, &top_row, pane - 1);
        if (top < wanted || (top == wanted && top_row <= rulers))
            return;
    }
    at = rows > 0 ? rows - 1 : 0;
    index = wanted;
    go_down (screen, &index, &at, rows < pane / 2 ? pane / 2 : 0);
    set_bottom (screen, index, at);
}

void screen_to_ruler (screen_t *screen)
{
    window_t *window = screen->shown;
    size_t index, row = 0;
    screen_find_ruler (screen);
    if (!window->ruler)
        return;
    if (!screen->ruler_line || (window->low > window->ruler + 1 && !window->begins)) {
        screen_go (screen, window, window->ruler + 1);
        return;
    }
    index = window_index (window, screen->ruler_line);
    /*  Away from the end, the pane has a row less.                            */
    int pane = screen->pane.rows - (screen->pane.below || screen->rows < LOW ? 0 : 1);
    go_down (screen, &index, &row, pane > 1 ? (size_t)pane - 1 : 0);
    set_bottom (screen, index, row);
}

void screen_paged (screen_t *screen, window_t *window, bool failed)
{
    int scroll = window->scroll;
    window->scroll = 0;
    window->paging = false;
    if (failed) {
        window->wanted = window->seek_ms = 0;
        return;
    }
    if (window->page_last && !window->live) {
        fetch (screen, window, false, 0);
        return;
    }
    if (window->seek_ms)
        screen_sought (screen, window);
    if (window != screen->shown || window->paging)
        return;
    if (window->wanted) {
        line_t *line = window_find (window, window->wanted);
        for (size_t i = 0; !line && i < window->n_lines; i++)
            if (window->lines[i]->numbered && window->lines[i]->seq >= window->wanted)
                line = window->lines[i];
        window->wanted = 0;
        window->bottom = NULL;
        screen->cursor = line;
        if (line)
            screen_reveal (screen, line);
        if (window->bottom == NULL && !window->live)
            fetch (screen, window, false, 0);
    } else if (scroll)
        screen_scroll (screen, scroll);
}
