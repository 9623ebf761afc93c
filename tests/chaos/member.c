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

static void member_name (member_t *member)
{
    if (member->renamed)
        snprintf (member->name, sizeof member->name, "%s%u.%u", member->crowd->prefix,
                  member->number, member->renamed);
    else
        snprintf (member->name, sizeof member->name, "%s%u", member->crowd->prefix, member->number);
}

static bool member_join (member_t *member, member_room_t *room)
{
    bool whole = member->number % member->crowd->whole_each == 0;

    room->again_us = 0;
    return zchat_client_join (member->client, room->name, LAST, whole ? 1 : 0) == ZCHAT_OK;
}

bool member_start (member_t *member, crowd_t *crowd, unsigned number)
{
    zchat_options_t options = {.endpoint = crowd->endpoint, .user = member->name, .agent = "crowd"};
    const char *why = "a name is not allowed";
    unsigned apart = crowd->rooms / crowd->rooms_each;
    bool started;

    *member = (member_t){.crowd = crowd, .number = number};
    member_name (member);
    started = zchat_client_new (&options, &member->client, &why) == ZCHAT_OK;
    for (unsigned i = 0; started && i < crowd->rooms_each; i++) {
        snprintf (member->rooms[i].name, sizeof member->rooms[i].name, "room%u",
                  (number + i * apart) % crowd->rooms);
        started = member_join (member, &member->rooms[i]);
    }
    if (!started) {
        fprintf (stderr, "crowd: %s: %s\n", member->name, why);
        member_stop (member);
        return false;
    }
    record_line (crowd->record, "N %u %s %u", number, member->name, crowd->incarnation);
    return true;
}

void member_stop (member_t *member)
{
    zchat_client_destroy (&member->client);
}

/*  --- what it hears ---------------------------------------------------------  */

static member_room_t *member_room (member_t *member, const char *name)
{
    for (unsigned i = 0; name && i < member->crowd->rooms_each; i++)
        if (strcmp (member->rooms[i].name, name) == 0)
            return &member->rooms[i];
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

    // NOLINTNEXTLINE(cert-err34-c)
    if (sscanf (body, "%*u %*u %" SCNu64, &said_us) != 1 || said_us > now_us)
        return;
    histogram_add (&crowd->latency, now_us - said_us);
    histogram_add (&crowd->whole, now_us - said_us);
}

static void member_heard (member_t *member, const zchat_event_t *event, uint64_t now_us)
{
    crowd_t *crowd = member->crowd;
    member_room_t *room = member_room (member, event->room);
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
    snprintf (before, sizeof before, "M %u %s %" PRIu64 " %s ", member->number, room->name,
              event->seq, event->user);
    record_text (crowd->record, before, event->body, event->body_size);
}

static void member_joined (member_t *member, const zchat_event_t *event, uint64_t now_us)
{
    member_room_t *room = member_room (member, event->room);

    if (!room)
        return;
    room->live = true;
    record_line (member->crowd->record, "J %u %s %" PRIu64, member->number, room->name, event->seq);
    for (unsigned i = 0; i < member->crowd->rooms_each; i++)
        if (!member->rooms[i].live)
            return;
    member->live_us = now_us;
}

static void member_lost (member_t *member)
{
    for (unsigned i = 0; i < member->crowd->rooms_each; i++)
        member->rooms[i].live = false;
    member->live_us = 0;
    member->lost = true;
}

static void member_parted (member_t *member, const zchat_event_t *event, uint64_t now_us)
{
    member_room_t *room = member_room (member, event->room);

    if (room) {
        member->crowd->parted++;
        room->live = false;
        member->live_us = 0;
        room->again_us = now_us + RETRY_US;
    }
}

/*  A line of a letter, the member, the room or id where there is one, why.     */
static void member_tell (member_t *member, char letter, const zchat_event_t *event)
{
    char what[64] = "";

    if (event->id)
        snprintf (what, sizeof what, " %" PRIu64, event->id);
    else if (event->room)
        snprintf (what, sizeof what, " %s", event->room);
    record_line (member->crowd->record, "%c %u%s %s %.*s", letter, member->number, what,
                 zchat_status_code (event->status), (int)STATUS_TEXT,
                 event->text ? event->text : "");
}

static void member_sent (member_t *member, const zchat_event_t *event)
{
    member->crowd->acked++;
    if (!member->crowd->brief)
        record_line (member->crowd->record, "A %u %" PRIu64 " %" PRIu64, member->number, event->id,
                     event->seq);
}

static void member_event (member_t *member, const zchat_event_t *event, uint64_t now_us)
{
    crowd_t *crowd = member->crowd;

    switch (event->kind) {
    case ZCHAT_EVENT_MESSAGE:
        member_heard (member, event, now_us);
        break;
    case ZCHAT_EVENT_SENT:
        member_sent (member, event);
        break;
    case ZCHAT_EVENT_FAILED:
        crowd->failed++;
        member_tell (member, 'F', event);
        break;
    case ZCHAT_EVENT_UNKNOWN:
        crowd->unknown++;
        member_tell (member, 'U', event);
        break;
    case ZCHAT_EVENT_JOINED:
        member_joined (member, event, now_us);
        break;
    case ZCHAT_EVENT_PARTED:
        member_parted (member, event, now_us);
        if (event->status != ZCHAT_OK)
            member_tell (member, 'P', event);
        break;
    case ZCHAT_EVENT_CONNECTED:
        record_line (crowd->record, "C %u", member->number);
        break;
    case ZCHAT_EVENT_DISCONNECTED:
        member_lost (member);
        member_tell (member, 'D', event);
        break;
    case ZCHAT_EVENT_REFUSED:
        crowd->refused++;
        member_lost (member);
        member->retry_us = now_us + RETRY_US;
        member_tell (member, 'X', event);
        break;
    case ZCHAT_EVENT_LOST:
        crowd->gone += event->count;
        record_line (crowd->record, "L %u %s %" PRIu64 " %" PRIu64, member->number, event->room,
                     event->count, event->seq);
        break;
    case ZCHAT_EVENT_LOG_REPLACED:
        crowd->replaced++;
        record_line (crowd->record, "R %u", member->number);
        break;
    case ZCHAT_EVENT_WARNING:
        member_tell (member, 'W', event);
        break;
    default:
        break;
    }
}

/*  --- what it does ----------------------------------------------------------  */

/*  What was refused is wanted again, after a while.                           */
static uint64_t member_again (member_t *member, uint64_t now_us)
{
    uint64_t due_us = UINT64_MAX;

    if (member->retry_us && member->retry_us <= now_us) {
        member->retry_us = 0;
        if (zchat_client_rename (member->client, member->name) != ZCHAT_OK)
            abort ();
    }
    if (member->retry_us)
        due_us = member->retry_us;
    for (unsigned i = 0; i < member->crowd->rooms_each; i++) {
        member_room_t *room = &member->rooms[i];
        if (room->again_us && room->again_us <= now_us && !member_join (member, room))
            abort ();
        if (room->again_us && room->again_us < due_us)
            due_us = room->again_us;
    }
    return due_us;
}

void member_step (member_t *member, uint64_t now_us)
{
    zchat_event_t event;
    uint64_t again_us;
    uint64_t wait_us;

    zchat_client_step (member->client);
    while (zchat_client_next (member->client, &event) == ZCHAT_OK)
        member_event (member, &event, now_us);
    again_us = member_again (member, now_us);
    wait_us = (uint64_t)zchat_client_timeout (member->client) * 1000;
    member->due_us = now_us + wait_us < again_us ? now_us + wait_us : again_us;
}

void member_say (member_t *member, unsigned which, uint64_t now_us)
{
    static char padding[PAD_MAX + 1];
    crowd_t *crowd = member->crowd;
    const member_room_t *room = &member->rooms[which % crowd->rooms_each];
    char body[PAD_MAX + 128];
    int size;
    uint64_t id;

    if (!*padding)
        memset (padding, '-', PAD_MAX);
    size = snprintf (body, sizeof body, "%u %" PRIu64 " %" PRIu64 " %.*s", crowd->incarnation,
                     member->n + 1, now_us, (int)crowd->pad, padding);
    member->due_us = now_us;
    /*  Written down, and out of this process, before: the library may send it at once, and a
        SIGKILL may follow. What is not written now is written, or complained of, later. */
    if (!crowd->brief) {
        record_line (crowd->record, "S %u %" PRIu64 " %s", member->number, member->n + 1,
                     room->name);
        (void)record_flush (crowd->record);
    }
    if (zchat_client_say (member->client, room->name, ZCHAT_TYPE_SAY, body, (size_t)size, NULL,
                          &id) != ZCHAT_OK) {
        crowd->full++;
        return;
    }
    member->n++;
    crowd->said++;
    if (!crowd->brief && id != member->n) {
        fprintf (stderr, "crowd: message %" PRIu64 " has the id %" PRIu64 "\n", member->n, id);
        abort ();
    }
}

/*  --- churn -----------------------------------------------------------------  */

void member_rename (member_t *member)
{
    member->renamed++;
    member_name (member);
    member_lost (member);
    member->crowd->renames++;
    member->retry_us = 0;
    member->due_us = 0;
    if (zchat_client_rename (member->client, member->name) != ZCHAT_OK)
        abort ();
}

void member_move (member_t *member, unsigned room)
{
    if (*member->extra && zchat_client_part (member->client, member->extra) == ZCHAT_SYSTEM)
        abort ();
    snprintf (member->extra, sizeof member->extra, "extra%u", room);
    member->due_us = 0;
    if (zchat_client_join (member->client, member->extra, LAST, 0) != ZCHAT_OK)
        member->crowd->full++;
}

void member_topic (member_t *member, unsigned which, uint64_t number)
{
    char topic[128];

    snprintf (topic, sizeof topic, "topic %" PRIu64 " of %s", number, member->name);
    member->due_us = 0;
    if (zchat_client_topic (member->client,
                            *member->extra ? member->extra
                                           : member->rooms[which % member->crowd->rooms_each].name,
                            topic, NULL) == ZCHAT_OK)
        member->crowd->topics++;
    else
        member->crowd->full++;
}
