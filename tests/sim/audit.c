/*  audit.c - a broker that is started from the store knows what the one that ran did */
#include "audit.h"
#include "memory.h"
#include "server.h"

enum { AUDITOR = 3 };

/*  Where the answers of a core that is only asked go.                         */
typedef struct {
    json_t *answer;
} auditor_t;

static void auditor_reply (void *arg, core_peer_t peer, const frame_t *frames, size_t count)
{
    auditor_t *auditor = arg;
    if (peer == AUDITOR && count == 3 && frame_is (frames[0], "OK") &&
        frame_is (frames[1], "ask") && !auditor->answer)
        auditor->answer = json_loadb (frames[2].data, frames[2].size, 0, NULL);
}

static void auditor_publish (void *arg, const frame_t *frames, size_t count)
{
    (void)arg;
    (void)frames;
    (void)count;
}

static void auditor_read (void *arg, uint64_t id, const store_query_t *query)
{
    (void)arg;
    (void)id;
    (void)query;
}

static void auditor_random (void *arg, void *buffer, size_t size)
{
    (void)arg;
    memset (buffer, 1, size);
}

/*  Names under which the admin asks: of nobody else.                          */
#define AUDITOR_NAME "Auditor"

static json_t *fresh_ask (sim_t *sim, core_t *core, auditor_t *auditor, const char *verb,
                          const char *argument)
{
    frame_t frames[] = {frame_str (verb), frame_str ("ask"), frame_str (AUDITOR_NAME),
                        frame_str (argument ? argument : "")};
    auditor->answer = NULL;
    core_request (core, AUDITOR, (core_origin_t){.key = sim_key (SIM_KEY_ADMIN), .secure = true},
                  frames, argument ? 4 : 3, server_now (sim->server));
    json_t *answer = auditor->answer;
    auditor->answer = NULL;
    return answer;
}

/*  Of the rooms' modes: who is a member, by the events of the log.            */
static void audit_members (sim_t *sim, const book_t *book, size_t at, json_t *mode)
{
    const club_t *club = &book->rooms[at].club;
    json_t *members = json_object_get (mode, "members");
    size_t expected = 0;
    if (json_is_true (json_object_get (mode, "private")) != club->is_private)
        sim_wrong (sim, "after a restart room %zu is %s private", at,
                   club->is_private ? "no longer" : "suddenly");
    for (size_t i = 0; i < book->people.n_owners; i++) {
        const owner_t *owner = &book->people.owners[i];
        bool found = false;
        if (!owner->number || owner->freed || !club_member (club, owner->number))
            continue;
        expected++;
        for (size_t k = 0; k < json_array_size (members); k++)
            found =
                found || !strcmp (owner->spelling, json_string_value (json_array_get (members, k)));
        if (!found)
            sim_wrong (sim, "after a restart %s is no member of room %zu", owner->spelling, at);
    }
    if (club->is_private && json_array_size (members) != expected)
        sim_wrong (sim, "after a restart room %zu has %zu members of %zu", at,
                   json_array_size (members), expected);
}

/*  Both brokers give the same answer.                                         */
static void audit_same (sim_t *sim, const char *verb, const char *argument, json_t *was, json_t *is)
{
    char *old = was ? json_dumps (was, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    char *new = is ? json_dumps (is, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (!old || !new || strcmp (old, new) != 0)
        sim_wrong (sim, "%s %s says %s, and after a restart %s", verb, argument,
                   old ? old : "nothing", new ? new : "nothing");
    free (old);
    free (new);
}

/*  Lists come in any order.                                                   */
static int text_compare (const void *a, const void *b)
{
    return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void list_sort (json_t *list)
{
    size_t count = json_array_size (list);
    char **texts = memory_zero ((count + 1) * sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] =
            json_dumps (json_array_get (list, i), JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    qsort (texts, count, sizeof *texts, text_compare);
    json_array_clear (list);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new (list, json_string (texts[i]));
        free (texts[i]);
    }
    free (texts);
}

static void mode_sort (json_t *mode)
{
    list_sort (json_object_get (mode, "operators"));
    list_sort (json_object_get (mode, "bans"));
    list_sort (json_object_get (mode, "mutes"));
}

/*  Of a room that ended nothing is known.                                     */
static void audit_unborn (sim_t *sim, core_t *fresh, auditor_t *auditor, const book_room_t *past,
                          size_t at)
{
    if (!past)
        return;
    json_t *was = server_ask_admin (sim->server, "MODE", past->name);
    json_t *is = fresh_ask (sim, fresh, auditor, "MODE", past->name);
    if (was || is)
        sim_wrong (sim, "room %zu ended, and %s", at,
                   was ? "is still there" : "is there after a restart");
    json_decref (was);
    json_decref (is);
}

static void audit_ask (sim_t *sim, core_t *fresh, auditor_t *auditor)
{
    const book_t *book = book_now (sim);
    for (size_t i = 0; i < SIM_ROOMS && !sim->failed; i++) {
        if (!book->rooms[i].id) {
            audit_unborn (sim, fresh, auditor, book->rooms[i].past, i);
            continue;
        }
        json_t *was = server_ask_admin (sim->server, "MODE", book->rooms[i].name);
        json_t *is = fresh_ask (sim, fresh, auditor, "MODE", book->rooms[i].name);
        audit_members (sim, book, i, is);
        list_sort (json_object_get (was, "members"));
        list_sort (json_object_get (is, "members"));
        mode_sort (was);
        mode_sort (is);
        audit_same (sim, "MODE", book->rooms[i].name, was, is);
        json_decref (was);
        json_decref (is);
    }
    for (size_t i = 0; i < book->people.n_owners && !sim->failed; i++) {
        const owner_t *owner = &book->people.owners[i];
        if (!owner->number || owner->freed)
            continue;
        json_t *was = server_ask_admin (sim->server, "KEYS", owner->spelling);
        json_t *is = fresh_ask (sim, fresh, auditor, "KEYS", owner->spelling);
        if (json_array_size (json_object_get (is, "keys")) != owner->n_keys)
            sim_wrong (sim, "after a restart %s has other keys", owner->spelling);
        audit_same (sim, "KEYS", owner->spelling, was, is);
        json_decref (was);
        json_decref (is);
    }
}

/*  Pretend that what waits is committed.                                      */
static void core_settle (core_t *core, core_time_t now)
{
    const store_record_t *records;
    size_t count;
    while (core_take (core, &records, &count))
        core_committed (core, ZCHAT_OK, now);
}

void audit_restart (sim_t *sim)
{
    auditor_t auditor = {NULL};
    const char *admins[] = {sim_key (SIM_KEY_ADMIN)};
    core_config_t config = {.log_id = store_log_id (book_now (sim)->store),
                            .keeps_rooms = true,
                            .admins = admins,
                            .n_admins = 1};
    core_sink_t sink = {.reply = auditor_reply,
                        .publish = auditor_publish,
                        .read = auditor_read,
                        .random = auditor_random,
                        .arg = &auditor};
    core_t *fresh = core_new (&config, &sink);
    store_loader_t loader = core_loader (fresh);
    if (store_load (book_now (sim)->store, &loader) != ZCHAT_OK)
        sim_wrong (sim, "no broker starts from the store");
    else {
        json_decref (fresh_ask (sim, fresh, &auditor, "HELLO", NULL));
        json_decref (server_ask_admin (sim->server, "HELLO", NULL));
        /*  Answers about names wait for what is on its way, the auditor's own name too.  */
        core_settle (fresh, server_now (sim->server));
        core_settle (sim->server->core, server_now (sim->server));
        json_decref (auditor.answer);
        audit_ask (sim, fresh, &auditor);
    }
    core_destroy (&fresh);
}
