/*  beacon.c - telling the local network that a broker is here               */
#include "beacon.h"
#include "memory.h"
#include <czmq.h>
#include <zchat/limits.h>

enum { EVERY_MS = 1000 };

struct beacon {
    zactor_t *beacon;
};

beacon_t *beacon_new (const char *interface, unsigned port, const char *key, char **why)
{
    char host[64] = "", text[ZCHAT_BEACON_MAX + 1];
    gethostname (host, sizeof host - 1);
    host[strcspn (host, " \t\r\n")] = '\0';
    int size =
        snprintf (text, sizeof text, "ZCHAT/1 %u %s %s", port, key ? key : "-", *host ? host : "-");
    zsys_set_interface (interface);
    beacon_t *self = memory_zero (sizeof *self);
    self->beacon = zactor_new (zbeacon, NULL);
    char *address = NULL;
    if (self->beacon && zsock_send (self->beacon, "si", "CONFIGURE", ZCHAT_BEACON_PORT) == 0)
        address = zstr_recv (self->beacon);
    bool configured = address && *address;
    if (configured)
        configured = zsock_send (self->beacon, "sbi", "PUBLISH", text, (size_t)size, EVERY_MS) == 0;
    zstr_free (&address);
    if (configured)
        return self;
    *why =
        memory_format ("nobody can be told of this broker over UDP by the interface \"%s\": is it "
                       "there, is it up, and does it broadcast over IPv4?",
                       interface);
    beacon_destroy (&self);
    return NULL;
}

void beacon_destroy (beacon_t **self_p)
{
    beacon_t *self = *self_p;
    if (!self)
        return;
    zactor_destroy (&self->beacon);
    free (self);
    *self_p = NULL;
}
