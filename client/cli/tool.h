/*  tool.h - the loop that the non-interactive commands share

    One loop over the client, signals, standard input, standard output and time. The
    commands say what they want next and handle events; what ends a run (signals,
    refusals, silence, a closed pipe) is found, told on standard error and turned into
    an exit status here.
*/
#ifndef ZCHAT_CLI_TOOL_H
#define ZCHAT_CLI_TOOL_H

#include "direct.h"
#include "options.h"
#include "output.h"
#include <zchat/client.h>

typedef enum {
    TOOL_EVENT, /* *event is set                                               */
    TOOL_INPUT, /* standard input can be read, or has ended                    */
    TOOL_STOP,  /* the end: tool->exit_status, and the person knows why        */
} tool_turn_t;

typedef struct {
    const options_t *options; /* borrowed                                      */
    zchat_client_t *client;
    output_t out;                        /* standard output                                  */
    int signals;                         /* a signalfd: SIGINT, SIGTERM, SIGHUP              */
    bool stopped;                        /* every further turn is TOOL_STOP                  */
    bool met;                            /* a broker has answered once                       */
    bool watch_output;                   /* stop when nobody reads standard output           */
    int exit_status;                     /* once stopped                                     */
    int64_t answer_by_ms;                /* no progress by then: OUTCOME_UNREACHABLE; -1: patient */
    int64_t end_by_ms;                   /* OUTCOME_TIMEOUT then; -1: never                      */
    char log[2 * ZCHAT_LOG_ID_SIZE + 1]; /* the id of the broker's log, once it has answered */
    zchat_status_t status;               /* of the last failed attempt to connect            */
    char reason[256];                    /* and its text, fit to be shown                    */
    char nick[ZCHAT_NAME_MAX + 1];       /* another name than the login name, where that
                                            cannot be had                           */
    int nicks;                           /* such names tried                        */
    int64_t retry_ms;                    /* the chosen name is asked for again; 0: not */
} tool_t;

/*  Connect as user (NULL: a guest). OUTCOME_OK, or another exit status after the reason
    was told; then only tool_close may follow. options must outlive the tool.  */
int tool_open (tool_t *self, const options_t *options, const char *user);

/*  Direct messages, with the keys of the options' credentials. OUTCOME_OK and *direct, or another
    exit status after the reason was told.                                     */
int tool_direct (const options_t *options, const direct_calls_t *calls, direct_t **direct);

/*  Say BYE where there is a connection, and be gone for the broker; only tool_close may follow. */
void tool_leave (tool_t *self);
/*  Close: tool_leave, and write what is left. Returns the exit status.        */
int tool_close (tool_t *self);

/*  Wait for what comes next. Pointers in *event are valid until the next call. What was
    put out is written before the tool waits.                                  */
tool_turn_t tool_wait (tool_t *self, bool input, zchat_event_t *event);

/*  Progress was made, more is expected: the time for an answer starts anew.   */
void tool_expect (tool_t *self);

/*  Nothing is expected: be patient.                                           */
void tool_relax (tool_t *self);

/*  End the run; the first call counts. Returns TOOL_STOP.                     */
tool_turn_t tool_stop (tool_t *self, int exit_status);

/*  Write "zchat: ..." on standard error, one line, fit to be shown.           */
void tool_say (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/*  The callback for direct_calls_t: tool_say, with what helps.                */
void tool_notice (void *arg, const char *text, hint_t hint);

/*  tool_say, then tool_stop.                                                  */
tool_turn_t tool_fail (tool_t *self, int exit_status, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

/*  tool_fail, of a reply by which the broker refused what was asked.          */
void tool_refused (tool_t *self, const zchat_event_t *reply);

/*  Wait ZCHAT_SLOW_WAIT_MS: the broker asked to be asked again later.         */
void tool_pause (void);

#endif
