/*  test_batch.c - effects that wait for a commit: order, bounds, linked records, undoing  */
#include "stage.h"

#include "batch.h"
#include "ledger/owners.h"

typedef struct {
    batch_t *batch;
    ledger_t *ledger;
    room_t *room;
} place_t;

static place_t place_new (void)
{
    place_t place = {.batch = batch_new (), .ledger = ledger_new ()};
    name_keys_t keys;
    assert_int_equal (name_check (frame_str ("hall"), &keys, NULL), ZCHAT_OK);
    place.room = ledger_room_make (place.ledger, frame_str ("hall"), &keys, "x");
    return place;
}

static void place_destroy (place_t *place)
{
    batch_destroy (&place->batch);
    assert_null (place->batch);
    batch_destroy (&place->batch);
    ledger_destroy (&place->ledger);
}

static void hold_message (place_t *place, const char *body, bool linked)
{
    held_t held = {.kind = HELD_MESSAGE,
                   .entry.room = place->room,
                   .linked = linked,
                   .event = {.type = ZCHAT_TYPE_SAY, .body = frame_str (body)}};
    uint64_t expected;
    assert_int_equal (ledger_apply (place->ledger, &held.entry, 1, &expected), ZCHAT_OK);
    held.event.seq = held.entry.seq;
    batch_hold (place->batch, &held);
}

static void hold_fact (place_t *place, const char *key, const char *value, bool linked)
{
    const char *is = ledger_fact (place->ledger, place->room, key);
    char *old = is ? memory_string (is, strlen (is)) : NULL;
    held_t held = {.kind = HELD_FACT,
                   .entry.room = place->room,
                   .linked = linked,
                   .fact_key = frame_str (key),
                   .fact_value = frame_str (value),
                   .fact_old = old ? frame_str (old) : frame_of (NULL, 0)};
    assert_int_equal (ledger_fact_set (place->ledger, place->room, key, frame_str (value)),
                      ZCHAT_OK);
    batch_hold (place->batch, &held);
    free (old);
}

static void hold_reply (place_t *place, const char *json)
{
    held_t held = {.kind = HELD_REPLY, .tag = frame_str ("t"), .json = frame_str (json)};
    batch_hold (place->batch, &held);
}

static void next_is (place_t *place, held_kind_t kind)
{
    held_t *held = batch_next (place->batch);
    assert_non_null (held);
    assert_int_equal (held->kind, kind);
    batch_free (held);
}

static void drain (place_t *place)
{
    held_t *held;
    while ((held = batch_next (place->batch)))
        batch_free (held);
}

static void test_only_records_wait (void **state)
{
    place_t place = place_new ();
    const store_record_t *records;
    assert_int_equal (batch_take (place.batch, &records), 0);
    hold_reply (&place, "a");
    assert_int_equal (batch_take (place.batch, &records), 0);
    next_is (&place, HELD_REPLY);
    hold_message (&place, "x", false);
    hold_reply (&place, "b");
    assert_null (batch_next (place.batch));
    hold_fact (&place, "role/#1", "operator", false);
    hold_reply (&place, "c");
    assert_int_equal (batch_take (place.batch, &records), 2);
    assert_true (frame_is (records[0].event.body, "x"));
    assert_int_equal (records[0].event.seq, 1);
    assert_int_equal (records[0].fact_key.size, 0);
    assert_int_equal (records[1].event.type, ZCHAT_TYPE_NONE);
    assert_true (frame_is (records[1].fact_key, "role/#1"));
    assert_true (frame_is (records[1].room_name, "hall"));
    assert_int_equal (records[1].room, 1);
    assert_true (batch_in_flight (place.batch));
    /*  What gathers meanwhile waits, replies too, and is not taken.           */
    hold_reply (&place, "d");
    hold_message (&place, "y", false);
    assert_int_equal (batch_take (place.batch, &records), 0);
    assert_null (batch_next (place.batch));
    assert_int_equal (batch_held (place.batch), 6);
    batch_land (place.batch);
    next_is (&place, HELD_MESSAGE);
    next_is (&place, HELD_REPLY);
    next_is (&place, HELD_FACT);
    next_is (&place, HELD_REPLY);
    next_is (&place, HELD_REPLY);
    assert_null (batch_next (place.batch));
    assert_int_equal (batch_held (place.batch), 1);
    place_destroy (&place);
}

static void test_what_is_held_is_a_copy (void **state)
{
    place_t place = place_new ();
    char user[] = "ann", body[] = "body", data[] = "{}", key[] = "role/#1", value[] = "member",
         old[] = "operator", subject[] = "#1", tag[] = "tag", json[] = "json";
    held_t held = {
        .kind = HELD_MESSAGE,
        .event = {.user = frame_str (user), .body = frame_str (body), .data = frame_str (data)},
        .fact_key = frame_str (key),
        .fact_value = frame_str (value),
        .fact_old = frame_str (old),
        .subject = frame_str (subject),
        .tag = frame_str (tag),
        .json = frame_str (json)};
    const store_record_t *records;
    batch_hold (place.batch, &held);
    user[0] = body[0] = data[0] = key[0] = value[0] = old[0] = subject[0] = tag[0] = json[0] = '?';
    assert_int_equal (batch_take (place.batch, &records), 1);
    assert_true (frame_is (records[0].event.user, "ann"));
    assert_true (frame_is (records[0].event.body, "body"));
    assert_true (frame_is (records[0].fact_value, "member"));
    assert_int_equal (records[0].room, 0);
    batch_land (place.batch);
    held_t *out = batch_next (place.batch);
    assert_true (frame_is (out->event.data, "{}") && frame_is (out->fact_key, "role/#1") &&
                 frame_is (out->fact_old, "operator") && frame_is (out->subject, "#1") &&
                 frame_is (out->tag, "tag") && frame_is (out->json, "json"));
    assert_int_equal (batch_held_bytes (place.batch), 0);
    batch_free (out);
    place_destroy (&place);
}

/*  n records before a chain of linked ones: how many are taken.               */
static size_t taken (size_t before, size_t chain, const char *body)
{
    place_t place = place_new ();
    const store_record_t *records;
    for (size_t i = 0; i < before; i++)
        hold_message (&place, body, false);
    for (size_t i = 0; i < chain; i++) {
        hold_message (&place, body, i + 1 < chain);
        hold_reply (&place, "between");
    }
    hold_message (&place, body, false);
    size_t count = batch_take (place.batch, &records);
    for (size_t more = count, all = count; more; all += more) {
        batch_land (place.batch);
        drain (&place);
        more = batch_take (place.batch, &records);
        assert_true (more || all == before + chain + 1);
    }
    place_destroy (&place);
    return count;
}

static void test_linked_records_stay_together_at_the_bound (void **state)
{
    assert_int_equal (taken (ZCHAT_BATCH_MAX, 2, "x"), ZCHAT_BATCH_MAX);
    assert_int_equal (taken (ZCHAT_BATCH_MAX - 1, 2, "x"), ZCHAT_BATCH_MAX + 1);
    assert_int_equal (taken (ZCHAT_BATCH_MAX - 1, 3, "x"), ZCHAT_BATCH_MAX + 2);
    assert_int_equal (taken (ZCHAT_BATCH_MAX - 2, 2, "x"), ZCHAT_BATCH_MAX);
    assert_int_equal (taken (ZCHAT_BATCH_MAX - 1, 1, "x"), ZCHAT_BATCH_MAX);
}

static void test_linked_records_stay_together_at_the_byte_bound (void **state)
{
    char *body = memory_new (ZCHAT_BODY_MAX + 1);
    memset (body, 'x', ZCHAT_BODY_MAX);
    body[ZCHAT_BODY_MAX] = '\0';
    size_t most = taken (500, 1, body);
    assert_true (most > 1 && most < 500);
    assert_int_equal (taken (most, 2, body), most);
    assert_int_equal (taken (most - 1, 2, body), most + 1);
    assert_int_equal (taken (most - 2, 2, body), most);
    free (body);
}

/*  The last one says that it is linked, and nothing follows: it goes all the same. */
static void test_a_link_to_nothing (void **state)
{
    place_t place = place_new ();
    const store_record_t *records;
    hold_message (&place, "x", true);
    assert_int_equal (batch_take (place.batch, &records), 1);
    batch_land (place.batch);
    next_is (&place, HELD_MESSAGE);
    place_destroy (&place);
}

static void test_a_failure_undoes_all_last_first (void **state)
{
    place_t place = place_new ();
    const store_record_t *records;
    hold_fact (&place, "role/#1", "member", false);
    assert_int_equal (batch_take (place.batch, &records), 1);
    batch_land (place.batch);
    drain (&place);
    hold_message (&place, "x", true);
    hold_fact (&place, "role/#1", "", true);
    hold_fact (&place, "role/#2", "member", false);
    assert_int_equal (batch_take (place.batch, &records), 3);
    hold_fact (&place, "role/#1", "operator", false);
    hold_fact (&place, "mode", "{\"private\":true,\"closed\":true}", false);
    hold_fact (&place, "role/#2", "operator", false);
    hold_message (&place, "y", false);
    hold_reply (&place, "z");
    assert_int_equal (place.room->next, 2);
    assert_int_equal (place.room->n_roles, 2);
    assert_true (place.room->is_private && place.room->closed);
    batch_fail (place.batch, place.ledger);
    assert_false (batch_in_flight (place.batch));
    assert_string_equal (ledger_fact (place.ledger, place.room, "role/#1"), "member");
    assert_null (ledger_fact (place.ledger, place.room, "role/#2"));
    assert_false (place.room->is_private || place.room->closed);
    assert_int_equal (place.room->n_roles, 1);
    assert_int_equal (place.room->next, 0);
    assert_int_equal (place.room->id, 0);
    assert_int_equal (batch_take (place.batch, &records), 0);
    assert_int_equal (batch_held (place.batch), 8);
    drain (&place);
    assert_int_equal (batch_held (place.batch), 0);
    assert_int_equal (batch_held_bytes (place.batch), 0);
    place_destroy (&place);
}

static void test_facts_of_the_broker_are_undone (void **state)
{
    place_t place = place_new ();
    const store_record_t *records;
    name_keys_t keys;
    assert_int_equal (name_check (frame_str ("bob"), &keys, NULL), ZCHAT_OK);
    room_t *room = place.room;
    place.room = NULL;
    hold_fact (&place, "name/1", "{\"name\":\"bob\",\"keys\":[],\"since\":1}", false);
    assert_int_equal (batch_take (place.batch, &records), 1);
    assert_int_equal (records[0].room, 0);
    assert_int_equal (records[0].room_name.size, 0);
    hold_fact (&place, "name/1", "{}", true);
    hold_fact (&place, "name/2", "{\"name\":\"bob\",\"keys\":[],\"since\":2}", false);
    assert_int_equal (ledger_owner (place.ledger, &keys)->id, 2);
    batch_fail (place.batch, place.ledger);
    assert_null (ledger_owner (place.ledger, &keys));
    drain (&place);
    place.room = room;
    place_destroy (&place);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_only_records_wait),
        cmocka_unit_test (test_what_is_held_is_a_copy),
        cmocka_unit_test (test_linked_records_stay_together_at_the_bound),
        cmocka_unit_test (test_linked_records_stay_together_at_the_byte_bound),
        cmocka_unit_test (test_a_link_to_nothing),
        cmocka_unit_test (test_a_failure_undoes_all_last_first),
        cmocka_unit_test (test_facts_of_the_broker_are_undone),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
