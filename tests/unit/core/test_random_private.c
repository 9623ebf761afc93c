/*  test_random_private.c - thousands of requests for private rooms, mailboxes and moderation

    As test_random.c, with names that are proven and commits that fail. The house itself checks
    that what is pushed goes to members alone, in their form, and that no seq is missing or
    double; here it is checked that
    - a request is answered once, an OK with a seq stands there, and an ERR stands nowhere;
    - HISTORY of a private room is read by its members alone, and of a mailbox by its owner;
    - whenever nothing is under way, a core over the same log knows the same of every room: its
      modes, operators, members, bans, mutes; and in the end heads, topics, roles and mailboxes.
*/
#include "stage_private.h"
#include <time.h>

enum { STEPS = 12000, PEERS = 24, USERS = 8, GUESTS = 2, ROOMS = 8, PRIVATE = 5, PRODUCERS = 6 };
enum { ASKER = 50 }; /* the first peer that is none of the world's              */

typedef struct {
    core_peer_t peer;
    unsigned life;       /* of the peer, when it asked                          */
    bool answered;       /*                                                     */
    bool refused;        /* by an ERR                                           */
    bool again;          /* with a producer: it may be a duplicate              */
    uint64_t seq;        /* where it stands; 0: nowhere                         */
    const char *history; /* of that room                                        */
} asked_t;

typedef struct {
    house_t *house;
    uint64_t random;
    asked_t *asked;
    size_t n_asked;
    unsigned life[PEERS + 1];
    size_t user_of[PEERS + 1]; /* 0: none; above USERS: not proven              */
    uint64_t given[PRODUCERS];
    size_t n_ok, n_storage, n_private, n_duplicate, n_compared, n_history;
} world_t;

static const char *const rooms[ROOMS] = {"p0", "p1", "p2", "p3", "p4", "h0", "h1", "h2"};

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

static void user_name (char name[16], size_t user)
{
    snprintf (name, 16, user > USERS ? "g%zu" : "u%zu", user);
}

/*  A key has two names. A connection has one key for good, or none.           */
static unsigned key_of_user (size_t user)
{
    return user > USERS ? 0 : (unsigned)(11 + (user - 1) / 2);
}

static size_t pick_user (world_t *world, core_peer_t peer)
{
    if (peer % 6 == 0)
        return USERS + 1 + roll (world, GUESTS);
    return 2 * (peer % (USERS / 2)) + 1 + roll (world, 2);
}

/*  --- what is heard ---------------------------------------------------------  */

/*  An event of HISTORY.                                                       */
static void heard_event (world_t *world, core_peer_t peer, const asked_t *asked)
{
    house_t *house = world->house;
    assert_non_null (asked->history);
    world->n_history++;
    if (asked->history[0] == '@')
        return;
    const house_room_t *room = house_room (house, frame_str (asked->history));
    uint64_t bit = UINT64_C (1) << house->owners[peer];
    if (room->is_private)
        assert_true (house->owners[peer] && (room->members & bit));
}

static void heard_ok (world_t *world, const asked_t *asked, const json_t *json)
{
    const json_t *seq = json_object_get (json, "seq");
    if (seq) {
        world->n_ok++;
        assert_int_equal (json_integer_value (seq), asked->seq);
    }
    if (json_object_get (json, "duplicate")) {
        assert_true (asked->again);
        world->n_duplicate++;
    }
}

static void heard (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    world_t *world = arg;
    char tag[ZCHAT_TAG_MAX + 1] = "";
    if (!frames[1].size || peer >= ASKER)
        return;
    memcpy (tag, frames[1].data, frames[1].size);
    size_t index = strtoul (tag, NULL, 10);
    assert_true (index < world->n_asked);
    asked_t *asked = &world->asked[index];
    assert_int_equal (asked->peer, peer);
    assert_int_equal (asked->life, world->life[peer]);
    assert_false (asked->answered);
    if (frame_is (frames[0], "EVENT")) {
        heard_event (world, peer, asked);
        return;
    }
    asked->answered = true;
    json_t *json = stage_json (frames[2]);
    const char *code = json_string_value (json_object_get (json, "code"));
    asked->refused = code != NULL;
    world->n_storage += code && !strcmp (code, "storage");
    world->n_private += code && !strcmp (code, "private");
    if (code)
        assert_int_equal (asked->seq, 0);
    else
        heard_ok (world, asked, json);
    json_decref (json);
}

/*  --- what is asked ---------------------------------------------------------  */

static asked_t *ask_new (world_t *world, core_peer_t peer)
{
    if (world->n_asked % 1024 == 0)
        world->asked = memory_grow (world->asked, (world->n_asked + 1024) * sizeof *world->asked);
    asked_t *asked = &world->asked[world->n_asked++];
    *asked = (asked_t){.peer = peer, .life = world->life[peer]};
    return asked;
}

/*  The next n of a producer as a rule, at times an old one.                   */
static void options (world_t *world, asked_t *asked, char text[96])
{
    unsigned producer = (unsigned)roll (world, PRODUCERS);
    text[0] = '\0';
    if (chance (world, 50))
        return;
    asked->again = true;
    uint64_t n = world->given[producer] + 1;
    if (n > 1 && chance (world, 30))
        n = 1 + roll (world, n);
    else if (chance (world, 5))
        n++;
    snprintf (text, 96, "|{\"producer\":\"%032x\",\"n\":%llu}", producer, (unsigned long long)n);
}

static void ask_hello (world_t *world, core_peer_t peer)
{
    house_t *house = world->house;
    size_t tag = world->n_asked;
    char user[16];
    (void)ask_new (world, peer);
    if (!world->user_of[peer])
        world->user_of[peer] = pick_user (world, peer);
    user_name (user, world->user_of[peer]);
    house_key (house, peer, key_of_user (world->user_of[peer]));
    house_askf (house, peer, "HELLO|%zu|%s|{\"form\":\"%s\"}", tag, user,
                chance (world, 40) ? "pack" : "events");
}

static void ask_mode (world_t *world, core_peer_t peer, const char *user, const char *room,
                      const char *other)
{
    static const char *const sets[] = {"op",   "deop", "ban",    "ban",  "unban",  "unban",
                                       "mute", "mute", "unmute", "lock", "unlock", "op"};
    static const char *const admins[] = {"close", "open", "open", "op"};
    size_t tag = world->n_asked;
    bool admin = chance (world, 10);
    (void)ask_new (world, peer);
    house_askf (world->house, peer,
                "MODE|%zu|%s|%s|{\"set\":\"%s\",\"user\":\"%s\",\"reason\":\"m%zu\"%s}", tag, user,
                room, admin ? admins[roll (world, 4)] : sets[roll (world, 12)], other, tag,
                chance (world, 50) ? ",\"for_ms\":2000" : "");
}

static void ask_history (world_t *world, core_peer_t peer, const char *user, const char *room)
{
    size_t tag = world->n_asked;
    ask_new (world, peer)->history = chance (world, 30) ? "@" : room;
    house_askf (world->house, peer, "HISTORY|%zu|%s|%s|{\"before\":%u,\"form\":\"%s\",\"limit\":9}",
                tag, user, world->asked[tag].history, 1 + (unsigned)roll (world, 200),
                chance (world, 50) ? "events" : "pack");
}

static void ask_bye (world_t *world, core_peer_t peer, const char *user)
{
    size_t tag = world->n_asked;
    (void)ask_new (world, peer);
    house_askf (world->house, peer, "BYE|%zu|%s", tag, user);
    if (!world->asked[tag].refused)
        world->user_of[peer] = 0;
}

/*  Who is invited comes in at once, before it is known whether that stands.   */
static void ask_join (world_t *world, size_t whom, const char *room)
{
    char user[16];
    for (core_peer_t peer = 1; peer <= PEERS; peer++)
        if (world->user_of[peer] == whom) {
            size_t tag = world->n_asked;
            (void)ask_new (world, peer);
            user_name (user, whom);
            house_askf (world->house, peer, "JOIN|%zu|%s|%s", tag, user, room);
            return;
        }
}

static void ask_room (world_t *world, core_peer_t peer, const char *user, size_t at)
{
    house_t *house = world->house;
    const char *room = rooms[at];
    unsigned verb = (unsigned)roll (world, 100);
    size_t tag = world->n_asked;
    char other[16], more[96];
    size_t whom = 1 + roll (world, USERS + GUESTS);
    user_name (other, whom);
    if (verb < 8) {
        ask_history (world, peer, user, room);
        return;
    }
    if (verb < 18) {
        ask_mode (world, peer, user, room, other);
        return;
    }
    asked_t *asked = ask_new (world, peer);
    options (world, asked, more);
    if (verb < 38)
        house_askf (house, peer, "SAY|%zu|%s|%s|m%zu%s", tag, user, room, tag, more);
    else if (verb < 50)
        house_askf (house, peer, "TELL|%zu|%s|%s|m%zu%s", tag, user, other, tag, more);
    else if (verb < 65)
        house_askf (house, peer, "JOIN|%zu|%s|%s%s", tag, user, chance (world, 20) ? "@" : room,
                    at < PRIVATE ? "|{\"private\":true}" : "");
    else if (verb < 68)
        house_askf (house, peer, "PART|%zu|%s|%s", tag, user, chance (world, 10) ? "@" : room);
    else if (verb < 80) {
        house_askf (house, peer, "INVITE|%zu|%s|%s|%s|m%zu", tag, user, room, other, tag);
        if (chance (world, 50))
            ask_join (world, whom, room);
    } else if (verb < 87)
        house_askf (house, peer, "KICK|%zu|%s|%s|%s|m%zu", tag, user, room,
                    chance (world, 10) ? user : other, tag);
    else if (verb < 90)
        house_askf (house, peer, "TOPIC|%zu|%s|%s|m%zu", tag, user, room, tag);
    else if (verb < 92)
        house_askf (house, peer, "REMOVE|%zu|%s|%s|%u|m%zu", tag, user, room,
                    1 + (unsigned)roll (world, 60), tag);
    else if (verb < 95)
        house_askf (house, peer, "EDIT|%zu|%s|%s|%u|m%zu%s", tag, user, room,
                    1 + (unsigned)roll (world, 60), tag, more);
    else if (verb < 97)
        house_askf (house, peer, "REACT|%zu|%s|%s|%u|m%zu", tag, user, room,
                    1 + (unsigned)roll (world, 60), tag);
    else if (verb < 98)
        house_askf (house, peer, "WHO|%zu|%s|%s", tag, user, room);
    else
        house_askf (house, peer, "PING|%zu|%s", tag, user);
}

static void ask (world_t *world)
{
    core_peer_t peer = 1 + roll (world, PEERS);
    char user[16];
    if (!world->user_of[peer] || chance (world, 4)) {
        ask_hello (world, peer);
        return;
    }
    user_name (user, world->user_of[peer]);
    if (chance (world, 2))
        ask_bye (world, peer, user);
    else
        ask_room (world, peer, user, roll (world, ROOMS));
}

/*  --- what happens ----------------------------------------------------------  */

static void known (world_t *world, const store_record_t *record)
{
    char body[32] = "";
    if (record->event.type == ZCHAT_TYPE_NONE)
        return;
    if (record->has_producer) {
        unsigned producer = record->producer[ZCHAT_PRODUCER_SIZE - 1];
        assert_int_equal (record->n, ++world->given[producer]);
    }
    assert_true (record->event.body.size < sizeof body);
    if (!record->event.body.size)
        return;
    memcpy (body, record->event.body.data, record->event.body.size);
    assert_int_equal (body[0], 'm');
    size_t index = strtoul (body + 1, NULL, 10);
    assert_true (index < world->n_asked);
    assert_false (world->asked[index].refused);
    /*  The second of two is in somebody's mailbox.                            */
    if (world->asked[index].seq)
        assert_int_equal (*(const char *)record->room_name.data, '@');
    else
        world->asked[index].seq = record->event.seq;
}

static void land (world_t *world)
{
    stage_t *stage = &world->house->stage;
    if (!stage->n_records && !house_take (world->house))
        return;
    for (size_t i = 0; i < stage->n_records; i++)
        known (world, &stage->records[i]);
    house_land (world->house);
}

static void fail_commit (world_t *world)
{
    if (!world->house->stage.n_records && !house_take (world->house))
        return;
    stage_fail (&world->house->stage);
}

static void gone (world_t *world, core_peer_t peer)
{
    world->life[peer]++;
    world->user_of[peer] = 0;
    house_gone (world->house, peer);
}

/*  --- another core over the same log ----------------------------------------  */

static int compare (const void *a, const void *b)
{
    return strcmp (*(char *const *)a, *(char *const *)b);
}

/*  The reply with its lists in an order that does not matter.                 */
static void write_sorted (FILE *out, const char *line)
{
    const char *text = strchr (line, '{');
    json_t *json = text ? stage_json (frame_str (text)) : NULL;
    const char *key;
    json_t *value;
    fprintf (out, "%.*s\n", text ? (int)(text - line) : 0, line);
    json_object_foreach (json, key, value)
    {
        char *words[64];
        size_t count = json_array_size (value);
        assert_true (count < 64);
        for (size_t i = 0; i < count; i++)
            words[i] = json_dumps (json_array_get (value, i), JSON_SORT_KEYS | JSON_ENCODE_ANY);
        qsort (words, count, sizeof *words, compare);
        char *all = json_dumps (value, JSON_ENCODE_ANY);
        fprintf (out, "  %s %s\n", key, json_is_array (value) ? "" : all);
        free (all);
        for (size_t i = 0; i < count; i++) {
            fprintf (out, "    %s\n", words[i]);
            free (words[i]);
        }
    }
    json_decref (json);
}

/*  The replies to what was just asked, without what was pushed meanwhile.     */
static void write_replies (house_t *house, FILE *out)
{
    for (size_t i = 0; i < house->stage.n_lines; i++)
        if (!strstr (house->stage.lines[i], "EVENT|") && house->stage.lines[i][0] != 'f')
            write_sorted (out, house->stage.lines[i]);
    stage_skip (&house->stage);
}

/*  What the core on stage knows: modes of rooms; all: also what each user finds.  */
static char *knowledge (house_t *house, bool all)
{
    char *text = NULL, user[16];
    size_t size = 0;
    FILE *out = open_memstream (&text, &size);
    house->stage.quiet = false;
    house_key (house, ASKER, HOUSE_ADMIN);
    house_ask (house, ASKER, "HELLO|h|adm");
    stage_skip (&house->stage);
    house->owners[ASKER] = house_owner (house, "adm");
    for (size_t i = 0; i < ROOMS; i++)
        house_askf (house, ASKER, "MODE|m|adm|%s", rooms[i]);
    write_replies (house, out);
    for (size_t i = 1; all && i <= USERS; i++) {
        core_peer_t peer = ASKER + i;
        user_name (user, i);
        house_key (house, peer, key_of_user (i));
        house_askf (house, peer, "HELLO|h|%s", user);
        stage_skip (&house->stage);
        house->owners[peer] = house_owner (house, user);
        house_askf (house, peer, "KEYS|k|%s", user);
        for (size_t j = 0; j < ROOMS; j++)
            house_askf (house, peer, "JOIN|j|%s|%s", user, rooms[j]);
        house_askf (house, peer, "JOIN|j|%s|@", user);
        write_replies (house, out);
        house_askf (house, peer, "BYE|b|%s", user);
        stage_skip (&house->stage);
        house_gone (house, peer);
    }
    house_ask (house, ASKER, "BYE|b|adm");
    house_gone (house, ASKER);
    stage_skip (&house->stage);
    house->stage.quiet = true;
    fclose (out);
    return text;
}

static void agree (world_t *world, bool all)
{
    house_t *house = world->house;
    core_t *running = house->stage.core;
    assert_true (core_idle (running));
    char *is = knowledge (house, all);
    house->stage.core = house_core (house);
    char *loaded = knowledge (house, all);
    core_destroy (&house->stage.core);
    house->stage.core = running;
    assert_string_equal (is, loaded);
    free (is);
    free (loaded);
    world->n_compared++;
}

static void step (world_t *world)
{
    stage_t *stage = &world->house->stage;
    unsigned what = (unsigned)roll (world, 1000);
    if (what < 880)
        ask (world);
    else if (what < 900) {
        if (!stage->n_records)
            (void)house_take (world->house);
    } else if (what < 940)
        land (world);
    else if (what < 955)
        fail_commit (world);
    else if (what < 962)
        gone (world, 1 + roll (world, PEERS));
    else if (what < 970)
        stage_wait (stage, roll (world, 1500));
    else if (what < 995) {
        if (stage->n_reads)
            stage_read_done (stage, chance (world, 95) ? ZCHAT_OK : ZCHAT_STORAGE);
    } else {
        land (world);
        land (world);
        if (core_idle (stage->core))
            agree (world, false);
    }
}

static void finish (world_t *world)
{
    house_t *house = world->house;
    stage_t *stage = &house->stage;
    while (stage->n_reads || !core_idle (stage->core)) {
        while (stage->n_reads)
            stage_read (stage);
        land (world);
    }
    for (size_t i = 0; i < world->n_asked; i++) {
        const asked_t *asked = &world->asked[i];
        assert_true (asked->answered || asked->life != world->life[asked->peer]);
        assert_false (asked->refused && asked->seq);
    }
    for (core_peer_t peer = 1; peer <= PEERS; peer++)
        gone (world, peer);
    stage_wait (stage, ZCHAT_NAME_GRACE_MS);
    core_stats_t stats = core_stats (stage->core);
    assert_int_equal (stats.sessions, 0);
    assert_int_equal (stats.members, 0);
    assert_int_equal (stats.held_bytes, 0);
    assert_int_equal (stats.reads, 0);
    agree (world, true);
}

static void play (uint64_t seed)
{
    world_t *world = memory_zero (sizeof *world);
    house_t *house = world->house = house_new ();
    char user[16];
    world->random = seed;
    house->unbounded = true;
    house_restart (house);
    house_hello (house, ASKER, HOUSE_ADMIN, "adm", NULL);
    house_gone (house, ASKER);
    for (size_t i = 1; i <= USERS; i++) {
        user_name (user, i);
        house_hello (house, ASKER + i, key_of_user (i), user, NULL);
        house_gone (house, ASKER + i);
    }
    house->stage.quiet = true;
    house->stage.heard = heard;
    house->stage.arg = world;
    for (int i = 0; i < STEPS; i++)
        step (world);
    finish (world);
    print_message ("ok %zu, pushed %zu, history %zu, private %zu, duplicates %zu, storage %zu, "
                   "compared %zu\n",
                   world->n_ok, house->n_pushed, world->n_history, world->n_private,
                   world->n_duplicate, world->n_storage, world->n_compared);
    assert_true (world->n_ok && house->n_pushed && world->n_history && world->n_private &&
                 world->n_duplicate && world->n_storage && world->n_compared);
    house_destroy (house);
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
