/*  bindable.h - endpoints that a broker may be told to bind: their form. Pure. */
#ifndef ZCHAT_BINDABLE_H
#define ZCHAT_BINDABLE_H

/*  What is wrong with the form of an endpoint: the end of a sentence that begins with the
    endpoint, a static string. NULL: nothing is wrong.                         */
const char *bindable_wrong (const char *endpoint);

/*  The endpoint as libzmq takes it: it looks up no names, so localhost becomes 127.0.0.1. The
    caller frees it.                                                           */
char *bindable_take (const char *endpoint);

#endif
