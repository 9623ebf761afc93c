/*  streams.c - a request that wants a stream                                     */
#include "cursors.h"
#include "memory.h"
#include "request.h"
#include "urltext.h"

typedef struct {
    char *rooms[ZCHAT_WEB_STREAM_ROOMS_MAX];
    size_t count;
    bool bad;
} rooms_t;

static enum MHD_Result room_take (void *arg, enum MHD_ValueKind kind, const char *key,
                                  const char *value)
{
    rooms_t *rooms = arg;
    char room[ZCHAT_NAME_FORM_MAX + 1];

    if (strcmp (key, "room") != 0)
        return MHD_YES;
    if (!value || !*value || rooms->count == ZCHAT_WEB_STREAM_ROOMS_MAX ||
        !urltext_decode (value, strlen (value), room, ZCHAT_NAME_FORM_MAX)) {
        rooms->bad = true;
        return MHD_NO;
    }
    rooms->rooms[rooms->count++] = memory_string (room, strlen (room));
    return MHD_YES;
}

/*  Read from where each room begins. False: malformed.                          */
static bool begins_read (const request_t *request, stream_rooms_t *rooms)
{
    const char *header = request_header (request, "Last-Event-ID");
    cursor_t cursors[ZCHAT_WEB_STREAM_ROOMS_MAX];
    uint64_t last = 0, presence = 0;
    bool good, fits;
    char *log = request_parameter (request, "log", 2 * ZCHAT_LOG_ID_SIZE, &fits);
    char *since = request_parameter (request, "since", ZCHAT_WEB_HEADERS_MAX, &good);

    good = good && fits && request_number (request, "last", ZCHAT_HISTORY_MAX, &last) &&
           request_number (request, "presence", 1, &presence);
    for (size_t i = 0; i < rooms->count; i++)
        cursors[i] = (cursor_t){.room = rooms->rooms[i]};
    if (header && *header)
        good = good && cursors_read (header, cursors, rooms->count);
    else if (since)
        good = good && cursors_read (since, cursors, rooms->count);
    for (size_t i = 0; good && i < rooms->count; i++) {
        follow_begin_t *begin = &rooms->begins[i];
        *begin = (follow_begin_t){.has_cursor = cursors[i].known,
                                  .cursor = cursors[i].seq,
                                  .last = last,
                                  .presence = presence == 1};
        if (log)
            snprintf (begin->log, sizeof begin->log, "%s", log);
    }
    free (log);
    free (since);
    return good;
}

static void decided (void *arg)
{
    request_t *request = arg;
    zchat_status_t status;
    const char *text;

    if (request->status)
        return;
    if (stream_refused (request->stream, &status, &text))
        request_refuse_status (request, status, text, NULL);
    else
        request_done (request, 200, NULL);
}

static void begin (request_t *request, const stream_rooms_t *rooms)
{
    door_t *door = request->door;
    zchat_status_t status;

    if (door->n_streams >= ZCHAT_WEB_STREAMS_MAX) {
        request_refuse (request, 503, "busy", "there are too many streams; try again in a moment");
        return;
    }
    if (!*request->credential.name) {
        /*  The one connection of guests may read other rooms already, as many as it can. */
        person_release (request->person);
        request->person = people_guest_of (door->people, rooms->rooms, rooms->count);
        person_hold (request->person);
    }
    status = stream_new (request->person, request->connection, rooms, door->now_ms, decided,
                         request, &request->stream);
    if (status != ZCHAT_OK) {
        request_refuse_status (request, status, NULL, NULL);
        return;
    }
    door->n_streams++;
    request->deadline_ms = door->now_ms + ZCHAT_WEB_STREAM_WAIT_MS;
    if (stream_decided (request->stream))
        decided (request);
}

void streams_start (request_t *request)
{
    stream_rooms_t rooms = {.count = 0};
    rooms_t asked = {.count = 0};

    if (request->route.kind == ROUTE_ROOM_EVENTS)
        asked.rooms[asked.count++] = memory_format ("%s", request->route.room);
    else
        MHD_get_connection_values (request->connection, MHD_GET_ARGUMENT_KIND, room_take, &asked);
    for (size_t i = 0; i < asked.count; i++) {
        for (size_t k = 0; k < i; k++)
            asked.bad |= strcmp (asked.rooms[i], asked.rooms[k]) == 0;
        rooms.rooms[rooms.count++] = asked.rooms[i];
    }
    if (asked.bad || !asked.count || !begins_read (request, &rooms))
        request_refuse (request, 400, "malformed",
                        "1 to 16 different rooms, since as an id of this stream, last up to 1000");
    else
        begin (request, &rooms);
    for (size_t i = 0; i < asked.count; i++)
        free (asked.rooms[i]);
}
