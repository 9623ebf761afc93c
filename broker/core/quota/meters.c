/*  meters.c - what was stored of late from each place                         */
#include "meters.h"
#include "../base/hash.h"

typedef struct meter {
    char *place;
    bucket_t buckets[QUOTA_COUNT];
    struct meter *prev, *next; /* the one that was quiet for longest first     */
    UT_hash_handle hh;
} meter_t;

struct meters {
    meter_t *by_place;
    meter_t *quiet; /* list of the same                                        */
    size_t count;
};

meters_t *meters_new (void)
{
    return memory_zero (sizeof (meters_t));
}

void meters_place (const char *place, char metered[METERS_PLACE_MAX + 1])
{
    bool counts = place && strcmp (place, "local") != 0;
    snprintf (metered, METERS_PLACE_MAX + 1, "%.*s", counts ? (int)strcspn (place, "/") : 0,
              counts ? place : "");
}

static void meter_forget (meters_t *meters, meter_t *meter)
{
    HASH_DEL (meters->by_place, meter);
    DL_DELETE (meters->quiet, meter);
    meters->count--;
    free (meter->place);
    free (meter);
}

void meters_destroy (meters_t **self_p)
{
    meters_t *meters = *self_p;
    if (!meters)
        return;
    while (meters->quiet)
        meter_forget (meters, meters->quiet);
    free (meters);
    *self_p = NULL;
}

bucket_t *meters_buckets (meters_t *meters, const char *place)
{
    meter_t *meter;
    HASH_FIND_STR (meters->by_place, place, meter);
    if (meter)
        DL_DELETE (meters->quiet, meter);
    else {
        if (meters->count == ZCHAT_METERS_MAX)
            meter_forget (meters, meters->quiet);
        meter = memory_zero (sizeof *meter);
        meter->place = memory_string (place, strlen (place));
        HASH_ADD_KEYPTR (hh, meters->by_place, meter->place, strlen (meter->place), meter);
        meters->count++;
    }
    DL_APPEND (meters->quiet, meter);
    return meter->buckets;
}

size_t meters_count (const meters_t *meters)
{
    return meters->count;
}
