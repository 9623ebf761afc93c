/*  talk_looked.c - for a face that says what was looked at: what is unread, and what becomes of
    what was entered                                                           */
#include "memory.h"
#include "talk_private.h"

/*  --- what is unread ---------------------------------------------------------- */

static void tell_unread (talk_t *talk, const char *name, bool person, size_t unread, size_t urgent)
{
    talk_emit (talk, &(talk_event_t){
                         .kind = TALK_UNREAD,
                         .conversation = {
                             .name = name, .person = person, .unread = unread, .urgent = urgent}});
}

/*  Count again what is behind the place that was looked at. Where not all of it is kept, the number
    of seqs is what can be said.                                               */
static void recount_room (talk_t *talk, talk_room_t *room)
{
    size_t urgent = 0, kept = messages_behind (room->messages, room->read, &urgent);
    bool all = room->oldest > 0 && room->oldest <= room->read + 1 &&
               messages_number (room->messages, MESSAGES_MAX, 0) == NULL;
    size_t unread = 0;
    if (room->read < room->newest)
        unread =
            all || room->newest - room->read < kept ? kept : (size_t)(room->newest - room->read);
    if (unread == 0)
        urgent = 0;
    if (unread == room->unread && urgent == room->urgent)
        return;
    room->unread = unread;
    room->urgent = urgent;
    tell_unread (talk, room->name, false, unread, urgent);
}

static void recount_person (talk_t *talk, talk_person_t *person)
{
    size_t unread = messages_behind (person->messages, person->read, NULL);
    if (unread == person->unread)
        return;
    person->unread = unread;
    tell_unread (talk, person->name, true, unread, unread);
}

static void recount_mail (talk_t *talk, uint64_t read)
{
    for (size_t i = 0; i < talk->n_persons; i++)
        if (read > talk->persons[i].read) {
            talk->persons[i].read = read;
            recount_person (talk, &talk->persons[i]);
        }
}

void talk_read_known (talk_t *talk, talk_room_t *room, uint64_t read, uint64_t head)
{
    if (!talk->options.looks)
        return;
    /*  Who reads here for the first time is told of nothing that was said before. */
    if (read == 0 && !room->joined)
        read = head;
    if (head > room->newest)
        room->newest = head;
    if (room == &talk->mail)
        recount_mail (talk, read);
    else if (read > room->read || !room->joined) {
        room->read = read > room->read ? read : room->read;
        recount_room (talk, room);
    }
}

void talk_looked (talk_t *talk, const char *name, bool person, uint64_t seq)
{
    size_t index = person ? talk->n_rooms : talk_find_room (talk, name);
    talk_person_t *one = person ? talk_find_person (talk, name) : NULL;
    if (index < talk->n_rooms) {
        talk_room_t *room = &talk->rooms[index];
        seq = seq < room->newest ? seq : room->newest;
        if (seq > room->read && room->joined) {
            room->read = seq;
            recount_room (talk, room);
            talk_read_there (talk, room->name, seq);
        }
    } else if (one) {
        seq = seq < talk->mail.newest ? seq : talk->mail.newest;
        if (seq > one->read && talk->mail.joined) {
            one->read = seq;
            recount_person (talk, one);
            talk_read_there (talk, TALK_MAILBOX, seq);
        }
    }
}

/*  --- what becomes of what was entered ------------------------------------------ */

void talk_sending (talk_t *talk, talk_sending_t state, uint64_t id, uint64_t former, uint64_t seq)
{
    talk_retry_became (talk, state, id, former);
    if (talk->options.looks)
        talk_emit (talk, &(talk_event_t){
                             .kind = TALK_SENDING,
                             .sending = {.state = state, .id = id, .former = former, .seq = seq}});
}

void talk_queued (talk_t *talk, uint64_t id, const char *name, zchat_type_t type, const char *text,
                  size_t size, uint64_t re)
{
    talk_retry_keep (
        talk, id,
        &(retry_message_t){.name = name, .type = type, .text = text, .size = size, .re = re});
    if (talk->options.looks)
        talk_emit (talk, &(talk_event_t){.kind = TALK_SENDING,
                                         .sending = {.state = TALK_QUEUED,
                                                     .id = id,
                                                     .name = name,
                                                     .person = type == ZCHAT_TYPE_TELL,
                                                     .type = type,
                                                     .text = text,
                                                     .size = size,
                                                     .re = re}});
}
