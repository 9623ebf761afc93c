/*  test_speakers.c - on which connection a producer speaks                    */
#include "stage.h"

#include "presence/speakers.h"

enum { OLD = 1, NEW = 2 };

#define PRODUCER ",\"producer\":\"0123456789abcdef0123456789abcdef\""

static bool admit (speakers_t *speakers, const uint8_t *producer, uint64_t serial)
{
    bool moved = speakers_moved (speakers, producer, serial);
    speakers_note (speakers, producer, serial);
    return !moved;
}

static void test_the_newest_counts (void **state)
{
    speakers_t *speakers = speakers_new ();
    uint8_t a[ZCHAT_PRODUCER_SIZE] = {1}, b[ZCHAT_PRODUCER_SIZE] = {2};
    assert_true (admit (speakers, a, 5));
    assert_true (admit (speakers, a, 5));
    assert_true (admit (speakers, b, 3));
    assert_true (admit (speakers, a, 6));
    assert_false (admit (speakers, a, 5));
    assert_true (admit (speakers, b, 3));
    speakers_destroy (&speakers);
    assert_null (speakers);
    speakers_destroy (&speakers);
}

static void test_the_oldest_is_forgotten (void **state)
{
    speakers_t *speakers = speakers_new ();
    for (uint32_t i = 0; i <= ZCHAT_SPEAKERS_MAX; i++) {
        uint8_t producer[ZCHAT_PRODUCER_SIZE] = {0};
        memcpy (producer, &i, sizeof i);
        assert_true (admit (speakers, producer, 9));
    }
    uint8_t first[ZCHAT_PRODUCER_SIZE] = {0}, second[ZCHAT_PRODUCER_SIZE] = {1};
    assert_false (admit (speakers, second, 8));
    assert_true (admit (speakers, first, 8));
    speakers_destroy (&speakers);
}

/*  Refused on the new connection, and told so: it must not be stored when the old one brings it at
    last, nor may what was sent behind it stand twice.                         */
static void test_what_was_refused_is_not_stored_behind_it (void **state)
{
    stage_t *stage = stage_new ();
    stage_hello (stage, OLD, "maria");
    stage_hello (stage, NEW, "mary");
    stage_ask (stage, NEW, "TELL|1|mary|ivan|hi|{\"n\":1" PRODUCER "}");
    stage_expect (stage, "2< ERR|1|{\"code\":\"nobody\",*");
    stage_hello (stage, 3, "ivan");
    stage_ask (stage, OLD, "TELL|1|maria|ivan|hi|{\"n\":1" PRODUCER "}");
    stage_ask (stage, OLD, "SAY|2|maria|lobby|there|{\"n\":2" PRODUCER "}");
    stage_expect (stage, "1< ERR|1|{\"code\":\"hello\",*", "1< ERR|2|{\"code\":\"hello\",*");
    stage_ask (stage, NEW, "SAY|3|mary|lobby|there|{\"n\":1" PRODUCER "}");
    stage_commit (stage);
    stage_expect (stage, "feed> *there*", "2< OK|3|*");
    stage_destroy (stage);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_the_newest_counts),
        cmocka_unit_test (test_the_oldest_is_forgotten),
        cmocka_unit_test (test_what_was_refused_is_not_stored_behind_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
