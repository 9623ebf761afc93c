/*  state.c - what handlers see of a core                                      */
#include "state.h"

view_t core_view (const core_t *core)
{
    return (view_t){.setup = &core->setup,
                    .ledger = core->ledger,
                    .presence = core->presence,
                    .told = core->told,
                    .speakers = core->speakers,
                    .strangers = core->strangers,
                    .lately = core->lately,
                    .readings = core->readings};
}
