/*  test_sqlite_wal.c - place for the write-ahead log, before it is needed     */
#include "fixture.h"

#include <sys/resource.h>
#include <sys/stat.h>

enum { RESERVED = 4 << 20 };

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

static off_t size_of (const char *dir, const char *name)
{
    struct stat info;
    char *path = fixture_path (dir, name);
    off_t size = stat (path, &info) == 0 ? info.st_size : 0;
    free (path);
    return size;
}

static uint64_t head_of (store_t *store, size_t messages)
{
    store_query_t query = {.room = 1, .limit = messages, .bytes_max = 1u << 20};
    store_reader_t *reader = NULL;
    store_page_t *page = NULL;
    assert_int_equal (store_reader_new (store, &reader), ZCHAT_OK);
    assert_int_equal (store_read (reader, &query, &page), ZCHAT_OK);
    uint64_t last = page->count ? page->events[page->count - 1].seq : 0;
    store_page_destroy (&page);
    store_reader_destroy (&reader);
    return last;
}

/*  A commit does not make it longer, and who is killed loses nothing to the zeros behind it. */
static void test_reserved (void **state)
{
    const char *dir = *state;
    store_t *store = fixture_open (dir);
    off_t size = size_of (dir, "zchat.db-wal");
    if (size < RESERVED) {
        store_destroy (&store);
        skip (); /* the disk here has too little free                          */
    }
    for (uint64_t seq = 1; seq <= 20; seq++)
        assert_int_equal (fixture_try (store, 1, seq), ZCHAT_OK);
    assert_int_equal (size_of (dir, "zchat.db-wal"), size);
    char *copy = fixture_folder ();
    fixture_copy (dir, copy, "zchat.db");
    fixture_copy (dir, copy, "zchat.db-wal");
    store_t *again = fixture_open (copy);
    assert_int_equal (head_of (again, 100), 20);
    assert_int_equal (fixture_try (again, 1, 21), ZCHAT_OK);
    store_destroy (&again);
    assert_int_equal (size_of (copy, "zchat.db-wal"), 0);
    fixture_folder_remove (&copy);
    store_destroy (&store);
}

/*  Beyond a limit of the process a write would end it.                        */
static void test_limited (void **state)
{
    struct rlimit before, limit;
    assert_int_equal (getrlimit (RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 1 << 20;
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &limit), 0);
    store_t *store = fixture_open (*state);
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &before), 0);
    assert_true (size_of (*state, "zchat.db-wal") < RESERVED);
    assert_int_equal (fixture_try (store, 1, 1), ZCHAT_OK);
    store_destroy (&store);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_reserved, setup, teardown),
        cmocka_unit_test_setup_teardown (test_limited, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
