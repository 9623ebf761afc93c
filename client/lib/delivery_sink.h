/*  delivery_sink.h - what a delivery asks of its shell, see delivery.h          */
#ifndef ZCHAT_DELIVERY_SINK_H
#define ZCHAT_DELIVERY_SINK_H

#include "frame.h"
#include <zchat/client.h>

typedef struct {
    /*  Connect the door anew, and drop the feed.                              */
    void (*connect_door) (void *arg);
    /*  Connect the feed anew, to one of the endpoints that HELLO named.       */
    void (*connect_feed) (void *arg, const char *endpoint);
    /*  Drop door and feed.                                                    */
    void (*disconnect) (void *arg);
    /*  Send a request over the door. Frames are borrowed for the call.        */
    void (*send) (void *arg, const frame_t *frames, size_t count);
    /*  Subscribe the feed to a topic, or unsubscribe it. The topic is borrowed. */
    void (*subscribe) (void *arg, frame_t topic);
    void (*unsubscribe) (void *arg, frame_t topic);
    /*  Give the program an event. Pointers are borrowed for the call.         */
    void (*event) (void *arg, const zchat_event_t *event);
    void *arg;
} delivery_sink_t;

#endif
