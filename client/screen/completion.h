/*  completion.h - what Tab makes of the word before the cursor

    Pure. "/jo" at the begin of the line becomes a command, "#lo" or the argument of a command that
    takes a room becomes a room, ":smi" an emoji, everything else a name: with "@" where that was
    typed, and with ": " behind it at the begin of the line. Case is folded as names are compared
    (PROTOCOL.md, "Names"). Tab again takes the next one, around, and at last what was typed.
*/
#ifndef ZCHAT_SCREEN_COMPLETION_H
#define ZCHAT_SCREEN_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>

enum {
    COMPLETION_MAX = 256, /* candidates of a word; what would follow is left out */
};

/*  What there is to choose from. Borrowed during completion_tab.              */
typedef struct {
    const char *const *names; /* of the room, who spoke last first: speakers_names */
    size_t n_names;
    const char *const *rooms; /* names of rooms                                */
    size_t n_rooms;
    const char *const
        *commands; /* of the face alone, without "/"; those of command_name are known */
    size_t n_commands;
    const char *own; /* one's own name, which comes last; NULL: is not left behind */
} completion_sources_t;

/*  How the line changes: bytes from `from` to `to` are replaced by text, and the cursor comes to
    stand behind it. Valid until the next call.                                */
typedef struct {
    size_t from;
    size_t to;
    const char *text; /* ended by NUL                                          */
    size_t size;      /* bytes of text                                         */
    size_t n;         /* candidates there are                                  */
    size_t which;     /* 0, 1, ...: the one that was taken; n: what was typed before */
} completion_change_t;

typedef struct completion completion_t;

completion_t *completion_new (void);
void completion_destroy (completion_t **completion);

/*  Complete the word before the cursor of the line; back: as Shift-Tab, the one before. Called
    with the line and cursor as it left them, it goes on to the next candidate. False where there
    is nothing to complete with.                                               */
bool completion_tab (completion_t *completion, const completion_sources_t *sources,
                     const char *line, size_t size, size_t cursor, bool back,
                     completion_change_t *change);

/*  Forget what was completed; the next Tab begins anew.                       */
void completion_forget (completion_t *completion);

/*  Return candidate `which`, as it would stand in the line, so that they can be listed; NULL beyond
    the last one.                                                              */
const char *completion_candidate (const completion_t *completion, size_t which);

#endif
