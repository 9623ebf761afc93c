/*  paste_guard.h - a long paste asks before it goes anywhere

    Pure. A paste of more than PASTE_LINES lines is not taken for a message: the screen asks "send
    as one message: 40 lines, 1.1 kB", and only an explicit key sends it. It is never a command,
    whatever it begins with. One that is over what a message may have cannot be sent; it stays in
    the line, to be shortened.
*/
#ifndef ZCHAT_SCREEN_PASTE_GUARD_H
#define ZCHAT_SCREEN_PASTE_GUARD_H

#include "keyboard.h"
#include <stdbool.h>
#include <stddef.h>

enum { PASTE_LINES = 5 /* a paste of more lines asks                           */ };

typedef struct {
    bool asks;     /* a question is open: keys go to paste_guard_key           */
    bool too_long; /* it cannot be sent as it is                               */
    size_t lines;  /* of the whole input line                                  */
    size_t bytes;  /* of it                                                    */
} paste_guard_t;

typedef enum {
    PASTE_WAIT, /* the question stays open                                    */
    PASTE_SEND, /* send the line as one message of text: command_text         */
    PASTE_EDIT, /* it stays in the line                                       */
    PASTE_DROP, /* the line is to be emptied                                  */
} paste_answer_t;

/*  The end of a paste has come: decide about the line as it stands now, of which a message may
    have `limit` bytes. True where the guard asks.                             */
bool paste_guard_paste (paste_guard_t *guard, const char *line, size_t size, size_t limit);

/*  Decide in the same way when a line is about to be sent: true where it must not go because it
    is too long.                                                               */
bool paste_guard_refuses (const char *line, size_t size, size_t limit);

/*  Take a key while the guard asks.                                           */
paste_answer_t paste_guard_key (paste_guard_t *guard, const keyboard_stroke_t *key);

enum { PASTE_QUESTION_MAX = 400 /* bytes, in any language                     */ };

/*  Write the question, one line.                                              */
void paste_guard_question (const paste_guard_t *guard, char question[PASTE_QUESTION_MAX]);

#endif
