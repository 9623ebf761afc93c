/*  dialect - how the driver speaks to each server: what it sends to listen and to speak, how a
 * message is said, and by what an answer is known. The rest of the driver is the same for all.
 */
#ifndef BENCH_DIALECT_H
#define BENCH_DIALECT_H

#include "bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum { STEPS_MAX = 6 };

typedef enum {
    AWAIT_NOTHING,
    AWAIT_BYTES,  /* so many                                   */
    AWAIT_TEXT,   /* this text, anywhere                       */
    AWAIT_FRAMES, /* so many frames of ZMTP                    */
} await_t;

typedef struct {
    bytes_t send; /* first, this                               */
    await_t await;
    size_t count;     /* of AWAIT_BYTES, AWAIT_FRAMES          */
    const char *text; /* of AWAIT_TEXT                         */
} step_t;

/*  What one says until one is connected, step by step.  */
typedef struct {
    step_t steps[STEPS_MAX];
    int count;
    int handshake;           /* the first so many steps fall out where a guard does them */
    const char *socket_type; /* of ZMTP                                                  */
} script_t;

/*  Who says something: numbered from 0, as are rooms.  */
typedef struct {
    int number;
    bool alone;    /* nobody else speaks                          */
    char id[33];   /* of the producer: 32 hex digits              */
    uint64_t said; /* so far, what is not counted included        */
} speaker_t;

typedef struct {
    const char *name;
    const char *answer;  /* each message is answered by this, or NULL    */
    const char *refusal; /* this in an answer ends the run, or NULL      */
    void (*listen) (script_t *script, int number, int room);
    void (*speak) (script_t *script, const speaker_t *speaker);
    void (*say) (bytes_t *out, const speaker_t *speaker, int room, const char *body, size_t size);
    /* asks for what room 0 holds behind the first `after` messages; NULL: cannot */
    void (*fetch) (bytes_t *out, uint64_t after);
    /* a room that listeners must be let into, once all are connected: NULL, or what the speaker
       says for each (and is answered by `answer`), and then the listener */
    void (*invite) (bytes_t *out, const speaker_t *speaker, int number);
    void (*enter) (bytes_t *out, int number);
    /* a client that arrives, and stays: its connections; NULL: it has listen alone */
    void (*arrive_feed) (script_t *script, int number, int room);
    void (*arrive_door) (script_t *script, int number, int room);
    void (*sync) (bytes_t *out, int number); /* over the door, again until the feed is in    */
    void (*ping) (bytes_t *out, int number); /* over the door, every ping_ms                 */
    uint64_t ping_ms;
    const char *fetched; /* stands behind each answer to fetch; NULL: by the number     */
    uint64_t page;       /* so many at once; 0: all by one fetch                        */
} dialect_t;

/*  NULL: there is none of this name.  */
const dialect_t *dialect_find (const char *name);

/*  The next step of a script; its await is to be filled in.  */
step_t *script_step (script_t *script);

void script_free (script_t *script);

#endif
