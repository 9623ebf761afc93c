/*  notify.h - telling the service manager that the broker serves, and that it is alive

    The protocol is that of sd_notify(3): a datagram of lines to the socket of NOTIFY_SOCKET. It is
    spoken by hand: it is thirty lines that do not change, and no library where there is no systemd.
    Nothing here waits, and nothing that goes wrong is told: the manager finds out. Every function
    tolerates NULL, which stands for no manager that wants to know.
*/
#ifndef ZCHAT_NOTIFY_H
#define ZCHAT_NOTIFY_H

#include <stdint.h>

typedef struct notify notify_t;

/*  What NOTIFY_SOCKET and WATCHDOG_USEC ask for; NULL: nothing. It takes the variables away, so
   that no child tells in our name.                                                */
notify_t *notify_new (void);

/*  Nulls; tolerates NULL.                                                     */
void notify_destroy (notify_t **self_p);

/*  The broker serves, after a start or a reload; it reads its settings anew; it stops. mono_ms is
    the time of CLOCK_MONOTONIC in ms.                                         */
void notify_ready (notify_t *self);
void notify_reloading (notify_t *self, uint64_t mono_ms);
void notify_stopping (notify_t *self);

/*  Say that the loop turns, where that is due. To be called in each turn.     */
void notify_alive (notify_t *self, uint64_t now_ms);

/*  When notify_alive is due next; UINT64_MAX: never.                          */
uint64_t notify_deadline_ms (const notify_t *self);

#endif
