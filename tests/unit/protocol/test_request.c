/*  test_request.c - requests and replies                                      */
#include "event_codec.h"
#include "request.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { FRAMES = 12 };

/*  The strings as frames; returns their number.                               */
static size_t frames_of (frame_t *frames, const char *const *strings)
{
    size_t count = 0;
    for (; strings[count] != NULL; count++) {
        assert_true (count < FRAMES);
        frames[count] = frame_str (strings[count]);
    }
    return count;
}

#define STRINGS(...)                                                                               \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static zchat_status_t read_request (const char *const *strings, request_t *request,
                                    const char **why)
{
    frame_t frames[FRAMES];
    *why = NULL;
    return request_decode (frames, frames_of (frames, strings), request, why);
}

/*  --- requests --------------------------------------------------------------  */

static void a_request_is_read (void **state)
{
    request_t request;
    const char *why;
    assert_int_equal (read_request (STRINGS ("SAY", "7", "bob", "lobby", "hi"), &request, &why),
                      ZCHAT_OK);
    assert_false (request.enveloped);
    assert_int_equal (request.verb, VERB_SAY);
    assert_true (frame_is (request.tag, "7"));
    assert_true (frame_is (request.user, "bob"));
    assert_int_equal (request.n_args, 2);
    assert_true (frame_is (request.args[0], "lobby"));
    assert_true (frame_is (request.args[1], "hi"));
    assert_int_equal (request.args[2].size, 0);
}

static void an_envelope_is_noticed (void **state)
{
    request_t request;
    const char *why;
    assert_int_equal (read_request (STRINGS ("", "PING", "", ""), &request, &why), ZCHAT_OK);
    assert_true (request.enveloped);
    assert_int_equal (request.verb, VERB_PING);
    assert_int_equal (request.tag.size, 0);
    assert_int_equal (request.n_args, 0);
    assert_int_equal (
        read_request (STRINGS ("", "SAY", "7", "bob", "lobby", "", "{}"), &request, &why),
        ZCHAT_OK);
    assert_int_equal (request.n_args, 3);
    assert_true (frame_is (request.args[2], "{}"));
}

static void every_verb_takes_its_arguments_and_no_more (void **state)
{
#define BOUNDS(name, least, most) {VERB_##name, #name, least, most},
    static const struct {
        verb_t verb;
        const char *word;
        size_t least;
        size_t most;
    } verbs[] = {VERB_MAP (BOUNDS)};
#undef BOUNDS
    for (size_t i = 0; i < VERB_COUNT; i++) {
        assert_string_equal (verb_name (verbs[i].verb), verbs[i].word);
        frame_t frames[FRAMES] = {
            frame_str (verbs[i].word), frame_str ("tag"), frame_str ("eve"), frame_str ("a"),
            frame_str ("b"),           frame_str ("c"),   frame_str ("d")};
        for (size_t count = 1; count <= 7; count++) {
            request_t request;
            const char *why = NULL;
            zchat_status_t status = request_decode (frames, count, &request, &why);
            bool fits = count >= 3 + verbs[i].least && count <= 3 + verbs[i].most;
            assert_int_equal (status, fits ? ZCHAT_OK : ZCHAT_MALFORMED);
            assert_true (frame_is (request.tag, count > 1 ? "tag" : ""));
            if (fits) {
                assert_int_equal (request.verb, verbs[i].verb);
                assert_int_equal (request.n_args, count - 3);
            } else { /* the reason names the verb */
                assert_non_null (why);
                assert_memory_equal (why, verbs[i].word, strlen (verbs[i].word));
                assert_non_null (strstr (why, " takes: tag user"));
            }
        }
    }
}

static void what_is_no_request_is_refused (void **state)
{
    request_t request;
    const char *why;
    assert_int_equal (request_decode (NULL, 0, &request, &why), ZCHAT_MALFORMED);
    assert_false (request.enveloped);
    assert_int_equal (read_request (STRINGS (""), &request, &why), ZCHAT_MALFORMED);
    assert_true (request.enveloped);
    assert_non_null (why);
    assert_int_equal (read_request (STRINGS ("", "", "7", "bob"), &request, &why), ZCHAT_MALFORMED);
    assert_true (request.enveloped);
    assert_true (frame_is (request.tag, "7"));
    assert_non_null (why);
}

static void an_unknown_verb_is_told (void **state)
{
    static const char *const wrong[] = {"ping", "PINGS", "PI", " PING", "PING\n", "EVENT", "OK"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        request_t request;
        const char *why;
        assert_int_equal (read_request (STRINGS ("", wrong[i], "7", "bob"), &request, &why),
                          ZCHAT_VERB);
        assert_true (request.enveloped);
        assert_true (frame_is (request.tag, "7"));
        assert_non_null (strstr (why, " HISTORY"));
    }
    request_t request;
    const char *why;
    assert_int_equal (read_request (STRINGS ("WHAT"), &request, &why), ZCHAT_VERB);
    assert_int_equal (request.tag.size, 0);
    frame_t frames[] = {frame_of ("PING\0", 5), frame_str ("7"), frame_str ("")};
    assert_int_equal (request_decode (frames, 3, &request, &why), ZCHAT_VERB);
}

static void a_long_tag_is_not_echoed (void **state)
{
    char tag[ZCHAT_TAG_MAX + 2];
    memset (tag, 't', sizeof tag);
    tag[ZCHAT_TAG_MAX + 1] = '\0';
    request_t request;
    const char *why;
    assert_int_equal (read_request (STRINGS ("", "PING", tag, ""), &request, &why), ZCHAT_LIMIT);
    assert_true (request.enveloped);
    assert_int_equal (request.tag.size, 0);
    assert_non_null (why);
    tag[ZCHAT_TAG_MAX] = '\0';
    assert_int_equal (read_request (STRINGS ("", "PING", tag, ""), &request, &why), ZCHAT_OK);
    assert_int_equal (request.tag.size, ZCHAT_TAG_MAX);
}

static void too_many_frames_are_refused (void **state)
{
    request_t request;
    const char *why;
    assert_int_equal (
        read_request (STRINGS ("WHAT", "7", "u", "1", "2", "3", "4", "5"), &request, &why),
        ZCHAT_VERB);
    assert_int_equal (
        read_request (STRINGS ("WHAT", "7", "u", "1", "2", "3", "4", "5", "6"), &request, &why),
        ZCHAT_MALFORMED);
    assert_true (frame_is (request.tag, "7"));
    assert_int_equal (
        read_request (STRINGS ("", "SAY", "7", "u", "1", "2", "3", "4", "5"), &request, &why),
        ZCHAT_MALFORMED);
    assert_true (request.enveloped);
    assert_true (frame_is (request.tag, "7"));
    assert_non_null (why);
}

static void a_long_user_is_for_the_rules_of_names (void **state)
{
    char user[ZCHAT_NAME_MAX + 100] = {0};
    memset (user, 'u', sizeof user - 1);
    request_t request;
    const char *why;
    assert_int_equal (read_request (STRINGS ("PING", "7", user), &request, &why), ZCHAT_OK);
    assert_int_equal (request.user.size, sizeof user - 1);
}

/*  --- replies ---------------------------------------------------------------  */

static zchat_status_t read_reply (const char *const *strings, reply_t *reply)
{
    frame_t frames[FRAMES];
    return reply_decode (frames, frames_of (frames, strings), reply);
}

static void replies_are_read (void **state)
{
    reply_t reply;
    assert_int_equal (read_reply (STRINGS ("OK", "7", "{}"), &reply), ZCHAT_OK);
    assert_int_equal (reply.kind, REPLY_OK);
    assert_true (frame_is (reply.tag, "7"));
    assert_true (frame_is (reply.json, "{}"));
    assert_int_equal (read_reply (STRINGS ("", "ERR", "", "{\"code\":1}"), &reply), ZCHAT_OK);
    assert_int_equal (reply.kind, REPLY_ERR);
    assert_int_equal (reply.tag.size, 0);
    assert_true (frame_is (reply.json, "{\"code\":1}"));
    assert_int_equal (read_reply (STRINGS ("NOOP", ""), &reply), ZCHAT_OK);
    assert_int_equal (reply.kind, REPLY_NOOP);
}

static void mail_is_read (void **state)
{
    reply_t reply;
    assert_int_equal (read_reply (STRINGS ("EVENT", "7", "room/a/", "bob", "hi", "{}"), &reply),
                      ZCHAT_OK);
    assert_int_equal (reply.kind, REPLY_EVENT);
    assert_true (frame_is (reply.tag, "7"));
    assert_true (frame_is (reply.topic, "room/a/"));
    assert_true (frame_is (reply.user, "bob"));
    assert_true (frame_is (reply.body, "hi"));
    assert_true (frame_is (reply.meta, "{}"));
    assert_int_equal (read_reply (STRINGS ("", "EVENT", "7", "pack/a/", "bytes"), &reply),
                      ZCHAT_OK);
    assert_int_equal (reply.kind, REPLY_BULK);
    assert_true (frame_is (reply.topic, "pack/a/"));
    assert_true (frame_is (reply.body, "bytes"));
    assert_int_equal (reply.meta.size, 0);
}

static void what_is_no_reply_is_refused (void **state)
{
    reply_t reply = {.kind = REPLY_NOOP, .tag = frame_str ("untouched")};
    assert_int_equal (reply_decode (NULL, 0, &reply), ZCHAT_MALFORMED);
    static const char *const wrong[][8] = {
        {""},
        {"", ""},
        {"OK"},
        {"OK", "7"},
        {"OK", "7", "{}", "more"},
        {"ok", "7", "{}"},
        {"", "", "OK", "7", "{}"},
        {"ERR", "7"},
        {"ERR", "7", "{}", ""},
        {"EVENT"},
        {"EVENT", "7"},
        {"EVENT", "7", "room/a/"},
        {"EVENT", "7", "room/a/", "bob", "hi"},
        {"EVENT", "7", "room/a/", "bob", "hi", "{}", "more"},
        {"EVENT", "7", "", "bob", "hi", "{}"},
        {"EVENT", "7", "", "bytes"},
        {"NOOP"},
        {"NOOP", "", ""},
        {"NOOP", "x"},
        {"SAY", "7", "{}"},
        {"OKAY", "7", "{}"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal (read_reply (wrong[i], &reply), ZCHAT_MALFORMED);
    assert_true (frame_is (reply.tag, "untouched"));
}

static void a_broker_keeps_to_the_limits_too (void **state)
{
    size_t most = ZCHAT_FRAME_MAX + 1;
    char *bytes = calloc (1, most);
    static const struct {
        size_t tag, topic, user, body, meta;
    } sizes[] = {
        {ZCHAT_TAG_MAX, EVENT_TOPIC_MAX, ZCHAT_NAME_MAX, ZCHAT_BODY_MAX, EVENT_META_MAX},
        {ZCHAT_TAG_MAX + 1, 7, 0, 0, 2},
        {0, EVENT_TOPIC_MAX + 1, 0, 0, 2},
        {0, 7, ZCHAT_NAME_MAX + 1, 0, 2},
        {0, 7, 0, ZCHAT_BODY_MAX + 1, 2},
        {0, 7, 0, 0, ZCHAT_JSON_MAX + 1},
    };
    reply_t reply;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        frame_t frames[] = {frame_str ("EVENT"),
                            frame_of (bytes, sizes[i].tag),
                            frame_of (bytes, sizes[i].topic),
                            frame_of (bytes, sizes[i].user),
                            frame_of (bytes, sizes[i].body),
                            frame_of (bytes, sizes[i].meta)};
        assert_int_equal (reply_decode (frames, 6, &reply), i == 0 ? ZCHAT_OK : ZCHAT_MALFORMED);
    }
    frame_t bulk[] = {frame_str ("EVENT"), frame_str (""), frame_str ("pack/a/"),
                      frame_of (bytes, ZCHAT_FRAME_MAX)};
    assert_int_equal (reply_decode (bulk, 4, &reply), ZCHAT_OK);
    bulk[3].size++;
    assert_int_equal (reply_decode (bulk, 4, &reply), ZCHAT_MALFORMED);
    /* WHO and ROOMS: a reply's JSON may be longer than a request's */
    frame_t ok[] = {frame_str ("OK"), frame_str (""), frame_of (bytes, ZCHAT_FRAME_MAX)};
    assert_int_equal (reply_decode (ok, 3, &reply), ZCHAT_OK);
    ok[2].size++;
    assert_int_equal (reply_decode (ok, 3, &reply), ZCHAT_MALFORMED);
    ok[2].size = 2;
    ok[1] = frame_of (bytes, ZCHAT_TAG_MAX + 1);
    assert_int_equal (reply_decode (ok, 3, &reply), ZCHAT_MALFORMED);
    free (bytes);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_request_is_read),
        cmocka_unit_test (an_envelope_is_noticed),
        cmocka_unit_test (every_verb_takes_its_arguments_and_no_more),
        cmocka_unit_test (what_is_no_request_is_refused),
        cmocka_unit_test (an_unknown_verb_is_told),
        cmocka_unit_test (a_long_tag_is_not_echoed),
        cmocka_unit_test (too_many_frames_are_refused),
        cmocka_unit_test (a_long_user_is_for_the_rules_of_names),
        cmocka_unit_test (replies_are_read),
        cmocka_unit_test (mail_is_read),
        cmocka_unit_test (what_is_no_reply_is_refused),
        cmocka_unit_test (a_broker_keeps_to_the_limits_too),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
