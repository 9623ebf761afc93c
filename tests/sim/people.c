/*  people.c - whose names are whose, and who is a member of what              */
#include "people.h"
#include "memory.h"
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>

void people_clear (people_t *people)
{
    free (people->owners);
    free (people->past);
}

void club_clear (club_t *club)
{
    free (club->spells);
    free (club->roles);
}

/*  --- names -----------------------------------------------------------------  */

const owner_t *people_owner (const people_t *people, const char *name)
{
    name_keys_t keys;
    if (name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return NULL;
    for (size_t i = 0; i < people->n_owners; i++)
        if (people->owners[i].number && !people->owners[i].freed &&
            name_same (&people->owners[i].name, &keys))
            return &people->owners[i];
    return NULL;
}

static bool owner_has (const owner_t *owner, const char *key)
{
    for (size_t i = 0; key && i < owner->n_keys; i++)
        if (strcmp (owner->keys[i], key) == 0)
            return true;
    return false;
}

const owner_t *people_proven (const people_t *people, const char *name, const char *key)
{
    const owner_t *owner = people_owner (people, name);
    return owner && owner_has (owner, key) ? owner : NULL;
}

void people_box (const owner_t *owner, const char *name, char box[PEOPLE_BOX_MAX])
{
    enum { HASH = 16 };
    uint8_t hash[HASH];
    char who[NAME_KEY_MAX + 2];
    char known[NAME_KEY_MAX + 1];
    if (owner) {
        snprintf (box, PEOPLE_BOX_MAX, "@%" PRIu64, owner->number);
        return;
    }
    name_who (frame_str (name), known);
    snprintf (who, sizeof who, "=%s", known);
    crypto_generichash (hash, sizeof hash, (const uint8_t *)who, strlen (who), NULL, 0);
    memcpy (box, "@=", 2);
    sodium_bin2hex (box + 2, PEOPLE_BOX_MAX - 2, hash, sizeof hash);
}

/*  What the owner had is past where the next view of it does not have it.     */
static void owner_past (const sim_t *sim, people_t *people, const owner_t *old, const owner_t *now)
{
    for (size_t i = 0; i < old->n_keys && !old->freed; i++) {
        if (!now->freed && owner_has (now, old->keys[i]))
            continue;
        if (people->n_past == people->past_room) {
            people->past_room = people->past_room ? 2 * people->past_room : 16;
            people->past = memory_grow (people->past, people->past_room * sizeof *people->past);
        }
        past_t *past = &people->past[people->n_past++];
        *past = (past_t){.name = old->name, .until_us = sim->now_us};
        memcpy (past->key, old->keys[i], sizeof past->key);
    }
}

bool people_lately (const people_t *people, const char *name, const char *key, uint64_t since_us)
{
    name_keys_t keys;
    if (name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return false;
    for (size_t i = 0; key && i < people->n_past; i++)
        if (people->past[i].until_us > since_us && name_same (&people->past[i].name, &keys) &&
            strcmp (people->past[i].key, key) == 0)
            return true;
    return false;
}

static owner_t *owner_make (people_t *people, uint64_t number)
{
    for (size_t i = 0; i < people->n_owners; i++)
        if (people->owners[i].number == number)
            return &people->owners[i];
    if (people->n_owners == people->owners_room) {
        people->owners_room = people->owners_room ? 2 * people->owners_room : 16;
        people->owners = memory_grow (people->owners, people->owners_room * sizeof *people->owners);
    }
    people->owners[people->n_owners] = (owner_t){0};
    return &people->owners[people->n_owners++];
}

void people_fact (sim_t *sim, people_t *people, const store_record_t *record)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    unsigned long long number;
    snprintf (key, sizeof key, "%.*s", (int)record->fact_key.size,
              (const char *)record->fact_key.data);
    /*  Without a value: the log holds nothing of it any more.                 */
    frame_t value = record->fact_value.size ? record->fact_value : frame_str ("{}");
    json_t *json = json_loadb (value.data, value.size, 0, NULL);
    const char *name = json_string_value (json_object_get (json, "name"));
    const json_t *list = json_object_get (json, "keys");
    if (sscanf (key, "name/%llu", &number) != 1 || !json) { // NOLINT(cert-err34-c)
        sim_wrong (sim, "a fact was stored that makes no sense: %s", key);
        json_decref (json);
        return;
    }
    const owner_t *holder = name ? people_owner (people, name) : NULL;
    if (holder && holder->number != number)
        sim_wrong (sim, "the name %s has two owners: %llu and %llu", name,
                   (unsigned long long)holder->number, number);
    owner_t *owner = owner_make (people, number);
    const owner_t old = *owner;
    if (!name && old.number && !old.freed)
        sim_wrong (sim, "%s is somebody's, and was dropped", old.spelling);
    *owner = (owner_t){.number = name ? number : 0};
    owner->freed = json_object_get (json, "freed") != NULL;
    if (name && name_check (frame_str (name), &owner->name, NULL) != ZCHAT_OK)
        sim_wrong (sim, "somebody owns what is no name: %s", name);
    snprintf (owner->spelling, sizeof owner->spelling, "%s", name ? name : "");
    const char *place = json_string_value (json_object_get (json, "place"));
    snprintf (owner->place, sizeof owner->place, "%s", place ? place : "");
    for (size_t i = 0; i < json_array_size (list) && i < ZCHAT_NAME_KEYS_MAX; i++)
        snprintf (owner->keys[owner->n_keys++], sizeof *owner->keys, "%s",
                  json_string_value (json_array_get (list, i)));
    owner_past (sim, people, &old, owner);
    sim->tally->claimed += !old.number && owner->number;
    json_decref (json);
}

/*  --- private rooms ---------------------------------------------------------  */

static size_t role_find (const club_t *club, uint64_t owner)
{
    size_t at = 0;
    while (at < club->n_roles && club->roles[at] != owner)
        at++;
    return at;
}

void club_fact (club_t *club, const store_record_t *record)
{
    char key[ZCHAT_FACT_KEY_MAX + 1];
    unsigned long long number;
    snprintf (key, sizeof key, "%.*s", (int)record->fact_key.size,
              (const char *)record->fact_key.data);
    if (sscanf (key, "role/#%llu", &number) != 1) // NOLINT(cert-err34-c)
        return;
    size_t at = role_find (club, number);
    bool is = at < club->n_roles;
    if (is && !record->fact_value.size)
        club->roles[at] = club->roles[--club->n_roles];
    if (is || !record->fact_value.size)
        return;
    if (club->n_roles == club->roles_room) {
        club->roles_room = club->roles_room ? 2 * club->roles_room : 16;
        club->roles = memory_grow (club->roles, club->roles_room * sizeof *club->roles);
    }
    club->roles[club->n_roles++] = number;
}

const spell_t *club_spell (const club_t *club, uint64_t owner, uint64_t seq)
{
    for (size_t i = 0; i < club->n_spells; i++)
        if (club->spells[i].owner == owner && club->spells[i].to >= seq)
            return &club->spells[i];
    return NULL;
}

bool club_member (const club_t *club, uint64_t owner)
{
    return club_spell (club, owner, UINT64_MAX) != NULL;
}

static void member_in (sim_t *sim, club_t *club, uint64_t owner, uint64_t seq)
{
    if (club_member (club, owner))
        return;
    if (club->n_spells == club->spells_room) {
        club->spells_room = club->spells_room ? 2 * club->spells_room : 16;
        club->spells = memory_grow (club->spells, club->spells_room * sizeof *club->spells);
    }
    club->spells[club->n_spells++] = (spell_t){
        .owner = owner, .from = seq, .to = UINT64_MAX, .from_us = sim->now_us, .to_us = UINT64_MAX};
}

static void member_out (sim_t *sim, club_t *club, uint64_t owner, uint64_t seq)
{
    for (size_t i = 0; i < club->n_spells; i++)
        if (club->spells[i].owner == owner && club->spells[i].to == UINT64_MAX) {
            club->spells[i].to = seq;
            club->spells[i].to_us = sim->now_us;
            sim->tally->put_out++;
        }
}

void club_event (sim_t *sim, club_t *club, const people_t *people, const event_t *event, bool first,
                 uint64_t *invited)
{
    char by[ZCHAT_NAME_MAX + 1];
    json_t *json = json_loadb (event->data.data, event->data.size, 0, NULL);
    const char *set = json_string_value (json_object_get (json, "set"));
    const char *user = json_string_value (json_object_get (json, "user"));
    snprintf (by, sizeof by, "%.*s", (int)event->user.size, (const char *)event->user.data);
    const owner_t *owner = people_owner (people, user ? user : by);
    *invited = 0;
    if (!set)
        sim_wrong (sim, "a mode was stored that makes no sense");
    else if (strcmp (set, "create") == 0) {
        if (!first || !owner)
            sim_wrong (sim, "a private room was made by %s as seq %llu", by,
                       (unsigned long long)event->seq);
        club->is_private = true;
        member_in (sim, club, owner ? owner->number : 0, event->seq);
    } else if (strcmp (set, "invite") == 0) {
        if (!club->is_private || !owner)
            sim_wrong (sim, "somebody is invited who is nobody, or to a public room");
        sim->tally->invited++;
        member_in (sim, club, *invited = owner ? owner->number : 0, event->seq);
    } else if (club->is_private && owner && (strcmp (set, "kick") == 0 || strcmp (set, "ban") == 0))
        member_out (sim, club, owner->number, event->seq);
    json_decref (json);
}

void club_check (sim_t *sim, const club_t *club)
{
    size_t members = 0;
    if (!club->is_private)
        return;
    for (size_t i = 0; i < club->n_spells; i++)
        if (club->spells[i].to == UINT64_MAX) {
            members++;
            if (role_find (club, club->spells[i].owner) == club->n_roles)
                sim_wrong (sim, "owner %llu is a member, and the store knows of no role",
                           (unsigned long long)club->spells[i].owner);
        }
    if (members != club->n_roles)
        sim_wrong (sim, "the store knows %zu members of a private room that has %zu", club->n_roles,
                   members);
}
