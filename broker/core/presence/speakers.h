/*  speakers.h - on which connection a producer speaks

    A client that has lost its connection sends again over another one what was not answered. Once
    it has done so, what still comes over the old connection must not be stored: it may have been
    refused over the new one (nobody of that name was here), and its sender was told so. This is
    not stored, because no connection outlives the process.
*/
#ifndef ZCHAT_SPEAKERS_H
#define ZCHAT_SPEAKERS_H

#include <stdbool.h>
#include <stdint.h>
#include <zchat/limits.h>

typedef struct speakers speakers_t;

speakers_t *speakers_new (void);
void speakers_destroy (speakers_t **self_p);

/*  True where the producer has spoken on a newer connection than the one with this serial. */
bool speakers_moved (const speakers_t *speakers, const uint8_t producer[ZCHAT_PRODUCER_SIZE],
                     uint64_t serial);

/*  The producer speaks on the connection with this serial from now on, unless it has moved. Of
    ZCHAT_SPEAKERS_MAX producers the oldest is forgotten.                      */
void speakers_note (speakers_t *speakers, const uint8_t producer[ZCHAT_PRODUCER_SIZE],
                    uint64_t serial);

#endif
