/*  curve.h - what --curve begins with: the broker's key, sockets with it, admission */
#ifndef ZCHAT_CURVE_H
#define ZCHAT_CURVE_H

#include "admission/admission.h"
#include "config/options.h"
#include "net/sockets.h"

/*  Returns -1 and *sockets, *admission, which answers, and the broker's public key; else the
    exit status, and *why, which the caller frees. What was made until then is left in
    *sockets and *admission, which were NULL. Sockets count in counters, which live longer. */
int curve_start (const options_t *options, core_time_t now, counters_t *counters,
                 sockets_t **sockets, admission_t **admission, uint8_t public_key[ADDRESS_KEY_SIZE],
                 char **why);

#endif
