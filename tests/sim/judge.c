/*  judge.c - the end of a run                                                 */
#include "judge.h"
#include "audit.h"
#include "editor.h"
#include "faults.h"
#include "server.h"
#include "shown.h"
#include "user.h"
#include <strings.h>

enum { LOOK_MS = 500, CALM_MS = 20000, TALK_MS = 15000 };

/*  --- the broker ------------------------------------------------------------  */

static bool user_is (const user_t *user, const char *name)
{
    return !user->guest && strcasecmp (user->name, name) == 0;
}

/*  Somebody of that name wants to be in the room.                             */
static bool joined_by (const sim_t *sim, size_t room, const char *name)
{
    for (size_t i = 0; i < sim->plan.users; i++)
        if (user_is (sim->users[i], name) && sim->users[i]->views[room].wanted)
            return true;
    return false;
}

static bool listed (const json_t *users, const char *name)
{
    for (size_t i = 0; i < json_array_size (users); i++)
        if (strcasecmp (json_string_value (json_array_get (users, i)), name) == 0)
            return true;
    return false;
}

/*  Who is in a room by WHO must be those who joined it, each once. A stranger may be there
    too, and takes one name where it can.                                      */
static const char *judge_members (sim_t *sim, size_t room)
{
    const char *lacks = NULL;
    json_t *who = server_ask (sim->server, "WHO", sim_room (sim, room));
    json_t *users = json_object_get (who, "users");
    for (size_t i = 0; i < sim->plan.users; i++) {
        const user_t *user = sim->users[i];
        if (user->views[room].wanted && !user->guest && !listed (users, user->name))
            lacks = "a user is missing in WHO";
    }
    while (json_array_size (users)) {
        json_t *entry = json_incref (json_array_get (users, 0));
        const char *name = json_string_value (entry);
        bool ours = strncasecmp (name, USER_PLAIN, 4) == 0 || strncmp (name, USER_LOOKING, 6) == 0;
        bool doubtful = sim->plan.strangers && strcasecmp (name, "User0") == 0;
        json_array_remove (users, 0);
        if (ours && !doubtful && !joined_by (sim, room, name))
            lacks = "a user is in a room that it left";
        if (listed (users, name))
            lacks = "somebody is in a room twice";
        json_decref (entry);
    }
    if (!who)
        lacks = "WHO is not answered";
    json_decref (who);
    return lacks;
}

static const char *judge_rooms (sim_t *sim)
{
    const char *lacks = NULL;
    const book_t *book = book_now (sim);
    json_t *answer = server_ask (sim->server, "ROOMS", NULL);
    size_t stored = 0;
    for (size_t i = 0; i < SIM_ROOMS; i++)
        stored += book->rooms[i].id && !book->rooms[i].club.is_private;
    json_t *rooms = json_object_get (answer, "rooms");
    for (size_t i = 0; i < json_array_size (rooms); i++) {
        json_t *entry = json_array_get (rooms, i);
        const char *name = json_string_value (json_object_get (entry, "room"));
        size_t at = name ? sim_room_find (frame_str (name)) : SIM_NOWHERE;
        if (at == SIM_NOWHERE)
            return "ROOMS names a room that is none";
        if (book->rooms[at].club.is_private)
            return "ROOMS names a private room to everybody";
        if ((uint64_t)json_integer_value (json_object_get (entry, "head")) !=
                book->rooms[at].head ||
            (uint64_t)json_integer_value (json_object_get (entry, "first")) !=
                book->rooms[at].first)
            lacks = "ROOMS tells another head or first than the log has";
        stored -= book->rooms[at].id > 0;
    }
    if (stored)
        lacks = "ROOMS does not name a room that is there";
    if (!answer)
        lacks = "ROOMS is not answered";
    json_decref (answer);
    return lacks;
}

static const char *judge_core (sim_t *sim)
{
    server_t *server = sim->server;
    const char *lacks = NULL;
    if (!server_runs (server))
        return "the broker does not run";
    core_stats_t stats = core_stats (server->core);
    size_t open = 0;
    for (size_t i = 0; i < server->n_doors; i++)
        open += !server->doors[i]->gone && !server->doors[i]->left;
    if (stats.held || stats.held_bytes || stats.reads)
        return "the core still holds something";
    /*  One more asks from outside of the network.                             */
    if (stats.peers > open + 1 || stats.sessions > open)
        return "the core remembers connections that are gone";
    for (size_t i = 0; i < sim->plan.rooms && !lacks; i++)
        lacks = judge_members (sim, i);
    return lacks ? lacks : judge_rooms (sim);
}

/*  --- letters ---------------------------------------------------------------  */

static void judge_letters (sim_t *sim)
{
    for (size_t i = 0; i < sim->plan.users; i++) {
        const life_t *life = &sim->lives[sim->users[i]->life];
        for (size_t k = 0; k < life->count; k++)
            if (life->letters[k].fate == FATE_OPEN)
                sim_wrong (sim, "user %zu was never told what became of its message %zu", i, k);
            else if (life->letters[k].doomed && life->letters[k].fate == FATE_SENT)
                sim_wrong (sim, "a message was stored that should have been refused");
    }
}

/*  ---------------------------------------------------------------------------  */

/*  NULL: all is as it ought to be.                                            */
static const char *judge_all (sim_t *sim)
{
    static char text[192];
    for (size_t i = 0; i < sim->plan.users; i++) {
        const char *lacks = user_lacks (sim->users[i]);
        if (!lacks)
            continue;
        snprintf (text, sizeof text, "user %zu %s", i, lacks);
        return text;
    }
    for (size_t i = 0; i < sim->plan.editors; i++) {
        const char *lacks = editor_lacks (sim->editors[i]);
        if (lacks)
            return lacks;
    }
    return judge_core (sim);
}

/*  Messages of all that are not acknowledged.                                 */
static size_t judge_open (const sim_t *sim)
{
    size_t open = 0;
    for (size_t i = 0; i < sim->plan.users; i++)
        if (sim->users[i]->delivery)
            open += delivery_unacknowledged (sim->users[i]->delivery);
    return open;
}

static void judge_look (void *arg, uint64_t since_ms)
{
    sim_t *sim = arg;
    uint64_t passed_ms = sim->now_us / 1000 - since_ms;
    const char *lacks = judge_all (sim);
    if (lacks)
        sim->well_ms = 0;
    else if (!sim->well_ms) {
        sim->well_ms = passed_ms;
        sim_trace (sim, "all is well");
    }
    /*  A long outbox of what is refused empties a round trip at a time: slow, not wrong.  */
    size_t open = lacks && passed_ms >= JUDGE_PATIENCE_MS ? judge_open (sim) : 0;
    if (open && (!sim->open_before || open < sim->open_before)) {
        sim->open_before = open;
        since_ms = sim->now_us / 1000;
    } else if (lacks && passed_ms >= JUDGE_PATIENCE_MS)
        sim_wrong (sim, "%d s after the network is whole: %s", JUDGE_PATIENCE_MS / 1000, lacks);
    else if (!lacks && passed_ms >= CALM_MS) {
        if (sim->well_ms > sim->tally->converged_most_ms)
            sim->tally->converged_most_ms = sim->well_ms;
        judge_letters (sim);
        for (size_t i = 0; i < sim->plan.users; i++)
            shown_judge (sim->users[i]);
        for (size_t i = 0; i < sim->plan.editors; i++)
            editor_judge (sim->editors[i]);
        book_audit (sim, book_now (sim));
        audit_restart (sim);
        sim->over = true;
    }
    sim_after (sim, LOOK_MS * 1000ull, judge_look, sim, since_ms);
}

static void judge_calm (void *arg, uint64_t n)
{
    sim_t *sim = arg;
    (void)n;
    sim->quiet = true;
    sim_after (sim, 1000, judge_look, sim, sim->now_us / 1000);
}

static void judge_heal (void *arg, uint64_t n)
{
    sim_t *sim = arg;
    (void)n;
    faults_heal (sim);
    if (sim->plan.quiet_end)
        judge_calm (sim, 0);
    else
        sim_after (sim, TALK_MS * 1000ull, judge_calm, sim, 0);
}

void judge_begin (sim_t *sim)
{
    sim_after (sim, sim->plan.faulty_ms * 1000, judge_heal, sim, 0);
}
