/*  hooks.c - what hooks follow, send and remember                                */
#include "hooks.h"
#include "follow.h"
#include "hook_plan.h"
#include "hook_send.h"
#include "hook_sign.h"
#include "hook_state.h"
#include "memory.h"
#include "urltext.h"
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <time.h>
#include <unistd.h>

enum { PULL = 65536, AGAIN_MS = 30000, FAR_MS = 60000 };

typedef struct {
    hooks_t *hooks;
    const options_hook_t *option;
    char *path; /* of its cursor                                               */
    hook_cursor_t cursor;
    hook_plan_t *plan;
    follow_t *follow; /* or NULL: it is tried again                            */
    person_t *person; /* held while it is followed                             */
    bool over;        /* the follow has ended: it is let go in hooks_step      */
    uint64_t again_ms;
    bool failing; /* that it does not answer was told                          */
} hook_t;

struct hooks {
    const options_t *options;
    people_t *people;
    hook_send_t *send;
    hook_t *all[OPTIONS_LIST_MAX];
    size_t count;
    uint64_t now_ms;
};

static void cursor_keep (hook_t *self)
{
    if (!hook_state_write (self->hooks->options->state, self->path, &self->cursor))
        options_say (
            "%s cannot be written: %s; after a restart the hook of %s gets some events again",
            self->path, strerror (errno), self->option->room);
}

/*  --- what happens in the room ---------------------------------------------------- */

static void log_take (hook_t *self)
{
    person_state_t state;

    person_state (self->person, &state);
    snprintf (self->cursor.log, sizeof self->cursor.log, "%s", state.log);
}

static void on_event (void *arg, follow_t *follow, const char *name, uint64_t seq, const char *json,
                      size_t size)
{
    hook_t *self = arg;

    if (name && strcmp (name, "log_replaced") == 0) {
        options_say ("the broker has another log: the hook of %s begins with it",
                     self->option->room);
        hook_plan_clear (self->plan);
        log_take (self);
        self->cursor.seq = 0;
        self->cursor.known = true;
        cursor_keep (self);
    } else if (name && strcmp (name, "lost") == 0)
        options_say ("events for the hook of %s are lost: %.*s", self->option->room, (int)size,
                     json);
    else if (!name && seq)
        hook_plan_add (self->plan, seq, json, size);
}

static void on_ready (void *arg, follow_t *follow)
{
    hook_t *self = arg;
    uint64_t seq;

    if (self->cursor.known || !follow_cursor (follow, &seq))
        return;
    /*  From the first start on nothing is passed over.                        */
    log_take (self);
    self->cursor.seq = seq;
    self->cursor.known = true;
    cursor_keep (self);
}

static void on_more (void *arg, follow_t *follow)
{
    (void)arg;
}

static void on_gone (void *arg, follow_t *follow, zchat_status_t status, const char *text)
{
    hook_t *self = arg;

    /*  While the hook was away, more happened than is kept: the log has it.   */
    self->over = true;
    self->again_ms = self->hooks->now_ms + (status == ZCHAT_SLOW ? 0 : AGAIN_MS);
    if (status != ZCHAT_SLOW)
        options_say ("the hook of %s cannot read the room: %s", self->option->room,
                     text ? text : zchat_status_text (status));
}

static void hook_let_go (hook_t *self)
{
    follow_destroy (&self->follow);
    if (self->person)
        person_release (self->person);
    self->person = NULL;
    self->over = false;
    hook_plan_clear (self->plan);
}

static void hook_follow (hook_t *self)
{
    const follow_sink_t sink = {.event = on_event,
                                .ready = on_ready,
                                .more = on_more,
                                .offline = on_more,
                                .gone = on_gone,
                                .arg = self};
    follow_begin_t begin = {.has_cursor = self->cursor.known, .cursor = self->cursor.seq};
    const char *text = NULL;
    zchat_status_t status =
        people_find (self->hooks->people, &self->hooks->options->credential, &self->person, &text);

    memcpy (begin.log, self->cursor.log, sizeof begin.log);
    self->again_ms = self->hooks->now_ms + AGAIN_MS;
    if (status != ZCHAT_OK)
        self->person = NULL;
    else {
        person_hold (self->person);
        status = follow_new (self->person, self->option->room, &begin, &sink, &self->follow);
        if (status == ZCHAT_OK)
            return;
    }
    options_say ("the hook of %s cannot read the room: %s", self->option->room,
                 text ? text : zchat_status_text (status));
    hook_let_go (self);
}

/*  --- sending ------------------------------------------------------------------------ */

static void hook_post (hook_t *self, const hook_event_t *event)
{
    const char *secret = self->hooks->options->hook_secret;
    char signature[HOOK_SIGN_MAX], number[64];
    int64_t time_s = (int64_t)time (NULL);
    buffer_t id = {0}, headers[3] = {{0}};

    buffer_format (&id, "%s/", self->cursor.log);
    urltext_encode (&id, self->option->room);
    buffer_format (&id, "/%" PRIu64, event->seq);
    buffer_format (&headers[0], "webhook-id: %s", id.data);
    snprintf (number, sizeof number, "webhook-timestamp: %" PRId64, time_s);
    const char *lines[] = {
        "content-type: application/json", "expect:", headers[0].data, number, NULL, NULL};
    if (secret) {
        hook_sign (secret, id.data, time_s, event->json, event->size, signature);
        buffer_format (&headers[1], "webhook-signature: %s", signature);
        lines[4] = headers[1].data;
    }
    hook_send_post (self->hooks->send, self->option->url, lines, event->json, event->size, self);
    buffer_free (&id);
    buffer_free (&headers[0]);
    buffer_free (&headers[1]);
}

static void on_done (void *arg, unsigned http, uint64_t again_s, const char *text)
{
    hook_t *self = arg;
    uint64_t seq;

    if (hook_plan_result (self->plan, http, again_s, randombytes_random (), self->hooks->now_ms,
                          &seq)) {
        self->cursor.seq = seq;
        cursor_keep (self);
        if (self->failing)
            options_say ("the hook of %s answers again", self->option->room);
        self->failing = false;
    } else if (!self->failing && hook_plan_failed (self->plan)) {
        self->failing = true;
        if (http)
            options_say ("the hook of %s answers %u; it is tried again", self->option->room, http);
        else
            options_say ("the hook of %s: %s; it is tried again", self->option->room, text);
    }
}

/*  --- all ------------------------------------------------------------------------------ */

hooks_t *hooks_new (const options_t *options, people_t *people, const char **why)
{
    hooks_t *self = memory_zero (sizeof *self);

    self->options = options;
    self->people = people;
    self->send = hook_send_new (on_done);
    for (size_t i = 0; i < options->n_hooks; i++) {
        hook_t *hook = memory_zero (sizeof *hook);
        self->all[self->count++] = hook;
        hook->hooks = self;
        hook->option = &options->hooks[i];
        hook->plan = hook_plan_new ();
        hook->path = hook_state_path (options->state, hook->option->room, hook->option->url);
        if (!hook_state_read (hook->path, &hook->cursor, why)) {
            options_say ("%s is the cursor of a hook", hook->path);
            hooks_destroy (&self);
            return NULL;
        }
        if (access (options->state, W_OK) != 0) {
            options_say ("--state %s: %s", options->state, strerror (errno));
            *why = "the cursors of hooks want a folder that can be written";
            hooks_destroy (&self);
            return NULL;
        }
    }
    return self;
}

void hooks_destroy (hooks_t **hooks)
{
    hooks_t *self = *hooks;

    if (!self)
        return;
    hook_send_destroy (&self->send);
    for (size_t i = 0; i < self->count; i++) {
        hook_let_go (self->all[i]);
        hook_plan_destroy (&self->all[i]->plan);
        free (self->all[i]->path);
        free (self->all[i]);
    }
    free (self);
    *hooks = NULL;
}

int hooks_fd (const hooks_t *self)
{
    return hook_send_fd (self->send);
}

int hooks_timeout (const hooks_t *self)
{
    int least = hook_send_timeout (self->send);

    for (size_t i = 0; i < self->count; i++) {
        uint64_t due = hook_plan_due_ms (self->all[i]->plan);
        if (due == UINT64_MAX)
            continue;
        int wait = due <= self->now_ms           ? 0
                   : due - self->now_ms < FAR_MS ? (int)(due - self->now_ms)
                                                 : FAR_MS;
        least = wait < least ? wait : least;
    }
    return least;
}

void hooks_step (hooks_t *self, uint64_t now_ms)
{
    hook_event_t event;

    self->now_ms = now_ms;
    if (!self->count)
        return;
    hook_send_step (self->send);
    for (size_t i = 0; i < self->count; i++) {
        hook_t *hook = self->all[i];
        if (hook->over)
            hook_let_go (hook);
        if (!hook->follow && now_ms >= hook->again_ms)
            hook_follow (hook);
        if (hook->follow && !hook->over && !hook_plan_count (hook->plan))
            follow_pull (hook->follow, PULL);
        if (hook_plan_next (hook->plan, now_ms, &event))
            hook_post (hook, &event);
    }
}
