/*  echo_bot.c - says again whatever is said in a room: echo_bot ROOM [ENDPOINT]

    Where the broker encrypts (zchat://...), the name is claimed for a key of the bot's own, kept in
    ~/.config/echo_bot/key: so the next run has the name again.                */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zchat/client.h>
#include <zchat/key.h>

static int fail (const char *why)
{
    fprintf (stderr, "echo_bot: %s\n", why);
    return 1;
}

int main (int argc, char **argv)
{
    zchat_options_t options = {.user = "echo", .endpoint = argc > 2 ? argv[2] : NULL};
    uint8_t key[ZCHAT_KEY_SIZE];
    zchat_client_t *client = NULL;
    zchat_event_t event;
    const char *why = "the room's name is not allowed";

    if (argc < 2)
        return fail ("usage: echo_bot ROOM [ENDPOINT]");
    if (options.endpoint && strncmp (options.endpoint, "zchat://", 8) == 0) {
        char *path = zchat_key_path ("echo_bot"), *wrong = NULL;
        if (!path || zchat_key_keep (path, key, &wrong) != ZCHAT_OK)
            return fail (wrong ? wrong : "no place for the key: set HOME");
        free (path);
        options.secret_key = key;
    }
    if (zchat_client_new (&options, &client, &why) != ZCHAT_OK ||
        zchat_client_join (client, argv[1], 0, 0) != ZCHAT_OK)
        return fail (why);
    while (zchat_client_wait (client, -1, &event) == ZCHAT_OK) {
        if (event.kind == ZCHAT_EVENT_REFUSED || event.kind == ZCHAT_EVENT_PARTED) {
            (void)fail (event.text ? event.text : "refused"); /* it is not tried again */
            zchat_client_destroy (&client);
            return 1;
        }
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
