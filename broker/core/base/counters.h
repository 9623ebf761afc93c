/*  counters.h - how often what happened

    One structure for the process: core and shell count here, log lines and metrics read it. Numbers
    begin at 0 when the process does, and only grow: whoever reads them twice knows what came
   between.
*/
#ifndef ZCHAT_CORE_COUNTERS_H
#define ZCHAT_CORE_COUNTERS_H

#include "request.h"
#include "zchat/status.h"
#include <stdint.h>

typedef struct {
    /*  Answers by verb, of which the last stands for what cannot be understood, and by outcome:
        ZCHAT_OK, or the code of the ERR. Quotas are ZCHAT_SLOW, limits ZCHAT_LIMIT. Announced
        events and pages of HISTORY are no answers.                            */
    uint64_t answers[VERB_COUNT + 1][ZCHAT_STATUS_COUNT];
    uint64_t events;         /* stored, and told                                */
    uint64_t commits;        /* that went well, probes too                      */
    uint64_t commits_failed; /* that did not, or of which nobody knew           */
    uint64_t loads;          /* of the ledger, after those                      */
    /*  What the shell counts.                                                 */
    uint64_t replies_dropped; /* the peer did not read                          */
    uint64_t unaccepted;      /* times that there was no descriptor for a connection */
    uint64_t unshaken;        /* handshakes that failed before admission was asked: no encryption,
                                 another key of the broker, no ZMTP, no end    */
} counters_t;

/*  ERR sent.                                                                  */
static inline uint64_t counters_refused (const counters_t *counters)
{
    uint64_t sum = 0;
    for (int verb = 0; verb <= VERB_COUNT; verb++)
        for (int status = 0; status < ZCHAT_STATUS_COUNT; status++)
            sum += status == ZCHAT_OK ? 0 : counters->answers[verb][status];
    return sum;
}

#endif
