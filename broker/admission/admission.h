/*  admission.h - who may come in: the ZAP handler of door and feed

    Both sockets ask here, and let nobody in without an answer. Who is admitted carries with every
    message a number that no other connection had, as the property X-Connection, and where it is
    encrypted their key, as text, as the User-Id, and a routing id of our own in the place
    of any that they announced (see binding.h).

    libzmq does the arithmetic of a handshake before it asks. What an address can have under way
    of that is bounded where connections are accepted.

    Encrypted, a handshake that gets here has proven that the peer holds its key. In this order:
    - an address, or a key, that announced too many routing ids like those that are given: later;
    - not encrypted, an address that sent too much which could not be read: later;
    - an address, or a key, with too many handshakes: later;
    - not encrypted: come in;
    - open: come in; members: come in where the key is in the file;
    - others are refused, or told nothing where their address was refused too often.
*/
#ifndef ZCHAT_ADMISSION_H
#define ZCHAT_ADMISSION_H

#include "core.h"
#include "throttle.h"
#include "transport/readable.h"
#include "zap.h"

#define ADMISSION_DOMAIN     "zchat"
#define ADMISSION_CONNECTION "X-Connection"

typedef struct admission admission_t;

/*  members: NULL admits every key; else the path of the file with those to admit, copied; only
    where it is encrypted. seed: random.                                       */
admission_t *admission_new (bool encrypted, const char *members,
                            const uint8_t seed[THROTTLE_SEED_SIZE]);

/*  Only after the sockets that ask are closed. Nulls; tolerates NULL.         */
void admission_destroy (admission_t **admission);

/*  Say what a request, read well, gets: ZAP_ADMIT, or ZAP_LATER or ZAP_REFUSE with *why, a
    static sentence.                                                           */
zap_status_t admission_judge (admission_t *admission, const zap_request_t *request, core_time_t now,
                              const char **why);

/*  Begin to answer; call it before a socket that asks is bound. False: the system refused.
    Logs how many members there are.                                           */
bool admission_open (admission_t *admission, core_time_t now);

/*  What asks here, to be asked itself and polled before each turn.            */
readable_t *admission_readable (admission_t *admission);

/*  Answer what has come, a bounded number. Logs who was not admitted.         */
void admission_turn (admission_t *admission, core_time_t now);

/*  When to call admission_turn again though nothing has come; UINT64_MAX: never. */
uint64_t admission_deadline_ms (const admission_t *admission);

/*  Say whether a peer at this address may claim one more name. 0: it may, and the claim is counted;
    else ms until it may. Always 0 where only members come in, and for peers of this machine. */
uint64_t admission_claims (admission_t *admission, frame_t address, core_time_t now);

/*  A peer at this address, with this key (text; "": none), announced a routing id like those that
    are given. It tries to find out which are, and is kept out for a while if it goes on. */
void admission_probed (admission_t *admission, frame_t address, const char *key, core_time_t now);

/*  A connection of this origin (origin_counted; local: it is this machine's) ended after its
    handshake, and none of the bytes that came over it was ever read. libzmq may keep them for ever,
    so they are counted, and the origin is kept out when they are too many. Not for encrypted
    sockets, where nobody can bring that about.                                */
void admission_left (admission_t *admission, frame_t origin, bool local, uint64_t bytes,
                     core_time_t now);

/*  So many connections were accepted: those of an address that has too many handshakes which have
    not ended are closed, but for this machine's. Call it after admission_turn, with all that were
    accepted before what it read was sent.                                     */
void admission_accepted (admission_t *admission, const int *descriptors, size_t count,
                         core_time_t now);

/*  So many handshakes, since the start, failed before they got here: scanners and strangers. Logged
    now and then.                                                                    */
void admission_unshaken (admission_t *admission, uint64_t count, core_time_t now);

#endif
