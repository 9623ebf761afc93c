/*  options_private.h - what the files options*.c know of each other           */
#ifndef ZCHAT_OPTIONS_PRIVATE_H
#define ZCHAT_OPTIONS_PRIVATE_H

#include "options.h"

enum {
    DOOR,
    FEED,
    ANNOUNCE_FEED,
    ANNOUNCE,
    DATA,
    RETAIN,
    DISK_LOW,
    EDIT_WINDOW,
    INSECURE,
    WS,
    CURVE,
    ADMISSION,
    HOST,
    ADMIN,
    QUOTA,
    INDEX,
    LOG_FORMAT,
    LOG_LEVEL,
    READY_FD,
    METRICS,
    N_SETTINGS
};

/*  Where the values of a setting came from: the highest source that has any replaces all others. */
typedef enum { FROM_NOWHERE, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAGS } source_t;

/*  The values of a setting, as they were given.                               */
typedef struct {
    char *values[OPTIONS_ENDPOINTS_MAX];
    size_t count;
    source_t source;
} raw_t;

typedef struct {
    raw_t raw[N_SETTINGS];
    const char *config; /* the file, or NULL                                     */
} gathered_t;

/*  Say what is wrong with a value, and where it came from. Returns the exit status. */
int options_reject (const gathered_t *all, int setting, const char *value, const char *why);

/*  What the values mean. -1, or the exit status. Values may be moved out of *all. */
int options_take (options_t *options, gathered_t *all);

#endif
