/*  test_route.c - what a request asks for                                      */
#include "route.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static route_t s_route;
static char s_allow[ROUTE_ALLOW_MAX];

static route_result_t read (const char *method, const char *path)
{
    s_allow[0] = '\0';
    return route_read (method, path, &s_route, s_allow);
}

static void found (const char *method, const char *path, route_kind_t kind)
{
    assert_int_equal (read (method, path), ROUTE_FOUND);
    assert_int_equal (s_route.kind, kind);
}

static void every_path (void **state)
{
    found ("GET", "/", ROUTE_FILE);
    assert_string_equal (s_route.word, "");
    found ("GET", "/page.js", ROUTE_FILE);
    assert_string_equal (s_route.word, "page.js");
    found ("GET", "/rooms", ROUTE_ROOMS);
    found ("GET", "/rooms/dev", ROUTE_HISTORY);
    assert_string_equal (s_route.room, "dev");
    found ("POST", "/rooms/%D0%B4%D0%B0", ROUTE_SAY);
    assert_string_equal (s_route.room, "да");
    found ("PUT", "/rooms/dev/17", ROUTE_EDIT);
    assert_int_equal (s_route.seq, 17);
    found ("DELETE", "/rooms/dev/17", ROUTE_REMOVE);
    found ("PUT", "/rooms/dev/17/reactions/%2B1", ROUTE_REACT);
    assert_string_equal (s_route.word, "+1");
    found ("DELETE", "/rooms/dev/17/reactions/a%2Fb", ROUTE_UNREACT);
    assert_string_equal (s_route.word, "a/b");
    found ("POST", "/direct/bob", ROUTE_TELL);
    found ("PUT", "/rooms/@/read", ROUTE_MARK);
    found ("GET", "/rooms/dev/read", ROUTE_MARKED);
    found ("GET", "/rooms/dev/topic", ROUTE_TOPIC);
    found ("PUT", "/rooms/dev/topic", ROUTE_TOPIC_SET);
    found ("GET", "/rooms/dev/mode", ROUTE_MODE);
    found ("GET", "/rooms/dev/events", ROUTE_ROOM_EVENTS);
    found ("GET", "/events", ROUTE_EVENTS);
    found ("GET", "/unread", ROUTE_UNREAD);
    found ("PUT", "/away", ROUTE_AWAY);
    found ("DELETE", "/away", ROUTE_BACK);
    found ("GET", "/who", ROUTE_WHO);
    found ("GET", "/search", ROUTE_SEARCH);
    found ("GET", "/status", ROUTE_STATUS);
    found ("GET", "/healthz", ROUTE_HEALTH);
    found ("HEAD", "/rooms", ROUTE_ROOMS);
    assert_true (s_route.head);
    found ("OPTIONS", "/rooms/dev", ROUTE_PREFLIGHT);
}

static void methods (void **state)
{
    assert_int_equal (read ("DELETE", "/rooms/dev"), ROUTE_METHOD);
    assert_string_equal (s_allow, "GET, HEAD, POST");
    assert_int_equal (read ("POST", "/rooms/dev/17"), ROUTE_METHOD);
    assert_string_equal (s_allow, "PUT, DELETE");
    assert_int_equal (read ("POST", "/"), ROUTE_METHOD);
    assert_int_equal (read ("post", "/rooms/dev"), ROUTE_METHOD);
}

static void nowhere (void **state)
{
    static const char *const paths[] = {"",
                                        "rooms",
                                        "/rooms/dev/x",
                                        "/rooms/dev/17/x",
                                        "/a/b/c/d/e",
                                        "/rooms/dev/events/",
                                        "/rooms/dev/17/reactions",
                                        "//rooms",
                                        "/rooms/dev/-1",
                                        "/rooms/dev/1.5"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal (read ("GET", paths[i]), ROUTE_NOWHERE);
}

static void malformed (void **state)
{
    char longer[600] = "/rooms/";

    memset (longer + 7, 'x', sizeof longer - 8);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal (read ("GET", longer), ROUTE_MALFORMED);
    assert_int_equal (read ("GET", "/rooms/%"), ROUTE_MALFORMED);
    assert_int_equal (read ("GET", "/rooms/%4"), ROUTE_MALFORMED);
    assert_int_equal (read ("GET", "/rooms/%zz"), ROUTE_MALFORMED);
    assert_int_equal (read ("GET", "/rooms/%00"), ROUTE_MALFORMED);
    assert_int_equal (read ("GET", "/rooms/%FF"), ROUTE_MALFORMED);
    assert_int_equal (read ("GET", "/rooms/%C0%AF"), ROUTE_MALFORMED);
    assert_int_equal (read ("GET", "/rooms/"), ROUTE_MALFORMED);
    assert_int_equal (read ("PUT", "/rooms/dev/99999999999999999999999999"), ROUTE_MALFORMED);
}

static void bodies (void **state)
{
    assert_true (route_takes_body (ROUTE_SAY));
    assert_true (route_takes_body (ROUTE_AWAY));
    assert_false (route_takes_body (ROUTE_REACT));
    assert_false (route_takes_body (ROUTE_FILE));
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (every_path), cmocka_unit_test (methods),
                                       cmocka_unit_test (nowhere), cmocka_unit_test (malformed),
                                       cmocka_unit_test (bodies)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
