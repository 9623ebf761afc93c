/*  token_names.c - whose a token is that comes without a name                 */
#include "token_names.h"
#include "memory.h"
#include "options.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { HASH_SIZE = 32, HASH_TEXT = 2 * HASH_SIZE };

struct token_names {
    const char *path;
    char *text; /* NULL: not read                                               */
    struct stat seen;
    bool missing; /* that it is not there was said                              */
};

/*  The next word of a line, ended by a blank, or by the line's end; *size 0: there is none. */
static const char *word_next (const char *at, size_t *size)
{
    at += strspn (at, " \t");
    *size = strcspn (at, " \t\r\n");
    return at;
}

/*  The line is of this hash, and has a name that fits.                         */
static bool line_is (const char *line, const char hash[HASH_TEXT + 1], credential_t *credential)
{
    size_t name_size, size;
    const char *name = word_next (line, &name_size), *word = word_next (name + name_size, &size);
    word = word_next (word + size, &size);
    if (*name == '#' || name_size == 0 || name_size > ZCHAT_NAME_FORM_MAX || size != HASH_TEXT ||
        memcmp (word, hash, HASH_TEXT) != 0)
        return false;
    memcpy (credential->name, name, name_size);
    credential->name[name_size] = '\0';
    return true;
}

bool token_names_in (const char *text, credential_t *credential)
{
    uint8_t token[ZCHAT_TOKEN_SIZE], hashed[HASH_SIZE];
    char hash[HASH_TEXT + 1];
    size_t size = 0;
    if (sodium_hex2bin (token, sizeof token, credential->secret, strlen (credential->secret), NULL,
                        &size, NULL) != 0 ||
        size != sizeof token)
        return false;
    (void)crypto_generichash (hashed, sizeof hashed, token, sizeof token, NULL, 0);
    sodium_bin2hex (hash, sizeof hash, hashed, sizeof hashed);
    sodium_memzero (token, sizeof token);
    for (const char *line = text; *line; line += *line == '\n') {
        if (line_is (line, hash, credential))
            return true;
        line += strcspn (line, "\n");
    }
    return false;
}

/*  --- the file ---------------------------------------------------------------- */

token_names_t *token_names_new (const char *path)
{
    token_names_t *self = memory_zero (sizeof *self);
    self->path = path;
    return self;
}

void token_names_destroy (token_names_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->text);
    free (*self_p);
    *self_p = NULL;
}

/*  Its rights may change, too: then it may be read, and could not before.      */
static bool same (const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool token_names_find (token_names_t *self, credential_t *credential)
{
    struct stat now = {0};
    if (stat (self->path, &now) != 0) {
        if (!self->missing)
            options_say ("%s: %s; no token has a name", self->path, strerror (errno));
        self->missing = true;
        return false;
    }
    if (self->missing || !same (&now, &self->seen)) {
        free (self->text);
        self->text = options_file (self->path, ZCHAT_TOKENS_FILE_MAX, false);
        self->missing = false;
        self->seen = now;
    }
    return self->text && token_names_in (self->text, credential);
}
