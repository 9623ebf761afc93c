/*  vectors.h - protocol/vectors.json, as the unit tests read it               */
#ifndef ZCHAT_TEST_VECTORS_H
#define ZCHAT_TEST_VECTORS_H

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static json_t *vectors;

static inline int vectors_open (void **state)
{
    vectors = json_load_file (ZCHAT_VECTORS, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    return vectors ? 0 : -1;
}

static inline int vectors_close (void **state)
{
    json_decref (vectors);
    return 0;
}

/*  The list of that name, which is not empty.                                 */
static inline const json_t *vectors_list (const char *name)
{
    const json_t *list = json_object_get (vectors, name);
    assert_true (json_array_size (list) > 0);
    return list;
}

static inline const char *text_of (const json_t *object, const char *key)
{
    const char *text = json_string_value (json_object_get (object, key));
    assert_non_null (text);
    return text;
}

static inline uint64_t number_of (const json_t *object, const char *key)
{
    assert_true (json_is_integer (json_object_get (object, key)));
    return (uint64_t)json_integer_value (json_object_get (object, key));
}

/*  Bytes of hex, which the caller frees.                                      */
static inline uint8_t *bytes_of (const char *hex, size_t *size)
{
    *size = strlen (hex) / 2;
    uint8_t *bytes = malloc (*size + 1);
    for (size_t i = 0; i < *size; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
        bytes[i] = (uint8_t)strtoul (digits, NULL, 16);
    }
    return bytes;
}

/*  A key of 32 bytes.                                                         */
static inline void key_of (const char *hex, uint8_t key[32])
{
    size_t size;
    uint8_t *bytes = bytes_of (hex, &size);
    assert_int_equal (size, 32);
    memcpy (key, bytes, 32);
    free (bytes);
}

#endif
