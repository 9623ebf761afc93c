#include "crowd.h"

#include "crowd_inner.h"
#include "server.h"

#include <poll.h>
#include <string.h>

#define REPLAY_DEADLINE_NS 300000000000u

enum { OUT_BYTES_MAX = 64 * 1024, SAY_AT_ONCE = 256 };

/*  xorshift64.  */
static double roll (crowd_t *self)
{
    self->dice ^= self->dice << 13;
    self->dice ^= self->dice >> 7;
    self->dice ^= self->dice << 17;
    return (double)(self->dice >> 11) / (double)(1ull << 53);
}

static int room_next (crowd_t *self)
{
    int low = 0, high = self->plan.rooms - 1;
    if (!high)
        return 0;
    const double at = roll (self);
    while (low < high) {
        int middle = (low + high) / 2;
        if (self->weights[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool all_arrived (const crowd_t *self)
{
    return self->delivered == self->due && self->answered == self->answers * self->said;
}

static bool may_say (const crowd_t *self, const crowd_speaker_t *speaker)
{
    const crowd_plan_t *plan = &self->plan;
    if (self->one_by_one)
        return all_arrived (self);
    /* whom the kernel does not listen to need not say more */
    if (speaker->link.out.size - speaker->link.out.sent > OUT_BYTES_MAX || speaker->link.wire.size)
        return false;
    if (self->answers && speaker->speaker.said - speaker->answered >= plan->window)
        return false;
    return self->due - self->delivered < plan->window * (uint64_t)plan->listeners ||
           !plan->listeners;
}

/*  Says what may be said now, `left` at most; returns how many.  */
static uint64_t speak (crowd_t *self, crowd_speaker_t *speaker, uint64_t left)
{
    uint64_t count = 0;
    while (count < left && count < SAY_AT_ONCE && may_say (self, speaker)) {
        int room = room_next (self);
        uint32_t number = self->rooms[room]++;
        self->due += (uint64_t)self->plan.listeners;
        if (!self->plan.listeners) {
            if (speaker->speaker.number == 0)
                self->said_at[speaker->speaker.said % SAID_AT] = bench_now ();
        } else if (room == 0) {
            self->said_at[number % SAID_AT] = bench_now ();
        }
        crowd_say (self, speaker, room, number);
        count++;
    }
    crowd_flush (speaker);
    return count;
}

static void result_take (crowd_t *self, crowd_result_t *result)
{
    samples_sort (&self->waits);
    result->waits = self->waits;
    result->join_ns = self->join_ns;
    result->connection_kib = self->connection_kib;
}

void crowd_run (crowd_t *self, crowd_result_t *result)
{
    const uint64_t cpu = server_cpu_ns (self->plan.server), begin = bench_now ();
    const uint64_t end = begin + (uint64_t)(self->plan.seconds * 1e9);
    uint64_t messages = 0, since = 0, now;
    self->timed = true;
    for (;;) {
        now = bench_now ();
        if (self->one_by_one && messages && all_arrived (self)) {
            if (since)
                samples_add (&self->waits, now - since);
            since = 0;
        }
        const bool over = now >= end || messages >= self->plan.count;
        if (over && all_arrived (self))
            break;
        if (now > end + CROWD_DEADLINE_NS)
            bench_fail ("%llu deliveries and %llu answers never came",
                        (unsigned long long)(self->due - self->delivered),
                        (unsigned long long)(self->answers * self->said - self->answered));
        if (!over && self->one_by_one && !since)
            since = now;
        uint64_t said = 0;
        for (int i = 0; i < self->plan.speakers; i++)
            said += speak (self, &self->speakers[i], over ? 0 : self->plan.count - messages - said);
        messages += said;
        crowd_poll (self, said ? 0 : 10);
    }
    self->timed = false;
    result->ns = now - begin;
    result->cpu_ns = server_cpu_ns (self->plan.server) - cpu;
    result->messages = messages;
    result->deliveries = self->plan.listeners ? self->delivered : messages;
    result_take (self, result);
}

/* --- replaying */

typedef struct {
    uint32_t next; /* number of the message that is read next */
} replay_t;

static void replayed (void *context, uint32_t number)
{
    replay_t *replay = context;
    if (number != replay->next)
        bench_fail ("message %u was read instead of %u", number, replay->next);
    replay->next++;
}

static void await_more (int fd, uint64_t begin)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};
    poll (&item, 1, 100);
    if (bench_now () - begin > REPLAY_DEADLINE_NS)
        bench_fail ("the replay does not end");
}

void crowd_replay (crowd_t *self, crowd_result_t *result)
{
    const dialect_t *dialect = self->plan.dialect;
    crowd_speaker_t *speaker = &self->speakers[0];
    const uint32_t wanted = self->rooms[0];
    const uint64_t cpu = server_cpu_ns (self->plan.server), begin = bench_now ();
    replay_t replay = {0};
    scan_t marks, ends;
    uint64_t asked = 0, ended = 0;
    scan_init (&marks, BODY_MARK, strlen (BODY_MARK), 8);
    if (dialect->fetched)
        scan_init (&ends, dialect->fetched, strlen (dialect->fetched), 0);
    while (replay.next < wanted || (dialect->fetched && ended < asked)) {
        char *data;
        bool due =
            !asked || (dialect->fetched ? ended == asked
                                        : dialect->page && replay.next == asked * dialect->page);
        if (due) {
            dialect->fetch (&speaker->link.out, replay.next);
            asked++;
        }
        crowd_flush (speaker);
        size_t size = link_read (&speaker->link, &data);
        if (!size) {
            await_more (speaker->link.fd, begin);
            continue;
        }
        if (dialect->fetched)
            ended += scan_read (&ends, data, size, NULL, NULL);
        scan_read (&marks, data, size, replayed, &replay);
    }
    result->ns = bench_now () - begin;
    result->cpu_ns = server_cpu_ns (self->plan.server) - cpu;
    result->messages = result->deliveries = wanted;
    result_take (self, result);
    result->waits.count = 0;
}
