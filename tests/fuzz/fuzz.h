/*  fuzz.h - what the fuzzers share: checks, and inputs that people can read

    An input is text: lines, their parts parted by |. So findings can be read and written
    by hand, and keep their meaning when a verb is added. Bytes of any kind come in
    as escapes:

        \xHH   a byte, \x7c for |         \n  \\   newline, backslash
        \*N;   the byte before it, N times more
        \cD    what the fuzzer makes of a letter and a digit, e.g. \k1, the key of peer 1

    Whatever is no escape stands for itself.                                   */
#ifndef ZCHAT_FUZZ_H
#define ZCHAT_FUZZ_H

#include "frame.h"
#include <stdint.h>

enum {
    FUZZ_FRAMES_MAX = 12,      /* parts of a line; the rest of it is left out      */
    FUZZ_FRAME_MAX = 1 << 21,  /* bytes of one part                                */
    FUZZ_BUDGET_MAX = 1 << 23, /* bytes of all parts of an input                   */
};

/*  One input; libFuzzer calls it, or replay.c.                                */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/*  Lines and parts of lines of which a mutation makes inputs; each fuzzer has its own.
    Ended by NULL.                                                             */
extern const char *const fuzz_lines[];
extern const char *const fuzz_parts[];

/*  As assert, but in every build.                                             */
#define fuzz_check(condition)                                                                      \
    ((condition) ? (void)0 : fuzz_failed (#condition, __FILE__, __LINE__, __func__))
_Noreturn void fuzz_failed (const char *condition, const char *file, int line,
                            const char *function);

/*  Say what a check that is about to fail looked at: bytes, shown fit for a terminal.  */
void fuzz_say (const char *what, frame_t frame);

/*  The bytes in a block of their own, exactly as long, so that nothing can be read
    beyond them unseen. The caller frees data.                                 */
frame_t fuzz_copy (frame_t frame);
/*  The same, ended by a NUL; a NUL inside ends it early.                      */
char *fuzz_string (frame_t frame);

/*  Take the next line off text, without its newline. False at the end.        */
bool fuzz_line (frame_t *text, frame_t *line);

/*  What \cD stands for; NULL: nothing, the escape stands for itself.          */
typedef struct {
    const char *(*expand) (void *arg, char letter, unsigned digit);
    void *arg;
    size_t spent; /* bytes made so far; nothing more is made beyond FUZZ_BUDGET_MAX     */
} fuzz_escapes_t;

/*  Part line at each | and read the escapes: each part is a block of its own, exactly as
    long. Returns their number, 1 at least; give them to fuzz_frames_free.      */
size_t fuzz_frames (fuzz_escapes_t *escapes, frame_t line, frame_t frames[FUZZ_FRAMES_MAX]);
void fuzz_frames_free (frame_t *frames, size_t count);

/*  The decimal number that text begins with, most at most; 0 where there is none.      */
uint64_t fuzz_number (frame_t text, uint64_t most);

#endif
