/*  test_fold_records.c - whatever follows on a ledger folds alike

    Where test_fold.c folds what a core decided, this makes up records of every kind that a ledger
    takes, more of the rare ones than any core would decide, and lets retention trim. The log is
    folded twice, and from what a store remembers at each of some points and the records behind it.
*/
#include "ledger_fold.h"

enum { STEPS = 1500, ROOMS = 7, OWNERS = 12, PRODUCERS = 16, SNAPSHOTS = 12 };

typedef enum {
    DID_SAY,
    DID_TOPIC,
    DID_EDIT,
    DID_REACT,
    DID_MAILBOX,
    DID_MAKE,
    DID_DROP,
    DID_CHARGE,
    DID_SET,
    DID_UNSET,
    DID_PRODUCER,
    DID_END,
    DID_FORGET,
    DID_OWN,
    DID_FREE,
    DID_GONE,
    DID_NUMBER,
    DID_TRIM,
    DID_READ,
    DID_UNREAD,
    DID_COUNT
} did_t;

/*  A record, or a step of retention.                                          */
typedef struct {
    kept_t kept;
    bool trims;
    uint64_t bytes; /* what retention may keep                                  */
} step_t;

typedef struct {
    uint64_t seed, time_ms;
    ledger_t *ledger; /* of all steps so far                                    */
    store_t *store;   /* likewise                                               */
    step_t steps[STEPS];
    size_t count;
    size_t did[DID_COUNT];
} log_t;

static unsigned dice (log_t *log, unsigned sides)
{
    log->seed = log->seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(log->seed >> 33) % sides;
}

static store_t *store_empty (void)
{
    static const uint8_t log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";
    return store_memory_new (log_id);
}

/*  --- one step --------------------------------------------------------------  */

static bool step_apply (ledger_t *ledger, store_t *store, const step_t *step)
{
    store_trimmed_t trimmed = {0};
    store_retain_t retain = {.bytes = step->bytes};
    if (!step->trims) {
        assert_int_equal (ledger_change (ledger, &step->kept.record), ZCHAT_OK);
        assert_int_equal (store_append (store, &step->kept.record, 1), ZCHAT_OK);
        return true;
    }
    assert_int_equal (store_trim (store, &retain, 0, &trimmed), ZCHAT_OK);
    ledger_record_t record = {.kind = LEDGER_TRIM, .trim = &trimmed};
    assert_int_equal (ledger_apply (ledger, &record), ZCHAT_OK);
    return trimmed.room != 0;
}

static void add (log_t *log, const store_record_t *record)
{
    step_t *step = &log->steps[log->count++];
    keep_record (&step->kept, record);
    step_apply (log->ledger, log->store, step);
}

/*  --- rooms -----------------------------------------------------------------  */

static void name_pick (log_t *log, char name[LEDGER_MAILBOX_MAX + 1])
{
    static const char *const whose[] = {"#1", "#7", "=ann", "=bob"};
    if (dice (log, 4) == 0)
        ledger_mailbox_name (whose[dice (log, 4)], name);
    else
        snprintf (name, LEDGER_MAILBOX_MAX + 1, "Hall%u", dice (log, ROOMS));
}

static const room_t *room_called (const log_t *log, const char *name)
{
    name_keys_t keys;
    if (*name == '@')
        return ledger_room_folded (log->ledger, name);
    assert_int_equal (name_check (frame_str (name), &keys, NULL), ZCHAT_OK);
    return ledger_room (log->ledger, &keys);
}

/*  A room that is there; NULL: there is none.                                 */
static const room_t *room_pick (log_t *log)
{
    const room_t *room = NULL;
    for (unsigned skip = dice (log, ROOMS + 4); skip || !room; skip -= skip > 0) {
        room = ledger_room_next (log->ledger, room);
        if (!room && !ledger_room_next (log->ledger, NULL))
            return NULL;
    }
    return room;
}

static const char *holder_pick (log_t *log)
{
    static const char *const holders[] = {"aa/bb/=ann", "aa/=bob", "cc/#1", "dd"};
    return holders[dice (log, 4)];
}

static void say (log_t *log, store_record_t *record)
{
    static char name[LEDGER_MAILBOX_MAX + 1], charge[STORE_CHARGE_MAX + 1];
    static const char *const users[] = {"ann", "bob", "Eve"};
    name_pick (log, name);
    const room_t *room = room_called (log, name);
    record->room = room ? room->id : ledger_next_room (log->ledger);
    record->room_name = frame_str (name);
    record->makes = !room;
    record->event = (event_t){.seq = room ? room->head + 1 : ledger_begins (log->ledger) + 1,
                              .time_ms = log->time_ms,
                              .type = dice (log, 3) ? ZCHAT_TYPE_SAY : ZCHAT_TYPE_TOPIC,
                              .user = frame_str (users[dice (log, 3)]),
                              .body = frame_str (dice (log, 4) ? "tea" : "")};
    if (room && room->head > room->first && dice (log, 8) == 0)
        record->removes = room->first;
    if (room && *name != '@' && dice (log, 6) == 0) {
        bool edits = dice (log, 2);
        record->event.type = edits ? ZCHAT_TYPE_EDIT : ZCHAT_TYPE_REACT;
        record->event.body = frame_str ("ok");
        *(edits ? &record->edits : &record->reacts) = room->head;
        record->who = frame_str (edits ? "" : "#1");
    }
    snprintf (charge, sizeof charge, "%s %s", dice (log, 2) ? "own" : "shared", holder_pick (log));
    if (dice (log, 3) == 0)
        record->charge = frame_str (charge);
    log->did[DID_MAKE] += record->makes;
    log->did[DID_CHARGE] += record->charge.size > 0;
    log->did[DID_MAILBOX] += *name == '@';
    log->did[record->event.type == ZCHAT_TYPE_SAY     ? DID_SAY
             : record->event.type == ZCHAT_TYPE_TOPIC ? DID_TOPIC
             : record->edits                          ? DID_EDIT
                                                      : DID_REACT]++;
}

static void end_room (log_t *log)
{
    char value[24];
    const room_t *room = room_pick (log);
    if (!room)
        return;
    snprintf (value, sizeof value, "%llu", (unsigned long long)room->head + 1);
    store_record_t begins = {.fact_key = frame_str (LEDGER_BEGINS),
                             .fact_value = frame_str (value)};
    store_record_t drops = {.room = room->id, .room_name = frame_str (room->name), .drops = true};
    if (room->head + 1 > ledger_begins (log->ledger))
        add (log, &begins);
    snprintf (value, sizeof value, "%llu", (unsigned long long)room->id);
    store_record_t numbered = {.fact_key = frame_str (LEDGER_NUMBERED),
                               .fact_value = frame_str (value)};
    if (room->id + 1 == ledger_next_room (log->ledger))
        add (log, &numbered);
    add (log, &drops);
    log->did[DID_DROP]++;
}

/*  --- facts -----------------------------------------------------------------  */

/*  A fact of the room, set or unset, in the record.                           */
static void fact_of (log_t *log, const room_t *room, store_record_t *record)
{
    static const char *const keys[] = {"ban/#3",  "ban/=ann",  "ban/=eve", "mode",     "role/#1",
                                       "role/#2", "role/=bob", "mute/#3",  "mute/=ann"};
    static const char *const modes[] = {"{\"private\":true}", "{\"locked\":true,\"closed\":true}",
                                        "{\"private\":true,\"closed\":true}", "{}"};
    static const char *const sanctions[] = {
        "{\"user\":\"ann\",\"by\":\"bob\",\"reason\":\"loud\",\"until\":5000}",
        "{\"user\":\"ann\",\"by\":\"Eve\"}", "{\"by\":\"bob\",\"user\":\"eve\",\"until\":77}"};
    const char *key = keys[dice (log, room->mailbox ? 3 : 9)], *value = sanctions[dice (log, 3)];
    if (strcmp (key, "mode") == 0)
        value = modes[dice (log, 4)];
    else if (strncmp (key, "role/", 5) == 0)
        value = dice (log, 2) ? "operator" : "member";
    if (dice (log, 3) == 0)
        value = "";
    log->did[*value ? DID_SET : DID_UNSET] += *value || ledger_fact (log->ledger, room, key);
    record->fact_key = frame_str (key);
    record->fact_value = frame_str (value);
}

static void set_fact (log_t *log)
{
    const room_t *room = room_pick (log);
    if (!room)
        return;
    store_record_t record = {.room = room->id, .room_name = frame_str (room->name)};
    fact_of (log, room, &record);
    add (log, &record);
}

static void set_number (log_t *log)
{
    char value[24];
    snprintf (value, sizeof value, "%u", dice (log, 1000));
    store_record_t record = {.fact_key = frame_str (LEDGER_FORGOTTEN),
                             .fact_value = frame_str (dice (log, 5) ? value : "")};
    add (log, &record);
    log->did[DID_NUMBER]++;
}

/*  --- owners ----------------------------------------------------------------  */

static char *owner_value (log_t *log, const owner_t *owner)
{
    static const char *const places[] = {"", "\"place\":\"aa/bb\",", "\"place\":\"aa/cc\",",
                                         "\"place\":\"dd\","};
    char by[96] = "", name[16], *value = NULL;
    snprintf (name, sizeof name, "Name%u", dice (log, OWNERS));
    if (owner)
        snprintf (name, sizeof name, "%s", owner->name);
    if (dice (log, 3))
        snprintf (by, sizeof by, "\"by\":\"%s\",", stage_key_text (dice (log, 4)));
    assert_true (asprintf (&value,
                           "{\"name\":\"%s\",\"keys\":[\"%s\",\"%s\"],%s%s\"since\":%llu%s%s}",
                           name, stage_key_text (dice (log, 5)), stage_key_text (5 + dice (log, 5)),
                           by, places[dice (log, 4)], (unsigned long long)log->time_ms,
                           dice (log, 3) ? "" : ",\"freed\":4000",
                           dice (log, 2) ? "" : ",\"unused\":true") > 0);
    return value;
}

static void set_owner (log_t *log)
{
    uint64_t next = ledger_owner_next (log->ledger);
    uint64_t id =
        next <= (uint64_t)OWNERS * 3 && dice (log, 2) ? next : 1 + dice (log, (unsigned)next);
    const owner_t *owner = ledger_owner_known (log->ledger, id);
    const char *is;
    char key[OWNER_FACT_MAX], *value = owner_value (log, owner);
    name_keys_t keys;
    owner_fact_key (id, key);
    json_t *json = json_loads (value, 0, NULL);
    assert_int_equal (
        name_check (frame_str (json_string_value (json_object_get (json, "name"))), &keys, NULL),
        ZCHAT_OK);
    const owner_t *other = ledger_owner (log->ledger, &keys);
    bool frees = json_object_get (json, "freed") != NULL, taken = other && other != owner;
    json_decref (json);
    store_record_t record = {.fact_key = frame_str (key), .fact_value = frame_str (value)};
    if (id < next && dice (log, 3) == 0) {
        is = ledger_owner_gone (log->ledger, id);
        record.fact_value = frame_str (is);
        record.unmarks = true;
        record.marker_of = id;
        log->did[DID_GONE] += owner != NULL;
        add (log, &record);
    } else if (!taken && (id == next || owner)) {
        log->did[frees ? DID_FREE : DID_OWN]++;
        record.unmarks = frees;
        record.marker_of = frees ? id : 0;
        add (log, &record);
    }
    free (value);
}

/*  --- producers -------------------------------------------------------------  */

/*  One that is known, or (NULL) any of those that are not.                    */
static const producer_t *producer_pick (log_t *log, uint8_t id[ZCHAT_PRODUCER_SIZE])
{
    memset (id, 1 + (int)dice (log, PRODUCERS), ZCHAT_PRODUCER_SIZE);
    return ledger_producer (log->ledger, id);
}

static void by_producer (log_t *log, store_record_t *record)
{
    static char holder[STORE_HOLDER_MAX + 1];
    const producer_t *producer = producer_pick (log, record->producer);
    record->has_producer = true;
    record->n = producer ? producer->n + 1 : 1;
    /*  Who is known stays charged to whom it was, until it has ended.         */
    const char *path =
        producer && !producer->ended ? budget_path (&producer->item) : holder_pick (log);
    snprintf (holder, sizeof holder, "%s", path);
    record->holder = frame_str (holder);
    log->did[DID_PRODUCER]++;
    const producer_t *old = producer ? NULL : producer_pick (log, record->forgotten);
    record->forgets = old != NULL;
    log->did[DID_FORGET] += record->forgets;
}

static void end_producer (log_t *log)
{
    store_record_t record = {.event = {.time_ms = log->time_ms}};
    const producer_t *producer = producer_pick (log, record.producer);
    if (!producer)
        return;
    record.has_producer = record.ends = true;
    record.n = producer->n;
    record.holder = frame_str (STORE_ENDED);
    add (log, &record);
    log->did[DID_END]++;
}

static void forget_producer (log_t *log)
{
    store_record_t record = {.forgets = true};
    if (!producer_pick (log, record.forgotten))
        return;
    add (log, &record);
    log->did[DID_FORGET]++;
}

/*  --- markers ---------------------------------------------------------------  */

static void set_marker (log_t *log)
{
    const room_t *room = room_pick (log);
    const owner_t *owner =
        ledger_owner_by_id (log->ledger, dice (log, (unsigned)ledger_owner_next (log->ledger)));
    if (!room || !owner)
        return;
    uint64_t seq = room->begins < room->head ? room->head - dice (log, 2) : room->head;
    store_record_t record = {.room = room->id,
                             .room_name = frame_str (room->name),
                             .marker = seq ? seq : 1,
                             .marker_of = owner->id};
    const marker_t *other =
        owner->n_markers ? owner->markers[dice (log, (unsigned)owner->n_markers)] : NULL;
    if (other && other->room != room && dice (log, 3) == 0)
        record.marker_yields = other->room->id;
    log->did[DID_UNREAD] += record.marker_yields != 0;
    log->did[DID_READ]++;
    add (log, &record);
    /*  Somebody else's gives way.                                             */
    if (owner->n_markers && dice (log, 6) == 0) {
        store_record_t forgets = {.marker_of = owner->id,
                                  .marker_yields = owner->markers[0]->room->id};
        add (log, &forgets);
        log->did[DID_UNREAD]++;
    }
}

/*  --- the log ---------------------------------------------------------------  */

static void do_something (log_t *log)
{
    log->time_ms += dice (log, 3);
    switch (dice (log, 19)) {
    case 0:
        end_room (log);
        return;
    case 1:
    case 2:
    case 3:
    case 4:
        set_fact (log);
        return;
    case 5:
        set_number (log);
        return;
    case 6:
    case 7:
        set_owner (log);
        return;
    case 8:
        end_producer (log);
        return;
    case 9:
        forget_producer (log);
        return;
    case 16:
    case 17:
    case 18:
        set_marker (log);
        return;
    case 10: {
        step_t *step = &log->steps[log->count++];
        *step = (step_t){.trims = true, .bytes = 1 + dice (log, 900)};
        log->did[DID_TRIM] += step_apply (log->ledger, log->store, step);
        return;
    }
    default: {
        store_record_t record = {0};
        say (log, &record);
        const room_t *room = ledger_room_by_id (log->ledger, record.room);
        if (dice (log, 2))
            by_producer (log, &record);
        if (room && dice (log, 4) == 0)
            fact_of (log, room, &record);
        add (log, &record);
    }
    }
}

static log_t *log_new (uint64_t seed)
{
    log_t *log = memory_zero (sizeof *log);
    log->seed = seed;
    log->time_ms = 1000;
    log->ledger = ledger_new ();
    log->store = store_empty ();
    while (log->count + 3 < STEPS)
        do_something (log);
    return log;
}

static void log_free (log_t *log)
{
    for (size_t i = 0; i < log->count; i++)
        free (log->steps[i].kept.memory);
    ledger_destroy (&log->ledger);
    store_destroy (&log->store);
    free (log);
}

/*  The steps up to at folded and stored, the store loaded, and the rest folded on that. */
static void compare_from (const log_t *log, size_t at, const char *wanted)
{
    ledger_t *before = ledger_new ();
    store_t *store = store_empty ();
    for (size_t i = 0; i < at; i++)
        step_apply (before, store, &log->steps[i]);
    ledger_t *ledger = ledger_from (store);
    char *folded = dump (before);
    char *loaded = dump (ledger);
    assert_string_equal (loaded, folded);
    free (folded);
    free (loaded);
    ledger_destroy (&before);
    for (size_t i = at; i < log->count; i++)
        step_apply (ledger, store, &log->steps[i]);
    store_destroy (&store);
    compare (ledger, wanted);
}

static void check (uint64_t seed)
{
    log_t *log = log_new (seed);
    char *wanted = dump (log->ledger);
    for (size_t i = 0; i < DID_COUNT; i++)
        if (!log->did[i])
            fail_msg ("seed %llu: none of kind %zu", (unsigned long long)seed, i);
    compare_from (log, 0, wanted);
    compare_from (log, log->count, wanted);
    for (int i = 0; i < SNAPSHOTS; i++)
        compare_from (log, dice (log, (unsigned)log->count), wanted);
    free (wanted);
    log_free (log);
}

static void test_fixed_logs (void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++)
        check (seed);
}

static void test_a_random_log (void **state)
{
    const char *given = getenv ("ZCHAT_TEST_SEED");
    uint64_t seed = given ? strtoull (given, NULL, 10) : randombytes_random ();
    (void)state;
    printf ("ZCHAT_TEST_SEED=%llu\n", (unsigned long long)seed);
    check (seed);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_fixed_logs),
        cmocka_unit_test (test_a_random_log),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
