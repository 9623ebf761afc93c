/*  mutate.c - inputs change by lines and by parts of lines, besides by bytes  */
#include "fuzz.h"
#include "memory.h"

size_t LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t size_max, unsigned seed);
size_t LLVMFuzzerMutate (uint8_t *data, size_t size, size_t size_max);

static unsigned roll (unsigned *seed, size_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (unsigned)((uint64_t)(*seed >> 8) * below >> 24);
}

static size_t count_of (const char *const *words)
{
    size_t count = 0;
    while (words[count])
        count++;
    return count;
}

static const char *pick (const char *const *words, unsigned *seed)
{
    return words[roll (seed, count_of (words))];
}

/*  Put text in the place of what stands from begin to end. Returns the new size; the old
    one, and nothing is changed, where it does not fit.                        */
static size_t splice (uint8_t *data, size_t size, size_t size_max, size_t begin, size_t end,
                      frame_t text)
{
    if (size - (end - begin) + text.size > size_max)
        return size;
    memmove (data + begin + text.size, data + end, size - end);
    if (text.size)
        memcpy (data + begin, text.data, text.size);
    return size - (end - begin) + text.size;
}

/*  A line that stands there, by chance, with its newline: from *begin to *end.     */
static void some_line (const uint8_t *data, size_t size, unsigned *seed, size_t *begin, size_t *end)
{
    size_t at = roll (seed, size);
    *begin = at;
    while (*begin > 0 && data[*begin - 1] != '\n')
        --*begin;
    while (at < size && data[at] != '\n')
        at++;
    *end = at < size ? at + 1 : size;
}

/*  One part of the line becomes another, or one is put before it, or it goes.  */
static size_t change_part (uint8_t *data, size_t size, size_t size_max, size_t begin, size_t end,
                           unsigned *seed)
{
    if (end > begin && data[end - 1] == '\n')
        end--;
    size_t parts = 1;
    for (size_t i = begin; i < end; i++)
        parts += data[i] == '|';
    size_t chosen = roll (seed, parts), from = begin;
    for (; chosen > 0; from++)
        chosen -= data[from] == '|';
    size_t to = from;
    while (to < end && data[to] != '|')
        to++;
    unsigned how = roll (seed, 8);
    if (how == 0 && to < end)
        return splice (data, size, size_max, from, to + 1, frame_of (NULL, 0));
    if (how == 1)
        return splice (data, size, size_max, to, to, frame_str ("|"));
    return splice (data, size, size_max, from, to, frame_str (pick (fuzz_parts, seed)));
}

size_t LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    char line[1024];
    size_t begin = 0, end = 0;
    unsigned how = roll (&seed, 10);
    if (how < 4 && size)
        return LLVMFuzzerMutate (data, size, size_max);
    if (size)
        some_line (data, size, &seed, &begin, &end);
    if (how < 6 || !size) {
        int made = snprintf (line, sizeof line, "%s\n", pick (fuzz_lines, &seed));
        size_t at = roll (&seed, 4) ? size : begin; /* most often as the last one */
        if (at && data[at - 1] != '\n')
            size = splice (data, size, size_max, at, at, frame_str ("\n"));
        if (at < size && at && data[at - 1] != '\n')
            at++;
        return splice (data, size, size_max, at, at, frame_of (line, (size_t)made));
    }
    if (how < 9)
        return change_part (data, size, size_max, begin, end, &seed);
    size_t much = end - begin < sizeof line ? end - begin : sizeof line;
    memcpy (line, data + begin, much);
    if (roll (&seed, 2))
        return splice (data, size, size_max, begin, end, frame_of (NULL, 0));
    return splice (data, size, size_max, begin, begin, frame_of (line, much));
}
