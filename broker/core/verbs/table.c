/*  table.c - one table of verbs: who may call what, and what it costs         */
#include "verbs.h"

static const verb_entry_t verbs[VERB_COUNT] = {
    [VERB_HELLO] = {verb_hello, NULL, OWN_NAME | SETTLED, QUOTA_JOINS},
    [VERB_SAY] = {verb_say, NULL, NEED_NAME | NAMED | STORES, QUOTA_MESSAGES},
    [VERB_JOIN] = {verb_join, NULL, NEED_NAME | NEED_HELLO | NAMED | SETTLED, QUOTA_JOINS},
    [VERB_PART] = {verb_part, NULL, NEED_NAME | NEED_HELLO | NAMED | SETTLED, QUOTA_JOINS},
    [VERB_WHO] = {verb_who, NULL, LONG | NAMED | SETTLED, QUOTA_READS},
    [VERB_ROOMS] = {verb_rooms, NULL, LONG | SETTLED, QUOTA_READS},
    [VERB_TOPIC] = {verb_topic, topic_observe, STORES_LAST | NAMED | SETTLED, QUOTA_READS},
    [VERB_HISTORY] = {verb_history, NULL, LONG | NAMED | SETTLED, QUOTA_READS},
    [VERB_SYNC] = {verb_sync, NULL, 0, QUOTA_JOINS},
    [VERB_PING] = {verb_ping, NULL, 0, QUOTA_READS},
    [VERB_BYE] = {verb_bye, NULL, NEED_NAME | NEED_HELLO, QUOTA_JOINS},
    [VERB_TELL] = {verb_tell, NULL, NEED_NAME | NEED_HELLO | NAMED | STORES, QUOTA_MESSAGES},
    [VERB_INVITE] = {verb_invite, NULL, NEED_NAME | NEED_HELLO | NAMED | STORES, QUOTA_MESSAGES},
    [VERB_KICK] = {verb_kick, NULL, NEED_NAME | NEED_HELLO | NAMED | STORES, QUOTA_MESSAGES},
    [VERB_MODE] = {verb_mode, NULL, NEED_NAME | NEED_HELLO | LONG | NAMED | SETTLED | STORES_LAST,
                   QUOTA_READS},
    [VERB_REMOVE] = {verb_remove, NULL, NEED_NAME | NEED_HELLO | NAMED | SETTLED, QUOTA_MESSAGES},
    [VERB_KEYS] = {verb_keys, NULL, NEED_HELLO | NAMED | SETTLED, QUOTA_READS},
    [VERB_PURGE] = {verb_purge, NULL, NEED_NAME | NEED_HELLO | LONG | STORES, QUOTA_READS},
    [VERB_KEY] = {verb_key, NULL, NEED_NAME | NEED_HELLO | STORES, QUOTA_MESSAGES},
};

const verb_entry_t *verb_entry (verb_t verb)
{
    return &verbs[verb];
}
