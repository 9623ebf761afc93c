/*  credentials.c - one's own key, and the brokers one knows                      */
#include "credentials.h"
#include "i18n.h"
#include "keyfile.h"
#include "known.h"
#include "memory.h"
#include "outcome.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KNOWN_FILE_MAX = 1048576 };

struct credentials {
    credentials_say_t say; /* is told why there can be no connection           */
    keypair_t own;
    char own_text[ADDRESS_KEY_TEXT + 1];
    uint8_t broker_key[ADDRESS_KEY_SIZE];
    char broker[ADDRESS_ENDPOINT_MAX + 1]; /* host:port                        */
    char *known_path;
    bool is_new;    /* the file does not name it yet                           */
    char why[1024]; /* what credentials_met returns                            */
};

/*  --- files -----------------------------------------------------------------  */

char *credentials_path (const char *name)
{
    const char *config = getenv ("XDG_CONFIG_HOME"), *home = getenv ("HOME");
    char *path = NULL;
    int size = -1;
    if (config && *config == '/')
        size = asprintf (&path, "%s/zchat%s", config, name);
    else if (home && *home == '/')
        size = asprintf (&path, "%s/.config/zchat%s", home, name);
    else
        return NULL;
    if (size < 0)
        memory_check (NULL);
    return path;
}

/*  Read the text of an open file; NULL with errno. The caller frees it.       */
static char *text_read (int fd, size_t *size)
{
    char *text = memory_new (KNOWN_FILE_MAX + 1);
    *size = 0;
    while (*size <= KNOWN_FILE_MAX) {
        ssize_t done = pread (fd, text + *size, KNOWN_FILE_MAX + 1 - *size, (off_t)*size);
        if (done == 0)
            return text;
        if (done > 0)
            *size += (size_t)done;
        else if (errno != EINTR)
            break;
    }
    if (*size > KNOWN_FILE_MAX)
        errno = EFBIG;
    free (text);
    return NULL;
}

/*  Look up what the file says of a broker. A file that is not there says nothing. ZCHAT_SYSTEM
    with errno where it cannot be read: then the broker must not be taken for one that is
    unknown.                                                                   */
static zchat_status_t known_look (const char *path, const char *broker, known_t *known,
                                  uint8_t key[ADDRESS_KEY_SIZE], size_t *line)
{
    size_t size;
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *known = KNOWN_NOT;
    if (fd < 0)
        return errno == ENOENT ? ZCHAT_OK : ZCHAT_SYSTEM;
    char *text = text_read (fd, &size);
    int error = errno;
    close (fd);
    errno = error;
    if (!text)
        return ZCHAT_SYSTEM;
    *known = known_find (frame_of (text, size), broker, key, line);
    free (text);
    return ZCHAT_OK;
}

/*  --- opening ---------------------------------------------------------------  */

/*  True where the door is on this machine. Nobody can come between there, so the connection is
    encrypted only where the address demands it.                               */
static bool endpoint_local (const char *endpoint)
{
    const char *host = endpoint + strlen ("tcp://");
    return strncmp (endpoint, "tcp://", 6) != 0 ||
           (strncmp (host, "127.", 4) == 0 && host[strspn (host, "0123456789.")] == ':') ||
           strncmp (endpoint, "tcp://localhost:", 16) == 0 ||
           strncmp (endpoint, "tcp://[::1]:", 12) == 0;
}

static int changed (const credentials_t *self, const uint8_t known[ADDRESS_KEY_SIZE], size_t line)
{
    char was[ADDRESS_KEY_TEXT + 1], is[ADDRESS_KEY_TEXT + 1];
    address_key_encode (known, was);
    address_key_encode (self->broker_key, is);
    self->say ("*** THE KEY OF THE BROKER %s HAS CHANGED ***", self->broker);
    self->say (_ ("Either it was set up anew, or somebody else has put themselves in its place and "
                  "would read what you say. Nothing was sent."));
    self->say (_ ("known:   %s (line %zu of %s)"), was, line, self->known_path);
    self->say (_ ("address: %s"), is);
    self->say (_ ("Ask who runs the broker. If the new key is right, remove line %zu of %s"), line,
               self->known_path);
    return OUTCOME_REFUSED;
}

/*  Compare the broker that is wanted with what is known of it. OUTCOME_OK and *encrypt, or the
    exit status after the reason was told. Where *encrypt is true, self->broker_key is set. */
static int broker_check (credentials_t *self, const credentials_wanted_t *wanted, bool *encrypt)
{
    uint8_t key[ADDRESS_KEY_SIZE];
    known_t known = KNOWN_NOT;
    size_t line = 0;
    *encrypt = wanted->encrypted;
    if (self->known_path &&
        known_look (self->known_path, self->broker, &known, key, &line) != ZCHAT_OK) {
        self->say (_ ("%s cannot be read: %s; mend it, or set XDG_CONFIG_HOME to another folder"),
                   self->known_path, strerror (errno));
        return OUTCOME_SYSTEM;
    }
    if (known == KNOWN_BAD) {
        self->say (_ ("line %zu of %s names %s without a key; remove the line"), line,
                   self->known_path, self->broker);
        return OUTCOME_REFUSED;
    }
    if (wanted->broker_key) {
        memcpy (self->broker_key, wanted->broker_key, sizeof key);
        if (known == KNOWN_KEY && memcmp (key, self->broker_key, sizeof key) != 0)
            return changed (self, key, line);
        self->is_new = known == KNOWN_NOT;
    } else if (known == KNOWN_KEY) {
        memcpy (self->broker_key, key, sizeof key);
        *encrypt = true;
    } else if (wanted->encrypted) {
        self->say (_ ("the key of %s is not known here; give its whole address, "
                      "zchat://HOST:PORT/KEY"),
                   self->broker);
        return OUTCOME_USAGE;
    }
    return OUTCOME_OK;
}

/*  Read one's own key, or make it. OUTCOME_OK and self->own, or the exit status after the reason
    was told.                                                                  */
static int own_key_take (credentials_t *self)
{
    char *folder = credentials_path (""), *path = credentials_path ("/key"), *why = NULL;
    bool made = false;
    int status = OUTCOME_SYSTEM;
    if (!folder)
        self->say (_ ("there is no place for your key: set HOME or XDG_CONFIG_HOME"));
    else if (keyfile_folder (folder) != ZCHAT_OK)
        self->say (
            _ ("the folder %s for your key cannot be made: %s; set HOME or XDG_CONFIG_HOME to a "
               "folder that you may write"),
            folder, strerror (errno));
    else if (keyfile_take (path, "your secret zchat key: whoever has it is you", &self->own, &made,
                           &why) != ZCHAT_OK)
        self->say ("%s", why);
    else {
        status = OUTCOME_OK;
        address_key_encode (self->own.public_key, self->own_text);
        if (made)
            self->say (_ ("made your key, %s; keep that file"), path);
    }
    free (folder);
    free (path);
    free (why);
    return status;
}

int credentials_open (const credentials_wanted_t *wanted, credentials_say_t say,
                      credentials_t **credentials)
{
    bool encrypt = false;
    *credentials = NULL;
    if (!wanted->encrypted && endpoint_local (wanted->endpoint))
        return OUTCOME_OK;
    credentials_t *self = memory_zero (sizeof *self);
    self->say = say;
    snprintf (self->broker, sizeof self->broker, "%s", wanted->endpoint + strlen ("tcp://"));
    char spelt[KNOWN_BROKER_MAX];
    if (known_spell (frame_str (self->broker), spelt))
        snprintf (self->broker, sizeof self->broker, "%s", spelt);
    self->known_path = credentials_path ("/known_brokers");
    int status = broker_check (self, wanted, &encrypt);
    if (status == OUTCOME_OK && encrypt)
        status = own_key_take (self);
    if (status == OUTCOME_OK && encrypt)
        *credentials = self;
    else
        credentials_destroy (&self);
    return status;
}

void credentials_destroy (credentials_t **credentials)
{
    if (*credentials) {
        keypair_wipe (&(*credentials)->own);
        free ((*credentials)->known_path);
        free (*credentials);
        *credentials = NULL;
    }
}

const uint8_t *credentials_server_key (const credentials_t *credentials)
{
    return credentials ? credentials->broker_key : NULL;
}

const uint8_t *credentials_secret_key (const credentials_t *credentials)
{
    return credentials ? credentials->own.secret_key : NULL;
}

const char *credentials_key (const credentials_t *credentials)
{
    return credentials ? credentials->own_text : "";
}

/*  --- remembering -----------------------------------------------------------  */

/*  Add the broker to the file, under a lock and in one write, because another zchat may do the
    same at this moment.                                                       */
static bool known_add (credentials_t *self, int fd)
{
    char key[ADDRESS_KEY_TEXT + 1], line[ADDRESS_ENDPOINT_MAX + ADDRESS_KEY_TEXT + 8];
    uint8_t other[ADDRESS_KEY_SIZE];
    size_t size, at;
    if (flock (fd, LOCK_EX) != 0)
        return false;
    char *text = text_read (fd, &size);
    if (!text)
        return false;
    bool whole = size == 0 || text[size - 1] == '\n';
    known_t known = known_find (frame_of (text, size), self->broker, other, &at);
    free (text);
    if (known != KNOWN_NOT)
        return true; /* another zchat has added it; the next run compares the keys */
    address_key_encode (self->broker_key, key);
    int length = snprintf (line, sizeof line, "%s%s %s\n", whole ? "" : "\n", self->broker, key);
    return write (fd, line, (size_t)length) == length && fsync (fd) == 0;
}

const char *credentials_met (credentials_t *credentials)
{
    if (!credentials || !credentials->is_new)
        return NULL;
    credentials->is_new = false;
    int fd = open (credentials->known_path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && known_add (credentials, fd);
    if (!ok)
        snprintf (credentials->why, sizeof credentials->why,
                  _ ("the key of this broker could not be remembered in %s: %s"),
                  credentials->known_path, strerror (errno));
    if (fd >= 0)
        close (fd);
    return ok ? NULL : credentials->why;
}

int credentials_own (credentials_say_t say, char key[ADDRESS_KEY_TEXT + 1])
{
    credentials_t self = {.say = say};
    int status = own_key_take (&self);
    if (status == OUTCOME_OK)
        memcpy (key, self.own_text, sizeof self.own_text);
    keypair_wipe (&self.own);
    return status;
}
