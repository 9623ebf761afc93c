/*  event.h - the types of events, as they are named on the wire               */
#ifndef ZCHAT_EVENT_H
#define ZCHAT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <zchat/exports.h>

#ifdef __cplusplus
extern "C" {
#endif
ZCHAT_EXPORTS_BEGIN

/*  X (enumerator, number in a pack, name in a meta)                           */
#define ZCHAT_TYPE_MAP(X)                                                                          \
    X (SAY, 1, "say")                                                                              \
    X (ACTION, 2, "action")                                                                        \
    X (TOPIC, 3, "topic")                                                                          \
    X (MODE, 4, "mode")                                                                            \
    X (REMOVE, 5, "remove")                                                                        \
    X (TELL, 6, "tell")                                                                            \
    X (TOLD, 7, "told")                                                                            \
    X (INVITE, 8, "invite")                                                                        \
    X (GONE, 9, "gone")                                                                            \
    X (EDIT, 10, "edit")                                                                           \
    X (REACT, 11, "react")                                                                         \
    X (UNREACT, 12, "unreact")                                                                     \
    X (MENTION, 13, "mention")                                                                     \
    X (JOIN, 16, "join")                                                                           \
    X (LEAVE, 17, "leave")                                                                         \
    X (PRESENCE, 18, "presence")                                                                   \
    X (READ, 19, "read")                                                                           \
    X (MARKS, 20, "marks")

#define ZCHAT_TYPE_ENUM(name, number, text) ZCHAT_TYPE_##name = (number),
typedef enum {
    ZCHAT_TYPE_NONE,
    ZCHAT_TYPE_MAP (ZCHAT_TYPE_ENUM) ZCHAT_TYPE_MAX = 255
} zchat_type_t;
#undef ZCHAT_TYPE_ENUM

/*  Return the type's name, a static string; "unknown" for a number not listed. */
const char *zchat_type_name (zchat_type_t type);

/*  Return the type that has the name of size bytes; ZCHAT_TYPE_NONE where there is none. */
zchat_type_t zchat_type_from_name (const char *name, size_t size);

/*  True for the types that are stored and counted by seq.                     */
bool zchat_type_stored (zchat_type_t type);

ZCHAT_EXPORTS_END
#ifdef __cplusplus
}
#endif
#endif
