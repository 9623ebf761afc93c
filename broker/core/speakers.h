/*  speakers.h - on which connection a producer speaks

    A client that has lost its connection sends again on another what was not answered. What
    is still on its way over the old one must not be taken once the new one has been used:
    it may have been refused there (nobody of that name was here), and its sender told so.
    Of this process: no connection outlives it.
*/
#ifndef ZCHAT_SPEAKERS_H
#define ZCHAT_SPEAKERS_H

#include <stdbool.h>
#include <stdint.h>
#include <zchat/limits.h>

typedef struct speakers speakers_t;

speakers_t *speakers_new (void);
void speakers_destroy (speakers_t **self_p);

/*  True where the producer was used on no newer connection than the one with this serial, which
    is its newest from then on. Of ZCHAT_SPEAKERS_MAX producers: the oldest is forgotten. */
bool speakers_admit (speakers_t *speakers, const uint8_t producer[ZCHAT_PRODUCER_SIZE],
                     uint64_t serial);

#endif
