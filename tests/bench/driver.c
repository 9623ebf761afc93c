/*  driver - one measurement of one server: see usage.  */
#include "arrive.h"
#include "crowd.h"
#include "relay.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char usage[] =
    "usage: bench_driver --relay PORT\n"
    "       bench_driver --dialect NAME --server PID --door PORT --feed PORT [--rooms N]\n"
    "                    [--listeners N] [--speakers N] [--body BYTES] [--window N]\n"
    "                    [--curve KEY | --tls]\n"
    "                    [--count N] [--seconds S] [--replay | --arrive CLIENTS]\n"
    "\n"
    "Says messages in rooms and hears them; prints what that took as JSON. --window 1: a message\n"
    "waits until the one before has arrived everywhere. --replay: then reads them all again. "
    "--arrive: so many clients\n"
    "come at once into the rooms, and are idle for --seconds.\n";

enum {
    OPT_DIALECT = 1,
    OPT_SERVER,
    OPT_DOOR,
    OPT_FEED,
    OPT_ROOMS,
    OPT_LISTENERS,
    OPT_SPEAKERS,
    OPT_BODY,
    OPT_WINDOW,
    OPT_COUNT,
    OPT_SECONDS,
    OPT_REPLAY,
    OPT_ARRIVE,
    OPT_CURVE,
    OPT_TLS,
    OPT_RELAY
};

static const struct option options[] = {
    {"dialect", required_argument, NULL, OPT_DIALECT},
    {"server", required_argument, NULL, OPT_SERVER},
    {"door", required_argument, NULL, OPT_DOOR},
    {"feed", required_argument, NULL, OPT_FEED},
    {"rooms", required_argument, NULL, OPT_ROOMS},
    {"listeners", required_argument, NULL, OPT_LISTENERS},
    {"speakers", required_argument, NULL, OPT_SPEAKERS},
    {"body", required_argument, NULL, OPT_BODY},
    {"window", required_argument, NULL, OPT_WINDOW},
    {"count", required_argument, NULL, OPT_COUNT},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"replay", no_argument, NULL, OPT_REPLAY},
    {"curve", required_argument, NULL, OPT_CURVE},
    {"tls", no_argument, NULL, OPT_TLS},
    {"arrive", required_argument, NULL, OPT_ARRIVE},
    {"relay", required_argument, NULL, OPT_RELAY},
    {NULL, 0, NULL, 0},
};

/*  32 bytes in hex.  */
static bool key_read (uint8_t key[32], const char *text)
{
    if (strlen (text) != 64)
        return false;
    for (int i = 0; i < 32; i++)
        if (sscanf (text + 2 * i, "%2hhx", &key[i]) != 1)
            return false;
    return true;
}

static bool take (crowd_plan_t *plan, int option, const char *value)
{
    const double number = value ? atof (value) : 0;
    switch (option) {
    case OPT_DIALECT:
        plan->dialect = dialect_find (value);
        return plan->dialect != NULL;
    case OPT_SERVER:
        plan->server = (int)number;
        return number > 0;
    case OPT_DOOR:
        plan->door = (int)number;
        return number > 0;
    case OPT_FEED:
        plan->feed = (int)number;
        return number > 0;
    case OPT_ROOMS:
        plan->rooms = (int)number;
        return number > 0;
    case OPT_LISTENERS:
        plan->listeners = (int)number;
        return number >= 0;
    case OPT_SPEAKERS:
        plan->speakers = (int)number;
        return number > 0;
    case OPT_BODY:
        plan->body = (size_t)number;
        return number >= BODY_HEAD && number <= 65536;
    case OPT_WINDOW:
        plan->window = (uint64_t)number;
        return number > 0;
    case OPT_COUNT:
        plan->count = (uint64_t)number;
        return number > 0;
    case OPT_SECONDS:
        plan->seconds = number;
        return number > 0;
    case OPT_CURVE:
        plan->guard.kind = GUARD_CURVE;
        return key_read (plan->guard.server_key, value);
    case OPT_TLS:
        plan->guard.kind = GUARD_TLS;
        return true;
    default:
        return false;
    }
}

static void print (const char *name, const crowd_result_t *result)
{
    printf ("\"%s\":{\"messages\":%llu,\"deliveries\":%llu,\"seconds\":%.6f,\"cpu\":%.6f,"
            "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"join_ms\":%.2f,\"kib\":%.2f}",
            name, (unsigned long long)result->messages, (unsigned long long)result->deliveries,
            (double)result->ns / 1e9, (double)result->cpu_ns / 1e9,
            samples_us (&result->waits, 500), samples_us (&result->waits, 990),
            samples_us (&result->waits, 999), (double)result->join_ns / 1e6,
            result->connection_kib);
}

/*  As many descriptors as may be had.  */
static void open_many (void)
{
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit (RLIMIT_NOFILE, &limit);
    }
}

int main (int argc, char **argv)
{
    crowd_plan_t plan = {.rooms = 1,
                         .speakers = 1,
                         .body = 64,
                         .window = 1024,
                         .seconds = 1,
                         .count = UINT32_MAX / 2};
    bool replay = false;
    int clients = 0;
    for (int option; (option = getopt_long (argc, argv, "", options, NULL)) != -1;) {
        if (option == OPT_RELAY)
            relay_serve (atoi (optarg));
        else if (option == OPT_REPLAY)
            replay = true;
        else if (option == OPT_ARRIVE)
            clients = atoi (optarg);
        else if (!take (&plan, option, optarg)) {
            fputs (usage, stderr);
            return 64;
        }
    }
    const bool several = plan.speakers > 1 && (plan.listeners || plan.rooms > 1);
    if (!plan.dialect || !plan.server || !plan.door || !plan.feed || several || optind < argc ||
        (replay && (!plan.dialect->fetch || plan.listeners))) {
        fputs (usage, stderr);
        return 64;
    }
    open_many ();
    crowd_result_t result = {0}, again = {0};
    if (clients > 0) {
        arrive_run (&plan, clients, &result);
        putchar ('{');
        print ("arrive", &result);
        puts ("}");
        return 0;
    }
    crowd_t *crowd = crowd_new (&plan);
    crowd_run (crowd, &result);
    putchar ('{');
    print ("run", &result);
    if (replay) {
        crowd_replay (crowd, &again);
        putchar (',');
        print ("replay", &again);
    }
    puts ("}");
    crowd_destroy (&crowd);
    return 0;
}
