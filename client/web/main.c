/*  main.c - zchat-web                                                             */
#include "door.h"
#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

int main (int argc, char **argv)
{
    options_t options;
    int status;

    /*  A closed standard stream is not to become one of our sockets.            */
    for (int fd = 0; fd < 3; fd++)
        if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) != fd)
            return OUTCOME_SYSTEM;
    signal (SIGPIPE, SIG_IGN);
    if (sodium_init () < 0 || curl_global_init (CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return OUTCOME_SYSTEM;
    status = options_read (&options, argc, argv);
    if (status < 0) {
        door_t *door = door_new (&options, &status);
        if (door) {
            door_run (door);
            door_destroy (&door);
            status = OUTCOME_OK;
        }
    }
    options_free (&options);
    curl_global_cleanup ();
    return status;
}
