/*  fuzz.c - what the fuzzers share                                            */
#include "fuzz.h"
#include "memory.h"
#include "text.h"

_Noreturn void fuzz_failed (const char *condition, const char *file, int line, const char *function)
{
    fprintf (stderr, "%s:%d: %s: does not hold: %s\n", file, line, function, condition);
    abort ();
}

void fuzz_say (const char *what, frame_t frame)
{
    enum { SHOWN_MAX = 2000 };
    frame_t part = frame_of (frame.data, frame.size < SHOWN_MAX ? frame.size : SHOWN_MAX);
    char *shown = text_display (part, TEXT_QUOTED, NULL);
    fprintf (stderr, "%s: \"%s\"%s\n", what, shown, part.size < frame.size ? " ..." : "");
    free (shown);
}

frame_t fuzz_copy (frame_t frame)
{
    /*  Of 0 bytes none may be read.                                           */
    // NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI)
    void *copy = memory_check (malloc (frame.size));
    if (frame.size)
        memcpy (copy, frame.data, frame.size);
    return frame_of (copy, frame.size);
}

char *fuzz_string (frame_t frame)
{
    frame.size = frame.size ? strnlen (frame.data, frame.size) : 0;
    return memory_string (frame.data, frame.size);
}

bool fuzz_line (frame_t *text, frame_t *line)
{
    if (text->size == 0)
        return false;
    const char *begin = text->data;
    const char *end = memchr (begin, '\n', text->size);
    size_t size = end ? (size_t)(end - begin) : text->size;
    size_t taken = end ? size + 1 : size;
    *line = frame_of (begin, size);
    *text = frame_of (begin + taken, text->size - taken);
    return true;
}

uint64_t fuzz_number (frame_t text, uint64_t most)
{
    const char *bytes = text.data;
    uint64_t number = 0;
    for (size_t i = 0; i < text.size && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
        if (number > most / 10)
            return most;
        number = number * 10 + (uint64_t)(bytes[i] - '0');
    }
    return number < most ? number : most;
}

/*  --- escapes ---------------------------------------------------------------  */

/*  A part being made.                                                         */
typedef struct {
    fuzz_escapes_t *escapes;
    char *data;
    size_t size, room;
} part_t;

static void put (part_t *part, char byte, size_t times)
{
    if (times > FUZZ_FRAME_MAX - part->size)
        times = FUZZ_FRAME_MAX - part->size;
    if (part->escapes->spent + times > FUZZ_BUDGET_MAX)
        return;
    part->escapes->spent += times;
    if (part->size + times > part->room) {
        part->room = 2 * (part->size + times);
        part->data = memory_grow (part->data, part->room);
    }
    if (times)
        memset (part->data + part->size, byte, times);
    part->size += times;
}

static int hex (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_string (part_t *part, const char *string)
{
    for (; *string; string++)
        put (part, *string, 1);
}

/*  An escape at text, behind its backslash. Returns the bytes it took, 0: it is none.  */
static size_t put_escape (part_t *part, const char *text, size_t size)
{
    static const char plain[] = "n\n\\\\";
    if (size == 0)
        return 0;
    for (size_t i = 0; i + 1 < sizeof plain; i += 2)
        if (*text == plain[i]) {
            put (part, plain[i + 1], 1);
            return 1;
        }
    if (*text == 'x' && size >= 3 && hex (text[1]) >= 0 && hex (text[2]) >= 0) {
        put (part, (char)(hex (text[1]) << 4 | hex (text[2])), 1);
        return 3;
    }
    if (*text == '*') {
        const char *end = memchr (text, ';', size);
        if (!end || part->size == 0)
            return 0;
        uint64_t times = fuzz_number (frame_of (text + 1, size - 1), FUZZ_FRAME_MAX);
        put (part, part->data[part->size - 1], (size_t)times);
        return (size_t)(end - text) + 1;
    }
    if (size < 2 || text[1] < '0' || text[1] > '9' || !part->escapes->expand)
        return 0;
    const char *made = part->escapes->expand (part->escapes->arg, *text, (unsigned)(text[1] - '0'));
    if (!made)
        return 0;
    put_string (part, made);
    return 2;
}

static frame_t unescape (fuzz_escapes_t *escapes, const char *text, size_t size)
{
    part_t part = {.escapes = escapes};
    for (size_t at = 0; at < size;) {
        size_t taken = text[at] == '\\' ? put_escape (&part, text + at + 1, size - at - 1) : 0;
        if (!taken)
            put (&part, text[at], 1);
        at += 1 + taken;
    }
    frame_t frame = fuzz_copy (frame_of (part.data, part.size));
    free (part.data);
    return frame;
}

size_t fuzz_frames (fuzz_escapes_t *escapes, frame_t line, frame_t frames[FUZZ_FRAMES_MAX])
{
    size_t count = 0;
    const char *at = line.data, *end = at + line.size;
    do {
        const char *bar = at < end ? memchr (at, '|', (size_t)(end - at)) : NULL;
        size_t size = (size_t)((bar ? bar : end) - at);
        frames[count++] = unescape (escapes, at, size);
        at = bar ? bar + 1 : NULL;
    } while (at && count < FUZZ_FRAMES_MAX);
    return count;
}

void fuzz_frames_free (frame_t *frames, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free ((void *)frames[i].data);
}
