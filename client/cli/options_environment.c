/*  options_environment.c - what the environment says, where the command line does not */
#include "i18n.h"
#include "name.h"
#include "options_private.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*  Find the login name in the environment, which cron, sudo and env -i leave out, or of the uid,
    which in a container may have none.                                        */
static const char *s_login (options_t *options)
{
    const char *login = getenv ("USER");
    if (!login || !*login)
        login = getenv ("LOGNAME");
    if (login && *login)
        return login;
    const struct passwd *entry = getpwuid (getuid ());
    if (entry && entry->pw_name && *entry->pw_name)
        return entry->pw_name;
    snprintf (options->nick_buffer, sizeof (options->nick_buffer), "uid%lu",
              (unsigned long)getuid ());
    return options->nick_buffer;
}

/*  Make a name of the login name. Some name must come of it, because nobody chose it and so
    nobody can mend it.                                                        */
static void s_login_name (options_t *options)
{
    const char *login = options_name (options, s_login (options));
    if (name_check (frame_str (login), NULL, NULL) == ZCHAT_OK) {
        options->nick = login;
        return;
    }
    size_t size = 0;
    for (const char *p = login; *p && size < ZCHAT_NAME_MAX_CODEPOINTS; p++)
        if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9'))
            options->nick_buffer[size++] = *p;
    options->nick_buffer[size] = 0;
    if (name_check (frame_str (options->nick_buffer), NULL, NULL) != ZCHAT_OK)
        snprintf (options->nick_buffer, sizeof (options->nick_buffer), "someone");
    options->nick = options->nick_buffer;
}

zchat_status_t options_environment (options_t *options, const char *shown)
{
    zchat_status_t status = ZCHAT_OK;
    bool purge = options->mode == MODE_PURGE;
    bool key = options->mode == MODE_KEY && options->key_action != KEY_SHOW;
    /*  A guest may ask for the keys of a name.                                */
    bool guest = options->key_action == KEY_LIST && options->subject_word;
    bool says =
        options->mode == MODE_SEND || options->mode == MODE_EDIT || options->mode == MODE_REACT;
    bool own = options->mail || options->mode == MODE_MARK;
    bool speaks = options->mode == MODE_LINE || says || own || key || purge;
    const char *nick = getenv ("ZCHAT_NICK");
    if (status == ZCHAT_OK && speaks && !options->nick && nick && *nick)
        status = options_set_nick (options, nick, "ZCHAT_NICK");
    if (status == ZCHAT_OK && speaks && !options->nick)
        status = options_settings_nick (options, shown);
    if (status == ZCHAT_OK && says && !options->nick)
        s_login_name (options);
    if (status == ZCHAT_OK && !options->nick && (own || purge || (key && !guest)))
        status =
            options_fail (options, _ ("this needs your name: --nick NAME, ZCHAT_NICK, or nick in "
                                      "the config file"));
    const char *token = getenv ("ZCHAT_TOKEN");
    if (token && *token && !options->token_file)
        options->token = token;
    const char *no_color = getenv ("NO_COLOR");
    if (no_color && *no_color)
        options->no_color = true;
    return status;
}
