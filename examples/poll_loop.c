/*  poll_loop.c - a client in a loop of one's own: poll_loop ROOM NAME [ENDPOINT]

    Says each line of standard input and prints what is said. Whatever else a program has to poll
    stands in the same array.                                                  */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zchat/client.h>

/*  Print what people say, fit for a terminal. False: it is over.              */
static bool told (zchat_client_t *client)
{
    zchat_event_t event;
    while (zchat_client_next (client, &event) == ZCHAT_OK) {
        if (event.kind == ZCHAT_EVENT_REFUSED || event.kind == ZCHAT_EVENT_PARTED) {
            fprintf (stderr, "poll_loop: %s\n", event.text ? event.text : "refused");
            return false;
        }
        if (event.kind == ZCHAT_EVENT_MESSAGE && event.type == ZCHAT_TYPE_SAY) {
            char *text = zchat_text_display (event.body, event.body_size, false);
            printf ("%s: %s\n", event.user, text);
            fflush (stdout);
            free (text);
        }
    }
    return true;
}

int main (int argc, char **argv)
{
    zchat_options_t options = {.user = argc > 2 ? argv[2] : NULL,
                               .endpoint = argc > 3 ? argv[3] : NULL};
    zchat_client_t *client = NULL;
    const char *why = "usage: poll_loop ROOM NAME [ENDPOINT]";
    char line[4096];

    if (argc < 3 || zchat_client_new (&options, &client, &why) != ZCHAT_OK ||
        zchat_client_join (client, argv[1], 0, 0) != ZCHAT_OK) {
        fprintf (stderr, "poll_loop: %s\n", why ? why : "the room's name is not allowed");
        zchat_client_destroy (&client);
        return 1;
    }
    setvbuf (stdin, NULL, _IONBF, 0); /* of what fgets had read ahead, poll would not tell */
    struct pollfd polled[] = {{.fd = zchat_client_fd (client), .events = POLLIN},
                              {.fd = STDIN_FILENO, .events = POLLIN}};
    while (told (client) && poll (polled, 2, zchat_client_timeout (client)) >= 0) {
        zchat_client_step (client);
        if (!polled[1].revents)
            continue;
        if (!fgets (line, sizeof line, stdin))
            break;
        size_t size = strcspn (line, "\n");
        if (size > 0 &&
            zchat_client_say (client, argv[1], ZCHAT_TYPE_SAY, line, size, NULL, NULL) != ZCHAT_OK)
            fprintf (stderr, "poll_loop: it was not taken\n");
    }
    size_t unsent = zchat_client_close (client, 10000);
    zchat_client_destroy (&client);
    return unsent > 0;
}
