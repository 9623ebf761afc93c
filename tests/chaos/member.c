/*  member.c - one client of a crowd                                           */
#include "member.h"
#include "memory.h"
#include <inttypes.h>
#include <time.h>

enum { RETRY_US = 1000000, LAST = 20, STATUS_TEXT = 200 };

uint64_t time_us (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/*  --- life ------------------------------------------------------------------  */

static void member_name (member_t *self)
{
    if (self->renamed)
        snprintf (self->name, sizeof self->name, "%s%u.%u", self->crowd->prefix, self->number,
                  self->renamed);
    else
        snprintf (self->name, sizeof self->name, "%s%u", self->crowd->prefix, self->number);
}

static bool member_join (member_t *self, member_room_t *room)
{
    bool whole = self->number % self->crowd->whole_each == 0;

    room->again_us = 0;
    return zchat_client_join (self->client, room->name, LAST, whole ? 1 : 0) == ZCHAT_OK;
}

bool member_start (member_t *self, crowd_t *crowd, unsigned number)
{
    zchat_options_t options = {.endpoint = crowd->endpoint, .user = self->name, .agent = "crowd"};
    const char *why = "a name is not allowed";
    unsigned apart = crowd->rooms / crowd->rooms_each;
    bool started;

    *self = (member_t){.crowd = crowd, .number = number};
    member_name (self);
    started = zchat_client_new (&options, &self->client, &why) == ZCHAT_OK;
    for (unsigned i = 0; started && i < crowd->rooms_each; i++) {
        snprintf (self->rooms[i].name, sizeof self->rooms[i].name, "room%u",
                  (number + i * apart) % crowd->rooms);
        started = member_join (self, &self->rooms[i]);
    }
    if (!started) {
        fprintf (stderr, "crowd: %s: %s\n", self->name, why);
        member_stop (self);
        return false;
    }
    record_line (crowd->record, "N %u %s %u", number, self->name, crowd->incarnation);
    return true;
}

void member_stop (member_t *self)
{
    zchat_client_destroy (&self->client);
}

/*  --- what it hears ---------------------------------------------------------  */

static member_room_t *member_room (member_t *self, const char *name)
{
    for (unsigned i = 0; name && i < self->crowd->rooms_each; i++)
        if (strcmp (self->rooms[i].name, name) == 0)
            return &self->rooms[i];
    return NULL;
}

static uint64_t hash_add (uint64_t hash, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001B3u;
    return hash;
}

static void heard_latency (crowd_t *crowd, const char *body, uint64_t now_us)
{
    uint64_t said_us;

    if (sscanf (body, "%*u %*u %" SCNu64, &said_us) == 1 &&
        said_us <= now_us) // NOLINT(cert-err34-c)
        histogram_add (&crowd->latency, now_us - said_us);
}

static void member_heard (member_t *self, const zchat_event_t *event, uint64_t now_us)
{
    crowd_t *crowd = self->crowd;
    member_room_t *room = member_room (self, event->room);
    char before[256];

    if (!room || !event->seq)
        return;
    crowd->heard++;
    if (room->last && event->seq > room->last + 1)
        crowd->holes += event->seq - room->last - 1;
    if (event->seq <= room->last)
        crowd->again++;
    if (!room->first)
        room->first = event->seq;
    room->last = event->seq;
    heard_latency (crowd, event->body, now_us);
    if (crowd->brief) {
        room->hash = hash_add (room->hash, &event->seq, sizeof event->seq);
        room->hash = hash_add (room->hash, event->user, strlen (event->user));
        room->hash = hash_add (room->hash, event->body, event->body_size);
        return;
    }
    snprintf (before, sizeof before, "M %u %s %" PRIu64 " %s ", self->number, room->name,
              event->seq, event->user);
    record_text (crowd->record, before, event->body, event->body_size);
}

static void member_joined (member_t *self, const zchat_event_t *event, uint64_t now_us)
{
    member_room_t *room = member_room (self, event->room);

    if (!room)
        return;
    room->live = true;
    record_line (self->crowd->record, "J %u %s %" PRIu64, self->number, room->name, event->seq);
    for (unsigned i = 0; i < self->crowd->rooms_each; i++)
        if (!self->rooms[i].live)
            return;
    self->live_us = now_us;
}

static void member_lost (member_t *self)
{
    for (unsigned i = 0; i < self->crowd->rooms_each; i++)
        self->rooms[i].live = false;
    self->live_us = 0;
    self->lost = true;
}

static void member_parted (member_t *self, const zchat_event_t *event, uint64_t now_us)
{
    member_room_t *room = member_room (self, event->room);

    if (room) {
        self->crowd->parted++;
        room->live = false;
        self->live_us = 0;
        room->again_us = now_us + RETRY_US;
    }
}

/*  A line of a letter, the member, the room or id where there is one, why.     */
static void member_tell (member_t *self, char letter, const zchat_event_t *event)
{
    char what[64] = "";

    if (event->id)
        snprintf (what, sizeof what, " %" PRIu64, event->id);
    else if (event->room)
        snprintf (what, sizeof what, " %s", event->room);
    record_line (self->crowd->record, "%c %u%s %s %.*s", letter, self->number, what,
                 zchat_status_code (event->status), (int)STATUS_TEXT,
                 event->text ? event->text : "");
}

static void member_sent (member_t *self, const zchat_event_t *event)
{
    self->crowd->acked++;
    if (!self->crowd->brief)
        record_line (self->crowd->record, "A %u %" PRIu64 " %" PRIu64, self->number, event->id,
                     event->seq);
}

static void member_event (member_t *self, const zchat_event_t *event, uint64_t now_us)
{
    crowd_t *crowd = self->crowd;

    switch (event->kind) {
    case ZCHAT_EVENT_MESSAGE:
        member_heard (self, event, now_us);
        break;
    case ZCHAT_EVENT_SENT:
        member_sent (self, event);
        break;
    case ZCHAT_EVENT_FAILED:
        crowd->failed++;
        member_tell (self, 'F', event);
        break;
    case ZCHAT_EVENT_UNKNOWN:
        crowd->unknown++;
        member_tell (self, 'U', event);
        break;
    case ZCHAT_EVENT_JOINED:
        member_joined (self, event, now_us);
        break;
    case ZCHAT_EVENT_PARTED:
        member_parted (self, event, now_us);
        if (event->status != ZCHAT_OK)
            member_tell (self, 'P', event);
        break;
    case ZCHAT_EVENT_CONNECTED:
        record_line (crowd->record, "C %u", self->number);
        break;
    case ZCHAT_EVENT_DISCONNECTED:
        member_lost (self);
        member_tell (self, 'D', event);
        break;
    case ZCHAT_EVENT_REFUSED:
        crowd->refused++;
        member_lost (self);
        self->retry_us = now_us + RETRY_US;
        member_tell (self, 'X', event);
        break;
    case ZCHAT_EVENT_LOST:
        crowd->gone += event->count;
        record_line (crowd->record, "L %u %s %" PRIu64 " %" PRIu64, self->number, event->room,
                     event->count, event->seq);
        break;
    case ZCHAT_EVENT_LOG_REPLACED:
        crowd->replaced++;
        record_line (crowd->record, "R %u", self->number);
        break;
    case ZCHAT_EVENT_WARNING:
        member_tell (self, 'W', event);
        break;
    default:
        break;
    }
}

/*  --- what it does ----------------------------------------------------------  */

/*  What was refused is wanted again, after a while.                           */
static uint64_t member_again (member_t *self, uint64_t now_us)
{
    uint64_t due_us = UINT64_MAX;

    if (self->retry_us && self->retry_us <= now_us) {
        self->retry_us = 0;
        if (zchat_client_rename (self->client, self->name) != ZCHAT_OK)
            abort ();
    }
    if (self->retry_us)
        due_us = self->retry_us;
    for (unsigned i = 0; i < self->crowd->rooms_each; i++) {
        member_room_t *room = &self->rooms[i];
        if (room->again_us && room->again_us <= now_us && !member_join (self, room))
            abort ();
        if (room->again_us && room->again_us < due_us)
            due_us = room->again_us;
    }
    return due_us;
}

void member_step (member_t *self, uint64_t now_us)
{
    zchat_event_t event;
    uint64_t again_us;
    uint64_t wait_us;

    zchat_client_step (self->client);
    while (zchat_client_next (self->client, &event) == ZCHAT_OK)
        member_event (self, &event, now_us);
    again_us = member_again (self, now_us);
    wait_us = (uint64_t)zchat_client_timeout (self->client) * 1000;
    self->due_us = now_us + wait_us < again_us ? now_us + wait_us : again_us;
}

void member_say (member_t *self, unsigned which, uint64_t now_us)
{
    static char padding[PAD_MAX + 1];
    crowd_t *crowd = self->crowd;
    const member_room_t *room = &self->rooms[which % crowd->rooms_each];
    char body[PAD_MAX + 128];
    int size;
    uint64_t id;

    if (!*padding)
        memset (padding, '-', PAD_MAX);
    size = snprintf (body, sizeof body, "%u %" PRIu64 " %" PRIu64 " %.*s", crowd->incarnation,
                     self->n + 1, now_us, (int)crowd->pad, padding);
    self->due_us = now_us;
    /*  Written down before: the library may send it at once, and a SIGKILL may follow. */
    if (!crowd->brief)
        record_line (crowd->record, "S %u %" PRIu64 " %s", self->number, self->n + 1, room->name);
    if (zchat_client_say (self->client, room->name, ZCHAT_TYPE_SAY, body, (size_t)size, NULL,
                          &id) != ZCHAT_OK) {
        crowd->full++;
        return;
    }
    self->n++;
    crowd->said++;
    if (!crowd->brief && id != self->n) {
        fprintf (stderr, "crowd: message %" PRIu64 " has the id %" PRIu64 "\n", self->n, id);
        abort ();
    }
}

/*  --- churn -----------------------------------------------------------------  */

void member_rename (member_t *self)
{
    self->renamed++;
    member_name (self);
    member_lost (self);
    self->crowd->renames++;
    self->retry_us = 0;
    self->due_us = 0;
    if (zchat_client_rename (self->client, self->name) != ZCHAT_OK)
        abort ();
}

void member_move (member_t *self, unsigned room)
{
    if (*self->extra && zchat_client_part (self->client, self->extra) == ZCHAT_SYSTEM)
        abort ();
    snprintf (self->extra, sizeof self->extra, "extra%u", room);
    self->due_us = 0;
    if (zchat_client_join (self->client, self->extra, LAST, 0) != ZCHAT_OK)
        self->crowd->full++;
}

void member_topic (member_t *self, unsigned which, uint64_t number)
{
    char topic[128];

    snprintf (topic, sizeof topic, "topic %" PRIu64 " of %s", number, self->name);
    self->due_us = 0;
    if (zchat_client_topic (self->client,
                            *self->extra ? self->extra
                                         : self->rooms[which % self->crowd->rooms_each].name,
                            topic, NULL) == ZCHAT_OK)
        self->crowd->topics++;
    else
        self->crowd->full++;
}
