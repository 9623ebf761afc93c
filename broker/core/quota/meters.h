/*  meters.h - what was stored of late from each place

    Connections come and go, and names without proof cost nothing. So what is stored in a day is
    counted for the place that it comes from, too. Pure. The counts are of this process and are not
    stored. At ZCHAT_METERS_MAX places the one that was quiet for longest is forgotten.
*/
#ifndef ZCHAT_METERS_H
#define ZCHAT_METERS_H

#include "quota.h"

typedef struct meters meters_t;

enum { METERS_PLACE_MAX = 39 }; /* bytes of a place                           */

/*  Write the place that a connection counts for, by where it is (core_origin_t): its address, of
    IPv6 the /48. "": none, for connections of this machine are not counted.   */
void meters_place (const char *place, char metered[METERS_PLACE_MAX + 1]);

meters_t *meters_new (void);
void meters_destroy (meters_t **self_p);

/*  The QUOTA_COUNT buckets of a place, which is any short text. They are full where the place is
    new, and valid until the next call.                                        */
bucket_t *meters_buckets (meters_t *meters, const char *place);

size_t meters_count (const meters_t *meters);

#endif
