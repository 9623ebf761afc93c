/*  input.h - standard input of a program, as messages: one message a line, or all of it as one

    Pure: bytes go in, messages come out. Input that is not text is mended, so that the program
    which writes it never has to stop: bytes that are not UTF-8 become U+FFFD, NUL becomes U+2400 (a
    picture of it), CR before a newline is dropped, and a line that is too long becomes several
    messages, cut between characters. input_note and input_summary tell what was mended. With
    `strict` nothing is mended; input that would need it is INPUT_WRONG.
*/
#ifndef ZCHAT_CLI_INPUT_H
#define ZCHAT_CLI_INPUT_H

#include "buffer.h"
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    INPUT_MESSAGE, /* *message is set                                          */
    INPUT_MORE,    /* nothing comes until input_add or input_end               */
    INPUT_OVER,    /* nothing comes any more                                   */
    INPUT_WRONG,   /* *message cannot be sent, and says why; the input goes on behind it */
} input_turn_t;

typedef struct {
    const char *text; /* valid until the next call                             */
    size_t size;      /* 1 to the limit, in bytes                              */
    uint64_t line;    /* number of the line it came from, from 1               */
    const char *why;  /* with INPUT_WRONG: the reason; valid until the next call */
} input_message_t;

/*  Initialise it with input_init; the fields belong to the module.            */
typedef struct {
    bool lines, strict;
    size_t limit;                   /* bytes of a message                      */
    buffer_t raw;                   /* bytes that were handed in and not yet looked at */
    size_t at;                      /* bytes of raw that are done              */
    buffer_t text;                  /* the present line, mended                */
    size_t given;                   /* bytes of text that are in the message given last */
    bool whole;                     /* the end of the present line was seen    */
    bool skips;                     /* the rest of the present line is dropped */
    bool ended;                     /* no more input comes                     */
    uint64_t line;                  /* number of lines that are done           */
    uint64_t bad, nul;              /* bytes and NULs mended in the present line */
    uint64_t pieces;                /* messages made of the present line so far */
    uint64_t noted;                 /* lines of which input_note has told      */
    uint64_t mended;                /* lines in which something was mended     */
    uint64_t n_bad, n_nul, n_split; /* lines with bad bytes, lines with NULs, lines that were cut */
    char note[240];
    bool has_note;
    char why[160];
} input_t;

/*  Begin. lines: each line is a message, and empty ones are skipped; otherwise all of the input
    is one message. limit: bytes of a message.                                 */
void input_init (input_t *self, bool lines, bool strict, size_t limit);
void input_free (input_t *self);

/*  Hand in more input, only after INPUT_MORE. So no more is kept than the limit and one piece. */
void input_add (input_t *self, const char *bytes, size_t size);
/*  Tell that the input has ended.                                             */
void input_end (input_t *self);

/*  Find out what comes next.                                                  */
input_turn_t input_next (input_t *self, input_message_t *message);
/*  Tell that the message of input_next was taken; without this call it comes again. */
void input_taken (input_t *self);

/*  Say in one line what was mended in the line before, of the first few such lines; else NULL.
    Valid until the next call.                                                 */
const char *input_note (input_t *self);
/*  Say in one line what was mended in all, where that is more than input_note told; else NULL. */
const char *input_summary (input_t *self);

#endif
