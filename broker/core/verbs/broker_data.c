/*  broker_data.c - what the broker says in an event's data, beside what the program says there */
#include "verbs.h"

/*  What is written of the object so far; it has place for ZCHAT_DATA_MAX.     */
typedef struct {
    char *text;
    size_t size;
    size_t max; /* bytes that it may have, so that the rest fits behind it      */
} writing_t;

static bool write_text (writing_t *writing, frame_t text)
{
    if (writing->size + text.size > writing->max)
        return false;
    memcpy (writing->text + writing->size, text.data, text.size);
    writing->size += text.size;
    return true;
}

static bool write_number (writing_t *writing, const char *before, uint64_t number)
{
    char text[48];
    snprintf (text, sizeof text, "%s%llu", before, (unsigned long long)number);
    return write_text (writing, frame_str (text));
}

/*  One more name of the list, whole or not at all. Names hold nothing that JSON escapes.  */
static bool write_name (writing_t *writing, frame_t name, bool first)
{
    writing_t before = *writing;
    /*  The list's end has to fit, too.                                        */
    writing->max--;
    bool fits = (!first || write_text (writing, frame_str ("\"mentions\":["))) &&
                write_text (writing, frame_str (first ? "\"" : ",\"")) &&
                write_text (writing, name) && write_text (writing, frame_str ("\""));
    size_t size = fits ? writing->size : before.size;
    *writing = before;
    writing->size = size;
    return fits;
}

static void write_names (writing_t *writing, const broker_data_t *broker)
{
    size_t n = 0;
    while (n < broker->n_names && write_name (writing, broker->names[n], n == 0))
        n++;
    if (n)
        (void)write_text (writing, frame_str ("]"));
}

/*  A comma before the next key, where one stands before it already. False: neither it nor a key has
    place.                                                                     */
static bool write_comma (writing_t *writing, size_t begin)
{
    return writing->size == begin || write_text (writing, frame_str (","));
}

/*  Behind { and spaces: the members of the program's own object, with its }.  */
static frame_t members_of (frame_t own)
{
    const char *text = own.data;
    size_t skip = 1;
    while (skip + 1 < own.size && memchr (" \t\r\n", text[skip], 4))
        skip++;
    return frame_of (text + skip, own.size - skip);
}

bool data_compose (verdict_t *verdict, frame_t own, const broker_data_t *broker, frame_t *data)
{
    static const char open[] = "{\"zchat\":{";
    frame_t rest = own.size ? members_of (own) : frame_str ("}");
    size_t behind = 1 + (size_t)(rest.size > 1) + rest.size; /* of the broker's own object */
    if (!broker->re && !broker->n_names && !broker->all) {
        *data = own;
        return true;
    }
    char *text = memory_new (ZCHAT_DATA_MAX + 1);
    writing_t writing = {.text = text, .max = ZCHAT_DATA_MAX};
    writing.max -= behind < ZCHAT_DATA_MAX ? behind : ZCHAT_DATA_MAX;
    bool fits = write_text (&writing, frame_str (open));
    size_t begin = writing.size;
    if (broker->re && !(fits && write_number (&writing, "\"re\":", broker->re))) {
        free (text);
        return verdict_limit (verdict, "data leaves no place for what is answered (re)",
                              ZCHAT_DATA_MAX, "data");
    }
    if (fits && broker->all) {
        writing_t before = writing;
        if (!write_comma (&writing, begin) || !write_text (&writing, frame_str ("\"all\":true")))
            writing = before;
    }
    if (fits && broker->n_names) {
        writing_t before = writing;
        size_t comma = write_comma (&writing, begin) ? writing.size : SIZE_MAX;
        if (comma != SIZE_MAX)
            write_names (&writing, broker);
        if (writing.size == comma)
            writing = before;
    }
    if (writing.size == begin || !fits) { /* no mention has place                  */
        free (text);
        *data = own;
        return true;
    }
    writing.max = ZCHAT_DATA_MAX;
    (void)(write_text (&writing, frame_str (rest.size > 1 ? "}," : "}")) &&
           write_text (&writing, rest));
    text[writing.size] = '\0';
    *data = frame_of (records_keep (verdict->records, text).data, writing.size);
    return true;
}
