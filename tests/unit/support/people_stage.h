/*  people_stage.h - alice's memory of people in a folder of its own, and a broker that says
    which keys they have                                                       */
#ifndef ZCHAT_TEST_PEOPLE_STAGE_H
#define ZCHAT_TEST_PEOPLE_STAGE_H

#include "memory.h"
#include "people.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants the above before it */
#include <cmocka.h>
#include <sodium.h>

/*  alice sits here; the others are keys of whoever a test says.               */
enum { ALICE, PHONE, BOB, BOB_TOO, EVE, PEOPLE };

static uint8_t secret[PEOPLE][ZCHAT_KEY_SIZE], public[PEOPLE][ZCHAT_KEY_SIZE],
    broker[ZCHAT_KEY_SIZE] = {1};
static char text_of[PEOPLE][ADDRESS_KEY_TEXT + 1], broker_text[ADDRESS_KEY_TEXT + 1];
static char folder[64], path[128];
static people_t *people;

static inline void run (const char *before, const char *after)
{
    char command[160];
    snprintf (command, sizeof command, "%s'%s'%s", before, folder, after);
    assert_int_equal (system (command), 0); // NOLINT(cert-env33-c)
}

static inline void begin (void)
{
    char *why = NULL;
    people_destroy (&people);
    assert_int_equal (people_new (path, broker, secret[ALICE], &people, &why), ZCHAT_OK);
    people_self (people, "alice");
}

static inline int setup (void **state)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        memset (secret[i], (int)i + 1, ZCHAT_KEY_SIZE);
        crypto_scalarmult_base (public[i], secret[i]);
        address_key_encode (public[i], text_of[i]);
    }
    address_key_encode (broker, broker_text);
    snprintf (folder, sizeof folder, "/tmp/zchat-people-XXXXXX");
    if (!mkdtemp (folder))
        return -1;
    snprintf (path, sizeof path, "%s/known_people", folder);
    umask (0); /* the mode must not depend on it */
    begin ();
    return 0;
}

static inline int teardown (void **state)
{
    people_destroy (&people);
    run ("rm -rf ", "");
    return 0;
}

/*  --- helpers ---------------------------------------------------------------  */

/*  The broker says that the user has these keys; -1 ends them.                */
static inline people_news_t keys (const char *user, ...)
{
    char json[1024];
    int size = snprintf (json, sizeof json, "{\"user\":\"%s\",\"proven\":true,\"keys\":[", user);
    va_list args;
    va_start (args, user);
    for (int key, n = 0; (key = va_arg (args, int)) >= 0; n++)
        size += snprintf (json + size, sizeof json - (size_t)size, "%s\"%s\"", n ? "," : "",
                          text_of[key]);
    va_end (args);
    snprintf (json + size, sizeof json - (size_t)size, "]}");
    return people_keys (people, user, ZCHAT_OK, json, NULL);
}

static inline void known (void)
{
    assert_int_equal (keys ("alice", ALICE, -1), PEOPLE_SAME);
    assert_int_equal (keys ("bob", BOB, -1), PEOPLE_NEW);
}

static inline people_can_t seal (const char *user, char **body)
{
    people_can_t can = people_seal (people, user, "hello", 5, NULL, 1000, body);
    assert_true ((can == PEOPLE_OK) == (*body != NULL));
    return can;
}

static inline people_can_t can_seal (const char *user)
{
    char *body;
    people_can_t can = seal (user, &body);
    free (body);
    return can;
}

static inline bool opens (const char *body, int who)
{
    zchat_sealed_t *plain = NULL;
    bool is = zchat_unseal (body, strlen (body), secret[who], &plain) == ZCHAT_OK;
    zchat_sealed_destroy (&plain);
    return is;
}

/*  An event whose body who sealed for alice, from and to as it says.          */
static inline people_seen_t comes (zchat_type_t type, const char *user, int who, const char *from,
                                   const char *to, people_opened_t *opened)
{
    static char body[4096];
    char *sealed = NULL;
    zchat_sealed_t plain = {
        .from = from, .to = to, .time_ms = 1000, .body = "hello", .body_size = 5};
    assert_int_equal (zchat_seal (&plain, secret[who], public + ALICE, 1, &sealed), ZCHAT_OK);
    snprintf (body, sizeof body, "%s", sealed);
    free (sealed);
    zchat_event_t event = {.type = type,
                           .user = user,
                           .body = body,
                           .body_size = strlen (body),
                           .data = ZCHAT_SEAL_DATA,
                           .time_ms = 1000};
    people_open (people, &event, opened);
    bool shown = opened->seen == PEOPLE_SEALED || opened->seen == PEOPLE_SEALED_FRESH ||
                 opened->seen == PEOPLE_SEALED_FORMER;
    assert_true (shown == (opened->body != NULL));
    if (shown)
        assert_string_equal (opened->body, "hello");
    return opened->seen;
}

static inline people_seen_t from_bob (int who)
{
    people_opened_t opened;
    people_seen_t seen = comes (ZCHAT_TYPE_TELL, "bob", who, "bob", "alice", &opened);
    people_opened_clear (&opened);
    return seen;
}

static inline people_seen_t in_plain (const char *user, zchat_type_t type, const char *data)
{
    people_opened_t opened;
    zchat_event_t event = {
        .type = type, .user = user, .body = "hello", .body_size = 5, .data = data};
    people_open (people, &event, &opened);
    if (opened.seen != PEOPLE_SHUT)
        assert_string_equal (opened.body, "hello");
    else
        assert_null (opened.body);
    people_seen_t seen = opened.seen;
    people_opened_clear (&opened);
    return seen;
}

static inline people_person_t person (const char *user)
{
    people_person_t found;
    assert_true (people_find (people, user, &found));
    return found;
}

static inline void put (const char *text)
{
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
}

static inline void get (char *text, size_t room)
{
    FILE *file = fopen (path, "r");
    assert_non_null (file);
    text[fread (text, 1, room - 1, file)] = '\0';
    fclose (file);
}

#define TEST(test) cmocka_unit_test_setup_teardown (test, setup, teardown)

#endif
