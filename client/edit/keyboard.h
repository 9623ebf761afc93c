/*  keyboard.h - what a terminal sends becomes keys

    Pure: bytes go in, keys come out. A key may come in pieces; what is not complete yet waits for
    more bytes, or for keyboard_flush where no more come. Unknown sequences are swallowed whole, so
    that they never end up as text.

    Within a bracketed paste everything is text: newlines (CR and CR LF as well) come as "\n", tabs
    as "\t", and other control characters are dropped. The begin and the end of a paste come as
    keys.
*/
#ifndef ZCHAT_EDIT_KEYBOARD_H
#define ZCHAT_EDIT_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    KEYBOARD_TEXT,    /* one character, in text and size; meta: it was typed with Alt */
    KEYBOARD_CONTROL, /* Control and the letter in text[0]: 'a' to 'z', or one of ' ' '[' '\\' ']'
                         '^' '_' */
    KEYBOARD_ENTER,
    KEYBOARD_TAB,
    KEYBOARD_BACKSPACE,
    KEYBOARD_DELETE,
    KEYBOARD_LEFT,
    KEYBOARD_RIGHT,
    KEYBOARD_UP,
    KEYBOARD_DOWN,
    KEYBOARD_HOME,
    KEYBOARD_END,
    KEYBOARD_PAGE_UP,
    KEYBOARD_PAGE_DOWN,
    KEYBOARD_PASTE_BEGIN,
    KEYBOARD_PASTE_END,
    KEYBOARD_POSITION,  /* no key: the terminal's answer to the question where the cursor is */
    KEYBOARD_FOCUS_IN,  /* no key: the terminal has the person's attention, where that was asked for
                         */
    KEYBOARD_FOCUS_OUT, /* and lost it                                          */
    KEYBOARD_ESCAPE,    /* ESC alone, which keyboard_flush finds out            */
} keyboard_kind_t;

typedef struct {
    keyboard_kind_t kind;
    bool meta;    /* it was typed with Alt, or after ESC                       */
    bool control; /* an arrow or its like was typed with Control               */
    bool pasted;  /* it is part of a bracketed paste                           */
    size_t size;  /* bytes of text                                             */
    char text[8]; /* UTF-8, ended by NUL                                       */
    int column;   /* of KEYBOARD_POSITION, from 0                              */
} keyboard_stroke_t;

typedef struct keyboard keyboard_t;

keyboard_t *keyboard_new (void);
void keyboard_destroy (keyboard_t **keyboard);

/*  Hand in bytes. They are kept until keyboard_next has taken them; call that until it returns
    false before handing in more.                                              */
void keyboard_feed (keyboard_t *keyboard, const void *bytes, size_t size);

/*  Take the next key. False where nothing complete is left.                   */
bool keyboard_next (keyboard_t *keyboard, keyboard_stroke_t *stroke);

/*  Return how many ms to wait for more bytes before keyboard_flush; -1: nothing is unfinished. */
int keyboard_timeout (const keyboard_t *keyboard);

/*  Tell that no more bytes come for what is unfinished. keyboard_next makes of it what it can; a
    paste whose end was lost ends here.                                        */
void keyboard_flush (keyboard_t *keyboard);

#endif
