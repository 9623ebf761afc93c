/*  test_fold.c - the ledger is a function of the log

    Random logs are decided by a core, written down record by record, and folded again: at once, in
    pieces, and from what a store remembers of a part and the records behind it. All that is durable
    must come out alike.
*/
#include "ledger_fold.h"

enum { RECORDS_MAX = 6000, PEOPLE = 6, ROOMS = 5, ADMIN = 9 };

typedef struct {
    stage_t *stage;
    kept_t log[RECORDS_MAX];
    size_t count;
    uint64_t seed;
    uint64_t n[PEOPLE + 1]; /* last of each one's producer                     */
} world_t;

static unsigned dice (world_t *world, unsigned sides)
{
    world->seed = world->seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(world->seed >> 33) % sides;
}

static void keep (world_t *world, const store_record_t *record)
{
    assert_true (world->count < RECORDS_MAX);
    keep_record (&world->log[world->count++], record);
}

/*  --- a log -----------------------------------------------------------------  */

static void say_something (world_t *world, unsigned kind, unsigned who, unsigned room,
                           unsigned whom)
{
    stage_t *stage = world->stage;
    core_peer_t peer = who;
    switch (kind) {
    case 11:
        stage_askf (stage, peer, "EDIT|e|p%u|r%u|%u|y|{\"producer\":\"%032x\",\"n\":%u}", who, room,
                    1 + dice (world, 40), who * 100 + dice (world, 20), 1 + dice (world, 3));
        break;
    case 12:
        stage_askf (stage, peer, "%s|r|p%u|r%u|%u|z", dice (world, 3) ? "REACT" : "UNREACT", who,
                    room, 1 + dice (world, 40));
        break;
    case 14:
        stage_askf (stage, peer, "READ|r|p%u|r%u|%u", who, room, 1 + dice (world, 30));
        break;
    case 15:
        stage_askf (stage, peer, "READ|r|p%u|@|%u", who, 1 + dice (world, 9));
        break;
    case 16:
        stage_askf (stage, peer, "SAY|s|p%u|r%u|@p%u @P%u. @room", who, room, whom, who);
        break;
    default:
        stage_askf (stage, peer, "SAY|s|p%u|r%u|x|{\"producer\":\"%032x\",\"n\":%u}", who, room,
                    who * 100 + dice (world, 20), 1 + dice (world, 3));
        break;
    }
}

static void ask_something (world_t *world)
{
    static const char *const sets[] = {"op", "deop", "ban", "unban", "mute", "unmute", "lock"};
    static const char *const letters[] = {"ban", "unban", "allow", "unallow", "lock", "unlock"};
    stage_t *stage = world->stage;
    unsigned who = 1 + dice (world, PEOPLE), room = dice (world, ROOMS),
             whom = 1 + dice (world, PEOPLE);
    core_peer_t peer = who;
    unsigned kind = dice (world, 20);
    switch (kind) {
    case 0:
        stage_askf (stage, peer, "HELLO|h|p%u", who);
        break;
    case 1:
        stage_askf (stage, peer, "JOIN|j|p%u|r%u%s", who, room,
                    dice (world, 3) ? "" : "|{\"private\":true}");
        break;
    case 2:
        stage_askf (stage, peer, "TOPIC|t|p%u|r%u|about %u", who, room, dice (world, 100));
        break;
    case 3:
        stage_askf (stage, peer, "TELL|t|p%u|p%u|hi", who, whom);
        break;
    case 4:
        stage_askf (stage, peer, "INVITE|i|p%u|r%u|p%u", who, room, whom);
        break;
    case 5:
        stage_askf (stage, peer, "KICK|k|p%u|r%u|p%u", who, room, whom);
        break;
    case 6:
        stage_askf (stage, peer, "MODE|m|p%u|@|{\"set\":\"%s\",\"user\":\"p%u\"%s}", who,
                    letters[dice (world, 6)], whom, dice (world, 2) ? ",\"for_ms\":500" : "");
        break;
    case 7:
        stage_askf (stage, peer, "MODE|m|p%u|r%u|{\"set\":\"%s\",\"user\":\"p%u\"%s}", who, room,
                    sets[dice (world, 7)], whom, dice (world, 2) ? ",\"for_ms\":500" : "");
        break;
    case 8:
        stage_askf (stage, peer, "BYE|b|p%u|{\"producer\":\"%032x\"}", who,
                    who * 100 + dice (world, 20));
        break;
    case 9:
        stage_askf (stage, peer, "KEY|k|p%u|{\"%s\":\"%s\"}", who,
                    dice (world, 2) ? "add" : "remove", stage_key_text (10 + dice (world, 3)));
        break;
    case 10:
        if (dice (world, 8) == 0)
            stage_askf (stage, peer, "KEY|f|p%u|{\"free\":true}", who);
        else if (dice (world, 4) == 0)
            stage_askf (stage, ADMIN, "PURGE|p|root|{\"what\":\"rooms\",\"match\":\"r%u\"}", room);
        break;
    default:
        say_something (world, kind, who, room, whom);
        break;
    }
}

static void commit (world_t *world)
{
    stage_t *stage = world->stage;
    while (stage_take (stage)) {
        for (size_t i = 0; i < stage->n_records; i++)
            keep (world, &stage->records[i]);
        stage_land (stage);
    }
}

static world_t *world_new (uint64_t seed, size_t steps)
{
    world_t *world = memory_zero (sizeof *world);
    world->seed = seed;
    world->stage = stage_new ();
    world->stage->producers = 40; /* so that some give way                     */
    world->stage->rooms_max = 4;
    world->stage->quiet = true;
    world->stage->admins[world->stage->n_admins++] = stage_key_text (ADMIN);
    stage_key (world->stage, ADMIN, stage_key_text (ADMIN));
    stage_restart (world->stage);
    stage_ask (world->stage, ADMIN, "HELLO|h|root");
    for (core_peer_t peer = 1; peer <= PEOPLE; peer++)
        if (peer % 3)
            stage_key (world->stage, peer, stage_key_text ((unsigned)peer));
    for (size_t i = 0; i < steps && world->count < RECORDS_MAX - 3000; i++) {
        ask_something (world);
        while (world->stage->n_reads && dice (world, 3))
            stage_read (world->stage);
        if (dice (world, 4) == 0)
            commit (world);
        if (dice (world, 40) == 0)
            stage_wait (world->stage, (uint64_t)100 * dice (world, 20));
    }
    commit (world);
    return world;
}

static void world_free (world_t *world)
{
    for (size_t i = 0; i < world->count; i++)
        free (world->log[i].memory);
    stage_destroy (world->stage);
    free (world);
}

/*  --- folding ---------------------------------------------------------------  */

static void fold (ledger_t *ledger, const world_t *world, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_int_equal (ledger_change (ledger, &world->log[i].record), ZCHAT_OK);
}

/*  What a store remembers of the first records.                               */
static ledger_t *snapshot (const world_t *world, size_t count)
{
    static const uint8_t log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";
    store_t *store = store_memory_new (log_id);
    for (size_t i = 0; i < count; i++)
        assert_int_equal (store_append (store, &world->log[i].record, 1), ZCHAT_OK);
    ledger_t *ledger = ledger_from (store);
    store_destroy (&store);
    return ledger;
}

static void check (uint64_t seed, size_t steps)
{
    world_t *world = world_new (seed, steps);
    ledger_t *whole = ledger_new (), *pieces = ledger_new ();
    fold (whole, world, 0, world->count);
    char *wanted = dump (whole);
    ledger_destroy (&whole);
    /*  in pieces, each of which is looked at                                  */
    for (size_t at = 0; at < world->count;) {
        size_t end = at + 1 + dice (world, 50);
        end = end < world->count ? end : world->count;
        fold (pieces, world, at, end);
        char *looked = dump (pieces);
        free (looked);
        at = end;
    }
    compare (pieces, wanted);
    for (int i = 0; i < 6; i++) {
        size_t at = i ? dice (world, (unsigned)world->count + 1) : world->count;
        ledger_t *ledger = snapshot (world, at);
        assert_int_equal (ledger_position (ledger), at);
        ledger_t *before = ledger_new ();
        fold (before, world, 0, at);
        char *folded = dump (before);
        char *loaded = dump (ledger);
        assert_string_equal (loaded, folded);
        free (folded);
        free (loaded);
        ledger_destroy (&before);
        fold (ledger, world, at, world->count);
        compare (ledger, wanted);
    }
    free (wanted);
    world_free (world);
}

static void test_fixed_logs (void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++)
        check (seed, 700);
}

static void test_a_random_log (void **state)
{
    const char *given = getenv ("ZCHAT_TEST_SEED");
    uint64_t seed = given ? strtoull (given, NULL, 10) : randombytes_random ();
    (void)state;
    printf ("ZCHAT_TEST_SEED=%llu\n", (unsigned long long)seed);
    check (seed, 1200);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_fixed_logs),
        cmocka_unit_test (test_a_random_log),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
