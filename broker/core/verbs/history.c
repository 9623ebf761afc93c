/*  history.c - HISTORY: which page of the log to read                         */
#include "arguments.h"
#include "verbs.h"

/*  Read the JSON argument. False: the verdict is a refusal.                               */
static bool history_query (verdict_t *verdict, const json_t *json, store_query_t *query,
                           bool *packs)
{
    uint64_t limit = ZCHAT_HISTORY_DEFAULT;
    const json_t *form = json_object_get (json, "form");
    const json_t *marks = json_object_get (json, "marks");
    const char *word = form ? json_string_value (form) : "events";
    bool after = json_object_get (json, "after"), before = json_object_get (json, "before");
    if (!argument_number (json, "after", &query->after) ||
        !argument_number (json, "before", &query->before) ||
        !argument_number (json, "limit", &limit) || limit == 0)
        return verdict_refuse (verdict, ZCHAT_MALFORMED,
                               "after and before are numbers from 0, limit from 1", NULL);
    if (after && before)
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "after or before, not both", NULL);
    if (!word || (strcmp (word, "events") != 0 && strcmp (word, "pack") != 0))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "form is \"events\" or \"pack\"", NULL);
    if (marks && !json_is_boolean (marks))
        return verdict_refuse (verdict, ZCHAT_MALFORMED, "marks is true or false", NULL);
    if (limit > ZCHAT_HISTORY_MAX)
        return verdict_limit (verdict, "ask for fewer events at once", ZCHAT_HISTORY_MAX,
                              "history");
    /*  There is nothing before the first event; the store takes 0 for "after". */
    if (before && query->before == 0)
        query->before = 1;
    if (!after && !before)
        query->before = UINT64_MAX;
    *packs = strcmp (word, "pack") == 0;
    /*  A client that does not know them takes an event without a seq for nonsense.  */
    query->marks = json_is_true (marks);
    query->limit = (size_t)limit;
    query->bytes_max = ZCHAT_HISTORY_BYTES_MAX;
    return true;
}

bool verb_history (const call_t *call, const view_t *view, verdict_t *verdict)
{
    found_t found;
    store_query_t query = {.room = 0};
    bool packs = false;
    if (!room_find_readable (call, view, verdict, call->request.args[0], true, &found))
        return false;
    json_t *json = argument_json (verdict, call->request.args[1]);
    bool valid = json && history_query (verdict, json, &query, &packs);
    json_decref (json);
    if (!valid)
        return false;
    frame_t name = found.room                              ? ledger_room_shown (found.room)
                   : *(const char *)found.name.data == '@' ? frame_str ("@")
                                                           : found.name;
    told_room_t told = told_room (view->told, view->ledger, found.room);
    /*  What is said will have seqs behind head.                               */
    if (!told.stored)
        return verdict_ok (verdict,
                           json_pack ("{s:o, s:b, s:I, s:I}", "room",
                                      json_stringn (name.data, name.size), "more", 0, "first",
                                      (json_int_t)told.head + 1, "head", (json_int_t)told.head));
    query.room = found.room->id;
    if (call->reader)
        snprintf (query.who, sizeof query.who, "%s", call->reader);
    verdict->read = (verdict_read_t){
        .wanted = true, .query = query, .room = text_keep (verdict, name), .packs = packs};
    return true;
}
