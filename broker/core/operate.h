/*  operate.h - settings of the core that can be changed while it runs          */
#ifndef ZCHAT_CORE_OPERATE_H
#define ZCHAT_CORE_OPERATE_H

#include "state/state.h"

/*  Take these keys (copied) for those that may do everything, instead of what was there. */
void setup_admins (setup_t *setup, const char **admins, size_t count);

#endif
