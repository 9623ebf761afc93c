/*  route.c - the table of paths                                               */
#include "route.h"
#include "urltext.h"
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *method;
    const char *path; /* R a room, W a word, N a seq; else literally           */
    route_kind_t kind;
    bool body;
} entry_t;

static const entry_t s_table[] = {
    {"GET", "/rooms", ROUTE_ROOMS, false},
    {"GET", "/rooms/R", ROUTE_HISTORY, false},
    {"POST", "/rooms/R", ROUTE_SAY, true},
    {"GET", "/rooms/R/events", ROUTE_ROOM_EVENTS, false},
    {"GET", "/rooms/R/read", ROUTE_MARKED, false},
    {"PUT", "/rooms/R/read", ROUTE_MARK, true},
    {"GET", "/rooms/R/topic", ROUTE_TOPIC, false},
    {"PUT", "/rooms/R/topic", ROUTE_TOPIC_SET, true},
    {"GET", "/rooms/R/mode", ROUTE_MODE, false},
    {"PUT", "/rooms/R/N", ROUTE_EDIT, true},
    {"DELETE", "/rooms/R/N", ROUTE_REMOVE, false},
    {"PUT", "/rooms/R/N/reactions/W", ROUTE_REACT, false},
    {"DELETE", "/rooms/R/N/reactions/W", ROUTE_UNREACT, false},
    {"POST", "/direct/W", ROUTE_TELL, true},
    {"GET", "/unread", ROUTE_UNREAD, false},
    {"PUT", "/away", ROUTE_AWAY, true},
    {"DELETE", "/away", ROUTE_BACK, false},
    {"GET", "/who", ROUTE_WHO, false},
    {"GET", "/search", ROUTE_SEARCH, false},
    {"GET", "/status", ROUTE_STATUS, false},
    {"GET", "/healthz", ROUTE_HEALTH, false},
    {"GET", "/events", ROUTE_EVENTS, false},
    {"GET", "/", ROUTE_FILE, false},
    {"GET", "/W", ROUTE_FILE, false},
};

enum { ENTRIES = sizeof s_table / sizeof *s_table };

/*  Read one part of the path into where the table says it belongs.            */
static bool part_read (char kind, const char *part, size_t size, route_t *route)
{
    char number[24];
    unsigned long long seq = 0;

    if (kind != 'N')
        return size && urltext_decode (part, size, kind == 'R' ? route->room : route->word,
                                       ZCHAT_NAME_FORM_MAX);
    if (!size || size >= sizeof number)
        return false;
    memcpy (number, part, size);
    number[size] = '\0';
    if (!urltext_number (number, &seq, NULL))
        return false;
    route->seq = seq;
    return true;
}

/*  True where the path has the form of the table's. *good is false where it has, and a part of it
    cannot be read.                                                            */
static bool path_fits (const char *form, const char *path, route_t *route, bool *good)
{
    *good = true;
    while (*form && *path) {
        size_t wanted = strcspn (form + 1, "/") + 1, size = strcspn (path + 1, "/") + 1;
        if (*path != '/')
            return false;
        if (wanted == 2 && strchr ("RWN", form[1])) {
            /*  Words that are none of seqs belong to other rows.              */
            if (form[1] == 'N' && strspn (path + 1, "0123456789") != size - 1)
                return false;
            if (!part_read (form[1], path + 1, size - 1, route))
                *good = false;
        } else if (wanted != size || memcmp (form, path, size) != 0)
            return false;
        form += wanted;
        path += size;
    }
    return !*form && !*path;
}

route_result_t route_read (const char *method, const char *path, route_t *route,
                           char allow[ROUTE_ALLOW_MAX])
{
    bool head = strcmp (method, "HEAD") == 0, options = strcmp (method, "OPTIONS") == 0;
    size_t used = 0;

    for (size_t i = 0; i < ENTRIES; i++) {
        const entry_t *entry = &s_table[i];
        bool good;
        /*  A file's name is the last that a path is taken for.                */
        if (used && entry->kind == ROUTE_FILE)
            break;
        memset (route, 0, sizeof *route);
        if (!path_fits (entry->path, path, route, &good))
            continue;
        if (!good)
            return ROUTE_MALFORMED;
        route->kind = options ? ROUTE_PREFLIGHT : entry->kind;
        route->head = head;
        if (options || strcmp (head ? "GET" : method, entry->method) == 0)
            return ROUTE_FOUND;
        used += (size_t)snprintf (allow + used, ROUTE_ALLOW_MAX - used, "%s%s", used ? ", " : "",
                                  strcmp (entry->method, "GET") == 0 ? "GET, HEAD" : entry->method);
    }
    return used ? ROUTE_METHOD : ROUTE_NOWHERE;
}

bool route_takes_body (route_kind_t kind)
{
    for (size_t i = 0; i < ENTRIES; i++)
        if (s_table[i].kind == kind && s_table[i].body)
            return true;
    return false;
}
