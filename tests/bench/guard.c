#include "guard.h"

#include <stdlib.h>

struct guard_t {
    const guard_class_t *class;
    void *inner;
};

guard_t *guard_new (const guard_plan_t *plan, const char *socket_type)
{
    guard_t *self = malloc (sizeof *self);
    if (!self)
        bench_fail ("out of memory");
    if (plan->kind == GUARD_CURVE)
        *self = (guard_t){&guard_curve, guard_curve_new (plan->server_key, socket_type)};
    else
        *self = (guard_t){&guard_tls, guard_tls_new ()};
    return self;
}

void guard_destroy (guard_t **self_p)
{
    guard_t *self = *self_p;
    if (!self)
        return;
    self->class->destroy (self->inner);
    free (self);
    *self_p = NULL;
}

void guard_receive (guard_t *self, const char *data, size_t size, bytes_t *plain, bytes_t *wire)
{
    self->class->receive (self->inner, data, size, plain, wire);
}

void guard_send (guard_t *self, bytes_t *plain, bytes_t *wire)
{
    self->class->send (self->inner, plain, wire);
}
