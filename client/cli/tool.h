/*  tool.h - the loop that the non-interactive commands share

    There is one loop over the client, signals, standard input, standard output and time. The
    commands say what they want next and handle events. Here it is found out what ends a run
    (signals, refusals, silence, a closed pipe); it is told on standard error and turned into an
    exit status.
*/
#ifndef ZCHAT_CLI_TOOL_H
#define ZCHAT_CLI_TOOL_H

#include "direct.h"
#include "options.h"
#include "output.h"
#include "record.h"
#include <zchat/client.h>

typedef enum {
    TOOL_EVENT, /* *event is set                                               */
    TOOL_INPUT, /* standard input can be read, or has ended                    */
    TOOL_STOP,  /* the run is over: tool->exit_status is set, and the person was told why */
} tool_turn_t;

typedef struct {
    const options_t *options; /* borrowed                                      */
    zchat_client_t *client;
    output_t out;                          /* standard output                                   */
    record_style_t style;                  /* of records on it, as the options say              */
    void (*written) (void *arg, bool all); /* called when what was put out is written; all: no
                                              event is waiting. Or NULL */
    void *written_arg;
    int signals;          /* a signalfd for SIGINT, SIGTERM and SIGHUP         */
    bool stopped;         /* the run is over, and every further turn is TOOL_STOP */
    bool met;             /* a broker has answered at least once               */
    bool watch_output;    /* the run ends when nobody reads standard output    */
    int exit_status;      /* set once the run is over                          */
    int64_t answer_by_ms; /* without progress until then the run ends with OUTCOME_UNREACHABLE; -1:
                             there is no such deadline */
    int64_t end_by_ms;    /* the run ends then with OUTCOME_TIMEOUT; -1: never */
    char log[2 * ZCHAT_LOG_ID_SIZE + 1]; /* the id of the broker's log, once it has answered */
    zchat_status_t status;               /* of the last failed attempt to connect */
    char reason[256];                    /* the text of that status, fit to be shown */
    char nick[ZCHAT_NAME_MAX + 1];       /* the name in use instead of the login name */
    int nicks;                           /* how many such names were tried     */
    int64_t retry_ms;                    /* when the chosen name is asked for again; 0: it is not */
} tool_t;

/*  Connect as user (NULL: a guest). OUTCOME_OK, or another exit status after the reason
    was told; then only tool_close may follow. options must outlive the tool.  */
int tool_open (tool_t *self, const options_t *options, const char *user);

/*  Prepare direct messages, with the keys of the options' credentials. OUTCOME_OK and *direct,
    or another exit status after the reason was told.                          */
int tool_direct (const options_t *options, const direct_calls_t *calls, direct_t **direct);

/*  Say BYE where there is a connection, and close the client. Only tool_close may follow. */
void tool_leave (tool_t *self);
/*  Close the tool: tool_leave, and write what is left. Returns the exit status. */
int tool_close (tool_t *self);

/*  Wait for what comes next. Pointers in *event are valid until the next call. Output that is
    pending is written before the tool waits.                                  */
tool_turn_t tool_wait (tool_t *self, bool input, zchat_event_t *event);

/*  Wait until fd (-1: none) can be read, for timeout_ms at most (-1: without end), and keep the
    connection meanwhile; its events wait. True: fd can be read. False: the time has passed, or
    the run is over.                                                           */
bool tool_idle (tool_t *self, int fd, int timeout_ms);

/*  Tell that there was progress and that more is expected: the time for an answer starts anew. */
void tool_expect (tool_t *self);

/*  Tell that nothing is expected, so that no deadline runs.                   */
void tool_relax (tool_t *self);

/*  End the run. Only the first call counts. Returns TOOL_STOP.                */
tool_turn_t tool_stop (tool_t *self, int exit_status);

/*  Write "zchat: ..." to standard error, as one line that is fit to be shown. */
void tool_say (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/*  The same for what may be left out with --quiet.                            */
void tool_note (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/*  Say a sentence and what would help; it is the callback for direct_calls_t. */
void tool_notice (void *arg, const char *text, hint_t hint);

/*  Call tool_say, then tool_stop.                                             */
tool_turn_t tool_fail (tool_t *self, int exit_status, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

/*  Call tool_fail for a reply by which the broker refused what was asked.     */
void tool_refused (tool_t *self, const zchat_event_t *reply);

/*  Wait ZCHAT_SLOW_WAIT_MS, where the broker asked to be asked again later.   */
void tool_pause (void);

#endif
