/*  crowd.c - many clients in one process: crowd OPTION..., see usage

    Driven by lines on standard input, answers on standard output; ends where that input
    ends. It never says that all is well: it counts and writes down, others compare.
*/
#include "member.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static const char usage[] =
    "crowd - many clients in one process\n"
    "  --endpoint E      the broker's door\n"
    "  --clients N       so many\n"
    "  --first I         number of the first one (0); PREFIX and the number are its name\n"
    "  --prefix P        (c)\n"
    "  --incarnation I   stands in every message (1)\n"
    "  --rooms R         there are so many (10)\n"
    "  --each K          a client is in so many of them (1)\n"
    "  --whole W         one client in W hears its rooms from the beginning (1)\n"
    "  --pad BYTES       padding of a message (40)\n"
    "  --seed S          (1)\n"
    "  --brief           write down no messages, only what is unusual\n"
    "  --out FILE        the transcript\n"
    "Lines on standard input:\n"
    "  load RATE BURST MS         messages a second, and so many at once every MS (0: none)\n"
    "  window SENDERS COUNT       the first SENDERS keep COUNT messages on their way\n"
    "  churn CONNECTS MOVES NAMES TOPICS    of each so many in 1,000 s\n"
    "  burst COUNT                so many messages now\n"
    "  nap MS                     do nothing at all meanwhile; libzmq's threads go on\n"
    "  mark                       forget who was disconnected\n"
    "  status, latency, lives     ask; the answer ends with a line \"end\"\n"
    "  latency whole              likewise, since this was asked for\n"
    "  quit\n";

enum { READY_MAX = 256, COMMAND_MAX = 256, TURN_SAYS = 4096, EXTRA_ROOMS = 1000 };

typedef struct {
    double rate;    /* a second                                                   */
    uint64_t at_us; /* done until then                                            */
} pace_t;

typedef struct {
    crowd_t crowd;
    member_t *members;
    unsigned count;
    unsigned first;
    unsigned made; /* numbers given, for churn                               */
    uint64_t rng;
    int epoll;
    pace_t steady;
    unsigned burst;
    uint64_t burst_us; /* every; 0: none                                         */
    uint64_t next_burst_us;
    unsigned window_senders, window;
    pace_t connects, moves, names, topics;
    char command[COMMAND_MAX];
    size_t command_size;
    bool quit;
} process_t;

static uint64_t below (process_t *self, uint64_t bound)
{
    self->rng ^= self->rng << 13;
    self->rng ^= self->rng >> 7;
    self->rng ^= self->rng << 17;
    return self->rng % bound;
}

/*  --- members ---------------------------------------------------------------  */

static bool watch (process_t *self, unsigned index)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};

    return epoll_ctl (self->epoll, EPOLL_CTL_ADD, zchat_client_fd (self->members[index].client),
                      &event) == 0;
}

static bool members_start (process_t *self)
{
    self->members = memory_zero (self->count * sizeof *self->members);
    for (unsigned i = 0; i < self->count; i++)
        if (!member_start (&self->members[i], &self->crowd, self->first + i) || !watch (self, i))
            return false;
    self->made = self->count;
    return true;
}

static member_t *somebody (process_t *self)
{
    return &self->members[below (self, self->count)];
}

static void somebody_says (process_t *self, uint64_t now_us)
{
    member_say (somebody (self), (unsigned)below (self, MEMBER_ROOMS_MAX), now_us);
}

/*  A client goes without a word, and a new one comes under a name never heard.  */
static void connect_anew (process_t *self)
{
    unsigned index = (unsigned)below (self, self->count);

    member_stop (&self->members[index]);
    if (!member_start (&self->members[index], &self->crowd, self->first + self->made++) ||
        !watch (self, index)) {
        fputs ("crowd: no more sockets\n", stderr);
        self->quit = true;
    }
    self->crowd.connects++;
}

/*  --- doing -----------------------------------------------------------------  */

/*  How many are due; what could not be done in time (SIGSTOP) is not made up for. */
static uint64_t pace_due (pace_t *pace, uint64_t now_us)
{
    uint64_t due;

    if (pace->rate <= 0)
        return 0;
    if (now_us - pace->at_us > 1000000)
        pace->at_us = now_us - 1000000;
    due = (uint64_t)((double)(now_us - pace->at_us) * pace->rate / 1e6);
    pace->at_us += (uint64_t)((double)due * 1e6 / pace->rate);
    return due;
}

static uint64_t pace_next_us (const pace_t *pace)
{
    return pace->rate > 0 ? pace->at_us + (uint64_t)(1e6 / pace->rate) + 1 : UINT64_MAX;
}

/*  Half of the bursts are of one client, half of all.                         */
static void burst (process_t *self, unsigned count, uint64_t now_us)
{
    member_t *one = somebody (self);
    bool alone = below (self, 2);

    for (unsigned i = 0; i < count; i++)
        if (alone)
            member_say (one, (unsigned)below (self, MEMBER_ROOMS_MAX), now_us);
        else
            somebody_says (self, now_us);
}

static void talk (process_t *self, uint64_t now_us)
{
    uint64_t due = pace_due (&self->steady, now_us);

    for (uint64_t i = 0; i < due; i++)
        somebody_says (self, now_us);
    if (self->burst_us && now_us >= self->next_burst_us) {
        burst (self, self->burst, now_us);
        self->next_burst_us = now_us + self->burst_us / 2 + below (self, self->burst_us);
    }
    for (unsigned i = 0; i < self->window_senders && i < self->count; i++) {
        size_t under_way = zchat_client_unacknowledged (self->members[i].client);
        for (; under_way < self->window; under_way++)
            member_say (&self->members[i], 0, now_us);
    }
}

static void churn (process_t *self, uint64_t now_us)
{
    for (uint64_t due = pace_due (&self->connects, now_us); due && !self->quit; due--)
        connect_anew (self);
    for (uint64_t due = pace_due (&self->moves, now_us); due; due--)
        member_move (somebody (self), (unsigned)below (self, EXTRA_ROOMS));
    for (uint64_t due = pace_due (&self->names, now_us); due; due--)
        member_rename (somebody (self));
    for (uint64_t due = pace_due (&self->topics, now_us); due; due--)
        member_topic (somebody (self), 0, self->crowd.topics);
}

/*  --- answers ---------------------------------------------------------------  */

/*  What the members heard of a room: how many are in it, the least and the most that one
    of them has, whether all that heard it from seq 1 to there heard the same.   */
static void room_tell (process_t *self, unsigned number)
{
    char name[32];
    unsigned pairs = 0;
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    uint64_t hash = 0;
    bool agree = true;

    snprintf (name, sizeof name, "room%u", number);
    for (unsigned i = 0; i < self->count; i++)
        for (unsigned k = 0; k < self->crowd.rooms_each; k++) {
            const member_room_t *room = &self->members[i].rooms[k];
            if (strcmp (room->name, name) != 0)
                continue;
            pairs++;
            least = room->last < least ? room->last : least;
            if (room->last > most)
                hash = 0;
            most = room->last > most ? room->last : most;
            if (room->last == most && room->first == 1) {
                agree = agree && (!hash || hash == room->hash);
                hash = room->hash;
            }
        }
    printf ("room %s %u %" PRIu64 " %" PRIu64 " %" PRIx64 " %d\n", name, pairs, pairs ? least : 0,
            most, hash, agree);
}

static void status_tell (process_t *self)
{
    const crowd_t *crowd = &self->crowd;
    unsigned live = 0;
    unsigned lost = 0;
    size_t under_way = 0;

    for (unsigned i = 0; i < self->count; i++) {
        live += self->members[i].live_us != 0;
        lost += self->members[i].lost;
        under_way += zchat_client_unacknowledged (self->members[i].client);
    }
    printf ("members=%u live=%u lost=%u unacked=%zu said=%" PRIu64 " acked=%" PRIu64
            " failed=%" PRIu64 " unknown=%" PRIu64 " full=%" PRIu64 " heard=%" PRIu64
            " holes=%" PRIu64 " again=%" PRIu64 " refused=%" PRIu64 " parted=%" PRIu64
            " gone=%" PRIu64 " replaced=%" PRIu64 " topics=%" PRIu64 " renames=%" PRIu64
            " connects=%" PRIu64 "\n",
            self->count, live, lost, under_way, crowd->said, crowd->acked, crowd->failed,
            crowd->unknown, crowd->full, crowd->heard, crowd->holes, crowd->again, crowd->refused,
            crowd->parted, crowd->gone, crowd->replaced, crowd->topics, crowd->renames,
            crowd->connects);
    for (unsigned i = 0; i < crowd->rooms; i++)
        room_tell (self, i);
}

static void latency_tell (histogram_t *latency)
{
    printf ("count=%" PRIu64 " p50=%" PRIu64 " p90=%" PRIu64 " p99=%" PRIu64 " p999=%" PRIu64
            " max=%" PRIu64 "\n",
            latency->count, histogram_at (latency, 0.5), histogram_at (latency, 0.9),
            histogram_at (latency, 0.99), histogram_at (latency, 0.999), latency->max);
    *latency = (histogram_t){0};
}

/*  When each member became live: microseconds of CLOCK_MONOTONIC, 0: it is not.  */
static void lives_tell (process_t *self)
{
    for (unsigned i = 0; i < self->count; i++)
        printf ("%" PRIu64 " ", self->members[i].live_us);
    putchar ('\n');
}

static void pace_set (pace_t *pace, double rate, uint64_t now_us)
{
    *pace = (pace_t){.rate = rate, .at_us = now_us};
}

static void command_do (process_t *self, const char *line, uint64_t now_us)
{
    double a;
    double b;
    double c;
    double d;

    // NOLINTBEGIN(cert-err34-c)
    if (sscanf (line, "load %lf %lf %lf", &a, &b, &c) == 3) {
        pace_set (&self->steady, a, now_us);
        self->burst = (unsigned)b;
        self->burst_us = b > 0 ? (uint64_t)(c * 1000) : 0;
        self->next_burst_us = now_us;
    } else if (sscanf (line, "window %lf %lf", &a, &b) == 2) {
        self->window_senders = (unsigned)a;
        self->window = (unsigned)b;
    } else if (sscanf (line, "churn %lf %lf %lf %lf", &a, &b, &c, &d) == 4) {
        pace_set (&self->connects, a / 1000, now_us);
        pace_set (&self->moves, b / 1000, now_us);
        pace_set (&self->names, c / 1000, now_us);
        pace_set (&self->topics, d / 1000, now_us);
    } else if (sscanf (line, "burst %lf", &a) == 1)
        burst (self, (unsigned)a, now_us);
    else if (sscanf (line, "nap %lf", &a) == 1)
        usleep ((useconds_t)(a * 1000));
    else if (strcmp (line, "mark") == 0)
        for (unsigned i = 0; i < self->count; i++)
            self->members[i].lost = false;
    else if (strcmp (line, "status") == 0)
        status_tell (self);
    else if (strcmp (line, "latency") == 0)
        latency_tell (&self->crowd.latency);
    else if (strcmp (line, "latency whole") == 0)
        latency_tell (&self->crowd.whole);
    else if (strcmp (line, "lives") == 0)
        lives_tell (self);
    else if (strcmp (line, "quit") == 0)
        self->quit = true;
    else
        printf ("what? %s\n", line);
    // NOLINTEND(cert-err34-c)
    puts ("end");
    fflush (stdout);
}

static void commands_read (process_t *self, uint64_t now_us)
{
    char *end;
    ssize_t got = read (STDIN_FILENO, self->command + self->command_size,
                        sizeof self->command - 1 - self->command_size);

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        self->quit = true;
        return;
    }
    self->command_size += (size_t)got;
    self->command[self->command_size] = '\0';
    while ((end = strchr (self->command, '\n'))) {
        *end = '\0';
        command_do (self, self->command, now_us);
        self->command_size -= (size_t)(end + 1 - self->command);
        memmove (self->command, end + 1, self->command_size + 1);
    }
    if (self->command_size == sizeof self->command - 1)
        self->quit = true;
}

/*  --- the loop --------------------------------------------------------------  */

static uint64_t least (uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int wait_ms (const process_t *self)
{
    uint64_t now_us = time_us ();
    uint64_t due_us = now_us + 1000000;

    due_us = least (due_us, pace_next_us (&self->steady));
    due_us = least (due_us, pace_next_us (&self->connects));
    due_us = least (due_us, pace_next_us (&self->moves));
    due_us = least (due_us, pace_next_us (&self->names));
    due_us = least (due_us, pace_next_us (&self->topics));
    if (self->burst_us)
        due_us = least (due_us, self->next_burst_us);
    for (unsigned i = 0; i < self->count; i++)
        due_us = least (due_us, self->members[i].due_us);
    return due_us <= now_us ? 0 : (int)((due_us - now_us + 999) / 1000);
}

static void loop (process_t *self)
{
    struct epoll_event ready[READY_MAX];

    while (!self->quit) {
        int count = epoll_wait (self->epoll, ready, READY_MAX, wait_ms (self));
        uint64_t now_us = time_us ();
        for (int i = 0; i < count; i++)
            if (ready[i].data.u32 == UINT32_MAX)
                commands_read (self, now_us);
            else
                member_step (&self->members[ready[i].data.u32], time_us ());
        talk (self, now_us);
        churn (self, now_us);
        for (unsigned i = 0; i < self->count && !self->quit; i++)
            if (self->members[i].due_us <= now_us)
                member_step (&self->members[i], time_us ());
        if (!record_flush (self->crowd.record)) {
            perror ("crowd: transcript");
            exit (3);
        }
    }
}

/*  --- start -----------------------------------------------------------------  */

static const char *options_read (process_t *self, int argc, char **argv)
{
    static const struct option options[] = {
        {"endpoint", 1, NULL, 'e'}, {"clients", 1, NULL, 'n'}, {"first", 1, NULL, 'f'},
        {"prefix", 1, NULL, 'p'},   {"rooms", 1, NULL, 'r'},   {"each", 1, NULL, 'k'},
        {"whole", 1, NULL, 'w'},    {"pad", 1, NULL, 'd'},     {"seed", 1, NULL, 's'},
        {"brief", 0, NULL, 'b'},    {"out", 1, NULL, 'o'},     {"incarnation", 1, NULL, 'i'},
        {NULL, 0, NULL, 0}};
    crowd_t *crowd = &self->crowd;
    const char *out = NULL;
    int option;

    while ((option = getopt_long (argc, argv, "", options, NULL)) >= 0) {
        unsigned long number = optarg ? strtoul (optarg, NULL, 10) : 0;
        switch (option) {
        case 'e':
            crowd->endpoint = optarg;
            break;
        case 'n':
            self->count = (unsigned)number;
            break;
        case 'f':
            self->first = (unsigned)number;
            break;
        case 'p':
            crowd->prefix = optarg;
            break;
        case 'i':
            crowd->incarnation = (unsigned)number;
            break;
        case 'r':
            crowd->rooms = (unsigned)number;
            break;
        case 'k':
            crowd->rooms_each = (unsigned)number;
            break;
        case 'w':
            crowd->whole_each = (unsigned)number;
            break;
        case 'd':
            crowd->pad = number;
            break;
        case 's':
            self->rng = number * 2654435761u + 1;
            break;
        case 'b':
            crowd->brief = true;
            break;
        case 'o':
            out = optarg;
            break;
        default:
            return NULL;
        }
    }
    return out;
}

int main (int argc, char **argv)
{
    static process_t process;
    process_t *self = &process;
    struct epoll_event input = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
    const char *out;

    self->crowd = (crowd_t){
        .prefix = "c", .incarnation = 1, .rooms = 10, .rooms_each = 1, .whole_each = 1, .pad = 40};
    self->rng = 88172645463325252u;
    out = options_read (self, argc, argv);
    if (!out || !self->count || !self->crowd.rooms_each || !self->crowd.whole_each ||
        self->crowd.rooms_each > MEMBER_ROOMS_MAX || self->crowd.rooms < self->crowd.rooms_each ||
        self->crowd.pad > PAD_MAX) {
        fputs (usage, stderr);
        return 64;
    }
    signal (SIGPIPE, SIG_IGN);
    self->crowd.record = record_new (out);
    self->epoll = epoll_create1 (EPOLL_CLOEXEC);
    if (!self->crowd.record || self->epoll < 0 ||
        epoll_ctl (self->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0 || !members_start (self)) {
        perror ("crowd: cannot start");
        return 1;
    }
    puts ("ready");
    fflush (stdout);
    loop (self);
    for (unsigned i = 0; i < self->count; i++)
        member_stop (&self->members[i]);
    record_destroy (&self->crowd.record);
    close (self->epoll);
    free (self->members);
    return 0;
}
