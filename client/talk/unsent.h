/*  unsent.h - messages that the broker has not acknowledged, kept for the next start of zchat

    Pure: it makes and reads the text of the file and decides when to write it. A file belongs to
    one broker (by its endpoint), one name and one key. Messages of the client's outbox are sent
    again, each exactly once (zchat_client_restore); messages that waited for keys were never sent.
*/
#ifndef ZCHAT_TALK_UNSENT_H
#define ZCHAT_TALK_UNSENT_H

#include "frame.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    UNSENT_SLOTS = 4,           /* zchats that run at once under one name; each has a file */
    UNSENT_BYTES_MAX = 4194304, /* of messages in a file, and again as many that wait for keys */
    UNSENT_DELAY_MS = 1000,     /* an acknowledgement usually comes sooner while connected */
};

/*  29 days: one day less than the broker remembers a silent sender, because the two clocks may
    differ.                                                                    */
#define UNSENT_AGE_MS 2505600000u

typedef struct {
    const char *endpoint;
    const char *user;
    const char *key; /* one's own public key as text; "": there is none        */
} unsent_owner_t;

/*  Make the beginning of the names of this owner's files; the caller frees it. */
char *unsent_stem (const unsent_owner_t *owner);

/*  Write the text, which the caller frees. outbox: as zchat_client_keep gives it, or NULL;
    waiting: a list of {"to","body"}, with "re" where it answers one, borrowed. */
char *unsent_write (const unsent_owner_t *owner, uint64_t now_ms, const char *outbox,
                    json_t *waiting);

typedef enum {
    UNSENT_OURS,
    UNSENT_OTHERS, /* it belongs to another broker, name or key                */
    UNSENT_OLD,    /* the broker may have forgotten whether they were stored   */
    UNSENT_BAD,    /* the text cannot be read                                  */
} unsent_whose_t;

/*  Read what a file holds. With UNSENT_OURS, *outbox is for zchat_client_restore and the caller
    frees it, or NULL; *waiting is a list, checked, which the caller gives back. */
unsent_whose_t unsent_read (frame_t text, const unsent_owner_t *owner, uint64_t now_ms,
                            char **outbox, json_t **waiting);

/*  True when the file is to be written or removed. changed_ms: for how long it has been out of
    date. While connected, writing waits UNSENT_DELAY_MS, because most messages are acknowledged
    before that.                                                               */
bool unsent_due (bool exists, bool connected, uint64_t changed_ms);

#endif
