/*  style.h - what a piece of the screen is, which a theme gives its look       */
#ifndef ZCHAT_SCREEN_STYLE_H
#define ZCHAT_SCREEN_STYLE_H

typedef enum {
    STYLE_TEXT,     /* what somebody said                                      */
    STYLE_TIME,     /* the time before a message                               */
    STYLE_NAME,     /* somebody's name, in the colour of its hue               */
    STYLE_OWN,      /* one's own name                                          */
    STYLE_LINK,     /* an address                                              */
    STYLE_MENTION,  /* a word that means oneself, or that is to be highlighted */
    STYLE_DIM,      /* what is not there yet or not any more: being sent, removed, folded */
    STYLE_QUOTE,    /* the message that is answered                            */
    STYLE_REACTION, /* reactions                                               */
    STYLE_NOTICE,   /* what this program says, and who came and left           */
    STYLE_ERROR,    /* what went wrong                                         */
    STYLE_RULER,    /* a line across: a day, what is new, what is below        */
    STYLE_BAR,      /* the title and the status line                           */
    STYLE_QUIET,    /* of the list of conversations: one without anything new  */
    STYLE_UNREAD,   /* of it: one with something unread                        */
    STYLE_URGENT,   /* of it: one with a mention, or a person's message        */
    STYLE_CHOSEN,   /* of it: the one that is shown                            */
    STYLE_PROMPT,   /* before the input line                                   */
    STYLE_COUNT,    /* how many there are                                      */
} style_t;

#endif
