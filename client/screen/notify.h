/*  notify.h - whether somebody is to be called to the screen, and by what

    Pure. A message that mentions one, holds a highlighted word, or is a direct one, notifies: once,
    however often it comes, and not while its conversation is looked at. Muted conversations do not,
    except for direct messages of people who are not muted themselves.
*/
#ifndef ZCHAT_SCREEN_NOTIFY_H
#define ZCHAT_SCREEN_NOTIFY_H

#include "buffer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NOTIFY_TEXT_MAX = 200,  /* bytes of a notification's text; what follows is cut */
    NOTIFY_KEPT_MAX = 1024, /* conversations of which it is known what notified last */
};

typedef enum {
    NOTIFY_NOT,
    NOTIFY_DIRECT,    /* it was told one alone                                 */
    NOTIFY_MENTION,   /* it mentions one                                       */
    NOTIFY_HIGHLIGHT, /* it holds a word that is to be highlighted             */
} notify_why_t;

/*  What the person wants. All is borrowed.                                    */
typedef struct {
    const char *const *highlights; /* words, matched whole and in any case     */
    size_t n_highlights;
    const char *const *muted; /* rooms, and people as "@name"                  */
    size_t n_muted;
} notify_rules_t;

/*  A message. Text of peers is as it came.                                    */
typedef struct {
    const char *room; /* NULL: a direct message                                */
    const char *user; /* who said it                                           */
    const char *text;
    size_t size;      /* bytes of text                                         */
    uint64_t seq;     /* in its room; of a direct message its time_ms          */
    bool mentions_me; /* by name, or because everybody is mentioned            */
    bool own;         /* one said it oneself, also from another device         */
    bool past;        /* it is read already, here or on another device         */
    bool looked_at;   /* the terminal has the focus and shows its end          */
} notify_message_t;

typedef struct notify notify_t;

notify_t *notify_new (void);
void notify_destroy (notify_t **notify);

/*  Decide about a message, and remember that it was decided.                  */
notify_why_t notify_see (notify_t *notify, const notify_rules_t *rules,
                         const notify_message_t *message);

/*  Make the words of a notification: the title "zchat: lobby" or "zchat: @chen", and the text
    "chen: ...", fit to be shown and cut to NOTIFY_TEXT_MAX. Neither begins with "-", so no program
    takes them for an option. The caller frees both.                           */
void notify_words (const notify_message_t *message, char **title, char **text);

/*  Append the sequence that gives the window the title "(3!) zchat", or "(3) zchat", or "zchat":
    `urgent` mentions and direct messages unread, `unread` other messages.     */
void notify_title (buffer_t *buffer, uint64_t urgent, uint64_t unread);

/*  Append the sequence of a notification by the terminal, OSC 9.              */
void notify_osc (buffer_t *buffer, const char *title, const char *text);

/*  Make the arguments of `notify = COMMAND`: its words (words_split), then title and text. NULL
 *where why says what is wrong with the command. Freed by words_free.             */
char **notify_command (const char *command, const char *title, const char *text, const char **why);

#endif
