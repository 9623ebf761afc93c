/*  name.c - which names are allowed, and which are the same                   */
#include "name.h"
#include "name_tables.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

_Static_assert(ZCHAT_NAME_MAX_CODEPOINTS == 32, "the texts below name it");

/*  --- code points -----------------------------------------------------------  */

/*  Take the first code point off rest, which is not empty.                    */
static uint32_t take (frame_t *rest)
{
    uint32_t codepoint;
    size_t size = text_decode (*rest, &codepoint);
    *rest = frame_of ((const char *)rest->data + size, rest->size - size);
    return codepoint;
}

typedef enum { NOTHING, LETTER, MARK, DIGIT, SIGN, FORMAT } kind_t;

/*  What a code point is in a name; NOTHING where it has no place there.       */
static kind_t kind_of (uint32_t codepoint)
{
    if (codepoint == '.' || codepoint == '_' || codepoint == '-')
        return SIGN;
    const utf8proc_property_t *property = utf8proc_get_property ((utf8proc_int32_t)codepoint);
    if (property->ignorable)
        return FORMAT;
    switch (property->category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return LETTER;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return MARK;
    case UTF8PROC_CATEGORY_ND:
        return DIGIT;
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return FORMAT;
    default:
        return NOTHING;
    }
}

/*  NULL where the text, not empty, consists of what names consist of, else what is
    wrong.                                                                     */
static const char *check_codepoints (frame_t text)
{
    frame_t rest = text;
    if (kind_of (take (&rest)) == MARK)
        return "a name begins with a letter, a digit, '.', '_' or '-', not with a mark";
    bool solid = false;
    for (rest = text; rest.size > 0;) {
        kind_t kind = kind_of (take (&rest));
        if (kind == NOTHING)
            return "a name consists of letters, digits, '.', '_' and '-'";
        if (kind == FORMAT)
            return "a name has no control or invisible characters; "
                   "use letters, digits, '.', '_' and '-'";
        solid = solid || kind == LETTER || kind == DIGIT;
    }
    return solid ? NULL : "a name has at least one letter or digit";
}

static size_t count_codepoints (frame_t text)
{
    size_t count = 0;
    for (; text.size > 0; count++)
        take (&text);
    return count;
}

/*  --- forms -----------------------------------------------------------------  */

/*  The text in another form, ended by NUL; the caller frees it.               */
static char *convert (frame_t text, utf8proc_option_t options)
{
    utf8proc_uint8_t *form = NULL;
    utf8proc_ssize_t size =
        utf8proc_map (text.data, (utf8proc_ssize_t)text.size, &form, options | UTF8PROC_STABLE);
    if (size < 0) { /* the text is valid and short: nothing else can fail */
        fputs ("zchat: out of memory\n", stderr);
        abort ();
    }
    return (char *)form;
}

/*  NFKC of the casefolded text; the caller frees it.                          */
static char *fold_text (frame_t text)
{
    return convert (text, UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

static bool is_nfc (frame_t name)
{
    char *composed = convert (name, UTF8PROC_COMPOSE);
    bool same = frame_is (name, composed);
    free (composed);
    return same;
}

/*  True where the name is shown as it stands: no invisible characters that are no
    "format" to Unicode, no pile of marks of which a part would not be shown, so
    that two names would be seen as one.                                       */
static bool is_shown_whole (frame_t name)
{
    char *shown = text_display (name, TEXT_LINE, NULL);
    bool same = frame_is (name, shown);
    free (shown);
    return same;
}

/*  --- keys ------------------------------------------------------------------  */

/*  The look: letters replaced by those that stand for them, casefolded then, for
    capitals look like other letters than their small ones do. parts is the name
    decomposed (NFKD), so that letters with marks are replaced too.
    NULL where it is too long for a key; the caller frees it.                  */
static char *look_of (const char *parts)
{
    char look[NAME_KEY_MAX];
    size_t size = 0;
    for (frame_t rest = frame_str (parts); rest.size > 0;) {
        uint32_t codepoint = take (&rest);
        char encoded[4];
        size_t more = text_encode (name_lookalike (codepoint), encoded);
        if (size + more > sizeof look)
            return NULL;
        memcpy (look + size, encoded, more);
        size += more;
    }
    return fold_text (frame_of (look, size));
}

/*  True where the letters come from at most one of the alphabets that are mistaken
    for each other.                                                            */
static bool is_one_alphabet (const char *parts)
{
    int alphabet = NAME_ALPHABET_NONE;
    for (frame_t rest = frame_str (parts); rest.size > 0;) {
        uint32_t codepoint = take (&rest);
        int other = name_alphabet (codepoint);
        if (other == NAME_ALPHABET_NONE || kind_of (codepoint) != LETTER)
            continue;
        if (alphabet != NAME_ALPHABET_NONE && alphabet != other)
            return false;
        alphabet = other;
    }
    return true;
}

/*  --- ASCII, most names -----------------------------------------------------  */

static char lower (char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

/*  True where the name is ASCII and allowed: both keys are then its small letters. */
static bool ascii_check (frame_t name, name_keys_t *keys)
{
    const char *bytes = name.data;
    bool solid = false;
    if (name.size > ZCHAT_NAME_MAX_CODEPOINTS)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char byte = lower (bytes[i]);
        if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9'))
            solid = true;
        else if (byte != '.' && byte != '_' && byte != '-')
            return false;
    }
    if (!solid || keys == NULL)
        return solid;
    for (size_t i = 0; i < name.size; i++)
        keys->fold[i] = keys->look[i] = lower (bytes[i]);
    keys->fold[name.size] = keys->look[name.size] = '\0';
    return true;
}

/*  --- names -----------------------------------------------------------------  */

static const char *check_bytes (frame_t name)
{
    if (name.size == 0)
        return "a name is empty here; it has 1 to 32 characters";
    if (name.size > ZCHAT_NAME_MAX)
        return "a name has at most 32 characters";
    if (!text_valid (name))
        return "a name is valid UTF-8 without NUL";
    if (count_codepoints (name) > ZCHAT_NAME_MAX_CODEPOINTS)
        return "a name has at most 32 characters";
    const char *wrong = check_codepoints (name);
    if (wrong != NULL)
        return wrong;
    if (!is_nfc (name))
        return "a name is in Unicode normalisation form C (NFC); this one is not";
    return is_shown_whole (name) ? NULL
                                 : "a name has no invisible characters, and at most 4 marks "
                                   "on a letter";
}

/*  Compute both keys of a name whose bytes are checked; NULL, or what is wrong. */
static const char *compute_keys (frame_t name, name_keys_t *keys)
{
    char *parts = convert (name, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
    char *fold = fold_text (name);
    char *look = look_of (parts);
    const char *wrong = NULL;
    if (look == NULL || strlen (look) > NAME_KEY_MAX || strlen (fold) > NAME_KEY_MAX)
        wrong = "a character of the name stands for too many others; use plain letters";
    else if (!is_one_alphabet (parts))
        wrong = "the letters of a name come from one alphabet: not Latin, Greek, Cyrillic mixed";
    else if (check_codepoints (frame_str (fold)) != NULL)
        wrong = "a character of the name stands for one that no name has; use plain letters";
    else if (keys != NULL) {
        memcpy (keys->fold, fold, strlen (fold) + 1);
        memcpy (keys->look, look, strlen (look) + 1);
    }
    free (look);
    free (fold);
    free (parts);
    return wrong;
}

zchat_status_t name_check (frame_t name, name_keys_t *keys, const char **why)
{
    if (ascii_check (name, keys))
        return ZCHAT_OK;
    const char *wrong = check_bytes (name);
    if (wrong == NULL)
        wrong = compute_keys (name, keys);
    if (wrong == NULL)
        return ZCHAT_OK;
    if (why != NULL)
        *why = wrong;
    return ZCHAT_NAME;
}

bool name_same (const name_keys_t *a, const name_keys_t *b)
{
    return strcmp (a->fold, b->fold) == 0 || strcmp (a->look, b->look) == 0 ||
           strcmp (a->fold, b->look) == 0 || strcmp (a->look, b->fold) == 0;
}
