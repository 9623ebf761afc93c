/*  screen_private.h - what the files screen*.c share                           */
#ifndef ZCHAT_SCREEN_SCREEN_PRIVATE_H
#define ZCHAT_SCREEN_SCREEN_PRIVATE_H

#include "buffer.h"
#include "completion.h"
#include "format.h"
#include "notify.h"
#include "paragraph.h"
#include "paste_guard.h"
#include "screen.h"
#include "theme.h"
#include "window.h"

enum {
    NARROW = 60,       /* columns below which there is no list at the side       */
    LOW = 10,          /* rows below which there is no title                     */
    SIDE_COLUMNS = 16, /* of the list at the side, with its border               */
    INPUT_SHARE = 4,   /* the input line has at most this part of the rows, and one at least */
    FORMER_MAX = 100,  /* lines of former days that every window begins with     */
    FOLD_ROWS = 12,    /* a text of more rows is folded to so many               */
};

/*  How a part of the screen is used for the lines of the shown window.         */
typedef struct {
    int top, rows;     /* of the pane                                            */
    int left, columns; /* it ends at the last column                            */
    bool below;        /* a row below it says how much is out of sight           */
} pane_t;

struct screen {
    window_t *windows[SCREEN_WINDOWS_MAX]; /* the first one is always there: what is said before
                                              there is a conversation                */
    size_t n_windows;
    char *former[FORMER_MAX]; /* owned: lines of former days, oldest first           */
    size_t n_former;
    window_t *shown;
    window_t *recent;       /* that was shown before; NULL: none                      */
    screen_order_t *orders; /* owned                                           */
    size_t n_orders, first_order, orders_capacity;
    screen_order_t given; /* the last one that was taken                        */
    paragraph_t *paragraph;
    completion_t *completion;
    notify_t *notify;
    notify_rules_t rules;
    paste_guard_t guard;
    format_t format;
    int rows, columns; /* of the last drawing                                   */
    pane_t pane;
    const line_t *ruler_line; /* of the shown window: before it stands what is new; of a call */
    size_t ruler_count;
    line_t *cursor;     /* the line that keys act on, in the shown window; NULL: there is none */
    window_t *entering; /* in which something was entered, and what came of it is not known */
    bool entered_edit;  /* it was an edit                                        */
    bool entered_pasted;
    bool used;    /* something was entered, so the hint for beginners is not needed */
    bool after_x; /* C-x was the last key                                  */
    bool bare;    /* nothing but what is said is shown: for selection, and for screen readers */
    bool asks_name, offline, person, focused, typing, may_edit;
    size_t unsent;
    bool left; /* lines are shown that an earlier run has left                  */
    uint64_t now_ms;
    uint64_t upto; /* numbers of messages count up to this seq; 0: all          */
    char own[ZCHAT_NAME_MAX + 1];
    const char *seal;
    char *why_offline; /* owned, or NULL                                        */
};

/*  --- screen.c --------------------------------------------------------------- */

/*  Find a conversation; NULL: there is none.                                   */
window_t *screen_find (screen_t *screen, const char *name, bool person);

/*  True where the config file has muted the conversation.                      */
bool screen_muted (const screen_t *screen, const window_t *window);

/*  Make a window, at the end; NULL: there are too many.                        */
window_t *screen_open (screen_t *screen, window_kind_t kind, const char *name);
void screen_close (screen_t *screen, window_t *window);

/*  Show a window. tell: the talk is told that text goes there.                 */
void screen_show (screen_t *screen, window_t *window, bool tell);

/*  Add an order, whose text (NULL: none) is copied; valid until the next one.  */
screen_order_t *screen_order (screen_t *screen, screen_order_kind_t kind, const char *text,
                              size_t size);
screen_order_t *screen_order_for (screen_t *screen, screen_order_kind_t kind,
                                  const window_t *window);

/*  Say something of this program's own in the shown window.                    */
void screen_note (screen_t *screen, const char *text);

/*  --- screen_command.c: what is entered ---------------------------------------- */

/*  Enter the input line. literal: it is text, whatever it looks like.          */
void screen_enter (screen_t *screen, bool literal);

/*  Show a message of a conversation, and what was said around it.              */
void screen_go (screen_t *screen, window_t *window, uint64_t seq);

/*  Open the first link of a message, or copy its text: it is given as "3" or "#1042". */
void screen_open_link (screen_t *screen, const char *word);
void screen_copy (screen_t *screen, const char *word);

/*  Show what was said from a time on (screen_seek.c); and take a page on the way there. */
void screen_seek (screen_t *screen, window_t *window, uint64_t time_ms);
void screen_sought (screen_t *screen, window_t *window);

/*  Read a time as a person writes it: 2026-11-27, 2026-11-27 10:30, 10:30. Unix time; 0: it is
 * none.
 */
uint64_t screen_read_time (const char *text, uint64_t now_ms);

/*  Begin to edit a message in the input line, and leave that.                  */
void screen_begin_edit (window_t *window, uint64_t seq, const char *text, size_t size);
void screen_leave_edit (window_t *window);

/*  Tell whether a line is begun, so that numbers stay as they are.             */
void screen_typed (screen_t *screen);

/*  True where the line begins a command that points at a message.              */
bool screen_points (const screen_t *screen);

/*  --- screen_cursor.c: keys that act on one message ------------------------------ */

/*  Forget the cursor where its line is gone.                                   */
void screen_check_cursor (screen_t *screen);

/*  Take a key while there is a cursor. False: it is none of its keys.          */
bool screen_cursor_key (screen_t *screen, const keyboard_stroke_t *key);

/*  Move it to the message above or below; without one, to the lowest in sight. */
void screen_cursor_move (screen_t *screen, bool up);

/*  --- screen_view.c: which rows are in sight ----------------------------------- */

/*  Lay out a line of the shown window. Returns its rows, and of them those before the paragraph:
    rulers.                                                                    */
size_t screen_lay (screen_t *screen, size_t index, size_t *rulers);

/*  True where a day begins with this line.                                     */
bool screen_new_day (const screen_t *screen, size_t index);

/*  Find what is new, for the functions here.                                   */
void screen_find_ruler (screen_t *screen);

/*  Find the row at the bottom of the view. False: there is nothing to show.    */
bool screen_bottom (screen_t *screen, size_t *index, size_t *row);

/*  Find the row at the top of the view. Returns how many rows there are from it to the bottom,
   which is at most `rows`.                                                          */
size_t screen_top (screen_t *screen, size_t rows, size_t *index, size_t *row);

/*  Move the view by rows, up where it is above 0. What is not held is asked for. */
void screen_scroll (screen_t *screen, int rows);

/*  Show the newest, and the oldest that is held.                               */
void screen_to_end (screen_t *screen);
void screen_to_top (screen_t *screen);

/*  Bring a line into sight: where it is not, into the middle.                  */
void screen_reveal (screen_t *screen, const line_t *line);

/*  Bring what is new into sight.                                               */
void screen_to_ruler (screen_t *screen);

/*  A page of the window has come, or will not.                                 */
void screen_paged (screen_t *screen, window_t *window, bool failed);

/*  --- screen_help.c ------------------------------------------------------------- */

/*  Show what helps, within one screen: a topic, a command of the talk, or, without a word, the
    topics.                                                                    */
void screen_help (screen_t *screen, const char *topic);

/*  --- screen_found.c: what was found -------------------------------------------- */

/*  Open a window with the answer to a search.                                  */
void screen_found (screen_t *screen, const char *json);

#endif
