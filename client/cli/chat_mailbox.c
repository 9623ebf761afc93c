/*  chat_mailbox.c - whose direct messages one takes: by the broker, or by this computer alone

    Where one's name is proven, the broker refuses for one, and the sender is told. Elsewhere nobody
    can say whose mailbox it is, and what somebody sends is not shown here. */
#include "chat_private.h"
#include "memory.h"

bool chat_hides (chat_t *chat, const zchat_event_t *event)
{
    bool hides = ignored_hides (chat->ignored, event);
    char *trouble = ignored_trouble (chat->ignored);
    if (trouble)
        chat_notice_because (chat, "who is ignored on this computer is not known", trouble);
    free (trouble);
    return hides;
}

/*  "ignored on this computer alone: eve, mallory"                             */
static void tell_ignored (chat_t *chat)
{
    buffer_t line = {NULL, 0, 0};
    const char *name;
    for (size_t i = 0; i < ZCHAT_LIST_MAX && (name = ignored_name (chat->ignored, i)); i++)
        buffer_format (&line, "%s%s", i ? ", " : "ignored on this computer alone: ", name);
    if (line.size)
        chat_notice (chat, line.data);
    buffer_free (&line);
}

/*  True where it was done.                                                    */
static bool set_here (chat_t *chat, const char *user, bool on, bool *was)
{
    char *why = NULL;
    bool good = ignored_set (chat->ignored, user, on, was, &why) == ZCHAT_OK;
    if (!good) {
        chat->trouble = OUTCOME_SYSTEM;
        chat_notice_because (chat, "not done", why);
    }
    free (why);
    return good;
}

/*  What MODE calls it; NULL: it asks. False: it is nothing.                   */
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

static void set_ask (chat_t *chat, const char *set, const char *user, bool here)
{
    const command_t mode = {.set = set};
    char *json = set ? chat_mode_json (&mode, user) : NULL;
    bool ban = set && strcmp (set, "ban") == 0, unban = set && strcmp (set, "unban") == 0;
    command_kind_t kind = !set ? COMMAND_MODES : ban || unban ? COMMAND_MAILBOX : COMMAND_SET;
    uint64_t id = 0;
    zchat_status_t status =
        set && !json ? ZCHAT_INVALID : zchat_client_mode (chat->client, CHAT_MAILBOX, json, &id);
    free (json);
    chat_requested (chat, kind, status, id, user, ban);
    if (status == ZCHAT_OK)
        chat->requests[chat->n_requests - 1].here = here;
}

void chat_mailbox_command (chat_t *chat, const command_t *command)
{
    char *user = chat_name (command->name, command->name_size);
    const char *set;
    bool here = false;
    if (!set_of (command, &set)) {
        chat->trouble = OUTCOME_USAGE;
        chat_notice (chat, "/strangers is used so: /strangers no, or /strangers yes");
    } else if ((!*user || chat_good_name (chat, user)) && chat_may_request (chat)) {
        if (!set)
            tell_ignored (chat);
        bool good = !set || strcmp (set, "unban") != 0 || set_here (chat, user, false, &here);
        if (here)
            chat_notice_because (chat, "shown on this computer again", user);
        if (good)
            set_ask (chat, set, user, here);
    }
    free (user);
}

/*  The broker cannot refuse for who has not proven their name, and one of before never can. */
bool chat_mailbox_answered (chat_t *chat, const chat_request_t *request, zchat_status_t status)
{
    bool was = false;
    if (status != ZCHAT_PROOF && status != ZCHAT_NAME)
        return status == ZCHAT_OK || request->here;
    if (!request->yes)
        return request->here;
    if (set_here (chat, request->name, true, &was)) {
        buffer_t line = {NULL, 0, 0};
        buffer_format (&line,
                       "ignored on this computer alone: %s; the broker refuses nobody for a name "
                       "that is not proven, and under another name they are shown",
                       request->name);
        chat_notice (chat, line.data);
        buffer_free (&line);
    }
    return true;
}
