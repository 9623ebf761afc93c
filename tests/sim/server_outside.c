/*  server_outside.c - who comes to the broker: connections, and questions that no network brings */
#include "memory.h"
#include "server.h"

/*  --- connections -----------------------------------------------------------  */

bool server_accept (server_t *server, door_t *door)
{
    if (!server->core || server->dying)
        return false;
    if (server->n_doors == server->doors_room) {
        server->doors_room = server->doors_room ? 2 * server->doors_room : 64;
        server->doors = memory_grow (server->doors, server->doors_room * sizeof (door_t *));
    }
    door->peer = server->peer + server->n_doors;
    door->book = book_now (server->sim)->number;
    server->doors[server->n_doors++] = door;
    router_accept (server->router, door);
    return true;
}

bool server_accept_strand (server_t *server, strand_t *strand)
{
    if (!server->core || server->dying || server->frozen_us > server->sim->now_us)
        return false;
    if (server->n_strands == server->strands_room) {
        server->strands_room = server->strands_room ? 2 * server->strands_room : 64;
        server->strands = memory_grow (server->strands, server->strands_room * sizeof (strand_t *));
    }
    server->strands[server->n_strands++] = strand;
    return true;
}

void server_drop_strand (server_t *server, const strand_t *strand)
{
    for (size_t i = 0; i < server->n_strands; i++)
        if (server->strands[i] == strand) {
            memmove (&server->strands[i], &server->strands[i + 1],
                     (--server->n_strands - i) * sizeof (strand_t *));
            return;
        }
}

/*  --- questions -------------------------------------------------------------  */

static json_t *server_question (server_t *server, core_peer_t peer, const char *key,
                                const char *verb, const char *argument)
{
    json_t *answer = NULL;
    frame_t frames[] = {frame_str (verb), frame_str ("ask"), frame_str (key ? "Auditor" : ""),
                        frame_str (argument ? argument : "")};
    if (!server->core)
        return NULL;
    server->asked = &answer;
    core_request (server->core, peer, (core_origin_t){.key = key, .secure = true}, frames,
                  argument ? 4 : 3, server_now (server));
    server->asked = NULL;
    return answer;
}

json_t *server_ask (server_t *server, const char *verb, const char *argument)
{
    return server_question (server, SERVER_ASKER, NULL, verb, argument);
}

json_t *server_ask_admin (server_t *server, const char *verb, const char *argument)
{
    return server_question (server, SERVER_ASKER_ADMIN, sim_key (SIM_KEY_ADMIN), verb, argument);
}

bool server_answered (server_t *server, core_peer_t peer, const frame_t *frames)
{
    if (peer != SERVER_ASKER && peer != SERVER_ASKER_ADMIN)
        return false;
    if (server->asked && !*server->asked && frame_is (frames[0], "OK"))
        *server->asked = json_loadb (frames[2].data, frames[2].size, 0, NULL);
    return true;
}
