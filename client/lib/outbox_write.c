/*  outbox_write.c - messages as requests, and the tags of their replies       */
#include "decimal.h"
#include "outbox_private.h"
#include <inttypes.h>
#include <stdio.h>

verb_t outbox_message_verb (const message_t *message)
{
    if (message->type == ZCHAT_TYPE_EDIT)
        return VERB_EDIT;
    return message->type == ZCHAT_TYPE_TELL ? VERB_TELL : VERB_SAY;
}

/*  --- tags ------------------------------------------------------------------ */

static char *put (char *at, const char *text)
{
    size_t size = strlen (text);

    return (char *)memcpy (at, text, size) + size;
}

static char *put_hex (char *at, uint64_t number)
{
    static const char digits[] = "0123456789abcdef";
    int bits = 60;

    while (bits && !(number >> bits))
        bits -= 4;
    for (; bits >= 0; bits -= 4)
        *at++ = digits[number >> bits & 15];
    return at;
}

/*  tag holds ZCHAT_TAG_MAX bytes and a NUL.                                   */
static void tag_write (char *tag, uint32_t epoch, uint64_t n)
{
    char *at = put (tag, "s");
    at = put_hex (at, epoch);
    at = put (at, ".");
    at = put_hex (at, n);
    *at = '\0';
}

/*  A number in hex as tag_write writes it, from *at on.                       */
static bool hex_take (const char **at, const char *end, uint64_t *number)
{
    const char *begin = *at;

    for (*number = 0; *at < end && *at - begin < 16; (*at)++) {
        char c = **at;
        if (c >= '0' && c <= '9')
            *number = *number << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            *number = *number << 4 | (uint64_t)(c - 'a' + 10);
        else
            break;
    }
    return *at > begin;
}

bool outbox_tag_read (frame_t tag, uint64_t *epoch, uint64_t *n)
{
    const char *at = tag.data;
    const char *end = tag.size ? at + tag.size : at;

    return at != end && *at++ == 's' && hex_take (&at, end, epoch) && at != end && *at++ == '.' &&
           hex_take (&at, end, n) && at == end;
}

/*  --- requests --------------------------------------------------------------- */

/*  A SAY of nothing but words, as most are. */
static bool outbox_send_plain (outbox_t *outbox, const message_t *message, uint64_t n)
{
    char json[160];
    char tag[ZCHAT_TAG_MAX + 1];

    if (outbox_message_verb (message) != VERB_SAY || message->type != ZCHAT_TYPE_SAY ||
        message->indoors || message->re || message->data || n == 1)
        return false;
    char *at = put (json, "{\"type\":\"say\",\"producer\":\"");
    at = put (at, outbox->producer);
    at = put (at, "\",\"n\":");
    at += decimal_write (at, n);
    at = put (at, "}");
    tag_write (tag, (uint32_t)outbox->epoch, n);
    frame_t args[] = {frame_str (message->room), message->body,
                      frame_of (json, (size_t)(at - json))};
    outbox->sink.send (outbox->sink.arg, VERB_SAY, tag, args, 3);
    return true;
}

static void outbox_send (outbox_t *outbox, const message_t *message, uint64_t n)
{
    verb_t verb = outbox_message_verb (message);
    char json[ZCHAT_JSON_MAX];
    char tag[ZCHAT_TAG_MAX + 1];
    char type[96] = "";
    char number[24];
    frame_t args[4] = {frame_str (message->room), message->body};
    size_t n_args = 2;
    int size = 0;

    if (verb == VERB_SAY)
        size = snprintf (type, sizeof type, "\"type\":\"%s\",%s", zchat_type_name (message->type),
                         message->indoors ? "\"private\":true," : "");
    if (verb == VERB_EDIT) {
        snprintf (number, sizeof number, "%" PRIu64, message->re);
        args[1] = frame_str (number);
        args[n_args++] = message->body;
    } else if (message->re)
        snprintf (type + size, sizeof type - (size_t)size, "\"re\":%" PRIu64 ",", message->re);
    size = snprintf (json, sizeof json, "{%s\"producer\":\"%s\",\"n\":%" PRIu64, type,
                     outbox->producer, n);
    /*  A broker that has forgotten the producer notices by n that something is missing before a
        message, but not before the first one. So the first one says that it is sent again, over
        another connection.                                                    */
    if (n == 1 && outbox->began != outbox->connection && outbox->began_forgotten != UINT64_MAX &&
        outbox->forgotten != UINT64_MAX)
        size += snprintf (json + size, sizeof json - (size_t)size, ",\"again\":%" PRIu64,
                          outbox->began_forgotten);
    size += snprintf (json + size, sizeof json - (size_t)size, "%s%s}",
                      message->data ? ",\"data\":" : "", message->data ? message->data : "");
    args[n_args++] = frame_of (json, (size_t)size);
    tag_write (tag, (uint32_t)outbox->epoch, n);
    outbox->sink.send (outbox->sink.arg, verb, tag, args, n_args);
}

void outbox_write (outbox_t *outbox, const message_t *message, uint64_t n)
{
    if (!outbox_send_plain (outbox, message, n))
        outbox_send (outbox, message, n);
}
