/*  samples - waiting times, and how long the patient wait.  */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

enum { SAMPLES_MAX = 4000000 };

typedef struct {
    uint32_t *ns; /* of the heap; 4 s at most each          */
    size_t count, room;
} samples_t;

/*  Beyond SAMPLES_MAX they are left out.  */
void samples_add (samples_t *self, uint64_t ns);

/*  Sorts them.  */
void samples_sort (samples_t *self);

/*  Sorted before. us of the sample that so many of a thousand do not exceed; 0 where there is none.
 */
double samples_us (const samples_t *self, unsigned per_mille);

#endif
