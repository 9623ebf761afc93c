/*  The dialects there are; see dialect.h.  */
#ifndef BENCH_DIALECTS_H
#define BENCH_DIALECTS_H

#include "dialect.h"

extern const dialect_t zchat_packs, zchat_events; /* one log, two topics of the feed     */
extern const dialect_t zchat_private;             /* a room over the door; see servers.py     */
extern const dialect_t redis;                     /* PUBLISH, nothing is kept            */
extern const dialect_t redis_fsync;  /* XADD, then PUBLISH: with appendfsync always both are sent
                                        behind the fsync */
extern const dialect_t redis_stream; /* XADD alone: nobody listens */
extern const dialect_t nats, jetstream;
extern const dialect_t mosquitto; /* MQTT 3.1.1, QoS 0                               */
extern const dialect_t ngircd;
extern const dialect_t classroom; /* lines over TCP                                  */
extern const dialect_t plain;     /* bytes over TCP, for the floor                   */

#endif
