/*  window.h - what is shown of one conversation: its lines, and which of them is in sight

    Pure. Lines are messages, what else happened, who came and left (folded into one), what this
    program says, and what was typed and is not at the broker yet. They stand in the order of their
    seqs; a line without one stands behind the line that was the last when it came, and what was
    typed stands at the end.

    A window holds a part of its room without holes: to the newest event (live), or, where somebody
    reads far above, not: then nothing is added at its end until window_page brings what is between.
    Over WINDOW_LINES_MAX lines, or WINDOW_BYTES_MAX, it forgets at the end which is farther from
   what is in sight.
*/
#ifndef ZCHAT_SCREEN_WINDOW_H
#define ZCHAT_SCREEN_WINDOW_H

#include "editor.h"
#include "messages.h"
#include "noise.h"
#include "speakers.h"
#include "style.h"
#include "talk.h"
#include <zchat/client.h>

enum {
    WINDOW_LINES_MAX = ZCHAT_SCREEN_LINES_MAX,
    WINDOW_BYTES_MAX = ZCHAT_SCREEN_BYTES_MAX,
    WINDOW_TEXT_MAX = 16384, /* bytes of a line that is no message           */
};

typedef enum {
    LINE_MESSAGE, /* messages_find says what                                   */
    LINE_NOTE,    /* `text`                                                    */
    LINE_NOISE,   /* `noise`                                                   */
    LINE_TYPED,   /* `text`, which was typed here                              */
    LINE_FOUND,   /* `text`, said in the conversation `place` with number `number` */
} line_kind_t;

typedef struct {
    line_kind_t kind;
    uint64_t seq;  /* its own, or of the line before it; UINT64_MAX: it was typed */
    bool numbered; /* seq is its own                                           */
    uint64_t time_ms;
    char *text;     /* owned, or NULL                                          */
    size_t size;    /* bytes of text                                           */
    style_t style;  /* of a note                                               */
    noise_t *noise; /* owned                                                   */
    bool wide;      /* of a note: it has neither time nor name                  */
    bool open;      /* it is shown whole, however long it is                   */
    char *mark;     /* of a direct message: how it was sealed; owned, or NULL  */
    /*  Of what was typed: */
    uint64_t id;
    uint64_t stored; /* its seq, once it is on the broker's disk               */
    uint64_t re;
    zchat_type_t type;
    char *why;    /* why it failed; owned; NULL: it has not                       */
    bool unknown; /* it may have been stored                                   */
    /*  Of what was found: */
    char *place; /* a room, or "@" and somebody's name; owned                  */
    uint64_t number;
} line_t;

typedef enum { WINDOW_HOME, WINDOW_ROOM, WINDOW_PERSON, WINDOW_FOUND } window_kind_t;

typedef struct {
    window_kind_t kind;
    char *name; /* owned: of the room or person                                */
    editor_t *editor;
    speakers_t *speakers;
    messages_t *messages;
    line_t **lines; /* owned                                                   */
    size_t n_lines, capacity;
    char *topic; /* owned, or NULL                                             */
    uint64_t members;
    size_t unread, urgent;
    bool entered; /* of a room: we are in it                               */
    bool live;    /* it reaches to the newest event                        */
    bool begins;  /* nothing was said before its first line                */
    uint64_t low; /* seq of the first and of the last event that it holds; 0: of none */
    uint64_t high;
    uint64_t newest;    /* of the last event that came, held or not              */
    uint64_t read;      /* up to where it was looked at                          */
    uint64_t ruler;     /* what is behind this seq is new; 0: there is no ruler  */
    uint64_t ruler_to;  /* and up to this one                                   */
    line_t *bottom;     /* the line at the bottom of the view; NULL: the last one */
    size_t bottom_row;  /* and its row there                                    */
    uint64_t editing;   /* seq of the message that is in the input line; 0: none */
    char *edited;       /* owned: its text before                                */
    bool paging;        /* a page is on its way                                  */
    bool page_before;   /* it goes backwards                                     */
    bool page_last;     /* it is the newest one                                  */
    int scroll;         /* rows to go up (below 0: down) once it has come        */
    uint64_t wanted;    /* the message to be shown once it has come; 0: none     */
    uint64_t seek_ms;   /* the time that is looked for; 0: none is. It is said between */
    uint64_t seek_low;  /* this seq                                             */
    uint64_t seek_high; /* and this one                                        */
} window_t;

window_t *window_new (window_kind_t kind, const char *name);
void window_destroy (window_t **window);

/*  Take a message of the conversation, or what else happened in it. mark may be NULL. text: how an
    event that is no message reads, or NULL: it is not shown. Returns the line that was added or has
    changed; NULL: none.                                                        */
line_t *window_event (window_t *window, const zchat_event_t *event, const char *mark,
                      const char *text);

/*  Add what this program says at the end.                                      */
line_t *window_note (window_t *window, const char *text, style_t style, uint64_t time_ms);

/*  Add what was typed, and find it again by its id.                            */
line_t *window_typed (window_t *window, uint64_t id, zchat_type_t type, const char *text,
                      size_t size, uint64_t re, uint64_t time_ms);
line_t *window_find_typed (window_t *window, uint64_t id);

/*  Tell that what was typed is on disk; seq may be 0.                          */
void window_stored (window_t *window, line_t *line, uint64_t seq);

/*  Remove a line.                                                             */
void window_remove (window_t *window, line_t *line);

/*  Find a line; n_lines: it is not here.                                       */
size_t window_index (const window_t *window, const line_t *line);

/*  Find the line of a message; NULL: it is not held.                           */
line_t *window_find (const window_t *window, uint64_t seq);

/*  The message of a line; NULL: it is none.                                    */
const message_t *window_message (const window_t *window, const line_t *line);

/*  Return the message that a person calls number n (1: the newest) of those up to the seq upto;
    NULL: there is none. And the number of a line's message; 0: it has none.    */
const line_t *window_number (const window_t *window, size_t n, uint64_t upto);
size_t window_number_of (const window_t *window, const line_t *line, uint64_t upto);

/*  Forget all lines that came from the broker: it will be filled from elsewhere. */
void window_empty (window_t *window);

/*  Take the end of a page.                                                     */
void window_page (window_t *window, uint64_t lowest, uint64_t highest);

/*  Forget lines where there are too many.                                      */
void window_bound (window_t *window);

#endif
