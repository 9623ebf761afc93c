/*  options_settings.c - what the config file says, where nothing else does     */
#include "i18n.h"
#include "options_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORIGIN_MAX = 300 };

/*  Write where a value comes from: the path, and the line.                    */
static const char *origin_of (char origin[ORIGIN_MAX], const char *shown, size_t line)
{
    snprintf (origin, ORIGIN_MAX, "%.270s:%zu", shown ? shown : "config", line);
    return origin;
}

const char *options_keep (options_t *options, const char *text, size_t size)
{
    if (size > ZCHAT_NAME_MAX || options->n_names == sizeof options->names / sizeof *options->names)
        return NULL;
    char *kept = options->names[options->n_names++];
    memcpy (kept, text, size);
    kept[size] = 0;
    return kept;
}

/*  Find out what @NAME means.                                                 */
static zchat_status_t broker_take (options_t *options, const char *shown, const char *origin)
{
    char place[ORIGIN_MAX];
    size_t line = 0;
    const char *name = options->broker;
    const char *address = settings_broker (options->settings, name, &line);
    if (!address)
        return options_fail (options, _ ("%s: @%.100s is no broker of the config file%s%.200s"),
                             origin, name, shown ? ": " : "", shown ? shown : "");
    if (*address == '@')
        return options_fail (options, _ ("%s: @%.100s is not an address but a name"),
                             origin_of (place, shown, line), name);
    zchat_status_t status = options_set_endpoint (options, address, origin_of (place, shown, line));
    options->broker = options_keep (options, name, strlen (name));
    return status;
}

/*  Find the endpoint: of the command line, the environment, the config file, or the standard one.
 */
static zchat_status_t endpoint_take (options_t *options, const char *shown)
{
    char place[ORIGIN_MAX];
    const char *endpoint = getenv ("ZCHAT_ENDPOINT"), *origin = "endpoint";
    bool given = options->endpoint || options->broker;
    zchat_status_t status = ZCHAT_OK;
    size_t line = 0;
    if (!given && endpoint && *endpoint) {
        origin = "ZCHAT_ENDPOINT";
        status = options_set_endpoint (options, endpoint, origin);
    } else if (!given) {
        endpoint = settings_get (options->settings, NULL, SETTING_BROKER, &line);
        origin = origin_of (place, shown, line);
        if (endpoint)
            status = options_set_endpoint (options, endpoint, origin);
    }
    if (status == ZCHAT_OK && options->broker && !options->endpoint)
        status = broker_take (options, shown, origin);
    if (!given) { /* only a link that was given shows what it links to         */
        options->link_room = NULL;
        options->link_seq = 0;
    }
    if (!options->endpoint)
        options->endpoint = CLI_ENDPOINT_DEFAULT;
    return status;
}

zchat_status_t options_settings (options_t *options, const char *shown)
{
    char place[ORIGIN_MAX];
    size_t line = 0, size;
    if (options->mode == MODE_CONFIG)
        return ZCHAT_OK;
    zchat_status_t status = endpoint_take (options, shown);
    options_take_link (options);
    if (options->mode != MODE_LINE)
        return status;
    options->plain =
        options->plain || settings_yes (options->settings, options->broker, SETTING_PLAIN);
    if (options->n_rooms > 0)
        return status;
    const char *at = settings_get (options->settings, options->broker, SETTING_AUTOJOIN, &line);
    const char *word;
    while (status == ZCHAT_OK && at && settings_word (&at, &word, &size)) {
        const char *room = options_keep (options, word, size);
        if (room)
            status = options_add_room (options, room, origin_of (place, shown, line));
    }
    return status;
}

zchat_status_t options_settings_nick (options_t *options, const char *shown)
{
    char place[ORIGIN_MAX];
    size_t line = 0;
    const char *nick = settings_get (options->settings, options->broker, SETTING_NICK, &line);
    if (!nick)
        return ZCHAT_OK;
    nick = options_keep (options, nick, strlen (nick));
    return nick ? options_set_nick (options, nick, origin_of (place, shown, line)) : ZCHAT_OK;
}
