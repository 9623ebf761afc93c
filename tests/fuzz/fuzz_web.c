/*  fuzz_web.c - what browsers, and whoever else speaks HTTP, send to zchat-web

    Each line of the input is one try: a letter, then parts (see fuzz.h).

        p method|path             a request line
        a header                  Authorization
        g host|origin|site        Host, Origin, Sec-Fetch-Site; "-": the header is not there
        c id|room|room...         the id of a stream of these rooms
        s data                    an event as text
        i header                  Idempotency-Key

    What must hold: what is decoded is UTF-8 within its bounds; only who is of this door or allowed
    may come in; a cursor that was read is written, and read again, as the same; no data of an event
    can be taken for a line of its own. */
#include "credential.h"
#include "cursors.h"
#include "fuzz.h"
#include "guard.h"
#include "memory.h"
#include "once.h"
#include "route.h"
#include "sse.h"
#include "text.h"
#include <strings.h>

static void try_path (const char *method, const char *path)
{
    route_t route;
    char allow[ROUTE_ALLOW_MAX] = "";
    route_result_t result = route_read (method, path, &route, allow);

    fuzz_check (result != ROUTE_METHOD || (*allow && strlen (allow) < sizeof allow));
    if (result != ROUTE_FOUND)
        return;
    fuzz_check (text_valid (frame_str (route.room)) && text_valid (frame_str (route.word)));
    fuzz_check (*path == '/');
    fuzz_check (route.kind != ROUTE_SAY || *route.room);
}

static void try_credential (const char *header)
{
    credential_t who;

    if (!credential_read (header, &who))
        return;
    size_t size = strlen (who.secret);
    fuzz_check ((*who.name || who.proves) && text_valid (frame_str (who.name)));
    fuzz_check (size == (who.proves ? 64 : 32));
    fuzz_check (strspn (who.secret, "0123456789abcdef") == size);
}

static const char *header_of (const char *text)
{
    return strcmp (text, "-") == 0 ? NULL : text;
}

static void try_guard (const char *host, const char *origin, const char *site)
{
    static const char *const hosts[] = {"chat.org"}, *const origins[] = {"https://app.org"};
    const guard_t guard = {hosts, 1, origins, 1};
    bool known = guard_host (&guard, host);
    guard_origin_t from = guard_origin (&guard, origin, host, site);

    /*  A name that is neither ours nor a number begins with no digit of one.   */
    if (known && strspn (host, "0123456789.:[]abcdefABCDEF") != strlen (host))
        fuzz_check (strncasecmp (host, "chat.org", 8) == 0 ||
                    strncasecmp (host, "localhost", 9) == 0);
    if (origin && from == GUARD_OWN)
        fuzz_check (host && strlen (origin) > strlen (host) &&
                    strcasecmp (origin + strlen (origin) - strlen (host), host) == 0);
    if (from == GUARD_ALLOWED)
        fuzz_check (strcasecmp (origin, origins[0]) == 0);
}

static void try_cursors (char *const *parts, size_t count)
{
    cursor_t cursors[FUZZ_FRAMES_MAX] = {{0}}, again[FUZZ_FRAMES_MAX] = {{0}};
    buffer_t text = {0};
    size_t rooms = count - 1, known = 0;

    for (size_t i = 0; i < rooms; i++)
        cursors[i].room = again[i].room = parts[i + 1];
    if (!rooms || !cursors_read (parts[0], cursors, rooms))
        return;
    cursors_write (&text, cursors, rooms);
    for (size_t i = 0; i < rooms; i++) {
        fuzz_check (cursors[i].seq <= ZCHAT_SEQ_MAX);
        known += cursors[i].known;
    }
    if (known && rooms > 1)
        fuzz_check (cursors_read (text.data, again, rooms));
    for (size_t i = 0; known && rooms > 1 && i < rooms; i++)
        fuzz_check (again[i].known == cursors[i].known && again[i].seq == cursors[i].seq);
    buffer_free (&text);
}

static void try_event (frame_t data)
{
    buffer_t text = {0};

    sse_write (&text, "name", "17", data.data, data.size);
    frame_t rest = frame_of (text.data, text.size), line;
    fuzz_check (!memchr (text.data, '\r', text.size));
    fuzz_check (fuzz_line (&rest, &line) && frame_is (line, "event: name"));
    fuzz_check (fuzz_line (&rest, &line) && frame_is (line, "id: 17"));
    while (fuzz_line (&rest, &line) && line.size)
        fuzz_check (line.size >= 6 && memcmp (line.data, "data: ", 6) == 0);
    fuzz_check (rest.size == 0);
    buffer_free (&text);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    fuzz_escapes_t escapes = {.spent = FUZZ_BUDGET_MAX - (1 << 18)};
    frame_t text = frame_of (data, size), line;

    while (fuzz_line (&text, &line)) {
        frame_t frames[FUZZ_FRAMES_MAX];
        char *parts[FUZZ_FRAMES_MAX];
        const char *bytes = line.data;
        if (line.size == 0)
            continue;
        size_t count = fuzz_frames (&escapes, frame_of (bytes + 1, line.size - 1), frames);
        for (size_t i = 0; i < FUZZ_FRAMES_MAX; i++)
            parts[i] = fuzz_string (i < count ? frames[i] : frame_str (""));
        if (*bytes == 'p')
            try_path (parts[0], parts[1]);
        else if (*bytes == 'a')
            try_credential (parts[0]);
        else if (*bytes == 'g')
            try_guard (header_of (parts[0]), header_of (parts[1]), header_of (parts[2]));
        else if (*bytes == 'c')
            try_cursors (parts, count);
        else if (*bytes == 's')
            try_event (frames[0]);
        else if (*bytes == 'i' && once_header_valid (parts[0]))
            fuzz_check (strlen (parts[0]) <= ONCE_HEADER_MAX);
        for (size_t i = 0; i < FUZZ_FRAMES_MAX; i++)
            free (parts[i]);
        fuzz_frames_free (frames, count);
    }
    return 0;
}

/*  --- what inputs are made of -----------------------------------------------  */

#define HALF "0123456789abcdef0123456789abcdef"

const char *const fuzz_lines[] = {"pGET|/rooms/dev/events",
                                  "pPUT|/rooms/%D0%B4/17/reactions/%2B1",
                                  "pOPTIONS|/",
                                  "aBearer ada:" HALF HALF,
                                  "aBasic YWRhOjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm",
                                  "gchat.org:443|https://chat.org:443|-",
                                  "g[::1]:80|-|cross-site",
                                  "cdev=1;%D0%B4=2|dev|\xd0\xb4",
                                  "c17|dev",
                                  "s{\\n\"a\":1\\x0d}",
                                  "ikey",
                                  NULL};

const char *const fuzz_parts[] = {"GET",
                                  "POST",
                                  "DELETE",
                                  "/rooms/",
                                  "/direct/",
                                  "/events",
                                  "/17",
                                  "%2F",
                                  "%00",
                                  "%C0%AF",
                                  "..",
                                  "Bearer ",
                                  "Basic ",
                                  HALF,
                                  ":",
                                  "chat.org",
                                  "localhost",
                                  "127.0.0.1",
                                  "[::1]",
                                  "https://",
                                  "http://app.org",
                                  "https://app.org",
                                  "null",
                                  "-",
                                  "same-site",
                                  "=1;",
                                  "1099511627775",
                                  "\\x0d\\n",
                                  "\\n\\n",
                                  "data: ",
                                  NULL};
