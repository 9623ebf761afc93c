/*  links.h - addresses in a text, and what the terminal is told of them

    Pure. A link begins with http:// or https://, in any case of letters, at the begin of a word.
    Punctuation at its end, and a closing bracket that it does not open, are the sentence's.
*/
#ifndef ZCHAT_SCREEN_LINKS_H
#define ZCHAT_SCREEN_LINKS_H

#include "buffer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINKS_TARGET_MAX = 2083, /* bytes of a target: what VTE takes               */
    LINKS_COPY_MAX = 74970,  /* bytes that OSC 52 carries: what xterm takes, 100,000 of base64 */
    LINKS_OPENER_WORDS = 16, /* words of $BROWSER                               */
};

typedef struct {
    size_t at;   /* bytes before it                                            */
    size_t size; /* bytes of it                                                */
} link_span_t;

/*  Find the links of a text, max at most, in their order. Returns how many.   */
size_t links_find (const char *text, size_t size, link_span_t *links, size_t max);

/*  Make of a link's text what a terminal or a browser is given: what is no printable ASCII, and
    " ' < > \ ^ ` { | }, is percent-encoded. False where it is no link, or too long: then it must
   not be made one.                                                               */
bool links_target (const char *text, size_t size, char target[LINKS_TARGET_MAX + 1]);

/*  What the environment says of the terminal; NULL: it is not set.            */
typedef struct {
    const char *term;            /* TERM                                       */
    const char *program;         /* TERM_PROGRAM                               */
    const char *program_version; /* TERM_PROGRAM_VERSION                       */
    const char *vte_version;     /* VTE_VERSION                                */
    const char *konsole_version; /* KONSOLE_VERSION                            */
    const char *windows;         /* WT_SESSION                                 */
    const char *tmux;            /* TMUX                                       */
    const char *screen;          /* STY                                        */
} links_terminal_t;

/*  True where the terminal is known to have OSC 8.                            */
bool links_known (const links_terminal_t *terminal);

/*  Append the sequence that begins a hyperlink to a target made by links_target. All pieces with
    the same number are one link for the terminal, however its rows are drawn. */
void links_begin (buffer_t *buffer, const char *target, uint64_t number);

/*  Append the sequence that ends it.                                          */
void links_end (buffer_t *buffer);

/*  Append the sequence that puts a text into the clipboard, OSC 52; in tmux within its own, where
    tmux is set. False where it is too long: nothing is appended.              */
bool links_copy (buffer_t *buffer, const char *text, size_t size, bool tmux);

/*  Choose what opens a target of links_target: the first program of $BROWSER (NULL: not set), which
    may have arguments and a %s, or xdg-open. Nothing of it ever sees a shell. Returns the words,
    ended by NULL, for words_free.                                             */
char **links_opener (const char *browser, const char *target);

#endif
