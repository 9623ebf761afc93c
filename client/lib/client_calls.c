/*  client_calls.c - client.h: what the program wants is handed to the delivery  */
#include "client_private.h"

zchat_status_t zchat_client_join (zchat_client_t *client, const char *room, uint64_t last,
                                  uint64_t since)
{
    return delivery_join (client->delivery, room, last, since, client_now (client));
}

zchat_status_t zchat_client_part (zchat_client_t *client, const char *room)
{
    return delivery_part (client->delivery, room, client_now (client));
}

zchat_status_t zchat_client_say (zchat_client_t *client, const char *room, zchat_type_t type,
                                 const char *body, size_t size, const char *data, uint64_t *id)
{
    return delivery_say (client->delivery, room, type, body, size, data, id, client_now (client));
}

zchat_status_t zchat_client_tell (zchat_client_t *client, const char *user, const char *body,
                                  size_t size, const char *data, uint64_t *id)
{
    return delivery_tell (client->delivery, user, body, size, data, id, client_now (client));
}

zchat_status_t zchat_client_reply (zchat_client_t *client, const char *room, uint64_t re,
                                   zchat_type_t type, const char *body, size_t size,
                                   const char *data, uint64_t *id)
{
    return delivery_reply (client->delivery, room, re, type, body, size, data, id,
                           client_now (client));
}

zchat_status_t zchat_client_tell_reply (zchat_client_t *client, const char *user, uint64_t re_ms,
                                        const char *body, size_t size, const char *data,
                                        uint64_t *id)
{
    return delivery_tell_reply (client->delivery, user, re_ms, body, size, data, id,
                                client_now (client));
}

zchat_status_t zchat_client_edit (zchat_client_t *client, const char *room, uint64_t seq,
                                  const char *body, size_t size, uint64_t *id)
{
    return delivery_edit (client->delivery, room, seq, body, size, id, client_now (client));
}

zchat_status_t zchat_client_once (zchat_client_t *client, const uint8_t *producer, const char *to,
                                  zchat_type_t type, uint64_t re, const char *body, size_t size,
                                  const char *data, uint64_t *id)
{
    const outbox_message_t message = {
        .to = to, .type = type, .body = frame_of (body, size), .data = data, .re = re};

    return delivery_once (client->delivery, producer, &message, id, client_now (client));
}

zchat_status_t zchat_client_read (zchat_client_t *client, const char *room, uint64_t seq)
{
    return delivery_read (client->delivery, room, seq, client_now (client));
}

zchat_status_t zchat_client_react (zchat_client_t *client, const char *room, uint64_t seq,
                                   const char *text, uint64_t *id)
{
    return delivery_react (client->delivery, VERB_REACT, room, seq, text, id, client_now (client));
}

zchat_status_t zchat_client_unreact (zchat_client_t *client, const char *room, uint64_t seq,
                                     const char *text, uint64_t *id)
{
    return delivery_react (client->delivery, VERB_UNREACT, room, seq, text, id,
                           client_now (client));
}

zchat_status_t zchat_client_mark (zchat_client_t *client, const char *room, uint64_t seq,
                                  uint64_t *id)
{
    return delivery_mark (client->delivery, room, seq, id, client_now (client));
}

zchat_status_t zchat_client_unread (zchat_client_t *client, uint64_t *id)
{
    return delivery_unread (client->delivery, id, client_now (client));
}

zchat_status_t zchat_client_search (zchat_client_t *client, const char *query, size_t limit,
                                    const char *before, uint64_t *id)
{
    return delivery_search (client->delivery, query, limit, before, id, client_now (client));
}

zchat_status_t zchat_client_away (zchat_client_t *client, const char *text, uint64_t *id)
{
    return delivery_away (client->delivery, text, id, client_now (client));
}

zchat_status_t zchat_client_topic (zchat_client_t *client, const char *room, const char *topic,
                                   uint64_t *id)
{
    return delivery_topic (client->delivery, room, topic, id, client_now (client));
}

zchat_status_t zchat_client_who (zchat_client_t *client, const char *room, uint64_t *id)
{
    return delivery_who (client->delivery, room, id, client_now (client));
}

zchat_status_t zchat_client_rooms (zchat_client_t *client, const char *after, uint64_t *id)
{
    return delivery_rooms (client->delivery, after, id, client_now (client));
}

zchat_status_t zchat_client_create (zchat_client_t *client, const char *room, uint64_t *id)
{
    return delivery_create (client->delivery, room, id, client_now (client));
}

zchat_status_t zchat_client_invite (zchat_client_t *client, const char *room, const char *user,
                                    const char *reason, uint64_t *id)
{
    return delivery_order (client->delivery, VERB_INVITE, room, user, reason, id,
                           client_now (client));
}

zchat_status_t zchat_client_kick (zchat_client_t *client, const char *room, const char *user,
                                  const char *reason, uint64_t *id)
{
    return delivery_order (client->delivery, VERB_KICK, room, user, reason, id,
                           client_now (client));
}

zchat_status_t zchat_client_mode (zchat_client_t *client, const char *room, const char *json,
                                  uint64_t *id)
{
    return delivery_mode (client->delivery, room, json, id, client_now (client));
}

zchat_status_t zchat_client_remove (zchat_client_t *client, const char *room, uint64_t seq,
                                    const char *reason, uint64_t *id)
{
    return delivery_remove (client->delivery, room, seq, reason, id, client_now (client));
}

zchat_status_t zchat_client_keys (zchat_client_t *client, const char *user, uint64_t *id)
{
    return delivery_keys (client->delivery, user, id, client_now (client));
}

zchat_status_t zchat_client_key (zchat_client_t *client, const char *json, uint64_t *id)
{
    return delivery_key (client->delivery, json, id, client_now (client));
}

zchat_status_t zchat_client_purge (zchat_client_t *client, const char *json, uint64_t *id)
{
    return delivery_purge (client->delivery, json, id, client_now (client));
}

zchat_status_t zchat_client_history (zchat_client_t *client, const char *room, uint64_t after,
                                     uint64_t before, size_t limit, uint64_t *id)
{
    return delivery_history (client->delivery, room, after, before, limit, id, client_now (client));
}

zchat_status_t zchat_client_rename (zchat_client_t *client, const char *user)
{
    zchat_status_t status = delivery_rename (client->delivery, user, client_now (client));

    if (status == ZCHAT_OK)
        client->refused = false;
    return status;
}

char *zchat_client_keep (const zchat_client_t *client, size_t max, size_t *count)
{
    size_t kept = 0;
    char *text = delivery_keep (client->delivery, max, &kept);

    if (count)
        *count = kept;
    return text;
}

zchat_status_t zchat_client_restore (zchat_client_t *client, const char *kept, size_t size,
                                     size_t *count)
{
    size_t restored = 0;
    zchat_status_t status =
        delivery_restore (client->delivery, frame_of (kept, size), &restored, client_now (client));

    if (count)
        *count = restored;
    return status;
}

size_t zchat_client_unacknowledged (const zchat_client_t *client)
{
    return delivery_unacknowledged (client->delivery);
}

bool zchat_client_connected (const zchat_client_t *client)
{
    return delivery_connected (client->delivery);
}
