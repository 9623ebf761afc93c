/*  test_admission.c - who comes in, who is refused, who is told to come later; members */
#include "admission/admission.h"
#include "admission/members.h"
#include "log/log.h"
#include "transport/origin.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static const uint8_t seed[THROTTLE_SEED_SIZE] = {7};
static char folder[64], path[128];

static int setup (void **state)
{
    log_setup (LEVEL_ERROR, false);
    snprintf (folder, sizeof folder, "/tmp/zchat-admission-XXXXXX");
    if (!mkdtemp (folder))
        return -1;
    snprintf (path, sizeof path, "%s/members", folder);
    return 0;
}

static int teardown (void **state)
{
    unlink (path);
    return rmdir (folder);
}

static const uint8_t *key_of (unsigned number)
{
    static uint8_t keys[2][ADDRESS_KEY_SIZE];
    static unsigned at;
    uint8_t *key = keys[at++ % 2];
    memset (key, 0, ADDRESS_KEY_SIZE);
    memcpy (key, &number, sizeof number);
    return key;
}

static void put (const char *format, unsigned a, unsigned b)
{
    char one[ADDRESS_KEY_TEXT + 1], two[ADDRESS_KEY_TEXT + 1];
    address_key_encode (key_of (a), one);
    address_key_encode (key_of (b), two);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    fprintf (file, format, one, two);
#pragma GCC diagnostic pop
    fclose (file);
}

static zap_status_t judge (admission_t *admission, const char *address, unsigned key,
                           uint64_t now_ms)
{
    zap_request_t request = {
        .id = frame_str ("1"), .address = frame_str (address), .key = key_of (key)};
    const char *why = NULL;
    zap_status_t status = admission_judge (admission, &request, (core_time_t){now_ms, 1000}, &why);
    assert_true ((status == ZAP_ADMIT) == (why == NULL));
    return status;
}

static void test_open_admits_every_key (void **state)
{
    admission_t *admission = admission_new (true, NULL, seed);
    for (unsigned i = 0; i < ZCHAT_ADMIT_ADDRESS; i++)
        assert_int_equal (judge (admission, "10.0.0.1", i, 0), ZAP_ADMIT);
    admission_destroy (&admission);
    assert_null (admission);
    admission_destroy (&admission);
}

static void test_handshakes_of_an_address (void **state)
{
    static const char *const same[][3] = {
        {"10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2"},
        {"2001:db8::1", "2001:db8::2:3", "2001:db8:0:1::1"},
        {"fe80::1%eth0", "fe80::2%eth1", "fe81::1"},
        {":1000:1000:1", ":1000:5:2", ":1001:1000:1"},
        {"", "", "x"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        admission_t *admission = admission_new (true, NULL, seed);
        for (unsigned key = 0; key < ZCHAT_ADMIT_ADDRESS; key++)
            assert_int_equal (judge (admission, same[i][0], key, 0), ZAP_ADMIT);
        assert_int_equal (judge (admission, same[i][0], 1, 0), ZAP_LATER);
        assert_int_equal (judge (admission, same[i][1], 2, 0), ZAP_LATER);
        assert_int_equal (judge (admission, same[i][2], 3, 0), ZAP_ADMIT);
        assert_int_equal (judge (admission, same[i][0], 1, ZCHAT_ADMIT_ADDRESS_MS), ZAP_ADMIT);
        admission_destroy (&admission);
    }
}

static void test_handshakes_of_a_key (void **state)
{
    admission_t *admission = admission_new (true, NULL, seed);
    char address[32];
    for (unsigned i = 0; i <= ZCHAT_ADMIT_KEY; i++) {
        snprintf (address, sizeof address, "10.0.%u.%u", i / 256, i % 256);
        assert_int_equal (judge (admission, address, 5, 0),
                          i < ZCHAT_ADMIT_KEY ? ZAP_ADMIT : ZAP_LATER);
    }
    assert_int_equal (judge (admission, "10.0.0.1", 6, 0), ZAP_ADMIT);
    assert_int_equal (judge (admission, "10.0.0.1", 5, ZCHAT_ADMIT_KEY_MS), ZAP_ADMIT);
    admission_destroy (&admission);
}

/*  Who looks for routing ids is kept out, by address and by key, for a while; of this machine all
    share an address, and it is over soon.                                     */
static void test_probes (void **state)
{
    static const char *const from[] = {"10.0.0.1", "127.0.0.1", ":1000:1000:1"};
    static const uint64_t wait_ms[] = {ZCHAT_ADMIT_PROBES_MS, ZCHAT_LOCAL_PROBES_MS,
                                       ZCHAT_LOCAL_PROBES_MS};
    char key[ADDRESS_KEY_TEXT + 1];
    address_key_encode (key_of (5), key);
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        admission_t *admission = admission_new (true, NULL, seed);
        core_time_t now = {0, 1000};
        for (unsigned k = 0; k < ZCHAT_ADMIT_PROBES; k++) {
            assert_int_equal (judge (admission, from[i], 6, 0), ZAP_ADMIT);
            admission_probed (admission, frame_str (from[i]), key, now);
        }
        assert_int_equal (judge (admission, from[i], 6, 0), ZAP_LATER);
        assert_int_equal (judge (admission, "10.0.0.2", 6, 0), ZAP_ADMIT);
        assert_int_equal (judge (admission, "10.0.0.2", 5, 0), ZAP_LATER);
        assert_int_equal (judge (admission, from[i], 6, wait_ms[i] - 1), ZAP_LATER);
        assert_int_equal (judge (admission, from[i], 6, wait_ms[i]), ZAP_ADMIT);
        admission_destroy (&admission);
    }
}

static void test_not_encrypted (void **state)
{
    admission_t *admission = admission_new (false, NULL, seed);
    zap_request_t request = {.id = frame_str ("1"), .address = frame_str ("10.0.0.1")};
    const char *why;
    for (unsigned i = 0; i <= ZCHAT_PLAIN_ADDRESS; i++)
        assert_int_equal (admission_judge (admission, &request, (core_time_t){0, 0}, &why),
                          i < ZCHAT_PLAIN_ADDRESS ? ZAP_ADMIT : ZAP_LATER);
    assert_int_equal (admission_claims (admission, request.address, (core_time_t){0, 0}), 0);
    for (unsigned i = 0; i < ZCHAT_ADMIT_PROBES; i++)
        admission_probed (admission, frame_str ("10.0.0.2"), "", (core_time_t){0, 0});
    request.address = frame_str ("10.0.0.2");
    assert_int_equal (admission_judge (admission, &request, (core_time_t){0, 0}, &why), ZAP_LATER);
    admission_destroy (&admission);
}

/*  Who sends what cannot be read is kept out, alone, and for a bounded time.   */
static void test_what_was_never_read (void **state)
{
    static const char *const from[] = {"10.0.0.1", "127.0.0.1", "2001:db8::1"};
    static const char *const beside[] = {"10.0.0.2", "127.0.0.2", "2001:db8:0:1::1"};
    static const uint64_t debt_ms[] = {ZCHAT_LEFT_DEBT_MS, ZCHAT_LOCAL_LEFT_DEBT_MS,
                                       ZCHAT_LEFT_DEBT_MS};
    uint8_t buffer[ORIGIN_MAX];
    const char *why;
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        admission_t *admission = admission_new (false, NULL, seed);
        zap_request_t request = {.id = frame_str ("1"), .address = frame_str (from[i])};
        frame_t origin = origin_counted (request.address, buffer);
        bool local = origin_local (request.address);
        uint64_t refill_ms = local ? ZCHAT_LOCAL_LEFT_MS : ZCHAT_ADMIT_LEFT_MS;
        for (unsigned k = 0; k < ZCHAT_ADMIT_LEFT / 4; k++) { /* three units and one */
            assert_int_equal (admission_judge (admission, &request, (core_time_t){0}, &why),
                              ZAP_ADMIT);
            admission_left (admission, origin, local, 2 * ZCHAT_LEFT_UNIT, (core_time_t){0});
            admission_left (admission, origin, local, 100, (core_time_t){0});
        }
        assert_int_equal (admission_judge (admission, &request, (core_time_t){0}, &why), ZAP_LATER);
        request.address = frame_str (beside[i]);
        assert_int_equal (admission_judge (admission, &request, (core_time_t){0}, &why), ZAP_ADMIT);
        request.address = frame_str (from[i]);
        admission_left (admission, origin, local, 1ull << 40, (core_time_t){0});
        uint64_t end_ms = debt_ms[i] + refill_ms;
        assert_int_equal (admission_judge (admission, &request, (core_time_t){end_ms - 1, 0}, &why),
                          ZAP_LATER);
        assert_int_equal (admission_judge (admission, &request, (core_time_t){end_ms, 0}, &why),
                          ZAP_ADMIT);
        admission_destroy (&admission);
    }
}

/*  Strangers are refused, then slowed; a member behind the same address comes in all the
    while.                                                                     */
static void test_members (void **state)
{
    put ("%s alice\n# %s bob\n", 1, 2);
    admission_t *admission = admission_new (true, path, seed);
    for (unsigned i = 0; i < ZCHAT_ADMIT_FAILED; i++)
        assert_int_equal (judge (admission, "10.0.0.1", 100 + i, 0), ZAP_REFUSE);
    assert_int_equal (judge (admission, "10.0.0.1", 2, 0), ZAP_LATER);
    assert_int_equal (judge (admission, "10.0.0.1", 1, 0), ZAP_ADMIT);
    assert_int_equal (judge (admission, "10.0.0.2", 2, 0), ZAP_REFUSE);
    assert_int_equal (judge (admission, "10.0.0.1", 2, ZCHAT_ADMIT_FAILED_MS), ZAP_REFUSE);
    admission_destroy (&admission);
}

/*  Written in place, within the same moment, with the same size: it is seen.  */
static void test_the_file_changes (void **state)
{
    admission_t *admission = admission_new (true, path, seed);
    assert_int_equal (judge (admission, "10.0.0.1", 1, 0), ZAP_REFUSE);
    for (unsigned i = 0; i < 10; i++) {
        put ("%s\n", 1, 0);
        assert_int_equal (judge (admission, "10.0.0.1", 1, 0), ZAP_ADMIT);
        put ("%s\n", 2, 0);
        assert_int_equal (judge (admission, "10.0.0.1", 2, 0), ZAP_ADMIT);
    }
    assert_int_equal (judge (admission, "10.0.0.1", 1, 0), ZAP_REFUSE);
    unlink (path);
    assert_int_equal (judge (admission, "10.0.0.1", 2, 0), ZAP_REFUSE);
    put ("%s\n", 2, 0);
    assert_int_equal (judge (admission, "10.0.0.1", 2, 0), ZAP_ADMIT);
    admission_destroy (&admission);
}

static members_news_t parse (members_t *members, const char *format, unsigned a, unsigned b)
{
    char one[ADDRESS_KEY_TEXT + 1], two[ADDRESS_KEY_TEXT + 1], text[1024];
    members_news_t news;
    address_key_encode (key_of (a), one);
    address_key_encode (key_of (b), two);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf (text, sizeof text, format, one, two);
#pragma GCC diagnostic pop
    members_parse (members, frame_str (text), &news);
    return news;
}

static void test_lines (void **state)
{
    members_t *members = members_new ("nowhere");
    members_news_t news = parse (members, "", 1, 2);
    assert_int_equal (news.count, 0);
    assert_false (members_has (members, key_of (0)));
    news = parse (members, "\n \t%s\tAlice's\r\n#\n%s#laptop", 2, 1);
    assert_int_equal (news.count, 2);
    assert_int_equal (news.bad, 0);
    assert_true (members_has (members, key_of (1)));
    assert_true (members_has (members, key_of (2)));
    assert_false (members_has (members, key_of (3)));
    news = parse (members, "%s\nalice %s\nnonsense\n", 1, 2);
    assert_int_equal (news.count, 1);
    assert_int_equal (news.bad, 2);
    assert_int_equal (news.bad_line, 2);
    assert_non_null (news.why);
    assert_true (members_has (members, key_of (1)));
    assert_false (members_has (members, key_of (2)));
    members_destroy (&members);
    assert_null (members);
    members_destroy (&members);
}

static void test_too_many (void **state)
{
    enum { LINE = ADDRESS_KEY_TEXT + 1, MANY = ZCHAT_MEMBERS_MAX + 3 };
    char *text = malloc ((size_t)MANY * LINE + 1);
    members_t *members = members_new ("nowhere");
    members_news_t news;
    assert_non_null (text);
    for (size_t i = 0; i < MANY; i++) {
        address_key_encode (key_of ((unsigned)i), text + i * LINE);
        text[i * LINE + ADDRESS_KEY_TEXT] = '\n';
    }
    members_parse (members, frame_of (text, (size_t)MANY * LINE), &news);
    assert_int_equal (news.count, ZCHAT_MEMBERS_MAX);
    assert_int_equal (news.bad, 3);
    assert_int_equal (news.bad_line, ZCHAT_MEMBERS_MAX + 1);
    for (unsigned i = 0; i < MANY; i++)
        assert_true (members_has (members, key_of (i)) == (i < ZCHAT_MEMBERS_MAX));
    members_destroy (&members);
    free (text);
}

static void test_no_file (void **state)
{
    members_t *members = members_new (folder);
    members_news_t news;
    assert_true (members_reload (members, 0, &news));
    assert_true (news.error != 0);
    assert_false (members_reload (members, 0, &news));
    members_destroy (&members);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    assert_int_equal (ftruncate (fileno (file), ZCHAT_MEMBERS_FILE_MAX + 1), 0);
    fclose (file);
    members = members_new (path);
    assert_true (members_reload (members, 0, &news));
    assert_int_equal (news.error, EFBIG);
    members_destroy (&members);
}

/*  Names are claimed from an address, or an IPv6 /64, so many at once and then slowly; where only
    members come in, and on this machine, without a bound.                     */
static void test_claims_are_bounded (void **state)
{
    static const char *const bounded[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1"};
    static const char *const local[] = {"127.0.0.1", "::1", "localhost:0:0:1"};
    admission_t *open = admission_new (true, NULL, seed),
                *members = admission_new (true, path, seed);
    core_time_t now = {.mono_ms = 1000};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (int n = 0; n < ZCHAT_CLAIMS_ADDRESS; n++)
            assert_int_equal (admission_claims (open, frame_str (bounded[i]), now), 0);
        assert_int_equal (admission_claims (open, frame_str (bounded[i]), now),
                          ZCHAT_CLAIMS_ADDRESS_MS);
        for (int n = 0; n < 2 * ZCHAT_CLAIMS_ADDRESS; n++) {
            assert_int_equal (admission_claims (members, frame_str (bounded[i]), now), 0);
            assert_int_equal (admission_claims (open, frame_str (local[i]), now), 0);
        }
    }
    assert_true (admission_claims (open, frame_str ("2001:db8::2"), now) > 0);
    assert_true (admission_claims (open, frame_str ("2001:db8:0:1::2"), now) == 0);
    assert_true (admission_claims (open, frame_str ("::ffff:192.0.2.1"), now) > 0);
    /*  A /48 has 65,536 such, and a bound of its own; another has its own.    */
    for (int i = ZCHAT_CLAIMS_ADDRESS + 1; i < ZCHAT_CLAIMS_NETWORK; i++) {
        char address[40];
        snprintf (address, sizeof address, "2001:db8:0:%x::1", 2 + i);
        assert_int_equal (admission_claims (open, frame_str (address), now), 0);
    }
    assert_int_equal (admission_claims (open, frame_str ("2001:db8:0:ffff::1"), now),
                      ZCHAT_CLAIMS_NETWORK_MS);
    assert_int_equal (admission_claims (open, frame_str ("2001:db8:1::1"), now), 0);
    now.mono_ms += ZCHAT_CLAIMS_ADDRESS_MS - 1;
    assert_int_equal (admission_claims (open, frame_str ("192.0.2.1"), now), 1);
    now.mono_ms++;
    assert_int_equal (admission_claims (open, frame_str ("192.0.2.1"), now), 0);
    assert_int_equal (admission_claims (open, frame_str ("192.0.2.1"), now),
                      ZCHAT_CLAIMS_ADDRESS_MS);
    admission_destroy (&open);
    admission_destroy (&members);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_open_admits_every_key, setup, teardown),
        cmocka_unit_test_setup_teardown (test_handshakes_of_an_address, setup, teardown),
        cmocka_unit_test_setup_teardown (test_probes, setup, teardown),
        cmocka_unit_test_setup_teardown (test_not_encrypted, setup, teardown),
        cmocka_unit_test_setup_teardown (test_what_was_never_read, setup, teardown),
        cmocka_unit_test_setup_teardown (test_handshakes_of_a_key, setup, teardown),
        cmocka_unit_test_setup_teardown (test_claims_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown (test_members, setup, teardown),
        cmocka_unit_test_setup_teardown (test_the_file_changes, setup, teardown),
        cmocka_unit_test_setup_teardown (test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown (test_too_many, setup, teardown),
        cmocka_unit_test_setup_teardown (test_no_file, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
