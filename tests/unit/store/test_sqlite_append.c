/*  test_sqlite_append.c - what was reported stays, what failed never was

    Faults come from three sides: a layer under SQLite that fails the nth call, a
    bound on the size of files, and a disk that is really full. And the process
    is killed.
*/
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int setup (void **state)
{
    *state = fixture_folder ();
    return 0;
}

static int teardown (void **state)
{
    char *dir = *state;
    (void)umount2 (dir, MNT_DETACH); /* where a test failed with a disk in it */
    fixture_folder_remove (&dir);
    return 0;
}

/*  --- a layer that fails ----------------------------------------------------  */

typedef enum { FAULT_WRITE_FULL, FAULT_WRITE_ERROR, FAULT_SYNC, FAULT_COUNT } fault_t;

static struct {
    sqlite3_vfs vfs;    /* the layer                                         */
    sqlite3_vfs *below; /* the real one                                      */
    fault_t fault;      /* what is to fail                                   */
    int countdown;      /* the call of that kind that fails; 0: none         */
    bool lasting;       /* all after it fail too                             */
    int failed;         /* how many did                                      */
} layer;

/*  The file of the layer below follows ours in the same block.                */
typedef struct {
    sqlite3_file file;    /* first: what SQLite sees                */
    sqlite3_int64 rest[]; /* the file below, aligned as SQLite does */
} layer_file_t;

static sqlite3_file *below_of (sqlite3_file *file)
{
    return (sqlite3_file *)((layer_file_t *)file)->rest;
}

static bool fails_now (bool sync)
{
    if ((layer.fault == FAULT_SYNC) != sync || layer.countdown == 0)
        return false;
    if (layer.countdown > 1) {
        layer.countdown--;
        return false;
    }
    layer.countdown = layer.lasting ? 1 : 0;
    layer.failed++;
    return true;
}

static int layer_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
    if (fails_now (false))
        return layer.fault == FAULT_WRITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return below_of (file)->pMethods->xWrite (below_of (file), data, size, at);
}

static int layer_sync (sqlite3_file *file, int flags)
{
    if (fails_now (true))
        return SQLITE_IOERR_FSYNC;
    return below_of (file)->pMethods->xSync (below_of (file), flags);
}

static int layer_close (sqlite3_file *file)
{
    return below_of (file)->pMethods->xClose (below_of (file));
}

static int layer_read (sqlite3_file *file, void *data, int size, sqlite3_int64 at)
{
    return below_of (file)->pMethods->xRead (below_of (file), data, size, at);
}

static int layer_truncate (sqlite3_file *file, sqlite3_int64 size)
{
    return below_of (file)->pMethods->xTruncate (below_of (file), size);
}

static int layer_size (sqlite3_file *file, sqlite3_int64 *size)
{
    return below_of (file)->pMethods->xFileSize (below_of (file), size);
}

static int layer_lock (sqlite3_file *file, int lock)
{
    return below_of (file)->pMethods->xLock (below_of (file), lock);
}

static int layer_unlock (sqlite3_file *file, int lock)
{
    return below_of (file)->pMethods->xUnlock (below_of (file), lock);
}

static int layer_reserved (sqlite3_file *file, int *result)
{
    return below_of (file)->pMethods->xCheckReservedLock (below_of (file), result);
}

static int layer_control (sqlite3_file *file, int op, void *arg)
{
    return below_of (file)->pMethods->xFileControl (below_of (file), op, arg);
}

static int layer_sector (sqlite3_file *file)
{
    return below_of (file)->pMethods->xSectorSize (below_of (file));
}

static int layer_traits (sqlite3_file *file)
{
    return below_of (file)->pMethods->xDeviceCharacteristics (below_of (file));
}

static int layer_shm_map (sqlite3_file *file, int page, int size, int extend, void volatile **to)
{
    return below_of (file)->pMethods->xShmMap (below_of (file), page, size, extend, to);
}

static int layer_shm_lock (sqlite3_file *file, int at, int n, int flags)
{
    return below_of (file)->pMethods->xShmLock (below_of (file), at, n, flags);
}

static void layer_shm_barrier (sqlite3_file *file)
{
    below_of (file)->pMethods->xShmBarrier (below_of (file));
}

static int layer_shm_unmap (sqlite3_file *file, int remove)
{
    return below_of (file)->pMethods->xShmUnmap (below_of (file), remove);
}

static const sqlite3_io_methods layer_methods = {
    .iVersion = 2,
    .xClose = layer_close,
    .xRead = layer_read,
    .xWrite = layer_write,
    .xTruncate = layer_truncate,
    .xSync = layer_sync,
    .xFileSize = layer_size,
    .xLock = layer_lock,
    .xUnlock = layer_unlock,
    .xCheckReservedLock = layer_reserved,
    .xFileControl = layer_control,
    .xSectorSize = layer_sector,
    .xDeviceCharacteristics = layer_traits,
    .xShmMap = layer_shm_map,
    .xShmLock = layer_shm_lock,
    .xShmBarrier = layer_shm_barrier,
    .xShmUnmap = layer_shm_unmap,
};

static int layer_open (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    int rc = layer.below->xOpen (layer.below, name, below_of (file), flags, out);
    file->pMethods = below_of (file)->pMethods ? &layer_methods : NULL;
    return rc;
}

static int layer_setup (void **state)
{
    layer.below = sqlite3_vfs_find (NULL);
    layer.vfs = *layer.below;
    layer.vfs.zName = "failing";
    layer.vfs.szOsFile += (int)sizeof (layer_file_t);
    layer.vfs.xOpen = layer_open;
    layer.countdown = 0;
    assert_int_equal (sqlite3_vfs_register (&layer.vfs, 1), SQLITE_OK);
    return setup (state);
}

static int layer_teardown (void **state)
{
    layer.countdown = 0;
    sqlite3_vfs_unregister (&layer.vfs);
    sqlite3_vfs_register (layer.below, 1);
    return teardown (state);
}

static void layer_fail (fault_t fault, int nth, bool lasting)
{
    layer.fault = fault;
    layer.countdown = nth;
    layer.lasting = lasting;
    layer.failed = 0;
}

/*  What another process would find if this one died now.                      */
static void crash_holds (const char *dir, uint64_t head, size_t producers)
{
    char *copy = fixture_folder ();
    fixture_copy (dir, copy, "zchat.db");
    fixture_copy (dir, copy, "zchat.db-wal");
    store_t *store = fixture_open (copy);
    fixture_holds (store, 1, 1, head);
    assert_int_equal (fixture_producers (store), producers);
    store_destroy (&store);
    fixture_folder_remove (&copy);
}

/*  A batch that writes many pages, with bodies as fixture_fill makes them.    */
static zchat_status_t batch_try (store_t *store, uint64_t from, uint64_t count)
{
    char (*bodies)[64] = memory_new (count * sizeof *bodies);
    store_record_t *records = memory_zero (count * sizeof *records);
    for (uint64_t i = 0, seq = from; i < count; i++, seq++) {
        snprintf (bodies[i], sizeof *bodies, "1/%llu", (unsigned long long)seq);
        records[i] = fixture_record (1, seq, bodies[i]);
        records[i].has_producer = true;
        records[i].n = seq;
        memcpy (records[i].producer, &from, sizeof from);
    }
    zchat_status_t status = store_append (store, records, count);
    free (bodies);
    free (records);
    return status;
}

/*  Every write and every sync of a commit fails once. Nothing of it may be seen:
    not by this process, not by the next, not after a crash.                   */
static void test_every_call_fails_once (void **state)
{
    for (fault_t fault = 0; fault < FAULT_COUNT; fault++) {
        int faults = 0;
        char *dir = fixture_folder ();
        store_t *store = fixture_open (dir);
        uint64_t head = 100;
        size_t producers = 0;
        fixture_fill (store, 1, 1, head);
        for (int nth = 1;; nth++) {
            layer_fail (fault, nth, false);
            zchat_status_t status = batch_try (store, head + 1, 300);
            layer.countdown = 0;
            if (status == ZCHAT_OK) {
                assert_int_equal (layer.failed, 0);
                break; /* there is no nth call */
            }
            faults++;
            assert_int_equal (status, ZCHAT_STORAGE);
            assert_int_equal (layer.failed, 1);
            assert_non_null (strstr (store_error (store), "append to"));
            assert_non_null (strstr (store_error (store), dir));
            crash_holds (dir, head, producers);
            fixture_holds (store, 1, 1, head);
            assert_int_equal (batch_try (store, head + 1, 30), ZCHAT_OK);
            head += 30;
            producers++;
            crash_holds (dir, head, producers);
        }
        assert_true (faults >= (fault == FAULT_SYNC ? 1 : 5));
        fixture_holds (store, 1, 1, head + 300);
        store_destroy (&store);
        store = fixture_open (dir);
        fixture_holds (store, 1, 1, head + 300);
        store_destroy (&store);
        fixture_folder_remove (&dir);
    }
}

/*  Nothing can be written for a while; then it can.                           */
static void test_fails_for_a_while (void **state)
{
    store_t *store = fixture_open (*state);
    uint64_t head = 0;
    for (fault_t fault = 0; fault < FAULT_COUNT; fault++)
        for (int nth = 1; nth <= 3; nth++) {
            fixture_fill (store, 1, head + 1, head + 700);
            head += 700;
            layer_fail (fault, nth, true);
            store_trimmed_t trimmed = {.room = 77};
            store_retain_t retain = {.age_ms = 1};
            while (batch_try (store, head + 1, 100) == ZCHAT_OK)
                head += 100;
            for (int i = 0; i < 5; i++) {
                assert_int_equal (batch_try (store, head + 1, 100), ZCHAT_STORAGE);
                assert_int_equal (store_trim (store, &retain, 1000000000, &trimmed), ZCHAT_STORAGE);
                assert_int_equal (trimmed.room, 77);
                fixture_holds (store, 1, 1, head);
            }
            layer.countdown = 0;
        }
    assert_int_equal (batch_try (store, head + 1, 100), ZCHAT_OK);
    store_destroy (&store);
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, head + 100);
    store_destroy (&store);
}

/*  A copy from the WAL into the log that fails takes nothing with it.         */
static void test_checkpoint_fails (void **state)
{
    store_t *store = fixture_open (*state);
    uint64_t head = 0;
    for (int nth = 1; nth < 400; nth += 13) {
        layer_fail (FAULT_WRITE_ERROR, nth, false);
        while (layer.countdown > 0)
            if (batch_try (store, head + 1, 50) == ZCHAT_OK)
                head += 50;
    }
    fixture_holds (store, 1, 1, head);
    layer_fail (FAULT_WRITE_ERROR, 1, true);
    store_destroy (&store);
    layer.countdown = 0;
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, head);
    store_destroy (&store);
}

static void test_open_fails (void **state)
{
    for (int nth = 1;; nth++) {
        char *dir = fixture_folder ();
        store_t *store = NULL;
        char *why = NULL;
        layer_fail (FAULT_WRITE_FULL, nth, true);
        zchat_status_t status = store_open (dir, fixture_log_id, &store, &why);
        int failed = layer.failed;
        layer.countdown = 0;
        if (status != ZCHAT_OK) {
            assert_int_equal (status, ZCHAT_SYSTEM);
            assert_null (store);
            assert_non_null (strstr (why, "make space"));
            free (why);
            store = fixture_open (dir); /* half made is not in the way */
        }
        fixture_fill (store, 1, 1, 3);
        fixture_holds (store, 1, 1, 3);
        store_destroy (&store);
        fixture_folder_remove (&dir);
        if (failed == 0)
            return;
    }
}

/*  --- a disk that is full ---------------------------------------------------  */

/*  Fill the log until it refuses; returns its head.                           */
static uint64_t fill_up (store_t *store, uint64_t head)
{
    while (batch_try (store, head + 1, 50) == ZCHAT_OK) {
        head += 50;
        assert_true (head < 1000000);
    }
    return head;
}

static void test_file_size_bound (void **state)
{
    struct rlimit before;
    store_t *store = fixture_open (*state);
    assert_int_equal (getrlimit (RLIMIT_FSIZE, &before), 0);
    signal (SIGXFSZ, SIG_IGN);
    struct rlimit bound = {300000, before.rlim_max};
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &bound), 0);
    uint64_t head = fill_up (store, 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal (batch_try (store, head + 1, 50), ZCHAT_STORAGE);
    fixture_holds (store, 1, 1, head);
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &before), 0);
    assert_true (head > 50);
    crash_holds (*state, head, head / 50);
    assert_int_equal (batch_try (store, head + 1, 1000), ZCHAT_OK);
    store_destroy (&store);
    store = fixture_open (*state);
    fixture_holds (store, 1, 1, head + 1000);
    store_destroy (&store);
    signal (SIGXFSZ, SIG_DFL);
}

static void test_full_disk (void **state)
{
    if (mount ("none", *state, "tmpfs", 0, "size=2m,mode=0700") != 0) {
        print_message ("no disk of our own here (%s): skipped\n", strerror (errno));
        skip ();
    }
    char *ballast = fixture_path (*state, "ballast");
    FILE *file = fopen (ballast, "wb");
    char block[65536] = {0};
    assert_non_null (file);
    for (int i = 0; i < 8; i++)
        assert_int_equal (fwrite (block, 1, sizeof block, file), sizeof block);
    assert_int_equal (fclose (file), 0);

    store_t *store = fixture_open (*state);
    uint64_t head = fill_up (store, 0);
    assert_true (head > 500);
    for (int i = 0; i < 20; i++)
        assert_int_equal (batch_try (store, head + 1, 50), ZCHAT_STORAGE);
    fixture_holds (store, 1, 1, head);
    assert_int_equal (unlink (ballast), 0);
    uint64_t more = fill_up (store, head);
    assert_true (more > head);
    fixture_holds (store, 1, 1, more);
    store_destroy (&store); /* may find no space to put it all in one file */

    store = fixture_open (*state);
    fixture_holds (store, 1, 1, more);
    assert_int_equal (fixture_producers (store), more / 50);
    store_destroy (&store);
    free (ballast);
}

/*  --- kill -9 ---------------------------------------------------------------  */

/*  The child: appends, trims now and then, and reports each head it may rely on. */
static void child_run (const char *dir, int pipe)
{
    store_t *store = NULL;
    char *why = NULL;
    store_page_t *page = NULL;
    store_reader_t *reader = NULL;
    store_query_t query = {.room = 1, .before = UINT64_MAX, .limit = 1, .bytes_max = 1};
    if (store_open (dir, fixture_log_id, &store, &why) != ZCHAT_OK ||
        store_reader_new (store, &reader) != ZCHAT_OK ||
        store_read (reader, &query, &page) != ZCHAT_OK)
        _exit (1);
    uint64_t head = page->head;
    for (unsigned turn = 0;; turn++) {
        size_t count = 1 + turn % 7 * (turn % 5) * 20;
        if (batch_try (store, head + 1, count) != ZCHAT_OK)
            _exit (1);
        head += count;
        if (write (pipe, &head, sizeof head) != sizeof head)
            _exit (1);
    }
}

static void test_killed (void **state)
{
    uint64_t head = 0;
    size_t life = 1;
    for (int round = 0; round < 8; round++) {
        int ends[2];
        assert_int_equal (pipe (ends), 0);
        pid_t child = fork ();
        assert_true (child >= 0);
        if (child == 0) {
            close (ends[0]);
            child_run (*state, ends[1]);
        }
        close (ends[1]);
        uint64_t reported = head;
        for (size_t i = 0; i < life; i++) { /* killed at another moment each time */
            assert_int_equal (read (ends[0], &reported, sizeof reported), sizeof reported);
            assert_true (reported > head);
        }
        assert_int_equal (kill (child, SIGKILL), 0);
        while (read (ends[0], &reported, sizeof reported) == sizeof reported)
            ;
        int result;
        assert_int_equal (waitpid (child, &result, 0), child);
        assert_true (WIFSIGNALED (result) && WTERMSIG (result) == SIGKILL);
        close (ends[0]);
        life += 23;

        store_t *store = fixture_open (*state); /* the lock went with it */
        store_query_t query = {.room = 1, .limit = 1u << 20, .bytes_max = 1u << 30};
        store_page_t *page = fixture_read (store, &query);
        assert_true (page->head >= reported);
        head = page->head;
        fixture_page_is (page, 1, 1, head);
        store_page_destroy (&page);
        fixture_loaded_t *loaded = memory_zero (sizeof *loaded);
        assert_int_equal (fixture_load (store, loaded), ZCHAT_OK);
        uint64_t n = 0;
        for (size_t i = 0; i < loaded->n_producers; i++)
            n = loaded->producers[i].n > n ? loaded->producers[i].n : n;
        assert_int_equal (n, head); /* the producer's n came in with its message */
        free (loaded);
        store_destroy (&store);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_killed, setup, teardown),
        cmocka_unit_test_setup_teardown (test_file_size_bound, setup, teardown),
        cmocka_unit_test_setup_teardown (test_full_disk, setup, teardown),
        cmocka_unit_test_setup_teardown (test_every_call_fails_once, layer_setup, layer_teardown),
        cmocka_unit_test_setup_teardown (test_fails_for_a_while, layer_setup, layer_teardown),
        cmocka_unit_test_setup_teardown (test_checkpoint_fails, layer_setup, layer_teardown),
        cmocka_unit_test_setup_teardown (test_open_fails, layer_setup, layer_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
