/*  mailroom.h - two people with keys, without a broker, for the tests of what is told */
#ifndef ZCHAT_TEST_MAILROOM_H
#define ZCHAT_TEST_MAILROOM_H

#include "address.h"
#include "credentials.h"
#include "direct.h"
#include "keyfile.h"
#include "outcome.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*  Bob sits here; alice is somebody else, and so is eve.                      */
static char s_home[64];
static const char s_endpoint[] = "tcp://127.0.0.1:1"; /* nobody is there         */
static credentials_t *s_credentials;

static void mailroom_say (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
static void mailroom_say (const char *format, ...)
{
    (void)format;
}
static keypair_t s_alice, s_eve, s_broker;

static int mailroom_remove (const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    return remove (path);
}

static int mailroom_open (void **state)
{
    snprintf (s_home, sizeof s_home, "/tmp/zchat-mailroom-XXXXXX");
    if (!mkdtemp (s_home))
        return -1;
    setenv ("XDG_CONFIG_HOME", s_home, 1);
    setenv ("TZ", "UTC", 1);
    if (keypair_make (&s_alice) != ZCHAT_OK || keypair_make (&s_eve) != ZCHAT_OK ||
        keypair_make (&s_broker) != ZCHAT_OK)
        return -1;
    credentials_wanted_t wanted = {
        .endpoint = s_endpoint, .encrypted = true, .broker_key = s_broker.public_key};
    return credentials_open (&wanted, mailroom_say, &s_credentials) == OUTCOME_OK ? 0 : -1;
}

static int mailroom_close (void **state)
{
    credentials_destroy (&s_credentials);
    return nftw (s_home, mailroom_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/*  What KEYS answers.                                                         */
static inline const char *keys_json (const char *user, const keypair_t *pair)
{
    static char json[256];
    char text[ADDRESS_KEY_TEXT + 1];
    if (pair)
        address_key_encode (pair->public_key, text);
    else
        snprintf (text, sizeof text, "%s", credentials_key (s_credentials));
    snprintf (json, sizeof json, "{\"user\":\"%s\",\"proven\":true,\"keys\":[\"%s\"]}", user, text);
    return json;
}

/*  A message sealed by a pair for bob, as its body; the caller frees it.      */
static inline char *sealed_by (const keypair_t *pair, const char *from, const char *to,
                               const char *text, uint64_t time_ms)
{
    uint8_t keys[2][ZCHAT_KEY_SIZE];
    char *body = NULL;
    zchat_sealed_t plain = {
        .from = from, .to = to, .time_ms = time_ms, .body = text, .body_size = strlen (text)};
    memcpy (keys[0], pair->public_key, ZCHAT_KEY_SIZE);
    if (address_key_decode (frame_str (credentials_key (s_credentials)), keys[1], NULL) !=
            ZCHAT_OK ||
        zchat_seal (&plain, pair->secret_key, (const uint8_t (*)[ZCHAT_KEY_SIZE])keys, 2, &body) !=
            ZCHAT_OK)
        abort ();
    return body;
}

static zchat_event_t mail_event (zchat_type_t type, const char *user, const char *body, bool sealed)
{
    return (zchat_event_t){.kind = ZCHAT_EVENT_MESSAGE,
                           .type = type,
                           .room = "@",
                           .user = user,
                           .body = body,
                           .body_size = strlen (body),
                           .data = sealed ? ZCHAT_SEAL_DATA : NULL,
                           .seq = 1,
                           .time_ms = 1732092545000};
}

#endif
