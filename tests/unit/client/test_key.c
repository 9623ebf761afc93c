/*  test_key.c - one's own key: made, kept, loaded, and where                  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zchat/key.h>

static char folder[] = "/tmp/zchat-key-XXXXXX";

static int setup (void **state)
{
    return mkdtemp (folder) ? 0 : -1;
}

static int teardown (void **state)
{
    char command[256];
    snprintf (command, sizeof command, "rm -rf %s", folder);
    return system (command); // NOLINT
}

static void path_is (const char *config, const char *home, const char *program, const char *path)
{
    if (config)
        setenv ("XDG_CONFIG_HOME", config, 1);
    else
        unsetenv ("XDG_CONFIG_HOME");
    if (home)
        setenv ("HOME", home, 1);
    else
        unsetenv ("HOME");
    char *is = zchat_key_path (program);
    if (path)
        assert_string_equal (is, path);
    else
        assert_null (is);
    free (is);
}

static void test_where (void **state)
{
    path_is (NULL, "/home/bob", "zchat", "/home/bob/.config/zchat/key");
    path_is ("/etc/bob", "/home/bob", "my bot", "/etc/bob/my bot/key");
    path_is ("relative", "/home/bob", "bot", "/home/bob/.config/bot/key");
    path_is (NULL, NULL, "bot", NULL);
    path_is (NULL, "", "bot", NULL);
    const char *const wrong[] = {"", ".", "..", "a/b", "/etc", NULL};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        path_is (NULL, "/home/bob", wrong[i], NULL);
}

/*  The second run has the key of the first.                                   */
static void test_kept (void **state)
{
    uint8_t first[ZCHAT_KEY_SIZE], again[ZCHAT_KEY_SIZE], other[ZCHAT_KEY_SIZE];
    char path[128], text[ZCHAT_KEY_TEXT + 1], same[ZCHAT_KEY_TEXT + 1], *why = NULL;
    struct stat stat_of;
    snprintf (path, sizeof path, "%s/deep/er/key", folder);
    assert_int_equal (zchat_key_load (path, first, &why), ZCHAT_EMPTY);
    assert_non_null (strstr (why, path));
    free (why);
    assert_int_equal (zchat_key_load (path, first, NULL), ZCHAT_EMPTY);
    assert_int_equal (zchat_key_keep (path, first, &why), ZCHAT_OK);
    assert_null (why);
    assert_int_equal (stat (path, &stat_of), 0);
    assert_int_equal (stat_of.st_mode & 07777, 0600);
    assert_int_equal (zchat_key_keep (path, again, NULL), ZCHAT_OK);
    assert_memory_equal (first, again, sizeof first);
    assert_int_equal (zchat_key_load (path, again, NULL), ZCHAT_OK);
    assert_memory_equal (first, again, sizeof first);
    assert_int_equal (zchat_key_public (first, text), ZCHAT_OK);
    assert_int_equal (zchat_key_public (again, same), ZCHAT_OK);
    assert_int_equal (strlen (text), ZCHAT_KEY_TEXT);
    assert_string_equal (text, same);
    assert_int_equal (zchat_key_make (other), ZCHAT_OK);
    assert_memory_not_equal (first, other, sizeof first);
}

/*  The form that PROTOCOL.md documents, written by hand.                      */
static void test_the_form (void **state)
{
    uint8_t key[ZCHAT_KEY_SIZE], before[ZCHAT_KEY_SIZE];
    char path[128], text[ZCHAT_KEY_TEXT + 1], *why = NULL;
    snprintf (path, sizeof path, "%s/by-hand", folder);
    memset (before, 7, sizeof before);
    address_key_encode (before, text);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fprintf (file, "# mine\n\n%s\n", text);
    fclose (file);
    assert_int_equal (chmod (path, 0644), 0);
    assert_int_equal (zchat_key_load (path, key, &why), ZCHAT_INVALID);
    assert_non_null (strstr (why, "0644"));
    free (why);
    assert_int_equal (chmod (path, 0600), 0);
    assert_int_equal (zchat_key_load (path, key, &why), ZCHAT_OK);
    assert_memory_equal (key, before, sizeof key);
    file = fopen (path, "a");
    assert_non_null (file);
    fprintf (file, "%s\n", text);
    fclose (file);
    assert_int_equal (zchat_key_load (path, key, &why), ZCHAT_CORRUPT);
    free (why);
    assert_memory_equal (key, before, sizeof key);
    assert_int_equal (zchat_key_keep (folder, key, &why), ZCHAT_INVALID);
    free (why);
    snprintf (path, sizeof path, "%s/by-hand/key", folder);
    assert_int_equal (zchat_key_keep (path, key, &why), ZCHAT_SYSTEM);
    assert_non_null (strstr (why, folder));
    free (why);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (test_where), cmocka_unit_test (test_kept),
                                       cmocka_unit_test (test_the_form)};
    return cmocka_run_group_tests (tests, setup, teardown);
}
