/*  main.c - zchat_sim: runs of the whole of zchat in a world that follows from a seed */
#include "sim.h"
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "Usage: zchat_sim [--seed S] [--runs N | --seconds T | --hours H] [--verbose]\n"
    "\n"
    "Runs the broker's core, its store in memory and many clients on a network and a clock\n"
    "that are made up from a seed, with faults of every kind, and checks that nothing\n"
    "acknowledged is lost, repeated or out of order.\n"
    "\n"
    "  --seed S     of the first run; the next ones count on from it (default: at random)\n"
    "  --runs N     so many runs (default: 1 with --seed, else 100)\n"
    "  --seconds T  as many runs as begin within T seconds\n"
    "  --hours H    as many runs as simulate H hours\n"
    "  --verbose    say what happens\n"
    "\n"
    "Ends with 1 after the first run that fails; its seed makes it happen again.\n";

static char current[64]; /* what is to be said of whoever dies                   */

static void say_seed (void)
{
    if (write (STDOUT_FILENO, current, strlen (current)) < 0)
        return;
}

static void on_death (int number)
{
    say_seed ();
    signal (number, SIG_DFL);
    raise (number);
}

/*  There with the sanitizers only.                                            */
void __sanitizer_set_death_callback (void (*callback) (void)) __attribute__ ((weak));

static double now_s (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

typedef struct {
    uint64_t seed;
    bool seeded;
    uint64_t runs;
    double seconds, hours;
    bool verbose;
} options_t;

static uint64_t number (const char *text)
{
    char *end;
    uint64_t value = strtoull (text, &end, 10);
    if (*end || !*text) {
        fprintf (stderr, "%s is not a number\n", text);
        exit (64);
    }
    return value;
}

static options_t options_read (int argc, char **argv)
{
    static const struct option longs[] = {{"seed", required_argument, NULL, 's'},
                                          {"runs", required_argument, NULL, 'r'},
                                          {"seconds", required_argument, NULL, 't'},
                                          {"hours", required_argument, NULL, 'h'},
                                          {"verbose", no_argument, NULL, 'v'},
                                          {"help", no_argument, NULL, '?'},
                                          {NULL, 0, NULL, 0}};
    options_t options = {.runs = 0};
    int found;
    while ((found = getopt_long (argc, argv, "", longs, NULL)) != -1)
        switch (found) {
        case 's':
            options.seed = number (optarg);
            options.seeded = true;
            break;
        case 'r':
            options.runs = number (optarg);
            break;
        case 't':
            options.seconds = (double)number (optarg);
            break;
        case 'h':
            options.hours = (double)number (optarg);
            break;
        case 'v':
            options.verbose = true;
            break;
        default:
            fputs (usage, stdout);
            exit (optind > 1 && argv[optind - 1] && strcmp (argv[optind - 1], "--help") == 0 ? 0
                                                                                             : 64);
        }
    if (!options.seeded) {
        uint32_t fresh = 0;
        if (getrandom (&fresh, sizeof fresh, 0) != sizeof fresh)
            fresh = (uint32_t)time (NULL);
        options.seed = fresh;
    }
    if (!options.runs && options.seconds <= 0 && options.hours <= 0)
        options.runs = options.seeded ? 1 : 100;
    return options;
}

static void report (const tally_t *tally, uint64_t first, double took_s)
{
    printf ("%" PRIu64 " runs from seed %" PRIu64
            ", %.1f simulated hours in %.1f s (%.0f s a second), "
            "%.1f million events\n",
            tally->runs, first, (double)tally->simulated_ms / 3.6e6, took_s,
            (double)tally->simulated_ms / 1e3 / took_s, (double)tally->events / 1e6);
    printf ("routing ids announced by a thief %" PRIu64 ", refused %" PRIu64 "\n", tally->thefts,
            tally->thefts_refused);
    printf ("names claimed %" PRIu64 ", direct messages %" PRIu64
            ", events in private rooms %" PRIu64 ", invited %" PRIu64 ", put out %" PRIu64 "\n",
            tally->claimed, tally->told, tally->private_events, tally->invited, tally->put_out);
    printf ("edits %" PRIu64 ", reactions %" PRIu64 ", messages taken away %" PRIu64
            ", of all these in private rooms %" PRIu64 "\n",
            tally->edited, tally->reacted, tally->removed, tally->changed_indoors);
    printf ("markers %" PRIu64 ", mentions %" PRIu64 ", searches %" PRIu64 "\n", tally->marked,
            tally->mentioned, tally->searched);
    printf ("rooms purged %" PRIu64 ", given way %" PRIu64 ", forgotten %" PRIu64
            ", begun again %" PRIu64 ", put out of them %" PRIu64 "\n",
            tally->purged, tally->yielded, tally->forgotten, tally->begun_again,
            tally->put_out_by_end);
    printf ("said %" PRIu64 ", acknowledged %" PRIu64 ", refused %" PRIu64 ", unknown %" PRIu64
            ", stored %" PRIu64 " in %" PRIu64 " commits, %" PRIu64 " commits failed\n",
            tally->said, tally->acknowledged, tally->refused, tally->unknown, tally->stored,
            tally->commits, tally->failed_commits);
    printf ("delivered %" PRIu64 ", trimmed %" PRIu64 ", told as lost by retention %" PRIu64
            ", published %" PRIu64 ", dropped on the feed %" PRIu64 ", pages read %" PRIu64 "\n",
            tally->delivered, tally->trimmed, tally->lost, tally->published, tally->dropped,
            tally->reads);
    printf ("everybody had everything %.1f s after the network was whole, at the latest\n",
            (double)tally->converged_most_ms / 1e3);
    for (int i = 0; i < FAULT_COUNT; i++)
        printf ("%s%s %" PRIu64, i ? ", " : "faults: ", fault_name ((fault_t)i), tally->faults[i]);
    putchar ('\n');
}

int main (int argc, char **argv)
{
    options_t options = options_read (argc, argv);
    tally_t tally = {0};
    double began = now_s ();
    bool fine = sodium_init () >= 0;
    signal (SIGABRT, on_death);
    signal (SIGSEGV, on_death);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback (say_seed);
    printf ("first seed %" PRIu64 "\n", options.seed);
    fflush (stdout);
    while (fine && (!options.runs || tally.runs < options.runs) &&
           (options.seconds <= 0 || now_s () - began < options.seconds) &&
           (options.hours <= 0 || (double)tally.simulated_ms / 3.6e6 < options.hours)) {
        uint64_t seed = options.seed + tally.runs;
        snprintf (current, sizeof current, "FAILED seed %" PRIu64 ": it died\n", seed);
        fine = sim_run (seed, &tally, options.verbose);
    }
    report (&tally, options.seed, now_s () - began);
    puts (fine ? "nothing lost, nothing twice, nothing out of order" : "failed");
    return fine ? 0 : 1;
}
