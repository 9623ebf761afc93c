/*  beacon.h - telling the local network that a broker is here

    By czmq's zbeacon: a datagram a second to everybody on one IPv4 network, port ZCHAT_BEACON_PORT
   of UDP. It says "ZCHAT/1 PORT KEY NAME": the port of a door, the broker's key as
   address_key_encode writes it (- where nothing is encrypted), and what this machine is called.
   Nobody is asked for anything, and nothing is heard.
*/
#ifndef ZCHAT_NET_BEACON_H
#define ZCHAT_NET_BEACON_H

typedef struct beacon beacon_t;

/*  Announce a door on this interface (a name such as eth0, or "" for the first that can broadcast,
   or
    "*" for what the system takes for all). key: NULL where nothing is encrypted. NULL: it cannot
   be, and *why, a sentence that the caller frees.                                */
beacon_t *beacon_new (const char *interface, unsigned port, const char *key, char **why);

/*  Nulls; tolerates NULL.                                                     */
void beacon_destroy (beacon_t **self_p);

#endif
