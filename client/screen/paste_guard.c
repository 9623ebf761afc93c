/*  paste_guard.c - a long paste asks before it goes anywhere                  */
#include "paste_guard.h"
#include "i18n.h"
#include <stdio.h>
#include <string.h>

/*  Count the lines. A newline at the end begins none.                         */
static size_t count_lines (const char *text, size_t size)
{
    size_t lines = size > 0;
    for (size_t at = 0; at + 1 < size; at++)
        lines += text[at] == '\n';
    return lines;
}

bool paste_guard_paste (paste_guard_t *guard, const char *line, size_t size, size_t limit)
{
    *guard =
        (paste_guard_t){.too_long = size > limit, .lines = count_lines (line, size), .bytes = size};
    guard->asks = guard->too_long || guard->lines > PASTE_LINES;
    return guard->asks;
}

bool paste_guard_refuses (const char *line, size_t size, size_t limit)
{
    return size > limit;
}

paste_answer_t paste_guard_key (paste_guard_t *guard, const keyboard_stroke_t *key)
{
    paste_answer_t answer = PASTE_WAIT;
    bool letter = key->kind == KEYBOARD_TEXT && !key->meta && !key->pasted && key->size == 1;
    if ((key->kind == KEYBOARD_ENTER && !key->meta && !key->pasted) ||
        (letter && strchr ("yYsS", key->text[0])))
        answer = guard->too_long ? PASTE_WAIT : PASTE_SEND;
    else if (key->kind == KEYBOARD_ESCAPE || (letter && strchr ("eEnN", key->text[0])))
        answer = PASTE_EDIT;
    else if (key->kind == KEYBOARD_CONTROL && key->text[0] == 'c')
        answer = PASTE_DROP;
    guard->asks = answer == PASTE_WAIT;
    return answer;
}

/*  Write a number of bytes as people say it.                                  */
static void bytes_shown (size_t bytes, char text[64])
{
    if (bytes < 1000)
        snprintf (text, 64, ngettext ("%zu byte", "%zu bytes", bytes), bytes);
    else
        snprintf (text, 64, _ ("%zu.%zu kB"), bytes / 1000, bytes % 1000 / 100);
}

void paste_guard_question (const paste_guard_t *guard, char question[PASTE_QUESTION_MAX])
{
    char bytes[64];
    bytes_shown (guard->bytes, bytes);
    if (guard->too_long)
        snprintf (question, PASTE_QUESTION_MAX,
                  ngettext ("too long for one message: %zu line, %s (e edits it, C-c drops it)",
                            "too long for one message: %zu lines, %s (e edits it, C-c drops it)",
                            guard->lines),
                  guard->lines, bytes);
    else
        snprintf (
            question, PASTE_QUESTION_MAX,
            ngettext ("send as one message: %zu line, %s? (Enter sends, e edits, C-c drops it)",
                      "send as one message: %zu lines, %s? (Enter sends, e edits, C-c drops it)",
                      guard->lines),
            guard->lines, bytes);
}
