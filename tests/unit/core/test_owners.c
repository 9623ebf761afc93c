/*  test_owners.c - owners as they follow from facts                           */
#include "ledger_stage.h"

static int setup (void **state)
{
    *state = ledger_new ();
    return 0;
}

static int teardown (void **state)
{
    ledger_t *ledger = *state;
    ledger_destroy (&ledger);
    return 0;
}

static const char *k (unsigned n)
{
    return stage_key_text (n);
}

static name_keys_t keys_of (const char *name)
{
    name_keys_t keys;
    assert_int_equal (name_check (frame_str (name), &keys, NULL), ZCHAT_OK);
    return keys;
}

static const owner_t *find (ledger_t *ledger, const char *name)
{
    name_keys_t keys = keys_of (name);
    return ledger_owner (ledger, &keys);
}

static zchat_status_t set (ledger_t *ledger, uint64_t id, const char *value)
{
    char key[OWNER_FACT_MAX];
    owner_fact_key (id, key);
    return ledger_fact_set (ledger, NULL, key, frame_str (value));
}

/*  {"name":name,"keys":[key],"by":key,"since":1000} and more behind it.       */
static char *value_of (const char *name, unsigned key, const char *more)
{
    char *value = NULL;
    assert_true (asprintf (&value,
                           "{\"name\":\"%s\",\"keys\":[\"%s\"],\"by\":\"%s\",\"since\":1000%s}",
                           name, k (key), k (key), more) > 0);
    return value;
}

static void own (ledger_t *ledger, uint64_t id, const char *name, unsigned key, const char *more)
{
    char *value = value_of (name, key, more);
    assert_int_equal (set (ledger, id, value), ZCHAT_OK);
    free (value);
}

/*  All that can be asked, as text the caller frees.                           */
static char *dump (ledger_t *ledger)
{
    static const char *const names[] = {"bob", "ann", "cop", "сор", "eve"};
    char *text = NULL, fact[OWNER_FACT_MAX];
    size_t size = 0;
    FILE *stream = open_memstream (&text, &size);
    fprintf (stream, "next %llu", (unsigned long long)ledger_owner_next (ledger));
    for (uint64_t id = 0; id < 12; id++) {
        const owner_t *owner = ledger_owner_by_id (ledger, id);
        owner_fact_key (id, fact);
        const char *value = ledger_fact (ledger, NULL, fact);
        char *same = owner ? owner_fact_value (owner) : NULL;
        assert_true (!owner || strcmp (same, value) == 0);
        free (same);
        fprintf (stream, "; %s %s", owner ? owner->name : "-", value ? value : "-");
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const owner_t *owner = find (ledger, names[i]);
        fprintf (stream, "; %s %llu", names[i], owner ? (unsigned long long)owner->id : 0);
    }
    for (unsigned i = 0; i < 4; i++)
        fprintf (stream, "; key %zu", ledger_key_names (ledger, k (i), 5000));
    fclose (stream);
    return text;
}

static void test_an_owner_follows_from_its_fact (void **state)
{
    ledger_t *ledger = *state;
    assert_int_equal (ledger_owner_next (ledger), 1);
    own (ledger, 1, "Bob", 1, "");
    const owner_t *owner = find (ledger, "bOB");
    assert_non_null (owner);
    assert_ptr_equal (owner, ledger_owner_by_id (ledger, 1));
    assert_string_equal (owner->name, "Bob");
    assert_true (owner_has_key (owner, k (1)) && !owner_has_key (owner, k (2)));
    assert_false (owner_has_key (owner, ""));
    assert_int_equal (owner->since_ms, 1000);
    assert_int_equal (ledger_key_names (ledger, k (1), 0), 1);
    assert_int_equal (ledger_key_names (ledger, "", 0), 0);
    assert_int_equal (ledger_owner_next (ledger), 2);
    /*  freed: found by its name, but nobody by its number                     */
    own (ledger, 1, "Bob", 1, ",\"freed\":2000");
    assert_ptr_equal (find (ledger, "bob"), owner);
    assert_null (ledger_owner_by_id (ledger, 1));
    assert_int_equal (ledger_key_names (ledger, k (1), 2000 + ZCHAT_NAME_FREED_MS - 1), 1);
    assert_int_equal (ledger_key_names (ledger, k (1), 2000 + ZCHAT_NAME_FREED_MS), 0);
    /*  no more: nothing but its number                                        */
    assert_int_equal (set (ledger, 1, "{}"), ZCHAT_OK);
    assert_null (find (ledger, "bob"));
    assert_null (ledger_owner_by_id (ledger, 1));
    assert_int_equal (ledger_key_names (ledger, k (1), 0), 0);
    assert_int_equal (ledger_owner_next (ledger), 2);
    assert_null (ledger_owner_by_id (ledger, 0));
}

static void test_names_that_look_the_same_have_one_owner (void **state)
{
    ledger_t *ledger = *state;
    char *value = value_of ("cop", 2, "");
    own (ledger, 1, "сор", 1, "");
    assert_non_null (find (ledger, "COP"));
    assert_int_equal (set (ledger, 2, value), ZCHAT_CORRUPT);
    assert_int_equal (ledger_owner_next (ledger), 2);
    /*  its own owner may spell it anew                                        */
    assert_int_equal (set (ledger, 1, value), ZCHAT_OK);
    assert_string_equal (find (ledger, "сор")->name, "cop");
    free (value);
}

static void load (ledger_t *ledger, uint64_t id, const char *name)
{
    char key[OWNER_FACT_MAX];
    char *value = value_of (name, (unsigned)id, "");
    owner_fact_key (id, key);
    store_fact_t fact = {.key = frame_str (key), .value = frame_str (value)};
    assert_int_equal (ledger_row_fact (ledger, &fact), ZCHAT_OK);
    free (value);
}

/*  A log may hold names of which today only one could be had: nobody loses theirs.  */
static void test_names_of_before_are_kept (void **state)
{
    static const char *const names[] = {NULL, "maria", "rnaria"};
    for (uint64_t first = 1; first <= 2; first++) {
        ledger_t *ledger = ledger_new ();
        load (ledger, first, names[first]);
        load (ledger, 3 - first, names[3 - first]);
        assert_int_equal (find (ledger, "Maria")->id, 1);
        assert_int_equal (find (ledger, "RNARIA")->id, 2);
        assert_non_null (find (ledger, "m\xc9\x91ria"));
        /*  They may change their keys; nobody new comes beside them.          */
        own (ledger, 1, "maria", 3, "");
        own (ledger, 2, "rnaria", 4, "");
        assert_int_equal (find (ledger, "maria")->id, 1);
        assert_int_equal (find (ledger, "rnaria")->id, 2);
        assert_int_equal (set (ledger, 3, "{\"name\":\"m\xc9\x91ria\",\"keys\":[]}"),
                          ZCHAT_CORRUPT);
        ledger_destroy (&ledger);
    }
}

static void test_what_cannot_be_an_owner (void **state)
{
    static const char *const facts[] = {
        "name",    "name/",   "name/0",  "name/01",
        "name/+1", "name/-1", "name/ 1", "name/x",
        "name/1x", "nome/1",  "Name/1",  "name/18446744073709551616",
        "mode",    "role/#1", "name/1/", "name/9223372036854775808",
    };
    static const char *const values[] = {
        "x",
        "[]",
        "7",
        "null",
        "\"bob\"",
        "{",
        "{\"name\":\"bob\"}",
        "{\"keys\":[]}",
        "{\"x\":1}",
        "{\"name\":7,\"keys\":[]}",
        "{\"name\":\"\",\"keys\":[]}",
        "{\"name\":\"a b\",\"keys\":[]}",
        "{\"name\":\"@\",\"keys\":[]}",
        "{\"name\":\"bob\",\"name\":\"ann\",\"keys\":[]}",
        "{\"name\":\"bob\\u0000\",\"keys\":[]}",
        "{\"name\":\"bob\",\"keys\":{}}",
        "{\"name\":\"bob\",\"keys\":\"\"}",
        "{\"name\":\"bob\",\"keys\":[7]}",
        "{\"name\":\"bob\",\"keys\":[null]}",
        "{\"name\":\"bob\",\"keys\":[\"\"]}",
        "{\"name\":\"bob\",\"keys\":[\"short\"]}",
        "{\"name\":\"bob\",\"keys\":[],\"by\":\"short\"}",
        "{\"name\":\"bob\",\"keys\":[],\"by\":7}",
        "{\"name\":\"bob\",\"keys\":[],\"since\":-1}",
        "{\"name\":\"bob\",\"keys\":[],\"since\":1.5}",
        "{\"name\":\"bob\",\"keys\":[],\"since\":\"1\"}",
        "{\"name\":\"bob\",\"keys\":[],\"freed\":-1}",
        "{\"name\":\"bob\",\"keys\":[],\"freed\":true}",
        "{\"name\":\"bob\",\"keys\":[],\"freed\":9223372036854775807}",
    };
    ledger_t *ledger = *state;
    char *nothing = dump (ledger), *after;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        assert_int_equal (ledger_fact_set (ledger, NULL, facts[i], frame_str ("{}")),
                          ZCHAT_CORRUPT);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (set (ledger, 1, values[i]) != ZCHAT_CORRUPT)
            fail_msg ("taken: %s", values[i]);
    after = dump (ledger);
    assert_string_equal (after, nothing);
    free (after);
    free (nothing);
}

/*  Keys are compared as text: one key has one text.                           */
static void test_keys_that_cannot_be (void **state)
{
    ledger_t *ledger = *state;
    char value[1024], upper[ADDRESS_KEY_TEXT + 1];
    snprintf (upper, sizeof upper, "%s", k (1));
    for (char *at = upper; *at; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 32 : *at);
    assert_string_not_equal (upper, k (1));
    snprintf (value, sizeof value, "{\"name\":\"bob\",\"keys\":[\"%s\"]}", upper);
    assert_int_equal (set (ledger, 1, value), ZCHAT_CORRUPT);
    snprintf (value, sizeof value, "{\"name\":\"bob\",\"keys\":[\"%s\",\"%s\"]}", k (1), k (1));
    assert_int_equal (set (ledger, 1, value), ZCHAT_CORRUPT);
    size_t used = (size_t)snprintf (value, sizeof value, "{\"name\":\"bob\",\"keys\":[");
    for (unsigned i = 0; i <= ZCHAT_NAME_KEYS_MAX; i++)
        used +=
            (size_t)snprintf (value + used, sizeof value - used, "%s\"%s\"", i ? "," : "", k (i));
    snprintf (value + used, sizeof value - used, "]}");
    assert_int_equal (set (ledger, 1, value), ZCHAT_CORRUPT);
}

/*  Any prefix of a fact, and any one byte changed: refused or taken, never a crash, and what
    is refused changes nothing.                                                */
static void test_mangled_facts (void **state)
{
    static const char bytes[] = "\"{}[],:0x\\\xff ";
    ledger_t *ledger = *state;
    own (ledger, 1, "bob", 1, "");
    char *whole = value_of ("ann", 2, ",\"freed\":5");
    size_t size = strlen (whole);
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j < sizeof bytes; j++) {
            char *value = memory_string (whole, j + 1 < sizeof bytes ? size : i),
                 key[OWNER_FACT_MAX];
            if (j + 1 < sizeof bytes)
                value[i] = bytes[j];
            owner_fact_key (2, key);
            char *before = dump (ledger);
            if (*value && set (ledger, 2, value) == ZCHAT_OK)
                assert_int_equal (ledger_fact_set (ledger, NULL, key, frame_of (NULL, 0)),
                                  ZCHAT_OK);
            char *after = dump (ledger);
            assert_string_equal (before, after);
            free (before);
            free (after);
            free (value);
        }
    free (whole);
}

static void test_names_are_counted (void **state)
{
    ledger_t *ledger = *state;
    char value[64];
    for (uint64_t id = 1; id <= ZCHAT_NAMES_MAX; id++) {
        assert_int_equal (ledger_n_owned (ledger), id - 1);
        snprintf (value, sizeof value, "{\"name\":\"n%llu\",\"keys\":[]}", (unsigned long long)id);
        assert_int_equal (set (ledger, id, value), ZCHAT_OK);
    }
    assert_int_equal (ledger_n_owned (ledger), ZCHAT_NAMES_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_an_owner_follows_from_its_fact),
        TEST (test_names_that_look_the_same_have_one_owner),
        TEST (test_names_of_before_are_kept),
        TEST (test_what_cannot_be_an_owner),
        TEST (test_keys_that_cannot_be),
        TEST (test_mangled_facts),
        TEST (test_names_are_counted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
