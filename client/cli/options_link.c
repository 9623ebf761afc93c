/*  options_link.c - permalinks, and the words of commands about messages      */
#include "address.h"
#include "i18n.h"
#include "name.h"
#include "options_private.h"
#include <stdio.h>
#include <string.h>

/*  --- permalinks -------------------------------------------------------------- */

static int hex (char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    char letter = (char)(digit | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/*  Decode what is percent-encoded. False where it is not, or does not fit.    */
static bool decode (const char *text, size_t size, char *decoded, size_t room)
{
    size_t at = 0;
    for (size_t i = 0; i < size; i++, at++) {
        int high = 0, low = 0;
        bool coded = text[i] == '%';
        if (coded) {
            high = i + 2 < size ? hex (text[i + 1]) : -1;
            low = i + 2 < size ? hex (text[i + 2]) : -1;
            i += 2;
        }
        if (at + 1 >= room || high < 0 || low < 0)
            return false;
        decoded[at] = coded ? (char)(high * 16 + low) : text[i];
    }
    decoded[at] = '\0';
    return strlen (decoded) == at;
}

/*  Find the slash before the last size bytes of the text; NULL: there is none. */
static const char *slash_before (const char *text, size_t size)
{
    while (size > 0 && text[size - 1] != '/')
        size--;
    return size > 0 ? text + size - 1 : NULL;
}

bool options_cut_link (options_t *options, const char *text, const char *origin,
                       char plain[OPTIONS_LINK_MAX + 1], zchat_status_t *status)
{
    const char *scheme = strstr (text, "://");
    const char *host = scheme ? scheme + 3 : text;
    const char *seq = slash_before (host, strlen (host));
    const char *room = seq ? slash_before (host, (size_t)(seq - host)) : NULL;
    const char *why = NULL;
    bool other = scheme && !address_is (text) && strncmp (text, "tcp://", 6) != 0;
    *status = ZCHAT_OK;
    if (!room || other || !seq[1] || seq[1 + strspn (seq + 1, "0123456789")] ||
        (size_t)(room - text) > OPTIONS_LINK_MAX)
        return false;
    *status = options_set_integer (options, origin, seq + 1, ZCHAT_SEQ_MAX, &options->link_seq);
    if (*status != ZCHAT_OK)
        return true;
    if (!decode (room + 1, (size_t)(seq - room - 1), options->link_buffer,
                 sizeof options->link_buffer) ||
        name_check (frame_str (options->link_buffer), NULL, &why) != ZCHAT_OK) {
        *status = options_fail (options, _ ("%s: the link names no room: '%.*s'%s%s"), origin,
                                (int)(seq - room - 1) > 150 ? 150 : (int)(seq - room - 1), room + 1,
                                why ? ": " : "", why ? why : "");
        return true;
    }
    options->link_room = options->link_buffer;
    snprintf (plain, OPTIONS_LINK_MAX + 1, "%.*s", (int)(room - text), text);
    return true;
}

void options_take_link (options_t *options)
{
    bool reads = options->mode == MODE_HISTORY || options->mode == MODE_LISTEN;
    if (!options->link_room || options->to || options->mail)
        return;
    if (options->mode == MODE_LINE) {
        /*  Text goes to the first room.                                       */
        size_t kept =
            options->n_rooms < ZCHAT_SESSION_ROOMS_MAX ? options->n_rooms : options->n_rooms - 1;
        memmove (options->rooms + 1, options->rooms, kept * sizeof *options->rooms);
        options->rooms[0] = options->link_room;
        options->n_rooms = kept + 1;
        return;
    }
    if (options->n_rooms > 0 || options->mode == MODE_SEARCH || options->mode == MODE_ROOMS)
        return;
    options->rooms[options->n_rooms++] = options->link_room;
    if (reads && !options->after_given) {
        options->after = options->link_seq - 1;
        options->after_given = true;
    }
}

/*  --- words ------------------------------------------------------------------- */

zchat_status_t options_set_integer (options_t *options, const char *what, const char *text,
                                    uint64_t max, uint64_t *number)
{
    uint64_t value = 0;
    size_t digits = strspn (text, "0123456789");
    bool good = digits > 0 && digits < 20 && text[digits] == 0;
    for (size_t i = 0; good && i < digits; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    if (!good || value < 1 || value > max)
        return options_fail (options, _ ("%s: '%.100s' is not a number from 1 to %llu"), what, text,
                             (unsigned long long)max);
    *number = value;
    return ZCHAT_OK;
}

zchat_status_t options_set_said (options_t *options, char **words, int n)
{
    static const char *const usages[] = {
        [MODE_EDIT] = "zchat edit -r ROOM SEQ [TEXT...]",
        [MODE_REACT] = "zchat react -r ROOM SEQ TEXT",
        [MODE_MARK] = "zchat mark -r ROOM [SEQ]",
        [MODE_SEARCH] = "zchat search WORDS...",
    };
    bool search = options->mode == MODE_SEARCH;
    int least = options->mode == MODE_MARK ? 0 : options->mode == MODE_REACT ? 2 : 1;
    int most = options->mode == MODE_MARK ? 1 : options->mode == MODE_REACT ? 2 : n;
    if (n < least || n > most)
        return options_fail (options, _ ("it is used so: %s"), usages[options->mode]);
    if (!search && n > 0) {
        if (options_set_integer (options, "SEQ", words[0][0] == '#' ? words[0] + 1 : words[0],
                                 ZCHAT_SEQ_MAX, &options->re) != ZCHAT_OK)
            return ZCHAT_INVALID;
        words++;
        n--;
    }
    options->words = words;
    options->n_words = (size_t)n;
    if (options->mode == MODE_EDIT && n == 1 && strcmp (words[0], "-") == 0)
        options->n_words = 0;
    return ZCHAT_OK;
}

zchat_status_t options_set_key (options_t *options, char **words, int n)
{
    static const struct {
        const char *word;
        key_action_t action;
    } actions[] = {
        {"add", KEY_ADD}, {"remove", KEY_REMOVE}, {"list", KEY_LIST}, {"free", KEY_FREE}};
    const char *why = NULL;
    uint8_t key[ADDRESS_KEY_SIZE];
    if (n == 0)
        return ZCHAT_OK;
    for (size_t i = 0; i < sizeof (actions) / sizeof (actions[0]); i++)
        if (strcmp (words[0], actions[i].word) == 0)
            options->key_action = actions[i].action;
    if (options->key_action == KEY_SHOW)
        return options_fail (
            options,
            _ ("zchat key takes add KEY, remove KEY, list [NAME] or free [NAME], not '%.100s'"),
            words[0]);
    bool named = options->key_action == KEY_LIST || options->key_action == KEY_FREE;
    if (named ? n > 2 : n != 2)
        return options_fail (options, _ ("zchat key %s takes %s"), words[0],
                             named ? _ ("one NAME at most")
                                   : _ ("one KEY, as zchat key prints it"));
    options->subject_word = n == 2 ? words[1] : NULL;
    if (named) {
        if (n == 2)
            options->subject_word = options_name (options, words[1]);
        if (n == 2 && name_check (frame_str (options->subject_word), NULL, &why) != ZCHAT_OK)
            return options_fail (options, _ ("the name '%.150s' is not allowed: %s"), words[1],
                                 why);
    } else if (address_key_decode (frame_str (words[1]), key, &why) != ZCHAT_OK)
        return options_fail (options, _ ("'%.100s' is no key: %s"), words[1], why);
    return ZCHAT_OK;
}
