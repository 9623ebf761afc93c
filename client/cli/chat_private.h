/*  chat_private.h - what chat.c and chat_enter.c share */
#ifndef ZCHAT_CLI_CHAT_PRIVATE_H
#define ZCHAT_CLI_CHAT_PRIVATE_H

#include "chat.h"
#include "commands.h"
#include "name.h"

enum { REQUESTS_MAX = 16 }; /* commands waiting for their answer */

typedef struct {
    char name[ZCHAT_NAME_MAX + 1]; /* as typed; once joined as the broker spells it */
    name_keys_t keys;
    bool joined; /* it was told                                                */
    bool spoken; /* something was said there                                   */
} chat_room_t;

typedef struct {
    uint64_t id;
    command_kind_t kind;
} chat_request_t;

struct chat {
    const options_t *options; /* borrowed                                      */
    zchat_client_t *client;   /* NULL until there is a name                    */
    chat_look_t look;
    format_t format;
    bool asks_name;
    bool down; /* it was told that there is no connection       */
    bool ended;
    int status;                    /* of the process, once ended          */
    int trouble;                   /* a status for scripts: something was not done */
    bool nick_told;                /* and that it is the one         */
    char nick[ZCHAT_NAME_MAX + 1]; /* the name that was asked for last    */
    chat_room_t *rooms;            /* of ZCHAT_SESSION_ROOMS_MAX          */
    size_t n_rooms;
    size_t current; /* where text goes; n_rooms: nowhere   */
    chat_request_t requests[REQUESTS_MAX];
    size_t n_requests;
    int day; /* of the last message shown, so that a new one can be told       */
    buffer_t out;
    buffer_t err;
    buffer_t prompt;
};

/*  Append a line (owned; NULL: nothing) to be shown.                          */
void chat_show (buffer_t *buffer, char *line);
void chat_show_event (chat_t *chat, buffer_t *buffer, const zchat_event_t *event);

/*  Where this program's own remarks go: among the talk, but not into a script's data. */
buffer_t *chat_remarks (chat_t *chat);

/*  "text: reason"                                                             */
void chat_notice_because (chat_t *chat, const char *text, const char *reason);

/*  It is over, with this status.                                              */
void chat_end (chat_t *chat, int status);

/*  The room of that name, however it is spelled; n_rooms where there is none. */
size_t chat_find_room (const chat_t *chat, const char *name);
void chat_remove_room (chat_t *chat, size_t index);

/*  Connect under a name, the first or another one. False where it cannot be: that was
    said, and where there can be no connection at all, the chat has ended.     */
bool chat_use_name (chat_t *chat, const char *name);

/*  Ask a person for another name; a script ends.                              */
void chat_ask_name (chat_t *chat);

#endif
