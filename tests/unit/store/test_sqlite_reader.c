/*  test_sqlite_reader.c - reading while the log is written, and damage read   */
#include "fixture.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

static int setup (void **state)
{
    *state = fixture_folder ();
    return 0;
}

static int teardown (void **state)
{
    char *dir = *state;
    fixture_folder_remove (&dir);
    return 0;
}

/*  --- a reader in another thread --------------------------------------------  */

typedef struct {
    store_reader_t *reader; /* its own                                 */
    uint64_t last;          /* reads until the head is this            */
    atomic_size_t pages;    /* read so far                             */
    const char *wrong;      /* what was wrong with a page; NULL: fine  */
} follower_t;

static const char *page_wrong (const store_page_t *page, uint64_t head_before)
{
    if (page->head < head_before)
        return "the head went back";
    if (page->first > page->head + 1)
        return "first is beyond the head";
    if (page->count == 0 && page->first <= page->head)
        return "nothing came";
    for (size_t i = 0; i < page->count; i++)
        if (page->events[i].seq != page->events[0].seq + i)
            return "a hole";
    if (page->count && page->events[page->count - 1].seq != page->head)
        return "events and head do not agree";
    if (page->count && !page->more && page->events[0].seq != page->first)
        return "events and first do not agree";
    return NULL;
}

static void *follow (void *arg)
{
    follower_t *self = arg;
    uint64_t head = 0;
    while (head < self->last && !self->wrong) {
        store_query_t query = {.room = 1, .before = UINT64_MAX, .limit = 300, .bytes_max = 1 << 20};
        store_page_t *page = NULL;
        if (store_read (self->reader, &query, &page) != ZCHAT_OK) {
            self->wrong = "a read failed";
            break;
        }
        self->wrong = page_wrong (page, head);
        head = page->head;
        store_page_destroy (&page);
        atomic_fetch_add (&self->pages, 1);
    }
    return NULL;
}

/*  Two readers see one consistent log after another while messages are appended
    and trimmed.                                                               */
static void test_while_written (void **state)
{
    enum { LAST = 5000, FOLLOWERS = 2 };
    store_t *store = fixture_open (*state);
    follower_t followers[FOLLOWERS];
    pthread_t threads[FOLLOWERS];
    memset (followers, 0, sizeof followers);
    for (size_t i = 0; i < FOLLOWERS; i++) {
        followers[i].last = LAST;
        assert_int_equal (store_reader_new (store, &followers[i].reader), ZCHAT_OK);
        assert_int_equal (pthread_create (&threads[i], NULL, follow, &followers[i]), 0);
    }
    store_retain_t retain = {.age_ms = 50000};
    for (uint64_t seq = 1; seq < LAST; seq += 20) {
        store_trimmed_t trimmed;
        fixture_fill (store, 1, seq, seq + 19);
        assert_int_equal (store_trim (store, &retain, 1000 * (seq + 19), &trimmed), ZCHAT_OK);
    }
    for (size_t i = 0; i < FOLLOWERS; i++) {
        assert_int_equal (pthread_join (threads[i], NULL), 0);
        if (followers[i].wrong)
            fail_msg ("%s", followers[i].wrong);
        assert_true (atomic_load (&followers[i].pages) > 0);
        store_reader_destroy (&followers[i].reader);
    }
    fixture_holds (store, 1, LAST - 50, LAST);
    store_destroy (&store);
}

/*  Somebody who looks at the log with another program and does not let go stops
    neither the messages nor the readers.                                      */
static void test_beside_a_long_look (void **state)
{
    store_t *store = fixture_open (*state);
    char *path = fixture_path (*state, "zchat.db");
    sqlite3 *db = NULL;
    fixture_fill (store, 1, 1, 10);
    assert_int_equal (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal (sqlite3_exec (db, "BEGIN; SELECT * FROM rooms", NULL, NULL, NULL), SQLITE_OK);
    fixture_fill (store, 1, 11, 3000);
    fixture_holds (store, 1, 1, 3000);
    assert_int_equal (sqlite3_exec (db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    fixture_fill (store, 1, 3001, 3100);
    store_destroy (&store);
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, 3100);
    store_destroy (&store);
    free (path);
}

/*  --- damage ----------------------------------------------------------------  */

static void damage (const char *dir, const char *text)
{
    char *path = fixture_path (dir, "zchat.db");
    char *error = NULL;
    sqlite3 *db = NULL;
    assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
    if (sqlite3_exec (db, text, NULL, NULL, &error) != SQLITE_OK)
        fail_msg ("%s: %s", text, error);
    assert_int_equal (sqlite3_close (db), SQLITE_OK);
    free (path);
}

/*  What no append can have written is not handed on.                          */
static void test_damaged_rows (void **state)
{
    static const char *const damages[] = {
        "DELETE FROM messages WHERE id = (1 << 40) + 5",
        "DELETE FROM messages WHERE id = (1 << 40) + 10",
        "UPDATE messages SET body = zeroblob (65537) WHERE id = (1 << 40) + 5",
        "UPDATE messages SET user = zeroblob (129) WHERE id = (1 << 40) + 5",
        "UPDATE messages SET data = zeroblob (4097) WHERE id = (1 << 40) + 5",
        "UPDATE messages SET type = 256 WHERE id = (1 << 40) + 5",
        "UPDATE messages SET type = -1 WHERE id = (1 << 40) + 5",
        "UPDATE messages SET time = -1 WHERE id = (1 << 40) + 5",
        "UPDATE rooms SET head = -1",
        "UPDATE rooms SET first = 0",
        "UPDATE rooms SET first = 12",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char *dir = fixture_folder ();
        store_t *store = fixture_open (dir);
        store_reader_t *reader = NULL;
        fixture_fill (store, 1, 1, 10);
        fixture_fill (store, 2, 1, 10);
        assert_int_equal (store_reader_new (store, &reader), ZCHAT_OK);
        damage (dir, damages[i]);
        for (int down = 0; down < 2; down++) {
            store_query_t query = {
                .room = 1, .before = down ? UINT64_MAX : 0, .limit = 100, .bytes_max = 1 << 20};
            store_page_t *page = NULL;
            if (store_read (reader, &query, &page) != ZCHAT_STORAGE)
                fail_msg ("%s", damages[i]);
            assert_null (page);
        }
        /*  The reader is not spoiled by it.                                   */
        if (strstr (damages[i], "messages"))
            fixture_holds (store, 2, 1, 10);
        store_reader_destroy (&reader);
        store_destroy (&store);
        fixture_folder_remove (&dir);
    }
}

static void test_log_gone (void **state)
{
    store_t *store = fixture_open (*state);
    store_reader_t *reader = NULL;
    char *path = fixture_path (*state, "zchat.db");
    assert_int_equal (unlink (path), 0);
    assert_int_equal (store_reader_new (store, &reader), ZCHAT_SYSTEM);
    assert_null (reader);
    store_destroy (&store);
    free (path);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_while_written, setup, teardown),
        cmocka_unit_test_setup_teardown (test_beside_a_long_look, setup, teardown),
        cmocka_unit_test_setup_teardown (test_damaged_rows, setup, teardown),
        cmocka_unit_test_setup_teardown (test_log_gone, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
