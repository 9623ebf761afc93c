/*  main.c - zchat-web                                                             */
#include "door.h"
#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DESCRIPTORS = 16384 };

/*  A descriptor for each connection, and some for each person: as many as we may have. */
static void descriptors_raise (void)
{
    struct rlimit limit;

    if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
        (void)setrlimit (RLIMIT_NOFILE, &limit);
    }
}

int main (int argc, char **argv)
{
    options_t options;
    int status;

    /*  A closed standard stream is not to become one of our sockets.            */
    for (int fd = 0; fd < 3; fd++)
        if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) != fd)
            return OUTCOME_SYSTEM;
    signal (SIGPIPE, SIG_IGN);
    descriptors_raise ();
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
