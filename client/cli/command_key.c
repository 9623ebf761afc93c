/*  command_key.c - zchat key: one's own key, and the keys of one's name at the broker */
#include "credentials.h"
#include "i18n.h"
#include "memory.h"
#include "people.h"
#include "subcommands.h"
#include "tool.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zchat/seal.h>

typedef struct {
    tool_t tool;
    uint64_t id;                   /* of the request under way                 */
    bool asked;                    /* a request is under way                   */
    char user[ZCHAT_NAME_MAX + 1]; /* one's own name, as the broker spells it  */
} keyring_t;

/*  Write this device's word that the key is of the same person. False where it cannot give one. */
static bool s_vouch (const keyring_t *self, char vouch[ZCHAT_VOUCH_TEXT + 1])
{
    const credentials_t *credentials = self->tool.options->credentials;
    const char *word = self->tool.options->subject_word;
    uint8_t key[ADDRESS_KEY_SIZE];
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    return credentials && address_key_decode (frame_str (word), key, NULL) == ZCHAT_OK &&
           zchat_vouch (credentials_secret_key (credentials), credentials_server_key (credentials),
                        self->user, key, now_ms, vouch) == ZCHAT_OK;
}

/*  Send {"add":KEY,"vouch":TEXT} or {"remove":KEY}. Nothing in it needs escaping. */
static zchat_status_t s_change (keyring_t *self, const char *verb)
{
    char json[128 + ZCHAT_VOUCH_TEXT], vouch[ZCHAT_VOUCH_TEXT + 1];
    bool vouches = self->tool.options->key_action == KEY_ADD && s_vouch (self, vouch);
    snprintf (json, sizeof json, "{\"%s\":\"%s\"%s%s%s}", verb, self->tool.options->subject_word,
              vouches ? ",\"vouch\":\"" : "", vouches ? vouch : "", vouches ? "\"" : "");
    return zchat_client_key (self->tool.client, json, &self->id);
}

/*  Send {"free":true}, with the name only where one was given, which an admin may do. */
static zchat_status_t s_free (keyring_t *self)
{
    json_t *object = json_object ();
    const char *user = self->tool.options->subject_word;
    memory_check (object);
    bool made = json_object_set_new (object, "free", json_true ()) == 0 &&
                (!user || json_object_set_new (object, "user", json_string (user)) == 0);
    char *json = made ? json_dumps (object, JSON_COMPACT) : NULL;
    memory_check (json);
    zchat_status_t status = zchat_client_key (self->tool.client, json, &self->id);
    free (json);
    json_decref (object);
    return status;
}

static void s_ask (keyring_t *self)
{
    const options_t *options = self->tool.options;
    zchat_status_t status;
    if (options->key_action == KEY_LIST)
        status = zchat_client_keys (self->tool.client, options->subject_word, &self->id);
    else if (options->key_action == KEY_FREE)
        status = s_free (self);
    else
        status = s_change (self, options->key_action == KEY_ADD ? "add" : "remove");
    self->asked = status == ZCHAT_OK;
    if (status != ZCHAT_OK)
        (void)tool_fail (&self->tool, OUTCOME_USAGE, "%s", _ (zchat_status_text (status)));
}

/*  Put out one key a line, and mark this device's own.                        */
static void s_show (keyring_t *self, json_t *reply)
{
    output_t *out = &self->tool.out;
    json_t *keys = json_object_get (reply, "keys");
    const char *own = credentials_key (self->tool.options->credentials);
    for (size_t i = 0; i < json_array_size (keys); i++) {
        json_t *key = json_array_get (keys, i);
        if (!json_is_string (key))
            continue;
        output_shown (out, json_string_value (key), json_string_length (key));
        output_str (out, strcmp (json_string_value (key), own) == 0 ? "\tthis device\n" : "\n");
    }
    if (!json_is_true (json_object_get (reply, "proven")))
        tool_say (_ ("the name is not proven: it belongs to nobody"));
    (void)tool_stop (&self->tool, OUTCOME_OK);
}

/*  Remember the key that was added: it is one's own device, and must be no alarm here. */
static void s_remember (const options_t *options)
{
    people_t *people = NULL;
    uint8_t key[ADDRESS_KEY_SIZE];
    char *why = NULL, *path = options->credentials ? credentials_path ("/known_people") : NULL;
    if (!path || address_key_decode (frame_str (options->subject_word), key, NULL) != ZCHAT_OK)
        goto out;
    if (people_new (path, credentials_server_key (options->credentials),
                    credentials_secret_key (options->credentials), &people, &why) == ZCHAT_OK) {
        people_self (people, options->nick);
        people_own_key (people, key);
    }
    const char *trouble = people ? people_trouble (people) : why;
    if (trouble)
        tool_say (_ ("the key is added, but not remembered here: %s"), trouble);
    people_destroy (&people);
out:
    free (path);
    free (why);
}

static void s_freed (keyring_t *self)
{
    const options_t *options = self->tool.options;
    tool_say (_ ("the name %s is given up; nobody can have it for 30 days"),
              options->subject_word ? options->subject_word : options->nick);
    (void)tool_stop (&self->tool, OUTCOME_OK);
}

static void s_reply (keyring_t *self, const zchat_event_t *event)
{
    json_t *reply = event->json ? json_loads (event->json, JSON_ALLOW_NUL, NULL) : NULL;
    self->asked = false;
    switch (event->status) {
    case ZCHAT_OK:
        if (self->tool.options->key_action == KEY_ADD)
            s_remember (self->tool.options);
        if (self->tool.options->key_action == KEY_FREE)
            s_freed (self);
        else if (json_is_array (json_object_get (reply, "keys")))
            s_show (self, reply);
        else
            (void)tool_fail (&self->tool, OUTCOME_UNREACHABLE,
                             _ ("the broker at %s sent a reply without keys"),
                             self->tool.options->endpoint);
        break;
    case ZCHAT_UNREACHABLE:
    case ZCHAT_CLOSING:
        /*  Adding or removing a key is asked again, because doing it twice does no harm. Freeing
            is not: once the name is freed, one cannot come in by it.          */
        if (self->tool.options->key_action == KEY_FREE)
            (void)tool_fail (&self->tool, OUTCOME_UNREACHABLE,
                             _ ("the answer of %s was lost: the name may be given up or not; "
                                "zchat key list NAME tells"),
                             self->tool.options->endpoint);
        break;
    case ZCHAT_SLOW:
    case ZCHAT_STORAGE:
        tool_pause ();
        break;
    default:
        tool_refused (&self->tool, event);
        break;
    }
    json_decref (reply);
}

int command_keys (const options_t *options)
{
    keyring_t self = {.asked = false};
    tool_t *tool = &self.tool;
    if (tool_open (tool, options, options->nick) == OUTCOME_OK) {
        zchat_event_t event;
        while (tool_wait (tool, false, &event) == TOOL_EVENT) {
            if (event.kind == ZCHAT_EVENT_CONNECTED && event.user)
                snprintf (self.user, sizeof self.user, "%s", event.user);
            if (event.kind == ZCHAT_EVENT_REPLY && self.asked && event.id == self.id)
                s_reply (&self, &event);
            if (!tool->stopped && !self.asked && zchat_client_connected (tool->client))
                s_ask (&self);
        }
    }
    return tool_close (tool);
}

int command_key (const options_t *options)
{
    char key[ADDRESS_KEY_TEXT + 1];
    (void)options;
    int status = credentials_own (tool_say, key);
    if (status == OUTCOME_OK && (puts (key) < 0 || fflush (stdout) != 0))
        status = OUTCOME_SYSTEM;
    return status;
}
