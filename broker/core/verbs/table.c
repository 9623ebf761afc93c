/*  table.c - one table of verbs: who may call what, and what it costs         */
#include "verbs.h"

static const verb_entry_t verbs[VERB_COUNT] = {
    [VERB_HELLO] = {verb_hello, NULL, OWN_NAME | READS_FACTS, QUOTA_JOINS},
    [VERB_SAY] = {verb_say, away_observe, NEED_NAME | NAMED | STORES, QUOTA_MESSAGES},
    [VERB_JOIN] = {verb_join, NULL, NEED_NAME | NEED_HELLO | NAMED | READS_FACTS, QUOTA_JOINS},
    [VERB_PART] = {verb_part, NULL, NEED_NAME | NEED_HELLO | NAMED | READS_FACTS, QUOTA_JOINS},
    [VERB_WHO] = {verb_who, NULL, LONG | NAMED | READS_FACTS, QUOTA_READS},
    [VERB_ROOMS] = {verb_rooms, NULL, LONG | READS_FACTS, QUOTA_READS},
    [VERB_TOPIC] = {verb_topic, topic_observe, STORES_LAST | NAMED | READS_FACTS, QUOTA_READS},
    [VERB_HISTORY] = {verb_history, NULL, LONG | NAMED | READS_FACTS, QUOTA_READS},
    [VERB_SYNC] = {verb_sync, NULL, 0, QUOTA_JOINS},
    [VERB_PING] = {verb_ping, NULL, 0, QUOTA_READS},
    [VERB_BYE] = {verb_bye, NULL, NEED_NAME | NEED_HELLO, QUOTA_JOINS},
    [VERB_TELL] = {verb_tell, away_observe, NEED_NAME | NEED_HELLO | NAMED | STORES,
                   QUOTA_MESSAGES},
    [VERB_INVITE] = {verb_invite, NULL, NEED_NAME | NEED_HELLO | NAMED | STORES, QUOTA_MESSAGES},
    [VERB_KICK] = {verb_kick, NULL, NEED_NAME | NEED_HELLO | NAMED | STORES, QUOTA_MESSAGES},
    [VERB_MODE] = {verb_mode, NULL,
                   NEED_NAME | NEED_HELLO | LONG | NAMED | READS_FACTS | STORES_LAST, QUOTA_READS},
    [VERB_REMOVE] = {verb_remove, NULL, NEED_NAME | NEED_HELLO | NAMED | STORES | LOOKS,
                     QUOTA_MESSAGES},
    [VERB_KEYS] = {verb_keys, NULL, NEED_HELLO | NAMED | READS_FACTS, QUOTA_READS},
    [VERB_PURGE] = {verb_purge, NULL, NEED_NAME | NEED_HELLO | LONG | STORES, QUOTA_READS},
    [VERB_EDIT] = {verb_edit, NULL, NEED_NAME | NEED_HELLO | NAMED | STORES | LOOKS,
                   QUOTA_MESSAGES},
    [VERB_REACT] = {verb_react, NULL, NEED_NAME | NEED_HELLO | NAMED | STORES | LOOKS,
                    QUOTA_MESSAGES},
    [VERB_UNREACT] = {verb_react, NULL, NEED_NAME | NEED_HELLO | NAMED | STORES | LOOKS,
                      QUOTA_MESSAGES},
    [VERB_READ] = {verb_read, NULL, NEED_NAME | NEED_HELLO | NAMED | READS_FACTS, QUOTA_READS},
    [VERB_UNREAD] = {verb_unread, NULL, NEED_NAME | NEED_HELLO | LONG | READS_FACTS, QUOTA_READS},
    [VERB_SEARCH] = {verb_search, NULL, LONG | READS_FACTS, QUOTA_SEARCHES},
    [VERB_AWAY] = {verb_away, NULL, NEED_NAME | NEED_HELLO, QUOTA_JOINS},
    [VERB_KEY] = {verb_key, NULL, NEED_NAME | NEED_HELLO | STORES | REBINDS, QUOTA_MESSAGES},
};

const verb_entry_t *verb_entry (verb_t verb)
{
    return &verbs[verb];
}

bool call_stores (const call_t *call)
{
    const request_t *request = &call->request;
    unsigned flags = verbs[request->verb].flags;
    if (flags & STORES)
        return true;
    /*  An empty topic is one; a MODE that is empty asks which there are.      */
    return (flags & STORES_LAST) && request->n_args == 2 &&
           (request->verb != VERB_MODE || request->args[1].size);
}
