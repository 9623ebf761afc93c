/*  name.h - which names are allowed, and which are the same

    Rules: protocol/PROTOCOL.md, "Names". Normalisation and casefolding are utf8proc's; what
    looks like what is confusables.txt of Unicode TR 39 (unicode.h); the alphabets are a table of
    our own, after its "highly restrictive".
*/
#ifndef ZCHAT_PROTOCOL_NAME_H
#define ZCHAT_PROTOCOL_NAME_H

#include "frame.h"
#include <zchat/limits.h>
#include <zchat/status.h>

enum {
    NAME_KEY_MAX = 4 * ZCHAT_NAME_MAX,
};

/*  Two names are the same where any key of one is a key of the other.         */
typedef struct {
    char fold[NAME_KEY_MAX + 1]; /* NFKC, casefolded; ends in NUL              */
    char look[NAME_KEY_MAX + 1]; /* what it looks like: its skeleton of TR 39,
                                    casefolded                                */
} name_keys_t;

/*  Check a name and compute its keys. ZCHAT_OK; ZCHAT_NAME with *why set to a
    static sentence that says what is wrong with it and what would be right;
    keys are then untouched. keys and why may be NULL.                         */
zchat_status_t name_check (frame_t name, name_keys_t *keys, const char **why) ZCHAT_CHECKED;

/*  True where both are keys of the same name.                                 */
bool name_same (const name_keys_t *a, const name_keys_t *b);

/*  The name in NFC, as programs may send it in another form (macOS types NFD). It is in composed,
    or the name itself where it is none that can become one: name_check says what is wrong then. */
frame_t name_compose (frame_t name, char composed[ZCHAT_NAME_MAX]);

/*  By what the log knows somebody of that (allowed) name who does not prove it: bans and mailboxes
    are called after it, so it is never changed. Two names that are the same need not agree in it.
 */
void name_who (frame_t name, char who[NAME_KEY_MAX + 1]);

/*  A key of a name as it is compared with reserved names: without marks and the signs . _ -, and
    i for l.                                                                   */
void name_sound (const char *key, char sound[NAME_KEY_MAX + 1]);

#endif
