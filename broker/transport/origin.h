/*  origin.h - where a peer comes from, by what libzmq tells of its address

    That is, checked with 4.3.4: the numeric address of a TCP peer, [HOST]:UID:GID:PID behind ipc
    (HOST is empty or "localhost"), nothing where it is not known. Pure.       */
#ifndef ZCHAT_ORIGIN_H
#define ZCHAT_ORIGIN_H

#include "frame.h"
#include <stdint.h>

enum { ORIGIN_TEXT_MAX = 255, ORIGIN_MAX = ORIGIN_TEXT_MAX + 1 };

/*  True where the peer is on this machine, and nobody else can listen: ipc, and the loopback
    addresses of IPv4 and IPv6. An address that is not known is not. */
bool origin_local (frame_t address);

enum { ORIGIN_PLACE_MAX = 64 };

/*  Write where a peer is, for the core to charge what it makes: an IPv4 address; of an IPv6 address
    its /48 and its /64, joined by a slash, for who has one has many of the other; "local" for this
    machine's, "elsewhere" where it is not known.                              */
void origin_place (frame_t address, char place[ORIGIN_PLACE_MAX + 1]);

/*  What is counted as one origin: an IPv4 address; the /64 of an IPv6 address, for who has one
    has them all; behind ipc the user. The frame is a view of buffer.          */
frame_t origin_counted (frame_t address, uint8_t buffer[ORIGIN_MAX]);

/*  The /48 of an IPv6 address, likewise; empty: it has none.                  */
frame_t origin_network (frame_t address, uint8_t buffer[ORIGIN_MAX]);

#endif
