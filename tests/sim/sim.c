/*  sim.c - one run, and what its parts share                                  */
#include "sim.h"
#include "address.h"
#include "editor.h"
#include "faults.h"
#include "judge.h"
#include "keeper.h"
#include "memory.h"
#include "reader.h"
#include "server.h"
#include "stranger.h"
#include "thief.h"
#include "user.h"
#include <stdarg.h>
#include <strings.h>

#define WALL_START_MS 1750000000000u

static const char *const spellings[SIM_ROOMS][3] = {
    {"lobby", "Lobby", "LOBBY"},
    {"dev.ops", "Dev.Ops", "dev.OPS"},
    {"Room_3", "room_3", "ROOM_3"},
    {"x", "X", "x"},
    /*  All one room: they look the same.                           */
    {"\xd1\x81\xd0\xbe\xd1\x80", "\xd0\xa1\xd0\x9e\xd0\xa0", "cop"},
    {"den", "Den", "DEN"},
    {"Vault_9", "vault_9", "VAULT_9"}};

/*  --- reports ---------------------------------------------------------------  */

void sim_wrong (sim_t *sim, const char *format, ...)
{
    va_list args;
    if (sim->failed)
        return;
    sim->failed = true;
    va_start (args, format);
    vsnprintf (sim->what, sizeof sim->what, format, args);
    va_end (args);
    printf ("FAILED seed %llu at %.3f s: %s\n", (unsigned long long)sim->seed,
            (double)sim->now_us / 1e6, sim->what);
    fflush (stdout);
}

void sim_trace (sim_t *sim, const char *format, ...)
{
    va_list args;
    if (!sim->verbose)
        return;
    printf ("%10.3f ", (double)sim->now_us / 1e6);
    va_start (args, format);
    vprintf (format, args);
    va_end (args);
    putchar ('\n');
}

/*  --- time ------------------------------------------------------------------  */

void sim_after (sim_t *sim, uint64_t after_us, void (*happen) (void *arg, uint64_t n), void *arg,
                uint64_t n)
{
    queue_put (sim->queue, sim->now_us + after_us, happen, arg, n);
}

uint64_t sim_delay (sim_t *sim, uint64_t most_us)
{
    return dice_skew (&sim->dice, most_us + 1);
}

uint64_t sim_latency (sim_t *sim)
{
    return sim->plan.latency_us[0] +
           dice_skew (&sim->dice, sim->plan.latency_us[1] - sim->plan.latency_us[0]);
}

uint64_t sim_wall_ms (const sim_t *sim)
{
    return (uint64_t)((int64_t)(WALL_START_MS + sim->slept_ms + sim->now_us / 1000) +
                      sim->wall_off_ms);
}

/*  --- letters ---------------------------------------------------------------  */

size_t sim_live (sim_t *sim)
{
    sim->lives = memory_grow (sim->lives, (sim->n_lives + 1) * sizeof *sim->lives);
    sim->lives[sim->n_lives] = (life_t){.letters = NULL};
    return sim->n_lives++;
}

letter_t *sim_write (sim_t *sim, size_t at, kind_t kind, char *text, size_t size, size_t *index)
{
    life_t *life = &sim->lives[at];
    if (life->count == life->capacity) {
        life->capacity = life->capacity ? 2 * life->capacity : 64;
        life->letters = memory_grow (life->letters, life->capacity * sizeof *life->letters);
    }
    *index = life->count++;
    life->letters[*index] = (letter_t){.fate = FATE_OPEN, .kind = kind};
    size_t used = (size_t)snprintf (text, size, "%c%zu.%zu.", "mpd"[kind], at, *index);
    memset (text + used, 'a' + (int)(*index % 26), size - used - 1);
    text[size - 1] = '\0';
    return &life->letters[*index];
}

letter_t *sim_letter (sim_t *sim, frame_t text, size_t *life, size_t *index)
{
    char begin[48];
    size_t at[2];
    size_t size = text.size < sizeof begin - 1 ? text.size : sizeof begin - 1;
    if (size)
        memcpy (begin, text.data, size);
    begin[size] = '\0';
    int end = 0;
    (void)sscanf (begin, "%*1[mpd]%zu.%zu.%n", &at[0], &at[1], &end); // NOLINT(cert-err34-c)
    if (!end || at[0] >= sim->n_lives || at[1] >= sim->lives[at[0]].count)
        return NULL;
    if (life)
        *life = at[0];
    if (index)
        *index = at[1];
    return &sim->lives[at[0]].letters[at[1]];
}

letter_t *sim_letter_id (sim_t *sim, size_t at, uint64_t id)
{
    life_t *life = &sim->lives[at];
    size_t low = 0, high = life->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (life->letters[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < life->count && life->letters[low].id == id ? &life->letters[low] : NULL;
}

/*  --- rooms -----------------------------------------------------------------  */

const char *sim_room (sim_t *sim, size_t room)
{
    return spellings[room][dice_below (&sim->dice, 3)];
}

size_t sim_room_find (frame_t name)
{
    for (size_t i = 0; i < SIM_ROOMS; i++)
        for (size_t k = 0; k < 3; k++)
            if (name.size == strlen (spellings[i][k]) &&
                strncasecmp (name.data, spellings[i][k], name.size) == 0)
                return i;
    return SIM_NOWHERE;
}

size_t sim_view_find (frame_t name)
{
    return frame_is (name, "@") ? SIM_MAILBOX : sim_room_find (name);
}

/*  --- places ----------------------------------------------------------------  */

const char *sim_place (const sim_t *sim, size_t n)
{
    static const char *const places[] = {"192.0.2.1", "192.0.2.2", "2001:db8:1/1", "2001:db8:1/2"};
    return sim->plan.places ? places[n % sim->plan.places] : NULL;
}

/*  --- keys ------------------------------------------------------------------  */

const char *sim_key (size_t n)
{
    static char texts[SIM_KEYS][ADDRESS_KEY_TEXT + 1];
    uint8_t bytes[ADDRESS_KEY_SIZE];
    memset (bytes, (int)n, sizeof bytes);
    if (!*texts[n])
        address_key_encode (bytes, texts[n]);
    return texts[n];
}

/*  --- a run -----------------------------------------------------------------  */

static void sim_begin (sim_t *sim)
{
    const plan_t *plan = &sim->plan;
    sim->queue = queue_new ();
    book_new (sim);
    sim->server = server_new (sim);
    server_start (sim->server);
    sim->users = memory_zero (plan->users * sizeof (user_t *));
    for (size_t i = 0; i < plan->users; i++) {
        sim->users[i] = user_new (sim, i, i >= plan->users - plan->guests);
        user_start (sim->users[i]);
    }
    sim->strangers = memory_zero (plan->strangers * sizeof (stranger_t *));
    for (size_t i = 0; i < plan->strangers; i++)
        sim->strangers[i] = stranger_new (sim, i);
    if (plan->thief)
        sim->thief = thief_new (sim);
    if (plan->purge_ms)
        sim->keeper = keeper_new (sim);
    sim->editors = memory_zero ((plan->editors + 1) * sizeof (editor_t *));
    for (size_t i = 0; i < plan->editors; i++)
        sim->editors[i] = editor_new (sim, i);
    for (size_t i = 0; i < SIM_READERS && !plan->places && sim->seed % 2; i++)
        sim->readers[i] = reader_new (sim, i);
    faults_begin (sim);
    judge_begin (sim);
}

static void sim_end (sim_t *sim)
{
    for (size_t i = 0; i < sim->plan.users; i++)
        user_free (&sim->users[i]);
    free (sim->users);
    for (size_t i = 0; i < sim->plan.strangers; i++)
        stranger_free (&sim->strangers[i]);
    free (sim->strangers);
    thief_free (&sim->thief);
    keeper_free (&sim->keeper);
    for (size_t i = 0; i < sim->plan.editors; i++)
        editor_free (&sim->editors[i]);
    free (sim->editors);
    for (size_t i = 0; i < SIM_READERS; i++)
        reader_free (&sim->readers[i]);
    server_free (&sim->server);
    wire_free (sim);
    for (size_t i = 0; i < sim->n_books; i++)
        book_free (sim->books[i]);
    free (sim->books);
    for (size_t i = 0; i < sim->n_lives; i++)
        free (sim->lives[i].letters);
    free (sim->lives);
    queue_destroy (&sim->queue);
}

bool sim_run (uint64_t seed, tally_t *tally, bool verbose)
{
    sim_t sim = {.seed = seed, .verbose = verbose, .tally = tally};
    queue_event_t event;
    dice_seed (&sim.dice, seed);
    plan_draw (&sim.plan, &sim.dice);
    sim_begin (&sim);
    while (!sim.failed && !sim.over && queue_take (sim.queue, &event)) {
        sim.now_us = event.at_us;
        event.happen (event.arg, event.n);
        tally->events++;
    }
    tally->runs++;
    tally->simulated_ms += sim.now_us / 1000;
    sim_end (&sim);
    return !sim.failed;
}
