/*  keys.h - what a terminal sends, as keys

    Pure: bytes in, keys out. A key may come in pieces; what is not complete yet waits
    for more bytes, or for keys_flush where no more come. Unknown sequences are
    swallowed whole, so that they never end up as text.

    Within a bracketed paste everything is text: newlines (CR and CR LF as well) come
    as "\n", tabs as "\t", other control characters are dropped. Its begin and its end are
    told.
*/
#ifndef ZCHAT_CLI_KEYS_H
#define ZCHAT_CLI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    KEYS_TEXT,    /* one character: text, size; meta: typed with Alt           */
    KEYS_CONTROL, /* Control and the letter in text[0], 'a' to 'z', or one of
                     ' ' '[' '\\' ']' '^' '_'                                  */
    KEYS_ENTER,
    KEYS_TAB,
    KEYS_BACKSPACE,
    KEYS_DELETE,
    KEYS_LEFT,
    KEYS_RIGHT,
    KEYS_UP,
    KEYS_DOWN,
    KEYS_HOME,
    KEYS_END,
    KEYS_PAGE_UP,
    KEYS_PAGE_DOWN,
    KEYS_PASTE_BEGIN,
    KEYS_PASTE_END,
    KEYS_POSITION, /* no key: where the cursor is, which was asked for         */
    KEYS_ESCAPE,   /* alone: told by keys_flush                                */
} keys_kind_t;

typedef struct {
    keys_kind_t kind;
    bool meta;    /* with Alt, or after ESC                                    */
    bool control; /* arrows and the like with Control held                     */
    bool pasted;  /* of a bracketed paste                                      */
    size_t size;  /* bytes of text                                             */
    char text[8]; /* UTF-8, ended by NUL                                       */
    int column;   /* of KEYS_POSITION, from 0                                  */
} keys_event_t;

typedef struct keys keys_t;

keys_t *keys_new (void);
void keys_destroy (keys_t **keys);

/*  Hand in bytes. They are kept until keys_next has taken them: call that until it
    returns false before handing in more.                                      */
void keys_feed (keys_t *keys, const void *bytes, size_t size);

/*  Take the next key. False where nothing complete is left.                   */
bool keys_next (keys_t *keys, keys_event_t *event);

/*  ms to wait for more bytes before keys_flush; -1: nothing is unfinished.    */
int keys_timeout (const keys_t *keys);

/*  No more bytes come for what is unfinished: let keys_next make of it what it can.
    A paste whose end was lost ends here.                                      */
void keys_flush (keys_t *keys);

#endif
