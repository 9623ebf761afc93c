/*  talk_unsent.c - messages that were typed and are not at the broker are kept for the next
    start                                                                      */
#include "credentials.h"
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"
#include <time.h>

static uint64_t clock_ms (clockid_t clock)
{
    struct timespec now;
    clock_gettime (clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static unsent_owner_t owner_of (const talk_t *talk)
{
    return (unsent_owner_t){.endpoint = talk->options.endpoint,
                            .user = talk->nick,
                            .key = credentials_key (talk->options.credentials)};
}

static void tell (talk_t *talk, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

static void tell (talk_t *talk, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start (args, format);
    if (vasprintf (&text, format, args) < 0)
        memory_check (NULL);
    va_end (args);
    talk_notice (talk, text);
    free (text);
}

/*  True where messages are kept. A script sends again what it was told is not sent; if that were
    kept too, it would be said twice.                                          */
static bool keeps (const talk_t *talk)
{
    return !talk->options.scripted && talk->client && talk->direct;
}

static size_t unsent_count (const talk_t *talk)
{
    return zchat_client_unacknowledged (talk->client) + direct_unsent (talk->direct);
}

void talk_unsent_changed (talk_t *talk)
{
    if (!talk->unsent.changed)
        talk->unsent.changed_ms = clock_ms (CLOCK_MONOTONIC);
    talk->unsent.changed = true;
}

/*  --- what an earlier run left ----------------------------------------------- */

static void put_aside (talk_t *talk, const char *why)
{
    char *path = NULL;
    if (unsent_file_aside (talk->unsent.file, &path))
        tell (talk, _ ("%s; they are kept in %s"), why, path);
    talk->unsent.exists = false;
    free (path);
}

/*  Tell a face of the messages that an earlier run left, as far as they can be read: what is sealed
    stays so. They have no ids that are known.                                  */
static void tell_left (talk_t *talk, const char *outbox)
{
    json_t *all = talk->options.looks ? json_loads (outbox, 0, NULL) : NULL;
    const json_t *messages = json_object_get (all, "messages");
    for (size_t i = 0; i < json_array_size (messages); i++) {
        const json_t *one = json_array_get (messages, i), *body = json_object_get (one, "body");
        const char *to = json_string_value (json_object_get (one, "to"));
        const char *word = json_string_value (json_object_get (one, "type"));
        json_int_t re = json_integer_value (json_object_get (one, "re"));
        zchat_type_t type = word ? zchat_type_from_name (word, strlen (word)) : ZCHAT_TYPE_NONE;
        if (!to || !json_is_string (body) || json_object_get (one, "data") ||
            (type != ZCHAT_TYPE_SAY && type != ZCHAT_TYPE_ACTION && type != ZCHAT_TYPE_TELL))
            continue;
        talk_queued (talk, 0, to, type, json_string_value (body), json_string_length (body),
                     re > 0 ? (uint64_t)re : 0);
    }
    json_decref (all);
}

/*  Send what an earlier run left; returns how many messages that is.          */
static size_t take_in (talk_t *talk, const char *outbox, const json_t *waiting)
{
    size_t count = 0;
    if (outbox &&
        zchat_client_restore (talk->client, outbox, strlen (outbox), &count) != ZCHAT_OK) {
        put_aside (talk, _ ("messages that were not sent last time cannot be read"));
        return 0;
    }
    if (outbox)
        tell_left (talk, outbox);
    for (size_t i = 0; i < json_array_size (waiting); i++) {
        const json_t *one = json_array_get (waiting, i), *body = json_object_get (one, "body");
        json_int_t re_ms = json_integer_value (json_object_get (one, "re"));
        if (talk_tell (talk, json_string_value (json_object_get (one, "to")),
                       json_string_value (body), json_string_length (body),
                       re_ms > 0 ? (uint64_t)re_ms : 0) == ZCHAT_OK)
            count++;
    }
    return count;
}

void talk_unsent_start (talk_t *talk)
{
    talk_unsent_t *unsent = &talk->unsent;
    unsent_owner_t owner = owner_of (talk);
    char *text = NULL, *outbox = NULL, *why = NULL;
    json_t *waiting = NULL;
    size_t size = 0, count = 0;
    if (!keeps (talk) || unsent->file || unsent_count (talk) > 0)
        return;
    char *stem = unsent_stem (&owner);
    zchat_status_t status = unsent_file_find (stem, &unsent->file, &text, &size, &why);
    free (stem);
    if (status == ZCHAT_SYSTEM && why)
        talk_notice_because (talk, _ ("messages that were not sent last time cannot be read"), why);
    free (why);
    if (status != ZCHAT_OK)
        return;
    unsent->exists = true;
    switch (
        unsent_read (frame_of (text, size), &owner, clock_ms (CLOCK_REALTIME), &outbox, &waiting)) {
    case UNSENT_OURS:
        count = take_in (talk, outbox, waiting);
        if (count > 0)
            tell (
                talk,
                ngettext ("%zu message of last time was not at the broker yet: it is sent now",
                          "%zu messages of last time were not at the broker yet: they are sent now",
                          count),
                count);
        talk_unsent_changed (talk);
        break;
    case UNSENT_OTHERS:
        unsent_file_leave (&unsent->file);
        unsent->exists = false;
        break;
    case UNSENT_OLD:
        put_aside (talk,
                   _ ("messages that were not sent last time are too old to be sent exactly once"));
        break;
    case UNSENT_BAD:
        put_aside (talk, _ ("messages that were not sent last time cannot be read"));
        break;
    }
    json_decref (waiting);
    free (outbox);
    free (text);
}

void talk_unsent_event (talk_t *talk, const zchat_event_t *event)
{
    talk_unsent_changed (talk);
    /*  The text is nowhere else, and nobody may look at it for days, so the file is put aside. */
    if (event->status == ZCHAT_FORGOTTEN && talk->unsent.exists)
        put_aside (talk, _ ("it is not known whether some messages were stored"));
}

/*  --- keeping ---------------------------------------------------------------- */

/*  List the messages that wait for keys.                                      */
static json_t *waiting_of (const talk_t *talk)
{
    json_t *list = json_array ();
    const char *user, *text;
    size_t size;
    uint64_t re_ms;
    for (size_t i = 0; direct_waiting (talk->direct, i, &user, &text, &size, &re_ms); i++) {
        json_t *one = json_pack ("{s:s, s:s%}", "to", user, "body", text, size);
        if (re_ms > 0)
            json_object_set_new (one, "re", json_integer ((json_int_t)re_ms));
        json_array_append_new (list, one);
    }
    return list;
}

/*  Write what waits. Returns how many messages are kept; where not all are, *why says why, and
    the caller frees it.                                                       */
static size_t write_file (talk_t *talk, char **why)
{
    talk_unsent_t *unsent = &talk->unsent;
    unsent_owner_t owner = owner_of (talk);
    size_t count = 0, all = unsent_count (talk);
    if (!unsent->file) {
        char *stem = unsent_stem (&owner);
        zchat_status_t status = unsent_file_take (stem, &unsent->file, why);
        free (stem);
        if (status != ZCHAT_OK)
            return 0;
    }
    char *outbox = zchat_client_keep (talk->client, UNSENT_BYTES_MAX, &count);
    json_t *waiting = waiting_of (talk);
    count += json_array_size (waiting);
    char *text = unsent_write (&owner, clock_ms (CLOCK_REALTIME), outbox, waiting);
    if (unsent_file_write (unsent->file, text, why) == ZCHAT_OK)
        unsent->exists = true;
    else
        count = 0;
    if (count < all && !*why)
        *why = memory_string (_ ("more than 4 MiB wait"), strlen (_ ("more than 4 MiB wait")));
    json_decref (waiting);
    free (outbox);
    free (text);
    return count;
}

void talk_unsent_step (talk_t *talk)
{
    talk_unsent_t *unsent = &talk->unsent;
    char *why = NULL;
    if (!keeps (talk) || !unsent->changed ||
        !unsent_due (unsent->exists, zchat_client_connected (talk->client),
                     clock_ms (CLOCK_MONOTONIC) - unsent->changed_ms))
        return;
    unsent->changed = false;
    if (unsent_count (talk) > 0) {
        (void)write_file (talk, &why);
        if (why && !unsent->told) /* told once; the next failures would say the same */
            talk_notice_because (
                talk, _ ("messages that are not sent cannot be kept for the next start"), why);
        unsent->told = why != NULL;
        free (why);
    } else if (unsent->file) {
        unsent_file_remove (&unsent->file);
        unsent->exists = false;
        talk_unsent_start (talk); /* another zchat may have left messages meanwhile */
    }
}

void talk_unsent_renamed (talk_t *talk)
{
    talk_unsent_t *unsent = &talk->unsent;
    unsent_file_t *former = unsent->file;
    char *why = NULL;
    if (!keeps (talk))
        return;
    unsent->file = NULL;
    unsent->exists = false;
    if (unsent_count (talk) > 0) {
        tell (talk, _ ("messages that are not sent yet go under the name %s"), talk->nick);
        (void)write_file (talk, &why);
        free (why);
    }
    unsent_file_remove (&former);
    talk_unsent_start (talk);
}

size_t talk_unsent_close (talk_t *talk, char **why)
{
    size_t kept = 0;
    *why = NULL;
    if (!keeps (talk))
        return 0;
    if (unsent_count (talk) > 0) {
        kept = write_file (talk, why);
        unsent_file_leave (&talk->unsent.file);
    } else
        unsent_file_remove (&talk->unsent.file);
    return kept;
}

void talk_unsent_tell (talk_t *talk, size_t unsent, size_t kept, const char *why)
{
    if (kept > 0)
        tell (talk,
              ngettext ("%zu message is not at the broker yet and is kept; each is sent once, when "
                        "you come back as %s",
                        "%zu messages are not at the broker yet and are kept; each is sent once, "
                        "when you come back as %s",
                        kept),
              kept, talk->nick);
    if (unsent > kept)
        tell (talk,
              ngettext ("%zu message was not acknowledged by the broker: perhaps stored, perhaps "
                        "not%s%s",
                        "%zu messages were not acknowledged by the broker: perhaps stored, perhaps "
                        "not%s%s",
                        unsent - kept),
              unsent - kept, why ? _ ("; not kept for the next start: ") : "", why ? why : "");
}

size_t talk_undone_tell (talk_t *talk)
{
    size_t undone = 0;
    for (size_t i = 0; i < talk->n_requests; i++) {
        command_kind_t kind = talk->requests[i].kind;
        /*  NOTHING stands for a topic that was set.                           */
        undone += kind == COMMAND_NOTHING || kind == COMMAND_CREATE || kind == COMMAND_SET ||
                  kind == COMMAND_MAILBOX;
    }
    if (undone > 0)
        tell (talk,
              ngettext ("%zu command was not answered by the broker: perhaps done, perhaps not",
                        "%zu commands were not answered by the broker: perhaps done, perhaps not",
                        undone),
              undone);
    return undone;
}
