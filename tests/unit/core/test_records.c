/*  test_records.c - what is being committed stands by itself

    The ledger runs ahead of the disk by the flight: what an earlier record of it speaks of may be
   no more in the ledger when the records are stored.
*/
#include "stage.h"

static const store_record_t *record_of (const stage_t *stage, zchat_type_t type)
{
    for (size_t i = 0; i < stage->n_records; i++)
        if (stage->records[i].event.type == type)
            return &stage->records[i];
    fail ();
    return NULL;
}

#define PRODUCER "\"producer\":\"0123456789abcdef0123456789abcdef\""

static void test_a_producer_that_ends_behind_its_message (void **state)
{
    stage_t *stage = stage_new ();
    (void)state;
    stage_enter (stage, 1, "ann", "hall");
    stage_ask (stage, 1, "SAY|1|ann|hall|a|{" PRODUCER ",\"n\":1}");
    assert_true (stage_take (stage) > 0);
    frame_t first = record_of (stage, ZCHAT_TYPE_SAY)->holder;
    char *holder = memory_string (first.data, first.size);
    stage_land (stage);
    stage_ask (stage, 1, "SAY|2|ann|hall|b|{" PRODUCER ",\"n\":2}");
    stage_ask (stage, 1, "BYE|3|ann|{" PRODUCER "}");
    assert_true (stage_take (stage) >= 2);
    assert_true (stage->records[stage->n_records - 1].ends);
    assert_true (frame_is (record_of (stage, ZCHAT_TYPE_SAY)->holder, holder));
    free (holder);
    stage_land (stage);
    stage_destroy (stage);
}

static void test_a_room_that_ends_behind_its_message (void **state)
{
    stage_t *stage = stage_new ();
    (void)state;
    stage->rooms_max = 2;
    stage_restart (stage);
    stage_enter (stage, 1, "ann", "hall");
    stage_ask (stage, 1, "SAY|1|ann|hall|a");
    stage_commit (stage);
    stage_ask (stage, 1, "SAY|2|ann|tea|a");
    stage_commit (stage);
    stage_wait (stage, 10);
    stage_ask (stage, 1, "PART|p|ann|hall");
    stage_commit (stage);
    /*  The oldest gives way to a third, and that has its name's place in memory.  */
    stage_ask (stage, 1, "TOPIC|3|ann|tea|x");
    stage_ask (stage, 1, "SAY|4|ann|hall|b");
    stage_ask (stage, 1, "SAY|5|ann|cake|a");
    stage_ask (stage, 1, "SAY|6|ann|milk|a");
    assert_true (stage_take (stage) >= 4);
    size_t dropped = 0;
    for (size_t i = 0; i < stage->n_records; i++) {
        dropped += stage->records[i].drops;
        if (frame_is (stage->records[i].event.body, "b"))
            assert_true (frame_is (stage->records[i].room_name, "hall"));
        if (frame_is (stage->records[i].event.body, "x"))
            assert_true (frame_is (stage->records[i].room_name, "tea"));
    }
    assert_true (dropped >= 1);
    stage_land (stage);
    stage_destroy (stage);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_producer_that_ends_behind_its_message),
        cmocka_unit_test (test_a_room_that_ends_behind_its_message),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
