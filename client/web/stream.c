/*  stream.c - server-sent events over a connection                             */
#include "stream.h"
#include "buffer.h"
#include "cursors.h"
#include "memory.h"
#include "sse.h"
#include <jansson.h>
#include <sys/socket.h>

enum { BLOCK = 8192, PULL = 16384 };

struct stream {
    person_t *person;
    struct MHD_Connection *connection;
    void (*decided) (void *arg);
    void *arg;
    char *rooms[ZCHAT_WEB_STREAM_ROOMS_MAX];
    follow_t *follows[ZCHAT_WEB_STREAM_ROOMS_MAX];
    size_t count;
    buffer_t out;    /* what was said and not yet read                            */
    size_t read;     /* bytes of it that were                                     */
    bool making;     /* stream_new is at work                                  */
    bool speaking;   /* the answer has begun                                   */
    bool suspended;  /* the connection sleeps until there is something to say  */
    bool offline;    /* that the broker is lost has been told                  */
    bool ended;      /* nothing is said any more                               */
    bool cut;        /* and the connection was shut                            */
    uint64_t now_ms; /* of the last tick                                       */
    uint64_t said_ms;
};

static void wake (stream_t *self)
{
    if (!self->suspended)
        return;
    self->suspended = false;
    MHD_resume_connection (self->connection);
}

/*  Shut the connection: whoever does not read is not asked to.                */
static void cut (stream_t *self)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info (self->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (info && !self->cut)
        shutdown (info->connect_fd, SHUT_RDWR);
    self->cut = true;
}

static void say (stream_t *self, const char *name, bool id, const char *json, size_t size)
{
    cursor_t cursors[ZCHAT_WEB_STREAM_ROOMS_MAX];
    buffer_t text = {0};

    for (size_t i = 0; id && i < self->count; i++) {
        cursors[i] = (cursor_t){.room = self->rooms[i]};
        if (self->follows[i])
            cursors[i].known = follow_cursor (self->follows[i], &cursors[i].seq);
    }
    if (id)
        cursors_write (&text, cursors, self->count);
    sse_write (&self->out, name, text.size ? text.data : NULL, json, size);
    buffer_free (&text);
    self->said_ms = self->now_ms;
    wake (self);
}

/*  object is given away.                                                      */
static void say_json (stream_t *self, const char *name, bool id, json_t *object)
{
    char *text = memory_check (json_dumps (object, JSON_COMPACT));

    say (self, name, id, text, strlen (text));
    free (text);
    json_decref (object);
}

/*  --- the sink of the follows ---------------------------------------------------- */

static void on_event (void *arg, follow_t *follow, const char *name, uint64_t seq, const char *json,
                      size_t size)
{
    bool id = seq || (name && strcmp (name, "live") == 0);

    say (arg, name, id, json, size);
}

static void on_ready (void *arg, follow_t *follow)
{
    stream_t *self = arg;
    person_state_t state;
    hub_view_t view;

    follow_view (follow, &view);
    person_state (self->person, &state);
    json_t *room =
        memory_check (json_pack ("{s:s,s:I}", "room", view.room, "head", (json_int_t)view.head));
    if (*state.user) {
        json_object_set_new (room, "members", json_integer ((json_int_t)view.members));
        json_object_set_new (room, "topic", json_string (view.topic ? view.topic : ""));
        if (view.read)
            json_object_set_new (room, "read", json_integer ((json_int_t)view.read));
    }
    say_json (self, "ready", true,
              memory_check (json_pack ("{s:s,s:s,s:[o]}", "log", state.log, "user", state.user,
                                       "rooms", room)));
    self->offline = false;
}

static void decided (stream_t *self)
{
    if (!self->making && !self->speaking && stream_decided (self))
        self->decided (self->arg);
}

static void on_more (void *arg, follow_t *follow)
{
    stream_t *self = arg;

    wake (self);
    decided (self);
}

static void offline_say (stream_t *self)
{
    person_state_t state;

    if (self->offline)
        return;
    self->offline = true;
    person_state (self->person, &state);
    say_json (self, "offline", false,
              memory_check (json_pack ("{s:s,s:s,s:i}", "code", zchat_status_code (state.status),
                                       "text", state.text, "wait_ms", state.wait_ms)));
}

static void on_offline (void *arg, follow_t *follow)
{
    stream_t *self = arg;

    if (self->speaking)
        offline_say (self);
}

static void on_gone (void *arg, follow_t *follow, zchat_status_t status, const char *text)
{
    stream_t *self = arg;
    bool any = false;
    hub_view_t view;

    if (status == ZCHAT_SLOW) {
        say (self, "slow", false, "{}", 2);
        self->ended = true;
        cut (self);
        return;
    }
    follow_view (follow, &view);
    say_json (self, "parted", false,
              memory_check (json_pack ("{s:s,s:s,s:s}", "room", view.room, "code",
                                       zchat_status_code (status), "text", text ? text : "")));
    for (size_t i = 0; i < self->count; i++)
        any |= self->follows[i] && !follow_gone (self->follows[i]);
    self->ended = !any && !self->making;
    decided (self);
}

/*  --- life ----------------------------------------------------------------------- */

zchat_status_t stream_new (person_t *person, struct MHD_Connection *connection,
                           const stream_rooms_t *rooms, uint64_t now_ms, void (*decide) (void *arg),
                           void *arg, stream_t **stream)
{
    stream_t *self = memory_zero (sizeof *self);
    const follow_sink_t sink = {.event = on_event,
                                .ready = on_ready,
                                .more = on_more,
                                .offline = on_offline,
                                .gone = on_gone,
                                .arg = self};

    self->person = person;
    self->connection = connection;
    self->decided = decide;
    self->arg = arg;
    self->now_ms = now_ms;
    self->said_ms = now_ms;
    self->making = true;
    person_hold (person);
    buffer_string (&self->out, "retry: 2000\n\n");
    for (size_t i = 0; i < rooms->count; i++) {
        self->rooms[i] = memory_format ("%s", rooms->rooms[i]);
        self->count++;
        zchat_status_t status =
            follow_new (person, self->rooms[i], &rooms->begins[i], &sink, &self->follows[i]);
        if (status != ZCHAT_OK) {
            stream_destroy (&self);
            return status;
        }
    }
    self->making = false;
    *stream = self;
    return ZCHAT_OK;
}

void stream_destroy (stream_t **stream)
{
    stream_t *self = *stream;

    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++) {
        follow_destroy (&self->follows[i]);
        free (self->rooms[i]);
    }
    person_release (self->person);
    buffer_free (&self->out);
    free (self);
    *stream = NULL;
}

bool stream_decided (const stream_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (!follow_decided (self->follows[i]))
            return false;
    return true;
}

bool stream_refused (const stream_t *self, zchat_status_t *status, const char **text)
{
    hub_view_t view;

    for (size_t i = 0; i < self->count; i++)
        if (!follow_gone (self->follows[i]))
            return false;
    follow_view (self->follows[0], &view);
    *status = view.status;
    *text = view.text;
    return true;
}

/*  --- the answer ------------------------------------------------------------------ */

static void pull (stream_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (!follow_gone (self->follows[i]))
            follow_pull (self->follows[i], PULL);
}

static ssize_t give (void *arg, uint64_t position, char *to, size_t max)
{
    stream_t *self = arg;

    if (self->read == self->out.size) {
        buffer_clear (&self->out);
        self->read = 0;
        if (!self->ended)
            pull (self);
    }
    size_t left = self->out.size - self->read;
    if (left) {
        size_t size = left < max ? left : max;
        memcpy (to, self->out.data + self->read, size);
        self->read += size;
        /*  A page that was read leaves no memory behind: there may be thousands of streams. */
        if (self->read == self->out.size && self->out.capacity > PULL) {
            buffer_free (&self->out);
            self->read = 0;
        }
        return (ssize_t)size;
    }
    if (self->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    self->suspended = true;
    MHD_suspend_connection (self->connection);
    return 0;
}

struct MHD_Response *stream_response (stream_t *self)
{
    person_state_t state;
    struct MHD_Response *response =
        MHD_create_response_from_callback (MHD_SIZE_UNKNOWN, BLOCK, give, self, NULL);

    if (!response)
        return NULL;
    self->speaking = true;
    person_state (self->person, &state);
    if (state.failing)
        offline_say (self);
    return response;
}

void stream_tick (stream_t *self, uint64_t now_ms)
{
    self->now_ms = now_ms;
    if (self->speaking && !self->ended && now_ms - self->said_ms >= ZCHAT_WEB_HEARTBEAT_MS &&
        self->read == self->out.size) {
        buffer_string (&self->out, ":\n\n");
        self->said_ms = now_ms;
        wake (self);
    }
}

void stream_stop (stream_t *self)
{
    self->ended = true;
    wake (self);
}
