/*  speakers.c - the people of a room, who spoke last first                    */
#include "speakers.h"
#include "memory.h"
#include "name.h"

struct speakers {
    char *names[SPEAKERS_KEPT]; /* owned                                        */
    size_t n;
};

speakers_t *speakers_new (void)
{
    return memory_zero (sizeof (speakers_t));
}

void speakers_destroy (speakers_t **speakers)
{
    if (!*speakers)
        return;
    for (size_t i = 0; i < (*speakers)->n; i++)
        free ((*speakers)->names[i]);
    free (*speakers);
    *speakers = NULL;
}

/*  A name of the broker's is in NFC and as its owner writes it, so bytes are compared. */
static size_t find (const speakers_t *self, const char *name)
{
    size_t i = 0;
    while (i < self->n && strcmp (self->names[i], name) != 0)
        i++;
    return i;
}

static void take_out (speakers_t *self, size_t at)
{
    self->n--;
    memmove (self->names + at, self->names + at + 1, (self->n - at) * sizeof *self->names);
}

void speakers_came (speakers_t *speakers, const char *name)
{
    if (!*name || speakers->n == SPEAKERS_KEPT || find (speakers, name) < speakers->n)
        return;
    speakers->names[speakers->n++] = memory_string (name, strlen (name));
}

void speakers_spoke (speakers_t *speakers, const char *name)
{
    if (!*name)
        return;
    size_t at = find (speakers, name);
    char *kept;
    if (at < speakers->n) {
        kept = speakers->names[at];
        take_out (speakers, at);
    } else {
        kept = memory_string (name, strlen (name));
        if (speakers->n == SPEAKERS_KEPT)
            free (speakers->names[--speakers->n]);
    }
    memmove (speakers->names + 1, speakers->names, speakers->n * sizeof *speakers->names);
    speakers->names[0] = kept;
    speakers->n++;
}

void speakers_left (speakers_t *speakers, const char *name)
{
    size_t at = find (speakers, name);
    if (at == speakers->n)
        return;
    free (speakers->names[at]);
    take_out (speakers, at);
}

const char *const *speakers_names (const speakers_t *speakers, size_t *n)
{
    *n = speakers->n;
    return (const char *const *)speakers->names;
}
