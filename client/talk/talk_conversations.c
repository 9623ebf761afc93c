/*  talk_conversations.c - the conversations there are, where text goes, and what is unread in each
 */
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"

/*  --- what is told of them -------------------------------------------------- */

static void tell_conversation (talk_t *talk, talk_kind_t kind, const char *name, bool person,
                               size_t unread)
{
    talk_emit (talk,
               &(talk_event_t){.kind = kind,
                               .conversation = {.name = name, .person = person, .unread = unread}});
}

talk_person_t *talk_find_person (talk_t *talk, const char *name)
{
    name_keys_t keys;
    if (name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return NULL;
    for (size_t i = 0; i < talk->n_persons; i++)
        if (name_same (&talk->persons[i].keys, &keys))
            return &talk->persons[i];
    return NULL;
}

/*  Tell where text goes from now on. What is unread there counts as read.     */
static void focus_told (talk_t *talk)
{
    talk_person_t *person = *talk->query ? talk_find_person (talk, talk->query) : NULL;
    bool in_room = !*talk->query && talk->current < talk->n_rooms;
    const char *name = *talk->query ? talk->query : in_room ? talk->rooms[talk->current].name : "";
    size_t *unread = person ? &person->unread : in_room ? &talk->rooms[talk->current].unread : NULL;
    talk_typing_elsewhere (talk);
    tell_conversation (talk, TALK_FOCUS, name, *talk->query != 0, 0);
    if (unread && *unread > 0 && !talk->options.looks) {
        *unread = 0;
        tell_conversation (talk, TALK_UNREAD, name, person != NULL, 0);
    }
    talk_read_here (talk);
}

void talk_unread_room (talk_t *talk, size_t index, bool urgent)
{
    talk_room_t *room = &talk->rooms[index];
    if (!talk->options.looks && !*talk->query && talk->current == index)
        return;
    room->unread++;
    room->urgent += urgent;
    talk_emit (talk, &(talk_event_t){.kind = TALK_UNREAD,
                                     .conversation = {.name = room->name,
                                                      .unread = room->unread,
                                                      .urgent = room->urgent}});
}

/*  --- people ---------------------------------------------------------------- */

/*  Open a talk with somebody. Where there are too many, the one who was met first gives way. */
static talk_person_t *open_person (talk_t *talk, const char *name)
{
    talk_person_t *person = talk_find_person (talk, name);
    talk_person_t fresh = {.unread = 0};
    if (person || name_check (frame_str (name), &fresh.keys, NULL) != ZCHAT_OK)
        return person;
    if (talk->n_persons == TALK_PERSONS_MAX) {
        talk_person_t gone = talk->persons[0];
        memmove (talk->persons, talk->persons + 1, --talk->n_persons * sizeof *talk->persons);
        messages_destroy (&gone.messages);
        tell_conversation (talk, TALK_CLOSED, gone.name, true, 0);
    }
    fresh.messages = messages_new ();
    snprintf (fresh.name, sizeof fresh.name, "%s", name);
    person = &talk->persons[talk->n_persons++];
    *person = fresh;
    tell_conversation (talk, TALK_OPENED, person->name, true, 0);
    return person;
}

void talk_person_seen (talk_t *talk, const char *name, bool unread)
{
    talk_person_t *person = name ? open_person (talk, name) : NULL;
    if (!person || !unread)
        return;
    if (!talk->options.looks && *talk->query && talk_find_person (talk, talk->query) == person)
        return;
    person->unread++;
    talk_emit (talk, &(talk_event_t){.kind = TALK_UNREAD,
                                     .conversation = {.name = person->name,
                                                      .person = true,
                                                      .unread = person->unread,
                                                      .urgent = person->unread}});
}

messages_t *talk_person_messages (talk_t *talk, const char *name)
{
    talk_person_t *person = open_person (talk, name);
    return person ? person->messages : NULL;
}

void talk_focus_person (talk_t *talk, const char *name)
{
    snprintf (talk->query, sizeof talk->query, "%s", name);
    if (*name)
        (void)open_person (talk, name);
    focus_told (talk);
}

void talk_focus (talk_t *talk, const char *name, bool person)
{
    size_t index = person ? talk->n_rooms : talk_find_room (talk, name);
    if (person && talk_find_person (talk, name))
        talk_focus_person (talk, name);
    if (index == talk->n_rooms)
        return;
    *talk->query = 0;
    talk->current = index;
    focus_told (talk);
}

bool talk_conversation (const talk_t *talk, size_t index, const char **name, bool *person,
                        size_t *unread)
{
    *person = index >= talk->n_rooms;
    if (!*person) {
        *name = talk->rooms[index].name;
        *unread = talk->rooms[index].unread;
        return true;
    }
    index -= talk->n_rooms;
    if (index >= talk->n_persons)
        return false;
    *name = talk->persons[index].name;
    *unread = talk->persons[index].unread;
    return true;
}

/*  --- rooms ----------------------------------------------------------------- */

size_t talk_find_room (const talk_t *talk, const char *name)
{
    name_keys_t keys;
    if (!name || name_check (frame_str (name), &keys, NULL) != ZCHAT_OK)
        return talk->n_rooms;
    size_t found = talk->n_rooms;
    for (size_t i = 0; i < talk->n_rooms; i++) {
        if (strcmp (talk->rooms[i].keys.fold, keys.fold) == 0)
            return i;
        if (name_same (&talk->rooms[i].keys, &keys))
            found = i;
    }
    return found;
}

const char *talk_current_room (talk_t *talk)
{
    if (talk->current < talk->n_rooms)
        return talk->rooms[talk->current].name;
    talk_notice (talk, _ ("you are in no room; enter one: /join ROOM"));
    return NULL;
}

void talk_remove_room (talk_t *talk, size_t index)
{
    talk_room_t gone = talk->rooms[index];
    talk->n_rooms--;
    memmove (talk->rooms + index, talk->rooms + index + 1,
             (talk->n_rooms - index) * sizeof *talk->rooms);
    messages_destroy (&gone.messages);
    bool focus = talk->current == index;
    if (talk->current > index || talk->current >= talk->n_rooms)
        talk->current = talk->current > 0 ? talk->current - 1 : 0;
    tell_conversation (talk, TALK_CLOSED, gone.name, false, 0);
    if (focus && !*talk->query)
        focus_told (talk);
}

void talk_join (talk_t *talk, const char *name)
{
    *talk->query = 0;
    size_t known = talk_find_room (talk, name);
    if (known < talk->n_rooms) {
        talk->current = known;
        focus_told (talk);
        return;
    }
    talk_room_t room = {.joined = false};
    const char *why = _ (zchat_status_text (ZCHAT_NAME));
    size_t size = strlen (name);
    if (name_check (frame_str (name), &room.keys, &why) != ZCHAT_OK) {
        talk_notice_because (talk, _ ("this cannot be a room"), why);
        return;
    }
    zchat_status_t status = ZCHAT_FULL;
    if (talk->n_rooms < ZCHAT_SESSION_ROOMS_MAX)
        status = zchat_client_join (talk->client, name, talk->options.last, talk->options.since);
    if (status != ZCHAT_OK) {
        talk_notice_because (talk, _ ("the room cannot be joined"),
                             status == ZCHAT_FULL
                                 ? _ ("you are in as many as there may be; /part one")
                                 : _ (zchat_status_text (status)));
        return;
    }
    memcpy (room.name, name, size + 1);
    room.messages = messages_new ();
    talk->current = talk->n_rooms;
    talk->rooms[talk->n_rooms++] = room;
    tell_conversation (talk, TALK_OPENED, room.name, false, 0);
    focus_told (talk);
}

void talk_part (talk_t *talk, const char *name)
{
    size_t index = talk_find_room (talk, name);
    if (index == talk->n_rooms) {
        talk_notice (talk, _ ("you are not in that room"));
        return;
    }
    if (zchat_client_part (talk->client, talk->rooms[index].name) != ZCHAT_OK)
        talk_remove_room (talk, index); /* it was never joined, so no event will tell */
}

/*  --- what is read ----------------------------------------------------------- */

void talk_read_elsewhere (talk_t *talk, const zchat_event_t *event)
{
    size_t index = talk_find_room (talk, event->about);
    if (talk->options.looks) {
        bool mailbox = event->about && strcmp (event->about, TALK_MAILBOX) == 0;
        if (mailbox || index < talk->n_rooms)
            talk_read_known (talk, mailbox ? &talk->mail : &talk->rooms[index], event->target, 0);
        return;
    }
    if (event->about && strcmp (event->about, TALK_MAILBOX) == 0) {
        for (size_t i = 0; i < talk->n_persons; i++)
            if (talk->persons[i].unread > 0 && event->target >= talk->mail.newest) {
                talk->persons[i].unread = 0;
                tell_conversation (talk, TALK_UNREAD, talk->persons[i].name, true, 0);
            }
        return;
    }
    if (index == talk->n_rooms)
        return;
    talk_room_t *room = &talk->rooms[index];
    if (room->unread > 0 && event->target >= room->newest) {
        room->unread = 0;
        tell_conversation (talk, TALK_UNREAD, room->name, false, 0);
    }
}

static void forget (messages_t **messages)
{
    messages_destroy (messages);
    *messages = messages_new ();
}

void talk_forget_messages (talk_t *talk, const char *room)
{
    bool mailbox = room && strcmp (room, TALK_MAILBOX) == 0;
    size_t only = room && !mailbox ? talk_find_room (talk, room) : talk->n_rooms;
    for (size_t i = 0; i < talk->n_rooms && !mailbox; i++)
        if (!room || i == only) {
            forget (&talk->rooms[i].messages);
            talk->rooms[i].newest = talk->rooms[i].oldest = 0;
        }
    for (size_t i = 0; i < talk->n_persons && (!room || mailbox); i++)
        forget (&talk->persons[i].messages);
    if (!room || mailbox)
        talk->mail.newest = 0;
    talk->upto = 0;
}
