/*  marks.c - what became of a message, as an event that HISTORY sends behind it */
#include "deliver.h"

/*  A reaction's key and its end, without names: "text":{"count":n,"users":[],"mine":true},  */
static size_t reaction_size (const store_reaction_t *reaction, const char *key)
{
    char number[24];
    int size = snprintf (number, sizeof number, "%llu", (unsigned long long)reaction->count);
    return strlen (key) + (size_t)size + strlen (":{\"count\":,\"users\":[]},") +
           (reaction->mine ? strlen (",\"mine\":true") : 0);
}

/*  What was written so far of an object with place for so many bytes.         */
typedef struct {
    char *text;
    size_t size;
} writing_t;

__attribute__ ((format (printf, 2, 3))) static void write_text (writing_t *writing,
                                                                const char *format, ...)
{
    va_list args;
    va_start (args, format);
    int size =
        vsnprintf (writing->text + writing->size, ZCHAT_DATA_MAX + 1 - writing->size, format, args);
    va_end (args);
    writing->size += (size_t)size;
}

/*  Names are left out where they would take more than spare. Returns what they took.  */
static size_t write_reaction (writing_t *writing, const store_reaction_t *reaction, const char *key,
                              size_t spare)
{
    size_t took = 0;
    write_text (writing, "%s:{\"count\":%llu,\"users\":[", key,
                (unsigned long long)reaction->count);
    for (size_t i = 0; i < reaction->n_users; i++) {
        size_t size = reaction->users[i].size + 2 + (i > 0);
        if (took + size > spare)
            break;
        /*  Names hold nothing that JSON escapes.                              */
        write_text (writing, "%s\"%.*s\"", i ? "," : "", (int)reaction->users[i].size,
                    (const char *)reaction->users[i].data);
        took += size;
    }
    write_text (writing, reaction->mine ? "],\"mine\":true}" : "]}");
    return took;
}

/*  The text as a JSON string, which the caller frees.                         */
static char *key_of (frame_t text)
{
    json_t *string = memory_check (json_stringn (text.data, text.size));
    char *key = memory_check (json_dumps (string, JSON_ENCODE_ANY));
    json_decref (string);
    return key;
}

size_t marks_encode (const store_marks_t *marks, uint64_t at, char *data)
{
    /*  A NUL behind it is written, too.                                       */
    char text[ZCHAT_DATA_MAX + 1];
    writing_t writing = {.text = text};
    char **keys = memory_zero ((marks->n_reactions + 1) * sizeof *keys);
    write_text (&writing, "{\"seq\":%llu,\"at\":%llu", (unsigned long long)marks->seq,
                (unsigned long long)at);
    if (marks->edited)
        write_text (&writing, ",\"edited\":%llu,\"edits\":%llu", (unsigned long long)marks->edited,
                    (unsigned long long)marks->n_edits);
    size_t used = writing.size + strlen (",\"reactions\":{}}"), shown = 0;
    for (size_t i = 0; i < marks->n_reactions; i++) {
        keys[i] = key_of (marks->reactions[i].text);
        size_t size = reaction_size (&marks->reactions[i], keys[i]);
        if (shown < i || used + size > ZCHAT_DATA_MAX)
            continue;
        used += size;
        shown++;
    }
    size_t spare = ZCHAT_DATA_MAX - used;
    for (size_t i = 0; i < shown; i++) {
        write_text (&writing, i ? "," : ",\"reactions\":{");
        spare -= write_reaction (&writing, &marks->reactions[i], keys[i], spare);
    }
    write_text (&writing, shown ? "}}" : "}");
    for (size_t i = 0; i < marks->n_reactions; i++)
        free (keys[i]);
    free (keys);
    memcpy (data, text, writing.size);
    return writing.size;
}
