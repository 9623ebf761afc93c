/*  order.c - what waits for the disk, in order                                */
#include "order.h"

struct order {
    item_t *queue;  /* not yet taken                                          */
    item_t *flight; /* being committed                                        */
    item_t *parked; /* not yet looked at                                      */
    size_t count, bytes;
};

order_t *order_new (void)
{
    return memory_zero (sizeof (order_t));
}

void order_list_free (item_t *list)
{
    item_t *item, *next;
    DL_FOREACH_SAFE (list, item, next)
    {
        item_free (item);
    }
}

void order_destroy (order_t **self_p)
{
    order_t *order = *self_p;
    if (!order)
        return;
    order_list_free (order->queue);
    order_list_free (order->flight);
    order_list_free (order->parked);
    free (order);
    *self_p = NULL;
}

/*  --- items -----------------------------------------------------------------  */

static frame_t frame_copy (char **memory, frame_t frame)
{
    frame_t copy = frame_of (*memory, frame.size);
    if (frame.size)
        memcpy (*memory, frame.data, frame.size);
    *memory += frame.size;
    return copy;
}

static const char *string_copy (char **memory, const char *string)
{
    if (!string)
        return NULL;
    char *copy = *memory;
    size_t size = strlen (string) + 1;
    memcpy (copy, string, size);
    *memory += size;
    return copy;
}

static size_t string_size (const char *string)
{
    return string ? strlen (string) + 1 : 0;
}

static item_t *call_copy (const call_t *call, item_kind_t kind)
{
    const request_t *request = &call->request;
    size_t secret = call->secret ? ZCHAT_SESSION_SIZE : 0;
    size_t size = request->tag.size + request->user.size + call->user.size +
                  string_size (call->who) + string_size (call->reader) + string_size (call->key) +
                  string_size (call->holder) + string_size (call->place) + secret;
    for (size_t i = 0; i < REQUEST_ARGS_MAX; i++)
        size += request->args[i].size;
    item_t *item = memory_new (sizeof *item + size);
    memset (item, 0, sizeof *item);
    item->kind = kind;
    item->call = *call;
    item->call.peer = NULL;
    item->call.session = NULL;
    item->peer = call->from;
    item->serial = call->serial;
    item->size = sizeof *item + size;
    char *memory = item->memory;
    item->call.request.tag = frame_copy (&memory, request->tag);
    item->call.request.user = frame_copy (&memory, request->user);
    for (size_t i = 0; i < REQUEST_ARGS_MAX; i++)
        item->call.request.args[i] = frame_copy (&memory, request->args[i]);
    item->call.user = frame_copy (&memory, call->user);
    item->call.who = string_copy (&memory, call->who);
    item->call.reader = string_copy (&memory, call->reader);
    item->call.key = string_copy (&memory, call->key);
    item->call.holder = string_copy (&memory, call->holder);
    item->call.place = string_copy (&memory, call->place);
    if (secret)
        item->call.secret = frame_copy (&memory, frame_of (call->secret, secret)).data;
    return item;
}

item_t *item_call (const call_t *call, decide_t *decide)
{
    item_t *item = call_copy (call, ITEM_CALL);
    item->decide = decide;
    return item;
}

item_t *item_parked (const call_t *call)
{
    return call_copy (call, ITEM_PARKED);
}

item_t *item_held (const call_t *call)
{
    return call_copy (call, ITEM_HELD);
}

item_t *item_announce (core_peer_t peer, uint64_t serial, hall_t *hall, const event_t *event)
{
    size_t size = event->user.size + event->body.size + event->data.size;
    item_t *item = memory_new (sizeof *item + size);
    memset (item, 0, sizeof *item);
    item->kind = ITEM_ANNOUNCE;
    item->hall = hall;
    item->room = hall->room;
    item->event = *event;
    item->peer = peer;
    item->serial = serial;
    item->size = sizeof *item + size;
    char *memory = item->memory;
    item->event.user = frame_copy (&memory, event->user);
    item->event.body = frame_copy (&memory, event->body);
    item->event.data = frame_copy (&memory, event->data);
    return item;
}

void item_free (item_t *item)
{
    if (item->verdict)
        verdict_end (item->verdict);
    free (item->verdict);
    free (item);
}

/*  --- lists -----------------------------------------------------------------  */

void order_add (order_t *order, item_t *item)
{
    order->count++;
    order->bytes += item->size;
    if (item->kind == ITEM_PARKED)
        DL_APPEND (order->parked, item);
    else
        DL_APPEND (order->queue, item);
}

void order_hold (order_t *order, const item_t *item)
{
    order->count++;
    order->bytes += item->size;
}

void order_release (order_t *order, const item_t *item)
{
    order->count--;
    order->bytes -= item->size;
}

item_t *order_first (const order_t *order)
{
    return order->queue;
}

void order_take (order_t *order)
{
    item_t *item = order->queue;
    DL_DELETE (order->queue, item);
    DL_APPEND (order->flight, item);
}

item_t *order_flight_first (const order_t *order)
{
    return order->flight;
}

item_t *order_flight_next (order_t *order)
{
    item_t *item = order->flight;
    if (!item)
        return NULL;
    DL_DELETE (order->flight, item);
    order->count--;
    order->bytes -= item->size;
    return item;
}

bool order_parked (const order_t *order)
{
    return order->parked != NULL;
}

item_t *order_parked_take (order_t *order)
{
    item_t *list = order->parked;
    for (const item_t *item = list; item; item = item->next) {
        order->count--;
        order->bytes -= item->size;
    }
    order->parked = NULL;
    return list;
}

size_t order_count (const order_t *order)
{
    return order->count;
}

size_t order_bytes (const order_t *order)
{
    return order->bytes;
}
