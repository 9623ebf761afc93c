/*  core_probe.c - those whose names no program can spell: who is never let in, who sees all  */
#include "core_world.h"
#include "memory.h"

void outsider_looks (world_t *world)
{
    static const char *const asks[] = {
        "JOIN|" SECRET_NAME "out|\\r0",
        "WHO|" SECRET_NAME "out|\\r0",
        "TOPIC|" SECRET_NAME "out|\\r0",
        "HISTORY|" SECRET_NAME "out|\\r0",
        "SAY|" SECRET_NAME "out|\\r0|in?",
        "TOPIC|" SECRET_NAME "out|\\r0|in?",
        "MODE|" SECRET_NAME "out|\\r0",
        "INVITE|" SECRET_NAME "out|\\r0|" SECRET_NAME "out",
        "REMOVE|" SECRET_NAME "out|\\r0|1",
        "MODE|" SECRET_NAME "out|\\r0|{\"set\":\"lock\"}",
        "WHO||\\r0",
        "HISTORY||\\r0",
        "TOPIC||\\r0",
        "SEARCH|" SECRET_NAME "out|in:\\r0 hush",
        "SEARCH||in:\\r0 hush",
        NULL,
    };
    if (!world->n_privates || world->closed)
        return;
    world_ask (world, SEAT_OUTSIDER, "HELLO|" SECRET_NAME "out");
    world_land (world);
    world_ask (world, SEAT_OUTSIDER, "ROOMS|" SECRET_NAME "out");
    world->outsiding = true;
    for (size_t i = 0; i < world->n_privates && i < 4; i++)
        for (size_t k = 0; asks[k]; k++) {
            world->asked = world->privates[i].name;
            world_ask (world, SEAT_OUTSIDER, asks[k]);
        }
    world_land (world);
    world->outsiding = false;
    world_gone (world, SEAT_OUTSIDER);
}

/*  The same whatever order lists have.                                        */
static int compare_text (const void *a, const void *b)
{
    return strcmp (*(char *const *)a, *(char *const *)b);
}

static json_t *in_order (const json_t *value)
{
    if (json_is_object (value)) {
        json_t *made = json_object ();
        const char *key;
        json_t *member;
        json_object_foreach ((json_t *)value, key, member)
        {
            json_object_set_new (made, key, in_order (member));
        }
        return made;
    }
    if (!json_is_array (value))
        return json_deep_copy (value);
    size_t count = json_array_size (value);
    char **texts = memory_zero ((count + 1) * sizeof *texts);
    for (size_t i = 0; i < count; i++) {
        json_t *inner = in_order (json_array_get (value, i));
        texts[i] = json_dumps (inner, JSON_SORT_KEYS | JSON_ENCODE_ANY);
        json_decref (inner);
    }
    qsort (texts, count, sizeof *texts, compare_text);
    json_t *made = json_array ();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new (made, json_string (texts[i]));
        free (texts[i]);
    }
    free (texts);
    return made;
}

char *prober_asks (world_t *world)
{
    static const char *const names[] = {"bob", "eve", "carol", "dan", NULL};
    world_ask (world, SEAT_PROBER, "HELLO|" SECRET_NAME "all");
    world_land (world);
    world->probe = json_array ();
    world_ask (world, SEAT_PROBER, "ROOMS|" SECRET_NAME "all");
    for (size_t i = 0; i < world->n_rooms && i < 8; i++)
        if (*world->rooms[i].keys.fold) {
            world->asked = world->rooms[i].name;
            world_ask (world, SEAT_PROBER, "MODE|" SECRET_NAME "all|\\r0");
            world->asked = world->rooms[i].name;
            world_ask (world, SEAT_PROBER, "TOPIC|" SECRET_NAME "all|\\r0");
        }
    for (size_t i = 0; names[i]; i++) {
        world->asked = names[i];
        world_ask (world, SEAT_PROBER, "KEYS|" SECRET_NAME "all|\\r0");
    }
    json_t *told = json_array ();
    size_t i;
    json_t *reply;
    json_array_foreach (world->probe, i, reply) json_array_append_new (told, in_order (reply));
    char *text = memory_check (json_dumps (told, JSON_SORT_KEYS));
    json_decref (told);
    json_decref (world->probe);
    world->probe = NULL;
    return text;
}
