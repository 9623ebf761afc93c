/*  outflow.c - how much of what was sent to a connection has not left         */
#include "outflow.h"
#include "memory.h"
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <uthash.h>

enum { SETTLE_MS = 10 }; /* libzmq's thread has taken by then what it was given   */

typedef struct {
    uint64_t peer;
    uint64_t sent;    /* bytes since acked was read                           */
    uint64_t acked;   /* what the kernel told then                            */
    uint64_t sent_ms; /* when something was sent last                         */
    int fd;           /* may be another connection's by now, or a file's      */
    UT_hash_handle hh;
} flow_t;

struct outflow {
    flow_t *flows; /* by peer                                                  */
};

outflow_t *outflow_new (void)
{
    return memory_zero (sizeof (outflow_t));
}

void outflow_destroy (outflow_t **self_p)
{
    outflow_t *outflow = *self_p;
    if (!outflow)
        return;
    flow_t *flow = outflow->flows;
    HASH_CLEAR (hh, outflow->flows);
    while (flow) {
        flow_t *next = flow->hh.next;
        free (flow);
        flow = next;
    }
    free (outflow);
    *self_p = NULL;
}

static flow_t *flow_find (outflow_t *outflow, uint64_t peer)
{
    flow_t *flow;
    HASH_FIND (hh, outflow->flows, &peer, sizeof peer, flow);
    return flow;
}

/*  Bytes acknowledged on a TCP connection. False: it is none, or the kernel is too old. */
static bool acked_read (int fd, uint64_t *acked)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    if (getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof (struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked)
        return false;
    *acked = info.tcpi_bytes_acked;
    return true;
}

void outflow_heard (outflow_t *outflow, uint64_t peer, int fd)
{
    if (flow_find (outflow, peer))
        return;
    flow_t *flow = memory_zero (sizeof *flow);
    flow->peer = peer;
    flow->fd = fd;
    if (!acked_read (fd, &flow->acked))
        flow->acked = 0;
    HASH_ADD (hh, outflow->flows, peer, sizeof flow->peer, flow);
}

void outflow_sent (outflow_t *outflow, uint64_t peer, size_t bytes, uint64_t now_ms)
{
    flow_t *flow = flow_find (outflow, peer);
    if (!flow)
        return;
    flow->sent += bytes;
    flow->sent_ms = now_ms;
}

uint64_t outflow_unread (outflow_t *outflow, uint64_t peer, uint64_t now_ms)
{
    flow_t *flow = flow_find (outflow, peer);
    uint64_t acked;
    int waiting = 0;
    if (!flow || !flow->sent)
        return 0;
    if (acked_read (flow->fd, &acked)) {
        /*  Less than before: the descriptor is another connection's. The peer is gone, which
            will soon be told.                                                 */
        uint64_t left = acked > flow->acked ? acked - flow->acked : 0;
        flow->sent = left < flow->sent ? flow->sent - left : 0;
        flow->acked = acked;
    } else if (ioctl (flow->fd, SIOCOUTQ, &waiting) == 0 && !waiting &&
               now_ms - flow->sent_ms >= SETTLE_MS)
        flow->sent = 0;
    return flow->sent;
}

void outflow_forget (outflow_t *outflow, uint64_t peer)
{
    flow_t *flow = flow_find (outflow, peer);
    if (!flow)
        return;
    HASH_DEL (outflow->flows, flow);
    free (flow);
}
