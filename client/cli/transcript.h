/*  transcript.h - the talk as text, line by line, for the line mode and for pipes

    It takes the events of a talk and appends whole lines to two buffers. Text of peers is made fit
    to be shown here, by format.h.
*/
#ifndef ZCHAT_CLI_TRANSCRIPT_H
#define ZCHAT_CLI_TRANSCRIPT_H

#include "buffer.h"
#include "format.h"
#include "talk.h"

typedef enum {
    TRANSCRIPT_SCRIPT, /* for a program: plain lines                           */
    TRANSCRIPT_LOG,    /* a person types at a terminal, and the output goes elsewhere (a file, tee):
                          all that was said is put out with its time; remarks go to the terminal */
    TRANSCRIPT_DUMB,   /* a person is at a terminal without escape sequences, and has seen what they
                          typed */
    TRANSCRIPT_EDITOR, /* a person is at the editor; own messages are shown as they come back */
} transcript_look_t;

typedef struct {
    transcript_look_t look;
    format_t format; /* its columns are the width to which lines are wrapped   */
    int day;         /* day of the last message shown, so that another day is noticed */
    size_t n_rooms;
    /*  The last line in out, where it shows the reactions of a message: more of them take its
        place as long as nobody has seen it.                                   */
    struct {
        uint64_t seq;   /* of the message; 0: the last line shows something else */
        size_t at, end; /* where the line begins and ends                      */
        char room[ZCHAT_NAME_MAX + 1];
    } reacted;
    uint64_t editing;    /* seq of the message that is in the input line; 0: none */
    uint64_t wanted_seq; /* TALK_EDITING came: of this message, with the text in `wanted` */
    buffer_t wanted;     /* until the line takes it                            */
    buffer_t out;        /* lines for whoever reads the talk                          */
    buffer_t err;        /* lines for standard error                                  */
    buffer_t prompt;
} transcript_t;

/*  Begin a transcript; endpoint is borrowed.                                  */
void transcript_init (transcript_t *self, transcript_look_t look, const char *endpoint,
                      bool colour);
void transcript_free (transcript_t *self);

/*  Take an event of the talk: the callback for talk_options_t, whose arg is the transcript. */
void transcript_take (void *arg, const talk_event_t *event);

/*  Return what stands before the input line, fit to be shown; valid until the next call. */
const char *transcript_prompt (transcript_t *self, const talk_state_t *state);

#endif
