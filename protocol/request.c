/*  request.c - requests and replies: frames to meaning and back               */
#include "request.h"
#include "event_codec.h"
#include <assert.h>

/*  --- verbs -----------------------------------------------------------------  */

#define ENTRY(name, least, most) {#name, least, most},
static const struct {
    const char *word;
    size_t least; /* arguments behind the user */
    size_t most;
} verbs[] = {VERB_MAP (ENTRY)};
#undef ENTRY

static const char *const usages[] = {
    [VERB_HELLO] = "HELLO takes: tag user [json]",
    [VERB_SAY] = "SAY takes: tag user room body [json]",
    [VERB_JOIN] = "JOIN takes: tag user room [json]",
    [VERB_PART] = "PART takes: tag user room",
    [VERB_WHO] = "WHO takes: tag user room",
    [VERB_ROOMS] = "ROOMS takes: tag user [json]",
    [VERB_TOPIC] = "TOPIC takes: tag user room [body]",
    [VERB_HISTORY] = "HISTORY takes: tag user room [json]",
    [VERB_SYNC] = "SYNC takes: tag user nonce",
    [VERB_PING] = "PING takes: tag user",
    [VERB_BYE] = "BYE takes: tag user [json]",
    [VERB_TELL] = "TELL takes: tag user name body [json]",
    [VERB_INVITE] = "INVITE takes: tag user room name [reason]",
    [VERB_KICK] = "KICK takes: tag user room name [reason]",
    [VERB_MODE] = "MODE takes: tag user room [json]",
    [VERB_REMOVE] = "REMOVE takes: tag user room seq [reason]",
    [VERB_KEYS] = "KEYS takes: tag user [name]",
    [VERB_KEY] = "KEY takes: tag user json",
    [VERB_PURGE] = "PURGE takes: tag user json",
    [VERB_EDIT] = "EDIT takes: tag user room seq body [json]",
    [VERB_REACT] = "REACT takes: tag user room seq text",
    [VERB_UNREACT] = "UNREACT takes: tag user room seq text",
    [VERB_READ] = "READ takes: tag user room [seq]",
    [VERB_UNREAD] = "UNREAD takes: tag user",
    [VERB_SEARCH] = "SEARCH takes: tag user query [json]",
    [VERB_AWAY] = "AWAY takes: tag user [text]",
};

#define FITS(name, least, most)                                                                    \
    _Static_assert((least) <= (most) && (most) <= REQUEST_ARGS_MAX, "the arguments of " #name);
VERB_MAP (FITS)
#undef FITS
_Static_assert(sizeof usages / sizeof *usages == VERB_COUNT, "every verb has its usage");

#define WORD(name, least, most) " " #name
static const char unknown_verb[] = "this verb is not known; the verbs are:" VERB_MAP (WORD);
#undef WORD

const char *verb_name (verb_t verb)
{
    assert ((unsigned)verb < VERB_COUNT);
    return verbs[verb].word;
}

static bool verb_find (frame_t word, verb_t *verb)
{
    for (int i = 0; i < VERB_COUNT; i++)
        if (frame_is (word, verbs[i].word)) {
            *verb = (verb_t)i;
            return true;
        }
    return false;
}

/*  --- requests --------------------------------------------------------------  */

static zchat_status_t refuse (const char **why, zchat_status_t status, const char *text)
{
    if (why != NULL)
        *why = text;
    return status;
}

zchat_status_t request_decode (const frame_t *frames, size_t count, request_t *request,
                               const char **why)
{
    *request = (request_t){0};
    bool too_many = count > ZCHAT_FRAMES_MAX;
    if (count > 0 && frames[0].size == 0) {
        request->enveloped = true;
        frames++;
        count--;
    }
    if (count > 1 && frames[1].size <= ZCHAT_TAG_MAX)
        request->tag = frames[1];

    if (too_many)
        return refuse (why, ZCHAT_MALFORMED, "a request has at most 8 frames");
    if (count == 0 || frames[0].size == 0)
        return refuse (why, ZCHAT_MALFORMED, "a request begins with its verb: verb tag user ...");
    if (count > 1 && frames[1].size > ZCHAT_TAG_MAX)
        return refuse (why, ZCHAT_LIMIT, "a tag has at most 32 bytes");
    if (!verb_find (frames[0], &request->verb))
        return refuse (why, ZCHAT_VERB, unknown_verb);
    if (count < 3 + verbs[request->verb].least || count > 3 + verbs[request->verb].most)
        return refuse (why, ZCHAT_MALFORMED, usages[request->verb]);

    request->user = frames[2];
    request->n_args = count - 3;
    for (size_t i = 0; i < request->n_args; i++)
        request->args[i] = frames[3 + i];
    return ZCHAT_OK;
}

_Static_assert(ZCHAT_FRAMES_MAX == 8 && ZCHAT_TAG_MAX == 32, "the texts above name them");

/*  --- replies ---------------------------------------------------------------  */

/*  OK and ERR: tag json. The json of a reply may be long (WHO, ROOMS), up to what
    a frame may be.                                                            */
static zchat_status_t decode_answer (reply_kind_t kind, const frame_t *rest, size_t count,
                                     reply_t *reply)
{
    if (count != 2 || rest[0].size > ZCHAT_TAG_MAX || rest[1].size > ZCHAT_FRAME_MAX)
        return ZCHAT_MALFORMED;
    *reply = (reply_t){.kind = kind, .tag = rest[0], .json = rest[1]};
    return ZCHAT_OK;
}

/*  EVENT: tag, then the four frames of an event or the two of a pack.         */
static zchat_status_t decode_mail (const frame_t *rest, size_t count, reply_t *reply)
{
    if ((count != 5 && count != 3) || rest[0].size > ZCHAT_TAG_MAX || rest[1].size == 0 ||
        rest[1].size > EVENT_TOPIC_MAX)
        return ZCHAT_MALFORMED;
    reply_t mail = {.tag = rest[0], .topic = rest[1]};
    if (count == 5) {
        if (rest[2].size > ZCHAT_NAME_MAX || rest[3].size > ZCHAT_BODY_MAX ||
            rest[4].size > ZCHAT_JSON_MAX)
            return ZCHAT_MALFORMED;
        mail.kind = REPLY_EVENT;
        mail.user = rest[2];
        mail.body = rest[3];
        mail.meta = rest[4];
    } else {
        if (rest[2].size > ZCHAT_FRAME_MAX)
            return ZCHAT_MALFORMED;
        mail.kind = REPLY_BULK;
        mail.body = rest[2];
    }
    *reply = mail;
    return ZCHAT_OK;
}

zchat_status_t reply_decode (const frame_t *frames, size_t count, reply_t *reply)
{
    if (count > 0 && frames[0].size == 0) {
        frames++;
        count--;
    }
    if (count == 0)
        return ZCHAT_MALFORMED;
    const frame_t *rest = frames + 1;
    if (frame_is (frames[0], "OK"))
        return decode_answer (REPLY_OK, rest, count - 1, reply);
    if (frame_is (frames[0], "ERR"))
        return decode_answer (REPLY_ERR, rest, count - 1, reply);
    if (frame_is (frames[0], "EVENT"))
        return decode_mail (rest, count - 1, reply);
    if (frame_is (frames[0], "NOOP") && count == 2 && frames[1].size == 0) {
        *reply = (reply_t){.kind = REPLY_NOOP};
        return ZCHAT_OK;
    }
    return ZCHAT_MALFORMED;
}
