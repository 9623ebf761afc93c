/*  listen_rooms.c - which rooms there are, for zchat listen --all-rooms        */
#include "listen_rooms.h"
#include "memory.h"
#include <stdlib.h>
#include <string.h>
#include <zchat/limits.h>

void listen_rooms_ask (listen_rooms_t *self, zchat_client_t *client, int64_t now_ms)
{
    if (!self->asked && now_ms >= self->next_ms && zchat_client_connected (client))
        self->asked = zchat_client_rooms (client, self->behind, &self->id) == ZCHAT_OK;
}

/*  Take a page: its names. The next one is asked for where there is more.     */
static json_t *page (listen_rooms_t *self, const char *json, int64_t now_ms)
{
    json_t *reply = json ? json_loads (json, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *rooms = json_object_get (reply, "rooms");
    json_t *names = json_array ();
    const char *last = NULL;
    for (size_t i = 0; i < json_array_size (rooms); i++) {
        json_t *name = json_object_get (json_array_get (rooms, i), "room");
        if (!json_is_string (name))
            continue;
        json_array_append (names, name);
        last = json_string_value (name);
    }
    bool more = last && json_is_true (json_object_get (reply, "more")) &&
                (!self->behind || strcmp (self->behind, last) != 0);
    char *behind = more ? memory_string (last, strlen (last)) : NULL;
    free (self->behind);
    self->behind = behind;
    self->listed = self->listed || !more;
    self->next_ms = more ? now_ms : now_ms + ZCHAT_ALL_ROOMS_MS;
    json_decref (reply);
    return names;
}

bool listen_rooms_event (listen_rooms_t *self, const zchat_event_t *event, int64_t now_ms,
                         json_t **names, bool *refused)
{
    *names = NULL;
    *refused = false;
    if (!self->asked || event->kind != ZCHAT_EVENT_REPLY || event->id != self->id)
        return false;
    self->asked = false;
    switch (event->status) {
    case ZCHAT_OK:
        *names = page (self, event->json, now_ms);
        break;
    case ZCHAT_UNREACHABLE:
    case ZCHAT_CLOSING:
        break;
    case ZCHAT_SLOW:
    case ZCHAT_STORAGE:
        self->next_ms = now_ms + ZCHAT_SLOW_WAIT_MS;
        break;
    default:
        *refused = true;
    }
    return true;
}

void listen_rooms_free (listen_rooms_t *self)
{
    free (self->behind);
    self->behind = NULL;
}
