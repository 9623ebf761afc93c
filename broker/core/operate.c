/*  operate.c - what who runs the broker sees of it, and changes while it runs  */
#include "operate.h"
#include "admit/admit.h"
#include "core.h"

void setup_admins (setup_t *setup, const char **admins, size_t count)
{
    free (setup->admins);
    setup->admins = memory_zero (count * sizeof *setup->admins);
    setup->n_admins = count;
    for (size_t i = 0; i < count; i++)
        snprintf (setup->admins[i], sizeof *setup->admins, "%s", admins[i]);
}

/*  Who has no key is admin by the admin door, or not at all.                  */
static void peer_again (void *arg, peer_t *peer)
{
    if (*peer->key)
        peer->admin = key_admin (arg, peer->key);
}

static void peer_refill (void *arg, peer_t *peer)
{
    (void)arg;
    memset (peer->buckets, 0, sizeof peer->buckets);
}

/*  What was used up of a large burst would be waited for at the rate of a small one.  */
static void quotas_anew (core_t *core, const quota_t *quotas)
{
    if (memcmp (core->setup.quotas, quotas, sizeof core->setup.quotas) == 0)
        return;
    memcpy (core->setup.quotas, quotas, sizeof core->setup.quotas);
    presence_each_peer (core->presence, peer_refill, NULL);
    meters_destroy (&core->places);
    meters_destroy (&core->owners);
    strangers_destroy (&core->strangers);
    core->places = meters_new ();
    core->owners = meters_new ();
    core->strangers = strangers_new ();
}

void core_settings (core_t *core, const core_settings_t *settings)
{
    setup_admins (&core->setup, settings->admins, settings->n_admins);
    quotas_anew (core, settings->quotas);
    core->setup.edit_window_ms = settings->edit_window_ms;
    presence_each_peer (core->presence, peer_again, core);
}

uint64_t core_room_number (const core_t *core, const name_keys_t *name)
{
    const room_t *room = ledger_room (core->ledger, name);
    return room ? room->id : 0;
}

typedef struct {
    uint64_t mono_ms;
    core_session_told_t *tell;
    void *arg;
} telling_t;

static void session_tell (void *arg, session_t *session)
{
    const telling_t *telling = arg;
    const peer_t *peer = session->peer;
    bool silent = session->greeted && session->heard_ms < telling->mono_ms;
    telling->tell (telling->arg, &(core_session_t){
                                     .user = frame_of (session->name, session->name_size),
                                     .peer = peer ? peer->id : 0,
                                     .first = session == session->user->sessions,
                                     .greeted = session->greeted,
                                     .proven = session->user->owner != 0,
                                     .admin = peer && peer->admin,
                                     .rooms = session->n_halls,
                                     .silent_ms = silent ? telling->mono_ms - session->heard_ms : 0,
                                 });
}

void core_sessions (const core_t *core, core_time_t now, core_session_told_t *tell, void *arg)
{
    telling_t telling = {.mono_ms = now.mono_ms, .tell = tell, .arg = arg};
    presence_each (core->presence, session_tell, &telling);
}
