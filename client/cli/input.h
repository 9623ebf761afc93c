/*  input.h - standard input of a program, as messages: one message a line, or all of it as one

    Pure: bytes go in, messages come out. Input that is not text is mended, so that the program
    that writes it never has to stop: bytes that are not UTF-8 become U+FFFD, NUL becomes U+2400
    (a picture of it), CR before a newline goes, and a line that is too long becomes several
    messages, cut between characters. What was mended is told (input_note, input_summary). With
    `strict` nothing is mended, and the first such thing is INPUT_WRONG.       */
#ifndef ZCHAT_CLI_INPUT_H
#define ZCHAT_CLI_INPUT_H

#include "buffer.h"
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    INPUT_MESSAGE, /* *message                                                 */
    INPUT_MORE,    /* nothing until input_add or input_end                     */
    INPUT_OVER,    /* nothing any more                                         */
    INPUT_WRONG,   /* *message cannot be sent: why; the input goes on behind it */
} input_turn_t;

typedef struct {
    const char *text; /* valid until the next call                             */
    size_t size;      /* 1 to the limit                                        */
    uint64_t line;    /* of the input, 1 the first                             */
    const char *why;  /* of INPUT_WRONG; valid until the next call             */
} input_message_t;

/*  Initialise with input_init; the fields are the module's own.               */
typedef struct {
    bool lines, strict;
    size_t limit;                   /* bytes of a message                                   */
    buffer_t raw;                   /* read, but not yet looked at                          */
    size_t at;                      /* bytes of raw that are done                           */
    buffer_t text;                  /* the present line, mended                             */
    size_t given;                   /* bytes of text that the last message took             */
    bool whole;                     /* its end was seen                                     */
    bool skips;                     /* the rest of it is dropped                            */
    bool ended;                     /* no more comes                                        */
    uint64_t line;                  /* lines that are done                                  */
    uint64_t bad, nul;              /* mended in the present line                           */
    uint64_t pieces;                /* messages made of the present line so far             */
    uint64_t noted;                 /* lines told by input_note                             */
    uint64_t mended;                /* lines so far in which something was mended */
    uint64_t n_bad, n_nul, n_split; /* such things so far: bytes, NULs, cut lines */
    char note[240];
    bool has_note;
    char why[160];
} input_t;

/*  lines: a message a line, empty ones are skipped; else all is one message. limit: bytes of
    a message.                                                                 */
void input_init (input_t *self, bool lines, bool strict, size_t limit);
void input_free (input_t *self);

/*  Hand in more input, only after INPUT_MORE: so no more is kept than the limit and one piece. */
void input_add (input_t *self, const char *bytes, size_t size);
/*  The input has ended.                                                       */
void input_end (input_t *self);

/*  What is next.                                                              */
input_turn_t input_next (input_t *self, input_message_t *message);
/*  The message that input_next gave was taken; without this call it comes again. */
void input_taken (input_t *self);

/*  One line about what was mended in the line before, or NULL: the first few only. Valid until
    the next call.                                                             */
const char *input_note (input_t *self);
/*  One line about all of it, where more was mended than input_note told, or NULL. */
const char *input_summary (input_t *self);

#endif
