/*  face.h - chooses the face that fits standard input and output, and makes its talk */
#ifndef ZCHAT_CLI_FACE_H
#define ZCHAT_CLI_FACE_H

#include "options.h"
#include "transcript.h"

transcript_look_t face_look (const options_t *options);

/*  True where the whole screen is drawn: a person is at a terminal that can, and has not asked for
    lines (--lines, or ZCHAT_FACE=lines).                                      */
bool face_full (const options_t *options);

/*  True once for each user: nobody has been told yet how to go on. Nothing is remembered, and false
    is returned, where there is no place for it ($XDG_CACHE_HOME/zchat, else ~/.cache/zchat). */
bool face_first_run (void);

/*  Make a talk as the options want it, whose events the transcript takes. Both are borrowed for
    its life.                                                                  */
talk_t *face_talk (const options_t *options, transcript_t *text);

#endif
