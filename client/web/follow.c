/*  follow.c - one reader of a room                                             */
#include "follow.h"
#include "event_json.h"
#include "memory.h"
#include <inttypes.h>
#include <jansson.h>

typedef enum {
    FOLLOW_AWAIT, /* the room is not live yet                                  */
    FOLLOW_PAGES, /* what was missed is fetched                                */
    FOLLOW_LIVE,
    FOLLOW_GONE
} follow_state_t;

typedef struct {
    uint64_t seq;
    char *json;
} page_entry_t;

struct follow {
    person_t *person;
    char room[ZCHAT_NAME_MAX + 1]; /* as it is asked for                       */
    follow_begin_t begin;
    follow_sink_t sink;
    hub_reader_t reader;
    waiter_t waiter;
    follow_state_t state;
    bool known;      /* cursor is                                              */
    bool told;       /* that all that was missed has come                      */
    uint64_t cursor; /* see follow_cursor                                      */
    uint64_t asked;  /* the cursor when the page was asked for                 */
    bool asking;     /* a page is under way                                    */
    bool stale;      /* and what it brings is of no use                        */
    uint64_t next;   /* LIVE: the number in the ring                           */
    page_entry_t *page;
    size_t n_page;
};

static void give (follow_t *self, const char *name, uint64_t seq, const char *json)
{
    self->sink.event (self->sink.arg, self, name, seq, json, strlen (json));
}

static void page_clear (follow_t *self)
{
    for (size_t i = 0; i < self->n_page; i++)
        free (self->page[i].json);
    free (self->page);
    self->page = NULL;
    self->n_page = 0;
}

void follow_view (const follow_t *self, hub_view_t *view)
{
    hub_view (self->reader.hub, view);
}

static void gone (follow_t *self, zchat_status_t status, const char *text)
{
    if (self->state == FOLLOW_GONE)
        return;
    self->state = FOLLOW_GONE;
    person_forget (self->person, &self->waiter);
    self->asking = false;
    self->sink.gone (self->sink.arg, self, status, text);
}

/*  Go over to what happens, where all before it is there or was given.        */
static void settle (follow_t *self, bool all)
{
    hub_view_t view;
    char json[ZCHAT_NAME_MAX + 64];

    follow_view (self, &view);
    uint64_t oldest = ring_oldest_seq (view.ring);
    if (!oldest)
        oldest = view.head + 1;
    if (!all && self->cursor + 1 < oldest)
        return;
    self->state = FOLLOW_LIVE;
    self->next = ring_behind (view.ring, self->cursor);
    if (self->told)
        return;
    self->told = true;
    snprintf (json, sizeof json, "{\"rooms\":[{\"room\":\"%s\",\"head\":%" PRIu64 "}]}", view.room,
              view.head);
    give (self, "live", 0, json);
}

/*  --- pages -------------------------------------------------------------------- */

static void page_add (follow_t *self, const zchat_event_t *event)
{
    self->page = memory_grow (self->page, (self->n_page + 1) * sizeof *self->page);
    self->page[self->n_page++] =
        (page_entry_t){.seq = event->seq, .json = event_json (event, NULL)};
}

static uint64_t number_of (const json_t *json, const char *key)
{
    json_int_t number = json_integer_value (json_object_get (json, key));

    return number > 0 ? (uint64_t)number : 0;
}

static void page_give (follow_t *self, const char *text)
{
    json_t *json = text ? json_loads (text, 0, NULL) : NULL;
    uint64_t first = number_of (json, "first"), head = number_of (json, "head");
    bool more = json_is_true (json_object_get (json, "more"));
    char said[ZCHAT_NAME_MAX + 128];

    json_decref (json);
    if (first > self->cursor + 1 && self->begin.has_cursor) {
        snprintf (said, sizeof said,
                  "{\"room\":\"%s\",\"count\":%" PRIu64 ",\"before\":%" PRIu64 "}", self->room,
                  first - self->cursor - 1, first);
        give (self, "lost", 0, said);
    }
    if (first > self->cursor + 1)
        self->cursor = first - 1;
    if (self->asked > head && !self->n_page) {
        snprintf (said, sizeof said, "{\"room\":\"%s\",\"after\":%" PRIu64 ",\"head\":%" PRIu64 "}",
                  self->room, self->asked, head);
        self->cursor = head;
        give (self, "ahead", 0, said);
    }
    for (size_t i = 0; i < self->n_page; i++) {
        if (self->page[i].seq)
            self->cursor = self->page[i].seq;
        give (self, NULL, self->page[i].seq, self->page[i].json);
    }
    page_clear (self);
    /*  Where nothing came though more is said to be there, all the same.      */
    settle (self, !more);
    self->sink.more (self->sink.arg, self);
}

static void page_event (void *arg, const zchat_event_t *event)
{
    follow_t *self = arg;

    if (event->kind == ZCHAT_EVENT_HISTORY) {
        if (!self->stale)
            page_add (self, event);
        return;
    }
    self->asking = false;
    if (self->stale || event->status == ZCHAT_UNREACHABLE || event->status == ZCHAT_STORAGE ||
        event->status == ZCHAT_CLOSING || event->status == ZCHAT_HELLO) {
        self->stale = false;
        page_clear (self);
        if (self->state == FOLLOW_PAGES)
            self->sink.more (self->sink.arg, self);
    } else if (event->status == ZCHAT_OK)
        page_give (self, event->json);
    else {
        page_clear (self);
        gone (self, event->status, event->text);
    }
}

static void page_ask (follow_t *self)
{
    if (self->asking)
        return;
    self->asking = true;
    self->asked = self->cursor;
    person_page (self->person, &self->waiter, self->room, self->cursor);
}

/*  --- what happens --------------------------------------------------------------- */

static void hub_is_live (follow_t *self)
{
    hub_view_t view;
    person_state_t state;

    follow_view (self, &view);
    person_state (self->person, &state);
    snprintf (self->room, sizeof self->room, "%s", view.room);
    if (self->begin.log[0] && self->begin.has_cursor && strcmp (self->begin.log, state.log) != 0) {
        char json[96];
        snprintf (json, sizeof json, "{\"log\":\"%s\"}", state.log);
        self->cursor = 0;
        self->known = true;
        give (self, "log_replaced", 0, json);
    } else if (self->begin.has_cursor)
        self->cursor = self->begin.cursor;
    else
        self->cursor = view.head > self->begin.last ? view.head - self->begin.last : 0;
    self->known = true;
    self->begin.log[0] = '\0';
    self->state = FOLLOW_PAGES;
    self->sink.ready (self->sink.arg, self);
    /*  A cursor beyond the head is looked at by HISTORY: the head may just have moved. */
    if (self->cursor <= view.head)
        settle (self, self->cursor == view.head);
    self->sink.more (self->sink.arg, self);
}

static void replaced (follow_t *self)
{
    person_state_t state;
    char json[96];

    if (self->state == FOLLOW_AWAIT)
        return;
    person_state (self->person, &state);
    snprintf (json, sizeof json, "{\"log\":\"%s\"}", state.log);
    self->cursor = 0;
    self->begin = (follow_begin_t){.has_cursor = true, .presence = self->begin.presence};
    self->state = FOLLOW_AWAIT;
    self->stale = self->asking;
    give (self, "log_replaced", 0, json);
    self->sink.more (self->sink.arg, self);
}

static void hub_changed (void *arg, hub_change_t change)
{
    follow_t *self = arg;
    hub_view_t view;

    if (self->state == FOLLOW_GONE)
        return;
    switch (change) {
    case HUB_LIVE:
        if (self->state == FOLLOW_AWAIT)
            hub_is_live (self);
        else
            self->sink.ready (self->sink.arg, self);
        break;
    case HUB_MORE:
        follow_view (self, &view);
        if (self->state == FOLLOW_LIVE && self->next < ring_first (view.ring))
            gone (self, ZCHAT_SLOW, "dropped for reading too slowly");
        else if (self->state == FOLLOW_LIVE)
            self->sink.more (self->sink.arg, self);
        break;
    case HUB_OFFLINE:
        self->sink.offline (self->sink.arg, self);
        break;
    case HUB_REPLACED:
        replaced (self);
        break;
    case HUB_PARTED:
        follow_view (self, &view);
        gone (self, view.status, view.text);
        break;
    }
}

void follow_pull (follow_t *self, size_t bytes)
{
    hub_view_t view;
    size_t given = 0;

    if (self->state == FOLLOW_PAGES)
        page_ask (self);
    if (self->state != FOLLOW_LIVE)
        return;
    follow_view (self, &view);
    while (given < bytes && self->next < ring_next (view.ring)) {
        const ring_entry_t *entry = ring_at (view.ring, self->next++);
        /*  A page may have brought it already.                                */
        if ((entry->seq && entry->seq <= self->cursor) ||
            (entry->presence && !self->begin.presence))
            continue;
        if (entry->seq)
            self->cursor = entry->seq;
        given += entry->size;
        self->sink.event (self->sink.arg, self, entry->name, entry->seq, entry->text, entry->size);
    }
}

/*  --- life ---------------------------------------------------------------------- */

zchat_status_t follow_new (person_t *person, const char *room, const follow_begin_t *begin,
                           const follow_sink_t *sink, follow_t **follow)
{
    follow_t *self = memory_zero (sizeof *self);
    zchat_status_t status;
    hub_view_t view;

    self->person = person;
    self->begin = *begin;
    self->sink = *sink;
    self->reader = (hub_reader_t){.changed = hub_changed, .arg = self};
    self->waiter = (waiter_t){.event = page_event, .arg = self};
    status = person_read (person, room, &self->reader);
    if (status != ZCHAT_OK) {
        free (self);
        return status;
    }
    *follow = self;
    follow_view (self, &view);
    if (view.parted)
        gone (self, view.status, view.text);
    else if (view.live)
        hub_is_live (self);
    return ZCHAT_OK;
}

void follow_destroy (follow_t **follow)
{
    follow_t *self = *follow;

    if (!self)
        return;
    person_forget (self->person, &self->waiter);
    person_unread (&self->reader);
    page_clear (self);
    free (self);
    *follow = NULL;
}

bool follow_decided (const follow_t *self)
{
    return self->state != FOLLOW_AWAIT;
}

bool follow_gone (const follow_t *self)
{
    return self->state == FOLLOW_GONE;
}

bool follow_cursor (const follow_t *self, uint64_t *seq)
{
    *seq = self->known ? self->cursor : self->begin.cursor;
    return self->known || self->begin.has_cursor;
}
