/*  queries.c - what the program asks for: who, rooms, topic, history          */
#include "queries.h"
#include "answer.h"
#include "memory.h"

typedef struct {
    uint64_t id;
    uint64_t due_ms; /* it is not sent before this time                        */
    verb_t verb;
    bool sent;
    size_t n_args;
    char *args[REQUEST_ARGS_MAX];
} query_t;

struct queries {
    exchange_t *exchange;
    query_t queries[ZCHAT_QUERIES_MAX]; /* in the order in which they were asked */
    size_t count;
};

queries_t *queries_new (exchange_t *exchange)
{
    queries_t *queries = memory_zero (sizeof *queries);

    queries->exchange = exchange;
    return queries;
}

static void query_clear (query_t *query)
{
    for (size_t i = 0; i < query->n_args; i++)
        free (query->args[i]);
}

void queries_destroy (queries_t **queries)
{
    if (*queries) {
        for (size_t i = 0; i < (*queries)->count; i++)
            query_clear (&(*queries)->queries[i]);
        free (*queries);
        *queries = NULL;
    }
}

zchat_status_t queries_add (queries_t *queries, verb_t verb, const frame_t *args, size_t n_args,
                            uint64_t *id)
{
    query_t *query;

    if (queries->count == ZCHAT_QUERIES_MAX)
        return ZCHAT_FULL;
    query = &queries->queries[queries->count++];
    *query = (query_t){.id = ++queries->exchange->id, .verb = verb, .n_args = n_args};
    for (size_t i = 0; i < n_args; i++)
        query->args[i] = memory_string (args[i].data, args[i].size);
    if (id)
        *id = query->id;
    return ZCHAT_OK;
}

static void queries_answer (queries_t *queries, size_t index, zchat_status_t status,
                            const char *text, const char *json)
{
    query_t query = queries->queries[index];
    zchat_event_t event = {
        .kind = ZCHAT_EVENT_REPLY, .id = query.id, .status = status, .text = text, .json = json};

    queries->count--;
    memmove (&queries->queries[index], &queries->queries[index + 1],
             (queries->count - index) * sizeof *queries->queries);
    queries->exchange->sink.event (queries->exchange->sink.arg, &event);
    query_clear (&query);
}

void queries_lost (queries_t *queries, bool all)
{
    for (size_t i = 0; i < queries->count;)
        if (all || queries->queries[i].sent)
            queries_answer (queries, i, ZCHAT_UNREACHABLE, zchat_status_text (ZCHAT_UNREACHABLE),
                            NULL);
        else
            i++;
}

void queries_pump (queries_t *queries)
{
    bool held[VERB_COUNT] = {false};

    for (size_t i = 0; i < queries->count; i++) {
        query_t *query = &queries->queries[i];
        frame_t args[REQUEST_ARGS_MAX];

        if (query->sent)
            continue;
        held[query->verb] |= query->due_ms > queries->exchange->now_ms;
        if (held[query->verb] ||
            (query->verb == VERB_HISTORY &&
             exchange_histories (queries->exchange, true) >= ZCHAT_FETCHES_MAX))
            continue;
        for (size_t k = 0; k < query->n_args; k++)
            args[k] = frame_str (query->args[k]);
        exchange_ask (queries->exchange, ASK_QUERY, query->id, query->verb, args, query->n_args);
        query->sent = true;
    }
}

bool queries_mail (queries_t *queries, ask_t *ask, const reply_t *reply)
{
    char room[ZCHAT_NAME_MAX + 1];
    frame_t pack = reply->body;
    frame_t name;
    event_t event;
    zchat_status_t status;

    if (reply->kind != REPLY_BULK || !ask->history ||
        !event_topic_name (reply->topic, "pack/", &name))
        return false;
    memcpy (room, name.data, name.size);
    room[name.size] = '\0';
    ask->since_ms = queries->exchange->now_ms;
    while ((status = event_record_next (&pack, &event)) == ZCHAT_OK)
        exchange_give (queries->exchange, ZCHAT_EVENT_HISTORY, ask->owner, room, &event);
    return status == ZCHAT_EMPTY;
}

void queries_reply (queries_t *queries, const ask_t *ask, zchat_status_t status, const char *text,
                    uint64_t wait_ms, frame_t json)
{
    size_t index = 0;
    char *own;

    while (index < queries->count && queries->queries[index].id != ask->owner)
        index++;
    if (index == queries->count)
        return;
    if (status == ZCHAT_SLOW) {
        queries->queries[index].sent = false;
        queries->queries[index].due_ms =
            queries->exchange->now_ms +
            (wait_ms > ZCHAT_SLOW_WAIT_MS ? wait_ms : ZCHAT_SLOW_WAIT_MS);
        return;
    }
    char unknown[EXCHANGE_UNKNOWN_MAX];
    json_t *more = status == ZCHAT_VERB ? answer_parse (json) : NULL;
    /*  A broker that knows the verb and was told not to serve it says so itself. */
    if (status == ZCHAT_VERB && !json_is_true (json_object_get (more, "off")))
        text = exchange_unknown (queries->exchange, queries->queries[index].verb, unknown);
    own = memory_string (json.data, json.size);
    queries_answer (queries, index, status, text, own);
    free (own);
    json_decref (more);
}

uint64_t queries_deadline_ms (const queries_t *queries)
{
    uint64_t deadline = UINT64_MAX;

    for (size_t i = 0; i < queries->count; i++) {
        const query_t *query = &queries->queries[i];

        if (!query->sent && query->due_ms > queries->exchange->now_ms && query->due_ms < deadline)
            deadline = query->due_ms;
    }
    return deadline;
}
