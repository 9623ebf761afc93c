/*  admin_print.c - answers of the admin door as lines for people              */
#include "admin_print.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t number (const json_t *json, const char *key)
{
    return json_integer_value (json_object_get (json, key));
}

static bool truth (const json_t *json, const char *key)
{
    return json_is_true (json_object_get (json, key));
}

/*  As it may be shown; the caller frees it.                                   */
static char *shown (const json_t *json, const char *key)
{
    const json_t *text = json_object_get (json, key);
    return text_display (frame_of (json_string_value (text), json_string_length (text)), TEXT_LINE,
                         NULL);
}

static void print_text (const char *before, const json_t *json, const char *key)
{
    char *text = shown (json, key);
    printf ("%s%s", before, text);
    free (text);
}

static void print_bytes (const char *before, int64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1024 && unit < 4) {
        amount /= 1024;
        unit++;
    }
    printf (unit ? "%s%.1f %s" : "%s%.0f %s", before, amount, units[unit]);
}

static void print_span (const char *before, int64_t ms)
{
    int64_t s = ms / 1000, days = s / 86400, hours = s / 3600 % 24, minutes = s / 60 % 60;
    printf ("%s", before);
    if (days)
        printf ("%" PRId64 " d %" PRId64 " h", days, hours);
    else if (hours)
        printf ("%" PRId64 " h %" PRId64 " min", hours, minutes);
    else if (minutes)
        printf ("%" PRId64 " min %" PRId64 " s", minutes, s % 60);
    else
        printf ("%" PRId64 ".%" PRId64 " s", s, ms % 1000 / 100);
}

static void print_log (const json_t *log)
{
    print_text ("log      ", log, "id");
    printf (" at position %" PRId64, number (log, "position"));
    if (json_object_get (log, "last_commit_ms"))
        print_span (", last commit ", number (log, "last_commit_ms"));
    printf ("%s\n", json_object_get (log, "last_commit_ms") ? " ago" : ", nothing committed yet");
    if (truth (log, "failing"))
        puts ("         IT CANNOT BE WRITTEN: see storage-fails in the log file");
}

static void print_disk (const json_t *disk)
{
    if (!number (disk, "bytes"))
        return;
    print_bytes ("disk     ", number (disk, "free_bytes"));
    print_bytes (" free of ", number (disk, "bytes"));
    print_bytes ("; zchat.db ", number (disk, "log_bytes"));
    print_bytes (", its WAL ", number (disk, "wal_bytes"));
    puts (truth (disk, "low") ? ": THE DISK IS LOW" : "");
}

void print_status (const json_t *status)
{
    const json_t *here = json_object_get (status, "here"),
                 *rates = json_object_get (status, "rates");
    const json_t *index = json_object_get (status, "index");
    const json_t *process = json_object_get (status, "process");
    print_text ("zchatd   ", status, "version");
    printf (", process %" PRId64, number (status, "pid"));
    print_span (", up ", number (status, "uptime_ms"));
    puts (truth (status, "stopping") ? ", STOPPING" : "");
    print_text ("data     ", status, "data");
    puts ("");
    print_log (json_object_get (status, "log"));
    printf ("here     %" PRId64 " rooms, %" PRId64 " people in %" PRId64 " sessions, %" PRId64
            " connections\n",
            number (here, "rooms"), number (here, "users"), number (here, "sessions"),
            number (here, "connections"));
    printf ("rates    %.1f events and %.1f answers a second",
            json_number_value (json_object_get (rates, "events_s")),
            json_number_value (json_object_get (rates, "answers_s")));
    print_span (" over ", number (rates, "span_ms"));
    puts ("");
    if (json_is_null (index))
        puts ("index    off");
    else
        printf ("index    %" PRId64 " events behind\n", number (index, "behind"));
    print_disk (json_object_get (status, "disk"));
    printf ("process  %" PRId64 " of %" PRId64 " descriptors", number (process, "descriptors"),
            number (process, "descriptors_max"));
    print_bytes (", ", number (process, "resident_bytes"));
    printf (", %.1f s of processor time\n", json_number_value (json_object_get (process, "cpu_s")));
    if (truth (status, "clock_doubted"))
        puts ("         THE CLOCK WAS SET by more than an hour: see clock-jumped in the log file");
}

void print_rooms (const json_t *rooms)
{
    const json_t *room;
    size_t i;
    json_array_foreach (rooms, i, room)
    {
        print_text ("", room, "room");
        printf (" members=%" PRId64 " first=%" PRId64 " head=%" PRId64 "%s",
                number (room, "members"), number (room, "first"), number (room, "head"),
                truth (room, "private") ? " private" : "");
        if (json_string_length (json_object_get (room, "topic")))
            print_text (" topic: ", room, "topic");
        puts ("");
    }
}

void print_sessions (const json_t *sessions)
{
    const json_t *session;
    size_t i;
    json_array_foreach (sessions, i, session)
    {
        print_text ("", session, "user");
        printf (" rooms=%" PRId64, number (session, "rooms"));
        print_span (" silent=", number (session, "silent_ms"));
        print_text (" address=", session, "address");
        if (json_string_length (json_object_get (session, "key")))
            print_text (" key=", session, "key");
        printf ("%s%s%s%s\n", truth (session, "proven") ? " proven" : "",
                truth (session, "admin") ? " admin" : "",
                truth (session, "hello") ? "" : " no-hello",
                truth (session, "lost") ? " lost" : "");
    }
}

/*  Sessions of a user stand side by side.                                     */
void print_users (const json_t *sessions)
{
    size_t count = json_array_size (sessions);
    for (size_t i = 0, n; i < count; i += n) {
        const json_t *session = json_array_get (sessions, i);
        const char *user = json_string_value (json_object_get (session, "user"));
        for (n = 1; i + n < count; n++) {
            const json_t *next = json_object_get (json_array_get (sessions, i + n), "user");
            if (strcmp (user ? user : "", json_string_value (next) ? json_string_value (next) : ""))
                break;
        }
        print_text ("", session, "user");
        printf (" sessions=%zu%s\n", n, truth (session, "proven") ? " proven" : "");
    }
}

static void print_list (const char *before, const json_t *list)
{
    const json_t *word;
    size_t i;
    printf ("%s", before);
    json_array_foreach (list, i, word)
    {
        printf (" %s", json_string_value (word) ? json_string_value (word) : "");
    }
    puts (json_array_size (list) ? "" : " nothing");
}

void print_reload (const json_t *said)
{
    print_list ("other than at the start, and counts now:", json_object_get (said, "taken"));
    print_list ("waits for a restart:", json_object_get (said, "restart"));
}
