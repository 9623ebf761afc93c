/*  name.c - which names are allowed, and which are the same                   */
#include "name.h"
#include "name_tables.h"
#include "text.h"
#include "unicode.h"
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

static bool is_joiner (uint32_t codepoint)
{
    return codepoint == UNICODE_ZWNJ || codepoint == UNICODE_ZWJ;
}

static size_t count_codepoints (frame_t text)
{
    size_t count = 0;
    for (; text.size > 0; count++)
        take (&text);
    return count;
}

/*  NULL where the text, not empty, consists of what names consist of, else what is
    wrong.                                                                     */
static const char *check_codepoints (frame_t text)
{
    uint32_t codepoints[NAME_KEY_MAX];
    size_t count = 0;
    while (text.size > 0 && count < NAME_KEY_MAX)
        codepoints[count++] = take (&text);
    if (count == 0)
        return "a name has at least one letter or digit";
    if (kind_of (codepoints[0]) == MARK)
        return "a name begins with a letter, a digit, '.', '_' or '-', not with a mark";
    bool solid = false;
    for (size_t i = 0; i < count; i++) {
        kind_t kind = kind_of (codepoints[i]);
        if (kind == NOTHING)
            return "a name consists of letters, digits, '.', '_' and '-'";
        if (kind == FORMAT &&
            !(is_joiner (codepoints[i]) && unicode_joiner_fits (codepoints, count, i)))
            return "a name has no control or invisible characters; "
                   "use letters, digits, '.', '_' and '-'";
        solid = solid || kind == LETTER || kind == DIGIT;
    }
    return solid ? NULL : "a name has at least one letter or digit";
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

/*  The name without joiners, which have no part in what it is; text has room for it.  */
static frame_t drop_joiners (frame_t name, char *text)
{
    size_t size = 0;
    while (name.size > 0) {
        uint32_t codepoint = take (&name);
        if (!is_joiner (codepoint))
            size += text_encode (codepoint, text + size);
    }
    return frame_of (text, size);
}

/*  --- keys ------------------------------------------------------------------  */

typedef struct {
    char text[NAME_KEY_MAX + 1]; /* ended by NUL                               */
    size_t size;
} look_t;

/*  False where there is no room for it.                                       */
static bool look_add (look_t *look, const char *text, size_t size)
{
    if (look->size + size > NAME_KEY_MAX)
        return false;
    memcpy (look->text + look->size, text, size);
    look->size += size;
    look->text[look->size] = '\0';
    return true;
}

static bool is_like_l (uint32_t codepoint)
{
    const char *like = unicode_like (codepoint);
    return codepoint == 'l' || (like && strcmp (like, "l") == 0);
}

/*  True where what looks like "l" is read as a capital I: among capitals.     */
static bool is_among_capitals (frame_t parts)
{
    bool capital = false;
    while (parts.size > 0) {
        uint32_t codepoint = take (&parts);
        utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t)codepoint);
        if (is_like_l (codepoint))
            continue;
        if (category == UTF8PROC_CATEGORY_LL)
            return false;
        capital = capital || category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
    }
    return capital;
}

/*  The skeleton of TR 39 of a text in NFD; "l" among capitals is I, and a dot above a letter that
    has one anyway is dropped. False where it is too long.                     */
static bool skeleton (frame_t parts, look_t *look)
{
    const char *l = is_among_capitals (parts) ? "I" : "l";
    bool dotted = false; /* a dot above would be drawn over a dot */
    *look = (look_t){.size = 0};
    while (parts.size > 0) {
        uint32_t codepoint = take (&parts);
        char encoded[4];
        size_t size = text_encode (codepoint, encoded);
        const char *like = is_like_l (codepoint) ? l : unicode_like (codepoint);
        if (codepoint == UNICODE_DOT_ABOVE && dotted)
            continue;
        if (!(like ? look_add (look, like, strlen (like)) : look_add (look, encoded, size)))
            return false;
        int class = unicode_class (codepoint);
        if (class == 0 || class == unicode_class (UNICODE_DOT_ABOVE)) {
            uint32_t last = codepoint;
            for (frame_t rest = frame_str (like ? like : ""); rest.size > 0;)
                last = take (&rest);
            dotted = unicode_is (soft_dotted, last);
        }
    }
    return true;
}

/*  What the name looks like; the form is that of a key. Capitals look like other letters than
    their small ones do, and these like others again: once more, until nothing changes. False
    where it is too long.                                                      */
static bool look_of (frame_t name, look_t *look)
{
    enum { ROUNDS_MAX = 8 };
    look_t last = {.size = 0};
    if (!look_add (&last, name.data, name.size))
        return false;
    for (int i = 0; i < ROUNDS_MAX; i++) {
        char *parts = convert (frame_of (last.text, last.size), UTF8PROC_DECOMPOSE);
        bool fits = skeleton (frame_str (parts), look);
        free (parts);
        if (!fits)
            return false;
        char *fold = fold_text (frame_of (look->text, look->size));
        *look = (look_t){.size = 0};
        fits = look_add (look, fold, strlen (fold));
        free (fold);
        if (!fits)
            return false;
        if (strcmp (look->text, last.text) == 0)
            break;
        last = *look;
    }
    return true;
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

/*  What look_of makes of ASCII.                                               */
static void ascii_look (frame_t name, char look[NAME_KEY_MAX + 1])
{
    const char *bytes = name.data;
    size_t size = 0;
    bool capital = false, small = false;
    for (size_t i = 0; i < name.size; i++) {
        small = small || (bytes[i] >= 'a' && bytes[i] <= 'z' && bytes[i] != 'l');
        capital = capital || (bytes[i] >= 'A' && bytes[i] <= 'Z' && bytes[i] != 'I');
    }
    for (size_t i = 0; i < name.size; i++) {
        char byte = bytes[i];
        if (byte == 'l' || byte == 'I' || byte == '1')
            look[size++] = capital && !small ? 'i' : 'l';
        else if (lower (byte) == 'm') {
            look[size++] = 'r';
            look[size++] = 'n';
        } else
            look[size++] = byte == '0' ? 'o' : lower (byte);
    }
    look[size] = '\0';
}

/*  True where the name is ASCII and allowed; both keys are then easily had.   */
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
        keys->fold[i] = lower (bytes[i]);
    keys->fold[name.size] = '\0';
    ascii_look (name, keys->look);
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
    char bare[ZCHAT_NAME_MAX];
    look_t look;
    name = drop_joiners (name, bare);
    char *parts = convert (name, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
    char *fold = fold_text (name);
    const char *wrong = NULL;
    if (strlen (parts) > NAME_KEY_MAX || strlen (fold) > NAME_KEY_MAX || !look_of (name, &look))
        wrong = "a character of the name stands for too many others; use plain letters";
    else if (!is_one_alphabet (parts))
        wrong = "the letters of a name come from one alphabet: not Latin, Greek, Cyrillic mixed";
    else if (check_codepoints (frame_str (fold)) != NULL)
        wrong = "a character of the name stands for one that no name has; use plain letters";
    else if (keys != NULL) {
        memcpy (keys->fold, fold, strlen (fold) + 1);
        memcpy (keys->look, look.text, look.size + 1);
    }
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

frame_t name_compose (frame_t name, char composed[ZCHAT_NAME_MAX])
{
    bool ascii = true;
    for (size_t i = 0; ascii && i < name.size; i++)
        ascii = ((const uint8_t *)name.data)[i] < 0x80;
    if (ascii || name.size > ZCHAT_NAME_FORM_MAX || !text_valid (name))
        return name;
    char *text = convert (name, UTF8PROC_COMPOSE);
    size_t size = strlen (text);
    if (size <= ZCHAT_NAME_MAX) {
        memcpy (composed, text, size);
        name = frame_of (composed, size);
    }
    free (text);
    return name;
}

bool name_holds (uint32_t codepoint)
{
    if (codepoint < 0x80)
        return (codepoint >= '0' && codepoint <= '9') || (codepoint >= 'A' && codepoint <= 'Z') ||
               (codepoint >= 'a' && codepoint <= 'z') || kind_of (codepoint) == SIGN;
    kind_t kind = kind_of (codepoint);
    return is_joiner (codepoint) || kind == LETTER || kind == MARK || kind == DIGIT;
}

bool name_fold (frame_t text, char fold[NAME_KEY_MAX + 1])
{
    char composed[ZCHAT_NAME_MAX], bare[ZCHAT_NAME_MAX];
    bool ascii = true;
    frame_t name = name_compose (text, composed);
    if (name.size > ZCHAT_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        fold[i] = lower (((const char *)name.data)[i]);
        ascii = ascii && ((const uint8_t *)name.data)[i] < 0x80;
    }
    fold[name.size] = '\0';
    if (ascii)
        return true;
    char *made = fold_text (drop_joiners (name, bare));
    bool fits = strlen (made) <= NAME_KEY_MAX;
    if (fits)
        memcpy (fold, made, strlen (made) + 1);
    free (made);
    return fits;
}

bool name_same (const name_keys_t *a, const name_keys_t *b)
{
    return strcmp (a->fold, b->fold) == 0 || strcmp (a->look, b->look) == 0 ||
           strcmp (a->fold, b->look) == 0 || strcmp (a->look, b->fold) == 0;
}

/*  --- who -------------------------------------------------------------------  */

void name_who (frame_t name, char who[NAME_KEY_MAX + 1])
{
    name_keys_t keys;
    char bare[ZCHAT_NAME_MAX];
    look_t look = {.size = 0};
    if (ascii_check (name, &keys)) {
        memcpy (who, keys.fold, strlen (keys.fold) + 1);
        return;
    }
    name = drop_joiners (name, bare);
    char *parts = convert (name, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
    bool fits = true;
    for (frame_t rest = frame_str (parts); fits && rest.size > 0;) {
        char encoded[4];
        size_t size = text_encode (name_lookalike (take (&rest)), encoded);
        fits = look_add (&look, encoded, size);
    }
    char *fold = fold_text (fits ? frame_of (look.text, look.size) : name);
    snprintf (who, NAME_KEY_MAX + 1, "%s", fold);
    free (fold);
    free (parts);
}

/*  --- reserved names --------------------------------------------------------  */

void name_sound (const char *key, char sound[NAME_KEY_MAX + 1])
{
    char *parts = convert (frame_str (key), UTF8PROC_DECOMPOSE);
    size_t size = 0;
    for (frame_t rest = frame_str (parts); rest.size > 0;) {
        char encoded[4];
        uint32_t codepoint = take (&rest);
        kind_t kind = kind_of (codepoint);
        if (kind == SIGN || kind == MARK)
            continue;
        size_t more = text_encode (codepoint == 'l' ? 'i' : codepoint, encoded);
        if (size + more > NAME_KEY_MAX)
            break;
        memcpy (sound + size, encoded, more);
        size += more;
    }
    sound[size] = '\0';
    free (parts);
}
