/*  host_address.h - under which address other hosts find this machine                */
#ifndef ZCHAT_HOST_ADDRESS_H
#define ZCHAT_HOST_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum { HOST_ADDRESS_MAX = 64 };

/*  True where the bound endpoint stands for every address of the machine.     */
bool host_address_everywhere (const char *endpoint);

/*  The machine's own address that other hosts most likely reach it by: the one of its way
    out, else of its first interface that is up, else 127.0.0.1. IPv6 only where ipv6 is
    set and there is no IPv4. Sends nothing.                                   */
void host_address_own (bool ipv6, char host[HOST_ADDRESS_MAX]);

#endif
