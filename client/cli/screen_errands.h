/*  screen_errands.h - what the full screen has done outside of it: programs, the clipboard, the
   bell

    They are orders of screen.h that concern neither the talk nor the loop.     */
#ifndef ZCHAT_CLI_SCREEN_ERRANDS_H
#define ZCHAT_CLI_SCREEN_ERRANDS_H

#include "buffer.h"
#include "outside_editor.h"
#include "runner.h"
#include "screen.h"
#include "terminal.h"

/*  Of zeroes but for the first part, which is borrowed.                        */
typedef struct {
    screen_t *screen;
    terminal_t *terminal;
    buffer_t *out;      /* for the terminal                                     */
    const char *notify; /* the command that notifies, or NULL                   */
    bool silent;        /* no bell                                              */
    bool poor;          /* the terminal may take a title or a notification for text */
    bool may_copy;      /* the person was asked                                 */
    bool bell;          /* it is to be sounded                                  */
    bool redraw;        /* something else has written on the terminal           */
    char *history;      /* owned: path of the lines that were entered; NULL: none are kept */
    outside_t *outside; /* owned: $EDITOR, which has the terminal meanwhile; or NULL */
    runner_t *runner;   /* owned                                                */
    buffer_t title;     /* the sequence that was written last                   */
} screen_errands_t;

/*  Do what an order asks for. False: it is for somebody else.                  */
bool screen_errand (screen_errands_t *self, const screen_order_t *order);

/*  Give the window of the terminal a title with what is unread.                */
void screen_errands_title (screen_errands_t *self);

/*  Put the lines of former days into the screen, and keep those that come. */
void screen_errands_history (screen_errands_t *self);

/*  Call it at every turn of the loop.                                          */
void screen_errands_step (screen_errands_t *self);

void screen_errands_free (screen_errands_t *self);

#endif
