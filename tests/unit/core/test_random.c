/*  test_random.c - thousands of requests, failures and clock jumps, against a model

    The seed is printed; ZCHAT_TEST_SEED=n plays that run again. What must hold:
    - a request is answered once, and only to the connection that asked;
    - OK with a seq: the message stands there, committed; ERR: it never stands anywhere;
    - a producer's messages are committed 1, 2, 3, each once; a duplicate is called one
      only when its original is committed; a gap names the n that is next;
    - replies that wait for the disk keep the order of their requests;
    - the counts agree with each other; in the end nothing is left over; and a core over
      the same log knows the same.
    The stage itself checks seqs, packs, and that nothing is told before its commit.
*/
#include "stage.h"
#include <time.h>

enum { STEPS = 25000, PEERS = 150, USERS = 130, ROOMS = 9, PRODUCERS = 12, SECRET = 64 };

typedef struct {
    core_peer_t peer;
    unsigned life;     /* of the peer, when it asked                            */
    bool answered;     /*                                                       */
    bool refused;      /* by an ERR                                             */
    bool has_producer; /*                                                       */
    unsigned producer; /*                                                       */
    uint64_t n;        /*                                                       */
    uint64_t seq;      /* where its message stands; 0: nowhere                  */
} asked_t;

typedef struct {
    stage_t *stage;
    uint64_t random;
    asked_t *asked; /* by tag                                                  */
    size_t n_asked;
    unsigned life[PEERS + 1];
    size_t last_held[PEERS + 1];         /* tag of the last reply that had waited        */
    uint64_t committed[PRODUCERS];       /* last n on disk                               */
    uint64_t given[PRODUCERS];           /* last n on disk or on its way                 */
    char secrets[USERS + 1][SECRET + 1]; /* of the last HELLO                            */
    size_t user_of[PEERS + 1];           /* whom a peer claims to be                     */
    const store_record_t *flight;        /*                                              */
    size_t n_flight;                     /*                                              */
    size_t n_ok, n_duplicate, n_gap, n_storage, n_slow,
        n_resumed; /* seen: the test must meet them */
} world_t;

static uint64_t roll (world_t *world, uint64_t below)
{
    uint64_t z = (world->random += UINT64_C (0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

static bool chance (world_t *world, unsigned percent)
{
    return roll (world, 100) < percent;
}

/*  --- what is heard ---------------------------------------------------------  */

static void heard_err (world_t *world, asked_t *asked, const json_t *json)
{
    const char *code = json_string_value (json_object_get (json, "code"));
    assert_non_null (code);
    assert_true (json_is_string (json_object_get (json, "text")));
    asked->refused = true;
    world->n_storage += !strcmp (code, "storage");
    world->n_slow += !strcmp (code, "slow");
    if (strcmp (code, "gap") != 0)
        return;
    world->n_gap++;
    uint64_t expected = (uint64_t)json_integer_value (json_object_get (json, "expected"));
    assert_true (asked->has_producer && expected < asked->n);
    assert_true (expected <= world->committed[asked->producer] + 1);
}

static void heard_ok (world_t *world, asked_t *asked, const json_t *json)
{
    const json_t *seq = json_object_get (json, "seq");
    if (seq) {
        world->n_ok++;
        assert_true (asked->seq > 0);
        assert_int_equal (json_integer_value (seq), asked->seq);
    }
    if (json_object_get (json, "duplicate")) {
        world->n_duplicate++;
        assert_true (asked->has_producer);
        assert_true (asked->n <= world->committed[asked->producer]);
    }
    const char *secret = json_string_value (json_object_get (json, "session"));
    if (secret) {
        assert_int_equal (strlen (secret), SECRET);
        memcpy (world->secrets[world->user_of[asked->peer]], secret, SECRET + 1);
    }
    world->n_resumed += json_is_true (json_object_get (json, "resumed"));
}

static void heard (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    world_t *world = arg;
    char tag[ZCHAT_TAG_MAX + 1] = "";
    if (!frames[1].size)
        return; /* garbage was answered */
    memcpy (tag, frames[1].data, frames[1].size);
    size_t index = strtoul (tag, NULL, 10);
    assert_true (index < world->n_asked);
    asked_t *asked = &world->asked[index];
    assert_int_equal (asked->peer, peer);
    assert_int_equal (asked->life, world->life[peer]);
    assert_false (asked->answered);
    if (frame_is (frames[0], "EVENT"))
        return;
    asked->answered = true;
    json_t *json = stage_json (frames[2]);
    if (frame_is (frames[0], "ERR"))
        heard_err (world, asked, json);
    else
        heard_ok (world, asked, json);
    const char *code = json_string_value (json_object_get (json, "code"));
    if (json_object_get (json, "seq") || json_object_get (json, "duplicate") ||
        (code && (!strcmp (code, "gap") || !strcmp (code, "storage")) && asked->has_producer)) {
        assert_true (world->last_held[peer] <= index);
        world->last_held[peer] = index;
    }
    json_decref (json);
}

/*  --- what is asked ---------------------------------------------------------  */

static const char *const rooms[ROOMS] = {
    "big", "Big", "dev", "\xd1\x81\xd0\xbe\xd1\x80", "cop", "r1", "r2", "r3", "no room"};

/*  One of a few rooms, or of many in which seldom anything is said.           */
static const char *pick_room (world_t *world, char name[16])
{
    if (chance (world, 70))
        return rooms[roll (world, ROOMS)];
    snprintf (name, 16, "x%u", (unsigned)roll (world, 600));
    return name;
}

static asked_t *ask_new (world_t *world, core_peer_t peer)
{
    if (world->n_asked % 1024 == 0)
        world->asked = memory_grow (world->asked, (world->n_asked + 1024) * sizeof *world->asked);
    asked_t *asked = &world->asked[world->n_asked++];
    *asked = (asked_t){.peer = peer, .life = world->life[peer]};
    return asked;
}

/*  The next n of a producer as a rule; at times an old one, or a hole.        */
static uint64_t pick_n (world_t *world, unsigned producer)
{
    uint64_t given = world->given[producer];
    if (chance (world, 70))
        return given + 1;
    if (chance (world, 50))
        return given + 2 + roll (world, 5);
    return 1 + roll (world, given + 1);
}

static void ask_say (world_t *world, core_peer_t peer, const char *user)
{
    static const char *const options[] = {
        "",          "|{\"type\":\"action\"}",   "|{\"data\":{\"a\":[1]}}",
        "|",         "|{\"type\":\"nonsense\"}", "|{",
        "|{\"n\":0}"};
    size_t tag = world->n_asked;
    asked_t *asked = ask_new (world, peer);
    char name[16];
    const char *room = pick_room (world, name);
    if (chance (world, 40)) {
        const char *more = options[roll (world, 7)];
        const char *body = chance (world, 95) ? "m" : "";
        if (*body)
            stage_askf (world->stage, peer, "SAY|%zu|%s|%s|m%zu%s", tag, user, room, tag, more);
        else
            stage_askf (world->stage, peer, "SAY|%zu|%s|%s|%s", tag, user, room, more);
        return;
    }
    asked->has_producer = true;
    asked->producer = (unsigned)roll (world, PRODUCERS);
    asked->n = pick_n (world, asked->producer);
    stage_askf (world->stage, peer, "SAY|%zu|%s|%s|m%zu|{\"producer\":\"%032x\",\"n\":%llu}", tag,
                user, room, tag, asked->producer, (unsigned long long)asked->n);
    /*  held: in order, as it seems; see land                                  */
    if (!asked->answered && asked->n == world->given[asked->producer] + 1)
        world->given[asked->producer]++;
}

static void ask_garbage (world_t *world, core_peer_t peer)
{
    static const char *const words[] = {"", "SAY", "JOIN", "HELLO", "x", "\xff", "{}", "9", "PING"};
    frame_t frames[STAGE_FRAMES_MAX];
    size_t count = roll (world, STAGE_FRAMES_MAX);
    for (size_t i = 0; i < count; i++)
        frames[i] = frame_str (words[roll (world, 9)]);
    /*  without a tag: it would have to be a number                            */
    if (count > 1)
        frames[frames[0].size ? 1 : 2] = frame_of (NULL, 0);
    stage_request (world->stage, peer, frames, count);
}

static void ask (world_t *world)
{
    core_peer_t peer = 1 + roll (world, chance (world, 20) ? 3 : PEERS);
    stage_t *stage = world->stage;
    size_t *who = &world->user_of[peer];
    if (!*who || chance (world, 2))
        *who = 1 + roll (world, USERS);
    char user[16];
    snprintf (user, sizeof user, chance (world, 90) ? "u%zu" : "U%zu", *who);
    if (chance (world, 3))
        user[0] = '\0';
    char name[16];
    const char *room = pick_room (world, name);
    unsigned verb = (unsigned)roll (world, 100);
    size_t tag = world->n_asked;
    if (verb < 40) {
        ask_say (world, peer, user);
        return;
    }
    if (verb < 43) {
        ask_garbage (world, peer);
        return;
    }
    ask_new (world, peer);
    if (verb < 52)
        stage_askf (stage, peer, "HELLO|%zu|%s|{\"session\":\"%s\"}", tag, user,
                    world->secrets[*who]);
    else if (verb < 70)
        stage_askf (stage, peer, "JOIN|%zu|%s|%s", tag, user, chance (world, 70) ? "big" : room);
    else if (verb < 75)
        stage_askf (stage, peer, "PART|%zu|%s|%s", tag, user, room);
    else if (verb < 80)
        stage_askf (stage, peer, "TOPIC|%zu|%s|%s|m%zu", tag, user, room, tag);
    else if (verb < 84)
        stage_askf (stage, peer, "TOPIC|%zu|%s|%s", tag, user, room);
    else if (verb < 90)
        stage_askf (stage, peer, "HISTORY|%zu|%s|%s|{\"before\":%u,\"form\":\"%s\"}", tag, user,
                    room, (unsigned)roll (world, 50), chance (world, 50) ? "events" : "pack");
    else if (verb < 93)
        stage_askf (stage, peer, "WHO|%zu|%s|%s", tag, user, room);
    else if (verb < 97)
        stage_askf (stage, peer, "PING|%zu|%s", tag, user);
    else
        stage_askf (stage, peer, "%s|%zu|%s", chance (world, 50) ? "BYE" : "ROOMS", tag, user);
}

/*  --- what happens ----------------------------------------------------------  */

/*  What is on its way, given out by the core: known when it is taken.         */
static void take (world_t *world)
{
    if (!world->n_flight && stage_take (world->stage)) {
        world->flight = world->stage->records;
        world->n_flight = world->stage->n_records;
    }
}

static void land (world_t *world)
{
    take (world);
    if (!world->n_flight)
        return;
    for (size_t i = 0; i < world->n_flight; i++) {
        const store_record_t *record = &world->flight[i];
        char *body = memory_string (record->event.body.data, record->event.body.size);
        bool garbage = body[0] != 'm';
        size_t index = garbage ? 0 : strtoul (body + 1, NULL, 10);
        free (body);
        if (garbage)
            continue;
        assert_true (index < world->n_asked);
        asked_t *asked = &world->asked[index];
        assert_int_equal (asked->seq, 0);
        assert_false (asked->answered);
        asked->seq = record->event.seq;
        assert_int_equal (asked->has_producer, record->has_producer);
        if (!record->has_producer)
            continue;
        assert_int_equal (record->producer[ZCHAT_PRODUCER_SIZE - 1], asked->producer);
        assert_int_equal (record->n, asked->n);
        assert_int_equal (record->n, ++world->committed[asked->producer]);
    }
    world->n_flight = 0;
    stage_land (world->stage);
    if (core_idle (world->stage->core))
        memcpy (world->given, world->committed, sizeof world->given);
}

static void fail_commit (world_t *world)
{
    take (world);
    if (!world->n_flight)
        return;
    world->n_flight = 0;
    stage_fail (world->stage);
    assert_int_equal (core_stats (world->stage->core).held, 0);
    memcpy (world->given, world->committed, sizeof world->given);
}

static void gone (world_t *world, core_peer_t peer)
{
    world->life[peer]++;
    world->last_held[peer] = 0;
    world->user_of[peer] = 0;
    stage_gone (world->stage, peer);
}

static void pass (world_t *world)
{
    stage_t *stage = world->stage;
    if (chance (world, 10))
        stage->now.wall_ms = 1000 + roll (world, 100000000);
    stage_wait (stage, roll (world, 1500));
}

/*  The counts of the core agree with what it tells.                           */
static void check (world_t *world)
{
    stage_t *stage = world->stage;
    core_stats_t stats = core_stats (stage->core);
    assert_true (stats.peers <= PEERS);
    assert_true (stats.sessions <= USERS);
    assert_true (stats.producers <= PRODUCERS);
    assert_int_equal (core_idle (stage->core), stats.held == 0);
    assert_int_equal (stats.held == 0, stats.held_bytes == 0);
    assert_int_equal (stats.reads, stage->n_reads);
    stage->heard = NULL;
    stage->quiet = false;
    stage_ask (stage, PEERS + 1, "ROOMS|t|");
    stage->quiet = true;
    stage->heard = heard;
    assert_int_equal (stage->n_lines, 1);
    json_t *json = stage_json (frame_str (strchr (stage->lines[0], '{')));
    size_t i, members = 0;
    json_t *room;
    json_array_foreach (json_object_get (json, "rooms"), i, room)
    {
        members += (size_t)json_integer_value (json_object_get (room, "members"));
        /*  a room is there for a reason: a message, a member, what is held, a merge */
        const char *name = json_string_value (json_object_get (room, "room"));
        assert_true (json_integer_value (json_object_get (room, "head")) ||
                     json_integer_value (json_object_get (room, "members")) || stats.held ||
                     !strcasecmp (name, "big"));
    }
    assert_int_equal (json_array_size (json_object_get (json, "rooms")), stats.rooms);
    assert_int_equal (members, stats.members);
    json_decref (json);
    stage_skip (stage);
    core_gone (stage->core, PEERS + 1, stage->now);
}

static void step (world_t *world)
{
    unsigned what = (unsigned)roll (world, 1000);
    if (what < 880)
        ask (world);
    else if (what < 905)
        take (world);
    else if (what < 935)
        land (world);
    else if (what < 942)
        fail_commit (world);
    else if (what < 957)
        gone (world, 1 + roll (world, PEERS));
    else if (what < 970)
        pass (world);
    else if (what < 999) {
        if (world->stage->n_reads && chance (world, 40))
            stage_read_done (world->stage, chance (world, 95) ? ZCHAT_OK : ZCHAT_STORAGE);
    } else
        check (world);
}

/*  --- the end ---------------------------------------------------------------  */

static char *rooms_told (world_t *world)
{
    stage_t *stage = world->stage;
    stage->heard = NULL;
    stage->quiet = false;
    stage_ask (stage, PEERS + 1, "ROOMS|t|");
    char *line = memory_string (stage->lines[0], strlen (stage->lines[0]));
    stage_skip (stage);
    core_gone (stage->core, PEERS + 1, stage->now);
    return line;
}

static void finish (world_t *world)
{
    stage_t *stage = world->stage;
    land (world);
    land (world);
    while (stage->n_reads)
        stage_read (stage);
    check (world);
    for (size_t i = 0; i < world->n_asked; i++) {
        const asked_t *asked = &world->asked[i];
        assert_true (asked->answered || asked->life != world->life[asked->peer]);
        assert_false (asked->refused && asked->seq);
    }
    for (core_peer_t peer = 1; peer <= PEERS; peer++)
        gone (world, peer);
    stage_wait (stage, ZCHAT_NAME_GRACE_MS);
    core_stats_t stats = core_stats (stage->core);
    assert_int_equal (stats.peers, 0);
    assert_int_equal (stats.sessions, 0);
    assert_int_equal (stats.members, 0);
    assert_int_equal (stats.held, 0);
    assert_int_equal (stats.held_bytes, 0);
    assert_int_equal (stats.reads, 0);
    char *before = rooms_told (world);
    stage_restart (stage);
    char *after = rooms_told (world);
    assert_int_equal (core_stats (stage->core).rooms, stats.rooms);
    assert_int_equal (core_stats (stage->core).producers, stats.producers);
    assert_int_equal (strlen (before), strlen (after));
    for (unsigned i = 0; i < PRODUCERS; i++) {
        stage_askf (stage, 1, "SAY|t|u1|r1|x|{\"producer\":\"%032x\",\"n\":%llu}", i,
                    (unsigned long long)world->committed[i] + 2);
        char pattern[64];
        snprintf (pattern, sizeof pattern, "1< ERR|t|*\"expected\":%llu}",
                  (unsigned long long)world->committed[i] + 1);
        stage_expect (stage, pattern);
    }
    free (before);
    free (after);
}

static void play (uint64_t seed)
{
    world_t *world = memory_zero (sizeof *world);
    world->random = seed;
    world->stage = stage_new ();
    world->stage->quiet = true;
    world->stage->heard = heard;
    world->stage->arg = world;
    for (int i = 0; i < STEPS; i++)
        step (world);
    finish (world);
    print_message ("ok %zu, duplicates %zu, gaps %zu, storage %zu, slow %zu, resumed %zu\n",
                   world->n_ok, world->n_duplicate, world->n_gap, world->n_storage, world->n_slow,
                   world->n_resumed);
    assert_true (world->n_ok && world->n_duplicate && world->n_gap && world->n_storage &&
                 world->n_resumed);
    stage_destroy (world->stage);
    free (world->asked);
    free (world);
}

static void test_a_random_run (void **state)
{
    const char *chosen = getenv ("ZCHAT_TEST_SEED");
    uint64_t seed = chosen ? strtoull (chosen, NULL, 10) : (uint64_t)time (NULL);
    print_message ("ZCHAT_TEST_SEED=%llu\n", (unsigned long long)seed);
    play (seed);
}

/*  And one that is the same every time.                                       */
static void test_a_fixed_run (void **state)
{
    play (1);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_fixed_run),
        cmocka_unit_test (test_a_random_run),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
