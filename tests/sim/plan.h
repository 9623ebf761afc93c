/*  plan.h - what kind of world a run is: drawn from its seed

    Every run is another world: some are quiet and some loud, some have a slow disk, and
    each knows only some of the faults. Where everything goes wrong at once nothing
    ever gets far enough to go wrong interestingly.
*/
#ifndef ZCHAT_SIM_PLAN_H
#define ZCHAT_SIM_PLAN_H

#include "dice.h"
#include <stddef.h>

/*  X (enumerator, name in the report)                                         */
#define FAULT_MAP(X)                                                                               \
    X (CUT, "connection cut")                                                                      \
    X (HALF_OPEN, "connection half open")                                                          \
    X (STALL, "connection stalled")                                                                \
    X (PARTITION, "host cut off")                                                                  \
    X (FEED_CUT, "feed reconnected silently")                                                      \
    X (FEED_DROP, "burst of feed messages dropped")                                                \
    X (KILL, "broker killed")                                                                      \
    X (KILL_INSIDE, "broker killed within a turn")                                                 \
    X (STOP, "broker stopped in order")                                                            \
    X (FREEZE, "broker frozen")                                                                    \
    X (REPLACE, "log replaced")                                                                    \
    X (DISK, "disk fails")                                                                         \
    X (READS, "reads fail")                                                                        \
    X (PAUSE, "client frozen")                                                                     \
    X (DEATH, "client killed")                                                                     \
    X (LEAVE, "client left in order")                                                              \
    X (TRIM, "retention runs")                                                                     \
    X (CLOCK, "clock jumps")                                                                       \
    X (STORM, "everybody talks at once")                                                           \
    X (FLOOD, "a stranger floods")

#define FAULT_ENUM(name, text) FAULT_##name,
typedef enum { FAULT_MAP (FAULT_ENUM) FAULT_COUNT } fault_t;
#undef FAULT_ENUM

enum { PLAN_USERS_MAX = 96, PLAN_ROOMS_MAX = 5, PLAN_DENS_MAX = 2 };

typedef struct {
    size_t users;               /* of them                                          */
    size_t guests;              /* the last ones are guests                         */
    size_t strangers;           /* that speak the protocol by hand                  */
    size_t editors;             /* that edit, react, and take away what they said   */
    bool thief;                 /* somebody announces others' routing ids           */
    size_t rooms;               /*                                                  */
    double keyed;               /* chance that a user, or a stranger's connection, has a key */
    double paired;              /* chance that a user with a key has two devices    */
    size_t dens;                /* private rooms that are made                      */
    double tells;               /* chance that what is said is said to one user     */
    double orders;              /* chance that an action is an operator's           */
    uint64_t faulty_ms;         /* how long faults happen                           */
    uint64_t latency_us[2];     /* least, most                                      */
    uint64_t wire_us;           /* most that a message waits before it is sent      */
    uint64_t turn_us;           /* most that the broker takes to look               */
    uint64_t commit_us;         /* most that half a commit takes                    */
    uint64_t read_us;           /* most that half a read takes                      */
    uint64_t act_ms;            /* mean between two actions of a user               */
    double burst;               /* chance that an action says many                  */
    uint64_t burst_most;        /* how many                                         */
    double big;                 /* chance of a long message                         */
    uint64_t fault_ms;          /* mean between two faults                          */
    double faults[FAULT_COUNT]; /* their weights                                   */
    double flaky;               /* chance that a commit fails                      */
    bool ages;                  /* the clock jumps by more than producers are kept */
    bool sleeps;                /* so much time passes for the broker's machine    */
    size_t feed_hwm;            /* messages queued for a subscriber                 */
    double drop;                /* chance of a burst of drops at any publication    */
    uint64_t retain_ms;         /* 0: for ever                                      */
    uint64_t retain_bytes;      /* 0: all                                           */
    uint64_t trim_ms;           /* how often retention looks                        */
    size_t producers;           /* remembered at most; 0: the core's own             */
    uint32_t grace_ms;          /* 0: the core's own                                */
    uint32_t heartbeat_ms;      /* 0: the core's own                                */
    size_t places;              /* where who connects comes from; 0: nobody knows   */
    size_t sheds;               /* rooms behind those: of one user each             */
    size_t most[2];             /* rooms, mailboxes at most; 0: the core's own      */
    bool forgets;               /* rooms that nobody misses end                     */
    uint64_t purge_ms;          /* mean between two PURGEs of an admin; 0: none     */
    bool fair;                  /* nothing goes wrong: whoever is live hears at once */
    bool quiet_end;             /* nobody speaks once the network is whole          */
} plan_t;

void plan_draw (plan_t *plan, dice_t *dice);

const char *fault_name (fault_t fault);

#endif
