/*  name.h - which names are allowed, and which are the same

    Rules: protocol/PROTOCOL.md, "Names". Normalisation and casefolding are utf8proc's; what
    looks like what is confusables.txt of Unicode TR 39 (unicode.h); the alphabets are a table of
    our own, after its "highly restrictive".
*/
#ifndef ZCHAT_PROTOCOL_NAME_H
#define ZCHAT_PROTOCOL_NAME_H

#include "frame.h"
#include <stdint.h>
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

/*  Returns the name in NFC, because keyboards and programs may give another form (macOS gives
    NFD). It is written to composed. What cannot become an allowed name is returned as it is,
    and name_check then says what is wrong with it.                            */
frame_t name_compose (frame_t name, char composed[ZCHAT_NAME_MAX]);

/*  True where a name may hold the code point: letters, marks, digits, . _ - and joiners. */
bool name_holds (uint32_t codepoint);

/*  Write the fold (see name_keys_t) of a text that consists of such code points, in any
    normalisation form. False where it is too long for a name. It is no check: a text that is no
    allowed name may have the fold of one.                                     */
bool name_fold (frame_t text, char fold[NAME_KEY_MAX + 1]);

/*  Write the key under which the log stores bans and mailboxes of somebody who has not proven
    this (allowed) name. Logs hold these keys, so the function never changes. Two names that
    count as the same may have different keys.                                 */
void name_who (frame_t name, char who[NAME_KEY_MAX + 1]);

/*  Write the form of a key that is compared with reserved names: without accents and the signs
    . _ -, with every l written as i.                                          */
void name_sound (const char *key, char sound[NAME_KEY_MAX + 1]);

#endif
