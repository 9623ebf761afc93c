/*  paragraph.c - one message, or one notice, as rows of the screen            */
#include "paragraph.h"
#include "buffer.h"
#include "memory.h"
#include "text.h"
#include "width.h"

struct paragraph {
    buffer_t text; /* what the span points into                                */
    paragraph_span_t span;
};

paragraph_t *paragraph_new (void)
{
    return memory_zero (sizeof (paragraph_t));
}

void paragraph_destroy (paragraph_t **paragraph)
{
    if (!*paragraph)
        return;
    buffer_free (&(*paragraph)->text);
    free (*paragraph);
    *paragraph = NULL;
}

static void add (paragraph_t *self, const char *text, size_t size)
{
    char *shown = text_display (frame_of (text, size), TEXT_LINE, NULL);
    if (*shown && self->text.size > 0)
        buffer_string (&self->text, "  ");
    buffer_string (&self->text, shown);
    free (shown);
}

size_t paragraph_lay (paragraph_t *paragraph, const paragraph_source_t *source,
                      const paragraph_place_t *place)
{
    buffer_clear (&paragraph->text);
    if (source->time)
        add (paragraph, source->time, strlen (source->time));
    add (paragraph, source->name, source->name_size);
    add (paragraph, source->text, source->size);
    if (source->state)
        add (paragraph, source->state, strlen (source->state));
    buffer_string (&paragraph->text, "");
    size_t at = 0;
    int columns = 0;
    while (at < paragraph->text.size) {
        size_t used = width_cluster (paragraph->text.data + at, paragraph->text.size - at);
        int wide = width_columns (paragraph->text.data + at, used);
        if (columns + wide > place->columns)
            break;
        columns += wide;
        at += used;
    }
    paragraph->span = (paragraph_span_t){
        .columns = columns, .style = source->style, .text = paragraph->text.data, .size = at};
    return 1;
}

paragraph_row_t paragraph_row (const paragraph_t *paragraph, size_t n)
{
    return (paragraph_row_t){.spans = &paragraph->span, .n_spans = n == 0};
}

bool paragraph_folded (const paragraph_t *paragraph)
{
    return false;
}

const char *paragraph_link (const paragraph_t *paragraph, size_t n)
{
    return NULL;
}
