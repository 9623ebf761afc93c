/*  test_subscriptions.c - topics that can be, bounds of a connection and of all */
#include "net/subscriptions.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <zchat/limits.h>

#include <cmocka.h>

static const char *heard (subscriptions_t *self, int fd, const char *owner, bool on,
                          const char *topic)
{
    char message[ZCHAT_SUBSCRIPTION_MAX];
    size_t size = strlen (topic);
    message[0] = on;
    memcpy (message + 1, topic, size);
    return subscriptions_heard (self, fd, frame_str (owner), frame_of (message, size + 1), 0);
}

static void test_possible (void **state)
{
    static const char *const possible[] = {
        "",           "r",         "room/",
        "room/dev",   "room/dev/", "pack/dev/",
        "sync/a-1/",  "room/@/",   "pack/\xd1\x81\xd0\xbe\xd1\x80/",
        "room/later/"};
    static const char *const impossible[] = {"x",         "rooms/",     "room/dev/x",
                                             "room/a b/", "room/\x01/", "pack//dev/",
                                             "ROOM/dev/", "sync/\x7f/"};
    char name[ZCHAT_NAME_MAX + 8] = "room/";
    (void)state;
    for (size_t i = 0; i < sizeof possible / sizeof *possible; i++)
        assert_true (subscriptions_possible (frame_str (possible[i])));
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++)
        assert_false (subscriptions_possible (frame_str (impossible[i])));
    memset (name + 5, 'a', ZCHAT_NAME_MAX + 1);
    assert_true (subscriptions_possible (frame_of (name, 5 + ZCHAT_NAME_MAX)));
    assert_false (subscriptions_possible (frame_of (name, 5 + ZCHAT_NAME_MAX + 1)));
    memcpy (name, "sync/", 5);
    assert_true (subscriptions_possible (frame_of (name, 5 + ZCHAT_NONCE_MAX)));
    assert_false (subscriptions_possible (frame_of (name, 5 + ZCHAT_NONCE_MAX + 1)));
}

/*  What several have counts once; what comes twice, once; what was not there takes nothing away. */
static void test_counted (void **state)
{
    subscriptions_t *self = subscriptions_new ();
    (void)state;
    assert_null (heard (self, 1, "a", true, "room/dev/"));
    assert_null (heard (self, 1, "a", true, "room/dev/"));
    assert_null (heard (self, 2, "b", true, "room/dev/"));
    assert_null (heard (self, 2, "b", true, ""));
    assert_null (heard (self, 2, "b", false, "room/other/"));
    assert_int_equal (subscriptions_bytes (self), 9);
    assert_null (heard (self, 1, "a", false, "room/dev/"));
    assert_null (heard (self, 1, "a", false, "room/dev/"));
    assert_int_equal (subscriptions_bytes (self), 9);
    subscriptions_gone (self, 2);
    subscriptions_gone (self, 2);
    assert_int_equal (subscriptions_bytes (self), 0);
    assert_int_equal (subscriptions_excess (self), -1);
    subscriptions_destroy (&self);
    subscriptions_destroy (&self);
}

/*  Told once; a new connection with the descriptor begins anew.                */
static void test_refused (void **state)
{
    subscriptions_t *self = subscriptions_new ();
    (void)state;
    assert_null (heard (self, 1, "a", true, "room/dev/"));
    assert_non_null (heard (self, 1, "a", true, "nonsense"));
    assert_int_equal (subscriptions_bytes (self), 0);
    assert_null (heard (self, 1, "a", true, "nonsense"));
    assert_null (heard (self, 1, "a", true, "room/dev/"));
    assert_int_equal (subscriptions_bytes (self), 0);
    subscriptions_gone (self, 1);
    assert_null (heard (self, 1, "a", true, "room/dev/"));
    assert_int_equal (subscriptions_bytes (self), 9);
    assert_non_null (subscriptions_heard (self, 2, frame_str ("a"), frame_str ("hello"), 0));
    assert_non_null (subscriptions_heard (self, 3, frame_str ("a"), frame_of (NULL, 0), 0));
    subscriptions_destroy (&self);
}

static void test_one_has_many (void **state)
{
    subscriptions_t *self = subscriptions_new ();
    char topic[ZCHAT_NAME_MAX + 8];
    int count = 0;
    (void)state;
    do
        snprintf (topic, sizeof topic, "room/%d/", count++);
    while (!heard (self, 1, "a", true, topic));
    assert_int_equal (count, ZCHAT_FEED_TOPICS_MAX + 1);
    count = 0;
    do
        snprintf (topic, sizeof topic, "room/%0120d/", count++);
    while (!heard (self, 2, "a", true, topic));
    assert_int_equal (count, ZCHAT_FEED_TOPICS_BYTES_MAX / 126 + 1);
    assert_int_equal (subscriptions_bytes (self), 0);
    subscriptions_destroy (&self);
}

/*  Subscribing and unsubscribing one topic costs as well; with time there is more. */
static void test_churn (void **state)
{
    subscriptions_t *self = subscriptions_new ();
    const frame_t owner = frame_str ("a"), message = frame_str ("\1room/dev/");
    (void)state;
    for (int i = 0; i < ZCHAT_SUBSCRIBE; i++)
        assert_null (subscriptions_heard (self, 1, owner, message, 0));
    for (int i = 0; i < ZCHAT_SUBSCRIBE_S; i++)
        assert_null (subscriptions_heard (self, 1, owner, message, 1000));
    assert_non_null (subscriptions_heard (self, 1, owner, message, 1000));
    subscriptions_destroy (&self);
}

/*  All together have too much: whose connections have most gives way, and who has little stays. */
static void test_excess (void **state)
{
    subscriptions_t *self = subscriptions_new ();
    char topic[ZCHAT_NAME_MAX + 8];
    int closed = -1, fd = 100;
    (void)state;
    for (int i = 0; i < 200; i++) {
        snprintf (topic, sizeof topic, "room/%0100d/", i);
        assert_null (heard (self, 1, "honest", true, topic));
    }
    for (int i = 0; closed < 0 && i < 10000; i++) {
        fd = 100 + i / 100;
        snprintf (topic, sizeof topic, "pack/%0100d/", i);
        assert_null (heard (self, fd, "greedy", true, topic));
        closed = subscriptions_excess (self);
    }
    assert_true (closed >= 100);
    assert_true (subscriptions_bytes (self) <= ZCHAT_FEED_BYTES_MAX);
    assert_int_equal (subscriptions_excess (self), -1);
    subscriptions_destroy (&self);
}

static void test_of_rooms (void **state)
{
    static const char *const are[] = {"", "r", "room", "room/", "room/dev/", "room/x"};
    static const char *const others[] = {"p", "pack/", "sync/a/", "rooms/", "roo/", "Room/", "x"};
    (void)state;
    for (size_t i = 0; i < sizeof are / sizeof *are; i++)
        assert_true (subscriptions_of_rooms (frame_str (are[i])));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false (subscriptions_of_rooms (frame_str (others[i])));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_of_rooms),     cmocka_unit_test (test_possible),
        cmocka_unit_test (test_counted),      cmocka_unit_test (test_refused),
        cmocka_unit_test (test_one_has_many), cmocka_unit_test (test_churn),
        cmocka_unit_test (test_excess),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
