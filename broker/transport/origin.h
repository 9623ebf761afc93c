/*  origin.h - where a peer comes from, by what libzmq tells of its address

    libzmq 4.3.4 tells the numeric address of a TCP peer; behind ipc [HOST]:UID:GID:PID, where HOST
    is empty or "localhost"; and nothing where it does not know. Pure.         */
#ifndef ZCHAT_ORIGIN_H
#define ZCHAT_ORIGIN_H

#include "frame.h"
#include <stdint.h>

enum { ORIGIN_TEXT_MAX = 255, ORIGIN_MAX = ORIGIN_TEXT_MAX + 1 };

/*  True where the peer is on this machine, and nobody else can listen: ipc, and the loopback
    addresses of IPv4 and IPv6. False where the address is not known.          */
bool origin_local (frame_t address);

enum { ORIGIN_PLACE_MAX = 64 };

/*  Write where a peer is, for the core to charge what it makes: an IPv4 address; of an IPv6 address
    its /48 and its /64, joined by a slash, for whoever has a /48 has many a /64; "local": of this
    machine; "elsewhere": not known.                                           */
void origin_place (frame_t address, char place[ORIGIN_PLACE_MAX + 1]);

/*  What counts as one origin: an IPv4 address; the /64 of an IPv6 address, for whoever has one of
    its addresses has them all; behind ipc the user. The frame is a view of buffer. */
frame_t origin_counted (frame_t address, uint8_t buffer[ORIGIN_MAX]);

/*  The /48 of an IPv6 address, likewise; empty: it has none.                  */
frame_t origin_network (frame_t address, uint8_t buffer[ORIGIN_MAX]);

#endif
