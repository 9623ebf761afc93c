/*  options.h - what zchat-web was told                                         */
#ifndef ZCHAT_WEB_OPTIONS_H
#define ZCHAT_WEB_OPTIONS_H

#include "credential.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { OPTIONS_LIST_MAX = ZCHAT_WEB_HOOKS_MAX }; /* values of one option                         */

/*  Exit statuses, as sysexits.h has them.                                       */
enum {
    OUTCOME_OK = 0,
    OUTCOME_USAGE = 64,
    OUTCOME_DATA = 65,
    OUTCOME_SYSTEM = 71,
    OUTCOME_REFUSED = 77
};

typedef struct {
    char *room, *url;
} options_hook_t;

typedef struct {
    const char *listen;
    struct sockaddr_storage address; /* the same                                */
    const char *endpoint;
    const char *feed; /* or NULL                                               */
    const char *hosts[OPTIONS_LIST_MAX];
    size_t n_hosts;
    const char *origins[OPTIONS_LIST_MAX];
    size_t n_origins;
    bool free_names, insecure;
    const char *tokens;     /* the broker's file of tokens, or NULL            */
    const char *cert, *key; /* files, or NULL                                  */
    options_hook_t hooks[OPTIONS_LIST_MAX];
    size_t n_hooks;
    const char *state;       /* folder of the hooks' cursors, or NULL          */
    char *hook_secret;       /* or NULL: not signed                            */
    credential_t credential; /* as whom the hooks read; "": a guest            */
    int ready_fd;            /* -1: none                                       */
} options_t;

/*  Read them. -1: go on; else the exit status, and what there was to say has been said.
    options_free in any case.                                                    */
int options_read (options_t *options, int argc, char **argv);
void options_free (options_t *options);

/*  Read a whole file of at most max bytes, as a string the caller frees; private_only: others must
    not be able to read it. NULL, and the reason was said.                      */
char *options_file (const char *path, size_t max, bool private_only);

/*  Write "zchat-web: ..." to standard error, as one line that is fit to be shown. */
void options_say (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

#endif
