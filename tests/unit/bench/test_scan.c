#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "samples.h"
#include "scan.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t numbers[8];
    size_t count;
} seen_t;

static void see (void *context, uint32_t number)
{
    seen_t *seen = context;
    assert_true (seen->count < 8);
    seen->numbers[seen->count++] = number;
}

/*  Feeds the text in reads of so many bytes; returns what scan_read counted.  */
static size_t feed (const char *text, size_t size, size_t step, seen_t *seen)
{
    char buffer[SCAN_KEPT_MAX + 512];
    scan_t scan;
    size_t count = 0;
    scan_init (&scan, BODY_MARK, strlen (BODY_MARK), 8);
    for (size_t at = 0; at < size; at += step) {
        size_t part = size - at < step ? size - at : step;
        memcpy (buffer + SCAN_KEPT_MAX, text + at, part);
        count += scan_read (&scan, buffer + SCAN_KEPT_MAX, part, see, seen);
    }
    return count;
}

/*  However the reads cut it, each mark is counted once, in order.  */
static void counts_across_reads (void **state)
{
    static const char text[] = "\0\0\0~~Zb:0000000axxx~Zb~Zb:ffffffff\0~Z~Zb:00000001";
    (void)state;
    for (size_t step = 1; step < sizeof text; step++) {
        seen_t seen = {.count = 0};
        assert_int_equal (feed (text, sizeof text - 1, step, &seen), 3);
        assert_int_equal (seen.count, 3);
        assert_int_equal (seen.numbers[0], 10);
        assert_int_equal (seen.numbers[1], UINT32_MAX);
        assert_int_equal (seen.numbers[2], 1);
    }
}

/*  Lengths, seqs and times of a pack hold any byte, that of the mark among them.  */
static void binary_is_no_mark (void **state)
{
    static const char text[] = "\0\0~Z\0\0\0\0\0\0~\0~Z~Z~Zb\0\0\0~Zb:0000002ahello";
    seen_t seen = {.count = 0};
    (void)state;
    assert_int_equal (feed (text, sizeof text - 1, 7, &seen), 1);
    assert_int_equal (seen.numbers[0], 42);
}

/*  An answer's mark has nothing behind it.  */
static void a_mark_without_number (void **state)
{
    char buffer[SCAN_KEPT_MAX + 16];
    scan_t scan;
    (void)state;
    scan_init (&scan, "\1\2OK", 4, 0);
    memcpy (buffer + SCAN_KEPT_MAX, "\1\2OK\1\1t\1\2O", 10);
    assert_int_equal (scan_read (&scan, buffer + SCAN_KEPT_MAX, 10, NULL, NULL), 1);
    memcpy (buffer + SCAN_KEPT_MAX, "K\1\1", 3);
    assert_int_equal (scan_read (&scan, buffer + SCAN_KEPT_MAX, 3, NULL, NULL), 1);
}

static void waits_in_order (void **state)
{
    samples_t samples = {NULL, 0, 0};
    (void)state;
    assert_true (samples_us (&samples, 500) == 0);
    for (uint64_t i = 1001; i > 0; i--)
        samples_add (&samples, i * 1000);
    samples_sort (&samples);
    assert_true (samples_us (&samples, 500) == 501);
    assert_true (samples_us (&samples, 999) == 1000);
    assert_true (samples_us (&samples, 1000) == 1001);
    free (samples.ns);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (counts_across_reads),
        cmocka_unit_test (binary_is_no_mark),
        cmocka_unit_test (a_mark_without_number),
        cmocka_unit_test (waits_in_order),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
