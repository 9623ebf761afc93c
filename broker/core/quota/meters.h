/*  meters.h - what was stored of late from each place

    Connections come and go, and names without proof cost nothing: what is stored in a day is
   counted for the place it comes from too. Pure; of this process. At ZCHAT_METERS_MAX places the
   one that was quiet for longest is forgotten.
*/
#ifndef ZCHAT_METERS_H
#define ZCHAT_METERS_H

#include "quota.h"

typedef struct meters meters_t;

enum { METERS_PLACE_MAX = 39 }; /* bytes of a place                           */

/*  The place that a connection counts for, of where it is (core_origin_t): of IPv6 the /48; "":
   none, for it is of this machine.                                                 */
void meters_place (const char *place, char metered[METERS_PLACE_MAX + 1]);

meters_t *meters_new (void);
void meters_destroy (meters_t **self_p);

/*  The buckets of a place, a short text, QUOTA_COUNT of them; full where it is new. Valid until the
    next call.                                                                 */
bucket_t *meters_buckets (meters_t *meters, const char *place);

size_t meters_count (const meters_t *meters);

#endif
