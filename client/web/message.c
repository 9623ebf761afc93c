/*  message.c - what the body of a request says                                 */
#include "memory.h"
#include "request.h"
#include "text.h"
#include "urltext.h"
#include <strings.h>

void message_clear (request_message_t *self)
{
    free (self->text);
    free (self->data);
    memset (self, 0, sizeof *self);
}

static bool refused (request_t *request, const char *text)
{
    request_refuse (request, 400, "malformed", text);
    return false;
}

static bool number_take (const json_t *object, const char *key, uint64_t *number)
{
    const json_t *value = json_object_get (object, key);

    if (!value || json_is_null (value))
        return true;
    if (!json_is_integer (value) || json_integer_value (value) < 0)
        return false;
    *number = (uint64_t)json_integer_value (value);
    return true;
}

/*  Read the JSON of a body, whose keys depend on what is asked for.           */
static bool object_read (request_t *request, const json_t *object, bool says)
{
    request_message_t *message = &request->message;
    const json_t *text = json_object_get (object, "text"), *type = json_object_get (object, "type");
    const json_t *data = json_object_get (object, "data");

    if (text && !json_is_string (text))
        return refused (request, "text is to be a string");
    if (text) {
        message->size = json_string_length (text);
        message->text = memory_string (json_string_value (text), message->size);
    }
    if (!number_take (object, "re", &message->re) || !number_take (object, "seq", &message->seq))
        return refused (request, "re and seq are to be whole numbers");
    if (type && says) {
        const char *name = json_string_value (type);
        message->type = name ? zchat_type_from_name (name, strlen (name)) : ZCHAT_TYPE_NONE;
        if (message->type != ZCHAT_TYPE_SAY && message->type != ZCHAT_TYPE_ACTION)
            return refused (request, "type is to be say or action");
    }
    if (data && !json_is_null (data)) {
        if (!json_is_object (data))
            return refused (request, "data is to be an object");
        message->data = memory_check (json_dumps (data, JSON_COMPACT));
    }
    return true;
}

static bool is_json (const char *type)
{
    return type && strncasecmp (type, "application/json", 16) == 0 &&
           (!type[16] || strchr ("; \t", type[16]));
}

bool message_read (request_t *request)
{
    request_message_t *message = &request->message;
    const char *body = request->body.data ? request->body.data : "";
    size_t size = request->body.size;
    route_kind_t kind = request->route.kind;
    unsigned long long seq;
    bool good = true;

    message->type = ZCHAT_TYPE_SAY;
    if (is_json (request_header (request, "Content-Type"))) {
        json_t *object = json_loadb (body, size, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object (object)) {
            json_decref (object);
            return refused (request, "the body is no JSON object in UTF-8");
        }
        good = object_read (request, object, kind == ROUTE_SAY);
        json_decref (object);
    } else if (kind == ROUTE_MARK) {
        char number[24];
        snprintf (number, sizeof number, "%.*s", size < sizeof number ? (int)size : 0, body);
        number[strcspn (number, "\r\n")] = '\0';
        if (!urltext_number (number, &seq, NULL))
            return refused (request, "the body is to be a seq");
        message->seq = seq;
    } else {
        message->text = memory_string (body, size);
        message->size = size;
    }
    if (!good)
        return false;
    if (kind == ROUTE_MARK)
        return message->seq || refused (request, "seq is to be a number from 1 on");
    if (!text_valid (frame_of (message->text, message->size)))
        return refused (request, "the text is not UTF-8, or holds NUL");
    if (!message->size && kind != ROUTE_AWAY && kind != ROUTE_TOPIC_SET)
        return refused (request, "there is no text");
    if (message->size > ZCHAT_BODY_MAX) {
        request_refuse (request, 413, "size", "a message has 65536 bytes at most");
        return false;
    }
    return true;
}
