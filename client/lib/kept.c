/*  kept.c - an outbox as text, so that the next run of the program can go on with it */
#include "kept.h"
#include "memory.h"
#include "name.h"
#include "text.h"

enum { FORMAT = 1, PRODUCER_HEX = 2 * ZCHAT_PRODUCER_SIZE, LOG_HEX = 2 * ZCHAT_LOG_ID_SIZE };

char *kept_write (const outbox_t *outbox, const char *log, size_t max, size_t *count)
{
    outbox_state_t state;
    json_t *messages = json_array ();
    size_t bytes = 0;

    outbox_state (outbox, &state);
    *count = 0;
    for (size_t i = 0; i < outbox_count (outbox); i++) {
        outbox_message_t look;
        json_t *message;

        outbox_look (outbox, i, &look);
        bytes += look.body.size + strlen (look.to) + (look.data ? strlen (look.data) : 0);
        if (bytes > max)
            break;
        message = json_pack ("{s:s, s:s, s:s%}", "to", look.to, "type", zchat_type_name (look.type),
                             "body", look.body.data, look.body.size);
        if (look.data)
            json_object_set_new (message, "data", json_string (look.data));
        if (look.re)
            json_object_set_new (message, "re", json_integer ((json_int_t)look.re));
        if (look.indoors)
            json_object_set_new (message, "private", json_true ());
        json_array_append_new (messages, message);
        ++*count;
    }
    if (!*count) {
        json_decref (messages);
        return NULL;
    }
    json_t *all = json_pack ("{s:i, s:s, s:s, s:I, s:I, s:o}", "format", FORMAT, "log", log,
                             "producer", state.producer, "n", (json_int_t)state.n, "numbered",
                             (json_int_t)(state.numbered < *count ? state.numbered : *count),
                             "messages", messages);
    char *text = memory_check (json_dumps (all, JSON_COMPACT));
    json_decref (all);
    return text;
}

/*  --- reading: a file's content is not trusted -------------------------------  */

static bool message_read (const json_t *json, outbox_message_t *message)
{
    const json_t *body = json_object_get (json, "body");
    const json_t *data = json_object_get (json, "data");
    bool re;
    const char *type = answer_string (json, "type", ZCHAT_NAME_MAX);

    message->to = answer_string (json, "to", ZCHAT_NAME_MAX);
    message->data = answer_string (json, "data", ZCHAT_DATA_MAX);
    message->indoors = json_is_true (json_object_get (json, "private"));
    message->re = 0;
    re = answer_number (json, "re", INT64_MAX, &message->re);
    if (!json_is_string (body) || !type || !message->to ||
        name_check (frame_str (message->to), NULL, NULL) != ZCHAT_OK)
        return false;
    message->body = frame_of (json_string_value (body), json_string_length (body));
    message->type = zchat_type_from_name (type, strlen (type));
    if (message->body.size == 0 || message->body.size > ZCHAT_BODY_MAX ||
        !text_valid (message->body) || re != json_is_integer (json_object_get (json, "re")) ||
        (message->type != ZCHAT_TYPE_SAY && message->type != ZCHAT_TYPE_ACTION &&
         message->type != ZCHAT_TYPE_TELL && (message->type != ZCHAT_TYPE_EDIT || !message->re)))
        return false;
    if (data) {
        json_t *object = message->data ? answer_parse (frame_str (message->data)) : NULL;
        json_decref (object);
        return object != NULL;
    }
    return true;
}

static bool state_read (const json_t *all, outbox_state_t *state, char log[LOG_HEX + 1])
{
    const char *producer = answer_string (all, "producer", PRODUCER_HEX);
    const char *of = answer_string (all, "log", LOG_HEX);
    const json_t *messages = json_object_get (all, "messages");
    uint64_t format, numbered;

    *state = (outbox_state_t){.n = 0};
    if (!answer_number (all, "format", INT64_MAX, &format) || format != FORMAT ||
        !answer_hex (producer, PRODUCER_HEX) || !of || (*of && !answer_hex (of, LOG_HEX)) ||
        !answer_number (all, "n", INT64_MAX / 2, &state->n) || !state->n ||
        !answer_number (all, "numbered", ZCHAT_OUTBOX_MAX, &numbered) ||
        !json_is_array (messages) || json_array_size (messages) == 0 ||
        json_array_size (messages) > ZCHAT_OUTBOX_MAX || numbered > json_array_size (messages))
        return false;
    state->numbered = numbered;
    /*  Where a broker was met, every message with a number may have been sent since this was
        written.                                                               */
    state->tried = *of ? numbered : 0;
    snprintf (state->producer, sizeof state->producer, "%s", producer);
    snprintf (log, LOG_HEX + 1, "%s", of);
    return true;
}

zchat_status_t kept_read (frame_t text, outbox_t *outbox, uint64_t *id, char log[LOG_HEX + 1])
{
    json_t *all = answer_parse (text);
    const json_t *messages = json_object_get (all, "messages");
    size_t count = json_array_size (messages), bytes = 0;
    outbox_message_t message;
    outbox_state_t state;
    bool good = all && state_read (all, &state, log);

    for (size_t i = 0; good && i < count; i++) {
        good = message_read (json_array_get (messages, i), &message);
        if (good)
            bytes += strlen (message.to) + 1 + message.body.size +
                     (message.data ? strlen (message.data) + 1 : 0);
    }
    if (good && bytes > ZCHAT_OUTBOX_BYTES_MAX)
        good = false;
    for (size_t i = 0; good && i < count; i++) {
        (void)message_read (json_array_get (messages, i), &message);
        good = outbox_add (outbox, ++*id, &message) == ZCHAT_OK;
    }
    if (good)
        outbox_restored (outbox, &state);
    json_decref (all);
    return good ? ZCHAT_OK : ZCHAT_CORRUPT;
}
