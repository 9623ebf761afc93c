/*  talk_event.c - what the client tells, as events of the talk */
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"

static void tell_connection (talk_t *talk, const zchat_event_t *event)
{
    talk_emit (talk, &(talk_event_t){.kind = TALK_CONNECTION,
                                     .connection = {.event = event, .again = talk->down}});
}

static void tell_trouble (talk_t *talk, const zchat_event_t *event)
{
    talk_emit (talk, &(talk_event_t){.kind = TALK_TROUBLE, .trouble = event});
}

static void tell_room (talk_t *talk, talk_kind_t kind, const zchat_event_t *event, bool again)
{
    talk_emit (talk, &(talk_event_t){.kind = kind, .room = {.event = event, .again = again}});
}

/*  HELLO was refused for good: tell it, and ask for another name where that can help. */
static void refused (talk_t *talk, const zchat_event_t *event)
{
    zchat_status_t status = event->status; /* the event is gone after the next call */
    bool name = status == ZCHAT_TAKEN || status == ZCHAT_NAME;
    if (name) {
        buffer_t line = {NULL, 0, 0};
        buffer_format (&line, _ ("you cannot be %s"), talk->nick);
        talk_refuse (talk, OUTCOME_REFUSED, line.data, talk_reason (event));
        buffer_free (&line);
    } else
        tell_connection (talk, event);
    if (status == ZCHAT_ADMISSION)
        talk_notice_because (talk, _ ("your key"), credentials_key (talk->options.credentials));
    if (name)
        talk_ask_name (talk);
    else
        talk_end (talk, status == ZCHAT_UNREACHABLE ? OUTCOME_UNREACHABLE : OUTCOME_REFUSED);
}

static void room_seen (talk_t *talk, const zchat_event_t *event)
{
    size_t index = event->seq ? talk_find_room (talk, event->room) : talk->n_rooms;
    if (index == talk->n_rooms)
        return;
    talk_room_t *room = &talk->rooms[index];
    if (!room->oldest || event->seq < room->oldest)
        room->oldest = event->seq;
    if (event->seq > room->newest)
        room->newest = event->seq;
}

/*  True where there is something to show. What became of a message is told once: a history shows
    it with the message.                                                       */
static bool changes (const zchat_event_t *event, const talk_about_t *about)
{
    switch (event->type) {
    case ZCHAT_TYPE_EDIT:
    case ZCHAT_TYPE_REACT:
    case ZCHAT_TYPE_UNREACT:
    case ZCHAT_TYPE_MARKS:
        return about->change != MESSAGES_NOTHING;
    default:
        return true;
    }
}

static void happened_message (talk_t *talk, const zchat_event_t *event)
{
    if (talk_past_event (talk, event) || talk_hides (talk, event))
        return;
    bool paged = talk_paged (talk, event);
    if (event->type == ZCHAT_TYPE_MENTION || event->type == ZCHAT_TYPE_READ) {
        (event->type == ZCHAT_TYPE_READ ? talk_read_elsewhere : talk_mentioned) (talk, event);
        return;
    }
    bool presence = event->type == ZCHAT_TYPE_JOIN || event->type == ZCHAT_TYPE_LEAVE;
    bool spoken = event->type == ZCHAT_TYPE_SAY || event->type == ZCHAT_TYPE_ACTION;
    bool live = event->kind == ZCHAT_EVENT_MESSAGE, echo = false;
    size_t index = talk_find_room (talk, event->room);
    talk_room_t *room = index < talk->n_rooms ? &talk->rooms[index] : NULL;
    talk_about_t about = talk_apply (talk, room ? room->messages : NULL, event);
    if (!paged) /* it may have come from anywhere in the room */
        room_seen (talk, event);
    if (!paged && !changes (event, &about))
        return;
    if (event->own && live) {
        if (presence) /* JOINED and PARTED tell it */
            return;
        /*  Our own message from before we entered the room was not typed here. */
        echo = spoken && !(room && !room->joined && !room->spoken);
    }
    talk_emit (talk, &(talk_event_t){
                         .kind = TALK_MESSAGE,
                         .message = {.event = event, .about = about, .echo = echo, .past = !live}});
    if (room && room->joined && live && spoken && !event->own)
        talk_unread_room (talk, index, event->mentions_me || event->mentions_all);
    if (room && live)
        talk_read_here (talk);
}

static bool is_mailbox (const zchat_event_t *event)
{
    return event->room && strcmp (event->room, TALK_MAILBOX) == 0;
}

/*  Tell how many older messages there are. Who was away must not take what is shown on entering
    for all there is.                                                          */
static void tell_older (talk_t *talk, const talk_room_t *room, uint64_t head)
{
    uint64_t older = room->oldest ? room->oldest - 1 : head;
    char text[96];
    if (older == 0 || talk->options.since || talk->options.looks)
        return;
    snprintf (text, sizeof text, _ ("messages up to %llu are not shown: /history more"),
              (unsigned long long)older);
    talk_notice (talk, text);
}

/*  Tell what came since one was here, on whatever device: from now on it counts as read. */
static void tell_new (talk_t *talk, const zchat_event_t *event)
{
    char text[96];
    if (event->read == 0 || event->read >= event->seq || talk->options.since || talk->options.looks)
        return;
    snprintf (text, sizeof text, _ ("%llu new since you read here last, from #%llu on"),
              (unsigned long long)(event->seq - event->read), (unsigned long long)event->read + 1);
    talk_notice (talk, text);
}

static void happened_joined (talk_t *talk, const zchat_event_t *event)
{
    if (is_mailbox (event)) { /* everybody has a mailbox, so only what is not shown is told */
        bool more =
            event->seq > talk->options.last && talk->options.since == 0 && !talk->options.looks;
        if (more && !talk->mail.joined && !talk->options.scripted)
            talk_notice_hint (talk, _ ("there are earlier direct messages"), HINT_MAIL);
        talk_read_known (talk, &talk->mail, event->read, event->seq);
        talk->mail.joined = true;
        return;
    }
    size_t index = talk_find_room (talk, event->room);
    if (index == talk->n_rooms)
        return;
    talk_room_t *room = &talk->rooms[index];
    snprintf (room->name, sizeof room->name, "%s", event->room);
    tell_room (talk, TALK_ENTERED, event, room->joined);
    bool linked = talk->options.around && index == 0;
    if (!room->joined && linked)
        talk_past_around (talk, room->name, talk->options.around);
    else if (!room->joined && !talk->options.scripted)
        tell_older (talk, room, event->seq);
    if (linked)
        talk->options.around = 0;
    if (!room->joined && !talk->options.scripted)
        tell_new (talk, event);
    talk_read_known (talk, room, event->read, event->seq);
    room->joined = true;
    talk_read_here (talk);
}

static void happened_parted (talk_t *talk, const zchat_event_t *event)
{
    if (is_mailbox (event)) {
        talk->mail.joined = false;
        if (event->status != ZCHAT_OK)
            talk_notice_because (talk, _ ("direct messages are not available here"),
                                 talk_reason (event));
        return;
    }
    size_t index = talk_find_room (talk, event->room);
    if (index < talk->n_rooms)
        talk_remove_room (talk, index);
    if (event->status != ZCHAT_OK)
        talk->trouble = OUTCOME_REFUSED;
    tell_room (talk, TALK_LEFT, event, false);
}

static void happened_reply (talk_t *talk, const zchat_event_t *event)
{
    size_t i = 0;
    while (i < talk->n_requests && talk->requests[i].id != event->id)
        i++;
    if (i == talk->n_requests)
        return;
    talk_request_t request = talk->requests[i];
    command_kind_t kind = request.kind;
    talk->requests[i] = talk->requests[--talk->n_requests];
    if (kind == COMMAND_HISTORY)
        talk_past_replied (talk, event->id, event->status != ZCHAT_OK);
    if (kind >= COMMAND_REPLY && kind <= COMMAND_BACK &&
        talk_message_answered (talk, &request, event))
        return;
    if (kind == COMMAND_KEYS || kind == COMMAND_VERIFY || kind == COMMAND_QUERY)
        talk_keys_answered (talk, &request, event);
    else if (kind == COMMAND_MAILBOX && talk_mailbox_answered (talk, &request, event->status))
        return;
    else if (event->status != ZCHAT_OK) {
        bool order = kind == COMMAND_SET || kind == COMMAND_MAILBOX || kind == COMMAND_CREATE;
        talk_refuse (talk, OUTCOME_REFUSED, order ? _ ("not done") : _ ("no answer"),
                     talk_reason (event));
    } else if (kind == COMMAND_WHO)
        talk_answer (talk, TALK_WHO, event->json);
    else if (kind == COMMAND_ROOMS)
        talk_answer (talk, TALK_ROOMS, event->json);
    else if (kind == COMMAND_TOPIC)
        talk_answer (talk, TALK_TOPIC, event->json);
    else if (kind == COMMAND_MODES)
        talk_answer (talk, TALK_MODES, event->json);
    else if (kind == COMMAND_CREATE)
        talk_join (talk, request.name);
}

/*  Tell one's own name here. Whether it is proven matters only where a name can be proven: with
    a key or a token.                                                          */
static void tell_name (talk_t *talk, const zchat_event_t *event)
{
    buffer_t line = {NULL, 0, 0};
    bool wanted = talk->options.credentials || talk->options.token;
    buffer_format (&line, _ ("your name here: %s"),
                   event->user && *event->user ? event->user : talk->nick);
    if (event->proven)
        buffer_string (&line, event->admin ? _ (" (proven, admin)") : _ (" (proven)"));
    else if (event->admin)
        buffer_string (&line, _ (" (admin)"));
    else if (wanted)
        buffer_string (&line, _ (" (not proven: somebody else may have it when you are gone)"));
    talk_notice (talk, line.data);
    buffer_free (&line);
}

static void happened_connection (talk_t *talk, const zchat_event_t *event)
{
    if (event->kind == ZCHAT_EVENT_CONNECTED) {
        const char *why = credentials_met (talk->options.credentials);
        if (why)
            talk_notice (talk, why);
        tell_connection (talk, event);
        talk->down = false;
        talk->proven = event->proven;
        snprintf (talk->former, sizeof talk->former, "%s",
                  event->user && *event->user ? event->user : talk->nick);
        if (!talk->nick_told && !talk->options.scripted)
            tell_name (talk, event);
        talk->nick_told = true;
        if (talk->away) /* the broker may have missed us meanwhile              */
            (void)!talk_say_away (talk, NULL);
        return;
    }
    if (!talk->down) /* only the first failed attempt is told */
        tell_connection (talk, event);
    talk->down = true;
}

void talk_happened (talk_t *talk, const zchat_event_t *event)
{
    if (direct_event (talk->direct, talk->client, event))
        return;
    switch (event->kind) {
    case ZCHAT_EVENT_CONNECTED:
    case ZCHAT_EVENT_DISCONNECTED:
        happened_connection (talk, event);
        break;
    case ZCHAT_EVENT_REFUSED:
        refused (talk, event);
        break;
    case ZCHAT_EVENT_JOINED:
        happened_joined (talk, event);
        break;
    case ZCHAT_EVENT_PARTED:
        happened_parted (talk, event);
        break;
    case ZCHAT_EVENT_MESSAGE:
    case ZCHAT_EVENT_HISTORY:
        happened_message (talk, event);
        break;
    case ZCHAT_EVENT_REPLY:
        happened_reply (talk, event);
        break;
    case ZCHAT_EVENT_FAILED:
    case ZCHAT_EVENT_UNKNOWN:
        talk_unsent_event (talk, event);
        /*  What may have been stored is not sent again: it might be said twice. */
        talk_retry_became (talk, event->kind == ZCHAT_EVENT_FAILED ? TALK_REFUSED : TALK_STORED,
                           event->id, 0);
        talk->trouble = OUTCOME_REFUSED;
        tell_trouble (talk, event);
        break;
    case ZCHAT_EVENT_SENT:
        talk_unsent_changed (talk);
        talk_sending (talk, TALK_STORED, event->id, 0, event->seq);
        break;
    case ZCHAT_EVENT_LOG_REPLACED:
        talk_forget_messages (talk, NULL);
        tell_trouble (talk, event);
        break;
    case ZCHAT_EVENT_LOST:
    case ZCHAT_EVENT_WARNING:
        if (event->status == ZCHAT_CORRUPT && event->room)
            talk_forget_messages (talk, event->room);
        tell_trouble (talk, event);
        break;
    }
}
