/*  link - one connection to a server: what is said to get in, step by step, and what comes then. */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include "dialect.h"
#include "guard.h"
#include "scan.h"

typedef enum { LINK_LISTENER, LINK_SPEAKER } link_kind_t;

typedef struct {
    link_kind_t kind;
    int fd;
    int number;
    int room;
    int step;         /* of the script, that is waited for                 */
    bool in;          /* the script is done                                */
    bool live;        /* a listener: has heard NUMBER_WARM                 */
    bool settled;     /* and NUMBER_SETTLE                                 */
    uint32_t next;    /* the number of the message it hears next           */
    uint64_t bytes;   /* that came since it is in                          */
    script_t script;  /* empty once it is in                               */
    bytes_t received; /* of the script's steps                             */
    bytes_t out;      /* what the kernel has not taken yet                 */
    guard_t *guard;   /* or NULL: nothing is encrypted                     */
    bytes_t wire;     /* with a guard: what the kernel has not taken yet   */
    scan_t scan;
} link_t;

/*  Connects to a port of this machine and begins with the script, which is the link's from now on
 *  (and is left empty). The descriptor is put into epoll with the link as its data; a speaker's
 *  is edge-triggered. guard says how it is encrypted.  */
void link_open (link_t *self, int epoll, int port, script_t *script, const guard_plan_t *guard);

/*  Hands to the kernel what it takes now.  */
void link_flush (link_t *self);

/*  Something can be read, and the link is not in yet.  */
void link_advance (link_t *self);

/*  Reads what has come, once for a listener and all of it for a speaker. Returns its size; NULL and
 * 0: nothing. The text is valid until the next call, with SCAN_KEPT_MAX bytes in front that may be
 *  overwritten. Ends the driver where the connection is lost.  */
size_t link_read (link_t *self, char **data);

void link_close (link_t *self);

#endif
