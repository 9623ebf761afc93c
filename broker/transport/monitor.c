/*  monitor.c - what libzmq tells of a socket's connections                    */
#include "monitor.h"
#include <czmq.h>

void *monitor_new (void *socket, const char *endpoint, int events, int hwm)
{
    if (zmq_socket_monitor (socket, endpoint, events) != 0)
        return NULL;
    /*  czmq's context is shared by all its sockets.                           */
    void *monitor = zmq_socket (zsys_init (), ZMQ_PAIR);
    int linger = 0;
    if (monitor && zmq_setsockopt (monitor, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
        zmq_setsockopt (monitor, ZMQ_RCVHWM, &hwm, sizeof hwm) == 0 &&
        zmq_connect (monitor, endpoint) == 0)
        return monitor;
    if (monitor)
        zmq_close (monitor);
    return NULL;
}

void monitor_close (void *socket, void *monitor)
{
    char frame[1024];
    if (!monitor)
        return;
    /*  The I/O thread may be waiting for us to read, and holds meanwhile the lock that
        zmq_socket_monitor takes: make room first, more than fills up in a moment. */
    for (int i = 0; i < 4 * MONITOR_HWM_MAX; i++)
        if (zmq_recv (monitor, frame, sizeof frame, ZMQ_DONTWAIT) < 0)
            break;
    zmq_socket_monitor (socket, NULL, 0);
    zmq_close (monitor);
}

/*  A frame with event and value, a frame with the endpoint.                   */
bool monitor_next (void *monitor, monitor_event_t *event)
{
    uint8_t frame[6];
    char endpoint[8] = "";
    if (zmq_recv (monitor, frame, sizeof frame, ZMQ_DONTWAIT) != sizeof frame)
        return false;
    memcpy (&event->kind, frame, sizeof event->kind);
    memcpy (&event->value, frame + sizeof event->kind, sizeof event->value);
    zmq_recv (monitor, endpoint, sizeof endpoint, ZMQ_DONTWAIT);
    event->ws = strncmp (endpoint, "ws://", 5) == 0;
    return true;
}
