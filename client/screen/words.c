/*  words.c - a command of the user's as the words of a program's arguments    */
#include "words.h"
#include "buffer.h"
#include "i18n.h"
#include "memory.h"
#include <stdbool.h>

size_t words_count (char *const *words)
{
    size_t n = 0;
    while (words[n])
        n++;
    return n;
}

void words_free (char **words)
{
    if (!words)
        return;
    for (size_t i = 0; words[i]; i++)
        free (words[i]);
    free (words);
}

static bool blank (char byte)
{
    return byte == ' ' || byte == '\t';
}

/*  Read the word at *at, which is no blank. False where a quote has no end.   */
static bool read_word (const char **at, buffer_t *word)
{
    char quote = '\0';
    buffer_clear (word);
    buffer_string (word, "");
    for (; **at && (quote || !blank (**at)); (*at)++) {
        if (quote ? **at == quote : **at == '"' || **at == '\'') {
            quote = quote ? '\0' : **at;
            continue;
        }
        if (**at == '\\' && quote != '\'' && !*++*at)
            return false;
        buffer_add (word, *at, 1);
    }
    return !quote;
}

char **words_split (const char *command, size_t more, const char **why)
{
    *why = _ ("the command is too long");
    if (strlen (command) > WORDS_BYTES_MAX)
        return NULL;
    char **words = memory_zero ((WORDS_MAX + more + 1) * sizeof *words);
    buffer_t word = {NULL, 0, 0};
    size_t n = 0;
    bool good = true;
    while (blank (*command))
        command++;
    while (good && *command) {
        good = n < WORDS_MAX;
        *why = _ ("the command has too many words");
        if (!good)
            break;
        good = read_word (&command, &word);
        *why = _ ("a quote in the command has no end");
        if (good)
            words[n++] = memory_string (word.data, word.size);
        while (blank (*command))
            command++;
    }
    buffer_free (&word);
    if (good && n > 0 && *words[0])
        return words;
    if (good)
        *why = _ ("the command names no program");
    words_free (words);
    return NULL;
}
