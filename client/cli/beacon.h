/*  beacon.h - what a broker says of itself to the local network; pure

    Anybody there can say anything: what is read is a claim, and its reader compares the key.
*/
#ifndef ZCHAT_CLI_BEACON_H
#define ZCHAT_CLI_BEACON_H

#include "frame.h"
#include <stdbool.h>
#include <zchat/limits.h>

/*  A broker that was heard of.                                                */
typedef struct {
    char address[160]; /* how it is reached: zchat://HOST:PORT/KEY, or tcp://HOST:PORT */
    bool encrypted;
    char name[ZCHAT_BEACON_MAX +
              1]; /* what its machine is called, as it came; "": it does not say */
} beacon_t;

/*  Read a datagram that came from host, an IPv4 address as text. False: it is none of ours. */
bool beacon_read (frame_t datagram, const char *host, beacon_t *beacon);

#endif
