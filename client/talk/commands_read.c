/*  commands_read.c - what follows the word of a command                       */
#include "commands_private.h"
#include "i18n.h"
#include <stdio.h>
#include <string.h>
#include <zchat/limits.h>

enum { TIME_COUNT_MAX = 1000000000 };
#define TIME_MAX_MS 315360000000u /* ten years */

bool command_blank (char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

void command_trim (const char **text, size_t *size)
{
    while (*size > 0 && command_blank (**text)) {
        (*text)++;
        (*size)--;
    }
    while (*size > 0 && command_blank ((*text)[*size - 1]))
        (*size)--;
}

static void wrong_use (const command_row_t *row, command_t *command)
{
    command->kind = COMMAND_WRONG;
    snprintf (command->why, sizeof command->why, _ ("/%s is used so: %s"), row->name, row->usage);
}

static bool read_number (const char *text, size_t size, size_t *number)
{
    size_t value = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || value > ZCHAT_HISTORY_MAX)
            return false;
        value = value * 10 + (size_t)(text[i] - '0');
    }
    if (value < 1 || value > ZCHAT_HISTORY_MAX)
        return false;
    *number = value;
    return true;
}

/*  Take the first word off the text; what is left begins with no blank.       */
static size_t take_word (const char **text, size_t *size, const char **word)
{
    size_t end = 0;
    *word = *text;
    while (end < *size && !command_blank ((*text)[end]))
        end++;
    *text += end;
    *size -= end;
    command_trim (text, size);
    return end;
}

/*  Read a time such as "10m", "2h" or "7d". False where it is none.           */
static bool read_time (const char *text, size_t size, uint64_t *ms)
{
    static const struct {
        char letter;
        uint64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'w', 604800000}};
    uint64_t count = 0;
    for (size_t i = 0; i + 1 < size; i++) {
        if (text[i] < '0' || text[i] > '9' || count > TIME_COUNT_MAX)
            return false;
        count = count * 10 + (uint64_t)(text[i] - '0');
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (size > 1 && text[size - 1] == units[i].letter && count > 0 &&
            count <= TIME_MAX_MS / units[i].ms) {
            *ms = count * units[i].ms;
            return true;
        }
    return false;
}

/*  Read the time of a ban or mute. A word that begins with a digit was meant as one, so an error
    is told; otherwise the ban would be for good.                              */
static bool read_duration (const command_row_t *row, command_t *command)
{
    const char *rest = command->text, *word;
    size_t size = command->size;
    if (size == 0 || *rest < '0' || *rest > '9')
        return true;
    size_t word_size = take_word (&rest, &size, &word);
    if (!read_time (word, word_size, &command->for_ms)) {
        command->kind = COMMAND_WRONG;
        snprintf (command->why, sizeof command->why,
                  _ ("/%s: a time reads 30s, 10m, 2h, 7d or 2w, ten years at most: %s"), row->name,
                  row->usage);
        return false;
    }
    command->text = rest;
    command->size = size;
    return true;
}

/*  Read which message is meant: a number that counts from the newest, a seq behind #, or last. */
static bool read_message (const command_row_t *row, command_t *command)
{
    const char *word;
    size_t size = take_word (&command->text, &command->size, &word);
    uint64_t value = 0;
    bool last = size == 4 && memcmp (word, "last", 4) == 0;
    bool absolute = size > 1 && *word == '#';
    for (size_t i = absolute; i < size && !last; i++) {
        if (word[i] < '0' || word[i] > '9' || value > ZCHAT_SEQ_MAX) {
            value = 0;
            break;
        }
        value = value * 10 + (uint64_t)(word[i] - '0');
    }
    if (!last && (value == 0 || value > ZCHAT_SEQ_MAX)) {
        command->kind = COMMAND_WRONG;
        snprintf (
            command->why, sizeof command->why,
            _ ("/%s takes the number of a message: 1 is the newest, 2 the one before; #SEQ as "
               "/history shows "
               "it; last is your own: %s"),
            row->name, row->usage);
        return false;
    }
    *(absolute ? &command->seq : &command->number) = value;
    return true;
}

static bool check_reason (const command_row_t *row, command_t *command)
{
    if (command->size <= ZCHAT_REASON_MAX)
        return true;
    command->kind = COMMAND_WRONG;
    snprintf (command->why, sizeof command->why, _ ("/%s: a reason may have %d bytes"), row->name,
              ZCHAT_REASON_MAX);
    return false;
}

/*  Read what follows a command: first a name, where it takes one, then the rest. */
static void read_person (const command_row_t *row, command_t *command)
{
    argument_t argument = row->argument;
    bool message = argument >= ARGUMENT_MESSAGE && command->size > 0;
    if (command->size > 0 && memchr (command->text, 0, command->size)) {
        command->kind = COMMAND_WRONG; /* a NUL would seem to end a name */
        snprintf (command->why, sizeof command->why,
                  _ ("/%s: this is not text, it holds a NUL byte"), row->name);
        return;
    }
    if (argument < ARGUMENT_MESSAGE && argument != ARGUMENT_REASON)
        command->name_size = take_word (&command->text, &command->size, &command->name);
    if (message && !read_message (row, command))
        return;
    switch (argument) {
    case ARGUMENT_NAME:
    case ARGUMENT_MESSAGE:
        if (command->size > 0)
            wrong_use (row, command);
        break;
    case ARGUMENT_NAME_YES:
        command->yes = command->size == 3 && memcmp (command->text, "yes", 3) == 0;
        if (command->size > 0 && !command->yes)
            wrong_use (row, command);
        break;
    case ARGUMENT_NAME_TEXT:
    case ARGUMENT_MESSAGE_TEXT:
        if (command->size == 0)
            wrong_use (row, command);
        break;
    case ARGUMENT_SETTING:
    case ARGUMENT_MESSAGE_MAYBE:
        break;
    default:
        if (argument == ARGUMENT_NAME_TIME && !read_duration (row, command))
            break;
        (void)check_reason (row, command);
        break;
    }
}

void command_read (const command_row_t *row, const char *text, size_t size, command_t *command)
{
    command_trim (&text, &size);
    command->kind = row->kind;
    command->text = text;
    command->size = size;
    bool sets =
        row->kind == COMMAND_SET || row->kind == COMMAND_MAILBOX || row->kind == COMMAND_SETTING;
    command->set = sets ? row->name : NULL;
    command->yes = strcmp (row->name, "unreact") == 0;
    if (row->needed && size == 0) {
        wrong_use (row, command);
        return;
    }
    switch (row->argument) {
    case ARGUMENT_NONE:
        if (size > 0)
            wrong_use (row, command);
        break;
    case ARGUMENT_WORD:
        for (size_t i = 0; i < size; i++)
            if (command_blank (text[i])) {
                wrong_use (row, command);
                break;
            }
        break;
    case ARGUMENT_NUMBER:
        command->number = COMMAND_HISTORY_DEFAULT;
        command->yes =
            size >= 4 && memcmp (text, "more", 4) == 0 && (size == 4 || command_blank (text[4]));
        if (command->yes) {
            text += 4;
            size -= 4;
            command_trim (&text, &size);
        }
        if (size > 0 && !read_number (text, size, &command->number)) {
            command->kind = COMMAND_WRONG;
            snprintf (command->why, sizeof command->why,
                      _ ("/%s takes a number from 1 to %d, and more before it: what came earlier"),
                      row->name, ZCHAT_HISTORY_MAX);
        }
        break;
    case ARGUMENT_TEXT:
        break;
    default:
        read_person (row, command);
        break;
    }
}
