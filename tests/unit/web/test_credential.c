/*  test_credential.c - Authorization, read                                     */
#include "credential.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define HALF  "0123456789abcdef0123456789abcdef"
#define TOKEN HALF HALF

static void kinds (void **state)
{
    credential_t who;

    assert_true (credential_read (NULL, &who));
    assert_string_equal (who.name, "");
    assert_true (credential_read ("Bearer ada:" TOKEN, &who));
    assert_string_equal (who.name, "ada");
    assert_string_equal (who.secret, TOKEN);
    assert_true (who.proves);
    assert_true (credential_read ("bearer  %D0%B4%D0%B0:" HALF, &who));
    assert_string_equal (who.name, "да");
    assert_false (who.proves);
    assert_true (credential_read ("Bearer " TOKEN, &who));
    assert_string_equal (who.name, "");
    assert_string_equal (who.secret, TOKEN);
    assert_true (credential_read ("Basic YWRhOjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm", &who));
    assert_string_equal (who.name, "ada");
    assert_string_equal (who.secret, HALF);
}

static void refused (void **state)
{
    static const char *const bad[] = {"",
                                      "Bearer",
                                      "Bearer " HALF,
                                      "Bearer :" TOKEN,
                                      "Bearer ada:",
                                      "Bearer ada:" TOKEN "0",
                                      "Bearer ada:" TOKEN " ",
                                      "Bearer ada:0123456789ABCDEF0123456789ABCDEF",
                                      "Bearer ada%:" TOKEN,
                                      "Bearer ada%00:" TOKEN,
                                      "Bearer %FF:" TOKEN,
                                      "BearerX ada:" TOKEN,
                                      "Digest ada:" TOKEN,
                                      "Basic ada:" TOKEN,
                                      "Basic YWRh",
                                      "Basic YWRhOg==",
                                      "Basic !!!!"};
    credential_t who;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false (credential_read (bad[i], &who));
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (kinds), cmocka_unit_test (refused)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
