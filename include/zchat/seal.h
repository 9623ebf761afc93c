/*  seal.h - direct messages that the broker cannot read

    The form stands in protocol/PROTOCOL.md, "Sealed messages". Pure but for random bytes.
    Keys are CURVE keys, ZCHAT_KEY_SIZE bytes. Whether a public key is somebody's is for the
    caller to know: see zchat_fingerprint. Why a call ends in _sized stands in client.h.
*/
#ifndef ZCHAT_SEAL_H
#define ZCHAT_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zchat/limits.h>
#include <zchat/status.h>

#ifdef __cplusplus
extern "C" {
#endif
ZCHAT_EXPORTS_BEGIN

enum {
    ZCHAT_SEAL_KEYS_MAX = 16,    /* keys one message is sealed for             */
    ZCHAT_SEAL_BODY_MAX = 32768, /* bytes of a text that is sealed             */
    ZCHAT_FINGERPRINT_SIZE = 72, /* twelve groups of five digits, spaces, a NUL */
    ZCHAT_VOUCH_TEXT = 140       /* characters of a vouch                      */
};

/*  What is sealed. Strings end in NUL.                                        */
typedef struct {
    const char *from;               /* name of the sender                      */
    const char *to;                 /* name of the addressee                   */
    uint64_t time_ms;               /* Unix time, of the sender's clock        */
    const char *body;               /* the text                                */
    size_t body_size;               /* 1 to ZCHAT_SEAL_BODY_MAX                */
    const char *data;               /* a JSON object as text, or NULL          */
    uint8_t sender[ZCHAT_KEY_SIZE]; /* set by zchat_unseal: the public key that sealed it */
} zchat_sealed_t;

/*  Seal for n_keys public keys (1 to ZCHAT_SEAL_KEYS_MAX, each counted once) with one's own
    secret key. ZCHAT_OK and *body, which ends in NUL and the caller frees: send it with
    ZCHAT_SEAL_DATA. ZCHAT_LIMIT (keys, text, data; also where the text is so full of what JSON
    escapes that the whole would be longer than a body), ZCHAT_NAME (from, to), ZCHAT_INVALID (a
    key that is none, text that is not UTF-8 or empty, data that is no object), ZCHAT_SYSTEM (no
    randomness).                                                               */
zchat_status_t zchat_seal_sized (const zchat_sealed_t *plain, size_t plain_size,
                                 const uint8_t secret_key[ZCHAT_KEY_SIZE],
                                 const uint8_t (*keys)[ZCHAT_KEY_SIZE], size_t n_keys,
                                 char **body) ZCHAT_CHECKED;
ZCHAT_CHECKED static inline zchat_status_t zchat_seal (const zchat_sealed_t *plain,
                                                       const uint8_t secret_key[ZCHAT_KEY_SIZE],
                                                       const uint8_t (*keys)[ZCHAT_KEY_SIZE],
                                                       size_t n_keys, char **body)
{
    return zchat_seal_sized (plain, sizeof *plain, secret_key, keys, n_keys, body);
}
#define ZCHAT_SEAL_DATA "{\"sealed\":1}"

/*  True where the data of a direct message says that its body is sealed.      */
bool zchat_is_sealed (const char *data);

/*  Open a body with one's own secret key. ZCHAT_OK and *plain, whose strings view memory that is
    freed by zchat_sealed_destroy; data is the same JSON, not the same bytes, and may be longer than
    ZCHAT_DATA_MAX. ZCHAT_INVALID: not sealed, damaged, or not for this key. */
zchat_status_t zchat_unseal (const char *body, size_t size,
                             const uint8_t secret_key[ZCHAT_KEY_SIZE],
                             zchat_sealed_t **plain) ZCHAT_CHECKED;
void zchat_sealed_destroy (zchat_sealed_t **plain);

/*  Make the text that two people compare to know that nobody sits between them. It is the same
    for both, and follows from their names, as the broker spells them, and all keys of each (1 to
    ZCHAT_SEAL_KEYS_MAX). ZCHAT_OK and text; ZCHAT_NAME (no name, or twice the same), ZCHAT_LIMIT
    (keys).                                                                    */
zchat_status_t zchat_fingerprint (const char *user_a, const uint8_t (*keys_a)[ZCHAT_KEY_SIZE],
                                  size_t n_a, const char *user_b,
                                  const uint8_t (*keys_b)[ZCHAT_KEY_SIZE], size_t n_b,
                                  char text[ZCHAT_FINGERPRINT_SIZE]) ZCHAT_CHECKED;

/*  Vouch for a key with one's own secret key: both are devices of this user, at the broker with
    this public key. time_ms: Unix time, now. ZCHAT_OK and text, ended by NUL, for KEY
    ({"add":key,"vouch":text}); ZCHAT_NAME, ZCHAT_SYSTEM (no randomness), ZCHAT_INVALID.  */
zchat_status_t zchat_vouch (const uint8_t secret_key[ZCHAT_KEY_SIZE],
                            const uint8_t broker_key[ZCHAT_KEY_SIZE], const char *user,
                            const uint8_t key[ZCHAT_KEY_SIZE], uint64_t time_ms,
                            char text[ZCHAT_VOUCH_TEXT + 1]) ZCHAT_CHECKED;

/*  Find out who vouches for the key of the user at that broker: ZCHAT_OK and by, a public key. A
    vouch counts for nothing unless that key is known to be the user's and still is one of theirs
    (KEYS), and the key it vouches for was never seen before. ZCHAT_INVALID: the text is nobody's
    vouch; ZCHAT_TIMEOUT: it is older than ZCHAT_VOUCH_AGE_MS, or from the future; ZCHAT_NAME. */
zchat_status_t zchat_vouch_check (const char *text, const uint8_t broker_key[ZCHAT_KEY_SIZE],
                                  const char *user, const uint8_t key[ZCHAT_KEY_SIZE],
                                  uint64_t now_ms, uint8_t by[ZCHAT_KEY_SIZE]) ZCHAT_CHECKED;

ZCHAT_EXPORTS_END
#ifdef __cplusplus
}
#endif
#endif
