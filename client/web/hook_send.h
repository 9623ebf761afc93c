/*  hook_send.h - POSTs under way, by libcurl

    Redirects are not followed, and nothing but http and https is spoken: a hook's URL comes from
    who runs the door, and what answers there cannot send it elsewhere.
*/
#ifndef ZCHAT_WEB_HOOK_SEND_H
#define ZCHAT_WEB_HOOK_SEND_H

#include <stddef.h>
#include <stdint.h>

typedef struct hook_send hook_send_t;

/*  done: what became of the POST of arg: the HTTP status (0: none came), its Retry-After in s or 0,
    and what went wrong where none came. It may begin another.                 */
hook_send_t *hook_send_new (void (*done) (void *arg, unsigned http, uint64_t again_s,
                                          const char *text));
void hook_send_destroy (hook_send_t **send);

/*  Begin a POST of JSON; url and body are borrowed until it is done, headers ("name: value", NULL
   at the end) are copied.                                                       */
void hook_send_post (hook_send_t *send, const char *url, const char *const headers[],
                     const char *body, size_t size, void *arg);

int hook_send_fd (const hook_send_t *send);
int hook_send_timeout (const hook_send_t *send);
void hook_send_step (hook_send_t *send);

#endif
