/*  paragraph.c - one message, or one notice, as rows of the screen            */
#include "paragraph.h"
#include "i18n.h"
#include "memory.h"
#include "paragraph_private.h"
#include "text.h"
#include "width.h"

enum {
    GAP = 2,          /* columns between time, name and text                   */
    GUTTER_SHARE = 5, /* a gutter may take two of so many parts of the columns */
    NARROW = 8,       /* columns below which there is no gutter at all         */
    REACTIONS_GAP = 3 /* columns between what is answered and the reactions    */
};

#define CODE_MARGIN "| "

struct paragraph {
    rows_t rows;
    char *targets[PARAGRAPH_LINKS_MAX]; /* owned                               */
    link_span_t links[PARAGRAPH_LINKS_MAX];
    size_t n_links;
    bool folded;
};

paragraph_t *paragraph_new (void)
{
    return memory_zero (sizeof (paragraph_t));
}

static void forget_links (paragraph_t *self)
{
    for (size_t i = 0; i < self->n_links; i++)
        free (self->targets[i]);
    self->n_links = 0;
}

void paragraph_destroy (paragraph_t **paragraph)
{
    if (!*paragraph)
        return;
    forget_links (*paragraph);
    rows_free (&(*paragraph)->rows);
    free (*paragraph);
    *paragraph = NULL;
}

/*  Keep those links of a text that a terminal may be given.                   */
static void find_links (paragraph_t *self, const char *text, size_t size)
{
    link_span_t found[PARAGRAPH_LINKS_MAX];
    char target[LINKS_TARGET_MAX + 1];
    size_t n = links_find (text, size, found, PARAGRAPH_LINKS_MAX);
    forget_links (self);
    for (size_t i = 0; i < n; i++) {
        if (!links_target (text + found[i].at, found[i].size, target))
            continue;
        self->links[self->n_links] = found[i];
        self->targets[self->n_links++] = memory_string (target, strlen (target));
    }
}

/*  --- the gutter ------------------------------------------------------------ */

/*  Put time and name down. Returns the column in which further rows of the text begin. In a narrow
    pane the time goes first, and then the text begins right behind the name.  */
static int put_gutter (paragraph_t *self, const paragraph_source_t *source,
                       const paragraph_place_t *place)
{
    rows_look_t time_look = {STYLE_TIME, 0, 0};
    rows_look_t name_look = {source->name_style, source->hue, 0};
    const char *time = source->time ? source->time : "";
    int time_columns = width_columns (time, strlen (time));
    int named = source->name ? place->name_columns + GAP : 0;
    int most = place->columns * 2 / GUTTER_SHARE;
    int indent = 0;
    if (place->columns < NARROW)
        return 0;
    if (time_columns > 0 && time_columns + GAP + named <= most) {
        rows_put (&self->rows, time, strlen (time), time_columns, &time_look);
        rows_skip (&self->rows, GAP);
        indent = time_columns + GAP;
    }
    if (!source->name)
        return indent;
    bool narrow = indent + named > most;
    size_t size;
    char *name = text_display (frame_of (source->name, source->name_size), TEXT_LINE, &size);
    int room = narrow ? place->columns / 2 : place->name_columns;
    int taken = paragraph_cut (&self->rows, name, size, room, &name_look);
    rows_skip (&self->rows, (narrow ? 0 : room - taken) + GAP);
    free (name);
    return narrow ? GAP : indent + named;
}

/*  --- the text -------------------------------------------------------------- */

static size_t count_lines (const char *text, size_t size)
{
    size_t lines = 1;
    for (size_t at = 0; at < size; at++)
        lines += text[at] == '\n';
    return lines;
}

/*  Put "main.c, 40 lines" down.                                               */
static void put_title (paragraph_t *self, const paragraph_source_t *source,
                       const paragraph_place_t *place, size_t lines, bool folded)
{
    rows_look_t look = {STYLE_NOTICE, 0, 0};
    buffer_t title = {NULL, 0, 0};
    char *shown = text_display (frame_of (source->title, source->title_size), TEXT_LINE, NULL);
    if (folded)
        buffer_format (
            &title, ngettext ("%s, %zu line (Enter opens)", "%s, %zu lines (Enter opens)", lines),
            shown, lines);
    else
        buffer_format (&title, ngettext ("%s, %zu line", "%s, %zu lines", lines), shown, lines);
    paragraph_cut (&self->rows, title.data, title.size, place->columns - self->rows.column, &look);
    free (shown);
    buffer_free (&title);
}

/*  Put gutter, title and text down, of which `limit` rows are kept. Returns the column in which
    its rows begin.                                                            */
static int put_text (paragraph_t *self, const paragraph_source_t *source,
                     const paragraph_place_t *place, const char *text, size_t size, size_t limit,
                     bool folds)
{
    rows_begin (&self->rows, 0, limit);
    int indent = put_gutter (self, source, place);
    paragraph_text_t part = {.text = text,
                             .size = size,
                             .style = source->style,
                             .links = self->links,
                             .n_links = self->n_links,
                             .mentions = source->mentions,
                             .n_mentions = source->n_mentions,
                             .columns = place->columns,
                             .left = place->left,
                             .indent = indent,
                             .margin = ""};
    if (source->title && source->title_size > 0) {
        rows_look_t dim = {STYLE_DIM, 0, 0};
        put_title (self, source, place, count_lines (text, size), folds);
        rows_next (&self->rows, indent, false);
        int margin = (int)strlen (CODE_MARGIN);
        if (place->columns - indent > 2 * margin) {
            part.margin = CODE_MARGIN;
            part.indent += margin;
            rows_put (&self->rows, CODE_MARGIN, strlen (CODE_MARGIN), margin, &dim);
        }
    }
    (void)paragraph_text (&self->rows, &part);
    return indent;
}

/*  Fold a text of more rows than it may have. Returns the column in which its rows begin. */
static int put_folded (paragraph_t *self, const paragraph_source_t *source,
                       const paragraph_place_t *place, const char *text, size_t size)
{
    size_t titled = source->title && source->title_size > 0;
    bool folds = place->fold_rows > 0 && !source->open;
    size_t most = folds ? (size_t)place->fold_rows + titled : PARAGRAPH_ROWS_MAX;
    int indent = put_text (self, source, place, text, size, most, false);
    self->folded = self->rows.hidden > 0 && folds;
    if (self->rows.hidden == 0)
        return indent;
    /*  A title says that it is folded, so it is written anew.                 */
    if (titled && folds)
        put_text (self, source, place, text, size, most, true);
    /*  The last row says how many there are more. With room for one row alone it is one more. */
    if (most > titled + 1)
        rows_hide_last (&self->rows);
    buffer_t more = {NULL, 0, 0};
    rows_look_t look = {STYLE_DIM, 0, 0};
    size_t hidden = self->rows.hidden;
    buffer_string (&more, "\xe2\x80\xa6 ");
    if (folds && !titled)
        buffer_format (
            &more, ngettext ("%zu more line (Enter opens)", "%zu more lines (Enter opens)", hidden),
            hidden);
    else
        buffer_format (&more, ngettext ("%zu more line", "%zu more lines", hidden), hidden);
    self->rows.hidden = 0;
    self->rows.limit = (size_t)-1;
    rows_next (&self->rows, indent, false);
    paragraph_cut (&self->rows, more.data, more.size, place->columns - indent, &look);
    buffer_free (&more);
    return indent;
}

/*  --- what stands below ------------------------------------------------------ */

/*  Put the state at the right end of the last row, or of one more.            */
static void put_state (paragraph_t *self, const char *state, const paragraph_place_t *place,
                       int indent)
{
    rows_look_t look = {STYLE_DIM, 0, 0};
    int columns = width_columns (state, strlen (state));
    if (self->rows.column + GAP + columns > place->columns)
        rows_next (&self->rows, indent, false);
    if (self->rows.column + columns < place->columns)
        rows_skip (&self->rows, place->columns - columns - self->rows.column);
    paragraph_cut (&self->rows, state, strlen (state), place->columns - self->rows.column, &look);
}

/*  Make one line of a peer's text: a newline is as good as a blank here.      */
static char *one_line (const char *text, size_t size, size_t *shown_size)
{
    char *line = memory_string (text, size);
    for (size_t at = 0; at < size; at++)
        if (line[at] == '\n' || line[at] == '\t')
            line[at] = ' ';
    char *shown = text_display (frame_of (line, size), TEXT_LINE, shown_size);
    free (line);
    return shown;
}

static void put_below (paragraph_t *self, const paragraph_source_t *source,
                       const paragraph_place_t *place, int indent)
{
    rows_look_t quote_look = {STYLE_QUOTE, 0, 0}, look = {STYLE_REACTION, 0, 0};
    bool quotes = source->quote && source->quote_size > 0;
    bool reacted = source->reactions && source->reactions_size > 0;
    int room = place->columns - indent;
    size_t size;
    if (!quotes && !reacted)
        return;
    rows_next (&self->rows, indent, false);
    char *reactions =
        one_line (reacted ? source->reactions : "", reacted ? source->reactions_size : 0, &size);
    if (quotes) {
        int behind = reacted ? width_columns (reactions, size) + REACTIONS_GAP : 0;
        size_t quote_size;
        char *quote = one_line (source->quote, source->quote_size, &quote_size);
        int most = room - (behind < room / 2 ? behind : room / 2);
        int taken = paragraph_cut (&self->rows, quote, quote_size, most, &quote_look);
        free (quote);
        rows_skip (&self->rows, reacted ? REACTIONS_GAP : 0);
        room -= taken + REACTIONS_GAP;
    }
    paragraph_cut (&self->rows, reactions, size, room, &look);
    free (reactions);
}

size_t paragraph_lay (paragraph_t *paragraph, const paragraph_source_t *source,
                      const paragraph_place_t *place)
{
    size_t size;
    paragraph_place_t where = *place;
    if (where.columns < 1)
        where.columns = 1;
    char *text =
        text_display (frame_of (source->text, source->text ? source->size : 0), TEXT_BLOCK, &size);
    find_links (paragraph, text, size);
    while (size > 0 && text[size - 1] == '\n') /* of a paste of whole lines    */
        size--;
    int indent = put_folded (paragraph, source, &where, text, size);
    free (text);
    paragraph->rows.limit = (size_t)-1; /* what follows is a few rows, and always there */
    if (source->state && *source->state)
        put_state (paragraph, source->state, &where, indent);
    put_below (paragraph, source, &where, indent);
    rows_end (&paragraph->rows);
    return paragraph->rows.n_rows;
}

paragraph_row_t paragraph_row (const paragraph_t *paragraph, size_t n)
{
    if (n >= paragraph->rows.n_rows)
        return (paragraph_row_t){NULL, 0, false};
    const rows_row_t *row = &paragraph->rows.rows[n];
    return (paragraph_row_t){paragraph->rows.spans + row->first, row->n_spans, row->goes_on};
}

bool paragraph_folded (const paragraph_t *paragraph)
{
    return paragraph->folded;
}

const char *paragraph_link (const paragraph_t *paragraph, size_t n)
{
    return n > 0 && n <= paragraph->n_links ? paragraph->targets[n - 1] : NULL;
}
