/*  terminal.h - the terminal and the signals of a process that talks with a person

    A process has only one. Raw mode is left again on every way out: terminal_destroy, exit, SIGINT,
    SIGTERM, SIGHUP, and crashes.

    A signal makes terminal_fd readable; a second SIGINT, SIGTERM or SIGHUP ends the process at
    once.
*/
#ifndef ZCHAT_CLI_TERMINAL_H
#define ZCHAT_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <zchat/status.h>

typedef struct terminal terminal_t;

/*  What signals have asked for since the last call of terminal_signals.       */
typedef struct {
    int leave;    /* SIGINT, SIGTERM or SIGHUP came; or 0                      */
    bool resized; /* the window has got another size                           */
    bool stop;    /* SIGTSTP came: call terminal_suspend                       */
    bool resumed; /* SIGCONT came; raw mode was entered again                  */
} terminal_signals_t;

/*  True where a person sits at both ends of a terminal that knows VT sequences. */
bool terminal_capable (void);

/*  Catch the signals, and enter raw mode on standard input where raw is true. ZCHAT_OK
    and *terminal, or ZCHAT_SYSTEM with errno.                                 */
zchat_status_t terminal_new (bool raw, terminal_t **terminal) ZCHAT_CHECKED;
void terminal_destroy (terminal_t **terminal);

/*  Draw on the whole screen from now on, which has a memory of its own: what stood on the terminal
    before comes back when the process ends or stops. The terminal tells when it has got or lost the
    person's attention, too. Call it after terminal_new with raw.               */
void terminal_full (terminal_t *terminal);

/*  Leave the screen to another program, and take it again afterwards.      */
void terminal_lend (terminal_t *terminal);
void terminal_take (terminal_t *terminal);

/*  Catch the signals again, because libraries may have taken them.            */
void terminal_catch (terminal_t *terminal);

/*  Return the descriptor to be polled for reading.                            */
int terminal_fd (const terminal_t *terminal);

/*  Return what the signals ask for. Where resumed is set, raw mode was already entered again. */
terminal_signals_t terminal_signals (terminal_t *terminal);

/*  Leave raw mode, stop the process as C-z does, and enter raw mode again when it goes on. */
void terminal_suspend (terminal_t *terminal);

/*  Return the columns of the window: 2 at least; 80 where they are not known. */
int terminal_columns (const terminal_t *terminal);

/*  Return the rows of the window: 1 at least; 24 where they are not known.     */
int terminal_rows (const terminal_t *terminal);

/*  Write everything to a descriptor. ZCHAT_OK; ZCHAT_CLOSING: nobody reads it any more, or a
    signal wants the process to leave.                                         */
zchat_status_t terminal_write (terminal_t *terminal, int fd, const char *bytes,
                               size_t size) ZCHAT_CHECKED;

#endif
