/*  fuzz_core.c - the broker's decisions, whatever is asked of them in whatever order

    The input is a program, a line a step (escapes: fuzz.h):

        0SAY|bob|lobby|hi      seat 0 asks: verb, then what stands behind the tag, which is put in
        0|SAY|bob|lobby|hi     the same with an envelope
        =0a|b|c                seat 0 sends these frames as they are
        !0a|b|c                the shell refuses what seat 0 sends
        -0                     the connection of seat 0 is gone; the next request is a new one's
        +20|lobby              20 more people join the room;  ~  they are gone
        c  t  s  l  f          commit: all, take, store and do not tell yet, land, fail
        r  R                   a page of the log was read, could not be read
        w500  j500             500 ms pass; the wall clock shows 500 more, or less: j-500
        x1000  a1000           retention: keep 1,000 bytes, keep 1,000 ms
        X  Y                   another core over the same store; what was taken is lost, is there
        z                      the broker stops
        o                      the outsider looks for what is private
        q                      as the first line: quotas are small

    Seats 0 and 1 have no key and are far away, 2 and 3 none and are near; 4 and 5 have one
    key, 6, 8, 9 each their own, 7 an admin's. \kD is the key of a seat, \sD the last secret
    of a session it was told, \pD a producer.

    What must hold stands in core_judge.c, and at the end here: everybody was answered,
    nothing is left over, a core over the same log knows the same.             */
#include "core_world.h"
#include "memory.h"
#include "store_memory.h"

/*  --- who asks --------------------------------------------------------------  */

static const int key_of_seat[SEATS_SPOKEN] = {0, 0, 0, 0, 1, 1, 2, 3, 4, 5};
enum { KEY_ADMIN = 3, KEY_OUTSIDER = 6, KEY_PROBER = 7, KEYS = 8 };

/*  Keys as text; the first is none.                                           */
static char keys[KEYS][ADDRESS_KEY_TEXT + 1];

static core_origin_t origin_of (unsigned seat)
{
    int key = seat < SEATS_SPOKEN     ? key_of_seat[seat]
              : seat == SEAT_OUTSIDER ? KEY_OUTSIDER
              : seat == SEAT_PROBER   ? KEY_PROBER
                                      : 0;
    return (core_origin_t){.key = key ? keys[key] : NULL, .secure = seat > 1};
}

static const char *expand (void *arg, char letter, unsigned digit)
{
    world_t *world = arg;
    if (letter == 'k')
        return key_of_seat[digit] ? keys[key_of_seat[digit]] : NULL;
    if (letter == 's')
        return world->seats[digit].secret;
    if (letter == 'r')
        return world->asked;
    if (letter != 'p')
        return NULL;
    snprintf (world->expanded, sizeof world->expanded, "%032x", digit);
    return world->expanded;
}

static void seat_open (world_t *world, unsigned index)
{
    seat_t *seat = &world->seats[index];
    if (!seat->id)
        seat->id = 1 + index + (core_peer_t)SEATS * seat->life;
}

void world_gone (world_t *world, unsigned index)
{
    seat_t *seat = &world->seats[index];
    core_peer_t id = seat->id;
    if (!id)
        return;
    seat->id = 0;
    seat->life++;
    seat->raw_open = seat->n_mails = 0;
    core_gone (world->core, id, world->now);
}

/*  --- life ------------------------------------------------------------------  */

static void core_start (world_t *world)
{
    static const char *feeds[] = {"tcp://*:5681", "ipc://feed"};
    static const char *admins[] = {keys[KEY_ADMIN], keys[KEY_PROBER]};
    static const quota_t small[QUOTA_COUNT] = {{20, 10}, {2000, 500}, {60, 5}, {20, 5},
                                               {20, 5},  {9000, 900}, {0, 1},  {20, 5}};
    core_config_t config = {.log_id = store_log_id (world->store),
                            .feeds = feeds,
                            .n_feeds = 2,
                            .admins = admins,
                            .n_admins = 2,
                            .quotas = world->small ? small : NULL};
    core_sink_t sink = judge_sink (world);
    world->core = core_new (&config, &sink);
    store_loader_t loader = core_loader (world->core);
    fuzz_check (store_load (world->store, &loader) == ZCHAT_OK);
    judge_settled (world);
}

static world_t *world_new (bool small)
{
    static const uint8_t log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";
    world_t *world = memory_zero (sizeof *world);
    for (int i = 1; i < KEYS; i++) {
        uint8_t key[ADDRESS_KEY_SIZE];
        memset (key, i, sizeof key);
        address_key_encode (key, keys[i]);
    }
    world->small = small;
    world->escapes.expand = expand;
    world->escapes.arg = world;
    world->escapes.spent = FUZZ_BUDGET_MAX - (1 << 20);
    world->now = (core_time_t){.mono_ms = 1000, .wall_ms = 1732089600000};
    world->store = store_memory_new (log_id);
    core_start (world);
    return world;
}

static void world_free (world_t *world)
{
    core_destroy (&world->core);
    store_destroy (&world->store);
    judge_free (world);
    free (world);
}

/*  --- requests --------------------------------------------------------------  */

/*  True where a frame holds the name that only outsider and prober have.      */
static bool spells_secret (const frame_t *frames, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *text = memory_string (frames[i].data, frames[i].size);
        for (size_t k = 0; k < frames[i].size; k++)
            text[k] = text[k] ? text[k] : ' ';
        bool found = strcasestr (text, SECRET_NAME);
        free (text);
        if (found)
            return true;
    }
    return false;
}

static void raw (world_t *world, unsigned index, const frame_t *frames, size_t count, bool refuse)
{
    request_t request;
    /*  The tags t0, t1, ... are ours.                                         */
    zchat_status_t status = request_decode (frames, count, &request, NULL);
    fuzz_check (status != ZCHAT_OK || request.verb < VERB_COUNT);
    if (request.tag.size && *(const char *)request.tag.data == 't')
        return;
    /*  Its mail could not be told from news.                                  */
    if (status == ZCHAT_OK && request.verb == VERB_HISTORY && !request.tag.size)
        return;
    seat_open (world, index);
    seat_t *seat = &world->seats[index];
    seat->raw_open++;
    if (refuse)
        core_refuse (world->core, seat->id, frames, count, "refused");
    else
        core_request (world->core, seat->id, origin_of (index), frames, count, world->now);
}

static void ask (world_t *world, unsigned index, const frame_t *frames, size_t count)
{
    frame_t tagged[FUZZ_FRAMES_MAX + 1];
    char tag[16];
    size_t before = count > 1 && frames[0].size == 0 ? 2 : 1;
    if (world->n_asks % 256 == 0)
        world->asks = memory_grow (world->asks, (world->n_asks + 256) * sizeof *world->asks);
    seat_open (world, index);
    seat_t *seat = &world->seats[index];
    ask_t *ask = &world->asks[world->n_asks];
    *ask = (ask_t){.seat = index, .life = seat->life, .verb = VERB_COUNT};
    int size = snprintf (tag, sizeof tag, "t%zu", world->n_asks++);
    memcpy (tagged, frames, before * sizeof *frames);
    tagged[before] = frame_of (tag, (size_t)size);
    memcpy (tagged + before + 1, frames + before, (count - before) * sizeof *frames);
    request_t request;
    if (request_decode (tagged, count + 1, &request, NULL) == ZCHAT_OK) {
        ask->verb = request.verb;
        if (!request.n_args || name_check (request.args[0], &ask->room, NULL) != ZCHAT_OK)
            *ask->room.fold = '\0';
    } else if (!request.tag.size) {
        /*  Not understood at all: answered with an empty tag.                 */
        ask->answered = true;
        seat->raw_open++;
    }
    core_request (world->core, seat->id, origin_of (index), tagged, count + 1, world->now);
}

void world_ask (world_t *world, unsigned seat, const char *text)
{
    frame_t frames[FUZZ_FRAMES_MAX];
    fuzz_escapes_t escapes = {.expand = expand, .arg = world};
    size_t count = fuzz_frames (&escapes, frame_str (text), frames);
    ask (world, seat, frames, count);
    fuzz_frames_free (frames, count);
}

/*  --- the disk --------------------------------------------------------------  */

/*  After a commit that failed the ledger is loaded again.                     */
static void load (world_t *world)
{
    if (!core_loads (world->core))
        return;
    store_loader_t loader = core_loader (world->core);
    core_loaded (world->core, store_load (world->store, &loader), world->now);
}

static void take (world_t *world)
{
    if (world->n_flight)
        return;
    size_t count = 0;
    while (core_take (world->core, &world->flight, &count) && !count)
        core_committed (world->core, ZCHAT_OK, world->now);
    world->n_flight = count;
    judge_flight (world, world->flight, world->n_flight);
}

/*  What is on its way gets to the disk; readers see it, the core knows nothing of it yet. */
static void put (world_t *world)
{
    take (world);
    if (world->n_flight && !world->stored)
        fuzz_check (store_append (world->store, world->flight, world->n_flight) == ZCHAT_OK);
    world->stored = world->n_flight > 0;
}

/*  The core is told of it, or that it failed, where it is not there already.  */
static void land (world_t *world, bool fails)
{
    take (world);
    if (!world->n_flight)
        return;
    fails = fails && !world->stored;
    store_memory_fail (world->store, fails);
    zchat_status_t status =
        world->stored ? ZCHAT_OK : store_append (world->store, world->flight, world->n_flight);
    store_memory_fail (world->store, false);
    fuzz_check (status == (fails ? ZCHAT_STORAGE : ZCHAT_OK));
    if (!fails)
        judge_landed (world);
    world->n_flight = 0;
    world->stored = false;
    core_committed (world->core, status, world->now);
    load (world);
}

void world_land (world_t *world)
{
    take (world);
    for (size_t i = 0; world->n_flight; i++) {
        land (world, false);
        fuzz_check (i < 100000);
        take (world);
    }
    /*  Calls that look at a message wait for their page, and others behind them.  */
    fuzz_check (core_idle (world->core) || world->n_reads);
}

static void read_done (world_t *world, zchat_status_t status)
{
    store_reader_t *reader = NULL;
    store_page_t *page = NULL;
    if (search_answer_all (world) || !world->n_reads)
        return;
    uint64_t id = world->read_ids[0];
    fuzz_check (store_reader_new (world->store, &reader) == ZCHAT_OK);
    if (status == ZCHAT_OK)
        fuzz_check (store_read (reader, &world->reads[0], &page) == ZCHAT_OK);
    store_reader_destroy (&reader);
    world->n_reads--;
    memmove (world->read_ids, world->read_ids + 1, world->n_reads * sizeof *world->read_ids);
    memmove (world->reads, world->reads + 1, world->n_reads * sizeof *world->reads);
    core_read_done (world->core, id, status, page);
    store_page_destroy (&page);
}

static void trim (world_t *world, uint64_t bytes, uint64_t age_ms)
{
    store_retain_t retain = {.bytes = bytes, .age_ms = age_ms};
    store_trimmed_t trimmed;
    /*  The shell tells what its storage did in the order in which it did it.  */
    if (world->stored)
        land (world, false);
    fuzz_check (store_trim (world->store, &retain, world->now.wall_ms, &trimmed) == ZCHAT_OK);
    if (trimmed.room)
        core_trimmed (world->core, trimmed.room, trimmed.first);
}

static void restart (world_t *world, bool stored)
{
    if (stored)
        put (world);
    if (world->stored)
        judge_landed (world);
    world->stored = false;
    world->n_flight = world->n_reads = world->n_searches = 0;
    for (unsigned i = 0; i < SEATS; i++) {
        seat_t *seat = &world->seats[i];
        seat->life += seat->id != 0;
        seat->id = 0;
        seat->raw_open = seat->n_mails = 0;
    }
    core_destroy (&world->core);
    world->closed = false;
    judge_restart (world);
    core_start (world);
}

/*  --- time ------------------------------------------------------------------  */

static void pass (world_t *world, uint64_t ms)
{
    world->now.mono_ms += ms;
    world->now.wall_ms += ms;
    core_tick (world->core, world->now);
    if (!world->n_flight && core_deadline_ms (world->core) <= world->now.mono_ms) {
        /*  A probe is due, which the shell takes at once.                     */
        const store_record_t *records;
        size_t count = 1;
        fuzz_check (core_take (world->core, &records, &count) && !count);
        core_committed (world->core, ZCHAT_OK, world->now);
    }
    fuzz_check (core_deadline_ms (world->core) > world->now.mono_ms);
}

static void jump (world_t *world, frame_t text)
{
    enum { FAR = 1 << 30 };
    const char *bytes = text.data;
    bool back = text.size && *bytes == '-';
    uint64_t ms =
        fuzz_number (back ? frame_of (bytes + 1, text.size - 1) : text, (uint64_t)FAR << 10);
    uint64_t wall = world->now.wall_ms;
    world->jumped = true;
    world->now.wall_ms = !back ? wall + ms : ms < wall ? wall - ms : 0;
    if (world->now.wall_ms > (uint64_t)FAR << 22)
        world->now.wall_ms = wall;
}

/*  --- steps -----------------------------------------------------------------  */

static void crowd_comes (world_t *world, const frame_t *frames, size_t count)
{
    size_t many = (size_t)fuzz_number (frames[0], CROWD);
    for (unsigned i = 0; i < many && count > 1; i++) {
        char name[16];
        snprintf (name, sizeof name, "crowd%u", i);
        const frame_t hello[] = {frame_str ("HELLO"), frame_str (name)};
        const frame_t join[] = {frame_str ("JOIN"), frame_str (name), frames[1]};
        ask (world, SEAT_CROWD + i, hello, 2);
        ask (world, SEAT_CROWD + i, join, 3);
        judge_settled (world);
    }
}

/*  Steps with frames: those of somebody who sends something.                  */
static void step_said (world_t *world, char what, frame_t rest)
{
    frame_t frames[FUZZ_FRAMES_MAX];
    const char *bytes = rest.data;
    unsigned seat = (unsigned)(what - '0');
    if (what == '=' || what == '!') {
        if (!rest.size || *bytes < '0' || *bytes > '9')
            return;
        seat = (unsigned)(*bytes - '0');
        rest = frame_of (bytes + 1, rest.size - 1);
    }
    size_t count = fuzz_frames (&world->escapes, rest, frames);
    bool allowed = !spells_secret (frames, count);
    if (allowed && what == '+')
        crowd_comes (world, frames, count);
    else if (allowed && (what == '=' || what == '!'))
        raw (world, seat, frames, count, what == '!');
    else if (allowed)
        ask (world, seat, frames, count);
    fuzz_frames_free (frames, count);
}

static void step_disk (world_t *world, char what, frame_t rest)
{
    switch (what) {
    case 'c':
        world_land (world);
        break;
    case 't':
        take (world);
        break;
    case 's':
        put (world);
        break;
    case 'l':
        land (world, false);
        break;
    case 'f':
        land (world, true);
        break;
    case 'r':
        read_done (world, ZCHAT_OK);
        break;
    case 'R':
        read_done (world, ZCHAT_STORAGE);
        break;
    case 'x':
        trim (world, fuzz_number (rest, UINT32_MAX), 0);
        break;
    case 'a':
        trim (world, 0, fuzz_number (rest, UINT32_MAX));
        break;
    case 'X':
    case 'Y':
        restart (world, what == 'Y');
        break;
    default:
        break;
    }
}

static void step (world_t *world, frame_t line)
{
    const char *bytes = line.data;
    frame_t rest = frame_of (bytes + 1, line.size - 1);
    char what = *bytes;
    if ((what >= '0' && what <= '9') || what == '=' || what == '!' || what == '+')
        step_said (world, what, rest);
    else if (what == '-' && rest.size && bytes[1] >= '0' && bytes[1] <= '9')
        world_gone (world, (unsigned)(bytes[1] - '0'));
    else if (what == '~')
        for (unsigned i = 0; i < CROWD; i++)
            world_gone (world, SEAT_CROWD + i);
    else if (what == 'w')
        pass (world, fuzz_number (rest, 1u << 31));
    else if (what == 'j')
        jump (world, rest);
    else if (what == 'z') {
        core_close (world->core, world->now);
        world->closed = true;
    } else if (what == 'o')
        outsider_looks (world);
    else
        step_disk (world, what, rest);
    judge_settled (world);
}

/*  --- the end ---------------------------------------------------------------  */

static void everybody_leaves (world_t *world)
{
    for (unsigned i = 0; i < SEATS; i++)
        world_gone (world, i);
    pass (world, ZCHAT_NAME_GRACE_MS + ZCHAT_PRESENCE_MERGE_MS);
    world_land (world); /* that producers were forgotten for their age is stored */
    core_stats_t stats = core_stats (world->core);
    judge_settled (world);
    fuzz_check (stats.peers == 0 && stats.sessions == 0 && stats.members == 0);
    fuzz_check (stats.held == 0 && stats.reads == 0);
}

static void finish (world_t *world)
{
    world_land (world);
    while (world->n_reads || world->n_searches) {
        read_done (world, ZCHAT_OK);
        world_land (world); /* what was read may lead to something stored: REMOVE, EDIT */
    }
    fuzz_check (core_idle (world->core));
    judge_answered (world);
    if (world->closed)
        restart (world, false);
    everybody_leaves (world);
    pass (world, 600000); /* whatever quotas had been used up is back */
    world_land (world);   /* rooms that nobody missed may have ended */
    outsider_looks (world);
    char *before = prober_asks (world);
    everybody_leaves (world);
    core_stats_t stats = core_stats (world->core);
    restart (world, false);
    char *after = prober_asks (world);
    if (strcmp (before, after) != 0) {
        fuzz_say ("before", frame_str (before));
        fuzz_say ("after", frame_str (after));
    }
    fuzz_check (strcmp (before, after) == 0);
    everybody_leaves (world);
    fuzz_check (world->jumped || core_stats (world->core).rooms == stats.rooms);
    fuzz_check (world->jumped || core_stats (world->core).producers == stats.producers);
    free (before);
    free (after);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    frame_t text = frame_of (data, size), line;
    world_t *world = world_new (size && *data == 'q');
    while (fuzz_line (&text, &line))
        if (line.size)
            step (world, line);
    finish (world);
    world_free (world);
    return 0;
}
