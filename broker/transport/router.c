/*  router.c - what can be found out about the numbers a ROUTER gives          */
#include "router.h"
#include "binding.h"
#include <arpa/inet.h>
#include <czmq.h>

/*  Take a message of one empty frame and its routing id; -1: none has come.   */
static int routing_take (void *router, uint8_t routing[BINDING_NUMBER_SIZE])
{
    char rest;
    int size = zmq_recv (router, routing, BINDING_NUMBER_SIZE, ZMQ_DONTWAIT);
    if (size >= 0)
        zmq_recv (router, &rest, sizeof rest, ZMQ_DONTWAIT);
    return size;
}

/*  A peer that has announced an id of so many bytes, connected over inproc, and sent a message:
    that is there at once. NULL: the system refused.                           */
static void *peer_new (const char *endpoint, const uint8_t *id, size_t size)
{
    void *peer = zmq_socket (zsys_init (), ZMQ_DEALER);
    int linger = 0;
    if (peer && zmq_setsockopt (peer, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
        (!size || zmq_setsockopt (peer, ZMQ_ROUTING_ID, id, size) == 0) &&
        zmq_connect (peer, endpoint) == 0 && zmq_send (peer, "", 0, 0) == 0)
        return peer;
    if (peer)
        zmq_close (peer);
    return NULL;
}

bool router_first (void *router, uint32_t *number)
{
    const char *endpoint = "inproc://zchatd-router-first";
    uint8_t routing[BINDING_NUMBER_SIZE];
    bool bound = zmq_bind (router, endpoint) == 0;
    void *peer = bound ? peer_new (endpoint, NULL, 0) : NULL;
    bool learnt = peer && routing_take (router, routing) == sizeof routing && !routing[0];
    if (bound)
        zmq_unbind (router, endpoint);
    if (peer)
        zmq_close (peer);
    if (!learnt)
        return false;
    memcpy (number, routing + 1, sizeof *number);
    *number = ntohl (*number);
    return true;
}

/*  The id announced is one that the ROUTER has passed, or it would end us here.   */
bool router_guarded (bool *guarded)
{
    const char *endpoint = "inproc://zchatd-router-guarded";
    uint8_t announced[BINDING_NUMBER_SIZE] = {0}, routing[BINDING_NUMBER_SIZE];
    uint32_t number = 0;
    int linger = 0;
    void *router = zmq_socket (zsys_init (), ZMQ_ROUTER), *peer = NULL;
    bool tried = router && zmq_setsockopt (router, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
                 router_first (router, &number) && zmq_bind (router, endpoint) == 0;
    number = htonl (number - 1);
    memcpy (announced + 1, &number, sizeof number);
    if (tried)
        peer = peer_new (endpoint, announced, sizeof announced);
    if (peer)
        *guarded = routing_take (router, routing) != sizeof routing ||
                   memcmp (routing, announced, sizeof routing) != 0;
    if (tried)
        zmq_unbind (router, endpoint); /* closing alone is not done at once      */
    if (peer)
        zmq_close (peer);
    if (router)
        zmq_close (router);
    return peer != NULL;
}
