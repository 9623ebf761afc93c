/*  test_metrics.c - numbers as text, and whether the broker is alive and ready */
#include "metrics/metrics.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static void test_times_go_into_their_buckets (void **state)
{
    metrics_times_t times = {0};
    metrics_time (&times, 0);
    metrics_time (&times, 100); /* a bound belongs to its bucket                 */
    metrics_time (&times, 101);
    metrics_time (&times, 30000000);
    metrics_time (&times, 30000001);
    assert_int_equal (times.buckets[0], 2);
    assert_int_equal (times.buckets[1], 1);
    assert_int_equal (times.buckets[METRICS_BUCKETS - 1], 1);
    assert_int_equal (times.buckets[METRICS_BUCKETS], 1);
    assert_int_equal (times.sum_us, 60000202);
}

static void test_text (void **state)
{
    metrics_numbers_t numbers = {.core = {.rooms = 7}};
    const metrics_process_t process = {.log_bytes = 12};
    numbers.counters.answers[VERB_SAY][ZCHAT_OK] = 3;
    numbers.counters.answers[VERB_COUNT][ZCHAT_MALFORMED] = 1;
    metrics_time (&numbers.commits, 2000);
    metrics_time (&numbers.commits, 60000000);
    char *text = metrics_text (&numbers, &process, false);
    assert_non_null (strstr (text, "# TYPE zchat_answers_total counter\n"));
    assert_non_null (strstr (text, "zchat_answers_total{verb=\"SAY\",code=\"ok\"} 3\n"));
    assert_non_null (strstr (text, "zchat_answers_total{verb=\"\",code=\"malformed\"} 1\n"));
    assert_null (strstr (text, "verb=\"JOIN\""));
    assert_non_null (strstr (text, "_bucket{le=\"0.001\"} 0\n"));
    assert_non_null (strstr (text, "_bucket{le=\"30\"} 1\n"));
    assert_non_null (strstr (text, "_bucket{le=\"+Inf\"} 2\n"));
    assert_non_null (strstr (text, "_sum 60.002000\n"));
    assert_non_null (strstr (text, "\nzchat_rooms 7\n"));
    assert_null (strstr (text, "# EOF"));
    free (text);
    text = metrics_text (&numbers, &process, true);
    assert_non_null (strstr (text, "# TYPE zchat_answers counter\n"));
    assert_string_equal (text + strlen (text) - 6, "# EOF\n");
    free (text);
}

/*  The status that a GET is answered with.                                    */
static int status_of (const metrics_t *metrics, const char *path)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons ((uint16_t)metrics_port (metrics)),
                                  .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    char text[256] = "";
    int status = 0, fd = socket (AF_INET, SOCK_STREAM, 0);
    assert_int_equal (connect (fd, (struct sockaddr *)&address, sizeof address), 0);
    int size = snprintf (text, sizeof text, "GET %s HTTP/1.0\r\n\r\n", path);
    assert_int_equal (write (fd, text, (size_t)size), size);
    assert_true (read (fd, text, sizeof text - 1) > 12);
    assert_int_equal (sscanf (text, "HTTP/%*s %d", &status), 1);
    close (fd);
    return status;
}

static void test_alive_and_ready (void **state)
{
    const char *why;
    metrics_t *metrics = metrics_new ("tcp://127.0.0.1:*", "/nowhere", &why);
    struct timespec now;
    assert_non_null (metrics);
    assert_int_equal (status_of (metrics, "/healthz"), 200);
    assert_int_equal (status_of (metrics, "/readyz"), 503); /* it starts             */
    clock_gettime (CLOCK_BOOTTIME, &now);
    metrics_numbers_t numbers = {.serving = true, .mono_ms = (uint64_t)now.tv_sec * 1000 + 1000};
    metrics_put (metrics, &numbers);
    assert_int_equal (status_of (metrics, "/readyz"), 200);
    numbers.failing = true;
    metrics_put (metrics, &numbers);
    assert_int_equal (status_of (metrics, "/readyz"), 503);
    assert_int_equal (status_of (metrics, "/healthz"), 200);
    numbers = (metrics_numbers_t){.serving = true, .mono_ms = 1}; /* long ago        */
    metrics_put (metrics, &numbers);
    assert_int_equal (status_of (metrics, "/healthz"), 503);
    assert_int_equal (status_of (metrics, "/readyz"), 503);
    assert_int_equal (status_of (metrics, "/metrics"), 200);
    metrics_destroy (&metrics);
    assert_null (metrics);
    metrics_destroy (&metrics);
}

static void test_what_cannot_be_bound (void **state)
{
    const char *why;
    assert_null (metrics_new ("tcp://nobody.invalid:0", "/nowhere", &why));
    assert_non_null (strstr (why, "no name is looked up"));
    assert_null (metrics_new ("tcp://192.0.2.1:*", "/nowhere", &why));
    assert_non_null (strstr (why, "cannot be bound"));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_times_go_into_their_buckets),
        cmocka_unit_test (test_text),
        cmocka_unit_test (test_alive_and_ready),
        cmocka_unit_test (test_what_cannot_be_bound),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
