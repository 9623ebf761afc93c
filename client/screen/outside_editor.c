/*  outside_editor.c - the input line in $EDITOR                               */
#include "outside_editor.h"
#include "i18n.h"
#include "keyfile.h"
#include "memory.h"
#include "program.h"
#include "text.h"
#include "words.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N_SIGNALS = 3 };

static const int signals[N_SIGNALS] = {SIGINT, SIGQUIT, SIGTSTP};

struct outside {
    char *path; /* owned; of the file                                          */
    pid_t pid;  /* of the editor; 0: it has ended                              */
    int status; /* of its end, as waitpid gives it                             */
    bool kept;  /* the signals' actions were changed                           */
    struct sigaction before[N_SIGNALS];
};

/*  --- signals --------------------------------------------------------------- */

static void lend_signals (outside_t *self)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, standard = {.sa_handler = SIG_DFL};
    for (int i = 0; i < N_SIGNALS; i++)
        sigaction (signals[i], signals[i] == SIGTSTP ? &standard : &ignore, &self->before[i]);
    self->kept = true;
}

static void take_signals_back (outside_t *self)
{
    for (int i = 0; self->kept && i < N_SIGNALS; i++)
        sigaction (signals[i], &self->before[i], NULL);
    self->kept = false;
}

/*  --- the file -------------------------------------------------------------- */

/*  Write the text into a new file. NULL and errno where that fails.           */
static char *write_file (const outside_environment_t *environment, const char *text, size_t size)
{
    const char *folder = environment->runtime_dir;
    if (!folder || *folder != '/')
        folder = environment->tmpdir;
    if (!folder || *folder != '/')
        folder = "/tmp";
    char *path = memory_format ("%s/zchat-XXXXXX.txt", folder);
    int fd = mkostemps (path, 4, O_CLOEXEC); /* of mode 0600, and never one that was there */
    bool good = fd >= 0 && keyfile_write_all (fd, text, size) && keyfile_write_all (fd, "\n", 1);
    int error = errno;
    if (fd >= 0 && close (fd) != 0 && good) {
        good = false;
        error = errno;
    }
    if (good)
        return path;
    if (fd >= 0)
        (void)unlink (path);
    free (path);
    errno = error;
    return NULL;
}

/*  --- the editor ------------------------------------------------------------ */

static char **command_of (const outside_environment_t *environment, const char *path,
                          const char **why)
{
    const char *command = environment->visual;
    if (!command || !*command)
        command = environment->editor;
    if (!command || !*command)
        command = "vi";
    char **words = words_split (command, 1, why);
    if (words)
        words[words_count (words)] = memory_string (path, strlen (path));
    return words;
}

zchat_status_t outside_start (const outside_environment_t *environment, const char *text,
                              size_t size, outside_t **outside, const char **why)
{
    outside_t *self = memory_zero (sizeof *self);
    char **words = NULL;
    int error = 0;
    *why = _ ("no file could be made for the editor");
    self->path = write_file (environment, text, size);
    if (self->path)
        words = command_of (environment, self->path, why);
    if (words) {
        *why = _ ("the editor could not be started; $EDITOR names it");
        lend_signals (self);
        error = program_start (words, false, &self->pid);
    }
    if (self->path && words && !error) {
        words_free (words);
        *why = NULL;
        *outside = self;
        return ZCHAT_OK;
    }
    words_free (words);
    outside_destroy (&self);
    return ZCHAT_SYSTEM;
}

bool outside_ended (outside_t *outside)
{
    if (outside->pid > 0) {
        pid_t got = waitpid (outside->pid, &outside->status, WNOHANG);
        if (got == 0 || (got < 0 && errno == EINTR))
            return false;
        if (got < 0) /* somebody else has waited for it                        */
            outside->status = -1;
        outside->pid = 0;
        take_signals_back (outside);
    }
    return true;
}

/*  True where the text may stand in the input line.                           */
static bool is_text (const char *text, size_t size)
{
    for (size_t at = 0; at < size; at++)
        if (((unsigned char)text[at] < ' ' && text[at] != '\n' && text[at] != '\t') ||
            text[at] == 0x7f)
            return false;
    return text_valid (frame_of (text, size));
}

zchat_status_t outside_take (outside_t *outside, size_t max_size, char **text, size_t *size,
                             const char **why)
{
    *why = _ ("the editor left with an error; the line is as it was");
    if (!outside_ended (outside) || outside->status == -1 || !WIFEXITED (outside->status) ||
        WEXITSTATUS (outside->status) != 0)
        return ZCHAT_SYSTEM;
    *why = _ ("the editor's file cannot be read; the line is as it was");
    /*  Many editors put a new file in the old one's place.                    */
    int fd = open (outside->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat info;
    if (fd < 0)
        return ZCHAT_SYSTEM;
    if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode) || info.st_uid != geteuid ()) {
        close (fd);
        return ZCHAT_SYSTEM;
    }
    char *read_back = memory_new (max_size + 2); /* one more shows that it is over */
    size_t done = 0;
    ssize_t got = 1;
    while (got > 0 && done < max_size + 2) {
        got = read (fd, read_back + done, max_size + 2 - done);
        done += got > 0 ? (size_t)got : 0;
    }
    close (fd);
    if (done > 0 && read_back[done - 1] == '\n')
        done--;
    zchat_status_t status = got < 0                     ? ZCHAT_SYSTEM
                            : done > max_size           ? ZCHAT_LIMIT
                            : is_text (read_back, done) ? ZCHAT_OK
                                                        : ZCHAT_MALFORMED;
    if (status == ZCHAT_LIMIT)
        *why = _ ("what the editor left is too long for the line, which is as it was");
    if (status == ZCHAT_MALFORMED)
        *why = _ ("what the editor left is not text; the line is as it was");
    if (status != ZCHAT_OK) {
        free (read_back);
        return status;
    }
    *why = NULL;
    *text = memory_string (read_back, done);
    *size = done;
    free (read_back);
    return ZCHAT_OK;
}

void outside_destroy (outside_t **outside)
{
    outside_t *self = *outside;
    if (!self)
        return;
    if (self->pid > 0)
        (void)kill (self->pid, SIGHUP);
    take_signals_back (self);
    if (self->path)
        (void)unlink (self->path);
    free (self->path);
    free (self);
    *outside = NULL;
}
