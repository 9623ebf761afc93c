/*  test_client.c - the library on real sockets, with a broker of a few lines  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event_codec.h"
#include "memory.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zchat/client.h>
#include <zmq.h>

enum { FRAMES = 9, FRAME_SIZE = 512, TURNS_MAX = 2000 };

/*  A ROUTER and a PUB, worked by the test itself in turn with the client.      */
typedef struct {
    void *context;
    void *door;
    void *feed;
    char door_at[128];
    char feed_at[128];
    char frames[FRAMES][FRAME_SIZE]; /* of the request last read; 0: the route */
    size_t sizes[FRAMES];
    size_t count;
    zchat_client_t *client;
} stage_t;

static void bind_any (void *socket, const char *at, char *endpoint)
{
    size_t size = 128;

    assert_int_equal (zmq_bind (socket, at), 0);
    assert_int_equal (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size), 0);
}

static stage_t *stage_new (const char *at)
{
    stage_t *s = memory_zero (sizeof *s);
    int linger = 0;

    s->context = zmq_ctx_new ();
    s->door = zmq_socket (s->context, ZMQ_ROUTER);
    s->feed = zmq_socket (s->context, ZMQ_PUB);
    zmq_setsockopt (s->door, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt (s->feed, ZMQ_LINGER, &linger, sizeof linger);
    bind_any (s->door, at, s->door_at);
    bind_any (s->feed, at, s->feed_at);
    return s;
}

static void stage_destroy (stage_t *s)
{
    zchat_client_destroy (&s->client);
    if (s->door)
        zmq_close (s->door);
    zmq_close (s->feed);
    zmq_ctx_term (s->context);
    free (s);
}

static void stage_client (stage_t *s, const char *user)
{
    zchat_options_t options = {.user = user, .endpoint = s->door_at};

    /*  Sockets that libzmq names itself lie in folders of their own.          */
    if (strncmp (s->door_at, "ipc", 3) == 0)
        options.feed = s->feed_at;
    assert_int_equal (zchat_client_new (&options, &s->client, NULL), ZCHAT_OK);
}

/*  Let the client work until the broker has a request with this verb (NULL: any); others
    are passed over.                                                           */
static void stage_request (stage_t *s, const char *verb)
{
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        struct pollfd item = {.fd = zchat_client_fd (s->client), .events = POLLIN};
        int timeout = zchat_client_timeout (s->client);
        int more = 1;
        size_t size = sizeof more;

        zchat_client_step (s->client);
        s->count = 0;
        while (more) {
            char *frame = s->frames[s->count];
            int got = zmq_recv (s->door, frame, FRAME_SIZE - 1, ZMQ_DONTWAIT);
            if (got < 0)
                break;
            frame[got < FRAME_SIZE - 1 ? got : FRAME_SIZE - 1] = '\0';
            s->sizes[s->count++] = (size_t)got;
            assert_true (s->count < FRAMES);
            zmq_getsockopt (s->door, ZMQ_RCVMORE, &more, &size);
        }
        if (s->count && (!verb || strcmp (s->frames[1], verb) == 0))
            return;
        if (!s->count)
            poll (&item, 1, timeout < 10 ? timeout : 10);
    }
    fail_msg ("no %s came", verb ? verb : "message");
}

static void stage_answer (stage_t *s, const char *status, const char *json)
{
    zmq_send (s->door, s->frames[0], s->sizes[0], ZMQ_SNDMORE);
    zmq_send (s->door, status, strlen (status), ZMQ_SNDMORE);
    zmq_send (s->door, s->frames[2], s->sizes[2], ZMQ_SNDMORE);
    zmq_send (s->door, json, strlen (json), 0);
}

static zchat_event_t stage_event (stage_t *s, zchat_event_kind_t kind)
{
    zchat_event_t event = {0};
    zchat_status_t status = zchat_client_wait (s->client, 20000, &event);

    assert_int_equal (status, ZCHAT_OK);
    assert_int_equal (event.kind, kind);
    return event;
}

static void stage_hello (stage_t *s)
{
    char json[1024];

    stage_request (s, "HELLO");
    snprintf (json, sizeof json,
              "{\"protocol\":\"ZCHAT/1\",\"server\":\"stage\",\"user\":\"%s\","
              "\"log\":\"00112233445566778899aabbccddeeff\",\"feeds\":[\"%s\"],"
              "\"heartbeat_ms\":5000}",
              s->frames[3], s->feed_at);
    stage_answer (s, "OK", json);
    assert_string_equal (stage_event (s, ZCHAT_EVENT_CONNECTED).text, "stage");
    assert_true (zchat_client_connected (s->client));
}

static void converse (stage_t *s)
{
    uint64_t id = 0;
    uint8_t buffer[256];
    event_t said = {
        .seq = 1, .type = ZCHAT_TYPE_SAY, .user = frame_str ("bob"), .body = frame_str ("hi")};
    size_t size = event_record_encode (&said, buffer);
    char name[EVENT_TOPIC_MAX];

    stage_client (s, "alice");
    assert_int_equal (zchat_client_join (s->client, "lobby", 0, 0), ZCHAT_OK);
    assert_int_equal (zchat_client_say (s->client, "lobby", ZCHAT_TYPE_SAY, "hello", 5, NULL, &id),
                      ZCHAT_OK);
    stage_hello (s);
    stage_request (s, "JOIN");
    stage_answer (s, "OK", "{\"room\":\"lobby\",\"head\":0,\"first\":1}");
    stage_request (s, "SAY");
    assert_string_equal (s->frames[5], "hello");
    stage_answer (s, "OK", "{\"seq\":1,\"time\":5}");
    stage_event (s, ZCHAT_EVENT_SENT);
    /*  SYNC until the subscription has come through.                          */
    while (stage_request (s, NULL), strcmp (s->frames[1], "HISTORY") != 0) {
        frame_t topic = frame_of (name, event_topic (name, "sync/", frame_str (s->frames[4])));
        assert_string_equal (s->frames[1], "SYNC");
        zmq_send (s->feed, topic.data, topic.size, ZMQ_SNDMORE);
        zmq_send (s->feed, "", 0, ZMQ_SNDMORE);
        zmq_send (s->feed, "", 0, ZMQ_SNDMORE);
        zmq_send (s->feed, "{}", 2, 0);
    }
    stage_answer (s, "OK", "{\"room\":\"lobby\",\"more\":false,\"first\":1,\"head\":0}");
    assert_string_equal (stage_event (s, ZCHAT_EVENT_JOINED).room, "lobby");
    zmq_send (s->feed, "pack/lobby/", 11, ZMQ_SNDMORE);
    zmq_send (s->feed, buffer, size, 0);
    zchat_event_t event = stage_event (s, ZCHAT_EVENT_MESSAGE);
    assert_string_equal (event.body, "hi");
    assert_string_equal (event.user, "bob");
    assert_false (event.own);
    assert_int_equal (zchat_client_unacknowledged (s->client), 0);
    assert_int_equal (zchat_client_close (s->client, 1000), 0);
    zchat_client_destroy (&s->client);
}

/*  BYE must leave even though the client is gone by then.                     */
static void expect_bye (stage_t *s)
{
    char verb[16] = "";
    zmq_pollitem_t item = {.socket = s->door, .events = ZMQ_POLLIN};

    while (strcmp (verb, "BYE") != 0) {
        assert_int_equal (zmq_poll (&item, 1, 20000), 1);
        int size = zmq_recv (s->door, verb, sizeof verb - 1, 0);
        verb[size < 15 ? size : 15] = '\0';
    }
}

static void over_tcp (void **state)
{
    stage_t *s = stage_new ("tcp://127.0.0.1:*");

    converse (s);
    expect_bye (s);
    stage_destroy (s);
}

static void over_ipc (void **state)
{
    stage_t *s = stage_new ("ipc://*");

    converse (s);
    expect_bye (s);
    stage_destroy (s);
}

static void a_broker_that_goes_and_comes (void **state)
{
    stage_t *s = stage_new ("tcp://127.0.0.1:*");
    int linger = 0;

    stage_client (s, "alice");
    stage_hello (s);
    zmq_close (s->door);
    zchat_event_t event = stage_event (s, ZCHAT_EVENT_DISCONNECTED);
    assert_string_equal (event.text, "the connection was lost");
    assert_in_range (event.wait_ms, 1, ZCHAT_BACKOFF_MAX_MS);
    event = stage_event (s, ZCHAT_EVENT_DISCONNECTED);
    assert_string_equal (event.text, "nobody answers there");
    s->door = zmq_socket (s->context, ZMQ_ROUTER);
    zmq_setsockopt (s->door, ZMQ_LINGER, &linger, sizeof linger);
    assert_int_equal (zmq_bind (s->door, s->door_at), 0);
    for (bool back = false; !back;) {
        stage_request (s, "HELLO");
        stage_answer (s, "ERR", "{\"code\":\"name\",\"text\":\"not you\"}");
        while (!back && zchat_client_wait (s->client, 5000, &event) == ZCHAT_OK)
            back = event.kind == ZCHAT_EVENT_REFUSED;
    }
    assert_int_equal (event.status, ZCHAT_NAME);
    assert_string_equal (event.text, "not you");
    stage_destroy (s);
}

/*  A port with nobody behind it, and one with somebody who talks otherwise.    */
static int listen_any (char *endpoint, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket (AF_INET, SOCK_STREAM, 0);

    assert_true (fd >= 0);
    assert_int_equal (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal (getsockname (fd, (struct sockaddr *)&address, &length), 0);
    snprintf (endpoint, size, "tcp://127.0.0.1:%d", ntohs (address.sin_port));
    return fd;
}

static void nobody (void **state)
{
    char endpoint[64];
    int fd = listen_any (endpoint, sizeof endpoint);
    zchat_options_t options = {.user = "alice", .endpoint = endpoint, .retry_max = 2};
    zchat_client_t *client = NULL;
    zchat_event_t event;

    assert_int_equal (zchat_client_new (&options, &client, NULL), ZCHAT_OK);
    assert_int_equal (zchat_client_say (client, "lobby", ZCHAT_TYPE_SAY, "x", 1, NULL, NULL),
                      ZCHAT_OK);
    assert_int_equal (zchat_client_wait (client, 20000, &event), ZCHAT_OK);
    assert_int_equal (event.kind, ZCHAT_EVENT_DISCONNECTED);
    assert_int_equal (zchat_client_wait (client, 20000, &event), ZCHAT_OK);
    assert_int_equal (event.kind, ZCHAT_EVENT_REFUSED);
    assert_int_equal (event.status, ZCHAT_UNREACHABLE);
    assert_int_equal (zchat_client_wait (client, 0, &event), ZCHAT_TIMEOUT);
    /*  Nothing can be hoped for, so it does not wait.                         */
    assert_int_equal (zchat_client_close (client, 1000000), 1);
    zchat_client_destroy (&client);
    zchat_client_destroy (&client);
    close (fd);
}

static void another_protocol (void **state)
{
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    char endpoint[64];
    int fd = listen_any (endpoint, sizeof endpoint);
    zchat_options_t options = {.user = "alice", .endpoint = endpoint};
    zchat_client_t *client = NULL;
    zchat_event_t event;

    assert_int_equal (listen (fd, 1), 0);
    assert_int_equal (zchat_client_new (&options, &client, NULL), ZCHAT_OK);
    int peer = accept (fd, NULL, NULL);
    assert_true (write (peer, answer, sizeof answer - 1) > 0);
    assert_int_equal (zchat_client_wait (client, 20000, &event), ZCHAT_OK);
    assert_int_equal (event.kind, ZCHAT_EVENT_DISCONNECTED);
    assert_string_equal (
        event.text,
        "something answers there but does not speak ZCHAT/1, or only by its zchat:// address");
    close (peer);
    close (fd);
    zchat_client_destroy (&client);
}

static void a_program_that_does_not_listen (void **state)
{
    stage_t *s = stage_new ("tcp://127.0.0.1:*");
    zchat_event_t event;
    uint64_t id = 0;
    size_t got = 0;

    /*  Every query while nothing is tried any more is answered at once.       */
    stage_client (s, "alice");
    stage_request (s, "HELLO");
    stage_answer (s, "ERR", "{\"code\":\"name\",\"text\":\"no\"}");
    stage_event (s, ZCHAT_EVENT_REFUSED);
    for (int i = 0; i < ZCHAT_EVENTS_MAX + 5; i++)
        assert_int_equal (zchat_client_who (s->client, "lobby", &id), ZCHAT_OK);
    zchat_client_step (s->client);
    assert_true (zchat_client_timeout (s->client) > 0);
    while (zchat_client_next (s->client, &event) == ZCHAT_OK)
        got++;
    assert_int_equal (got, ZCHAT_EVENTS_MAX + 5);
    assert_int_equal (zchat_client_timeout (s->client), 0);
    zchat_client_step (s->client);
    stage_destroy (s);
}

static void by_the_way (void **state)
{
    char *text = zchat_text_display ("a\x1b[31m\n", 7, false);
    const char *why = NULL;
    zchat_options_t options = {.endpoint = "nonsense"};
    zchat_client_t *client = NULL;

    assert_string_equal (text, "a^[[31m^J");
    free (text);
    text = zchat_text_display ("a\nb", 3, true);
    assert_string_equal (text, "a\nb");
    free (text);
    assert_non_null (strchr (zchat_version (), '.'));
    assert_int_equal (zchat_client_new (&options, &client, &why), ZCHAT_INVALID);
    assert_null (client);
    assert_non_null (why);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (over_tcp),
        cmocka_unit_test (over_ipc),
        cmocka_unit_test (a_broker_that_goes_and_comes),
        cmocka_unit_test (nobody),
        cmocka_unit_test (another_protocol),
        cmocka_unit_test (a_program_that_does_not_listen),
        cmocka_unit_test (by_the_way),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
