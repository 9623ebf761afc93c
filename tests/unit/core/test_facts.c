/*  test_facts.c - what is known durably besides messages                      */
#include "stage.h"

#include "ledger.h"

static const char whose[] = "{\"user\":\"bob\",\"by\":\"ann\",\"reason\":\"loud\",\"until\":5000}";

typedef struct {
    ledger_t *ledger;
    room_t *room;
} facts_t;

static int setup (void **state)
{
    facts_t *facts = memory_zero (sizeof *facts);
    const store_room_t rooms[] = {
        {.id = 1, .name = frame_str ("dev"), .head = 3, .first = 1},
        {.id = 2, .name = frame_str ("@7"), .head = 3, .first = 1},
    };
    facts->ledger = ledger_new ();
    for (size_t i = 0; i < 2; i++)
        assert_int_equal (ledger_load_room (facts->ledger, &rooms[i]), ZCHAT_OK);
    facts->room = ledger_room_by_id (facts->ledger, 1);
    *state = facts;
    return 0;
}

static int teardown (void **state)
{
    facts_t *facts = *state;
    ledger_destroy (&facts->ledger);
    free (facts);
    return 0;
}

static zchat_status_t load (facts_t *facts, uint64_t room, const char *key, const char *value)
{
    const store_fact_t fact = {.room = room, .key = frame_str (key), .value = frame_str (value)};
    return ledger_load_fact (facts->ledger, &fact);
}

static char *dump (const facts_t *facts)
{
    static const char *const keys[] = {"mode", "role/#1", "role/#2", "ban/#1", "mute/=bob"};
    const room_t *room = facts->room;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream (&text, &size);
    fprintf (stream, "%d%d%d %zu", room->is_private, room->locked, room->closed, room->n_roles);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *value = ledger_fact (facts->ledger, room, keys[i]);
        fprintf (stream, "; %s", value ? value : "-");
    }
    fclose (stream);
    return text;
}

static void test_what_facts_bring_about (void **state)
{
    facts_t *facts = *state;
    assert_int_equal (load (facts, 1, "mode", "{\"private\":true,\"closed\":true}"), ZCHAT_OK);
    assert_true (facts->room->is_private && facts->room->closed && !facts->room->locked);
    assert_int_equal (load (facts, 1, "role/#1", "operator"), ZCHAT_OK);
    assert_int_equal (load (facts, 1, "role/#2", "member"), ZCHAT_OK);
    assert_int_equal (facts->room->n_roles, 2);
    assert_int_equal (load (facts, 1, "ban/=bob", whose), ZCHAT_OK);
    assert_int_equal (load (facts, 1, "mute/=bob", whose), ZCHAT_OK);
    assert_string_equal (ledger_fact (facts->ledger, facts->room, "ban/=bob"),
                         "{\"user\":\"bob\",\"by\":\"ann\",\"until\":5000}");
    assert_null (ledger_fact (facts->ledger, facts->room, "ban/=ann"));
    assert_null (ledger_fact (facts->ledger, NULL, "mode"));
}

static void test_facts_that_cannot_be_true (void **state)
{
    static const struct {
        uint64_t room;
        const char *key, *value;
    } bad[] = {
        {9, "mode", "{}"},                 /* no such room                            */
        {2, "mode", "{\"private\":true}"}, /* a mailbox has none               */
        {2, "role/#1", "operator"},
        {2, "mode", "{\"locked\":true,\"closed\":true}"},
        {2, "mode", "{\"locked\":false}"},
        {2, "mute/#1", whose},
        {2, "met/#1", "Told"},
        {2, "met/bob", "told"},
        {2, "met/#1", "{\"user\":\"bob\"}"},
        {2, "met/", "told"},
        {1, "met/#1", "told"},
        {1, "met/#1", whose},
        {1, "", "{}"},
        {1, "mode", ""},
        {1, "mode", "x"},
        {1, "mode", "[]"},
        {1, "mode", "true"},
        {1, "mode", "{\"private\":true"},
        {1, "mode/", "{}"},
        {1, "role", "member"},
        {1, "role/", "member"},
        {1, "role/=", "member"},
        {1, "role/#", "member"},
        {1, "role/#01", "member"},
        {1, "role/#1x", "member"},
        {1, "role/bob", "member"},
        {1, "role/#1", "Operator"},
        {1, "role/#1", "operators"},
        {1, "role/#1", "o"},
        {1, "role/#1", "{}"},
        {1, "ban/#1", "{}"},
        {1, "ban/#1", "x"},
        {1, "ban/#1", "null"},
        {1, "ban/#1", "{\"user\":\"bob\"}"},
        {0, "forgotten", "-1"},
        {0, "forgotten", "07"},
        {1, "ban/#1", "{\"user\":7,\"by\":\"ann\",\"reason\":\"\"}"},
        {1, "ban/#1", "{\"user\":\"bob\",\"by\":\"ann\",\"reason\":\"\",\"until\":-1}"},
        {1, "mute/#1", "{\"user\":\"bob\",\"by\":\"ann\",\"reason\":\"\",\"until\":1.5}"},
        {1, "mute/#1", "{\"user\":\"b\",\"user\":\"b\",\"by\":\"ann\",\"reason\":\"\"}"},
        {1, "mute/#1", "{\"user\":\"b\",\"by\":\"ann\",\"reason\":\"\xff\"}"},
        {1, "name/1", "{}"},
        {1, "kick/#1", "x"},
        {0, "mode", "{}"},
        {0, "role/#1", "operator"},
        {0, "name/1", "{\"name\":\"a b\",\"keys\":[]}"},
        {0, "name/1\xff", "{}"},
    };
    facts_t *facts = *state;
    char *before = dump (facts), *after;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (load (facts, bad[i].room, bad[i].key, bad[i].value) != ZCHAT_CORRUPT)
            fail_msg ("taken: %s %s", bad[i].key, bad[i].value);
    after = dump (facts);
    assert_string_equal (before, after);
    free (before);
    free (after);
    assert_int_equal (load (facts, 1, "role/#1", "member"), ZCHAT_OK);
    assert_int_equal (load (facts, 1, "role/#1", "member"), ZCHAT_CORRUPT);
    assert_int_equal (facts->room->n_roles, 1);
}

static void test_sizes (void **state)
{
    facts_t *facts = *state;
    static char key[ZCHAT_FACT_KEY_MAX + 2], value[ZCHAT_FACT_MAX + 2];
    memset (key, 'x', ZCHAT_FACT_KEY_MAX);
    snprintf (key, 7, "role/=");
    key[6] = 'x';
    assert_int_equal (load (facts, 1, key, "member"), ZCHAT_OK);
    key[ZCHAT_FACT_KEY_MAX] = 'x';
    assert_int_equal (load (facts, 1, key, "member"), ZCHAT_CORRUPT);
    memset (value, ' ', ZCHAT_FACT_MAX);
    value[0] = '{';
    value[1] = '}';
    assert_int_equal (load (facts, 1, "mode", value), ZCHAT_OK);
    value[ZCHAT_FACT_MAX] = ' ';
    assert_int_equal (load (facts, 0, "name/1", value), ZCHAT_CORRUPT);
    const store_fact_t nul = {
        .room = 1, .key = frame_of ("ban/=x\0", 7), .value = frame_str (whose)};
    assert_int_equal (ledger_load_fact (facts->ledger, &nul), ZCHAT_CORRUPT);
}

static void test_the_facts_of_a_room_are_bounded (void **state)
{
    facts_t *facts = *state;
    ledger_t *ledger = facts->ledger;
    char key[32];
    for (int i = 0; i < ZCHAT_ROOM_FACTS_MAX; i++) {
        snprintf (key, sizeof key, "role/#%d", i + 1);
        assert_int_equal (ledger_fact_set (ledger, facts->room, key, frame_str ("member")),
                          ZCHAT_OK);
    }
    assert_int_equal (
        ledger_fact_set (ledger, facts->room, "mode", frame_str ("{\"closed\":true}")),
        ZCHAT_LIMIT);
    assert_false (facts->room->closed);
    /*  what is there may change, and what goes makes room                     */
    assert_int_equal (ledger_fact_set (ledger, facts->room, key, frame_str ("operator")), ZCHAT_OK);
    assert_int_equal (ledger_fact_set (ledger, facts->room, key, frame_of (NULL, 0)), ZCHAT_OK);
    assert_int_equal (facts->room->n_roles, ZCHAT_ROOM_FACTS_MAX - 1);
    assert_int_equal (
        ledger_fact_set (ledger, facts->room, "mode", frame_str ("{\"closed\":true}")), ZCHAT_OK);
}

static void test_setting_is_undone_exactly (void **state)
{
    static const struct {
        const char *key, *value;
    } steps[] = {
        {"mode", "{\"private\":true}"},
        {"mode", "{\"locked\":true,\"closed\":true}"},
        {"mode", ""},
        {"role/#1", "operator"},
        {"role/#1", "member"},
        {"role/#1", ""},
        {"role/#2", "member"},
        {"ban/#1", whose},
        {"ban/#1", ""},
        {"mute/=bob", whose},
        {"mute/=bob", ""},
        {"role/#2", ""},
    };
    enum { N = sizeof steps / sizeof *steps, STEPS = 6 };
    facts_t *facts = *state;
    ledger_t *ledger = facts->ledger;
    uint64_t seed = 77;
    for (int round = 0; round < 500; round++) {
        char *before[STEPS], *old[STEPS];
        const char *keys[STEPS];
        for (int i = 0; i < STEPS; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            size_t at = (size_t)(seed >> 40) % N;
            before[i] = dump (facts);
            keys[i] = steps[at].key;
            const char *is = ledger_fact (ledger, facts->room, keys[i]);
            old[i] = is ? memory_string (is, strlen (is)) : NULL;
            assert_int_equal (
                ledger_fact_set (ledger, facts->room, keys[i], frame_str (steps[at].value)),
                ZCHAT_OK);
        }
        for (int i = STEPS - 1; i >= 0; i--) {
            if (i >= round % 2) {
                frame_t value = old[i] ? frame_str (old[i]) : frame_of (NULL, 0);
                assert_int_equal (ledger_fact_set (ledger, facts->room, keys[i], value), ZCHAT_OK);
                char *after = dump (facts);
                assert_string_equal (after, before[i]);
                free (after);
            }
            free (before[i]);
            free (old[i]);
        }
    }
}

/*  What a log says that cannot be true ends the start of the broker, with a reason. */
static void test_a_log_that_cannot_be_true (void **state)
{
    static const uint8_t log_id[ZCHAT_LOG_ID_SIZE] = "0123456789abcdef";
    static const char *const values[][2] = {
        {"name/1", "{\"name\":\"bob\",\"keys\":[]}"}, /* this one can                 */
        {"name/2", "{\"name\":\"Bob\",\"keys\":[]}"}, /* but not both                 */
        {"name/3", "{\"name\":\"ann\"}"},
        {"rank/3", "{}"},
    };
    core_config_t config = {.log_id = log_id};
    core_sink_t sink = {.arg = NULL};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        store_t *store = store_memory_new (log_id);
        core_t *core = core_new (&config, &sink);
        store_loader_t loader = core_loader (core);
        store_record_t records[2] = {
            {.fact_key = frame_str (values[0][0]), .fact_value = frame_str (values[0][1])},
            {.fact_key = frame_str (values[i][0]), .fact_value = frame_str (values[i][1])},
        };
        assert_int_equal (store_append (store, records, 2), ZCHAT_OK);
        assert_int_equal (store_load (store, &loader), i ? ZCHAT_CORRUPT : ZCHAT_OK);
        core_destroy (&core);
        store_destroy (&store);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

/*  The bans before the 4,000th stand in one room, those behind it in another. */
static zchat_status_t ban (const facts_t *facts, unsigned number, const char *by)
{
    char key[32], value[128];
    room_t *room = ledger_room_by_id (facts->ledger, number < 4000 ? 1 : 3);
    snprintf (key, sizeof key, "ban/=u%u", number);
    snprintf (value, sizeof value, "{\"user\":\"u%u\",\"by\":\"%s\",\"reason\":\"long\"}", number,
              by);
    return ledger_fact_set (facts->ledger, room, key, frame_str (value));
}

/*  Somebody who bans and bans leaves others their bans; what is lifted makes place.  */
static void test_bans_by_one_user_are_bounded (void **state)
{
    facts_t *facts = *state;
    const store_room_t more = {.id = 3, .name = frame_str ("ops"), .head = 3, .first = 1};
    assert_int_equal (ledger_load_room (facts->ledger, &more), ZCHAT_OK);
    for (unsigned i = 0; i < ZCHAT_SANCTIONS_BY_MAX; i++)
        assert_int_equal (ban (facts, i, "ann"), ZCHAT_OK);
    assert_int_equal (ban (facts, ZCHAT_SANCTIONS_BY_MAX, "ann"), ZCHAT_LIMIT);
    assert_int_equal (ban (facts, 7, "ann"), ZCHAT_OK); /* the same once more */
    assert_int_equal (ban (facts, ZCHAT_SANCTIONS_BY_MAX, "bob"), ZCHAT_OK);
    assert_int_equal (ban (facts, 7, "bob"), ZCHAT_OK); /* it is bob's now */
    assert_int_equal (ban (facts, 6000, "ann"), ZCHAT_OK);
    assert_int_equal (ban (facts, 6001, "ann"), ZCHAT_LIMIT);
    assert_int_equal (ledger_fact_set (facts->ledger, facts->room, "ban/=u9", frame_of (NULL, 0)),
                      ZCHAT_OK);
    assert_int_equal (ban (facts, 6001, "ann"), ZCHAT_OK);
    assert_string_equal (ledger_fact (facts->ledger, facts->room, "ban/=u7"),
                         "{\"user\":\"u7\",\"by\":\"bob\"}"); /* the event has the reason */
}

static void test_what_is_over_is_found (void **state)
{
    facts_t *facts = *state;
    assert_int_equal (ban (facts, 1, "ann"), ZCHAT_OK);
    assert_null (ledger_fact_expired (facts->room, UINT64_MAX));
    assert_int_equal (ledger_fact_set (facts->ledger, facts->room, "mute/=eve",
                                       frame_str ("{\"user\":\"eve\",\"by\":\"ann\",\"until\":5}")),
                      ZCHAT_OK);
    assert_null (ledger_fact_expired (facts->room, 4));
    assert_string_equal (ledger_fact_expired (facts->room, 5), "mute/=eve");
}

/*  --- mailboxes -------------------------------------------------------------  */

static room_t *more_room (const facts_t *facts, uint64_t id, const char *name, const char *charge)
{
    const store_room_t room = {
        .id = id, .name = frame_str (name), .charge = frame_str (charge), .head = 3, .first = 1};
    assert_int_equal (ledger_load_room (facts->ledger, &room), ZCHAT_OK);
    return ledger_room_by_id (facts->ledger, id);
}

static void met (const facts_t *facts, room_t *room, unsigned who, const char *value)
{
    char key[32];
    snprintf (key, sizeof key, "met/#%u", who);
    assert_int_equal (ledger_fact_set (facts->ledger, room, key, frame_str (value)), ZCHAT_OK);
}

static void test_the_facts_of_a_mailbox (void **state)
{
    facts_t *facts = *state;
    room_t *room = ledger_room_by_id (facts->ledger, 2);
    assert_int_equal (load (facts, 2, "mode", "{\"locked\":true}"), ZCHAT_OK);
    assert_true (room->locked && !room->is_private && !room->closed);
    assert_int_equal (load (facts, 2, "met/#1", "told"), ZCHAT_OK);
    assert_int_equal (load (facts, 2, "met/=bob", whose), ZCHAT_OK);
    assert_int_equal (load (facts, 2, "ban/#2", whose), ZCHAT_OK);
    assert_int_equal (room->n_told, 1);
    met (facts, room, 1, whose);
    assert_int_equal (room->n_told, 0);
    met (facts, room, 1, "told"); /* as where that is undone                     */
    met (facts, room, 1, "");
    met (facts, room, 1, "");
    assert_int_equal (room->n_told, 0);
    assert_int_equal (ledger_fact_set (facts->ledger, room, "mode", frame_of (NULL, 0)), ZCHAT_OK);
    assert_false (room->locked);
}

/*  Of a mailbox that has most the first goes; and where all have too many, one of the place that
    has most: whoever has few keeps them.                                       */
static void test_contacts_are_bounded (void **state)
{
    facts_t *facts = *state;
    ledger_t *ledger = facts->ledger;
    room_t *bob = more_room (facts, 11, "@11", "own here/#11");
    room_t *eve = more_room (facts, 12, "@12", "own there/#12");
    room_t *mal = more_room (facts, 13, "@13", "own there/#13");
    for (unsigned i = 1; i <= ZCHAT_CONTACTS_MAX; i++) {
        assert_false (ledger_contacts_full (ledger, bob));
        met (facts, bob, i, "told");
    }
    assert_true (ledger_contacts_full (ledger, bob));
    assert_false (ledger_contacts_full (ledger, eve));
    assert_string_equal (ledger_contact_yields (ledger, bob)->key, "met/#1");
    for (unsigned i = 1; i <= ZCHAT_CONTACTS_MAX; i++)
        met (facts, bob, i, i <= 3 ? "told" : "");
    ledger_bound_contacts (ledger, 10);
    for (unsigned i = 1; i <= 7; i++)
        met (facts, i <= 4 ? eve : mal, i, "told");
    assert_true (ledger_contacts_full (ledger, bob));
    assert_string_equal (ledger_contact_yields (ledger, bob)->key, "met/#1");
    assert_ptr_equal (ledger_contact_yields (ledger, bob)->room, eve);
    met (facts, eve, 1, whose); /* what somebody said is kept                   */
    assert_false (ledger_contacts_full (ledger, bob));
    met (facts, bob, 9, "told");
    /*  Charged to another place, and one that is on its way out.              */
    ledger_room_charge (ledger, eve, frame_str ("shared here/#12"));
    assert_ptr_equal (ledger_contact_yields (ledger, mal)->room, bob);
    ledger_room_dying (ledger, bob, true);
    assert_ptr_not_equal (ledger_contact_yields (ledger, mal)->room, bob);
    ledger_room_dying (ledger, bob, false);
    assert_ptr_equal (ledger_contact_yields (ledger, mal)->room, bob);
}

/*  Throwaway names of one place do not fill the table of bans for others.     */
static void test_bans_of_one_place_are_bounded (void **state)
{
    facts_t *facts = *state;
    char name[32], charge[32], value[96];
    const unsigned each = 2500;
    for (unsigned i = 0; i < ZCHAT_SANCTIONS_PLACE_MAX; i++) {
        snprintf (name, sizeof name, "@%u", 20 + i / each);
        snprintf (charge, sizeof charge, "own here/#%u", i / each);
        room_t *room = ledger_room_by_id (facts->ledger, 20 + i / each);
        if (!room)
            room = more_room (facts, 20 + i / each, name, charge);
        snprintf (name, sizeof name, "%s/=u%u", i % 2 ? "ban" : "met", i);
        snprintf (value, sizeof value, "{\"user\":\"u%u\",\"by\":\"n%u\"}", i, i / each);
        assert_int_equal (ledger_fact_set (facts->ledger, room, name, frame_str (value)), ZCHAT_OK);
    }
    room_t *last = more_room (facts, 90, "@90", "own here/#90");
    room_t *other = more_room (facts, 91, "@91", "own there/#91");
    const frame_t ban = frame_str ("{\"user\":\"u\",\"by\":\"zoe\"}");
    assert_int_equal (ledger_fact_set (facts->ledger, last, "ban/=u", ban), ZCHAT_LIMIT);
    assert_int_equal (ledger_fact_set (facts->ledger, other, "ban/=u", ban), ZCHAT_OK);
    assert_int_equal (ledger_fact_undo (facts->ledger, last, "ban/=u", ban), ZCHAT_OK);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_what_facts_bring_about),
        TEST (test_facts_that_cannot_be_true),
        TEST (test_sizes),
        TEST (test_the_facts_of_a_room_are_bounded),
        TEST (test_setting_is_undone_exactly),
        TEST (test_a_log_that_cannot_be_true),
        TEST (test_bans_by_one_user_are_bounded),
        TEST (test_what_is_over_is_found),
        TEST (test_the_facts_of_a_mailbox),
        TEST (test_contacts_are_bounded),
        TEST (test_bans_of_one_place_are_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
