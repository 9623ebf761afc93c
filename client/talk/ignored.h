/*  ignored.h - people whose direct messages this computer does not show

    It is for brokers that cannot refuse them. The names stand in the file `ignored` beside the key,
    one line each: "BROKER NAME". Several zchat may use the file at once, so it is read again
    whenever it has changed.
*/
#ifndef ZCHAT_TALK_IGNORED_H
#define ZCHAT_TALK_IGNORED_H

#include <stdbool.h>
#include <stddef.h>
#include <zchat/client.h>

typedef struct ignored ignored_t;

enum { IGNORED_MAX = 1000 /* names of all brokers */, IGNORED_FILE_MAX = 1048576 /* bytes */ };

/*  Make the list. path: of the file; this module frees it. NULL: there is no place for a file,
    and nobody is ignored.                                                     */
ignored_t *ignored_new (char *path, const char *endpoint);
void ignored_destroy (ignored_t **self_p);

/*  True where the name is ignored, or looks like one that is.                 */
bool ignored_has (ignored_t *self, const char *user);
/*  True for a direct message or an invitation from somebody who is ignored.   */
bool ignored_hides (ignored_t *self, const zchat_event_t *event);
/*  Return the name at index; NULL: there are fewer. Valid until the next call. */
const char *ignored_name (ignored_t *self, size_t index);

/*  Ignore the user from now on, or no longer. *was: whether they were ignored. ZCHAT_OK once it
    is on the disk; else ZCHAT_SYSTEM with *why, which the caller frees.       */
zchat_status_t ignored_set (ignored_t *self, const char *user, bool on, bool *was,
                            char **why) ZCHAT_CHECKED;

/*  Say why the file cannot be read or trusted, once for each cause; NULL: nothing is wrong. The
    caller frees it.                                                           */
char *ignored_trouble (ignored_t *self);

#endif
