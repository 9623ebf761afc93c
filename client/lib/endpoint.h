/*  endpoint.h - zmq endpoints: which are allowed, and which feed to take      */
#ifndef ZCHAT_ENDPOINT_H
#define ZCHAT_ENDPOINT_H

#include <jansson.h>
#include <zchat/status.h>

enum { ENDPOINT_MAX = 512 }; /* bytes, NUL included */

/*  ZCHAT_OK where text is an endpoint that one can connect to over tcp, ipc or ws; otherwise
    ZCHAT_INVALID, and *why is a static sentence.                              */
zchat_status_t endpoint_check (const char *text, const char **why) ZCHAT_CHECKED;

/*  Chooses which of the feeds that HELLO named (a JSON array) to connect to, as PROTOCOL.md,
    "Sockets", says: the first with the transport of the door, else the first. The host is always
    the door's, whatever the feed names. Entries that are no endpoints, and ipc sockets that do
    not lie beside an ipc door, are passed over. ZCHAT_OK and feed, which holds ENDPOINT_MAX
    bytes, or ZCHAT_INVALID where none is left.                                */
zchat_status_t endpoint_feed (const char *door, const json_t *feeds, char *feed) ZCHAT_CHECKED;

#endif
