/*  test_names.c - a table of names that is full, and which of them give way   */
#include "stage.h"

#include "ledger/owners.h"

enum { MOST = 30, SHARE = 3, ADMIN = 60 }; /* a place has a tenth at most */

static int setup (void **state)
{
    stage_t *stage = stage_new ();
    stage->names = MOST;
    stage->quiet = true;
    stage_restart (stage);
    *state = stage;
    return 0;
}

static int teardown (void **state)
{
    stage_destroy (*state);
    return 0;
}

/*  The name number n asks from its own connection, of a key that no other has, at the place.  */
static core_peer_t came (stage_t *stage, unsigned n, const char *place)
{
    static unsigned last;
    core_peer_t peer = 1 + (last++ % 50);
    stage_gone (stage, peer);
    stage->now.wall_ms += 10;
    stage_key (stage, peer, stage_key_text (1 + n % 250));
    stage_place (stage, peer, place);
    return peer;
}

/*  Whether KEYS knows the name.                                               */
static bool known (stage_t *stage, const char *name)
{
    stage->quiet = false;
    stage_askf (stage, 99, "KEYS|k||%s", name);
    stage->quiet = true;
    bool is = stage->n_lines == 1 && stage_match ("99< OK|*", stage->lines[0]);
    stage_list_clear (&stage->lines, &stage->n_lines);
    return is;
}

/*  Claim it, and be gone again, unless it is to stay.                         */
static bool claim (stage_t *stage, const char *name, unsigned n, const char *place, bool stays)
{
    core_peer_t peer = came (stage, n, place);
    stage_askf (stage, peer, "HELLO|h|%s", name);
    stage_commit (stage);
    if (!stays) {
        stage_askf (stage, peer, "BYE|b|%s", name);
        stage_commit (stage);
    }
    return known (stage, name);
}

static bool use (stage_t *stage, const char *name, unsigned n, const char *place, const char *verb,
                 const char *rest)
{
    core_peer_t peer = came (stage, n, place);
    stage_askf (stage, peer, "HELLO|h|%s", name);
    stage_commit (stage);
    stage_askf (stage, peer, "%s|u|%s|%s", verb, name, rest);
    stage_commit (stage);
    stage_askf (stage, peer, "BYE|b|%s", name);
    stage_commit (stage);
    return known (stage, name);
}

static void claim_many (stage_t *stage, const char *prefix, int count, const char *place)
{
    static unsigned key;
    char name[32];
    for (int i = 0; i < count; i++) {
        snprintf (name, sizeof name, "%s%d", prefix, i);
        assert_true (claim (stage, name, 20 + key++ % 200, place, false));
    }
}

/*  Nine places with as many as a place may have, but for the last.            */
static void fill (stage_t *stage, int count)
{
    char prefix[16], place[32];
    for (int i = 0; count > 0; i++, count -= SHARE) {
        snprintf (prefix, sizeof prefix, "eve%cx", 'a' + i);
        snprintf (place, sizeof place, "10.0.0.%d", i);
        claim_many (stage, prefix, count < SHARE ? count : SHARE, place);
    }
}

static zchat_status_t fact_count (void *arg, const store_fact_t *fact)
{
    size_t *count = arg;
    *count += fact->room == 0 && fact->key.size > 5 && !memcmp (fact->key.data, "name/", 5);
    return ZCHAT_OK;
}

static zchat_status_t room_skip (void *arg, const store_room_t *room)
{
    (void)arg, (void)room;
    return ZCHAT_OK;
}

static zchat_status_t producer_skip (void *arg, const store_producer_t *producer)
{
    (void)arg, (void)producer;
    return ZCHAT_OK;
}

static size_t facts_of_names (stage_t *stage)
{
    size_t count = 0;
    store_loader_t loader = {
        .room = room_skip, .fact = fact_count, .producer = producer_skip, .arg = &count};
    assert_int_equal (store_load (stage->store, &loader), ZCHAT_OK);
    return count;
}

static void test_a_place_has_its_share (void **state)
{
    stage_t *stage = *state;
    assert_true (claim (stage, "anna", 1, "192.0.2.1", false));
    claim_many (stage, "eve", SHARE, "2001:db8:1/1");
    assert_true (claim (stage, "more", 9, "2001:db8:1/2", false));
    assert_false (known (stage, "eve0"));
    assert_true (known (stage, "eve1") && known (stage, "eve2") && known (stage, "anna"));
    stage_restart (stage);
    assert_true (claim (stage, "again", 8, "2001:db8:1/3", false));
    assert_false (known (stage, "eve1"));
    assert_true (known (stage, "eve2") && known (stage, "anna") && known (stage, "more"));
}

static void test_what_is_used_stays (void **state)
{
    stage_t *stage = *state;
    assert_true (use (stage, "says", 1, "10.0.0.1", "SAY", "dev|hello"));
    assert_true (use (stage, "joins", 2, "10.0.0.1", "JOIN", "dev"));
    assert_true (claim (stage, "told", 3, "10.0.0.1", false));
    assert_true (use (stage, "tells", 4, "10.0.0.2", "TELL", "told|hello"));
    stage_restart (stage);
    assert_false (claim (stage, "more", 5, "10.0.0.1", false));
    assert_true (known (stage, "says") && known (stage, "joins") && known (stage, "told"));
    assert_true (claim (stage, "elsewhere", 5, "10.0.0.3", false));
    core_peer_t peer = came (stage, 5, "10.0.0.1");
    stage->quiet = false;
    stage_ask (stage, peer, "HELLO|h|more");
    assert_true (stage_match ("*ERR|h|{\"code\":\"limit\",*from your address*", stage->lines[0]));
    stage->quiet = true;
}

static void test_who_is_here_keeps_the_name (void **state)
{
    stage_t *stage = *state;
    assert_true (claim (stage, "here", 1, "10.0.0.1", true));
    claim_many (stage, "away", SHARE - 1, "10.0.0.1");
    assert_true (claim (stage, "more", 5, "10.0.0.1", false));
    assert_true (known (stage, "here") && !known (stage, "away0"));
    /*  gone, it gives way: it is the oldest                                   */
    for (core_peer_t peer = 1; peer <= 50; peer++)
        stage_gone (stage, peer);
    stage->now.mono_ms += 60000;
    core_tick (stage->core, stage->now);
    assert_true (claim (stage, "another", 6, "10.0.0.1", false));
    assert_false (known (stage, "here"));
    assert_true (known (stage, "away1"));
}

/*  Nobody loses a name to whoever fills the table, and there is room for who comes then.  */
static void test_a_full_table_heals (void **state)
{
    stage_t *stage = *state;
    assert_true (claim (stage, "anna", 1, "192.0.2.1", false));
    assert_true (use (stage, "bob", 2, "192.0.2.2", "SAY", "dev|hello"));
    fill (stage, MOST - 2);
    stage_restart (stage);
    assert_true (claim (stage, "carol", 3, "192.0.2.3", false));
    assert_true (claim (stage, "dave", 4, "192.0.2.4", false));
    assert_true (known (stage, "anna") && known (stage, "bob") && known (stage, "carol"));
    char name[32];
    int gone = 0;
    for (int i = 0; i < MOST - 2; i++) {
        snprintf (name, sizeof name, "eve%cx%d", 'a' + i / SHARE, i % SHARE);
        gone += !known (stage, name);
    }
    assert_int_equal (gone, 2);
    assert_true (facts_of_names (stage) <= MOST);
}

/*  A commit that fails takes nothing from anybody.                            */
static void test_a_claim_in_vain (void **state)
{
    stage_t *stage = *state;
    claim_many (stage, "eve", SHARE, "10.0.0.1");
    stage_ask (stage, came (stage, 9, "10.0.0.1"), "HELLO|h|more");
    assert_true (stage_take (stage) > 0);
    stage_fail (stage);
    assert_true (known (stage, "eve0") && known (stage, "eve2") && !known (stage, "more"));
    assert_true (claim (stage, "more", 9, "10.0.0.1", false));
    assert_false (known (stage, "eve0"));
    stage_restart (stage);
    assert_true (known (stage, "eve1") && known (stage, "more") && !known (stage, "eve0"));
}

/*  A name that is over leaves nothing behind, however often it is claimed and freed.  */
static void test_what_is_no_more_counts_no_more (void **state)
{
    stage_t *stage = *state;
    for (int i = 0; i < 2 * MOST; i++) {
        assert_false (use (stage, "bob", 1 + (unsigned)i, "10.0.0.1", "KEY", "{\"free\":true}"));
        stage->now.wall_ms += ZCHAT_NAME_FREED_MS;
    }
    assert_true (facts_of_names (stage) <= 2);
    /*  freed ones that are claimed no more go too                             */
    stage_restart (stage);
    for (int i = 0; i < MOST; i++) {
        char name[32];
        snprintf (name, sizeof name, "carol%d", i);
        assert_false (use (stage, name, 1 + (unsigned)i, "10.0.0.2", "KEY", "{\"free\":true}"));
        stage->now.wall_ms += ZCHAT_NAME_FREED_MS;
    }
    assert_true (facts_of_names (stage) <= 3);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_a_place_has_its_share, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_is_used_stays, setup, teardown),
        cmocka_unit_test_setup_teardown (test_who_is_here_keeps_the_name, setup, teardown),
        cmocka_unit_test_setup_teardown (test_a_full_table_heals, setup, teardown),
        cmocka_unit_test_setup_teardown (test_a_claim_in_vain, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_is_no_more_counts_no_more, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
