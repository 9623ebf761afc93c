/*  people_file.c - the people of known_people: lines of

        BROKER'S-KEY NAME SINCE seen|verified|alarm KEY...

    SINCE is Unix time in ms. Before each key stands a sign: = (the key is theirs), + (it came with
    an alarm) or - (it was theirs once). Lines of other brokers, remarks, and lines that are not
    understood stay as they are.
*/
#include "i18n.h"
#include "keyfile.h"
#include "memory.h"
#include "people_private.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

void people_say (people_t *self, const char *format, ...)
{
    va_list args;
    if (*self->trouble)
        return;
    va_start (args, format);
    vsnprintf (self->trouble, sizeof self->trouble, format, args);
    va_end (args);
}

/*  --- a table of people -----------------------------------------------------  */

/*  Hash a name (FNV-1a), so that most people are told apart without comparing their names. */
static uint32_t hash_of (const char *text)
{
    uint32_t hash = 2166136261U;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash;
}

person_t *persons_find (const persons_t *persons, const name_keys_t *names)
{
    uint32_t fold = hash_of (names->fold), look = hash_of (names->look);
    person_t *found = NULL;
    for (size_t i = 0; i < persons->count; i++) {
        person_t *person = persons->list[i];
        if (person->fold == fold && strcmp (person->names.fold, names->fold) == 0)
            return person;
        bool may = person->fold == fold || person->fold == look || person->look == fold ||
                   person->look == look;
        if (may && name_same (&person->names, names))
            found = person;
    }
    return found;
}

static void person_free (person_t *person)
{
    free (person->user);
    free (person);
}

/*  Drop people without keys until one more fits; their keys can be asked for again. */
static bool persons_make_room (persons_t *persons)
{
    for (size_t i = 0; persons->count >= PEOPLE_MAX && i < persons->count; i++)
        if (persons->list[i]->n_keys == 0) {
            person_free (persons->list[i]);
            persons->list[i] = persons->list[--persons->count];
        }
    return persons->count < PEOPLE_MAX;
}

static void persons_push (persons_t *persons, person_t *person)
{
    if (persons->count == persons->capacity) {
        persons->capacity = persons->capacity ? 2 * persons->capacity : 16;
        persons->list =
            memory_grow (persons->list, persons->capacity * sizeof (person_t *)); // NOLINT
    }
    persons->list[persons->count++] = person;
}

person_t *persons_add (persons_t *persons, const char *user, const name_keys_t *names)
{
    if (!persons_make_room (persons))
        return NULL;
    person_t *person = memory_zero (sizeof *person);
    person->user = memory_string (user, strlen (user));
    person->names = *names;
    person->fold = hash_of (names->fold);
    person->look = hash_of (names->look);
    persons_push (persons, person);
    return person;
}

void persons_clear (persons_t *persons)
{
    for (size_t i = 0; i < persons->count; i++)
        person_free (persons->list[i]);
    free (persons->list);
    *persons = (persons_t){0};
}

/*  --- lines -----------------------------------------------------------------  */

static const char kinds[] = {
    [PEOPLE_KEY_OURS] = '=', [PEOPLE_KEY_FRESH] = '+', [PEOPLE_KEY_FORMER] = '-'};

static frame_t word_next (frame_t *line)
{
    const char *at = line->data, *end = at + line->size;
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    const char *begin = at;
    while (at < end && *at != ' ' && *at != '\t' && *at != '\r')
        at++;
    *line = frame_of (at, (size_t)(end - at));
    return frame_of (begin, (size_t)(at - begin));
}

static bool number_read (frame_t word, uint64_t *number)
{
    const char *digits = word.data;
    *number = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (digits[i] < '0' || digits[i] > '9' || i > 17)
            return false;
        *number = *number * 10 + (uint64_t)(digits[i] - '0');
    }
    return word.size > 0;
}

static bool key_read (person_t *person, frame_t word)
{
    const char *text = word.data;
    const char *kind = memchr (kinds, *text, sizeof kinds);
    if (!kind || person->n_keys == PEOPLE_KEYS_MAX)
        return false;
    person_key_t *key = &person->keys[person->n_keys];
    key->kind = (people_key_kind_t)(kind - kinds);
    if (address_key_decode (frame_of (text + 1, word.size - 1), key->key, NULL) != ZCHAT_OK)
        return false;
    for (size_t i = 0; i < person->n_keys; i++)
        if (memcmp (person->keys[i].key, key->key, sizeof key->key) == 0)
            return false;
    person->n_keys++;
    return true;
}

/*  Read what follows the broker's key in a line. False where it is no person, or one that is in
    the table already.                                                         */
static bool person_read (persons_t *persons, frame_t line)
{
    frame_t name = word_next (&line), since = word_next (&line), state = word_next (&line), word;
    name_keys_t names;
    person_t person = {.alarm = frame_is (state, "alarm"),
                       .verified = frame_is (state, "verified")};
    const person_t *same = NULL;
    if (name_check (name, &names, NULL) == ZCHAT_OK)
        same = persons_find (persons, &names);
    else
        return false;
    /*  A file may hold two names that only look the same, from before such names counted as one.
        Both are kept.                                                         */
    if ((same && strcmp (same->names.fold, names.fold) == 0) ||
        !number_read (since, &person.since_ms) ||
        !(person.alarm || person.verified || frame_is (state, "seen")))
        return false;
    while ((word = word_next (&line)).size > 0)
        if (!key_read (&person, word))
            return false;
    size_t former = person_count (&person, PEOPLE_KEY_FORMER);
    if (person.n_keys == 0 || person.n_keys - former > ZCHAT_NAME_KEYS_MAX)
        return false;
    char *user = memory_string (name.data, name.size);
    person_t *added = persons_add (persons, user, &names);
    if (added) {
        person.user = added->user;
        person.names = names;
        person.fold = added->fold;
        person.look = added->look;
        *added = person;
    }
    free (user);
    return added != NULL;
}

static size_t person_write (const people_t *self, const person_t *person, char *text,
                            size_t capacity)
{
    char key[ADDRESS_KEY_TEXT + 1];
    int size = snprintf (text, capacity, "%s %s %" PRIu64 " %s", self->broker, person->user,
                         person->since_ms,
                         person->alarm      ? "alarm"
                         : person->verified ? "verified"
                                            : "seen");
    size_t used = (size_t)size;
    for (size_t i = 0; i < person->n_keys; i++) {
        address_key_encode (person->keys[i].key, key);
        used += (size_t)snprintf (text + used, capacity - used, " %c%s",
                                  kinds[person->keys[i].kind], key);
    }
    text[used++] = '\n';
    return used;
}

enum {
    LINE_MAX_ = ADDRESS_KEY_TEXT + ZCHAT_NAME_MAX + PEOPLE_KEYS_MAX * (ADDRESS_KEY_TEXT + 2) + 64
};

/*  --- reading ---------------------------------------------------------------  */

static void keep (people_t *self, frame_t line)
{
    memcpy (self->kept + self->kept_size, line.data, line.size);
    self->kept_size += line.size;
    self->kept[self->kept_size++] = '\n';
}

/*  Fill the table, and keep the lines that are not ours as text.              */
static void text_read (people_t *self, persons_t *persons, const char *text, size_t size)
{
    size_t number = 0, bad = 0, first_bad = 0;
    free (self->kept);
    self->kept = memory_new (size + 1);
    self->kept_size = 0;
    for (const char *at = text, *end = text + size; at < end;) {
        const char *stop = memchr (at, '\n', (size_t)(end - at));
        frame_t line = frame_of (at, (size_t)((stop ? stop : end) - at)), rest = line;
        frame_t broker = word_next (&rest);
        uint8_t key[ADDRESS_KEY_SIZE];
        bool remark = broker.size == 0 || *(const char *)broker.data == '#';
        bool good = remark || address_key_decode (broker, key, NULL) == ZCHAT_OK;
        bool ours = good && !remark && frame_is (broker, self->broker);
        number++;
        if (ours)
            good = ours = person_read (persons, rest);
        if (!good && bad++ == 0)
            first_bad = number;
        if (!ours)
            keep (self, line);
        at += line.size + 1;
    }
    if (bad)
        people_say (self,
                    _ ("line %zu of %s is not understood%s; the people named there are not known"),
                    first_bad, self->path, bad > 1 ? _ (", nor are others") : "");
}

/*  Carry over what is known and not in the file: who was asked for, who has no keys, and what
    could not be written.                                                      */
static void persons_merge (persons_t *persons, persons_t *before)
{
    for (size_t i = 0; i < before->count; i++) {
        person_t *old = before->list[i];
        person_t *person = persons_find (persons, &old->names);
        if (person && !old->unsaved)
            person->asked = old->asked;
        else if (person) {
            char *user = person->user;
            *person = *old;
            old->user = user;
        } else if ((old->unsaved || old->n_keys == 0) && persons_make_room (persons)) {
            persons_push (persons, old);
            before->list[i] = before->list[--before->count];
            i--;
        }
    }
    persons_clear (before);
}

static bool same_file (const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*  Read the whole file; NULL with errno. The caller frees it.                 */
static char *file_read (int fd, size_t *size)
{
    char *text = memory_new (PEOPLE_FILE_MAX + 1);
    ssize_t done = 1;
    *size = 0;
    while (*size <= PEOPLE_FILE_MAX && done != 0) {
        done = read (fd, text + *size, PEOPLE_FILE_MAX + 1 - *size);
        if (done > 0)
            *size += (size_t)done;
        else if (done < 0 && errno != EINTR)
            break;
    }
    if (done == 0)
        return text;
    if (done > 0)
        errno = EFBIG;
    int error = errno;
    free (text);
    errno = error;
    return NULL;
}

zchat_status_t people_read (people_t *self)
{
    struct stat now = {0};
    persons_t persons = {0};
    char *text = NULL;
    size_t size = 0;
    if (stat (self->path, &now) == 0 && same_file (&now, &self->stamp))
        return ZCHAT_OK;
    /*  O_NONBLOCK, because opening a FIFO would hang.                         */
    int fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno != ENOENT)
        return ZCHAT_SYSTEM;
    if (fd < 0 && self->stamp.st_ino == 0)
        return ZCHAT_OK; /* the file is still not there */
    if (fd >= 0) {
        int error = fstat (fd, &now) == 0 ? 0 : errno;
        if (error == 0 && !(text = file_read (fd, &size)))
            error = errno;
        close (fd);
        if (error) {
            errno = error;
            return ZCHAT_SYSTEM;
        }
    } else
        now = (struct stat){0};
    text_read (self, &persons, text ? text : "", size);
    persons_merge (&persons, &self->persons);
    self->persons = persons;
    self->stamp = now;
    free (text);
    return ZCHAT_OK;
}

/*  --- writing ---------------------------------------------------------------  */

static int folder_open (const people_t *self)
{
    char *folder = memory_string (self->path, strlen (self->path));
    char *slash = strrchr (folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    int fd = open (slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free (folder);
    return fd;
}

int people_lock (const people_t *self)
{
    int fd = folder_open (self);
    if (fd >= 0 && flock (fd, LOCK_EX) != 0) {
        close (fd);
        fd = -1;
    }
    return fd;
}

void people_unlock (int lock)
{
    if (lock >= 0)
        close (lock);
}

/*  Write the text and put the file into place. False with errno.              */
static bool file_write (const char *beside, int fd, const char *path, const char *text, size_t size)
{
    return keyfile_write_all (fd, text, size) && fchmod (fd, 0600) == 0 && fsync (fd) == 0 &&
           rename (beside, path) == 0;
}

/*  Write the people first. Of two lines that name the same person the first one counts, and a
    line that is kept may be the second.                                       */
static char *text_write (const people_t *self, size_t *size)
{
    char *text = memory_new (self->kept_size + self->persons.count * LINE_MAX_);
    *size = 0;
    for (size_t i = 0; i < self->persons.count; i++)
        if (self->persons.list[i]->n_keys > 0)
            *size += person_write (self, self->persons.list[i], text + *size, LINE_MAX_);
    if (self->kept_size)
        memcpy (text + *size, self->kept, self->kept_size);
    *size += self->kept_size;
    return text;
}

void people_write (people_t *self)
{
    size_t size;
    char *beside = NULL, *text = text_write (self, &size);
    bool ok = false;
    int fd = -1;
    if (asprintf (&beside, "%s.XXXXXX", self->path) < 0)
        memory_check (NULL);
    if (size > PEOPLE_FILE_MAX) {
        errno = EFBIG;
        goto out;
    }
    fd = mkostemp (beside, O_CLOEXEC); /* mkostemp gives it mode 0600 */
    if (fd < 0)
        goto out;
    ok = file_write (beside, fd, self->path, text, size);
    if (!ok) {
        int error = errno;
        unlink (beside);
        errno = error;
    }
out:
    if (!ok)
        people_say (self, _ ("the keys of people cannot be remembered in %s: %s"), self->path,
                    strerror (errno));
    if (ok) {
        int folder = folder_open (self);
        if (folder >= 0) {
            fsync (folder);
            close (folder);
        }
        if (fstat (fd, &self->stamp) != 0)
            self->stamp = (struct stat){0};
        for (size_t i = 0; i < self->persons.count; i++)
            self->persons.list[i]->unsaved = false;
    }
    if (fd >= 0)
        close (fd);
    free (beside);
    free (text);
}
