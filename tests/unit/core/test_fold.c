/*  test_fold.c - the ledger is a function of the log

    Random logs are decided by a core, written down record by record, and folded again: at once, in
    pieces, and from what a store remembers of a part and the records behind it. All that is durable
    must come out alike.
*/
#include "ledger_stage.h"

enum { RECORDS_MAX = 6000, PEOPLE = 6, ROOMS = 5 };

/*  A record with all its texts.                                               */
typedef struct {
    store_record_t record;
    char *memory;
} kept_t;

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

static frame_t copy (char **at, frame_t frame)
{
    frame_t made = frame_of (*at, frame.size);
    if (frame.size)
        memcpy (*at, frame.data, frame.size);
    *at += frame.size;
    return made;
}

static void keep (world_t *world, const store_record_t *record)
{
    assert_true (world->count < RECORDS_MAX);
    kept_t *kept = &world->log[world->count++];
    const event_t *event = &record->event;
    char *at = kept->memory =
        memory_new (record->room_name.size + event->user.size + event->body.size +
                    event->data.size + record->fact_key.size + record->fact_value.size +
                    record->holder.size + record->charge.size);
    kept->record = *record;
    kept->record.room_name = copy (&at, record->room_name);
    kept->record.event.user = copy (&at, event->user);
    kept->record.event.body = copy (&at, event->body);
    kept->record.event.data = copy (&at, event->data);
    kept->record.fact_key = copy (&at, record->fact_key);
    kept->record.fact_value = copy (&at, record->fact_value);
    kept->record.holder = copy (&at, record->holder);
    kept->record.charge = copy (&at, record->charge);
}

/*  --- a log -----------------------------------------------------------------  */

static void ask_something (world_t *world)
{
    static const char *const sets[] = {"op", "deop", "ban", "unban", "mute", "unmute", "lock"};
    static const char *const letters[] = {"ban", "unban", "allow", "unallow", "lock", "unlock"};
    stage_t *stage = world->stage;
    unsigned who = 1 + dice (world, PEOPLE), room = dice (world, ROOMS), whom = 1 + dice (world, PEOPLE);
    core_peer_t peer = who;
    switch (dice (world, 14)) {
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
        stage_askf (stage, peer, "BYE|b|p%u|{\"producer\":\"%032x\"}", who, who);
        break;
    case 9:
        stage_askf (stage, peer, "KEY|k|p%u|{\"%s\":\"%s\"}", who, dice (world, 2) ? "add" : "remove",
                    stage_key_text (10 + dice (world, 3)));
        break;
    case 10:
        if (dice (world, 8) == 0)
            stage_askf (stage, peer, "KEY|f|p%u|{\"free\":true}", who);
        break;
    default:
        stage_askf (stage, peer, "SAY|s|p%u|r%u|x|{\"producer\":\"%032x\",\"n\":%u}", who, room,
                    who * 100 + dice (world, 20), 1 + dice (world, 3));
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
    stage_restart (world->stage);
    for (core_peer_t peer = 1; peer <= PEOPLE; peer++)
        if (peer % 3)
            stage_key (world->stage, peer, stage_key_text ((unsigned)peer));
    for (size_t i = 0; i < steps && world->count < RECORDS_MAX - 3000; i++) {
        ask_something (world);
        if (dice (world, 4) == 0)
            commit (world);
        if (dice (world, 40) == 0)
            stage_wait (world->stage, 100 * dice (world, 20));
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

/*  --- what is durable --------------------------------------------------------  */

static int text_order (const void *a, const void *b)
{
    return strcmp (*(char *const *)a, *(char *const *)b);
}

/*  Lines in an order of their own.                                            */
static void lines_write (FILE *stream, char **lines, size_t count)
{
    if (count)
        qsort (lines, count, sizeof *lines, text_order);
    for (size_t i = 0; i < count; i++) {
        fprintf (stream, "%s\n", lines[i]);
        free (lines[i]);
    }
    free (lines);
}

static void facts_write (FILE *stream, const fact_t *facts)
{
    char **lines = NULL;
    size_t count = 0;
    for (const fact_t *fact = facts; fact; fact = fact->hh.next) {
        char *line = NULL;
        assert_true (asprintf (&line, "  %s=%s by %s until %llu%s at %s", fact->key,
                               fact->value, fact->by ? fact->by : "-",
                               (unsigned long long)fact->until_ms, fact->told ? " told" : "",
                               budget_path (&fact->item)) > 0);
        stage_list_add (&lines, &count, line);
    }
    lines_write (stream, lines, count);
}

static void producers_write (FILE *stream, ledger_t *ledger)
{
    char **lines = NULL;
    size_t count = 0;
    for (int ended = 0; ended < 2; ended++) {
        const producer_t *producer = NULL;
        while ((producer = ledger_producer_old (ledger, ended, producer, UINT64_MAX))) {
            char id[2 * ZCHAT_PRODUCER_SIZE + 1], *line = NULL;
            sodium_bin2hex (id, sizeof id, producer->id, sizeof producer->id);
            assert_true (asprintf (&line, "%s n %llu at %llu ended %d of %s", id,
                                   (unsigned long long)producer->n,
                                   (unsigned long long)producer->time_ms, producer->ended,
                                   budget_path (&producer->item)) > 0);
            stage_list_add (&lines, &count, line);
        }
    }
    assert_int_equal (count, ledger_n_producers (ledger));
    lines_write (stream, lines, count);
}

static void owners_write (FILE *stream, const ledger_t *ledger)
{
    for (uint64_t id = 1; id < ledger_owner_next (ledger); id++) {
        char fact[OWNER_FACT_MAX];
        owner_fact_key (id, fact);
        const owner_t *owner = ledger_owner_known (ledger, id);
        char *value = owner ? owner_fact_value (owner) : NULL;
        const char *text = ledger_fact (ledger, NULL, fact);
        fprintf (stream, "owner %llu %s %s\n", (unsigned long long)id, value ? value : "-",
                 text ? text : "-");
        free (value);
    }
    fprintf (stream, "owned %zu\n", ledger_n_owned (ledger));
    for (unsigned i = 0; i < 14; i++)
        fprintf (stream, "key %zu\n", ledger_key_names (ledger, stage_key_text (i), 0));
}

/*  All that is durable, as text that the caller frees. begins is not in what a store tells of a
    room.                                                                      */
static char *dump (ledger_t *ledger)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream (&text, &size);
    uint64_t last = ledger_next_room (ledger);
    fprintf (stream, "position %llu forgotten %llu begins %llu rooms %zu mailboxes %zu\n",
             (unsigned long long)ledger_position (ledger),
             (unsigned long long)ledger_forgotten (ledger),
             (unsigned long long)ledger_begins (ledger), ledger_n_rooms (ledger),
             ledger_n_mailboxes (ledger));
    for (uint64_t id = 1; id < last; id++) {
        const room_t *room = ledger_room_by_id (ledger, id);
        if (!room)
            continue;
        fprintf (stream, "room %llu %s head %llu first %llu time %llu %d%d%d roles %zu topic %s by "
                         "%s at %llu charge %s as %d\n",
                 (unsigned long long)id, room->name, (unsigned long long)room->head,
                 (unsigned long long)room->first, (unsigned long long)room->time_ms,
                 room->is_private, room->locked, room->closed, room->n_roles, room->topic,
                 room->topic_by, (unsigned long long)room->topic_time_ms,
                 room->charge ? room->charge : "-", room->item.holder ? (int)room->charged : -1);
        facts_write (stream, room->facts);
    }
    producers_write (stream, ledger);
    owners_write (stream, ledger);
    fclose (stream);
    return text;
}

/*  --- folding ---------------------------------------------------------------  */

static void fold (ledger_t *ledger, const world_t *world, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_int_equal (ledger_change (ledger, &world->log[i].record), ZCHAT_OK);
}

typedef struct {
    ledger_t *ledger;
} loading_t;

static zchat_status_t on_position (void *arg, uint64_t position)
{
    return ledger_apply (((loading_t *)arg)->ledger,
                         &(ledger_record_t){.kind = LEDGER_POSITION, .position = position});
}

static zchat_status_t on_room (void *arg, const store_room_t *row)
{
    return ledger_row_room (((loading_t *)arg)->ledger, row);
}

static zchat_status_t on_fact (void *arg, const store_fact_t *row)
{
    return ledger_row_fact (((loading_t *)arg)->ledger, row);
}

static zchat_status_t on_producer (void *arg, const store_producer_t *row)
{
    return ledger_row_producer (((loading_t *)arg)->ledger, row);
}

/*  What a store remembers of the first records.                               */
static ledger_t *snapshot (const world_t *world, size_t count)
{
    static const uint8_t log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";
    store_t *store = store_memory_new (log_id);
    loading_t loading = {ledger_new ()};
    store_loader_t loader = {on_position, on_room, on_fact, on_producer, &loading};
    for (size_t i = 0; i < count; i++)
        assert_int_equal (store_append (store, &world->log[i].record, 1), ZCHAT_OK);
    assert_int_equal (store_load (store, &loader), ZCHAT_OK);
    store_destroy (&store);
    return loading.ledger;
}

static void compare (ledger_t *ledger, const char *wanted)
{
    char *is = dump (ledger);
    assert_string_equal (is, wanted);
    free (is);
    ledger_destroy (&ledger);
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
