/*  test_event_codec.c - topics, metas and records                                   */
#include "event_codec.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static frame_t filled (char *buffer, size_t size, char byte)
{
    memset (buffer, byte, size);
    return frame_of (buffer, size);
}

/*  --- topics ----------------------------------------------------------------  */

static void a_topic_holds_its_name (void **state)
{
    char topic[EVENT_TOPIC_MAX];
    size_t size = event_topic (topic, "room/", frame_str ("lobby"));
    assert_int_equal (size, 11);
    assert_memory_equal (topic, "room/lobby/", 11);

    frame_t name;
    assert_true (event_topic_name (frame_of (topic, size), "room/", &name));
    assert_true (frame_is (name, "lobby"));
    assert_ptr_equal (name.data, topic + 5);
    assert_false (event_topic_name (frame_of (topic, size), "pack/", &name));

    char longest[ZCHAT_NAME_MAX];
    size = event_topic (topic, "pack/", filled (longest, sizeof longest, 'x'));
    assert_int_equal (size, EVENT_TOPIC_MAX);
    assert_true (event_topic_name (frame_of (topic, size), "pack/", &name));
    assert_int_equal (name.size, ZCHAT_NAME_MAX);
}

static void what_is_no_topic_is_refused (void **state)
{
    const char *wrong[] = {"",        "room",      "room/",       "room//",
                           "room/a",  "room/a/b/", "room/a//",    "Room/a/",
                           "pack/a/", " room/a/",  "roomXlobby/", "room/lobby/x"};
    frame_t name = frame_str ("untouched");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false (event_topic_name (frame_str (wrong[i]), "room/", &name));
    char topic[EVENT_TOPIC_MAX + 1];
    char longest[ZCHAT_NAME_MAX];
    size_t size = event_topic (topic, "room/", filled (longest, sizeof longest, 'x'));
    topic[size - 1] = 'x';
    topic[size] = '/';
    assert_false (event_topic_name (frame_of (topic, sizeof topic), "room/", &name));
    assert_false (event_topic_name (frame_of (NULL, 0), "room/", &name));
    assert_true (frame_is (name, "untouched"));
}

/*  --- metas -----------------------------------------------------------------  */

static void assert_meta (const event_t *event, const char *expected)
{
    char meta[EVENT_META_MAX];
    size_t size = event_meta_encode (event, meta);
    if (!frame_is (frame_of (meta, size), expected))
        fail_msg ("%.*s, not %s", (int)size, meta, expected);
    json_t *json = json_loadb (meta, size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null (json);
    json_decref (json);
}

static void a_meta_is_json (void **state)
{
    event_t event = {.seq = 1042, .time_ms = 1732089600123, .type = ZCHAT_TYPE_SAY};
    assert_meta (&event, "{\"type\":\"say\",\"seq\":1042,\"time\":1732089600123}");
    event.data = frame_str ("{\"b\":1,\"a\":[2]}");
    assert_meta (&event, "{\"type\":\"say\",\"seq\":1042,\"time\":1732089600123,"
                         "\"data\":{\"b\":1,\"a\":[2]}}");
    event = (event_t){.time_ms = 0, .type = ZCHAT_TYPE_JOIN, .data = frame_str ("{}")};
    assert_meta (&event, "{\"type\":\"join\",\"time\":0,\"data\":{}}");
    event.type = (zchat_type_t)200;
    assert_meta (&event, "{\"type\":\"unknown\",\"time\":0,\"data\":{}}");
}

static void the_longest_meta_fits (void **state)
{
    char data[ZCHAT_DATA_MAX];
    filled (data, sizeof data, ' ');
    data[0] = '{';
    data[sizeof data - 1] = '}';
    event_t event = {.seq = UINT64_MAX,
                     .time_ms = UINT64_MAX,
                     .type = ZCHAT_TYPE_PRESENCE,
                     .data = frame_of (data, sizeof data)};
    char *meta = malloc (EVENT_META_MAX); /* on the heap, where a sanitizer sees its end */
    size_t size = event_meta_encode (&event, meta);
    assert_true (size <= EVENT_META_MAX);
    const char start[] = "{\"type\":\"presence\",\"seq\":18446744073709551615,\"time\":";
    assert_memory_equal (meta, start, sizeof start - 1);
    assert_int_equal (meta[size - 1], '}');
    free (meta);
}

/*  --- records ---------------------------------------------------------------  */

static void assert_same_event (const event_t *a, const event_t *b)
{
    assert_true (a->seq == b->seq);
    assert_true (a->time_ms == b->time_ms);
    assert_int_equal (a->type, b->type);
    assert_true (frame_eq (a->user, b->user));
    assert_true (frame_eq (a->data, b->data));
    assert_true (frame_eq (a->body, b->body));
}

static void a_record_has_the_bytes_of_the_protocol (void **state)
{
    event_t event = {.seq = 0x0102030405060708,
                     .time_ms = 0x1112131415161718,
                     .type = ZCHAT_TYPE_JOIN,
                     .user = frame_str ("bob"),
                     .data = frame_str ("{}"),
                     .body = frame_str ("hi")};
    const char expected[] = "\0\0\0\x1b\1\2\3\4\5\6\7\x8\x11\x12\x13\x14\x15\x16\x17\x18\x10\3bob"
                            "\0\2{}hi";
    uint8_t buffer[64];
    assert_int_equal (event_record_size (&event), sizeof expected - 1);
    assert_int_equal (event_record_encode (&event, buffer), sizeof expected - 1);
    assert_memory_equal (buffer, expected, sizeof expected - 1);
}

static void records_of_a_pack_come_back_in_order (void **state)
{
    char user[ZCHAT_NAME_MAX];
    char data[ZCHAT_DATA_MAX];
    char *body = malloc (ZCHAT_BODY_MAX);
    const event_t events[] = {
        {.seq = 1,
         .time_ms = 2,
         .type = ZCHAT_TYPE_SAY,
         .user = frame_str ("a"),
         .body = frame_str ("b")},
        {.type = ZCHAT_TYPE_NONE},
        {.seq = UINT64_MAX,
         .time_ms = UINT64_MAX,
         .type = ZCHAT_TYPE_MAX,
         .user = filled (user, sizeof user, '\xff'),
         .data = filled (data, sizeof data, '{'),
         .body = filled (body, ZCHAT_BODY_MAX, 'z')},
        {.seq = 3, .type = (zchat_type_t)77, .body = frame_of ("\0x", 2)},
    };
    enum { COUNT = sizeof events / sizeof *events };
    size_t size = 0;
    for (size_t i = 0; i < COUNT; i++)
        size += event_record_size (events + i);
    uint8_t *bytes = malloc (size);
    size_t at = 0;
    for (size_t i = 0; i < COUNT; i++)
        at += event_record_encode (events + i, bytes + at);
    assert_int_equal (at, size);

    frame_t pack = frame_of (bytes, size);
    event_t event;
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal (event_record_next (&pack, &event), ZCHAT_OK);
        assert_same_event (&event, events + i);
    }
    assert_int_equal (pack.size, 0);
    assert_int_equal (event_record_next (&pack, &event), ZCHAT_EMPTY);
    assert_same_event (&event, events + COUNT - 1);
    free (bytes);
    free (body);
}

static void an_empty_pack_is_empty (void **state)
{
    frame_t pack = frame_of (NULL, 0);
    event_t event;
    assert_int_equal (event_record_next (&pack, &event), ZCHAT_EMPTY);
}

static void refused (const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc (size); /* of the exact size: reading behind it is seen */
    memcpy (copy, bytes, size);
    frame_t pack = frame_of (copy, size);
    event_t event = {.seq = 99};
    assert_int_equal (event_record_next (&pack, &event), ZCHAT_MALFORMED);
    assert_ptr_equal (pack.data, copy);
    assert_int_equal (pack.size, size);
    assert_int_equal (event.seq, 99);
    free (copy);
}

static void a_record_cut_short_is_refused (void **state)
{
    event_t event = {.type = ZCHAT_TYPE_SAY,
                     .user = frame_str ("bob"),
                     .data = frame_str ("{}"),
                     .body = frame_str ("hello")};
    uint8_t bytes[64];
    size_t size = event_record_encode (&event, bytes);
    for (size_t cut = 1; cut < size; cut++)
        refused (bytes, cut);
}

static void lengths_that_lie_are_refused (void **state)
{
    event_t event = {.type = ZCHAT_TYPE_SAY,
                     .user = frame_str ("bob"),
                     .data = frame_str ("{}"),
                     .body = frame_str ("hello")};
    uint8_t good[64];
    size_t size = event_record_encode (&event, good);
    uint8_t bytes[64];
    static const struct {
        size_t at;
        uint8_t value;
    } lies[] = {
        {0, 0xFF}, {0, 0x80},  {2, 1},    {3, 0},    {3, 19}, /* the record's length */
        {3, 0xFF}, {21, 129},  {21, 255}, {21, 11},           /* the user's          */
        {25, 1},   {25, 0xFF}, {26, 8},   {26, 255},          /* that of data        */
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        memcpy (bytes, good, size);
        bytes[lies[i].at] = lies[i].value;
        refused (bytes, size);
    }
    /* a shorter record is one, and leaves a rest that is none */
    memcpy (bytes, good, size);
    bytes[3]--;
    frame_t pack = frame_of (bytes, size);
    assert_int_equal (event_record_next (&pack, &event), ZCHAT_OK);
    assert_true (frame_is (event.body, "hell"));
    assert_int_equal (pack.size, 1);
    assert_int_equal (event_record_next (&pack, &event), ZCHAT_MALFORMED);
    assert_int_equal (pack.size, 1);
}

/*  A record of these sizes, which need not be allowed ones.                   */
static zchat_status_t read_sizes (size_t user, size_t data, size_t body)
{
    size_t size = EVENT_RECORD_FIXED + user + data + body;
    uint8_t *bytes = calloc (1, size);
    size_t length = size - 4;
    bytes[1] = (uint8_t)(length >> 16);
    bytes[2] = (uint8_t)(length >> 8 & 0xFF);
    bytes[3] = (uint8_t)(length & 0xFF);
    bytes[21] = (uint8_t)user;
    bytes[22 + user] = (uint8_t)(data >> 8);
    bytes[23 + user] = (uint8_t)(data & 0xFF);
    frame_t pack = frame_of (bytes, size);
    event_t event;
    zchat_status_t status = event_record_next (&pack, &event);
    free (bytes);
    return status;
}

static void limits_hold (void **state)
{
    assert_int_equal (read_sizes (ZCHAT_NAME_MAX, ZCHAT_DATA_MAX, ZCHAT_BODY_MAX), ZCHAT_OK);
    assert_int_equal (read_sizes (ZCHAT_NAME_MAX + 1, 0, 0), ZCHAT_MALFORMED);
    assert_int_equal (read_sizes (0, ZCHAT_DATA_MAX + 1, 0), ZCHAT_MALFORMED);
    assert_int_equal (read_sizes (0, 0, ZCHAT_BODY_MAX + 1), ZCHAT_MALFORMED);
}

/*  Whatever the bytes are, the reader ends and stays inside (seen by a sanitizer). */
static void random_bytes_do_no_harm (void **state)
{
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[96];
        size_t size = 0;
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (uint8_t)(seed >> 24);
            if (i == 0)
                size = bytes[0] % sizeof bytes;
        }
        bytes[0] = bytes[1] = bytes[2] = 0; /* else no length ever fits */
        bytes[21] &= 0x1F;
        uint8_t *copy = malloc (size + 1);
        memcpy (copy + 1, bytes, size);
        frame_t pack = frame_of (copy + 1, size);
        event_t event;
        size_t before = pack.size;
        while (event_record_next (&pack, &event) == ZCHAT_OK) {
            assert_true (pack.size < before);
            assert_int_equal (before - pack.size, event_record_size (&event));
            before = pack.size;
        }
        free (copy);
    }
}

static void test_number (void **state)
{
    char json[EVENT_NUMBER_MAX];
    size_t size = event_number_encode (&(event_t){.seq = 7, .time_ms = 1764374400123}, json);
    assert_true (frame_is (frame_of (json, size), "{\"seq\":7,\"time\":1764374400123}"));
    size = event_number_encode (&(event_t){.seq = UINT64_MAX, .time_ms = UINT64_MAX}, json);
    assert_true (frame_is (frame_of (json, size), "{\"seq\":18446744073709551615,"
                                                  "\"time\":18446744073709551615}"));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_number),
        cmocka_unit_test (a_topic_holds_its_name),
        cmocka_unit_test (what_is_no_topic_is_refused),
        cmocka_unit_test (a_meta_is_json),
        cmocka_unit_test (the_longest_meta_fits),
        cmocka_unit_test (a_record_has_the_bytes_of_the_protocol),
        cmocka_unit_test (records_of_a_pack_come_back_in_order),
        cmocka_unit_test (an_empty_pack_is_empty),
        cmocka_unit_test (a_record_cut_short_is_refused),
        cmocka_unit_test (lengths_that_lie_are_refused),
        cmocka_unit_test (limits_hold),
        cmocka_unit_test (random_bytes_do_no_harm),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
