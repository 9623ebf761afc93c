/*  fuzz_text.c - what is shown on a terminal, whatever people send

    Each line of the input is one try: a letter, then parts (see fuzz.h).

        t text                                    text_display, in its three modes
        e kind|type|room|user|body|data|text|seq|time|columns     an event as a line,
                                                  for pipes, for a terminal, for programs
        w json     r json     o json              replies to WHO, ROOMS, TOPIC
        k text                                    letters and their columns

    What must hold is said here once more, in other words than the sanitiser's own. */
#include "format.h"
#include "fuzz.h"
#include "memory.h"
#include "record.h"
#include "text.h"
#include "width.h"
#include <jansson.h>
#include <utf8proc.h>

/*  --- an eye of our own -----------------------------------------------------  */

/*  What may never stand there, whatever it stands beside.                     */
static bool is_hidden (utf8proc_int32_t c)
{
    const utf8proc_property_t *property = utf8proc_get_property (c);
    bool joiner = c == 0x200C || c == 0x200D, direction = c == 0x200E || c == 0x200F || c == 0x61C;
    bool selector = (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF) ||
                    (c >= 0x180B && c <= 0x180F); /* with the separator of vowels */
    return !joiner && !direction && !selector &&
           ((c >= 0x80 && c <= 0x9F) ||                     /* C1                              */
            c == 0x200B || (c >= 0x2028 && c <= 0x202E) ||  /* lines, paragraphs, bidi         */
            (c >= 0x2060 && c <= 0x206F) ||                 /* word joiner, bidi isolates      */
            c == 0xAD || c == 0xFEFF ||                     /*                                 */
            (c >= 0xE0000 && c <= 0xE0FFF) ||               /* tags                            */
            (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000 || /* private                         */
            (c >= 0xD800 && c <= 0xDFFF) || (c & 0xFFFE) == 0xFFFE ||
            (c >= 0xFDD0 && c <= 0xFDEF) || property->ignorable);
}

typedef enum { SEEN, JOINER, SELECTOR, DIRECTION } unseen_t;

/*  What shows nothing by itself, and is there only beside something that it changes.  */
static unseen_t unseen (utf8proc_int32_t c)
{
    if (c == 0x200C || c == 0x200D)
        return JOINER;
    if (c == 0x200E || c == 0x200F || c == 0x61C)
        return DIRECTION;
    return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF) ||
                   (c >= 0x180B && c <= 0x180F)
               ? SELECTOR
               : SEEN;
}

/*  Bytes of the tags behind a black flag that make another flag of it.        */
static size_t flag_size (frame_t text)
{
    const char *bytes = text.data;
    size_t size = 0;
    while (size + 4 <= text.size && memcmp (bytes + size, "\xf3\xa0\x81", 3) == 0) {
        size += 4;
        if (bytes[size - 1] == (char)0xbf)
            return size >= 16 && size <= 32 ? size : 0;
    }
    return 0;
}

/*  WRAPPED: a line may end behind a joiner, whose other half begins the next. */
typedef enum { LINES = 1, COLOURS = 2, WRAPPED = 4 } allowed_t;

/*  Bytes of a colour of ours at text, 0: none.                                */
static size_t colour_size (frame_t text)
{
    const char *bytes = text.data;
    if (text.size < 3 || bytes[0] != '\033' || bytes[1] != '[')
        return 0;
    size_t at = 2;
    while (at < text.size && bytes[at] >= '0' && bytes[at] <= '9')
        at++;
    return at < text.size && bytes[at] == 'm' && at <= 4 ? at + 1 : 0;
}

/*  What stands before the next code point.                                   */
typedef struct {
    utf8proc_int32_t last;
    utf8proc_int32_t before; /* and before that                                */
    size_t marks;
    bool rightward; /* a letter of a script from right to left was there       */
} seen_t;

static void look_at_unseen (const seen_t *seen, utf8proc_int32_t c)
{
    unseen_t kind = unseen (c);
    /*  Never two in a row: what is not seen has no length.                    */
    fuzz_check (kind == SEEN || unseen (seen->last) != kind);
    fuzz_check (kind != JOINER || seen->last >= 0x80);
    fuzz_check (kind != SELECTOR || (seen->last >= 0x20 && unseen (seen->last) == SEEN));
    fuzz_check (kind != DIRECTION || seen->rightward);
}

/*  A joiner stands between two that are not ASCII, or behind a letter or mark that it changes. */
static void look_behind_joiner (const seen_t *seen, utf8proc_int32_t c, bool wrapped)
{
    utf8proc_category_t category = utf8proc_category (seen->before);
    bool letter = seen->before >= 0x300 && category >= UTF8PROC_CATEGORY_LU &&
                  category <= UTF8PROC_CATEGORY_ME;
    if (unseen (seen->last) == JOINER)
        fuzz_check (c >= 0x80 || letter || (wrapped && c == '\n'));
}

/*  The text can be shown: it does nothing but stand there.                    */
static void look_at (frame_t text, unsigned allowed)
{
    seen_t seen = {0};
    fuzz_check (text_valid (text));
    while (text.size) {
        utf8proc_int32_t c;
        size_t size = allowed & COLOURS ? colour_size (text) : 0;
        if (size)
            c = 0;
        else {
            utf8proc_ssize_t taken = utf8proc_iterate (text.data, (utf8proc_ssize_t)text.size, &c);
            fuzz_check (taken > 0);
            size = (size_t)taken;
            fuzz_check (c >= 0x20 || ((allowed & LINES) && (c == '\n' || c == '\t')));
            fuzz_check (c != 0x7F && !is_hidden (c));
            look_at_unseen (&seen, c);
        }
        look_behind_joiner (&seen, c, allowed & WRAPPED);
        utf8proc_category_t category = utf8proc_category (c);
        bool mark = category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
        if (unseen (c) == SEEN && category != UTF8PROC_CATEGORY_MC)
            seen.marks = mark ? seen.marks + 1 : 0;
        fuzz_check (seen.marks <= 4);
        utf8proc_bidi_class_t class = (utf8proc_bidi_class_t)utf8proc_get_property (c)->bidi_class;
        seen.rightward =
            seen.rightward || class == UTF8PROC_BIDI_CLASS_R || class == UTF8PROC_BIDI_CLASS_AL;
        seen.before = seen.last;
        seen.last = c;
        text = frame_of ((const char *)text.data + size, text.size - size);
        if (c == 0x1F3F4) {
            size = flag_size (text);
            text = frame_of ((const char *)text.data + size, text.size - size);
        }
    }
    look_behind_joiner (&seen, 0, allowed & WRAPPED);
}

/*  --- the sanitiser ---------------------------------------------------------  */

static char *display (frame_t text, text_mode_t mode, frame_t *shown)
{
    size_t size;
    char *made = text_display (text, mode, &size);
    fuzz_check (made && strlen (made) == size && size <= 4 * text.size);
    *shown = frame_of (made, size);
    return made;
}

static bool is_plain (frame_t text)
{
    const uint8_t *bytes = text.data;
    for (size_t i = 0; i < text.size; i++)
        if (bytes[i] < 0x20 || bytes[i] > 0x7E)
            return false;
    return true;
}

/*  In quotes: nothing ends them, and each \ has its partner.                  */
static void check_quoted (frame_t shown)
{
    const char *bytes = shown.data;
    for (size_t i = 0; i < shown.size; i++) {
        fuzz_check (bytes[i] != '"');
        if (bytes[i] == '\\') {
            i++;
            fuzz_check (i < shown.size && (bytes[i] == '"' || bytes[i] == '\\'));
        }
    }
}

/*  Decoding agrees with utf8proc's, and encoding undoes it.                   */
static void check_decoding (frame_t text)
{
    bool valid = true;
    for (frame_t rest = text; rest.size;) {
        uint32_t ours;
        utf8proc_int32_t theirs;
        char again[4];
        size_t size = text_decode (rest, &ours);
        utf8proc_ssize_t taken = utf8proc_iterate (rest.data, (utf8proc_ssize_t)rest.size, &theirs);
        fuzz_check (size >= 1 && size <= 4 && size <= rest.size);
        if (taken > 0) {
            fuzz_check (size == (size_t)taken && ours == (uint32_t)theirs);
            fuzz_check (text_encode (ours, again) == size && !memcmp (again, rest.data, size));
            valid = valid && ours != 0;
        } else {
            fuzz_check (ours == 0xFFFD && size <= 3);
            valid = false;
        }
        rest = frame_of ((const char *)rest.data + size, rest.size - size);
    }
    fuzz_check (text_valid (text) == valid);
}

static void try_display (frame_t text)
{
    frame_t line, block, quoted, again;
    char *texts[] = {display (text, TEXT_LINE, &line), display (text, TEXT_BLOCK, &block),
                     display (text, TEXT_QUOTED, &quoted), NULL};
    look_at (line, 0);
    look_at (block, LINES);
    look_at (quoted, 0);
    check_quoted (quoted);
    check_decoding (text);
    /*  What is fit to be shown stays as it is.                                */
    const frame_t shown[] = {line, block, quoted};
    const text_mode_t modes[] = {TEXT_LINE, TEXT_BLOCK, TEXT_LINE};
    for (size_t i = 0; i < 3; i++) {
        char *second = display (shown[i], modes[i], &again);
        fuzz_check (frame_eq (again, shown[i]));
        free (second);
    }
    if (is_plain (text))
        fuzz_check (frame_eq (text, line) && frame_eq (text, block));
    for (size_t i = 0; texts[i]; i++)
        free (texts[i]);
}

static void try_width (frame_t text)
{
    const char *bytes = text.data;
    fuzz_check (width_columns (bytes, text.size) >= 0);
    for (size_t at = 0; at < text.size;) {
        size_t size = width_cluster (bytes + at, text.size - at);
        fuzz_check (size >= 1 && size <= text.size - at);
        at += size;
        fuzz_check (width_cluster_before (bytes, text.size, at) < at);
        fuzz_check (width_break_before (bytes, text.size, at) <= at);
    }
}

/*  --- lines -----------------------------------------------------------------  */

static const char *or_null (const char *text)
{
    return *text ? text : NULL;
}

/*  Every line but the first begins with an indent: no body can look like another line.  */
static void check_indent (const char *line, const format_t *format)
{
    if (format->columns < 3)
        return;
    for (const char *at = line; (at = strchr (at, '\n')); at++)
        fuzz_check (at[1] == ' ');
}

static void check_line (char *line, const format_t *format, size_t bytes)
{
    if (!line)
        return;
    unsigned allowed =
        (format->colour ? COLOURS : 0u) | (format->columns > 0 ? LINES | WRAPPED : 0u);
    look_at (frame_str (line), allowed);
    size_t columns = (size_t)(format->columns > 0 ? format->columns : 0);
    fuzz_check (strlen (line) <= (8 + columns) * (bytes + 256));
    free (line);
}

static void check_record (const zchat_event_t *event)
{
    output_t out;
    output_init (&out, -1, -1);
    static const record_style_t lines = {.json = false}, objects = {.json = true};
    record_message (&out, event, "00112233445566778899aabbccddeeff", &lines);
    frame_t text = frame_of (out.pending.data, out.pending.size);
    size_t tabs = 0;
    for (size_t i = 0; i < text.size; i++)
        tabs += out.pending.data[i] == '\t';
    fuzz_check (tabs == 5 &&
                memchr (text.data, '\n', text.size) == out.pending.data + text.size - 1);
    look_at (text, LINES);
    buffer_clear (&out.pending);
    record_message (&out, event, "00112233445566778899aabbccddeeff", &objects);
    text = frame_of (out.pending.data, out.pending.size);
    fuzz_check (text.size && out.pending.data[text.size - 1] == '\n');
    fuzz_check (is_plain (frame_of (text.data, text.size - 1)));
    json_t *json =
        json_loadb (text.data, text.size, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    fuzz_check (json_is_object (json));
    const json_t *body = json_object_get (json, "text");
    frame_t said = frame_of (event->body, event->body_size);
    if (text_valid (said))
        fuzz_check (
            frame_eq (frame_of (json_string_value (body), json_string_length (body)), said));
    json_decref (json);
    output_free (&out);
}

static void try_event (frame_t *frames, size_t count)
{
    enum { PARTS = 10 };
    char *parts[PARTS];
    size_t bytes = 0;
    for (size_t i = 0; i < PARTS; i++) {
        parts[i] = i < count ? fuzz_string (frames[i]) : memory_string ("", 0);
        bytes += i < count ? frames[i].size : 0;
    }
    frame_t body = count > 4 ? frames[4] : frame_of (NULL, 0);
    char *text = memory_string (body.data, body.size);
    zchat_event_t event = {
        .kind = (zchat_event_kind_t)(strtoul (parts[0], NULL, 10) % (ZCHAT_EVENT_WARNING + 1)),
        .status = (zchat_status_t)(strtoul (parts[7], NULL, 10) % ZCHAT_STATUS_COUNT),
        .type = (zchat_type_t)(strtoul (parts[1], NULL, 10) & 255),
        .room = parts[2],
        .user = or_null (parts[3]),
        .body = text,
        .body_size = body.size,
        .data = or_null (parts[5]),
        .text = or_null (parts[6]),
        .seq = strtoull (parts[7], NULL, 10),
        .count = strtoull (parts[7], NULL, 10),
        .members = strtoull (parts[7], NULL, 10),
        .time_ms = strtoull (parts[8], NULL, 10),
    };
    if (event.type == ZCHAT_TYPE_NONE)
        event.type = zchat_type_from_name (parts[1], strlen (parts[1]));
    unsigned columns = (unsigned)strtoul (parts[9], NULL, 10) % 300;
    const format_t formats[] = {
        {.endpoint = or_null (parts[6])},
        {.room = true, .time = true},
        {.room = true, .time = true, .colour = true, .columns = (int)columns + 3, .endpoint = "e"},
        {.columns = (int)columns},
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char *line = format_event (&event, &formats[i]);
        if (line)
            check_indent (line, &formats[i]);
        check_line (line, &formats[i], bytes);
    }
    check_line (format_notice (parts[6], event.time_ms, &formats[1]), &formats[1], bytes);
    if (event.kind == ZCHAT_EVENT_MESSAGE || event.kind == ZCHAT_EVENT_HISTORY)
        check_record (&event);
    free (text);
    for (size_t i = 0; i < PARTS; i++)
        free (parts[i]);
}

static void try_reply (char kind, frame_t json)
{
    const format_t formats[] = {{.room = true}, {.colour = true, .columns = 40, .time = true}};
    char *text = fuzz_string (json);
    for (size_t i = 0; i < 2; i++) {
        const format_t *format = &formats[i];
        char *line = kind == 'w'   ? format_who (text, format)
                     : kind == 'r' ? format_rooms (text, format)
                                   : format_topic (text, format);
        fuzz_check (line != NULL);
        /*  a line a room                                                      */
        look_at (frame_str (line), LINES | (format->colour ? COLOURS | WRAPPED : 0u));
        free (line);
    }
    free (text);
}

/*  --- what inputs are made of -----------------------------------------------  */

const char *const fuzz_lines[] = {
    "thello",
    "t\\xf0\\x9f\\x91\\xa9\\xe2\\x80\\x8d\\xf0\\x9f\\x92\\xbb",
    "ta\\xcc\\x81\\xcc\\x82\\xcc\\x83\\xcc\\x84\\xcc\\x85",
    "t\\x1b[31mred\\x07",
    "t\\xe2\\x80\\xaeabc",
    "t\\xd9\\x85\\xdb\\x8c\\xe2\\x80\\x8c\\xd8\\xae\\xe2\\x80\\x8f!",
    "t\\xf0\\x9f\\x8f\\xb4\\xf3\\xa0\\x81\\xa7\\xf3\\xa0\\x81\\xa2\\xf3\\xa0\\x81\\xa5\\xf3\\xa0\\x"
    "81\\xbf",
    "t\\xe0\\xa4\\x95\\xe0\\xa5\\x8d\\xe2\\x80\\x8d",
    "e5|say|lobby|bob|hello||",
    "e5|action|lobby|bob|waves\\nto all||",
    "e5|topic|lobby|bob|snacks||7|1732089600123|20",
    "e5|leave|lobby|bob||{\"reason\":\"lost\"}|",
    "e5|presence|lobby|||{\"join\":[\"a\",\"b\"],\"leave\":[\"c\"],\"members\":70}|",
    "e3||lobby|bob|||a topic|3",
    "e6||lobby||||9",
    "w{\"room\":\"lobby\",\"members\":2,\"users\":[\"bob\",\"eve\"]}",
    "r{\"rooms\":[{\"room\":\"lobby\",\"head\":1,\"members\":2,\"topic\":\"x\"}],\"more\":true}",
    "o{\"room\":\"lobby\",\"topic\":\"snacks\",\"by\":\"bob\",\"time\":1}",
    "k\\xf0\\x9f\\x87\\xa9\\xf0\\x9f\\x87\\xaa",
    NULL,
};
const char *const fuzz_parts[] = {
    "",
    "\\x1b]0;x\\x07",
    "\\xc2\\x9b31m",
    "\\xe2\\x80\\x8d",
    "\\xe2\\x81\\xa6",
    "\\xf3\\xa0\\x81\\x81",
    "\\xf3\\xa0\\x81\\xa7\\xf3\\xa0\\x81\\xbf",
    "\\xf0\\x9f\\x8f\\xb4",
    "\\xf3\\xa0\\x84\\x80",
    "\\xe8\\x91\\x9b",
    "\\xe2\\x80\\x8c",
    "\\xe2\\x80\\x8f",
    "\\xd7\\xa9",
    "\\xd9\\x85\\xdb\\x8c",
    "\\xe1\\xa0\\xa8\\xe1\\xa0\\x8e",
    "\\xc2\\xad",
    "\\xcc\\x81\\xcc\\x82\\xcc\\x83\\xcc\\x84\\xcc\\x85",
    "\\xed\\xa0\\x80",
    "\\xef\\xb8\\x8f",
    "\\xe0\\xa4\\x95\\xe0\\xa5\\x8d\\xe0\\xa4\\xb7",
    "\\xef\\xbf\\xbd",
    "\\nbob: hi",
    "\\n\\*200;",
    "word \\*300;",
    "18446744073709551615",
    "40",
    "9",
    NULL,
};

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    fuzz_escapes_t escapes = {.spent = FUZZ_BUDGET_MAX - (1 << 18)}; /* short texts are enough */
    frame_t text = frame_of (data, size), line;
    while (fuzz_line (&text, &line)) {
        if (line.size == 0)
            continue;
        const char *bytes = line.data;
        frame_t frames[FUZZ_FRAMES_MAX];
        size_t count = fuzz_frames (&escapes, frame_of (bytes + 1, line.size - 1), frames);
        if (*bytes == 't')
            try_display (frames[0]);
        else if (*bytes == 'e')
            try_event (frames, count);
        else if (*bytes == 'w' || *bytes == 'r' || *bytes == 'o')
            try_reply (*bytes, frames[0]);
        else if (*bytes == 'k')
            try_width (frames[0]);
        fuzz_frames_free (frames, count);
    }
    return 0;
}
