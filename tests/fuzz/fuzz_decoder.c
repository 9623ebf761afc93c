/*  fuzz_decoder.c - everything of protocol/ that reads a peer's bytes

    Each line of the input is one try: a letter, then frames (see fuzz.h). What is
    decoded must view the frames it came from, stay within the limits, and become the same
    bytes again.

        q a request     r a reply     p a pack      t a topic    m an event as meta
        n two names     k a key       a an address  e a door's address, with a host
        u a name, its code points in decimal        s a status                             */
#include "address.h"
#include "event_codec.h"
#include "fuzz.h"
#include "memory.h"
#include "name.h"
#include "request.h"
#include "text.h"
#include <jansson.h>

static bool within (frame_t view, const frame_t *frames, size_t count)
{
    const char *begin = view.data;
    if (view.size == 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        const char *from = frames[i].data;
        if (begin >= from && begin + view.size <= from + frames[i].size)
            return true;
    }
    return false;
}

static void same_frames (const frame_t *a, size_t n_a, const frame_t *b, size_t n_b)
{
    fuzz_check (n_a == n_b);
    for (size_t i = 0; i < n_a; i++)
        fuzz_check (frame_eq (a[i], b[i]));
}

/*  --- requests and replies --------------------------------------------------  */

static void try_request (const frame_t *frames, size_t count)
{
    request_t request;
    const char *why = NULL;
    zchat_status_t status = request_decode (frames, count, &request, &why);
    fuzz_check (request.tag.size <= ZCHAT_TAG_MAX && within (request.tag, frames, count));
    fuzz_check (request.enveloped == (count > 0 && frames[0].size == 0));
    if (status != ZCHAT_OK) {
        fuzz_check (status == ZCHAT_MALFORMED || status == ZCHAT_VERB || status == ZCHAT_LIMIT);
        fuzz_check (why && text_valid (frame_str (why)));
        return;
    }
    fuzz_check ((unsigned)request.verb < VERB_COUNT && request.n_args <= REQUEST_ARGS_MAX);
    frame_t again[4 + REQUEST_ARGS_MAX] = {frame_of ("", 0), frame_str (verb_name (request.verb)),
                                           request.tag, request.user};
    for (size_t i = 0; i < REQUEST_ARGS_MAX; i++) {
        fuzz_check (within (request.args[i], frames, count));
        fuzz_check (i < request.n_args || request.args[i].size == 0);
        again[4 + i] = request.args[i];
    }
    size_t skip = request.enveloped ? 0 : 1;
    same_frames (again + skip, 4 - skip + request.n_args, frames, count);
}

static void try_reply (const frame_t *frames, size_t count)
{
    reply_t reply;
    zchat_status_t status = reply_decode (frames, count, &reply);
    if (status != ZCHAT_OK) {
        fuzz_check (status == ZCHAT_MALFORMED);
        return;
    }
    if (frames[0].size == 0) {
        frames++;
        count--;
    }
    frame_t parts[] = {reply.tag, reply.json, reply.topic, reply.user, reply.body, reply.meta};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fuzz_check (within (parts[i], frames, count) && parts[i].size <= ZCHAT_FRAME_MAX);
    fuzz_check (reply.tag.size <= ZCHAT_TAG_MAX && reply.topic.size <= EVENT_TOPIC_MAX);
    const frame_t answer[] = {frame_str (reply.kind == REPLY_OK ? "OK" : "ERR"), reply.tag,
                              reply.json};
    const frame_t event[] = {frame_str ("EVENT"), reply.tag,  reply.topic,
                             reply.user,          reply.body, reply.meta};
    const frame_t bulk[] = {frame_str ("EVENT"), reply.tag, reply.topic, reply.body};
    const frame_t noop[] = {frame_str ("NOOP"), frame_of ("", 0)};
    switch (reply.kind) {
    case REPLY_OK:
    case REPLY_ERR:
        same_frames (answer, 3, frames, count);
        break;
    case REPLY_EVENT:
        same_frames (event, 6, frames, count);
        break;
    case REPLY_BULK:
        same_frames (bulk, 4, frames, count);
        break;
    case REPLY_NOOP:
        same_frames (noop, 2, frames, count);
        break;
    default:
        fuzz_failed ("a kind that exists", __FILE__, __LINE__, __func__);
    }
}

/*  --- events ----------------------------------------------------------------  */

/*  The meta of an event holds what the event does.                            */
static void check_meta (const event_t *event)
{
    json_t *data = json_loadb (event->data.data ? event->data.data : "", event->data.size,
                               JSON_REJECT_DUPLICATES, NULL);
    if (event->data.size == 0 || json_is_object (data)) {
        char *meta = memory_new (EVENT_META_MAX);
        size_t size = event_meta_encode (event, meta);
        fuzz_check (size <= EVENT_META_MAX);
        frame_t exact = fuzz_copy (frame_of (meta, size));
        free (meta);
        json_t *json = json_loadb (exact.data, exact.size, JSON_REJECT_DUPLICATES, NULL);
        bool fits = event->seq <= INT64_MAX && event->time_ms <= INT64_MAX;
        fuzz_check (json_is_object (json) || !fits);
        if (json) {
            json_t *seq = json_object_get (json, "seq");
            fuzz_check (!strcmp (json_string_value (json_object_get (json, "type")),
                                 zchat_type_name (event->type)));
            fuzz_check ((uint64_t)json_integer_value (seq) == event->seq);
            fuzz_check (!seq == (event->seq == 0));
            fuzz_check ((uint64_t)json_integer_value (json_object_get (json, "time")) ==
                        event->time_ms);
            fuzz_check (json_equal (json_object_get (json, "data"), data) ||
                        (!data && !json_object_get (json, "data")));
        }
        json_decref (json);
        free ((void *)exact.data);
    }
    json_decref (data);
}

static void try_pack (frame_t pack)
{
    frame_t rest = pack, before = pack;
    event_t event;
    zchat_status_t status;
    while ((status = event_record_next (&rest, &event)) == ZCHAT_OK) {
        size_t size = event_record_size (&event);
        fuzz_check (within (event.user, &before, 1) && event.user.size <= ZCHAT_NAME_MAX);
        fuzz_check (within (event.data, &before, 1) && event.data.size <= ZCHAT_DATA_MAX);
        fuzz_check (within (event.body, &before, 1) && event.body.size <= ZCHAT_BODY_MAX);
        fuzz_check (rest.size + size == before.size);
        fuzz_check ((const char *)rest.data == (const char *)before.data + size);
        uint8_t *again = memory_new (size);
        fuzz_check (event_record_encode (&event, again) == size);
        fuzz_check (memcmp (again, before.data, size) == 0);
        free (again);
        check_meta (&event);
        before = rest;
    }
    fuzz_check (status == ZCHAT_EMPTY || status == ZCHAT_MALFORMED);
    fuzz_check (rest.data == before.data && rest.size == before.size);
    fuzz_check ((status == ZCHAT_EMPTY) == (rest.size == 0));
}

static void try_topic (frame_t topic)
{
    static const char *const prefixes[] = {"room/", "pack/", "sync/"};
    int fits = 0;
    for (size_t i = 0; i < 3; i++) {
        frame_t name;
        char again[EVENT_TOPIC_MAX];
        if (!event_topic_name (topic, prefixes[i], &name))
            continue;
        fits++;
        fuzz_check (within (name, &topic, 1) && name.size >= 1 && name.size <= ZCHAT_NAME_MAX);
        size_t size = event_topic (again, prefixes[i], name);
        fuzz_check (frame_eq (frame_of (again, size), topic));
    }
    fuzz_check (fits <= 1);
}

/*  user, body, data, numbers as the program wants them: a record that goes round.      */
static void try_event (const frame_t *frames, size_t count)
{
    frame_t none = frame_of ("", 0);
    event_t event = {.type = ZCHAT_TYPE_SAY,
                     .user = frames[0],
                     .body = count > 1 ? frames[1] : none,
                     .data = count > 2 ? frames[2] : none,
                     .seq = count > 3 ? fuzz_number (frames[3], UINT64_MAX) : 1,
                     .time_ms = count > 4 ? fuzz_number (frames[4], UINT64_MAX) : 1};
    if (count > 5) {
        const char *name = frames[5].data;
        event.type = zchat_type_from_name (name, frames[5].size);
        if (event.type == ZCHAT_TYPE_NONE)
            event.type = (zchat_type_t)fuzz_number (frames[5], ZCHAT_TYPE_MAX);
        else
            fuzz_check (frame_is (frames[5], zchat_type_name (event.type)));
    }
    if (event.user.size > ZCHAT_NAME_MAX || event.body.size > ZCHAT_BODY_MAX ||
        event.data.size > ZCHAT_DATA_MAX)
        return;
    frame_t pack = {memory_new (event_record_size (&event)), event_record_size (&event)};
    event_record_encode (&event, (uint8_t *)pack.data);
    frame_t rest = pack;
    event_t read;
    fuzz_check (event_record_next (&rest, &read) == ZCHAT_OK && rest.size == 0);
    fuzz_check (frame_eq (read.user, event.user) && frame_eq (read.body, event.body) &&
                frame_eq (read.data, event.data));
    fuzz_check (read.seq == event.seq && read.time_ms == event.time_ms && read.type == event.type);
    try_pack (pack);
    free ((void *)pack.data);
}

/*  --- names -----------------------------------------------------------------  */

static char flip_case (char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*  What is a name's key, if it is a name itself, is the same one.             */
static void check_key (const char *key, const name_keys_t *keys)
{
    name_keys_t of_key;
    fuzz_check (*key && strlen (key) <= NAME_KEY_MAX && text_valid (frame_str (key)));
    if (name_check (frame_str (key), &of_key, NULL) != ZCHAT_OK || name_same (&of_key, keys))
        return;
    fuzz_say ("fold", frame_str (keys->fold));
    fuzz_say ("look", frame_str (keys->look));
    fuzz_say ("its fold", frame_str (of_key.fold));
    fuzz_say ("its look", frame_str (of_key.look));
    fuzz_failed ("a key names the same", __FILE__, __LINE__, __func__);
}

/*  False where it is none.                                                    */
static bool try_name (frame_t name, name_keys_t *keys)
{
    const char *why = NULL;
    name_keys_t again;
    memset (keys, 'x', sizeof *keys);
    zchat_status_t status = name_check (name, keys, &why);
    fuzz_check (name_check (name, NULL, NULL) == status);
    if (status != ZCHAT_OK) {
        fuzz_check (status == ZCHAT_NAME && why && text_valid (frame_str (why)));
        fuzz_check (keys->fold[0] == 'x' && keys->look[0] == 'x');
        return false;
    }
    fuzz_check (name.size >= 1 && name.size <= ZCHAT_NAME_MAX && text_valid (name));
    fuzz_check (memchr (name.data, '/', name.size) == NULL);
    fuzz_check (name_check (name, &again, NULL) == ZCHAT_OK);
    fuzz_check (!strcmp (again.fold, keys->fold) && !strcmp (again.look, keys->look));
    fuzz_check (name_same (keys, &again));
    size_t size;
    char *shown = text_display (name, TEXT_LINE, &size);
    fuzz_check (frame_eq (frame_of (shown, size), name));
    free (shown);
    check_key (keys->fold, keys);
    check_key (keys->look, keys);
    char *flipped = memory_string (name.data, name.size);
    for (size_t i = 0; i < name.size; i++)
        flipped[i] = flip_case (flipped[i]);
    if (name_check (frame_str (flipped), &again, NULL) == ZCHAT_OK)
        fuzz_check (!strcmp (again.fold, keys->fold));
    free (flipped);
    return true;
}

static void try_names (const frame_t *frames, size_t count)
{
    name_keys_t a, b;
    if (!try_name (frames[0], &a) || count < 2 || !try_name (frames[1], &b))
        return;
    fuzz_check (name_same (&a, &b) == name_same (&b, &a));
    fuzz_check (!frame_eq (frames[0], frames[1]) || name_same (&a, &b));
}

static void try_codepoints (const frame_t *frames, size_t count)
{
    char text[4 * FUZZ_FRAMES_MAX];
    size_t size = 0;
    name_keys_t keys;
    for (size_t i = 0; i < count; i++)
        size += text_encode ((uint32_t)fuzz_number (frames[i], 0x10FFFF), text + size);
    frame_t name = fuzz_copy (frame_of (text, size));
    try_name (name, &keys);
    free ((void *)name.data);
}

static void try_status (frame_t code)
{
    zchat_status_t status = zchat_status_from_code (code.data, code.size);
    fuzz_check (status <= ZCHAT_STATUS_COUNT);
    fuzz_check (status == ZCHAT_STATUS_COUNT || frame_is (code, zchat_status_code (status)));
    status = (zchat_status_t)fuzz_number (code, ZCHAT_STATUS_COUNT);
    fuzz_check (zchat_status_code (status) && zchat_status_text (status));
}

/*  --- keys and addresses ----------------------------------------------------  */

static void try_key (const frame_t *frames, size_t count)
{
    uint8_t key[ADDRESS_KEY_SIZE], again[ADDRESS_KEY_SIZE];
    char text[ADDRESS_KEY_TEXT + 1];
    const char *why = NULL;
    if (address_key_decode (frames[0], key, &why) != ZCHAT_OK) {
        fuzz_check (why && text_valid (frame_str (why)));
        if (frames[0].size < sizeof key)
            return;
        memcpy (key, frames[0].data, sizeof key);
    }
    address_key_encode (key, text);
    fuzz_check (strlen (text) == ADDRESS_KEY_TEXT);
    fuzz_check (address_key_decode (frame_str (text), again, NULL) == ZCHAT_OK);
    fuzz_check (memcmp (key, again, sizeof key) == 0);
    /*  Up to four digits side by side, mistyped: always found.                */
    if (count < 3)
        return;
    size_t at = (size_t)fuzz_number (frames[1], ADDRESS_KEY_TEXT - 4);
    char typed[ADDRESS_KEY_TEXT + 1];
    memcpy (typed, text, sizeof typed);
    size_t size = frames[2].size < 4 ? frames[2].size : 4;
    if (size)
        memcpy (typed + at, frames[2].data, size);
    if (address_key_decode (frame_of (typed, ADDRESS_KEY_TEXT), again, NULL) == ZCHAT_OK)
        fuzz_check (memcmp (key, again, sizeof key) == 0);
}

static void try_address (const frame_t *frames)
{
    char *text = fuzz_string (frames[0]), again[ADDRESS_TEXT_MAX + 1];
    address_t address, back;
    const char *why = NULL;
    zchat_status_t status = address_decode (text, &address, &why);
    if (status == ZCHAT_OK) {
        fuzz_check (address_is (text) && strncmp (address.endpoint, "tcp://", 6) == 0);
        fuzz_check (strlen (address.endpoint) <= ADDRESS_ENDPOINT_MAX);
        fuzz_check (text_valid (frame_str (address.endpoint)));
        fuzz_check (address_encode (address.endpoint, NULL, address.key, again) == ZCHAT_OK);
        fuzz_check (strlen (again) <= ADDRESS_TEXT_MAX);
        fuzz_check (address_decode (again, &back, NULL) == ZCHAT_OK && back.has_key);
        fuzz_check (!strcmp (back.endpoint, address.endpoint));
        fuzz_check (memcmp (back.key, address.key, sizeof back.key) == 0);
    } else
        fuzz_check (status == ZCHAT_INVALID && why && text_valid (frame_str (why)));
    free (text);
}

static void try_door (const frame_t *frames, size_t count)
{
    static const uint8_t key[ADDRESS_KEY_SIZE] = {1, 2, 3};
    char *endpoint = fuzz_string (frames[0]), text[ADDRESS_TEXT_MAX + 1];
    char *host = count > 1 ? fuzz_string (frames[1]) : NULL;
    address_t back;
    if (address_encode (endpoint, host, key, text) == ZCHAT_OK) {
        fuzz_check (address_decode (text, &back, NULL) == ZCHAT_OK && back.has_key);
        fuzz_check (memcmp (back.key, key, sizeof key) == 0);
        /*  IPv6 without brackets gets them.                                   */
        bool bare = endpoint[6] != '[' && strchr (endpoint + 6, ':') != strrchr (endpoint, ':');
        fuzz_check (host || bare || !strcmp (back.endpoint, endpoint));
    }
    free (host);
    free (endpoint);
}

/*  --- what inputs are made of -----------------------------------------------  */

const char *const fuzz_lines[] = {
    "qSAY|t|bob|lobby|hello",
    "q|SAY|t|bob|lobby|hello|{}",
    "qHELLO|t|bob",
    "qTELL|t|bob|eve|psst|{}",
    "qMODE|t|bob|lobby|{\"set\":\"op\"}",
    "qKEY|t|bob|{}",
    "rOK|t|{}",
    "rERR|t|{\"code\":\"name\"}",
    "r|EVENT|t|room/lobby/|bob|hi|{}",
    "rEVENT|t|pack/lobby/|x",
    "rNOOP|",
    "p\\x00\\x00\\x00\\x15\\x00\\*6;\\x01\\x00\\*6;\\x01\\x01\\x00\\x00\\x00x",
    "troom/lobby/",
    "mbob|hi|{\"a\":1}|7|1000|say",
    "nbob|BOB",
    "u98|1086|837",
    "sbanned",
    "k0|3|zz",
    "azchat://localhost:5680",
    "etcp://*:5680|host",
    NULL,
};
const char *const fuzz_parts[] = {
    "",
    "a",
    "bob",
    "\\xd0\\xb1\\xd0\\xbe\\xd0\\xb1",
    "room/a/",
    "{}",
    "x\\*127;",
    "x\\*65535;",
    "x\\*65536;",
    "x\\*1048576;",
    "{\"data\":{}}",
    "18446744073709551615",
    "9223372036854775807",
    "t\\*31;",
    "t\\*32;",
    "\\xff",
    "[::1]",
    "say",
    "255",
    NULL,
};

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    fuzz_escapes_t escapes = {.spent = FUZZ_BUDGET_MAX - (3 << 20)};
    frame_t text = frame_of (data, size), line;
    while (fuzz_line (&text, &line)) {
        if (line.size == 0)
            continue;
        const char *bytes = line.data;
        frame_t frames[FUZZ_FRAMES_MAX];
        size_t count = fuzz_frames (&escapes, frame_of (bytes + 1, line.size - 1), frames);
        switch (*bytes) {
        case 'q':
            try_request (frames, count);
            break;
        case 'r':
            try_reply (frames, count);
            break;
        case 'p':
            try_pack (frames[0]);
            break;
        case 't':
            try_topic (frames[0]);
            break;
        case 'm':
            try_event (frames, count);
            break;
        case 'n':
            try_names (frames, count);
            break;
        case 'u':
            try_codepoints (frames, count);
            break;
        case 's':
            try_status (frames[0]);
            break;
        case 'k':
            try_key (frames, count);
            break;
        case 'a':
            try_address (frames);
            break;
        case 'e':
            try_door (frames, count);
            break;
        default:
            break;
        }
        fuzz_frames_free (frames, count);
    }
    return 0;
}
