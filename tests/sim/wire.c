/*  wire.c - pipes, doors, feeds                                               */
#include "wire.h"
#include "memory.h"
#include "server.h"

enum { RECONNECT_US = 100000, FROZEN_US = 50000 };

/*  --- packets ---------------------------------------------------------------  */

payload_t *payload_new (const frame_t *frames, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += frames[i].size;
    payload_t *payload = memory_new (sizeof *payload + size);
    char *at = payload->memory;
    payload->refs = 1;
    payload->count = count;
    for (size_t i = 0; i < count; i++) {
        payload->frames[i] = frame_of (at, frames[i].size);
        if (frames[i].size)
            memcpy (at, frames[i].data, frames[i].size);
        at += frames[i].size;
    }
    return payload;
}

void payload_free (payload_t *payload)
{
    if (payload && --payload->refs == 0)
        free (payload);
}

void packet_free (packet_t *packet)
{
    payload_free (packet->payload);
    free (packet);
}

/*  --- pipes -----------------------------------------------------------------  */

static void pipe_ready (void *arg, uint64_t n)
{
    pipe_t *pipe = arg;
    (void)n;
    if (pipe->first && pipe->first->at_us <= pipe->sim->now_us)
        pipe->ready (pipe->owner);
}

static void pipe_append (pipe_t *pipe, packet_kind_t kind, payload_t *payload)
{
    packet_t *packet = memory_new (sizeof *packet);
    *packet = (packet_t){
        .kind = kind, .payload = payload, .wire_us = pipe->wire_us, .at_us = pipe->at_us};
    if (payload)
        payload->refs++;
    if (pipe->last)
        pipe->last->next = packet;
    else
        pipe->first = packet;
    pipe->last = packet;
    pipe->count++;
    queue_put (pipe->sim->queue, packet->at_us, pipe_ready, pipe, 0);
}

static void later (uint64_t *time_us, uint64_t than_us)
{
    if (*time_us < than_us)
        *time_us = than_us;
}

void pipe_put (pipe_t *pipe, packet_kind_t kind, payload_t *payload)
{
    sim_t *sim = pipe->sim;
    if (pipe->shut)
        return;
    later (&pipe->wire_us, sim->now_us + sim_delay (sim, sim->plan.wire_us));
    later (&pipe->at_us, pipe->wire_us + sim_latency (sim));
    pipe_append (pipe, kind, payload);
}

packet_t *pipe_take (pipe_t *pipe)
{
    packet_t *packet = pipe->first;
    if (!packet || packet->at_us > pipe->sim->now_us)
        return NULL;
    pipe->first = packet->next;
    if (!pipe->first)
        pipe->last = NULL;
    pipe->count--;
    return packet;
}

/*  Drop all packets but the first keep.                                       */
static void pipe_truncate (pipe_t *pipe, size_t keep)
{
    packet_t **at = &pipe->first;
    pipe->last = NULL;
    for (size_t i = 0; i < keep && *at; i++) {
        pipe->last = *at;
        at = &(*at)->next;
    }
    while (*at) {
        packet_t *packet = *at;
        *at = packet->next;
        packet_free (packet);
        pipe->count--;
    }
}

void pipe_close (pipe_t *pipe)
{
    pipe->shut = true;
    pipe_truncate (pipe, 0);
}

static void pipe_end (pipe_t *pipe, uint64_t after_us)
{
    sim_t *sim = pipe->sim;
    pipe->at_us = pipe->last ? pipe->last->at_us : 0;
    later (&pipe->at_us, sim->now_us);
    pipe->at_us += after_us + sim_latency (sim);
    pipe_append (pipe, PACKET_END, NULL);
    pipe->shut = true;
}

void pipe_orphan (pipe_t *pipe, uint64_t after_us)
{
    size_t keep = 0;
    if (pipe->shut)
        return;
    for (packet_t *packet = pipe->first; packet && packet->wire_us <= pipe->sim->now_us;
         packet = packet->next)
        keep++;
    pipe_truncate (pipe, keep);
    pipe_end (pipe, after_us);
}

void pipe_cut (pipe_t *pipe, uint64_t after_us)
{
    if (pipe->shut)
        return;
    pipe_truncate (pipe, dice_below (&pipe->sim->dice, pipe->count + 1));
    pipe_end (pipe, after_us);
}

void pipe_delay (pipe_t *pipe, uint64_t at_us)
{
    later (&pipe->at_us, at_us);
    for (packet_t *packet = pipe->first; packet; packet = packet->next)
        later (&packet->at_us, at_us);
    queue_put (pipe->sim->queue, at_us, pipe_ready, pipe, 0);
}

void pipe_hurry (pipe_t *pipe, uint64_t within_us, bool broken)
{
    uint64_t soon_us = pipe->sim->now_us + within_us;
    if (pipe->shut && !broken)
        return;
    pipe->at_us = pipe->at_us < soon_us ? pipe->at_us : soon_us;
    for (packet_t *packet = pipe->first; packet; packet = packet->next)
        packet->at_us = packet->at_us < soon_us ? packet->at_us : soon_us;
    queue_put (pipe->sim->queue, soon_us, pipe_ready, pipe, 0);
}

/*  --- doors -----------------------------------------------------------------  */

static void door_arrive (void *arg, uint64_t n)
{
    door_t *door = arg;
    sim_t *sim = door->sim;
    if (door->left || *door->cut_until_us > sim->now_us)
        return; /* nobody answers; who waits gives up by himself              */
    if (server_runs (sim->server) && sim->server->frozen_us > sim->now_us)
        sim_after (sim, FROZEN_US, door_arrive, door, n);
    else if (server_accept (sim->server, door))
        pipe_put (&door->down, PACKET_UP, NULL);
    else
        pipe_end (&door->down, 0);
}

door_t *door_open (sim_t *sim, const char *key, const uint64_t *cut_until_us,
                   void (*ready) (void *owner), void *owner)
{
    door_t *door = memory_zero (sizeof *door);
    door->sim = sim;
    door->cut_until_us = cut_until_us;
    door->key = key;
    door->up = (pipe_t){.sim = sim, .ready = server_wake, .owner = sim->server};
    door->down = (pipe_t){.sim = sim, .ready = ready, .owner = owner};
    door->next = sim->doors;
    sim->doors = door;
    sim_after (sim, sim_latency (sim), door_arrive, door, 0);
    return door;
}

void door_leave (door_t *door)
{
    if (door->left)
        return;
    door->left = true;
    pipe_close (&door->down);
    if (*door->cut_until_us > door->sim->now_us) /* the broker finds out by its heartbeat */
        pipe_orphan (&door->up, dice_span (&door->sim->dice, 5000000, 15000000));
    else
        pipe_orphan (&door->up, sim_delay (door->sim, 20000));
}

void door_cut (door_t *door, uint64_t client_us, uint64_t broker_us)
{
    if (!door->peer || door->left)
        return;
    pipe_cut (&door->up, broker_us);
    pipe_cut (&door->down, client_us);
}

/*  --- feeds -----------------------------------------------------------------  */

static void feed_connect (void *arg, uint64_t n);

static void strand_ready (void *owner)
{
    strand_t *strand = owner;
    if (strand->feed->strand == strand && !strand->feed->left)
        strand->feed->ready (strand->feed->owner);
}

static void strand_read_now (void *owner)
{
    strand_read (owner);
}

static void feed_connect (void *arg, uint64_t n)
{
    feed_t *feed = arg;
    sim_t *sim = feed->sim;
    if (feed->left || feed->strand)
        return;
    strand_t *strand = memory_zero (sizeof *strand);
    strand->feed = feed;
    strand->up = (pipe_t){.sim = sim, .ready = strand_read_now, .owner = strand};
    strand->down = (pipe_t){.sim = sim, .ready = strand_ready, .owner = strand};
    if (*feed->cut_until_us > sim->now_us || !server_accept_strand (sim->server, strand)) {
        free (strand);
        sim_after (sim, RECONNECT_US + dice_below (&sim->dice, RECONNECT_US << (n < 5 ? n : 5)),
                   feed_connect, feed, n + 1);
        return;
    }
    strand->next = feed->strands;
    feed->strands = feed->strand = strand;
    for (size_t i = 0; i < feed->n_topics; i++) {
        frame_t topic = frame_str (feed->topics[i]);
        payload_t *payload = payload_new (&topic, 1);
        pipe_put (&strand->up, PACKET_SUBSCRIBE, payload);
        payload_free (payload);
    }
}

feed_t *feed_open (sim_t *sim, const uint64_t *cut_until_us, void (*ready) (void *owner),
                   void *owner)
{
    feed_t *feed = memory_zero (sizeof *feed);
    feed->sim = sim;
    feed->cut_until_us = cut_until_us;
    feed->ready = ready;
    feed->owner = owner;
    feed->next = sim->feeds;
    sim->feeds = feed;
    sim_after (sim, sim_latency (sim), feed_connect, feed, 0);
    return feed;
}

static void strand_end (strand_t *strand, uint64_t broker_us)
{
    pipe_close (&strand->down);
    pipe_orphan (&strand->up, broker_us);
}

void feed_leave (feed_t *feed)
{
    if (!feed->left && feed->strand)
        strand_end (feed->strand, sim_delay (feed->sim, 20000));
    feed->left = true;
}

/*  Subscriptions are counted: one entry for each.                             */
static bool topics_change (sim_t *sim, char **topics, size_t *count, frame_t topic, bool on)
{
    if (on) {
        if (*count == STRAND_TOPICS_MAX) {
            sim_wrong (sim, "a feed has more than %d subscriptions", STRAND_TOPICS_MAX);
            return false;
        }
        topics[(*count)++] = memory_string (topic.data, topic.size);
        return true;
    }
    for (size_t i = 0; i < *count; i++)
        if (frame_is (topic, topics[i])) {
            free (topics[i]);
            topics[i] = topics[--*count];
            return true;
        }
    return false;
}

void feed_subscribe (feed_t *feed, frame_t topic, bool on)
{
    if (!topics_change (feed->sim, feed->topics, &feed->n_topics, topic, on) || !feed->strand)
        return;
    payload_t *payload = payload_new (&topic, 1);
    pipe_put (&feed->strand->up, on ? PACKET_SUBSCRIBE : PACKET_UNSUBSCRIBE, payload);
    payload_free (payload);
}

void feed_cut (feed_t *feed, uint64_t client_us)
{
    if (feed->left || !feed->strand)
        return;
    pipe_cut (&feed->strand->up, 0);
    pipe_cut (&feed->strand->down, client_us);
}

static bool topics_match (char *const *topics, size_t count, frame_t topic)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen (topics[i]);
        if (topic.size >= size && memcmp (topic.data, topics[i], size) == 0)
            return true;
    }
    return false;
}

packet_t *feed_take (feed_t *feed)
{
    packet_t *packet;
    while (!feed->left && feed->strand && (packet = pipe_take (&feed->strand->down))) {
        if (packet->kind == PACKET_END) {
            feed->strand = NULL;
            feed->ended = true;
            sim_after (feed->sim, RECONNECT_US, feed_connect, feed, 1);
        } else if (topics_match (feed->topics, feed->n_topics, packet->payload->frames[0]))
            return packet;
        packet_free (packet);
    }
    return NULL;
}

bool feed_ended (feed_t *feed)
{
    bool ended = feed->ended;
    feed->ended = false;
    return ended;
}

/*  --- the broker's side of the feed -----------------------------------------  */

void strand_read (strand_t *strand)
{
    sim_t *sim = strand->feed->sim;
    packet_t *packet;
    if (!server_runs (sim->server) || sim->server->frozen_us > sim->now_us)
        return;
    while ((packet = pipe_take (&strand->up))) {
        if (packet->kind == PACKET_END)
            server_drop_strand (sim->server, strand);
        else
            topics_change (sim, strand->topics, &strand->n_topics, packet->payload->frames[0],
                           packet->kind == PACKET_SUBSCRIBE);
        packet_free (packet);
    }
}

void strand_publish (strand_t *strand, frame_t topic, payload_t *payload)
{
    sim_t *sim = strand->feed->sim;
    const plan_t *plan = &sim->plan;
    if (!topics_match (strand->topics, strand->n_topics, topic))
        return;
    if (strand->down.count >= plan->feed_hwm)
        strand->clogged = true;
    else if (strand->down.count <= plan->feed_hwm / 2)
        strand->clogged = false;
    if (!sim->healing && plan->drop > 0 && dice_chance (&sim->dice, plan->drop))
        strand->clogged_us = sim->now_us + dice_skew (&sim->dice, 5000000);
    if (strand->clogged || strand->clogged_us > sim->now_us)
        sim->tally->dropped++;
    else
        pipe_put (&strand->down, PACKET_MESSAGE, payload);
}

/*  ---------------------------------------------------------------------------  */

static void topics_free (char **topics, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free (topics[i]);
}

static void feed_free (feed_t *feed)
{
    while (feed->strands) {
        strand_t *strand = feed->strands;
        feed->strands = strand->next;
        pipe_close (&strand->up);
        pipe_close (&strand->down);
        topics_free (strand->topics, strand->n_topics);
        free (strand);
    }
    topics_free (feed->topics, feed->n_topics);
    free (feed);
}

void wire_free (sim_t *sim)
{
    while (sim->doors) {
        door_t *door = sim->doors;
        sim->doors = door->next;
        pipe_close (&door->up);
        pipe_close (&door->down);
        free (door->said);
        free (door);
    }
    while (sim->feeds) {
        feed_t *feed = sim->feeds;
        sim->feeds = feed->next;
        feed_free (feed);
    }
}
