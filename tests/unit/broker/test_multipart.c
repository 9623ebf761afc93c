/*  test_multipart.c - messages of several frames, out                         */
#include "transport/multipart.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>
/* cmocka wants the above before it */
#include <cmocka.h>

typedef struct {
    void *context, *out, *in;
} pair_t;

static pair_t pair_new (int type)
{
    pair_t pair = {.context = zmq_ctx_new ()};
    int linger = 0;
    pair.out = zmq_socket (pair.context, type);
    pair.in = zmq_socket (pair.context, type);
    zmq_setsockopt (pair.out, ZMQ_LINGER, &linger, sizeof linger);
    assert_int_equal (zmq_bind (pair.out, "inproc://test"), 0);
    assert_int_equal (zmq_connect (pair.in, "inproc://test"), 0);
    return pair;
}

static void pair_destroy (pair_t *pair)
{
    zmq_close (pair->out);
    zmq_close (pair->in);
    zmq_ctx_term (pair->context);
}

static void test_all_frames_are_one_message (void **state)
{
    pair_t pair = pair_new (ZMQ_PAIR);
    const frame_t frames[] = {frame_str ("a"), frame_of (NULL, 0), frame_str ("c")};
    assert_true (multipart_send (pair.out, frames, 3));
    for (size_t i = 0; i < 3; i++) {
        char buffer[8];
        int more;
        size_t size = sizeof more;
        assert_int_equal (zmq_recv (pair.in, buffer, sizeof buffer, ZMQ_DONTWAIT), frames[i].size);
        assert_int_equal (zmq_getsockopt (pair.in, ZMQ_RCVMORE, &more, &size), 0);
        assert_int_equal (more, i < 2);
    }
    pair_destroy (&pair);
}

/*  A ROUTER that is told to tells of whom it does not know.                   */
static void test_what_is_refused_is_told (void **state)
{
    pair_t pair = pair_new (ZMQ_ROUTER);
    int mandatory = 1;
    zmq_setsockopt (pair.out, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory);
    const frame_t frames[] = {frame_str ("nobody"), frame_str ("x")};
    assert_false (multipart_send (pair.out, frames, 2));
    assert_int_equal (errno, EHOSTUNREACH);
    pair_destroy (&pair);
}

/*  A frame that memory is not there for is never left out.                    */
static void test_out_of_memory_nothing_is_sent_behind (void **state)
{
    pid_t child = fork ();
    assert_true (child >= 0);
    if (!child) {
        pair_t pair = pair_new (ZMQ_PAIR);
        multipart_frame (pair.out, frame_str ("begun"), true);
        multipart_frame (pair.out, frame_of ("", SIZE_MAX / 4), false);
        _exit (0);
    }
    int status;
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_false (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_all_frames_are_one_message),
        cmocka_unit_test (test_what_is_refused_is_told),
        cmocka_unit_test (test_out_of_memory_nothing_is_sent_behind),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
