/*  log_writer.c - lines to a descriptor that may not take them                */
#include "log_writer.h"
#include "memory.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zchat/limits.h>

typedef struct line {
    struct line *next;
    size_t size;
    char text[];
} line_t;

struct log_writer {
    int fd;
    log_told_t told;
    bool direct; /* a file takes every line at once: there is no thread              */
    pthread_t thread;
    pthread_mutex_t mutex; /* of all below                                          */
    pthread_cond_t change; /* there is a line; or all is over                       */
    line_t *lines;         /* waiting, in their order                               */
    line_t *last;          /* of them                                               */
    size_t bytes;          /* of them                                               */
    uint64_t dropped;      /* since it was told last                                */
    uint64_t lost;         /* that were dropped ever                                */
    bool full;             /* lines are dropped until all that wait are written     */
    bool stopping;         /* no more will come                                     */
    bool stopped;          /* the thread touches nothing any more                   */
    bool abandoned;        /* it frees all itself, should it ever get that far      */
};

/*  --- the thread ------------------------------------------------------------  */

/*  0, or the errno.                                                           */
static int write_all (int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t done = write (fd, text, size);
        if (done < 0 && errno == EAGAIN) {
            /*  Somebody who shares it has made it so.                         */
            nanosleep (&(struct timespec){.tv_nsec = 10000000}, NULL);
            continue;
        }
        if (done < 0 && errno != EINTR)
            return errno;
        if (done > 0) {
            text += done;
            size -= (size_t)done;
        }
    }
    return 0;
}

static void writer_free (log_writer_t *self)
{
    while (self->lines) {
        line_t *line = self->lines;
        self->lines = line->next;
        free (line);
    }
    pthread_cond_destroy (&self->change);
    pthread_mutex_destroy (&self->mutex);
    free (self);
}

/*  Write a line, without the mutex. True: it is written; else it counts as dropped. */
static bool line_write (log_writer_t *self, const char *text, size_t size)
{
    int error = write_all (self->fd, text, size);
    if (error && self->told.failed)
        self->told.failed (error);
    return !error;
}

/*  Tell of the lines that were dropped. Without the mutex; false: not even that can be written. */
static bool drops_tell (log_writer_t *self, uint64_t dropped)
{
    char *text = self->told.dropped ? self->told.dropped (dropped) : NULL;
    bool told = !text || write_all (self->fd, text, strlen (text)) == 0;
    free (text);
    return told;
}

/*  Write the first line. With the mutex, which is let go while writing.       */
static void turn (log_writer_t *self)
{
    line_t *line = self->lines;
    uint64_t dropped = 0;
    self->lines = line->next;
    pthread_mutex_unlock (&self->mutex);
    bool written = line_write (self, line->text, line->size);
    pthread_mutex_lock (&self->mutex);
    self->bytes -= line->size;
    free (line);
    self->dropped += !written;
    self->lost += !written;
    /*  What was dropped came after all that waited.                           */
    if (!self->lines) {
        self->full = false;
        if (written) {
            dropped = self->dropped;
            self->dropped = 0;
        }
    }
    if (!dropped)
        return;
    pthread_mutex_unlock (&self->mutex);
    bool told = drops_tell (self, dropped);
    pthread_mutex_lock (&self->mutex);
    self->dropped += told ? 0 : dropped;
}

static void *writer_run (void *arg)
{
    log_writer_t *self = arg;
    pthread_mutex_lock (&self->mutex);
    while (self->lines || !self->stopping)
        if (self->lines)
            turn (self);
        else
            pthread_cond_wait (&self->change, &self->mutex);
    self->stopped = true;
    bool abandoned = self->abandoned;
    pthread_cond_broadcast (&self->change);
    pthread_mutex_unlock (&self->mutex);
    if (abandoned)
        writer_free (self);
    return NULL;
}

/*  --- its owner -------------------------------------------------------------  */

log_writer_t *log_writer_new (int fd, log_told_t told)
{
    log_writer_t *self = memory_zero (sizeof *self);
    pthread_condattr_t attributes;
    sigset_t all, before;
    self->fd = fd;
    self->told = told;
    pthread_mutex_init (&self->mutex, NULL);
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->change, &attributes);
    pthread_condattr_destroy (&attributes);
    struct stat info;
    self->direct = fstat (fd, &info) == 0 && S_ISREG (info.st_mode);
    if (self->direct)
        return self;
    /*  Signals are for the thread that waits for them.                        */
    sigfillset (&all);
    pthread_sigmask (SIG_BLOCK, &all, &before);
    bool made = pthread_create (&self->thread, NULL, writer_run, self) == 0;
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    if (made)
        return self;
    writer_free (self);
    return NULL;
}

static void put_direct (log_writer_t *self, const char *text, size_t size)
{
    bool written = line_write (self, text, size);
    if (!written) {
        self->dropped++;
        self->lost++;
    } else if (self->dropped && drops_tell (self, self->dropped))
        self->dropped = 0;
}

/*  False: it is dropped. With the mutex.                                      */
static bool line_add (log_writer_t *self, line_t *line)
{
    self->full = self->full || self->bytes + line->size > ZCHAT_LOG_QUEUE_BYTES;
    /*  With nothing waiting there is nobody to end it.                        */
    if (self->full && self->bytes)
        return false;
    self->full = false;
    if (self->lines)
        self->last->next = line;
    else
        self->lines = line;
    self->last = line;
    self->bytes += line->size;
    pthread_cond_signal (&self->change);
    return true;
}

void log_writer_put (log_writer_t *writer, const char *text, size_t size)
{
    line_t *line = NULL;
    if (!writer->direct) {
        line = memory_new (sizeof *line + size);
        *line = (line_t){.size = size};
        memcpy (line->text, text, size);
    }
    pthread_mutex_lock (&writer->mutex);
    if (writer->direct)
        put_direct (writer, text, size);
    else if (line_add (writer, line))
        line = NULL;
    else {
        writer->dropped++;
        writer->lost++;
    }
    pthread_mutex_unlock (&writer->mutex);
    free (line);
}

uint64_t log_writer_lost (log_writer_t *writer)
{
    pthread_mutex_lock (&writer->mutex);
    uint64_t lost = writer->lost;
    pthread_mutex_unlock (&writer->mutex);
    return lost;
}

void log_writer_destroy (log_writer_t **self_p, unsigned wait_ms)
{
    log_writer_t *self = *self_p;
    struct timespec end;
    if (!self)
        return;
    *self_p = NULL;
    clock_gettime (CLOCK_MONOTONIC, &end);
    end.tv_sec += wait_ms / 1000;
    end.tv_nsec += wait_ms % 1000 * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    if (self->direct) {
        writer_free (self);
        return;
    }
    pthread_t thread = self->thread;
    pthread_mutex_lock (&self->mutex);
    self->stopping = true;
    pthread_cond_signal (&self->change);
    while (!self->stopped && pthread_cond_timedwait (&self->change, &self->mutex, &end) == 0)
        continue;
    bool stopped = self->stopped;
    self->abandoned = !stopped;
    pthread_mutex_unlock (&self->mutex);
    if (stopped) {
        pthread_join (thread, NULL);
        writer_free (self);
    } else
        pthread_detach (thread);
}
