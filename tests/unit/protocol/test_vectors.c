/*  test_vectors.c - protocol/vectors.json: packs, keys, addresses, names, errors */
#include "address.h"
#include "event_codec.h"
#include "name.h"
#include "request.h"
#include "vectors.h"

/*  --- packs -----------------------------------------------------------------  */

static bool text_is (frame_t text, const json_t *object, const char *key)
{
    return frame_is (text, text_of (object, key));
}

/*  One event, read from a pack, is that of the vector, and is written as it was. */
static size_t check_event (const event_t *event, const json_t *vector, const uint8_t *record)
{
    assert_int_equal (event->seq, number_of (vector, "seq"));
    assert_int_equal (event->time_ms, number_of (vector, "time"));
    assert_int_equal (event->type, number_of (vector, "number"));
    if (json_is_string (json_object_get (vector, "type")))
        assert_string_equal (zchat_type_name (event->type), text_of (vector, "type"));
    assert_true (text_is (event->user, vector, "user"));
    assert_true (text_is (event->body, vector, "body"));
    assert_true (text_is (event->data, vector, "data"));
    size_t size = event_record_size (event);
    uint8_t *written = malloc (size);
    assert_int_equal (event_record_encode (event, written), size);
    assert_memory_equal (written, record, size);
    free (written);
    return size;
}

/*  The four frames of an event.                                               */
static void check_frames (const event_t *event, const char *room, const json_t *frames)
{
    char topic[EVENT_TOPIC_MAX], meta[EVENT_META_MAX];
    size_t size = event_topic (topic, "room/", frame_str (room));
    assert_true (frame_is (frame_of (topic, size), json_string_value (json_array_get (frames, 0))));
    size = event_meta_encode (event, meta);
    json_t *ours = json_loadb (meta, size, 0, NULL);
    json_t *theirs = json_loads (json_string_value (json_array_get (frames, 3)), 0, NULL);
    assert_non_null (ours);
    assert_true (json_equal (ours, theirs));
    json_decref (ours);
    json_decref (theirs);
}

static void packs (void **state)
{
    size_t i, j;
    json_t *vector, *one;
    json_array_foreach (vectors_list ("packs"), i, vector)
    {
        size_t size, at = 0;
        uint8_t *bytes = bytes_of (text_of (vector, "pack"), &size);
        frame_t pack = frame_of (bytes, size);
        event_t event;
        char topic[EVENT_TOPIC_MAX];
        size_t topic_size = event_topic (topic, "pack/", frame_str (text_of (vector, "room")));
        assert_true (text_is (frame_of (topic, topic_size), vector, "topic"));
        json_array_foreach (json_object_get (vector, "events"), j, one)
        {
            assert_int_equal (event_record_next (&pack, &event), ZCHAT_OK);
            at += check_event (&event, one, bytes + at);
            if (json_is_array (json_object_get (vector, "frames")))
                check_frames (&event, text_of (vector, "room"),
                              json_array_get (json_object_get (vector, "frames"), j));
        }
        assert_int_equal (event_record_next (&pack, &event), ZCHAT_EMPTY);
        free (bytes);
    }
}

static void bad_packs (void **state)
{
    size_t i;
    json_t *vector;
    json_array_foreach (vectors_list ("bad_packs"), i, vector)
    {
        size_t size;
        uint8_t *bytes = bytes_of (text_of (vector, "pack"), &size);
        frame_t pack = frame_of (bytes, size);
        event_t event;
        zchat_status_t status;
        while ((status = event_record_next (&pack, &event)) == ZCHAT_OK)
            continue;
        if (status != ZCHAT_MALFORMED)
            fail_msg ("taken: %s", text_of (vector, "why"));
        free (bytes);
    }
}

/*  --- keys and addresses ----------------------------------------------------  */

static void check_key (const json_t *vector, bool written)
{
    uint8_t key[ADDRESS_KEY_SIZE], read[ADDRESS_KEY_SIZE];
    char text[ADDRESS_KEY_TEXT + 1];
    key_of (text_of (vector, "key"), key);
    assert_int_equal (address_key_decode (frame_str (text_of (vector, "text")), read, NULL),
                      ZCHAT_OK);
    assert_memory_equal (read, key, sizeof key);
    address_key_encode (key, text);
    if (written)
        assert_string_equal (text, text_of (vector, "text"));
}

static void keys (void **state)
{
    size_t i;
    json_t *vector;
    uint8_t read[ADDRESS_KEY_SIZE];
    json_array_foreach (vectors_list ("keys"), i, vector) check_key (vector, true);
    json_array_foreach (vectors_list ("keys_read_as"), i, vector) check_key (vector, false);
    json_array_foreach (vectors_list ("bad_keys"), i, vector)
    {
        if (address_key_decode (frame_str (text_of (vector, "text")), read, NULL) != ZCHAT_INVALID)
            fail_msg ("taken: %s", text_of (vector, "why"));
    }
}

static void addresses (void **state)
{
    size_t i;
    json_t *vector;
    address_t address;
    json_array_foreach (vectors_list ("addresses"), i, vector)
    {
        uint8_t key[ADDRESS_KEY_SIZE];
        key_of (text_of (vector, "key"), key);
        assert_int_equal (address_decode (text_of (vector, "address"), &address, NULL), ZCHAT_OK);
        assert_string_equal (address.endpoint, text_of (vector, "door"));
        assert_true (address.has_key);
        assert_memory_equal (address.key, key, sizeof key);
    }
    json_array_foreach (vectors_list ("bad_addresses"), i, vector)
    {
        if (address_decode (text_of (vector, "address"), &address, NULL) != ZCHAT_INVALID)
            fail_msg ("taken: %s", text_of (vector, "why"));
    }
}

/*  --- names -----------------------------------------------------------------  */

static frame_t frame_json (const json_t *string)
{
    assert_true (json_is_string (string));
    return frame_of (json_string_value (string), json_string_length (string));
}

static void names (void **state)
{
    size_t i;
    json_t *vector;
    name_keys_t keys;
    json_array_foreach (vectors_list ("names"), i, vector)
    {
        if (name_check (frame_str (text_of (vector, "name")), &keys, NULL) != ZCHAT_OK)
            fail_msg ("refused: %s", text_of (vector, "name"));
        assert_string_equal (keys.fold, text_of (vector, "fold"));
        assert_string_equal (keys.look, text_of (vector, "look"));
    }
    json_array_foreach (vectors_list ("bad_names"), i, vector)
    {
        if (name_check (frame_json (vector), &keys, NULL) != ZCHAT_NAME)
            fail_msg ("taken: bad_names[%zu]", i);
    }
}

static void same_names (void **state)
{
    size_t i;
    json_t *vector;
    json_array_foreach (vectors_list ("same_names"), i, vector)
    {
        const json_t *pair = json_object_get (vector, "names");
        name_keys_t one, other;
        assert_int_equal (name_check (frame_json (json_array_get (pair, 0)), &one, NULL), ZCHAT_OK);
        assert_int_equal (name_check (frame_json (json_array_get (pair, 1)), &other, NULL),
                          ZCHAT_OK);
        if (name_same (&one, &other) != json_is_true (json_object_get (vector, "same")))
            fail_msg ("same_names[%zu]", i);
    }
    json_array_foreach (vectors_list ("composed_names"), i, vector)
    {
        char composed[ZCHAT_NAME_MAX];
        frame_t name = name_compose (frame_str (text_of (vector, "sent")), composed);
        assert_true (text_is (name, vector, "name"));
    }
}

/*  --- errors ----------------------------------------------------------------  */

static void errors (void **state)
{
    size_t i, j;
    json_t *vector, *frame;
    bool seen[ZCHAT_STATUS_COUNT] = {false};
    json_array_foreach (vectors_list ("errors"), i, vector)
    {
        frame_t frames[3];
        reply_t reply;
        json_array_foreach (json_object_get (vector, "reply"), j, frame) frames[j] =
            frame_json (frame);
        assert_int_equal (reply_decode (frames, 3, &reply), ZCHAT_OK);
        assert_int_equal (reply.kind, REPLY_ERR);
        const char *code = text_of (vector, "code");
        zchat_status_t status = zchat_status_from_code (code, strlen (code));
        assert_true (status < ZCHAT_STATUS_COUNT);
        seen[status] = true;
    }
    /*  Every code that goes over the wire.                                    */
    for (int status = ZCHAT_MALFORMED; status < ZCHAT_EMPTY; status++)
        if (!seen[status])
            fail_msg ("no vector of %s", zchat_status_code ((zchat_status_t)status));
}

/*  What every example asks is a request, as far as it is meant to be one.      */
static void requests (void **state)
{
    size_t i, j, k;
    json_t *vector, *step, *frame;
    json_array_foreach (vectors_list ("errors"), i, vector)
    {
        json_array_foreach (json_object_get (vector, "do"), j, step)
        {
            frame_t frames[ZCHAT_FRAMES_MAX];
            const json_t *list = json_object_get (step, "send");
            const char *code = text_of (vector, "code");
            request_t request;
            json_array_foreach (list, k, frame) frames[k] = frame_json (frame);
            zchat_status_t status =
                request_decode (frames, json_array_size (list), &request, &(const char *){NULL});
            bool wrong = strcmp (code, "malformed") == 0 || strcmp (code, "verb") == 0;
            assert_int_equal (status,
                              wrong ? zchat_status_from_code (code, strlen (code)) : ZCHAT_OK);
        }
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (packs),     cmocka_unit_test (bad_packs), cmocka_unit_test (keys),
        cmocka_unit_test (addresses), cmocka_unit_test (names),     cmocka_unit_test (same_names),
        cmocka_unit_test (errors),    cmocka_unit_test (requests),
    };
    return cmocka_run_group_tests (tests, vectors_open, vectors_close);
}
