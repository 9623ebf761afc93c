/*  speakers.c - on which connection a producer speaks                         */
#include "speakers.h"
#include "../base/hash.h"

typedef struct {
    uint8_t producer[ZCHAT_PRODUCER_SIZE];
    uint64_t serial;   /* of the newest connection it was used on */
    UT_hash_handle hh; /* in the order in which they were met */
} speaker_t;

struct speakers {
    speaker_t *list; /* by producer                                            */
};

speakers_t *speakers_new (void)
{
    return memory_zero (sizeof (speakers_t));
}

static void forget (speakers_t *speakers, speaker_t *speaker)
{
    HASH_DEL (speakers->list, speaker);
    free (speaker);
}

static speaker_t *find (const speakers_t *speakers, const uint8_t *producer)
{
    speaker_t *speaker;
    HASH_FIND (hh, speakers->list, producer, ZCHAT_PRODUCER_SIZE, speaker);
    return speaker;
}

bool speakers_moved (const speakers_t *speakers, const uint8_t producer[ZCHAT_PRODUCER_SIZE],
                     uint64_t serial)
{
    const speaker_t *speaker = find (speakers, producer);
    return speaker && serial < speaker->serial;
}

void speakers_note (speakers_t *speakers, const uint8_t producer[ZCHAT_PRODUCER_SIZE],
                    uint64_t serial)
{
    speaker_t *speaker = find (speakers, producer);
    if (!speaker) {
        if (HASH_COUNT (speakers->list) >= ZCHAT_SPEAKERS_MAX)
            forget (speakers, speakers->list);
        speaker = memory_zero (sizeof *speaker);
        memcpy (speaker->producer, producer, ZCHAT_PRODUCER_SIZE);
        HASH_ADD (hh, speakers->list, producer, ZCHAT_PRODUCER_SIZE, speaker);
    }
    if (speaker->serial < serial)
        speaker->serial = serial;
}

void speakers_destroy (speakers_t **self_p)
{
    speakers_t *speakers = *self_p;
    if (!speakers)
        return;
    while (speakers->list)
        forget (speakers, speakers->list);
    free (speakers);
    *self_p = NULL;
}
