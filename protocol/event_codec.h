/*  event_codec.h - what happened in a room, and its forms on the wire

    One event has two forms: four frames for people and plug-ins (topic, user,
    body, meta) and a record of a pack. Neither form knows about sockets.
    Grammar: protocol/PROTOCOL.md, "Frames" and "Events".
*/
#ifndef ZCHAT_PROTOCOL_EVENT_CODEC_H
#define ZCHAT_PROTOCOL_EVENT_CODEC_H

#include "frame.h"
#include <stdint.h>
#include <zchat/event.h>
#include <zchat/limits.h>
#include <zchat/status.h>

/*  A view: the frames are borrowed.                                           */
typedef struct {
    uint64_t seq;      /* 1, 2, 3 in its room; 0: not stored              */
    uint64_t time_ms;  /* Unix time                                       */
    zchat_type_t type; /* say, action, ...; may be a type not known here  */
    frame_t user;      /* who; empty in a merged presence                 */
    frame_t body;      /* the text, UTF-8                                 */
    frame_t data;      /* a JSON object as text, or empty                 */
} event_t;

enum {
    EVENT_TOPIC_MAX = 5 + ZCHAT_NAME_MAX + 1,  /* bytes of "room/" name "/"          */
    EVENT_META_MAX = 128 + ZCHAT_DATA_MAX,     /* bytes of a meta                    */
    EVENT_RECORD_FIXED = 4 + 8 + 8 + 1 + 1 + 2 /* bytes of a record without its text */
};

/*  Write prefix name "/" to topic, which holds EVENT_TOPIC_MAX bytes, without a
    NUL; prefix is "room/", "pack/" or "sync/", the name at most ZCHAT_NAME_MAX
    bytes (longer: our bug, asserted). Returns the number of bytes.            */
size_t event_topic (char *topic, const char *prefix, frame_t name);

/*  True where topic is prefix name "/" with a name of 1 to ZCHAT_NAME_MAX bytes;
 *name then views it.                                                       */
bool event_topic_name (frame_t topic, const char *prefix, frame_t *name);

/*  Write the meta JSON of an event to meta, which holds EVENT_META_MAX bytes;
    no NUL. event->data is put in as it stands: it must be a JSON object of at
    most ZCHAT_DATA_MAX bytes, or empty. Returns the number of bytes.          */
size_t event_meta_encode (const event_t *event, char *meta);

/*  Write seq and time of an event as OK tells them to json, which holds EVENT_NUMBER_MAX bytes; no
    NUL. Returns the number of bytes.                                          */
enum { EVENT_NUMBER_MAX = 64 };
size_t event_number_encode (const event_t *event, char *json);

/*  Bytes the event takes as a record of a pack.                               */
size_t event_record_size (const event_t *event);

/*  Write the event as a record to buffer, which holds event_record_size bytes.
    Bounds of user and data are the caller's (asserted). Returns the size.     */
size_t event_record_encode (const event_t *event, uint8_t *buffer);

/*  Take the first record off pack: *event views it, *pack moves on behind it.
    ZCHAT_EMPTY at the end of the pack; ZCHAT_MALFORMED where the bytes are not a
    record (nothing moves). Checks lengths and limits, UTF-8 not.              */
zchat_status_t event_record_next (frame_t *pack, event_t *event) ZCHAT_CHECKED;

#endif
