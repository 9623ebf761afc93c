/*  talk_mailbox.c - whose direct messages one takes

    Where one's name is proven, the broker refuses messages for one, and their sender is told.
    Elsewhere nobody can say whose mailbox it is; then this computer does not show what somebody
    sends.
*/
#include "i18n.h"
#include "memory.h"
#include "talk_private.h"

bool talk_hides (talk_t *talk, const zchat_event_t *event)
{
    bool hides = ignored_hides (talk->ignored, event);
    char *trouble = ignored_trouble (talk->ignored);
    if (trouble)
        talk_notice_because (talk, _ ("the people ignored on this computer are not known"),
                             trouble);
    free (trouble);
    return hides;
}

/*  Tell who is ignored: "ignored on this computer alone: eve, mallory".       */
static void tell_ignored (talk_t *talk)
{
    buffer_t line = {NULL, 0, 0};
    const char *name;
    for (size_t i = 0; i < ZCHAT_LIST_MAX && (name = ignored_name (talk->ignored, i)); i++)
        buffer_format (&line, "%s%s", i ? ", " : _ ("ignored on this computer alone: "), name);
    if (line.size)
        talk_notice (talk, line.data);
    buffer_free (&line);
}

/*  Ignore somebody on this computer, or no longer. True where it was done.    */
static bool set_here (talk_t *talk, const char *user, bool on, bool *was)
{
    char *why = NULL;
    bool good = ignored_set (talk->ignored, user, on, was, &why) == ZCHAT_OK;
    if (!good)
        talk_refuse (talk, OUTCOME_SYSTEM, _ ("not done"), why);
    free (why);
    return good;
}

/*  Find the word that MODE has for the command; NULL: the command only asks. False: the word of
    /strangers is neither yes nor no.                                          */
static bool set_of (const command_t *command, const char **set)
{
    static const char *const sets[][3] = {
        {"ignore", "", "ban"},      {"unignore", "", "unban"},   {"allow", "", "allow"},
        {"unallow", "", "unallow"}, {"strangers", "no", "lock"}, {"strangers", "yes", "unlock"}};
    size_t size = command->name_size ? 0 : command->size;
    *set = NULL;
    if (!command->name_size && !command->size)
        return true;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (strcmp (sets[i][0], command->set) == 0 && strlen (sets[i][1]) == size &&
            memcmp (sets[i][1], command->text, size) == 0)
            *set = sets[i][2];
    return *set != NULL;
}

static void set_ask (talk_t *talk, const char *set, const char *user, bool here)
{
    const command_t mode = {.set = set};
    char *json = set ? talk_mode_json (&mode, user) : NULL;
    bool ban = set && strcmp (set, "ban") == 0, unban = set && strcmp (set, "unban") == 0;
    command_kind_t kind = !set ? COMMAND_MODES : ban || unban ? COMMAND_MAILBOX : COMMAND_SET;
    uint64_t id = 0;
    zchat_status_t status =
        set && !json ? ZCHAT_INVALID : zchat_client_mode (talk->client, TALK_MAILBOX, json, &id);
    free (json);
    talk_requested (talk, kind, status, id, user, ban);
    if (status == ZCHAT_OK)
        talk->requests[talk->n_requests - 1].here = here;
}

void talk_mailbox_command (talk_t *talk, const command_t *command)
{
    char *user = talk_name (command->name, command->name_size);
    const char *set;
    bool here = false;
    if (!set_of (command, &set)) {
        talk_refuse (talk, OUTCOME_USAGE,
                     _ ("/strangers is used so: /strangers no, or /strangers yes"), NULL);
    } else if ((!*user || talk_good_name (talk, user)) && talk_may_request (talk)) {
        if (!set)
            tell_ignored (talk);
        bool good = !set || strcmp (set, "unban") != 0 || set_here (talk, user, false, &here);
        if (here)
            talk_notice_because (talk, _ ("shown on this computer again"), user);
        if (good)
            set_ask (talk, set, user, here);
    }
    free (user);
}

/*  A broker cannot refuse messages for somebody whose name is not proven, and an older broker
    cannot at all. Then this computer ignores instead.                         */
bool talk_mailbox_answered (talk_t *talk, const talk_request_t *request, zchat_status_t status)
{
    bool was = false;
    if (status != ZCHAT_PROOF && status != ZCHAT_NAME)
        return status == ZCHAT_OK || request->here;
    if (!request->yes)
        return request->here;
    if (set_here (talk, request->name, true, &was)) {
        buffer_t line = {NULL, 0, 0};
        buffer_format (
            &line,
            _ ("ignored on this computer alone: %s; the broker refuses nobody for a name "
               "that is not proven, and what they send under another name is shown"),
            request->name);
        talk_notice (talk, line.data);
        buffer_free (&line);
    }
    return true;
}
