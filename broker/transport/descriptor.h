/*  descriptor.h - what the kernel tells of libzmq's descriptors

    libzmq owns them. It may have closed one that we were told of, and the number may be that of
    another connection by now, or of a file. Every call says so where it can.  */
#ifndef ZCHAT_DESCRIPTOR_H
#define ZCHAT_DESCRIPTOR_H

#include "frame.h"
#include "origin.h"
#include <stdbool.h>

/*  Which socket the descriptor is: a number that no other socket of the system has while this one
    is open, and hardly one after it. 0: it is none, or closed.                */
uint64_t descriptor_socket (int fd);

/*  Where its peer comes from, as libzmq writes it (see origin.h); "" where it is not connected. */
void descriptor_address (int fd, char text[ORIGIN_TEXT_MAX + 1]);

/*  End the connection, where the descriptor is still this socket. libzmq sees the end, and closes
    the descriptor.                                                            */
void descriptor_shut (int fd, uint64_t socket);

/*  From now on the kernel lets nothing through to libzmq that comes over the connection, or, where
    the socket listens, that would connect. What has come before can still be read. */
void descriptor_deafen (int fd, uint64_t socket);

/*  Where the descriptor listens, as libzmq writes it behind the transport: its length; 0: it does
    not, or not over TCP.                                                      */
enum { DESCRIPTOR_LISTENS_MAX = ORIGIN_TEXT_MAX + 8 };
size_t descriptor_listens (int fd, char text[DESCRIPTOR_LISTENS_MAX + 1]);

/*  How many bytes have come over a TCP connection. False: it is none.         */
bool descriptor_received (int fd, uint64_t *bytes);

/*  True where a TCP connection does not stand any more.                       */
bool descriptor_ended (int fd);

/*  True where libzmq sent more over a TCP connection than the greeting, with which it begins: it
    sends no more before the ZAP handler admits the peer.                      */
bool descriptor_let_in (int fd);

#endif
