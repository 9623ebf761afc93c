/*  terminal.c - the terminal and the signals of a process that talks with a person */
#include "terminal.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/*  Entering turns bracketed paste on. Leaving removes the input line, turns paste off, and turns
    wrapping and plain colours on.                                             */
#define ENTER_RAW "\033[?2004h"
#define LEAVE_RAW "\r\033[K\033[?2004l\033[?7h\033[0m"

/*  The whole screen: the other buffer, the title of the window kept, and reports of attention. */
#define ENTER_FULL "\033[?1049h\033[22;0t\033[?1004h"
#define LEAVE_FULL "\033[?1004l\033[?7h\033[0m\033[?25h\033[23;0t\033[?1049l"

enum { COLUMNS_DEFAULT = 80, COLUMNS_MIN = 2, ROWS_DEFAULT = 24 };

enum { N_LEAVE_SIGNALS = 3, N_CRASH_SIGNALS = 6 };

static const int leave_signals[N_LEAVE_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
static const int crash_signals[N_CRASH_SIGNALS] = {SIGABRT, SIGSEGV, SIGBUS,
                                                   SIGILL,  SIGFPE,  SIGQUIT};

struct terminal {
    bool raw;                      /* raw mode is wanted while the process runs */
    bool ignored[N_LEAVE_SIGNALS]; /* whoever started us had them ignored, as nohup does */
    bool never_stops;              /* SIGTSTP was ignored too: nobody could wake us up again */
};

/*  State that signal handlers and exit need, because they take no argument.   */
static struct {
    struct termios before;       /* as the terminal was found                  */
    volatile sig_atomic_t raw;   /* raw mode is on now                         */
    volatile sig_atomic_t lent;  /* another program has the terminal             */
    volatile sig_atomic_t full;  /* the whole screen is ours while raw mode is on */
    volatile sig_atomic_t leave; /* the signal that asked for it, or 0         */
    volatile sig_atomic_t resized;
    volatile sig_atomic_t stop;
    volatile sig_atomic_t resumed;
    int pipe[2]; /* handlers write to it                                       */
} process = {.pipe = {-1, -1}};

/*  --- raw mode -------------------------------------------------------------- */

/*  Leave raw mode. It is async-signal-safe. A process in the background leaves the terminal
    alone, because the shell has already set it.                               */
static void restore (void)
{
    if (!process.raw)
        return;
    process.raw = 0;
    pid_t front = tcgetpgrp (STDIN_FILENO);
    if (front != -1 && front != getpgrp ())
        return;
    ssize_t written = process.full ? write (STDOUT_FILENO, LEAVE_FULL, sizeof LEAVE_FULL - 1) : 0;
    written = write (STDOUT_FILENO, LEAVE_RAW, sizeof LEAVE_RAW - 1);
    (void)written; /* a terminal that is gone needs no restoring */
    tcsetattr (STDIN_FILENO, TCSANOW, &process.before); /* TCSANOW never waits for output */
}

static zchat_status_t enter_raw (void)
{
    struct termios raw;
    if (tcgetattr (STDIN_FILENO, &raw) != 0)
        return ZCHAT_SYSTEM;
    process.before = raw;
    raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT);
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    /*  TCSANOW does not flush, so keys that were typed while the program started are kept. */
    if (tcsetattr (STDIN_FILENO, TCSANOW, &raw) != 0)
        return ZCHAT_SYSTEM;
    process.raw = 1;
    ssize_t written = write (STDOUT_FILENO, ENTER_RAW, sizeof ENTER_RAW - 1);
    if (process.full)
        written = write (STDOUT_FILENO, ENTER_FULL, sizeof ENTER_FULL - 1);
    (void)written; /* the next write will find it out */
    return ZCHAT_OK;
}

/*  --- signals --------------------------------------------------------------- */

static void on_signal (int number)
{
    int saved = errno;
    switch (number) {
    case SIGWINCH:
        process.resized = 1;
        break;
    case SIGTSTP:
        process.stop = 1;
        break;
    case SIGCONT:
        process.resumed = 1;
        break;
    default:
        if (process.leave) {
            restore ();
            _exit (128 + number);
        }
        process.leave = number;
    }
    ssize_t written = write (process.pipe[1], "", 1);
    (void)written; /* if the pipe is full, it is readable, and that is enough */
    errno = saved;
}

static void on_crash (int number)
{
    restore ();
    signal (number, SIG_DFL);
    raise (number);
}

static void catch (int number, void (*handler) (int))
{
    struct sigaction action;
    memset (&action, 0, sizeof action);
    sigemptyset (&action.sa_mask);
    action.sa_handler = handler; /* without SA_RESTART, so that a blocked write comes back */
    sigaction (number, &action, NULL);
}

static bool has_handler (int number, void (*handler) (int))
{
    struct sigaction action;
    return sigaction (number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
           action.sa_handler == handler;
}

void terminal_catch (terminal_t *terminal)
{
    for (int i = 0; i < N_LEAVE_SIGNALS; i++)
        catch (leave_signals[i], terminal->ignored[i] ? SIG_IGN : on_signal);
    catch (SIGPIPE, SIG_IGN);
    if (!terminal->raw)
        return;
    catch (SIGWINCH, on_signal);
    catch (SIGTSTP, terminal->never_stops ? SIG_IGN : on_signal);
    catch (SIGCONT, on_signal);
    /*  A sanitizer or a debugger's library may have a handler of its own; it is kept. */
    for (int i = 0; i < N_CRASH_SIGNALS; i++)
        if (has_handler (crash_signals[i], SIG_DFL))
            catch (crash_signals[i], on_crash);
}

int terminal_fd (const terminal_t *terminal)
{
    (void)terminal;
    return process.pipe[0];
}

static terminal_signals_t take_signals (void)
{
    char bytes[64];
    while (read (process.pipe[0], bytes, sizeof bytes) > 0)
        ;
    terminal_signals_t signals = {process.leave, process.resized, process.stop, process.resumed};
    process.resized = 0;
    process.stop = 0;
    process.resumed = 0;
    return signals;
}

terminal_signals_t terminal_signals (terminal_t *terminal)
{
    terminal_signals_t signals = take_signals ();
    if (signals.resumed && terminal->raw && !signals.leave && !process.lent) {
        /*  We were stopped by SIGSTOP in raw mode, and the shell has changed the terminal since. */
        struct termios before = process.before;
        bool was_raw = process.raw;
        if (enter_raw () == ZCHAT_OK && was_raw)
            process.before = before;
    }
    return signals;
}

void terminal_full (terminal_t *terminal)
{
    (void)terminal;
    process.full = 1;
    ssize_t written = write (STDOUT_FILENO, ENTER_FULL, sizeof ENTER_FULL - 1);
    (void)written; /* the next write will find it out */
}

void terminal_lend (terminal_t *terminal)
{
    (void)terminal;
    restore ();
    process.lent = 1;
}

void terminal_take (terminal_t *terminal)
{
    process.lent = 0;
    if (!process.leave && terminal->raw && !process.raw)
        (void)!enter_raw ();
}

void terminal_suspend (terminal_t *terminal)
{
    if (terminal->never_stops)
        return;
    restore ();
    signal (SIGTSTP, SIG_DFL);
    kill (0, SIGTSTP); /* the whole job stops, as it does when the terminal sends the signal */
    catch (SIGTSTP, on_signal);
    if (!process.leave && terminal->raw && !process.raw)
        (void)!enter_raw ();
    process.resumed = 0;
}

/*  --- life ------------------------------------------------------------------ */

bool terminal_capable (void)
{
    const char *term = getenv ("TERM");
    return isatty (STDIN_FILENO) && isatty (STDOUT_FILENO) && term && *term &&
           strcmp (term, "dumb") != 0;
}

zchat_status_t terminal_new (bool raw, terminal_t **terminal)
{
    static bool registered;
    if (pipe2 (process.pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return ZCHAT_SYSTEM;
    terminal_t *self = memory_zero (sizeof *self);
    self->raw = raw;
    process.leave = 0;
    for (int i = 0; i < N_LEAVE_SIGNALS; i++)
        self->ignored[i] = has_handler (leave_signals[i], SIG_IGN);
    self->never_stops = has_handler (SIGTSTP, SIG_IGN);
    if (raw) {
        if (!registered && atexit (restore) == 0)
            registered = true;
        if (enter_raw () != ZCHAT_OK) {
            terminal_destroy (&self);
            return ZCHAT_SYSTEM;
        }
    }
    terminal_catch (self);
    *terminal = self;
    return ZCHAT_OK;
}

void terminal_destroy (terminal_t **terminal)
{
    if (!*terminal)
        return;
    restore ();
    process.full = 0;
    /*  The pipe stays open, because handlers may still run.                   */
    free (*terminal);
    *terminal = NULL;
}

int terminal_columns (const terminal_t *terminal)
{
    (void)terminal;
    struct winsize size;
    if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col < COLUMNS_MIN ? COLUMNS_MIN : size.ws_col;
}

int terminal_rows (const terminal_t *terminal)
{
    (void)terminal;
    struct winsize size;
    if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
        return ROWS_DEFAULT;
    return size.ws_row;
}

zchat_status_t terminal_write (terminal_t *terminal, int fd, const char *bytes, size_t size)
{
    (void)terminal;
    while (size > 0) {
        ssize_t written = write (fd, bytes, size);
        if (written >= 0) {
            bytes += written;
            size -= (size_t)written;
            if (size > 0 && process.leave) /* a signal has cut the write short */
                return ZCHAT_CLOSING;
        } else if (errno == EAGAIN) {
            /*  Somebody who shares the terminal has made it non-blocking, so we wait. */
            struct pollfd waits[] = {{fd, POLLOUT, 0}, {process.pipe[0], POLLIN, 0}};
            (void)poll (waits, 2, -1);
            if (process.leave)
                return ZCHAT_CLOSING;
            if (waits[1].revents && !waits[0].revents)
                (void)poll (waits, 1, 100); /* the caller reads it later */
        } else if (errno != EINTR || process.leave)
            return ZCHAT_CLOSING;
    }
    return ZCHAT_OK;
}
