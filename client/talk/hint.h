/*  hint.h - what would help a user and is done outside of the conversation

    A talk knows no face, so it does not know by which flag, command of the shell or button this is
    done. It says what would help; the face adds how its program does it. */
#ifndef ZCHAT_TALK_HINT_H
#define ZCHAT_TALK_HINT_H

typedef enum {
    HINT_NONE,
    HINT_NAME,    /* give a name before the talk begins                        */
    HINT_MAIL,    /* read older direct messages                                */
    HINT_DEVICES, /* see the key of a device, take a key away from one's name  */
} hint_t;

#endif
