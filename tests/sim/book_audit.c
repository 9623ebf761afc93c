/*  book_audit.c - what is told, and what the store holds, is what the book says */
#include "book.h"

static bool event_same (const event_t *a, const event_t *b)
{
    return a->type == b->type && a->time_ms == b->time_ms && frame_eq (a->user, b->user) &&
           frame_eq (a->body, b->body) && frame_eq (a->data, b->data);
}

bool book_holds (sim_t *sim, const book_t *book, size_t at, const event_t *event, const char *who)
{
    const book_room_t *room = &book->rooms[at];
    unsigned long long seq = event->seq;
    if (!event->seq || !book_era (room, event->seq)) {
        sim_wrong (sim, "%s: seq %llu of room %zu was not committed (head %llu)", who, seq, at,
                   (unsigned long long)room->head);
        return false;
    }
    const event_t *kept = book_event (room, event->seq);
    if (event_same (kept, event))
        return true;
    for (const book_version_t *version = book_era (room, event->seq)->versions; version;
         version = version->older)
        if (version->event->seq == event->seq && event_same (version->event, event))
            return true;
    sim_wrong (sim, "%s: seq %llu of room %zu is \"%.*s\", but \"%.*s\" was committed", who, seq,
               at, (int)(event->body.size < 60 ? event->body.size : 60),
               (const char *)event->body.data, (int)(kept->body.size < 60 ? kept->body.size : 60),
               (const char *)kept->body.data);
    return false;
}

/*  What became of messages is what the records make of them.                  */
static void audit_marks (sim_t *sim, const book_room_t *room, const store_page_t *page)
{
    marks_t gather = {.count = 0};
    const store_marks_t *found = page->marks;
    for (size_t i = 0; i < page->count; i++) {
        uint64_t seq = page->events[i].seq;
        bool has = found < page->marks + page->n_marks && found->seq == seq;
        const store_marks_t *marks = memory_marks_of (room->marks, seq, "", &gather);
        if (has != (marks != NULL) ||
            (has && (found->edited != marks->edited || found->n_edits != marks->n_edits ||
                     found->n_reactions != marks->n_reactions)))
            sim_wrong (sim, "the store has other marks of seq %llu than were committed",
                       (unsigned long long)seq);
        found += has;
    }
    marks_clear (&gather);
}

static void audit_room (sim_t *sim, book_t *book, store_reader_t *reader, size_t at)
{
    const book_room_t *room = &book->rooms[at];
    store_query_t query = {
        .room = room->id, .limit = ZCHAT_HISTORY_MAX, .bytes_max = 1 << 20, .marks = true};
    uint64_t next = room->first;
    bool more = true;
    while (more && !sim->failed) {
        store_page_t *page = NULL;
        query.after = next - 1;
        if (store_read (reader, &query, &page) != ZCHAT_OK) {
            sim_wrong (sim, "the store cannot be read");
            return;
        }
        if (page->head != room->head || page->first != room->first)
            sim_wrong (sim, "the store holds other seqs than were committed");
        for (size_t i = 0; i < page->count; i++)
            if (page->events[i].seq != next++ ||
                !book_holds (sim, book, at, &page->events[i], "the store"))
                sim_wrong (sim, "the store has a hole");
            else if (!event_same (book_newest (room, next - 1), &page->events[i]))
                sim_wrong (sim, "the store has an older text of seq %llu of room %zu",
                           (unsigned long long)next - 1, at);
        audit_marks (sim, room, page);
        more = page->more;
        store_page_destroy (&page);
    }
    if (next != room->head + 1)
        sim_wrong (sim, "the store ends at %llu of %llu in room %zu", (unsigned long long)next - 1,
                   (unsigned long long)room->head, at);
}

void book_audit (sim_t *sim, book_t *book)
{
    store_reader_t *reader = NULL;
    if (store_reader_new (book->store, &reader) != ZCHAT_OK) {
        sim_wrong (sim, "the store has no reader");
        return;
    }
    for (size_t i = 0; i < book->n_rooms && !sim->failed; i++)
        if (book->rooms[i].id)
            audit_room (sim, book, reader, i);
    store_reader_destroy (&reader);
}
