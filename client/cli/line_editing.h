/*  line_editing.h - a message of one's own in the input line, to be edited

    /edit N, or up on an empty line, puts it there; Enter stores it; Esc, C-c, or emptying the line
    leaves it as it was, and so does up, which then goes through the history as ever, unless the
    text was changed.
*/
#ifndef ZCHAT_CLI_LINE_EDITING_H
#define ZCHAT_CLI_LINE_EDITING_H

#include "editor.h"
#include "talk.h"
#include "transcript.h"

typedef struct {
    talk_t *talk;       /* borrowed, as the others                              */
    transcript_t *text; /* its `editing` tells the prompt which message it is   */
    editor_t *editor;
    buffer_t before;               /* the text as it was                       */
    char name[ZCHAT_NAME_MAX + 1]; /* the room it is in                         */
} line_editing_t;

void line_editing_init (line_editing_t *self, talk_t *talk, transcript_t *text, editor_t *editor);
void line_editing_free (line_editing_t *self);

/*  Put the message into the line, where the talk has just asked for it.       */
void line_editing_begin (line_editing_t *self);

/*  Let a key go to the line: as editor_key, which it calls.                   */
editor_result_t line_editing_key (line_editing_t *self, const keyboard_stroke_t *key);

/*  Enter the line as the edit. False: no message is being edited, and the line is as any other. */
bool line_editing_enter (line_editing_t *self, zchat_status_t *status);

#endif
