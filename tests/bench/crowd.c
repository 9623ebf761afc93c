#include "crowd.h"

#include "crowd_inner.h"
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    WARM_AGAIN_NS = 50000000,
    WARM_BYTES_MAX = 65536,
    HEX = 16,
    KNOCKING_MAX = 8,
    MEMORY_LINKS = 50
};

static void heard (void *context, uint32_t number)
{
    crowd_hearing_t *hearing = context;
    crowd_t *self = hearing->crowd;
    link_t *link = hearing->link;
    if (number == NUMBER_WARM) {
        self->live += !link->live;
        link->live = true;
    } else if (number == NUMBER_SETTLE) {
        self->settled += !link->settled;
        link->settled = true;
    } else if (number != link->next) {
        bench_fail ("listener %d of room %d heard message %u instead of %u", link->number,
                    link->room, number, link->next);
    } else {
        link->next++;
        self->delivered++;
        if (link->number == 0 && link->room == 0 && !self->one_by_one)
            samples_add (&self->waits, hearing->now - self->said_at[number % SAID_AT]);
    }
}

static void listener_turn (crowd_t *self, link_t *link)
{
    char *data;
    size_t size = link_read (link, &data);
    crowd_hearing_t hearing = {self, link, link->number == 0 ? bench_now () : 0};
    if (size)
        scan_read (&link->scan, data, size, heard, &hearing);
}

__attribute__ ((noreturn)) static void refused (const char *answer, size_t size)
{
    char text[300];
    size_t i = 0;
    for (; i < size && i < sizeof text - 1; i++)
        text[i] = answer[i] >= ' ' && answer[i] <= '~' ? answer[i] : ' ';
    text[i] = 0;
    bench_fail ("the server refuses: %s", text);
}

static void speaker_turn (crowd_t *self, crowd_speaker_t *speaker)
{
    const dialect_t *dialect = self->plan.dialect;
    char *data;
    for (size_t size; (size = link_read (&speaker->link, &data)) > 0;) {
        /* before the scan, which moves what it kept in front of it */
        const char *refusal = dialect->refusal
                                  ? memmem (data, size, dialect->refusal, strlen (dialect->refusal))
                                  : NULL;
        if (refusal)
            refused (refusal, size - (size_t)(refusal - data));
        if (!dialect->answer)
            continue;
        uint64_t count = scan_read (&speaker->link.scan, data, size, NULL, NULL),
                 now = bench_now ();
        if (self->timed && !self->plan.listeners && !self->one_by_one && !speaker->speaker.number)
            for (uint64_t i = 0; i < count; i++)
                samples_add (&self->waits, now - self->said_at[(speaker->answered + i) % SAID_AT]);
        speaker->answered += count;
        self->answered += count;
    }
}

void crowd_poll (crowd_t *self, int timeout_ms)
{
    struct epoll_event events[256];
    int count = epoll_wait (self->epoll, events, 256, timeout_ms);
    for (int i = 0; i < count; i++) {
        link_t *link = events[i].data.ptr;
        if (!link->in) {
            link_advance (link);
            self->in += link->in;
        } else if (link->kind == LINK_LISTENER) {
            listener_turn (self, link);
        } else {
            speaker_turn (self, (crowd_speaker_t *)link); /* its first field */
        }
    }
}

void crowd_say (crowd_t *self, crowd_speaker_t *speaker, int room, uint32_t number)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 8; i++)
        self->body[4 + i] = digits[number >> (28 - 4 * i) & 15];
    self->plan.dialect->say (&speaker->link.out, &speaker->speaker, room, self->body,
                             self->plan.body);
    speaker->speaker.said++;
    self->said++;
}

void crowd_flush (crowd_speaker_t *speaker)
{
    link_flush (&speaker->link);
}

/*  Says in each room what is no message, and waits for it.  */
static void everybody_hears (crowd_t *self, uint32_t number, const int *heard_by, bool again)
{
    const int wanted = self->plan.listeners * self->plan.rooms;
    const uint64_t begin = bench_now ();
    uint64_t next = begin;
    int room = wanted ? 0 : self->plan.rooms;
    while (*heard_by < wanted || self->answered < self->answers * self->said) {
        const uint64_t now = bench_now ();
        if (room == self->plan.rooms && *heard_by < wanted && now >= next && again)
            room = 0;
        /* no more than may be under way */
        for (; room < self->plan.rooms && self->speakers->link.out.size < WARM_BYTES_MAX &&
               (!self->answers || self->said - self->answered < self->plan.window);
             room++)
            crowd_say (self, self->speakers, room, number);
        if (room < self->plan.rooms)
            next = now + WARM_AGAIN_NS;
        if (now - begin > CROWD_DEADLINE_NS)
            bench_fail ("after 30 s %d of %d listeners are live", *heard_by, wanted);
        crowd_flush (self->speakers);
        crowd_poll (self, 2);
    }
}

static void late (const crowd_t *self, uint64_t begin)
{
    if (bench_now () - begin > CROWD_DEADLINE_NS)
        bench_fail ("after 30 s %d are connected", self->in);
}

static void connect_listeners (crowd_t *self, uint64_t begin)
{
    const crowd_plan_t *plan = &self->plan;
    for (int i = 0; i < plan->listeners * plan->rooms; i++) {
        script_t script = {.count = 0};
        link_t *link = &self->listeners[i];
        *link = (link_t){.kind = LINK_LISTENER, .number = i / plan->rooms, .room = i % plan->rooms};
        scan_init (&link->scan, BODY_MARK, strlen (BODY_MARK), 8);
        plan->dialect->listen (&script, i, link->room);
        link_open (link, self->epoll, plan->feed, &script, &plan->guard);
        self->in += link->in;
        /* the queue of who knocks is short (ngircd: 10), and who finds it full waits for a second
         */
        while (i + 1 - self->in >= KNOCKING_MAX) {
            crowd_poll (self, 10);
            late (self, begin);
        }
    }
}

static void connect_speakers (crowd_t *self)
{
    const crowd_plan_t *plan = &self->plan;
    for (int i = 0; i < plan->speakers; i++) {
        script_t script = {.count = 0};
        crowd_speaker_t *speaker = &self->speakers[i];
        unsigned char bytes[HEX];
        speaker->link = (link_t){.kind = LINK_SPEAKER, .number = i};
        speaker->speaker = (speaker_t){.number = i, .alone = plan->speakers == 1};
        if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
            bench_fail ("no randomness");
        for (int k = 0; k < HEX; k++)
            snprintf (speaker->speaker.id + 2 * k, 3, "%02x", bytes[k]);
        if (plan->dialect->answer)
            scan_init (&speaker->link.scan, plan->dialect->answer, strlen (plan->dialect->answer),
                       0);
        plan->dialect->speak (&script, &speaker->speaker);
        link_open (&speaker->link, self->epoll, plan->door, &script, &plan->guard);
        self->in += speaker->link.in;
    }
}

/*  Everybody is let into the room, one after another so that no more is under way than may be.  */
static void everybody_enters (crowd_t *self, uint64_t begin)
{
    const dialect_t *dialect = self->plan.dialect;
    crowd_speaker_t *speaker = self->speakers;
    for (int i = 0; dialect->invite && i < self->plan.listeners; i++) {
        dialect->invite (&speaker->link.out, &speaker->speaker, i);
        crowd_flush (speaker);
        while (speaker->answered <= (uint64_t)i) {
            crowd_poll (self, 10);
            late (self, begin);
        }
    }
    speaker->answered = self->answered = 0;
    for (int i = 0; dialect->enter && i < self->plan.listeners; i++) {
        dialect->enter (&self->listeners[i].out, i);
        link_flush (&self->listeners[i]);
    }
}

/*  Zipf's law: the room of rank r gets 1/r of what the first one gets.  */
static void rooms_weigh (crowd_t *self)
{
    double sum = 0;
    for (int i = 0; i < self->plan.rooms; i++)
        self->weights[i] = sum += 1.0 / (i + 1);
    for (int i = 0; i < self->plan.rooms; i++)
        self->weights[i] /= sum;
}

static void *zeroed (size_t count, size_t size)
{
    void *memory = calloc (count ? count : 1, size);
    if (!memory)
        bench_fail ("out of memory");
    return memory;
}

crowd_t *crowd_new (const crowd_plan_t *plan)
{
    crowd_t *self = zeroed (1, sizeof *self);
    self->plan = *plan;
    self->dice = 88172645463325252u; /* the same traffic in every run */
    self->answers = plan->dialect->answer ? 1 : 0;
    self->one_by_one = plan->window == 1;
    self->listeners = zeroed ((size_t)(plan->listeners * plan->rooms), sizeof *self->listeners);
    self->speakers = zeroed ((size_t)plan->speakers, sizeof *self->speakers);
    self->weights = zeroed ((size_t)plan->rooms, sizeof *self->weights);
    self->rooms = zeroed ((size_t)plan->rooms, sizeof *self->rooms);
    self->body = zeroed (plan->body + 1, 1);
    memset (self->body, 'x', plan->body);
    memcpy (self->body, BODY_MARK, strlen (BODY_MARK));
    rooms_weigh (self);
    self->epoll = epoll_create1 (EPOLL_CLOEXEC);
    const uint64_t before = server_memory_kib (plan->server), begin = bench_now ();
    const int links = plan->listeners * plan->rooms + plan->speakers;
    connect_listeners (self, begin);
    connect_speakers (self);
    while (self->in < links) {
        crowd_poll (self, 10);
        late (self, begin);
    }
    everybody_enters (self, begin);
    everybody_hears (self, NUMBER_WARM, &self->live, true);
    self->join_ns = bench_now () - begin;
    everybody_hears (self, NUMBER_SETTLE, &self->settled, false);
    const uint64_t after = server_memory_kib (plan->server);
    /* of few, what the server takes once would count */
    self->connection_kib =
        after > before && links >= MEMORY_LINKS ? (double)(after - before) / links : 0;
    return self;
}

void crowd_destroy (crowd_t **self_p)
{
    crowd_t *self = *self_p;
    if (!self)
        return;
    for (int i = 0; i < self->plan.listeners * self->plan.rooms; i++)
        link_close (&self->listeners[i]);
    for (int i = 0; i < self->plan.speakers; i++)
        link_close (&self->speakers[i].link);
    close (self->epoll);
    free (self->listeners);
    free (self->speakers);
    free (self->weights);
    free (self->rooms);
    free (self->body);
    free (self->waits.ns);
    free (self);
    *self_p = NULL;
}
