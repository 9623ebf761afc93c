/*  transcript.h - the talk as text, line by line: what the line mode and pipes put out

    Takes the events of a talk and appends whole lines to two buffers. What comes from peers is made
    fit to be shown here, by format.h.                                         */
#ifndef ZCHAT_CLI_TRANSCRIPT_H
#define ZCHAT_CLI_TRANSCRIPT_H

#include "buffer.h"
#include "format.h"
#include "talk.h"

typedef enum {
    TRANSCRIPT_SCRIPT, /* no person: plain lines                               */
    TRANSCRIPT_LOG,    /* a person types at a terminal, and what is put out goes elsewhere (a
                          file, tee): all that was said, with its time; remarks go to the
                          terminal                                             */
    TRANSCRIPT_DUMB,   /* a person at a terminal without escape sequences, who has seen what they
                          typed                                                */
    TRANSCRIPT_EDITOR, /* a person at the editor: own messages are shown as they come back */
} transcript_look_t;

typedef struct {
    transcript_look_t look;
    format_t format; /* columns: the width lines are wrapped to                */
    int day;         /* of the last message shown, so that a new one can be told */
    size_t n_rooms;
    buffer_t out; /* what people and scripts read                           */
    buffer_t err; /* what a script's standard error is for                  */
    buffer_t prompt;
} transcript_t;

/*  endpoint is borrowed.                                                      */
void transcript_init (transcript_t *self, transcript_look_t look, const char *endpoint,
                      bool colour);
void transcript_free (transcript_t *self);

/*  The callback for talk_options_t; arg: the transcript.                      */
void transcript_take (void *arg, const talk_event_t *event);

/*  What stands before the input line, fit to be shown; valid until the next call. */
const char *transcript_prompt (transcript_t *self, const talk_state_t *state);

#endif
