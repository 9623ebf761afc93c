/*  maintenance.h - zchatd check and zchatd backup: what is done to a log by hand */
#ifndef ZCHAT_BROKER_MAINTENANCE_H
#define ZCHAT_BROKER_MAINTENANCE_H

#include <stdbool.h>

/*  True where the arguments name such a command, rather than ask for a broker. */
bool maintenance_asked (int argc, char **argv);

/*  Do it. Returns the exit status; what there was to say has been said.       */
int maintenance_run (int argc, char **argv);

#endif
