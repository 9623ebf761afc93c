/*  metrics_process.h - the process's own numbers                              */
#ifndef ZCHAT_METRICS_PROCESS_H
#define ZCHAT_METRICS_PROCESS_H

#include "metrics.h"

/*  Its processor time, memory and descriptors, read now. Nothing else is set. For any thread. */
metrics_process_t metrics_process (void);

#endif
