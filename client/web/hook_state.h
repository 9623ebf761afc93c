/*  hook_state.h - how far a hook has come, on disk

    A file for each hook, by a hash of its room and URL. It is replaced as a whole: after a crash
   the one before is there, and one event may be sent a second time.
*/
#ifndef ZCHAT_WEB_HOOK_STATE_H
#define ZCHAT_WEB_HOOK_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <zchat/limits.h>

typedef struct {
    bool known; /* there was a file                                            */
    char log[2 * ZCHAT_LOG_ID_SIZE + 1];
    uint64_t seq; /* the last that was taken                                   */
} hook_cursor_t;

/*  Return the path of the file; the caller frees it.                          */
char *hook_state_path (const char *folder, const char *room, const char *url);

/*  Read it. False, with *why: it is there, and cannot be read, or is none.    */
bool hook_state_read (const char *path, hook_cursor_t *cursor, const char **why);

/*  Write it, so that it is on disk afterwards. False, with errno.             */
bool hook_state_write (const char *folder, const char *path, const hook_cursor_t *cursor);

#endif
