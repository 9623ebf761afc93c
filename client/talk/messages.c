/*  messages.c - the last messages of one conversation, and what became of them */
#include "messages.h"
#include "memory.h"
#include <stdio.h>

/*  A message as it is kept; user and text are owned.                          */
typedef struct {
    message_t shown;
    char *user;
    char *text;
    message_reaction_t *reactions; /* of MESSAGES_REACTIONS_MAX, or NULL         */
    uint64_t at;                   /* what has a seq up to this one is in it already          */
    uint64_t changed;              /* the seq of the last event that was applied to it        */
} kept_t;

struct messages {
    kept_t **kept; /* of max; in ascending order of seq                          */
    size_t count, max;
    size_t bytes, bytes_max;
    uint64_t offered; /* the seq of the known message that came last once more; 0: none */
    char *text;       /* it has then; whether that is newer its marks tell, right behind it */
    size_t text_size;
};

messages_t *messages_new (void)
{
    messages_t *self = messages_new_many (MESSAGES_MAX);
    self->bytes_max = MESSAGES_BYTES_MAX;
    return self;
}

messages_t *messages_new_many (size_t max)
{
    messages_t *self = memory_zero (sizeof *self);
    self->max = max < MESSAGES_MANY_MAX ? max : MESSAGES_MANY_MAX;
    self->bytes_max = SIZE_MAX;
    self->kept = memory_zero (self->max * sizeof (kept_t *));
    return self;
}

static size_t kept_bytes (const kept_t *kept)
{
    return sizeof *kept + strlen (kept->user) + kept->shown.size +
           (kept->reactions ? MESSAGES_REACTIONS_MAX * sizeof *kept->reactions : 0);
}

static void kept_destroy (kept_t *kept)
{
    free (kept->user);
    free (kept->text);
    free (kept->reactions);
    free (kept);
}

void messages_destroy (messages_t **messages)
{
    if (*messages) {
        for (size_t i = 0; i < (*messages)->count; i++)
            kept_destroy ((*messages)->kept[i]);
        free ((*messages)->text);
        free ((*messages)->kept);
        free (*messages);
        *messages = NULL;
    }
}

/*  Find the index of the first message whose seq is not below seq.            */
static size_t place_of (const messages_t *messages, uint64_t seq)
{
    size_t low = 0, high = messages->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (messages->kept[middle]->shown.seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static kept_t *find (const messages_t *messages, uint64_t seq)
{
    size_t at = place_of (messages, seq);
    return at < messages->count && messages->kept[at]->shown.seq == seq ? messages->kept[at] : NULL;
}

static void forget_oldest (messages_t *messages)
{
    messages->bytes -= kept_bytes (messages->kept[0]);
    kept_destroy (messages->kept[0]);
    messages->count--;
    memmove (messages->kept, messages->kept + 1, messages->count * sizeof *messages->kept);
}

static void bound (messages_t *messages)
{
    while (messages->count > 1 && messages->bytes > messages->bytes_max)
        forget_oldest (messages);
}

void messages_keep (messages_t *messages, uint64_t low, uint64_t high)
{
    size_t left = 0;
    for (size_t i = 0; i < messages->count; i++) {
        kept_t *kept = messages->kept[i];
        if (kept->shown.seq >= low && kept->shown.seq <= high) {
            messages->kept[left++] = kept;
            continue;
        }
        messages->bytes -= kept_bytes (kept);
        kept_destroy (kept);
    }
    messages->count = left;
}

size_t messages_bytes (const messages_t *messages)
{
    return messages->bytes;
}

/*  Give the message another text; its bytes are counted anew.                 */
static void set_text (messages_t *messages, kept_t *kept, const char *text, size_t size)
{
    messages->bytes -= kept->shown.size;
    free (kept->text);
    kept->text = memory_string (text ? text : "", text ? size : 0);
    kept->shown.text = kept->text;
    kept->shown.size = text ? size : 0;
    messages->bytes += kept->shown.size;
}

/*  --- what was said ---------------------------------------------------------- */

/*  What happened since may be newer than this, or may be in it already.       */
static void offer (messages_t *messages, const zchat_event_t *event)
{
    free (messages->text);
    messages->offered = event->seq;
    messages->text_size = event->body ? event->body_size : 0;
    messages->text = memory_string (event->body ? event->body : "", messages->text_size);
}

static messages_change_t said (messages_t *messages, const zchat_event_t *event,
                               const message_t **message)
{
    kept_t *kept = find (messages, event->seq);
    if (kept) {
        *message = &kept->shown;
        offer (messages, event);
        return MESSAGES_KNOWN;
    }
    size_t at = place_of (messages, event->seq);
    if (messages->count == messages->max) {
        if (at == 0) /* it is older than all that is kept */
            return MESSAGES_NEW;
        forget_oldest (messages);
        at--;
    }
    kept = memory_zero (sizeof *kept);
    const char *user = event->user ? event->user : "";
    kept->user = memory_string (user, strlen (user));
    kept->shown = (message_t){.seq = event->seq,
                              .time_ms = event->time_ms,
                              .re = event->re,
                              .type = event->type,
                              .user = kept->user,
                              .own = event->own,
                              .mentions_me = event->mentions_me || event->mentions_all};
    memmove (messages->kept + at + 1, messages->kept + at,
             (messages->count - at) * sizeof *messages->kept);
    messages->kept[at] = kept;
    messages->count++;
    messages->bytes += kept_bytes (kept);
    set_text (messages, kept, event->body, event->body_size);
    bound (messages);
    kept = find (messages, event->seq);
    *message = kept ? &kept->shown : NULL;
    return MESSAGES_NEW;
}

/*  --- what became of it -------------------------------------------------------- */

/*  Find a reaction of the message; add: make it where there is none and there is room. */
static message_reaction_t *reaction_of (messages_t *messages, kept_t *kept, const char *text,
                                        bool add)
{
    for (size_t i = 0; i < kept->shown.n_reactions; i++)
        if (strcmp (kept->reactions[i].text, text) == 0)
            return &kept->reactions[i];
    if (!add || !*text || strlen (text) > ZCHAT_REACTION_MAX ||
        kept->shown.n_reactions == MESSAGES_REACTIONS_MAX)
        return NULL;
    if (!kept->reactions) {
        messages->bytes -= kept_bytes (kept);
        kept->reactions = memory_zero (MESSAGES_REACTIONS_MAX * sizeof *kept->reactions);
        kept->shown.reactions = kept->reactions;
        messages->bytes += kept_bytes (kept);
    }
    message_reaction_t *reaction = &kept->reactions[kept->shown.n_reactions++];
    *reaction = (message_reaction_t){.count = 0};
    snprintf (reaction->text, sizeof reaction->text, "%s", text);
    return reaction;
}

static size_t user_at (const message_reaction_t *reaction, const char *user)
{
    size_t i = 0;
    while (i < reaction->n_users && strcmp (reaction->users[i], user) != 0)
        i++;
    return i;
}

static bool react (messages_t *messages, kept_t *kept, const zchat_event_t *event)
{
    message_reaction_t *reaction =
        reaction_of (messages, kept, event->body ? event->body : "", true);
    const char *user = event->user ? event->user : "";
    /*  Two that came at the same time may stand twice, and count once.        */
    if (!reaction || user_at (reaction, user) < reaction->n_users || (event->own && reaction->mine))
        return false;
    reaction->count++;
    reaction->mine |= event->own;
    if (reaction->n_users < MESSAGES_NAMES_MAX && strlen (user) <= ZCHAT_NAME_MAX)
        snprintf (reaction->users[reaction->n_users++], sizeof *reaction->users, "%s", user);
    return true;
}

static bool unreact (messages_t *messages, kept_t *kept, const zchat_event_t *event)
{
    message_reaction_t *reaction =
        reaction_of (messages, kept, event->body ? event->body : "", false);
    if (!reaction)
        return false;
    size_t at = user_at (reaction, event->user ? event->user : "");
    /*  It may stand there of one who did not react; of those without a name nobody knows. */
    if (at == reaction->n_users && reaction->count <= reaction->n_users)
        return false;
    if (at < reaction->n_users)
        memmove (reaction->users + at, reaction->users + at + 1,
                 (--reaction->n_users - at) * sizeof *reaction->users);
    if (event->own)
        reaction->mine = false;
    if (reaction->count > 0)
        reaction->count--;
    if (reaction->count == 0) {
        size_t index = (size_t)(reaction - kept->reactions);
        kept->shown.n_reactions--;
        memmove (reaction, reaction + 1,
                 (kept->shown.n_reactions - index) * sizeof *kept->reactions);
    }
    return true;
}

static void remove_text (messages_t *messages, kept_t *kept)
{
    set_text (messages, kept, NULL, 0);
    kept->shown.removed = true;
    kept->shown.n_reactions = 0;
}

/*  Find the message that a REMOVE means: an edit is removed with the message that it changed. */
static kept_t *meant (const messages_t *messages, const zchat_event_t *event)
{
    kept_t *kept = find (messages, event->target);
    for (size_t i = 0; !kept && i < messages->count && event->type == ZCHAT_TYPE_REMOVE; i++)
        if (event->target && messages->kept[i]->shown.edited == event->target)
            kept = messages->kept[i];
    return kept;
}

static messages_change_t became (messages_t *messages, const zchat_event_t *event,
                                 const message_t **message)
{
    kept_t *kept = meant (messages, event);
    bool edit = event->type == ZCHAT_TYPE_EDIT;
    messages_change_t change = edit                               ? MESSAGES_EDITED
                               : event->type == ZCHAT_TYPE_REMOVE ? MESSAGES_REMOVED
                                                                  : MESSAGES_REACTED;
    *message = kept ? &kept->shown : NULL;
    /*  Of an edit that was edited once more, the text is no more.             */
    if (edit && event->body_size == 0)
        return MESSAGES_NOTHING;
    if (!kept)
        return event->kind == ZCHAT_EVENT_MESSAGE ? change : MESSAGES_NOTHING;
    /*  A history tells of messages as they are: what it tells besides is in them already, and what
        took that back may stand behind its end.                               */
    if (event->seq <= kept->at || event->seq <= kept->changed || kept->shown.removed ||
        event->kind == ZCHAT_EVENT_HISTORY)
        return MESSAGES_NOTHING;
    kept->changed = event->seq;
    switch (event->type) {
    case ZCHAT_TYPE_EDIT:
        kept->shown.edited = event->seq;
        set_text (messages, kept, event->body, event->body_size);
        break;
    case ZCHAT_TYPE_REMOVE:
        remove_text (messages, kept);
        break;
    case ZCHAT_TYPE_REACT:
        change = react (messages, kept, event) ? change : MESSAGES_NOTHING;
        break;
    default:
        change = unreact (messages, kept, event) ? change : MESSAGES_NOTHING;
        break;
    }
    bound (messages);
    kept = meant (messages, event);
    *message = kept ? &kept->shown : NULL;
    return change;
}

/*  Take what became of a message before. What was applied since is newer.     */
static messages_change_t marked (messages_t *messages, const zchat_event_t *event,
                                 const message_t **message)
{
    kept_t *kept = find (messages, event->target);
    zchat_reaction_t given;
    *message = kept ? &kept->shown : NULL;
    bool past = event->kind == ZCHAT_EVENT_HISTORY;
    if (kept && kept->shown.removed)
        return MESSAGES_NOTHING;
    if (!kept || kept->changed > event->at || kept->at >= event->at)
        return past ? MESSAGES_MARKED : MESSAGES_NOTHING;
    kept->at = event->at;
    if (messages->offered == event->target)
        set_text (messages, kept, messages->text, messages->text_size);
    kept->shown.edited = event->edited;
    kept->shown.n_reactions = 0;
    for (size_t i = 0; zchat_event_reaction (event, i, &given) == ZCHAT_OK; i++) {
        message_reaction_t *reaction = reaction_of (messages, kept, given.text, true);
        if (!reaction)
            break;
        reaction->count = given.count;
        reaction->mine = given.mine;
        for (size_t k = 0; k < given.n_users; k++)
            snprintf (reaction->users[k], sizeof *reaction->users, "%s", given.users[k]);
        reaction->n_users = given.n_users;
    }
    bound (messages);
    kept = find (messages, event->target);
    *message = kept ? &kept->shown : NULL;
    return MESSAGES_MARKED;
}

messages_change_t messages_apply (messages_t *messages, const zchat_event_t *event,
                                  const message_t **message)
{
    *message = NULL;
    switch (event->type) {
    case ZCHAT_TYPE_SAY:
    case ZCHAT_TYPE_ACTION:
    case ZCHAT_TYPE_TELL:
    case ZCHAT_TYPE_TOLD:
        return event->seq ? said (messages, event, message) : MESSAGES_NOTHING;
    case ZCHAT_TYPE_EDIT:
    case ZCHAT_TYPE_REACT:
    case ZCHAT_TYPE_UNREACT:
    case ZCHAT_TYPE_REMOVE:
        return event->seq ? became (messages, event, message) : MESSAGES_NOTHING;
    case ZCHAT_TYPE_MARKS:
        return marked (messages, event, message);
    default:
        return MESSAGES_NOTHING;
    }
}

/*  --- pointing at them ---------------------------------------------------------- */

const message_t *messages_find (const messages_t *messages, uint64_t seq)
{
    const kept_t *kept = find (messages, seq);
    return kept ? &kept->shown : NULL;
}

const message_t *messages_told (const messages_t *messages, uint64_t time_ms)
{
    for (size_t i = messages->count; i-- > 0;)
        if (messages->kept[i]->shown.time_ms == time_ms)
            return &messages->kept[i]->shown;
    return NULL;
}

/*  Count the messages with a seq up to upto.                                  */
static size_t end_of (const messages_t *messages, uint64_t upto)
{
    return upto ? place_of (messages, upto + 1) : messages->count;
}

const message_t *messages_number (const messages_t *messages, size_t n, uint64_t upto)
{
    size_t end = end_of (messages, upto);
    return n > 0 && n <= end ? &messages->kept[end - n]->shown : NULL;
}

size_t messages_number_of (const messages_t *messages, uint64_t seq, uint64_t upto)
{
    size_t end = end_of (messages, upto), at = place_of (messages, seq);
    return at < end && messages->kept[at]->shown.seq == seq ? end - at : 0;
}

size_t messages_behind (const messages_t *messages, uint64_t seq, size_t *urgent)
{
    size_t count = 0, mentions = 0;
    for (size_t i = place_of (messages, seq + 1); seq < UINT64_MAX && i < messages->count; i++) {
        const message_t *message = &messages->kept[i]->shown;
        if (message->own || message->removed || message->type == ZCHAT_TYPE_TOLD)
            continue;
        count++;
        mentions += message->mentions_me;
    }
    if (urgent)
        *urgent = mentions;
    return count;
}

const message_t *messages_own (const messages_t *messages, uint64_t upto)
{
    for (size_t i = end_of (messages, upto); i-- > 0;)
        if (messages->kept[i]->shown.own && !messages->kept[i]->shown.removed)
            return &messages->kept[i]->shown;
    return NULL;
}
