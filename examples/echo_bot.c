/*  echo_bot.c - says again whatever is said in a room: echo_bot ROOM [ENDPOINT] */
#include <stdio.h>
#include <zchat/client.h>

int main (int argc, char **argv)
{
    zchat_options_t options = {.user = "echo", .endpoint = argc > 2 ? argv[2] : NULL};
    zchat_client_t *client = NULL;
    zchat_event_t event;
    const char *why = "the room's name is not allowed";

    if (argc < 2 || zchat_client_new (&options, &client, &why) != ZCHAT_OK ||
        zchat_client_join (client, argv[1], 0, 0) != ZCHAT_OK) {
        fprintf (stderr, "echo_bot ROOM [ENDPOINT]: %s\n", why);
        return 1;
    }
    while (zchat_client_wait (client, -1, &event) == ZCHAT_OK) {
        if (event.kind == ZCHAT_EVENT_MESSAGE && event.type == ZCHAT_TYPE_SAY && !event.own &&
            zchat_client_say (client, event.room, ZCHAT_TYPE_SAY, event.body, event.body_size, NULL,
                              NULL) != ZCHAT_OK)
            fprintf (stderr, "too fast for me\n");
        else if (event.text)
            fprintf (stderr, "%s\n", event.text);
    }
    zchat_client_close (client, 1000);
    zchat_client_destroy (&client);
    return 0;
}
