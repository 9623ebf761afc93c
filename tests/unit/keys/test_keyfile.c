/*  test_keyfile.c - keys in files: made once, kept from others, refused where spoilt */
#include "keyfile.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static char folder[64], path[128];

static int setup (void **state)
{
    snprintf (folder, sizeof folder, "/tmp/zchat-keyfile-XXXXXX");
    if (!mkdtemp (folder))
        return -1;
    snprintf (path, sizeof path, "%s/key", folder);
    umask (0); /* the mode must not depend on it */
    return 0;
}

static int teardown (void **state)
{
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", folder);
    return system (command); // NOLINT(cert-env33-c)
}

static void put (const char *text, mode_t mode)
{
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
    assert_int_equal (chmod (path, mode), 0);
}

static zchat_status_t take (keypair_t *pair, bool *made)
{
    char *why = NULL;
    zchat_status_t status = keyfile_take (path, "a test's", pair, made, &why);
    assert_true ((status == ZCHAT_OK) == (why == NULL));
    if (why)
        assert_non_null (strstr (why, path));
    free (why);
    return status;
}

static void test_made_once (void **state)
{
    keypair_t first, second;
    bool made;
    struct stat stat_;
    assert_int_equal (take (&first, &made), ZCHAT_OK);
    assert_true (made);
    assert_int_equal (stat (path, &stat_), 0);
    assert_int_equal (stat_.st_mode & 07777, 0600);
    assert_int_equal (stat_.st_nlink, 1);
    assert_int_equal (take (&second, &made), ZCHAT_OK);
    assert_false (made);
    assert_memory_equal (&first, &second, sizeof first);
    keypair_wipe (&second);
    for (size_t i = 0; i < sizeof second; i++)
        assert_int_equal (((uint8_t *)&second)[i], 0);
}

static void test_open_to_others (void **state)
{
    keypair_t pair;
    bool made;
    assert_int_equal (take (&pair, &made), ZCHAT_OK);
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0601, 0666};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal (chmod (path, modes[i]), 0);
        assert_int_equal (take (&pair, &made), ZCHAT_INVALID);
    }
    assert_int_equal (chmod (path, 0400), 0);
    assert_int_equal (take (&pair, &made), ZCHAT_OK);
}

static void test_spoilt (void **state)
{
    keypair_t pair;
    bool made;
    char key[ADDRESS_KEY_TEXT + 1], text[256];
    assert_int_equal (keypair_make (&pair), ZCHAT_OK);
    address_key_encode (pair.secret_key, key);
    static const char *const bad[] = {"", "\n", "# only a remark\n", "nonsense\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put (bad[i], 0600);
        assert_int_equal (take (&pair, &made), ZCHAT_CORRUPT);
    }
    snprintf (text, sizeof text, "%s\n%s\n", key, key);
    put (text, 0600);
    assert_int_equal (take (&pair, &made), ZCHAT_CORRUPT);
    for (size_t size = 1; size < ADDRESS_KEY_TEXT; size++) {
        snprintf (text, sizeof text, "%.*s", (int)size, key);
        put (text, 0600);
        assert_int_equal (take (&pair, &made), ZCHAT_CORRUPT);
    }
    keypair_t whole;
    snprintf (text, sizeof text, "# a\r\n\n%s \r\n# b", key);
    put (text, 0600);
    assert_int_equal (take (&whole, &made), ZCHAT_OK);
    assert_false (made);
}

static void test_no_file (void **state)
{
    keypair_t pair;
    bool made;
    assert_int_equal (mkdir (path, 0700), 0);
    assert_int_equal (take (&pair, &made), ZCHAT_INVALID);
    assert_int_equal (rmdir (path), 0);
    assert_int_equal (mkfifo (path, 0600), 0);
    assert_int_equal (take (&pair, &made), ZCHAT_INVALID);
    snprintf (path, sizeof path, "%s/not/there/key", folder);
    assert_int_equal (take (&pair, &made), ZCHAT_SYSTEM);
    char sub[128];
    snprintf (sub, sizeof sub, "%s/not/there", folder);
    assert_int_equal (keyfile_folder (sub), ZCHAT_OK);
    assert_int_equal (keyfile_folder (sub), ZCHAT_OK);
    assert_int_equal (take (&pair, &made), ZCHAT_OK);
    struct stat stat_;
    assert_int_equal (stat (sub, &stat_), 0);
    assert_int_equal (stat_.st_mode & 07777, 0700);
}

/*  Many that make the key at once all end with the same one.                  */
static void test_many_at_once (void **state)
{
    enum { MANY = 12 };
    int pipes[2];
    assert_int_equal (pipe (pipes), 0);
    for (int i = 0; i < MANY; i++)
        if (fork () == 0) {
            keypair_t pair;
            bool made;
            char *why = NULL;
            if (keyfile_take (path, "", &pair, &made, &why) != ZCHAT_OK)
                memset (&pair, i + 1, sizeof pair);
            (void)!write (pipes[1], &pair, sizeof pair);
            _exit (0);
        }
    keypair_t first, next;
    for (int i = 0; i < MANY; i++) {
        assert_int_equal (read (pipes[0], &next, sizeof next), sizeof next);
        if (i == 0)
            first = next;
        assert_memory_equal (&first, &next, sizeof next);
    }
    while (wait (NULL) > 0)
        continue;
    char command[160];
    snprintf (command, sizeof command, "test \"$(ls -A %s)\" = key", folder);
    assert_int_equal (system (command), 0); // NOLINT(cert-env33-c)
    close (pipes[0]);
    close (pipes[1]);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_made_once, setup, teardown),
        cmocka_unit_test_setup_teardown (test_open_to_others, setup, teardown),
        cmocka_unit_test_setup_teardown (test_spoilt, setup, teardown),
        cmocka_unit_test_setup_teardown (test_no_file, setup, teardown),
        cmocka_unit_test_setup_teardown (test_many_at_once, setup, teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
