/*  outcome.h - how a run ended, as the process tells its parent */
#ifndef ZCHAT_TALK_OUTCOME_H
#define ZCHAT_TALK_OUTCOME_H

/*  Exit statuses, after sysexits.h.                                           */
enum {
    OUTCOME_OK = 0,
    OUTCOME_USAGE = 64,       /* what was asked for is not understood          */
    OUTCOME_DATA = 65,        /* what was to be sent cannot be sent            */
    OUTCOME_UNREACHABLE = 69, /* no broker, or it does not answer              */
    OUTCOME_SYSTEM = 71,      /* the operating system refused                  */
    OUTCOME_COMMAND = 75,     /* the command of --exec failed too often        */
    OUTCOME_REFUSED = 77,     /* the broker said no: name taken, not allowed, limit */
    OUTCOME_CONFIG = 78,      /* the config file is wrong                      */
    OUTCOME_TIMEOUT = 124,    /* the time given ended before all that was wanted came */
    OUTCOME_SIGNALLED = 128,  /* plus the number of the signal that ended it   */
    OUTCOME_INTERRUPTED = 130,
};

#endif
