/*  wire.h - the network: pipes, connections to the door, connections to the feed

    A pipe carries packets one way, in order. A packet first waits to be sent, in the
    memory of its sender, and dies with it; then it travels. Where a connection is cut,
    the receiver still gets a beginning of what was under way, and then its end: at
    once, or after the silence of a half open connection.
*/
#ifndef ZCHAT_SIM_WIRE_H
#define ZCHAT_SIM_WIRE_H

#include "core.h"
#include "sim.h"
#include "transport/binding.h"

enum { WIRE_FRAMES_MAX = 10 };

typedef enum {
    PACKET_MESSAGE,
    PACKET_UP,          /* the handshake is done                               */
    PACKET_SUBSCRIBE,   /* the topic is the frame                              */
    PACKET_UNSUBSCRIBE, /* likewise                                            */
    PACKET_END          /* the connection is gone                              */
} packet_kind_t;

/*  Frames of a message, shared by all packets that carry it.                  */
typedef struct {
    unsigned refs;
    size_t count;
    frame_t frames[WIRE_FRAMES_MAX];
    char memory[];
} payload_t;

typedef struct packet {
    struct packet *next;
    uint64_t wire_us, at_us; /* it is sent, it arrives                         */
    packet_kind_t kind;
    payload_t *payload; /* NULL where there are no frames                      */
} packet_t;

typedef struct {
    sim_t *sim;
    packet_t *first, *last;
    size_t count;            /* packets in it                                  */
    uint64_t wire_us, at_us; /* of the last one put in                         */
    bool shut;               /* nothing more is put in                         */
    void (*ready) (void *owner);
    void *owner;
} pipe_t;

payload_t *payload_new (const frame_t *frames, size_t count);
void payload_free (payload_t *payload);

/*  Put a packet in; the payload (may be NULL) is not taken.                   */
void pipe_put (pipe_t *pipe, packet_kind_t kind, payload_t *payload);
/*  Take the first packet, if it has arrived; NULL. Give it to packet_free.    */
packet_t *pipe_take (pipe_t *pipe);
void packet_free (packet_t *packet);
/*  The receiver is gone, or listens no more.                                  */
void pipe_close (pipe_t *pipe);
/*  The sender is gone: what was not sent is lost; the end comes after_us behind. */
void pipe_orphan (pipe_t *pipe, uint64_t after_us);
/*  Cut: some of what is under way is lost; the end comes after_us behind.     */
void pipe_cut (pipe_t *pipe, uint64_t after_us);
/*  Nothing arrives before at_us.                                              */
void pipe_delay (pipe_t *pipe, uint64_t at_us);
/*  What was delayed arrives soon; with the end of a broken one, where it is in it. */
void pipe_hurry (pipe_t *pipe, uint64_t within_us, bool broken);

/*  --- the door --------------------------------------------------------------  */

/*  A SAY that waits for its reply.                                            */
typedef struct {
    char tag[ZCHAT_TAG_MAX + 1];
    size_t life, index; /* of its letter                                       */
    bool foreign;       /* another connection held the name                    */
} said_t;

enum { DOOR_NAMES = 16, DOOR_BYES = 64 };

enum { ROUTE_MAX = BINDING_GIVEN_SIZE };

/*  What the ROUTER and the kernel know of a connection.                       */
typedef struct {
    uint8_t announced[ROUTE_MAX]; /* by its peer                               */
    size_t announced_size;        /* 0: nothing                                */
    uint8_t id[ROUTE_MAX];        /* routing id                                */
    size_t id_size;               /* 0: not accepted                           */
    char given[ROUTE_MAX + 1];    /* by the ZAP handler, or ""                 */
    int fd;                       /* -1: closed                                */
    uint64_t accepted_us;
    bool spoke;   /* a message was taken from it               */
    bool unread;  /* another connection had the id             */
    bool refused; /* the broker refused it                     */
} route_t;

/*  A connection to the door. Lives as long as the run.                        */
struct door {
    door_t *next;
    sim_t *sim;
    pipe_t up, down;              /* to the broker, from it                    */
    const uint64_t *cut_until_us; /* no way through before: the host's         */
    const char *key;              /* proven by it; NULL: none                  */
    const char *place;            /* where it comes from; NULL: from this machine */
    bool left;                    /* the client has closed it                  */
    core_peer_t peer;             /* 0: not accepted                           */
    size_t book;                  /* of the broker that accepted it            */
    bool gone;                    /* the broker was told so                    */
    uint64_t heard_ms[2];         /* the broker heard it last, by its clock, and
                                     the time before */
    bool floods;                  /* asks more than it may: what its queue cannot hold is dropped */
    bool silenced;                /* it was told to say HELLO again            */
    bool soon_gone;               /* it is to be told                          */
    uint64_t gone_us;             /* not before                                */
    route_t route;                /* the ROUTER's                              */
    said_t *said;                 /* oldest first                              */
    size_t n_said, said_room;     /*                                           */
    char hello_tag[ZCHAT_TAG_MAX + 1];              /* of a HELLO under way      */
    char hello_session[2 * ZCHAT_SESSION_SIZE + 1]; /* that it claims          */
    bool claims;                                    /* its first request was a HELLO that does */
    char bye_tags[DOOR_BYES][ZCHAT_TAG_MAX + 1];    /* of the last BYEs under way */
    size_t n_byes;                                  /*                           */
    char names[DOOR_NAMES][ZCHAT_NAME_MAX + 1];     /* asked under, the last ones */
    size_t n_names;                                 /*                           */
};

/*  A connection that is about to be made, with a key (NULL: without); owner is told when its pipe
 * down is ready. */
door_t *door_open (sim_t *sim, const char *key, const uint64_t *cut_until_us,
                   void (*ready) (void *owner), void *owner);
/*  The client closes it, with all that it has not sent yet.                   */
void door_leave (door_t *door);
/*  It breaks: each side gets to know after some time (0: as soon as it can).  */
void door_cut (door_t *door, uint64_t client_us, uint64_t broker_us);

/*  --- the feed --------------------------------------------------------------  */

enum { STRAND_TOPICS_MAX = 64 };

/*  What one connection of a feed has told the broker. Lives as long as the run. */
typedef struct strand {
    struct strand *next;
    struct feed *feed;
    pipe_t up, down;
    char *topics[STRAND_TOPICS_MAX]; /* subscribed, as the broker knows        */
    size_t n_topics;
    bool clogged;        /* the high-water mark was reached                */
    uint64_t clogged_us; /* until then all is dropped                      */
} strand_t;

/*  A SUB socket, which connects again by itself. Lives as long as the run.    */
struct feed {
    feed_t *next;
    sim_t *sim;
    const uint64_t *cut_until_us;
    void (*ready) (void *owner);
    void *owner;
    bool left;
    bool ended;                      /* a connection did, and it was not said */
    char *topics[STRAND_TOPICS_MAX]; /* subscribed                             */
    size_t n_topics;
    strand_t *strand;  /* the present connection; NULL                         */
    strand_t *strands; /* all there were                                       */
};

feed_t *feed_open (sim_t *sim, const uint64_t *cut_until_us, void (*ready) (void *owner),
                   void *owner);
void feed_leave (feed_t *feed);
void feed_subscribe (feed_t *feed, frame_t topic, bool on);
/*  The connection breaks; the socket makes another.                           */
void feed_cut (feed_t *feed, uint64_t client_us);
/*  Take the next message that has arrived and is subscribed to; NULL. Give it to
    packet_free.                                                               */
packet_t *feed_take (feed_t *feed);
/*  True where a connection ended since it was asked last.                     */
bool feed_ended (feed_t *feed);

/*  The broker's side: what was subscribed; and a message for whoever wants it. */
void strand_read (strand_t *strand);
void strand_publish (strand_t *strand, frame_t topic, payload_t *payload);

/*  Free all of a run.                                                         */
void wire_free (sim_t *sim);

#endif
