/*  replay.c - gives a fuzzer the inputs of files and folders, without libFuzzer

    The corpus so becomes a test of every build, with any compiler. The file under way
    is named before it runs, so that the last line of a crash tells which it was.      */
#include "fuzz.h"
#include "memory.h"
#include <dirent.h>
#include <sys/stat.h>

/*  Returns the number of inputs run; 0 where the file cannot be read.         */
static size_t replay_file (const char *path)
{
    FILE *file = fopen (path, "rb");
    char *data = NULL;
    size_t size = 0, room = 0;
    if (!file) {
        perror (path);
        return 0;
    }
    do {
        if (size == room)
            data = memory_grow (data, room = room ? 2 * room : 65536);
        size += fread (data + size, 1, room - size, file);
    } while (size == room);
    fclose (file);
    fprintf (stderr, "%s\n", path);
    frame_t input = fuzz_copy (frame_of (data, size));
    LLVMFuzzerTestOneInput (input.data, input.size);
    free ((void *)input.data);
    free (data);
    return 1;
}

static size_t replay (const char *path)
{
    struct dirent **entries;
    struct stat stat_of;
    if (stat (path, &stat_of) < 0 || !S_ISDIR (stat_of.st_mode))
        return replay_file (path);
    size_t done = 0;
    int count = scandir (path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char *inner = NULL;
        if (entries[i]->d_name[0] != '.' &&
            asprintf (&inner, "%s/%s", path, entries[i]->d_name) > 0)
            done += replay (inner);
        free (inner);
        free (entries[i]);
    }
    if (count >= 0)
        free (entries);
    return done;
}

int main (int argc, char **argv)
{
    size_t done = 0;
    bool all = argc > 1;
    for (int i = 1; i < argc; i++) {
        size_t more = replay (argv[i]);
        all = all && more > 0;
        done += more;
    }
    printf ("%zu inputs\n", done);
    /*  An empty folder is a mistake, not a success.                           */
    return all ? 0 : 1;
}
