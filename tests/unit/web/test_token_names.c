/*  test_token_names.c - whose a token is that comes without a name             */
#include "token_names.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
/*  python3 -c "import hashlib; print(hashlib.blake2b(bytes.fromhex('...'),
 * digest_size=32).hexdigest())" */
#define HASH "b85c84f9828524519d32b97cd3dda961fdba2dbf407ae4601e2129229aa463c2"

static bool found (const char *text, const char *name)
{
    credential_t who;
    return credential_read ("Bearer " TOKEN, &who) && token_names_in (text, &who) &&
           strcmp (who.name, name) == 0;
}

static void names (void **state)
{
    (void)state;
    assert_true (found ("ada a1 " HASH " -\n", "ada"));
    assert_true (found ("# remark\n\nbob b2 00 -\n  ada \t a1\t" HASH, "ada"));
    assert_true (found ("да a1 " HASH " 0 of the laptop\r\n", "да"));
}

static void nobody (void **state)
{
    static const char *const texts[] = {"",
                                        "\n\n",
                                        "ada a1\n",
                                        "ada a1 " TOKEN " -\n",
                                        "#ada a1 " HASH " -\n",
                                        "ada " HASH "\n",
                                        "ada a1 " HASH "0 -\n",
                                        "ada a1 - " HASH "\n"};
    char longer[1024];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false (found (texts[i], "ada"));
    memset (longer, 'x', sizeof longer);
    snprintf (longer + 800, sizeof longer - 800, " a1 " HASH " -\n");
    assert_false (found (longer, "x"));
}

/*  The file may come later, change, go, and be no file at all.                 */
static void a_file (void **state)
{
    char path[] = "/tmp/test_token_names.XXXXXX";
    token_names_t *of;
    credential_t who;
    int fd = mkstemp (path);
    (void)state;
    assert_true (fd >= 0 && credential_read ("Bearer " TOKEN, &who));
    of = token_names_new (path);
    assert_false (token_names_find (of, &who));
    assert_true (dprintf (fd, "ada a1 " HASH " -\n") > 0);
    assert_true (token_names_find (of, &who));
    assert_string_equal (who.name, "ada");
    remove (path);
    assert_false (token_names_find (of, &who));
    assert_false (token_names_find (of, &who));
    token_names_destroy (&of);
    token_names_destroy (&of);
    of = token_names_new ("/tmp");
    assert_false (token_names_find (of, &who));
    token_names_destroy (&of);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (names), cmocka_unit_test (nobody),
                                       cmocka_unit_test (a_file)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
