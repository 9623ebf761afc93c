/*  hot_paths - the broker's core doing the same work every time, for callgrind to count.
 *
 *  usage: hot_paths MESSAGES BATCH
 *
 *  One user says MESSAGES messages of 60 bytes in a room, with producer and number as libzchat says
 * them; BATCH of them come while a commit is on its way. Then another reads them all, in packs of
 * 100. Nothing here reads a clock or rolls dice, and the log is in memory.
 */
#include "core.h"
#include "memory.h"
#include "store_memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    core_t *core;
    store_t *store;
    core_time_t now;
    uint64_t read; /* the page that is asked for; 0: none   */
    store_query_t query;
    size_t published, answered; /* so far                                */
} world_t;

__attribute__ ((noreturn)) static void fail (const char *what)
{
    fprintf (stderr, "hot_paths: %s\n", what);
    exit (1);
}

static void on_reply (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    world_t *world = arg;
    (void)peer;
    if (count && frame_is (frames[0], "ERR"))
        fail ("a request is refused");
    world->answered += count && frame_is (frames[0], "OK");
}

static void on_publish (void *arg, const frame_t *frames, size_t count)
{
    world_t *world = arg;
    (void)frames;
    world->published += count == 4;
}

static void on_read (void *arg, uint64_t id, const store_query_t *query)
{
    world_t *world = arg;
    world->read = id;
    world->query = *query;
}

static void on_random (void *arg, void *buffer, size_t size)
{
    (void)arg;
    memset (buffer, 7, size);
}

static void ask (world_t *world, core_peer_t peer, const char *const *words, size_t count)
{
    const core_origin_t origin = {.secure = true};
    frame_t frames[6];
    for (size_t i = 0; i < count; i++)
        frames[i] = frame_str (words[i]);
    core_request (world->core, peer, origin, frames, count, world->now);
}

static void commit (world_t *world)
{
    const store_record_t *records;
    size_t count;
    while (core_take (world->core, &records, &count)) {
        if (store_append (world->store, records, count) != ZCHAT_OK)
            fail ("the store takes nothing");
        core_committed (world->core, ZCHAT_OK, world->now);
    }
    world->now.mono_ms++;
    world->now.wall_ms++;
}

static void say (world_t *world, size_t messages, size_t batch)
{
    const char *words[6] = {
        "SAY", "s", "bob", "dev", "sixty bytes of text that somebody may well say in a room ...",
        NULL};
    char json[96];
    words[5] = json;
    for (size_t i = 1; i <= messages; i++) {
        snprintf (json, sizeof json,
                  "{\"producer\":\"0123456789abcdef0123456789abcdef\",\"n\":%zu}", i);
        ask (world, 1, words, 6);
        if (i % batch == 1 || batch == 1) {
            commit (world); /* the first goes alone, the others gather behind it */
            continue;
        }
        if (i % batch == 0)
            commit (world);
    }
    commit (world);
}

static void replay (world_t *world, size_t messages)
{
    const char *words[5] = {"HISTORY", "h", "eva", "dev", NULL};
    char json[96];
    words[4] = json;
    for (size_t after = 0; after < messages; after += 100) {
        store_reader_t *reader;
        store_page_t *page;
        snprintf (json, sizeof json, "{\"after\":%zu,\"limit\":100,\"form\":\"pack\"}", after);
        ask (world, 2, words, 5);
        if (!world->read || store_reader_new (world->store, &reader) != ZCHAT_OK ||
            store_read (reader, &world->query, &page) != ZCHAT_OK)
            fail ("nothing can be read");
        uint64_t id = world->read;
        world->read = 0;
        core_read_done (world->core, id, ZCHAT_OK, page);
        store_page_destroy (&page);
        store_reader_destroy (&reader);
        world->now.mono_ms += 10;
        world->now.wall_ms += 10;
    }
}

static void enter (world_t *world, core_peer_t peer, const char *user)
{
    const char *hello[3] = {"HELLO", "h", user}, *join[4] = {"JOIN", "j", user, "dev"};
    ask (world, peer, hello, 3);
    ask (world, peer, join, 4);
    commit (world);
}

int main (int argc, char **argv)
{
    static const uint8_t log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";
    static const char *feeds[] = {"tcp://feed:1"};
    const size_t messages = argc == 3 ? strtoul (argv[1], NULL, 10) : 0;
    const size_t batch = argc == 3 ? strtoul (argv[2], NULL, 10) : 0;
    if (!messages || !batch)
        fail ("usage: hot_paths MESSAGES BATCH");
    json_object_seed (1); /* else its tables differ from run to run */
    world_t world = {.store = store_memory_new (log_id),
                     .now = {.mono_ms = 100, .wall_ms = 1000000}};
    const core_config_t config = {.log_id = log_id, .feeds = feeds, .n_feeds = 1};
    const core_sink_t sink = {.reply = on_reply,
                              .publish = on_publish,
                              .read = on_read,
                              .random = on_random,
                              .arg = &world};
    world.core = core_new (&config, &sink);
    store_loader_t loader = core_loader (world.core);
    if (store_load (world.store, &loader) != ZCHAT_OK)
        fail ("the log cannot be loaded");
    enter (&world, 1, "bob");
    enter (&world, 2, "eva");
    world.published = world.answered = 0;
    say (&world, messages, batch);
    if (world.answered != messages || world.published != messages)
        fail ("not all was stored and published");
    replay (&world, messages);
    core_destroy (&world.core);
    store_destroy (&world.store);
    return 0;
}
