/*  talk_retry.c - what was refused is sent again                              */
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"

/*  A face that is told what becomes of messages keeps them itself, and a script knows what it sent.
 */
static bool keeps (const talk_t *talk)
{
    return !talk->options.looks && !talk->options.scripted;
}

void talk_retry_keep (talk_t *talk, uint64_t id, const retry_message_t *message)
{
    if (!keeps (talk))
        return;
    if (!talk->retry)
        talk->retry = retry_new ();
    retry_add (talk->retry, id, message);
}

void talk_retry_became (talk_t *talk, talk_sending_t state, uint64_t id, uint64_t former)
{
    if (!talk->retry)
        return;
    if (state == TALK_NUMBERED)
        retry_rename (talk->retry, former, id);
    else if (state == TALK_STORED)
        retry_done (talk->retry, id);
    else if (state == TALK_REFUSED)
        retry_refused (talk->retry, id);
}

/*  Send the message once more.                                                */
static zchat_status_t once_more (talk_t *talk, const retry_message_t *message)
{
    uint64_t id = 0;
    if (message->type == ZCHAT_TYPE_TELL)
        return talk_tell (talk, message->name, message->text, message->size, message->re);
    zchat_status_t status =
        zchat_client_reply (talk->client, message->name, message->re, message->type, message->text,
                            message->size, NULL, &id);
    if (status == ZCHAT_OK)
        talk_queued (talk, id, message->name, message->type, message->text, message->size,
                     message->re);
    return status;
}

void talk_retry (talk_t *talk)
{
    retry_message_t message;
    size_t n = 0, all = talk->retry ? retry_refusals (talk->retry) : 0;
    zchat_status_t status = ZCHAT_OK;
    /*  What is sent again may be refused at once, and then stands behind the others. */
    for (; n < all && status != ZCHAT_FULL && retry_first (talk->retry, &message); n++) {
        char *name = memory_string (message.name, strlen (message.name));
        char *text = memory_string (message.text, message.size);
        message.name = name;
        message.text = text;
        retry_drop (talk->retry);
        status = once_more (talk, &message);
        if (status != ZCHAT_OK) {
            talk_retry_keep (talk, UINT64_MAX, &message);
            retry_refused (talk->retry, UINT64_MAX);
            talk_refuse (talk, OUTCOME_DATA, _ ("not sent"), _ (zchat_status_text (status)));
        }
        free (name);
        free (text);
    }
    if (all == 0)
        talk_notice (talk, _ ("nothing has failed here"));
}
