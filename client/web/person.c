/*  person.c - the events of a person's client, and who waits for them          */
#include "event_json.h"
#include "memory.h"
#include "people_private.h"

/*  --- waiters ------------------------------------------------------------------- */

void person_wait (person_t *self, waiter_t *waiter, uint64_t id)
{
    waiter->id = id;
    HASH_ADD (hh, self->waiters, id, sizeof waiter->id, waiter);
}

void person_greet (person_t *self, waiter_t *waiter)
{
    waiter->greets = true;
    DL_APPEND (self->greeters, waiter);
}

void person_forget (person_t *self, waiter_t *waiter)
{
    turn_t *turn, *next;

    if (waiter->greets)
        DL_DELETE (self->greeters, waiter);
    if (waiter->id)
        HASH_DEL (self->waiters, waiter);
    DL_FOREACH_SAFE (self->turns, turn, next)
    if (turn->waiter == waiter) {
        DL_DELETE (self->turns, turn);
        free (turn);
    }
    waiter->greets = false;
    waiter->id = 0;
}

static void waiter_give (person_t *self, const zchat_event_t *event)
{
    waiter_t *waiter = NULL;

    HASH_FIND (hh, self->waiters, &event->id, sizeof event->id, waiter);
    if (!waiter)
        return;
    if (event->kind != ZCHAT_EVENT_HISTORY) {
        HASH_DEL (self->waiters, waiter);
        waiter->id = 0;
    }
    waiter->event (waiter->arg, event);
}

static void greeters_give (person_t *self, const zchat_event_t *event)
{
    waiter_t *waiter, *next;

    DL_FOREACH_SAFE (self->greeters, waiter, next)
    {
        DL_DELETE (self->greeters, waiter);
        waiter->greets = false;
        waiter->event (waiter->arg, event);
    }
}

/*  --- pages ----------------------------------------------------------------------- */

void person_page (person_t *self, waiter_t *waiter, const char *room, uint64_t after)
{
    turn_t *turn = memory_zero (sizeof *turn);

    turn->waiter = waiter;
    turn->after = after;
    snprintf (turn->room, sizeof turn->room, "%s", room);
    DL_APPEND (self->turns, turn);
}

void person_pages (person_t *self)
{
    /*  Those under way are not counted but asked: the library takes so many of all kinds, and two
        of HISTORY are sent at once.                                           */
    for (int i = 0; self->turns && i < ZCHAT_WEB_PAGES; i++) {
        turn_t *turn = self->turns;
        uint64_t id;
        if (HASH_COUNT (self->waiters) >= ZCHAT_QUERIES_MAX / 2)
            return;
        zchat_status_t status =
            zchat_client_history (self->client, turn->room, turn->after, 0, ZCHAT_WEB_PAGE, &id);
        if (status == ZCHAT_FULL)
            return;
        DL_DELETE (self->turns, turn);
        waiter_t *waiter = turn->waiter;
        free (turn);
        if (status == ZCHAT_OK)
            person_wait (self, waiter, id);
        else {
            const zchat_event_t event = {
                .kind = ZCHAT_EVENT_REPLY, .status = status, .text = zchat_status_text (status)};
            waiter->event (waiter->arg, &event);
        }
    }
}

/*  --- hubs ------------------------------------------------------------------------ */

static void hub_tell (hub_t *self, hub_change_t change)
{
    hub_reader_t *reader, *next;

    DL_FOREACH_SAFE (self->readers, reader, next)
    reader->changed (reader->arg, change);
}

static void hubs_tell (person_t *self, hub_change_t change)
{
    for (hub_t *hub = self->hubs; hub; hub = hub->hh.next)
        if (!hub->parted)
            hub_tell (hub, change);
}

static void room_fold (const char *room, char fold[NAME_KEY_MAX + 1])
{
    name_keys_t keys;

    snprintf (fold, NAME_KEY_MAX + 1, "@");
    if (name_check (frame_str (room), &keys, NULL) == ZCHAT_OK)
        memcpy (fold, keys.fold, sizeof keys.fold);
}

static hub_t *hub_find (const person_t *self, const char *room)
{
    char fold[NAME_KEY_MAX + 1];
    hub_t *hub = NULL;

    if (!room)
        return NULL;
    /*  As nearly always: the broker's spelling, and no tables of Unicode are needed. */
    for (hub = self->hubs; hub; hub = hub->hh.next)
        if (strcmp (hub->room, room) == 0)
            return hub;
    room_fold (room, fold);
    HASH_FIND_STR (self->hubs, fold, hub);
    return hub;
}

bool person_reads (const person_t *self, const char *room)
{
    return hub_find (self, room) != NULL;
}

void hub_destroy (hub_t *self)
{
    HASH_DEL (self->person->hubs, self);
    ring_destroy (&self->ring);
    free (self->topic);
    free (self->text);
    free (self);
}

zchat_status_t person_read (person_t *self, const char *room, hub_reader_t *reader)
{
    char composed[ZCHAT_NAME_MAX], name[ZCHAT_NAME_MAX + 1] = "@";
    hub_t *hub;

    if (strcmp (room, "@") != 0) {
        frame_t made = name_compose (frame_str (room), composed);
        if (name_check (made, NULL, NULL) != ZCHAT_OK)
            return ZCHAT_NAME;
        memcpy (name, made.data, made.size);
        name[made.size] = '\0';
    } else if (self->guest)
        return ZCHAT_GUEST;
    hub = hub_find (self, name);
    if (!hub) {
        zchat_status_t status = zchat_client_join (self->client, name, 0, 0);
        if (status != ZCHAT_OK)
            return status;
        hub = memory_zero (sizeof *hub);
        room_fold (name, hub->fold);
        memcpy (hub->room, name, sizeof name);
        hub->person = self;
        hub->ring = ring_new (&self->people->ring_bytes);
        HASH_ADD_STR (self->hubs, fold, hub);
    }
    reader->hub = hub;
    DL_APPEND (hub->readers, reader);
    return ZCHAT_OK;
}

void person_unread (hub_reader_t *reader)
{
    hub_t *hub = reader->hub;

    if (!hub)
        return;
    DL_DELETE (hub->readers, reader);
    reader->hub = NULL;
    hub->idle_ms = hub->person->people->now_ms;
}

void hub_view (const hub_t *self, hub_view_t *view)
{
    *view = (hub_view_t){.person = self->person,
                         .room = self->room,
                         .live = self->live,
                         .parted = self->parted,
                         .head = self->head,
                         .members = self->members,
                         .read = self->read,
                         .topic = self->topic,
                         .status = self->status,
                         .text = self->text ? self->text : "",
                         .ring = self->ring};
}

void person_hubs_idle (person_t *self)
{
    hub_t *hub, *next;

    HASH_ITER (hh, self->hubs, hub, next)
    {
        /*  One that cannot be read is tried anew by whoever asks next.        */
        if (hub->readers ||
            (!hub->parted && self->people->now_ms - hub->idle_ms <= ZCHAT_WEB_IDLE_MS))
            continue;
        if (!hub->parted)
            (void)!zchat_client_part (self->client, hub->room);
        hub_destroy (hub);
    }
}

static void hub_part (hub_t *self, zchat_status_t status, const char *text)
{
    self->parted = true;
    self->live = false;
    self->status = status;
    free (self->text);
    self->text = memory_format ("%s", text ? text : zchat_status_text (status));
    hub_tell (self, HUB_PARTED);
}

/*  --- events ---------------------------------------------------------------------- */

static void text_set (char **to, const char *text)
{
    free (*to);
    *to = memory_format ("%s", text ? text : "");
}

static void take_message (person_t *self, const zchat_event_t *event)
{
    hub_t *hub = hub_find (self, event->room);
    ring_entry_t entry = {.seq = event->seq, .presence = event_json_presence (event->type)};

    if (!hub || hub->parted)
        return;
    entry.text = event_json (event, NULL);
    entry.size = strlen (entry.text);
    if (event->seq)
        hub->head = event->seq;
    if (event->type == ZCHAT_TYPE_TOPIC)
        text_set (&hub->topic, event->body);
    ring_add (hub->ring, &entry);
    hub_tell (hub, HUB_MORE);
}

static void take_lost (person_t *self, const zchat_event_t *event)
{
    hub_t *hub = hub_find (self, event->room);
    ring_entry_t entry = {.name = "lost"};

    if (!hub || hub->parted)
        return;
    entry.text = memory_format ("{\"room\":\"%s\",\"count\":%llu,\"before\":%llu}", hub->room,
                                (unsigned long long)event->count, (unsigned long long)event->seq);
    entry.size = strlen (entry.text);
    ring_add (hub->ring, &entry);
    hub_tell (hub, HUB_MORE);
}

static void take_joined (person_t *self, const zchat_event_t *event)
{
    hub_t *hub = hub_find (self, event->room);

    if (!hub || hub->parted)
        return;
    snprintf (hub->room, sizeof hub->room, "%s", event->room);
    hub->live = true;
    hub->head = event->seq;
    hub->members = event->members;
    hub->read = event->read;
    if (!self->guest)
        text_set (&hub->topic, event->text);
    hub_tell (hub, HUB_LIVE);
}

static void take_connected (person_t *self, const zchat_event_t *event)
{
    self->connected = true;
    self->failing = false;
    self->proven = event->proven;
    self->admin = event->admin;
    text_set (&self->server, event->text);
    text_set (&self->user, event->user);
    text_set (&self->log, event->log);
    greeters_give (self, event);
}

static void take_disconnected (person_t *self, const zchat_event_t *event)
{
    self->connected = false;
    self->failing = true;
    self->status = event->status;
    self->wait_ms = event->wait_ms;
    text_set (&self->text, event->text);
    hubs_tell (self, HUB_OFFLINE);
}

static void take_replaced (person_t *self, const zchat_event_t *event)
{
    text_set (&self->log, event->log);
    for (hub_t *hub = self->hubs; hub; hub = hub->hh.next) {
        hub->live = false;
        hub->head = 0;
        ring_clear (hub->ring);
    }
    hubs_tell (self, HUB_REPLACED);
}

void person_end (person_t *self, zchat_status_t status, const char *text)
{
    waiter_t *waiter, *next;
    turn_t *turn, *next_turn;
    zchat_event_t event = {.kind = ZCHAT_EVENT_REPLY, .status = status};

    text_set (&self->text, text);
    event.text = self->text;
    self->ended = true;
    self->connected = false;
    self->failing = true;
    self->status = status;
    self->ended_ms = self->people->now_ms;
    greeters_give (self, &event);
    DL_FOREACH_SAFE (self->turns, turn, next_turn)
    {
        DL_DELETE (self->turns, turn);
        free (turn);
    }
    HASH_ITER (hh, self->waiters, waiter, next)
    {
        HASH_DEL (self->waiters, waiter);
        waiter->id = 0;
        waiter->event (waiter->arg, &event);
    }
    for (hub_t *hub = self->hubs; hub; hub = hub->hh.next)
        if (!hub->parted)
            hub_part (hub, status, self->text);
}

void person_take (person_t *self, const zchat_event_t *event)
{
    hub_t *hub;

    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
        take_connected (self, event);
        break;
    case ZCHAT_EVENT_DISCONNECTED:
        take_disconnected (self, event);
        break;
    case ZCHAT_EVENT_REFUSED:
        person_end (self, event->status, event->text);
        break;
    case ZCHAT_EVENT_JOINED:
        take_joined (self, event);
        break;
    case ZCHAT_EVENT_PARTED:
        hub = hub_find (self, event->room);
        /*  Of a room that we have left ourselves, and maybe read again.       */
        if (hub && !hub->parted && event->status != ZCHAT_OK)
            hub_part (hub, event->status, event->text);
        break;
    case ZCHAT_EVENT_MESSAGE:
        take_message (self, event);
        break;
    case ZCHAT_EVENT_LOST:
        take_lost (self, event);
        break;
    case ZCHAT_EVENT_LOG_REPLACED:
        take_replaced (self, event);
        break;
    case ZCHAT_EVENT_HISTORY:
    case ZCHAT_EVENT_REPLY:
    case ZCHAT_EVENT_SENT:
    case ZCHAT_EVENT_FAILED:
    case ZCHAT_EVENT_UNKNOWN:
        waiter_give (self, event);
        break;
    case ZCHAT_EVENT_WARNING:
        break;
    }
}
