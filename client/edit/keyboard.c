/*  keyboard.c - what a terminal sends becomes keys                            */
#include "keyboard.h"
#include "buffer.h"
#include "memory.h"
#include "width.h"

enum {
    ESC = 0x1b,
    DEL = 0x7f,
    BEL = 0x07,
    ESCAPE_WAIT_MS = 50,  /* a sequence takes less time, and no person notices it */
    PASTE_WAIT_MS = 2000, /* where a paste pauses so long, its end was lost    */
    CSI_MAX = 64,         /* bytes of a sequence                               */
    STRING_MAX = 4096,    /* bytes of a terminal's answer (OSC, DCS)           */
};

/*  Parsers return a number of bytes taken, or this.                           */
enum { INCOMPLETE = 0 };

#define PASTE_BEGIN "\033[200~"
#define PASTE_END   "\033[201~"

struct keyboard {
    buffer_t buffer; /* bytes of which no keys were made yet                   */
    size_t at;       /* bytes of the buffer that are done                      */
    bool paste;      /* the begin of a bracketed paste has come, and its end has not */
    bool after_cr;   /* in a paste: a LF that follows belongs to the same newline */
    bool flush;      /* no more bytes come, so what is unfinished must be decided */
};

keyboard_t *keyboard_new (void)
{
    return memory_zero (sizeof (keyboard_t));
}

void keyboard_destroy (keyboard_t **keyboard)
{
    if (!*keyboard)
        return;
    buffer_free (&(*keyboard)->buffer);
    free (*keyboard);
    *keyboard = NULL;
}

void keyboard_feed (keyboard_t *keyboard, const void *bytes, size_t size)
{
    buffer_drop (&keyboard->buffer, keyboard->at);
    keyboard->at = 0;
    buffer_add (&keyboard->buffer, bytes, size);
    keyboard->flush = false;
}

int keyboard_timeout (const keyboard_t *keyboard)
{
    if (keyboard->paste)
        return PASTE_WAIT_MS;
    return keyboard->at < keyboard->buffer.size ? ESCAPE_WAIT_MS : -1;
}

void keyboard_flush (keyboard_t *keyboard)
{
    keyboard->flush = true;
}

static void stroke_text (keyboard_stroke_t *stroke, const char *text, size_t size)
{
    stroke->kind = KEYBOARD_TEXT;
    stroke->size = size;
    memcpy (stroke->text, text, size);
    stroke->text[size] = '\0';
}

/*  Take one character of UTF-8. INCOMPLETE where more bytes may complete it.  */
static size_t parse_character (const unsigned char *bytes, size_t size, bool flush,
                               keyboard_stroke_t *stroke)
{
    size_t wanted = bytes[0] < 0xc2 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    if (bytes[0] > 0xf4)
        wanted = 1;
    size_t have = 1;
    while (have < wanted && have < size && (bytes[have] & 0xc0) == 0x80)
        have++;
    if (have < wanted && have == size && !flush)
        return INCOMPLETE;
    int codepoint;
    size_t used = width_decode ((const char *)bytes, have, &codepoint);
    if (codepoint == 0xfffd) { /* however many bytes are bad, they become one mark */
        stroke_text (stroke, "\xef\xbf\xbd", 3);
        return have;
    }
    stroke_text (stroke, (const char *)bytes, used);
    return used;
}

static size_t parse_control (unsigned char byte, keyboard_stroke_t *stroke)
{
    if (byte == '\r' || byte == '\n')
        stroke->kind = KEYBOARD_ENTER;
    else if (byte == '\t')
        stroke->kind = KEYBOARD_TAB;
    else if (byte == DEL || byte == 0x08)
        stroke->kind = KEYBOARD_BACKSPACE;
    else {
        stroke->kind = KEYBOARD_CONTROL;
        stroke->size = 1;
        stroke->text[0] = byte == 0 ? ' ' : (char)(byte < ESC ? byte | 0x60 : byte | 0x40);
        stroke->text[1] = '\0';
    }
    return 1;
}

/*  Find the key by the final byte and the first parameter of a CSI or SS3 sequence. */
static bool key_of_sequence (char final, int parameter, keyboard_stroke_t *stroke)
{
    static const struct {
        char final;
        signed char parameter; /* -1: any will do                              */
        keyboard_kind_t kind;
    } table[] = {
        {'A', -1, KEYBOARD_UP},      {'B', -1, KEYBOARD_DOWN},     {'C', -1, KEYBOARD_RIGHT},
        {'D', -1, KEYBOARD_LEFT},    {'H', -1, KEYBOARD_HOME},     {'F', -1, KEYBOARD_END},
        {'~', 1, KEYBOARD_HOME},     {'~', 3, KEYBOARD_DELETE},    {'~', 4, KEYBOARD_END},
        {'~', 5, KEYBOARD_PAGE_UP},  {'~', 6, KEYBOARD_PAGE_DOWN}, {'~', 7, KEYBOARD_HOME},
        {'~', 8, KEYBOARD_END},      {'M', -1, KEYBOARD_ENTER}, /* Enter on the keypad */
        {'I', 0, KEYBOARD_FOCUS_IN}, {'O', 0, KEYBOARD_FOCUS_OUT},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].final != final)
            continue;
        if (table[i].parameter >= 0 && table[i].parameter != parameter)
            continue;
        stroke->kind = table[i].kind;
        return true;
    }
    return false;
}

/*  Take ESC [ parameters final. *known says whether it is a key.              */
static size_t parse_csi (const unsigned char *bytes, size_t size, keyboard_stroke_t *stroke,
                         bool *known)
{
    int parameters[2] = {0, 0};
    size_t at = 2;
    size_t which = 0;
    if (size > 2 && bytes[2] == '[') /* function keys of the Linux console */
        return size > 3 ? 4 : INCOMPLETE;
    for (; at < size && at < CSI_MAX; at++) {
        unsigned char byte = bytes[at];
        if (byte >= '0' && byte <= '9') {
            if (which < 2 && parameters[which] < 1000)
                parameters[which] = parameters[which] * 10 + (byte - '0');
        } else if (byte == ';')
            which++;
        else if (byte >= 0x40 && byte <= 0x7e) {
            *known = bytes[2] < 0x3a || byte == bytes[2];
            if (byte == 'R' && *known && which == 1 && parameters[1] > 0) {
                stroke->kind = KEYBOARD_POSITION;
                stroke->column = parameters[1] - 1;
                return at + 1;
            }
            *known = *known && byte != 'M' && key_of_sequence ((char)byte, parameters[0], stroke);
            /*  xterm adds 1 for Shift, 2 for Alt and 4 for Control, and sends one more than the
                sum.                                                           */
            int modifiers = parameters[1] > 0 ? parameters[1] - 1 : 0;
            stroke->meta = stroke->meta || (modifiers & 2) != 0;
            stroke->control = (modifiers & 4) != 0;
            return at + 1;
        } else if (byte < 0x20 || byte > 0x3f)
            return at; /* it is no sequence after all, so parsing begins anew here */
    }
    return at < CSI_MAX ? INCOMPLETE : at;
}

/*  Take ESC ] ... BEL and its like. They are answers of the terminal that nobody asked for. */
static size_t parse_string (const unsigned char *bytes, size_t size)
{
    for (size_t at = 2; at < size; at++) {
        if (bytes[at] == BEL)
            return at + 1;
        if (bytes[at] == ESC && at + 1 < size)
            return bytes[at + 1] == '\\' ? at + 2 : at;
    }
    return size < STRING_MAX ? INCOMPLETE : size;
}

/*  Take what begins with ESC. *known says whether it is a key.                */
static size_t parse_escape (const unsigned char *bytes, size_t size, bool flush,
                            keyboard_stroke_t *stroke, bool *known)
{
    *known = false;
    if (size == 1)
        return INCOMPLETE;
    size_t used;
    switch (bytes[1]) {
    case '[':
        return parse_csi (bytes, size, stroke, known);
    case 'O':
        if (size < 3)
            return INCOMPLETE;
        *known = key_of_sequence ((char)bytes[2], 0, stroke);
        return 3;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        return parse_string (bytes, size);
    case ESC:
        /*  Some terminals put ESC before the sequence of an arrow that is typed with Alt. */
        if (size < 3)
            return INCOMPLETE;
        if (bytes[2] != '[' && bytes[2] != 'O')
            return 1;
        stroke->meta = true;
        used = parse_escape (bytes + 1, size - 1, flush, stroke, known);
        return used ? used + 1 : INCOMPLETE;
    default:
        stroke->meta = true;
        *known = true;
        if (bytes[1] < 0x20 || bytes[1] == DEL)
            return 1 + parse_control (bytes[1], stroke);
        used = parse_character (bytes + 1, size - 1, flush, stroke);
        return used ? used + 1 : INCOMPLETE;
    }
}

/*  Take one step within a paste. *known says whether it is text.              */
static size_t parse_paste (keyboard_t *keyboard, const unsigned char *bytes, size_t size,
                           keyboard_stroke_t *stroke, bool *known)
{
    const size_t end_size = strlen (PASTE_END);
    bool after_cr = keyboard->after_cr;
    keyboard->after_cr = false;
    *known = false;
    if (bytes[0] == ESC) {
        size_t compare = size < end_size ? size : end_size;
        if (memcmp (bytes, PASTE_END, compare) != 0)
            return 1;
        if (compare < end_size && !keyboard->flush)
            return INCOMPLETE;
        keyboard->paste = false;
        stroke->kind = KEYBOARD_PASTE_END;
        *known = true;
        return compare;
    }
    stroke->pasted = true;
    if (bytes[0] == '\r' || bytes[0] == '\n') {
        keyboard->after_cr = bytes[0] == '\r';
        *known = bytes[0] == '\r' || !after_cr;
        stroke_text (stroke, "\n", 1);
        return 1;
    }
    if ((bytes[0] < 0x20 && bytes[0] != '\t') || bytes[0] == DEL)
        return 1;
    *known = true;
    return parse_character (bytes, size, keyboard->flush, stroke);
}

static size_t parse (keyboard_t *keyboard, const unsigned char *bytes, size_t size,
                     keyboard_stroke_t *stroke, bool *known)
{
    *known = true;
    if (keyboard->paste)
        return parse_paste (keyboard, bytes, size, stroke, known);
    if (bytes[0] == ESC) {
        const size_t begin_size = strlen (PASTE_BEGIN);
        if (size >= begin_size && memcmp (bytes, PASTE_BEGIN, begin_size) == 0) {
            keyboard->paste = true;
            keyboard->after_cr = false;
            stroke->kind = KEYBOARD_PASTE_BEGIN;
            return begin_size;
        }
        size_t used = parse_escape (bytes, size, keyboard->flush, stroke, known);
        if (used == INCOMPLETE && keyboard->flush) {
            *stroke = (keyboard_stroke_t){.kind = KEYBOARD_ESCAPE};
            *known = size == 1;
            return size;
        }
        return used;
    }
    if (bytes[0] < 0x20 || bytes[0] == DEL)
        return parse_control (bytes[0], stroke);
    return parse_character (bytes, size, keyboard->flush, stroke);
}

bool keyboard_next (keyboard_t *keyboard, keyboard_stroke_t *stroke)
{
    while (keyboard->at < keyboard->buffer.size) {
        *stroke = (keyboard_stroke_t){.kind = KEYBOARD_TEXT};
        bool known;
        const unsigned char *bytes = (const unsigned char *)keyboard->buffer.data + keyboard->at;
        size_t used = parse (keyboard, bytes, keyboard->buffer.size - keyboard->at, stroke, &known);
        if (used == INCOMPLETE)
            return false;
        keyboard->at += used;
        if (known)
            return true;
    }
    bool lost = keyboard->flush && keyboard->paste;
    keyboard->paste = keyboard->paste && !lost;
    *stroke = (keyboard_stroke_t){.kind = KEYBOARD_PASTE_END};
    return lost;
}
