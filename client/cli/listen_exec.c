/*  listen_exec.c - a command for each message                                 */
#include "listen_exec.h"
#include "i18n.h"
#include "memory.h"
#include "record.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    VARIABLES_MAX = 10,
    LEAVE_MS = 5000, /* ms that a command may take to end when the run is over  */
};

typedef struct job {
    struct job *next;
    listen_done_t done;
    buffer_t record;
    char *variables[VARIABLES_MAX]; /* NAME=VALUE; owned                       */
    size_t n_variables;
} job_t;

struct listen_exec {
    tool_t *tool;
    char **argv; /* of the command; the array is owned                         */
    job_t *first, **end;
    bool started; /* the command could be started at least once                */
};

extern char **environ;

listen_exec_t *listen_exec_new (tool_t *tool)
{
    const options_t *options = tool->options;
    listen_exec_t *self = memory_zero (sizeof *self);
    self->tool = tool;
    self->end = &self->first;
    self->argv = memory_zero ((options->n_words + 2) * sizeof *self->argv);
    self->argv[0] = (char *)options->exec;
    for (size_t i = 0; i < options->n_words; i++)
        self->argv[i + 1] = options->words[i];
    return self;
}

static void job_free (job_t *job)
{
    for (size_t i = 0; i < job->n_variables; i++)
        free (job->variables[i]);
    buffer_free (&job->record);
    free (job);
}

static void drop (listen_exec_t *self)
{
    job_t *job = self->first;
    self->first = job->next;
    if (!self->first)
        self->end = &self->first;
    job_free (job);
}

void listen_exec_destroy (listen_exec_t **exec)
{
    listen_exec_t *self = *exec;
    if (!self)
        return;
    while (self->first)
        drop (self);
    free (self->argv);
    free (self);
    *exec = NULL;
}

/*  --- what the command is told -------------------------------------------------- */

static void variable (job_t *job, const char *name, const char *value)
{
    char *shown = zchat_text_display (value ? value : "", value ? strlen (value) : 0, false);
    job->variables[job->n_variables++] = memory_format ("%s=%s", name, shown);
    free (shown);
}

static void number (job_t *job, const char *name, uint64_t value)
{
    job->variables[job->n_variables++] = memory_format ("%s=%" PRIu64, name, value);
}

void listen_exec_add (listen_exec_t *exec, const zchat_event_t *event,
                      const people_opened_t *opened)
{
    tool_t *tool = exec->tool;
    job_t *job = memory_zero (sizeof *job);
    output_t out;
    output_init (&out, -1, -1);
    if (opened)
        record_direct (&out, event, opened, tool->log, &tool->style);
    else
        record_message (&out, event, tool->log, &tool->style);
    job->record = out.pending;
    job->done.seq = event->seq;
    job->done.marks = event->type == ZCHAT_TYPE_MARKS;
    snprintf (job->done.room, sizeof job->done.room, "%s", event->room);
    variable (job, "ZCHAT_ROOM", event->room);
    if (event->seq > 0) {
        char *id = memory_format ("%s/%" PRIu64, event->room, event->seq);
        number (job, "ZCHAT_SEQ", event->seq);
        variable (job, "ZCHAT_ID", id);
        free (id);
    }
    variable (job, "ZCHAT_LOG", tool->log);
    variable (job, "ZCHAT_TYPE", zchat_type_name (event->type));
    variable (job, "ZCHAT_USER", event->user);
    number (job, "ZCHAT_TIME", event->time_ms);
    if (opened)
        variable (job, "ZCHAT_SEAL", direct_seal (opened));
    *exec->end = job;
    exec->end = &job->next;
}

/*  Write the environment of one attempt: ours without these variables, and these. The caller frees
    the array, and the last string of it by way of *attempt.                   */
static char **environment (const job_t *job, uint64_t n, char **attempt)
{
    static const char *const ours[] = {
        "ZCHAT_ROOM=", "ZCHAT_SEQ=",  "ZCHAT_ID=",   "ZCHAT_LOG=",    "ZCHAT_TYPE=",
        "ZCHAT_USER=", "ZCHAT_TIME=", "ZCHAT_SEAL=", "ZCHAT_ATTEMPT="};
    size_t count = 0, size = 0;
    while (environ && environ[count])
        count++;
    char **all = memory_zero ((count + VARIABLES_MAX + 2) * sizeof *all);
    for (size_t i = 0; i < count; i++) {
        bool stale = false;
        for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
            stale = stale || strncmp (environ[i], ours[k], strlen (ours[k])) == 0;
        if (!stale)
            all[size++] = environ[i];
    }
    for (size_t i = 0; i < job->n_variables; i++)
        all[size++] = job->variables[i];
    *attempt = memory_format ("ZCHAT_ATTEMPT=%" PRIu64, n);
    all[size] = *attempt;
    return all;
}

/*  --- running it ------------------------------------------------------------------ */

/*  Put the record into a file in memory, so that nobody has to write while it is read. */
static int record_open (const buffer_t *record)
{
    int fd = memfd_create ("record", MFD_CLOEXEC);
    for (size_t done = 0; fd >= 0 && done < record->size;) {
        ssize_t written = write (fd, record->data + done, record->size - done);
        if (written > 0)
            done += (size_t)written;
        else if (written < 0 && errno != EINTR) {
            close (fd);
            return -1;
        }
    }
    if (fd >= 0)
        (void)lseek (fd, 0, SEEK_SET);
    return fd;
}

/*  Start the command. 0 and *pid, or an error of errno.                       */
static int start (listen_exec_t *self, const job_t *job, uint64_t n, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, standard;
    char *attempt;
    int fd = record_open (&job->record);
    if (fd < 0)
        return errno;
    char **all = environment (job, n, &attempt);
    /*  We have blocked the signals that end a run, and ignore SIGPIPE.        */
    sigemptyset (&none);
    sigemptyset (&standard);
    sigaddset (&standard, SIGPIPE);
    posix_spawn_file_actions_init (&actions);
    posix_spawn_file_actions_adddup2 (&actions, fd, STDIN_FILENO);
    posix_spawnattr_init (&attributes);
    posix_spawnattr_setsigmask (&attributes, &none);
    posix_spawnattr_setsigdefault (&attributes, &standard);
    posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawnp (pid, self->argv[0], &actions, &attributes, self->argv, all);
    posix_spawn_file_actions_destroy (&actions);
    posix_spawnattr_destroy (&attributes);
    close (fd);
    free (all);
    free (attempt);
    return error;
}

/*  Wait until the command has ended; where the run is over before, tell it to. Returns its status
    as waitpid gives it, or -1: it goes on.                                    */
static int finish (listen_exec_t *self, pid_t pid)
{
    int status = -1;
    int fd = pidfd_open (pid, 0);
    if (fd < 0) { /* no such call here: it cannot be waited for beside other things */
        while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
            continue;
        return status;
    }
    if (!tool_idle (self->tool, fd, -1)) {
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        (void)kill (pid, SIGTERM);
        (void)poll (&polled, 1, LEAVE_MS);
    }
    if (waitpid (pid, &status, WNOHANG) != pid)
        status = -1;
    close (fd);
    return status;
}

/*  Say why the command did not do its work.                                   */
static char *reason (int error, int status)
{
    if (error)
        return memory_format (_ ("could not be started: %s"), strerror (error));
    if (WIFSIGNALED (status))
        return memory_format (_ ("was ended by signal %d"), WTERMSIG (status));
    return memory_format (_ ("ended with %d"), WEXITSTATUS (status));
}

/*  Tell of a failed attempt, and wait. False where there is to be no other.   */
static bool again (listen_exec_t *self, const job_t *job, uint64_t n, const char *why)
{
    const options_t *options = self->tool->options;
    int64_t wait_ms = ZCHAT_EXEC_WAIT_MIN_MS;
    for (uint64_t i = 1; i < n && wait_ms < ZCHAT_EXEC_WAIT_MAX_MS; i++)
        wait_ms *= 2;
    if (wait_ms > ZCHAT_EXEC_WAIT_MAX_MS)
        wait_ms = ZCHAT_EXEC_WAIT_MAX_MS;
    if (options->exec_max && n >= options->exec_max) {
        (void)tool_fail (self->tool, OUTCOME_COMMAND,
                         _ ("%s/%" PRIu64 ": %s %s, attempt %" PRIu64 " of %" PRIu64),
                         job->done.room, job->done.seq, self->argv[0], why, n, options->exec_max);
        return false;
    }
    tool_say (_ ("%s/%" PRIu64 ": %s %s, attempt %" PRIu64 "; once more in %g s"), job->done.room,
              job->done.seq, self->argv[0], why, n, (double)wait_ms / 1000);
    (void)tool_idle (self->tool, -1, (int)wait_ms);
    return !self->tool->stopped;
}

bool listen_exec_next (listen_exec_t *exec, listen_done_t *done)
{
    job_t *job = exec->first;
    if (!job || exec->tool->stopped)
        return false;
    for (uint64_t n = 1;; n++) {
        pid_t pid = -1;
        int error = start (exec, job, n, &pid);
        int status = error ? 0 : finish (exec, pid);
        exec->started = exec->started || !error;
        if (!error && status != -1 && WIFEXITED (status) && WEXITSTATUS (status) == 0)
            break;
        if (exec->tool->stopped)
            return false;
        char *why = reason (error, status);
        bool goes_on = exec->started && again (exec, job, n, why);
        if (!exec->started) /* there is a mistake in what was asked for         */
            (void)tool_fail (exec->tool, OUTCOME_SYSTEM, "%s %s", exec->argv[0], why);
        free (why);
        if (!goes_on)
            return false;
    }
    *done = job->done;
    drop (exec);
    return true;
}
