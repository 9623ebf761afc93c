/*  book.c - what was committed                                                */
#include "book.h"
#include "memory.h"
#include "reader.h"
#include "store_memory.h"

/*  --- making ----------------------------------------------------------------  */

book_t *book_new (sim_t *sim)
{
    book_t *book = memory_zero (sizeof *book);
    for (size_t i = 0; i < sizeof book->log_id; i++)
        book->log_id[i] = (uint8_t)dice_roll (&sim->dice);
    book->n_rooms = SIM_ROOMS;
    book->rooms = memory_zero (SIM_ROOMS * sizeof *book->rooms);
    book->none.first = 1;
    for (size_t i = 0; i < SIM_ROOMS; i++)
        book->rooms[i].first = 1;
    book->store = store_memory_new (book->log_id);
    sim->books = memory_grow (sim->books, (sim->n_books + 1) * sizeof (book_t *));
    sim->books[sim->n_books++] = book;
    book->number = sim->n_books;
    return book;
}

static void room_clear (book_room_t *room)
{
    for (size_t i = 0; i < room->n_past; i++)
        room_clear (&room->past[i]);
    for (uint64_t seq = room->base + 1; seq <= room->head; seq++)
        free (room->events[seq - room->base - 1]);
    while (room->versions) {
        book_version_t *version = room->versions;
        room->versions = version->older;
        free (version->event);
        free (version);
    }
    memory_marks_destroy (&room->marks);
    free (room->events);
    free (room->times_us);
    free (room->past);
    club_clear (&room->club);
}

void book_free (book_t *book)
{
    ends_restart (book);
    for (size_t i = 0; i < book->n_rooms; i++)
        room_clear (&book->rooms[i]);
    free (book->rooms);
    people_clear (&book->people);
    for (size_t i = 0; i < BOOK_BUCKETS; i++)
        while (book->producers[i]) {
            book_producer_t *producer = book->producers[i];
            book->producers[i] = producer->next;
            free (producer);
        }
    store_destroy (&book->store);
    free (book);
}

book_t *book_now (const sim_t *sim)
{
    return sim->books[sim->n_books - 1];
}

/*  --- commits ---------------------------------------------------------------  */

static frame_t text_copy (char **at, frame_t text)
{
    frame_t copy = frame_of (*at, text.size);
    if (text.size)
        memcpy (*at, text.data, text.size);
    *at += text.size;
    return copy;
}

static event_t *event_copy (const event_t *event)
{
    event_t *copy =
        memory_new (sizeof *copy + event->user.size + event->body.size + event->data.size);
    char *at = (char *)(copy + 1);
    *copy = *event;
    copy->user = text_copy (&at, event->user);
    copy->body = text_copy (&at, event->body);
    copy->data = text_copy (&at, event->data);
    return copy;
}

static void commit_producer (sim_t *sim, book_t *book, const store_record_t *record)
{
    book_producer_t *producer = book->producers[record->producer[0]];
    while (producer && memcmp (producer->id, record->producer, sizeof producer->id) != 0)
        producer = producer->next;
    if (!producer) {
        producer = memory_zero (sizeof *producer);
        memcpy (producer->id, record->producer, sizeof producer->id);
        producer->next = book->producers[producer->id[0]];
        book->producers[producer->id[0]] = producer;
        book->n_producers++;
    }
    if (producer->loose && record->n == 1)
        sim_wrong (sim, "a producer that was forgotten began again");
    if (producer->loose)
        book->n_producers++;
    producer->loose = false;
    if (record->n != producer->n + 1 && !(sim->aged && record->n == 1))
        sim_wrong (sim, "a producer's message %llu was stored after its %llu",
                   (unsigned long long)record->n, (unsigned long long)producer->n);
    producer->n = record->n;
}

/*  The core may know the producer no more.                                    */
static void producer_loose (book_t *book, const uint8_t *id)
{
    for (book_producer_t *producer = book->producers[id[0]]; producer; producer = producer->next)
        if (memcmp (producer->id, id, sizeof producer->id) == 0 && !producer->loose) {
            producer->loose = true;
            book->n_producers--;
        }
}

/*  --- letters ---------------------------------------------------------------  */

/*  What a connection said stands under a name that is its own: the key's, as the log has it
    by then, or nobody's.                                                      */
static void letter_owned (sim_t *sim, const book_t *book, const letter_t *letter,
                          const event_t *event)
{
    char name[ZCHAT_NAME_MAX + 1];
    snprintf (name, sizeof name, "%.*s", (int)event->user.size, (const char *)event->user.data);
    const owner_t *owner = people_owner (&book->people, name);
    if (letter->key && owner && !people_proven (&book->people, name, letter->key))
        sim_wrong (sim, "%s said something by a key that is not its owner's", name);
    else if (!letter->key && owner)
        sim_wrong (sim, "%s, which is owned, said something without a key", name);
}

/*  The box is that of a name that was used with a key, or of its owner where key is NULL. */
static bool box_is (const book_t *book, size_t at, frame_t user, const char *key)
{
    char name[ZCHAT_NAME_MAX + 1], box[PEOPLE_BOX_MAX];
    snprintf (name, sizeof name, "%.*s", (int)user.size, (const char *)user.data);
    const owner_t *owner =
        key ? people_proven (&book->people, name, key) : people_owner (&book->people, name);
    people_box (owner, name, box);
    return strcmp (book->rooms[at].name, box) == 0;
}

/*  The second copy of a direct message, right behind the first.               */
static void commit_twin (sim_t *sim, book_t *book, letter_t *letter, size_t at,
                         const event_t *event)
{
    const event_t *told = book_event (&book->rooms[letter->room], letter->seq);
    if (event->type != ZCHAT_TYPE_TELL || !frame_eq (told->body, event->body) ||
        !frame_eq (told->data, event->data))
        sim_wrong (sim, "the copies of a direct message differ");
    if (!box_is (book, at, told->user, NULL) ||
        !box_is (book, letter->room, event->user, letter->key))
        sim_wrong (sim, "a direct message of %.*s to %.*s is in the mailboxes %s and %s",
                   (int)event->user.size, (const char *)event->user.data, (int)told->user.size,
                   (const char *)told->user.data, book->rooms[letter->room].name,
                   book->rooms[at].name);
    letter_owned (sim, book, letter, event);
    letter->twin_room = at;
    letter->twin_seq = event->seq;
    book->half = NULL;
}

static void commit_direct (sim_t *sim, book_t *book, letter_t *letter, size_t at,
                           const event_t *event)
{
    letter->twin_seq = 0;
    if (at < SIM_ROOMS)
        sim_wrong (sim, "a direct message is stored in a room");
    else if (event->type == ZCHAT_TYPE_TOLD)
        book->half = letter;
    else if (event->type != ZCHAT_TYPE_TELL || !box_is (book, at, event->user, letter->key))
        sim_wrong (sim, "a direct message to oneself is not in one's own mailbox");
    else
        letter_owned (sim, book, letter, event);
}

static void commit_letter (sim_t *sim, book_t *book, size_t room, const event_t *event)
{
    size_t life = 0, index = 0;
    letter_t *letter = sim_letter (sim, event->body, &life, &index);
    bool order = event->type == ZCHAT_TYPE_MODE || event->type == ZCHAT_TYPE_INVITE ||
                 event->type == ZCHAT_TYPE_REMOVE || event->type == ZCHAT_TYPE_REACT ||
                 event->type == ZCHAT_TYPE_UNREACT || event->type == ZCHAT_TYPE_MENTION;
    /*  A stranger's surplus argument may happen to fit.                       */
    if (!letter && (frame_is (event->body, "more") || order))
        return;
    if (!letter) {
        sim_wrong (sim, "something was stored that nobody said: \"%.*s\"", (int)event->body.size,
                   (const char *)event->body.data);
        return;
    }
    if (book->half == letter && letter->book == book->number) {
        commit_twin (sim, book, letter, room, event);
        return;
    }
    if (letter->book == book->number && !sim->aged)
        sim_wrong (sim,
                   "message %zu of life %zu stands twice: as seq %llu of room %zu, and %llu of %zu",
                   index, life, (unsigned long long)letter->seq, letter->room,
                   (unsigned long long)event->seq, room);
    if (letter->doomed || (letter->fate == FATE_FAILED))
        sim_wrong (sim, "message %zu of life %zu was refused, and is stored", index, life);
    life_t *by = &sim->lives[life];
    if (by->last_book != book->number)
        by->last = 0;
    if (!letter->topic) {
        if (index < by->last)
            sim_wrong (sim, "message %zu of life %zu is stored behind its %zu", index, life,
                       by->last - 1);
        by->last = index + 1;
        by->last_book = book->number;
    }
    if (letter->indoors && !book->rooms[room].club.is_private)
        sim_wrong (sim, "message %zu of life %zu was said in a private room, and is public", index,
                   life);
    letter->book = book->number;
    letter->room = room;
    letter->seq = event->seq;
    if (letter->kind == KIND_DIRECT)
        commit_direct (sim, book, letter, room, event);
    else
        letter_owned (sim, book, letter, event);
}

/*  --- rooms -----------------------------------------------------------------  */

size_t book_find (const book_t *book, frame_t name)
{
    if (!name.size || *(const char *)name.data != '@')
        return sim_room_find (name);
    for (size_t i = SIM_ROOMS; i < book->n_rooms; i++)
        if (frame_is (name, book->rooms[i].name))
            return i;
    return SIM_NOWHERE;
}

/*  The mailbox that an event makes.                                           */
static size_t box_make (book_t *book, frame_t name)
{
    if (!name.size || *(const char *)name.data != '@')
        return SIM_NOWHERE;
    book->rooms = memory_grow (book->rooms, (book->n_rooms + 1) * sizeof *book->rooms);
    book->rooms[book->n_rooms] = book->none;
    return book->n_rooms++;
}

/*  What must stand behind the record before it does.                          */
static void commit_linked (sim_t *sim, book_t *book, const store_record_t *record, size_t at)
{
    const event_t *event = &record->event;
    char box[PEOPLE_BOX_MAX];
    if (book->half && sim_letter (sim, event->body, NULL, NULL) != book->half)
        sim_wrong (sim, "a direct message has one copy alone");
    if (!book->invited)
        return;
    snprintf (box, sizeof box, "@%llu", (unsigned long long)book->invited);
    if (event->type != ZCHAT_TYPE_INVITE || strcmp (book->rooms[at].name, box) != 0)
        sim_wrong (sim, "owner %llu was invited, and is not told",
                   (unsigned long long)book->invited);
    book->invited = 0;
}

/*  Where no more mailboxes can be made, who has none is invited and not told. */
static void invited_unheard (const sim_t *sim, book_t *book)
{
    char box[PEOPLE_BOX_MAX];
    snprintf (box, sizeof box, "@%llu", (unsigned long long)book->invited);
    size_t at = book_find (book, frame_str (box));
    bool full = sim->plan.most[1] && book->born[1] >= sim->plan.most[1];
    if (full && (at == SIM_NOWHERE || !book->rooms[at].id))
        book->invited = 0;
}

/*  --- what becomes of messages ----------------------------------------------  */

const event_t *book_newest (const book_room_t *room, uint64_t seq)
{
    const book_room_t *era = book_era (room, seq);
    for (const book_version_t *version = era->versions; version; version = version->older)
        if (version->event->seq == seq)
            return version->event;
    return book_event (room, seq);
}

/*  It has another text; gone: none, nor data.                                 */
static void event_becomes (book_room_t *room, uint64_t seq, frame_t body, bool gone)
{
    if (seq < room->first || seq > room->head)
        return;
    book_version_t *version = memory_zero (sizeof *version);
    event_t event = *book_newest (room, seq);
    event.body = body;
    if (gone) {
        event.type = ZCHAT_TYPE_GONE;
        event.data = frame_of (NULL, 0);
    }
    version->event = event_copy (&event);
    version->older = room->versions;
    room->versions = version;
}

/*  What the record does to another event of its room.                         */
static void commit_change (sim_t *sim, book_room_t *room, const store_record_t *record)
{
    const event_t *event = &record->event;
    uint64_t of = record->edits ? record->edits : record->reacts;
    bool stored = of >= room->first && of <= room->head;
    zchat_type_t type = of && stored ? book_newest (room, of)->type : ZCHAT_TYPE_NONE;
    bool message = type == ZCHAT_TYPE_SAY || type == ZCHAT_TYPE_ACTION;
    sim->tally->edited += record->edits > 0;
    sim->tally->reacted += record->reacts > 0;
    sim->tally->removed += record->removes > 0;
    sim->tally->changed_indoors +=
        room->club.is_private && (record->edits || record->reacts || record->removes);
    if (record->edits && stored && !message)
        event_becomes (room, event->seq, frame_of (NULL, 0), true);
    else if (record->edits) {
        uint64_t before = memory_marks_edit (&room->marks, of, event->seq);
        event_becomes (room, of, event->body, false);
        event_becomes (room, before, frame_of (NULL, 0), false);
    } else if (record->reacts && message)
        memory_marks_react (&room->marks, record);
    if (record->removes) {
        uint64_t edit = room->marks ? memory_marks_remove (room->marks, record->removes) : 0;
        event_becomes (room, record->removes, frame_of (NULL, 0), true);
        event_becomes (room, edit, frame_of (NULL, 0), true);
    }
}

/*  In a private room its members speak, edit, react and remove alone: by what the log says before.
 */
static void commit_member (sim_t *sim, const book_t *book, const book_room_t *room,
                           const event_t *event)
{
    char name[ZCHAT_NAME_MAX + 1];
    if (!room->club.is_private || event->type == ZCHAT_TYPE_MODE)
        return;
    snprintf (name, sizeof name, "%.*s", (int)event->user.size, (const char *)event->user.data);
    const owner_t *owner = people_owner (&book->people, name);
    if (!owner || !club_member (&room->club, owner->number))
        sim_wrong (sim, "seq %llu of a private room (%s) is by %s, who is not a member",
                   (unsigned long long)event->seq, zchat_type_name (event->type), name);
}

static void commit_record (sim_t *sim, book_t *book, const store_record_t *record)
{
    const event_t *event = &record->event;
    size_t at = book_find (book, record->room_name);
    if (at == SIM_NOWHERE)
        at = box_make (book, record->room_name);
    if (at == SIM_NOWHERE) {
        sim_wrong (sim, "a room was stored that nobody named");
        return;
    }
    book_room_t *room = &book->rooms[at];
    if (!room->id)
        ends_begin (sim, book, room, record);
    if (room->id != record->room || !frame_is (record->room_name, room->name))
        sim_wrong (sim, "room %zu changed its number or its spelling", at);
    if (event->seq != room->head + 1)
        sim_wrong (sim, "seq %llu of room %zu was stored behind %llu",
                   (unsigned long long)event->seq, at, (unsigned long long)room->head);
    if (room->head > room->base && event->time_ms < book_event (room, room->head)->time_ms)
        sim_wrong (sim, "time goes back in room %zu", at);
    if (sim->failed)
        return;
    if (room->head - room->base == room->capacity) {
        room->capacity = room->capacity ? 2 * room->capacity : 64;
        room->events = memory_grow (room->events, room->capacity * sizeof *room->events);
        room->times_us = memory_grow (room->times_us, room->capacity * sizeof *room->times_us);
    }
    room->times_us[room->head - room->base] = sim->now_us;
    room->events[room->head - room->base] = event_copy (event);
    room->head++;
    commit_change (sim, room, record);
    if (record->has_producer)
        commit_producer (sim, book, record);
    commit_linked (sim, book, record, at);
    commit_member (sim, book, room, event);
    commit_letter (sim, book, at, event);
    sim->tally->private_events += room->club.is_private;
    if (event->type == ZCHAT_TYPE_MODE)
        club_event (sim, &room->club, &book->people, event, event->seq == room->base + 1,
                    &book->invited);
    if (book->invited)
        invited_unheard (sim, book);
    ends_spoken (sim, book, room, event);
    sim->tally->stored++;
}

static void commit_fact (sim_t *sim, book_t *book, const store_record_t *record)
{
    if (frame_is (record->fact_key, "begins"))
        ends_begins (sim, book, record->fact_value);
    else if (!record->room && !frame_is (record->fact_key, "forgotten") &&
             !frame_is (record->fact_key, "numbered"))
        people_fact (sim, &book->people, record);
    for (size_t i = 0; i < book->n_rooms && record->room; i++)
        if (book->rooms[i].id == record->room) {
            club_fact (&book->rooms[i].club, record);
            return;
        }
    if (record->room)
        sim_wrong (sim, "a fact was stored of a room that is not there");
}

static void commit_charge (book_t *book, const store_record_t *record)
{
    for (size_t i = 0; i < book->n_rooms; i++)
        if (book->rooms[i].id == record->room)
            snprintf (book->rooms[i].charge, sizeof book->rooms[i].charge, "%.*s",
                      (int)record->charge.size, (const char *)record->charge.data);
}

void book_commit (sim_t *sim, book_t *book, const store_record_t *records, size_t count)
{
    book->ahead[0] = book->ahead[1] = 0;
    for (size_t i = 0; i < count; i++)
        if (records[i].makes)
            book->ahead[*(const char *)records[i].room_name.data == '@']++;
    for (size_t i = 0; i < count && !sim->failed; i++) {
        if (records[i].ends)
            producer_loose (book, records[i].producer);
        if (records[i].forgets) {
            producer_loose (book, records[i].forgotten);
            sim->pressed = true;
        }
        if (records[i].event.type != ZCHAT_TYPE_NONE) /* else a fact alone */
            commit_record (sim, book, &records[i]);
        readers_commit (sim, book, records, i);
        if (records[i].fact_key.size)
            commit_fact (sim, book, &records[i]);
        if (records[i].charge.size)
            commit_charge (book, &records[i]);
        if (records[i].drops)
            ends_drop (sim, book, &records[i]);
    }
    ends_settle (sim, book);
    if (book->half || book->invited)
        sim_wrong (sim, "what belongs together is not in one commit");
    for (size_t i = PLAN_ROOMS_MAX; i < SIM_ROOMS; i++)
        club_check (sim, &book->rooms[i].club);
}

void book_trim (sim_t *sim, book_t *book, const store_trimmed_t *trimmed)
{
    for (size_t i = 0; i < book->n_rooms; i++)
        if (trimmed->room && book->rooms[i].id == trimmed->room) {
            book->rooms[i].first = trimmed->first;
            memory_marks_trim (book->rooms[i].marks, trimmed->first);
            sim->tally->trimmed += trimmed->count;
        }
}

/*  --- looking up ------------------------------------------------------------  */

const book_room_t *book_era (const book_room_t *room, uint64_t seq)
{
    if (seq > room->base)
        return seq <= room->head ? room : NULL;
    for (size_t i = room->n_past; i-- > 0;)
        if (seq > room->past[i].base)
            return seq <= room->past[i].head ? &room->past[i] : NULL;
    return NULL;
}

const book_room_t *book_era_here (const book_room_t *room)
{
    const book_room_t *last = room->n_past ? &room->past[room->n_past - 1] : NULL;
    return last && last->untold ? last : room;
}

const event_t *book_event (const book_room_t *room, uint64_t seq)
{
    const book_room_t *era = book_era (room, seq);
    return era->events[seq - era->base - 1];
}

uint64_t book_time_us (const book_room_t *room, uint64_t seq)
{
    const book_room_t *era = book_era (room, seq);
    return era->times_us[seq - era->base - 1];
}

uint64_t book_next (const book_room_t *room, uint64_t seq)
{
    for (size_t i = 0; i < room->n_past; i++)
        if (seq < room->past[i].head)
            return (seq > room->past[i].base ? seq : room->past[i].base) + 1;
    return (seq > room->base ? seq : room->base) + 1;
}
