/*  admin.c - what is asked at the admin door                                  */
#include "admin.h"
#include "broker_private.h"
#include "memory.h"
#include "request.h"
#include "status.h"
#include <jansson.h>

enum {
    TURN_ASKS = 16,     /* requests taken before anybody else gets their turn       */
    SESSIONS_ROWS = 250 /* sessions in one message                                  */
};

/*  Who speaks there, and the tags of what this file asks the core itself.     */
#define ADMIN_USER "zchatd"
#define HELLO_TAG  "hello"
#define BYE_TAG    "bye"

static const core_origin_t here = {.secure = true, .operates = true};

void admin_start (broker_t *broker)
{
    char *why = NULL;
    broker->admin = admin_door_new (broker->options->data, &why);
    if (!broker->admin)
        log_write (LEVEL_WARNING, "admin-door-not-opened",
                   (log_field_t[]){{"text", frame_str (why)}, {NULL}});
    free (why);
}

/*  --- answers ---------------------------------------------------------------  */

/*  json is taken.                                                             */
static void answer (broker_t *broker, frame_t tag, const char *status, json_t *json, bool last)
{
    char *text = memory_check (json_dumps (json, JSON_COMPACT));
    frame_t frames[] = {frame_str (status), tag, frame_str (text)};
    admin_door_reply (broker->admin, frames, 3, last);
    free (text);
    json_decref (json);
}

/*  --- sessions --------------------------------------------------------------  */

typedef struct {
    broker_t *broker;
    frame_t tag;
    json_t *rows;
} telling_t;

static void rows_send (telling_t *telling, bool last)
{
    answer (telling->broker, telling->tag, "OK",
            json_pack ("{s:o, s:b}", "sessions", telling->rows, "more", !last), last);
    telling->rows = json_array ();
}

static void session_told (void *arg, const core_session_t *session)
{
    telling_t *telling = arg;
    const char *address = "", *key = "";
    if (session->peer == ADMIN_PEER)
        return;
    if (json_array_size (telling->rows) == SESSIONS_ROWS)
        rows_send (telling, false);
    if (session->peer)
        (void)sockets_whence (telling->broker->sockets, session->peer, &address, &key);
    json_array_append_new (telling->rows,
                           json_pack ("{s:s%, s:s, s:s, s:b, s:b, s:b, s:b, s:I, s:I}", "user",
                                      session->user.data, session->user.size, "address", address,
                                      "key", key ? key : "", "lost", !session->peer, "hello",
                                      session->greeted, "proven", session->proven, "admin",
                                      session->admin, "rooms", (json_int_t)session->rooms,
                                      "silent_ms", (json_int_t)session->silent_ms));
}

static void sessions_tell (broker_t *broker, frame_t tag)
{
    telling_t telling = {broker, tag, json_array ()};
    core_sessions (broker->core, broker->now, session_told, &telling);
    rows_send (&telling, true);
    json_decref (telling.rows);
}

/*  --- the core's verbs ------------------------------------------------------  */

static void core_ask (broker_t *broker, const frame_t *frames, size_t count)
{
    core_request (broker->core, ADMIN_PEER, here, frames, count, broker->now);
}

/*  Those that who runs a broker asks; what else there is belongs to who chats. */
static bool verb_served (frame_t verb)
{
    static const char *const served[] = {"ROOMS", "WHO", "MODE",   "KICK", "INVITE",
                                         "KEYS",  "KEY", "REMOVE", "PURGE"};
    for (size_t i = 0; i < sizeof served / sizeof *served; i++)
        if (frame_is (verb, served[i]))
            return true;
    return false;
}

static void verb_ask (broker_t *broker, frame_t *frames, size_t count)
{
    if (!broker->admin_here) {
        frame_t hello[] = {frame_str ("HELLO"), frame_str (HELLO_TAG), frame_str (ADMIN_USER),
                           frame_str ("{\"agent\":\"zchatd\"}")};
        broker->admin_here = true;
        core_ask (broker, hello, 4);
    }
    frames[2] = frame_str (ADMIN_USER);
    core_ask (broker, frames, count);
}

static void leave (broker_t *broker)
{
    frame_t bye[] = {frame_str ("BYE"), frame_str (BYE_TAG), frame_str (ADMIN_USER)};
    broker->admin_here = false;
    core_ask (broker, bye, 3);
    core_gone (broker->core, ADMIN_PEER, broker->now);
}

void admin_reply (broker_t *broker, const frame_t *frames, size_t count)
{
    /*  Only answers have a tag of ours; events are for nobody here.           */
    if (count >= 2 && !frame_is (frames[0], "EVENT"))
        admin_door_reply (broker->admin, frames, count, true);
}

/*  --- the turn --------------------------------------------------------------  */

static void ask (broker_t *broker, frame_t *frames, size_t count)
{
    if (frame_is (frames[0], "STATUS"))
        answer (broker, frames[1], "OK", status_json (broker), true);
    else if (frame_is (frames[0], "SESSIONS"))
        sessions_tell (broker, frames[1]);
    else if (frame_is (frames[0], "RELOAD")) {
        json_t *said = broker_reload (broker);
        bool wrong = json_object_get (said, "text") != NULL;
        answer (broker, frames[1], wrong ? "ERR" : "OK", said, true);
    } else if (count >= 3 && verb_served (frames[0]))
        verb_ask (broker, frames, count);
    else
        answer (broker, frames[1], "ERR",
                json_pack ("{s:s, s:s}", "code", "verb", "text",
                           "the admin door has STATUS, SESSIONS, RELOAD, ROOMS, WHO, MODE, KICK, "
                           "INVITE, KEYS, KEY, REMOVE and PURGE"),
                true);
}

void admin_turn (broker_t *broker, bool readable)
{
    frame_t frames[ADMIN_DOOR_FRAMES];
    size_t count;
    if (!broker->admin)
        return;
    if (readable || broker->admin_more) {
        int taken = 0;
        while (taken < TURN_ASKS && admin_door_recv (broker->admin, frames, &count)) {
            ask (broker, frames, count);
            taken++;
        }
        broker->admin_more = taken == TURN_ASKS;
    }
    size_t asks = admin_door_asks (broker->admin);
    if (broker->admin_here && asks == 0)
        leave (broker);
}
