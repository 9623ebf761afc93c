/*  people.h - the people one knows, by which keys, and what may be sealed for them

    The broker says which keys a user has (KEYS). What it says first is remembered, for each broker,
    in the file known_people beside known_brokers. From then on a key that was not there is an
    alarm, unless one of the user's known keys vouches for it: nothing is sealed for that person nor
    sent to them until people_accept. Two people who compare fingerprints (/verify) need not trust
    the broker's word at all.

    One's own name is a person too: a broker that adds a key to it could read what one seals. For
    one's own name only the key of this device is known from the start; any other key is an alarm
    until people_accept.

    Nothing here asks the broker. Where keys have to be asked for first, the answer is PEOPLE_ASK:
    send KEYS (zchat_client_keys), hand its reply to people_keys, and call again. Files are read and
    written at once, and only when something is new.

    people may be NULL everywhere, for a connection that is not encrypted. Then nothing can be
    sealed (PEOPLE_PLAIN_ONLY), and nothing can be opened. Names are found as PROTOCOL.md has it:
    what looks the same is the same name.
*/
#ifndef ZCHAT_TALK_PEOPLE_H
#define ZCHAT_TALK_PEOPLE_H

#include "address.h"
#include <zchat/client.h>
#include <zchat/seal.h>

enum {
    PEOPLE_MAX = 10000,        /* people remembered of one broker              */
    PEOPLE_KEYS_MAX = 16,      /* keys of one person, former ones included     */
    PEOPLE_FILE_MAX = 8388608, /* bytes of the file                            */
    PEOPLE_TIME_FAR_MS = 600000,
};

typedef struct people people_t;

/*  Read what the file at path (see credentials_path) says of the broker with this key. A file
    that is not there says nothing. secret_key: one's own. All is copied. ZCHAT_OK and *people;
    or ZCHAT_SYSTEM and *why, which the caller frees, where the file cannot be read: people whose
    keys are known must not be taken for unknown then.                         */
zchat_status_t people_new (const char *path, const uint8_t broker_key[ZCHAT_KEY_SIZE],
                           const uint8_t secret_key[ZCHAT_KEY_SIZE], people_t **people,
                           char **why) ZCHAT_CHECKED;

/*  Wipe the key and free everything. It nulls, and tolerates NULL.            */
void people_destroy (people_t **people);

/*  Say what went wrong since the last call (lines of the file that are not understood, a file
    that cannot be written), fit to be shown; NULL: nothing. Valid until the next call. */
const char *people_trouble (people_t *people);

/*  Tell one's own name, as CONNECTED gives it, at each CONNECTED. From then on everybody's keys
    are to be asked for again (PEOPLE_ASK).                                    */
void people_self (people_t *people, const char *user);

/*  Tell that what the broker said of everybody's keys is old: they are to be asked for again
    (PEOPLE_ASK). Nothing is forgotten, and a fingerprint that was shown still counts. Tolerates
    NULL.                                                                      */
void people_stale (people_t *people);

/*  --- keys ------------------------------------------------------------------ */

typedef enum {
    PEOPLE_NEW,     /* the person is first seen, and remembered                */
    PEOPLE_SAME,    /* nothing is new; fewer keys count as nothing new too     */
    PEOPLE_VOUCHED, /* a key is there that was never seen, and a known key of the same person, which
                       is still there, vouches for it. So it is theirs. Tell it; people_vouched says
                       which key */
    PEOPLE_CHANGED, /* a key is there that was not: raise an alarm. Of one's own name it means that
                       one has another device, or that the broker adds a reader */
    PEOPLE_GONE,    /* the person had keys and has none any more: raise an alarm too */
    PEOPLE_NONE,    /* the person has no keys, so nothing can be sealed for them */
    PEOPLE_BAD,     /* the reply is malformed, or there is no space for one more person; nothing was
                       taken in. Do not ask again for it */
} people_news_t;

/*  Take in the reply to KEYS of a user: status and json of the REPLY (ZCHAT_OK, or ZCHAT_NOBODY;
    others are PEOPLE_BAD). After CHANGED and GONE the person is in alarm and no longer verified;
    *was_verified (may be NULL) says whether they were verified before.        */
people_news_t people_keys (people_t *people, const char *user, zchat_status_t status,
                           const char *json, bool *was_verified);

/*  Return the key that the last PEOPLE_VOUCHED brought, as text; valid until the next call. */
const char *people_vouched (const people_t *people);

/*  Tell that one has just added this key to one's own name (people_self). It is then no alarm,
    and an alarm that was raised for it alone ends. Other keys stay as they are. */
void people_own_key (people_t *people, const uint8_t key[ADDRESS_KEY_SIZE]);

typedef enum {
    PEOPLE_KEY_OURS,   /* accepted as this person's                            */
    PEOPLE_KEY_FRESH,  /* it came with an alarm and is not accepted            */
    PEOPLE_KEY_FORMER, /* it was theirs once and no longer is                  */
} people_key_kind_t;

typedef struct {
    people_key_kind_t kind;
    bool this_device;                /* it is the key of this device           */
    char text[ADDRESS_KEY_TEXT + 1]; /* as in an address                       */
} people_key_t;

typedef struct {
    const char *user;  /* the name as it was first met; valid until the next call */
    uint64_t since_ms; /* Unix time when that was; 0: not known                */
    bool verified;     /* somebody compared the fingerprints                   */
    bool alarm;        /* see people_accept                                    */
    bool asked;        /* KEYS of them was taken in since CONNECTED            */
    size_t n_keys;
    people_key_t keys[PEOPLE_KEYS_MAX];
} people_person_t;

/*  Say what is known of a user; false: nothing, and *person is zeroed.        */
bool people_find (people_t *people, const char *user, people_person_t *person);

/*  --- sending --------------------------------------------------------------- */

typedef enum {
    PEOPLE_OK,
    PEOPLE_ASK,        /* the user's keys are not known: ask for them with KEYS */
    PEOPLE_ASK_SELF,   /* one's own keys are not known: ask for them with KEYS */
    PEOPLE_PLAIN_ONLY, /* the user has no keys, or the connection is not encrypted: the broker can
                          read what is sent. Only in this case may it be sent in plain, and it is to
                          be marked so */
    PEOPLE_ALARM,      /* the user's keys have changed or are gone: send nothing until
                          people_accept                                       */
    PEOPLE_ALARM_SELF, /* the same for one's own keys                          */
    PEOPLE_NOT_MINE,   /* this device's key does not belong to one's own name, so others could not
                          know who sealed it. Add it (KEY add) from a device whose key does */
    PEOPLE_TOO_LONG,   /* the text is too long                                 */
    PEOPLE_UNFIT,      /* the text is empty or not UTF-8, data is no object, or a key is none */
    PEOPLE_NOT_SHOWN,  /* only of people_accept, see there                     */
} people_can_t;

/*  Say in one sentence for people what is the matter and what to do; never NULL. */
const char *people_can_text (people_can_t can);

/*  Seal a text to a user, for all keys of theirs and of one's own. data: a JSON object as text,
    or NULL. now_ms: Unix time. PEOPLE_OK and *body, which the caller frees: hand it to
    zchat_client_tell with ZCHAT_SEAL_DATA. Else *body is NULL; never send in plain what was to
    be sealed, except where the answer is PEOPLE_PLAIN_ONLY.                   */
people_can_t people_seal (people_t *people, const char *user, const char *text, size_t size,
                          const char *data, uint64_t now_ms, char **body);

/*  --- receiving ------------------------------------------------------------- */

typedef enum {
    PEOPLE_PLAIN,    /* it is not sealed, and no keys of the user are known    */
    PEOPLE_UNSEALED, /* it is not sealed, though the user has keys: mark it. The broker can read it,
                        and may have written it */
    PEOPLE_SEALED,   /* it was sealed by an accepted key of who is said to have written it */
    PEOPLE_SEALED_FRESH,  /* it was sealed by a key that came with an alarm and is not accepted */
    PEOPLE_SEALED_FORMER, /* it was sealed by a key they no longer have, which is right for old
                             messages */
    PEOPLE_STRANGE, /* it was sealed by a key that is not known as the writer's (the writer is the
                       user, or oneself for what one told): ask for their KEYS, call people_keys,
                       and open it again. Where the key is still strange, somebody else wrote it:
                       raise an alarm, and do not show the text */
    PEOPLE_MISLED,  /* it could be opened, but was sealed for another conversation: from and to are
                       not those two. Raise an alarm */
    PEOPLE_SHUT,    /* it is sealed and cannot be opened: not for this device's key, or damaged */
} people_seen_t;

typedef struct {
    people_seen_t seen;
    bool verified;      /* with SEALED: the user's fingerprint was compared    */
    bool time_far;      /* time_ms is PEOPLE_TIME_FAR_MS or more away from the event's time: an old
                           message was sent again, or a clock is wrong. It is to be told */
    uint64_t time_ms;   /* when it was sealed, as its writer says              */
    const char *writer; /* with STRANGE: whose keys to ask for                 */
    const char *body;   /* the text to be shown; the event's where it was not sealed. NULL with
                           STRANGE, MISLED and SHUT */
    size_t body_size;
    const char *data;    /* a JSON object as text, or NULL                     */
    zchat_sealed_t *own; /* owns what the fields above view, for people_opened_clear */
} people_opened_t;

/*  Look into an event of the mailbox (MESSAGE or HISTORY, of type tell or told); every other
    event is PEOPLE_PLAIN. *opened views the event and memory that people_opened_clear frees. */
void people_open (people_t *people, const zchat_event_t *event, people_opened_t *opened);
void people_opened_clear (people_opened_t *opened);

/*  --- verifying ------------------------------------------------------------- */

/*  Make the fingerprint that oneself and the user compare, by another way than this broker.
    PEOPLE_OK and text, or why there is none: ASK, ASK_SELF, PLAIN_ONLY, ALARM_SELF, NOT_MINE,
    UNFIT (the user is oneself: show the keys of people_find). While the user is in alarm, the
    fingerprint is of the keys they have now.                                  */
people_can_t people_fingerprint (people_t *people, const char *user,
                                 char text[ZCHAT_FINGERPRINT_SIZE]);

/*  End the alarm: the keys that the user has now are theirs. verified: the fingerprints were
    compared. Then the last one that people_fingerprint gave must have been this user's, and
    their keys and one's own must not have changed since; else PEOPLE_NOT_SHOWN. For one's own
    name verified has no meaning. After GONE the call means that they may be spoken to in plain
    (PLAIN_ONLY). PEOPLE_OK, PEOPLE_ASK, PEOPLE_PLAIN_ONLY (there was nothing to accept),
    PEOPLE_NOT_SHOWN, or an answer of people_fingerprint.                      */
people_can_t people_accept (people_t *people, const char *user, bool verified);

#endif
