/*  people.h - the people one knows, by which keys, and what may be sealed for them

    A user's keys are the broker's word (KEYS). What it said first is remembered, in the file
    known_people beside known_brokers, for each broker; from then on a key that was not there is
    an alarm, unless one of theirs vouches for it: nothing is sealed for that person nor sent to
    them until people_accept. Two who compare fingerprints (/verify) need not trust its word at
    all.

    One's own name is a person too: a broker that adds a key to it would read what one seals.
    There only the key of this device is known from the start; any other is an alarm until
    people_accept.

    Nothing here asks the broker. Where keys have to be asked for first, the answer is
    PEOPLE_ASK: send KEYS (zchat_client_keys), hand its reply to people_keys, and call again.
    Files are read and written at once, and only when something is new.

    people may be NULL everywhere, for a connection that is not encrypted: then nobody can be
    sealed for (PEOPLE_PLAIN_ONLY), and nothing can be opened. Names are found as PROTOCOL.md
    has it: what looks the same is the same name.                              */
#ifndef ZCHAT_TALK_PEOPLE_H
#define ZCHAT_TALK_PEOPLE_H

#include "address.h"
#include <zchat/client.h>
#include <zchat/seal.h>

enum {
    PEOPLE_MAX = 10000,        /* that are remembered of one broker                 */
    PEOPLE_KEYS_MAX = 16,      /* of one person, former ones included               */
    PEOPLE_FILE_MAX = 8388608, /* bytes of the file                                 */
    PEOPLE_TIME_FAR_MS = 600000,
};

typedef struct people people_t;

/*  Read what is remembered at path (see credentials_path) of the broker with this key. A file
    that is not there says nothing. secret_key: one's own. All is copied. ZCHAT_OK and
    *people; ZCHAT_SYSTEM, where the file cannot be read, with *why, which the caller
    frees: then whose keys are known must not be taken for unknown.            */
zchat_status_t people_new (const char *path, const uint8_t broker_key[ZCHAT_KEY_SIZE],
                           const uint8_t secret_key[ZCHAT_KEY_SIZE], people_t **people,
                           char **why) ZCHAT_CHECKED;

/*  Wipes the key. Nulls; tolerates NULL.                                      */
void people_destroy (people_t **people);

/*  What went wrong since this was last called (lines of the file that are not understood,
    a file that cannot be written), fit to be shown; NULL: nothing. Valid until the next
    call.                                                                      */
const char *people_trouble (people_t *people);

/*  One's own name, as CONNECTED gives it. Call it at each CONNECTED: everybody's keys are to
    be asked for again from then on (PEOPLE_ASK).                              */
void people_self (people_t *people, const char *user);

/*  What the broker said of everybody's keys is old: they are to be asked for again (PEOPLE_ASK).
    Nothing is forgotten, and a fingerprint that was shown stays so. Tolerates NULL. */
void people_stale (people_t *people);

/*  --- keys ------------------------------------------------------------------ */

typedef enum {
    PEOPLE_NEW,     /* first seen: remembered                                  */
    PEOPLE_SAME,    /* nothing new; fewer keys are nothing new either          */
    PEOPLE_VOUCHED, /* a key is there that was never seen, and one of theirs, which still is one,
                       vouches for it: it is theirs. To be told; people_vouched says which */
    PEOPLE_CHANGED, /* a key is there that was not: shout. Of one's own name: has one
                       another device, or does the broker add a reader?        */
    PEOPLE_GONE,    /* had keys and has none any more: shout likewise          */
    PEOPLE_NONE,    /* has no keys: cannot be sealed for                       */
    PEOPLE_BAD,     /* a reply that is none, or no room for one more person: nothing was taken in.
                       Do not ask again for it                                 */
} people_news_t;

/*  Take in the reply to KEYS of a user: status and json of the REPLY (ZCHAT_OK, or
    ZCHAT_NOBODY; others are PEOPLE_BAD). After CHANGED and GONE the person is in alarm
    and no longer verified; *was_verified (may be NULL) says whether they were. */
people_news_t people_keys (people_t *people, const char *user, zchat_status_t status,
                           const char *json, bool *was_verified);

/*  The key that the last PEOPLE_VOUCHED brought, as text; valid until the next call. */
const char *people_vouched (const people_t *people);

/*  One has just added this key to one's own name (people_self) oneself: it is no alarm, and
    where one was raised for it alone, that ends. Other keys stay as they are. */
void people_own_key (people_t *people, const uint8_t key[ADDRESS_KEY_SIZE]);

typedef enum {
    PEOPLE_KEY_OURS,   /* accepted: of this person                             */
    PEOPLE_KEY_FRESH,  /* came with an alarm, not accepted                     */
    PEOPLE_KEY_FORMER, /* theirs once, no longer                               */
} people_key_kind_t;

typedef struct {
    people_key_kind_t kind;
    bool this_device;                /* one's own                              */
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

/*  What is known of a user; false: nothing, *person is then zeroed.           */
bool people_find (people_t *people, const char *user, people_person_t *person);

/*  --- sending --------------------------------------------------------------- */

typedef enum {
    PEOPLE_OK,
    PEOPLE_ASK,        /* the user's keys are not known: KEYS of them         */
    PEOPLE_ASK_SELF,   /* one's own are not: KEYS of oneself                  */
    PEOPLE_PLAIN_ONLY, /* the user has no keys, or the connection is not encrypted: what is
                          sent can be read by the broker. The only case in which it may be
                          sent in plain, and it is to be marked so            */
    PEOPLE_ALARM,      /* the user's keys have changed or are gone: send nothing until
                          people_accept                                       */
    PEOPLE_ALARM_SELF, /* likewise one's own                                  */
    PEOPLE_NOT_MINE,   /* this device's key is none of one's own name: others could not know
                          who sealed it. KEY add, from a device whose key is  */
    PEOPLE_TOO_LONG,   /* the text                                            */
    PEOPLE_UNFIT,      /* not UTF-8, empty, data no object; a key that is none */
    PEOPLE_NOT_SHOWN,  /* people_accept: see there                            */
} people_can_t;

/*  One sentence for people: what is the matter and what to do; never NULL.    */
const char *people_can_text (people_can_t can);

/*  Seal a text to a user, for all keys of theirs and of one's own. data: a JSON object as
    text, or NULL. now_ms: Unix time. PEOPLE_OK and *body, which the caller frees: hand it to
    zchat_client_tell with ZCHAT_SEAL_DATA. Else *body is NULL; never send in plain
    what was to be sealed, but for PEOPLE_PLAIN_ONLY.                          */
people_can_t people_seal (people_t *people, const char *user, const char *text, size_t size,
                          const char *data, uint64_t now_ms, char **body);

/*  --- receiving ------------------------------------------------------------- */

typedef enum {
    PEOPLE_PLAIN,         /* not sealed; no keys of the user are known            */
    PEOPLE_UNSEALED,      /* not sealed, though the user has keys: mark it. The broker can read
                             it, and may have written it                          */
    PEOPLE_SEALED,        /* opened; by an accepted key of who is said to have written it */
    PEOPLE_SEALED_FRESH,  /* opened; by a key that came with an alarm, not accepted */
    PEOPLE_SEALED_FORMER, /* opened; by a key they no longer have: right for old messages */
    PEOPLE_STRANGE,       /* opened, by a key not known for the writer (the user, or oneself of
                             what one told): ask KEYS of them, people_keys, and open it again. Still
                             so: somebody else wrote it, shout, and do not show the text */
    PEOPLE_MISLED,        /* opened, but it was for another conversation: from and to are not
                             those two. Shout                                      */
    PEOPLE_SHUT,          /* sealed, and cannot be opened: not for this device's key, or damaged */
} people_seen_t;

typedef struct {
    people_seen_t seen;
    bool verified;      /* of SEALED: the user's fingerprint was compared     */
    bool time_far;      /* time_ms lies PEOPLE_TIME_FAR_MS or more from the event's time: an
                           old message sent again, or a wrong clock. To be told */
    uint64_t time_ms;   /* when it was sealed, as its writer says             */
    const char *writer; /* whose keys to ask for with STRANGE                 */
    const char *body;   /* what is to be shown; in plain the event's. NULL with STRANGE,
                           MISLED and SHUT                                     */
    size_t body_size;
    const char *data;    /* a JSON object as text, or NULL                     */
    zchat_sealed_t *own; /* holds the above: for people_opened_clear           */
} people_opened_t;

/*  Look into an event of the mailbox (MESSAGE or HISTORY, of type tell or told); of every
    other event it is PEOPLE_PLAIN. *opened views the event and memory that
    people_opened_clear frees.                                                 */
void people_open (people_t *people, const zchat_event_t *event, people_opened_t *opened);
void people_opened_clear (people_opened_t *opened);

/*  --- verifying ------------------------------------------------------------- */

/*  What oneself and the user compare, by another way than this broker. PEOPLE_OK and text, or
    why not: ASK, ASK_SELF, PLAIN_ONLY, ALARM_SELF, NOT_MINE, UNFIT (oneself: show the keys of
    people_find). In the user's alarm it is that of the keys they have now. */
people_can_t people_fingerprint (people_t *people, const char *user,
                                 char text[ZCHAT_FINGERPRINT_SIZE]);

/*  End the alarm: the keys the user has now are theirs. verified: the fingerprints were
    compared; then the last one that people_fingerprint gave must have been this user's, and
    their keys and one's own must not have changed since, else PEOPLE_NOT_SHOWN. Of one's own
    name verified has no meaning. After GONE it means that they are spoken to in plain
    (PLAIN_ONLY).
    PEOPLE_OK, PEOPLE_ASK, PEOPLE_PLAIN_ONLY (nothing to accept), PEOPLE_NOT_SHOWN, or as of
    people_fingerprint.                                                        */
people_can_t people_accept (people_t *people, const char *user, bool verified);

#endif
