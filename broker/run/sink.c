/*  sink.c - what the core asks of the shell, and gives it to send              */
#include "broker_private.h"
#include "journal.h"
#include <sodium.h>

static void sink_reply (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    if (peer == ADMIN_PEER)
        admin_reply (arg, frames, count);
    else
        sockets_reply (((broker_t *)arg)->sockets, peer, frames, count);
}

static void sink_publish (void *arg, const frame_t *frames, size_t count)
{
    sockets_publish (((broker_t *)arg)->sockets, frames, count);
}

static void sink_read (void *arg, uint64_t id, const store_query_t *query)
{
    storage_read (((broker_t *)arg)->storage, id, query);
}

static void sink_search (void *arg, uint64_t id, const index_query_t *query)
{
    indexer_search (((broker_t *)arg)->indexer, id, query);
}

static void sink_random (void *arg, void *buffer, size_t size)
{
    (void)arg;
    randombytes_buf (buffer, size);
}

static core_token_t sink_token (void *arg, const name_keys_t *name, frame_t token, uint64_t wall_ms)
{
    broker_t *broker = arg;
    tokens_news_t news;
    if (tokens_reload (broker->tokens, wall_ms, &news))
        journal_tokens (&news, broker->tokens_path);
    return tokens_show (broker->tokens, name, token, wall_ms);
}

static uint64_t sink_unread (void *arg, core_peer_t peer)
{
    return peer == ADMIN_PEER ? 0 : sockets_unread (((broker_t *)arg)->sockets, peer);
}

static uint64_t sink_claims (void *arg, core_peer_t peer)
{
    const broker_t *broker = arg;
    const char *address, *key;
    return sockets_whence (broker->sockets, peer, &address, &key)
               ? admission_claims (broker->admission, frame_str (address), broker->now)
               : 0;
}

static void sink_note (void *arg, const core_note_t *note)
{
    const broker_t *broker = arg;
    const char *address = broker->address, *key = broker->key;
    (void)sockets_whence (broker->sockets, note->peer, &address, &key);
    journal_core (note, key, address, broker->now.mono_ms);
}

core_sink_t sink_of (broker_t *broker)
{
    return (core_sink_t){.reply = sink_reply,
                         .publish = sink_publish,
                         .read = sink_read,
                         .search = broker->options->index ? sink_search : NULL,
                         .random = sink_random,
                         .token = sink_token,
                         .unread = sink_unread,
                         .claims = sink_claims,
                         .note = sink_note,
                         .arg = broker};
}
