/*  listen_state.c - how far zchat listen has come, in a file                  */
#include "listen_state.h"
#include "buffer.h"
#include "i18n.h"
#include "keyfile.h"
#include "memory.h"
#include "name.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zchat/limits.h>

#define HEADING "zchat listen state 1\n"
enum {
    LOG_TEXT = 2 * ZCHAT_LOG_ID_SIZE,
    FILE_MAX = ZCHAT_STATE_ROOMS_MAX * (ZCHAT_NAME_MAX + 24) + 256, /* bytes   */
};

typedef struct {
    char room[ZCHAT_NAME_MAX + 1];
    name_keys_t keys; /* not set where it is the mailbox                       */
    bool known;       /* seen is set                                              */
    uint64_t seen;
    uint64_t done; /* as the file has it                                       */
    bool stored;   /* it is in the file                                        */
    bool used;     /* something was seen there in this run                     */
} place_t;

struct listen_state {
    char *path, *beside, *folder;
    int lock;
    char log[LOG_TEXT + 1];
    place_t *places; /* of ZCHAT_STATE_ROOMS_MAX                               */
    size_t n_places;
    size_t last;    /* index of the place that was seen last                   */
    place_t before; /* and what was known of it before that                    */
    bool replaced;  /* the file is about another log                          */
    bool changed;   /* the file is out of date                                 */
};

/*  --- places ------------------------------------------------------------------ */

static bool is_mailbox (const char *room)
{
    return strcmp (room, "@") == 0;
}

/*  Return the index of the room's place; n_places where there is none.        */
static size_t find (const listen_state_t *self, const char *room)
{
    name_keys_t keys;
    size_t i = self->last;
    if (i < self->n_places && strcmp (self->places[i].room, room) == 0)
        return i;
    bool named = !is_mailbox (room) && name_check (frame_str (room), &keys, NULL) == ZCHAT_OK;
    for (i = 0; i < self->n_places; i++) {
        const place_t *place = &self->places[i];
        if (strcmp (place->room, room) == 0 ||
            (named && !is_mailbox (place->room) && name_same (&place->keys, &keys)))
            break;
    }
    return i;
}

/*  Make a place for the room. Where there are too many, one gives way that is not listened to.
    NULL: that is no room.                                                     */
static place_t *add (listen_state_t *self, const char *room)
{
    name_keys_t keys = {0};
    if (!is_mailbox (room) && name_check (frame_str (room), &keys, NULL) != ZCHAT_OK)
        return NULL;
    size_t i = self->n_places;
    if (i == ZCHAT_STATE_ROOMS_MAX)
        for (i = 0; i < self->n_places && self->places[i].used;)
            i++;
    if (i == ZCHAT_STATE_ROOMS_MAX)
        return NULL;
    self->n_places += i == self->n_places;
    self->places[i] = (place_t){.keys = keys};
    snprintf (self->places[i].room, sizeof self->places[i].room, "%s", room);
    return &self->places[i];
}

/*  --- reading ----------------------------------------------------------------- */

/*  Read "SEQ ROOM". False where the line is none.                             */
static bool line_read (listen_state_t *self, const char *line)
{
    uint64_t seq = 0;
    size_t digits = strspn (line, "0123456789");
    if (digits == 0 || digits > 13 || line[digits] != ' ')
        return false;
    for (size_t i = 0; i < digits; i++)
        seq = seq * 10 + (uint64_t)(line[i] - '0');
    const char *room = line + digits + 1;
    if (seq > ZCHAT_SEQ_MAX || strlen (room) > ZCHAT_NAME_MAX ||
        find (self, room) < self->n_places || self->n_places == ZCHAT_STATE_ROOMS_MAX)
        return false;
    place_t *place = add (self, room);
    if (!place)
        return false;
    place->known = place->stored = true;
    place->seen = place->done = seq;
    return true;
}

static bool text_read (listen_state_t *self, char *text, size_t size)
{
    size_t heading = strlen (HEADING);
    if (memchr (text, 0, size) || size == 0 || text[size - 1] != '\n' ||
        strncmp (text, HEADING "log ", heading + 4) != 0)
        return false;
    char *log = text + heading + 4;
    if (strspn (log, "0123456789abcdef") != LOG_TEXT || log[LOG_TEXT] != '\n')
        return false;
    memcpy (self->log, log, LOG_TEXT);
    for (char *line = log + LOG_TEXT + 1, *end; *line; line = end + 1) {
        end = strchr (line, '\n');
        *end = 0;
        if (!line_read (self, line))
            return false;
    }
    return true;
}

static zchat_status_t file_read (listen_state_t *self, char **why)
{
    int fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat info;
    zchat_status_t status = ZCHAT_SYSTEM;
    if (fd < 0 && errno == ENOENT)
        return ZCHAT_OK;
    if (fd >= 0 && fstat (fd, &info) == 0 && !S_ISREG (info.st_mode))
        *why = memory_format (_ ("%s is no file"), self->path);
    else if (fd >= 0) {
        char *text = memory_new (FILE_MAX + 1);
        ssize_t size = read (fd, text, FILE_MAX + 1);
        bool good = size >= 0 && size <= FILE_MAX;
        if (good)
            text[size] = 0;
        if (size >= 0) {
            status = good && text_read (self, text, (size_t)size) ? ZCHAT_OK : ZCHAT_CORRUPT;
            if (status != ZCHAT_OK)
                *why = memory_format (_ ("%s is no file of zchat listen --state, or is damaged; "
                                         "without it the room is read as --since says"),
                                      self->path);
        }
        free (text);
    }
    if (status == ZCHAT_SYSTEM && !*why)
        *why = memory_format ("%s: %s", self->path, strerror (errno));
    if (fd >= 0)
        close (fd);
    return status;
}

/*  --- life -------------------------------------------------------------------- */

static zchat_status_t lock_take (listen_state_t *self, char **why)
{
    char *path = memory_format ("%s.lock", self->path);
    zchat_status_t status = ZCHAT_OK;
    self->lock =
        open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0600);
    if (self->lock < 0)
        status = ZCHAT_SYSTEM;
    else if (flock (self->lock, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK ? ZCHAT_IN_USE : ZCHAT_SYSTEM;
    if (status == ZCHAT_IN_USE)
        *why = memory_format (_ ("%s is in use by another zchat listen"), self->path);
    else if (status != ZCHAT_OK)
        *why = memory_format ("%s: %s", path, strerror (errno));
    free (path);
    return status;
}

zchat_status_t listen_state_open (const char *path, listen_state_t **state, char **why)
{
    listen_state_t *self = memory_zero (sizeof *self);
    const char *slash = strrchr (path, '/');
    self->path = memory_string (path, strlen (path));
    self->beside = memory_format ("%s.new", path);
    self->folder = slash == path ? memory_string ("/", 1)
                   : slash       ? memory_string (path, (size_t)(slash - path))
                                 : memory_string (".", 1);
    self->places = memory_new (ZCHAT_STATE_ROOMS_MAX * sizeof *self->places);
    *why = NULL;
    zchat_status_t status = lock_take (self, why);
    if (status == ZCHAT_OK)
        status = file_read (self, why);
    if (status == ZCHAT_OK)
        *state = self;
    else
        listen_state_destroy (&self);
    return status;
}

void listen_state_destroy (listen_state_t **state)
{
    listen_state_t *self = *state;
    if (!self)
        return;
    if (self->lock >= 0)
        close (self->lock);
    free (self->path);
    free (self->beside);
    free (self->folder);
    free (self->places);
    free (self);
    *state = NULL;
}

const char *listen_state_log (const listen_state_t *state)
{
    return state->log;
}

bool listen_state_find (const listen_state_t *state, const char *room, uint64_t *seq)
{
    size_t i = find (state, room);
    if (i == state->n_places)
        return false;
    *seq = state->places[i].seen;
    return true;
}

void listen_state_of (listen_state_t *state, const char *log)
{
    if (strlen (log) != LOG_TEXT || strcmp (state->log, log) == 0)
        return;
    state->replaced = *state->log;
    memcpy (state->log, log, LOG_TEXT);
    state->n_places = state->last = 0;
    state->changed = true;
}

void listen_state_seen (listen_state_t *state, const char *room, uint64_t seq)
{
    size_t i = find (state, room);
    place_t *place = i < state->n_places ? &state->places[i] : add (state, room);
    if (!place)
        return;
    place->used = true;
    if (place->known && seq <= place->seen)
        return;
    state->last = (size_t)(place - state->places);
    state->before = *place;
    place->known = true;
    place->seen = seq;
    state->changed = true;
}

/*  --- writing ----------------------------------------------------------------- */

/*  Write the folder to the disk: only then is the file's new content there for good. */
static bool folder_sync (const listen_state_t *self)
{
    int fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync (fd) == 0;
    if (fd >= 0)
        close (fd);
    return good;
}

static bool file_write (const listen_state_t *self, const buffer_t *text)
{
    int fd = open (self->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && keyfile_write_all (fd, text->data, text->size) && fsync (fd) == 0;
    if (fd >= 0 && close (fd) != 0)
        good = false;
    return good && rename (self->beside, self->path) == 0 && folder_sync (self);
}

zchat_status_t listen_state_written (listen_state_t *state, bool all, char **why)
{
    buffer_t text = {NULL, 0, 0};
    bool moved = state->replaced;
    if (!state->changed || !*state->log)
        return ZCHAT_OK;
    buffer_string (&text, HEADING "log ");
    buffer_string (&text, state->log);
    buffer_string (&text, "\n");
    for (size_t i = 0; i < state->n_places; i++) {
        place_t *place = &state->places[i];
        /*  Marks may come behind the message seen last.                       */
        const place_t *now = i == state->last && !all && place->used ? &state->before : place;
        if (!now->known)
            continue;
        moved = moved || !place->stored || now->seen != place->done;
        place->done = now->seen;
        place->stored = true;
        buffer_format (&text, "%" PRIu64 " %s\n", now->seen, place->room);
    }
    bool good = !moved || file_write (state, &text);
    if (!good)
        *why = memory_format (_ ("cannot write %s: %s"), state->path, strerror (errno));
    else {
        state->replaced = false;
        state->changed = state->changed && !all;
    }
    buffer_free (&text);
    return good ? ZCHAT_OK : ZCHAT_SYSTEM;
}
