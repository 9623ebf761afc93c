/*  monitor.h - what libzmq tells of a socket's connections                    */
#ifndef ZCHAT_MONITOR_H
#define ZCHAT_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

enum { MONITOR_HWM_MAX = 65536 };

typedef struct {
    uint16_t kind; /* ZMQ_EVENT_...                                             */
    int32_t value; /* a descriptor, or an error                                 */
    bool ws;       /* of an endpoint ws://                                      */
} monitor_event_t;

/*  A socket to poll, to which the events of socket go, endpoint being an inproc:// of its own.
    Beyond hwm events that wait, and 1,000 more, libzmq's I/O thread waits for us. NULL: the system
    refused.                                                                   */
void *monitor_new (void *socket, const char *endpoint, int events, int hwm);

/*  Before socket is closed. Tolerates NULL.                                   */
void monitor_close (void *socket, void *monitor);

/*  Take an event. False: there is none.                                       */
bool monitor_next (void *monitor, monitor_event_t *event);

#endif
