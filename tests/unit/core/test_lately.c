/*  test_lately.c - which reactions were decided of late                       */
#include "ledger/lately.h"
#include "stage.h"

static void note (lately_t *lately, uint64_t seq, const char *text, const char *who, bool back)
{
    store_record_t record = {
        .room = 7,
        .event = {.type = back ? ZCHAT_TYPE_UNREACT : ZCHAT_TYPE_REACT, .body = frame_str (text)},
        .reacts = seq,
        .who = frame_str (who)};
    lately_note (lately, &record);
}

/*  1, 0, or -1: not known.                                                    */
static int look (const lately_t *lately, uint64_t seq, const char *text, const char *who)
{
    bool yes = true, no = false;
    lately_look (lately, 7, seq, frame_str (text), frame_str (who), &yes);
    lately_look (lately, 7, seq, frame_str (text), frame_str (who), &no);
    return yes == no ? yes : -1;
}

static void test_the_last_word_holds (void **state)
{
    (void)state;
    lately_t *lately = lately_new ();
    uint64_t moment = lately_now (lately);
    assert_int_equal (look (lately, 1, "x", "#1"), -1);
    note (lately, 1, "x", "#1", false);
    assert_int_equal (look (lately, 1, "x", "#1"), 1);
    lately_landed (lately);
    note (lately, 1, "x", "#1", true);
    assert_int_equal (look (lately, 1, "x", "#1"), 0);
    /*  Another message, reaction or user.                                     */
    assert_int_equal (look (lately, 2, "x", "#1"), -1);
    assert_int_equal (look (lately, 1, "x#", "1"), -1);
    assert_int_equal (look (lately, 1, "x", "#2"), -1);
    assert_true (lately_since (lately, moment));
    lately_destroy (&lately);
    assert_null (lately);
    lately_destroy (&lately);
}

static void test_it_is_forgotten (void **state)
{
    (void)state;
    lately_t *lately = lately_new ();
    uint64_t moment = lately_now (lately);
    note (lately, 1, "x", "#1", false);
    for (int i = 0; i < 64; i++) {
        assert_true (lately_since (lately, moment));
        assert_int_equal (look (lately, 1, "x", "#1"), 1);
        lately_landed (lately);
    }
    note (lately, 2, "x", "#1", false);
    assert_true (lately_since (lately, moment));
    lately_landed (lately);
    assert_false (lately_since (lately, moment));
    assert_int_equal (look (lately, 1, "x", "#1"), -1);
    assert_int_equal (look (lately, 2, "x", "#1"), 1);
    moment = lately_now (lately);
    lately_lost (lately);
    assert_false (lately_since (lately, moment));
    assert_true (lately_since (lately, lately_now (lately)));
    assert_int_equal (look (lately, 2, "x", "#1"), -1);
    lately_destroy (&lately);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_the_last_word_holds),
        cmocka_unit_test (test_it_is_forgotten),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
