/*  noise.h - who came and who left, in one line

    Pure. Who came and left again, or left and came again, vanishes from it. Bounded: beyond
    NOISE_NAMES_MAX names are counted and not kept.
*/
#ifndef ZCHAT_SCREEN_NOISE_H
#define ZCHAT_SCREEN_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NOISE_NAMES_MAX = 256, /* names of a line that are known                    */
    NOISE_NAMES_SHOWN = 2, /* of who came, and of who left, before "and 3 more" */
};

typedef struct noise noise_t;

noise_t *noise_new (void);
void noise_destroy (noise_t **noise);

/*  Somebody came, or left. A name is a peer's, as it came.                    */
void noise_came (noise_t *noise, const char *name);
void noise_left (noise_t *noise, const char *name);

/*  So many more came and left, whose names are not told.                      */
void noise_more (noise_t *noise, uint64_t came, uint64_t left);

/*  Begin a new line.                                                          */
void noise_clear (noise_t *noise);

/*  True where nothing is to be shown: nobody came or left, or all who did undid it. */
bool noise_empty (const noise_t *noise);

/*  The line, such as "kim, ana and 3 more came, oleg left", with names as they came: it goes
    through the sanitiser where it is shown. "" where it is empty. Valid until the next call. */
const char *noise_text (noise_t *noise);

#endif
