/*  test_trusted.c - who may have written what is believed                     */
/*  cmocka wants these before it                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trusted.h"
#include <stdlib.h>
#include <string.h>

/*  What is wrong with something of this owner and mode; NULL: nothing. The caller frees it. */
static char *wrong (uid_t owner, mode_t mode, trusted_by_t by)
{
    struct stat info = {.st_uid = owner, .st_mode = mode};
    char *why = NULL;
    bool right = trusted_stat ("/data/x", &info, by, &why);
    assert_int_equal (right, !why);
    return why;
}

static void trusted (uid_t owner, mode_t mode, trusted_by_t by)
{
    char *why = wrong (owner, mode, by);
    if (why)
        fail_msg ("%s", why);
}

static void refused (uid_t owner, mode_t mode, trusted_by_t by, const char *says,
                     const char *remedy)
{
    char *why = wrong (owner, mode, by);
    assert_non_null (why);
    assert_non_null (strstr (why, "/data/x"));
    if (!strstr (why, says) || !strstr (why, remedy))
        fail_msg ("'%s' does not say '%s' and '%s'", why, says, remedy);
    free (why);
}

static void test_modes (void **state)
{
    const trusted_by_t by = {7, 7};
    (void)state;
    trusted (7, S_IFREG | 0600, by);
    trusted (7, S_IFREG | 0644, by);
    trusted (7, S_IFDIR | 0755, by);
    refused (7, S_IFREG | 0660, by, "0660", "chmod go-w");
    refused (7, S_IFREG | 0602, by, "0602", "chmod go-w");
    refused (7, S_IFDIR | 0777, by, "0777", "chmod go-w");
    refused (7, S_IFDIR | S_ISVTX | 0777, by, "1777", "chmod go-w");
    trusted (0, S_IFCHR | 0666, by); /* /dev/null */
    trusted (9, S_IFIFO | 0666, by);
}

static void test_owners (void **state)
{
    const trusted_by_t by = {7, 7};
    const trusted_by_t root = {0, 0};
    const trusted_by_t root_for_7 = {0, 7};
    (void)state;
    trusted (0, S_IFREG | 0644, by);
    refused (8, S_IFREG | 0600, by, "uid 8", "chown");
    refused (7, S_IFREG | 0600, root, "uid 7", "chown");
    trusted (7, S_IFREG | 0600, root_for_7);
    refused (8, S_IFREG | 0600, root_for_7, "uid 8", "chown");
    refused (0, S_IFREG | 0666, root, "0666", "chmod");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_modes),
        cmocka_unit_test (test_owners),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
