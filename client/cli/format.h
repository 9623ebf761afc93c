/*  format.h - how an event reads as a line

    Everything that came from somebody else (names, bodies, topics, reasons, the
    broker's texts) passes zchat_text_display on its way. Two looks:
    - plain: one line an event whatever the body holds (a newline reads ^J), no
      escape sequences: for pipes;
    - for a terminal: time, colours, and bodies of several lines wrapped to the
      width with an indent, so that no body can look like somebody else's line.
*/
#ifndef ZCHAT_CLI_FORMAT_H
#define ZCHAT_CLI_FORMAT_H

#include <zchat/client.h>

/*  How to write. Zero-initialised: plain, without rooms.                      */
typedef struct {
    bool time;            /* "HH:MM " before the line, local time               */
    bool colour;          /* escape sequences for colour                        */
    bool room;            /* "[room] " before the line                          */
    int columns;          /* wrap to this width; 0: one line an event, uncut    */
    const char *endpoint; /* named where the connection is spoken of; or NULL   */
    uint64_t number;      /* "#17 " before the line; 0: none                    */
    const char *whose;    /* of a remove: the author of the removed message, or NULL */
} format_t;

/*  The event as text without a newline at its end; the caller frees it. NULL where there is
    nothing to say to a person (SENT, REPLY, a type not known).

    bob: hello                  * bob waves           * bob joined bob left                  *
    bob set the topic: snacks alice banned eve until 12:30 (spam) -- no connection to tcp://...:
    refused; trying again                                                      */
char *format_event (const zchat_event_t *event, const format_t *format);

/*  A tell or told as text, likewise; event->body is the text as it was said. mark: a static
    text that says whether it was sealed, or NULL. Nobody but this program writes between the
    brackets:

        [bob -> you, sealed] hello      [you -> bob, not sealed] hello
*/
char *format_direct (const zchat_event_t *event, const char *mark, const format_t *format);

/*  Something this program says: "-- text", dimmed where there are colours. text is
    passed through zchat_text_display too. time_ms 0: now. The caller frees it. */
char *format_notice (const char *text, uint64_t time_ms, const format_t *format);

/*  The json of a REPLY as text: who is in a room, the rooms (the first is the oldest), a room's
    topic, how it is ordered, whose keys are known. A reply that is not what it should be reads
    as "-- the broker's answer cannot be understood". The caller frees it.     */
char *format_who (const char *json, const format_t *format);
char *format_rooms (const char *json, const format_t *format);
char *format_topic (const char *json, const format_t *format);
char *format_modes (const char *json, const format_t *format);
char *format_keys (const char *json, const format_t *format);

/*  Escape sequences that begin the colour of a name: always the same for the
    same name. A static string.                                                */
const char *format_colour (const char *name);

#endif
