/*  people_private.h - what the sources of people share                        */
#ifndef ZCHAT_TALK_PEOPLE_PRIVATE_H
#define ZCHAT_TALK_PEOPLE_PRIVATE_H

#include "name.h"
#include "people.h"
#include <sys/stat.h>

typedef struct {
    uint8_t key[ADDRESS_KEY_SIZE];
    people_key_kind_t kind;
} person_key_t;

typedef struct {
    uint32_t fold; /* hashes of the name's fold and look                       */
    uint32_t look;
    char *user; /* as the broker spelt it first                                */
    name_keys_t names;
    uint64_t since_ms;
    bool verified; /* false while alarm is true                                */
    bool alarm;
    bool asked;    /* KEYS was taken in since CONNECTED; not in the file       */
    bool unsaved;  /* the file is behind what is here                          */
    size_t n_keys; /* 0: the person is not in the file                         */
    person_key_t keys[PEOPLE_KEYS_MAX];
} person_t;

typedef struct {
    person_t **list;
    size_t count;
    size_t capacity;
} persons_t;

struct people {
    char *path;
    char broker[ADDRESS_KEY_TEXT + 1]; /* the broker's key as text             */
    uint8_t broker_key[ADDRESS_KEY_SIZE];
    uint8_t public_key[ADDRESS_KEY_SIZE]; /* one's own key                     */
    uint8_t secret_key[ADDRESS_KEY_SIZE];
    persons_t persons; /* the people of this broker                            */
    char *self;        /* one's own name, or NULL                              */
    char *kept;        /* lines of the file that are not ours                  */
    size_t kept_size;
    struct stat stamp;                  /* of the file as it was read or written */
    char vouched[ADDRESS_KEY_TEXT + 1]; /* the key that was vouched for last   */
    char shown[ZCHAT_FINGERPRINT_SIZE]; /* what people_fingerprint gave last   */
    char trouble[1024];                 /* the first trouble that was not told yet */
    char told[1024];                    /* what people_trouble returned last   */
};

/*  Find who has the name; NULL where nobody has.                              */
person_t *persons_find (const persons_t *persons, const name_keys_t *names);

/*  Add a person; user is copied. NULL where PEOPLE_MAX people have keys already. */
person_t *persons_add (persons_t *persons, const char *user, const name_keys_t *names);
void persons_clear (persons_t *persons);

/*  Find a key of the person; NULL where they have no such key.                */
person_key_t *person_key (person_t *person, const uint8_t key[ADDRESS_KEY_SIZE]);

/*  Count the keys of a kind.                                                  */
size_t person_count (const person_t *person, people_key_kind_t kind);

/*  Make the keys by which a name is found. False where user is NULL or no name. */
bool people_names (const char *user, name_keys_t *names);
bool people_same_name (const char *a, const char *b);

/*  True where they are the keys of one's own name.                            */
bool people_is_self (const people_t *self, const name_keys_t *names);

/*  Keep what went wrong, for people_trouble.                                  */
void people_say (people_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/*  Read the file where it has changed since it was read. ZCHAT_OK; or ZCHAT_SYSTEM with errno,
    and what is known stays as it was.                                         */
zchat_status_t people_read (people_t *self) ZCHAT_CHECKED;

/*  Do the same; where the file cannot be read, people_say tells it, and what is known already is
    used.                                                                      */
void people_refresh (people_t *self);

/*  Keep other programs from reading and writing the file until people_unlock. -1 where the lock
    cannot be taken; people_unlock tolerates that.                             */
int people_lock (const people_t *self);
void people_unlock (int lock);

/*  Write the file anew, whole or not at all; people_say tells of a failure.   */
void people_write (people_t *self);

#endif
