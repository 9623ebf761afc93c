/*  noise.c - who came and who left, in one line                               */
#include "noise.h"
#include "buffer.h"
#include "i18n.h"
#include "memory.h"

typedef struct {
    char *name; /* owned                                                       */
    bool came;  /* or left                                                     */
} move_t;

struct noise {
    move_t moves[NOISE_NAMES_MAX]; /* in the order in which they happened      */
    size_t n;
    uint64_t more_came; /* without a name                                      */
    uint64_t more_left;
    buffer_t text; /* of the last noise_text                                   */
};

noise_t *noise_new (void)
{
    return memory_zero (sizeof (noise_t));
}

void noise_clear (noise_t *noise)
{
    for (size_t i = 0; i < noise->n; i++)
        free (noise->moves[i].name);
    noise->n = 0;
    noise->more_came = noise->more_left = 0;
}

void noise_destroy (noise_t **noise)
{
    if (!*noise)
        return;
    noise_clear (*noise);
    buffer_free (&(*noise)->text);
    free (*noise);
    *noise = NULL;
}

static void move (noise_t *self, const char *name, bool came)
{
    for (size_t i = 0; i < self->n; i++) {
        if (strcmp (self->moves[i].name, name) != 0)
            continue;
        /*  Twice the same is told once; the other way round undoes it.        */
        if (self->moves[i].came == came)
            return;
        free (self->moves[i].name);
        self->n--;
        memmove (self->moves + i, self->moves + i + 1, (self->n - i) * sizeof *self->moves);
        return;
    }
    if (self->n == NOISE_NAMES_MAX) {
        noise_more (self, came, !came);
        return;
    }
    self->moves[self->n++] = (move_t){memory_string (name, strlen (name)), came};
}

void noise_came (noise_t *noise, const char *name)
{
    move (noise, name, true);
}

void noise_left (noise_t *noise, const char *name)
{
    move (noise, name, false);
}

void noise_more (noise_t *noise, uint64_t came, uint64_t left)
{
    noise->more_came += came;
    noise->more_left += left;
}

bool noise_empty (const noise_t *noise)
{
    return noise->n == 0 && noise->more_came == 0 && noise->more_left == 0;
}

/*  Append a sentence about so many names, and so many more people.            */
static void say (buffer_t *text, bool came, const char *const *names, size_t n, uint64_t more)
{
    if (n == 0)
        buffer_format (text,
                       came ? ngettext ("%llu came", "%llu came", more)
                            : ngettext ("%llu left", "%llu left", more),
                       (unsigned long long)more);
    else if (n == 1 && more > 0)
        buffer_format (text,
                       came ? ngettext ("%s and %llu more came", "%s and %llu more came", more)
                            : ngettext ("%s and %llu more left", "%s and %llu more left", more),
                       names[0], (unsigned long long)more);
    else if (more > 0)
        buffer_format (
            text,
            came ? ngettext ("%s, %s and %llu more came", "%s, %s and %llu more came", more)
                 : ngettext ("%s, %s and %llu more left", "%s, %s and %llu more left", more),
            names[0], names[1], (unsigned long long)more);
    else if (n == 1)
        buffer_format (text, came ? _ ("%s came") : _ ("%s left"), names[0]);
    else if (n == 2)
        buffer_format (text, came ? _ ("%s and %s came") : _ ("%s and %s left"), names[0],
                       names[1]);
    else
        buffer_format (text, came ? _ ("%s, %s and %s came") : _ ("%s, %s and %s left"), names[0],
                       names[1], names[2]);
}

/*  Append who came, or who left.                                              */
static void tell (noise_t *self, bool came)
{
    uint64_t more = came ? self->more_came : self->more_left;
    const char *names[NOISE_NAMES_SHOWN + 1];
    size_t n = 0, shown = 0;
    for (size_t i = 0; i < self->n; i++)
        n += self->moves[i].came == came;
    if (n == 0 && more == 0)
        return;
    if (self->text.size > 0)
        buffer_string (&self->text, ", ");
    /*  "and 1 more" is no shorter than a name.                                */
    size_t wanted = n <= NOISE_NAMES_SHOWN + 1 && more == 0 ? n : NOISE_NAMES_SHOWN;
    for (size_t i = 0; i < self->n && shown < wanted; i++)
        if (self->moves[i].came == came)
            names[shown++] = self->moves[i].name;
    say (&self->text, came, names, shown, more + n - shown);
}

const char *noise_text (noise_t *noise)
{
    buffer_clear (&noise->text);
    buffer_string (&noise->text, "");
    tell (noise, true);
    tell (noise, false);
    return noise->text.data;
}
