/*  ledger_fold.h - logs kept, folded, and all that is durable written down to be compared  */
#ifndef ZCHAT_TEST_LEDGER_FOLD_H
#define ZCHAT_TEST_LEDGER_FOLD_H

#include "ledger_stage.h"

/*  A record with all its texts.                                               */
typedef struct {
    store_record_t record;
    char *memory;
} kept_t;

static inline frame_t copy (char **at, frame_t frame)
{
    frame_t made = frame_of (*at, frame.size);
    if (frame.size)
        memcpy (*at, frame.data, frame.size);
    *at += frame.size;
    return made;
}

/*  Keep the record; the caller frees its memory.                              */
static inline void keep_record (kept_t *kept, const store_record_t *record)
{
    const event_t *event = &record->event;
    char *at = kept->memory =
        memory_new (record->room_name.size + event->user.size + event->body.size +
                    event->data.size + record->fact_key.size + record->fact_value.size +
                    record->holder.size + record->charge.size + record->who.size);
    kept->record = *record;
    kept->record.room_name = copy (&at, record->room_name);
    kept->record.event.user = copy (&at, event->user);
    kept->record.event.body = copy (&at, event->body);
    kept->record.event.data = copy (&at, event->data);
    kept->record.fact_key = copy (&at, record->fact_key);
    kept->record.fact_value = copy (&at, record->fact_value);
    kept->record.holder = copy (&at, record->holder);
    kept->record.charge = copy (&at, record->charge);
    kept->record.who = copy (&at, record->who);
}

/*  --- what is durable --------------------------------------------------------  */

static inline int text_order (const void *a, const void *b)
{
    return strcmp (*(char *const *)a, *(char *const *)b);
}

/*  Lines in an order of their own.                                            */
static inline void lines_write (FILE *stream, char **lines, size_t count)
{
    if (count)
        qsort (lines, count, sizeof *lines, text_order);
    for (size_t i = 0; i < count; i++) {
        fprintf (stream, "%s\n", lines[i]);
        free (lines[i]);
    }
    free (lines);
}

static inline void facts_write (FILE *stream, const fact_t *facts)
{
    char **lines = NULL;
    size_t count = 0;
    for (const fact_t *fact = facts; fact; fact = fact->hh.next) {
        char *line = NULL;
        assert_true (asprintf (&line, "  %s=%s by %s until %llu%s at %s", fact->key, fact->value,
                               fact->by ? fact->by : "-", (unsigned long long)fact->until_ms,
                               fact->told ? " told" : "", budget_path (&fact->item)) > 0);
        stage_list_add (&lines, &count, line);
    }
    lines_write (stream, lines, count);
}

static inline void producers_write (FILE *stream, ledger_t *ledger)
{
    char **lines = NULL;
    size_t count = 0;
    for (int ended = 0; ended < 2; ended++) {
        const producer_t *producer = NULL;
        while ((producer = ledger_producer_old (ledger, ended, producer, UINT64_MAX))) {
            char id[2 * ZCHAT_PRODUCER_SIZE + 1], *line = NULL;
            sodium_bin2hex (id, sizeof id, producer->id, sizeof producer->id);
            assert_true (asprintf (&line, "%s n %llu at %llu ended %d of %s", id,
                                   (unsigned long long)producer->n,
                                   (unsigned long long)producer->time_ms, producer->ended,
                                   budget_path (&producer->item)) > 0);
            stage_list_add (&lines, &count, line);
        }
    }
    assert_int_equal (count, ledger_n_producers (ledger));
    lines_write (stream, lines, count);
}

static inline void markers_write (FILE *stream, ledger_t *ledger)
{
    size_t count = 0;
    for (uint64_t id = 1; id < ledger_owner_next (ledger); id++) {
        const owner_t *owner = ledger_owner_known (ledger, id);
        for (size_t i = 0; owner && i < owner->n_markers; i++, count++) {
            const marker_t *marker = owner->markers[i];
            assert_ptr_equal (marker, ledger_marker (ledger, id, marker->room->id));
            assert_ptr_equal (marker->room, ledger_room_by_id (ledger, marker->room->id));
            fprintf (stream, "read by %llu of %llu up to %llu\n", (unsigned long long)id,
                     (unsigned long long)marker->room->id, (unsigned long long)marker->seq);
        }
    }
    assert_int_equal (count, ledger_n_markers (ledger));
}

static inline void owners_write (FILE *stream, ledger_t *ledger)
{
    for (uint64_t id = 1; id < ledger_owner_next (ledger); id++) {
        char fact[OWNER_FACT_MAX];
        owner_fact_key (id, fact);
        const owner_t *owner = ledger_owner_known (ledger, id);
        char *value = owner ? owner_fact_value (owner) : NULL;
        const char *text = ledger_fact (ledger, NULL, fact);
        fprintf (stream, "owner %llu %s %s\n", (unsigned long long)id, value ? value : "-",
                 text ? text : "-");
        free (value);
    }
    fprintf (stream, "owned %zu\n", ledger_n_owned (ledger));
    const owner_t *spare = NULL;
    while ((spare = ledger_owner_spare (ledger, UINT64_MAX, spare)))
        fprintf (stream, "spare %llu\n", (unsigned long long)spare->id);
    for (unsigned i = 0; i < 14; i++)
        fprintf (stream, "key %zu\n", ledger_key_names (ledger, stage_key_text (i), 0));
}

/*  All that is durable, as text that the caller frees. begins is not in what a store tells of a
    room.                                                                      */
static inline char *dump (ledger_t *ledger)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream (&text, &size);
    uint64_t last = ledger_next_room (ledger);
    fprintf (stream, "position %llu forgotten %llu begins %llu next %llu rooms %zu mailboxes %zu\n",
             (unsigned long long)ledger_position (ledger),
             (unsigned long long)ledger_forgotten (ledger),
             (unsigned long long)ledger_begins (ledger), (unsigned long long)last,
             ledger_n_rooms (ledger), ledger_n_mailboxes (ledger));
    for (uint64_t id = 1; id < last; id++) {
        const room_t *room = ledger_room_by_id (ledger, id);
        if (!room)
            continue;
        fprintf (stream,
                 "room %llu %s head %llu first %llu time %llu %d%d%d roles %zu topic %s by "
                 "%s at %llu charge %s as %d\n",
                 (unsigned long long)id, room->name, (unsigned long long)room->head,
                 (unsigned long long)room->first, (unsigned long long)room->time_ms,
                 room->is_private, room->locked, room->closed, room->n_roles, room->topic,
                 room->topic_by, (unsigned long long)room->topic_time_ms,
                 room->charge ? room->charge : "-", room->item.holder ? (int)room->charged : -1);
        facts_write (stream, room->facts);
    }
    producers_write (stream, ledger);
    owners_write (stream, ledger);
    markers_write (stream, ledger);
    fclose (stream);
    return text;
}

/*  --- what a store remembers --------------------------------------------------  */

static inline zchat_status_t on_position (void *arg, uint64_t position)
{
    return ledger_apply (arg, &(ledger_record_t){.kind = LEDGER_POSITION, .position = position});
}

static inline zchat_status_t on_room (void *arg, const store_room_t *row)
{
    return ledger_row_room (arg, row);
}

static inline zchat_status_t on_fact (void *arg, const store_fact_t *row)
{
    return ledger_row_fact (arg, row);
}

static inline zchat_status_t on_producer (void *arg, const store_producer_t *row)
{
    return ledger_row_producer (arg, row);
}

static inline zchat_status_t on_marker (void *arg, const store_marker_t *row)
{
    return ledger_apply (arg, &(ledger_record_t){.kind = LEDGER_MARKER, .marker = row});
}

/*  A ledger made of what the store remembers.                                 */
static inline ledger_t *ledger_from (store_t *store)
{
    ledger_t *ledger = ledger_new ();
    store_loader_t loader = {on_position, on_room, on_fact, on_producer, ledger, on_marker};
    assert_int_equal (store_load (store, &loader), ZCHAT_OK);
    return ledger;
}

static inline void compare (ledger_t *ledger, const char *wanted)
{
    char *is = dump (ledger);
    assert_string_equal (is, wanted);
    free (is);
    ledger_destroy (&ledger);
}

#endif
