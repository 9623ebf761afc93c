/*  face.c - chooses the face that fits standard input and output, and makes its talk */
#include "face.h"
#include "keyfile.h"
#include "memory.h"
#include "terminal.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

transcript_look_t face_look (const options_t *options)
{
    if (!options->plain && terminal_capable ())
        return TRANSCRIPT_EDITOR;
    if (isatty (STDIN_FILENO))
        return isatty (STDOUT_FILENO) ? TRANSCRIPT_DUMB : TRANSCRIPT_LOG;
    return TRANSCRIPT_SCRIPT;
}

bool face_first_run (void)
{
    const char *cache = getenv ("XDG_CACHE_HOME"), *home = getenv ("HOME");
    char *folder = cache && *cache == '/' ? memory_format ("%s/zchat", cache)
                   : home && *home == '/' ? memory_format ("%s/.cache/zchat", home)
                                          : NULL;
    if (!folder)
        return false;
    char *path = memory_format ("%s/greeted", folder);
    int fd = -1;
    if (access (path, F_OK) != 0 && keyfile_folder (folder) == ZCHAT_OK)
        fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        close (fd);
    free (path);
    free (folder);
    return fd >= 0;
}

bool face_full (const options_t *options)
{
    const char *face = getenv ("ZCHAT_FACE");
    return face_look (options) == TRANSCRIPT_EDITOR && !options->lines &&
           !(face && strcmp (face, "lines") == 0);
}

talk_t *face_talk (const options_t *options, transcript_t *text)
{
    bool script = text->look == TRANSCRIPT_SCRIPT;
    /*  People want to see what was said before; a script wants only what comes. */
    bool past = !script || options->last != CLI_LAST_DEFAULT;
    talk_options_t wanted = {.endpoint = options->endpoint,
                             .credentials = options->credentials,
                             .token = options->token,
                             .nick = options->nick,
                             .settings = options->settings_file,
                             .broker = options->broker,
                             .rooms = options->rooms,
                             .n_rooms = options->n_rooms,
                             .last = past ? options->last : 0,
                             .since = options->since,
                             .around = options->link_seq,
                             .scripted = script,
                             .keeps_line = text->look == TRANSCRIPT_EDITOR,
                             .event = transcript_take,
                             .arg = text};
    return talk_new (&wanted);
}
