/*  screen.h - the full screen: keys and events in, orders and a grid of cells out

    Pure: it knows no terminal, no broker and no clock but what it is told. Whoever owns it (the
    shell, or a test) hands in the events of a talk and the keys of a person, carries out the
   orders, and draws the grid.

        every event of the talk -> screen_event
        every key               -> screen_key
        after each of them      -> screen_next until it says that there is nothing more
        before drawing          -> screen_state, screen_draw

    Drawing decides what was looked at, so it may give orders, too. Text of peers goes in as it came
    and is made fit to be shown here.
*/
#ifndef ZCHAT_SCREEN_SCREEN_H
#define ZCHAT_SCREEN_SCREEN_H

#include "commands.h"
#include "grid.h"
#include "keyboard.h"
#include "notify.h"
#include "talk.h"

enum {
    SCREEN_WINDOWS_MAX = ZCHAT_SESSION_ROOMS_MAX + TALK_PERSONS_MAX + 8,
    SCREEN_PAGE = 100, /* events of a page that is asked for                   */
};

typedef struct screen screen_t;

typedef enum {
    SCREEN_ENTER,     /* talk_enter (literal: talk_enter_text) of text; then screen_entered */
    SCREEN_DO,        /* talk_do of command; then screen_entered               */
    SCREEN_TYPING,    /* talk_typing of yes                                    */
    SCREEN_FOCUS,     /* talk_focus of name and person                         */
    SCREEN_LOOKED,    /* talk_looked of name, person and seq                   */
    SCREEN_FETCH,     /* talk_page of name, person, after and before; where that is false,
                         screen_not_fetched                                    */
    SCREEN_LEAVE,     /* say goodbye and end                                   */
    SCREEN_INTERRUPT, /* end at once                                           */
    SCREEN_SUSPEND,   /* stop, as C-z does                                     */
    SCREEN_REDRAW,    /* draw all anew: something else has written on the terminal */
    SCREEN_BELL,      /* sound it                                              */
    SCREEN_REMEMBER,  /* text was entered: keep it for the history of lines    */
    SCREEN_EDIT,      /* let text be edited in $EDITOR; then screen_edited     */
    SCREEN_OPEN,      /* open the link whose target is text                    */
    SCREEN_COPY,      /* put text into the clipboard                           */
    SCREEN_NOTIFY,    /* call the person: name is the title, text what was said */
} screen_order_kind_t;

/*  Pointers are valid until the next call of screen_next.                      */
typedef struct {
    screen_order_kind_t kind;
    command_t command; /* of DO                                                */
    char *text;        /* ended by NUL                                         */
    size_t size;       /* bytes of text                                        */
    char *name;
    bool person;
    bool literal; /* of ENTER: the line is text, whatever it looks like        */
    bool yes;
    uint64_t seq, after, before;
} screen_order_t;

/*  What the shell knows and the talk does not tell by events.                  */
typedef struct {
    talk_state_t talk;
    uint64_t now_ms; /* Unix time; 0: times of remarks and days are not shown   */
    bool focused;    /* the person looks at this terminal, as far as is known   */
    bool may_edit;   /* talk_may_edit                                           */
} screen_state_t;

/*  endpoint is named where something is about the connection; it is borrowed.  */
screen_t *screen_new (const char *endpoint);
void screen_destroy (screen_t **screen);

/*  Take what is to be highlighted and what is muted. It is borrowed until it is given anew. */
void screen_rules (screen_t *screen, const notify_rules_t *rules);

/*  Take an event of the talk.                                                  */
void screen_event (screen_t *screen, const talk_event_t *event);

/*  Take what is known now. The strings of state->talk are copied.              */
void screen_state (screen_t *screen, const screen_state_t *state);

/*  Take a key.                                                                 */
void screen_key (screen_t *screen, const keyboard_stroke_t *key);

/*  Take the next order. False: there is none.                                  */
bool screen_next (screen_t *screen, screen_order_t *order);

/*  Tell what came of ENTER or DO: with another status than ZCHAT_OK the line stays. */
void screen_entered (screen_t *screen, zchat_status_t status);

/*  Tell that a page could not be asked for.                                    */
void screen_not_fetched (screen_t *screen, const char *name, bool person);

/*  Put a text into the input line, in place of what is there.                  */
void screen_edited (screen_t *screen, const char *text, size_t size);

/*  Put a line of a former day into the history of input lines.                 */
void screen_remembered (screen_t *screen, const char *line, size_t size);

/*  Show a sentence of the shell's in the present window.                       */
void screen_say (screen_t *screen, const char *text);

/*  Draw into the grid, which gets so many rows and columns.                    */
void screen_draw (screen_t *screen, grid_t *grid, int rows, int columns);

/*  Count what is unread in all conversations, for the title of the terminal.   */
void screen_unread (const screen_t *screen, size_t *urgent, size_t *unread);

#endif
