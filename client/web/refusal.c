/*  refusal.c - ERR codes as HTTP statuses                                     */
#include "refusal.h"
#include "memory.h"
#include <jansson.h>

unsigned refusal_http (zchat_status_t status)
{
    switch (status) {
    case ZCHAT_MALFORMED:
    case ZCHAT_NAME:
    case ZCHAT_INVALID:
    case ZCHAT_GAP:
        return 400;
    case ZCHAT_GUEST:
    case ZCHAT_TOKEN:
        return 401;
    case ZCHAT_PRIVATE:
    case ZCHAT_PROOF:
    case ZCHAT_OPERATOR:
    case ZCHAT_BANNED:
    case ZCHAT_MUTED:
    case ZCHAT_CLOSED:
    case ZCHAT_ADMISSION:
        return 403;
    case ZCHAT_NOBODY:
        return 404;
    case ZCHAT_TAKEN:
    case ZCHAT_IDENTITY:
    case ZCHAT_MEMBER:
    case ZCHAT_HELLO:
    case ZCHAT_FORGOTTEN:
        return 409;
    case ZCHAT_LIMIT:
        return 422;
    case ZCHAT_SLOW:
        return 429;
    case ZCHAT_VERB:
    case ZCHAT_PROTOCOL:
        return 501;
    case ZCHAT_UNREACHABLE:
    case ZCHAT_STORAGE:
    case ZCHAT_CLOSING:
    case ZCHAT_FULL:
        return 503;
    case ZCHAT_TIMEOUT:
        return 504;
    case ZCHAT_OK:
    case ZCHAT_EMPTY:
    case ZCHAT_IN_USE:
    case ZCHAT_CORRUPT:
    case ZCHAT_NEWER:
    case ZCHAT_SYSTEM:
    case ZCHAT_STATUS_COUNT:
        break;
    }
    return 500;
}

unsigned refusal_again_s (unsigned http)
{
    return http == 429 || http == 503 ? 1 : 0;
}

char *refusal_json (const char *code, const char *text, const char *json)
{
    json_t *object = json ? json_loads (json, 0, NULL) : NULL;

    if (!json_is_object (object)) {
        json_decref (object);
        object = memory_check (json_object ());
    }
    json_object_set_new (object, "code", json_string (code));
    json_object_set_new (object, "text", json_string (text ? text : ""));
    char *made = memory_check (json_dumps (object, JSON_COMPACT));
    json_decref (object);
    return made;
}
