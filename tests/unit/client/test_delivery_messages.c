/*  test_delivery_messages.c - replies, edits, reactions, search, away, marks   */
#include "exchange.h"
#include "script.h"

#define STORED(seq) "{\"seq\":" seq ",\"time\":1000}"
#define UNKNOWN     "{\"code\":\"verb\",\"text\":\"this verb is not known here\"}"

static uint64_t edit (script_t *s, uint64_t seq, const char *body)
{
    uint64_t id = 0;

    assert_int_equal (delivery_edit (s->delivery, "lobby", seq, body, strlen (body), &id, s->now),
                      ZCHAT_OK);
    return id;
}

static void replies (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (delivery_reply (s->delivery, "lobby", 42, ZCHAT_TYPE_ACTION, "nods", 4,
                                      "{\"a\":1}", NULL, s->now),
                      ZCHAT_OK);
    expect (s, "> SAY alice lobby nods {\"type\":\"action\",\"re\":42,\"producer\":\"P1\",\"n\":1,"
               "\"data\":{\"a\":1}}");
    assert_int_equal (
        delivery_tell_reply (s->delivery, "bob", 1732089600123, "yes", 3, NULL, NULL, s->now),
        ZCHAT_OK);
    expect (s, "> TELL alice bob yes {\"re\":1732089600123,\"producer\":\"P1\",\"n\":2}");
    script_destroy (s);
}

/*  The key zchat in data is the broker's, and a seq has its bounds.           */
static void arguments (void **state)
{
    script_t *s = script_live ();
    delivery_t *d = s->delivery;
    uint64_t now = s->now;
    char longer[ZCHAT_REACTION_MAX + 2], query[ZCHAT_QUERY_MAX + 2], away[ZCHAT_AWAY_MAX + 2];

    memset (longer, 'x', sizeof longer);
    memset (query, 'x', sizeof query);
    memset (away, 'x', sizeof away);
    longer[ZCHAT_REACTION_MAX + 1] = query[ZCHAT_QUERY_MAX + 1] = away[ZCHAT_AWAY_MAX + 1] = '\0';
    assert_int_equal (
        delivery_say (d, "lobby", ZCHAT_TYPE_SAY, "x", 1, "{\"zchat\":{}}", NULL, now),
        ZCHAT_INVALID);
    assert_int_equal (
        delivery_reply (d, "lobby", ZCHAT_SEQ_MAX + 1, ZCHAT_TYPE_SAY, "x", 1, NULL, NULL, now),
        ZCHAT_INVALID);
    assert_int_equal (delivery_reply (d, "lobby", 1, ZCHAT_TYPE_TOPIC, "x", 1, NULL, NULL, now),
                      ZCHAT_INVALID);
    assert_int_equal (delivery_edit (d, "lobby", 0, "x", 1, NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_edit (d, "@", 1, "x", 1, NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_edit (d, "lobby", 1, "", 0, NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_react (d, VERB_REACT, "@", 1, "+1", NULL, now), ZCHAT_NAME);
    assert_int_equal (delivery_react (d, VERB_REACT, "lobby", 0, "+1", NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_react (d, VERB_REACT, "lobby", 1, "", NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_react (d, VERB_REACT, "lobby", 1, longer, NULL, now), ZCHAT_LIMIT);
    assert_int_equal (delivery_read (d, "a b", 1, now), ZCHAT_NAME);
    assert_int_equal (delivery_read (d, "lobby", 0, now), ZCHAT_INVALID);
    assert_int_equal (delivery_mark (d, "lobby", ZCHAT_SEQ_MAX + 1, NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_search (d, "", 1, NULL, NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_search (d, "x", ZCHAT_SEARCH_MAX + 1, NULL, NULL, now), ZCHAT_LIMIT);
    assert_int_equal (delivery_search (d, query, 1, NULL, NULL, now), ZCHAT_LIMIT);
    assert_int_equal (delivery_search (d, "x", 1, "", NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_search (d, "x", 1, "\xff", NULL, now), ZCHAT_INVALID);
    assert_int_equal (delivery_away (d, away, NULL, now), ZCHAT_LIMIT);
    expect_quiet (s);
    script_destroy (s);
}

static void questions (void **state)
{
    script_t *s = script_live ();
    delivery_t *d = s->delivery;
    uint64_t now = s->now;

    assert_int_equal (delivery_react (d, VERB_REACT, "lobby", 7, "+1", NULL, now), ZCHAT_OK);
    expect (s, "> REACT alice lobby 7 +1");
    assert_int_equal (delivery_react (d, VERB_UNREACT, "lobby", 7, "+1", NULL, now), ZCHAT_OK);
    expect (s, "> UNREACT alice lobby 7 +1");
    assert_int_equal (delivery_mark (d, "@", 9, NULL, now), ZCHAT_OK);
    expect (s, "> READ alice @ 9");
    assert_int_equal (delivery_mark (d, "lobby", 0, NULL, now), ZCHAT_OK);
    expect (s, "> READ alice lobby");
    assert_int_equal (delivery_unread (d, NULL, now), ZCHAT_OK);
    expect (s, "> UNREAD alice");
    assert_int_equal (delivery_search (d, "tea from:bob", 20, NULL, NULL, now), ZCHAT_OK);
    expect (s, "> SEARCH alice tea from:bob {\"limit\":20}");
    assert_int_equal (delivery_search (d, "tea", 5, "7f\"", NULL, now), ZCHAT_OK);
    expect (s, "> SEARCH alice tea {\"limit\":5,\"before\":\"7f\\\"\"}");
    assert_int_equal (delivery_away (d, "lunch", NULL, now), ZCHAT_OK);
    expect (s, "> AWAY alice lunch");
    assert_int_equal (delivery_away (d, NULL, NULL, now), ZCHAT_OK);
    ok (s, expect (s, "> AWAY alice"), "{}");
    expect (s, "* REPLY #9 {}");
    script_destroy (s);
}

#define PRODUCER "P1"

static zchat_status_t once (script_t *s, zchat_type_t type, const char *to, uint64_t re,
                            const char *body, const char *data)
{
    static const uint8_t producer[ZCHAT_PRODUCER_SIZE] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                          8, 9, 10, 11, 12, 13, 14, 15};
    const outbox_message_t message = {
        .to = to, .type = type, .body = frame_str (body), .data = data, .re = re};

    return delivery_once (s->delivery, producer, &message, NULL, s->now);
}

/*  A message under a number of the program's own goes past the outbox: its REPLY says what became
   of it, and it can be sent again over another connection.                      */
static void once_under_a_number_of_its_own (void **state)
{
    script_t *s = script_live ();

    assert_int_equal (once (s, ZCHAT_TYPE_SAY, "lobby", 0, "a", NULL), ZCHAT_OK);
    const char *tag =
        expect (s, "> SAY alice lobby a {\"type\":\"say\",\"producer\":\"" PRODUCER "\",\"n\":1}");
    assert_int_equal (delivery_unacknowledged (s->delivery), 0);
    ok (s, tag, STORED ("4"));
    expect (s, "* REPLY #1 " STORED ("4"));
    assert_int_equal (once (s, ZCHAT_TYPE_ACTION, "lobby", 3, "nods", "{\"b\":1}"), ZCHAT_OK);
    expect (s, "> SAY alice lobby nods {\"type\":\"action\",\"re\":3,\"producer\":\"" PRODUCER
               "\",\"n\":1,\"data\":{\"b\":1}}");
    assert_int_equal (once (s, ZCHAT_TYPE_TELL, "bob", 99, "hi", NULL), ZCHAT_OK);
    expect (s, "> TELL alice bob hi {\"re\":99,\"producer\":\"" PRODUCER "\",\"n\":1}");
    assert_int_equal (once (s, ZCHAT_TYPE_EDIT, "lobby", 4, "b", NULL), ZCHAT_OK);
    expect (s, "> EDIT alice lobby 4 b {\"producer\":\"" PRODUCER "\",\"n\":1}");
    assert_int_equal (once (s, ZCHAT_TYPE_EDIT, "lobby", 0, "b", NULL), ZCHAT_INVALID);
    assert_int_equal (once (s, ZCHAT_TYPE_TOPIC, "lobby", 0, "b", NULL), ZCHAT_INVALID);
    assert_int_equal (once (s, ZCHAT_TYPE_SAY, "@", 0, "b", NULL), ZCHAT_NAME);
    assert_int_equal (once (s, ZCHAT_TYPE_SAY, "lobby", 0, "", NULL), ZCHAT_INVALID);
    delivery_down (s->delivery, "the connection was lost", s->now);
    skip_to (s, "* REPLY unreachable #2");
    script_destroy (s);
}

/*  An edit stands in one order with what is said, once, over a lost connection too. */
static void an_edit_survives_the_connection (void **state)
{
    script_t *s = script_live ();

    say (s, "a");
    edit (s, 12, "better");
    say (s, "b");
    forget (s);
    delivery_down (s->delivery, "the connection was lost", s->now);
    go_live (s, HELLO_A);
    skip_to (s, "* CONNECTED");
    const char *a =
        expect (s, "> SAY alice lobby a {\"type\":\"say\",\"producer\":\"P1\",\"n\":1}");
    const char *e = expect (s, "> EDIT alice lobby 12 better {\"producer\":\"P1\",\"n\":2}");
    expect (s, "> SAY alice lobby b {\"type\":\"say\",\"producer\":\"P1\",\"n\":3}");
    ok (s, a, "{\"duplicate\":true}");
    expect (s, "* SENT #1 lobby");
    ok (s, e, STORED ("14"));
    expect (s, "* SENT #2 lobby seq=14 [edit]");
    assert_int_equal (delivery_unacknowledged (s->delivery), 1);
    script_destroy (s);
}

static void an_edit_survives_the_program (void **state)
{
    script_t *s = script_live ();
    size_t count = 0;

    edit (s, 12, "better");
    char *text = delivery_keep (s->delivery, SIZE_MAX, &count);
    assert_int_equal (count, 1);
    script_destroy (s);
    s = script_alice ();
    assert_int_equal (delivery_restore (s->delivery, frame_str (text), &count, s->now), ZCHAT_OK);
    go_live (s, HELLO_A);
    skip_to (s, "> EDIT alice lobby 12 better {\"producer\":\"P1\",\"n\":1");
    free (text);
    script_destroy (s);

    /*  An edit that does not say of what is none.                             */
    s = script_alice ();
    assert_int_equal (
        delivery_restore (s->delivery,
                          frame_str ("{\"format\":1,\"log\":\"\",\"producer\":"
                                     "\"00112233445566778899aabbccddeeff\",\"n\":1,\"numbered\":0,"
                                     "\"messages\":[{\"to\":\"den\",\"type\":\"edit\","
                                     "\"body\":\"x\"}]}"),
                          &count, s->now),
        ZCHAT_CORRUPT);
    script_destroy (s);
}

/*  A broker without EDIT is told once, with what helps; the edit is not tried again. */
static void a_broker_that_knows_no_edit (void **state)
{
    script_t *s = script_live ();

    edit (s, 12, "better");
    err (s, expect (s, "> EDIT alice lobby 12 better {\"producer\":\"P1\",\"n\":1}"), UNKNOWN);
    expect (s, "* FAILED verb #1 lobby [edit]");
    assert_int_equal (delivery_unacknowledged (s->delivery), 0);
    s->pong = "{\"heads\":{}}";
    pass (s, 30000);
    while (s->taken < s->count)
        assert_null (strstr (s->lines[s->taken++], "EDIT"));
    /*  What is said later goes on under its number.                           */
    say (s, "a");
    expect (s, "> SAY alice lobby a {\"type\":\"say\",\"producer\":\"P1\",\"n\":1}");
    script_destroy (s);
}

/*  What is told names the verb, the broker's version and the remedy.          */
static void what_an_old_broker_is_told_as (void **state)
{
    exchange_t *exchange = memory_zero (sizeof *exchange);
    char text[EXCHANGE_UNKNOWN_MAX];

    snprintf (exchange->server, sizeof exchange->server, "zchatd 0.1.0");
    assert_ptr_equal (exchange_unknown (exchange, VERB_EDIT, text), text);
    assert_non_null (strstr (text, "EDIT"));
    assert_non_null (strstr (text, "zchatd 0.1.0"));
    assert_non_null (strstr (text, "newer"));
    free (exchange);
}

/*  --- marks ------------------------------------------------------------------ */

static size_t record (uint8_t *to, uint64_t seq, zchat_type_t type, const char *body,
                      const char *data)
{
    event_t event = {.seq = seq,
                     .time_ms = 1000,
                     .type = type,
                     .user = frame_str (seq ? "bob" : ""),
                     .body = frame_str (body),
                     .data = frame_str (data)};

    return event_record_encode (&event, to);
}

static void mail_bytes (script_t *s, const char *tag, const uint8_t *bytes, size_t size)
{
    char topic[EVENT_TOPIC_MAX];
    frame_t frames[4] = {frame_str ("EVENT"), frame_str (tag), pack_topic (topic, "lobby"),
                         frame_of (bytes, size)};

    delivery_door (s->delivery, frames, 4, s->now);
}

static const char *join_from (script_t *s, const char *head)
{
    char json[160];

    assert_int_equal (delivery_join (s->delivery, "lobby", 0, 1, s->now), ZCHAT_OK);
    snprintf (
        json, sizeof json,
        "{\"room\":\"lobby\",\"head\":%s,\"first\":1,\"topic\":\"\",\"members\":1,\"read\":3}",
        head);
    ok (s, expect (s, "> JOIN alice lobby"), json);
    feed_nonce (s);
    return skip_to (s, "> HISTORY alice lobby");
}

/*  They stand behind their message, before what the feed has brought meanwhile; they disturb
    neither order, cursor nor gaps.                                            */
static void marks_come_behind_their_message (void **state)
{
    script_t *s = script_live ();
    uint8_t bytes[1024];
    size_t size = 0;
    const char *tag = join_from (s, "2");

    feed_say (s, "lobby", 3);
    feed_say (s, "lobby", 4);
    forget (s);
    size += record (bytes + size, 1, ZCHAT_TYPE_SAY, "one", "");
    size += record (bytes + size, 2, ZCHAT_TYPE_SAY, "two", "");
    size += record (bytes + size, 0, ZCHAT_TYPE_MARKS, "", "{\"seq\":2,\"at\":4,\"edits\":1}");
    mail_bytes (s, tag, bytes, size);
    expect (s, "* MESSAGE lobby seq=1 <bob> one");
    expect (s, "* MESSAGE lobby seq=2 <bob> two");
    expect (s, "* MESSAGE lobby [marks] data={\"seq\":2,\"at\":4,\"edits\":1}");
    expect (s, "* MESSAGE lobby seq=3 <bob> m3");
    expect (s, "* MESSAGE lobby seq=4 <bob> m4");
    ok (s, tag, "{\"room\":\"lobby\",\"more\":false,\"first\":1,\"head\":4}");
    expect (s, "* JOINED lobby seq=4 members=1 read=3");
    expect_quiet (s);
    script_destroy (s);
}

/*  A pack may end between a message and its marks. Of a message that was known, and of none, they
    are dropped; so are types that are not stored and not known.               */
static void marks_that_stand_alone (void **state)
{
    script_t *s = script_live ();
    uint8_t bytes[1024];
    size_t size = 0;
    const char *tag = join_from (s, "2");

    forget (s);
    mail_bytes (s, tag, bytes, record (bytes, 1, ZCHAT_TYPE_SAY, "one", ""));
    expect (s, "* MESSAGE lobby seq=1 <bob> one");
    mail_bytes (s, tag, bytes, record (bytes, 0, ZCHAT_TYPE_MARKS, "", "{\"seq\":1,\"at\":2}"));
    expect (s, "* MESSAGE lobby [marks] data={\"seq\":1,\"at\":2}");
    size += record (bytes + size, 0, ZCHAT_TYPE_MARKS, "", "{\"seq\":1,\"at\":2}");
    size += record (bytes + size, 0, (zchat_type_t)77, "", "");
    size += record (bytes + size, 2, ZCHAT_TYPE_SAY, "two", "");
    mail_bytes (s, tag, bytes, size);
    expect (s, "* MESSAGE lobby seq=2 <bob> two");
    expect_quiet (s);
    script_destroy (s);
}

/*  What is stored has a seq: without one, the answer makes no sense, as ever. */
static void no_seq_is_no_marks (void **state)
{
    script_t *s = script_live ();
    uint8_t bytes[256];
    const char *tag = join_from (s, "2");

    forget (s);
    mail_bytes (s, tag, bytes, record (bytes, 0, ZCHAT_TYPE_EDIT, "x", "{\"seq\":1}"));
    skip_to (s, "* DISCONNECTED malformed");
    script_destroy (s);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (replies),
        cmocka_unit_test (arguments),
        cmocka_unit_test (questions),
        cmocka_unit_test (once_under_a_number_of_its_own),
        cmocka_unit_test (an_edit_survives_the_connection),
        cmocka_unit_test (an_edit_survives_the_program),
        cmocka_unit_test (a_broker_that_knows_no_edit),
        cmocka_unit_test (what_an_old_broker_is_told_as),
        cmocka_unit_test (marks_come_behind_their_message),
        cmocka_unit_test (marks_that_stand_alone),
        cmocka_unit_test (no_seq_is_no_marks),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
