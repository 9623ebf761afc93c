/*  test_flat.c - small JSON objects, beside a parser: whatever is read is what the parser reads */
#include "flat.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
/* cmocka wants the above before it */
#include <cmocka.h>

/*  The parser's object has the same members. */
static void same (const flat_t *flat, frame_t text)
{
    json_t *json = json_loadb (text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object (json) || json_object_size (json) != flat->count)
        fail_msg ("%.*s", (int)text.size, (const char *)text.data);
    for (size_t i = 0; i < flat->count; i++) {
        const flat_member_t *member = &flat->members[i];
        const json_t *value = json_object_getn (json, member->key.data, member->key.size);
        bool right = false;
        switch (member->kind) {
        case FLAT_STRING:
            right = json_is_string (value) &&
                    frame_eq (member->string,
                              frame_of (json_string_value (value), json_string_length (value)));
            break;
        case FLAT_NUMBER:
            right =
                json_is_integer (value) && (uint64_t)json_integer_value (value) == member->number;
            break;
        case FLAT_TRUE:
            right = json_is_true (value);
            break;
        case FLAT_FALSE:
            right = json_is_false (value);
            break;
        case FLAT_NULL:
            right = json_is_null (value);
            break;
        }
        if (!right)
            fail_msg ("%.*s of %.*s", (int)member->key.size, (const char *)member->key.data,
                      (int)text.size, (const char *)text.data);
    }
    json_decref (json);
}

static bool reads (frame_t text)
{
    flat_t flat;
    /*  A copy of just this size, so that a sanitizer sees what is read beyond it. */
    char *copy = malloc (text.size ? text.size : 1);
    assert_non_null (copy);
    memcpy (copy, text.data, text.size);
    frame_t own = frame_of (copy, text.size);
    bool read = flat_read (own, &flat);
    if (read)
        same (&flat, own);
    free (copy);
    return read;
}

static const char *const simple[] = {
    "{}",
    " {\t}\r\n",
    "{\"n\":1}",
    "{\"producer\":\"00112233445566778899aabbccddeeff\",\"n\":1234567,\"again\":0}",
    "{ \"type\" : \"action\" , \"re\" : 17 }",
    "{\"private\":true,\"x\":false,\"y\":null,\"\":\"\"}",
    "{\"n\":999999999999999999}",
    "{\"after\":0,\"limit\":100,\"form\":\"pack\"}",
    "{\"seq\":1,\"time\":1764374400000}",
    "{\"slash\":\"a/b\",\"space\":\" ~ \"}",
};

static const char *const others[] = {
    "",
    "x",
    "[]",
    "[{\"n\":1}]",
    "\"n\"",
    "1",
    "{",
    "}",
    "{}}",
    "{}{}",
    "{\"n\":1,}",
    "{,\"n\":1}",
    "{\"n\":1 \"m\":2}",
    "{\"n\" 1}",
    "{n:1}",
    "{\"n\":01}",
    "{\"n\":-1}",
    "{\"n\":-0}",
    "{\"n\":1.0}",
    "{\"n\":1e3}",
    "{\"n\":1E+3}",
    "{\"n\":+1}",
    "{\"n\":0x10}",
    "{\"n\":1000000000000000000}",
    "{\"n\":9223372036854775808}",
    "{\"n\":18446744073709551616}",
    "{\"n\":}",
    "{\"n\":tru}",
    "{\"n\":truex}",
    "{\"n\":True}",
    "{\"n\":nul",
    "{\"n\":1,\"n\":1}",
    "{\"n\":1,\"\\u006e\":1}",
    "{\"n\":\"\\u0041\"}",
    "{\"n\":\"\\ud83d\\ude00\"}",
    "{\"n\":\"\\ud83d\"}",
    "{\"n\":\"\\u0000\"}",
    "{\"n\":\"\\\"\"}",
    "{\"n\":\"\\\\\"}",
    "{\"n\":\"\\q\"}",
    "{\"n\":\"a\tb\"}",
    "{\"n\":\"a\nb\"}",
    "{\"n\":\"a\n\"}",
    "{\"n\":\"a\x7f\"}",
    "{\"n\":\"\xc3\xa4\"}",
    "{\"n\":\"\xc3\"}",
    "{\"n\":\"\xed\xa0\x80\"}",
    "{\"\xc3\xa4\":1}",
    "{\"n\":{}}",
    "{\"n\":{\"n\":{\"n\":{\"n\":[[[[[[]]]]]]}}}}",
    "{\"n\":[]}",
    "{\"n\":\"a}",
    "{\"n\":\"",
    "\xef\xbb\xbf{}",
    "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,"
    "\"l\":1,"
    "\"m\":1}",
};

static void test_read (void **state)
{
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (!reads (frame_str (simple[i])))
            fail_msg ("%s is simple", simple[i]);
}

static void test_left_to_the_parser (void **state)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (reads (frame_str (others[i])))
            fail_msg ("%s is not simple", others[i]);
    assert_false (reads (frame_of ("{\"n\":\"\0\"}", 9)));
    assert_false (reads (frame_of ("{\"n\":1}\0", 8)));
    assert_false (reads (frame_of ("{\0}", 3)));
    flat_t flat;
    assert_false (flat_read (frame_of (NULL, 0), &flat));
}

static void test_found (void **state)
{
    flat_t flat;
    assert_true (flat_read (frame_str ("{\"n\":1,\"name\":\"x\"}"), &flat));
    assert_int_equal (flat.count, 2);
    assert_int_equal (flat_find (&flat, "n")->number, 1);
    assert_true (frame_is (flat_find (&flat, "name")->string, "x"));
    assert_null (flat_find (&flat, "nam"));
    assert_null (flat_find (&flat, ""));
}

/*  Bytes are taken out, put in, doubled and exchanged, a few at a time; and whatever comes of it is
    read as the parser reads it, or left to it.                                */
static void test_mutations (void **state)
{
    static const char bytes[] = "{}[]\",:\\/0123456789+-.eEtrufalsn \t\n\r\x7f\x80\xc3\xa4\xff";
    enum { SIMPLE = sizeof simple / sizeof *simple, OTHERS = sizeof others / sizeof *others };
    uint32_t dice = 12345;
    size_t read = 0;
    for (int round = 0; round < 300000; round++) {
        char text[512];
        dice = dice * 1664525 + 1013904223;
        size_t which = (dice >> 8) % (SIMPLE + OTHERS);
        const char *from = which < SIMPLE ? simple[which] : others[which - SIMPLE];
        size_t size = strlen (from);
        memcpy (text, from, size);
        int changes = 1 + (int)(dice >> 30);
        for (int i = 0; i < changes; i++) {
            dice = dice * 1664525 + 1013904223;
            size_t at = size ? (dice >> 8) % size : 0;
            char with = bytes[(dice >> 16) % sizeof bytes]; /* NUL among them   */
            switch (size ? dice >> 30 : 1) {
            case 0:
                text[at] = with;
                break;
            case 1:
                memmove (text + at + 1, text + at, size - at);
                text[at] = with;
                size++;
                break;
            case 2:
                memmove (text + at, text + at + 1, size - at - 1);
                size--;
                break;
            default:
                memmove (text + at + 1, text + at, size - at);
                size++;
            }
        }
        read += reads (frame_of (text, size));
    }
    assert_true (read > 1000);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_read),
        cmocka_unit_test (test_left_to_the_parser),
        cmocka_unit_test (test_found),
        cmocka_unit_test (test_mutations),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
