/*  format.h - how an event reads as a line

    Everything that came from somebody else (names, bodies, topics, reasons, the broker's texts)
    passes zchat_text_display here. There are two looks:
    - plain, for pipes: one line for each event, whatever the body holds (a newline reads ^J),
      without escape sequences;
    - for a terminal: time, colours, and bodies of several lines wrapped to the width with an
      indent, so that no body can look like somebody else's line.
*/
#ifndef ZCHAT_CLI_FORMAT_H
#define ZCHAT_CLI_FORMAT_H

#include "talk.h"
#include <jansson.h>
#include <zchat/client.h>

/*  How to write. All zeroes: plain, without rooms.                            */
typedef struct {
    bool time;            /* "HH:MM " stands before the line, in local time    */
    bool colour;          /* names have colours, by escape sequences           */
    bool room;            /* "[room] " stands before the line                  */
    int columns;          /* lines are wrapped to this width; 0: one uncut line for each event */
    const char *endpoint; /* named where a line is about the connection; or NULL */
    uint64_t number;      /* "#17 " stands before the line; 0: no number does  */
    const char *whose;    /* with REMOVE: who had written the message, or NULL */
    const talk_about_t *about; /* what the event is about, or NULL             */
} format_t;

/*  Write the event as text, without a newline at its end; the caller frees it. NULL where there is
    nothing to say to a person (SENT, REPLY, a type not known).

        bob: hello
        * bob waves
        * bob joined
        bob left
        * bob set the topic: snacks
        chen, re bob "did the build pass?": yes
        ! bob: @maria look                      (it mentions oneself)
        * bob edited 3: hello all
        * 3, bob "hello all": +1 anna, chen; ok maria
        alice banned eve until 12:30 (spam)
        -- no connection to tcp://...: refused; trying again
*/
char *format_event (const zchat_event_t *event, const format_t *format);

/*  Write a tell or told as text in the same way; event->body is the text as it was said. mark: a
    static text that says whether it was sealed, or NULL. Nobody but this program writes between the
    brackets:

        [bob -> you, sealed] hello
        [you -> bob, not sealed] hello
*/
char *format_direct (const zchat_event_t *event, const char *mark, const format_t *format);

/*  Write something that this program says: "-- text", dimmed where there are colours. text
    passes zchat_text_display too. time_ms 0: now. The caller frees it.        */
char *format_notice (const char *text, uint64_t time_ms, const format_t *format);

/*  Write the json of a REPLY as text: who is in a room, the rooms (the first is the oldest), a
    room's topic, how it is ordered, whose keys are known. A malformed reply reads as "-- the
    broker's answer cannot be understood". The caller frees it.                */
char *format_who (const char *json, const format_t *format);
char *format_rooms (const char *json, const format_t *format);
char *format_topic (const char *json, const format_t *format);
char *format_modes (const char *json, const format_t *format);
char *format_keys (const char *json, const format_t *format);
char *format_search (const char *json, const format_t *format);
char *format_unread (const char *json, const format_t *format);

/*  Count the events of a room in the reply to UNREAD that are not read and still kept; of a room
    in which nothing was marked as read, those that mention the user.          */
uint64_t format_unread_count (const json_t *room);

/*  Return the escape sequence that begins the colour of a name. The same name always has the
    same colour. Static.                                                       */
const char *format_colour (const char *name);

#endif
