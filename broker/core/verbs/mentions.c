/*  mentions.c - whom a message mentions: @name and @room

    What only looks like a name mentions nobody: names are compared by their fold alone.
*/
#include "arguments.h"
#include "text.h"
#include "verbs.h"

enum { TRIES_MAX = 4 * ZCHAT_MENTION_LOOKS }; /* names that one message is compared with */

/*  --- the text --------------------------------------------------------------  */

/*  True where what stands before this place, an @, may be in a name: of an address, for example. */
static bool name_before (frame_t text, size_t at)
{
    const uint8_t *bytes = text.data;
    size_t begin = at;
    uint32_t codepoint;
    if (!at)
        return false;
    do
        begin--;
    while (begin && at - begin < 4 && (bytes[begin] & 0xC0) == 0x80);
    (void)text_decode (frame_of (bytes + begin, at - begin), &codepoint);
    return name_holds (codepoint);
}

/*  Where the run of what may be in a name ends that begins here.              */
static size_t name_end (frame_t text, size_t at)
{
    const char *bytes = text.data;
    while (at < text.size) {
        uint32_t codepoint;
        size_t size = text_decode (frame_of (bytes + at, text.size - at), &codepoint);
        if (!name_holds (codepoint))
            break;
        at += size;
    }
    return at;
}

bool mention_next (frame_t text, size_t *at, size_t *looks, frame_t *name, size_t *tail)
{
    const char *bytes = text.data;
    while (*at < text.size && *looks < ZCHAT_MENTION_LOOKS) {
        const char *found = memchr (bytes + *at, '@', text.size - *at);
        if (!found)
            break;
        ++*looks;
        size_t begin = (size_t)(found - bytes) + 1;
        *at = begin;
        if (name_before (text, begin - 1))
            continue;
        *at = name_end (text, begin);
        *name = frame_of (bytes + begin, *at - begin);
        *tail = 0;
        while (*tail < name->size && strchr ("._-", bytes[*at - *tail - 1]))
            ++*tail;
        if (*tail < name->size)
            return true;
    }
    return false;
}

/*  --- who that is -----------------------------------------------------------  */

typedef struct {
    const call_t *call;
    const view_t *view;
    const found_t *found;
    name_keys_t own; /* of the caller                                          */
    mentions_t *mentions;
} finding_t;

static bool user_inside (const user_t *user, const hall_t *hall)
{
    for (const session_t *session = user->sessions; hall && session; session = session->next_same)
        if (presence_member (session, hall))
            return true;
    return false;
}

static bool owner_meant (const finding_t *finding, const owner_t *owner, const char *fold)
{
    char who[OWNER_WHO_MAX];
    const room_t *room = finding->found->room;
    if (!owner || owner->freed_ms || strcmp (owner_fold (owner), fold) != 0)
        return false;
    owner_who (owner->id, who);
    return !room || !room->is_private || room_role (finding->view, room, who) != ROLE_NONE;
}

static void mentions_add (mentions_t *mentions, frame_t name, uint64_t owner)
{
    for (size_t i = 0; i < mentions->count; i++)
        if (frame_eq (mentions->names[i], name))
            return;
    if (mentions->count == ZCHAT_MENTIONS_MAX)
        return;
    mentions->names[mentions->count] = name;
    mentions->owners[mentions->count++] = owner;
}

/*  True where somebody has the name, whether they are mentioned by it or not. */
static bool name_find (finding_t *finding, const char *fold)
{
    name_keys_t keys;
    const view_t *view = finding->view;
    snprintf (keys.fold, sizeof keys.fold, "%s", fold);
    snprintf (keys.look, sizeof keys.look, "%s", fold);
    if (strcmp (fold, finding->own.fold) == 0)
        return true;
    const owner_t *owner = ledger_owner (view->ledger, &keys);
    const user_t *user = presence_user (view->presence, &keys);
    if (owner_meant (finding, owner, fold)) {
        mentions_add (finding->mentions, frame_str (owner->name), owner->id);
        return true;
    }
    if (!user || user->owner || strcmp (user->fold.key, fold) != 0 ||
        !user_inside (user, finding->found->hall))
        return false;
    mentions_add (finding->mentions, frame_of (user->name, user->name_size), 0);
    return true;
}

static bool caller_operates (const finding_t *finding)
{
    const call_t *call = finding->call;
    const room_t *room = finding->found->room;
    /*  Who says the first thing in a room is its operator by that.            */
    return call->admin ||
           (call->owner && (!room || room_role (finding->view, room, call->who) == ROLE_OPERATOR));
}

/*  The name, with as much of its tail as somebody's name has.                 */
static void candidate_find (finding_t *finding, frame_t name, size_t tail, size_t *tries)
{
    char fold[NAME_KEY_MAX + 1];
    frame_t base = frame_of (name.data, name.size - tail);
    if (!name_fold (base, fold))
        return;
    size_t size = strlen (fold), most = tail < ZCHAT_NAME_MAX_CODEPOINTS ? tail : 0;
    most = size + most <= NAME_KEY_MAX ? most : 0;
    memcpy (fold + size, (const char *)base.data + base.size, most);
    for (size_t i = most + 1; i-- > 0 && *tries < TRIES_MAX;) {
        fold[size + i] = '\0';
        ++*tries;
        if (name_find (finding, fold))
            return;
    }
    if (strcmp (fold, "room") == 0 && caller_operates (finding))
        finding->mentions->all = true;
}

void mentions_find (const call_t *call, const view_t *view, const found_t *found, frame_t text,
                    mentions_t *mentions)
{
    finding_t finding = {.call = call, .view = view, .found = found, .mentions = mentions};
    size_t at = 0, looks = 0, tries = 0, tail;
    frame_t name;
    mentions->count = 0;
    mentions->all = false;
    if (!memchr (text.data, '@', text.size) ||
        name_check (call->user, &finding.own, NULL) != ZCHAT_OK)
        return;
    while (mention_next (text, &at, &looks, &name, &tail))
        candidate_find (&finding, name, tail, &tries);
}

/*  --- their mailboxes -------------------------------------------------------  */

/*  True where the mailbox takes one event more, and making it makes nothing give way.  */
static bool mailbox_has_place (const view_t *view, const verdict_t *verdict, const room_t *mailbox)
{
    size_t made = 0, mailboxes = ledger_n_mailboxes (view->ledger) + verdict->n_made[1];
    if (mailbox)
        return mailbox->head < ZCHAT_SEQ_MAX;
    for (size_t i = verdict->first; i < verdict->records->count; i++)
        made += verdict->records->items[i].makes;
    return mailboxes < view->setup->rooms_max[1] &&
           ledger_next_room (view->ledger) + made < ZCHAT_ROOM_NUMBERS_MAX;
}

static void mention_store (const call_t *call, const view_t *view, verdict_t *verdict,
                           const owner_t *owner)
{
    char who[OWNER_WHO_MAX];
    found_t mailbox;
    const store_record_t *said = &verdict->records->items[verdict->main];
    uint64_t room = said->room, seq = said->event.seq;
    owner_who (owner->id, who);
    mailbox_find (view, who, &mailbox);
    json_t *json =
        json_pack ("{s:o, s:I}", "room", json_stringn (said->room_name.data, said->room_name.size),
                   "seq", (json_int_t)seq);
    frame_t data = records_keep (verdict->records, json_text (json));
    if (!mailbox_has_place (view, verdict, mailbox.room) ||
        letter_fits (call, view, verdict, who, data.size) != ZCHAT_OK)
        return;
    verdict->n_made[1] += !mailbox.room;
    store_record_t *record = verdict_event (verdict, view, call, mailbox.room,
                                            text_keep (verdict, mailbox.name), ZCHAT_TYPE_MENTION);
    record->event.data = data;
    record->mentions = seq;
    record->mentioned_in = room;
    record->marker_of = owner->id;
    room_charge_event (call, verdict, &mailbox, (size_t)(record - verdict->records->items), false);
    name_used (verdict, owner);
}

void mentions_store (const call_t *call, const view_t *view, verdict_t *verdict,
                     const mentions_t *mentions)
{
    for (size_t i = 0; i < mentions->count; i++)
        if (mentions->owners[i])
            mention_store (call, view, verdict,
                           ledger_owner_by_id (view->ledger, mentions->owners[i]));
}
