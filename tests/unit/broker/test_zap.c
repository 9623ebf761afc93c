/*  test_zap.c - ZAP requests: one that is right, and every way to be wrong     */
#include "admission/zap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static const uint8_t a_key[ADDRESS_KEY_SIZE] = {1, 2, 3};
static char long_text[300];
static frame_t frames[ZAP_FRAMES + 2];

static int setup (void **state)
{
    frames[0] = frame_str ("1.0");
    frames[1] = frame_str ("1");
    frames[2] = frame_str ("zchat");
    frames[3] = frame_str ("10.0.0.7");
    frames[4] = frame_of (NULL, 0);
    frames[5] = frame_str ("CURVE");
    frames[6] = frame_of (a_key, sizeof a_key);
    frames[7] = frames[8] = frame_str ("more");
    memset (long_text, 'x', sizeof long_text);
    return 0;
}

static zap_status_t reads (size_t count, zap_request_t *request)
{
    const char *why = NULL;
    zap_status_t status = zap_read (frames, count, "zchat", true, request, &why);
    assert_true ((status == ZAP_ADMIT) == (why == NULL));
    assert_true ((status == ZAP_ADMIT) == (request->key != NULL));
    return status;
}

static void test_a_good_request (void **state)
{
    zap_request_t request;
    assert_int_equal (reads (ZAP_FRAMES, &request), ZAP_ADMIT);
    assert_true (frame_is (request.id, "1"));
    assert_true (frame_is (request.domain, "zchat"));
    assert_true (frame_is (request.address, "10.0.0.7"));
    assert_memory_equal (request.key, a_key, sizeof a_key);
    frames[1] = frame_of (long_text, 255);
    frames[3] = frame_of (long_text, 255);
    frames[4] = frame_of (long_text, 255);
    assert_int_equal (reads (ZAP_FRAMES, &request), ZAP_ADMIT);
    frames[3] = frame_of (NULL, 0);
    assert_int_equal (reads (ZAP_FRAMES, &request), ZAP_ADMIT);
    frames[3] = frame_str (":1000:1000:4711");
    assert_int_equal (reads (ZAP_FRAMES, &request), ZAP_ADMIT);
}

static void test_numbers_of_frames (void **state)
{
    zap_request_t request;
    for (size_t count = 0; count <= ZAP_FRAMES + 2; count++)
        if (count != ZAP_FRAMES)
            assert_int_equal (reads (count, &request), ZAP_BROKEN);
}

static void wrong (size_t at, frame_t frame, zap_status_t status)
{
    zap_request_t request;
    setup (NULL);
    frames[at] = frame;
    assert_int_equal (reads (ZAP_FRAMES, &request), status);
}

static void test_wrong_frames (void **state)
{
    static const uint8_t longer[ADDRESS_KEY_SIZE + 1];
    wrong (0, frame_str (""), ZAP_BROKEN);
    wrong (0, frame_str ("1.1"), ZAP_BROKEN);
    wrong (0, frame_str ("1.00"), ZAP_BROKEN);
    wrong (1, frame_str (""), ZAP_BROKEN);
    wrong (1, frame_of (long_text, 256), ZAP_BROKEN);
    wrong (2, frame_str (""), ZAP_BROKEN);
    wrong (2, frame_str ("zcha"), ZAP_BROKEN);
    wrong (2, frame_str ("zchat "), ZAP_BROKEN);
    wrong (3, frame_of (long_text, 256), ZAP_BROKEN);
    wrong (3, frame_str ("10.0.0.7\n"), ZAP_BROKEN);
    wrong (3, frame_of ("10\0", 3), ZAP_BROKEN);
    wrong (3, frame_str ("\xff"), ZAP_BROKEN);
    wrong (4, frame_of (long_text, 256), ZAP_BROKEN);
    wrong (5, frame_str ("NULL"), ZAP_REFUSE);
    wrong (5, frame_str ("PLAIN"), ZAP_REFUSE);
    wrong (5, frame_str ("curve"), ZAP_REFUSE);
    wrong (5, frame_str (""), ZAP_REFUSE);
    wrong (6, frame_of (NULL, 0), ZAP_BROKEN);
    wrong (6, frame_of (longer, sizeof longer), ZAP_BROKEN);
    wrong (6, frame_of (longer, ADDRESS_KEY_SIZE - 1), ZAP_BROKEN);
}

/*  A request without a mechanism's credentials, as NULL's.                    */
static void test_null_has_six_frames (void **state)
{
    zap_request_t request;
    frames[5] = frame_str ("NULL");
    assert_int_equal (reads (6, &request), ZAP_REFUSE);
}

static void test_an_id_that_can_be_answered (void **state)
{
    zap_request_t request;
    frames[0] = frame_str ("2.0");
    assert_int_equal (reads (ZAP_FRAMES, &request), ZAP_BROKEN);
    assert_true (frame_is (request.id, "1"));
    frames[1] = frame_of (long_text, 256);
    assert_int_equal (reads (ZAP_FRAMES, &request), ZAP_BROKEN);
    assert_int_equal (request.id.size, 0);
}

static void test_replies (void **state)
{
    static const zap_status_t all[] = {ZAP_ADMIT, ZAP_LATER, ZAP_REFUSE, ZAP_BROKEN};
    zap_request_t request = {.id = frame_str ("17")};
    frame_t reply[ZAP_REPLY_FRAMES];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char code[16];
        snprintf (code, sizeof code, "%d", (int)all[i]);
        zap_reply (&request, all[i], "who", frame_str ("more"), reply);
        assert_true (frame_is (reply[0], "1.0"));
        assert_true (frame_is (reply[1], "17"));
        assert_true (frame_is (reply[2], code));
        assert_true (reply[3].size > 0);
        assert_true (frame_is (reply[4], all[i] == ZAP_ADMIT ? "who" : ""));
        assert_true (frame_is (reply[5], all[i] == ZAP_ADMIT ? "more" : ""));
    }
}

/*  Without encryption there is the mechanism NULL, which proves nothing, and no other. */
static void test_not_encrypted (void **state)
{
    zap_request_t request;
    const char *why = NULL;
    assert_int_equal (zap_read (frames, ZAP_FRAMES, "zchat", false, &request, &why), ZAP_REFUSE);
    frames[5] = frame_str ("NULL");
    assert_int_equal (zap_read (frames, ZAP_FRAMES, "zchat", false, &request, &why), ZAP_BROKEN);
    assert_int_equal (zap_read (frames, ZAP_FRAMES - 1, "zchat", false, &request, &why), ZAP_ADMIT);
    assert_null (request.key);
    assert_true (frame_is (request.address, "10.0.0.7"));
    assert_int_equal (zap_read (frames, ZAP_FRAMES - 1, "zchat", true, &request, &why), ZAP_REFUSE);
}

static void test_properties (void **state)
{
    static const uint8_t expected[] = "\1a\0\0\0\2xy\3bcd\0\0\0\0";
    uint8_t metadata[ZAP_METADATA_MAX];
    size_t size = zap_property (metadata, 0, "a", "xy");
    size = zap_property (metadata, size, "bcd", "");
    assert_int_equal (size, sizeof expected - 1);
    assert_memory_equal (metadata, expected, size);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup (test_a_good_request, setup),
        cmocka_unit_test_setup (test_numbers_of_frames, setup),
        cmocka_unit_test_setup (test_wrong_frames, setup),
        cmocka_unit_test_setup (test_null_has_six_frames, setup),
        cmocka_unit_test_setup (test_an_id_that_can_be_answered, setup),
        cmocka_unit_test_setup (test_replies, setup),
        cmocka_unit_test_setup (test_not_encrypted, setup),
        cmocka_unit_test_setup (test_properties, setup),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
