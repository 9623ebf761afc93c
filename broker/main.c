/*  main.c - zchatd                                                            */
#include "broker.h"

int main (int argc, char **argv)
{
    options_t options;
    int status = options_read (&options, argc, argv);
    if (status < 0) {
        log_setup (options.log_level, options.log_json);
        status = broker_run (&options);
    }
    options_free (&options);
    return status;
}
