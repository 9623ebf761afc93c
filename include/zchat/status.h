/*  status.h - one status for everything that can fail

    The names, the codes on the wire and the texts come from one list, so they
    cannot drift apart. A status either travels in an ERR (its code is then part
    of ZCHAT/1, see protocol/PROTOCOL.md) or is local: it never leaves the
    process, and its code is only for logs.
*/
#ifndef ZCHAT_STATUS_H
#define ZCHAT_STATUS_H

#include <stddef.h>
#include <zchat/exports.h>

#ifdef __cplusplus
extern "C" {
#endif
ZCHAT_EXPORTS_BEGIN

/*  X (enumerator, code, text)                                                */
#define ZCHAT_STATUS_MAP(X)                                                                        \
    X (OK, "ok", "done")                                                                           \
    /* on the wire */                                                                              \
    X (MALFORMED, "malformed", "the request does not fit the protocol")                            \
    X (VERB, "verb", "this verb is not known here")                                                \
    X (PROTOCOL, "protocol", "this broker speaks ZCHAT/1 only")                                    \
    X (NAME, "name", "this name is not allowed")                                                   \
    X (TAKEN, "taken", "this name is held by somebody else; choose another")                       \
    X (IDENTITY, "identity", "this connection speaks under another name")                          \
    X (HELLO, "hello", "say HELLO first")                                                          \
    X (GUEST, "guest", "a guest only reads; say HELLO with a name to speak")                       \
    X (MEMBER, "member", "JOIN the room first")                                                    \
    X (LIMIT, "limit", "over a limit of this broker")                                              \
    X (SLOW, "slow", "too fast; wait and send again")                                              \
    X (GAP, "gap", "messages of this producer are missing; resend from the one expected")          \
    X (STORAGE, "storage", "the log cannot be written now; nothing was stored, send again later")  \
    X (CLOSING, "closing", "the broker is stopping; connect again in a moment")                    \
    X (PRIVATE, "private", "this room is private; ask one of its operators to invite you")         \
    X (PROOF, "proof", "this wants a proven name: come with a key (zchatd --curve) or a token")    \
    X (TOKEN, "token", "this token does not prove this name")                                      \
    X (OPERATOR, "operator", "only operators of the room may do this")                             \
    X (BANNED, "banned", "an operator has banned you from this room")                              \
    X (MUTED, "muted", "an operator has muted you in this room")                                   \
    X (CLOSED, "closed", "this room is closed")                                                    \
    X (NOBODY, "nobody", "nobody has this name")                                                   \
    /* local */                                                                                    \
    X (EMPTY, "empty", "nothing is waiting")                                                       \
    X (UNREACHABLE, "unreachable", "no broker answers there")                                      \
    X (TIMEOUT, "timeout", "it took too long")                                                     \
    X (INVALID, "invalid", "an argument is not valid")                                             \
    X (FULL, "full", "no room for more until something is acknowledged")                           \
    X (IN_USE, "in-use", "another process uses it")                                                \
    X (CORRUPT, "corrupt", "the data is damaged")                                                  \
    X (NEWER, "newer", "the data was written by a newer version")                                  \
    X (SYSTEM, "system", "the operating system refused")                                           \
    X (ADMISSION, "admission", "the broker does not admit this key; ask who runs it")              \
    X (FORGOTTEN, "forgotten", "the broker no longer knows what it had of this sender")

#define ZCHAT_STATUS_ENUM(name, code, text) ZCHAT_##name,
typedef enum { ZCHAT_STATUS_MAP (ZCHAT_STATUS_ENUM) ZCHAT_STATUS_COUNT } zchat_status_t;
#undef ZCHAT_STATUS_ENUM

/*  Return the code, as it stands in an ERR: a static string, never NULL.      */
const char *zchat_status_code (zchat_status_t status);

/*  Return one English sentence for people: a static string, never NULL.       */
const char *zchat_status_text (zchat_status_t status);

/*  Return the status whose code is the size bytes at code, which need not end in NUL.
    ZCHAT_STATUS_COUNT where no status has that code: a newer broker may answer with codes this
    version does not know.                                                     */
zchat_status_t zchat_status_from_code (const char *code, size_t size);

ZCHAT_EXPORTS_END
#ifdef __cplusplus
}
#endif
#endif
