/*  zap.h - ZAP/1.0 (ZeroMQ RFC 27): the requests and replies of a CURVE or NULL socket

    libzmq asks: may this peer come in? With CURVE once the handshake has proven that it holds its
    key; with NULL, which proves nothing, at the handshake's begin.
    Pure: frames in, frames out. The frames are those behind the envelope.     */
#ifndef ZCHAT_ZAP_H
#define ZCHAT_ZAP_H

#include "address.h"

enum {
    ZAP_FRAMES = 7,       /* of a CURVE request: version, id, domain, address,
                             routing id, mechanism, key; NULL has no key          */
    ZAP_REPLY_FRAMES = 6, /* version, id, status, text, user, metadata           */
    ZAP_TEXT_MAX = 255,   /* bytes of any text                                    */
};

typedef enum {
    ZAP_ADMIT = 200,  /* come in                                                 */
    ZAP_LATER = 300,  /* not now: the connection is closed without a word        */
    ZAP_REFUSE = 400, /* never: the client is told                               */
    ZAP_BROKEN = 500, /* the request is not as it should be                      */
} zap_status_t;

/*  Views of the frames.                                                       */
typedef struct {
    frame_t id;         /* 1 to 255 bytes; where it is empty there is nothing to answer */
    frame_t domain;     /* of the socket                                         */
    frame_t address;    /* of the peer: an IP address, or what else libzmq gives; may be
                           empty                                                 */
    const uint8_t *key; /* the peer's public key, 32 bytes, proven; NULL: none, as with the
                           mechanism NULL                                        */
} zap_request_t;

/*  Read a request. ZAP_ADMIT: it is as it should be. ZAP_REFUSE: it is valid, but names
    another mechanism than CURVE (encrypted) or NULL. ZAP_BROKEN: it is no ZAP/1.0 request
    of a socket with that domain. *why gets a static sentence unless it is ZAP_ADMIT. */
zap_status_t zap_read (const frame_t *frames, size_t count, const char *domain, bool encrypted,
                       zap_request_t *request, const char **why);

/*  Write the reply to a request: frames borrow from request, user, which is ended by a NUL, and
    metadata (see zap_property). user and metadata are left out unless the status is
    ZAP_ADMIT.                                                                 */
void zap_reply (const zap_request_t *request, zap_status_t status, const char *user,
                frame_t metadata, frame_t frames[ZAP_REPLY_FRAMES]);

enum { ZAP_METADATA_MAX = 128 };

/*  Add a property to metadata of so many bytes; returns how many they are then. libzmq hands
    properties over with every message of the connection (zmq_msg_gets); what the peer itself
    says under the same name is not handed over. Name and value have to fit.   */
size_t zap_property (uint8_t metadata[ZAP_METADATA_MAX], size_t size, const char *name,
                     const char *value);

#endif
