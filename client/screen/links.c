/*  links.c - addresses in a text, and what the terminal is told of them       */
#include "links.h"
#include "memory.h"
#include "text.h"
#include "width.h"
#include "words.h"
#include <inttypes.h>
#include <sodium.h>
#include <strings.h>
#include <utf8proc.h>

/*  --- finding them ---------------------------------------------------------- */

/*  Count the bytes of "http://" or "https://" at the begin of the text; 0: neither is there. */
static size_t scheme_size (const char *text, size_t size)
{
    if (size >= 8 && strncasecmp (text, "https://", 8) == 0)
        return 8;
    return size >= 7 && strncasecmp (text, "http://", 7) == 0 ? 7 : 0;
}

/*  True where an address ends before the character.                           */
static bool ends (int codepoint)
{
    if (codepoint < 0x80)
        return codepoint <= ' ' || codepoint == 0x7f || strchr ("<>\"`{}|\\^", codepoint) != NULL;
    utf8proc_category_t category = utf8proc_category (codepoint);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP || category == UTF8PROC_CATEGORY_CC ||
           category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_CO ||
           codepoint == 0xFFFD;
}

/*  True where the character belongs to the sentence if it is the last one.    */
static bool trails (int codepoint)
{
    if (codepoint < 0x80)
        return codepoint && strchr (".,;:!?'*_~", codepoint) != NULL;
    utf8proc_category_t category = utf8proc_category (codepoint);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

/*  True where a closing bracket at the end of the address is not opened in it. */
static bool unopened (const char *text, size_t size)
{
    char close = text[size - 1], open = close == ')' ? '(' : '[';
    size_t opened = 0, closed = 0;
    if (close != ')' && close != ']')
        return false;
    for (size_t at = 0; at < size; at++) {
        opened += text[at] == open;
        closed += text[at] == close;
    }
    return closed > opened;
}

/*  Count the bytes of the address at the begin of the text; 0: there is none. */
static size_t address_size (const char *text, size_t size)
{
    size_t scheme = scheme_size (text, size), end = scheme;
    if (scheme == 0)
        return 0;
    /*  A longer one would not become a link, and is not looked at, so that it costs nothing. */
    while (end < size && end <= LINKS_TARGET_MAX) {
        int codepoint;
        size_t used = width_decode (text + end, size - end, &codepoint);
        if (ends (codepoint))
            break;
        end += used;
    }
    while (end > scheme) {
        size_t last = end - 1;
        int codepoint;
        while (last > scheme && ((unsigned char)text[last] & 0xc0) == 0x80)
            last--;
        (void)width_decode (text + last, end - last, &codepoint);
        if (!trails (codepoint) && !unopened (text, end))
            break;
        end = last;
    }
    /*  A host begins with a letter, a digit, or the bracket of an IPv6 address. */
    unsigned char first = end > scheme ? (unsigned char)text[scheme] : '\0';
    bool host = (first >= '0' && first <= '9') ||
                ((first | 0x20) >= 'a' && (first | 0x20) <= 'z') || first == '[' || first >= 0x80;
    return host ? end : 0;
}

static bool wordly (int codepoint)
{
    utf8proc_category_t category = utf8proc_category (codepoint);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

size_t links_find (const char *text, size_t size, link_span_t *links, size_t max)
{
    size_t n = 0;
    int before = ' ';
    for (size_t at = 0; at < size && n < max;) {
        size_t found = 0;
        if ((text[at] | 0x20) == 'h' && !(before < 0x80 && wordly (before)))
            found = address_size (text + at, size - at);
        if (found > 0) {
            links[n++] = (link_span_t){at, found};
            before = 'h';
            at += found;
        } else
            at += width_decode (text + at, size - at, &before);
    }
    return n;
}

/*  --- targets --------------------------------------------------------------- */

bool links_target (const char *text, size_t size, char target[LINKS_TARGET_MAX + 1])
{
    static const char digits[] = "0123456789ABCDEF";
    size_t written = 0;
    if (scheme_size (text, size) == 0 || !text_valid (frame_of (text, size)))
        return false;
    for (size_t at = 0; at < size; at++) {
        unsigned char byte = (unsigned char)text[at];
        if (byte < ' ' || byte == 0x7f)
            return false;
        bool plain = byte > ' ' && byte < 0x7f && !strchr ("\"'<>\\^`{|}", byte);
        if (written + (plain ? 1 : 3) > LINKS_TARGET_MAX)
            return false;
        if (plain) {
            target[written++] = (char)byte;
            continue;
        }
        target[written++] = '%';
        target[written++] = digits[byte >> 4];
        target[written++] = digits[byte & 15];
    }
    target[written] = '\0';
    return true;
}

/*  --- terminals ------------------------------------------------------------- */

static bool begins (const char *text, const char *with)
{
    return text && strncmp (text, with, strlen (with)) == 0;
}

/*  True where a version, such as "3.3a" or "6003", is at least major.minor.   */
static bool version_reaches (const char *version, long major, long minor)
{
    char *end;
    if (!version)
        return false;
    long its_major = strtol (version, &end, 10);
    long its_minor = *end == '.' ? strtol (end + 1, NULL, 10) : 0;
    return its_major > major || (its_major == major && its_minor >= minor);
}

bool links_known (const links_terminal_t *terminal)
{
    static const char *const programs[] = {"iTerm.app", "WezTerm", "vscode", "ghostty", "rio"};
    static const char *const terms[] = {"xterm-kitty",   "foot",    "alacritty", "contour",
                                        "xterm-ghostty", "wezterm", "mlterm"};
    /*  Within a multiplexer the variables of the terminal around it prove nothing. */
    if (terminal->tmux && *terminal->tmux)
        return begins (terminal->program, "tmux") &&
               version_reaches (terminal->program_version, 3, 4);
    if ((terminal->screen && *terminal->screen) || begins (terminal->term, "screen"))
        return false;
    if (!terminal->term || begins (terminal->term, "dumb") || begins (terminal->term, "linux"))
        return false;
    if (version_reaches (terminal->vte_version, 5000, 0) ||
        version_reaches (terminal->konsole_version, 200400, 0))
        return true;
    if (terminal->windows && *terminal->windows)
        return true;
    for (size_t i = 0; terminal->program && i < sizeof programs / sizeof *programs; i++)
        if (strcmp (terminal->program, programs[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        if (begins (terminal->term, terms[i]))
            return true;
    return false;
}

void links_begin (buffer_t *buffer, const char *target, uint64_t number)
{
    buffer_format (buffer, "\033]8;id=z%" PRIu64 ";%s\033\\", number, target);
}

void links_end (buffer_t *buffer)
{
    buffer_string (buffer, "\033]8;;\033\\");
}

bool links_copy (buffer_t *buffer, const char *text, size_t size, bool tmux)
{
    if (size > LINKS_COPY_MAX)
        return false;
    size_t room = sodium_base64_encoded_len (size, sodium_base64_VARIANT_ORIGINAL);
    char *encoded = memory_new (room);
    sodium_bin2base64 (encoded, room, (const unsigned char *)text, size,
                       sodium_base64_VARIANT_ORIGINAL);
    buffer_format (buffer, "\033]52;c;%s\033\\", encoded);
    /*  tmux takes the sequence itself, or hands what is wrapped so to its terminal, or neither: as
        it is set up.                                                          */
    if (tmux)
        buffer_format (buffer, "\033Ptmux;\033\033]52;c;%s\033\033\\\033\\", encoded);
    free (encoded);
    return true;
}

/*  --- opening them ---------------------------------------------------------- */

/*  Put the target in the place of every %s. False where there is none.        */
static bool fill (char **words, const char *target)
{
    bool filled = false;
    for (size_t i = 1; words[0] && words[i]; i++) {
        char *mark = strstr (words[i], "%s");
        if (!mark)
            continue;
        char *whole =
            memory_format ("%.*s%s%s", (int)(mark - words[i]), words[i], target, mark + 2);
        free (words[i]);
        words[i] = whole;
        filled = true;
    }
    return filled;
}

char **links_opener (const char *browser, const char *target)
{
    const char *why;
    char **words = NULL;
    if (browser && *browser) {
        size_t size = strcspn (browser, ":");
        char *first = memory_string (browser, size);
        words = words_split (first, 1, &why);
        free (first);
    }
    if (!words)
        words = words_split ("xdg-open", 1, &why);
    /*  A target begins with http, so that no program takes it for an option.  */
    if (words && !fill (words, target))
        words[words_count (words)] = memory_string (target, strlen (target));
    return words;
}
