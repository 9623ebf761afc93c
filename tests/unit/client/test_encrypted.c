/*  test_encrypted.c - the library with keys: what it takes, and that it uses them */
#include "address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <zchat/client.h>
#include <zmq.h>
/* cmocka wants the above before it */
#include <cmocka.h>

enum { TURNS_MAX = 200, TURN_MS = 50 };

static uint8_t server_public[ZCHAT_KEY_SIZE], server_secret[ZCHAT_KEY_SIZE];

static void new_pair (uint8_t public_key[ZCHAT_KEY_SIZE], uint8_t secret_key[ZCHAT_KEY_SIZE])
{
    char public_text[41], secret_text[41];
    assert_int_equal (zmq_curve_keypair (public_text, secret_text), 0);
    assert_non_null (zmq_z85_decode (public_key, public_text));
    assert_non_null (zmq_z85_decode (secret_key, secret_text));
}

static int setup (void **state)
{
    new_pair (server_public, server_secret);
    return 0;
}

static void refused (const zchat_options_t *options, const char *word)
{
    zchat_client_t *client = NULL;
    const char *why = NULL;
    assert_int_equal (zchat_client_new (options, &client, &why), ZCHAT_INVALID);
    assert_null (client);
    assert_non_null (why);
    assert_non_null (strstr (why, word));
    assert_int_equal (zchat_client_new (options, &client, NULL), ZCHAT_INVALID);
}

static void test_keys_that_are_none (void **state)
{
    static const uint8_t zero[ZCHAT_KEY_SIZE], one[ZCHAT_KEY_SIZE] = {1};
    char text[ADDRESS_TEXT_MAX + 1];
    assert_int_equal (address_encode ("tcp://127.0.0.1:1", NULL, server_public, text), ZCHAT_OK);
    refused (&(zchat_options_t){.endpoint = "tcp://127.0.0.1:1", .server_key = zero}, "key");
    refused (&(zchat_options_t){.endpoint = "tcp://127.0.0.1:1", .server_key = one}, "key");
    refused (&(zchat_options_t){.endpoint = "zchat://127.0.0.1:1"}, "lacks");
    refused (&(zchat_options_t){.endpoint = text, .server_key = server_secret}, "another key");
    text[strlen (text) - 1] = '\0';
    refused (&(zchat_options_t){.endpoint = text}, "cut off");
}

/*  Connect to a ROUTER that has server_secret; true where a request comes through. */
static bool connects (const zchat_options_t *with, bool by_address)
{
    char endpoint[128], text[ADDRESS_TEXT_MAX + 1];
    size_t size = sizeof endpoint;
    int on = 1, none = 0;
    void *context = zmq_ctx_new (), *door = zmq_socket (context, ZMQ_ROUTER);
    zchat_options_t options = *with;
    zchat_client_t *client = NULL;
    zchat_event_t event;
    bool heard = false, down = false;
    zmq_setsockopt (door, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt (door, ZMQ_CURVE_SERVER, &on, sizeof on);
    zmq_setsockopt (door, ZMQ_CURVE_SECRETKEY, server_secret, sizeof server_secret);
    assert_int_equal (zmq_bind (door, "tcp://127.0.0.1:*"), 0);
    assert_int_equal (zmq_getsockopt (door, ZMQ_LAST_ENDPOINT, endpoint, &size), 0);
    assert_int_equal (address_encode (endpoint, NULL, server_public, text), ZCHAT_OK);
    options.endpoint = by_address ? text : endpoint;
    assert_int_equal (zchat_client_new (&options, &client, NULL), ZCHAT_OK);
    for (int turn = 0; turn < TURNS_MAX && !heard && !down; turn++) {
        zmq_pollitem_t item = {.socket = door, .events = ZMQ_POLLIN};
        if (zchat_client_wait (client, TURN_MS, &event) == ZCHAT_OK)
            down = event.kind == ZCHAT_EVENT_DISCONNECTED;
        heard = zmq_poll (&item, 1, 0) > 0;
    }
    assert_true (heard != down);
    zchat_client_destroy (&client);
    zmq_close (door);
    zmq_ctx_term (context);
    return heard;
}

static void test_connecting (void **state)
{
    uint8_t other_public[ZCHAT_KEY_SIZE], secret[ZCHAT_KEY_SIZE];
    new_pair (other_public, secret);
    assert_true (connects (&(zchat_options_t){.agent = NULL}, true));
    assert_true (connects (&(zchat_options_t){.secret_key = secret}, true));
    assert_true (connects (&(zchat_options_t){.server_key = server_public}, true));
    assert_true (
        connects (&(zchat_options_t){.server_key = server_public, .secret_key = secret}, false));
    assert_false (connects (&(zchat_options_t){.server_key = other_public}, false));
    assert_false (connects (&(zchat_options_t){.agent = NULL}, false));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup (test_keys_that_are_none, setup),
        cmocka_unit_test_setup (test_connecting, setup),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
