/*  uv_bot.c - a client in the loop of libuv: uv_bot ROOM [ENDPOINT]

    Says the time of day where somebody says "time", and goes at "stop".       */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <uv.h>
#include <zchat/client.h>

typedef struct {
    zchat_client_t *client;
    uv_poll_t poll;   /* the client's descriptor is readable                    */
    uv_timer_t timer; /* the client has something to do though it is quiet      */
    int status;       /* of the program                                         */
} bot_t;

static void answer (bot_t *bot, const zchat_event_t *event)
{
    char text[64];
    time_t now = time (NULL);
    strftime (text, sizeof text, "%H:%M:%S", localtime (&now));
    if (zchat_client_say (bot->client, event->room, ZCHAT_TYPE_SAY, text, strlen (text), NULL,
                          NULL) != ZCHAT_OK)
        fprintf (stderr, "uv_bot: too fast for me\n");
}

/*  False: it is over.                                                         */
static bool told (bot_t *bot)
{
    zchat_event_t event;
    while (zchat_client_next (bot->client, &event) == ZCHAT_OK) {
        if (event.kind == ZCHAT_EVENT_REFUSED || event.kind == ZCHAT_EVENT_PARTED) {
            fprintf (stderr, "uv_bot: %s\n", event.text ? event.text : "refused");
            bot->status = 1;
            return false;
        }
        if (event.kind != ZCHAT_EVENT_MESSAGE || event.type != ZCHAT_TYPE_SAY || event.own)
            continue;
        if (strcmp (event.body, "stop") == 0)
            return false;
        if (strcmp (event.body, "time") == 0)
            answer (bot, &event);
    }
    return true;
}

static void on_timer (uv_timer_t *timer);

static void turn (bot_t *bot)
{
    zchat_client_step (bot->client);
    if (!told (bot)) {
        uv_close ((uv_handle_t *)&bot->poll, NULL);
        uv_close ((uv_handle_t *)&bot->timer, NULL);
        return;
    }
    int wait_ms = zchat_client_timeout (bot->client);
    uv_timer_start (&bot->timer, on_timer, (uint64_t)(wait_ms > 0 ? wait_ms : 0), 0);
}

static void on_timer (uv_timer_t *timer)
{
    turn (timer->data);
}

static void on_poll (uv_poll_t *poll, int status, int events)
{
    (void)status; /* a step finds out what is wrong with the descriptor         */
    (void)events;
    turn (poll->data);
}

int main (int argc, char **argv)
{
    zchat_options_t options = {.user = "clock", .endpoint = argc > 2 ? argv[2] : NULL};
    const char *why = "usage: uv_bot ROOM [ENDPOINT]";
    bot_t bot = {.status = 0};
    uv_loop_t *loop = uv_default_loop ();

    if (argc < 2 || zchat_client_new (&options, &bot.client, &why) != ZCHAT_OK ||
        zchat_client_join (bot.client, argv[1], 0, 0) != ZCHAT_OK) {
        fprintf (stderr, "uv_bot: %s\n", why ? why : "the room's name is not allowed");
        zchat_client_destroy (&bot.client);
        return 1;
    }
    bot.poll.data = bot.timer.data = &bot;
    uv_timer_init (loop, &bot.timer);
    uv_poll_init (loop, &bot.poll, zchat_client_fd (bot.client));
    uv_poll_start (&bot.poll, UV_READABLE, on_poll);
    turn (&bot);
    uv_run (loop, UV_RUN_DEFAULT);
    uv_loop_close (loop);
    zchat_client_close (bot.client, 1000);
    zchat_client_destroy (&bot.client);
    return bot.status;
}
