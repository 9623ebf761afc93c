/*  silence.c - sessions of which nothing is heard any more

    A program may hang while its host and so its connection live on. It promised with
    HELLO to PING; where it does not, it is treated as if its connection were lost, so
    that nobody stands in WHO who cannot be spoken to. Its connection stays open,
    and has to say HELLO before anything else is taken from it under a name.
*/
#include "deliver.h"

/*  What it should have heard meanwhile may still be on its way to a broker that stood still
    itself: then the silence counts from its awakening.                        */
static uint64_t silent_from_ms (const core_t *core, const session_t *session)
{
    return session->heard_ms > core->awake_ms ? session->heard_ms : core->awake_ms;
}

static uint64_t silence_ms (const core_t *core)
{
    return (uint64_t)core->setup.heartbeat_ms * ZCHAT_SILENCE_HEARTBEATS;
}

void silence_heard (core_t *core, const peer_t *peer)
{
    if (peer->session && peer->session->greeted)
        presence_session_heard (core->presence, peer->session, core->now.mono_ms);
}

void silence_due (core_t *core)
{
    session_t *session;
    if (core->pulse_ms + core->setup.heartbeat_ms < core->now.mono_ms)
        core->awake_ms = core->now.mono_ms;
    core->pulse_ms = core->now.mono_ms + core->setup.heartbeat_ms;
    for (int i = 0; i < ZCHAT_SILENT_MAX && (session = presence_silent (core->presence)); i++) {
        if (silent_from_ms (core, session) + silence_ms (core) > core->now.mono_ms)
            return;
        peer_t *peer = session->peer;
        note_write (core, CORE_NOTE_LOST, peer->id, frame_of (session->name, session->name_size),
                    frame_of (NULL, 0), NULL);
        session_leave_all (core, session, "lost");
        presence_session_lose (core->presence, session, core->now.mono_ms + core->setup.grace_ms);
        peer->hello_due = true;
    }
}

uint64_t silence_deadline_ms (const core_t *core)
{
    const session_t *session = presence_silent (core->presence);
    if (!session)
        return UINT64_MAX;
    uint64_t end_ms = silent_from_ms (core, session) + silence_ms (core);
    return end_ms < core->pulse_ms ? end_ms : core->pulse_ms;
}
