/*  curve.c - what --curve begins with: the broker's key, sockets with it, admission */
#include "curve.h"
#include "config/broker_key.h"
#include "log/log.h"
#include "memory.h"
#include <sodium.h>
#include <sysexits.h>

static int fail (int status, char **why, const char *text)
{
    *why = memory_string (text, strlen (text));
    return status;
}

/*  In this order, so that nobody is let in unasked: who answers is there before the
    sockets are bound.                                                         */
int curve_start (const options_t *options, core_time_t now, counters_t *counters,
                 sockets_t **sockets, admission_t **admission, uint8_t public_key[ADDRESS_KEY_SIZE],
                 char **why)
{
    uint8_t seed[THROTTLE_SEED_SIZE];
    keypair_t pair;
    bool made = false;
    if (!zmq_has ("curve"))
        return fail (EX_OSERR, why, "this libzmq has no CURVE; install one that has");
    zchat_status_t status = broker_key_take (options->data, &pair, &made, why);
    if (status != ZCHAT_OK)
        return status == ZCHAT_CORRUPT ? EX_DATAERR : EX_CANTCREAT;
    if (made)
        log_write (LEVEL_INFO, "broker-key-made",
                   (log_field_t[]){{"data", frame_str (options->data)}, {NULL}});
    memcpy (public_key, pair.public_key, sizeof pair.public_key);
    *sockets = sockets_new (&pair, counters);
    keypair_wipe (&pair);
    randombytes_buf (seed, sizeof seed);
    char *members = options->members ? data_path (options->data, "members") : NULL;
    *admission = admission_new (true, members, seed);
    free (members);
    if (!*sockets || !admission_open (*admission, now))
        return fail (EX_OSERR, why, "no sockets to be had; raise the limit (ulimit -n)");
    return -1;
}
