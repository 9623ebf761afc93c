#include "dialect.h"

#include "dialects.h"

#include <string.h>

static const dialect_t *const dialects[] = {
    &zchat_packs, &zchat_events, &zchat_private, &redis,  &redis_fsync, &redis_stream,
    &nats,        &jetstream,    &mosquitto,     &ngircd, &classroom,   &plain,
};

const dialect_t *dialect_find (const char *name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (strcmp (dialects[i]->name, name) == 0)
            return dialects[i];
    return NULL;
}

step_t *script_step (script_t *script)
{
    if (script->count == STEPS_MAX)
        bench_fail ("a script is too long");
    return &script->steps[script->count++];
}

void script_free (script_t *script)
{
    for (int i = 0; i < script->count; i++)
        bytes_free (&script->steps[i].send);
    script->count = 0;
}
