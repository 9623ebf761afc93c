/*  status.c - the one table of statuses and event types                       */
#include "frame.h"
#include <zchat/event.h>
#include <zchat/status.h>

#define ENTRY(name, code, text) {code, text},
static const struct {
    const char *code;
    const char *text;
} statuses[] = {ZCHAT_STATUS_MAP (ENTRY)};
#undef ENTRY

const char *zchat_status_code (zchat_status_t status)
{
    return (unsigned)status < ZCHAT_STATUS_COUNT ? statuses[status].code : "unknown";
}

const char *zchat_status_text (zchat_status_t status)
{
    return (unsigned)status < ZCHAT_STATUS_COUNT ? statuses[status].text
                                                 : "the broker gave a reason not known here";
}

zchat_status_t zchat_status_from_code (const char *code, size_t size)
{
    for (int status = 0; status < ZCHAT_STATUS_COUNT; status++)
        if (frame_is (frame_of (code, size), statuses[status].code))
            return (zchat_status_t)status;
    return ZCHAT_STATUS_COUNT;
}

#define ENTRY(name, number, text) {ZCHAT_TYPE_##name, text},
static const struct {
    zchat_type_t type;
    const char *name;
} types[] = {ZCHAT_TYPE_MAP (ENTRY)};
#undef ENTRY

enum { N_TYPES = sizeof types / sizeof *types };

const char *zchat_type_name (zchat_type_t type)
{
    for (size_t i = 0; i < N_TYPES; i++)
        if (types[i].type == type)
            return types[i].name;
    return "unknown";
}

zchat_type_t zchat_type_from_name (const char *name, size_t size)
{
    for (size_t i = 0; i < N_TYPES; i++)
        if (frame_is (frame_of (name, size), types[i].name))
            return types[i].type;
    return ZCHAT_TYPE_NONE;
}

bool zchat_type_stored (zchat_type_t type)
{
    return type >= ZCHAT_TYPE_SAY && type <= ZCHAT_TYPE_MENTION;
}
