/*  name.h - which names are allowed, and which are the same

    Rules: protocol/PROTOCOL.md, "Names". Normalisation and casefolding are
    utf8proc's; the scripts and the letters that look alike are tables of our
    own, after Unicode TR 39 (confusables.txt, "highly restrictive").
*/
#ifndef ZCHAT_PROTOCOL_NAME_H
#define ZCHAT_PROTOCOL_NAME_H

#include "frame.h"
#include <zchat/limits.h>
#include <zchat/status.h>

enum { NAME_KEY_MAX = 4 * ZCHAT_NAME_MAX };

/*  Two names are the same where any key of one is a key of the other.         */
typedef struct {
    char fold[NAME_KEY_MAX + 1]; /* NFKC, casefolded; ends in NUL              */
    char look[NAME_KEY_MAX + 1]; /* what it looks like: as fold, with letters
                                    that look alike replaced by one of them   */
} name_keys_t;

/*  Check a name and compute its keys. ZCHAT_OK; ZCHAT_NAME with *why set to a
    static sentence that says what is wrong with it and what would be right;
    keys are then untouched. keys and why may be NULL.                         */
zchat_status_t name_check (frame_t name, name_keys_t *keys, const char **why) ZCHAT_CHECKED;

/*  True where both are keys of the same name.                                 */
bool name_same (const name_keys_t *a, const name_keys_t *b);

#endif
