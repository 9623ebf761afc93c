/*  rooms.c - JOIN, PART, WHO, ROOMS: who is where                             */
#include "arguments.h"
#include "verbs.h"

enum { LIST_BYTES_MAX = ZCHAT_FRAME_MAX / 2 }; /* of a reply to ROOMS; a room fits  */

/*  --- JOIN ------------------------------------------------------------------  */

static const char *role_word (const call_t *call, const view_t *view, const room_t *room)
{
    role_t role = room ? room_role (view, room, call->who) : ROLE_NONE;
    return role == ROLE_OPERATOR ? "operator" : role == ROLE_MEMBER ? "member" : "";
}

/*  members: users in the room with the caller.                                */
static json_t *join_json (const call_t *call, const view_t *view, const found_t *found,
                          size_t members)
{
    const room_t *room = found->room;
    told_room_t told = told_room (view->told, view->ledger, room);
    bool mailbox = *(const char *)found->name.data == '@';
    frame_t name = mailbox ? frame_str ("@") : found->name;
    json_t *json = json_pack (
        "{s:o, s:I, s:I, s:s, s:s, s:I, s:I, s:b, s:s}", "room",
        json_stringn (name.data, name.size), "head", (json_int_t)told.head, "first",
        (json_int_t)(told.stored ? room->first : told.head + 1), "topic", told.topic, "topic_by",
        told.topic_by, "topic_time", (json_int_t)told.topic_time_ms, "members", (json_int_t)members,
        "private", mailbox || (room && room->is_private), "role", role_word (call, view, room));
    uint64_t read = marker_read (view, call->owner, room);
    if (read)
        json_object_set_new (json, "read", json_integer ((json_int_t)read));
    return json;
}

static bool join_check (const call_t *call, const view_t *view, verdict_t *verdict,
                        const found_t *found)
{
    if (!room_joins (call, view, verdict, found->room))
        return false;
    if (call->session->n_halls >= ZCHAT_SESSION_ROOMS_MAX)
        return verdict_limit (verdict, "in too many rooms; PART one first", ZCHAT_SESSION_ROOMS_MAX,
                              "rooms");
    if (found->hall && found->hall->n_members >= ZCHAT_ROOM_MEMBERS_MAX)
        return verdict_limit (verdict, "the room is full", ZCHAT_ROOM_MEMBERS_MAX, "members");
    return true;
}

/*  True where another session of the caller's user is there.                  */
static bool user_inside (const call_t *call, const hall_t *hall)
{
    for (const session_t *session = call->session->user->sessions; session;
         session = session->next_same)
        if (hall && presence_member (session, hall))
            return true;
    return false;
}

/*  Go in, and answer.                                                         */
static bool join (const call_t *call, const view_t *view, verdict_t *verdict, found_t *found)
{
    size_t members = found->hall ? found->hall->n_members : 0;
    if (!found->hall || !presence_member (call->session, found->hall)) {
        if (!join_check (call, view, verdict, found) || !room_can_hold (call, view, verdict, found))
            return false;
        verdict->later = room_visited;
        verdict->later_of = call->request.args[0];
        move_t *move = verdict_move (verdict, MOVE_JOIN);
        move->room = found->room ? found->room->id : 0;
        move->name = text_keep (verdict, found->name);
        members += !user_inside (call, found->hall);
    }
    return verdict_ok (verdict, join_json (call, view, found, members));
}

/*  Nobody else is in the room, and nothing was ever said there: the caller makes it private. */
static bool join_founding (const call_t *call, const view_t *view, verdict_t *verdict,
                           found_t *found)
{
    const hall_t *hall = found->hall;
    bool inside = hall && presence_member (call->session, hall);
    if (!call->owner)
        return verdict_refuse (verdict, ZCHAT_PROOF, NULL, NULL);
    if (found->room ||
        (hall && (hall->merge || hall->n_members > 1 || (hall->n_members == 1 && !inside))))
        return verdict_refuse (verdict, ZCHAT_TAKEN, "there is a public room of this name", NULL);
    if (ledger_private_full (view->ledger, call->holder))
        return verdict_limit (verdict, "no more private rooms can be made from where you are",
                              ZCHAT_PRIVATE_PLACE_MAX, "private rooms");
    const room_t *const none[2] = {NULL, NULL};
    if ((!inside && !join_check (call, view, verdict, found)) ||
        !room_can_store (call, view, verdict, found, none))
        return false;
    name_used_by (call, view, verdict);
    json_int_t begins = (json_int_t)told_room (view->told, view->ledger, NULL).head;
    json_t *reply = json_pack ("{s:o, s:I, s:I, s:s, s:s, s:i, s:i, s:b, s:s}", "room",
                               json_stringn (found->name.data, found->name.size), "head", begins,
                               "first", begins + 1, "topic", "", "topic_by", "", "topic_time", 0,
                               "members", 1, "private", 1, "role", "operator");
    private_make (call, view, verdict, found);
    if (!inside) {
        move_t *move = verdict_move (verdict, MOVE_JOIN);
        move->name = text_keep (verdict, found->name);
        move->untold = true;
    }
    return verdict_ok (verdict, reply);
}

static bool join_room (const call_t *call, const view_t *view, verdict_t *verdict, bool private)
{
    found_t found;
    if (!room_find_readable (call, view, verdict, call->request.args[0], false, &found))
        return false;
    if (private && !(found.room && found.room->is_private))
        return join_founding (call, view, verdict, &found);
    return join (call, view, verdict, &found);
}

bool verb_join (const call_t *call, const view_t *view, verdict_t *verdict)
{
    json_t *json = argument_json (verdict, call->request.args[1]);
    if (!json)
        return false;
    const json_t *private = json_object_get (json, "private");
    bool is_private = json_is_true (private), valid = !private || json_is_boolean (private);
    json_decref (json);
    /*  A room that somebody believes to be private must not come out public.  */
    if (!valid)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "private is true or false", NULL);
    if (!frame_is (call->request.args[0], "@"))
        return join_room (call, view, verdict, is_private);
    found_t found;
    mailbox_find (view, call->who, &found);
    return join (call, view, verdict, &found);
}

/*  --- PART, WHO -------------------------------------------------------------  */

bool verb_part (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    if (!room_find_readable (call, view, verdict, call->request.args[0], true, &found))
        return false;
    if (!found.hall || !presence_member (call->session, found.hall))
        return verdict_refuse (verdict, ZCHAT_MEMBER, "you are not in this room", NULL);
    move_t *move = verdict_move (verdict, MOVE_PART);
    move->room = found.hall->room;
    move->name = text_keep (verdict, found.name);
    return verdict_ok (verdict, NULL);
}

bool verb_who (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    if (!room_find_readable (call, view, verdict, call->request.args[0], false, &found))
        return false;
    json_t *users = json_array (), *away = json_object ();
    for (const member_t *member = found.hall ? found.hall->members : NULL;
         member && json_array_size (users) < ZCHAT_LIST_MAX; member = member->next)
        if (presence_leads (member)) {
            const user_t *user = member->session->user;
            json_array_append_new (users, json_string (user->name));
            if (user->away)
                json_object_set_new (away, user->name, json_string (user->away));
        }
    verdict->rows = json_array_size (users) + json_object_size (away);
    json_t *json =
        json_pack ("{s:o, s:I, s:o}", "room", json_stringn (found.name.data, found.name.size),
                   "members", (json_int_t)(found.hall ? found.hall->n_members : 0), "users", users);
    if (json_object_size (away))
        json_object_set (json, "away", away);
    json_decref (away);
    return verdict_ok (verdict, json);
}

/*  --- ROOMS -----------------------------------------------------------------  */

/*  A page of ROOMS in the making. It is written as text: as a tree of JSON values a thousand rooms
    take ten times as long, and whoever asks again and again makes everybody wait.  */
typedef struct {
    char *text;
    size_t size, capacity; /* bytes                                            */
    size_t count;          /* rooms                                            */
    bool more;             /* there is another that does not fit               */
} rooms_page_t;

static void page_put (rooms_page_t *page, const char *text, size_t size)
{
    if (page->size + size > page->capacity) {
        page->capacity = 2 * (page->size + size);
        page->text = memory_grow (page->text, page->capacity);
    }
    memcpy (page->text + page->size, text, size);
    page->size += size;
}

static void page_string (rooms_page_t *page, const char *text)
{
    size_t size = strlen (text), at = 0;
    while (at < size && (unsigned char)text[at] >= ' ' && text[at] != '"' && text[at] != '\\')
        at++;
    if (at == size) {
        page_put (page, "\"", 1);
        page_put (page, text, size);
        page_put (page, "\"", 1);
        return;
    }
    json_t *string = json_stringn (text, size);
    char *quoted = memory_check (json_dumps (string, JSON_ENCODE_ANY));
    page_put (page, quoted, strlen (quoted));
    free (quoted);
    json_decref (string);
}

/*  What is told of a room.                                                    */
typedef struct {
    const char *name, *topic;
    uint64_t head, first;
    size_t members;
    bool is_private;
} row_t;

/*  False: the page is full.                                                   */
static bool page_add (rooms_page_t *page, const row_t *row)
{
    char numbers[128];
    size_t began = page->size;
    page->more = page->count >= ZCHAT_LIST_MAX;
    if (page->more)
        return false;
    page_put (page, page->count ? ",{\"room\":" : "{\"room\":", page->count ? 9 : 8);
    page_string (page, row->name);
    int size = snprintf (
        numbers, sizeof numbers,
        ",\"head\":%llu,\"first\":%llu,\"members\":%zu,\"topic\":", (unsigned long long)row->head,
        (unsigned long long)row->first, row->members);
    page_put (page, numbers, (size_t)size);
    page_string (page, row->topic);
    size =
        snprintf (numbers, sizeof numbers, ",\"private\":%s}", row->is_private ? "true" : "false");
    page_put (page, numbers, (size_t)size);
    page->more = page->size > LIST_BYTES_MAX;
    page->count += !page->more;
    page->size = page->more ? began : page->size;
    return !page->more;
}

static row_t room_row (const view_t *view, const room_t *room)
{
    const hall_t *hall = room_hall (view, room);
    told_room_t told = told_room (view->told, view->ledger, room);
    return (row_t){.name = room->name,
                   .topic = told.topic,
                   .head = told.head,
                   .first = told.stored ? room->first : told.head + 1,
                   .members = hall ? hall->n_members : 0,
                   .is_private = room->is_private};
}

/*  Rooms of which something is stored, then those where somebody is but nothing was said yet. */
static void page_fill (const call_t *call, const view_t *view, rooms_page_t *page,
                       const room_t *room, const hall_t *hall)
{
    uint64_t begins = told_room (view->told, view->ledger, NULL).head;
    for (; room; room = room->next) {
        if (!room_reads (view, room, call->reader))
            continue;
        row_t row = room_row (view, room);
        if (!page_add (page, &row))
            return;
    }
    for (; hall; hall = hall->next) {
        row_t row = {.name = hall->name,
                     .topic = "",
                     .head = begins,
                     .first = begins + 1,
                     .members = hall->n_members};
        if (!hall->mailbox && !ledger_room_folded (view->ledger, hall->fold.key) &&
            !page_add (page, &row))
            return;
    }
}

bool verb_rooms (const call_t *call, const view_t *view, verdict_t *verdict)
{
    const room_t *room = ledger_rooms (view->ledger);
    const hall_t *hall = presence_unstored (view->presence);
    rooms_page_t page = {.text = NULL};
    json_t *json = argument_json (verdict, call->request.args[0]);
    if (!json)
        return false;
    const json_t *after = json_object_get (json, "after");
    found_t found;
    if (after && !json_is_string (after)) {
        verdict_refuse (verdict, ZCHAT_MALFORMED, "after is not a room's name", NULL);
        goto out;
    }
    if (after) {
        char composed[ZCHAT_NAME_MAX];
        frame_t name = name_compose (argument_string (json, "after"), composed);
        if (!room_find (view, verdict, name, &found))
            goto out;
        if ((!found.room && !(found.hall && !found.hall->room)) ||
            (found.room && !room_reads (view, found.room, call->reader))) {
            verdict_refuse (verdict, ZCHAT_NAME, "the room in after is gone; start from the first",
                            NULL);
            goto out;
        }
        room = found.room ? found.room->next : NULL;
        hall = found.room ? hall : found.hall->next;
    }
    page_put (&page, "{\"rooms\":[", 10);
    page_fill (call, view, &page, room, hall);
    verdict->rows = page.count;
    if (page.more)
        page_put (&page, "],\"more\":true}", 14);
    else
        page_put (&page, "],\"more\":false}", 15);
    verdict_ok_text (verdict, page.text, page.size);
out:
    json_decref (json);
    return verdict->status == ZCHAT_OK;
}
